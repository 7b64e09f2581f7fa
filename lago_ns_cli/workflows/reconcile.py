"""Both sides compared: read, joined, looked up once more, judged, and tied out.

Customers come first, then memos and payments, then invoices: what is due of an invoice follows from
what was done with the memos and payments on it.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lago_ns_cli.domain.attempts import Entry
from lago_ns_cli.domain.exchange import Unreadable
from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, LagoId, key_of
from lago_ns_cli.domain.mapping import Mappings
from lago_ns_cli.domain.reconciliation.absence import (
    judge_gone_customer,
    judge_missing,
    judge_unbilled,
    judge_void_memo,
    number_shared,
)
from lago_ns_cli.domain.reconciliation.billed import sent_of, told_taxes
from lago_ns_cli.domain.reconciliation.findings import Discrepancy, Finding
from lago_ns_cli.domain.reconciliation.judging import judge
from lago_ns_cli.domain.reconciliation.known import Account, Known
from lago_ns_cli.domain.reconciliation.mending import unreadable_command
from lago_ns_cli.domain.reconciliation.rows import (
    CREDIT_NOTE,
    CUSTOMER,
    INVOICE,
    PAYMENT,
    PREPAID,
    VOID,
    BilledRow,
    PostedRow,
)
from lago_ns_cli.domain.reconciliation.tie_out import TieOut, billed_amounts, posted_amounts
from lago_ns_cli.workflows.knowing import Knowledge, load_knowledge
from lago_ns_cli.workflows.looking_again import LookingAgain, Seen, document_id
from lago_ns_cli.workflows.ports import Ledger
from lago_ns_cli.workflows.reconcile_reports import (
    Counts,
    FindingReported,
    ReadReported,
    Reconciled,
    ReconcileEvent,
    Scope,
)
from lago_ns_cli.workflows.sides import Reader

_ORDER = (CUSTOMER, CREDIT_NOTE, PREPAID, PAYMENT, INVOICE)
_WITH = {CUSTOMER: CUSTOMER, CREDIT_NOTE: CREDIT_NOTE, PREPAID: INVOICE, PAYMENT: PAYMENT, INVOICE: INVOICE}
"""Which kind asks for a kind of rows."""

_CHUNK = 400
"""Documents that are judged at once."""

_CHANGING = frozenset(
    {
        Discrepancy.AMOUNT_DUE,
        Discrepancy.PAID_WITHOUT_PAYMENT,
        Discrepancy.APPLIED,
        Discrepancy.STATUS,
        Discrepancy.VOIDED_IN_LAGO,
    }
)
"""What may only look different because Lago was read before NetSuite."""

_APPLIED_KINDS = frozenset({CREDIT_NOTE, PREPAID, PAYMENT})

Documents = Sequence[tuple[BilledRow, Sequence[PostedRow]]]


@dataclass(slots=True)
class Missing:
    """A document that NetSuite lacks, as ``--queue-missing`` takes it."""

    billed: BilledRow
    entry: Entry | None
    application: bool = False


@dataclass(slots=True)
class Reconciliation:
    """One comparison of both sides.

    Args:
        missing: Documents that can be queued; gathered only where ``keep_missing`` is set.
    """

    reader: Reader
    ledger: Ledger
    mappings: Mappings
    account: Account
    scope: Scope
    keep_missing: bool = False
    missing: list[Missing] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    _tie_out: TieOut = field(default_factory=TieOut)
    _touching: dict[InternalId, set[Key]] = field(default_factory=lambda: defaultdict(set))
    _found: set[Key] = field(default_factory=set)
    _gone: dict[InternalId, Key] = field(default_factory=dict)
    _there: set[InternalId] = field(default_factory=set)

    async def run(self) -> AsyncIterator[ReconcileEvent]:
        """Compare; findings come as they are made.

        Raises:
            AuthError: The role cannot see records that are to be compared.
            RemoteError: One of the two sides cannot be reached.
            UnaccountedError: The findings do not add up to the differences.
        """
        async for told in self.reader.read():
            if isinstance(told, int):
                yield ReadReported(told)
            else:
                yield self._report(_unreadable(told))
        for numbered in self._settle_numbers():
            yield numbered
        for kind in _ORDER:
            if _WITH[kind] in self.scope.kinds:
                async for event in self._compare(kind):
                    yield event

    def reconciled(self, queued: int = 0) -> Reconciled:
        """Close the tie-out and give the result.

        Raises:
            UnaccountedError: The findings do not add up to the differences.
        """
        return self.counts.reconciled(self.scope, self._tie_out.lines(), queued)

    async def _compare(self, kind: str) -> AsyncIterator[ReconcileEvent]:
        for pairs in self.reader.sides.pairs(kind, _CHUNK):
            for finding in await self._judge([pair for pair in pairs if pair[0].in_scope]):
                yield self._report(finding)
        for records in self.reader.sides.unbilled(kind, _CHUNK):
            for finding in await self._judge_unbilled(records):
                yield self._report(finding)
        if kind == INVOICE:
            for records in self.reader.sides.unbilled(VOID, _CHUNK):
                for finding in await self._judge_unbilled(records):
                    yield self._report(finding)
        for billed, own, stranger in self.reader.sides.shared_numbers(kind):
            if billed.in_scope:
                yield self._report(number_shared(billed, own, stranger))

    def _report(self, finding: Finding) -> FindingReported:
        self.counts.found(finding)
        return FindingReported(finding)

    def _settle_numbers(self) -> list[FindingReported]:
        """Where NetSuite numbers documents itself, no number is compared; that is told once."""
        events = []
        for kind in (INVOICE, CREDIT_NOTE):
            if kind not in self.scope.kinds or kind not in self.account.numbers_kept:
                continue
            matched, same = self.reader.sides.numbers(kind)
            if same * 2 < matched:
                kept = tuple(one for one in self.account.numbers_kept if one != kind)
                self.account = replace(self.account, numbers_kept=kept)
                events.append(self._report(_numbered(kind, matched - same)))
        return events

    async def _judge(self, pairs: Documents) -> list[Finding]:
        """Judge some documents; what would be found is looked up again first."""
        pairs = self._with_taxes(self._with_applied(pairs))
        knowledge = load_knowledge(self.ledger, self.mappings, [billed for billed, _ in pairs])
        suspects: list[tuple[BilledRow, Sequence[PostedRow]]] = []
        findings: list[Finding] = []
        for billed, records in pairs:
            known = knowledge.of(billed)
            if _is_plainly_excused(billed, records, known):
                findings += self._settle(billed, (), None, judge_missing(billed, known, ()))
                continue
            found = self._first_look(billed, records, known)
            if found is None or not all(one.explained for one in found):
                suspects.append((billed, records))
            else:
                findings += self._settle(billed, records, records[0], found)
        if suspects:
            findings += await self._look_again(suspects)
        return findings

    def _first_look(
        self, billed: BilledRow, records: Sequence[PostedRow], known: Known
    ) -> list[Finding] | None:
        if not records or (billed.voided and billed.kind == INVOICE):
            return None
        found, _ = judge(billed, records, known, self.account)
        return found

    def _with_applied(self, pairs: Documents) -> Documents:
        """Put what memos and payments are applied to beside them."""
        ids = [one.id for billed, records in pairs if billed.kind in _APPLIED_KINDS for one in records]
        if not ids or not ({CREDIT_NOTE, PAYMENT} & set(self.scope.kinds)):
            return pairs
        applied = self.reader.sides.applied(ids)
        return [
            (billed, [replace(one, applied=applied.get(one.id, ())) for one in records])
            for billed, records in pairs
        ]

    def _with_taxes(self, pairs: Documents) -> Documents:
        """Take the tax by code from what was sent, where Lago's list does not tell it (legacy regime)."""
        untold = [billed.key for billed, records in pairs if billed.taxes is None and records]
        if not untold:
            return pairs
        sent = {key: sent_of(one.payload).taxes for key, one in self.ledger.last_attempts(untold).items()}
        return [(told_taxes(billed, sent.get(billed.key, {})), records) for billed, records in pairs]

    async def _look_again(self, suspects: Documents) -> list[Finding]:
        again = LookingAgain(self.reader, self.ledger)
        rows = [billed for billed, _ in suspects]
        knowledge = load_knowledge(self.ledger, self.mappings, rows, sent=True)
        seen = await again.records(suspects, knowledge.entries)
        findings = await self._look_for_customers(again, rows, seen, knowledge)
        for billed in rows:
            findings += await self._judge_again(again, billed, seen[billed.key], knowledge)
        return findings

    async def _judge_again(
        self, again: LookingAgain, billed: BilledRow, seen: Seen, knowledge: Knowledge
    ) -> list[Finding]:
        known = self._told_of_customer(knowledge.of(billed))
        if not seen.records:
            return self._settle_missing(billed, known, await self._why_missing(billed, seen, known))
        if billed.voided and billed.kind == INVOICE:
            known = replace(known, void_memo=await again.void_memo(billed.lago_id))
        found, main = judge(billed, seen.records, known, self.account)
        if any(one.what in _CHANGING for one in found):
            billed, known = await self._read_again(again, billed, main, known)
            found, main = judge(billed, seen.records, known, self.account)
        return self._settle(billed, seen.records, main, found, known)

    async def _read_again(
        self, again: LookingAgain, billed: BilledRow, main: PostedRow, known: Known
    ) -> tuple[BilledRow, Known]:
        """Read a document of Lago's anew, and what settles it if it is an invoice."""
        if billed.kind == CUSTOMER:
            return billed, known
        kind = INVOICE if billed.kind == PREPAID else billed.kind
        fresh = await again.document(kind, billed.lago_id)
        if fresh is not None and not isinstance(fresh, Unreadable):
            billed = next((one for one in fresh if one.key == billed.key), billed)
        if billed.kind != INVOICE:
            return billed, known
        shares = await again.shares(billed)
        related = {share.key for share in shares if share.key in self._found} | self._touching[main.id]
        return billed, replace(known, shares=shares, related=related)

    async def _why_missing(self, billed: BilledRow, seen: Seen, known: Known) -> list[Finding]:
        if billed.kind == CUSTOMER and known.entry is not None and known.entry.netsuite_id is not None:
            return [await self._gone_customer(billed, known.entry.netsuite_id)]
        return judge_missing(billed, known, seen.strangers)

    async def _look_for_customers(
        self, again: LookingAgain, rows: Sequence[BilledRow], seen: Mapping[Key, Seen], knowledge: Knowledge
    ) -> list[Finding]:
        """Look up the customers that records should be of and are not; one that is gone is told once.

        Where customers are compared too, it was told with them.
        """
        wanted = {
            known.customer
            for billed in rows
            if (known := knowledge.of(billed)).customer is not None
            and any(one.customer not in (None, known.customer) for one in seen[billed.key].records)
        }
        unknown = {one for one in wanted if one is not None} - self._there - self._gone.keys()
        found = await again.customers(unknown)
        self._there |= found.keys()
        owners = {knowledge.of(billed).customer: billed for billed in rows if billed.customer is not None}
        findings: list[Finding] = []
        for customer in sorted(unknown - found.keys()):
            billed = owners[customer]
            key = self._gone[customer] = key_of(Kind.CUSTOMER, LagoId(billed.customer or ""))
            if CUSTOMER not in self.scope.kinds:
                findings.append(await self._gone_customer(_customer_of(billed, key), customer))
        return findings

    def _told_of_customer(self, known: Known) -> Known:
        gone = self._gone.get(known.customer) if known.customer is not None else None
        return known if gone is None else replace(known, customer_gone=gone)

    async def _gone_customer(self, billed: BilledRow, record: InternalId) -> Finding:
        """Say which record a customer may be now, as its documents tell."""
        again = LookingAgain(self.reader, self.ledger)
        candidates = [one for one in self.reader.sides.customers_on_records(billed.lago_id) if one != record]
        rows = await again.customers([InternalId(one) for one in candidates])
        there = [one for one in candidates if InternalId(one) in rows]
        taken = len(there) == 1 and rows[InternalId(there[0])].identity not in (None, billed.key)
        return judge_gone_customer(billed, record, there, taken=taken)

    async def _judge_unbilled(self, records: Sequence[PostedRow]) -> list[Finding]:
        """Judge records of ours that no document was read for: Lago is asked for each."""
        again = LookingAgain(self.reader, self.ledger)
        entries = self.ledger.entries([one.identity for one in records if one.identity is not None])
        unknown = [one for one in records if one.identity not in entries]
        strange = await again.owners(unknown)
        findings: list[Finding] = []
        for record in records:
            entry = entries.get(record.identity) if record.identity is not None else None
            if record.id in strange:
                findings += judge_unbilled(record, entry, self.account.currencies, other_organization=True)
            else:
                findings += await self._judge_one_unbilled(again, record, entry)
        return findings

    async def _judge_one_unbilled(
        self, again: LookingAgain, record: PostedRow, entry: Entry | None
    ) -> list[Finding]:
        currencies = self.account.currencies
        if record.kind == CUSTOMER:
            found = judge_unbilled(record, entry, currencies, other_organization=False)
            self.counts.record(record.kind, found)
            return found
        kind = INVOICE if record.kind in (VOID, PREPAID) else record.kind
        documents = await again.document(kind, document_id(record))
        if isinstance(documents, Unreadable):
            effects = tuple(sorted(posted_amounts(record, None, currencies).items()))
            return self._settle_unbilled(record, [replace(_unreadable(documents), effects=effects)])
        billed = next((one for one in documents or () if one.key == record.identity), None)
        if record.kind == VOID and documents:
            return self._settle_void_memo(record, documents[0])
        if billed is None:
            found = judge_unbilled(record, entry, currencies, other_organization=False)
            return self._settle_unbilled(record, found)
        if not billed.in_scope:
            return []
        return await self._judge([(billed, [record])])

    def _settle_unbilled(self, record: PostedRow, found: list[Finding]) -> list[Finding]:
        """Count a record that Lago has no document for."""
        self._tie_out.add_posted(posted_amounts(record, None, self.account.currencies))
        self._tie_out.add_findings(found)
        self.counts.record(record.kind, found)
        return self._remember(record.identity, found, record)

    def _settle_void_memo(self, record: PostedRow, invoice: BilledRow) -> list[Finding]:
        if not invoice.in_scope:
            return []
        found = judge_void_memo(record, invoice, self.account.currencies)
        shape = replace(invoice, kind=VOID)
        self._tie_out.add_posted(posted_amounts(record, shape, self.account.currencies))
        self._tie_out.add_findings(found)
        self.counts.record(VOID, found)
        return found

    def _settle_missing(self, billed: BilledRow, known: Known, found: list[Finding]) -> list[Finding]:
        if self.keep_missing and any(one.what is Discrepancy.MISSING_IN_NETSUITE for one in found):
            self.missing.append(Missing(billed, known.entry))
        return self._settle(billed, (), None, found, known)

    def _settle(
        self,
        billed: BilledRow,
        records: Sequence[PostedRow],
        main: PostedRow | None,
        found: list[Finding],
        known: Known | None = None,
    ) -> list[Finding]:
        """Count a document with its records, and remember its findings for what follows from them."""
        self._tie_out.add_billed(billed_amounts(billed, main))
        for record in records:
            self._tie_out.add_posted(posted_amounts(record, billed, self.account.currencies))
        self._tie_out.add_findings(found)
        month = f"{billed.day:%Y-%m}" if billed.day and billed.counts and billed.kind != CUSTOMER else ""
        self.counts.document(billed.kind, month, found, len(records))
        self._queue_applications(billed, known, found)
        self._remember(billed.key, found, main, known)
        return found

    def _queue_applications(self, billed: BilledRow, known: Known | None, found: list[Finding]) -> None:
        if not self.keep_missing or known is None:
            return
        wrong = {one.what for one in found if one.command is not None}
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
        if key is None or all(one.explained for one in found):
            return found
        self._found.add(key)
        targets = {one.other for one in (record.applied or ())} if record is not None else set()
        targets |= set(known.wanted) if known is not None and known.wanted is not None else set()
        for target in targets:
            self._touching[target].add(key)
        return found


