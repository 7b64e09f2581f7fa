"""``lago-ns reconcile``: do both sides agree?"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lago_ns_cli.cli.exit_codes import ExitCode


class What(StrEnum):
    """What is compared."""

    CUSTOMER = "customer"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit-note"
    PAYMENT = "payment"
    ALL = "all"
    REVREC = "revrec"


def reconcile(
    context: typer.Context,
    what: Annotated[
        What,
        typer.Argument(
            help="Which documents to compare; revrec: revenue elements and plans with what was billed."
        ),
    ] = What.ALL,
    period: Annotated[
        str | None,
        typer.Option(metavar="PERIOD", help="A month (2026-10), a quarter (2026-Q3) or a year (2026)."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Dated on this day or later."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Dated on this day or before."),
    ] = None,
    entity: Annotated[
        str | None, typer.Option("--billing-entity", metavar="CODE", help="Of this billing entity.")
    ] = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Also write the findings for a spreadsheet.")
    ] = None,
    html_file: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also write a page to read or print.")
    ] = None,
    queue_missing: Annotated[
        bool, typer.Option("--queue-missing", help="Queue what NetSuite lacks; the next sync sends it.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask before queueing what was posted once.")
    ] = False,
    write_back: Annotated[
        bool,
        typer.Option(
            "--write-back",
            help="First tell Lago of payments that NetSuite had first, and where documents stand there.",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --write-back: show every write; make none.")
    ] = False,
    wait: Annotated[
        float,
        typer.Option(
            "--wait",
            metavar="SECONDS",
            min=0,
            help="With --queue-missing or --write-back: wait this long for another run.",
        ),
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Compare Lago with NetSuite, and account for every cent of difference.

    Nothing is written to either side, unless --write-back asks for it. Each finding comes with both figures, the likely cause and what
    mends it. Exit 0 only where everything agrees or is explained.

    Example: lago-ns reconcile all --period 2026-10 --html october.html
    """
    from lago_ns_cli.cli.exit_codes import ExitCode, worst
    from lago_ns_cli.cli.reconciling.periods import days_of
    from lago_ns_cli.cli.reconciling.running import ReconcileRun, run_reconcile

    first, last = days_of(period, since.date() if since else None, until.date() if until else None)
    if what is What.REVREC:
        from lago_ns_cli.cli.reconciling.revenue import run_revenue

        run_revenue(context.obj, since=first, until=last, entity=entity, as_json=as_json)
        return
    written = ExitCode.DONE
    if write_back:
        from lago_ns_cli.cli.writing_back import run_write_back

        written = _exit_of(
            lambda: run_write_back(
                context.obj, since=first, until=last, dry_run=dry_run, as_json=as_json, wait_seconds=wait
            )
        )
    if written is ExitCode.INTERRUPTED or dry_run:
        raise typer.Exit(written)
    compared = _exit_of(
        lambda: run_reconcile(
            context.obj,
            ReconcileRun(
                kinds=_KINDS[what],
                switched=what is What.ALL,
                since=first,
                until=last,
                billing_entity=entity,
                csv_file=csv_file,
                html_file=html_file,
                queue_missing=queue_missing,
                assume_yes=yes,
                wait_seconds=wait,
                as_json=as_json,
            ),
        )
    )
    raise typer.Exit(worst([written, compared]))


def _exit_of(run: Callable[[], None]) -> "ExitCode":
    from lago_ns_cli.cli.exit_codes import ExitCode

    try:
        run()
    except typer.Exit as end:
        return ExitCode(end.exit_code)
    return ExitCode.DONE


_KINDS = {
    What.CUSTOMER: ("customer",),
    What.INVOICE: ("invoice",),
    What.CREDIT_NOTE: ("credit_note",),
    What.PAYMENT: ("payment",),
    What.ALL: ("customer", "invoice", "credit_note", "payment"),
}
