"""What sync posts, seen in NetSuite's own store."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.simulator.world import CURRENCIES
from tests.integration.world import SAMPLES, Tampering, World, encoded, money, sample

KEY = "lago:inv:00000011-0000-4000-8000-000000000011"
SKIPPED = {"draft": "not_final", "open": "not_final"}


def billed(world: World) -> dict[str, tuple[str, Decimal]]:
    """What Lago billed, by key: currency and the total before credit that stays an open memo."""
    decimals = {currency.code: currency.precision for currency in CURRENCIES}
    found = {}
    for invoice in world.lago_invoices():
        if invoice["status"] != "finalized" or invoice["self_billed"] or not invoice["fees_amount_cents"]:
            continue
        cents = invoice["total_amount_cents"] + invoice["credit_notes_amount_cents"]
        found[f"lago:inv:{invoice['lago_id']}"] = (
            invoice["currency"],
            Decimal(cents).scaleb(-decimals[invoice["currency"]]),
        )
    return found


def posted(world: World) -> dict[str, tuple[str, Decimal]]:
    """What NetSuite's store holds under our keys, less the memos that carry prepaid credit."""
    codes = {currency.id: currency.code for currency in CURRENCIES}
    memos: dict[str, Decimal] = {
        record["externalid"].removeprefix("lago:prepaid:"): money(record["total"])
        for record in world.records("creditmemo")
    }
    return {
        record["externalid"]: (
            codes[record["currency"]],
            money(record["total"]) - memos.get(record["externalid"].removeprefix("lago:inv:"), 0),
        )
        for record in world.records("invoice")
    }


@pytest.mark.parametrize(
    ("tax_regime", "seed"), [("suitetax", 1), ("suitetax", 2), ("suitetax", 3), ("legacy", 1), ("legacy", 2)]
)
def test_each_invoice_arrives_with_its_own_total(tmp_path: Path, tax_regime: str, seed: int) -> None:
    """Under either tax regime NetSuite's totals are Lago's, document by document, to the cent."""
    world = World(tmp_path, invoices=20, customers=5, tax_regime=tax_regime, seed=seed)

    run = world.sync()

    assert run.error is None
    assert [] == [report.failure for report in run.reports if report.state is State.HELD]
    assert billed(world) == posted(world)


def test_a_second_run_writes_nothing(world: World) -> None:
    """What is posted is known from the ledger: no push leaves, and the store stays as it is."""
    world.sync()
    before, saves = world.store(), world.simulator.parts.restlet.stats.saves
    transports: list[Tampering] = []
    world.wrap = lambda inner: transports.append(Tampering(inner)) or transports[-1]  # type: ignore[func-returns-value]

    run = world.sync()

    assert run.error is None
    assert 0 == run.tally.writes
    assert {"unchanged", "skipped", "not_final"} >= run.tally.by_outcome.keys()
    assert [] == transports[0].pushes
    assert (before, saves) == (world.store(), world.simulator.parts.restlet.stats.saves)


def test_every_entry_is_posted_with_the_id_of_its_record(world: World) -> None:
    """The ledger's links lead to the records that hold the documents."""
    world.sync()

    ids = {
        record["externalid"]: record["id"]
        for kind in ("customer", "invoice", "creditmemo")
        for record in world.records(kind)
        if record["externalid"]
    }
    assert ids == {entry.key: entry.netsuite_id for entry in world.entries(State.POSTED)}


def test_invoices_bring_the_customers_they_need(world: World) -> None:
    """``sync invoice`` alone posts the customers first; each is reported once."""
    run = world.sync("invoice")

    kinds = [report.kind for report in run.reports if report.outcome == "created"]
    numbers = Counter(report.number for report in run.reports if report.kind == "customer")
    assert run.error is None
    assert "customer" == kinds[0]
    assert {1} == set(numbers.values())
    assert billed(world) == posted(world)


