"""Runs a reconciliation to its end: progress, printing, files, the summary, the exit code."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic

import typer

from lago_ns_cli.cli.exit_codes import ExitCode
from lago_ns_cli.cli.globals import Globals
from lago_ns_cli.cli.progress import Progress
from lago_ns_cli.cli.reconciling.events import finding_event, summary_event, tie_out_event
from lago_ns_cli.cli.reconciling.lines import summary_line, write_finding, write_result
from lago_ns_cli.cli.reconciling.page import Page
from lago_ns_cli.cli.reconciling.spreadsheet import FindingsCsv
from lago_ns_cli.cli.render import say, write_json, write_line
from lago_ns_cli.cli.wiring import Services, hold, open_services
from lago_ns_cli.domain.gate import VoidPolicy
from lago_ns_cli.domain.reconciliation.findings import Finding
from lago_ns_cli.settings import LoadedSettings
from lago_ns_cli.workflows.comparing import ReconcileOptions, open_reconciliation
from lago_ns_cli.workflows.queue_missing import queue
from lago_ns_cli.workflows.reconcile import Reconciliation
from lago_ns_cli.workflows.reconcile_reports import (
    FindingReported,
    ReadReported,
    Reconciled,
    ReconcileEvent,
    Scope,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileRun:
    """What the command was asked to do.

    ``switched``: only the kinds that the settings carry.
    """

    kinds: tuple[str, ...]
    switched: bool = False
    since: date | None = None
    until: date | None = None
    billing_entity: str | None = None
    csv_file: Path | None = None
    html_file: Path | None = None
    queue_missing: bool = False
    assume_yes: bool = False
    wait_seconds: float = 0.0
    as_json: bool = False


def run_reconcile(options: Globals, asked: ReconcileRun) -> None:
    """Compare, print what is found, and end with the exit code."""
    started = monotonic()
    with ExitStack() as files:
        printer = _Printer(asked, files, verbose=options.verbosity > 0)
        try:
            result, loaded = asyncio.run(_run(options, asked, printer))
        except BaseException:
            printer.broken_off(seconds=monotonic() - started)
            raise
        printer.result(result, loaded, seconds=monotonic() - started)
    if result.needs_attention:
        raise typer.Exit(ExitCode.ATTENTION)


async def _run(
    options: Globals, asked: ReconcileRun, printer: "_Printer"
) -> tuple[Reconciled, LoadedSettings]:
    from lago_ns_cli.side_table import SideTable

    async with open_services(options, needs_mappings=True, dry_run=not asked.queue_missing) as services:
        if asked.queue_missing:
            await hold(services, wait_seconds=asked.wait_seconds)
        with SideTable() as sides:
            run = await open_reconciliation(
                services.lago,
                services.netsuite,
                services.ledger,
                services.clock,
                sides,
                _options(services, asked),
            )
            await _consume(run, printer, quiet=options.quiet or asked.as_json)
            queued = _queue(services, run, asked) if asked.queue_missing else 0
            return run.reconciled(queued), services.loaded


def _options(services: Services, asked: ReconcileRun) -> ReconcileOptions:
    settings = services.settings.sync
    kinds = tuple(kind for kind in asked.kinds if not asked.switched or getattr(settings.kinds, kind))
    return ReconcileOptions(
        scope=Scope(kinds=kinds, since=asked.since, until=asked.until, billing_entity=asked.billing_entity),
        mappings=services.mappings,
        account=services.loaded.account,
        sync_from=settings.sync_from,
        reverses_voids=VoidPolicy(settings.void_policy) is VoidPolicy.REVERSE,
        payments_carried=settings.kinds.payment,
        keep_missing=asked.queue_missing,
    )


async def _consume(run: Reconciliation, printer: "_Printer", *, quiet: bool) -> None:
    events: AsyncIterator[ReconcileEvent] = run.run()
    with Progress(quiet=quiet) as progress:
        async for event in events:
            if isinstance(event, ReadReported):
                progress.advance(event.rows)
            elif isinstance(event, FindingReported):
                with progress.paused():
                    printer.finding(event.finding)


def _queue(services: Services, run: Reconciliation, asked: ReconcileRun) -> int:
    """Queue what is missing; what was posted once, only where somebody means it."""
    posted = [one for one in run.books.missing if one.entry is not None and one.entry.netsuite_id is not None]
    if posted and not asked.assume_yes and not _means_it(len(posted)):
        run.books.missing[:] = [one for one in run.books.missing if one not in posted]
        say(f"{len(posted)} documents that were posted once are not queued; add --yes if you mean them too.")
    return queue(services.ledger, services.clock, run.books.missing)


def _means_it(count: int) -> bool:
    question = f"{count} documents were posted once and are gone in NetSuite. Send them again?"
    return sys.stdin.isatty() and typer.confirm(question, err=True)


class _Printer:
    """Prints findings as they come, and keeps what the page will show."""

    def __init__(self, asked: ReconcileRun, files: ExitStack, *, verbose: bool) -> None:
        self._asked = asked
        self._verbose = verbose
        self._open = 0
        self._csv = None if asked.csv_file is None else files.enter_context(FindingsCsv(asked.csv_file))
        self._page = None if asked.html_file is None else Page(asked.html_file)

    def finding(self, finding: Finding) -> None:
        """Print a finding; what is explained or follows from another only with ``-v``."""
        self._open += finding.is_open
        if self._csv is not None:
            self._csv.add(finding)
        if self._page is not None:
            self._page.add(finding)
        if self._asked.as_json:
            write_json(finding_event(finding))
        elif finding.is_open or self._verbose:
            write_finding(finding)

    def broken_off(self, *, seconds: float) -> None:
        """Print the last line of a comparison that an error or a signal ended; its findings are not all."""
        if self._asked.as_json:
            write_json(
                {
                    "event": "summary",
                    "complete": False,
                    "needs_attention": self._open,
                    "seconds": round(seconds, 3),
                }
            )
        else:
            write_line(f"summary: broken off after {self._open} findings; {seconds:.1f} s")

    def result(self, result: Reconciled, loaded: LoadedSettings, *, seconds: float) -> None:
        """Write the page and print the result."""
        if self._page is not None:
            self._page.write(
                result, made_at=datetime.now(UTC), account=loaded.account, profile=loaded.profile
            )
        if self._asked.as_json:
            for line in result.tie_out:
                write_json(tie_out_event(line))
            write_json(summary_event(result, seconds=seconds))
            return
        write_result(result, verbose=self._verbose)
        write_line(summary_line(result, seconds=seconds))
