"""Write-backs to Lago from the command line: by themselves, and at the end of ``sync all``."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

from lago_ns_cli.cli.globals import Globals
from lago_ns_cli.cli.running import run_events
from lago_ns_cli.cli.wiring import Services, hold
from lago_ns_cli.errors import ConfigError
from lago_ns_cli.netsuite.account import host_label
from lago_ns_cli.workflows.documents_back import tell_customers, tell_documents
from lago_ns_cli.workflows.doubts import doubt_the_abandoned
from lago_ns_cli.workflows.opening import open_run
from lago_ns_cli.workflows.payments_back import PaymentsBack
from lago_ns_cli.workflows.reports import SyncEvent
from lago_ns_cli.workflows.write_back import BackRun


def run_write_back(
    options: Globals,
    *,
    since: date | None,
    until: date | None,
    dry_run: bool,
    as_json: bool,
    wait_seconds: float,
) -> None:
    """Write to Lago what the settings allow, print it, and end with the exit code."""
    run_events(
        options,
        lambda services: _alone(services, since, until, dry_run, wait_seconds),
        dry_run=dry_run,
        as_json=as_json,
    )


async def _alone(
    services: Services, since: date | None, until: date | None, dry_run: bool, wait_seconds: float
) -> AsyncIterator[SyncEvent]:
    if not dry_run:
        await hold(services, wait_seconds=wait_seconds)
    await open_run(
        services.lago,
        services.netsuite,
        services.ledger,
        services.clock,
        keep=not dry_run,
        account=services.loaded.account,
    )
    if not dry_run:
        doubt_the_abandoned(services.ledger, services.clock)
    async for event in write_back(services, since=since, until=until, dry_run=dry_run):
        yield event


async def write_back(
    services: Services, *, since: date | None = None, until: date | None = None, dry_run: bool = False
) -> AsyncIterator[SyncEvent]:
    """Bring payments, then ids, to Lago; the run holds the account already.

    Args:
        since: First day of the payments that are meant.
        until: Last day.
    """
    run = _back_run(services, dry_run)
    settings = services.settings.write_back
    if settings.sync_payments_back:
        async for event in PaymentsBack(run).bring(since=since, until=until):
            yield event
    if settings.metadata:
        async for event in tell_documents(run):
            yield event
        async for event in tell_customers(run):
            yield event


def _back_run(services: Services, dry_run: bool) -> BackRun:
    writer = services.lago_writer
    if writer is None:
        raise ConfigError("Documents from a file cannot be written back to.", hint="Leave --from away.")
    return BackRun(
        lago=services.lago,
        writer=writer,
        netsuite=services.netsuite,
        ledger=services.ledger,
        clock=services.clock,
        mappings=services.mappings,
        account_host=host_label(services.loaded.account),
        quarantine=timedelta(seconds=services.settings.push.quarantine_seconds),
        dry_run=dry_run,
    )
