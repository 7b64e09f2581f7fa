"""``lago-ns status`` alone tells of every failure: which document, why, and the next command."""

import asyncio
import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from lago_ns_cli.cli.commands.status import age
from lago_ns_cli.domain.attempts import State, StateChange, subject_of
from lago_ns_cli.domain.error_catalogue import find
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.ledger.looking import look_at
from lago_ns_cli.simulator.world import ACCOUNT_ID
from lago_ns_cli.workflows.push import PushSettings
from lago_ns_cli.workflows.status import Concern, Status, read_status
from tests.cli import commands
from tests.cli.terminal import Result, run
from tests.integration.world import World, alone, encoded, sample

NUMBER = "ACM-1F2E-042-008"
KEY = "lago:inv:00000011-0000-4000-8000-000000000011"
PUSH: dict[str, Any] = {"operation": "push"}


def status(world: World, limit: int = 100) -> Status:
    """What the whole ledger says, which must be what a glance at its file says."""
    with world.open_ledger() as ledger:
        whole = read_status(ledger, limit=limit)
    glance = look_at(world.ledger_url, profile="default", account=ACCOUNT_ID)
    assert glance is not None
    with glance:
        assert whole == read_status(glance, limit=limit)
    return whole


def concern(world: World, number: str = NUMBER) -> Concern:
    return next(one for one in status(world).concerns if one.number == number)


def invoice(**fields: Any) -> bytes:
    document = sample()
    document["invoice"] |= fields
    return encoded(document)


def bring_the_customer(world: World) -> None:
    """Post another invoice of the same customer, so that only the one that is looked at is open."""
    other = {"lago_id": "00000012-0000-4000-8000-000000000012", "number": "ACM-1F2E-042-009"}
    run = world.sync("invoice", source=invoice(**other))
    assert "created" == run.of("ACM-1F2E-042-009").outcome


class DiedError(BaseException):
    """Stands for the end of the process."""


