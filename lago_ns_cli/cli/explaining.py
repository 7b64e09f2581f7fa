"""Shows explanations: a table for people, JSON lines for programs (``docs/explain.md``)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal

from lago_ns_cli.cli.calling import as_called
from lago_ns_cli.cli.render import clean, write_json, write_line, write_table
from lago_ns_cli.domain.explanation import Choice, ExplainedLine, Explanation
from lago_ns_cli.domain.identifiers import Kind

_HEADERS = ("", "what", "amount", "goes to", "row that won", "rows passed")


def print_explanation(explanation: Explanation) -> None:
    """Print one document: its header, each fee, line and tax, the totals, and what stands in the way."""
    write_line(f"{clean(explanation.number)}  {explanation.lago_id}")
    write_table(_HEADERS, [*_header_rows(explanation), *_line_rows(explanation)])
    for row in explanation.field_rows:
        write_line(f"field   {clean(row)}")
    if explanation.totals is not None:
        told = explanation.totals
        by_memo = "" if Decimal(told.by_memo) == 0 else f", of which {told.by_memo} is credited by memo"
        write_line(
            f"total   {told.lines} lines + {told.tax} tax = {told.total} {explanation.currency}"
            f"{by_memo}; Lago's total is {told.lago_total}"
        )
    for what in explanation.becomes:
        write_line(f"then    {clean(what)}")
    for notice in explanation.notices:
        write_line(f"notice  {clean(notice.message)}")
    for problem in explanation.problems:
        write_line(f"held    {clean(problem.code)}: {clean(problem.message)}")
        write_line(f"        hint: {clean(as_called(problem.hint))}")


def print_explanation_json(explanation: Explanation) -> None:
    """Print one document as JSON lines: its kind, ``line``, ``total``, ``notice``, ``problem``."""
    number = explanation.number
    write_json(
        {
            "event": explanation.kind.value,
            "number": number,
            "lago_id": explanation.lago_id,
            "currency": explanation.currency,
            "billing_entity": explanation.billing_entity,
            "currency_record": asdict(explanation.currency_record),
            "subsidiary": asdict(explanation.subsidiary),
            "terms": None if explanation.terms is None else asdict(explanation.terms),
            "field_rows": explanation.field_rows,
            **_of_kind(explanation),
        }
    )
    for line in explanation.lines:
        write_json({"event": "line", "number": number, **asdict(line)})
    if explanation.totals is not None:
        write_json({"event": "total", "number": number, **asdict(explanation.totals)})
    for notice in explanation.notices:
        write_json({"event": "notice", "number": number, **asdict(notice)})
    for problem in explanation.problems:
        write_json({"event": "problem", "number": number, **asdict(problem)})


def _of_kind(explanation: Explanation) -> dict[str, object]:
    """What only a payment or only a credit note tells."""
    if explanation.kind is Kind.INVOICE:
        return {}
    if explanation.destination is None:
        return {"becomes": explanation.becomes}
    told = asdict(explanation.destination)
    return {"amount": explanation.amount, "destination": told, "becomes": explanation.becomes}


def print_summary(documents: Counter[str], lines: int, held: int, *, as_json: bool) -> None:
    """Print the last line, fit for grep.

    Args:
        documents: How many were explained, by kind.
    """
    counts = {word: documents[kind] for kind, word in _PLURALS.items()}
    if as_json:
        write_json({"event": "summary", **counts, "lines": lines, "held": held})
        return
    told = [f"{count} {word.replace('_', ' ')}" for word, count in counts.items() if count]
    write_line(f"summary: {', '.join(told) or '0 documents'}, {lines} lines, {held} would be held")


_PLURALS = {"invoice": "invoices", "credit_note": "credit_notes", "payment": "payments"}


_Row = tuple[str, str, str, str, str, str]


def _header_rows(explanation: Explanation) -> Iterator[_Row]:
    choices: list[tuple[str, str, Choice | None]] = [
        ("currency", explanation.currency, explanation.currency_record),
        ("subsidiary", explanation.billing_entity, explanation.subsidiary),
        ("terms", "", explanation.terms),
        ("payment", explanation.currency, explanation.destination),
    ]
    for name, what, choice in choices:
        if choice is not None:
            amount = explanation.amount or "" if name == "payment" else ""
            yield (name, what, amount, *_choice(choice))


def _line_rows(explanation: Explanation) -> Iterator[_Row]:
    for line in explanation.lines:
        for fee in line.fees:
            yield ("fee", f"{fee.type} {fee.code}: {fee.name}, {fee.units} units", fee.amount, "", "", "")
        yield (
            _kind(line, explanation),
            f"{line.quantity} × {line.rate} {line.description}",
            line.amount,
            *_choice(line.item),
        )
        for tax in line.taxes:
            told = f"{tax.tax} {tax.rate} % of {tax.basis}"
            yield ("tax", told, tax.amount, *_choice(tax.target))
        if line.tax_code is not None:
            yield ("code", "the line's one tax code", line.tax, *_choice(line.tax_code))


def _kind(line: ExplainedLine, explanation: Explanation) -> str:
    """A line of the document's own record, or of the memo that an invoice brings along."""
    own = line.record == "invoice" or explanation.kind is Kind.CREDIT_NOTE
    return "line" if own else "memo"


def _choice(choice: Choice) -> tuple[str, str, str]:
    return choice.value or "–", choice.row or "none", ", ".join(choice.passed)
