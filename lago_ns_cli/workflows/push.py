"""The one module that writes to NetSuite: intent, send, compare, record."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from lago_ns_cli.domain.attempts import Outcome, OutcomeKind, State
from lago_ns_cli.domain.doubt import backoff
from lago_ns_cli.domain.error_catalogue import Disposition, lookup
from lago_ns_cli.domain.exchange import PushResult
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.domain.plan import Action, Lane, Planned, as_intent, by_customer, fill_lanes
from lago_ns_cli.domain.read_back import compare_read_back
from lago_ns_cli.domain.translation.context import Notice
from lago_ns_cli.errors import AuthError, InDoubtError, LimitError, RemoteError, TransientError
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

_MOST_PROBES = 2
_PROBE_AFTER_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSettings:
    """How calls are made.

    Args:
        batch: Most documents in a call.
        concurrency: Most calls at once.
        patience: How often a call that met the account's limit is made again.
    """

    batch: int = 20
    concurrency: int = 3
    patience: int = 6


class StoppedError(Exception):
    """The run was asked to stop; what was not sent stays as it was."""


class Pusher:
    """Pushes decisions and records what became of them.

    For each call the intent is on disk before it leaves, and an entry is posted only after
    NetSuite's record was read back and found equal. A call that was refused before anything
    was executed leaves its entries pending; one whose answer was lost leaves them in doubt.
    """

    def __init__(
        self,
        netsuite: NetSuite,
        ledger: Ledger,
        clock: Clock,
        settings: PushSettings,
        stop: asyncio.Event | None = None,
    ) -> None:
        self._netsuite = netsuite
        self._ledger = ledger
        self._clock = clock
        self._settings = settings
        self._stop = stop or asyncio.Event()
        self._failed = False
        self._probing = asyncio.Lock()
        self._probes = 0
        self._places = asyncio.Semaphore(settings.concurrency)

    async def push(self, planned: Sequence[Planned]) -> AsyncIterator[DocumentReported]:
        """Push documents; report each as soon as its call is answered.

        Raises:
            StoppedError: The run was asked to stop; calls in flight were waited for.
            AuthError: The login was refused; what was not sent stays pending.
            RemoteError: NetSuite refused a call as a whole, or cannot be reached.
        """
        lanes = fill_lanes(by_customer(planned), self._settings.batch)
        reports: asyncio.Queue[DocumentReported | None] = asyncio.Queue()
        run = asyncio.create_task(self._run_lanes(lanes, reports))
        try:
            while (report := await reports.get()) is not None:
                yield report
            await run
        finally:
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)

    async def _run_lanes(
        self, lanes: Sequence[Lane], reports: asyncio.Queue[DocumentReported | None]
    ) -> None:
        tasks = [asyncio.create_task(self._run_lane(lane, reports)) for lane in lanes]
        try:
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            reports.put_nowait(None)
        _raise_first(ends)

    async def _run_lane(self, lane: Lane, reports: asyncio.Queue[DocumentReported | None]) -> None:
        for batch in lane:
            async with self._places:
                async with self._probing:
                    pass  # a probe of the login must be alone
                if self._stop.is_set() or self._failed:
                    raise StoppedError
                for report in await self._send(batch):
                    reports.put_nowait(report)

    async def _send(self, batch: Sequence[Planned]) -> list[DocumentReported]:
        intents = [as_intent(planned) for planned in batch]
        self._ledger.record_intents(intents, self._clock.now())
        try:
            results = await self._call([intent.payload for intent in intents])
        except asyncio.CancelledError:
            lost = InDoubtError("the run was interrupted before NetSuite answered", system="NetSuite")
            self._close(batch, [self._in_doubt(planned.subject.key, lost) for planned in batch])
            raise
        except InDoubtError as error:
            return self._close(batch, [self._in_doubt(planned.subject.key, error) for planned in batch])
        except RemoteError as error:
            self._failed = True
            self._close(batch, [self._not_executed(planned.subject.key, error) for planned in batch])
            raise
        by_key = _by_subject(batch, results)
        outcomes = [self._judge(planned, by_key.get(planned.subject.key)) for planned in batch]
        return self._close(batch, outcomes, by_key)

    async def _call(self, documents: Sequence[Mapping[str, object]]) -> Sequence[PushResult]:
        """Make a call; one that was refused before anything was executed is made again, later."""
        refused = 0
        while True:
            try:
                return await self._netsuite.push(documents)
            except LimitError as error:
                refused += 1
                if refused > self._settings.patience:
                    raise
                await self._clock.sleep(error.retry_after_seconds or min(0.5 * 2**refused, 15))
                self._ledger.check_lease()
            except AuthError:
                if not await self._login_works():
                    raise
                self._ledger.check_lease()

    async def _login_works(self) -> bool:
        """Probe the login with single calls, while no new call leaves.

        Too many calls at once may show as a refused login, and five real refusals lock the token
        for 30 minutes: so a refusal is probed slowly, and twice at most in a run.
        """
        async with self._probing:
            while self._probes < _MOST_PROBES:
                await self._clock.sleep(_PROBE_AFTER_SECONDS * 6**self._probes)
                self._probes += 1
                try:
                    await self._netsuite.ping()
                except (AuthError, TransientError):
                    continue
                return True
            return False

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

    def _not_executed(self, key: Key, error: RemoteError) -> Outcome:
        return Outcome(
            key=key,
            kind=OutcomeKind.NOT_ATTEMPTED,
            state=State.PENDING,
            code=error.code,
            reason=error.message,
            counts=False,
        )

    def _close(
        self,
        batch: Sequence[Planned],
        outcomes: Sequence[Outcome],
        results: Mapping[Key, PushResult] | None = None,
    ) -> list[DocumentReported]:
        self._ledger.record_outcomes(outcomes, self._clock.now())
        return [
            _report(planned, outcome, (results or {}).get(planned.subject.key))
            for planned, outcome in zip(batch, outcomes, strict=True)
        ]


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


def _raise_first(ends: Sequence[BaseException | None]) -> None:
    """Raise what ended the run: a failure before a mere stop, which may only follow from it."""
    errors = [end for end in ends if end is not None]
    failures = [error for error in errors if not isinstance(error, StoppedError)]
    for error in failures or errors:
        raise error
