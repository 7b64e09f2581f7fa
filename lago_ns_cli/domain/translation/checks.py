"""Lago's own sums, checked before anything is posted."""

from lago_ns_cli.domain.documents import Invoice
from lago_ns_cli.domain.translation.context import Findings, refuse

OLDEST_VERSION = 3
"""Versions 1 and 2 take coupons after tax, so their sums read otherwise."""


def check_invoice_sums(invoice: Invoice) -> None:
    """Assert Lago's invariants of an invoice (section "sums" of ``Invoice``).

    Raises:
        TranslationError: A sum does not come out, or the invoice is too old to be read so.
    """
    if invoice.version_number < OLDEST_VERSION:
        refuse(
            "invoice_version",
            invoice.number,
            f"the invoice is of Lago's version {invoice.version_number}, which took coupons after tax",
            "Post this invoice by hand.",
        )
    findings = Findings()
    _check_fees(invoice, findings)
    _check_credits(invoice, findings)
    _check_totals(invoice, findings)
    findings.raise_problems()


def _disagree(invoice: Invoice, what: str, found: int, stated: int, findings: Findings) -> None:
    if found != stated:
        findings.problem(
            "inconsistent_sums",
            invoice.number,
            f"{what} of {invoice.number} make {found} minor units of {invoice.currency}, but Lago states {stated}",
            "Check the invoice in Lago; nothing was posted.",
        )


def _check_fees(invoice: Invoice, findings: Findings) -> None:
    _disagree(
        invoice,
        "the fees",
        sum(fee.amount_cents for fee in invoice.fees),
        invoice.fees_amount_cents,
        findings,
    )
    for fee in invoice.fees:
        if fee.amount_cents < 0:
            findings.problem(
                "negative_amount",
                invoice.number,
                f"the fee {fee.item.name or fee.item.code!r} is negative ({fee.amount_cents} minor units)",
                "Check the invoice in Lago.",
            )
        if fee.amount_currency != invoice.currency:
            findings.problem(
                "mixed_currencies",
                invoice.number,
                f"the fee {fee.item.name or fee.item.code!r} is in {fee.amount_currency}, the invoice in {invoice.currency}",
                "Check the invoice in Lago.",
            )


def _check_credits(invoice: Invoice, findings: Findings) -> None:
    stated = {
        "coupon": invoice.coupons_amount_cents,
        "invoice": invoice.progressive_billing_credit_amount_cents,
        "credit_note": invoice.credit_notes_amount_cents,
    }
    names = {"coupon": "the coupons", "invoice": "the progressive credits", "credit_note": "the credit notes"}
    for kind, amount in stated.items():
        found = sum(credit.amount_cents for credit in invoice.credits if credit.item.type == kind)
        _disagree(invoice, names[kind], found, amount, findings)


def _check_totals(invoice: Invoice, findings: Findings) -> None:
    net = (
        invoice.fees_amount_cents
        - invoice.progressive_billing_credit_amount_cents
        - invoice.coupons_amount_cents
    )
    _disagree(
        invoice,
        "fees less progressive credit less coupons",
        net,
        invoice.sub_total_excluding_taxes_amount_cents,
        findings,
    )
    total = (
        net
        + invoice.taxes_amount_cents
        - invoice.credit_notes_amount_cents
        - invoice.prepaid_credit_amount_cents
    )
    _disagree(
        invoice,
        "sub-total, taxes, credit notes and prepaid credit",
        total,
        invoice.total_amount_cents,
        findings,
    )
    if invoice.total_amount_cents < 0:
        findings.problem(
            "negative_amount",
            invoice.number,
            f"the total of {invoice.number} is negative ({invoice.total_amount_cents} minor units)",
            "Check the invoice in Lago.",
        )
