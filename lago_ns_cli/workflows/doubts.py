"""Entries whose answer was lost: looked up, and only then posted, held or sent again."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from lago_ns_cli.domain.attempts import Entry, Outcome, OutcomeKind, State
from lago_ns_cli.domain.carrying_on import CARRIED_ON_BY
from lago_ns_cli.domain.doubt import DoubtEnd
from lago_ns_cli.workflows.looking_up import (
    change_after,
    customer_of,
    judge,
    query_for,
    report_verdict,
    still_in_doubt,
)
from lago_ns_cli.workflows.ports import Clock, Ledger
from lago_ns_cli.workflows.reports import SyncEvent
from lago_ns_cli.workflows.run import Run


async def settle_doubts(run: Run, quarantine: timedelta) -> AsyncIterator[SyncEvent]:
    """Look up the entries in doubt whose time has come, those that a dead process left among them.

    Args:
        quarantine: How long after our side gave up nothing may be sent again.

    Yields:
        One report for each entry that left the doubt, or is still in it.

    Raises:
        RemoteError: NetSuite cannot be asked.
    """
    if run.options.dry_run:
        return
    doubt_the_abandoned(run.ledger, run.clock)
    now = run.clock.now()
    entries = [entry for entry in run.ledger.entries_in({State.IN_DOUBT}) if entry.kind not in CARRIED_ON_BY]
    due = due_entries(entries, now)
    async for event in look_up_now(run, due, quarantine):
        yield event
    for entry in entries:
        if entry not in due:
            yield still_in_doubt(entry, entry.reason or "its answer was lost")


async def look_up_now(run: Run, entries: Sequence[Entry], quarantine: timedelta) -> AsyncIterator[SyncEvent]:
    """Look entries up, whatever the schedule says; the quarantine still holds.

    A held entry with a link is posted if its record is now as meant, and stays held otherwise.

    Raises:
        RemoteError: NetSuite cannot be asked.
    """
    attempts = run.ledger.last_attempts([entry.key for entry in entries])
    known = [entry for entry in entries if entry.key in attempts]
    if not known:
        return
    found = await run.netsuite.find([query_for(entry, attempts[entry.key]) for entry in known])
    links = run.ledger.links([customer_of(entry) for entry in known])
    for entry, result in zip(known, found, strict=True):
        customer = links.get(customer_of(entry))
        verdict = judge(entry, attempts[entry.key], result, run.clock.now(), quarantine, customer)
        if entry.state is State.HELD and verdict.end is not DoubtEnd.POSTED:
            verdict = replace(verdict, end=DoubtEnd.DIFFERS, reason=verdict.reason or entry.reason)
        run.ledger.record_changes([change_after(entry, verdict)], run.clock.now())
        yield report_verdict(entry, verdict)


def doubt_the_abandoned(ledger: Ledger, clock: Clock) -> None:
    """Put into doubt what is still marked as being sent.

    The run holds the account, so whoever marked it is gone, and nobody knows what became of it.
    """
    now = clock.now()
    abandoned = ledger.entries_in({State.SENDING})
    ledger.record_outcomes(
        [
            Outcome(
                key=entry.key,
                kind=OutcomeKind.IN_DOUBT,
                state=State.IN_DOUBT,
                code="process_died",
                reason="the process that sent it ended before the answer was recorded",
                next_attempt_at=now,
            )
            for entry in abandoned
        ],
        now,
    )


def due_entries(entries: Sequence[Entry], now: datetime) -> list[Entry]:
    """Keep the entries that may be tried now."""
    return [entry for entry in entries if entry.next_attempt_at is None or entry.next_attempt_at <= now]
