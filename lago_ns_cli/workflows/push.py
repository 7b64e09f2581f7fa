"""The one module that writes to NetSuite: intent, send, compare, record."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from lago_ns_cli.domain.attempts import Entry, Outcome, OutcomeKind, State, StateChange
from lago_ns_cli.domain.backlog import Backlog, Room, is_urgent
from lago_ns_cli.domain.batching import (
    CallCosts,
    after_call,
    after_cut,
    batch_bound,
    batch_share,
    costs_like,
    weigh,
    weight_bound,
)
from lago_ns_cli.domain.doubt import ANSWERED_ENDS, DoubtEnd, DoubtVerdict, backoff, spread_of
from lago_ns_cli.domain.error_catalogue import Disposition, lookup
from lago_ns_cli.domain.exchange import PushResult
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.domain.pacing import Departure, waits_seconds
from lago_ns_cli.domain.plan import Action, Planned, as_change, as_intent, plan_wait
from lago_ns_cli.domain.read_back import compare_read_back
from lago_ns_cli.domain.run_record import Learned
from lago_ns_cli.domain.translation.context import Notice
from lago_ns_cli.errors import AuthError, InDoubtError, LimitError, RemoteError
from lago_ns_cli.workflows.login_watch import MOST_PROBES, LoginWatch
from lago_ns_cli.workflows.looking_up import change_after, judge, query_for, report_verdict
from lago_ns_cli.workflows.pacing import Pacer
from lago_ns_cli.workflows.ports import Clock, Ledger, NetSuite
from lago_ns_cli.workflows.reports import DocumentReported, Failure

_UNKNOWN_OUTCOME = "UNEXPECTED_ERROR"
"""NetSuite's save failed without a reason and the look-up after it failed too."""

_OURS_BUT_OTHERWISE = "LAGO_FINGERPRINT_DIFFERS"
"""The record with our key says something else. The other conflicts name a stranger's record, and
a link, which never changes, must not lead there."""

_DELIVERED = frozenset({"created", "adopted", "updated"})
_LOOK_UP_AFTER = timedelta(seconds=30)
_MOST_TRIES = 6
"""Attempts that count against a document before a person is asked."""

_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(minutes=15)

_OUT_OF_BUDGET = "LAGO_OUT_OF_BUDGET"
"""The script had no time or units left for a document, so it goes again."""

_SCRIPT_ENDED = "script_ended"
"""NetSuite ended the script over a document that was alone in a call."""

