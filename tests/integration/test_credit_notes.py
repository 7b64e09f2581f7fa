"""Credit notes: posted as memos, taken off their invoices, waited for, held and skipped."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.mapping import CreditNotePolicy
from lago_ns_cli.domain.mapping_edit import seed
from lago_ns_cli.simulator.netsuite.permissions import ADMINISTRATOR
from tests.integration.notes import (
    INVOICE,
    NOTE,
    NOTE_NUMBER,
    NUMBER,
    Document,
    NoteWorld,
    invoice,
    note,
)
from tests.integration.world import encoded, money, sample

KEY = f"lago:cn:{NOTE}"


@pytest.fixture
def small(tmp_path: Path) -> NoteWorld:
    """An organization without invoices; tests bring their own."""
    return NoteWorld(tmp_path, invoices=0, customers=1)


def failure(world: NoteWorld, number: str = NOTE_NUMBER, *kinds: str) -> tuple[str, str]:
    """Sync, and tell why a document is not posted."""
    told = world.go(*kinds).of(number).failure
    assert told is not None
    return told.code, told.message


@pytest.mark.parametrize("tax_regime", ["suitetax", "legacy"])
def test_the_sample_is_posted_and_taken_off_its_invoice(tmp_path: Path, tax_regime: str) -> None:
    """10.00 − 1.00 + 0.80 tax = 9.80; of the invoice's 100.00, 90.20 are left."""
    world = NoteWorld(tmp_path, invoices=0, customers=1, tax_regime=tax_regime)
    world.go(source=encoded(sample()))
    run = world.go("credit_note", source=encoded(sample("hooli_credit_note")))

    memo = world.memo()
    assert "created" == run.of(NOTE_NUMBER).outcome
    assert ["10.00", "-1.00"] == [line["amount"] for line in memo["lines"]]
    assert ("9.80", "0.80") == (memo["total"], memo["taxtotal"])
    assert ("2026-08-10", "1", NOTE) == (memo["trandate"], memo["currency"], memo["custbody_lago_id"])
    assert {NUMBER: money("9.80")} == world.applied()
    assert money("90.20") == world.unpaid()


def test_seeded_rows_tell_which_item_and_period_a_line_is_for(small: NoteWorld) -> None:
    """The item's own id and the credited fee's period, in the customer's zone; a coupon has neither."""
    small.mappings = seed(small.mappings)
    small.add(invoices=[invoice()], credit_notes=[note()])

    small.go()

    names = ("custcol_lago_line_id", "custcol_service_period_date_from", "custcol_service_period_date_to")
    [one, coupon] = small.memo()["lines"]
    item_id = "000000ca-0000-4000-8000-0000000000ca"
    assert (item_id, "2026-07-01", "2026-07-31") == tuple(one[name] for name in names)
    assert not any(coupon.get(name) for name in names)


def test_a_second_run_writes_nothing(small: NoteWorld) -> None:
    """The ledger knows what was posted and applied."""
    small.add(invoices=[invoice()], credit_notes=[note()])
    small.go()
    before = small.store()

    run = small.go()

    assert ("unchanged", 0, []) == (run.of(NOTE_NUMBER).outcome, run.tally.writes, small.pushed)
    assert before == small.store()


def test_a_memo_that_comes_before_its_invoice_waits_and_names_it(small: NoteWorld) -> None:
    """A48: whatever the order, both are posted in the end."""
    small.add(credit_notes=[note()])
    code, message = failure(small)

    entry = small.entry(KEY)
    small.add(invoices=[invoice()])
    run = small.go()

    assert ("parent_not_posted", True) == (code, NUMBER in message)
    assert entry is not None
    assert (State.WAITING, f"lago:inv:{INVOICE}") == (entry.state, entry.parent)
    assert "created" == run.of(NOTE_NUMBER).outcome
    assert money("90.20") == small.unpaid()


def test_a_memo_brings_its_customer(small: NoteWorld) -> None:
    """A note that takes nothing off its invoice needs its customer only."""
    small.add(credit_notes=[note(credit=980)])

    run = small.go("credit_note")

    assert ["adopted"] == run.outcomes("customer")
    assert ("created", {}) == (run.of(NOTE_NUMBER).outcome, small.applied())
    assert "9.80" == small.memo()["unapplied"]


