"""What the organization sells: taxes, metrics, add-ons, coupons, plans and billing entities, in Lago's JSON.

The codes are those of ``simulator.world``, so that the mappings written for the simulated accounts cover them.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lago_ns_cli.simulator import world
from lago_ns_cli.simulator.lago.money import decimal_text
from lago_ns_cli.simulator.lago.profiles import ENTITY_PREFIXES
from lago_ns_cli.simulator.lago.source import Kind, Source

Document = dict[str, Any]


@dataclass(frozen=True)
class Tax:
    """A tax as fees and documents carry it; ``rate`` in percent."""

    index: int
    code: str
    name: str
    rate: Decimal


TAXES = {
    tax.code: Tax(index, tax.code, tax.name, Decimal(tax.rate)) for index, tax in enumerate(world.LAGO_TAXES)
}


@dataclass(frozen=True)
class Metric:
    """A billable metric with the price of its charge, in US dollars.

    ``tiers`` of a graduated charge are (up to, price a unit, flat amount); a package costs ``price`` for
    ``package_size`` units after ``free_units``; a percentage charge takes ``price`` percent and a fixed
    amount a transaction. ``typical_units`` is the middle of a month's usage.
    """

    code: str
    name: str
    model: str
    price: Decimal
    typical_units: Decimal
    decimals: int = 0
    tiers: tuple[tuple[int | None, Decimal, Decimal], ...] = ()
    package_size: int = 0
    free_units: int = 0
    fixed_amount: Decimal = Decimal(0)
    minimum: Decimal = Decimal(0)
    aggregation: str = "sum_agg"


METRICS = (
    Metric("api_calls", "API calls", "standard", Decimal("0.012"), Decimal(20_000), aggregation="count_agg"),
    Metric("tokens_input", "Input tokens", "standard", Decimal("0.0000000031"), Decimal(4_000_000_000)),
    Metric(
        "tokens_output", "Output tokens", "graduated", Decimal(0), Decimal(3_000_000_000),
        tiers=(
            (1_000_000_000, Decimal("0.0000000123"), Decimal(0)),
            (5_000_000_000, Decimal("0.0000000097"), Decimal(0)),
            (None, Decimal("0.0000000071"), Decimal("2.5")),
        ),
    ),
    Metric(
        "storage_gb_hours", "Storage GB-hours", "graduated", Decimal(0), Decimal("91234.567"), decimals=3,
        tiers=((10_000, Decimal("0.00137"), Decimal(5)), (None, Decimal("0.00091"), Decimal(0))),
    ),
    Metric(
        "compute_hours", "Compute hours", "package", Decimal("49.99"), Decimal("1600.25"), decimals=2,
        package_size=100, free_units=50,
    ),
    Metric(
        "payment_volume", "Payment volume", "percentage", Decimal("0.29"), Decimal("48000.55"), decimals=2,
        fixed_amount=Decimal("0.05"), minimum=Decimal(200),
    ),
)  # fmt: skip
METRIC_BY_CODE = {metric.code: metric for metric in METRICS}

BUNDLES = (
    ("api_calls", "tokens_input", "tokens_output"),
    ("tokens_input", "tokens_output", "storage_gb_hours"),
    ("compute_hours", "storage_gb_hours", "payment_volume"),
    ("api_calls", "compute_hours", "payment_volume"),
)
"""The sets of usage charges that customers consume."""


@dataclass(frozen=True)
class AddOn:
    """Something sold once, or by the seat; ``price`` in US dollars."""

    index: int
    code: str
    name: str
    price: Decimal
    description: str


ADD_ONS = {
    code: AddOn(index, code, name, Decimal(price), description)
    for index, (code, name, price, description) in enumerate(
        (
            ("setup", "Setup", "250", "One-time set-up of the workspace"),
            ("onboarding", "Onboarding", "499.99", "Onboarding week"),
            ("seats", "Seats", "19.90", "Named users"),
            ("premium_support", "Premium support", "333.33", "Premium support, one quarter"),
        )
    )
}


@dataclass(frozen=True)
class Coupon:
    """A coupon: a percentage, or an amount in US dollars."""

    index: int
    code: str
    name: str
    percentage: Decimal | None = None
    amount: Decimal = Decimal(0)
    frequency: str = "forever"


COUPONS = {
    coupon.code: coupon
    for coupon in (
        Coupon(0, "LAUNCH10", "Launch 10%", percentage=Decimal(10)),
        Coupon(1, "WELCOME50", "Welcome 50", amount=Decimal("50"), frequency="once"),
        Coupon(2, "LOYAL7", "Loyal customers 7.5%", percentage=Decimal("7.5"), frequency="recurring"),
    )
}


@dataclass(frozen=True)
class Plan:
    """A plan; ``price`` and ``commitment`` in US dollars."""

    index: int
    code: str
    name: str
    interval: str
    price: Decimal
    pay_in_advance: bool
    commitment: Decimal | None = None


PLANS = {
    plan.code: plan
    for plan in (
        Plan(0, "pro_monthly", "Pro", "monthly", Decimal(499), pay_in_advance=False),
        Plan(
            1, "enterprise_yearly", "Enterprise", "yearly", Decimal(24_000), pay_in_advance=True, commitment=Decimal(36_000)
        ),
    )
}  # fmt: skip


def billing_entity_index(code: str) -> int:
    """Return the position of a billing entity in the organization."""
    return list(ENTITY_PREFIXES).index(code)


def _created(index: int) -> str:
    return f"2025-09-01T08:{index:02d}:00Z"


class Catalog:
    """The catalogue in Lago's JSON, newest first as Lago lists it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.taxes = [self.tax_json(code) for code in reversed(TAXES)]
        self.billable_metrics = [self._metric_json(index) for index in reversed(range(len(METRICS)))]
        self.add_ons = [self._add_on_json(add_on) for add_on in reversed(ADD_ONS.values())]
        self.coupons = [self._coupon_json(coupon) for coupon in reversed(COUPONS.values())]
        self.plans = [self._plan_json(plan) for plan in reversed(PLANS.values())]
        self.billing_entities = [self._entity_json(index) for index in range(len(world.BILLING_ENTITIES))]

    def organization(self) -> Document:
        """Return the organization itself, as ``GET /organizations`` does."""
        return {
            "lago_id": self._source.id(Kind.ORGANIZATION), "name": "Acme", "slug": "acme", "created_at": _created(0),
            "default_currency": "USD", "timezone": "America/New_York", "country": "US", "address_line1": None,
            "address_line2": None, "city": None, "state": None, "zipcode": None, "email": "billing@acme.example",
            "legal_name": "Acme Inc.", "legal_number": None, "tax_identification_number": None,
            "net_payment_term": 30, "document_numbering": "per_customer", "document_number_prefix": "ACM-1F2E",
            "finalize_zero_amount_invoice": True, "email_settings": [], "webhook_url": None, "webhook_urls": [],
            "billing_configuration": {"invoice_footer": None, "invoice_grace_period": 0, "document_locale": "en"},
        }  # fmt: skip

    def tax_json(self, code: str) -> Document:
        """Return a tax as Lago lists it."""
        tax = TAXES[code]
        return {
            "lago_id": self._source.id(Kind.TAX, part=tax.index), "code": code, "name": tax.name,
            "rate": float(tax.rate), "description": None, "applied_to_organization": False,
            "applied_to_billing_entities_codes": [], "created_at": _created(tax.index),
        }  # fmt: skip

    def _metric_json(self, index: int) -> Document:
        metric = METRICS[index]
        counted = metric.aggregation == "count_agg"
        return {
            "lago_id": self._source.id(Kind.BILLABLE_METRIC, part=index), "code": metric.code, "name": metric.name,
            "description": None, "aggregation_type": metric.aggregation, "recurring": False,
            "field_name": None if counted else metric.code, "rounding_function": None, "rounding_precision": None,
            "weighted_interval": None, "expression": None, "filters": [], "created_at": _created(index),
        }  # fmt: skip

    def _add_on_json(self, add_on: AddOn) -> Document:
        return {
            "lago_id": self._source.id(Kind.ADD_ON, part=add_on.index), "code": add_on.code, "name": add_on.name,
            "invoice_display_name": None, "amount_cents": int(add_on.price * 100), "amount_currency": "USD",
            "description": add_on.description, "taxes": [], "created_at": _created(add_on.index),
        }  # fmt: skip

    def _coupon_json(self, coupon: Coupon) -> Document:
        fixed = coupon.percentage is None
        return {
            "lago_id": self._source.id(Kind.COUPON, part=coupon.index), "code": coupon.code, "name": coupon.name,
            "description": None, "coupon_type": "fixed_amount" if fixed else "percentage",
            "amount_cents": int(coupon.amount * 100) if fixed else None, "amount_currency": "USD" if fixed else None,
            "percentage_rate": None if coupon.percentage is None else decimal_text(coupon.percentage),
            "frequency": coupon.frequency, "frequency_duration": 12 if coupon.frequency == "recurring" else None,
            "reusable": True, "limited_plans": False, "plan_codes": [], "limited_billable_metrics": False,
            "billable_metric_codes": [], "expiration": "no_expiration", "expiration_at": None,
            "terminated_at": None, "created_at": _created(coupon.index),
        }  # fmt: skip

    def _plan_json(self, plan: Plan) -> Document:
        return {
            "lago_id": self._source.id(Kind.PLAN, part=plan.index), "code": plan.code, "name": plan.name,
            "invoice_display_name": None, "description": None, "interval": plan.interval,
            "amount_cents": int(plan.price * 100), "amount_currency": "USD", "pay_in_advance": plan.pay_in_advance,
            "trial_period": None, "bill_charges_monthly": True if plan.interval == "yearly" else None,
            "bill_fixed_charges_monthly": True if plan.interval == "yearly" else None, "parent_id": None,
            "pending_deletion": False, "customers_count": 0, "active_subscriptions_count": 0, "draft_invoices_count": 0,
            "charges": [self._charge_json(plan, index) for index in range(len(METRICS))],
            "fixed_charges": [self._seats_json(plan)], "minimum_commitment": self._commitment_json(plan),
            "taxes": [], "usage_thresholds": [], "entitlements": [], "metadata": {}, "created_at": _created(plan.index),
        }  # fmt: skip

    def _charge_json(self, plan: Plan, index: int) -> Document:
        metric = METRICS[index]
        return {
            "lago_id": self._source.id(Kind.CHARGE, slot=plan.index, part=index), "code": metric.code,
            "lago_billable_metric_id": self._source.id(Kind.BILLABLE_METRIC, part=index),
            "billable_metric_code": metric.code, "invoice_display_name": None, "charge_model": metric.model,
            "pay_in_advance": False, "invoiceable": True, "regroup_paid_fees": None, "prorated": False,
            "min_amount_cents": int(metric.minimum * 100), "properties": charge_properties(metric), "filters": [],
            "taxes": [], "applied_pricing_unit": None, "lago_parent_id": None, "created_at": _created(plan.index),
        }  # fmt: skip

    def _seats_json(self, plan: Plan) -> Document:
        seats = ADD_ONS["seats"]
        return {
            "lago_id": self._source.id(Kind.FIXED_CHARGE, part=plan.index), "code": seats.code,
            "lago_add_on_id": self._source.id(Kind.ADD_ON, part=seats.index), "add_on_code": seats.code,
            "invoice_display_name": seats.name, "charge_model": "standard", "pay_in_advance": False, "prorated": False,
            "units": "0.0", "properties": {"amount": decimal_text(seats.price)}, "taxes": [],
            "lago_parent_id": None, "created_at": _created(plan.index),
        }  # fmt: skip

    def _commitment_json(self, plan: Plan) -> Document | None:
        if plan.commitment is None:
            return None
        return {
            "lago_id": self._source.id(Kind.COMMITMENT, part=plan.index), "plan_code": plan.code,
            "invoice_display_name": "Minimum commitment", "interval": plan.interval, "taxes": [],
            "amount_cents": int(plan.commitment * 100), "created_at": _created(0), "updated_at": _created(0),
        }  # fmt: skip

    def _entity_json(self, index: int) -> Document:
        entity = world.BILLING_ENTITIES[index]
        return {
            "lago_id": self._source.id(Kind.BILLING_ENTITY, part=index), "code": entity.code, "name": entity.name,
            "default_currency": entity.currency, "timezone": entity.time_zone, "country": entity.country,
            "address_line1": None, "address_line2": None, "city": None, "state": None, "zipcode": None,
            "email": f"billing@{entity.code}.example", "phone": None, "legal_name": entity.name, "legal_number": None,
            "tax_identification_number": None, "document_numbering": "per_customer", "net_payment_term": 30,
            "document_number_prefix": ENTITY_PREFIXES[entity.code], "finalize_zero_amount_invoice": True,
            "is_default": index == 0, "eu_tax_management": False, "einvoicing": False, "email_settings": [],
            "document_locale": "en", "invoice_footer": None, "invoice_grace_period": 0, "logo_url": None,
            "subscription_invoice_issuing_date_anchor": "next_period_start",
            "subscription_invoice_issuing_date_adjustment": "align_with_finalization_date", "taxes": [],
            "selected_invoice_custom_sections": [], "created_at": _created(index), "updated_at": _created(index),
        }  # fmt: skip


def charge_properties(metric: Metric) -> Document:
    """Return the price of a charge, in the form of its charge model."""
    if metric.model == "graduated":
        return {"graduated_ranges": _graduated_ranges(metric)}
    if metric.model == "package":
        return {
            "amount": decimal_text(metric.price), "package_size": metric.package_size, "free_units": metric.free_units,
        }  # fmt: skip
    if metric.model == "percentage":
        return {"rate": decimal_text(metric.price), "fixed_amount": decimal_text(metric.fixed_amount)}
    return {"amount": decimal_text(metric.price)}


def _graduated_ranges(metric: Metric) -> list[Document]:
    ranges: list[Document] = []
    start = 0
    for up_to, price, flat in metric.tiers:
        ranges.append(
            {
                "from_value": start, "to_value": up_to,
                "per_unit_amount": decimal_text(price), "flat_amount": decimal_text(flat),
            }
        )  # fmt: skip
        start = (up_to or 0) + 1
    return ranges
