"""What people decided about findings: matched again at each comparison, until the figures change.

A decision is about one finding with its figures. A rule of ``mappings.toml`` is about all findings that its words
fit. Neither takes a difference out of the tie-out: it is counted under the name of the decision.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.identifiers import InternalId
from lago_ns_cli.domain.mapping import IgnoreRow
from lago_ns_cli.domain.reconciliation.findings import Finding, Settled, Verdict
from lago_ns_cli.domain.reconciliation.mending import restore_command
from lago_ns_cli.domain.reconciliation.verdicts import verdicts_on

_UNDER_WAY = frozenset({State.PENDING, State.WAITING, State.SENDING, State.IN_DOUBT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """Where the entry of a document stood before a decision moved it."""

    state: State
    code: str | None = None
    reason: str | None = None
    netsuite_id: InternalId | None = None
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody decided about a finding.

    Args:
        number: 1, 2, 3 … within the profile; 0 before it is recorded.
        by: The user of the operating system who ran the command.
        until: The last day on which it holds (``ignore`` alone).
        before: Where the document's entry stood, if the decision moved it.
        undone_by: Who took it back; None while it holds.
    """

    number: int
    verdict: Verdict
    finding: Finding
    by: str
    at: datetime
    note: str
    until: date | None = None
    before: Before | None = None
    undone_by: str | None = None
    undone_at: datetime | None = None
    undone_note: str | None = None

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"decision {self.number}"

    @property
    def settled(self) -> Settled:
        """What a finding that it settles shows of it."""
        return Settled(name=self.name, verdict=self.verdict, note=self.note, who=self.by, until=self.until)


@dataclass(frozen=True, slots=True)
class Decisions:
    """All that holds on a day.

    Args:
        rules: In the order of the file; the first that fits is named.
    """

    today: date
    rules: Sequence[IgnoreRow] = ()
    by_finding: Mapping[str, Decision] = field(default_factory=dict)
    by_subject: Mapping[tuple[str, str, str], Decision] = field(default_factory=dict)

    def settle(self, finding: Finding, entry: Entry | None = None) -> Finding:
        """Say of a finding what was decided about it, and what can be.

        Args:
            entry: The document's row in the ledger: it tells how far a restoration is.
        """
        if finding.decision is not None or finding.verdicts or not finding.is_open:
            return finding
        open_finding = _decidable(finding, verdicts_on(finding, entry))
        decision = self.by_finding.get(finding.id)
        if decision is not None and self._holds(decision, entry):
            return _settled(finding, decision.settled)
        rule = self._rule(finding)
        if rule is not None:
            return _settled(finding, rule)
        earlier = decision or self.by_subject.get(finding.subject)
        return (
            open_finding
            if earlier is None
            else _again(open_finding, self._why_again(finding, earlier, entry))
        )

    def _holds(self, decision: Decision, entry: Entry | None) -> bool:
        if decision.until is not None and decision.until < self.today:
            return False
        return decision.verdict is not Verdict.RESTORE or (entry is not None and entry.state in _UNDER_WAY)

    def _why_again(self, finding: Finding, decision: Decision, entry: Entry | None) -> str:
        name = f"Decision {decision.number} ({decision.verdict.value})"
        if decision.finding.id != finding.id:
            then = decision.finding
            return (
                f"{name} was about {then.netsuite or 'no record'} in NetSuite and {then.lago or 'nothing'} in Lago; "
                "it changed since."
            )
        if decision.until is not None and decision.until < self.today:
            return f"{name} ran out on {decision.until}."
        if entry is not None and entry.state is State.HELD:
            return f"{name} could not be carried out: {entry.reason or entry.code}."
        return f"{name} was carried out, and it is so again."

    def _rule(self, finding: Finding) -> Settled | None:
        for place, row in enumerate(self.rules, start=1):
            if fits(row, finding) and (row.until is None or self.today <= row.until):
                return Settled(name=f"rule {place}", verdict=Verdict.IGNORE, note=row.note, until=row.until)
        return None


def all_decisions(made: Iterable[Decision], rules: Sequence[IgnoreRow], today: date) -> Decisions:
    """Put together what holds; of two about one finding the later one does."""
    holding = [one for one in made if one.undone_by is None]
    return Decisions(
        today,
        rules,
        {one.finding.id: one for one in holding},
        {one.finding.subject: one for one in holding},
    )


def fits(row: IgnoreRow, finding: Finding) -> bool:
    """Tell whether a rule speaks of a finding."""
    return (
        row.finding == finding.what.value
        and row.kind in (None, finding.kind)
        and row.customer in (None, finding.customer)
        and row.billing_entity in (None, finding.entity)
        and row.currency in (None, finding.currency)
        and (row.below is None or (finding.difference is not None and abs(finding.difference) < row.below))
    )


def _decidable(finding: Finding, verdicts: tuple[Verdict, ...]) -> Finding:
    """Name what can be decided, and the command that lets the record be stated anew where none mends it yet."""
    mended = finding.command or (restore_command(finding) if Verdict.RESTORE in verdicts else None)
    return replace(finding, verdicts=verdicts, command=mended)


def _settled(finding: Finding, by: Settled) -> Finding:
    """Nothing is to be done about it any more, but to carry a restoration out."""
    return replace(
        finding, decision=by, command="lago-ns sync all" if by.verdict is Verdict.RESTORE else None
    )


def _again(finding: Finding, why: str) -> Finding:
    return replace(finding, cause=f"{finding.cause} {why}".strip())
