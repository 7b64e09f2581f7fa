"""Look-ups before a verdict: what one side lacks, and what seems to differ, is read once more by its key."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from lago_ns_cli.domain.attempts import Entry
from lago_ns_cli.domain.documents import Invoice, Payment, Received
from lago_ns_cli.domain.exchange import FindStatus, Found, Selection, Unreadable
from lago_ns_cli.domain.gate import Passage, gate_payment
from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, LagoExternalId, LagoId, key_of
from lago_ns_cli.domain.money import to_major_units
from lago_ns_cli.domain.reconciliation.billed import Party
from lago_ns_cli.domain.reconciliation.dues import PaymentShare
from lago_ns_cli.domain.reconciliation.known import NOT_SETTLED
from lago_ns_cli.domain.reconciliation.posted import lago_id_of, record_type_of
from lago_ns_cli.domain.reconciliation.rows import (
    CREDIT_NOTE,
    INVOICE,
    PREPAID,
    VOID,
    BilledRow,
    PostedRow,
)
from lago_ns_cli.errors import AuthError, DocumentError, RejectedError
from lago_ns_cli.workflows.deciding_payments import (
    frozen_shares,
    is_requested,
    named_invoices,
    payment_subject,
)
from lago_ns_cli.workflows.ports import Ledger
from lago_ns_cli.workflows.sides import Reader

_EXTRAS = ("taxes", "applied_by")

Query = dict[str, str]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seen:
    """What NetSuite has of a document: its records, and strangers with its number."""

    records: Sequence[PostedRow]
    strangers: Sequence[PostedRow] = ()


@dataclass(frozen=True, slots=True)
class LookingAgain:
    """Reads single documents and records of both sides."""

    reader: Reader
    ledger: Ledger

    async def records(
        self, documents: Sequence[tuple[BilledRow, Sequence[PostedRow]]], entries: Mapping[Key, Entry]
    ) -> dict[Key, Seen]:
        """Look up the records of documents by key, Lago id, link and number, whatever their date.

        Raises:
            AuthError: The role cannot see such records, so nothing can be said of them.
        """
        asked = [
            (billed, self._queries(billed, known, entries.get(billed.key))) for billed, known in documents
        ]
        answers = await self._find([query for _, queries in asked for query in queries])
        seen: dict[Key, Seen] = {}
        for billed, queries in asked:
            own, answers = answers[: len(queries)], answers[len(queries) :]
            seen[billed.key] = self._sort(billed, queries, own, entries.get(billed.key))
        return seen

    def _queries(self, billed: BilledRow, known: Sequence[PostedRow], entry: Entry | None) -> list[Query]:
        record_type = record_type_of(billed.kind)
        queries = [{"type": record_type, "key": billed.key}]
        if billed.kind not in (PREPAID, VOID):
            queries.append({"type": record_type, "lago_id": billed.lago_id})
        ids = {one.id for one in known}
        if entry is not None and entry.netsuite_id is not None:
            ids.add(entry.netsuite_id)
        queries += [{"type": record_type, "id": one} for one in sorted(ids)]
        if billed.kind in (INVOICE, CREDIT_NOTE):
            queries.append({"type": record_type, "number": billed.number})
        return queries

    def _sort(
        self, billed: BilledRow, queries: Sequence[Query], answers: Sequence[Found], entry: Entry | None
    ) -> Seen:
        """Tell the document's own records from strangers: a number alone makes none its own."""
        own: dict[InternalId, PostedRow] = {}
        strangers: dict[InternalId, PostedRow] = {}
        for query, answer in zip(queries, answers, strict=True):
            for record in answer.records:
                row = self.reader.posted_row(record.fields)
                linked = entry is not None and entry.netsuite_id == row.id
                if row.identity == billed.key or (linked and row.identity is None):
                    own[row.id] = row
                elif row.identity is None and "number" in query:
                    strangers[row.id] = row
        return Seen(list(own.values()), [one for one in strangers.values() if one.id not in own])

    async def _find(self, queries: Sequence[Query]) -> list[Found]:
        answers = list(await self.reader.netsuite.find(queries, include=_EXTRAS)) if queries else []
        for query, answer in zip(queries, answers, strict=True):
            if answer.status == FindStatus.DENIED:
                _refuse_blindness(query["type"])
        return answers

    async def void_memo(self, invoice: LagoId) -> PostedRow | None:
        """Look up the memo that takes a voided invoice back."""
        [answer] = await self._find([{"type": "creditmemo", "key": f"lago:void:{invoice.lower()}"}])
        return self.reader.posted_row(answer.records[0].fields) if answer.records else None

    async def customers(self, ids: Collection[InternalId]) -> dict[InternalId, PostedRow]:
        """Look up customers by internal id; those that are gone are absent."""
        wanted = sorted(ids)
        answers = await self._find([{"type": "customer", "id": one} for one in wanted])
        return {
            one: self.reader.posted_row(answer.records[0].fields)
            for one, answer in zip(wanted, answers, strict=True)
            if answer.records
        }

    async def document(self, kind: str, lago_id: LagoId) -> Sequence[BilledRow] | Unreadable | None:
        """Look up a document in Lago.

        Returns:
            Its rows; None where Lago has none; what is wrong with it where it cannot be read.
        """
        selection = Selection(ids=(lago_id,))
        try:
            match kind:
                case "credit_note":
                    note = await _only(self.reader.lago.credit_notes(selection))
                    return _stated(note, self.reader.credit_note)
                case "payment":
                    payment = await _only(self.reader.lago.payments(selection))
                    return await self._with_its_invoice(payment)
                case _:
                    invoice = await _only(self.reader.lago.invoices(selection))
                    return _stated(invoice, self.reader.invoice)
        except DocumentError as error:
            return Unreadable(kind=Kind(kind), lago_id=lago_id, number=None, error=error)

    async def _with_its_invoice(
        self, payment: Received[Payment] | Unreadable | None
    ) -> Sequence[BilledRow] | Unreadable | None:
        """State a payment by its invoice, whose billing entity may be another than its customer's."""
        if payment is None or isinstance(payment, Unreadable):
            return None if payment is None else _absent(payment)
        document = payment.document
        name = document.external_customer_id
        for invoice in named_invoices(document)[:1]:
            received = await self._whole(invoice)
            if received is not None:
                zone, entity = received.customer.applicable_timezone, received.billing_entity_code
                return [self.reader.payment(document, Party(zone, entity, received.customer.lago_id))]
        return [self.reader.payment(document, self.reader.sides.parties([name]).get(name))]

    async def _whole(self, invoice: LagoId) -> Invoice | None:
        try:
            return (await self.reader.lago.invoice(invoice)).document
        except (DocumentError, RejectedError):
            return None

    async def has_customer(self, entry: Entry | None) -> bool:
        """Tell whether Lago has the customer that the ledger knows, and not another one with its external id."""
        if entry is None:
            return False
        try:
            found = await self.reader.lago.customer(LagoExternalId(entry.number))
        except (DocumentError, RejectedError):
            return False
        return found.document.lago_id == entry.lago_id

    async def shares(self, invoice: BilledRow) -> list[PaymentShare]:
        """Read by which payments and notes Lago says that an invoice is settled."""
        payments = [
            one.document
            async for one in self.reader.lago.payments(Selection(), invoice=invoice.lago_id)
            if not isinstance(one, Unreadable) and gate_payment(one.document).passage is not Passage.LATER
        ]
        keys = {one.lago_id: key_of(Kind.PAYMENT, one.lago_id) for one in payments}
        entries, facts = self.ledger.entries(keys.values()), self.ledger.facts(keys.values())
        shares = [
            PaymentShare(
                key=keys[one.lago_id],
                lago_id=one.lago_id,
                name=f"payment {payment_subject(one).number}",
                command="payment",
                amount=None
                if is_requested(one) and not frozen_shares(facts.get(keys[one.lago_id], {}))
                else to_major_units(
                    frozen_shares(facts.get(keys[one.lago_id], {})).get(invoice.lago_id, one.amount_cents),
                    one.amount_currency,
                ),
                open_in_ledger=_is_open(entries.get(keys[one.lago_id])),
            )
            for one in payments
        ]
        return shares + self._notes(invoice)

    def _notes(self, invoice: BilledRow) -> list[PaymentShare]:
        notes = [
            one
            for one in self.reader.sides.billed_under(invoice.lago_id)
            if one.kind == CREDIT_NOTE and one.offset and one.excuse is None
        ]
        entries = self.ledger.entries([one.key for one in notes])
        return [
            PaymentShare(
                key=one.key,
                lago_id=one.lago_id,
                name=f"credit note {one.number}",
                command="credit-note",
                amount=None,
                open_in_ledger=_is_open(entries.get(one.key)),
            )
            for one in notes
        ]

    async def owners(self, records: Sequence[PostedRow]) -> set[InternalId]:
        """Name the records whose NetSuite customer is none of this Lago organization.

        Sure only where the customer carries one of our keys that the ledger does not know.
        """
        by_customer: dict[InternalId, list[InternalId]] = defaultdict(list)
        for one in records:
            if one.customer is not None:
                by_customer[InternalId(one.customer)].append(one.id)
        customers = await self.customers(by_customer.keys())
        keys = {one: row.identity for one, row in customers.items() if row.identity is not None}
        known = self.ledger.entries(list(keys.values()))
        strange = {one for one, key in keys.items() if key not in known and not self._knows(key)}
        return {record for one in strange for record in by_customer[one]}

    def _knows(self, customer: Key) -> bool:
        return self.reader.sides.billed(customer) is not None


