"""One run an account: who is refused, who takes over, and who may not write any more."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from lago_ns_cli.domain.attempts import Fact, State
from lago_ns_cli.domain.audit import AuditEvent, AuditQuery
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.domain.lease import LEASE_TTL, Owner
from lago_ns_cli.errors import LeaseHeldError, LeaseLostError, LedgerError
from lago_ns_cli.ledger.processes import is_alive, this_process
from lago_ns_cli.ledger.store import SqlLedger
from tests.adapters.ledger.builders import AT, LATER, OWNER, accepted, change, hold, intent

KEY = Key("lago:inv:1")
SECOND = timedelta(seconds=1)


@pytest.fixture
def other(url: str, ledger: SqlLedger) -> Iterator[SqlLedger]:
    """Open the ledger a second time, for another run; ``ledger`` holds the account."""
    with SqlLedger(url, profile="default", account="1234567_SB1") as opened:
        yield opened


def test_a_second_run_is_told_who_runs_since_when_doing_what(other: SqlLedger) -> None:
    """Everything that a person needs to find the other run."""
    with pytest.raises(LeaseHeldError) as caught:
        hold(other, "run-2", at=LATER, alive=True)

    for words in (
        "1234567_SB1",
        "`sync all`",
        "profile default",
        "on here",
        "process 101",
        "2026-08-14 09:30",
    ):
        assert words in caught.value.message
    assert "--wait" in str(caught.value.hint)
    assert other.lease is None


@pytest.mark.parametrize(
    ("silence", "alive", "taken"),
    [
        (SECOND, True, False),  # it runs
        (SECOND, None, False),  # it may run: another machine, another container
        (SECOND, False, True),  # its process is gone
        (LEASE_TTL, None, False),  # silent, but not for long enough
        (LEASE_TTL + SECOND, None, True),  # silent for too long
        (LEASE_TTL + SECOND, True, True),  # hung or stopped: its token will tell
        (-LEASE_TTL - SECOND, None, False),  # a heartbeat from the future proves nothing
    ],
)
def test_a_lease_is_taken_over_from_the_dead_only(
    other: SqlLedger, silence: timedelta, alive: bool | None, taken: bool
) -> None:
    """Provably dead, or not heard of for longer than the ttl."""
    if not taken:
        with pytest.raises(LeaseHeldError):
            hold(other, "run-2", at=AT + silence, alive=alive)
        return

    assert 2 == hold(other, "run-2", at=AT + silence, alive=alive).token


def test_a_heartbeat_keeps_a_lease(ledger: SqlLedger, other: SqlLedger) -> None:
    """What counts is when the run was last heard of, not when it began."""
    ledger.renew_lease(AT + LEASE_TTL)

    with pytest.raises(LeaseHeldError, match="last heard of at 09:35:00"):
        hold(other, "run-2", at=AT + LEASE_TTL + SECOND)


def test_every_lease_has_a_greater_token(ledger: SqlLedger, other: SqlLedger) -> None:
    """Also one that was given back in between, or an old run could pass for a new one."""
    tokens = []
    for holder in (other, ledger, other):
        (ledger if holder is other else other).release_lease()
        tokens.append(hold(holder, "next").token)

    assert [2, 3, 4] == tokens


def test_a_run_that_was_taken_for_dead_writes_nothing(ledger: SqlLedger, other: SqlLedger) -> None:
    """It was stopped, another took over, and it goes on: refused in the very transaction of the write."""
    ledger.record_intents([intent()], AT)
    hold(other, "run-2", at=LATER + SECOND, alive=None)

    writes: list[Callable[[], None]] = [
        lambda: ledger.record_intents([intent("2")], LATER),
        lambda: ledger.record_outcomes([accepted()], LATER),
        lambda: ledger.record_changes([change("3")], LATER),
        lambda: ledger.record_facts([Fact(KEY, "paid", "1")], LATER),
        lambda: ledger.renew_lease(LATER),
        ledger.check_lease,
    ]
    for write in writes:
        with pytest.raises(LeaseLostError, match=r"lost NetSuite account 1234567_SB1 to `sync all` on here"):
            write()

    assert [KEY] == [entry.key for entry in other.entries_in(list(State))]
    assert {} == other.facts([KEY])


def test_giving_back_a_lost_lease_does_not_take_it_from_the_other(
    ledger: SqlLedger, other: SqlLedger
) -> None:
    """The late run ends, and the one that took over still holds the account."""
    hold(other, "run-2", alive=False)

    ledger.release_lease()

    other.check_lease()
    assert "run-2" == getattr(other.current_lease(), "owner", None)


def test_a_takeover_stands_in_the_trail(other: SqlLedger) -> None:
    """Who, from whom, and why."""
    hold(other, "run-2", alive=False, pid=202)

    (entry,) = other.trail.entries(AuditQuery(event=AuditEvent.LEASE))
    told = entry.told()
    assert ("run-2", 2) == (entry.run, told["token"])
    assert "process 101" in str(told["taken_from"])
    assert "process 202" in str(told["taken_by"])
    assert "has ended" in str(told["because"])


def test_without_the_account_nothing_is_sent(other: SqlLedger) -> None:
    """A ledger that was opened to read, or for a dry run, refuses intents."""
    with pytest.raises(LedgerError, match="does not hold its account"):
        other.record_intents([intent()], AT)

    assert {} == other.counts()


def test_two_profiles_of_one_account_share_its_lease(url: str, ledger: SqlLedger) -> None:
    """Two runs at once would overrun the account's limit and race for the same customers."""
    with SqlLedger(url, profile="second", account="1234567-sb1") as second:
        with pytest.raises(LeaseHeldError, match="of profile default"):
            hold(second, "run-2", alive=True)

        ledger.release_lease()
        assert 2 == hold(second, "run-2", alive=True).token


