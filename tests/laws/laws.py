"""The laws: each returns what is wrong, in words; nothing where the law holds."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from itertools import chain
from typing import Any

from lago_ns_cli.domain.documents import CreditNote, Customer, Invoice, Payment
from lago_ns_cli.domain.identifiers import InternalId, Key
from lago_ns_cli.domain.mapping import CreditNotePolicy
from lago_ns_cli.domain.records import Record, Reference, fingerprint, record_as_json
from lago_ns_cli.domain.translation.allocation import Allocation, allocate, payable
from lago_ns_cli.domain.translation.context import (
    Context,
    FeeTaxesNeededError,
    Translation,
    TranslationError,
)
from lago_ns_cli.domain.translation.credit_note import translate_credit_note
from lago_ns_cli.domain.translation.customer import translate_customer
from lago_ns_cli.domain.translation.invoice import translate_invoice
from lago_ns_cli.domain.translation.payment import billing_of, payer_of, translate_payment
from lago_ns_cli.lago import schemas
from tests.laws.documents import Billing, Generated, Json
from tests.laws.figures import Posted, added, major, number, without_zeros
from tests.laws.settings import Variant, context_of

Problems = list[str]
Translate = Callable[[Any, Context], Translation]


def differs(what: str, expected: object, found: object) -> Problems:
    """Say that two figures differ."""
    return [] if expected == found else [f"{what} should be {expected} and is {found}"]


def translate(one: Generated[Any], how: Translate, context: Context, billing: Billing) -> Translation:
    """Translate; what the document does not tell of its taxes is asked for, as the workflows do."""
    try:
        return how(one.received, context)
    except FeeTaxesNeededError as needed:
        return how(one.received, replace(context, fee_taxes=billing.fee_taxes(needed.fees)))


def invoice_laws(invoice: Generated[Invoice], context: Context, billing: Billing) -> Problems:
    """No minor unit is lost in a line, a tax or the total, whichever way the books are kept."""
    told = invoice.told
    records = translate(invoice, translate_invoice, context, billing).records
    own, memos = Posted(records[0]), [Posted(record) for record in records[1:]]
    policy = context.mappings.credit_note_policy(told["billing_entity_code"])
    as_lines = policy is CreditNotePolicy.NEGATIVE_LINE
    consumed = told["credit_notes_amount_cents"]

    def cents(amount: int) -> Decimal:
        return major(amount, told["currency"])

    prepaid = sum((memo.total for memo in memos), Decimal(0))
    credits_ = (
        told["coupons_amount_cents"]
        + told["progressive_billing_credit_amount_cents"]
        + told["prepaid_credit_amount_cents"]
        + (consumed if as_lines else 0)
    )
    return [
        *chain.from_iterable(_own_figures(one) for one in (own, *memos)),
        *differs("the fees", cents(told["fees_amount_cents"]), own.charged),
        *differs("the credits", cents(credits_), own.credited + prepaid),
        *differs("the tax", cents(told["taxes_amount_cents"]), own.tax),
        *differs(
            "the total",
            cents(told["total_amount_cents"] + (0 if as_lines else consumed)),
            own.total - prepaid,
        ),
        *differs("what the prepaid memo applies", prepaid, sum((memo.applied for memo in memos), Decimal(0))),
        *_fee_laws(told, own, grouped=bool(context.mappings.grouping)),
        *_tax_laws(told, own, context),
    ]


def _own_figures(posted: Posted) -> Problems:
    """What the record says of itself is what its lines make, and no number is a binary fraction."""
    expect = posted.record.expect
    assert expect is not None
    problems = differs("the expected total", posted.total, number(expect.total))
    problems += differs("the expected tax", posted.tax, number(expect.tax))
    return problems + [f"{value!r} is a number" for value in _numbers(record_as_json(posted.record))]


def _numbers(value: object) -> Iterator[object]:
    """Find what is neither text nor a flag: amounts travel as text."""
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _numbers(part)
    elif not (value is None or isinstance(value, str | bool)):
        yield value


def _fee_laws(told: Json, posted: Posted, *, grouped: bool) -> Problems:
    """Each fee is a line of its own amount; where usage is grouped, all other fees are."""
    alone = [fee for fee in told["fees"] if not (grouped and fee["item"]["type"] == "charge")]
    amounts = added((fee["lago_id"], major(fee["amount_cents"], told["currency"])) for fee in alone)
    return differs("the lines by fee", without_zeros(amounts), without_zeros(posted.by_line_id()))


def _tax_laws(told: Json, posted: Posted, context: Context) -> Problems:
    """Each tax has the base and the amount that Lago states; Lago's own rounding goes to one of them."""
    if not context.account.suitetax:
        return []
    taxes = told["applied_taxes"]
    entity, currency = told["billing_entity_code"], told["currency"]

    def by_code(name: str) -> dict[str, Decimal]:
        return added(
            (_tax_code(tax["tax_code"], entity, context), major(tax[name], currency)) for tax in taxes
        )

    rounding = major(abs(told["taxes_amount_cents"] - sum(tax[_AMOUNT] for tax in taxes)), currency)
    stated, found = by_code(_AMOUNT), posted.by_tax_code("taxamount")
    far = {
        code: (amount, found.get(code))
        for code, amount in stated.items()
        if abs(amount - found.get(code, Decimal(0))) > rounding
    }
    bases = without_zeros(by_code(_BASE))
    return [
        *differs("the tax bases", bases, without_zeros(posted.by_tax_code("taxbasis"))),
        *[f"the tax {code} is {got}, and Lago states {amount}" for code, (amount, got) in far.items()],
    ]


