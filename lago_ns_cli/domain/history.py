"""What documents of the past would meet in the mappings: every look-up without a row, with counts and amounts.

The documents are taken apart by the translation itself. What is kept grows with the number of gaps, not with
that of documents.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from lago_ns_cli.domain.documents import CreditNote, Invoice, Payment, Received
from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.domain.mapping import Resolution
from lago_ns_cli.domain.mapping_findings import Severity
from lago_ns_cli.domain.money import subunits
from lago_ns_cli.domain.translation.context import Context, Findings, Problem, TranslationError
from lago_ns_cli.domain.translation.credit_note import take_credit_note_apart, translate_credit_note
from lago_ns_cli.domain.translation.invoice import take_invoice_apart, translate_invoice
from lago_ns_cli.domain.translation.lines import PlannedLine, object_of
from lago_ns_cli.domain.translation.payment import payment_number, payment_unmapped, provider_names
from lago_ns_cli.domain.translation.sales import Sale
from lago_ns_cli.errors import DocumentError


@dataclass(slots=True, kw_only=True)
class Gap:
    """A look-up that found no row, or only a default.

    Args:
        subject: What has no row, as a mapping row would name it; empty for other reasons to hold a document.
        documents: How many documents met it, and ``lines`` how many of their lines or taxes.
        amounts: What these lines amount to, in minor units by currency.
        example: The number of the first document that met it.
    """

    severity: Severity
    code: str
    subject: str
    message: str
    hint: str
    documents: int = 0
    lines: int = 0
    amounts: Counter[str] = field(default_factory=Counter)
    example: str = ""


@dataclass(frozen=True, slots=True)
class _Met:
    """One line or tax that met a gap."""

    severity: Severity
    code: str
    subject: str
    message: str
    hint: str
    minor_units: int


class History:
    """Adds up what documents met.

    Attributes:
        documents: How many were read, by kind.
        held: How many of them would be held.
        gaps: By code and subject.
    """

    def __init__(self) -> None:
        self.documents: Counter[str] = Counter()
        self.held = 0
        self.gaps: dict[tuple[str, str], Gap] = {}

    def invoice(self, received: Received[Invoice], context: Context) -> None:
        """Run an invoice through translation.

        Raises:
            FeeTaxesNeededError: The taxes of some fees have to be fetched first.
        """
        invoice = received.document
        findings = Findings()
        sales: Sequence[Sale] = ()
        failed: list[Problem] = []
        try:
            probing = _with_currency(context, invoice.currency)
            sales = take_invoice_apart(received, probing, findings).sales
            translate_invoice(received, context)
        except DocumentError as error:
            failed = _problems(error, invoice.number)
        self._add(Kind.INVOICE, invoice, sales, failed, context)

    def credit_note(self, received: Received[CreditNote], context: Context) -> None:
        """Run a credit note through translation.

        Raises:
            FeeTaxesNeededError: The taxes of some fees have to be fetched first.
        """
        note = received.document
        findings = Findings()
        sales: Sequence[Sale] = ()
        failed: list[Problem] = []
        try:
            probing = _with_currency(context, note.currency)
            sales = (take_credit_note_apart(received, probing, findings),)
            translate_credit_note(received, context)
        except DocumentError as error:
            failed = _problems(error, note.number)
        self._add(Kind.CREDIT_NOTE, note, sales, failed, context)

    def payment(self, payment: Payment, entity: str | None, context: Context) -> None:
        """Look up where a payment would go.

        Args:
            entity: The billing entity of its invoices; None where it is not known.
        """
        currency, names = payment.amount_currency, provider_names(payment)
        met = list(_currency(currency, payment.amount_cents, context))
        if context.mappings.payment(names, currency, entity or "").value is None:
            met.append(_other(payment_unmapped(names, currency), payment.amount_cents))
        self._count(Kind.PAYMENT, payment_number(payment), currency, met)

    def unreadable(self, kind: Kind, number: str, error: DocumentError) -> None:
        """Count a document that could not be read, or not without asking Lago for more."""
        problem = Problem(error.code, "", error.message, error.hint or "")
        self._count(kind, number, "", [_other(problem, 0)])

    def _add(
        self,
        kind: Kind,
        document: Invoice | CreditNote,
        sales: Sequence[Sale],
        failed: Sequence[Problem],
        context: Context,
    ) -> None:
        currency, entity = document.currency, document.billing_entity_code
        total = document.total_amount_cents
        met = [*_currency(currency, total, context), *_subsidiary(entity, total, context)]
        for sale in sales:
            met += _items(document, sale)
            met += _taxes(sale, context)
        told = {(one.code, one.subject) for one in met}
        for problem in failed:
            own = replace(problem, subject="" if problem.subject == document.number else problem.subject)
            if (own.code, own.subject) not in told:
                met.append(_other(own, total))
        self._count(kind, document.number, currency, met)

    def _count(self, kind: Kind, number: str, currency: str, met: Sequence[_Met]) -> None:
        self.documents[kind.value] += 1
        self.held += any(one.severity is Severity.ERROR for one in met)
        for identity in {(one.code, one.subject) for one in met}:
            same = [one for one in met if (one.code, one.subject) == identity]
            gap = self.gaps.get(identity)
            if gap is None:
                first = same[0]
                gap = self.gaps[identity] = Gap(
                    severity=first.severity,
                    code=first.code,
                    subject=first.subject,
                    message=first.message,
                    hint=first.hint,
                    example=number,
                )
            gap.documents += 1
            gap.lines += len(same)
            gap.amounts[currency] += sum(one.minor_units for one in same)

    def ordered(self) -> list[Gap]:
        """List the gaps: those that hold documents first, the most frequent first."""
        return sorted(
            self.gaps.values(), key=lambda gap: (gap.severity, -gap.documents, gap.code, gap.subject)
        )


_UNMAPPED = "?"


def _with_currency(context: Context, currency: str) -> Context:
    """Stand in for a currency that has no row, so that the rest of the document is looked at too."""
    found = context.mappings.currency(currency).value
    if found is not None and found in context.account.precisions:
        return context
    mappings = replace(context.mappings, currencies={**context.mappings.currencies, currency: _UNMAPPED})
    precisions = {**context.account.precisions, _UNMAPPED: len(str(subunits(currency))) - 1}
    return replace(context, mappings=mappings, account=replace(context.account, precisions=precisions))


def _problems(error: DocumentError, number: str) -> list[Problem]:
    if isinstance(error, TranslationError):
        return list(error.problems)
    return [Problem(error.code, number, error.message, error.hint or "")]


def _other(problem: Problem, minor_units: int) -> _Met:
    return _Met(Severity.ERROR, problem.code, problem.subject, problem.message, problem.hint, minor_units)


def _currency(currency: str, minor_units: int, context: Context) -> Iterator[_Met]:
    if context.mappings.currency(currency).value is None:
        yield _Met(
            Severity.ERROR,
            "currency_unmapped",
            f"currency:{currency}",
            f"the currency {currency} has no NetSuite currency",
            f"lago-ns map set currency {currency} --to <internal id>",
            minor_units,
        )


def _subsidiary(entity: str, minor_units: int, context: Context) -> Iterator[_Met]:
    if context.mappings.subsidiary(entity).value is None:
        hint = f"lago-ns map set subsidiary {entity} --to <internal id>"
        message = f"the billing entity {entity} has no NetSuite subsidiary"
        yield _Met(
            Severity.ERROR, "subsidiary_unmapped", f"billing_entity:{entity}", message, hint, minor_units
        )


def _items(document: Invoice | CreditNote, sale: Sale) -> Iterator[_Met]:
    for line in sale.lines:
        for subject, amount in _subjects(document, line):
            met = _item(subject, line.item, amount)
            if met is not None:
                yield met


def _subjects(document: Invoice | CreditNote, line: PlannedLine) -> Iterable[tuple[str, int]]:
    """What a line is for, as a mapping row names it; several where usage is grouped."""
    if line.members:
        return [(object_of(fee) or f"fee:{fee.item.type}", fee.amount_cents) for fee in line.members]
    if line.fee is not None:
        if line.fee.item.type == "credit":
            return [("item_by_type.prepaid_purchase", line.amount)]
        return [(object_of(line.fee) or f"fee:{line.fee.item.type}", line.amount)]
    name, _, number = line.reference.partition(":")
    if name == "coupon" and isinstance(document, Invoice) and number.isdecimal():
        return [(f"coupon:{document.credits[int(number)].item.code}", line.amount)]
    by_type = {"prepaid": f"prepaid_{number}" if number else "prepaid_credit"}
    return [(f"item_by_type.{by_type.get(name, name)}", line.amount)]


def _item(subject: str, item: Resolution[str], minor_units: int) -> _Met | None:
    default = subject.startswith("item_by_type.")
    hint = f"lago-ns map set {'default' if default else 'item'} {subject} --to <internal id>"
    if item.value is None and not subject.startswith("fee:"):
        message = f"{subject} has no NetSuite item, and there is no Default Item"
        return _Met(Severity.ERROR, "item_unmapped", subject, message, hint, minor_units)
    if item.by_default:
        message = f"{subject} goes to the Default Item {item.value}"
        return _Met(Severity.WARNING, "default_item", subject, message, hint, minor_units)
    return None


def _taxes(sale: Sale, context: Context) -> Iterator[_Met]:
    for share in sale.taxes.shares:
        codes = (
            (share.tax_code,) if context.account.suitetax else sorted(sale.taxes.assigned[share.reference])
        )
        met = _tax(codes, sale.entity, share.amount, context)
        if met is not None:
            yield met


def _tax(codes: Sequence[str], entity: str, minor_units: int, context: Context) -> _Met | None:
    name = "+".join(sorted(codes))
    options = (
        "--nexus <id> --tax-type <id> --tax-code <id>" if context.account.suitetax else "--tax-code <id>"
    )
    hint = f"lago-ns map set tax {name} {options}"
    found = context.mappings.tax(codes, entity)
    if found.value is None:
        message = f"the tax {name} has no NetSuite tax code"
        return _Met(Severity.ERROR, "tax_unmapped", f"tax:{name}", message, hint, minor_units)
    if found.by_default:
        message = f"the tax {name} goes to the default tax code {found.value.tax_code}"
        return _Met(Severity.WARNING, "default_tax", f"tax:{name}", message, hint, minor_units)
    return None
