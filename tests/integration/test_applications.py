"""Credit that later invoices consume: the open memo is put on them, once and for the right amount."""

import asyncio
from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import httpx
import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.identifiers import Kind, LagoId, key_of
from lago_ns_cli.domain.mapping import CreditNotePolicy
from lago_ns_cli.domain.money import to_major_units
from lago_ns_cli.simulator.netsuite.permissions import ADMINISTRATOR
from tests.integration.notes import (
    NOTE,
    NOTE_NUMBER,
    NUMBER,
    Document,
    NoteWorld,
    consumer,
    invoice,
    note,
)
from tests.integration.world import URL, Wire, money

LATER = "ACM-1F2E-042-012"
LAST = "ACM-1F2E-042-013"
APPLICATION = f"lago:app:{NOTE}"
APPLIED = f"{NOTE_NUMBER} applied"


@pytest.fixture
def small(tmp_path: Path) -> NoteWorld:
    """An organization without invoices; tests bring their own."""
    return NoteWorld(tmp_path, invoices=0, customers=1)


def state(world: NoteWorld) -> State | None:
    entry = world.entry(APPLICATION)
    return None if entry is None else entry.state


def test_the_open_memo_is_put_on_the_invoice_that_consumes_it(small: NoteWorld) -> None:
    """The invoice is posted whole, and credit is counted once: 100.00 − 9.80."""
    small.add(invoices=[invoice(), consumer(980)], credit_notes=[note(credit=980)])

    run = small.go()

    assert ("updated", small.memo()["id"]) == (run.of(APPLIED).outcome, run.of(APPLIED).netsuite_id)
    assert {LATER: money("9.80")} == small.applied()
    assert ("100.00", money("90.20")) == (small.invoice(LATER)["total"], small.unpaid(LATER))
    assert "0.00" == small.memo()["unapplied"]
    assert State.POSTED is state(small)


@pytest.mark.parametrize("order", list(permutations(("invoice", "note", "consumer")))[1::2])
def test_documents_may_come_in_any_order(small: NoteWorld, order: tuple[str, ...]) -> None:
    """A48: what waits names what it waits for, and the end is the same."""
    documents: dict[str, dict[str, list[Document]]] = {
        "invoice": {"invoices": [invoice()]},
        "consumer": {"invoices": [consumer(500)]},
        "note": {"credit_notes": [note(credit=680)]},
    }
    for name in order:
        small.add(**documents[name])
        run = small.go()

    assert {NUMBER: money("3.00"), LATER: money("5.00")} == small.applied()
    assert (State.POSTED, 0) == (state(small), run.tally.needs_attention)
    assert 0 == small.go().tally.writes


def test_an_application_waits_for_its_memo_and_names_it(small: NoteWorld) -> None:
    """The invoice is posted; the credit of a note that nobody has seen yet cannot be."""
    small.add(invoices=[consumer(980)])

    waiting = small.go("invoice", "credit_note").of(APPLIED)
    entry = small.entry(APPLICATION)

    assert waiting.failure is not None
    assert ("waiting", "parent_not_posted") == (waiting.outcome, waiting.failure.code)
    assert NOTE_NUMBER in waiting.failure.message
    assert entry is not None
    assert f"lago:cn:{NOTE}" == entry.parent


def test_what_was_applied_grows_with_each_invoice(small: NoteWorld) -> None:
    """The desired state is stated whole each time: the offset and every consumption."""
    small.add(invoices=[invoice()], credit_notes=[note(credit=700)])
    small.go()
    small.add(invoices=[consumer(300)])
    small.go()
    small.add(invoices=[consumer(400, "13")])
    small.go()

    pushed = [one for one in small.pushed if one["action"] == "apply"]
    assert [["2.80", "3.00", "4.00"]] == [sorted(row["amount"] for row in one["apply"]) for one in pushed]
    assert {NUMBER: money("2.80"), LATER: money("3.00"), LAST: money("4.00")} == small.applied()
    assert (0, []) == (small.go().tally.writes, small.pushed)


