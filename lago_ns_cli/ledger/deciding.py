"""Findings that can be decided about, and what was decided, of one profile."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime

from sqlalchemy import Connection

from lago_ns_cli.domain.attempts import StateChange
from lago_ns_cli.domain.decision_events import Undo
from lago_ns_cli.domain.reconciliation.decisions import Decision
from lago_ns_cli.domain.reconciliation.findings import Finding
from lago_ns_cli.ledger import decision_rows
from lago_ns_cli.ledger.recording import Recording


class Deciding:
    """A part of ``SqlLedger``, on its transactions."""

    _profile: int

    def _reading(self) -> AbstractContextManager[Connection]:
        raise NotImplementedError

    def _writing(self) -> AbstractContextManager[Connection]:
        raise NotImplementedError

    def _recording(self, at: datetime) -> AbstractContextManager[Recording]:
        raise NotImplementedError

    def record_findings(self, findings: Sequence[Finding], at: datetime) -> None:
        """Remember what a comparison found, so that a decision can name it."""
        with self._writing() as connection:
            decision_rows.write_findings(connection, self._profile, findings, at)

    def forget_findings(
        self,
        kinds: Sequence[str],
        *,
        since: date | None,
        until: date | None,
        entity: str | None,
        before: datetime,
    ) -> None:
        """Forget what a comparison of these documents, begun at ``before``, no longer found."""
        with self._writing() as connection:
            decision_rows.forget_findings(connection, self._profile, kinds, (since, until), entity, before)

    def findings(self) -> Sequence[Finding]:
        """Load what comparisons found last and can be decided about, by document."""
        with self._reading() as connection:
            return decision_rows.load_findings(connection, self._profile)

    def decisions(self) -> Sequence[Decision]:
        """Load all decisions in their order, those that were taken back too."""
        with self._reading() as connection:
            return decision_rows.load_decisions(connection, self._profile)

    def record_decisions(
        self, made: Sequence[Decision], changes: Sequence[StateChange], at: datetime
    ) -> Sequence[Decision]:
        """Record decisions with what they move; returns them with their numbers.

        Raises:
            LedgerError: An entry is under way or in doubt, so nothing was recorded.
        """
        with self._recording(at) as recording:
            numbered = recording.decide(made)
            recording.changes(changes)
            return numbered

    def record_undo(self, undo: Undo, changes: Sequence[StateChange], at: datetime) -> None:
        """Take a decision back, with what it had moved.

        Raises:
            LedgerError: An entry is under way or in doubt, so nothing was recorded.
        """
        with self._recording(at) as recording:
            recording.undo(undo)
            recording.changes(changes)
