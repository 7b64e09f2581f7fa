"""``map explain`` against a billed organization, and from a file without any call."""

import asyncio

import pytest

from lago_ns_cli.domain.explanation import Explanation
from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.errors import ConfigError, LagoNsError
from lago_ns_cli.workflows.explain import explain, stored_context
from lago_ns_cli.workflows.fetch_catalog import fetch_netsuite_catalog
from lago_ns_cli.workflows.ports import LagoSource
from tests.integration.policies import hooli
from tests.integration.world import World, encoded, money, sample


def fetch_catalog(world: World) -> None:
    async def fetch() -> None:
        netsuite = world._netsuite()
        try:
            with world.open_ledger() as ledger:
                await fetch_netsuite_catalog(netsuite, ledger, world.clock)
        finally:
            await netsuite.aclose()

    asyncio.run(fetch())


def explained(
    world: World, *ids: str, source: bytes | None = None, kind: Kind | None = None
) -> list[Explanation]:
    """Explain documents as the command does: with the kept catalog, and no call to NetSuite."""

    async def whole() -> list[Explanation]:
        lago: LagoSource = world._lago(source)
        try:
            with world.open_ledger() as ledger:
                context = stored_context(world.mappings, ledger)
                return [told async for told in explain(lago, context, ids, kind)]
        finally:
            await lago.aclose()

    return asyncio.run(whole())


def test_every_invoice_of_the_organization_is_explained_to_its_record(world: World) -> None:
    """What is explained is what NetSuite then holds: total and tax of each posted invoice."""
    fetch_catalog(world)
    world.sync()
    posted = {record["tranid"]: record for record in world.records("invoice")}
    told = {one.number: one for one in explained(world, *posted)}

    assert posted.keys() == told.keys()
    assert posted
    for number, record in posted.items():
        totals = told[number].totals
        assert totals is not None
        assert money(record["total"]) == money(totals.total)
        assert money(record["taxtotal"]) == money(totals.tax)
        assert money(totals.total) - money(totals.by_memo) == money(totals.lago_total)
        assert () == told[number].problems


def test_an_invoice_is_named_by_number_or_by_id(world: World) -> None:
    """Both give the same explanation."""
    fetch_catalog(world)
    invoice = next(one for one in world.lago_invoices() if one["status"] == "finalized")

    assert explained(world, invoice["number"]) == explained(world, invoice["lago_id"])


def test_a_file_is_explained_without_any_call(small: World) -> None:
    """All of its invoices, where none is named."""
    fetch_catalog(small)
    [told] = explained(small, source=encoded(hooli()))

    assert "ACM-1F2E-042-008" == told.number
    assert told.totals is not None
    assert "100.00" == told.totals.lago_total


def test_an_unknown_document_is_named(small: World) -> None:
    """No traceback and no empty table."""
    fetch_catalog(small)

    with pytest.raises(LagoNsError, match="NOPE-1"):
        explained(small, "NOPE-1", source=encoded(hooli()))


def test_without_a_catalog_the_next_command_is_told(small: World) -> None:
    """NetSuite's side is known from the catalog alone."""
    with pytest.raises(ConfigError) as raised:
        explained(small, source=encoded(hooli()))

    assert "lago-ns fetch-catalog" == raised.value.hint


def test_every_credit_note_is_explained_to_its_memo(world: World) -> None:
    """What is explained is what NetSuite then holds; a name is found whatever kind it is of."""
    fetch_catalog(world)
    world.sync("customer", "invoice", "credit_note")
    posted = {
        record["tranid"]: record for record in world.records("creditmemo") if "-CN" in str(record["tranid"])
    }
    told = {one.number: one for one in explained(world, *posted)}

    assert posted.keys() == told.keys()
    assert posted
    for number, record in posted.items():
        totals = told[number].totals
        assert totals is not None
        assert (Kind.CREDIT_NOTE, ()) == (told[number].kind, told[number].problems)
        assert money(record["total"]) == money(totals.total) == money(totals.lago_total)
        assert money(record["taxtotal"]) == money(totals.tax)
        assert told[number].becomes


def test_a_payment_is_explained_to_its_account(world: World) -> None:
    """The row that won, and the day in the customer's zone."""
    fetch_catalog(world)
    world.sync("customer", "invoice", "payment")
    for record in world.records("customerpayment"):
        [told] = explained(world, str(record["custbody_lago_id"]))

        assert (Kind.PAYMENT, record["account"]) == (
            told.kind,
            str(told.destination.value).split("/")[0] if told.destination else "",
        )
        assert money(record["payment"]) == money(told.amount)
        assert (f"dated {record['trandate']}, in the customer's zone",) == told.becomes


def test_all_kinds_of_a_file_are_explained(small: World) -> None:
    """An invoice and its credit note; a payment whose invoice is unknown is told as far as it goes."""
    fetch_catalog(small)
    both = encoded(sample()) + b"\n" + encoded(sample("hooli_credit_note"))

    assert [Kind.INVOICE, Kind.CREDIT_NOTE] == [one.kind for one in explained(small, source=both)]
    [payment] = explained(small, source=encoded(sample("hooli_payment_manual")), kind=Kind.PAYMENT)
    assert ("payments.*.*", None) == (
        payment.destination and payment.destination.row,
        payment.subsidiary.value,
    )
