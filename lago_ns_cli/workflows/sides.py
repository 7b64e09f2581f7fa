"""Reads both sides, each in its own order, into a table where they are joined."""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Protocol, TypeVar

from lago_ns_cli.domain.catalog import Row
from lago_ns_cli.domain.documents import CreditNote, Customer, InvoiceSummary, Payment, Received
from lago_ns_cli.domain.exchange import Selection, Unreadable
from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, LagoExternalId, LagoId, key_of
from lago_ns_cli.domain.periods import Period
from lago_ns_cli.domain.reconciliation.billed import (
    Party,
    Terms,
    credit_note_row,
    customer_row,
    invoice_rows,
    payment_row,
)
from lago_ns_cli.domain.reconciliation.posted import posted_row
from lago_ns_cli.domain.reconciliation.rows import (
    CREDIT_NOTE,
    CUSTOMER,
    INVOICE,
    PAYMENT,
    PREPAID,
    VOID,
    Applied,
    BilledRow,
    PostedRow,
)
from lago_ns_cli.errors import DocumentError
from lago_ns_cli.workflows.deciding_payments import named_invoices
from lago_ns_cli.workflows.ports import LagoSource, NetSuite
from lago_ns_cli.workflows.reconcile_reports import Scope
from lago_ns_cli.workflows.run import chunks

T = TypeVar("T")

PAGE = 1000
"""Rows that are in memory at once: a page of NetSuite's lists."""

TAXES = ("taxes",)

_READ_AS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "customer": {CUSTOMER: (CUSTOMER,)},
    "invoice": {INVOICE: (INVOICE,)},
    "creditmemo": {INVOICE: (PREPAID, VOID), CREDIT_NOTE: (CREDIT_NOTE,)},
    "customerpayment": {PAYMENT: (PAYMENT,)},
}
"""Which kinds of records a record type holds, by the kind of documents that asks for them."""


