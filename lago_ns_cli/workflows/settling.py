"""What becomes of each verdict: counted, tied out, remembered for what follows from it, kept for the queue."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from lago_ns_cli.domain.attempts import Entry
from lago_ns_cli.domain.identifiers import InternalId, Key
from lago_ns_cli.domain.reconciliation.absence import judge_void_memo
from lago_ns_cli.domain.reconciliation.decisions import Decisions
from lago_ns_cli.domain.reconciliation.findings import EXPLAINED, Discrepancy, Finding
from lago_ns_cli.domain.reconciliation.known import Known
from lago_ns_cli.domain.reconciliation.rows import CREDIT_NOTE, CUSTOMER, VOID, BilledRow, PostedRow
from lago_ns_cli.domain.reconciliation.tie_out import TieOut, TieOutLine, billed_amounts, posted_amounts
from lago_ns_cli.workflows.reconcile_reports import Counts, FindingReported


@dataclass(slots=True)
class Missing:
    """A document that NetSuite lacks, as ``--queue-missing`` takes it."""

    billed: BilledRow
    entry: Entry | None
    application: bool = False


@dataclass(slots=True)
class Settling:
    """The books of one comparison.

    Args:
        currencies: ISO codes by NetSuite's internal id.
        decisions: What people decided about differences.
        keep_missing: Gather in ``missing`` what can be queued.
        found: Documents with findings that are not explained.
        touching: Memos and payments among them, by the invoices that they are or should be on.
    """

    currencies: Mapping[str, str]
    decisions: Decisions
    keep_missing: bool = False
    missing: list[Missing] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    found: set[Key] = field(default_factory=set)
    touching: dict[InternalId, set[Key]] = field(default_factory=lambda: defaultdict(set))
    _tie_out: TieOut = field(default_factory=TieOut)

    def report(self, finding: Finding) -> FindingReported:
        """Count a finding."""
        finding = self.decisions.settle(finding)
        self.counts.found(finding)
        return FindingReported(finding)

    def lines(self) -> tuple[TieOutLine, ...]:
        """Close the tie-out.

        Raises:
            UnaccountedError: The findings do not add up to the differences.
        """
        return self._tie_out.lines()

    def unbilled(self, record: PostedRow, found: list[Finding], entry: Entry | None = None) -> list[Finding]:
        """Count a record that Lago has no document for."""
        found = self._settled(found, entry)
        self._tie_out.add_posted(posted_amounts(record, None, self.currencies))
        self._tie_out.add_findings(found)
        self.counts.record(record.kind, found)
        return self._remember(record.identity, found, record)

    def void_memo(self, record: PostedRow, invoice: BilledRow) -> list[Finding]:
        """Count a memo that takes an invoice back."""
        if not invoice.in_scope:
            return []
        found = self._settled(judge_void_memo(record, invoice, self.currencies), None)
        shape = replace(invoice, kind=VOID)
        self._tie_out.add_posted(posted_amounts(record, shape, self.currencies))
        self._tie_out.add_findings(found)
        self.counts.record(VOID, found)
        return found

    def missing_document(self, billed: BilledRow, known: Known, found: list[Finding]) -> list[Finding]:
        """Count a document that NetSuite lacks, and keep it for the queue."""
        found = self._settled(found, known.entry)
        if self.keep_missing and any(
            one.what is Discrepancy.MISSING_IN_NETSUITE and one.decision is None for one in found
        ):
            self.missing.append(Missing(billed, known.entry))
        return self.document(billed, (), None, found, known)

    def document(
        self,
        billed: BilledRow,
        records: Sequence[PostedRow],
        main: PostedRow | None,
        found: list[Finding],
        known: Known | None = None,
    ) -> list[Finding]:
        """Count a document with its records, and remember its findings for what follows from them."""
        found = self._settled(found, None if known is None else known.entry)
        self._tie_out.add_billed(billed_amounts(billed, main))
        for record in records:
            self._tie_out.add_posted(posted_amounts(record, billed, self.currencies))
        self._tie_out.add_findings(found)
        month = f"{billed.day:%Y-%m}" if billed.day and billed.counts and billed.kind != CUSTOMER else ""
        self.counts.document(billed.kind, month, found, len(records))
        self._queue_applications(billed, known, found)
        self._remember(billed.key, found, main, known)
        return found

    def _settled(self, found: Sequence[Finding], entry: Entry | None) -> list[Finding]:
        return [self.decisions.settle(one, entry) for one in found]

    def _queue_applications(self, billed: BilledRow, known: Known | None, found: list[Finding]) -> None:
        if not self.keep_missing or known is None:
            return
        wrong = {one.what for one in found if one.command is not None and one.decision is None}
        if Discrepancy.LINK in wrong and billed.kind != CUSTOMER:
            self.missing.append(Missing(billed, known.entry))
        if Discrepancy.APPLIED in wrong and billed.kind == CREDIT_NOTE:
            self.missing.append(Missing(billed, known.entry, application=True))

    def _remember(
        self,
        key: Key | None,
        found: list[Finding],
        record: PostedRow | None,
        known: Known | None = None,
    ) -> list[Finding]:
        """Note which invoices a finding about a memo or payment touches."""
        if key is None or all(one.what in EXPLAINED for one in found):
            return found
        self.found.add(key)
        targets = {one.other for one in (record.applied or ())} if record is not None else set()
        targets |= set(known.wanted) if known is not None and known.wanted is not None else set()
        for target in targets:
            self.touching[target].add(key)
        return found
