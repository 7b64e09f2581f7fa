"""Which documents exist, and when: the skeleton of a customer's history, without any amount.

A slot is cheap to compute and says everything that lists are ordered and filtered by, so that an index of
all invoices needs no amount; ``billing`` keeps the promises a slot makes (a slot that is to be paid is paid).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from lago_ns_cli.simulator.lago.catalog import BUNDLES
from lago_ns_cli.simulator.lago.moments import DAY, days_after, local_midnight, month_start
from lago_ns_cli.simulator.lago.profiles import Profile, is_partner, partners_below
from lago_ns_cli.simulator.lago.source import Draws, Source

MONTHS = 12
FIRST_MONTH = date(2025, 11, 1)
REFERENCE_DAY = date(2026, 11, 2)
"""The day after the last issuing date; what was due before it and is open is overdue."""
CHAPTER = 12
"""Credit moves between the documents of a chapter only, so that a chapter is computed by itself."""

InvoiceType = Literal["subscription", "one_off", "credit", "progressive_billing"]
Status = Literal["finalized", "draft", "voided", "failed"]
Settlement = Literal[
    "open", "manual", "partial", "instalments", "provider", "retried", "declined", "processing",
    "request_first", "request_second", "nothing_due",
]  # fmt: skip
Note = Literal["", "credit", "refund", "offset", "offset_all", "credit_and_refund"]

_CREDIT_TURN = 2
_RARE_TURN = 3
_TURNS = 4
"""Every fourth document may be a purchase of prepaid credit, every fourth a rarity, and so on: so no two
of them meet, and credit never exceeds what the next invoice comes to."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One invoice to be: its type, dates, status and what happens to it afterwards."""

    index: int
    invoice_type: InvoiceType
    status: Status
    settlement: Settlement
    coupon: str
    note: Note
    granted: bool
    """Prepaid credit is granted just before the invoice."""
    covered: bool
    """Prepaid credit pays the whole invoice."""
    without_usage: bool
    """All fees are zero."""
    true_up: bool
    commitment: bool
    yearly_fee: bool
    subscription: int
    issuing_date: date
    created: int
    """Seconds since 1970, UTC."""

    @property
    def payment_status(self) -> str:
        """Lago's payment status, which follows from the settlement."""
        if self.note == "offset_all":
            return "succeeded"
        if self.settlement in ("open", "partial", "processing"):
            return "pending"
        return "failed" if self.settlement == "declined" else "succeeded"

    @property
    def payments(self) -> int:
        """How many payments are recorded with this invoice."""
        return _PAYMENTS.get(self.settlement, 0)

    @property
    def has_number(self) -> bool:
        """Whether the invoice was numbered, which happens when it is finalized."""
        return self.status in ("finalized", "voided")


_PAYMENTS = {
    "manual": 1, "partial": 1, "instalments": 2, "provider": 1, "retried": 2, "declined": 1, "processing": 1,
    "request_second": 1,
}  # fmt: skip


class _Special(NamedTuple):
    invoice_type: InvoiceType = "subscription"
    status: Status = "finalized"
    settlement: Settlement | None = None
    coupon: str = ""
    note: Note = ""
    granted: bool = False
    covered: bool = False
    without_usage: bool = False
    true_up: bool = False
    commitment: bool = False


_PLAIN = _Special()
_SHOWCASE: dict[tuple[int, int], _Special] = {
    (0, 0): _Special(coupon="LAUNCH10", settlement="provider"),
    (0, 1): _Special(settlement="manual", note="credit"),
    (0, 2): _Special("credit", settlement="provider"),
    (0, 3): _Special(coupon="LAUNCH10", granted=True, settlement="open"),
    (1, 0): _Special("progressive_billing", settlement="provider"),
    (1, 1): _Special(coupon="WELCOME50", settlement="partial"),
    (1, 2): _Special("one_off", settlement="open", note="offset_all"),
    (1, 3): _Special(settlement="request_first"),
    (1, 4): _Special(settlement="request_second"),
    (2, 0): _Special(settlement="manual", note="refund"),
    (2, 1): _Special(true_up=True, settlement="retried"),
    (2, 2): _Special("one_off", settlement="manual"),
    (2, 3): _Special(coupon="LOYAL7", settlement="open", note="offset"),
    (3, 0): _Special(without_usage=True, settlement="nothing_due"),
    (3, 1): _Special(settlement="declined"),
    (3, 2): _Special(status="voided", settlement="open"),
    (4, 0): _Special(settlement="manual", note="credit_and_refund"),
    (4, 1): _Special(commitment=True, settlement="instalments"),
    (4, 2): _Special("credit", settlement="open"),
    (5, 0): _Special(coupon="LOYAL7", settlement="provider", note="credit"),
    (5, 1): _Special(granted=True, settlement="processing"),
    (6, 0): _Special(true_up=True, settlement="manual"),
    (6, 2): _Special("one_off", settlement="provider"),
}
"""The first customers show every feature, so that a small organization is a rich one."""
_LAST_OF_SHOWCASE: dict[int, Status] = {2: "draft", 6: "failed"}
_SHOWN = 5
_SHOWN_CUSTOMERS = 8


