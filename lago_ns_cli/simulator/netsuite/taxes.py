"""Tax in both regimes: SuiteTax with its overridden details, and the legacy codes on each line."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lago_ns_cli.simulator.netsuite.books import Books
from lago_ns_cli.simulator.netsuite.errors import NetSuiteError, invalid_reference, missing_values
from lago_ns_cli.simulator.netsuite.lines import exact_amount, require_precision
from lago_ns_cli.simulator.netsuite.masters import TaxCodeRow
from lago_ns_cli.simulator.netsuite.permissions import require_tax_details
from lago_ns_cli.simulator.netsuite.values import (
    ZERO,
    Draft,
    Line,
    Role,
    as_number,
    as_percent,
    as_text,
    percent_of,
    plain,
    round_to,
    show,
    total_of,
)

_OVERRIDES = ("taxdetailsoverride", "taxregoverride")
_ROW_LABELS = (
    ("taxdetailsreference", "Tax Details Reference"),
    ("taxtype", "Tax Type"),
    ("taxcode", "Tax Code"),
    ("taxbasis", "Tax Basis"),
    ("taxrate", "Tax Rate"),
    ("taxamount", "Tax Amount"),
)
_ROW_FIELDS = tuple(field for field, _ in _ROW_LABELS)


@dataclass(frozen=True)
class TaxAmount:
    """Tax of one code, of one line or of the document."""

    code: str
    rate: str
    amount: Decimal


def require_tax_permission(draft: Draft, role: Role, *, overridden_before: bool) -> None:
    """Refuse a role that may not override tax, nor edit a document whose tax is overridden.

    Raises:
        NetSuiteError: INSUFFICIENT_FLD_PERMISSION.
    """
    for field in _OVERRIDES:
        if draft.flag(field):
            require_tax_details(role, field)
    if overridden_before:
        require_tax_details(role, "taxdetails")


def compute_taxes(books: Books, draft: Draft, amounts: Sequence[Decimal]) -> list[TaxAmount]:
    """Check or compute the document's tax and write it into the draft.

    Args:
        amounts: The net amounts of the item lines, in their order.

    Returns:
        The tax amounts, not merged: one a row (SuiteTax) or a line (legacy).

    Raises:
        NetSuiteError: What NetSuite refuses of nexus, type, code or amount.
    """
    if books.tax_regime == "suitetax":
        return _suitetax(books, draft, amounts)
    return _legacy(books, draft, amounts)


def require_nexus_for_details(draft: Draft) -> None:
    """Tax rows can only be entered after the nexus override and a nexus are set.

    Raises:
        NetSuiteError: NEXUS_REQD.
    """
    if not draft.flag("taxregoverride") or draft.text("nexus") is None:
        raise NetSuiteError(
            "NEXUS_REQD",
            "Set the nexus override and a nexus on the transaction before you enter tax details.",
        )


def merged_by_code(taxes: Sequence[TaxAmount]) -> list[TaxAmount]:
    """One amount a code and rate, as the general ledger keeps them."""
    merged: dict[tuple[str, str], Decimal] = {}
    for tax in taxes:
        key = (tax.code, tax.rate)
        merged[key] = total_of([merged.get(key, ZERO), tax.amount])
    return [TaxAmount(code, rate, amount) for (code, rate), amount in merged.items()]


def _suitetax(books: Books, draft: Draft, amounts: Sequence[Decimal]) -> list[TaxAmount]:
    lines = draft.lines("item")
    _assign_references(lines)
    if draft.flag("taxregoverride"):
        _require_registered_nexus(books, draft)
    if not draft.flag("taxdetailsoverride"):
        draft.sublists["taxdetails"] = _engine_rows(books, draft, amounts)
    elif draft.lines("taxdetails"):
        require_nexus_for_details(draft)
    names = {line["taxdetailsreference"]: (line, amount) for line, amount in zip(lines, amounts, strict=True)}
    return [_check_row(books, draft, row, names) for row in draft.lines("taxdetails")]


def _assign_references(lines: list[Line]) -> None:
    taken = {line.get("taxdetailsreference") for line in lines}
    for number, line in enumerate(lines, start=1):
        if as_text(line.get("taxdetailsreference")) is None:
            reference = f"LINE_{number}"
            while reference in taken:
                reference += "_"
            taken.add(reference)
            line["taxdetailsreference"] = reference


def _require_registered_nexus(books: Books, draft: Draft) -> None:
    nexus, subsidiary = draft.text("nexus"), draft.text("subsidiary") or ""
    if nexus is None:
        raise NetSuiteError("NEXUS_REQD", "Please enter a nexus: the nexus override is set.")
    if nexus not in books.masters.subsidiaries[subsidiary].nexuses:
        raise NetSuiteError(
            "INVALID_NEXUS",
            f"Nexus {nexus} is not valid for subsidiary {subsidiary}: it has no tax registration there.",
        )


def _engine_rows(books: Books, draft: Draft, amounts: Sequence[Decimal]) -> list[Line]:
    """What the tax engine charges by itself: the nexus' default code on every line."""
    code = books.masters.default_tax_code(draft.text("nexus") or "")
    if code is None:
        return []
    precision = books.precision(draft.text("currency") or "")
    return [
        {
            "taxdetailsreference": line["taxdetailsreference"],
            "taxtype": code.tax_type,
            "taxcode": code.id,
            "taxbasis": show(amount, precision),
            "taxrate": code.rate,
            "taxamount": show(percent_of(amount, Decimal(code.rate)), precision),
        }
        for line, amount in zip(draft.lines("item"), amounts, strict=True)
    ]


