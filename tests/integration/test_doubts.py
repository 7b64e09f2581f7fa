"""Answers that are lost or lie, limits, and refused logins: one record each, whatever was answered.

Everything runs on a virtual clock: the client gives up after its real timeouts, NetSuite goes on, and runs come as
cron starts them.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.errors import AuthError, LimitError
from lago_ns_cli.simulator.netsuite.switches import Switches
from lago_ns_cli.simulator.options import WorldOptions
from lago_ns_cli.simulator.virtual_time import VirtualClock, run_virtually
from lago_ns_cli.workflows.sync import ORDER
from tests.campaigns.books import eligible_keys, read_store
from tests.campaigns.processes import Boundary
from tests.campaigns.stage import Stage
from tests.integration.world import alone, sample

INVOICE = Key("lago:inv:00000011-0000-4000-8000-000000000011")
TIMEOUT_SECONDS = 330
CRON_SECONDS = 300
QUARANTINE_SECONDS = 960

PUSH_OF_THE_INVOICE = {"operation": "push", "calls": [2]}
"""Customers travel in the first push of a run, the invoice in the second."""

Scenario = Callable[[Stage], Coroutine[Any, Any, None]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the ledger lies."""
    return tmp_path


def play(folder: Path, scenario: Scenario, *, unique: bool = True, **options: Any) -> None:
    """Play a scenario in a world with one customer and one invoice, unless options say otherwise."""

    async def main(clock: VirtualClock) -> None:
        world = WorldOptions(
            **{"invoices": 0, "customers": 1, **options}, switches=Switches(externalid_unique=unique)
        )
        stage = Stage(folder, clock, world)
        if not options:
            invoice = alone(sample())
            stage.simulator.parts.organization.add_documents({"invoices": [invoice]})
        await scenario(stage)
        await stage.simulator.settle()
        stage.close()

    run_virtually(main)


async def run_until_settled(stage: Stage, runs: int = 8, pause_seconds: float = CRON_SECONDS) -> None:
    """Run as cron does, until nothing is open."""
    for _ in range(runs):
        ended = await stage.sync()
        if ended.error is None and not open_entries(stage):
            return
        await asyncio.sleep(pause_seconds)
    raise AssertionError(
        [f"{one.number}: {one.state} {one.code} {one.reason}" for one in open_entries(stage)]
    )


def open_entries(stage: Stage) -> list[Entry]:
    return stage.entries(State.PENDING, State.WAITING, State.SENDING, State.IN_DOUBT)


def entry(stage: Stage, key: Key = INVOICE) -> Entry:
    return next(one for one in stage.entries() if one.key == key)


def invoices(stage: Stage) -> list[dict[str, Any]]:
    return stage.simulator.parts.account.records("invoice")


def pushes(stage: Stage) -> list[list[str]]:
    """Collect the keys of each push that leaves from now on."""
    sent: list[list[str]] = []
    stage.look = lambda asked: sent.append([document["key"] for document in asked["documents"]])
    return sent


def assert_once_each(stage: Stage) -> None:
    """Every document that Lago wants posted is in NetSuite once, and the ledger says so."""
    store = read_store(stage.simulator)
    assert () == store.twice
    assert eligible_keys(stage.simulator.parts.organization) == set(store.books)
    assert {State.POSTED, State.SKIPPED} >= {one.state for one in stage.entries()}


async def assert_nothing_is_written(stage: Stage) -> None:
    """A further run makes no write."""
    saves = stage.simulator.parts.restlet.stats.saves
    ended = await stage.sync()
    assert ended.error is None
    assert saves == stage.simulator.parts.restlet.stats.saves


@pytest.mark.parametrize("unique", [True, False])
@pytest.mark.parametrize("late_seconds", [0, 10, 899])
def test_a_commit_after_our_timeout_makes_one_invoice(
    folder: Path, late_seconds: float, *, unique: bool
) -> None:
    """A1: the entry is in doubt and nothing is sent again, although look-ups find nothing for a while."""

    async def scenario(stage: Stage) -> None:
        sent = pushes(stage)
        late = TIMEOUT_SECONDS + late_seconds
        stage.plan_faults(None, {"kind": "late_commit", "after_seconds": late, **PUSH_OF_THE_INVOICE})
        await stage.sync()
        assert State.IN_DOUBT is entry(stage).state

        stage.plan_faults()
        await run_until_settled(stage)

        assert 1 == sum(INVOICE in keys for keys in sent)
        assert_once_each(stage)
        await assert_nothing_is_written(stage)

    play(folder, scenario, unique=unique)


@pytest.mark.parametrize("unique", [True, False])
def test_what_never_arrived_is_sent_again_after_the_quarantine(folder: Path, *, unique: bool) -> None:
    """A1's other half: absence counts only once a commit cannot come any more."""

    async def scenario(stage: Stage) -> None:
        stage.plan_faults(None, {"kind": "reset", "executed": False, **PUSH_OF_THE_INVOICE})
        await stage.sync()
        gave_up = stage.clock.now()
        stage.plan_faults()
        sent = pushes(stage)

        while not sent:
            await asyncio.sleep(60)
            await stage.sync()

        assert QUARANTINE_SECONDS <= (stage.clock.now() - gave_up).total_seconds()
        assert_once_each(stage)

    play(folder, scenario, unique=unique)


