"""Every document of the organization by its place, computed when asked for."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from lago_ns_cli.simulator.lago.billing import Bill, Chapter, coupon_of, write_chapter
from lago_ns_cli.simulator.lago.catalog import Catalog
from lago_ns_cli.simulator.lago.fee_json import FeeJson
from lago_ns_cli.simulator.lago.invoice_json import InvoiceJson
from lago_ns_cli.simulator.lago.other_json import CreditNoteJson, PaymentJson, WalletJson
from lago_ns_cli.simulator.lago.parties import Parties
from lago_ns_cli.simulator.lago.profiles import Profile, index_of_external_id, profile
from lago_ns_cli.simulator.lago.schedule import CHAPTER, Schedule, Slot
from lago_ns_cli.simulator.lago.source import Kind, Place, Source

Document = dict[str, Any]

_CHAPTERS_KEPT = 256
_PROFILES_KEPT = 1024


class Generator:
    """Computes documents from the seed.

    Args:
        seed: Same seed and sizes, same organization.
        invoices: How many invoices there are.
        customers: How many customers share them.
    """

    def __init__(self, seed: int, invoices: int, customers: int) -> None:
        self.source = Source(seed)
        self.schedule = Schedule(self.source, invoices, customers)
        self.catalog = Catalog(self.source)
        self.customers = customers
        self._parties = Parties(self.source, self.catalog)
        self._fees = FeeJson(self.source)
        self._invoices = InvoiceJson(self.source, self._parties, self._fees)
        self._notes = CreditNoteJson(self.source, self._parties, self._fees)
        self._payments = PaymentJson(self.source, self._parties, self._invoices)
        self._wallets = WalletJson(self.source)
        self.profile = lru_cache(_PROFILES_KEPT)(self._profile)
        self.chapter = lru_cache(_CHAPTERS_KEPT)(self._chapter)

    def _profile(self, index: int) -> Profile:
        return profile(self.source, index)

    def _chapter(self, customer: int, number: int) -> Chapter:
        return write_chapter(self.source, self.schedule, self.profile(customer), number)

    def slots(self, customer: int) -> Iterator[Slot]:
        """Yield the slots of a customer."""
        return self.schedule.slots(self.profile(customer))

    def customer_index(self, external_id: str) -> int | None:
        """Return the index of the generated customer with an external id."""
        index = index_of_external_id(external_id)
        return index if index is not None and index < self.customers else None

    def find(self, kind: Kind, lago_id: str) -> Place | None:
        """Return the place of a generated object of a kind, or ``None`` when there is none with that id."""
        place = self.source.place(lago_id)
        if place is None or place.kind != kind or place.customer >= self.customers:
            return None
        return place if self._exists(place) else None

    def _exists(self, place: Place) -> bool:
        kind = place.kind
        if kind == Kind.CUSTOMER:
            return place.slot == place.part == 0
        count = self.schedule.count(place.customer)
        if kind in (Kind.WALLET, Kind.WALLET_TRANSACTION):
            return place.slot * CHAPTER < count and place.part < len(
                self.chapter(place.customer, place.slot).wallet.moves
            )
        if place.slot >= count:
            return False
        bill = self._bill(place)[1]
        parts = {
            Kind.INVOICE: 1,
            Kind.FEE: len(bill.fees),
            Kind.CREDIT_NOTE: len(bill.notes),
            Kind.PAYMENT: len(bill.payments),
            Kind.PAYMENT_REQUEST: int(bill.slot.settlement == "request_second"),
        }
        return place.part < parts.get(Kind(kind), 0)

    def document(self, place: Place) -> Document:
        """Return the document at a place, as a single GET shows it."""
        if place.kind == Kind.CUSTOMER:
            return self._parties.customer(self.profile(place.customer), with_taxes=True)
        if place.kind == Kind.WALLET:
            return self._wallets.wallet(self.chapter(place.customer, place.slot))
        if place.kind == Kind.WALLET_TRANSACTION:
            return self._wallets.transaction(self.chapter(place.customer, place.slot), place.part)
        chapter, bill = self._bill(place)
        if place.kind == Kind.INVOICE:
            return self._invoices.single(chapter, bill)
        if place.kind == Kind.FEE:
            return self._fees.fee(chapter, bill, bill.fees[place.part], with_taxes=True)
        if place.kind == Kind.CREDIT_NOTE:
            return self._notes.note(chapter, bill, bill.notes[place.part])
        payment = bill.payments[place.part if place.kind == Kind.PAYMENT else 0]
        write = self._payments.payment if place.kind == Kind.PAYMENT else self._payments.request
        return write(chapter, bill, payment)

    def listed_invoice(self, place: Place) -> Document:
        """Return an invoice as the list shows it, which is cheaper than the whole."""
        return self._invoices.listed(*self._bill(place))

    def wallet_moves(self, customer: int, chapter: int) -> int:
        """Return how many transactions a chapter's wallet has."""
        return len(self.chapter(customer, chapter).wallet.moves)

    def subscriptions(self, customer: int) -> Sequence[Document]:
        """Return a customer's subscriptions."""
        someone = self.profile(customer)
        count = -(-self.schedule.count(customer) // CHAPTER)
        return [self._parties.subscription(someone, number) for number in range(count)]

    def applied_coupons(self, customer: int) -> Sequence[Document]:
        """Return the coupons that a customer's invoices use."""
        someone = self.profile(customer)
        used = {
            coupon_of(someone, slot).code: coupon_of(someone, slot)
            for slot in self.slots(customer)
            if slot.coupon
        }
        return [self._parties.applied_coupon(someone, coupon) for coupon in used.values()]

    def _bill(self, place: Place) -> tuple[Chapter, Bill]:
        chapter = self.chapter(place.customer, place.slot // CHAPTER)
        return chapter, chapter.bill(place.slot)
