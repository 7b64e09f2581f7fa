"""What was billed and what was posted, side by side, by currency."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from lago_ns_cli.domain.exchange import Selection, Unreadable
from lago_ns_cli.domain.gate import OPEN, gate_invoice
from lago_ns_cli.domain.mapping import CreditNotePolicy, Mappings
from lago_ns_cli.domain.money import to_major_units
from lago_ns_cli.workflows.ports import LagoSource, NetSuite

_INVOICE_KEY = "lago:inv:"
_PREPAID_KEY = "lago:prepaid:"


@dataclass(frozen=True, slots=True)
class CurrencyTotals:
    """The invoices of one currency on both sides, in major units.

    ``billed`` is Lago's total, before the credit notes that stay an open memo in NetSuite;
    ``posted`` is NetSuite's total, less the memos that carry prepaid credit.
    """

    currency: str
    billed_invoices: int
    billed: Decimal
    posted_invoices: int
    posted: Decimal

    @property
    def agree(self) -> bool:
        """Whether both sides say the same."""
        return (self.billed_invoices, self.billed) == (self.posted_invoices, self.posted)


async def compare_totals(
    lago: LagoSource, netsuite: NetSuite, mappings: Mappings, selection: Selection
) -> list[CurrencyTotals]:
    """Add up the invoices of both sides, each read in its own way.

    Only records with our keys count in NetSuite.

    Raises:
        RemoteError: One side cannot be read.
    """
    billed: dict[str, Decimal] = defaultdict(Decimal)
    counts: dict[str, int] = defaultdict(int)
    async for invoice in lago.invoices(selection):
        if isinstance(invoice, Unreadable) or gate_invoice(invoice, None) is not OPEN:
            continue
        policy = mappings.credit_note_policy(invoice.billing_entity_code)
        left_open = invoice.credit_notes_amount_cents if policy is CreditNotePolicy.APPLY_MEMO else 0
        cents = invoice.total_amount_cents + left_open
        billed[invoice.currency] += to_major_units(cents, invoice.currency)
        counts[invoice.currency] += 1
    posted, posted_counts = await _posted(netsuite, {id_: code for code, id_ in mappings.currencies.items()})
    return [
        CurrencyTotals(code, counts[code], billed[code], posted_counts[code], posted[code])
        for code in sorted(billed.keys() | posted.keys())
    ]


async def _posted(netsuite: NetSuite, codes: dict[str, str]) -> tuple[dict[str, Decimal], dict[str, int]]:
    totals: dict[str, Decimal] = defaultdict(Decimal)
    counts: dict[str, int] = defaultdict(int)
    for record_type, prefix, sign in (("invoice", _INVOICE_KEY, 1), ("creditmemo", _PREPAID_KEY, -1)):
        async for row in netsuite.list_rows(record_type):
            if str(row.get("key") or "").startswith(prefix):
                code = codes.get(str(row.get("currency")), str(row.get("currency")))
                totals[code] += sign * Decimal(str(row.get("total")))
                counts[code] += sign > 0
    return totals, counts