class Dying(httpx.AsyncBaseTransport):
    """Ends the process while a push is under way."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if b'"push"' in await request.aread():
            raise DiedError
        return await self._inner.handle_async_request(request)


def check_it_helps(one: Concern) -> None:
    """It names the document, a cause that the catalogue knows, and a command that exists."""
    assert NUMBER == one.number
    assert find(one.code) is not None, one.code
    assert one.cause
    assert one.action
    assert one.command is not None
    path, options = commands.parse(one.command)
    assert path
    assert options <= commands.options_of(commands.tree()[path])


FAULTS: list[tuple[dict[str, Any], State, str | None]] = [
    ({"kind": "limit"}, State.PENDING, "SSS_REQUEST_LIMIT_EXCEEDED"),
    ({"kind": "false_login"}, State.PENDING, "INVALID_LOGIN_ATTEMPT"),
    ({"kind": "status", "status": 401}, State.PENDING, None),
    ({"kind": "status", "status": 403}, State.PENDING, None),
    ({"kind": "status", "status": 429}, State.PENDING, None),
    ({"kind": "status", "status": 500, "executed": True}, State.IN_DOUBT, None),
    ({"kind": "status", "status": 502, "body": "html"}, State.IN_DOUBT, "netsuite_http_502"),
    ({"kind": "html", "executed": True}, State.IN_DOUBT, "netsuite_http_200"),
    ({"kind": "reset", "executed": True}, State.IN_DOUBT, "answer_lost"),
    ({"kind": "reset"}, State.IN_DOUBT, "answer_lost"),
    ({"kind": "half_answer"}, State.IN_DOUBT, "answer_lost"),
    ({"kind": "error_but_committed"}, State.IN_DOUBT, "UNEXPECTED_ERROR"),
    (
        {"kind": "error_but_committed", "code": "RCRD_HAS_BEEN_CHANGED"},
        State.IN_DOUBT,
        "RCRD_HAS_BEEN_CHANGED",
    ),
    ({"kind": "late_commit", "answer": "timeout"}, State.IN_DOUBT, "netsuite_http_504"),
    ({"kind": "late_commit", "answer": "reset"}, State.IN_DOUBT, "answer_lost"),
    ({"kind": "closed_period", "date": "2026-08-01"}, State.HELD, None),
    (
        {"kind": "person", "action": "deactivate", "arguments": {"type": "customer", "id": "98765"}},
        State.HELD,
        None,
    ),
    (
        {
            "kind": "person",
            "action": "create_record",
            "arguments": {
                "type": "invoice",
                "values": {"entity": "98765", "trandate": "2026-08-01", "tranid": NUMBER},
                "lines": {"item": [{"item": "481", "quantity": 1, "rate": 5, "amount": 5}]},
            },
        },
        State.HELD,
        "LAGO_NUMBER_TAKEN",
    ),
]


@pytest.mark.parametrize(
    ("fault", "state", "code"),
    FAULTS,
    ids=[f"{fault['kind']} {number}" for number, (fault, *_) in enumerate(FAULTS)],
)
def test_every_fault_of_a_call_can_be_dealt_with_from_status_alone(
    small: World, fault: dict[str, Any], state: State, code: str | None
) -> None:
    """Nobody needs the log of the run that failed."""
    small.push = PushSettings(batch=10, concurrency=2, patience=1)
    bring_the_customer(small)
    small.plan_faults({**PUSH, **fault})

    small.sync("invoice", source=encoded(sample()))

    one = concern(small)
    check_it_helps(one)
    assert state is one.state
    assert code in (None, one.code)


def with_unmapped_items(world: World) -> bytes:
    defaults = replace(world.mappings.defaults, item=None, item_by_type={})
    world.mappings = replace(world.mappings, items=(), defaults=defaults)
    return encoded(sample())


CAUSES = {
    "sums that disagree": lambda _: invoice(total_amount_cents=9999),
    "an unknown fee": lambda _: invoice(
        fees=[{**fee, "item": {**fee["item"], "type": "barter"}} for fee in sample()["invoice"]["fees"]]
    ),
    "no date": lambda _: invoice(issuing_date=None),
    "a malformed date": lambda _: invoice(issuing_date="yesterday"),
    "unmapped items": with_unmapped_items,
}


@pytest.mark.parametrize("cause", CAUSES)
def test_every_reason_to_hold_can_be_dealt_with_from_status_alone(small: World, cause: str) -> None:
    """Also what never left this machine."""
    small.sync("invoice", source=CAUSES[cause](small))

    one = concern(small)
    check_it_helps(one)
    assert State.HELD is one.state


def test_a_waiting_document_names_its_blocker_and_the_blockers_command(small: World) -> None:
    """What waits for a held customer is mended at the customer."""
    document = alone(sample())
    document["customer"]["billing_entity_code"] = "nowhere"
    small.mappings = replace(
        small.mappings, subsidiaries=(), defaults=replace(small.mappings.defaults, subsidiary=None)
    )
    small.sync("invoice", source=encoded({"invoice": document}))

    one = concern(small)

    check_it_helps(one)
    assert State.WAITING is one.state
    assert one.blocker is not None
    assert ("customer", "cust_0042", State.HELD) == (one.blocker.kind, one.blocker.number, one.blocker.state)
    assert "lago-ns map check" == one.command


def test_a_document_that_a_dead_process_was_sending_is_shown(small: World) -> None:
    """Between the intent and the answer, nothing else tells of it."""
    bring_the_customer(small)
    small.wrap = Dying
    with pytest.raises(DiedError):
        small.sync("invoice", source=encoded(sample()))

    one = concern(small)

    check_it_helps(one)
    assert (State.SENDING, "sending") == (one.state, one.code)


def test_the_age_of_a_doubt_counts_from_when_the_answer_was_given_up(small: World) -> None:
    """Look-ups change the entry, and not its age."""
    bring_the_customer(small)
    small.plan_faults({**PUSH, "kind": "reset"})
    small.sync("invoice", source=encoded(sample()))
    before = concern(small).since
    entry = small.entry(KEY)
    assert entry is not None
    asyncio.run(small.clock.sleep(600))

    with small.open_ledger() as ledger:
        changed = StateChange(
            subject=subject_of(entry),
            state=State.IN_DOUBT,
            code=entry.code,
            reason="not seen yet",
            fingerprint=entry.fingerprint,
        )
        ledger.record_changes([changed], small.clock.now())

    assert before == concern(small).since
    assert "not seen yet" == concern(small).cause


def test_everything_is_counted_and_the_urgent_comes_first(world: World) -> None:
    """Eligible is the sum of the states; held before in doubt, before the rest."""
    world.sync("customer")
    world.plan_faults({**PUSH, "kind": "reset", "calls": [1]})
    world.sync("invoice")
    world.sync("invoice", source=invoice(total_amount_cents=9999))

    found = status(world)

    assert len(world.entries()) == found.documents == sum(found.by_state.values())
    states = [one.state for one in found.concerns]
    assert states[0] is State.HELD
    assert State.IN_DOUBT in states
    assert states == sorted(
        states, key=[State.HELD, State.IN_DOUBT, State.SENDING, State.WAITING, State.PENDING].index
    )
    assert found.needs_attention == len(found.concerns)
    assert 1 == len(status(world, limit=1).concerns)
    assert found.needs_attention == status(world, limit=1).needs_attention
    assert [] == list(status(world, limit=0).concerns)


def test_a_number_that_a_shell_would_read_is_named_by_its_key(small: World) -> None:
    """The command can be pasted, whatever Lago calls the document."""
    small.sync("invoice", source=invoice(total_amount_cents=9999, number="A; rm -rf 'x'"))

    command = concern(small, "A; rm -rf 'x'").command

    assert f"lago-ns replay {Key(KEY)}" == command


def on_the_command_line(world: World, *arguments: str) -> Result:
    config: Path = world.folder.parent / "config" / "lago-ns.toml"
    return run(
        "--config", config, "status", *arguments, environment={"LAGO_NS_LEDGER__URL": world.ledger_url}
    )


def test_the_command_tells_document_cause_and_next_command(small: World) -> None:
    """And exits 1, since somebody has to act."""
    small.sync("invoice", source=invoice(total_amount_cents=9999))

    result = on_the_command_line(small)

    assert (1, "") == (result.code, result.err)
    assert f"held      invoice {NUMBER}" in result.out
    assert "inconsistent_sums: " in result.out
    assert "  to do: " in result.out
    assert re.search(rf"^  next: lago-ns --config \S+ replay {NUMBER}$", result.out, re.MULTILINE)
    assert result.lines[-1].startswith("summary: ")
    assert result.lines[-1].endswith("1 need attention")


def test_the_command_tells_it_as_json_too(small: World) -> None:
    """A line a count, a line a document, and the summary."""
    small.sync("invoice", source=invoice(total_amount_cents=9999))

    result = on_the_command_line(small, "--json")

    counts = [event for event in result.events if event["event"] == "count"]
    (told,) = [event for event in result.events if event["event"] == "attention"]
    assert 1 == result.code
    assert {"kind": "invoice", "state": "held", "documents": 1}.items() <= counts[-1].items()
    assert {
        "number": NUMBER,
        "key": KEY,
        "state": "held",
        "code": "inconsistent_sums",
        "command": f"lago-ns replay {NUMBER}",
    }.items() <= told.items()
    assert {"event": "summary", "needs_attention": 1, "shown": 1}.items() <= result.events[-1].items()
    assert json.loads(result.lines[-1]) == result.events[-1]


def test_what_is_not_shown_is_counted(world: World) -> None:
    """With the command that shows it."""
    world.mappings = replace(
        world.mappings, items=(), defaults=replace(world.mappings.defaults, item=None, item_by_type={})
    )
    world.sync()
    held = status(world).needs_attention

    result = on_the_command_line(world, "--limit", "2")

    assert held > 2
    assert f"and {held - 2} more: lago-ns status --limit {held}" in result.lines


def test_a_ledger_at_rest_exits_0(small: World) -> None:
    """Nothing synced yet, and everything posted."""
    empty = on_the_command_line(small)
    small.sync("invoice", source=encoded(sample()))
    posted = on_the_command_line(small)

    assert (0, 0) == (empty.code, posted.code)
    assert "summary: 0 documents: nothing synced yet; 0 need attention" == empty.lines[-1]
    assert "0 need attention" in posted.lines[-1]


@pytest.mark.parametrize(
    ("passed", "told"),
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=47), "1 d"),
        (timedelta(hours=3, minutes=59), "3 h"),
        (timedelta(days=400), "400 d"),
    ],
)
def test_an_age_is_told_in_its_largest_unit(passed: timedelta, told: str) -> None:
    """A clock that went back makes no negative age."""
    assert told == age(passed)
