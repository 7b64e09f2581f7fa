"""What became of an attempt: from NetSuite's answer to the entry's next state."""

from collections.abc import Sequence
from datetime import timedelta

from lago_ns_cli.domain.attempts import Outcome, OutcomeKind, State
from lago_ns_cli.domain.doubt import backoff
from lago_ns_cli.domain.error_catalogue import Disposition, lookup
from lago_ns_cli.domain.exchange import PushResult
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.domain.plan import Action, Planned
from lago_ns_cli.domain.read_back import compare_read_back
from lago_ns_cli.errors import InDoubtError, RemoteError
from lago_ns_cli.workflows.ports import Clock, Ledger

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

_STOPPED = "the run was stopped before it could be sent"


class Judge:
    """Decides what answers mean for entries; an entry is posted only if its record reads back equal."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    def judge(self, planned: Planned, result: PushResult | None) -> Outcome:
        """Tell what an answer says of a document; None is an answer that does not mention it."""
        key = planned.subject.key
        if result is None or result.outcome == "in_doubt" or result.code == _UNKNOWN_OUTCOME:
            message = (result.message if result else None) or "NetSuite's answer does not mention it"
            return self.in_doubt(key, InDoubtError(message, system="NetSuite"), result)
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
            return self.in_doubt(planned.subject.key, error, result)
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

    def in_doubt(self, key: Key, error: InDoubtError, result: PushResult | None = None) -> Outcome:
        """Tell what becomes of a document that was sent and not answered."""
        return Outcome(
            key=key,
            kind=OutcomeKind.IN_DOUBT,
            state=State.IN_DOUBT,
            code=error.code,
            reason=error.message,
            answer=result.answer if result else None,
            next_attempt_at=self._clock.now() + _LOOK_UP_AFTER,
        )

    def not_executed(self, key: Key, error: RemoteError | None) -> Outcome:
        """Tell what becomes of a document whose call was refused, or never left since the run stopped."""
        return Outcome(
            key=key,
            kind=OutcomeKind.NOT_ATTEMPTED,
            state=State.PENDING,
            code="not_attempted" if error is None else error.code,
            reason=_STOPPED if error is None else error.message,
            counts=False,
        )


def was_attempted(result: PushResult | None) -> bool:
    """Tell whether the script began a document; what it had no time or units for goes again."""
    return result is None or result.outcome != "not_attempted" or result.code != _OUT_OF_BUDGET


def is_missing(planned: Planned, outcome: Outcome) -> bool:
    """Tell whether children of a document have nothing to hang on."""
    return planned.action is Action.CREATE and outcome.state is not State.POSTED


def by_subject(batch: Sequence[Planned], results: Sequence[PushResult]) -> dict[Key, PushResult]:
    """Find each entry's result: an application is answered under the key of its memo."""
    by_record = {result.key: result for result in results}
    return {
        planned.subject.key: by_record[planned.record.key]
        for planned in batch
        if planned.record is not None and planned.record.key in by_record
    }
