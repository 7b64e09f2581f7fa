"""The amounts of a customer's documents, by Lago's own arithmetic and in Lago's order.

Progressive credit and coupons come off before tax and are shared over the fees; each fee's tax is rounded
alone, the invoice's tax once; credit notes and then prepaid credit come off after tax.

Source: ``Invoices::ApplyTaxesService``, ``Fees::ApplyTaxesService``, ``Credits::*Service`` and
``CreditNotes::ApplyTaxesService`` of the Lago API.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, NamedTuple

from lago_ns_cli.simulator.lago.catalog import COUPONS, Coupon, Tax
from lago_ns_cli.simulator.lago.credit_notes import CreditNote, NoteItem
from lago_ns_cli.simulator.lago.fees import Fee, FeeMaker
from lago_ns_cli.simulator.lago.moments import DAY, days_after, utc_midnight
from lago_ns_cli.simulator.lago.money import rounded, rounded_to, subunits
from lago_ns_cli.simulator.lago.profiles import PRICE_LEVEL, Profile
from lago_ns_cli.simulator.lago.schedule import CHAPTER, Schedule, Slot
from lago_ns_cli.simulator.lago.source import Draws, Source

_ZERO = Decimal(0)
_NOTE_AFTER = 25 * DAY


class BilledTax(NamedTuple):
    """A tax of an invoice: its taxable base and amount in cents, each rounded by itself."""

    tax: Tax
    base: int
    amount: int


class Consumed(NamedTuple):
    """Credit of an earlier credit note, used by an invoice."""

    note: CreditNote
    of: "Bill"
    amount: int


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment; ``bills`` are the invoices that it covers."""

    part: int
    amount: int
    type: Literal["manual", "provider"]
    status: Literal["succeeded", "failed", "processing"]
    created: int
    bills: tuple["Bill", ...]


class WalletMove(NamedTuple):
    """A wallet transaction; amounts in cents."""

    inbound: bool
    status: Literal["pending", "settled"]
    transaction_status: Literal["purchased", "granted", "invoiced"]
    amount: int
    created: int
    slot: Slot | None


@dataclass(slots=True)
class Wallet:
    """A chapter's prepaid credit, in cents; what was granted is used before what was bought."""

    granted: int = 0
    purchased: int = 0
    consumed: int = 0
    moves: list[WalletMove] = field(default_factory=list)

    def grant(self, amount: int, created: int) -> None:
        """Add credit for free."""
        self.granted += amount
        self.moves.append(WalletMove(True, "settled", "granted", amount, created, None))

    def purchase(self, amount: int, slot: Slot, *, paid: bool) -> None:
        """Add bought credit, which counts once it is paid."""
        self.purchased += amount if paid else 0
        status: Literal["settled", "pending"] = "settled" if paid else "pending"
        self.moves.append(WalletMove(True, status, "purchased", amount, slot.created, slot))

    def draw_down(self, due: int, slot: Slot) -> tuple[int, int]:
        """Use as much credit as there is for an invoice; returns (granted, purchased)."""
        granted = min(self.granted, due)
        purchased = min(self.purchased, due - granted)
        self.granted -= granted
        self.purchased -= purchased
        used = granted + purchased
        self.consumed += used
        if used:
            self.moves.append(WalletMove(False, "settled", "invoiced", used, slot.created, slot))
        return granted, purchased


@dataclass(slots=True, eq=False)
class Bill:
    """An invoice's amounts, and what followed from it; cents throughout."""

    slot: Slot
    fees: list[Fee]
    progressive: int = 0
    progressive_of: "Bill | None" = None
    coupon: Coupon | None = None
    coupons: int = 0
    taxes: list[BilledTax] = field(default_factory=list)
    tax: int = 0
    consumed: list[Consumed] = field(default_factory=list)
    granted: int = 0
    purchased: int = 0
    paid: int = 0
    notes: list[CreditNote] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)

    @property
    def fees_amount(self) -> int:
        """The fees' sum, before coupon and tax."""
        return sum(fee.amount for fee in self.fees)

    @property
    def sub_total(self) -> int:
        """Fees less progressive credit and coupons."""
        return self.fees_amount - self.progressive - self.coupons

    @property
    def sub_total_with_tax(self) -> int:
        """The same with tax."""
        return self.sub_total + self.tax

    @property
    def credit_notes(self) -> int:
        """Credit of earlier notes used here."""
        return sum(consumed.amount for consumed in self.consumed)

    @property
    def prepaid(self) -> int:
        """Prepaid credit used here."""
        return self.granted + self.purchased

    @property
    def total(self) -> int:
        """What is asked from the customer."""
        return self.sub_total_with_tax - self.credit_notes - self.prepaid

    @property
    def offset(self) -> int:
        """What this invoice's own credit notes took off its due amount."""
        return sum(note.offset for note in self.notes)

    @property
    def due(self) -> int:
        """What is left to pay."""
        return 0 if self.slot.status == "voided" else self.total - self.paid - self.offset

    @property
    def updated(self) -> int:
        """When something last happened to it."""
        moments = [self.slot.created + 7]
        moments += [note.created for note in self.notes]
        moments += [payment.created for payment in self.payments if payment.status != "processing"]
        return max(moments)


