"""Documents of the past against the mappings: what is told is what sync then does."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from lago_ns_cli.domain.documents import Invoice, Received
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.history import History
from lago_ns_cli.domain.identifiers import Kind, LagoId
from lago_ns_cli.domain.mapping import Defaults, Mappings
from lago_ns_cli.workflows.check_history import FETCHES, HistoryCheck
from lago_ns_cli.workflows.explain import stored_context
from tests.integration.test_explain import fetch_catalog
from tests.integration.world import World

EVERY = (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.PAYMENT)


def gappy(mappings: Mappings) -> Mappings:
    """Mappings that lack an item, a tax, a currency and the payments of a provider."""
    return replace(
        mappings,
        defaults=Defaults(subsidiary="2", item_by_type=mappings.defaults.item_by_type),
        items=tuple(row for row in mappings.items if "api_calls" not in row.lago),
        taxes=tuple(row for row in mappings.taxes if "us_nyc" not in row.lago),
        currencies={code: to for code, to in mappings.currencies.items() if code != "EUR"},
        payments=tuple(
            replace(row, provider="manual", billing_entity="acme-us") for row in mappings.payments
        ),
    )


def check(world: World, *kinds: Kind, lago: Any = None) -> History:
    async def whole() -> History:
        source = lago or world._lago(None)
        try:
            with world.open_ledger() as ledger:
                known = stored_context(world.mappings, ledger)
            checking = HistoryCheck(source, known, Selection(), kinds or EVERY)
            async for _ in checking.run():
                pass
            return checking.history
        finally:
            await source.aclose()

    return asyncio.run(whole())


@pytest.mark.parametrize("regime", ["suitetax", "legacy"])
def test_what_would_be_held_is_what_sync_holds(tmp_path: Any, regime: str) -> None:
    """The same documents, for the same reasons; and every look-up that fails is counted, not only the first."""
    world = World(tmp_path, invoices=30, customers=6, tax_regime=regime)
    fetch_catalog(world)
    world.mappings = gappy(world.mappings)

    told = check(world, Kind.INVOICE)
    plans = world.sync("invoice", dry_run=True).plans
    held = [
        one.planned
        for one in plans
        if one.planned.action == "hold" and one.planned.subject.kind == Kind.INVOICE
    ]

    assert held
    assert len(held) == told.held
    codes = {code for code, _ in told.gaps}
    assert {one.code for one in held} <= codes
    assert {"currency_unmapped", "item_unmapped", "tax_unmapped"} <= codes
    for gap in told.gaps.values():
        assert gap.documents <= told.documents["invoice"]
        assert gap.example in {one["number"] for one in world.lago_invoices()}


def test_amounts_are_those_of_lago(tmp_path: Any) -> None:
    """Each gap's amounts are the sum of the fees that met it."""
    world = World(tmp_path, invoices=30, customers=6)
    fetch_catalog(world)
    world.mappings = gappy(world.mappings)
    expected: Counter[str] = Counter()
    for invoice in world.lago_invoices():
        if invoice["status"] == "finalized" and not invoice["self_billed"] and invoice["fees_amount_cents"]:
            for fee in invoice["fees"]:
                if fee["item"]["code"] == "api_calls":
                    expected[invoice["currency"]] += fee["amount_cents"]

    gap = check(world, Kind.INVOICE).gaps["item_unmapped", "billable_metric:api_calls"]

    assert dict(expected) == {currency: cents for currency, cents in gap.amounts.items() if cents}


def test_all_kinds_are_read_and_a_payment_by_the_entity_of_its_invoice(tmp_path: Any) -> None:
    """A row of one billing entity does not serve the payments of another."""
    world = World(tmp_path, invoices=30, customers=6)
    fetch_catalog(world)
    rows = tuple(replace(row, billing_entity="acme-us") for row in world.mappings.payments)
    world.mappings = replace(world.mappings, payments=rows)

    told = check(world)

    assert all(told.documents[kind.value] for kind in EVERY)
    gaps = [gap for gap in told.gaps.values() if gap.code == "payment_unmapped"]
    assert gaps
    assert {"EUR"} == {currency for gap in gaps for currency in gap.amounts}


class Watching:
    """A source that counts how many whole invoices are held at once."""

    def __init__(self, world: World) -> None:
        self._lago = world._lago(None)
        self.open = 0
        self.most = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._lago, name)

    async def invoice(self, lago_id: LagoId) -> Received[Invoice]:
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            return await self._lago.invoice(lago_id)
        finally:
            self.open -= 1


def test_a_few_documents_are_in_memory_at_once(tmp_path: Any) -> None:
    """However many there are."""
    world = World(tmp_path, invoices=30, customers=6)
    fetch_catalog(world)
    watching = Watching(world)

    told = check(world, Kind.INVOICE, lago=watching)

    assert told.documents["invoice"] > 20
    assert 1 < watching.most <= FETCHES
