"""``lago-ns sync``: the pipe from Lago into NetSuite."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lago_ns_cli.cli.wiring import Services
    from lago_ns_cli.domain.exchange import Selection
    from lago_ns_cli.workflows.reports import SyncEvent

app = typer.Typer(help="Carry documents from Lago into NetSuite.", no_args_is_help=True)

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Only these documents.")]
Since = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Issued on this day or later.")
]
Until = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Issued on this day or before.")
]
CustomerId = Annotated[
    str | None, typer.Option("--customer", metavar="EXTERNAL_ID", help="Of this customer.")
]
Entity = Annotated[
    str | None, typer.Option("--billing-entity", metavar="CODE", help="Of this billing entity.")
]
Source = Annotated[
    str | None,
    typer.Option("--from", metavar="FILE|-", help="Read documents from a file or stdin; Lago is not called."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the exact records; write nothing anywhere.")]
MaxChanges = Annotated[
    int | None, typer.Option(metavar="N", min=0, help="Write at most this many documents.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@app.command("customer")
def customer(
    context: typer.Context,
    ids: Ids = None,
    entity: Entity = None,
    source: Source = None,
    dry_run: DryRun = False,
    max_changes: MaxChanges = None,
    as_json: AsJson = False,
) -> None:
    """Bring customers to NetSuite: linked where Lago knows their record, else created.

    Example: lago-ns sync customer cust_0042 --dry-run
    """
    selection = _selection(ids, billing_entity=entity)
    _run(context, ("customer",), selection, source, dry_run, max_changes, as_json)


@app.command("invoice")
def invoice(
    context: typer.Context,
    ids: Ids = None,
    since: Since = None,
    until: Until = None,
    customer: CustomerId = None,
    entity: Entity = None,
    source: Source = None,
    dry_run: DryRun = False,
    max_changes: MaxChanges = None,
    as_json: AsJson = False,
) -> None:
    """Bring invoices to NetSuite, and before them the customers they need.

    Example: lago-ns sync invoice --since 2026-10-01
    """
    selection = _selection(ids, since=since, until=until, customer=customer, billing_entity=entity)
    _run(context, ("invoice",), selection, source, dry_run, max_changes, as_json)


@app.command("all")
def everything(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    customer: CustomerId = None,
    entity: Entity = None,
    dry_run: DryRun = False,
    max_changes: MaxChanges = None,
    as_json: AsJson = False,
) -> None:
    """Bring everything that [sync] kinds names to NetSuite, parents first.

    Example: lago-ns sync all --since 2026-10-01
    """
    selection = _selection(None, since=since, until=until, customer=customer, billing_entity=entity)
    _run(context, ("customer", "invoice"), selection, None, dry_run, max_changes, as_json, switched=True)


def _selection(
    ids: list[str] | None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    customer: str | None = None,
    billing_entity: str | None = None,
) -> "Selection":
    from lago_ns_cli.domain.exchange import Selection
    from lago_ns_cli.domain.identifiers import LagoExternalId

    return Selection(
        ids=tuple(ids or ()),
        since=since.date() if since else None,
        until=until.date() if until else None,
        customer=LagoExternalId(customer) if customer else None,
        billing_entity=billing_entity,
    )


def _run(
    context: typer.Context,
    kinds: tuple[str, ...],
    selection: "Selection",
    source: str | None,
    dry_run: bool,
    max_changes: int | None,
    as_json: bool,
    *,
    switched: bool = False,
) -> None:
    import asyncio
    from time import monotonic

    from lago_ns_cli.cli.exit_codes import ExitCode
    from lago_ns_cli.cli.progress import Progress
    from lago_ns_cli.cli.render import SyncPrinter
    from lago_ns_cli.cli.wiring import open_services
    from lago_ns_cli.domain.identifiers import Kind

    printer = SyncPrinter(as_json=as_json, verbose=context.obj.verbosity > 0)
    started = monotonic()

    async def run() -> None:
        from_kind = Kind(kinds[0])
        async with open_services(
            context.obj, source=source, source_kind=from_kind, needs_mappings=True
        ) as services:
            with Progress(quiet=context.obj.quiet or as_json) as progress:
                async for event in _events(services, kinds, selection, dry_run, max_changes, switched):
                    with progress.paused():
                        printer.event(event)
                    progress.advance()

    try:
        asyncio.run(run())
    finally:
        printer.summary(seconds=monotonic() - started, dry_run=dry_run)
    if printer.tally.needs_attention:
        raise typer.Exit(ExitCode.ATTENTION)


async def _events(
    services: "Services",
    kinds: tuple[str, ...],
    selection: "Selection",
    dry_run: bool,
    max_changes: int | None,
    switched: bool,
) -> AsyncIterator["SyncEvent"]:
    from lago_ns_cli.cli.wiring import start_run
    from lago_ns_cli.domain.identifiers import Kind
    from lago_ns_cli.workflows.sync import sync

    enabled = services.settings.sync.kinds
    chosen = [Kind(kind) for kind in kinds if not switched or getattr(enabled, kind)]
    run = await start_run(services, selection, dry_run=dry_run, max_changes=max_changes)
    async for event in sync(run, chosen):
        yield event