def test_two_notes_on_one_invoice_are_two_applications(small: NoteWorld) -> None:
    """Each memo is put on it with its own amount."""
    other, number = NOTE.replace("c9-", "d9-"), f"{NUMBER}-CN002"
    both = consumer(980)
    second = consumer(120, of=other, code=number)
    both = {
        **both,
        "credits": [*both["credits"], second["credits"][-1]],
        "credit_notes_amount_cents": 1100,
        "total_amount_cents": 8900,
        "total_due_amount_cents": 8900,
    }
    notes = [note(credit=980), note(credit=980, lago_id=other, number=number)]
    small.add(invoices=[invoice(), both], credit_notes=notes)

    run = small.go()

    assert ["updated", "updated"] == run.outcomes("application")
    assert ({LATER: money("9.80")}, {LATER: money("1.20")}) == (small.applied(), small.applied(number))
    assert money("89.00") == small.unpaid(LATER)


def test_a_credit_that_covers_the_whole_invoice_leaves_nothing_to_pay(small: NoteWorld) -> None:
    """A38: fees and tax alike; no line below zero is needed."""
    large = note(credit=980)
    large |= {"items": [{**large["items"][0], "amount_cents": 10120}]}
    large |= {
        "coupons_adjustment_amount_cents": 1012,
        "sub_total_excluding_taxes_amount_cents": 9108,
        "taxes_amount_cents": 808,
        "applied_taxes": [{**large["applied_taxes"][0], "base_amount_cents": 9108, "amount_cents": 808}],
        "total_amount_cents": 9916,
        "credit_amount_cents": 9916,
        "balance_amount_cents": 0,
    }
    small.add(invoices=[consumer(9916)], credit_notes=[large])

    run = small.go()

    assert 0 == run.tally.needs_attention
    assert money("0.84") == small.unpaid(LATER)


def test_what_a_person_applied_in_netsuite_stays(small: NoteWorld) -> None:
    """Absolute amounts are stated of what is ours; the rest of the memo is theirs."""
    small.add(invoices=[invoice()], credit_notes=[note(credit=980)])
    small.go()
    apply_by_hand(small, "4.00")
    small.add(invoices=[consumer(500)])

    small.go()

    assert {NUMBER: money("4.00"), LATER: money("5.00")} == small.applied()


def test_a_memo_that_a_person_used_up_is_held(small: NoteWorld) -> None:
    """Nobody's work is taken back; both figures are said."""
    small.add(invoices=[invoice()], credit_notes=[note(credit=980)])
    small.go()
    apply_by_hand(small, "9.00")
    small.add(invoices=[consumer(500)])

    held = small.go().of(APPLIED)

    assert held.failure is not None
    assert ("held", "over_applied") == (held.outcome, held.failure.code)
    assert ("5.00" in held.failure.message, "0.80" in held.failure.message) == (True, True)
    assert {NUMBER: money("9.00")} == small.applied()


def apply_by_hand(world: NoteWorld, amount: str) -> None:
    """Let somebody put the memo on the first invoice."""
    account = world.simulator.parts.account
    draft = account.load("creditmemo", world.memo()["id"], ADMINISTRATOR, dynamic=True)
    [line] = [line for line in draft.lines("apply") if line["refnum"] == NUMBER]
    line["apply"], line["amount"] = True, amount
    account.save(draft, ADMINISTRATOR)


def test_an_invoice_that_is_paid_in_netsuite_holds_the_application(small: NoteWorld) -> None:
    """A49: over-applied, with both figures; once there is room it goes by itself."""
    small.add(invoices=[consumer(980)])
    small.go("invoice")
    payment = small.pay_by_hand("95.00")
    small.add(credit_notes=[note(credit=980)])

    held = small.go().of(APPLIED)
    again = small.go()
    small.person("delete_record", type="customerpayment", id=payment)
    run = small.go()

    assert held.failure is not None
    assert ("held", "over_applied", 0) == (held.outcome, held.failure.code, again.tally.writes)
    for told in (LATER, "9.80", "5.00"):
        assert told in held.failure.message
    assert "updated" == run.of(APPLIED).outcome
    assert money("90.20") == small.unpaid(LATER)


