"""Small builders of documents and contexts, so that a test names only what it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from lago_ns_cli.domain.catalog import AccountProfile
from lago_ns_cli.domain.documents import (
    AppliedTax,
    BillingPeriod,
    Credit,
    CreditItem,
    Customer,
    Fee,
    FeeItem,
    Invoice,
    Received,
    Tree,
)
from lago_ns_cli.domain.identifiers import LagoExternalId, LagoId
from lago_ns_cli.domain.mapping import (
    CreditNotePolicy,
    Defaults,
    ItemRow,
    Mappings,
    SubsidiaryRow,
    TaxRow,
    TaxTarget,
)
from lago_ns_cli.domain.translation.context import Context

CREATED = datetime(2026, 8, 1, 0, 1, 5, tzinfo=UTC)


def fee(
    number: int,
    cents: int,
    *,
    kind: str = "charge",
    code: str = "api_calls",
    rate: str = "0",
    coupon: str = "0",
    units: str = "1",
    unit_amount: str | None = None,
    currency: str = "USD",
    subscription: str | None = None,
    dates: tuple[datetime, datetime] | None = None,
) -> Fee:
    """Build a fee; its taxes are told by their rates only, as in an invoice."""
    return Fee(
        lago_id=LagoId(f"fee-{number}"),
        item=FeeItem(type=kind, code=code, name=code.replace("_", " ")),
        amount_cents=cents,
        amount_currency=currency,
        units=Decimal(units),
        precise_unit_amount=Decimal(unit_amount if unit_amount is not None else cents)
        / (1 if unit_amount else 100),
        taxes_amount_cents=0,
        taxes_rate=Decimal(rate),
        created_at=CREATED.replace(second=number % 60, minute=number // 60 % 60),
        precise_coupons_amount_cents=Decimal(coupon),
        lago_subscription_id=LagoId(subscription) if subscription else None,
        from_date=dates[0] if dates else None,
        to_date=dates[1] if dates else None,
    )


def tax(code: str, rate: str, base: int, amount: int) -> AppliedTax:
    """Build a tax of an invoice."""
    return AppliedTax(tax_code=code, tax_rate=Decimal(rate), fees_amount_cents=base, amount_cents=amount)


def credit(kind: str, cents: int, code: str = "LAUNCH10") -> Credit:
    """Build a credit of an invoice."""
    item = CreditItem(type=kind, lago_item_id=LagoId(f"item-{code}"), code=code, name=code)
    return Credit(
        lago_id=LagoId(f"credit-{code}"), amount_cents=cents, before_taxes=kind != "credit_note", item=item
    )


def customer(**changes: object) -> Customer:
    """Build a customer in New York."""
    plain = Customer(
        lago_id=LagoId("cus-1"),
        external_id=LagoExternalId("cust_0042"),
        billing_entity_code="acme-us",
        applicable_timezone="America/New_York",
        name="Hooli Inc.",
        currency="USD",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def invoice(
    fees: Sequence[Fee],
    *,
    taxes: Sequence[AppliedTax] = (),
    credits_: Sequence[Credit] = (),
    tax_total: int | None = None,
    prepaid: int = 0,
    granted: int | None = None,
    purchased: int | None = None,
    periods: Sequence[BillingPeriod] = (),
    **changes: object,
) -> Invoice:
    """Build an invoice whose sums agree."""
    sums = {
        kind: sum(one.amount_cents for one in credits_ if one.item.type == kind)
        for kind in ("coupon", "invoice", "credit_note")
    }
    total_fees = sum(one.amount_cents for one in fees)
    net = total_fees - sums["coupon"] - sums["invoice"]
    tax_cents = sum(one.amount_cents for one in taxes) if tax_total is None else tax_total
    plain = Invoice(
        lago_id=LagoId("inv-1"),
        number="ACM-001",
        billing_entity_code="acme-us",
        invoice_type="subscription",
        status="finalized",
        payment_status="pending",
        currency=fees[0].amount_currency if fees else "USD",
        issuing_date=date(2026, 8, 1),
        payment_due_date=date(2026, 8, 31),
        fees_amount_cents=total_fees,
        coupons_amount_cents=sums["coupon"],
        progressive_billing_credit_amount_cents=sums["invoice"],
        credit_notes_amount_cents=sums["credit_note"],
        sub_total_excluding_taxes_amount_cents=net,
        taxes_amount_cents=tax_cents,
        prepaid_credit_amount_cents=prepaid,
        prepaid_granted_credit_amount_cents=granted,
        prepaid_purchased_credit_amount_cents=purchased,
        total_amount_cents=net + tax_cents - sums["credit_note"] - prepaid,
        customer=customer(),
        fees=tuple(fees),
        credits=tuple(credits_),
        applied_taxes=tuple(taxes),
        billing_periods=tuple(periods),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def received(document: Invoice, tree: Tree | None = None) -> Received[Invoice]:
    """Wrap an invoice as the adapter would."""
    return Received(document, tree if tree is not None else {"lago_id": document.lago_id}, b"{}")


MAPPINGS = Mappings(
    defaults=Defaults(
        item="481",
        item_by_type={
            "subscription": "482",
            "commitment": "483",
            "coupon": "490",
            "prepaid_credit": "491",
            "prepaid_purchase": "492",
            "progressive_billing": "493",
            "credit_note": "494",
        },
        untaxed_code="9",
        credit_note_policy=CreditNotePolicy.APPLY_MEMO,
    ),
    items=(ItemRow(lago="billable_metric:api_calls", item="500"),),
    taxes=(
        TaxRow(lago=("us_nyc",), target=TaxTarget("14", "3", "1")),
        TaxRow(lago=("us_ny_state",), target=TaxTarget("15", "3", "1")),
        TaxRow(lago=("us_nyc_city",), target=TaxTarget("16", "3", "1")),
        TaxRow(lago=("export_zero",), target=TaxTarget("17", "3", "1")),
        TaxRow(lago=("us_ny_state", "us_nyc_city"), target=TaxTarget("18")),
        TaxRow(lago=("de_vat",), target=TaxTarget("21", "4", "2")),
    ),
    subsidiaries=(SubsidiaryRow(billing_entity="acme-us", subsidiary="2"),),
    currencies={"USD": "1", "EUR": "4", "JPY": "5", "KWD": "6"},
)


def context(
    *,
    mappings: Mappings = MAPPINGS,
    suitetax: bool = True,
    precisions: Mapping[str, int] | None = None,
    **more: object,
) -> Context:
    """Build a context over an account with USD, EUR, KWD (2 decimals) and JPY (none)."""
    account = AccountProfile(suitetax, precisions or {"1": 2, "4": 2, "5": 0, "6": 2})
    return Context(mappings=mappings, account=account, **more)  # type: ignore[arg-type]