@pytest.mark.parametrize("unique", [True, False])
def test_every_answer_lost_for_two_hours_makes_one_record_each(folder: Path, *, unique: bool) -> None:
    """A3/A4: customers, invoices, memos and payments whose every answer is lost, run after run, 25 times."""

    async def scenario(stage: Stage) -> None:
        for number in range(25):
            answered: dict[str, Any] = {
                "kind": "commit_then_silence" if number % 2 else "reset",
                "operation": "push",
            }
            if not number % 2:
                answered["executed"] = number % 4 == 0
            stage.plan_faults(None, answered)
            await stage.sync()
            await asyncio.sleep(CRON_SECONDS)
        stage.plan_faults()
        await run_until_settled(stage)

        assert_once_each(stage)
        await assert_nothing_is_written(stage)

    play(folder, scenario, unique=unique, invoices=8, customers=4)


def test_twenty_five_sends_that_never_arrive_use_one_key(folder: Path) -> None:
    """A3/A4, A16: attempt, time and run have no part in the key."""

    async def scenario(stage: Stage) -> None:
        await stage.sync((ORDER[0],))
        sent = pushes(stage)
        stage.plan_faults(None, {"kind": "reset", "executed": False, "operation": "push"})
        while len(sent) < 25:
            await stage.sync((ORDER[1],))
            await asyncio.sleep(QUARANTINE_SECONDS)
        stage.plan_faults()
        await run_until_settled(stage)

        assert [[INVOICE]] * 26 == sent
        assert_once_each(stage)

    play(folder, scenario)


LOST = (
    {"kind": "reset", "executed": True},
    {"kind": "half_answer"},
    {"kind": "html", "status": 200, "executed": True},
    {"kind": "html", "status": 502, "executed": True},
    {"kind": "status", "status": 500, "executed": True},
    {"kind": "commit_then_silence"},
    {"kind": "error_but_committed"},
    {"kind": "error_but_committed", "code": "USER_ERROR"},
    {"kind": "error_but_committed", "code": "INSUFFICIENT_PERMISSION"},
)


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: "-".join(map(str, fault.values())))
def test_an_answer_that_says_nothing_certain_is_unknown_and_never_unsent(
    folder: Path, fault: Mapping[str, Any]
) -> None:
    """A5, A6, A8: reset, page or error after the body went out; the record is found, not made again."""

    async def scenario(stage: Stage) -> None:
        sent = pushes(stage)
        stage.plan_faults(None, {**fault, **PUSH_OF_THE_INVOICE})
        ended = await stage.sync()
        assert State.IN_DOUBT is entry(stage).state
        assert ended.error is None
        assert entry(stage).code

        stage.plan_faults()
        await run_until_settled(stage)

        assert 1 == sum(INVOICE in keys for keys in sent)
        assert [entry(stage).netsuite_id] == [one["id"] for one in invoices(stage)]
        await assert_nothing_is_written(stage)

    play(folder, scenario, unique=False)


def test_a_process_killed_at_any_boundary_is_taken_up_where_it_stopped(folder: Path) -> None:
    """A11: killed before or after each commit of the ledger, before, during or after each send; then restarted."""
    died: list[Boundary] = []
    at = 0

    async def scenario(stage: Stage) -> None:
        killed = await stage.sync(dies_at=at)
        if killed.died is None:
            return
        died.append(killed.died)
        await asyncio.sleep(CRON_SECONDS)
        await run_until_settled(stage, pause_seconds=QUARANTINE_SECONDS)
        assert_once_each(stage)
        await assert_nothing_is_written(stage)

    while at == len(died):
        at += 1
        play(folder, scenario, unique=at % 2 == 0)

    assert set(Boundary) == set(died)


def test_a_process_killed_while_netsuite_is_slow_sends_nothing_again(folder: Path) -> None:
    """A11 and A1: nobody recorded that the call left but the intent, and NetSuite commits ten minutes later."""

    async def scenario(stage: Stage) -> None:
        await stage.sync((ORDER[0],))
        sent = pushes(stage)
        stage.plan_faults(None, {"kind": "late_commit", "after_seconds": 600, "operation": "push"})
        stage.kill_at = Boundary.IN_FLIGHT
        assert Boundary.IN_FLIGHT is (await stage.sync()).died

        stage.kill_at = None
        stage.plan_faults()
        await run_until_settled(stage)

        assert [[INVOICE]] == sent
        assert_once_each(stage)

    play(folder, scenario, unique=False)


def test_an_answer_that_netsuite_rolled_back_is_not_taken_for_another_document(folder: Path) -> None:
    """A12: nobody sees it at once; what depends on it names it, and a new ledger sends it under the same key."""

    async def scenario(stage: Stage) -> None:
        sent = pushes(stage)
        stage.plan_faults(None, {"kind": "ok_without_commit", **PUSH_OF_THE_INVOICE})
        await stage.sync()
        stage.plan_faults()
        assert (State.POSTED, []) == (entry(stage).state, invoices(stage))
        await assert_nothing_is_written(stage)

        stage.lose_ledger()
        await run_until_settled(stage)

        assert [[INVOICE], [INVOICE]] == [keys for keys in sent if INVOICE in keys]
        assert_once_each(stage)

    play(folder, scenario)


