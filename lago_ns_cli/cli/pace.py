"""How fast a run may be: from the settings, and from what earlier runs learned."""

from lago_ns_cli.domain.run_record import PACE_MARK, Learned, read_learned
from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.settings.models import PushSettings
from lago_ns_cli.workflows.pacing import Pacer
from lago_ns_cli.workflows.ports import Clock
from lago_ns_cli.workflows.run_log import RunLog

MOST_CALLS = 100
"""Calls at once, where the limit is to be learned: more than any account is sold with."""


def load_learned(ledger: SqlLedger) -> Learned:
    """Load what the last run learned of the account's speed."""
    return read_learned(ledger.mark(PACE_MARK))


def open_pacer(settings: PushSettings, learned: Learned) -> Pacer:
    """Make what hands out the places for calls.

    Args:
        learned: By the last run. A number in the settings is where a run starts and what it
            never goes beyond.
    """
    if settings.concurrency == "auto":
        return Pacer(most=MOST_CALLS, leave_free=settings.leave_free, known_limit=learned.limit)
    return Pacer(most=settings.concurrency, known_limit=settings.concurrency, learns=False)


def open_run_log(ledger: SqlLedger, clock: Clock) -> RunLog | None:
    """Make the record of a run that holds the account; what writes nothing is not kept."""
    lease = ledger.lease
    return None if lease is None else RunLog(ledger, clock, run=lease.owner, command=lease.doing)
