"""The amounts of credit notes, as Lago computes them from the credited fees."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from lago_ns_cli.simulator.lago.catalog import Tax
from lago_ns_cli.simulator.lago.fees import Fee
from lago_ns_cli.simulator.lago.money import rounded, rounded_to

_ZERO = Decimal(0)


class NoteItem(NamedTuple):
    """An amount taken off a fee, before coupon and tax."""

    fee: Fee
    amount: int


class NoteTax(NamedTuple):
    """A tax of a credit note; amounts in cents, not rounded."""

    tax: Tax
    base: Decimal
    amount: Decimal


@dataclass(slots=True)
class CreditNote:
    """A finalized credit note; cents are the currency's smallest units."""

    items: Sequence[NoteItem]
    created: int
    reason: str
    credit: int = 0
    refund: int = 0
    offset: int = 0
    balance: int = 0
    updated: int = 0
    refund_status: str | None = None
    taxes: list[NoteTax] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.updated = self.created
        self.taxes = list(_taxes(self.items))

    @property
    def items_amount(self) -> int:
        """What the items sum up to, before coupon and tax."""
        return sum(item.amount for item in self.items)

    @property
    def precise_coupons(self) -> Decimal:
        """The credited share of coupons and progressive billing credit."""
        return sum((_coupon_share(item) for item in self.items), _ZERO)

    @property
    def coupons(self) -> int:
        """The same, rounded."""
        return rounded(self.precise_coupons)

    @property
    def sub_total(self) -> int:
        """Items less coupons."""
        return self.items_amount - self.coupons

    @property
    def precise_tax(self) -> Decimal:
        """Tax before it is rounded."""
        return rounded_to(sum((tax.amount for tax in self.taxes), _ZERO), 5)

    @property
    def tax(self) -> int:
        """Tax, rounded once."""
        return rounded(self.precise_tax)

    @property
    def tax_rate(self) -> Decimal:
        """The blend of rates over the items, in percent."""
        net = self.items_amount - self.precise_coupons
        if not net:
            return _ZERO
        return rounded_to(sum((tax.base / net * tax.tax.rate for tax in self.taxes), _ZERO), 5)

    @property
    def precise_total(self) -> Decimal:
        """Items less coupons plus tax, before anything is rounded."""
        return self.items_amount - self.precise_coupons + self.precise_tax

    @property
    def total(self) -> int:
        """Sub-total plus tax; Lago adjusts its total by one cent to make this hold."""
        return self.sub_total + self.tax

    @property
    def credit_status(self) -> str:
        """Lago says ``available`` of every new note, even of one that leaves nothing to use."""
        return "consumed" if self.credit and not self.balance else "available"

    def divide(self, *, credit: int = 0, refund: int = 0, offset: int = 0) -> None:
        """Say what becomes of the total; the three parts sum up to it."""
        self.credit, self.refund, self.offset = credit, refund, offset
        self.balance = credit
        self.refund_status = "succeeded" if refund else None


def _coupon_share(item: NoteItem) -> Decimal:
    return item.fee.coupons * item.amount / item.fee.amount if item.fee.amount else _ZERO


def _taxes(items: Sequence[NoteItem]) -> list[NoteTax]:
    bases: dict[str, tuple[Tax, Decimal]] = {}
    for item in items:
        for tax in item.fee.taxes:
            base = bases.get(tax.code, (tax, _ZERO))[1] + item.amount - _coupon_share(item)
            bases[tax.code] = (tax, base)
    return [NoteTax(tax, base, base * tax.rate / 100) for tax, base in bases.values()]