class Schedule:
    """Slots of all customers.

    Args:
        source: The organization's ids and draws.
        invoices: How many invoices there are in all.
        customers: How many customers share them; partners get one each, the others as many as each other.
    """

    def __init__(self, source: Source, invoices: int, customers: int) -> None:
        self._source = source
        self._partners = min(partners_below(customers), invoices)
        self._regular = customers - partners_below(customers)
        self._shared = invoices - self._partners if self._regular else 0
        self.customers = customers

    def count(self, customer: int) -> int:
        """Return how many invoices a customer has."""
        before = partners_below(customer)
        if is_partner(customer):
            return 1 if before < self._partners else 0
        each, left = divmod(self._shared, self._regular)
        return each + (customer - before < left)

    def slots(self, profile: Profile, start: int = 0, stop: int | None = None) -> Iterator[Slot]:
        """Yield a customer's slots in the order of time, from ``start`` up to ``stop``."""
        count = self.count(profile.index)
        specials = (
            [self._special(profile, index, count) for index in range(min(count, MONTHS))]
            if count <= MONTHS
            else []
        )
        for index in range(start, count if stop is None else min(stop, count)):
            special = specials[index] if specials else self._special(profile, index, count)
            if specials:
                draws = self._source.draws("moment", profile.index, index)
                issuing, created = _calendar_moment(profile, specials, index, draws)
            else:
                issuing, created = _spread_moment(profile, index, count)
            yield self._slot(profile, special, index, count, issuing, created)

    def _slot(
        self, profile: Profile, special: _Special, index: int, count: int, issuing: date, created: int
    ) -> Slot:
        settlement = special.settlement or self._settlement(profile, index, count, special, issuing)
        subscriptions = -(-count // MONTHS)
        periodic = special.invoice_type == "subscription"
        enterprise = profile.plan == "enterprise_yearly"
        return Slot(
            index=index,
            invoice_type=special.invoice_type,
            status=special.status,
            settlement=settlement,
            coupon=special.coupon,
            note=special.note,
            granted=special.granted,
            covered=special.covered,
            without_usage=special.without_usage,
            true_up=special.true_up and "payment_volume" in BUNDLES[profile.bundle],
            commitment=special.commitment and enterprise,
            yearly_fee=enterprise and periodic and index < subscriptions,
            subscription=index % subscriptions,
            issuing_date=issuing,
            created=created,
        )

    def _special(self, profile: Profile, index: int, count: int) -> _Special:
        customer = profile.index
        last = index == count - 1
        if profile.partner:
            return _Special(settlement="open")
        if last and count >= _SHOWN and customer in _LAST_OF_SHOWCASE:
            return _Special(status=_LAST_OF_SHOWCASE[customer], settlement="open")
        if customer < _SHOWN_CUSTOMERS and index < _SHOWN and not (last and index == 0):
            special = _SHOWCASE.get((customer, index), _PLAIN)
            return _PLAIN if last and special.invoice_type != "subscription" else special
        return self._drawn(profile, index, last=last)

    def _drawn(self, profile: Profile, index: int, *, last: bool) -> _Special:
        draws = self._source.draws("special", profile.index, index)
        if last:
            roll = draws.random()
            if roll < 0.04 and profile.index >= _SHOWN_CUSTOMERS:
                return _Special(status="draft" if roll < 0.03 else "failed", settlement="open")
        elif index % _TURNS in (0, _CREDIT_TURN):
            chosen = _between_periods(profile, index % _TURNS, draws)
            if chosen:
                return chosen
        return self._periodic(profile, draws, rare=index % _TURNS == _RARE_TURN and not last, last=last)

    def _periodic(self, profile: Profile, draws: Draws, *, rare: bool, last: bool) -> _Special:
        roll = draws.random()
        if rare and roll < 0.09:
            return _rare(roll)
        noted = not last and draws.random() < 0.15
        return _Special(
            coupon=draws.choice(("LAUNCH10", "WELCOME50", "LOYAL7")) if draws.random() < 0.25 else "",
            note=draws.choice(("credit", "refund", "offset", "credit_and_refund")) if noted else "",
            granted=draws.random() < 0.15,
            true_up=draws.random() < 0.3,
            commitment=profile.plan == "enterprise_yearly" and draws.random() < 0.1,
        )

    def _settlement(
        self, profile: Profile, index: int, count: int, special: _Special, issuing: date
    ) -> Settlement:
        if special.note == "offset_all":
            return "open"
        if special.note in ("refund", "credit_and_refund"):
            return "provider"
        pair = self._request_pair(profile, index, count)
        if pair:
            return pair
        draws = self._source.draws("settlement", profile.index, index)
        recent = (REFERENCE_DAY - issuing).days < 45
        table = _RECENT if recent else _OLDER
        chosen = draws.weighted(table[0], table[1])
        # Lago takes only whole payments for prepaid credit.
        return (
            "provider"
            if special.invoice_type == "credit" and chosen in ("partial", "instalments")
            else chosen
        )

    def _request_pair(self, profile: Profile, index: int, count: int) -> Settlement | None:
        """Tell whether a payment request covers this invoice together with its neighbour."""
        turn = index % _TURNS
        first = index - turn
        if turn > 1 or first + 1 >= count:
            return None
        if self._source.draws("request", profile.index, first).random() > 0.08:
            return None
        pair = (self._special(profile, first, count), self._special(profile, first + 1, count))
        if any(one.settlement or one.status != "finalized" or one.note for one in pair):
            return None
        return "request_second" if turn else "request_first"


_OLDER: tuple[tuple[Settlement, ...], tuple[int, ...]] = (
    ("manual", "provider", "retried", "instalments", "partial", "open", "declined"),
    (30, 38, 6, 6, 8, 9, 3),
)
_RECENT: tuple[tuple[Settlement, ...], tuple[int, ...]] = (
    ("open", "processing", "declined", "partial", "manual", "provider"),
    (55, 5, 5, 10, 10, 15),
)


def _between_periods(profile: Profile, turn: int, draws: Draws) -> _Special | None:
    roll = draws.random()
    if turn == _CREDIT_TURN:
        if roll < 0.35:
            return _Special("credit")
        return _Special("one_off", note=draws.choice(("", "", "", "offset_all"))) if roll < 0.6 else None
    if roll < 0.12 and profile.plan == "pro_monthly":
        return _Special("progressive_billing")
    return _Special("one_off") if roll < 0.2 else None


def _rare(roll: float) -> _Special:
    if roll < 0.04:
        return _Special(status="voided", settlement="open")
    if roll < 0.06:
        return _Special(without_usage=True, settlement="nothing_due")
    return _Special(covered=True, settlement="nothing_due")


def _calendar_moment(
    profile: Profile, specials: Sequence[_Special], index: int, draws: Draws
) -> tuple[date, int]:
    """Date a document of a customer with at most one period a month: periods are calendar months."""
    periods = [special.invoice_type == "subscription" for special in specials]
    month = month_start(FIRST_MONTH, MONTHS - sum(periods) + sum(periods[:index]))
    if periods[index]:
        issuing = month_start(month, 1)
        return issuing, local_midnight(profile.time_zone, issuing) + 65 + draws.randint(0, 1799)
    issuing = days_after(month, draws.randint(4, 25))
    return issuing, local_midnight(profile.time_zone, issuing) + draws.randint(9 * 3600, 17 * 3600)


def _spread_moment(profile: Profile, index: int, count: int) -> tuple[date, int]:
    """Date a document of a customer with many subscriptions, billed on any day of the month."""
    first, last = month_start(FIRST_MONTH, 1), month_start(FIRST_MONTH, MONTHS)
    days, rest = divmod((last - first).days * (index + 1), count)
    issuing = days_after(first, days)
    return issuing, local_midnight(profile.time_zone, issuing) + 65 + rest * (DAY - 9000) // count
