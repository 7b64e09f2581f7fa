"""What a reconciliation reports: findings as they are made, then one frozen result."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lago_ns_cli.domain.reconciliation.findings import Discrepancy, Finding, Settled
from lago_ns_cli.domain.reconciliation.tie_out import TieOutLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is compared.

    Args:
        kinds: ``customer``, ``invoice``, ``credit_note``, ``payment``.
        since: First and last day of the documents that are compared, both inclusive; customers are
            compared whatever their day.
        billing_entity: Only documents of this billing entity.
    """

    kinds: tuple[str, ...]
    since: date | None = None
    until: date | None = None
    billing_entity: str | None = None

    def holds(self, days: Sequence[date]) -> bool:
        """Tell whether a document is meant, by the days on which it may be dated."""
        if self.since is None and self.until is None:
            return True
        return bool(days) and (self.since or date.min) <= days[0] <= (self.until or date.max)


@dataclass(frozen=True, slots=True)
class KindCount:
    """How the documents of a kind fare.

    Args:
        documents: Lago's.
        records: NetSuite's, that are ours.
        agreeing: Documents without a finding.
        explained: Documents whose every finding is explained.
        differing: Documents with a finding that is not.
    """

    documents: int = 0
    records: int = 0
    agreeing: int = 0
    explained: int = 0
    differing: int = 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """Documents of a month: billed, and of these found equal, explained or differing."""

    month: str
    billed: int
    agreeing: int
    explained: int
    differing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """The result of a whole reconciliation.

    Args:
        by_kind: Counts by kind of document.
        findings: Open findings by what differs.
        consequences: Findings that go with another one.
        explained: Explained findings by why.
        tie_out: Every cell; differences and what accounts for them add up.
        by_cause: What the findings that are open account for, by currency and cause, in absolute amounts.
        coverage: By month.
        decided: Findings that decisions and rules settle, by these.
        queued: Documents that were queued to be sent (``--queue-missing``).
    """

    scope: Scope
    by_kind: Mapping[str, KindCount]
    findings: Mapping[Discrepancy, int]
    consequences: int
    explained: Mapping[Discrepancy, int]
    tie_out: tuple[TieOutLine, ...]
    by_cause: Mapping[tuple[str, Discrepancy], Decimal]
    coverage: tuple[Coverage, ...]
    decided: Mapping[Settled, int] = field(default_factory=dict)
    queued: int = 0

    @property
    def needs_attention(self) -> int:
        """How many findings are open."""
        return sum(self.findings.values())


@dataclass(frozen=True, slots=True)
class FindingReported:
    """A finding, as soon as it is sure."""

    finding: Finding


@dataclass(frozen=True, slots=True)
class ReadReported:
    """How far the reading is, for progress."""

    rows: int


ReconcileEvent = FindingReported | ReadReported | Reconciled


@dataclass(slots=True)
class Counts:
    """Counts while a reconciliation goes on."""

    by_kind: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    by_month: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    findings: Counter[Discrepancy] = field(default_factory=Counter)
    explained: Counter[Discrepancy] = field(default_factory=Counter)
    decided: Counter[Settled] = field(default_factory=Counter)
    consequences: int = 0
    by_cause: dict[tuple[str, Discrepancy], Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def document(self, kind: str, month: str, findings: Sequence[Finding], records: int) -> None:
        """Count a document of Lago's with its records and findings."""
        verdict = verdict_of(findings)
        self.by_kind[kind].update({"documents": 1, "records": records, verdict: 1})
        if month:
            self.by_month[month].update({"billed": 1, verdict: 1})

    def record(self, kind: str, findings: Sequence[Finding]) -> None:
        """Count a record of ours that Lago has no document for."""
        self.by_kind[kind].update({"records": 1, verdict_of(findings): 1})

    def found(self, finding: Finding) -> None:
        """Count a finding."""
        if finding.decision is not None:
            self.decided[finding.decision] += 1
        elif finding.explained:
            self.explained[finding.what] += 1
        elif finding.is_consequence:
            self.consequences += 1
        else:
            self.findings[finding.what] += 1
            if finding.difference:
                self.by_cause[finding.currency, finding.what] += abs(finding.difference)

    def reconciled(self, scope: Scope, tie_out: tuple[TieOutLine, ...], queued: int) -> Reconciled:
        """Close the counts."""
        return Reconciled(
            scope=scope,
            by_kind={kind: KindCount(**counts) for kind, counts in sorted(self.by_kind.items())},
            findings=dict(self.findings.most_common()),
            consequences=self.consequences,
            explained=dict(self.explained.most_common()),
            tie_out=tie_out,
            by_cause=dict(self.by_cause),
            coverage=tuple(
                Coverage(
                    month, counts["billed"], counts["agreeing"], counts["explained"], counts["differing"]
                )
                for month, counts in sorted(self.by_month.items())
            ),
            decided=dict(self.decided.most_common()),
            queued=queued,
        )


def verdict_of(findings: Sequence[Finding]) -> str:
    """Say how a document fares: ``agreeing``, ``explained`` or ``differing``."""
    if not findings:
        return "agreeing"
    return "explained" if all(one.explained for one in findings) else "differing"
