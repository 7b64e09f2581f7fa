"""What a comparison found is remembered, so that a decision can name it."""

from dataclasses import dataclass, field
from datetime import datetime

from lago_ns_cli.domain.reconciliation.findings import Finding
from lago_ns_cli.domain.reconciliation.rows import INVOICE, PREPAID, VOID
from lago_ns_cli.workflows.ports import Clock, Ledger
from lago_ns_cli.workflows.reconcile_reports import Scope

_AT_ONCE = 500


@dataclass(slots=True)
class SeenFindings:
    """The findings of one comparison on their way into the ledger, some at a time."""

    ledger: Ledger
    clock: Clock
    scope: Scope
    _began: datetime = field(init=False)
    _some: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Note when the comparison began."""
        self._began = self.clock.now()

    def add(self, finding: Finding) -> None:
        """Remember a finding that somebody can decide about, or has."""
        if finding.verdicts or finding.decision is not None:
            self._some.append(finding)
            if len(self._some) >= _AT_ONCE:
                self._keep()

    def close(self) -> None:
        """Keep what is left, and forget what is not found any more."""
        self._keep()
        kinds = [*self.scope.kinds, *((PREPAID, VOID) if INVOICE in self.scope.kinds else ())]
        self.ledger.forget_findings(
            kinds,
            since=self.scope.since,
            until=self.scope.until,
            entity=self.scope.billing_entity,
            before=self._began,
        )

    def _keep(self) -> None:
        some, self._some = self._some, []
        if some:
            self.ledger.record_findings(some, self.clock.now())
