"""One run over documents: decisions carried out, each document reported once."""

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import aclosing, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from lago_ns_cli.domain.attempts import Entry, State, StateChange
from lago_ns_cli.domain.exchange import Selection, Unreadable
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.domain.plan import WRITES, Action, Planned, as_change, plan_settled
from lago_ns_cli.domain.translation.context import Context
from lago_ns_cli.workflows.deciding import Rules, unreadable_subject
from lago_ns_cli.workflows.hints import hinted
from lago_ns_cli.workflows.ports import Clock, LagoSource, Ledger, NetSuite
from lago_ns_cli.workflows.push import Pusher
from lago_ns_cli.workflows.reports import DocumentReported, Failure, PlanReported, SyncEvent, report_on
from lago_ns_cli.workflows.run_log import RunLog

CHUNK = 100
"""Documents that are in memory at once: a page of Lago's lists."""

_Item = TypeVar("_Item")
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOptions:
    """What a sync run is asked to do.

    ``max_changes`` bounds the documents that are written; those beyond it are not attempted.
    ``sweep`` reads everything, whatever earlier runs have seen. An ``incremental`` run without a
    selection looks at what is new or still open (``discovery``); ``lookback`` is how long after its
    issuing date a document may become final, and ``started`` when the run began, by a clock that
    can be trusted.
    """

    selection: Selection
    rules: Rules
    dry_run: bool = False
    max_changes: int | None = None
    sweep: bool = False
    incremental: bool = False
    lookback: timedelta = timedelta(days=35)
    started: datetime | None = None


class Budget:
    """How many documents may still be written; None is no limit."""

    def __init__(self, left: int | None) -> None:
        self._left = left

    def take(self, writes: list[Planned]) -> tuple[list[Planned], list[Planned]]:
        """Divide writes into those that are within the budget and those beyond it."""
        if self._left is None:
            return writes, []
        now, later = writes[: self._left], writes[self._left :]
        self._left -= len(now)
        return now, later


class Run:
    """What the kinds of documents share during one run."""

    def __init__(
        self,
        lago: LagoSource,
        netsuite: NetSuite,
        ledger: Ledger,
        pusher: Pusher,
        clock: Clock,
        context: Context,
        options: SyncOptions,
        budget: Budget | None = None,
        log: RunLog | None = None,
    ) -> None:
        self.lago = lago
        self.netsuite = netsuite
        self.ledger = ledger
        self.clock = clock
        self.context = context
        self.options = options
        self._pusher = pusher
        self._budget = budget or Budget(options.max_changes)
        self._log = log

    def narrowed(self, selection: Selection, *, asked_by_id: bool = False) -> "Run":
        """Make the same run over other documents, within the same budget.

        Args:
            asked_by_id: Try held documents again.
        """
        rules = replace(self.options.rules, asked_by_id=asked_by_id)
        return Run(
            self.lago,
            self.netsuite,
            self.ledger,
            self._pusher,
            self.clock,
            self.context,
            replace(self.options, selection=selection, rules=rules),
            self._budget,
        )

    async def whole(self, events: AsyncGenerator[SyncEvent, None]) -> AsyncIterator[SyncEvent]:
        """Take the events of a run to its end: then no call is in flight, and the run is kept."""
        kept = nullcontext() if self._log is None else self._log.kept(self._pusher)
        with kept:
            async with self._pusher, aclosing(events):
                async for event in events:
                    if self._log is not None:
                        self._log.add(event)
                    yield event

    async def carry_out(self, planned: Sequence[Planned]) -> AsyncIterator[SyncEvent]:
        """Store decisions and hand writes to the pusher; a dry run only reports.

        Each document is reported once, here or in a later call: whichever comes when its call
        is answered. ``settle`` waits for those that are under way.
        """
        if self.options.dry_run:
            for one in planned:
                yield PlanReported(one)
            return
        fresh = [one for one in planned if not self._pusher.is_under_way(one.subject.key)]
        quiet = [one for one in fresh if one.action not in WRITES]
        self.ledger.record_changes([as_change(one) for one in quiet if one.stored], self.clock.now())
        for one in quiet:
            yield hinted(_report_decision(one))
        intended = [one for one in fresh if one.action in WRITES]
        entries = self.ledger.entries([one.subject.key for one in intended])
        due, early = self._due(intended, entries)
        for one, entry in early:
            yield _report_early(one, entry)
        writes, surplus = self._budget.take(due)
        self._pusher.offer(writes, {key: entry.attempts for key, entry in entries.items()})
        for one in surplus:
            yield _report_surplus(one)
        async for report in self._pusher.reports():
            yield hinted(report)

    async def settle(
        self, keys: Collection[Key] | None = None, *, patience_seconds: float | None = None
    ) -> AsyncIterator[SyncEvent]:
        """Wait for documents that are under way, by default for all; reports what is told meanwhile.

        Args:
            patience_seconds: How long; what is under way then is reported later.
        """
        async for report in self._pusher.settle(keys, patience_seconds=patience_seconds):
            yield hinted(report)

    def is_under_way(self, key: Key) -> bool:
        """Whether a document was handed to the pusher and is not reported yet."""
        return self._pusher.is_under_way(key)

    def _due(
        self, writes: Sequence[Planned], entries: Mapping[Key, Entry]
    ) -> tuple[list[Planned], list[tuple[Planned, Entry]]]:
        """Leave out what is not to be tried before a later time, unless it was asked for by its id."""
        if self.options.rules.asked_by_id:
            return list(writes), []
        now = self.clock.now()
        early = {
            key: entry
            for key, entry in entries.items()
            if entry.state is State.PENDING and entry.next_attempt_at and entry.next_attempt_at > now
        }
        return (
            [one for one in writes if one.subject.key not in early],
            [(one, early[one.subject.key]) for one in writes if one.subject.key in early],
        )

    def report_unreadable(self, chunk: Iterable[object]) -> list[SyncEvent]:
        """Hold the documents of a page that could not be read; the others went on."""
        unreadable = [one for one in chunk if isinstance(one, Unreadable)]
        if not self.options.dry_run:
            subjects = [(one, unreadable_subject(one)) for one in unreadable]
            entries = self.ledger.entries([subject.key for _, subject in subjects if subject])
            self.ledger.record_changes(
                [
                    StateChange(
                        subject=subject, state=State.HELD, code=one.error.code, reason=one.error.message
                    )
                    for one, subject in subjects
                    if subject is not None and plan_settled(subject, entries.get(subject.key)) is None
                ],
                self.clock.now(),
            )
        return [_report_unread(one) for one in unreadable]


