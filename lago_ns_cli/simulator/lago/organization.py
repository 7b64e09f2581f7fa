"""The Lago organization: generated documents, documents that were added, and what callers write."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any

from lago_ns_cli.simulator.lago.added import as_fee_documents, with_defaults
from lago_ns_cli.simulator.lago.collection import Collection, Page
from lago_ns_cli.simulator.lago.generator import Generator
from lago_ns_cli.simulator.lago.index import latest_issued_first, newest_first, oldest_first
from lago_ns_cli.simulator.lago.queries import Condition, Parameters, Query, wallet_transaction_conditions
from lago_ns_cli.simulator.lago.source import Kind, Place

Document = dict[str, Any]

_WRITTEN = (1 << 24) - 1
"""The customer index under which ids of written documents are made; no generated customer has it."""


class Organization:
    """A Lago organization of a seed, which can be added to and written to.

    Args:
        seed: Same seed and sizes, same organization.
        invoices: How many invoices are generated.
        customers: How many customers share them; at least 1.
        now: The time, aware and in UTC; it dates what is written, nothing that is generated.

    Attributes:
        withheld: What the API key may not do: ``("read", "invoice")``.
    """

    def __init__(self, *, seed: int, invoices: int, customers: int, now: Callable[[], datetime]) -> None:
        if invoices < 0 or customers < 1:
            raise ValueError(f"need at least 1 customer and 0 invoices, got {customers} and {invoices}")
        self._generator = Generator(seed, invoices, customers)
        self.now = now
        self.catalog = self._generator.catalog
        by_creation = _key_of("created_at", newest_first)
        self.customers = Collection(Kind.CUSTOMER, self._generator, by_creation)
        self.invoices = Collection(Kind.INVOICE, self._generator, _invoice_key)
        self.fees = Collection(Kind.FEE, self._generator, _key_of("created_at", oldest_first))
        self.credit_notes = Collection(Kind.CREDIT_NOTE, self._generator, by_creation)
        self.payments = Collection(Kind.PAYMENT, self._generator, by_creation)
        self.payment_requests = Collection(Kind.PAYMENT_REQUEST, self._generator, by_creation)
        self.wallets = Collection(Kind.WALLET, self._generator, by_creation)
        self._customer_ids: dict[str, str] = {}
        self._given_customers: set[str] = set()
        self._ids_made = 0
        self.withheld: frozenset[tuple[str, str]] = frozenset()

    def new_id(self) -> str:
        """Return an id for something that is written, different from every other."""
        self._ids_made += 1
        return self._generator.source.id(
            Kind.METADATA, _WRITTEN, self._ids_made >> 12, self._ids_made & 0xFFF
        )

    def timestamp(self) -> str:
        """Return the time as Lago writes it."""
        return f"{self.now().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

    def add_documents(self, documents: Mapping[str, Sequence[Document]]) -> None:
        """Add documents in Lago's JSON, or replace those of the same ids; they are served from then on.

        Args:
            documents: Lists under ``customers``, ``invoices``, ``credit_notes``, ``payments``. A customer
                that is only embedded in a document becomes known too, and fees are found at ``/fees``.

        Raises:
            ValueError: Another key, or a document that is no object with a ``lago_id``.
        """
        unknown = set(documents) - {"customers", "invoices", "credit_notes", "payments"}
        if unknown:
            raise ValueError(f"cannot add {', '.join(sorted(unknown))}")
        for name in documents:
            for document in documents[name]:
                _check_document(name, document)
        for customer in documents.get("customers", ()):
            self._given_customers.add(customer["lago_id"])
            self.store_customer(customer)
        for invoice in documents.get("invoices", ()):
            self.store_invoice(invoice)
        for note in documents.get("credit_notes", ()):
            self._know_customer(note.get("customer"))
            self.credit_notes.store(with_defaults("credit_note", note))
        for payment in documents.get("payments", ()):
            self.payments.store(with_defaults("payment", payment))

    def store_customer(self, customer: Document) -> None:
        """Put a customer in the place of the one with its id."""
        complete = with_defaults("customer", customer)
        self._customer_ids[complete["external_id"]] = complete["lago_id"]
        self.customers.store(complete)

    def store_invoice(self, invoice: Document) -> None:
        """Put an invoice, with its fees, in the place of the one with its id."""
        complete = with_defaults("invoice", invoice)
        self._know_customer(complete["customer"])
        self._hide_fees(complete["lago_id"])
        for fee in as_fee_documents(complete, self.fees.get, self.new_id):
            self.fees.store(fee)
        for fee in complete["fees"]:
            fee.pop("applied_taxes", None)
        self.invoices.store(complete)

    def _know_customer(self, customer: Document | None) -> None:
        if customer is None or customer["lago_id"] in self._given_customers:
            return
        if self._generator.find(Kind.CUSTOMER, customer["lago_id"]) is None:
            self.store_customer(customer)

    def _hide_fees(self, invoice_id: str) -> None:
        place = self._generator.find(Kind.INVOICE, invoice_id)
        known = self.invoices.get(invoice_id)
        if place and known:
            self.fees.hide([fee["lago_id"] for fee in known["fees"]])

    def editable_invoice(self, lago_id: str) -> Document | None:
        """Return a copy of an invoice to change and store."""
        return deepcopy(self.invoices.get(lago_id))

    def customer(self, external_id: str) -> Document | None:
        """Return a customer by its external id."""
        stored = self._customer_ids.get(external_id)
        if stored:
            return self.customers.stored[stored]
        index = self._generator.customer_index(external_id)
        if index is None:
            return None
        return self.customers.get(self._generator.source.id(Kind.CUSTOMER, index))

    def find(self, collection: Collection, lago_id: str) -> Document | None:
        """Return a document by its id, its customer as it is today."""
        document = collection.get(lago_id)
        return self._with_customer_of_today(document) if document else None

    def page(
        self, collection: Collection, query: Query, number: int, size: int, *, cache_key: tuple[Any, ...] = ()
    ) -> Page:
        """Return a page of a list, in Lago's order, customers as they are today.

        Args:
            collection: What is listed.
            query: The conditions.
            number: The page, from 1.
            size: Documents a page.
            cache_key: See ``Collection.page``.
        """
        conditions = list(query.conditions)
        customers: list[int] | None = None
        if query.external_customer_id is not None:
            index = self._generator.customer_index(query.external_customer_id)
            customers = [] if index is None else [index]
            conditions.append(_of_customer(query.external_customer_id))
        elif query.invoice_id is not None:
            place = self._generator.find(Kind.INVOICE, query.invoice_id)
            customers = [place.customer] if place else []
        page = collection.page(conditions, number=number, size=size, customers=customers, cache_key=cache_key)
        return Page([self._with_customer_of_today(one) for one in page.documents], page.total)

    def subscriptions(self, external_id: str) -> Sequence[Document]:
        """Return a customer's subscriptions."""
        index = self._generator.customer_index(external_id)
        if index is not None:
            return self._generator.subscriptions(index)
        found: dict[str, Document] = {}
        for invoice in self.invoices.stored.values():
            if invoice["customer"]["external_id"] == external_id:
                found.update({one["lago_id"]: one for one in invoice["subscriptions"]})
        return list(found.values())

    def applied_coupons(self, external_id: str) -> Sequence[Document]:
        """Return the coupons that a generated customer's invoices use."""
        index = self._generator.customer_index(external_id)
        return [] if index is None else self._generator.applied_coupons(index)

    def wallet_transactions(self, wallet_id: str, parameters: Parameters) -> Sequence[Document] | None:
        """Return a wallet's transactions, newest first, or ``None`` when there is no such wallet."""
        place = self._generator.find(Kind.WALLET, wallet_id)
        if place is None:
            return None
        moves = range(self._generator.wallet_moves(place.customer, place.slot))
        transactions = [
            self._generator.document(place._replace(kind=Kind.WALLET_TRANSACTION, part=part))
            for part in moves
        ]
        judges = [condition.of_document for condition in wallet_transaction_conditions(parameters)]
        wanted = [one for one in transactions if all(judge(one) for judge in judges)]
        wanted.sort(key=lambda one: one["lago_id"])
        wanted.sort(key=lambda one: one["created_at"], reverse=True)
        return wanted

    def wallet_transaction(self, lago_id: str) -> Document | None:
        """Return a wallet transaction by its id."""
        place: Place | None = self._generator.find(Kind.WALLET_TRANSACTION, lago_id)
        return self._generator.document(place) if place else None

    def _with_customer_of_today(self, document: Document) -> Document:
        embedded = document.get("customer")
        current = self.customers.stored.get(embedded["lago_id"]) if embedded else None
        if current is None:
            return document
        inside = {key: value for key, value in current.items() if key not in _ONLY_ON_CUSTOMER}
        return {**document, "customer": inside}


