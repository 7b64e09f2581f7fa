"""Customers and their subscriptions, in Lago's JSON."""

from typing import Any

from lago_ns_cli.simulator.lago.catalog import PLANS, Catalog, Coupon
from lago_ns_cli.simulator.lago.moments import instant, instant_with_milliseconds, local_midnight, month_start
from lago_ns_cli.simulator.lago.money import decimal_text, subunits
from lago_ns_cli.simulator.lago.profiles import Profile, local_price
from lago_ns_cli.simulator.lago.schedule import FIRST_MONTH, MONTHS, Slot
from lago_ns_cli.simulator.lago.source import Kind, Source

Document = dict[str, Any]

_FIRST_CUSTOMER = 1_752_139_800  # 2025-07-10 09:30 UTC
_BETWEEN_CUSTOMERS = 37  # seconds
_NO_ADDRESS = {
    "address_line1": None, "address_line2": None, "city": None, "zipcode": None, "state": None, "country": None,
}  # fmt: skip


def customer_created(index: int) -> int:
    """Return when a customer was created, in seconds since 1970: later customers later."""
    return _FIRST_CUSTOMER + index * _BETWEEN_CUSTOMERS


def purchase_order(profile: Profile) -> str | None:
    """Return the customer's standing purchase order number, if it has one."""
    return f"PO-{7000 + profile.sequential_id}" if profile.index % 4 == 0 else None


