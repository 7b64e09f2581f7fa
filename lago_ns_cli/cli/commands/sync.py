"""``lago-ns sync``: the pipe from Lago into NetSuite."""

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime, time
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lago_ns_cli.cli.globals import Globals
    from lago_ns_cli.cli.wiring import Services
    from lago_ns_cli.domain.exchange import Selection
    from lago_ns_cli.domain.identifiers import InternalId, LagoExternalId
    from lago_ns_cli.workflows.backfill import Backfill
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
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Show what would be done, with -v or --json the exact records; write nothing anywhere.",
    ),
]
MaxChanges = Annotated[
    int | None, typer.Option(metavar="N", min=0, help="Write at most this many documents.")
]
Links = Annotated[
    list[str] | None,
    typer.Option(
        "--link",
        metavar="EXTERNAL_ID=INTERNAL_ID",
        help="The NetSuite record that a customer is; may be repeated.",
    ),
]
Sweep = Annotated[
    bool,
    typer.Option(
        "--sweep", help="Look at everything from sync_from on, not only at what is new or still open."
    ),
]
MaxCalls = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Stop in good order after this many calls to NetSuite."),
]
UntilTime = Annotated[
    datetime | None,
    typer.Option(
        formats=["%H:%M"],
        metavar="HH:MM",
        help="Stop in good order at this time of day, by the machine's clock.",
    ),
]
Wait = Annotated[
    float,
    typer.Option("--wait", metavar="SECONDS", min=0, help="Wait this long for a run that holds the account."),
]
AllProfiles = Annotated[
    bool,
    typer.Option("--all-profiles", help="One profile of the file after the other; none stops the others."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@app.command("customer")
def customer(
    context: typer.Context,
    ids: Ids = None,
    entity: Entity = None,
    links: Links = None,
    source: Source = None,
    dry_run: DryRun = False,
    max_changes: MaxChanges = None,
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """Bring customers to NetSuite: linked where you or Lago know their record, else created.

    What changes in Lago later is carried over, and nothing else is touched. With --link and no
    ID, only the customers that are linked are looked at.

    Example: lago-ns sync customer --link cust_0042=98765
    """
    named = _links(links or ())
    selection = _selection([*(ids or ()), *named], billing_entity=entity)
    _run(context.obj, ("customer",), selection, source, dry_run, max_changes, as_json, links=named, wait=wait)


@app.command("invoice")
def invoice(
    context: typer.Context,
    ids: Ids = None,
    since: Since = None,
    until: Until = None,
    customer: CustomerId = None,
    entity: Entity = None,
    sweep: Sweep = False,
    source: Source = None,
    dry_run: DryRun = False,
    max_changes: MaxChanges = None,
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """Bring invoices to NetSuite, and before them the customers they need.

    Without a selection, those are looked at that are new or still open since the last such run.

    Example: lago-ns sync invoice --since 2026-10-01
    """
    selection = _selection(ids, since=since, until=until, customer=customer, billing_entity=entity)
    _run(context.obj, ("invoice",), selection, source, dry_run, max_changes, as_json, sweep=sweep, wait=wait)


@app.command("payment")
def payment(
    context: typer.Context,
    ids: Ids = None,
    since: Since = None,
    until: Until = None,
    customer: CustomerId = None,
    sweep: Sweep = False,
    source: Source = None,
    dry_run: DryRun = False,
    max_changes: MaxChanges = None,
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """Bring payments to NetSuite, applied to their invoices.

    Without a selection, they are found through the invoices that are open in Lago, or were at
    the last such run; --since and --until are issuing dates of invoices. With --sweep they are the
    days of the payments.

    Example: lago-ns sync payment --since 2026-10-01
    """
    selection = _selection(ids, since=since, until=until, customer=customer)
    # A file is read whole anyway, and need not hold the invoices through which payments are found.
    wholly = sweep or source is not None
    _run(context.obj, ("payment",), selection, source, dry_run, max_changes, as_json, sweep=wholly, wait=wait)


@app.command("credit-note")
def credit_note(
    context: typer.Context,
    ids: Ids = None,
    since: Since = None,
    until: Until = None,
    customer: CustomerId = None,
    entity: Entity = None,
    sweep: Sweep = False,
    source: Source = None,
    dry_run: DryRun = False,
    max_changes: MaxChanges = None,
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """Bring credit notes to NetSuite as credit memos, each applied to its invoice where Lago does so.

    Without a selection, those are looked at that are new or still open since the last such run.

    Example: lago-ns sync credit-note --since 2026-10-01
    """
    selection = _selection(ids, since=since, until=until, customer=customer, billing_entity=entity)
    _run(
        context.obj,
        ("credit_note",),
        selection,
        source,
        dry_run,
        max_changes,
        as_json,
        sweep=sweep,
        wait=wait,
    )


@app.command("all")
def everything(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    customer: CustomerId = None,
    entity: Entity = None,
    sweep: Sweep = False,
    dry_run: DryRun = False,
    max_changes: MaxChanges = None,
    max_calls: MaxCalls = None,
    until_time: UntilTime = None,
    wait: Wait = 0,
    all_profiles: AllProfiles = False,
    as_json: AsJson = False,
) -> None:
    """Bring everything that [sync] kinds names to NetSuite, parents first.

    Without a selection, what is new or still open since the last such run is looked at. Let cron
    run it every few minutes, and with --sweep every night.

    With --since it goes month by month, the oldest first; stopped, the same command goes on where it
    was. In the end what Lago billed is compared with what is posted, by month, kind and currency.

    With --all-profiles each profile ends with its own summary, and of their exit codes the gravest
    counts: 130, 70, 5, 2, 3, 4, 1.

    Example: lago-ns sync all --since 2024-01-01 --until-time 06:00
    """
    selection = _selection(None, since=since, until=until, customer=customer, billing_entity=entity)

    def run(options: "Globals", named: str | None = None) -> None:
        _run(
            options,
            ("customer", "invoice", "credit_note", "payment"),
            selection,
            None,
            dry_run,
            max_changes,
            as_json,
            switched=True,
            sweep=sweep,
            wait=wait,
            named=named,
            max_calls=max_calls,
            until_time=until_time.time() if until_time else None,
            by_month=since is not None and not dry_run,
        )

    if not all_profiles:
        run(context.obj)
        return
    from lago_ns_cli.cli.every_profile import run_every_profile

    run_every_profile(context.obj, run, as_json=as_json)


def _selection(
    ids: list[str] | None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    customer: str | None = None,
    billing_entity: str | None = None,
) -> "Selection":
    from lago_ns_cli.cli.reconciling.periods import days_of
    from lago_ns_cli.domain.exchange import Selection
    from lago_ns_cli.domain.identifiers import LagoExternalId

    first, last = days_of(None, since.date() if since else None, until.date() if until else None)
    return Selection(
        ids=tuple(ids or ()),
        since=first,
        until=last,
        customer=LagoExternalId(customer) if customer else None,
        billing_entity=billing_entity,
    )


def _links(given: Iterable[str]) -> "dict[LagoExternalId, InternalId]":
    """Read what ``--link`` says; an external id may itself hold an equals sign."""
    from lago_ns_cli.domain.identifiers import InternalId, LagoExternalId

    named: dict[LagoExternalId, InternalId] = {}
    for text in given:
        external_id, _, internal_id = (part.strip() for part in text.rpartition("="))
        if not external_id or not (internal_id.isascii() and internal_id.isdigit()):
            raise typer.BadParameter(
                f"{text!r} is not EXTERNAL_ID=INTERNAL_ID, such as cust_0042=98765", param_hint="--link"
            )
        if named.setdefault(LagoExternalId(external_id), InternalId(internal_id)) != internal_id:
            raise typer.BadParameter(f"{external_id} is linked to two records", param_hint="--link")
    return named


def _run(
    options: "Globals",
    kinds: tuple[str, ...],
    selection: "Selection",
    source: str | None,
    dry_run: bool,
    max_changes: int | None,
    as_json: bool,
    *,
    switched: bool = False,
    sweep: bool = False,
    links: "Mapping[LagoExternalId, InternalId] | None" = None,
    wait: float = 0,
    named: str | None = None,
    max_calls: int | None = None,
    until_time: "time | None" = None,
    by_month: bool = False,
) -> None:
    from lago_ns_cli.cli.backfilling import BackfillOutput
    from lago_ns_cli.cli.budget import RunBudget
    from lago_ns_cli.cli.running import run_events
    from lago_ns_cli.domain.identifiers import Kind
    from lago_ns_cli.workflows.backfill import Backfill

    backfill = Backfill() if by_month else None
    run_events(
        options,
        lambda services: _events(
            services,
            kinds,
            selection,
            dry_run,
            max_changes,
            switched,
            sweep,
            source is None,
            links,
            wait,
            backfill,
        ),
        budget=RunBudget(max_calls, until_time),
        backfill=None if backfill is None else BackfillOutput(backfill, as_json=as_json),
        dry_run=dry_run,
        as_json=as_json,
        source=source,
        source_kind=Kind(kinds[0]),
        named=named,
    )


def _tell_of_nothing(kinds: tuple[str, ...], selection: "Selection", *, from_file: bool) -> None:
    """Say what a selection without a document may mean; a mistyped name selects nothing."""
    from lago_ns_cli.cli.writing import clean, say

    if from_file:
        say(
            f"notice: what was read holds no {kinds[0].replace('_', ' ')}; each kind has its own command: lago-ns sync -h"
        )
    elif selection.customer is not None:
        say(
            f"notice: Lago has nothing of customer {clean(selection.customer)} here; the external id is meant, as in Lago."
        )


async def _events(
    services: "Services",
    kinds: tuple[str, ...],
    selection: "Selection",
    dry_run: bool,
    max_changes: int | None,
    switched: bool,
    sweep: bool,
    incremental: bool,
    links: "Mapping[LagoExternalId, InternalId] | None",
    wait: float,
    backfill: "Backfill | None",
) -> AsyncIterator["SyncEvent"]:
    from lago_ns_cli.cli.wiring import quarantine, start_run
    from lago_ns_cli.domain.identifiers import Kind
    from lago_ns_cli.workflows.backfill import run_backfill
    from lago_ns_cli.workflows.sync import sync

    enabled = services.settings.sync.kinds
    chosen = [Kind(kind) for kind in kinds if not switched or getattr(enabled, kind)]
    pause = quarantine(services)
    run = await start_run(
        services,
        selection,
        dry_run=dry_run,
        max_changes=max_changes,
        sweep=sweep,
        incremental=incremental,
        links=links,
        wait_seconds=wait,
    )
    events = (
        sync(run, chosen, quarantine=pause)
        if backfill is None
        else run_backfill(run, chosen, backfill, quarantine=pause, stop=services.stop)
    )
    found = False
    async for event in events:
        found = True
        yield event
    if not found:
        _tell_of_nothing(kinds, selection, from_file=not incremental)
    if switched and services.settings.write_back.with_sync_all:
        from lago_ns_cli.cli.writing_back import write_back

        async for event in write_back(services, dry_run=dry_run):
            yield event
