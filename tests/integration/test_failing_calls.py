"""Calls that fail: what is lost is never sent twice, and what was not executed is not lost."""

import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from lago_ns_cli.domain.attempts import OutcomeKind, State
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.errors import AuthError, RemoteError, TransientError
from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.simulator.world import ACCOUNT_ID
from lago_ns_cli.workflows.push import PushSettings
from tests.integration.world import Tampering, World, encoded, sample

INVOICE = "lago:inv:00000011-0000-4000-8000-000000000011"
NUMBER = "ACM-1F2E-042-008"


class Losing(httpx.AsyncBaseTransport):
    """Forwards pushes of invoices and then loses the answer."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        response = await self._inner.handle_async_request(request)
        if b'"push"' in body and b'"type":"invoice"' in body:
            raise httpx.ReadTimeout("the answer never came", request=request)
        return response


def altered(name: str, value: object) -> Any:
    """Change a field of an invoice that was read back."""

    def after(_asked: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        for document in answer.get("documents", ()):
            if document.get("record") and document["record"]["type"] == "invoice":
                document["record"][name] = value
        return answer

    return after


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("total", "100.01"),
        ("tax", "10.37"),
        ("date", "2026-07-31"),
        ("entity", "1"),
        ("currency", "2"),
        ("subsidiary", "4"),
    ],
)
def test_a_record_that_reads_back_otherwise_is_held(small: World, name: str, value: str) -> None:
    """Posted means read back and equal; otherwise a person looks, with the record's id at hand."""
    small.wrap = lambda inner: Tampering(inner, after=altered(name, value))

    run = small.sync("invoice", source=encoded(sample()))

    report, entry = run.of(NUMBER), small.entry(INVOICE)
    assert "held" == report.outcome
    assert report.failure is not None
    assert "read_back_differs" == report.failure.code
    assert value in report.failure.message
    assert entry is not None
    assert small.records("invoice")[0]["id"] == entry.netsuite_id == report.netsuite_id


def test_a_record_that_read_back_otherwise_is_not_sent_again(small: World) -> None:
    """It exists: creating it once more would double it."""
    small.wrap = lambda inner: Tampering(inner, after=altered("total", "1.00"))
    small.sync("invoice", source=encoded(sample()))
    small.wrap = lambda inner: inner
    calls = small.simulator.parts.restlet.stats.operations["push"]

    run = small.sync("invoice", source=encoded(sample()))

    assert "held" == run.of(NUMBER).outcome
    assert calls == small.simulator.parts.restlet.stats.operations["push"]
    assert 1 == len(small.records("invoice"))


def test_a_lost_answer_leaves_its_documents_in_doubt(small: World) -> None:
    """Sent and not answered: in doubt, with a time to look it up; the run goes on and says so."""
    small.wrap = Losing

    run = small.sync("invoice", source=encoded(sample()))

    entry = small.entry(INVOICE)
    assert run.error is None
    assert "in_doubt" == run.of(NUMBER).outcome
    assert entry is not None
    assert (State.IN_DOUBT, None) == (entry.state, entry.netsuite_id)
    assert entry.next_attempt_at is not None
    assert entry.next_attempt_at > small.clock.now()


def test_what_is_in_doubt_is_not_sent_again(small: World) -> None:
    """The next run sends nothing for it, though it was in fact executed."""
    small.wrap = Losing
    small.sync("invoice", source=encoded(sample()))
    small.wrap = lambda inner: inner
    calls = small.simulator.parts.restlet.stats.operations["push"]

    run = small.sync("invoice", source=encoded(sample()))

    assert "in_doubt" == run.of(NUMBER).outcome
    assert 1 == run.tally.needs_attention
    assert calls == small.simulator.parts.restlet.stats.operations["push"]
    assert 1 == len(small.records("invoice"))


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "html", "status": 200, "executed": True},
        {"kind": "status", "status": 502, "body": "html", "executed": True},
        {"kind": "error_but_committed"},
        {"kind": "half_answer"},
        {"kind": "reset", "executed": True},
    ],
    ids=lambda fault: fault["kind"],
)
def test_an_answer_that_settles_nothing_is_a_doubt(world: World, fault: dict[str, Any]) -> None:
    """Whatever came back, if it does not tell what was executed, nothing is sent again."""
    world.sync("customer")
    world.plan_faults({"operation": "push", "calls": [1], **fault})

    world.sync("invoice")
    world.plan_faults()
    doubtful = {entry.key for entry in world.entries(State.IN_DOUBT)}
    again = world.sync("invoice")

    keys = [record["externalid"] for record in world.records("invoice")]
    assert doubtful
    assert doubtful == {f"lago:inv:{one.lago_id}" for one in again.reports if one.outcome == "in_doubt"}
    assert len(keys) == len(set(keys))


def test_calls_beyond_the_limit_are_made_again(world: World) -> None:
    """A limit rejection executed nothing, so the same call is repeated, each time later."""
    world.plan_faults({"kind": "limit", "operation": "push", "count": 4})

    run = world.sync()

    assert run.error is None
    assert 0 == run.tally.needs_attention
    assert {"limit": 4} == dict(world.simulator.parts.faults.injected)
    assert len(world.clock.slept) >= 4