class Parties:
    """Writes customers and subscriptions."""

    def __init__(self, source: Source, catalog: Catalog) -> None:
        self._source = source
        self._catalog = catalog

    def customer(self, profile: Profile, *, with_taxes: bool = False) -> Document:
        """Return a customer as documents embed it; ``with_taxes`` as ``/customers`` shows it."""
        address = profile.address
        created = instant(customer_created(profile.index))
        firstname, lastname = profile.person or (None, None)
        customer: Document = {
            "lago_id": self._source.id(Kind.CUSTOMER, profile.index), "billing_entity_code": profile.billing_entity,
            "external_id": profile.external_id, "account_type": "partner" if profile.partner else "customer",
            "name": profile.name, "firstname": firstname, "lastname": lastname, "customer_type": _type(profile),
            "sequential_id": profile.sequential_id, "slug": profile.slug, "created_at": created, "updated_at": created,
            "country": address.country, "address_line1": address.line1, "address_line2": None, "state": address.state,
            "zipcode": address.zipcode, "email": ",".join(profile.emails), "city": address.city, "url": None,
            "phone": "+1 212 555 0100" if address.country == "US" else None, "logo_url": None,
            "legal_name": profile.name, "legal_number": None, "currency": profile.currency,
            "tax_identification_number": None, "timezone": profile.time_zone if profile.has_own_time_zone else None,
            "applicable_timezone": profile.time_zone, "net_payment_term": profile.net_payment_term,
            "external_salesforce_id": None, "finalize_zero_amount_invoice": "inherit",
            "billing_configuration": self._billing_configuration(profile), "shipping_address": _shipping(profile),
            "skip_invoice_custom_sections": False, "metadata": self._metadata(profile, created),
            "integration_customers": [],
        }  # fmt: skip
        if with_taxes:
            customer["taxes"] = [self._catalog.tax_json(code) for code in profile.tax_codes]
            customer["applicable_invoice_custom_sections"] = []
            customer["error_details"] = []
        return customer

    def _billing_configuration(self, profile: Profile) -> Document:
        configuration: Document = {
            "invoice_grace_period": None, "payment_provider": None, "payment_provider_code": None,
            "document_locale": "de" if profile.address.country == "DE" else "en",
            "subscription_invoice_issuing_date_anchor": None, "subscription_invoice_issuing_date_adjustment": None,
        }  # fmt: skip
        if not profile.partner:
            configuration["payment_provider"] = "stripe"
            configuration["payment_provider_code"] = provider_code(profile)
            configuration["provider_customer_id"] = provider_customer_id(profile)
            configuration["provider_payment_methods"] = ["card"]
            configuration["sync"] = False
            configuration["sync_with_provider"] = False
        return configuration

    def _metadata(self, profile: Profile, created: str) -> list[Document]:
        if profile.index % 4 != 1:
            return []
        lago_id = self._source.id(Kind.METADATA, profile.index)
        region = "emea" if profile.billing_entity == "acme-eu" else "amer"
        return [
            {
                "lago_id": lago_id,
                "key": "region",
                "value": region,
                "display_in_invoice": False,
                "created_at": created,
            }
        ]

    def subscription(self, profile: Profile, number: int) -> Document:
        """Return a customer's subscription of a number."""
        plan = PLANS[profile.plan]
        zone = profile.time_zone
        started = local_midnight(zone, month_start(FIRST_MONTH, -3))
        months = 1 if plan.interval == "monthly" else 12
        current = month_start(FIRST_MONTH, MONTHS if months == 1 else -3 + 12)
        price = int(local_price(plan.price, profile.currency) * subunits(profile.currency))
        return {
            "lago_id": self.subscription_id(profile, number),
            "external_id": subscription_external_id(profile, number),
            "lago_customer_id": self._source.id(Kind.CUSTOMER, profile.index),
            "external_customer_id": profile.external_id, "name": "", "plan_code": plan.code, "plan_amount_cents": price,
            "plan_amount_currency": profile.currency, "status": "active", "billing_time": "calendar",
            "subscription_at": instant(started), "started_at": instant_with_milliseconds(started),
            "trial_ended_at": None, "ending_at": None, "terminated_at": None, "canceled_at": None,
            "created_at": instant(started), "previous_plan_code": None, "next_plan_code": None,
            "downgrade_plan_date": None,
            "current_billing_period_started_at": instant(local_midnight(zone, current)),
            "current_billing_period_ending_at": instant(local_midnight(zone, month_start(current, months)) - 1),
            "on_termination_credit_note": None, "on_termination_invoice": "generate",
            "progressive_billing_disabled": False, "consolidate_invoice": True,
            "purchase_order_number": purchase_order(profile), "cancellation_reason": None, "activated_at": None,
            "payment_method": {"payment_method_id": None, "payment_method_type": "provider"}, "activation_rules": [],
        }  # fmt: skip

    def applied_coupon(self, profile: Profile, coupon: Coupon) -> Document:
        """Return a customer's use of a coupon."""
        fixed = coupon.percentage is None
        recurring = coupon.frequency == "recurring"
        return {
            "lago_id": self._source.id(Kind.APPLIED_COUPON, profile.index, 0, coupon.index),
            "lago_coupon_id": self._source.id(Kind.COUPON, part=coupon.index), "coupon_code": coupon.code,
            "coupon_name": coupon.name, "lago_customer_id": self._source.id(Kind.CUSTOMER, profile.index),
            "external_customer_id": profile.external_id, "status": "terminated" if fixed else "active",
            "amount_cents": int(coupon.amount * 100) if fixed else None,
            "amount_cents_remaining": 0 if fixed else None, "amount_currency": "USD" if fixed else None,
            "percentage_rate": None if coupon.percentage is None else decimal_text(coupon.percentage),
            "frequency": coupon.frequency, "frequency_duration": 12 if recurring else None,
            "frequency_duration_remaining": 6 if recurring else None, "expiration_at": None,
            "created_at": instant(customer_created(profile.index)), "terminated_at": None, "credits": [],
        }  # fmt: skip

    def subscription_id(self, profile: Profile, number: int) -> str:
        """Return the id of a customer's subscription."""
        return self._source.id(Kind.SUBSCRIPTION, profile.index, number)


def provider_code(profile: Profile) -> str:
    """Return the code of the payment provider that the customer's billing entity uses."""
    return "stripe-eu" if profile.billing_entity == "acme-eu" else "stripe-us"


def provider_customer_id(profile: Profile) -> str:
    """Return the customer's id at the payment provider."""
    return f"cus_{profile.sequential_id:06d}"


def subscription_external_id(profile: Profile, number: int) -> str:
    """Return the operator's own id of a subscription."""
    return f"sub_{profile.sequential_id:04d}" + (f"_{number + 1}" if number else "")


def is_periodic(slot: Slot) -> bool:
    """Tell whether an invoice bills a subscription."""
    return slot.invoice_type in ("subscription", "progressive_billing")


def _type(profile: Profile) -> str | None:
    if profile.person:
        return "individual"
    return None if profile.index % 8 == 5 else "company"


def _shipping(profile: Profile) -> Document:
    if profile.index % 5 != 2:
        return dict(_NO_ADDRESS)
    address = profile.address
    return {
        "address_line1": f"Dock 4, {address.line1}", "address_line2": None, "city": address.city,
        "zipcode": address.zipcode, "state": address.state, "country": address.country,
    }  # fmt: skip
