"""Fees in Lago's JSON."""

from decimal import Decimal
from typing import Any, NamedTuple

from lago_ns_cli.simulator.lago.billing import Bill, Chapter
from lago_ns_cli.simulator.lago.catalog import ADD_ONS, METRIC_BY_CODE, METRICS, PLANS
from lago_ns_cli.simulator.lago.fees import Fee
from lago_ns_cli.simulator.lago.moments import (
    instant,
    instant_with_offset,
    local_date,
    local_midnight,
    month_before,
    month_start,
)
from lago_ns_cli.simulator.lago.money import decimal_text, rounded, rounded_to, subunits
from lago_ns_cli.simulator.lago.parties import is_periodic, subscription_external_id
from lago_ns_cli.simulator.lago.profiles import Profile
from lago_ns_cli.simulator.lago.schedule import CHAPTER
from lago_ns_cli.simulator.lago.source import Kind, Source

Document = dict[str, Any]

_METRIC_INDEX = {metric.code: index for index, metric in enumerate(METRICS)}


class Span(NamedTuple):
    """A period, first and last second, in seconds since 1970."""

    first: int
    last: int


def arrears_span(chapter: Chapter, bill: Bill) -> Span:
    """Return the month that a periodic invoice bills; a progressive one bills part of the next one's."""
    index = bill.slot.index - chapter.number * CHAPTER
    slot = bill.slot
    if slot.invoice_type == "progressive_billing" and index + 1 < len(chapter.bills):
        slot = chapter.bills[index + 1].slot
    zone = chapter.profile.time_zone
    end = slot.issuing_date
    return Span(local_midnight(zone, month_before(end)), local_midnight(zone, end) - 1)


def year_ahead_span(profile: Profile, bill: Bill) -> Span:
    """Return the year that a yearly fee pays in advance."""
    start = bill.slot.issuing_date
    end = start.replace(year=start.year + 1)
    return Span(local_midnight(profile.time_zone, start), local_midnight(profile.time_zone, end) - 1)