def without(stage: Stage, *permissions: str) -> None:
    """Take permissions from the role that the integration logs in with."""
    account = stage.simulator.parts.account
    account.roles = {
        name: replace(
            role,
            permissions=MappingProxyType(
                {one: level for one, level in role.permissions.items() if one not in permissions}
            ),
        )
        for name, role in account.roles.items()
    }


def test_what_the_role_cannot_see_is_not_created(folder: Path) -> None:
    """A22: a look-up without the permission proves nothing, also after the quarantine; the permission is named."""

    async def scenario(stage: Stage) -> None:
        account = stage.simulator.parts.account
        roles = account.roles
        stage.plan_faults(None, {"kind": "commit_then_silence", **PUSH_OF_THE_INVOICE})
        await stage.sync()
        stage.plan_faults()
        sent = pushes(stage)

        without(stage, "TRAN_CUSTINVC")
        for _ in range(5):
            await asyncio.sleep(CRON_SECONDS)
            await stage.sync()
        blind = entry(stage)

        assert (State.IN_DOUBT, "INSUFFICIENT_PERMISSION") == (blind.state, blind.code)
        assert "Transactions > Invoice" in (blind.reason or "")
        assert [] == sent
        account.roles = roles
        await run_until_settled(stage)
        assert_once_each(stage)

    play(folder, scenario, unique=False)


def test_a_role_that_cannot_see_a_kind_creates_none_of_it(folder: Path) -> None:
    """A22, A31: the first look-up is the script's own; customers go on, the invoice is held for the permission."""

    async def scenario(stage: Stage) -> None:
        roles = stage.simulator.parts.account.roles
        without(stage, "TRAN_CUSTINVC")
        await stage.sync()
        held = entry(stage)

        assert (State.HELD, "INSUFFICIENT_PERMISSION") == (held.state, held.code)
        assert [] == invoices(stage)
        stage.simulator.parts.account.roles = roles
        await stage.replay_held()
        assert_once_each(stage)

    play(folder, scenario)


@pytest.mark.parametrize(
    "refusal",
    [{"kind": "limit"}, {"kind": "status", "status": 429}, {"kind": "status", "status": 429, "body": "html"}],
    ids=["in a 400", "in a 429", "as a page"],
)
def test_a_call_that_met_the_limit_is_deferred_and_burns_no_attempt(
    folder: Path, refusal: Mapping[str, Any]
) -> None:
    """A24: nothing was executed, so nothing is in doubt and nothing has failed."""

    async def scenario(stage: Stage) -> None:
        await stage.sync((ORDER[0],))
        stage.plan_faults(None, {**refusal, "operation": "push"})
        ended = await stage.sync()

        assert isinstance(ended.error, LimitError)
        assert (State.PENDING, 0) == (entry(stage).state, entry(stage).attempts)
        stage.plan_faults()
        await run_until_settled(stage)
        assert_once_each(stage)

    play(folder, scenario)


def test_a_limit_that_passes_is_not_even_seen(folder: Path) -> None:
    """A24: the call is made again, later each time, in the same run."""

    async def scenario(stage: Stage) -> None:
        stage.plan_faults(None, {"kind": "limit", "operation": "push", "count": 4})
        began = stage.clock.now()
        ended = await stage.sync()

        assert ended.error is None
        assert 2 < (stage.clock.now() - began).total_seconds()
        assert_once_each(stage)

    play(folder, scenario)


def test_a_false_login_error_slows_down_and_discards_nothing(folder: Path) -> None:
    """A26: too many calls at once may look like a refused login; the probe tells, and the run goes on."""

    async def scenario(stage: Stage) -> None:
        stage.plan_faults(None, {"kind": "false_login", "operation": "push", "calls": [2]})
        began = stage.clock.now()
        ended = await stage.sync()

        assert ended.error is None
        assert 5 <= (stage.clock.now() - began).total_seconds()
        assert_once_each(stage)

    play(folder, scenario)


def test_a_login_that_is_really_bad_stops_the_run_before_the_token_is_locked(folder: Path) -> None:
    """A26, A28: revoked in the middle of a run; one message, no attempt burned, and fewer than five refusals."""

    async def scenario(stage: Stage) -> None:
        account, desk = stage.simulator.parts.account, stage.simulator.parts.desk
        roles = account.roles
        await stage.sync((ORDER[0],))

        def revoke(_asked: dict[str, Any]) -> None:
            without(stage, "ADMI_LOGIN_OAUTH")

        stage.look = revoke
        ended = await stage.sync()

        assert isinstance(ended.error, AuthError)
        assert ended.error.hint
        assert (State.PENDING, 0) == (entry(stage).state, entry(stage).attempts)
        assert 0 < desk.audit.refused < 5
        account.roles, stage.look = roles, None
        await run_until_settled(stage)
        assert_once_each(stage)

    play(folder, scenario)