def _is_plainly_excused(billed: BilledRow, records: Sequence[PostedRow], known: Known) -> bool:
    """Nothing was ever sent of it, and nothing is to be: no look-up could say more."""
    linked = known.entry is not None and known.entry.netsuite_id is not None
    return billed.excuse is not None and not records and not linked


def _customer_of(billed: BilledRow, key: Key) -> BilledRow:
    """State the customer of a document."""
    return BilledRow(
        key=key,
        kind=CUSTOMER,
        lago_id=LagoId(billed.customer or ""),
        number=billed.customer_name,
        customer=billed.customer,
        customer_name=billed.customer_name,
        entity=billed.entity,
    )


def _unreadable(told: Unreadable) -> Finding:
    lago_id = told.lago_id
    return Finding(
        what=Discrepancy.UNREADABLE,
        kind=told.kind.value,
        key=None if lago_id is None else key_of(told.kind, LagoId(lago_id)),
        lago_id=lago_id,
        number=told.number or lago_id or "?",
        cause=told.error.message,
        action=told.error.hint or "Look at the document in Lago.",
        command=unreadable_command(told.kind.value, lago_id),
    )


def _numbered(kind: str, count: int) -> Finding:
    return Finding(
        what=Discrepancy.NUMBERED_BY_NETSUITE,
        kind=kind,
        key=None,
        lago_id=None,
        number=f"{count} records",
        cause="Most records carry numbers of NetSuite's own, so numbers are not compared.",
    )