def test_credit_and_refund_stay_open_and_the_refund_is_said(small: NoteWorld) -> None:
    """Only the offset is applied; money that was paid back needs a customer refund."""
    small.add(invoices=[invoice()], credit_notes=[note(credit=500, refund=180)])

    run = small.go()

    assert {NUMBER: money("3.00")} == small.applied()
    assert "6.80" == small.memo()["unapplied"]
    assert ["refund_not_posted"] == [notice.code for notice in run.of(NOTE_NUMBER).notices]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"self_billed": True}, "self_billed"),
        ({"credit_status": "voided"}, "voided"),
        ({"issuing_date": "2026-07-31"}, "before_go_live"),
        (
            {
                "total_amount_cents": 0,
                "sub_total_excluding_taxes_amount_cents": 0,
                "taxes_amount_cents": 0,
                "coupons_adjustment_amount_cents": 0,
                "offset_amount_cents": 0,
                "applied_taxes": [],
                "items": [],
            },
            "zero",
        ),
    ],
)
def test_what_is_not_to_be_posted_is_skipped_visibly(
    small: NoteWorld, changes: dict[str, Any], code: str
) -> None:
    """A39: each with its reason, once and for all; nothing reaches NetSuite."""
    small.sync_from = date(2026, 8, 1)
    small.add(invoices=[invoice()], credit_notes=[note(**changes)])

    run = small.go()

    report, entry = run.of(NOTE_NUMBER), small.entry(KEY)
    assert entry is not None
    assert report.failure is not None
    assert ("skipped", code, State.SKIPPED) == (report.outcome, report.failure.code, entry.state)
    assert [] == small.records("creditmemo")
    assert 0 == run.tally.needs_attention


def test_a_note_voided_after_it_was_posted_is_held_with_what_is_unused(small: NoteWorld) -> None:
    """A51: NetSuite still holds the credit; a person closes it, and the link stays."""
    small.add(invoices=[invoice()], credit_notes=[note(credit=600)])
    posted = small.go().of(NOTE_NUMBER).netsuite_id
    small.add(credit_notes=[note(credit=600, credit_status="voided", balance_amount_cents=0)])
    before = small.store()

    told = failure(small)
    again = small.go()

    entry = small.entry(KEY)
    assert "voided_after_sync" == told[0]
    assert "6.00 USD" in told[1]
    assert entry is not None
    assert (State.HELD, posted) == (entry.state, entry.netsuite_id)
    assert ("held", 0) == (again.of(NOTE_NUMBER).outcome, again.tally.writes)
    assert before == small.store()


def test_a_void_that_leaves_nothing_unused_changes_nothing(small: NoteWorld) -> None:
    """What was taken off the invoice stays taken off, in Lago too."""
    small.add(invoices=[invoice()], credit_notes=[note()])
    small.go()
    small.add(credit_notes=[note(credit_status="voided")])

    assert "unchanged" == small.go().of(NOTE_NUMBER).outcome


def test_an_invoice_paid_in_netsuite_holds_the_memo(small: NoteWorld) -> None:
    """A49: over-applied; no memo is left half made, and once there is room it goes."""
    small.add(invoices=[invoice()])
    small.go()
    payment = small.pay_by_hand("100.00")
    small.add(credit_notes=[note()])

    held = small.go().of(NOTE_NUMBER)
    memos = small.records("creditmemo")
    small.person("delete_record", type="customerpayment", id=payment)
    asked = small.go("credit_note", selection=Selection(ids=(NOTE_NUMBER,)))

    assert held.failure is not None
    assert ("held", "LAGO_TARGET_NOT_OPEN", []) == (held.outcome, held.failure.code, memos)
    assert NUMBER in held.failure.message
    assert "created" == asked.of(NOTE_NUMBER).outcome


