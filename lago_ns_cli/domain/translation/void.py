"""An invoice that was voided after it was posted is taken back by a credit memo."""

from collections.abc import Mapping

from lago_ns_cli.domain.documents import Invoice
from lago_ns_cli.domain.identifiers import InternalId, void_key
from lago_ns_cli.domain.records import Application, Expectation, Record, Reference, Value, record_from_json
from lago_ns_cli.domain.translation.context import Context, Findings, Translation, refuse
from lago_ns_cli.domain.translation.periods import local_date
from lago_ns_cli.domain.translation.posting import VOLATILE, posting_period

_KEPT = frozenset(
    "entity subsidiary currency exchangerate taxregoverride nexus taxdetailsoverride department class location".split()
)
"""Body fields that a memo shares with its invoice; its number, dates and ids are its own."""


def translate_void(
    invoice: Invoice, sent: Mapping[str, object], posted_as: InternalId, context: Context
) -> Translation:
    """Make the memo that takes an invoice back: its lines and taxes as they were posted, on the day of the void.

    It is applied to the invoice in full, so that NetSuite refuses it unless the whole invoice
    is still open.

    Args:
        sent: The invoice's document as it was sent; today's mappings may say otherwise.
        posted_as: The invoice in NetSuite.

    Raises:
        TranslationError: The day of the void is not known or lies in a closed period, or what
            was sent does not tell its lines.
    """
    number = void_number(invoice)
    posted = record_from_json(sent)
    if posted.expect is None or not posted.lines.get("item"):
        refuse(
            "void_unknown_lines",
            number,
            f"the ledger does not tell with which lines {invoice.number} was posted",
            "Take the invoice back by hand in NetSuite.",
        )
    if invoice.voided_at is None:
        refuse(
            "missing_date", number, f"{invoice.number} has no date of its void", "Check the invoice in Lago."
        )
    findings = Findings()
    day = local_date(invoice.voided_at, invoice.customer.applicable_timezone)
    posting = posting_period(day, number, context, findings)
    columns: dict[str, Value] = {
        **{name: value for name, value in posted.columns.items() if name in _KEPT or name.startswith("cseg")},
        "tranid": number,
        "trandate": day.isoformat(),
        **posting.columns,
    }
    findings.raise_problems()
    record = Record(
        key=void_key(invoice.lago_id),
        lago_id=invoice.lago_id,
        type="creditmemo",
        columns=columns,
        lines={"item": posted.lines["item"]},
        taxdetails=posted.taxdetails,
        dates=tuple(dict.fromkeys(("trandate", *posted.dates))),
        apply=(Application(Reference(posted.key, posted_as), posted.expect.total),),
        expect=Expectation(posted.expect.total, posted.expect.tax, posting.periods),
        volatile=VOLATILE,
    )
    return Translation((record,), findings.notices)


def void_number(invoice: Invoice) -> str:
    """Tell the number of the memo that takes an invoice back."""
    return f"{invoice.number}-VOID"