def test_a_limit_that_does_not_end_leaves_documents_pending(small: World) -> None:
    """After some patience the run ends as unreachable; nothing is held or in doubt."""
    small.plan_faults({"kind": "limit", "operation": "push"})

    run = small.sync("invoice", source=encoded(sample()))

    assert isinstance(run.error, TransientError)
    assert {State.PENDING} == {entry.state for entry in small.entries()}

    small.plan_faults()
    assert ["created"] == small.sync("invoice", source=encoded(sample())).outcomes("invoice")


def test_a_refused_login_stops_the_run_and_loses_nothing(world: World) -> None:
    """New calls stop, what was to be sent is pending, and the next run carries on."""
    world.push = PushSettings(batch=1, concurrency=2)
    world.plan_faults({"kind": "false_login", "operation": "push", "calls": [3, 4, 5, 6, 7, 8, 9]})

    run = world.sync()

    states = {entry.state for entry in world.entries() if entry.code not in (None, "partner")}
    assert isinstance(run.error, AuthError)
    assert run.error.hint is not None
    assert {State.PENDING} == states
    assert world.simulator.parts.desk.audit.refused <= 2

    world.plan_faults()
    second = world.sync()
    assert second.error is None
    assert 0 == second.tally.needs_attention


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 503}, {"kind": "status", "status": 403}])
def test_a_refused_ping_ends_the_run_before_anything_is_sent(small: World, fault: dict[str, Any]) -> None:
    """Every run greets NetSuite first; where that fails, the ledger stays empty."""
    small.plan_faults({"operation": "ping", **fault})

    run = small.sync("invoice", source=encoded(sample()))

    assert isinstance(run.error, RemoteError)
    assert [] == small.entries()


def test_an_answered_call_is_recorded_although_another_was_refused(world: World) -> None:
    """A call that is in flight when the login is refused is waited for, not forgotten."""
    world.push = PushSettings(batch=1, concurrency=2)
    world.plan_faults(
        {"kind": "false_login", "operation": "push", "calls": [1]},
        {"kind": "slow", "operation": "push", "calls": [2], "seconds": 5},
    )

    world.sync("customer")

    assert [] == world.entries(State.SENDING)
    posted = {entry.netsuite_id for entry in world.entries(State.POSTED)}
    assert posted == {record["id"] for record in world.records("customer")} - {"98765"}


def test_the_intent_is_on_disk_before_the_call_leaves(small: World, tmp_path: Path) -> None:
    """A copy of the ledger's files, taken as the call leaves, knows every document and its payload."""
    seen: list[str] = []

    def before(asked: dict[str, Any]) -> None:
        if asked["operation"] != "push":
            return
        crashed = tmp_path / f"crashed-{len(seen)}"
        shutil.copytree(small.folder, crashed)
        url = f"sqlite:///{crashed / 'ledger.db'}"
        with SqlLedger(url, profile="default", account=ACCOUNT_ID) as ledger:
            for document in asked["documents"]:
                key = Key(document["key"])
                (attempt,) = ledger.attempts(key)
                content = ledger.attempt_content(key, attempt.number)
                assert State.SENDING is ledger.entries([key])[key].state
                assert attempt.outcome is None
                assert content is not None
                assert document == content.payload
                seen.append(key)

    small.wrap = lambda inner: Tampering(inner, before=before)

    run = small.sync("invoice", source=encoded(sample()))

    assert run.error is None
    assert 2 == len(seen)


def test_a_run_that_died_while_sending_is_looked_up_and_not_repeated(small: World) -> None:
    """An entry that still says ``sending`` is a question: the next run asks NetSuite, and sends nothing."""

    class Died(BaseException):
        """The process ends here."""

    def die(asked: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        if asked["operation"] == "push" and asked["documents"][0]["type"] == "invoice":
            raise Died
        return answer

    small.wrap = lambda inner: Tampering(inner, after=die)
    with pytest.raises(Died):
        small.sync("invoice", source=encoded(sample()))
    small.wrap = lambda inner: inner
    states = [entry.state for entry in small.entries() if entry.key == INVOICE]

    run = small.sync("invoice", source=encoded(sample()))

    assert [State.SENDING] == states
    assert "found" == run.of(NUMBER).outcome
    assert 1 == len(small.records("invoice"))


def test_every_attempt_leaves_its_trace(small: World) -> None:
    """A refused attempt and the one that succeeded are both in the ledger, with their outcomes."""
    small.sync("customer")
    small.plan_faults({"kind": "false_login", "operation": "push"})
    small.sync("invoice", source=encoded(sample()))
    small.plan_faults()
    small.sync("invoice", source=encoded(sample()))

    with small.open_ledger() as ledger:
        customer = Key("lago:cus:000000c1-0000-4000-8000-0000000000c1")
        outcomes = [attempt.outcome for attempt in ledger.attempts(customer)]
    assert [OutcomeKind.NOT_ATTEMPTED, OutcomeKind.ACCEPTED] == outcomes