def test_a_memo_from_before_go_live_is_found_by_its_number(small: NoteWorld) -> None:
    """Somebody else posted it; the credit that is consumed now is taken from it."""
    values = {"entity": "98765", "currency": "1", "trandate": "2026-08-10", "tranid": NOTE_NUMBER}
    lines = {"item": [{"item": "481", "quantity": "1", "amount": "20.00"}]}
    small.person("create_record", type="creditmemo", values=values, lines=lines)
    small.sync_from = date(2026, 8, 20)
    small.add(invoices=[invoice(), consumer(980)], credit_notes=[note(credit=980)])

    run = small.go()

    assert ("skipped", "updated") == (run.of(NOTE_NUMBER).outcome, run.of(APPLIED).outcome)
    assert {LATER: money("9.80")} == small.applied()
    assert [None] == [one["externalid"] for one in small.records("creditmemo")]


def test_a_memo_from_before_go_live_that_nobody_posted_holds_the_application(small: NoteWorld) -> None:
    """It is never waited for."""
    small.sync_from = date(2026, 8, 20)
    small.add(invoices=[consumer(980)], credit_notes=[note(credit=980)])

    held = small.go().of(APPLIED)

    assert held.failure is not None
    assert ("held", "parent_before_go_live") == (held.outcome, held.failure.code)


def test_negative_lines_apply_nothing_and_leave_exactly_that_gap(small: NoteWorld) -> None:
    """As Lago's own connection does: the credit is a line, and the memo stays open beside it."""
    small.choose(CreditNotePolicy.NEGATIVE_LINE)
    small.add(invoices=[invoice(), consumer(980)], credit_notes=[note(credit=980)])

    run = small.go()

    assert ({}, "9.80") == (small.applied(), small.memo()["unapplied"])
    assert (None, []) == (state(small), run.outcomes("application"))
    assert ("90.20", money("90.20")) == (small.invoice(LATER)["total"], small.unpaid(LATER))
    assert ["credit_counted_twice"] == [notice.code for notice in run.of(NOTE_NUMBER).notices]


@pytest.mark.parametrize("policy", list(CreditNotePolicy))
def test_a_void_after_sync_tells_what_was_not_consumed(small: NoteWorld, policy: CreditNotePolicy) -> None:
    """A51: what an invoice consumed is used, whether it is a line or an application."""
    small.choose(policy)
    small.add(invoices=[invoice(), consumer(300)], credit_notes=[note(credit=980)])
    small.go()
    small.add(credit_notes=[note(credit=980, credit_status="voided", balance_amount_cents=0)])

    held = small.go().of(NOTE_NUMBER)

    assert held.failure is not None
    assert ("voided_after_sync", True) == (held.failure.code, "6.80 USD" in held.failure.message)


def test_a_lost_answer_is_settled_with_all_that_was_added_since(small: NoteWorld) -> None:
    """In doubt, nothing is sent; after the quarantine the whole state is stated, also the newer part."""
    small.add(invoices=[invoice()], credit_notes=[note(credit=980)])
    small.go()
    small.add(invoices=[consumer(300)])
    doubt = lose_the_application(small)
    small.add(invoices=[consumer(400, "13")])
    during = small.go()
    asyncio.run(small.clock.sleep(2000))
    small.go()

    assert (State.IN_DOUBT, ["in_doubt"]) == (doubt, during.outcomes("application"))
    assert {LATER: money("3.00"), LAST: money("4.00")} == small.applied()
    assert State.POSTED is state(small)


def lose_the_application(world: NoteWorld) -> State | None:
    """Let the answer to the application be lost, after NetSuite has saved it."""
    passing = world.wrap

    class Losing(httpx.AsyncBaseTransport):
        def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
            self._inner = inner

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            body = await request.aread()
            response = await self._inner.handle_async_request(request)
            if b'"action":"apply"' in body.replace(b" ", b""):
                raise httpx.ReadTimeout("the answer was lost", request=request)
            return response

    world.wrap = Losing
    world.go()
    world.wrap = passing
    return state(world)


def lago_notes(world: NoteWorld) -> list[Document]:
    """Read Lago's credit notes as its API tells them."""

    async def read() -> list[Document]:
        headers = {"authorization": f"Bearer {world.simulator.credentials.lago_api_key}"}
        async with httpx.AsyncClient(
            transport=Wire(world.simulator), base_url=URL, headers=headers
        ) as client:
            answer = await client.get("/api/v1/credit_notes", params={"per_page": "1000"})
            notes: list[Document] = answer.json()["credit_notes"]
            return notes

    return asyncio.run(read())