_AMOUNT, _BASE = "amount_cents", "fees_amount_cents"


def _tax_code(lago: str, entity: str, context: Context) -> str:
    target = context.mappings.tax((lago,), entity).value
    assert target is not None
    return target.tax_code


def note_laws(note: Generated[CreditNote], context: Context, billing: Billing) -> Problems:
    """A memo is its note to the cent, or is held where Lago's own figures disagree."""
    told = note.told
    net = told["sub_total_excluding_taxes_amount_cents"]
    if net + told["taxes_amount_cents"] != told["total_amount_cents"]:
        return _held_with("lago_totals_disagree", note, context, billing)
    posted = Posted(translate(note, translate_credit_note, context, billing).record)

    def cents(amount: int) -> Decimal:
        return major(amount, told["currency"])

    items = sorted(cents(item["amount_cents"]) for item in told["items"] if item["amount_cents"])
    return [
        *_own_figures(posted),
        *differs("the items", items, sorted(amount for amount in posted.amounts if amount > 0)),
        *differs("the coupons", cents(told["coupons_adjustment_amount_cents"]), posted.credited),
        *differs("the tax", cents(told["taxes_amount_cents"]), posted.tax),
        *differs("the total", cents(told["total_amount_cents"]), posted.total),
        *differs("what is applied", cents(told["offset_amount_cents"]), posted.applied),
    ]


def _held_with(code: str, note: Generated[CreditNote], context: Context, billing: Billing) -> Problems:
    try:
        translate(note, translate_credit_note, context, billing)
    except TranslationError as error:
        return differs("the reason to hold it", code, error.code)
    return [f"it should be held with {code} and is not"]


def payment_laws(payment: Generated[Payment], context: Context, billing: Billing) -> Problems:
    """A payment is its amount; what it puts on invoices and what is left make just that."""
    told, split = payment.told, split_of(payment, billing)
    record = translate_payment_of(payment, context, billing).record
    amount = major(told["amount_cents"], told["amount_currency"])
    assert record.expect is not None
    applied = sum((number(one.amount) for one in record.apply), Decimal(0))
    left = major(split.remainder, told["amount_currency"])
    too_much = [
        f"{one.document.number} gets {share} of {one.document.total_amount_cents}"
        for one in billing.invoices
        if (share := split.shares.get(one.document.lago_id, 0)) > one.document.total_amount_cents
    ]
    return [
        *differs("the payment", amount, number(record.columns["payment"])),
        *differs("the expected total", amount, number(record.expect.total)),
        *differs("what is applied and what is left", amount, applied + left),
        *[f"{value!r} is a number" for value in _numbers(record_as_json(record))],
        *too_much,
    ]


def split_of(payment: Generated[Payment], billing: Billing) -> Allocation:
    """Split a payment over the invoices that it names, oldest due first."""
    document = payment.document
    if document.payable_type == "Invoice":
        return Allocation({document.invoice_ids[0]: document.amount_cents}, 0)
    paid: dict[str, int] = {}
    for other in billing.payments:
        if other.document.payable_type == "Invoice":
            invoice = other.document.invoice_ids[0]
            paid[invoice] = paid.get(invoice, 0) + other.document.amount_cents
    named = [one.document for one in billing.invoices if one.document.lago_id in document.invoice_ids]
    return allocate(document.amount_cents, [payable(one, paid.get(one.lago_id, 0)) for one in named])