@pytest.mark.parametrize("known_by", ["number", "custbody_lago_id"])
def test_an_invoice_from_before_go_live_is_found_in_netsuite(small: NoteWorld, known_by: str) -> None:
    """Somebody else posted it, under its number or with its Lago id; the memo is put on it."""
    values = {"entity": "98765", "currency": "1", "trandate": "2026-08-01", "tranid": NUMBER}
    if known_by == "custbody_lago_id":
        values |= {"tranid": "OLD-1", "custbody_lago_id": INVOICE}
    lines = {"item": [{"item": "481", "quantity": "1", "amount": "100.00"}]}
    small.person("create_record", type="invoice", values=values, lines=lines)
    small.sync_from = date(2026, 8, 5)
    small.add(invoices=[invoice()], credit_notes=[note()])

    run = small.go()

    assert ("skipped", "created") == (run.of(NUMBER).outcome, run.of(NOTE_NUMBER).outcome)
    assert {values["tranid"]: money("9.80")} == small.applied()


def test_an_invoice_from_before_go_live_that_nobody_posted_holds_the_memo(small: NoteWorld) -> None:
    """It would wait for ever otherwise."""
    small.sync_from = date(2026, 8, 5)
    small.add(invoices=[invoice()], credit_notes=[note()])

    code, message = failure(small)

    assert ("parent_before_go_live", True) == (code, NUMBER in message)


def test_an_invoice_that_is_never_posted_holds_the_memo(small: NoteWorld) -> None:
    """It was voided before it was seen, so there is nothing to take something off."""
    voided = invoice(status="voided", voided_at="2026-08-02T00:00:00Z", total_due_amount_cents=0)
    small.add(invoices=[voided], credit_notes=[note()])

    code, message = failure(small)

    assert ("parent_skipped", True) == (code, NUMBER in message)


def test_an_invoice_that_waits_for_approval_lets_its_memo_wait(small: NoteWorld) -> None:
    """Nothing can be applied to it yet; once it is approved, the memo goes."""
    small.add(invoices=[invoice()])
    small.go()
    key = f"lago:inv:{INVOICE}"
    small.person("edit_record", type="invoice", key=key, values={"approvalstatus": "1"})
    small.add(credit_notes=[note()])

    code, message = failure(small)
    small.person("edit_record", type="invoice", key=key, values={"approvalstatus": "2"})
    run = small.go()

    assert ("parent_pending_approval", True) == (code, NUMBER in message)
    assert "created" == run.of(NOTE_NUMBER).outcome


def in_euros(document: Document) -> Document:
    """The same note in euros, all of it credit."""
    items = [{**one, "fee": {**one["fee"], "amount_currency": "EUR"}} for one in document["items"]]
    return {**document, "currency": "EUR", "items": items}


def test_a_memo_in_a_currency_its_customer_lacks_is_held(small: NoteWorld) -> None:
    """A41: both are named; nothing is posted in the customer's own currency instead."""
    small.add(credit_notes=[in_euros(note(credit=980))])

    code, message = failure(small)

    assert [] == small.records("creditmemo")
    assert "currency" in code
    assert "EUR" in message or "Euro" in message


def test_a_memo_extends_its_customer_where_the_settings_say_so(small: NoteWorld) -> None:
    """A41: the customer gets the currency, and the memo is in euros."""
    small.extend_customers = True
    small.add(credit_notes=[in_euros(note(credit=980))])

    run = small.go()

    assert "created" == run.of(NOTE_NUMBER).outcome
    assert small.mappings.currencies["EUR"] == small.memo()["currency"]
    assert "9.80" == small.memo()["total"]


def changed_item(**fee: Any) -> list[Document]:
    """The sample's item, with another fee."""
    [one] = note()["items"]
    return [{**one, "fee": {**one["fee"], **fee}}]


@pytest.mark.parametrize(
    ("changes", "code", "word"),
    [
        pytest.param({"total_amount_cents": 981}, "lago_totals_disagree", "981", id="A36: one cent adrift"),
        pytest.param(
            {"items": changed_item(item={"type": "surprise", "code": "x", "name": "X"})},
            "unknown_fee_type",
            "surprise",
            id="A40: unknown fee",
        ),
        pytest.param({"currency": "XXX"}, "mixed_currencies", "XXX", id="unknown currency"),
        pytest.param({"items": None}, "unreadable", "items", id="no items"),
    ],
)
def test_a_note_that_cannot_be_posted_is_held_and_the_next_one_goes(
    small: NoteWorld, changes: dict[str, Any], code: str, word: str
) -> None:
    """Never posted short, and never in the way of others."""
    good = note(lago_id=NOTE.replace("c9-", "d9-"), number=f"{NUMBER}-CN002")
    broken = [{"credit_note": note(**changes)}, {"credit_note": good}]
    small.go(source=encoded({"invoice": invoice()}))

    run = small.go("credit_note", source=b"\n".join(map(encoded, broken)))

    held = run.of(NOTE_NUMBER)
    assert held.failure is not None
    assert ("held", True) == (held.outcome, word in held.failure.message)
    assert code in (held.failure.code, "unreadable")
    assert [f"{NUMBER}-CN002"] == [one["tranid"] for one in small.records("creditmemo")]


