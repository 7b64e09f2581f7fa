"""``lago-ns map check`` and ``map explain``: what the mappings make of Lago's objects and documents."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import date

    from lago_ns_cli.cli.globals import Globals
    from lago_ns_cli.domain.history import History


def check(
    context: typer.Context,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="PERIOD",
            help="Also try documents of the past: 90d, 6w, 6m, 1y, or since a date.",
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="FILE|-", help="Also run the documents of a file; Lago is not called."
        ),
    ] = None,
    strict: Annotated[bool, typer.Option(help="Let warnings count as errors (CI).")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List every unmapped or dangling row at once; exit 1 if there is any error.

    With --against or --from, documents of the past run through translation too: every fee kind, tax,
    currency and entity without a row is listed with counts and amounts. Nothing is written.

    Example: lago-ns map check --against 6m
    """
    from lago_ns_cli.cli.exit_codes import ExitCode
    from lago_ns_cli.cli.mapping_output import CheckPrinter
    from lago_ns_cli.cli.wiring import load_catalogs, open_mappings
    from lago_ns_cli.domain.mapping_check import check_mappings

    since = None if against is None else first_day(against)
    opened = open_mappings(context.obj)
    lago, netsuite = load_catalogs(context.obj)
    printer = CheckPrinter(opened.path.name, as_json=as_json)
    printer.findings(check_mappings(opened.mappings, lago, netsuite))
    if since is not None or source is not None:
        printer.history(_history(context.obj, since, source, quiet=as_json), since)
    printer.summary()
    if printer.errors or (strict and printer.warnings):
        raise typer.Exit(ExitCode.ATTENTION)


def first_day(period: str) -> "date":
    """Tell the first day of a period that ends today: ``90d``, ``6w``, ``6m``, ``1y``, or a date."""
    import re
    from datetime import UTC, date, datetime, timedelta

    today = datetime.now(UTC).date()
    found = re.fullmatch(r"([1-9]\d{0,4})([dwmy])", period)
    try:
        if found is None:
            return date.fromisoformat(period)
        count, unit = int(found[1]), found[2]
        if unit in "dw":
            return today - timedelta(days=count * (7 if unit == "w" else 1))
        months = today.year * 12 + today.month - 1 - count * (12 if unit == "y" else 1)
        return date(months // 12, months % 12 + 1, min(today.day, 28))
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"{period!r} is neither a period, as 6m, nor a date, as 2026-05-01"
        ) from None


def _history(options: "Globals", since: "date | None", source: str | None, *, quiet: bool) -> "History":
    """Read the documents and run them through translation."""
    import asyncio

    from lago_ns_cli.cli.progress import Progress
    from lago_ns_cli.cli.wiring import open_services
    from lago_ns_cli.domain.exchange import Selection
    from lago_ns_cli.domain.identifiers import Kind
    from lago_ns_cli.workflows.check_history import HistoryCheck
    from lago_ns_cli.workflows.explain import stored_context

    async def run() -> "History":
        async with open_services(options, netsuite=False, source=source, needs_mappings=True) as services:
            switches = services.settings.sync.kinds
            kinds = [
                kind
                for kind in (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.PAYMENT)
                if source is not None or getattr(switches, kind.value)
            ]
            known = stored_context(services.mappings, services.ledger)
            checking = HistoryCheck(services.lago, known, Selection(since=since), kinds)
            with Progress(quiet=options.quiet or quiet) as progress:
                async for _ in checking.run():
                    progress.advance()
            return checking.history

    return asyncio.run(run())


class Explained(StrEnum):
    """What the names are of."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit-note"
    PAYMENT = "payment"


def explain(
    context: typer.Context,
    documents: Annotated[
        list[str] | None,
        typer.Argument(metavar="DOCUMENT…", help="Numbers or Lago ids; a payment's Lago id."),
    ] = None,
    kind: Annotated[
        Explained | None, typer.Option(help="What they are; else each kind is tried in turn.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="FILE|-", help="Read documents from a file; Lago is not called."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show each cent of a document, from fee to line to tax, with the rows that won and those passed.

    NetSuite is not called: its side is known from the fetched catalog. Exit 1 if a document would be held.

    Example: lago-ns map explain ACM-1F2E-042-008
    """
    import asyncio
    from collections import Counter

    from lago_ns_cli.cli.exit_codes import ExitCode
    from lago_ns_cli.cli.explaining import print_explanation, print_explanation_json, print_summary
    from lago_ns_cli.cli.wiring import open_services
    from lago_ns_cli.domain.identifiers import Kind
    from lago_ns_cli.workflows.explain import explain as explain_documents
    from lago_ns_cli.workflows.explain import stored_context

    if not documents and source is None:
        raise typer.BadParameter("name a document, or a file with --from")
    meant = None if kind is None else Kind(kind.value.replace("-", "_"))

    async def run() -> tuple[Counter[str], int, int]:
        told: Counter[str] = Counter()
        lines = held = 0
        async with open_services(
            context.obj, netsuite=False, source=source, source_kind=meant or Kind.INVOICE, needs_mappings=True
        ) as services:
            known = stored_context(services.mappings, services.ledger)
            async for one in explain_documents(services.lago, known, documents or (), meant):
                (print_explanation_json if as_json else print_explanation)(one)
                told[one.kind.value] += 1
                lines += len(one.lines)
                held += bool(one.problems)
        return told, lines, held

    told, lines, held = asyncio.run(run())
    print_summary(told, lines, held, as_json=as_json)
    if held:
        raise typer.Exit(ExitCode.ATTENTION)
