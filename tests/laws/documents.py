"""Documents of generated organizations, as Lago's API tells them and as the domain reads them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Generic

import msgspec

from lago_ns_cli.domain.documents import (
    CreditNote,
    Customer,
    DocumentT,
    Fee,
    FeeTax,
    Invoice,
    Payment,
    Received,
)
from lago_ns_cli.domain.identifiers import LagoId
from lago_ns_cli.lago import schemas
from lago_ns_cli.simulator.lago.billing import Bill
from lago_ns_cli.simulator.lago.generator import Generator
from lago_ns_cli.simulator.lago.schedule import CHAPTER, Slot
from lago_ns_cli.simulator.lago.source import Kind, Place

Json = dict[str, Any]

INVOICES_PER_CUSTOMER = 12
"""A year of monthly invoices: one chapter of the generator, within which credit moves."""


@dataclass(frozen=True)
class Generated(Generic[DocumentT]):
    """A document: what Lago's JSON says, and what the domain reads from it."""

    told: Json
    received: Received[DocumentT]

    @property
    def document(self) -> DocumentT:
        """The document itself."""
        return self.received.document

    @property
    def name(self) -> str:
        """What a failing law calls it."""
        return str(self.told.get("number") or self.told["lago_id"])


class Billing:
    """Everything that one organization bills to one customer.

    Args:
        generator: The organization.
        customer: The customer's index.
    """

    def __init__(self, generator: Generator, customer: int) -> None:
        self._generator = generator
        self._customer = customer

    @cached_property
    def customer(self) -> Generated[Customer]:
        """The customer."""
        told, raw = self._told(Kind.CUSTOMER, 0, 0)
        return Generated(told, schemas.read_customer(raw))

    @cached_property
    def invoices(self) -> list[Generated[Invoice]]:
        """The invoices that are final and not self-billed, in the order of time."""
        told = [self._told(Kind.INVOICE, slot.index, 0) for slot in self._slots if slot.status == "finalized"]
        return [Generated(one, schemas.read_invoice(raw)) for one, raw in told if not one["self_billed"]]

    @cached_property
    def notes(self) -> list[Generated[CreditNote]]:
        """The credit notes."""
        told = [
            self._told(Kind.CREDIT_NOTE, slot, part)
            for slot, bill in self._bills()
            for part in range(len(bill.notes))
        ]
        return [Generated(one, schemas.read_credit_note(raw)) for one, raw in told if not one["self_billed"]]

    @cached_property
    def payments(self) -> list[Generated[Payment]]:
        """The payments that succeeded."""
        told = [
            self._told(Kind.PAYMENT, slot, part)
            for slot, bill in self._bills()
            for part in range(len(bill.payments))
        ]
        return [
            Generated(one, schemas.read_payment(raw))
            for one, raw in told
            if one["payment_status"] == "succeeded"
        ]

    def fee(self, lago_id: LagoId) -> Fee:
        """Read a fee with its taxes, as Lago tells it when it is asked for it alone."""
        place = self._generator.find(Kind.FEE, lago_id)
        assert place is not None
        return schemas.read_fee(_encoded(self._generator.document(place)))

    def fee_taxes(self, fees: tuple[LagoId, ...]) -> Mapping[LagoId, tuple[FeeTax, ...]]:
        """Ask for the taxes of some fees."""
        return {one: tuple(self.fee(one).applied_taxes or ()) for one in fees}

    @cached_property
    def _slots(self) -> Sequence[Slot]:
        return list(self._generator.slots(self._customer))

    def _bills(self) -> Iterator[tuple[int, Bill]]:
        for slot in self._slots:
            chapter = self._generator.chapter(self._customer, slot.index // CHAPTER)
            yield slot.index, chapter.bill(slot.index)

    def _told(self, kind: Kind, slot: int, part: int) -> tuple[Json, bytes]:
        told = self._generator.document(Place(kind, self._customer, slot, part))
        return told, _encoded(told)


def _encoded(document: Json) -> bytes:
    return msgspec.json.encode(document)


@lru_cache(maxsize=4)
def organization(seed: int, customers: int) -> Generator:
    """Make an organization in which every customer has a year of invoices."""
    return Generator(seed, customers * INVOICES_PER_CUSTOMER, customers)


def billing(seed: int, customer: int, customers: int) -> Billing:
    """Everything that is billed to one customer of an organization."""
    return Billing(organization(seed, customers), customer)