class FeeJson:
    """Writes fees."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def id(self, chapter: Chapter, bill: Bill, part: int) -> str:
        """Return the id of a fee."""
        return self._source.id(Kind.FEE, chapter.profile.index, bill.slot.index, part)

    def fee(self, chapter: Chapter, bill: Bill, fee: Fee, *, with_taxes: bool = False) -> Document:
        """Return a fee as invoices embed it; ``with_taxes`` as ``/fees`` shows it."""
        document = self._identity(chapter, bill, fee)
        document["item"] = self._item(chapter, bill, fee)
        document.update(self._circumstances(chapter.profile, bill, fee))
        document.update(_amounts(chapter.profile.currency, fee))
        document.update(_period(chapter, bill, fee))
        if with_taxes:
            document["applied_taxes"] = self._applied_taxes(chapter, bill, fee)
        return document

    def _identity(self, chapter: Chapter, bill: Bill, fee: Fee) -> Document:
        profile, slot = chapter.profile, bill.slot
        periodic = is_periodic(slot)
        customer_id = self._source.id(Kind.CUSTOMER, profile.index)
        return {
            "lago_id": self.id(chapter, bill, fee.part), "lago_charge_id": self._charge_id(profile, fee),
            "lago_charge_filter_id": self._filter_id(profile, fee), "lago_fixed_charge_id": self._fixed_id(profile, fee),
            "lago_invoice_id": self._source.id(Kind.INVOICE, profile.index, slot.index),
            "lago_true_up_fee_id": self._true_up_id(chapter, bill, fee),
            "lago_true_up_parent_fee_id": self._true_up_parent_id(chapter, bill, fee), "lago_original_fee_id": None,
            "lago_subscription_id": self._subscription_id(profile, bill) if periodic else None,
            "external_subscription_id": subscription_external_id(profile, slot.subscription) if periodic else None,
            "lago_customer_id": customer_id if periodic else None,
            "external_customer_id": profile.external_id if periodic else None,
        }  # fmt: skip

    def _circumstances(self, profile: Profile, bill: Bill, fee: Fee) -> Document:
        status = bill.slot.payment_status
        updated = instant(bill.updated)
        return {
            "pay_in_advance": fee.period == "year_ahead", "invoiceable": True, "amount_currency": profile.currency,
            "total_amount_currency": profile.currency, "description": _description(fee), "payment_status": status,
            "created_at": instant(bill.slot.created), "succeeded_at": updated if status == "succeeded" else None,
            "failed_at": updated if status == "failed" else None, "refunded_at": None,
            "self_billed": profile.partner, "pricing_unit_details": None, "presentation_breakdowns": [],
        }  # fmt: skip

    def _item(self, chapter: Chapter, bill: Bill, fee: Fee) -> Document:
        code, kind = fee.recipe.code, fee.recipe.type
        region = fee.recipe.region
        if kind == "charge":
            lago_id = self._source.id(Kind.BILLABLE_METRIC, part=_METRIC_INDEX[code])
            name, display, item_type = METRIC_BY_CODE[code].name, METRIC_BY_CODE[code].name, "BillableMetric"
        elif kind in ("add_on", "fixed_charge"):
            lago_id = self._source.id(Kind.ADD_ON, part=ADD_ONS[code].index)
            name, display, item_type = ADD_ONS[code].name, ADD_ONS[code].name, "AddOn"
        elif kind == "credit":
            lago_id = self.purchase_id(chapter, bill)
            name, display, item_type = "credit", "Prepaid credits", "WalletTransaction"
        else:
            lago_id = self._subscription_id(chapter.profile, bill)
            name = PLANS[code].name
            display, item_type = ("Minimum commitment" if kind == "commitment" else name), "Subscription"
        return {
            "type": kind, "code": code, "name": name, "description": None, "invoice_display_name": display,
            "filters": {"region": [region]} if region else None,
            "filter_invoice_display_name": region.upper() if region else None,
            "lago_item_id": lago_id, "item_type": item_type, "grouped_by": {},
        }  # fmt: skip

    def purchase_id(self, chapter: Chapter, bill: Bill) -> str:
        """Return the wallet transaction that an invoice for prepaid credit pays."""
        moves = chapter.wallet.moves
        part = next((part for part, move in enumerate(moves) if move.inbound and move.slot is bill.slot), 0)
        return self._source.id(Kind.WALLET_TRANSACTION, chapter.profile.index, chapter.number, part)

    def _applied_taxes(self, chapter: Chapter, bill: Bill, fee: Fee) -> list[Document]:
        profile, slot = chapter.profile, bill.slot
        return [
            {
                "lago_id": self._source.id(Kind.FEE_TAX, profile.index, slot.index, fee.part * 8 + position),
                "lago_fee_id": self.id(chapter, bill, fee.part),
                "lago_tax_id": self._source.id(Kind.TAX, part=tax.index), "tax_name": tax.name, "tax_code": tax.code,
                "tax_rate": float(tax.rate), "tax_description": None, "amount_cents": rounded(fee.base * tax.rate / 100),
                "amount_currency": profile.currency, "created_at": instant(slot.created),
            }
            for position, tax in enumerate(fee.taxes)
        ]  # fmt: skip

    def _subscription_id(self, profile: Profile, bill: Bill) -> str:
        return self._source.id(Kind.SUBSCRIPTION, profile.index, bill.slot.subscription)

    def _charge_id(self, profile: Profile, fee: Fee) -> str | None:
        if fee.recipe.type != "charge":
            return None
        return self._source.id(
            Kind.CHARGE, slot=PLANS[profile.plan].index, part=_METRIC_INDEX[fee.recipe.code]
        )

    def _filter_id(self, profile: Profile, fee: Fee) -> str | None:
        if not fee.recipe.region:
            return None
        part = _METRIC_INDEX[fee.recipe.code] * 2 + (fee.recipe.region == "eu")
        return self._source.id(Kind.CHARGE_FILTER, slot=PLANS[profile.plan].index, part=part)

    def _fixed_id(self, profile: Profile, fee: Fee) -> str | None:
        if fee.recipe.type != "fixed_charge":
            return None
        return self._source.id(Kind.FIXED_CHARGE, part=PLANS[profile.plan].index)

    def _true_up_id(self, chapter: Chapter, bill: Bill, fee: Fee) -> str | None:
        if fee.recipe.type != "charge" or fee.recipe.true_up:
            return None
        for other in bill.fees:
            if other.recipe.true_up and other.recipe.code == fee.recipe.code:
                return self.id(chapter, bill, other.part)
        return None

    def _true_up_parent_id(self, chapter: Chapter, bill: Bill, fee: Fee) -> str | None:
        if not fee.recipe.true_up:
            return None
        parent = next(other for other in bill.fees if other.recipe.code == fee.recipe.code)
        return self.id(chapter, bill, parent.part)


def _description(fee: Fee) -> str | None:
    return ADD_ONS[fee.recipe.code].description if fee.recipe.type == "add_on" else None


def _amounts(currency: str, fee: Fee) -> Document:
    divisor = Decimal(subunits(currency))
    precise = fee.precise_cents / divisor
    precise_tax = rounded_to(fee.precise_base * fee.tax_rate / 100, 15) / divisor
    metered = fee.recipe.type == "charge" and not fee.recipe.true_up
    return {
        "amount_cents": fee.amount, "precise_amount": decimal_text(precise),
        "precise_total_amount": decimal_text(precise + precise_tax), "taxes_amount_cents": fee.tax_amount,
        "taxes_precise_amount": decimal_text(precise_tax), "taxes_rate": float(fee.tax_rate),
        "total_amount_cents": fee.amount + fee.tax_amount, "units": decimal_text(fee.units),
        "total_aggregated_units": decimal_text(fee.units) if metered else None,
        "precise_unit_amount": decimal_text(fee.unit_price),
        "precise_coupons_amount_cents": decimal_text(fee.coupons),
        "sub_total_excluding_taxes_amount_cents": rounded(fee.base),
        "sub_total_excluding_taxes_precise_amount_cents": decimal_text(fee.precise_base),
        "events_count": fee.events, "amount_details": fee.details,
    }  # fmt: skip


def _period(chapter: Chapter, bill: Bill, fee: Fee) -> Document:
    if fee.recipe.type in ("credit", "commitment"):
        return {}
    if fee.recipe.type == "add_on":
        span = Span(bill.slot.created, bill.slot.created)
        if fee.recipe.code == "premium_support":
            span = _quarter_ahead(chapter.profile, bill)
    elif fee.period == "year_ahead":
        span = year_ahead_span(chapter.profile, bill)
    else:
        span = arrears_span(chapter, bill)
    return {"from_date": instant_with_offset(span.first), "to_date": instant_with_offset(span.last)}


def _quarter_ahead(profile: Profile, bill: Bill) -> Span:
    zone = profile.time_zone
    start = month_start(local_date(zone, bill.slot.created), 1)
    return Span(local_midnight(zone, start), local_midnight(zone, month_start(start, 3)) - 1)
