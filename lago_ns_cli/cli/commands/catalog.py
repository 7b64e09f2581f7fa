"""``lago-ns fetch-catalog``: what can be mapped, from both sides."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lago_ns_cli.cli.catalog_output import FetchPrinter
    from lago_ns_cli.cli.globals import Globals


class Side(StrEnum):
    """Which side to fetch from."""

    BOTH = "both"
    LAGO = "lago"
    NETSUITE = "netsuite"


def fetch_catalog(
    context: typer.Context,
    side: Annotated[Side, typer.Option(help="Fetch from one side only.")] = Side.BOTH,
    push: Annotated[
        bool,
        typer.Option("--push", help="Also store Lago's objects in NetSuite, as customrecord_lago_object."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --push: tell what would be stored, and store nothing.")
    ] = False,
    lock: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write what was fetched to a file for version control."),
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Compare with the lock (schema.lock.json, or that of --lock); exit 1 on drift."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Fetch what can be mapped from Lago and NetSuite, and tell what changed.

    Example: lago-ns fetch-catalog --lock schema.lock.json
    """
    import asyncio

    from lago_ns_cli.cli.catalog_output import DEFAULT_LOCK, FetchPrinter
    from lago_ns_cli.cli.exit_codes import ExitCode

    if push and side != Side.BOTH:
        raise typer.BadParameter("--push needs both sides")
    if dry_run and not push:
        raise typer.BadParameter("--dry-run belongs to --push")
    printer = FetchPrinter(as_json=as_json)
    lock_file = lock or DEFAULT_LOCK
    asyncio.run(
        _run(context.obj, side, printer, push=push, dry_run=dry_run, checked=lock_file if check else None)
    )
    _keep_index(context.obj)
    if lock is not None and not check:
        _write_lock(context.obj, lock, printer)
    if printer.needs_attention:
        raise typer.Exit(ExitCode.ATTENTION)


async def _run(
    options: "Globals",
    side: Side,
    printer: "FetchPrinter",
    *,
    push: bool,
    dry_run: bool,
    checked: Path | None,
) -> None:
    from lago_ns_cli.cli.wiring import hold, open_services, quarantine
    from lago_ns_cli.domain.catalog_lock import drift
    from lago_ns_cli.lock_file import load_lock
    from lago_ns_cli.workflows.fetch_catalog import fetch_lago_catalog, fetch_netsuite_catalog
    from lago_ns_cli.workflows.push_catalog import ObjectsRun, plan_lago_objects, store_lago_objects

    async with open_services(options, lago=side != Side.NETSUITE, netsuite=side != Side.LAGO) as services:
        locked = None if checked is None else load_lock(checked, services.loaded.account)
        if side != Side.NETSUITE:
            printer.fetched(await fetch_lago_catalog(services.lago, services.ledger, services.clock))
        if side != Side.LAGO:
            printer.fetched(await fetch_netsuite_catalog(services.netsuite, services.ledger, services.clock))
        if locked is not None:
            printer.drift([one for catalog in printer.catalogs for one in drift(locked, catalog)])
        if not push:
            return
        if not dry_run:
            await hold(services)
        organization = services.ledger.organization() or ""
        plan = await plan_lago_objects(printer.catalogs[0], services.netsuite, organization)
        if dry_run:
            printer.planned(plan)
        else:
            run = ObjectsRun(
                netsuite=services.netsuite,
                ledger=services.ledger,
                clock=services.clock,
                quarantine=quarantine(services),
            )
            printer.stored(await store_lago_objects(plan, run))


def _keep_index(options: "Globals") -> None:
    """Renew what shells complete from, of both sides as they were fetched last."""
    from lago_ns_cli.cli.indexing import write_index
    from lago_ns_cli.cli.wiring import open_ledger

    with open_ledger(options) as ledger:
        write_index(options, ledger.load_catalog("lago"), ledger.load_catalog("netsuite"))


def _write_lock(options: "Globals", path: Path, printer: "FetchPrinter") -> None:
    """Write the lock; a side that was not fetched now stands in it as it was fetched last."""
    from lago_ns_cli.cli.wiring import effective_settings, open_ledger
    from lago_ns_cli.lock_file import save_lock

    with open_ledger(options) as ledger:
        kept = [ledger.load_catalog(side) for side in ("lago", "netsuite")]
    save_lock(path, [one for one in kept if one is not None], effective_settings(options).account)
    printer.locked(path)