def _check_document(name: str, document: Any) -> None:
    if not isinstance(document, dict) or not isinstance(document.get("lago_id"), str):
        raise ValueError(f"each of {name} must be an object with a lago_id")
    customer = document.get("customer")
    if customer is not None and not (isinstance(customer, dict) and isinstance(customer.get("lago_id"), str)):
        raise ValueError(f"the customer of {name} {document['lago_id']} must be an object with a lago_id")


_ONLY_ON_CUSTOMER = ("taxes", "applicable_invoice_custom_sections", "error_details")


def _of_customer(external_id: str) -> Condition:
    """Keep what belongs to a customer; generated rows were chosen by customer already."""

    def belongs(document: Document) -> bool:
        if "external_customer_id" in document:
            return bool(document["external_customer_id"] == external_id)
        embedded = document.get("customer") or document
        return bool(embedded.get("external_id") == external_id)

    return Condition(belongs, lambda _: True)


def _seconds(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _key_of(field: str, key: Callable[[int], int]) -> Callable[[Document], int]:
    return lambda document: key(_seconds(document[field]))


def _invoice_key(invoice: Document) -> int:
    issued = invoice["issuing_date"]
    return latest_issued_first(
        date.fromisoformat(issued) if issued else date.max, _seconds(invoice["created_at"])
    )