class Sides(Protocol):
    """Where the rows of both sides are kept and joined; rows are added first, then read."""

    def add_billed(self, rows: Iterable[BilledRow]) -> None:
        """Add rows of Lago's."""

    def add_posted(self, rows: Iterable[PostedRow]) -> None:
        """Add rows of NetSuite's."""

    def add_applied(self, rows: Iterable[tuple[InternalId, InternalId, Decimal]]) -> None:
        """Add amounts that memos and payments put on invoices: from, to, how much."""

    def add_parties(self, parties: Mapping[LagoExternalId, Party]) -> None:
        """Add what payments need to know of customers."""

    def parties(self, names: Collection[LagoExternalId]) -> Mapping[LagoExternalId, Party]:
        """Read what is known of customers."""

    def billed(self, key: Key) -> BilledRow | None:
        """Read one row of Lago's."""

    def billed_under(self, parent: LagoId) -> Sequence[BilledRow]:
        """Read the notes and payments of one invoice."""

    def posted(self, identity: Key) -> Sequence[PostedRow]:
        """Read the records that say that they are a document."""

    def applied(self, sources: Collection[InternalId]) -> Mapping[InternalId, tuple[Applied, ...]]:
        """Read what memos and payments are applied to; those applied to nothing are absent."""

    def pairs(self, kind: str, size: int) -> Iterator[list[tuple[BilledRow, Sequence[PostedRow]]]]:
        """Read the documents of a kind, each with its records, in lists."""

    def unbilled(self, kind: str, size: int) -> Iterator[list[PostedRow]]:
        """Read the records of ours of a kind that no document was read for, in lists."""

    def shared_numbers(self, kind: str) -> Iterator[tuple[BilledRow, PostedRow, PostedRow]]:
        """Read documents that have a record, that record, and a stranger's with the same number."""

    def numbers(self, kind: str) -> tuple[int, int]:
        """Count the documents of a kind that have a record, and those with the same number there."""

    def customers_on_records(self, customer: LagoId) -> Sequence[str]:
        """List the NetSuite customers that the records of a customer's documents are of."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads both sides into the table; yields how many rows it has read, or what cannot be read."""

    lago: LagoSource
    netsuite: NetSuite
    sides: Sides
    scope: Scope
    terms: Terms
    periods: Mapping[str, Period]
    currencies: Mapping[str, str]

    async def read(self) -> AsyncIterator[int | Unreadable]:
        """Read all that the scope asks for.

        Raises:
            AuthError: The role cannot see records that are to be compared.
            RemoteError: One of the two sides cannot be reached.
        """
        async for told in self._read_lago():
            yield told
        async for rows in self._read_netsuite():
            yield rows

    def posted_row(self, row: Row) -> PostedRow:
        """Read a record of NetSuite's."""
        return posted_row(row, self.periods, self.currencies)

    async def _read_netsuite(self) -> AsyncIterator[int]:
        for record_type, kinds_for in _READ_AS.items():
            kinds = {kind for asked in self.scope.kinds for kind in kinds_for.get(asked, ())}
            if kinds:
                async for rows in self._read_records(record_type, kinds):
                    yield rows
        if {CREDIT_NOTE, PAYMENT} & set(self.scope.kinds):
            async for page in chunks(self._listed("application"), PAGE):
                self.sides.add_applied(
                    (
                        InternalId(str(row["from_id"])),
                        InternalId(str(row["to_id"])),
                        Decimal(str(row["amount"])),
                    )
                    for row in page
                )
                yield len(page)

    async def _read_records(self, record_type: str, kinds: set[str]) -> AsyncIterator[int]:
        async for page in chunks(self._listed(record_type), PAGE):
            rows = [row for row in map(self.posted_row, page) if row.kind in kinds]
            # A customer that is not ours concerns nobody here; a document may have taken our number.
            self.sides.add_posted(row for row in rows if row.identity or row.kind != CUSTOMER)
            yield len(page)

    def _listed(self, record_type: str) -> AsyncIterator[Row]:
        if record_type == "customer":
            return self.netsuite.list_rows(record_type)
        include = TAXES if record_type in ("invoice", "creditmemo") else ()
        return self.netsuite.list_rows(
            record_type, since=self.scope.since, until=self.scope.until, include=include
        )

    async def _read_lago(self) -> AsyncIterator[int | Unreadable]:
        selection = Selection(since=self.scope.since, until=self.scope.until)
        if {CUSTOMER, PAYMENT} & set(self.scope.kinds):
            async for customers in chunks(self.lago.customers(Selection()), PAGE):
                for told in self._add(customers, self._customer, Kind.CUSTOMER):
                    yield told
        if INVOICE in self.scope.kinds:
            async for invoices in chunks(self.lago.invoices(selection), PAGE):
                for told in self._add(invoices, self.invoice, Kind.INVOICE):
                    yield told
        if CREDIT_NOTE in self.scope.kinds:
            async for notes in chunks(self.lago.credit_notes(selection), PAGE):
                for told in self._add(notes, self.credit_note, Kind.CREDIT_NOTE):
                    yield told
        if PAYMENT in self.scope.kinds:
            async for payments in chunks(self.lago.payments(self._days_around()), PAGE):
                for told in self._add(payments, self._payments(payments), Kind.PAYMENT):
                    yield told

    def _days_around(self) -> Selection:
        """A payment's day is its customer's, at most a day from the one in UTC."""
        day = timedelta(days=1)
        return Selection(
            since=self.scope.since - day if self.scope.since else None,
            until=self.scope.until + day if self.scope.until else None,
        )

    def _add(
        self, page: Sequence[T | Unreadable], state: Callable[[T], Sequence[BilledRow]], kind: Kind
    ) -> Iterator[int | Unreadable]:
        """Add what can be read of a page; one document that cannot stops no other."""
        rows: list[BilledRow] = []
        for one in page:
            if isinstance(one, Unreadable):
                yield one
                continue
            try:
                rows += state(one)
            except DocumentError as error:
                yield _unreadable(one, kind, error)
        self.sides.add_billed(rows)
        yield len(page)

    def _customer(self, received: Received[Customer]) -> Sequence[BilledRow]:
        customer = received.document
        party = Party(customer.applicable_timezone, customer.billing_entity_code, customer.lago_id)
        self.sides.add_parties({customer.external_id: party})
        return [self._scoped(customer_row(customer))] if CUSTOMER in self.scope.kinds else []

    def invoice(self, invoice: InvoiceSummary) -> Sequence[BilledRow]:
        """State an invoice.

        Raises:
            DocumentError: It cannot be stated.
        """
        return [self._scoped(row) for row in invoice_rows(invoice, self.terms)]

    def credit_note(self, received: Received[CreditNote]) -> Sequence[BilledRow]:
        """State a credit note.

        Raises:
            DocumentError: It cannot be stated.
        """
        return [self._scoped(credit_note_row(received.document, self.terms))]

    def _payments(
        self, page: Sequence[Received[Payment] | Unreadable]
    ) -> Callable[[Received[Payment]], Sequence[BilledRow]]:
        named = {one.document.external_customer_id for one in page if not isinstance(one, Unreadable)}
        parties = self.sides.parties(named)

        def state(received: Received[Payment]) -> Sequence[BilledRow]:
            payment = received.document
            row = self.payment(payment, parties.get(payment.external_customer_id))
            return [row] if self.scope.holds(row.days) else []

        return state

    def payment(self, payment: Payment, party: Party | None) -> BilledRow:
        """State a payment; the billing entity of its invoice goes before its customer's.

        Raises:
            DocumentError: It cannot be stated.
        """
        first = next(iter(named_invoices(payment)), None)
        invoice = None if first is None else self.sides.billed(key_of(Kind.INVOICE, first))
        if invoice is not None and party is not None:
            party = replace(party, entity=invoice.entity)
        return self._scoped(payment_row(payment, party, self.terms))

    def _scoped(self, row: BilledRow) -> BilledRow:
        wanted = self.scope.billing_entity in (None, row.entity)
        return row if wanted else replace(row, in_scope=False)


def _unreadable(one: object, kind: Kind, error: DocumentError) -> Unreadable:
    document = one.document if isinstance(one, Received) else one
    return Unreadable(
        kind=kind,
        lago_id=getattr(document, "lago_id", None),
        number=getattr(document, "number", None) or getattr(document, "external_id", None),
        error=error,
    )
