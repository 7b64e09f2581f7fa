"""What workflows report: frozen events, rendered for people or as JSON by ``cli``."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lago_ns_cli.domain.attempts import Entry, State, Subject
from lago_ns_cli.domain.identifiers import InternalId, LagoId
from lago_ns_cli.domain.plan import Planned
from lago_ns_cli.domain.translation.context import Notice


@dataclass(frozen=True, slots=True)
class PlanReported:
    """What would be done with a document (``--dry-run``)."""

    planned: Planned


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a document is not posted, and the next command."""

    code: str
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReported:
    """What became of a document.

    Args:
        state: Its state in the ledger; None for one that is not final yet and not stored.
        outcome: ``created``, ``adopted``, ``updated``, ``unchanged``, ``skipped``, ``held``,
            ``waiting``, ``in_doubt``, ``not_final``, ``not_attempted``.
        amount: Total in major units and ISO currency, for the summary's sums.
    """

    kind: str
    lago_id: LagoId | None
    number: str | None
    state: State | None
    outcome: str
    netsuite_id: InternalId | None = None
    failure: Failure | None = None
    notices: tuple[Notice, ...] = ()
    amount: str | None = None
    currency: str | None = None


def report_on(
    about: Subject | Entry,
    state: State | None,
    outcome: str,
    *,
    netsuite_id: InternalId | None = None,
    failure: Failure | None = None,
    notices: tuple[Notice, ...] = (),
) -> DocumentReported:
    """Report what became of a document, by what the plan or the ledger calls it."""
    return DocumentReported(
        kind=about.kind,
        lago_id=about.lago_id,
        number=about.number,
        state=state,
        outcome=outcome,
        netsuite_id=netsuite_id,
        failure=failure,
        notices=notices,
        amount=about.amount,
        currency=about.currency,
    )


SyncEvent = PlanReported | DocumentReported


@dataclass(slots=True)
class Tally:
    """Counts of a run, by outcome; the last line of every sync.

    A document that was waiting or in doubt and is posted later in the same run counts as posted.
    """

    by_outcome: dict[str, int] = field(default_factory=dict)
    writes: int = 0
    _open: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, event: SyncEvent) -> None:
        """Count an event."""
        outcome, identity = _outcome_of(event)
        before = self._open.pop(identity, None) if identity else None
        if before is not None:
            self.by_outcome[before] -= 1
        self.by_outcome[outcome] = self.by_outcome.get(outcome, 0) + 1
        if outcome in WRITTEN and isinstance(event, DocumentReported):
            self.writes += 1
        if outcome in ATTENTION:
            self._open[identity or (outcome, str(len(self._open)))] = outcome

    @property
    def needs_attention(self) -> int:
        """How many documents a person, or a later run, has to look at."""
        return sum(outcome in ATTENTION for outcome in self._open.values())

    @property
    def documents(self) -> int:
        """How many documents were looked at."""
        return sum(self.by_outcome.values())

    def as_mapping(self) -> Mapping[str, int]:
        """Give the counts by outcome, most first."""
        counted = ((outcome, count) for outcome, count in self.by_outcome.items() if count)
        return dict(sorted(counted, key=lambda item: -item[1]))


def _outcome_of(event: SyncEvent) -> tuple[str, tuple[str, str] | None]:
    if isinstance(event, PlanReported):
        subject = event.planned.subject
        return event.planned.action.value, (str(subject.kind), subject.key)
    return event.outcome, (str(event.kind), event.lago_id) if event.lago_id else None


WRITTEN = frozenset({"created", "adopted", "updated"})
ATTENTION = frozenset({"held", "hold", "waiting", "in_doubt", "not_attempted", "to_be_sent"})
"""Outcomes that make the exit code 1."""