def test_other_accounts_are_not_in_the_way(url: str, ledger: SqlLedger) -> None:
    """One ledger may serve many accounts at once."""
    with SqlLedger(url, profile="production", account="1234567") as production:
        assert 1 == hold(production, alive=True).token


SLEEPER = """
import sys
from datetime import UTC, datetime
from lago_ns_cli.ledger.processes import this_process
from lago_ns_cli.ledger.store import SqlLedger
ledger = SqlLedger(sys.argv[1], profile="default", account="1")
ledger.acquire_lease(this_process("victim"), "sync all", datetime.now(UTC))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_killed_process_loses_its_lease_at_once(url: str) -> None:
    """A real process with the account is killed; before that, another is refused, after it, not."""
    victim = subprocess.Popen(
        [sys.executable, "-c", SLEEPER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with victim, SqlLedger(url, profile="default", account="1") as ledger:
        assert victim.stdout is not None
        assert "held\n" == victim.stdout.readline()
        lease = ledger.current_lease()
        assert lease is not None
        with pytest.raises(LeaseHeldError, match=f"process {victim.pid}"):
            ledger.acquire_lease(this_process("next"), "sync all", lease.since)

        victim.kill()
        os.waitid(os.P_PID, victim.pid, os.WEXITED | os.WNOWAIT)  # dead, and not yet noticed by its parent
        taken = ledger.acquire_lease(this_process("next"), "sync all", lease.since)

        assert lease.token + 1 == taken.token


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_process_is_known_by_more_than_its_number() -> None:
    """Numbers are used again, and every container counts from 1."""
    me = this_process("run")

    assert is_alive(me) is True
    assert is_alive(replace(me, process_start="1")) is False
    assert is_alive(replace(me, pid=2**22 + 1)) is False
    assert is_alive(replace(me, pid_scope="another boot")) is None
    assert is_alive(OWNER) is None
    assert is_alive(Owner(run="r", host="h", pid=1, pid_scope="", process_start="")) is None
