"""The one module that writes to NetSuite: intent, send, compare, record."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from lago_ns_cli.domain.attempts import Entry, Outcome, State, StateChange
from lago_ns_cli.domain.doubt import ANSWERED_ENDS, DoubtEnd, DoubtVerdict
from lago_ns_cli.domain.exchange import PushResult
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.domain.plan import Planned, as_change, as_intent
from lago_ns_cli.domain.run_record import Learned
from lago_ns_cli.errors import InDoubtError, RemoteError
from lago_ns_cli.workflows.batches import Batches
from lago_ns_cli.workflows.calls import Call, Caller, StoppedError, first_of
from lago_ns_cli.workflows.judging import Judge, by_subject, is_missing, was_attempted
from lago_ns_cli.workflows.looking_up import change_after, judge, query_for, report_verdict
from lago_ns_cli.workflows.outcome_reports import behind, report_held, report_outcome, report_waiting
from lago_ns_cli.workflows.pacing import Pacer
from lago_ns_cli.workflows.ports import Clock, Ledger, NetSuite
from lago_ns_cli.workflows.reports import DocumentReported

_SCRIPT_ENDED = "script_ended"
"""NetSuite ended the script over a document that was alone in a call."""


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
        self._stop = stop or asyncio.Event()
        self.pacer = pacer or Pacer(most=settings.concurrency, known_limit=settings.concurrency)
        self.pacer.on_free = self._dispatch
        self.figures = PushFigures()
        self._judge = Judge(ledger, clock)
        self._batches = Batches(settings.batch, self.pacer, self._dispatch, learned)
        self._backlog = self._batches.backlog
        self._caller = Caller(
            netsuite,
            ledger,
            clock,
            self.pacer,
            patience=settings.patience,
            stop=self._stop,
            is_over=lambda: self._over,
        )
        self._under_way: set[Key] = set()
        self._calls: dict[asyncio.Task[None], float] = {}
        self._told: deque[DocumentReported] = deque()
        self._changed = asyncio.Event()
        self._failure: BaseException | None = None

    async def __aenter__(self) -> "Pusher":
        """Give the pusher."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Give up the calls in flight: their documents are in doubt."""
        self.pacer.close()
        self._batches.stop_waiting()
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    def offer(self, planned: Iterable[Planned], tried: Mapping[Key, int] | None = None) -> None:
        """Take documents into the backlog; one that is under way already stays as it is.

        Args:
            tried: Attempts that count against documents.
        """
        fresh: dict[Key, Planned] = {}
        for one in planned:
            if one.subject.key not in self._under_way:
                fresh.setdefault(one.subject.key, one)
        self._under_way |= fresh.keys()
        self._batches.add(fresh.values(), tried or {}, self._clock.now().date())
        self._dispatch()

    def learned(self) -> Learned:
        """Tell what the next run should know of the account's speed."""
        costs = self._batches.costs
        return Learned(self.pacer.learned_limit, costs.per_call, costs.per_weight)

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
        async for report in self._until(lambda: not self._batches.is_full):
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

        if not enough():  # else nobody waits, and calls may be filled up with what comes
            self._batches.more_comes = False
            self._dispatch()
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
        await first_of(self._changed.wait(), self._stop.wait())

    @property
    def _over(self) -> bool:
        return self._stop.is_set() or self._failure is not None

    def _dispatch(self) -> None:
        """Let as many calls leave as may; ask for more places where documents still wait."""
        while not self._over and self._backlog.ready and not self._caller.is_probing:
            if not self.pacer.free:
                self.pacer.ask_for_more()
                return
            batch = self._batches.next(list(self._calls.values()))
            if not batch:
                return
            loop = asyncio.get_running_loop()
            self.pacer.take()
            call = loop.create_task(self._send(batch))
            self._calls[call] = loop.time()
            call.add_done_callback(self._ended)
            self._changed.set()  # there may be room for more documents

    def _ended(self, call: "asyncio.Task[None]") -> None:
        self._calls.pop(call, None)
        error = None if call.cancelled() else call.exception()
        # A failure counts more than a mere stop, which may only follow from it.
        if error is not None and isinstance(self._failure, StoppedError | None):
            self._failure = error
        self._changed.set()

    async def _send(self, batch: Sequence[Planned]) -> None:
        try:
            intents = [as_intent(planned) for planned in batch]
            self._ledger.record_intents(intents, self._clock.now())
        except BaseException:
            self.pacer.give_back(was_out=False)
            raise
        call = Call(batch, [intent.payload for intent in intents])
        try:
            results = await self._caller.push(call)
        except asyncio.CancelledError:
            self._close(batch, self._given_up(call))
            raise
        except InDoubtError as error:
            await self._after_doubt(batch, error)
        except (RemoteError, StoppedError) as error:
            self._failure = self._failure or error
            self._close(batch, self._unsent(batch, error))
            raise
        else:
            self.figures.units += sum(result.units for result in results if result.units)
            self.pacer.answered(self._batches.learn(batch, results, call.seconds))
            self._after_answer(batch, results)

    def _unsent(self, batch: Sequence[Planned], error: RemoteError | StoppedError) -> list[Outcome]:
        cause = error if isinstance(error, RemoteError) else None
        return [self._judge.not_executed(planned.subject.key, cause) for planned in batch]

    def _given_up(self, call: Call) -> list[Outcome]:
        keys = [planned.subject.key for planned in call.batch]
        if not call.is_out:
            return [self._judge.not_executed(key, None) for key in keys]
        lost = InDoubtError("the run was interrupted before NetSuite answered", system="NetSuite")
        return [self._judge.in_doubt(key, lost) for key in keys]

    def _after_answer(self, batch: Sequence[Planned], results: Sequence[PushResult]) -> None:
        by_key = by_subject(batch, results)
        cut = [planned for planned in batch if not was_attempted(by_key.get(planned.subject.key))]
        # A call that did not even begin one document says that none of them fits in a call.
        again = cut if len(cut) < len(batch) else []
        outcomes = [self._judge.judge(planned, by_key.get(planned.subject.key)) for planned in batch]
        self._close(batch, outcomes, by_key, again)

    async def _after_doubt(self, batch: Sequence[Planned], error: InDoubtError) -> None:
        """Nobody knows what was executed; where NetSuite says that it ended the script, a look-up tells."""
        outcomes = [self._judge.in_doubt(planned.subject.key, error) for planned in batch]
        if error.code not in ANSWERED_ENDS:
            self._close(batch, outcomes)
            return
        self._batches.cut(len(batch) // 2)
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
        culprits = [one for one in missing if one.subject.key in self._batches.alone]
        again = [one for one in missing if one not in culprits]
        self._batches.alone.update(one.subject.key for one in again[:1])
        self._ledger.record_changes([change_after(*told) for told in verdicts.values()], self._clock.now())
        self._hold(culprits, error)
        settled = [
            report_verdict(*told) for key, told in verdicts.items() if told[1].end is not DoubtEnd.NOT_THERE
        ]
        self._tell(settled)
        unseen = [at for at, one in enumerate(batch) if one.subject.key not in verdicts]
        self._tell([report_outcome(batch[at], outcomes[at], None) for at in unseen])
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
        self._tell([report_held(one, _SCRIPT_ENDED, reason) for one in culprits])

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
        self._tell([report_outcome(one, outcome, (results or {}).get(outcome.key)) for one, outcome in ended])
        self._let_go(batch, [outcome.key for one, outcome in ended if is_missing(one, outcome)], again)

    def _tell(self, reports: Iterable[DocumentReported]) -> None:
        self._told.extend(reports)
        self._changed.set()

    def _let_go(self, batch: Sequence[Planned], failed: Collection[Key], again: Sequence[Planned]) -> None:
        """Let a batch's customers go on: with what goes again, and without the children of what failed."""
        later = {planned.subject.key for planned in again}
        self._forget(planned for planned in batch if planned.subject.key not in later)
        self._backlog.put_back(again)
        orphans = self._backlog.withdraw(batch, failed) if failed and not self._over else []
        waiting = [behind(one, failed) for one in orphans]
        self._ledger.record_changes([as_change(one) for one in waiting], self._clock.now())
        self._tell([report_waiting(one) for one in waiting])
        self._forget(orphans)
        self._backlog.arrived(batch)
        self._dispatch()

    def _forget(self, planned: Iterable[Planned]) -> None:
        for one in planned:
            self._under_way.discard(one.subject.key)
            self._batches.forget(one.subject.key)


@dataclass(slots=True)
class PushFigures:
    """What the calls of a run used up."""

    units: int = 0
