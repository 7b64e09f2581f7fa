"""The rows of both sides, in the same terms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId

CUSTOMER, INVOICE, CREDIT_NOTE, PAYMENT = "customer", "invoice", "credit_note", "payment"
PREPAID, VOID = "prepaid", "void"

RECORD_TYPES: Mapping[str, str] = {
    CUSTOMER: "customer",
    INVOICE: "invoice",
    CREDIT_NOTE: "creditmemo",
    PREPAID: "creditmemo",
    VOID: "creditmemo",
    PAYMENT: "customerpayment",
}
"""NetSuite's record types by kind of document."""

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Excuse:
    """Why a document is not to be in NetSuite.

    ``counts``: whether it is billed all the same (a self-billed invoice is, a draft is not yet).
    """

    code: str
    reason: str
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledRow:
    """A document of Lago's, as NetSuite should hold it.

    Args:
        customer: Lago's id; None where a list names none.
        customer_name: The customer's external id.
        entity: The billing entity's code; empty where Lago does not tell.
        currency: ISO code; ``currency_id`` is NetSuite's, None where it is not mapped.
        subsidiary: By the mappings; None where they name none.
        days: The days on which it may be dated; the first is the likely one.
        taxes: Tax by NetSuite's tax code; None where the list alone does not tell.
        due: What is still to be paid of an invoice.
        paid_by_word: Lago calls the invoice paid though neither payments nor notes settle it.
        offset: Of a note: what it takes off its own invoice.
        credit: Of a note: what it keeps for later invoices; ``consumed`` is the part that they took.
        parent: The invoice of a note or a payment, where it is one.
        excuse: Why it is not to be in NetSuite; None where it is.
        in_scope: False for what was read only so that its record finds it.
    """

    key: Key
    kind: str
    lago_id: LagoId
    number: str
    customer: LagoId | None = None
    customer_name: str = ""
    entity: str = ""
    currency: str = ""
    currency_id: str | None = None
    subsidiary: str | None = None
    days: tuple[date, ...] = ()
    total: Decimal = ZERO
    tax: Decimal = ZERO
    taxes: Mapping[str, Decimal] | None = field(default_factory=dict)
    due: Decimal | None = None
    paid_by_word: bool = False
    offset: Decimal = ZERO
    credit: Decimal = ZERO
    consumed: Decimal = ZERO
    voided: bool = False
    parent: LagoId | None = None
    excuse: Excuse | None = None
    in_scope: bool = True

    @property
    def day(self) -> date | None:
        """The day on which it should be dated."""
        return self.days[0] if self.days else None

    @property
    def counts(self) -> bool:
        """Whether it is billed."""
        return self.excuse is None or self.excuse.counts


@dataclass(frozen=True, slots=True)
class Applied:
    """An amount that a memo or payment puts on an invoice.

    ``other`` is the record at the other end; ``key`` its external id, where it is told.
    """

    other: InternalId
    amount: Decimal
    key: Key | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedRow:
    """A record as NetSuite holds it.

    Args:
        identity: The key that it should carry: its own, or the one that its Lago id makes; None
            for a record that is not ours.
        keyed: Whether it carries its key; False where only our custom field tells.
        month: ``YYYY-MM`` of its posting period, or of its date where that is not known.
        taxes: By tax code; None where the account does not tell.
        open: What is still to be paid of an invoice, or to be applied of a memo or payment.
        applied: What it is applied to; None where that was not read.
        applied_by: Of an invoice, what is applied to it; None where that was not read.
    """

    id: InternalId
    type: str
    identity: Key | None
    kind: str
    keyed: bool = True
    lago_id: str | None = None
    external_id: str | None = None
    number: str = ""
    customer: str | None = None
    currency: str | None = None
    subsidiary: str | None = None
    day: date | None = None
    month: str = ""
    period: str | None = None
    status: str = ""
    total: Decimal = ZERO
    tax: Decimal = ZERO
    taxes: Mapping[str, Decimal] | None = None
    open: Decimal = ZERO
    fingerprint: str | None = None
    last_modified: str | None = None
    inactive: bool = False
    applied: tuple[Applied, ...] | None = None
    applied_by: tuple[Applied, ...] | None = None

    @property
    def voided(self) -> bool:
        """Whether it was voided in NetSuite."""
        return self.status == "voided"


def is_ours(key: str | None) -> bool:
    """Tell a record of ours by its external id."""
    return key is not None and key.lower().startswith("lago:")
