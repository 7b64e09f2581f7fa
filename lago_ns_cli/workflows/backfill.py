"""All that was issued since a day, month by month: resumable, and tied out."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection
from dataclasses import dataclass, field
from datetime import date, timedelta

from lago_ns_cli.domain.backfill import BackfillMark, left_of, months
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.domain.tie_out import TieOut
from lago_ns_cli.workflows.calls import StoppedError
from lago_ns_cli.workflows.discovery import Discovery
from lago_ns_cli.workflows.doubts import settle_doubts
from lago_ns_cli.workflows.reports import DocumentReported, SyncEvent
from lago_ns_cli.workflows.run import Run
from lago_ns_cli.workflows.sync import ORDER, apply_memos, carry_out_step, resume, steps_of
from lago_ns_cli.workflows.tying import Witness

MARK = "backfill"
"""The mark that says how far the last backfill came that did not come to its end."""

_LISTED = (Kind.INVOICE, Kind.CREDIT_NOTE)
"""The kinds that Lago counts by issuing date."""


@dataclass(slots=True)
class Backfill:
    """A backfill on its way; whoever shows its progress looks here.

    Attributes:
        months: All of it, the oldest first.
        left: What is left, the month under way included.
        expected: How many invoices and credit notes Lago lists for what this run has to do; None
            until that is known.
        seen: How many of them were reported.
        has_gap: Whether a month holds documents that were met and left out; from there on, nothing
            counts as done.
        tie_out: Of the months that this run went through to their end.
    """

    months: list[Selection] = field(default_factory=list)
    left: list[Selection] = field(default_factory=list)
    expected: int | None = None
    seen: int = 0
    has_gap: bool = False
    tie_out: TieOut = field(default_factory=TieOut)

    @property
    def share_done(self) -> float | None:
        """How much of it is done, from 0 to 1; None where that cannot be told."""
        return min(self.seen / self.expected, 1.0) if self.expected else None


async def run_backfill(
    run: Run, kinds: Collection[Kind], backfill: Backfill, *, quarantine: timedelta, stop: asyncio.Event
) -> AsyncIterator[SyncEvent]:
    """Bring all that was issued since a day to NetSuite, the oldest month first.

    A month that is done is remembered; the same command goes on behind it. Months that a document
    may still become final in are looked at again.

    Args:
        stop: Ends the run, also while it only reads.

    Raises:
        As ``sync``; ``StoppedError`` where the run was asked to stop.
    """
    today = (run.options.started or run.clock.now()).date()
    asked = run.options.selection
    backfill.months = months(asked, today)
    settled_before = today - run.options.lookback
    backfill.left = left_of(backfill.months, asked, run.ledger.mark(MARK), settled_before)
    witness = Witness(run.ledger, run.options.rules.sync_from)
    try:
        whole = _all_of(run, kinds, backfill, witness, quarantine)
        async for event in run.whole(_until_stopped(run, whole, stop)):
            yield event
    finally:
        backfill.tie_out = witness.tie_out()
    run.ledger.record_mark(MARK, None, run.clock.now())


async def _until_stopped(
    run: Run, events: AsyncIterator[SyncEvent], stop: asyncio.Event
) -> AsyncGenerator[SyncEvent, None]:
    async for event in events:
        yield event
        if stop.is_set():
            async for rest in run.settle():
                yield rest
            raise StoppedError


async def _all_of(
    run: Run, kinds: Collection[Kind], backfill: Backfill, witness: Witness, quarantine: timedelta
) -> AsyncGenerator[SyncEvent, None]:
    async for event in settle_doubts(run, quarantine):
        yield event
    if Kind.CUSTOMER in kinds:
        async for event in carry_out_step(run, steps_of(run, Discovery(run))[Kind.CUSTOMER]):
            yield event
    backfill.expected = await _count(run, kinds, backfill.left)
    while backfill.left:
        month = backfill.left[0]
        async for event in _month(run.narrowed(month), kinds, backfill, witness):
            yield event
        backfill.left.pop(0)
        witness.close_part()
    async for event in resume(run, kinds):
        yield event
    async for event in apply_memos(run, kinds):
        yield event


async def _month(
    run: Run, kinds: Collection[Kind], backfill: Backfill, witness: Witness
) -> AsyncIterator[SyncEvent]:
    discovery = Discovery(run, witness=witness.see)
    steps = steps_of(run, discovery)
    for kind in ORDER:
        if kind is not Kind.CUSTOMER and kind in kinds:
            async for event in carry_out_step(run, steps[kind]):
                discovery.heard(event)
                backfill.seen += isinstance(event, DocumentReported) and event.kind in _LISTED
                yield event
    backfill.has_gap = backfill.has_gap or discovery.left_out
    if run.options.selection.until is not None and not backfill.has_gap:
        _remember(run, backfill.months[0].since, run.options.selection.until, backfill)


def _remember(run: Run, since: date | None, done_until: date, backfill: Backfill) -> None:
    last = backfill.months[-1]
    asked = Selection(
        since=since, until=last.until, customer=last.customer, billing_entity=last.billing_entity
    )
    run.ledger.record_mark(MARK, BackfillMark(asked, done_until).as_text(), run.clock.now())


async def _count(run: Run, kinds: Collection[Kind], left: Collection[Selection]) -> int | None:
    """Ask Lago how many documents there are; two calls."""
    if not left:
        return 0
    first, *_, last = (*left, *left)
    whole = Selection(
        since=first.since, until=last.until, customer=first.customer, billing_entity=first.billing_entity
    )
    counts = [await run.lago.count(kind, whole) for kind in _LISTED if kind in kinds]
    return sum(one for one in counts if one is not None) if any(counts) else None