def translate_payment_of(payment: Generated[Payment], context: Context, billing: Billing) -> Translation:
    """Translate a payment whose invoices are all in NetSuite."""
    split = split_of(payment, billing)
    named = [one.document for one in billing.invoices if one.document.lago_id in split.shares]
    payer = payer_of([billing_of(invoice) for invoice in named])
    assert payer is not None
    targets = {
        one: Reference(Key(f"lago:inv:{one}"), InternalId(str(at))) for at, one in enumerate(split.shares)
    }
    return translate_payment(payment.received, payer, split, targets, context)


def customer_laws(customer: Generated[Customer], context: Context, _billing: Billing) -> Problems:
    """A customer is its Lago customer, and no number in it is a binary fraction."""
    record = translate_customer(customer.received, context).record
    problems = differs("the Lago id", customer.told["lago_id"], record.columns["custentity_lago_id"])
    return problems + [f"{value!r} is a number" for value in _numbers(record_as_json(record))]


def is_stable(translated: Callable[[Context], tuple[Record, ...]], context: Context) -> Problems:
    """The same document is the same record; its fingerprint does not depend on which ids are known."""
    first, second = translated(context), translated(context)
    customers = {
        reference.key: InternalId("7")
        for record in first
        for reference in record.columns.values()
        if isinstance(reference, Reference)
    }
    later = translated(replace(context, links=customers))
    prints = [fingerprint(record) for record in first]
    return [
        *differs("the record, translated again,", first, second),
        *differs("the fingerprints once ids are known", prints, [fingerprint(record) for record in later]),
    ]


@dataclass
class Tally:
    """What was looked at, by kind, and what was wrong."""

    documents: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """All documents."""
        return sum(self.documents.values())

    def add(self, kind: str, name: str, variant: Variant, found: Problems) -> None:
        """Count a document and keep what is wrong with it."""
        self.documents[kind] = self.documents.get(kind, 0) + 1
        self.problems += [f"{kind} {name} ({variant}): {problem}" for problem in found]

    def join(self, other: "Tally") -> None:
        """Take in what another part found."""
        for kind, count in other.documents.items():
            self.documents[kind] = self.documents.get(kind, 0) + count
        self.problems += other.problems


def check_billing(billing: Billing, variants: Iterator[Variant]) -> Tally:
    """Check every document of a customer, each under the next way of keeping the books."""
    tally = Tally()
    for kind, one, law in _cases(billing):
        variant = next(variants)
        tally.add(kind, one.name, variant, _kept(law, one, variant, billing))
    return tally


def check_one(billing: Billing, index: int, variant: Variant) -> Problems:
    """Check one document of a customer; an index beyond the last begins again."""
    cases = _cases(billing)
    kind, one, law = cases[index % len(cases)]
    return [f"{kind} {one.name}: {problem}" for problem in _kept(law, one, variant, billing)]


Law = Callable[[Any, Context, Billing], Problems]


def _cases(billing: Billing) -> list[tuple[str, Generated[Any], Law]]:
    whole: list[tuple[str, Sequence[Generated[Any]], Law]] = [
        ("customer", [billing.customer], customer_laws),
        ("invoice", billing.invoices, invoice_laws),
        ("credit note", billing.notes, note_laws),
        ("payment", billing.payments, payment_laws),
    ]
    return [(kind, one, law) for kind, documents, law in whole for one in documents]


def _kept(law: Law, one: Generated[Any], variant: Variant, billing: Billing) -> Problems:
    context = context_of(variant)
    if law is customer_laws and one.told["account_type"] == "partner":
        return []
    try:
        return law(one, context, billing)
    except TranslationError as error:
        return [f"held with {error.code}: {error.message}"]


def stability_of(billing: Billing, variant: Variant) -> Tally:
    """Check that every document of a customer is always the same record, read and translated anew."""
    tally, context = Tally(), context_of(variant)

    def invoice(one: Generated[Invoice], known: Context) -> tuple[Record, ...]:
        again = replace(one, received=schemas.read_invoice(one.received.raw))
        return translate(again, translate_invoice, known, billing).records

    def note(one: Generated[CreditNote], known: Context) -> tuple[Record, ...]:
        again = replace(one, received=schemas.read_credit_note(one.received.raw))
        return translate(again, translate_credit_note, known, billing).records

    def payment(one: Generated[Payment], known: Context) -> tuple[Record, ...]:
        again = replace(one, received=schemas.read_payment(one.received.raw))
        return translate_payment_of(again, known, billing).records

    whole: list[tuple[str, Sequence[Generated[Any]], Callable[[Any, Context], tuple[Record, ...]]]] = [
        ("invoice", billing.invoices, invoice),
        ("credit note", billing.notes, note),
        ("payment", billing.payments, payment),
    ]
    for kind, documents, how in whole:
        for one in documents:
            tally.add(kind, one.name, variant, is_stable(partial(how, one), context))
    return tally
