"""Faults that concern the account: rollbacks, stale look-ups, lost locks, month-end, people."""

import asyncio
import datetime as dt
import json
from typing import get_args

import httpx
import pytest

from lago_ns_cli.simulator.faults import (
    ClosedPeriod,
    ErrorButCommitted,
    FalseLogin,
    LateCommit,
    Limit,
    OkWithoutCommit,
    Person,
    PersonAction,
    RecordChanged,
    Slow,
    StaleLookup,
    Status,
)
from lago_ns_cli.simulator.netsuite.people import ActionError
from lago_ns_cli.simulator.netsuite.periods import period_of
from tests.simulator.shell.fakes import StandingClock
from tests.simulator.shell.netsuite_side import NetSuiteSide


def post(side: NetSuiteSide, operation: str, text: str = "Example AG") -> httpx.Response:
    return asyncio.run(side.post(operation, text=text))


def names(side: NetSuiteSide) -> list[str]:
    return [str(record["companyname"]) for record in side.account.records("customer")]


def test_done_and_rolled_back() -> None:
    """The answer carries an id; the record is not there, and its id is not given again."""
    side = NetSuiteSide(OkWithoutCommit(count=1))
    lost = post(side, "create")
    kept = post(side, "create")

    assert (lost.status_code, kept.status_code) == (200, 200)
    assert lost.json() != kept.json()
    assert names(side).count("Example AG") == 1


def test_an_error_although_it_was_committed() -> None:
    """A user-event script failed after the save: 400, and the record is there."""
    side = NetSuiteSide(ErrorButCommitted())
    answer = post(side, "create")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "UNEXPECTED_ERROR")
    assert json.loads(answer.json()["error"]["message"])["type"] == "error.UserEventError"
    assert "Example AG" in names(side)


def test_a_look_up_answers_from_the_past() -> None:
    """A record of 10 s ago is not seen by a look-up that is 60 s behind; the next one sees it again."""
    side = NetSuiteSide(StaleLookup(seconds=60, count=1))
    post(side, "create")
    side.clock.advance(10)
    stale, fresh = post(side, "find"), post(side, "find")

    assert (stale.json(), fresh.json()) == ({"found": 0}, {"found": 1})
    assert "Example AG" in names(side)


def test_a_look_up_sees_what_is_older_than_its_delay() -> None:
    """A record of 70 s ago is seen by a look-up that is 60 s behind."""
    side = NetSuiteSide(StaleLookup(seconds=60))
    post(side, "create")
    side.clock.advance(70)
    post(side, "echo")

    assert post(side, "find").json() == {"found": 1}


def test_somebody_else_saves_first() -> None:
    """RCRD_HAS_BEEN_CHANGED once; the next attempt goes through."""
    side = NetSuiteSide(RecordChanged(count=1))
    lost, won = post(side, "rename"), post(side, "rename")

    assert lost.json()["error"]["code"] == "RCRD_HAS_BEEN_CHANGED"
    assert won.json() == {"id": "98765"}


def test_month_end_comes_and_goes() -> None:
    """The period of the date is closed for the call and open again after its time."""
    side = NetSuiteSide(ClosedPeriod(date=dt.date(2026, 8, 3), reopen_after_seconds=60, count=1))

    def is_closed() -> bool:
        period = period_of(side.account.store, "2026-08-03")
        return period is not None and period.closed

    before = is_closed()
    post(side, "echo")
    during = is_closed()
    side.clock.advance(60)
    post(side, "echo")

    assert (before, during, is_closed()) == (False, True, False)


@pytest.mark.parametrize(("when", "found"), [("before", 0), ("after", 1)])
def test_a_person_acts_before_or_after_a_call(when: str, found: int) -> None:
    """A record is deleted by hand just before it is looked up, or just after."""
    rule = {"action": "delete_record", "arguments": {"type": "customer", "key": "Example AG"}, "when": when}
    side = NetSuiteSide(Person(operation="find", **rule))  # type: ignore[arg-type]
    post(side, "create")
    answer = post(side, "find")

    assert {"found": found} == answer.json()
    assert "Example AG" not in names(side)


def test_what_a_person_cannot_do_does_not_happen() -> None:
    """A record that is not there cannot be deleted, and the call goes on."""
    arguments = {"type": "customer", "key": "nobody"}
    side = NetSuiteSide(Person(action="delete_record", arguments=arguments))

    assert post(side, "find").json() == {"found": 0}


def test_a_refusal_runs_nothing() -> None:
    """Limit, false login and status: NetSuite's form, no script, no lock, no audit."""
    side = NetSuiteSide(Limit(count=1), FalseLogin(seconds=60, count=1), Status(status=503, count=1))
    answers = [post(side, "create") for _ in range(3)]

    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [
        (400, "SSS_REQUEST_LIMIT_EXCEEDED"),
        (401, "INVALID_LOGIN_ATTEMPT"),
        (503, "ACCT_TEMP_UNAVAILABLE"),
    ]
    assert (side.clock.slept, side.desk.audit.rows(), side.service.stats.saves) == ([60], [], 0)


def test_a_slow_call_takes_longer() -> None:
    """The slot is held for the extra time."""
    side = NetSuiteSide(Slow(seconds=40))
    post(side, "echo")

    assert side.clock.slept == [40]


def test_a_late_commit_holds_its_slot_and_keeps_its_login() -> None:
    """The signature is checked when the call comes; 15 minutes later, long after its timestamp, the record appears."""

    async def scenario() -> tuple[list[int], list[bool]]:
        flight, there = [], []
        answer = await side.post("create", text="Example AG")
        assert answer.status_code == 504
        for _ in range(50):
            await asyncio.sleep(0)
        for seconds in (0, 899, 1):
            await clock.pass_time(seconds)
            flight.append(side.gate.in_flight)
            there.append("Example AG" in names(side))
        return flight, there

    clock = StandingClock()
    side = NetSuiteSide(LateCommit(after_seconds=900, answer="timeout"), clock=clock)

    assert asyncio.run(scenario()) == ([1, 1, 0], [False, False, True])


def test_fault_plans_know_every_action() -> None:
    """What a plan may name and what a person can do are the same list."""
    assert list(get_args(PersonAction)) == NetSuiteSide().people.actions


def test_people_edit_create_merge_and_void() -> None:
    """Each action does what its name says and answers with the record's id."""
    people = (side := NetSuiteSide()).people
    values = {"companyname": "Hooli GmbH", "subsidiary": "2", "externalid": "foreign-1"}
    made = people.perform("create_record", {"type": "customer", "values": values})
    edited = people.perform(
        "edit_record", {"type": "customer", "key": "foreign-1", "values": {"companyname": "Hooli AG"}}
    )

    assert made == edited
    assert "Hooli AG" in names(side)
    assert people.perform("merge_customers", {"id": made, "into": "98765"}) == "98765"
    assert "Hooli AG" not in names(side)


@pytest.mark.parametrize(
    ("action", "arguments", "said"),
    [
        ("dance", {}, "no action 'dance'"),
        ("edit_record", {"type": "customer", "values": {}}, "needs 'id'"),
        ("close_period", {"date": "1999-01-01"}, "no accounting period"),
        ("delete_record", {"type": "invoice", "key": "lago:inv:1"}, "no invoice"),
    ],
)
def test_an_action_that_makes_no_sense_says_why(action: str, arguments: dict[str, object], said: str) -> None:
    """The message names what is missing."""
    with pytest.raises(ActionError, match=said):
        NetSuiteSide().people.perform(action, arguments)
