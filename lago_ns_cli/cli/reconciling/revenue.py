"""``lago-ns reconcile revrec``: what is planned to be recognized against what was billed."""

import asyncio
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from time import monotonic

import typer

from lago_ns_cli.cli.exit_codes import ExitCode
from lago_ns_cli.cli.globals import Globals
from lago_ns_cli.cli.render import clean, write_json, write_line
from lago_ns_cli.cli.wiring import open_services
from lago_ns_cli.domain.catalog import account_profile
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.revenue import RevenueCode, RevenueFinding
from lago_ns_cli.domain.translation.context import Context
from lago_ns_cli.errors import ConfigError
from lago_ns_cli.workflows.revenue import RevenueReport, RevenueSides, compare_revenue

_TITLES = {
    RevenueCode.MISSING: "no revenue element",
    RevenueCode.TWICE: "two revenue elements",
    RevenueCode.AMOUNT: "another amount",
    RevenueCode.DATES: "other dates than the service",
    RevenueCode.NO_PLAN: "no revenue plan",
    RevenueCode.PLAN_AMOUNT: "the plan is of another amount",
    RevenueCode.PLAN_PERIODS: "the plan is in other periods",
    RevenueCode.STRAY: "an element of no line in Lago",
}

_TO_DO = {
    RevenueCode.MISSING: "Let NetSuite update its revenue arrangements, or check Create Revenue Plans On of the item.",
    RevenueCode.TWICE: "Find out in NetSuite which of them is right, and take the other out of its arrangement.",
    RevenueCode.AMOUNT: "Look at the element in NetSuite: somebody changed it, or revenue was allocated anew.",
    RevenueCode.DATES: "Check the date sources of the item's rule, and the field mapping of the service period.",
    RevenueCode.NO_PLAN: "Let NetSuite update its revenue plans.",
    RevenueCode.PLAN_AMOUNT: "Update the revenue plan in NetSuite.",
    RevenueCode.PLAN_PERIODS: "Update the revenue plan in NetSuite.",
    RevenueCode.STRAY: "Compare the invoice on both sides: lago-ns reconcile invoice.",
}


def run_revenue(
    options: Globals, *, since: date | None, until: date | None, entity: str | None, as_json: bool
) -> None:
    """Compare, print what is found, and end with the exit code."""
    started = monotonic()
    selection = Selection(since=since, until=until, billing_entity=entity)
    report = asyncio.run(_compare(options, selection))
    if as_json:
        _write_events(report, seconds=monotonic() - started)
    else:
        _write_lines(report, seconds=monotonic() - started)
    if report.findings or report.unreadable:
        raise typer.Exit(ExitCode.ATTENTION)


async def _compare(options: Globals, selection: Selection) -> RevenueReport:
    async with open_services(options, needs_mappings=True, dry_run=True) as services:
        catalog = services.ledger.load_catalog("netsuite")
        if catalog is None:
            raise ConfigError("The catalog of NetSuite was never fetched.", hint="lago-ns fetch-catalog")
        return await compare_revenue(
            RevenueSides(
                lago=services.lago,
                netsuite=services.netsuite,
                ledger=services.ledger,
                context=Context(mappings=services.mappings, account=account_profile(catalog)),
                catalog=catalog,
            ),
            selection,
        )


def _write_events(report: RevenueReport, *, seconds: float) -> None:
    for finding in report.findings:
        write_json({"event": "finding", **asdict(finding), "action": _TO_DO[finding.code]})
    for number, reason in report.unreadable:
        write_json({"event": "unreadable", "number": number, "reason": reason})
    write_json(
        {
            "event": "summary",
            "documents": report.documents,
            "lines": report.lines,
            "elements": report.elements,
            "billed": {currency: format(amount, "f") for currency, amount in report.billed.items()},
            "recognized": {currency: format(amount, "f") for currency, amount in report.recognized.items()},
            "missing_columns": list(report.missing_columns),
            "findings": len(report.findings),
            "unreadable": len(report.unreadable),
            "seconds": round(seconds, 1),
        }
    )


def _write_lines(report: RevenueReport, *, seconds: float) -> None:
    for finding in report.findings:
        _write_finding(finding)
    for number, reason in report.unreadable:
        write_line(f"not compared: {clean(number)}: {clean(reason)}")
    if report.missing_columns:
        write_line(f"this account does not tell of elements: {', '.join(report.missing_columns)}")
    for currency, billed in report.billed.items():
        planned = report.recognized.get(currency, Decimal(0))
        write_line(f"{clean(currency)}: billed {billed}, revenue elements {planned}")
    write_line(
        f"summary: {report.documents} documents, {report.lines} lines, {report.elements} revenue elements; "
        f"{len(report.findings)} differences, {len(report.unreadable)} not compared; {seconds:.1f} s"
    )


def _write_finding(finding: RevenueFinding) -> None:
    element = f" (element {clean(finding.element)})" if finding.element else ""
    write_line(
        f"{_TITLES[finding.code]}: {finding.kind.replace('_', ' ')} {clean(finding.number)}, "
        f"{clean(finding.description)[:80]}{element}"
    )
    write_line(f"  Lago: {clean(finding.lago)}; NetSuite: {clean(finding.netsuite)}")
    write_line(f"  to do: {_TO_DO[finding.code]}")
