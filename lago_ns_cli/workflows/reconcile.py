"""Both sides compared: read, joined, looked up once more, judged, and tied out.

Customers come first, then memos and payments, then invoices: what is due of an invoice follows from
what was done with the memos and payments on it.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

from lago_ns_cli.domain.attempts import Entry
from lago_ns_cli.domain.exchange import Unreadable
from lago_ns_cli.domain.identifiers import LagoId, key_of
from lago_ns_cli.domain.mapping import Mappings
from lago_ns_cli.domain.reconciliation.absence import (
    judge_missing,
    judge_unbilled,
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
from lago_ns_cli.domain.reconciliation.tie_out import posted_amounts
from lago_ns_cli.workflows.gone_customers import GoneCustomers
from lago_ns_cli.workflows.knowing import Knowledge, load_knowledge
from lago_ns_cli.workflows.looking_again import LookingAgain, Seen, document_id
from lago_ns_cli.workflows.ports import Ledger
from lago_ns_cli.workflows.reconcile_reports import (
    FindingReported,
    ReadReported,
    Reconciled,
    ReconcileEvent,
    Scope,
)
from lago_ns_cli.workflows.seen_findings import SeenFindings
from lago_ns_cli.workflows.settling import Settling
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

_OF_ITS_INVOICE = frozenset({Discrepancy.SUBSIDIARY, Discrepancy.DATE, Discrepancy.PERIOD})
"""What of a payment only its invoice settles: its list names neither billing entity nor time zone."""

_APPLIED_KINDS = frozenset({CREDIT_NOTE, PREPAID, PAYMENT})

Documents = Sequence[tuple[BilledRow, Sequence[PostedRow]]]


@dataclass(slots=True)
class Reconciliation:
    """One comparison of both sides.

    Args:
        books: Counts what is found, and ties it out.
        again: Looks up before a verdict.
        seen: Remembers findings for whoever decides about them.
    """

    reader: Reader
    ledger: Ledger
    mappings: Mappings
    account: Account
    scope: Scope
    books: Settling
    again: LookingAgain
    customers: GoneCustomers
    seen: SeenFindings
    _unreadable: dict[tuple[str, LagoId | None], Finding] = field(default_factory=dict)

    async def run(self) -> AsyncIterator[ReconcileEvent]:
        """Compare; findings come as they are made.

        Raises:
            AuthError: The role cannot see records that are to be compared.
            RemoteError: One of the two sides cannot be reached.
            UnaccountedError: The findings do not add up to the differences.
        """
        async for event in self._events():
            if isinstance(event, FindingReported):
                self.seen.add(event.finding)
            yield event
        self.seen.close()

    async def _events(self) -> AsyncIterator[ReconcileEvent]:
        async for told in self.reader.read():
            if isinstance(told, int):
                yield ReadReported(told)
            else:
                # Reported at the end, or with the record that it has after all.
                self._unreadable[told.kind.value, told.lago_id] = _unreadable(told)
        for numbered in self._settle_numbers():
            yield numbered
        for kind in _ORDER:
            if _WITH[kind] in self.scope.kinds:
                async for event in self._compare(kind):
                    yield event
        for finding in self._unreadable.values():
            yield self.books.report(finding)

    def reconciled(self, queued: int = 0) -> Reconciled:
        """Close the tie-out and give the result.

        Raises:
            UnaccountedError: The findings do not add up to the differences.
        """
        return self.books.counts.reconciled(self.scope, self.books.lines(), queued)

    async def _compare(self, kind: str) -> AsyncIterator[ReconcileEvent]:
        for pairs in self.reader.sides.pairs(kind, _CHUNK):
            for finding in await self._judge([pair for pair in pairs if pair[0].in_scope]):
                yield self.books.report(finding)
        for records in self.reader.sides.unbilled(kind, _CHUNK):
            for finding in await self._judge_unbilled(records):
                yield self.books.report(finding)
        if kind == INVOICE:
            for records in self.reader.sides.unbilled(VOID, _CHUNK):
                for finding in await self._judge_unbilled(records):
                    yield self.books.report(finding)
        for billed, own, stranger in self.reader.sides.shared_numbers(kind):
            if billed.in_scope:
                yield self.books.report(number_shared(billed, own, stranger))

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
                events.append(self.books.report(_numbered(kind, matched - same)))
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
                findings += self.books.document(billed, (), None, judge_missing(billed, known, ()))
                continue
            found = self._first_look(billed, records, known)
            if found is None or not all(one.explained for one in found):
                suspects.append((billed, records))
            else:
                findings += self.books.document(billed, records, records[0], found)
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
        rows = [billed for billed, _ in suspects]
        knowledge = load_knowledge(self.ledger, self.mappings, rows, sent=True)
        seen = await self.again.records(suspects, knowledge.entries)
        findings = await self.customers.look(rows, seen, knowledge)
        for billed in rows:
            findings += await self._judge_again(billed, seen[billed.key], knowledge)
        return findings

    async def _judge_again(self, billed: BilledRow, seen: Seen, knowledge: Knowledge) -> list[Finding]:
        known = self.customers.told(knowledge.of(billed))
        if not seen.records:
            return self.books.missing_document(billed, known, await self._why_missing(billed, seen, known))
        if billed.voided and billed.kind == INVOICE:
            known = replace(known, void_memo=await self.again.void_memo(billed.lago_id))
        found, main = judge(billed, seen.records, known, self.account)
        unsure = _CHANGING | _OF_ITS_INVOICE if billed.kind == PAYMENT else _CHANGING
        if any(one.what in unsure for one in found):
            billed, known = await self._read_again(billed, main, known)
            found, main = judge(billed, seen.records, known, self.account)
        return self.books.document(billed, seen.records, main, found, known)

    async def _read_again(self, billed: BilledRow, main: PostedRow, known: Known) -> tuple[BilledRow, Known]:
        """Read a document of Lago's anew, and what settles it if it is an invoice."""
        if billed.kind == CUSTOMER:
            return billed, known
        kind = INVOICE if billed.kind == PREPAID else billed.kind
        fresh = await self.again.document(kind, billed.lago_id)
        if fresh is not None and not isinstance(fresh, Unreadable):
            billed = next((one for one in fresh if one.key == billed.key), billed)
        if billed.kind != INVOICE:
            return billed, known
        shares = await self.again.shares(billed)
        related = {share.key for share in shares if share.key in self.books.found} | self.books.touching[
            main.id
        ]
        return billed, replace(known, shares=shares, related=related)

    async def _why_missing(self, billed: BilledRow, seen: Seen, known: Known) -> list[Finding]:
        if billed.kind == CUSTOMER and known.entry is not None and known.entry.netsuite_id is not None:
            return [await self.customers.gone(billed, known.entry.netsuite_id)]
        return judge_missing(billed, known, seen.strangers)

    async def _judge_unbilled(self, records: Sequence[PostedRow]) -> list[Finding]:
        """Judge records of ours that no document was read for: Lago is asked for each."""
        entries = self.ledger.entries([one.identity for one in records if one.identity is not None])
        unknown = [one for one in records if one.identity not in entries]
        strange = await self.again.owners(unknown)
        findings: list[Finding] = []
        for record in records:
            entry = entries.get(record.identity) if record.identity is not None else None
            if record.id in strange:
                findings += judge_unbilled(record, entry, self.account.currencies, other_organization=True)
            else:
                findings += await self._judge_one_unbilled(record, entry)
        return findings

    async def _judge_one_unbilled(self, record: PostedRow, entry: Entry | None) -> list[Finding]:
        currencies = self.account.currencies
        if record.kind == CUSTOMER:
            if await self.again.has_customer(entry):
                return []  # made in Lago after its list was read
            found = judge_unbilled(record, entry, currencies, other_organization=False)
            return self.books.unbilled(record, found, entry)
        kind = INVOICE if record.kind in (VOID, PREPAID) else record.kind
        documents = await self.again.document(kind, document_id(record))
        if isinstance(documents, Unreadable):
            told = self._unreadable.pop((documents.kind.value, documents.lago_id), _unreadable(documents))
            effects = tuple(sorted(posted_amounts(record, None, currencies).items()))
            return self.books.unbilled(record, [replace(told, effects=effects)])
        billed = next((one for one in documents or () if one.key == record.identity), None)
        if record.kind == VOID and documents:
            return self.books.void_memo(record, documents[0])
        if billed is None:
            found = judge_unbilled(record, entry, currencies, other_organization=False)
            return self.books.unbilled(record, found, entry)
        if not billed.in_scope:
            return []
        return await self._judge([(billed, [record])])


def _is_plainly_excused(billed: BilledRow, records: Sequence[PostedRow], known: Known) -> bool:
    """Nothing was ever sent of it, and nothing is to be: no look-up could say more."""
    linked = known.entry is not None and known.entry.netsuite_id is not None
    return billed.excuse is not None and not records and not linked


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