def test_a_dry_run_shows_the_exact_memo_and_writes_nothing(small: NoteWorld) -> None:
    """Also where its invoice would only be posted by the same run."""
    small.add(invoices=[invoice()], credit_notes=[note()])

    run = small.go(dry_run=True)

    [planned] = [one.planned for one in run.plans if one.planned.subject.number == NOTE_NUMBER]
    assert planned.record is not None
    assert ["10.00", "-1.00"] == [line["amount"] for line in planned.record.lines["item"]]
    assert [("lago:inv:" + INVOICE, "9.80")] == [(one.target.key, one.amount) for one in planned.record.apply]
    assert ([], [], []) == (small.pushed, small.entries(), small.records("creditmemo"))


def test_a_lost_ledger_finds_its_memos_again(small: NoteWorld) -> None:
    """They are adopted with what they were applied to; nothing is made or applied twice."""
    small.add(invoices=[invoice()], credit_notes=[note()])
    small.go()
    before = small.records("creditmemo")
    small.lose_ledger()

    run = small.go()

    assert "adopted" == run.of(NOTE_NUMBER).outcome
    assert before == small.records("creditmemo")
    assert money("90.20") == small.unpaid()


def test_what_the_memo_is_applied_to_is_compared_on_the_read_back(small: NoteWorld) -> None:
    """Where NetSuite applied something else than was meant, the memo is held with both figures."""
    small.add(invoices=[invoice()], credit_notes=[note()])
    small.go()
    small.lose_ledger()
    account = small.simulator.parts.account
    draft = account.load("creditmemo", small.memo()["id"], ADMINISTRATOR, dynamic=True)
    for line in draft.lines("apply"):
        line["amount"] = "5.00"
    account.save(draft, ADMINISTRATOR)

    held = small.go().of(NOTE_NUMBER)

    assert held.failure is not None
    assert ("read_back_differs", True) == (held.failure.code, "9.80 was meant" in held.failure.message)
    assert held.netsuite_id is not None


def test_a_credit_that_covers_an_invoice_wholly_settles_it(small: NoteWorld) -> None:
    """A38: fees and tax alike; the invoice is paid in full by its memo."""
    fees = invoice()["fees"]
    items = [
        {
            "lago_id": f"000000ca-0000-4000-8000-0000000000a{number}",
            "amount_cents": fee["amount_cents"],
            "precise_amount_cents": f"{fee['amount_cents']}.0",
            "amount_currency": "USD",
            "fee": fee,
        }
        for number, fee in enumerate(fees)
    ]
    [tax] = note()["applied_taxes"]
    whole = note(
        items=items,
        applied_taxes=[{**tax, "base_amount_cents": 11700, "amount_cents": 1038}],
        coupons_adjustment_amount_cents=1300,
        sub_total_excluding_taxes_amount_cents=11700,
        taxes_amount_cents=1038,
        total_amount_cents=12738,
        offset_amount_cents=10000,
        credit_amount_cents=2738,
        balance_amount_cents=2738,
    )
    small.add(invoices=[invoice()], credit_notes=[whole])

    small.go()

    assert ("127.38", "27.38") == (small.memo()["total"], small.memo()["unapplied"])
    assert (money(0), "paidInFull") == (small.unpaid(), small.invoice()["statusref"])


def test_the_policy_of_negative_lines_is_named_on_the_memo(small: NoteWorld) -> None:
    """Its credit stays open and is taken off again as a line: that is its cost."""
    small.choose(CreditNotePolicy.NEGATIVE_LINE)
    small.add(credit_notes=[note(credit=980)])

    run = small.go()

    assert ["credit_counted_twice"] == [notice.code for notice in run.of(NOTE_NUMBER).notices]
