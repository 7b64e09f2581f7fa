"""A reconciliation as lines and tables for people."""

import sys
from collections.abc import Sequence
from decimal import Decimal

from lago_ns_cli.cli.calling import as_called
from lago_ns_cli.cli.render import clean, write_line, write_table
from lago_ns_cli.domain.reconciliation.findings import TITLES, Finding, Settled
from lago_ns_cli.domain.reconciliation.mending import decide_commands
from lago_ns_cli.domain.reconciliation.tie_out import TieOutLine
from lago_ns_cli.workflows.reconcile_reports import Reconciled

_LONGEST = 200
"""Characters of a figure or a name on the screen; JSON and the files have all of them."""


def write_finding(finding: Finding) -> None:
    """Print a finding: what differs, both figures, why, and what mends it."""
    words = [TITLES[finding.what] + ":", finding.kind.replace("_", " "), _short(finding.number)]
    if finding.netsuite_id is not None:
        words.append(f"→ {_short(finding.netsuite_id)}")
    write_line(" ".join(words))
    write_line(f"  {figures(finding)}")
    if finding.cause:
        write_line(f"  {_short(finding.cause, 2 * _LONGEST)}")
    if finding.action:
        write_line(f"  to do: {_short(finding.action, 2 * _LONGEST)}")
    if finding.command is not None:
        write_line(f"  next: {clean(as_called(finding.command))}")
    if finding.decision is not None:
        write_line(f"  decided: {_short(decided(finding.decision))}")
        return
    for command in decide_commands(finding):
        write_line(f"  or: {clean(as_called(command))}")


def decided(by: Settled) -> str:
    """Say by what a finding is settled, by whom, why and how long."""
    who = f" by {by.who}" if by.who else ""
    until = f", until {by.until}" if by.until else ""
    return clean(f"{by.name}: {by.verdict.value}{who}{until}: {by.note}")


def figures(finding: Finding) -> str:
    """Say both figures and the difference."""
    sides = f"Lago: {_short(finding.lago or 'nothing')}; NetSuite: {_short(finding.netsuite or 'nothing')}"
    return (
        sides
        if finding.difference is None
        else f"{sides}; {signed(finding.difference)} {clean(finding.currency)}"
    )


def signed(amount: Decimal) -> str:
    """Write an amount with its sign."""
    return format(amount, "+f")


def write_result(result: Reconciled, *, verbose: bool) -> None:
    """Print what is explained, the tie-out, the counts by kind, and the summary's parts."""
    if result.explained:
        rows = [(TITLES[what], number) for what, number in result.explained.items()]
        write_table(("explained", "findings"), rows)
    if result.decided:
        write_table(
            ("decided", "findings"), [(_short(decided(by)), number) for by, number in result.decided.items()]
        )
    lines = [line for line in result.tie_out if verbose or line.difference or line.by_cause]
    if lines:
        _write_tie_out(lines)
    write_table(
        ("kind", "documents", "records", "agreeing", "explained", "differing"),
        [
            (kind, count.documents, count.records, count.agreeing, count.explained, count.differing)
            for kind, count in result.by_kind.items()
        ],
    )


def summary_line(result: Reconciled, *, seconds: float) -> str:
    """Tell the result in a line fit for grep."""
    documents = sum(count.documents for count in result.by_kind.values())
    parts = [f"{number} {TITLES[what]}" for what, number in result.findings.items()]
    settled = sum(result.decided.values())
    found = ", ".join(parts) or ("nothing is open" if settled else "both sides agree")
    explained = f"{sum(result.explained.values())} explained"
    explained += f"; {settled} decided" if settled else ""
    queued = f"; {result.queued} queued: lago-ns sync all sends them" if result.queued else ""
    return (
        f"summary: {documents} documents: {found}; {explained}; {result.consequences} follow from others; "
        f"{result.needs_attention} need attention{queued}; {seconds:.1f} s"
    )


def _write_tie_out(lines: Sequence[TieOutLine]) -> None:
    """Print lines of the tie-out: in a pipe every part in a column, on a terminal as few as fit."""
    if not sys.stdout.isatty():
        heads = "entity subsidiary currency document month tax_code billed posted difference because_of"
        write_table(heads.split(), [(*_parts(line), _because(line)) for line in lines])
        return
    rows: list[tuple[object, ...]] = []
    for line in lines:
        entity, subsidiary, currency, kind, month, code, *sums = _parts(line)
        rows.append((f"{kind} {month} {currency} {code}", f"{entity} → {subsidiary}", *sums))
        # What accounts for a difference stands below it, or no figure would have room.
        rows += [(f"  {signed(amount)} {TITLES[what]}",) for what, amount in line.by_cause.items()]
    write_table(("tie-out", "books", "billed", "posted", "difference"), rows)


def _parts(line: TieOutLine) -> tuple[object, ...]:
    cell = line.cell
    return (
        cell.entity or "-",
        cell.subsidiary or "-",
        cell.currency or "-",
        cell.kind,
        cell.month or "-",
        cell.tax_code,
        line.billed,
        line.posted,
        line.difference,
    )


def _because(line: TieOutLine) -> str:
    causes = ", ".join(f"{TITLES[what]} {signed(amount)}" for what, amount in line.by_cause.items())
    return f"{causes} ({settled_part(line)})" if line.by_decision else causes


def settled_part(line: TieOutLine) -> str:
    """Say what of a difference decisions cover."""
    return ", ".join(f"{name}: {signed(amount)}" for name, amount in line.by_decision.items())


def _short(text: str, longest: int = _LONGEST) -> str:
    told = clean(text)
    return told if len(told) <= longest else told[: longest - 1] + "…"
