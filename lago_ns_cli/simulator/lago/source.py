"""Ids and random draws of one organization: both are functions of its seed.

An id carries, enciphered, the place of its object in the organization, so that an object is found again
from its id alone and no table of ids is kept.
"""

import re
from collections.abc import Sequence
from enum import IntEnum
from hashlib import blake2b
from itertools import accumulate
from typing import NamedTuple, TypeVar

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_TAG_BITS = 58
_TAG_MASK = (1 << _TAG_BITS) - 1


_T = TypeVar("_T")
_WORD = (1 << 64) - 1


class Kind(IntEnum):
    """What an id stands for."""

    ORGANIZATION = 0
    CUSTOMER = 1
    SUBSCRIPTION = 2
    INVOICE = 3
    FEE = 4
    FEE_TAX = 5
    INVOICE_TAX = 6
    CREDIT = 7
    CREDIT_NOTE = 8
    CREDIT_NOTE_ITEM = 9
    CREDIT_NOTE_TAX = 10
    PAYMENT = 11
    PAYMENT_REQUEST = 12
    WALLET = 13
    WALLET_TRANSACTION = 14
    APPLIED_COUPON = 15
    METADATA = 16
    ERROR_DETAIL = 17
    BILLING_ENTITY = 20
    PLAN = 21
    CHARGE = 22
    FIXED_CHARGE = 23
    COMMITMENT = 24
    BILLABLE_METRIC = 25
    ADD_ON = 26
    COUPON = 27
    TAX = 28
    CHARGE_FILTER = 29


class Place(NamedTuple):
    """Where an object stands: its kind, the customer's index, the document's index, the part within it."""

    kind: int
    customer: int
    slot: int
    part: int


class Draws:
    """A stream of draws: SplitMix64, which starts twenty times faster than ``random.Random``."""

    __slots__ = ("_state",)

    def __init__(self, state: int) -> None:
        self._state = state

    def random(self) -> float:
        """Return a number from 0 up to, but not including, 1."""
        return (self._word() >> 11) / (1 << 53)

    def randint(self, least: int, most: int) -> int:
        """Return a whole number, both ends included."""
        return least + self._word() % (most - least + 1)

    def choice(self, values: Sequence[_T]) -> _T:
        """Return one of several values, each as likely."""
        return values[self._word() % len(values)]

    def weighted(self, values: Sequence[_T], weights: Sequence[int]) -> _T:
        """Return one of several values, likely in proportion to their weights."""
        roll = self._word() % sum(weights)
        return next(value for value, bound in zip(values, accumulate(weights), strict=True) if roll < bound)

    def _word(self) -> int:
        self._state = state = (self._state + 0x9E3779B97F4A7C15) & _WORD
        state = ((state ^ state >> 30) * 0xBF58476D1CE4E5B9) & _WORD
        state = ((state ^ state >> 27) * 0x94D049BB133111EB) & _WORD
        return state ^ state >> 31


class Source:
    """Deterministic ids and draws.

    Args:
        seed: The organization's seed; another seed gives other ids and other draws throughout.
    """

    def __init__(self, seed: int) -> None:
        self._key = blake2b(f"lago {seed}".encode(), digest_size=32).digest()

    def id(self, kind: Kind, customer: int = 0, slot: int = 0, part: int = 0) -> str:
        """Return the id of a place as a UUID of version 4.

        Args:
            kind: What the id stands for.
            customer: The customer's index, below 2**24.
            slot: The document's index within the customer, below 2**20.
            part: The part within the document, below 2**12.
        """
        payload = kind << 56 | customer << 32 | slot << 12 | part
        tag = self._hash(b"tag", payload) & _TAG_MASK
        bits = (payload ^ self._hash(b"mask", tag)) << _TAG_BITS | tag
        value = bits >> 74 << 80 | 4 << 76 | (bits >> 62 & 0xFFF) << 64 | 2 << 62 | bits & (1 << 62) - 1
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def place(self, identifier: str) -> Place | None:
        """Return the place an id was made for, or ``None`` when this organization did not make it."""
        if not _UUID.fullmatch(identifier):
            return None
        value = int(identifier.replace("-", ""), 16)
        bits = value >> 80 << 74 | (value >> 64 & 0xFFF) << 62 | value & (1 << 62) - 1
        tag = bits & _TAG_MASK
        payload = bits >> _TAG_BITS ^ self._hash(b"mask", tag)
        if self._hash(b"tag", payload) & _TAG_MASK != tag:
            return None
        return Place(payload >> 56, payload >> 32 & 0xFFFFFF, payload >> 12 & 0xFFFFF, payload & 0xFFF)

    def draws(self, name: str, customer: int, slot: int = 0) -> Draws:
        """Return a stream of draws that depends on the seed, a name and a place only."""
        text = b"%s %d %d" % (name.encode(), customer, slot)
        return Draws(int.from_bytes(blake2b(text, key=self._key, digest_size=8).digest(), "big"))

    def _hash(self, purpose: bytes, value: int) -> int:
        digest = blake2b(value.to_bytes(8, "big"), key=self._key, digest_size=8, person=purpose)
        return int.from_bytes(digest.digest(), "big")