@dataclass(frozen=True)
class Chapter:
    """Twelve documents in a row of one customer, with the wallet they share."""

    number: int
    profile: Profile
    bills: Sequence[Bill]
    wallet: Wallet

    def bill(self, index: int) -> Bill:
        """Return the bill of a slot."""
        return self.bills[index - self.number * CHAPTER]


def write_chapter(source: Source, schedule: Schedule, profile: Profile, number: int) -> Chapter:
    """Compute the amounts of one chapter."""
    slots = schedule.slots(profile, number * CHAPTER, (number + 1) * CHAPTER)
    biller = _Biller(source, profile)
    bills = [biller.bill(slot) for slot in slots]
    return Chapter(number, profile, bills, biller.wallet)


class _Biller:
    def __init__(self, source: Source, profile: Profile) -> None:
        self._source = source
        self._profile = profile
        self._level = int(PRICE_LEVEL[profile.currency] * subunits(profile.currency))
        self._bills: list[Bill] = []
        self.wallet = Wallet()

    def bill(self, slot: Slot) -> Bill:
        draws = self._source.draws("amounts", self._profile.index, slot.index)
        progressive = self._progressive_before(slot)
        fees = FeeMaker(self._profile, slot, draws).fees(after_progressive=progressive is not None)
        bill = Bill(slot, fees)
        if progressive:
            _apply_progressive(bill, progressive)
        if slot.coupon:
            self._apply_coupon(bill)
        _apply_taxes(bill)
        if slot.status == "finalized" and slot.invoice_type == "subscription" and not self._profile.partner:
            self._use_credit(bill)
        self._bills.append(bill)
        if slot.status == "finalized":
            self._follow_up(bill, draws)
        return bill

    def _progressive_before(self, slot: Slot) -> Bill | None:
        if slot.invoice_type != "subscription" or not self._bills:
            return None
        last = self._bills[-1]
        return last if last.slot.invoice_type == "progressive_billing" else None

    def _apply_coupon(self, bill: Bill) -> None:
        coupon = coupon_of(self._profile, bill.slot)
        base = bill.sub_total
        if coupon.percentage is None:
            amount = min(int(coupon.amount * 100), base)
        else:
            amount = rounded(base * coupon.percentage / 100)
        if amount:
            bill.coupon, bill.coupons = coupon, amount
            _share(bill.fees, amount, base)

    def _use_credit(self, bill: Bill) -> None:
        for earlier in self._bills:
            for note in earlier.notes:
                used = min(note.balance, bill.total)
                if used and note.created < bill.slot.created:
                    note.balance -= used
                    note.updated = bill.slot.created
                    bill.consumed.append(Consumed(note, earlier, used))
        if bill.slot.granted:
            self.wallet.grant(self._level * (15 + bill.slot.index % 11), bill.slot.created - 9 * DAY)
        if bill.slot.covered:
            self.wallet.grant(bill.total, bill.slot.created - 2 * DAY)
        bill.granted, bill.purchased = self.wallet.draw_down(bill.total, bill.slot)

    def _follow_up(self, bill: Bill, draws: Draws) -> None:
        note = self._credit_note(bill, draws) if bill.slot.note else None
        if note:
            bill.notes.append(note)
        settlement = bill.slot.settlement
        if settlement == "request_second":
            self._pay_request(bill)
        elif bill.slot.payments:
            _pay(bill)
        if bill.slot.invoice_type == "credit":
            self.wallet.purchase(bill.total, bill.slot, paid=bill.due == 0)

    def _pay_request(self, bill: Bill) -> None:
        first = self._bills[-2]
        amount = first.due + bill.due
        first.paid, bill.paid = first.due, bill.due
        created = payment_moments(bill.slot)[0]
        bill.payments.append(Payment(0, amount, "provider", "succeeded", created, (first, bill)))

    def _credit_note(self, bill: Bill, draws: Draws) -> CreditNote | None:
        created = note_moment(bill.slot)
        fees = [fee for fee in bill.fees if fee.amount > 0]
        if bill.slot.note == "offset_all":
            note = CreditNote([NoteItem(fee, fee.amount) for fee in fees], created, "order_cancellation")
            note.divide(offset=note.total)
            return note
        chosen = fees[-2:] if draws.random() < 0.4 else fees[-1:]
        items = [
            NoteItem(fee, min(fee.amount, self._level * draws.randint(500, 2400) // 100)) for fee in chosen
        ]
        note = CreditNote(
            items, created, draws.choice(("other", "product_unsatisfactory", "duplicated_charge"))
        )
        if note.total <= 0:
            return None
        _divide(note, bill.slot.note)
        return note


def _divide(note: CreditNote, kind: str) -> None:
    if kind == "credit_and_refund":
        note.divide(credit=note.total - note.total // 3, refund=note.total // 3)
    elif kind == "refund":
        note.divide(refund=note.total)
    elif kind == "offset":
        note.divide(offset=note.total)
    else:
        note.divide(credit=note.total)


def _apply_progressive(bill: Bill, earlier: Bill) -> None:
    charges = [fee for fee in bill.fees if fee.is_usage]
    billed = sum(fee.amount for fee in charges)
    credited = min(earlier.fees_amount, billed)
    if credited:
        bill.progressive, bill.progressive_of = credited, earlier
        _share(charges, credited, billed)


def _share(fees: Sequence[Fee], credit: int, base: int) -> None:
    """Spread a credit over fees in proportion to what is left of each, to five decimals of a cent."""
    for fee in fees:
        share = rounded_to(credit * fee.base / base, 5)
        fee.coupons = min(fee.coupons + share, Decimal(fee.amount))


def _apply_taxes(bill: Bill) -> None:
    bases: dict[str, tuple[Tax, Decimal]] = {}
    for fee in bill.fees:
        for tax in fee.taxes:
            bases[tax.code] = (tax, bases.get(tax.code, (tax, _ZERO))[1] + fee.base)
    amounts = [(tax, base, base * tax.rate / 100) for tax, base in bases.values()]
    # The base is an integer column that is given a decimal, so it loses its fraction: where the fees'
    # shares of a coupon were rounded up, it is one less than the invoice's own sub-total.
    bill.taxes = [BilledTax(tax, int(base), rounded(amount)) for tax, base, amount in amounts]
    bill.tax = rounded(sum((amount for _, _, amount in amounts), _ZERO))


def coupon_of(profile: Profile, slot: Slot) -> Coupon:
    """Return the coupon of an invoice that has one, in the customer's currency."""
    coupon = COUPONS[slot.coupon]
    if coupon.percentage is None and profile.currency != "USD":
        # A fixed amount has a currency, and Lago skips it on invoices of another.
        return COUPONS["LAUNCH10"]
    return coupon


def note_moment(slot: Slot) -> int:
    """Return when an invoice's credit note was issued, in seconds since 1970."""
    return slot.created + _NOTE_AFTER


def payment_moments(slot: Slot) -> tuple[int, ...]:
    """Return when the payments recorded with an invoice were made, in seconds since 1970."""
    if slot.status != "finalized":
        return ()
    at_once = slot.created + 2 * 3600
    # Lago dates a manual payment by the day it was given, at midnight UTC.
    by_wire = utc_midnight(days_after(slot.issuing_date, 13))
    moments = {
        "manual": (by_wire,),
        "partial": (by_wire,),
        "instalments": (by_wire, by_wire + 7 * DAY),
        "retried": (at_once, at_once + 3 * DAY),
        "provider": (at_once,),
        "declined": (at_once,),
        "processing": (at_once,),
        "request_second": (slot.created + 4 * DAY,),
    }
    return moments.get(slot.settlement, ())


def _pay(bill: Bill) -> None:
    due = bill.due
    amounts: dict[str, tuple[int, ...]] = {
        "partial": (max(due * 2 // 5, 1),),
        "instalments": (due // 2, due - due // 2),
        "retried": (due, due),
    }
    settlement = bill.slot.settlement
    moments = payment_moments(bill.slot)
    by_hand: Literal["manual", "provider"] = (
        "manual" if settlement in ("manual", "partial", "instalments") else "provider"
    )
    for part, amount in enumerate(amounts.get(settlement, (due,))):
        status = _payment_status(settlement, part)
        bill.payments.append(Payment(part, amount, by_hand, status, moments[part], (bill,)))
        bill.paid += amount if status == "succeeded" else 0


def _payment_status(settlement: str, part: int) -> Literal["succeeded", "failed", "processing"]:
    if settlement == "declined" or (settlement == "retried" and part == 0):
        return "failed"
    return "processing" if settlement == "processing" else "succeeded"
