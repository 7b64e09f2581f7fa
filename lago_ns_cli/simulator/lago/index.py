"""What lists are ordered and filtered by, in a few bytes a row, built from the schedule alone."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from lago_ns_cli.simulator.lago.billing import note_moment, payment_moments
from lago_ns_cli.simulator.lago.fees import recipes
from lago_ns_cli.simulator.lago.generator import Generator
from lago_ns_cli.simulator.lago.invoice_json import is_overdue
from lago_ns_cli.simulator.lago.moments import DAY
from lago_ns_cli.simulator.lago.parties import customer_created
from lago_ns_cli.simulator.lago.profiles import Profile
from lago_ns_cli.simulator.lago.schedule import CHAPTER, Slot
from lago_ns_cli.simulator.lago.source import Kind, Place

_LATEST = (1 << 40) - 1
_LAST_DAY = (1 << 22) - 1


class Attributes(NamedTuple):
    """What is known of a document without its amounts; of an invoice's notes, fees and payments, the invoice's."""

    status: str = ""
    payment_status: str = ""
    invoice_type: str = ""
    currency: str = ""
    billing_entity: str = ""
    self_billed: bool = False
    overdue: bool = False
    issuing_date: date = date.min


def newest_first(created: int) -> int:
    """Return the sort key of most lists: ``created_at`` descending."""
    return _LATEST - created


def latest_issued_first(issuing_date: date, created: int) -> int:
    """Return the sort key of the invoice list: ``issuing_date`` descending, then ``created_at`` descending."""
    return (_LAST_DAY - issuing_date.toordinal()) << 40 | (_LATEST - created)


def oldest_first(created: int) -> int:
    """Return the sort key of the fee list: ``created_at`` ascending."""
    return created


class Rows:
    """Rows in Lago's order: sort key, place and attributes of each, held in flat arrays."""

    def __init__(self) -> None:
        self.keys = array("Q")
        self._places = array("Q")
        self._attribute_numbers = array("I")
        self.attributes: list[Attributes] = []
        self._numbers: dict[Attributes, int] = {}

    def __len__(self) -> int:
        return len(self.keys)

    def fill(self, found: Iterator[tuple[int, Place, Attributes]], generator: Generator) -> None:
        """Take rows in any order and put them in Lago's, ties by id."""
        unsorted = sorted((key, _pack(place), self._number(attributes)) for key, place, attributes in found)
        for _, ties in groupby(unsorted, key=lambda row: row[0]):
            tied = list(ties)
            if len(tied) > 1:
                tied.sort(key=lambda row: generator.source.id(*_place_arguments(_unpack(row[1]))))
            for key, packed, number in tied:
                self.keys.append(key)
                self._places.append(packed)
                self._attribute_numbers.append(number)

    def place(self, position: int) -> Place:
        """Return the place of a row."""
        return _unpack(self._places[position])

    def position(self, key: int, place: Place) -> int | None:
        """Return where the row of a place stands, given its sort key."""
        packed = _pack(place)
        position = bisect_left(self.keys, key)
        while position < len(self.keys) and self.keys[position] == key:
            if self._places[position] == packed:
                return position
            position += 1
        return None

    def attribute_number(self, position: int) -> int:
        """Return the number of a row's attributes in ``attributes``."""
        return self._attribute_numbers[position]

    def _number(self, attributes: Attributes) -> int:
        number = self._numbers.setdefault(attributes, len(self.attributes))
        if number == len(self.attributes):
            self.attributes.append(attributes)
        return number


def build_rows(generator: Generator, kind: Kind, customers: Sequence[int]) -> Rows:
    """Index the generated documents of a kind, of some customers or of all."""
    rows = Rows()
    rows.fill((row for customer in customers for row in _rows_of(generator, kind, customer)), generator)
    return rows


def _rows_of(generator: Generator, kind: Kind, customer: int) -> Iterator[tuple[int, Place, Attributes]]:
    someone = generator.profile(customer)
    if kind == Kind.CUSTOMER:
        known = Attributes(currency=someone.currency, billing_entity=someone.billing_entity)
        yield newest_first(customer_created(customer)), Place(kind, customer, 0, 0), known
        return
    if kind == Kind.WALLET:
        yield from _wallets(generator, someone)
        return
    for slot in generator.slots(customer):
        known = _attributes(someone, slot)
        for part, key in enumerate(_keys(kind, someone, slot)):
            yield key, Place(kind, customer, slot.index, part), known


def _keys(kind: Kind, someone: Profile, slot: Slot) -> Iterator[int]:
    if kind == Kind.INVOICE:
        yield latest_issued_first(slot.issuing_date, slot.created)
    elif kind == Kind.FEE:
        yield from [oldest_first(slot.created)] * len(recipes(someone, slot))
    elif kind == Kind.CREDIT_NOTE and slot.note and slot.status == "finalized":
        yield newest_first(note_moment(slot))
    elif kind == Kind.PAYMENT:
        yield from map(newest_first, payment_moments(slot))
    elif kind == Kind.PAYMENT_REQUEST and slot.settlement == "request_second":
        yield newest_first(payment_moments(slot)[0] - DAY)


def _wallets(generator: Generator, someone: Profile) -> Iterator[tuple[int, Place, Attributes]]:
    known = Attributes(currency=someone.currency, billing_entity=someone.billing_entity)
    for number, chapter in groupby(generator.slots(someone.index), key=lambda slot: slot.index // CHAPTER):
        slots = list(chapter)
        if any(_moves_prepaid_credit(someone, slot) for slot in slots):
            yield (
                newest_first(slots[0].created - 30 * DAY),
                Place(Kind.WALLET, someone.index, number, 0),
                known,
            )


def _moves_prepaid_credit(someone: Profile, slot: Slot) -> bool:
    if slot.status != "finalized" or someone.partner:
        return False
    return slot.invoice_type == "credit" or slot.granted or slot.covered


def _attributes(someone: Profile, slot: Slot) -> Attributes:
    return Attributes(
        slot.status,
        slot.payment_status,
        slot.invoice_type,
        someone.currency,
        someone.billing_entity,
        someone.partner,
        is_overdue(someone, slot),
        slot.issuing_date,
    )


def _place_arguments(place: Place) -> tuple[Kind, int, int, int]:
    return Kind(place.kind), place.customer, place.slot, place.part


def _pack(place: Place) -> int:
    return place.kind << 56 | place.customer << 32 | place.slot << 12 | place.part


def _unpack(packed: int) -> Place:
    return Place(packed >> 56, packed >> 32 & 0xFFFFFF, packed >> 12 & 0xFFFFF, packed & 0xFFF)