_FEWEST_IN_STOCK = 100
"""Documents that are decided ahead, where the places and batches are few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSettings:
    """How calls are made.

    Args:
        batch: Most documents in a call.
        concurrency: Most calls at once.
        patience: How often a call that met the account's limit is made again, while no other
            call gets through either.
    """

    batch: int = 20
    concurrency: int = 3
    patience: int = 12


class StoppedError(Exception):
    """The run was asked to stop; what was not sent stays as it was."""


class Pusher:
    """Pushes decisions as they come and records what became of them.

    Documents are offered at any time and wait in lanes, one a customer. Whenever a call may
    leave, the next batch is filled from them. For each call the intent is on disk before it
    leaves, and an entry is posted only after NetSuite's record was read back and found equal. A
    call that was refused before anything was executed leaves its entries pending; one whose
    answer was lost leaves them in doubt.

    To be used as a context: at its end no call is in flight.
    """

    def __init__(
        self,
        netsuite: NetSuite,
        ledger: Ledger,
        clock: Clock,
        settings: PushSettings,
        stop: asyncio.Event | None = None,
        pacer: Pacer | None = None,
        learned: Learned | None = None,
    ) -> None:
        self._netsuite = netsuite
        self._ledger = ledger
        self._clock = clock
        self._settings = settings
        self._stop = stop or asyncio.Event()
        self.pacer = pacer or Pacer(most=settings.concurrency, known_limit=settings.concurrency)
        self.pacer.on_free = self._dispatch
        self.figures = PushFigures()
        self._login = LoginWatch(netsuite, clock)
        self._costs = costs_like(learned) if learned is not None else CallCosts()
        self._tried: dict[Key, int] = {}
        self._alone: set[Key] = set()
        self._backlog = Backlog(weigh, self._company)
        self._under_way: set[Key] = set()
        self._calls: set[asyncio.Task[None]] = set()
        self._told: deque[DocumentReported] = deque()
        self._changed = asyncio.Event()
        self._failure: BaseException | None = None

    async def __aenter__(self) -> "Pusher":
        """Give the pusher."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Give up the calls in flight: their documents are in doubt."""
        self.pacer.close()
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    def offer(self, planned: Iterable[Planned], tried: Mapping[Key, int] | None = None) -> None:
        """Take documents into the backlog; one that is under way already stays as it is.

        Args:
            tried: Attempts that count against documents.
        """
        today = self._clock.now().date()
        for one in planned:
            key = one.subject.key
            if key in self._under_way:
                continue
            self._under_way.add(key)
            if tried and tried.get(key):
                self._tried[key] = tried[key]
            self._backlog.add(one, urgent=is_urgent(one, today))
        self._dispatch()

    def learned(self) -> Learned:
        """Tell what the next run should know of the account's speed."""
        return Learned(self.pacer.learned_limit, self._costs.per_call, self._costs.per_weight)

    def is_under_way(self, key: Key) -> bool:
        """Whether a document was offered and is not reported yet."""
        return key in self._under_way

    async def reports(self) -> AsyncIterator[DocumentReported]:
        """Give the reports there are, and wait for more while the backlog is full.

        Raises:
            StoppedError: The run was asked to stop; calls in flight were waited for.
            AuthError: The login was refused; what was not sent stays pending.
            RemoteError: NetSuite refused a call as a whole, or cannot be reached.
        """
        await asyncio.sleep(0)  # also where documents come without waiting, calls must leave
        async for report in self._until(lambda: self._backlog.count <= self._backlog_bound):
            yield report

    async def settle(
        self, keys: Collection[Key] | None = None, *, patience_seconds: float | None = None
    ) -> AsyncIterator[DocumentReported]:
        """Give reports until these documents, by default all, are not under way any more.

        Args:
            patience_seconds: Or until this much time has passed.

        Raises:
            As ``reports``.
        """
        loop = asyncio.get_running_loop()
        until = float("inf") if patience_seconds is None else loop.time() + patience_seconds
        alarm = None if patience_seconds is None else loop.call_at(until, self._changed.set)

        def enough() -> bool:
            mine = self._under_way if keys is None else self._under_way.intersection(keys)
            return not mine or loop.time() >= until

        try:
            async for report in self._until(enough):
                yield report
        finally:
            if alarm is not None:
                alarm.cancel()

    async def _until(self, enough: Callable[[], bool]) -> AsyncIterator[DocumentReported]:
        while True:
            while self._told:
                yield self._told.popleft()
            self._raise_if_over()
            if self._failure is None and enough():
                return
            await self._wait_for_news()

    def _raise_if_over(self) -> None:
        if self._calls:
            return
        if self._failure is not None:
            raise self._failure
        if self._stop.is_set() and self._under_way:
            raise StoppedError

    async def _wait_for_news(self) -> None:
        """Wait for a report or an end; a stop is news too where no call is in flight."""
        self._changed.clear()
        if self._calls or self._stop.is_set():
            await self._changed.wait()
            return
        await _first_of(self._changed.wait(), self._stop.wait())

    @property
    def _backlog_bound(self) -> int:
        return max(_FEWEST_IN_STOCK, 2 * self.pacer.pace.window * self._settings.batch)

    @property
    def _over(self) -> bool:
        return self._stop.is_set() or self._failure is not None

    def _dispatch(self) -> None:
        """Let as many calls leave as may; ask for more places where documents still wait."""
        while not self._over and self._backlog.ready and not self._login.probing:
            if not self.pacer.free:
                self.pacer.ask_for_more()
                return
            batch = self._backlog.take(self._room())
            call = asyncio.get_running_loop().create_task(self._send(batch, self.pacer.take()))
            self._calls.add(call)
            call.add_done_callback(self._ended)

    def _room(self) -> Room:
        most = batch_bound(self._costs, self._settings.batch)
        share = batch_share(self._costs, most, waiting=self._backlog.ready, free=self.pacer.free)
        return Room(share=share, most=most, weight=weight_bound(self._costs))

    def _company(self, planned: Planned) -> int | None:
        """With how many others a document may travel: fewer each time it failed."""
        key = planned.subject.key
        if key in self._alone:
            return 1
        tried = self._tried.get(key, 0)
        return self._settings.batch >> tried if tried else None

    def _ended(self, call: "asyncio.Task[None]") -> None:
        self._calls.discard(call)
        error = None if call.cancelled() else call.exception()
        # A failure counts more than a mere stop, which may only follow from it.
        if error is not None and isinstance(self._failure, StoppedError | None):
            self._failure = error
        self._changed.set()

    async def _send(self, batch: Sequence[Planned], departure: Departure) -> None:
        try:
            intents = [as_intent(planned) for planned in batch]
            self._ledger.record_intents(intents, self._clock.now())
        except BaseException:
            self.pacer.give_back()
            raise
        call = _Call(batch, [intent.payload for intent in intents], departure)
        try:
            results = await self._call(call)
        except asyncio.CancelledError:
            self._close(batch, self._given_up(call))
            raise
        except InDoubtError as error:
            await self._after_doubt(batch, error)
        except (RemoteError, StoppedError) as error:
            self._failure = self._failure or error
            self._close(batch, [self._not_executed(planned.subject.key, error) for planned in batch])
            raise
        else:
            self._after_answer(batch, results)

    async def _call(self, call: "_Call") -> Sequence[PushResult]:
        """Make a call; one that was refused before anything was executed is made again, later."""
        while True:
            call.is_out = True
            began = asyncio.get_running_loop().time()
            try:
                results = await self._netsuite.push(call.documents)
            except LimitError as error:
                call.is_out = False
                self.pacer.refused(call.departure)
                await self._after_refusal(call, error)
            except AuthError as error:
                call.is_out = False
                self.pacer.give_back()
                await self._after_login_error(call, error)
            except BaseException:
                self.pacer.give_back()
                raise
            else:
                self._learn(call, results, asyncio.get_running_loop().time() - began)
                return results
            call.departure = await self._place_again()

    async def _after_refusal(self, call: "_Call", error: LimitError) -> None:
        answered = self.pacer.pace.calls - self.pacer.pace.refused
        call.refusals = call.refusals + 1 if answered == call.answered_before else 1
        call.answered_before = answered
        if call.refusals > self._settings.patience:
            raise error
        spread = spread_of(f"{call.batch[0].subject.key}#{self.pacer.pace.refused}")
        await self._pause(error.retry_after_seconds or waits_seconds(call.refusals, spread))

    async def _after_login_error(self, call: "_Call", error: AuthError) -> None:
        call.login_errors += 1
        if call.login_errors > MOST_PROBES or not await self._login.works():
            raise error
        self.pacer.overloaded()
        self._dispatch()

    async def _place_again(self) -> Departure:
        await self._login.quiet()
        departure = await self.pacer.acquire()
        try:
            if self._over:
                raise StoppedError
            self._ledger.check_lease()
        except BaseException:
            self.pacer.give_back()
            raise
        return departure

    async def _pause(self, seconds: float) -> None:
        await _first_of(self._clock.sleep(seconds), self._stop.wait())
        if self._over:
            raise StoppedError

    def _judge(self, planned: Planned, result: PushResult | None) -> Outcome:
        key = planned.subject.key
        if result is None or result.outcome == "in_doubt" or result.code == _UNKNOWN_OUTCOME:
            message = (result.message if result else None) or "NetSuite's answer does not mention it"
            return self._in_doubt(key, InDoubtError(message, system="NetSuite"), result)
        if result.outcome in _DELIVERED:
            return self._delivered(planned, result)
        if result.outcome == "not_attempted":
            return Outcome(
                key=key,
                kind=OutcomeKind.NOT_ATTEMPTED,
                state=State.PENDING,
                code=result.code or "not_attempted",
                reason=result.message,
                answer=result.answer,
                counts=False,
            )
        return self._refused(key, result)

    def _refused(self, key: Key, result: PushResult) -> Outcome:
        """Hold a refused document, or plan another attempt where the catalogue says that one may help."""
        code = result.code or result.outcome
        tries = self._tries(key) + 1
        again = lookup(code).disposition is Disposition.RETRY and tries < _MOST_TRIES
        wait = backoff(key, tries, base=_FIRST_WAIT, longest=_LONGEST_WAIT)
        return Outcome(
            key=key,
            kind=OutcomeKind.REJECTED,
            state=State.PENDING if again else State.HELD,
            netsuite_id=result.id if result.code == _OURS_BUT_OTHERWISE else None,
            code=code,
            reason=result.message or f"NetSuite answered {result.outcome!r}",
            answer=result.answer,
            next_attempt_at=self._clock.now() + wait if again else None,
        )

    def _tries(self, key: Key) -> int:
        entry = self._ledger.entries([key]).get(key)
        return entry.attempts if entry is not None else 0

    def _delivered(self, planned: Planned, result: PushResult) -> Outcome:
        found = result.record
        if planned.record is None or result.id is None or found is None:
            error = InDoubtError("NetSuite answered without an id or without reading back", system="NetSuite")
            return self._in_doubt(planned.subject.key, error, result)
        linked_only = planned.action == "adopt"
        differences = [] if linked_only else compare_read_back(planned.record, found.fields)
        return Outcome(
            key=planned.subject.key,
            kind=OutcomeKind.ACCEPTED,
            state=State.HELD if differences else State.POSTED,
            # What is applied is another entry's record: the application gets no link of its own.
            netsuite_id=None if planned.action is Action.APPLY else result.id,
            code="read_back_differs" if differences else None,
            reason="; ".join(map(str, differences)) or None,
            answer=result.answer,
        )

    def _in_doubt(self, key: Key, error: InDoubtError, result: PushResult | None = None) -> Outcome:
        return Outcome(
            key=key,
            kind=OutcomeKind.IN_DOUBT,
            state=State.IN_DOUBT,
            code=error.code,
            reason=error.message,
            answer=result.answer if result else None,
            next_attempt_at=self._clock.now() + _LOOK_UP_AFTER,
        )

    def _not_executed(self, key: Key, error: RemoteError | StoppedError) -> Outcome:
        return Outcome(
            key=key,
            kind=OutcomeKind.NOT_ATTEMPTED,
            state=State.PENDING,
            code=error.code if isinstance(error, RemoteError) else "not_attempted",
            reason=error.message if isinstance(error, RemoteError) else _STOPPED,
            counts=False,
        )

    def _given_up(self, call: "_Call") -> list[Outcome]:
        keys = [planned.subject.key for planned in call.batch]
        if not call.is_out:
            return [self._not_executed(key, StoppedError()) for key in keys]
        lost = InDoubtError("the run was interrupted before NetSuite answered", system="NetSuite")
        return [self._in_doubt(key, lost) for key in keys]

    def _learn(self, call: "_Call", results: Sequence[PushResult], seconds: float) -> None:
        done = [
            planned for planned, result in zip(call.batch, results, strict=False) if _was_attempted(result)
        ]
        units = [result.units for result in results if result.units]
        self.figures.units += sum(units)
        weight = sum(map(weigh, done))
        expected = self._costs.expected_seconds(weight)
        if done:
            self._costs = after_call(
                self._costs, weight=weight, seconds=seconds, units=max(units, default=None)
            )
        if len(done) < len(call.batch):
            self._costs = after_cut(self._costs, len(done))
        self.pacer.answered(seconds / expected if expected else 1.0)

    def _after_answer(self, batch: Sequence[Planned], results: Sequence[PushResult]) -> None:
        by_key = _by_subject(batch, results)
        cut = [planned for planned in batch if not _was_attempted(by_key.get(planned.subject.key))]
        # A call that did not even begin one document says that none of them fits in a call.
        again = cut if len(cut) < len(batch) else []
        outcomes = [self._judge(planned, by_key.get(planned.subject.key)) for planned in batch]
        self._close(batch, outcomes, by_key, again)

    async def _after_doubt(self, batch: Sequence[Planned], error: InDoubtError) -> None:
        """Nobody knows what was executed; where NetSuite says that it ended the script, a look-up tells."""
        outcomes = [self._in_doubt(planned.subject.key, error) for planned in batch]
        if error.code not in ANSWERED_ENDS:
            self._close(batch, outcomes)
            return
        self._costs = after_cut(self._costs, len(batch) // 2)
        self._ledger.record_outcomes(outcomes, self._clock.now())
        try:
            verdicts = await self._look_up(batch)
        except RemoteError:
            self._report_all(batch, outcomes)
        else:
            self._after_look_up(batch, outcomes, verdicts, error)

    async def _look_up(self, batch: Sequence[Planned]) -> Mapping[Key, tuple[Entry, DoubtVerdict]]:
        keys = [planned.subject.key for planned in batch]
        entries, attempts = self._ledger.entries(keys), self._ledger.last_attempts(keys)
        known = [key for key in keys if key in entries and key in attempts]
        found = await self._netsuite.find([query_for(entries[key], attempts[key]) for key in known])
        now = self._clock.now()
        return {
            key: (entries[key], judge(entries[key], attempts[key], one, now, timedelta(0)))
            for key, one in zip(known, found, strict=True)
        }

    def _after_look_up(
        self,
        batch: Sequence[Planned],
        outcomes: Sequence[Outcome],
        verdicts: Mapping[Key, tuple[Entry, DoubtVerdict]],
        error: InDoubtError,
    ) -> None:
        """Send what is not there again: the first of it alone, since the script ended over it or soon after."""
        missing = [
            one
            for one in batch
            if (told := verdicts.get(one.subject.key)) and told[1].end is DoubtEnd.NOT_THERE
        ]
        culprits = [one for one in missing if one.subject.key in self._alone]
        again = [one for one in missing if one not in culprits]
        self._alone.update(one.subject.key for one in again[:1])
        self._ledger.record_changes([change_after(*told) for told in verdicts.values()], self._clock.now())
        self._hold(culprits, error)
        settled = [
            report_verdict(*told) for key, told in verdicts.items() if told[1].end is not DoubtEnd.NOT_THERE
        ]
        self._tell(settled)
        unseen = [at for at, one in enumerate(batch) if one.subject.key not in verdicts]
        self._tell([_report(batch[at], outcomes[at], None) for at in unseen])
        failed = [one.subject.key for one in (*culprits, *(batch[at] for at in unseen))]
        failed += [key for key, told in verdicts.items() if told[1].end in (DoubtEnd.DIFFERS, DoubtEnd.BLIND)]
        self._let_go(batch, failed, again)

    def _hold(self, culprits: Sequence[Planned], error: InDoubtError) -> None:
        """Hold what ends the script also where it is alone in a call."""
        reason = f"NetSuite ended the script while it worked on this document alone: {error.message}"
        self._ledger.record_changes(
            [
                StateChange(
                    subject=one.subject,
                    state=State.HELD,
                    code=_SCRIPT_ENDED,
                    reason=reason,
                    fingerprint=one.fingerprint,
                )
                for one in culprits
            ],
            self._clock.now(),
        )
        self._tell([_report_held(one, _SCRIPT_ENDED, reason) for one in culprits])

    def _close(
        self,
        batch: Sequence[Planned],
        outcomes: Sequence[Outcome],
        results: Mapping[Key, PushResult] | None = None,
        again: Sequence[Planned] = (),
    ) -> None:
        """Record what became of a batch, report it, and let its customers' next documents go."""
        self._ledger.record_outcomes(outcomes, self._clock.now())
        self._report_all(batch, outcomes, results, again)

    def _report_all(
        self,
        batch: Sequence[Planned],
        outcomes: Sequence[Outcome],
        results: Mapping[Key, PushResult] | None = None,
        again: Sequence[Planned] = (),
    ) -> None:
        later = {planned.subject.key for planned in again}
        ended = [pair for pair in zip(batch, outcomes, strict=True) if pair[1].key not in later]
        self._tell([_report(one, outcome, (results or {}).get(outcome.key)) for one, outcome in ended])
        self._let_go(batch, [outcome.key for one, outcome in ended if _is_missing(one, outcome)], again)

    def _tell(self, reports: Iterable[DocumentReported]) -> None:
        self._told.extend(reports)
        self._changed.set()

    def _let_go(self, batch: Sequence[Planned], failed: Collection[Key], again: Sequence[Planned]) -> None:
        """Let a batch's customers go on: with what goes again, and without the children of what failed."""
        later = {planned.subject.key for planned in again}
        self._forget(planned for planned in batch if planned.subject.key not in later)
        self._backlog.put_back(again)
        orphans = self._backlog.withdraw(batch, failed) if failed and not self._over else []
        waiting = [_behind(one, failed) for one in orphans]
        self._ledger.record_changes([as_change(one) for one in waiting], self._clock.now())
        self._tell([_report_waiting(one) for one in waiting])
        self._forget(orphans)
        self._backlog.arrived(batch)
        self._dispatch()

    def _forget(self, planned: Iterable[Planned]) -> None:
        for one in planned:
            key = one.subject.key
            self._under_way.discard(key)
            self._alone.discard(key)
            self._tried.pop(key, None)


@dataclass(slots=True)
class PushFigures:
    """What the calls of a run used up."""

    units: int = 0


@dataclass(slots=True)
class _Call:
    """A batch on its way.

    Attributes:
        is_out: Whether it was sent and not answered.
        refusals: How often it was refused since any call of the run got through.
        answered_before: Calls that had got through at its last refusal.
    """

    batch: Sequence[Planned]
    documents: Sequence[Mapping[str, object]]
    departure: Departure
    is_out: bool = False
    refusals: int = 0
    answered_before: int = -1
    login_errors: int = 0


_STOPPED = "the run was stopped before it could be sent"


async def _first_of(*waits: Coroutine[object, object, object]) -> None:
    """Wait for the first of some events; the others are not waited for any more."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _was_attempted(result: PushResult | None) -> bool:
    return result is None or result.outcome != "not_attempted" or result.code != _OUT_OF_BUDGET


def _is_missing(planned: Planned, outcome: Outcome) -> bool:
    """Whether children of a document have nothing to hang on."""
    return planned.action is Action.CREATE and outcome.state is not State.POSTED


def _behind(planned: Planned, failed: Collection[Key]) -> Planned:
    parent = next((key for key in planned.parents if key in failed), planned.parents[0])
    return plan_wait(planned.subject, parent, f"what it depends on ({parent}) is not in NetSuite yet")


def _report_waiting(planned: Planned) -> DocumentReported:
    return DocumentReported(
        kind=planned.subject.kind,
        lago_id=planned.subject.lago_id,
        number=planned.subject.number,
        state=State.WAITING,
        outcome="waiting",
        failure=Failure(code=planned.code or "parent_not_posted", message=planned.reason or ""),
        amount=planned.subject.amount,
        currency=planned.subject.currency,
    )


def _report_held(planned: Planned, code: str, reason: str) -> DocumentReported:
    return DocumentReported(
        kind=planned.subject.kind,
        lago_id=planned.subject.lago_id,
        number=planned.subject.number,
        state=State.HELD,
        outcome="held",
        failure=Failure(code=code, message=reason),
        notices=planned.notices,
        amount=planned.subject.amount,
        currency=planned.subject.currency,
    )


def _by_subject(batch: Sequence[Planned], results: Sequence[PushResult]) -> dict[Key, PushResult]:
    """Find each entry's result: an application is answered under the key of its memo."""
    by_record = {result.key: result for result in results}
    return {
        planned.subject.key: by_record[planned.record.key]
        for planned in batch
        if planned.record is not None and planned.record.key in by_record
    }


def _report(planned: Planned, outcome: Outcome, result: PushResult | None) -> DocumentReported:
    said = tuple(Notice(code, message) for code, message in (result.notices if result else ()))
    return DocumentReported(
        kind=planned.subject.kind,
        lago_id=planned.subject.lago_id,
        number=planned.subject.number,
        state=outcome.state,
        outcome=_word(outcome, result),
        netsuite_id=planned.netsuite_id if planned.action is Action.APPLY else outcome.netsuite_id,
        failure=_failure(outcome),
        notices=planned.notices + said,
        amount=planned.subject.amount,
        currency=planned.subject.currency,
    )


def _word(outcome: Outcome, result: PushResult | None) -> str:
    if outcome.state is State.POSTED and result is not None:
        return result.outcome
    return {
        State.HELD: "held",
        State.IN_DOUBT: "in_doubt",
        State.PENDING: "not_attempted",
    }.get(outcome.state, outcome.state.value)


def _failure(outcome: Outcome) -> Failure | None:
    if outcome.state is State.POSTED:
        return None
    return Failure(code=outcome.code or "unknown", message=outcome.reason or "no reason was given")
