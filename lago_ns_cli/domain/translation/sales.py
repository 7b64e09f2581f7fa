"""What invoices and credit memos have in common: a header, item lines, and their taxes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from lago_ns_cli.domain.bounds import MOST_LINES
from lago_ns_cli.domain.documents import Customer, Tree
from lago_ns_cli.domain.identifiers import Key, Kind, LagoId, key_of
from lago_ns_cli.domain.mapping import FieldRow, FieldRows, merge_field_rows
from lago_ns_cli.domain.records import Application, Expectation, Line, Record, Value
from lago_ns_cli.domain.translation.context import AccountCurrency, Context, Findings
from lago_ns_cli.domain.translation.fields import Scopes, date_fields, fill_fields, period_scope
from lago_ns_cli.domain.translation.lines import PlannedLine, line_total
from lago_ns_cli.domain.translation.posting import VOLATILE, posting_period
from lago_ns_cli.domain.translation.tax_rows import CodedLine, LineTaxes, coded_lines, suitetax_rows
from lago_ns_cli.domain.translation.text import fit_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """An invoice or a credit memo, taken apart.

    Args:
        kind: Whose header and line rows apply; None for memos that Lago does not know as documents.
        entity: The document's billing entity.
        columns: Further body fields, set after those that every sale has.
        apply: Amounts put on other records when it is created.
        volatile: Body fields that may change without a change of meaning.
        tree: Lago's JSON of the document; ``names`` are further names for mapping rows.
    """

    key: Key
    lago_id: LagoId
    record_type: str
    kind: Kind | None
    number: str
    date: date | None
    entity: str
    customer: Customer
    currency: AccountCurrency
    lines: Sequence[PlannedLine]
    taxes: LineTaxes
    columns: Mapping[str, Value] = field(default_factory=dict)
    apply: tuple[Application, ...] = ()
    volatile: frozenset[str] = frozenset()
    tree: Tree = field(default_factory=dict)
    names: Mapping[str, object] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """What lines and taxes make, in minor units."""
        return line_total(self.lines) + self.taxes.stated.total


_DATES = ("trandate", "duedate")


def sales_record(sale: Sale, context: Context, findings: Findings) -> Record:
    """Write a sale as a record; what is unmapped becomes a problem."""
    rows = context.mappings.fields.get(sale.kind, FieldRows()) if sale.kind else FieldRows()
    header = merge_field_rows(rows.header, sale.entity)
    line_rows = merge_field_rows(rows.line, sale.entity)
    taxed = tax_sale(sale, context, findings)
    posting = posting_period(sale.date, sale.number, context, findings)
    _check_lines(sale.number, len(taxed.lines), findings)
    scopes: Scopes = (sale.tree, sale.names)
    zone = sale.customer.applicable_timezone
    return Record(
        key=sale.key,
        lago_id=sale.lago_id,
        type=sale.record_type,
        columns=fit_fields(
            {
                **_identity(sale, context, findings),
                **posting.columns,
                **sale.columns,
                **taxed.columns,
                **fill_fields(header, scopes, zone, context.account, findings),
            },
            findings,
        ),
        lines={"item": tuple(_line(one, sale, line_rows, scopes, context, findings) for one in taxed.lines)},
        taxdetails=taxed.rows,
        dates=tuple(dict.fromkeys((*_DATES, *date_fields(header), *date_fields(line_rows)))),
        apply=sale.apply,
        expect=Expectation(
            sale.currency.amount(sale.total),
            sale.currency.amount(sale.taxes.stated.total),
            posting.periods,
        ),
        volatile=sale.volatile | VOLATILE,
    )


def _identity(sale: Sale, context: Context, findings: Findings) -> dict[str, Value]:
    """The fields that make a sale what it is; they need no mapping row."""
    columns: dict[str, Value] = {
        "entity": context.reference(key_of(Kind.CUSTOMER, sale.customer.lago_id)),
        "currency": sale.currency.id,
        "tranid": sale.number,
    }
    subsidiary = context.mappings.subsidiary(sale.entity)
    if subsidiary.value is not None:
        columns["subsidiary"] = subsidiary.value
    if sale.date is None:
        findings.problem(
            "missing_date", sale.number, f"{sale.number} has no issuing date", "Check the document in Lago."
        )
    else:
        columns["trandate"] = sale.date.isoformat()
    return columns


def _check_lines(number: str, count: int, findings: Findings) -> None:
    if count > MOST_LINES:
        findings.problem(
            "too_many_lines",
            number,
            f"{number} has {count:,} lines, and one record can be posted with {MOST_LINES:,}",
            "Add a row under [[grouping]] in mappings.toml, so that usage lines become one.",
        )


@dataclass(frozen=True, slots=True)
class TaxedSale:
    """A sale's taxes as NetSuite stores them.

    Args:
        columns: Body fields that say where the taxes come from.
        rows: ``taxdetails`` (SuiteTax).
        lines: The lines with their one code and tax each (legacy).
    """

    columns: Mapping[str, Value]
    rows: tuple[Line, ...]
    lines: Sequence[CodedLine]


def tax_sale(sale: Sale, context: Context, findings: Findings) -> TaxedSale:
    """Put a sale's taxes on its lines as the account keeps them; what is unmapped becomes a problem."""
    if not context.account.suitetax:
        lines = coded_lines(sale.lines, sale.taxes, sale.entity, sale.currency, context, findings)
        return TaxedSale({}, (), lines)
    tax = suitetax_rows(sale.taxes, sale.entity, sale.currency, context, findings)
    # Set even without rows: otherwise NetSuite's own engine would compute a tax.
    columns: dict[str, Value] = {"taxregoverride": True, "taxdetailsoverride": True}
    if tax.nexus is not None:
        columns["nexus"] = tax.nexus
    return TaxedSale(columns, tax.rows, [CodedLine(line, None, 0) for line in sale.lines])


def _line(
    coded: CodedLine,
    sale: Sale,
    rows: Sequence[FieldRow],
    scopes: Scopes,
    context: Context,
    findings: Findings,
) -> Line:
    line = coded.line
    fields: dict[str, Value] = {
        "item": line.item.value or "",
        "quantity": line.numbers.quantity,
        "rate": line.numbers.rate,
        "amount": sale.currency.amount(line.amount),
        "description": line.description,
    }
    if context.account.suitetax:
        fields["taxdetailsreference"] = line.reference
    else:
        fields |= {"taxcode": coded.tax_code, "tax1amt": sale.currency.amount(coded.tax)}
    # A credit's line has no id of its own in Lago; the document's must not stand for it.
    hidden = {} if line.fee is not None else {"lago_id": None}
    # A credit note's item has its fee within it.
    fee = line.tree.get("fee", line.tree)
    own = ({"fee": fee, **period_scope(line.period), **hidden}, line.tree, *scopes)
    fields |= fill_fields(rows, own, sale.customer.applicable_timezone, context.account, findings)
    return fit_fields(fields, findings)