def _check_row(books: Books, draft: Draft, row: Line, lines: dict[str, tuple[Line, Decimal]]) -> TaxAmount:
    # Cleaned, so what is empty is None.
    if not all(map(row.get, _ROW_FIELDS)):
        raise missing_values([label for field, label in _ROW_LABELS if as_text(row.get(field)) is None])
    reference, currency = (
        str(row["taxdetailsreference"]),
        books.masters.currencies[draft.text("currency") or ""],
    )
    if reference not in lines:
        raise invalid_reference("taxdetailsreference", reference)
    _require_fitting_code(books, draft.text("nexus") or "", str(row["taxtype"]), str(row["taxcode"]))
    amount, basis = as_number(row["taxamount"], "taxamount"), as_number(row["taxbasis"], "taxbasis")
    rate = plain(as_percent(row["taxrate"], "taxrate"))
    line, net = lines[reference]
    row |= {
        "taxamount": exact_amount(amount, currency),
        "taxbasis": exact_amount(basis, currency),
        "taxrate": rate,
        "linename": books.masters.items[line["item"]].name,
        "netamount": show(net, currency.precision),
    }
    return TaxAmount(row["taxcode"], rate, amount)


def _require_fitting_code(books: Books, nexus: str, tax_type: str, tax_code: str) -> None:
    if books.masters.tax_types.get(tax_type) != nexus:
        raise invalid_reference("taxtype", tax_type, f"nexus {nexus}")
    code = books.masters.tax_codes.get(tax_code)
    if code is None or code.tax_type != tax_type:
        raise invalid_reference("taxcode", tax_code, f"taxtype {tax_type}")


def _legacy(books: Books, draft: Draft, amounts: Sequence[Decimal]) -> list[TaxAmount]:
    nexus, currency = draft.text("nexus") or "", draft.text("currency") or ""
    precision = books.precision(currency)
    lines = draft.lines("item")
    codes = [_require_line_code(books, line, nexus) for line in lines]
    by_line = books.switches.tax_rounding_by_line
    computed = [percent_of(amount, Decimal(code.rate)) for amount, code in zip(amounts, codes, strict=True)]
    taxes = (
        [round_to(tax, precision) for tax in computed]
        if by_line
        else _spread(amounts, codes, computed, precision)
    )
    result: list[TaxAmount] = []
    for line, code, net, computed_tax in zip(lines, codes, amounts, taxes, strict=True):
        given = as_text(line.get("tax1amt")) if by_line else None
        tax = computed_tax if given is None else as_number(given, "tax1amt")
        require_precision(tax, currency, books)
        line |= {
            "taxrate1": code.rate,
            "tax1amt": show(tax, precision),
            "grossamt": show(total_of([net, tax]), precision),
        }
        result.append(TaxAmount(code.id, code.rate, tax))
    return result


def _require_line_code(books: Books, line: Line, nexus: str) -> TaxCodeRow:
    key = as_text(line.get("taxcode"))
    if key is None:
        raise missing_values(["Tax Code"])
    code = books.masters.tax_codes.get(key)
    if code is None or code.nexus != nexus:
        raise invalid_reference("taxcode", key, f"nexus {nexus}")
    return code


def _spread(
    amounts: Sequence[Decimal], codes: Sequence[TaxCodeRow], computed: Sequence[Decimal], precision: int
) -> list[Decimal]:
    """Round per code over the document; the difference goes to the line it changes least, the last of equals."""
    taxes = [round_to(tax, precision) for tax in computed]
    for code in dict.fromkeys(row.id for row in codes):
        places = [place for place, row in enumerate(codes) if row.id == code]
        wanted = round_to(total_of([computed[place] for place in places]), precision)
        difference = total_of([wanted, *(-taxes[place] for place in places)])
        if difference:
            target = max(places, key=lambda place: (abs(amounts[place]), place))
            taxes[target] = total_of([taxes[target], difference])
    return taxes
