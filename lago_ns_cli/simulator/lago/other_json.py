"""Credit notes, payments, payment requests and wallets in Lago's JSON."""

from decimal import Decimal
from typing import Any

from lago_ns_cli.simulator.lago.billing import Bill, Chapter, Payment, WalletMove
from lago_ns_cli.simulator.lago.credit_notes import CreditNote, NoteItem, NoteTax
from lago_ns_cli.simulator.lago.fee_json import FeeJson
from lago_ns_cli.simulator.lago.invoice_json import InvoiceJson, invoice_number
from lago_ns_cli.simulator.lago.moments import DAY, instant, local_date
from lago_ns_cli.simulator.lago.money import decimal_text, rounded, subunits
from lago_ns_cli.simulator.lago.parties import Parties, provider_code, provider_customer_id, purchase_order
from lago_ns_cli.simulator.lago.profiles import Profile
from lago_ns_cli.simulator.lago.source import Kind, Source

Document = dict[str, Any]


class CreditNoteJson:
    """Writes credit notes."""

    def __init__(self, source: Source, parties: Parties, fees: FeeJson) -> None:
        self._source = source
        self._parties = parties
        self._fees = fees

    def note(self, chapter: Chapter, bill: Bill, note: CreditNote) -> Document:
        """Return a credit note; list and single look alike."""
        profile, slot = chapter.profile, bill.slot
        number = invoice_number(profile, slot)
        return {
            "lago_id": self._id(profile, bill), "billing_entity_code": profile.billing_entity, "sequential_id": 1,
            "number": f"{number}-CN001", "lago_invoice_id": self._source.id(Kind.INVOICE, profile.index, slot.index),
            "invoice_number": number, "purchase_order_number": purchase_order(profile),
            "issuing_date": local_date(profile.time_zone, note.created).isoformat(),
            "credit_status": note.credit_status, "refund_status": note.refund_status, "reason": note.reason,
            "description": "Agreed with the customer" if slot.index % 2 else None, "currency": profile.currency,
            **_note_amounts(note),
            "created_at": instant(note.created), "updated_at": instant(note.updated), "file_url": None,
            "xml_url": None, "self_billed": profile.partner, "customer": self._parties.customer(profile),
            "items": [self._item(chapter, bill, item) for item in note.items],
            "applied_taxes": [self._tax(profile, bill, note, position) for position in range(len(note.taxes))],
            "error_details": [],
        }  # fmt: skip

    def _id(self, profile: Profile, bill: Bill) -> str:
        return self._source.id(Kind.CREDIT_NOTE, profile.index, bill.slot.index)

    def _item(self, chapter: Chapter, bill: Bill, item: NoteItem) -> Document:
        profile = chapter.profile
        return {
            "lago_id": self._source.id(Kind.CREDIT_NOTE_ITEM, profile.index, bill.slot.index, item.fee.part),
            "amount_cents": item.amount, "precise_amount_cents": decimal_text(item.amount),
            "amount_currency": profile.currency, "fee": self._fees.fee(chapter, bill, item.fee),
        }  # fmt: skip

    def _tax(self, profile: Profile, bill: Bill, note: CreditNote, position: int) -> Document:
        billed: NoteTax = note.taxes[position]
        return {
            "lago_id": self._source.id(Kind.CREDIT_NOTE_TAX, profile.index, bill.slot.index, position),
            "lago_credit_note_id": self._id(profile, bill),
            "lago_tax_id": self._source.id(Kind.TAX, part=billed.tax.index), "tax_name": billed.tax.name,
            "tax_code": billed.tax.code, "tax_rate": float(billed.tax.rate), "tax_description": None,
            "base_amount_cents": rounded(billed.base), "amount_cents": rounded(billed.amount),
            "amount_currency": profile.currency, "created_at": instant(note.created),
        }  # fmt: skip


def _note_amounts(note: CreditNote) -> Document:
    return {
        "total_amount_cents": note.total, "precise_total_amount_cents": decimal_text(note.precise_total),
        "taxes_amount_cents": note.tax, "precise_taxes_amount_cents": decimal_text(note.precise_tax),
        "sub_total_excluding_taxes_amount_cents": note.sub_total, "balance_amount_cents": note.balance,
        "credit_amount_cents": note.credit, "refund_amount_cents": note.refund, "offset_amount_cents": note.offset,
        "coupons_adjustment_amount_cents": note.coupons, "taxes_rate": float(note.tax_rate),
    }  # fmt: skip


