"""Invoices in Lago's JSON."""

from typing import Any

from lago_ns_cli.simulator.lago.billing import Bill, Chapter
from lago_ns_cli.simulator.lago.catalog import Coupon
from lago_ns_cli.simulator.lago.fee_json import FeeJson, arrears_span, year_ahead_span
from lago_ns_cli.simulator.lago.moments import DAY, days_after, instant
from lago_ns_cli.simulator.lago.parties import Parties, is_periodic, purchase_order, subscription_external_id
from lago_ns_cli.simulator.lago.profiles import ENTITY_PREFIXES, Profile
from lago_ns_cli.simulator.lago.schedule import REFERENCE_DAY, Slot
from lago_ns_cli.simulator.lago.source import Kind, Source

Document = dict[str, Any]

ONLY_IN_SINGLE = (
    "subscriptions", "billing_periods", "fees", "credits", "error_details", "applied_invoice_custom_sections",
    "applied_usage_thresholds",
)  # fmt: skip
"""What ``GET /invoices/{id}`` shows and the list leaves out."""


def invoice_number(profile: Profile, slot: Slot) -> str:
    """Return an invoice's number, a placeholder until it is finalized."""
    if not slot.has_number:
        return f"{ENTITY_PREFIXES[profile.billing_entity]}-DRAFT"
    return f"{profile.slug}-{slot.index + 1:03d}"


def is_overdue(profile: Profile, slot: Slot) -> bool:
    """Tell whether an invoice is open past its due date, on the day after the last issuing date."""
    if slot.status != "finalized" or slot.payment_status == "succeeded" or profile.partner:
        return False
    return days_after(slot.issuing_date, profile.net_payment_term) < REFERENCE_DAY