def document_id(record: PostedRow) -> LagoId:
    """Tell the Lago id of the document that a record of ours is, or is part of."""
    lago_id = lago_id_of(record)
    if lago_id is None:
        raise ValueError(f"record {record.id} is not ours")
    return lago_id


async def _only(items: AsyncIterator[T]) -> T | None:
    """Read a list of one to its end, so that nothing of it is left under way."""
    found = [one async for one in items]
    return found[0] if found else None


def _stated(
    found: T | Unreadable | None, state: Callable[[T], Sequence[BilledRow]]
) -> Sequence[BilledRow] | Unreadable | None:
    if found is None or isinstance(found, Unreadable):
        return None if found is None else _absent(found)
    return state(found)


def _is_open(entry: Entry | None) -> bool:
    return entry is not None and entry.state in NOT_SETTLED


def _absent(unreadable: Unreadable) -> Unreadable | None:
    error = unreadable.error
    gone = isinstance(error, RejectedError) and error.code == f"{unreadable.kind.value}_not_found"
    return None if gone else unreadable


def _refuse_blindness(record_type: str) -> NoReturn:
    raise AuthError(
        f"The role may not look up {record_type} records, so nothing can be said of them.",
        system="NetSuite",
        hint="Give the role the permission to view them, then run the command again.",
        code="INSUFFICIENT_PERMISSION",
    )