class PaymentJson:
    """Writes payments and payment requests."""

    def __init__(self, source: Source, parties: Parties, invoices: InvoiceJson) -> None:
        self._source = source
        self._parties = parties
        self._invoices = invoices

    def payment(self, chapter: Chapter, bill: Bill, payment: Payment) -> Document:
        """Return a payment."""
        profile = chapter.profile
        lago_id = self._source.id(Kind.PAYMENT, profile.index, bill.slot.index, payment.part)
        invoice_ids = [self._invoices.id(profile, paid.slot) for paid in payment.bills]
        requested = len(payment.bills) > 1
        request_id = self._source.id(Kind.PAYMENT_REQUEST, profile.index, bill.slot.index)
        return {
            "lago_id": lago_id, "lago_customer_id": self._source.id(Kind.CUSTOMER, profile.index),
            "external_customer_id": profile.external_id, "invoice_ids": invoice_ids,
            "invoice_numbers": [invoice_number(profile, paid.slot) for paid in payment.bills],
            "lago_payable_id": request_id if requested else invoice_ids[0],
            "payable_type": "PaymentRequest" if requested else "Invoice", "amount_cents": payment.amount,
            "amount_currency": profile.currency, "status": payment.status, "payment_status": payment.status,
            "type": payment.type, **_channel(profile, bill, payment, lago_id), "created_at": instant(payment.created),
        }  # fmt: skip

    def request(self, chapter: Chapter, bill: Bill, payment: Payment) -> Document:
        """Return the payment request that a payment over several invoices settled."""
        profile = chapter.profile
        return {
            "lago_id": self._source.id(Kind.PAYMENT_REQUEST, profile.index, bill.slot.index),
            "amount_cents": payment.amount, "amount_currency": profile.currency, "email": profile.emails[0],
            "payment_status": payment.status, "created_at": instant(payment.created - DAY),
            "customer": self._parties.customer(profile),
            "invoices": [self._invoices.base(chapter, paid) for paid in payment.bills],
        }  # fmt: skip


def _channel(profile: Profile, bill: Bill, payment: Payment, lago_id: str) -> Document:
    manual = payment.type == "manual"
    external = None if manual else f"pi_{lago_id[:8]}{lago_id[-6:]}"
    return {
        "reference": f"WIRE-{invoice_number(profile, bill.slot)}-{payment.part + 1}" if manual else None,
        "payment_provider_code": None if manual else provider_code(profile),
        "payment_provider_type": None if manual else "PaymentProviders::StripeProvider",
        "external_payment_id": external, "provider_payment_id": external,
        "provider_customer_id": None if manual else provider_customer_id(profile),
        "next_action": None if manual else {},
    }  # fmt: skip


class WalletJson:
    """Writes wallets and their transactions."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def id(self, chapter: Chapter) -> str:
        """Return the id of a chapter's wallet."""
        return self._source.id(Kind.WALLET, chapter.profile.index, chapter.number)

    def wallet(self, chapter: Chapter) -> Document:
        """Return a chapter's wallet; one credit is one unit of the currency."""
        profile, wallet = chapter.profile, chapter.wallet
        balance = wallet.granted + wallet.purchased
        available = decimal_text(_units(profile, balance))
        return {
            "lago_id": self.id(chapter), "lago_customer_id": self._source.id(Kind.CUSTOMER, profile.index),
            "external_customer_id": profile.external_id, "billing_entity_code": profile.billing_entity,
            "code": f"wallet_{chapter.number + 1}", "name": "Prepaid credits", "status": "active",
            "currency": profile.currency, "priority": 1, "rate_amount": "1.0", "credits_balance": available,
            "credits_ongoing_balance": available, "credits_ongoing_usage_balance": "0.0", "balance_cents": balance,
            "ongoing_balance_cents": balance, "ongoing_usage_balance_cents": 0,
            "consumed_credits": decimal_text(_units(profile, wallet.consumed)),
            "created_at": instant(wallet_created(chapter)), "expiration_at": None, "last_balance_sync_at": None,
            "last_consumed_credit_at": None, "terminated_at": None, "invoice_requires_successful_payment": False,
            "paid_top_up_min_amount_cents": None, "paid_top_up_max_amount_cents": None,
            "recurring_transaction_rules": [], "applies_to": {"fee_types": [], "billable_metric_codes": []},
            "metadata": {}, "purchase_order_number": None,
            "payment_method": {"payment_method_id": None, "payment_method_type": "provider"},
            "applied_invoice_custom_sections": [],
        }  # fmt: skip

    def transaction(self, chapter: Chapter, part: int) -> Document:
        """Return a wallet transaction."""
        profile = chapter.profile
        move = chapter.wallet.moves[part]
        amount = decimal_text(_units(profile, move.amount))
        settled = instant(move.created) if move.status == "settled" else None
        return {
            "lago_id": self._source.id(Kind.WALLET_TRANSACTION, profile.index, chapter.number, part),
            "lago_wallet_id": self.id(chapter), "lago_invoice_id": self._invoice_id(profile, move),
            "lago_credit_note_id": None, "lago_voided_invoice_id": None, "billing_entity_code": profile.billing_entity,
            "status": move.status, "source": "manual" if move.inbound else "interval",
            "transaction_status": move.transaction_status, "transaction_type": "inbound" if move.inbound else "outbound",
            "amount": amount, "credit_amount": amount, "remaining_amount_cents": None, "remaining_credit_amount": None,
            "priority": 50, "purchase_order_number": None, "settled_at": settled, "failed_at": None,
            "created_at": instant(move.created), "invoice_requires_successful_payment": False, "metadata": [],
            "name": None, "payment_method": {"payment_method_id": None, "payment_method_type": "provider"},
        }  # fmt: skip

    def _invoice_id(self, profile: Profile, move: WalletMove) -> str | None:
        return self._source.id(Kind.INVOICE, profile.index, move.slot.index) if move.slot else None


def wallet_created(chapter: Chapter) -> int:
    """Return when a chapter's wallet was opened, in seconds since 1970."""
    return chapter.bills[0].slot.created - 30 * DAY


def _units(profile: Profile, cents: int) -> Decimal:
    return Decimal(cents) / subunits(profile.currency)