Balances = dict[tuple[str, str], Decimal]


def lago_balances(world: NoteWorld, posted: set[str]) -> Balances:
    """What each customer owes before payments, less the credit it has left, by currency."""
    balances: Balances = defaultdict(Decimal)
    for one in world.lago_invoices():
        if one["lago_id"] in posted:
            cents = one["total_amount_cents"] - one["total_offsetted_credit_note_amount_cents"]
            balances[one["customer"]["lago_id"], one["currency"]] += to_major_units(cents, one["currency"])
    for one in lago_notes(world):
        owner = (one["customer"]["lago_id"], one["currency"])
        balances[owner] -= to_major_units(one["balance_amount_cents"], one["currency"])
    return {owner: amount for owner, amount in balances.items() if amount}


def netsuite_balances(world: NoteWorld) -> Balances:
    """Unpaid invoices less open memos; what was refunded stays open and is left out."""
    owners = {one["id"]: one.get("custentity_lago_id", "") for one in world.records("customer")}
    codes = {record: code for code, record in world.mappings.currencies.items()}
    refunds = {
        one["lago_id"]: to_major_units(one["refund_amount_cents"], one["currency"])
        for one in lago_notes(world)
    }
    balances: Balances = defaultdict(Decimal)
    for one in world.records("invoice"):
        balances[owners[one["entity"]], codes[one["currency"]]] += money(one["amountremaining"])
    for one in world.records("creditmemo"):
        still_open = money(one["unapplied"]) - refunds.get(one["custbody_lago_id"], Decimal(0))
        balances[owners[one["entity"]], codes[one["currency"]]] -= still_open
    return {owner: amount for owner, amount in balances.items() if amount}


def posted_invoices(world: NoteWorld) -> set[str]:
    return {one["custbody_lago_id"] for one in world.records("invoice")}


@pytest.mark.parametrize(("size", "tax_regime"), [((40, 8), "suitetax"), ((50, 8), "legacy")])
def test_both_sides_agree_for_every_customer_and_currency(
    tmp_path: Path, size: tuple[int, int], tax_regime: str
) -> None:
    """Credit is counted once: Lago's dues and balances are NetSuite's, to the cent."""
    world = NoteWorld(tmp_path, invoices=size[0], customers=size[1], tax_regime=tax_regime)

    run = world.go()

    assert (None, 0) == (run.error, run.tally.needs_attention)
    assert len(lago_notes(world)) == len(run.outcomes("credit_note")) > 0
    assert run.outcomes("application")
    assert lago_balances(world, posted_invoices(world)) == netsuite_balances(world)
    before = world.store()
    assert (0, []) == (world.go().tally.writes, world.pushed)
    assert before == world.store()


def test_under_negative_lines_the_gap_is_exactly_the_consumed_credit(tmp_path: Path) -> None:
    """Credit stands open as a memo and is taken off again as a line: that, and nothing else, differs."""
    world = NoteWorld(tmp_path, invoices=40, customers=8)
    world.choose(CreditNotePolicy.NEGATIVE_LINE)

    world.go()

    posted = posted_invoices(world)
    gap: Balances = defaultdict(Decimal)
    for one in world.lago_invoices():
        if one["lago_id"] in posted and one["credit_notes_amount_cents"]:
            owner = (one["customer"]["lago_id"], one["currency"])
            gap[owner] += to_major_units(one["credit_notes_amount_cents"], one["currency"])
    lago, netsuite = lago_balances(world, posted), netsuite_balances(world)
    differences = {owner: lago.get(owner, 0) - netsuite.get(owner, 0) for owner in lago.keys() | netsuite}
    assert gap
    assert dict(gap) == {owner: amount for owner, amount in differences.items() if amount}


def test_a_dry_run_remembers_nothing(small: NoteWorld) -> None:
    """No fact, no entry, nothing sent."""
    small.add(invoices=[consumer(980)], credit_notes=[note(credit=980)])

    small.go(dry_run=True)

    with small.open_ledger() as ledger:
        facts = ledger.facts([key_of(Kind.CREDIT_NOTE, LagoId(NOTE))])
    assert ({}, [], []) == (facts, small.entries(), small.pushed)