class InvoiceJson:
    """Writes invoices."""

    def __init__(self, source: Source, parties: Parties, fees: FeeJson) -> None:
        self._source = source
        self._parties = parties
        self._fees = fees

    def id(self, profile: Profile, slot: Slot) -> str:
        """Return the id of an invoice."""
        return self._source.id(Kind.INVOICE, profile.index, slot.index)

    def single(self, chapter: Chapter, bill: Bill) -> Document:
        """Return an invoice as ``GET /invoices/{id}`` shows it."""
        document = self.listed(chapter, bill)
        profile, slot = chapter.profile, bill.slot
        periodic = is_periodic(slot)
        document["subscriptions"] = (
            [self._parties.subscription(profile, slot.subscription)] if periodic else []
        )
        document["billing_periods"] = [self._billing_period(chapter, bill)] if periodic else []
        document["fees"] = [self._fees.fee(chapter, bill, fee) for fee in bill.fees]
        document["credits"] = self._credits(chapter, bill)
        document["error_details"] = self._error_details(profile, slot)
        document["applied_invoice_custom_sections"] = []
        if slot.invoice_type == "progressive_billing":
            document["applied_usage_thresholds"] = [_crossed_threshold(profile, bill)]
        return document

    def listed(self, chapter: Chapter, bill: Bill) -> Document:
        """Return an invoice as ``GET /invoices`` lists it."""
        profile = chapter.profile
        document = self.base(chapter, bill)
        document["customer"] = self._parties.customer(profile)
        document["metadata"] = []
        document["applied_taxes"] = self._applied_taxes(chapter, bill)
        return document

    def base(self, chapter: Chapter, bill: Bill) -> Document:
        """Return an invoice's own fields, without any related object."""
        profile, slot = chapter.profile, bill.slot
        lago_id = self.id(profile, slot)
        customer_id = self._source.id(Kind.CUSTOMER, profile.index)
        draft = slot.status == "draft"
        due_date = days_after(slot.issuing_date, profile.net_payment_term).isoformat()
        return {
            "lago_id": lago_id, "billing_entity_code": profile.billing_entity,
            "sequential_id": slot.index + 1 if slot.has_number else None, "number": invoice_number(profile, slot),
            "purchase_order_number": purchase_order(profile), "issuing_date": slot.issuing_date.isoformat(),
            "payment_due_date": None if draft else due_date, "net_payment_term": profile.net_payment_term,
            "invoice_type": slot.invoice_type, "status": slot.status, "payment_status": slot.payment_status,
            "payment_dispute_lost_at": None, "payment_overdue": is_overdue(profile, slot), "currency": profile.currency,
            **_amounts(profile, bill),
            "file_url": None, "xml_url": None,
            "web_url": f"https://app.getlago.com/acme/customer/{customer_id}/invoice/{lago_id}/overview",
            "version_number": 4, "self_billed": profile.partner, "created_at": instant(slot.created),
            "updated_at": instant(bill.updated),
            "voided_at": instant(slot.created + 6 * DAY) if slot.status == "voided" else None,
        }  # fmt: skip

    def _applied_taxes(self, chapter: Chapter, bill: Bill) -> list[Document]:
        profile, slot = chapter.profile, bill.slot
        return [
            {
                "lago_id": self._source.id(Kind.INVOICE_TAX, profile.index, slot.index, position),
                "lago_invoice_id": self.id(profile, slot), "lago_tax_id": self._source.id(Kind.TAX, part=billed.tax.index),
                "tax_name": billed.tax.name, "tax_code": billed.tax.code, "tax_rate": float(billed.tax.rate),
                "tax_description": None, "amount_cents": billed.amount, "amount_currency": profile.currency,
                "fees_amount_cents": billed.base, "created_at": instant(slot.created),
            }
            for position, billed in enumerate(bill.taxes)
        ]  # fmt: skip

    def _billing_period(self, chapter: Chapter, bill: Bill) -> Document:
        profile, slot = chapter.profile, bill.slot
        charges = arrears_span(chapter, bill)
        subscription = year_ahead_span(profile, bill) if slot.yearly_fee else charges
        fixed = charges if profile.has_seats else None
        progressive = slot.invoice_type == "progressive_billing"
        return {
            "lago_subscription_id": self._parties.subscription_id(profile, slot.subscription),
            "external_subscription_id": subscription_external_id(profile, slot.subscription),
            "lago_plan_id": self._plan_id(profile),
            "subscription_from_datetime": instant(subscription.first),
            "subscription_to_datetime": instant(subscription.last),
            "charges_from_datetime": instant(charges.first), "charges_to_datetime": instant(charges.last),
            "fixed_charges_from_datetime": instant(fixed.first) if fixed else None,
            "fixed_charges_to_datetime": instant(fixed.last) if fixed else None,
            "invoicing_reason": "progressive_billing" if progressive else "subscription_periodic",
        }  # fmt: skip

    def _plan_id(self, profile: Profile) -> str:
        return self._source.id(Kind.PLAN, part=int(profile.plan == "enterprise_yearly"))

    def _credits(self, chapter: Chapter, bill: Bill) -> list[Document]:
        profile = chapter.profile
        used: list[Document] = []
        if bill.progressive_of:
            number = invoice_number(profile, bill.progressive_of.slot)
            item = _credit_item(self.id(profile, bill.progressive_of.slot), "invoice", number, number)
            used.append(self._credit(profile, bill, 0, bill.progressive, item, before_taxes=True))
        if bill.coupon:
            item = self._coupon_item(bill.coupon)
            used.append(self._credit(profile, bill, 1, bill.coupons, item, before_taxes=True))
        for position, consumed in enumerate(bill.consumed, start=2):
            note_id = self._source.id(Kind.CREDIT_NOTE, profile.index, consumed.of.slot.index)
            number = invoice_number(profile, consumed.of.slot)
            item = _credit_item(note_id, "credit_note", f"{number}-CN001", number)
            used.append(self._credit(profile, bill, position, consumed.amount, item, before_taxes=False))
        return used

    def _coupon_item(self, coupon: Coupon) -> Document:
        return _credit_item(
            self._source.id(Kind.COUPON, part=coupon.index), "coupon", coupon.code, coupon.name
        )

    def _credit(
        self, profile: Profile, bill: Bill, part: int, amount: int, item: Document, *, before_taxes: bool
    ) -> Document:
        return {
            "lago_id": self._source.id(Kind.CREDIT, profile.index, bill.slot.index, part), "amount_cents": amount,
            "amount_currency": profile.currency, "before_taxes": before_taxes, "item": item,
            "invoice": {"lago_id": self.id(profile, bill.slot), "payment_status": bill.slot.payment_status},
        }  # fmt: skip

    def _error_details(self, profile: Profile, slot: Slot) -> list[Document]:
        if slot.status != "failed":
            return []
        lago_id = self._source.id(Kind.ERROR_DETAIL, profile.index, slot.index)
        return [
            {
                "lago_id": lago_id,
                "error_code": "tax_error",
                "details": {"tax_error": "customerAddressCouldNotResolve"},
            }
        ]


def _amounts(profile: Profile, bill: Bill) -> Document:
    traceable = profile.traceable_wallets
    return {
        "fees_amount_cents": bill.fees_amount, "taxes_amount_cents": bill.tax,
        "progressive_billing_credit_amount_cents": bill.progressive, "coupons_amount_cents": bill.coupons,
        "credit_notes_amount_cents": bill.credit_notes, "sub_total_excluding_taxes_amount_cents": bill.sub_total,
        "sub_total_including_taxes_amount_cents": bill.sub_total_with_tax, "total_amount_cents": bill.total,
        "total_due_amount_cents": bill.due, "total_paid_amount_cents": bill.paid,
        "total_offsetted_credit_note_amount_cents": bill.offset, "prepaid_credit_amount_cents": bill.prepaid,
        "prepaid_granted_credit_amount_cents": (bill.granted or None) if traceable else None,
        "prepaid_purchased_credit_amount_cents": (bill.purchased or None) if traceable else None,
    }  # fmt: skip


def _credit_item(lago_item_id: str, kind: str, code: str, name: str) -> Document:
    return {"lago_item_id": lago_item_id, "type": kind, "code": code, "name": name, "description": None}


def _crossed_threshold(profile: Profile, bill: Bill) -> Document:
    created = instant(bill.slot.created)
    threshold = max(bill.fees_amount // 100 * 100, 1)
    return {
        "lifetime_usage_amount_cents": bill.fees_amount, "created_at": created,
        "usage_threshold": {
            "lago_id": None, "threshold_display_name": None, "amount_cents": threshold, "recurring": False,
            "currency": profile.currency, "created_at": created, "updated_at": created,
        },
    }  # fmt: skip
