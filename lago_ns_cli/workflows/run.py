"""One run over documents: decisions carried out, each document reported once."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lago_ns_cli.domain.attempts import State, StateChange
from lago_ns_cli.domain.exchange import Selection, Unreadable
from lago_ns_cli.domain.plan import WRITES, Action, Planned, as_change, plan_settled
from lago_ns_cli.domain.translation.context import Context
from lago_ns_cli.workflows.deciding import Rules, unreadable_subject
from lago_ns_cli.workflows.ports import Clock, LagoSource, Ledger, NetSuite
from lago_ns_cli.workflows.push import Pusher
from lago_ns_cli.workflows.reports import DocumentReported, Failure, PlanReported, SyncEvent

CHUNK = 100
"""Documents that are in memory at once: a page of Lago's lists."""

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOptions:
    """What a sync run is asked to do.

    ``max_changes`` bounds the documents that are written; those beyond it are not attempted.
    """

    selection: Selection
    rules: Rules
    dry_run: bool = False
    max_changes: int | None = None


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
    ) -> None:
        self.lago = lago
        self.netsuite = netsuite
        self.ledger = ledger
        self.clock = clock
        self.context = context
        self.options = options
        self._pusher = pusher
        self._changes_left = options.max_changes

    async def carry_out(self, planned: Sequence[Planned]) -> AsyncIterator[SyncEvent]:
        """Store decisions, push writes, and report each document once; a dry run only reports."""
        if self.options.dry_run:
            for one in planned:
                yield PlanReported(one)
            return
        quiet = [one for one in planned if one.action not in WRITES]
        self.ledger.record_changes([as_change(one) for one in quiet if one.stored], self.clock.now())
        for one in quiet:
            yield _report_decision(one)
        writes, surplus = self._within_budget([one for one in planned if one.action in WRITES])
        async for report in self._pusher.push(writes):
            yield report
        for one in surplus:
            yield _report_surplus(one)

    def _within_budget(self, writes: list[Planned]) -> tuple[list[Planned], list[Planned]]:
        if self._changes_left is None:
            return writes, []
        now, later = writes[: self._changes_left], writes[self._changes_left :]
        self._changes_left -= len(now)
        return now, later

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
    subject = planned.subject
    default = (_STATES[planned.action], _OUTCOMES[planned.action])
    state, outcome = _BY_CODE.get(planned.code or "", default)
    failure = None
    if state is not State.POSTED:
        failure = Failure(code=planned.code or outcome, message=planned.reason or outcome, hint=planned.hint)
    return DocumentReported(
        kind=subject.kind,
        lago_id=subject.lago_id,
        number=subject.number,
        state=state,
        outcome=outcome,
        netsuite_id=planned.netsuite_id,
        failure=failure,
        notices=planned.notices,
        amount=subject.amount,
        currency=subject.currency,
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