_OUTCOMES = {Action.SKIP: "skipped", Action.HOLD: "held", Action.WAIT: "waiting"}
_STATES = {Action.SKIP: State.SKIPPED, Action.HOLD: State.HELD, Action.WAIT: State.WAITING}
_BY_CODE = {
    "already_posted": (State.POSTED, "unchanged"),
    "in_doubt": (State.IN_DOUBT, "in_doubt"),
    "not_final": (None, "not_final"),
    "unknown_status": (None, "not_final"),
}


def _report_decision(planned: Planned) -> DocumentReported:
    default = (_STATES[planned.action], _OUTCOMES[planned.action])
    state, outcome = _BY_CODE.get(planned.code or "", default)
    failure = None
    if state is not State.POSTED:
        failure = Failure(code=planned.code or outcome, message=planned.reason or outcome, hint=planned.hint)
    return report_on(
        planned.subject,
        state,
        outcome,
        netsuite_id=planned.netsuite_id,
        failure=failure,
        notices=planned.notices,
    )


def _report_early(planned: Planned, entry: Entry) -> DocumentReported:
    at = entry.next_attempt_at.isoformat(timespec="seconds") if entry.next_attempt_at else "a later time"
    return DocumentReported(
        kind=planned.subject.kind,
        lago_id=planned.subject.lago_id,
        number=planned.subject.number,
        state=State.PENDING,
        outcome="waiting",
        failure=Failure(
            code=entry.code or "pending",
            message=f"{entry.reason or 'the last attempt failed'}; the next attempt is at {at}",
        ),
    )


def _report_surplus(planned: Planned) -> DocumentReported:
    return DocumentReported(
        kind=planned.subject.kind,
        lago_id=planned.subject.lago_id,
        number=planned.subject.number,
        state=None,
        outcome="not_attempted",
        failure=Failure(
            code="max_changes",
            message="the run was limited by --max-changes",
            hint="Run the command again for the rest.",
        ),
    )


def _report_unread(unreadable: Unreadable) -> DocumentReported:
    error = unreadable.error
    return DocumentReported(
        kind=unreadable.kind,
        lago_id=unreadable.lago_id,
        number=unreadable.number,
        state=State.HELD if unreadable.lago_id else None,
        outcome="held",
        failure=Failure(code=error.code, message=error.message, hint=error.hint),
    )


def readable(chunk: Iterable[_Item | Unreadable]) -> list[_Item]:
    """Keep what could be read."""
    return [one for one in chunk if not isinstance(one, Unreadable)]


async def chunks(items: AsyncIterator[_Item], size: int = CHUNK) -> AsyncIterator[list[_Item]]:
    """Gather a stream into lists of at most ``size``."""
    chunk: list[_Item] = []
    async for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def fetch_each(
    items: Iterable[_Item], fetch: Callable[[_Item], Awaitable[_Found]], at_once: int
) -> dict[_Item, _Found]:
    """Fetch something for each item, at most ``at_once`` at a time."""
    places = asyncio.Semaphore(at_once)

    async def one(item: _Item) -> tuple[_Item, _Found]:
        async with places:
            return item, await fetch(item)

    return dict(await asyncio.gather(*(one(item) for item in dict.fromkeys(items))))