def test_the_sample_invoice_arrives_as_lago_billed_it(small: World) -> None:
    """Lines, tax, service period and customer of the sample, from NetSuite's own store."""
    run = small.sync("invoice", source=(SAMPLES / "hooli_invoice.json").read_bytes())

    (invoice,) = small.records("invoice")
    assert run.error is None
    assert ("98765", "1", "100.00", "10.38") == tuple(
        invoice[name] for name in ("entity", "currency", "total", "taxtotal")
    )
    assert ["100.00", "30.00", "-13.00", "-27.38"] == [line["amount"] for line in invoice["lines"]]
    assert Decimal("10.38") == sum(money(row["taxamount"]) for row in invoice["taxdetails"])
    assert [("2026-07-01", "2026-07-31")] * 2 == [
        (line["custcol_service_period_date_from"], line["custcol_service_period_date_to"])
        for line in invoice["lines"][:2]
    ]
    assert ("2026-08-01", "2026-08-31") == (invoice["trandate"], invoice["duedate"])


def test_a_file_needs_no_call_to_lago(small: World) -> None:
    """With ``--from``, everything comes from the file."""
    small.sync("invoice", source=encoded(sample()))

    assert 0 == small.simulator.parts.lago.calls
    assert 1 == len(small.records("invoice"))


def test_the_original_document_is_archived_as_lago_sent_it(small: World) -> None:
    """Sent along and kept by the ledger byte for byte."""
    original = encoded(sample())
    pushed: list[dict[str, object]] = []
    small.wrap = lambda inner: Tampering(
        inner, before=lambda asked: pushed.extend(asked.get("documents", ()))
    )

    small.sync("invoice", source=original)

    archive = next(document["archive"] for document in pushed if document["type"] == "invoice")
    with small.open_ledger() as ledger:
        content = ledger.attempt_content(ledger.entries_in([State.POSTED], kind="invoice")[0].key, 1)
    assert content is not None
    assert content.original is not None
    assert content.original in original
    assert isinstance(archive, dict)
    assert content.original.decode() == archive["content"]


def test_one_customer_never_has_two_calls_in_flight(world: World) -> None:
    """Documents of a customer that do not fit one call go one call after the other."""
    in_flight: Counter[str] = Counter()
    most: Counter[str] = Counter()

    def began(asked: dict[str, object]) -> None:
        for customer in customers(asked):
            in_flight[customer] += 1
            most[customer] = max(most[customer], in_flight[customer])

    def ended(asked: dict[str, object], answer: dict[str, object]) -> dict[str, object]:
        in_flight.subtract(customers(asked))
        return answer

    def customers(asked: dict[str, object]) -> set[str]:
        documents = asked.get("documents", ())
        assert isinstance(documents, list | tuple)
        return {str(one["columns"].get("entity") or one["key"]) for one in documents}

    world.push = type(world.push)(batch=2, concurrency=3)
    world.wrap = lambda inner: Tampering(inner, before=began, after=ended)

    run = world.sync()

    assert run.error is None
    assert {1} == set(most.values())


def test_only_selected_invoices_go(world: World) -> None:
    """An id and a number both name an invoice."""
    first, second, *_ = [one for one in world.lago_invoices() if one["status"] == "finalized"]

    run = world.sync("invoice", selection=Selection(ids=(first["lago_id"], second["number"])))

    wanted = {f"lago:inv:{first['lago_id']}", f"lago:inv:{second['lago_id']}"}
    assert run.error is None
    assert wanted >= {record["externalid"] for record in world.records("invoice")}
    assert 2 == sum(report.kind == "invoice" for report in run.reports)


def test_an_id_that_lago_does_not_know_is_named(world: World) -> None:
    """An unknown id is reported; the others go on."""
    known = next(one for one in world.lago_invoices() if one["status"] == "finalized")

    run = world.sync("invoice", selection=Selection(ids=("NOBODY-001", known["number"])))

    assert run.error is None
    assert "held" == run.of("NOBODY-001").outcome
    assert run.of(known["number"]).outcome in ("created", "skipped")


def test_a_draft_is_reported_and_looked_at_again(small: World) -> None:
    """A document that is not final is not stored; once finalized, it is posted."""
    document = sample()
    document["invoice"]["status"] = "draft"
    first = small.sync("invoice", source=encoded(document))
    stored = small.entry(KEY)
    document["invoice"]["status"] = "finalized"

    second = small.sync("invoice", source=encoded(document))

    assert ["not_final"] == first.outcomes("invoice")
    assert stored is None
    assert ["created"] == second.outcomes("invoice")
