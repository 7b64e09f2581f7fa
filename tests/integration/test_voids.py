"""Invoices that are voided in Lago before, after and while they are posted."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.gate import VoidPolicy
from lago_ns_cli.domain.mapping import ItemRow
from tests.integration.policies import PolicyWorld, hooli, voided
from tests.integration.world import encoded, money

KEY = "lago:inv:00000011-0000-4000-8000-000000000011"
VOID_KEY = "lago:void:00000011-0000-4000-8000-000000000011"
NUMBER = "ACM-1F2E-042-008"


@pytest.fixture
def posted(tmp_path: Path) -> PolicyWorld:
    """The sample invoice is in NetSuite."""
    world = PolicyWorld(tmp_path, invoices=0, customers=1)
    run = world.sync("invoice", source=encoded(hooli()))
    assert "created" == run.of(NUMBER).outcome
    return world


def test_an_invoice_voided_before_it_was_posted_is_skipped(tmp_path: Path) -> None:
    """A51: nothing of it reaches NetSuite."""
    world = PolicyWorld(tmp_path, invoices=0, customers=1)
    run = world.sync("invoice", source=encoded(voided()))

    assert ("skipped", []) == (run.of(NUMBER).outcome, world.records("invoice"))


def test_a_void_after_posting_is_held_with_its_link(posted: PolicyWorld) -> None:
    """A51: the policy ``hold``: nothing changes in NetSuite, and the entry says what happened."""
    before = posted.store()
    report = posted.sync("invoice", source=encoded(voided())).of(NUMBER)
    entry = posted.entry(KEY)

    assert report.failure is not None
    assert ("held", "voided_in_lago") == (report.outcome, report.failure.code)
    assert "void_policy" in (report.failure.hint or "")
    assert entry is not None
    assert (State.HELD, report.netsuite_id) == (entry.state, entry.netsuite_id)
    assert entry.netsuite_id is not None
    assert before == posted.store()


def test_a_void_after_posting_is_taken_back_by_a_memo(posted: PolicyWorld) -> None:
    """A51: the policy ``reverse``: same lines and taxes, on the customer's day of the void, applied in full."""
    posted.void_policy = VoidPolicy.REVERSE
    run = posted.sync("invoice", source=encoded(voided()))

    [invoice], [memo] = posted.records("invoice"), posted.records("creditmemo")
    assert "created" == run.of(f"{NUMBER}-VOID").outcome
    assert VOID_KEY == memo["externalid"]
    assert ("2026-08-04", f"{NUMBER}-VOID") == (memo["trandate"], memo["tranid"])
    assert money(invoice["total"]) == money(memo["total"]) > 0
    assert money(invoice["taxtotal"]) == money(memo["taxtotal"])
    assert 0 == money(invoice["amountremaining"])


def test_a_void_seen_twice_is_one_memo(posted: PolicyWorld) -> None:
    """A51: the second run has nothing to do (and so has a third)."""
    posted.void_policy = VoidPolicy.REVERSE
    for _ in range(3):
        run = posted.sync("invoice", source=encoded(voided()))

    assert 0 == run.tally.writes
    assert "unchanged" == run.of(NUMBER).outcome
    assert 1 == len(posted.records("creditmemo"))


def test_a_lost_ledger_does_not_void_twice(posted: PolicyWorld) -> None:
    """What was voided while we knew nothing of it is skipped: no second memo, no second invoice."""
    posted.void_policy = VoidPolicy.REVERSE
    posted.sync("invoice", source=encoded(voided()))
    posted.lose_ledger()
    posted.sync("invoice", source=encoded(voided()))

    assert (1, 1) == (len(posted.records("invoice")), len(posted.records("creditmemo")))


def test_the_memo_has_the_items_of_the_posting_not_those_of_today(posted: PolicyWorld) -> None:
    """Rows that changed in between would take back revenue that was never posted."""
    items = _items(posted, "invoice")
    moved = tuple(ItemRow(lago=row.lago, item="510") for row in posted.mappings.items)
    posted.mappings = replace(posted.mappings, items=moved)
    posted.void_policy = VoidPolicy.REVERSE
    posted.sync("invoice", source=encoded(voided()))

    assert items == _items(posted, "creditmemo")
    assert "510" not in [str(item) for item in items]


def test_an_invoice_that_is_partly_paid_is_not_taken_back(posted: PolicyWorld) -> None:
    """A person has to decide what becomes of the money; NetSuite keeps the invoice as it is."""
    [invoice] = posted.records("invoice")
    pay_one_dollar(posted, str(invoice["id"]), str(invoice["entity"]))
    posted.void_policy = VoidPolicy.REVERSE
    run = posted.sync("invoice", source=encoded(voided()))
    entry = posted.entry(VOID_KEY)

    assert "held" == run.of(f"{NUMBER}-VOID").outcome
    assert [] == posted.records("creditmemo")
    assert entry is not None
    assert State.HELD is entry.state


def test_a_policy_that_changes_takes_back_what_was_held(posted: PolicyWorld) -> None:
    """First held, then reversed; afterwards the invoice needs nobody any more."""
    posted.sync("invoice", source=encoded(voided()))
    posted.void_policy = VoidPolicy.REVERSE
    posted.sync("invoice", source=encoded(voided()))
    posted.sync("invoice", source=encoded(voided()))
    entry = posted.entry(KEY)

    assert 1 == len(posted.records("creditmemo"))
    assert entry is not None
    assert State.POSTED is entry.state


def test_a_dry_run_shows_the_memo_and_writes_nothing(posted: PolicyWorld) -> None:
    """The exact record, applied to the invoice by its internal id."""
    posted.void_policy = VoidPolicy.REVERSE
    before, files = posted.store(), posted.ledger_files()
    [plan] = posted.sync("invoice", source=encoded(voided()), dry_run=True).plans

    assert plan.planned.record is not None
    assert [posted.records("invoice")[0]["id"]] == [
        str(one.target.internal_id) for one in plan.planned.record.apply
    ]
    assert (before, files) == (posted.store(), posted.ledger_files())


def pay_one_dollar(world: PolicyWorld, invoice: str, customer: str) -> None:
    """Let another integration put a payment on the invoice."""
    payment = {
        "key": "lago:pay:other-1",
        "lago_id": "other-1",
        "type": "customerpayment",
        "action": "create",
        "fingerprint": "0" * 64,
        "columns": {"customer": customer, "currency": "1", "payment": "1.00", "undepfunds": "T"},
        "lines": [],
        "taxdetails": [],
        "dates": [],
        "apply": [{"id": invoice, "amount": "1.00"}],
    }

    async def pay() -> str:
        netsuite = world._netsuite()
        try:
            [result] = await netsuite.push([payment])
        finally:
            await netsuite.aclose()
        return f"{result.outcome} {result.message or ''}".strip()

    assert "created" == asyncio.run(pay())


def _items(world: PolicyWorld, kind: str) -> list[object]:
    [record] = world.records(kind)
    return [line["item"] for line in record["lines"]]
