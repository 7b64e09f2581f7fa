"""What Lago states, in Lago's own words.

Amounts named ``*_cents`` are integer minor units of the document's currency (not always
hundredths: see ``money``). ``Decimal`` fields are decimals that Lago sends as JSON strings;
rates are percentages. Fields that the tool does not read are left out; the whole original
stands beside the document in ``Received``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, TypeVar

from lago_ns_cli.domain.identifiers import LagoExternalId, LagoId

Tree = Mapping[str, object]
"""A JSON object as decoded, numbers with all their digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address; ``country`` is the two-letter code."""

    address_line1: str | None = None
    address_line2: str | None = None
    city: str | None = None
    state: str | None = None
    zipcode: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationCustomer:
    """A link that Lago itself keeps from a customer to another system."""

    type: str
    external_customer_id: str | None = None
    integration_code: str | None = None
    subsidiary_id: str | None = None
    sync_with_provider: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A Lago customer. ``customer_type`` null means a company; ``email`` may hold several."""

    lago_id: LagoId
    external_id: LagoExternalId
    billing_entity_code: str
    applicable_timezone: str
    name: str | None = None
    firstname: str | None = None
    lastname: str | None = None
    legal_name: str | None = None
    customer_type: str | None = None
    account_type: str | None = None
    email: str | None = None
    phone: str | None = None
    currency: str | None = None
    tax_identification_number: str | None = None
    net_payment_term: int | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    city: str | None = None
    state: str | None = None
    zipcode: str | None = None
    country: str | None = None
    shipping_address: Address | None = None
    integration_customers: tuple[IntegrationCustomer, ...] = ()
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeItem:
    """What a fee is for.

    ``code`` is that of the billable metric (charge), the add-on (add_on, fixed_charge), the
    plan (subscription, commitment), or ``credit``.
    """

    type: str
    code: str
    name: str | None = None
    invoice_display_name: str | None = None
    filters: Mapping[str, object] | None = None
    filter_invoice_display_name: str | None = None
    grouped_by: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeTax:
    """A tax on one fee; Lago gives these only at ``/fees/{id}``."""

    tax_code: str
    tax_rate: Decimal
    amount_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A line of an invoice.

    ``amount_cents`` is the exact amount before coupons and tax. ``units`` times
    ``precise_unit_amount`` (in major units) need not equal it. ``precise_coupons_amount_cents``
    is the fee's share of coupons and of progressive-billing credit.
    ``applied_taxes`` is None where Lago did not say (fees nested in an invoice).
    """

    lago_id: LagoId
    item: FeeItem
    amount_cents: int
    amount_currency: str
    units: Decimal
    precise_unit_amount: Decimal
    taxes_amount_cents: int
    taxes_rate: Decimal
    created_at: datetime
    precise_coupons_amount_cents: Decimal = Decimal(0)
    sub_total_excluding_taxes_amount_cents: int | None = None
    sub_total_excluding_taxes_precise_amount_cents: Decimal | None = None
    lago_subscription_id: LagoId | None = None
    external_subscription_id: str | None = None
    description: str | None = None
    from_date: datetime | None = None
    to_date: datetime | None = None
    applied_taxes: tuple[FeeTax, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedTax:
    """A tax of a whole invoice; ``fees_amount_cents`` is its taxable base."""

    tax_code: str
    tax_name: str | None = None
    tax_rate: Decimal
    amount_cents: int
    fees_amount_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditItem:
    """What a credit comes from.

    For ``credit_note``, ``lago_item_id`` is the note and ``code`` its number; for ``invoice``
    (progressive billing), ``code`` is that invoice's number.
    """

    type: str
    lago_item_id: LagoId
    code: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A coupon, a consumed credit note or a progressive-billing credit on an invoice."""

    lago_id: LagoId
    amount_cents: int
    before_taxes: bool
    item: CreditItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscription billed on an invoice."""

    lago_id: LagoId
    external_id: str
    plan_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingPeriod:
    """The bounds of one subscription's period on an invoice, in UTC."""

    lago_subscription_id: LagoId
    subscription_from_datetime: datetime | None = None
    subscription_to_datetime: datetime | None = None
    charges_from_datetime: datetime | None = None
    charges_to_datetime: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledCustomer:
    """Whom an invoice bills, as Lago's list names them."""

    lago_id: LagoId
    external_id: LagoExternalId


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceSummary:
    """An invoice as Lago's list gives it: no fees, credits or periods."""

    lago_id: LagoId
    number: str
    billing_entity_code: str
    status: str
    payment_status: str | None
    currency: str
    issuing_date: date | None
    self_billed: bool
    fees_amount_cents: int = 0
    progressive_billing_credit_amount_cents: int = 0
    coupons_amount_cents: int = 0
    taxes_amount_cents: int = 0
    credit_notes_amount_cents: int = 0
    prepaid_credit_amount_cents: int = 0
    total_amount_cents: int
    total_paid_amount_cents: int = 0
    total_due_amount_cents: int = 0
    invoice_type: str
    updated_at: datetime | None = None
    voided_at: datetime | None = None
    applied_taxes: tuple[AppliedTax, ...] = ()
    customer: BilledCustomer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """A Lago invoice, whole.

    Its sums, from invoice version 3 on::

        fees − progressive − coupons = sub-total before tax
        sub-total + taxes − credit notes − prepaid = total
    """

    lago_id: LagoId
    number: str
    billing_entity_code: str
    invoice_type: str
    status: str
    payment_status: str | None
    currency: str
    issuing_date: date | None
    payment_due_date: date | None = None
    net_payment_term: int | None = None
    self_billed: bool = False
    version_number: int = 4
    fees_amount_cents: int
    progressive_billing_credit_amount_cents: int = 0
    coupons_amount_cents: int = 0
    sub_total_excluding_taxes_amount_cents: int
    taxes_amount_cents: int
    credit_notes_amount_cents: int = 0
    prepaid_credit_amount_cents: int = 0
    prepaid_granted_credit_amount_cents: int | None = None
    prepaid_purchased_credit_amount_cents: int | None = None
    total_amount_cents: int
    total_paid_amount_cents: int = 0
    total_offsetted_credit_note_amount_cents: int = 0
    total_due_amount_cents: int = 0
    purchase_order_number: str | None = None
    web_url: str | None = None
    voided_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    customer: Customer
    fees: tuple[Fee, ...]
    credits: tuple[Credit, ...] = ()
    applied_taxes: tuple[AppliedTax, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    billing_periods: tuple[BillingPeriod, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteItem:
    """A credited part of a fee, before coupons and tax."""

    lago_id: LagoId
    amount_cents: int
    fee: Fee


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteTax:
    """A tax of a credit note; ``base_amount_cents`` is its base."""

    tax_code: str
    tax_rate: Decimal
    amount_cents: int
    base_amount_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNote:
    """A Lago credit note.

    Tax-inclusive parts: ``credit`` is kept for later invoices (``balance`` of it is unused),
    ``refund`` is paid back, ``offset`` is taken off its own invoice.
    """

    lago_id: LagoId
    number: str
    lago_invoice_id: LagoId
    invoice_number: str | None = None
    billing_entity_code: str
    issuing_date: date
    credit_status: str | None = None
    refund_status: str | None = None
    reason: str | None = None
    description: str | None = None
    currency: str
    self_billed: bool = False
    total_amount_cents: int
    taxes_amount_cents: int
    sub_total_excluding_taxes_amount_cents: int
    balance_amount_cents: int
    credit_amount_cents: int
    refund_amount_cents: int
    offset_amount_cents: int = 0
    coupons_adjustment_amount_cents: int = 0
    taxes_rate: Decimal = Decimal(0)
    created_at: datetime | None = None
    updated_at: datetime | None = None
    customer: Customer
    items: tuple[CreditNoteItem, ...]
    applied_taxes: tuple[CreditNoteTax, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A Lago payment; ``payment_status`` is Lago's own word, ``status`` the provider's.

    ``created_at`` of a manual payment is the ``paid_at`` that was given.
    """

    lago_id: LagoId
    external_customer_id: LagoExternalId
    lago_customer_id: LagoId | None = None
    amount_cents: int
    amount_currency: str
    created_at: datetime
    payable_type: str
    lago_payable_id: LagoId | None = None
    invoice_ids: tuple[LagoId, ...]
    invoice_numbers: tuple[str, ...] = ()
    payment_status: str | None = None
    type: str
    reference: str | None = None
    payment_provider_code: str | None = None
    payment_provider_type: str | None = None
    provider_payment_id: str | None = None


Document = Customer | Invoice | CreditNote | Payment
DocumentT = TypeVar("DocumentT", Customer, Invoice, CreditNote, Payment)


@dataclass(frozen=True, slots=True)
class Received(Generic[DocumentT]):
    """A document together with the original that Lago sent.

    ``tree`` is the decoded JSON object, for mapping rows that name any path of it; ``raw``
    are the bytes as they came, for the audit trail and the archive.
    """

    document: DocumentT
    tree: Tree
    raw: bytes
