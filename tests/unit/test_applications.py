"""The desired state of a memo's applications, gathered from facts in any order."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest

from lago_ns_cli.domain.applications import (
    application_mark,
    application_subject,
    ask_again,
    consumed_notes,
    consumption_facts,
    note_number,
    wanted_applications,
)
from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId, application_key
from lago_ns_cli.domain.mapping import CreditNotePolicy
from lago_ns_cli.domain.read_back import compare_read_back
from lago_ns_cli.domain.records import Application, Record, Reference
from tests.unit.builders import credit, fee, invoice

AT = datetime(2026, 9, 1, tzinfo=UTC)
NOTE = LagoId("item-CN1")
CONSUMER = invoice(
    [fee(1, 9000)], credits_=[credit("credit_note", 500, "CN1"), credit("credit_note", 300, "CN1")]
)
WANTED = {LagoId("a"): 500, LagoId("b"): 20}


def test_an_invoice_may_take_from_one_note_twice() -> None:
    """It is one application, of the sum."""
    [used] = consumed_notes(CONSUMER)

    assert (NOTE, "CN1", 800) == (used.note, used.number, used.cents)


@pytest.mark.parametrize(
    ("policy", "wanted"),
    [(CreditNotePolicy.APPLY_MEMO, {"inv-1": 800}), (CreditNotePolicy.NEGATIVE_LINE, {})],
)
def test_the_policy_tells_whether_credit_is_applied(policy: CreditNotePolicy, wanted: dict[str, int]) -> None:
    """The last word stands: one that was changed before the invoice was posted undoes the other."""
    for before in CreditNotePolicy:
        facts = {
            fact.name: fact.value for said in (before, policy) for fact in consumption_facts(CONSUMER, said)
        }

        assert wanted == wanted_applications(facts)
        assert "CN1" == note_number(facts, NOTE)


def test_an_offset_and_a_consumption_on_one_invoice_are_one_amount() -> None:
    """Facts that say nothing of applications are passed over."""
    facts = {"offset:a": "100", "consumed:a": "20", "consumed:b": "5", "consumed:c": "0", "number": "CN1"}

    assert {"a": 120, "b": 5} == wanted_applications(facts)


def test_the_mark_is_a_function_of_the_state_alone() -> None:
    """Whatever order the facts came in; any other amount is another mark."""
    marks = {application_mark(NOTE, dict(order)) for order in permutations(WANTED.items())}

    assert 1 == len(marks)
    assert application_mark(NOTE, {**WANTED, LagoId("b"): 21}) not in marks


def entry(state: State, mark: str | None) -> Entry:
    return Entry(
        key=application_key(NOTE),
        kind="application",
        lago_id=NOTE,
        number="CN1 applied",
        customer_id=LagoId("customer"),
        state=state,
        fingerprint=mark,
        created_at=AT,
        updated_at=AT,
    )


@pytest.mark.parametrize(
    ("state", "same", "asked"),
    [
        (None, False, True),
        (State.POSTED, False, True),  # more is wanted than was applied
        (State.POSTED, True, False),
        (State.HELD, False, True),
        (State.HELD, True, False),
        (State.PENDING, False, False),  # goes with what is wanted when it goes
        (State.WAITING, False, False),
        (State.SENDING, False, False),  # settled first
        (State.IN_DOUBT, False, False),
    ],
)
def test_a_state_is_carried_out_again_only_when_it_grew(state: State | None, same: bool, asked: bool) -> None:
    """A posted application goes back to pending; one in doubt is never disturbed."""
    subject = application_subject(NOTE, "CN1", LagoId("customer"), "USD", WANTED)
    known = None if state is None else entry(state, application_mark(NOTE, WANTED) if same else "old")

    change = ask_again(subject, known, NOTE, WANTED)

    assert asked == (change is not None)
    assert "5.20" == subject.amount
    assert change is None or State.PENDING is change.state


@pytest.mark.parametrize(
    ("found", "differences"),
    [
        ([{"id": "7", "amount": "9.8"}, {"id": "8", "amount": "1"}], []),  # 8 is somebody else's
        ([{"id": "7", "amount": "5.00"}], ["what is applied to 7 is 5.00 in NetSuite, 9.80 was meant"]),
        ([], ["what is applied to 7 is empty in NetSuite, 9.80 was meant"]),
        (None, ["what is applied to 7 is empty in NetSuite, 9.80 was meant"]),
    ],
)
def test_what_was_applied_is_compared_by_amount(found: object, differences: list[str]) -> None:
    """Ours must be there to the cent; what others applied is not ours to judge."""
    ours = Application(Reference(Key("lago:inv:a"), InternalId("7")), "9.80")
    record = Record(key=Key("lago:cn:1"), lago_id=NOTE, type="creditmemo", columns={}, apply=(ours,))

    assert differences == [str(one) for one in compare_read_back(record, {"apply": found})]


def test_a_target_of_the_same_call_is_told_by_its_amount() -> None:
    """Its internal id was not known when the memo was sent."""
    ours = Application(Reference(Key("lago:inv:a")), "9.80")
    record = Record(key=Key("lago:prepaid:1"), lago_id=NOTE, type="creditmemo", columns={}, apply=(ours,))

    assert [] == compare_read_back(record, {"apply": [{"id": "7", "amount": "9.80"}]})
    assert ["what is applied to lago:inv:a"] == [one.field for one in compare_read_back(record, {})]


def test_the_key_of_an_application_is_its_notes() -> None:
    """One entry for each memo, whatever it is applied to."""
    assert "lago:app:abc" == application_key(LagoId("ABC"))
    assert replace(entry(State.POSTED, None)).key == application_key(NOTE)
