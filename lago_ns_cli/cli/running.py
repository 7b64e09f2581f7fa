"""Runs a stream of events to its end: progress, printing, interruption, the summary, the exit code."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from time import monotonic

import typer

from lago_ns_cli.cli.backfilling import BackfillOutput
from lago_ns_cli.cli.budget import RunBudget
from lago_ns_cli.cli.exit_codes import ExitCode
from lago_ns_cli.cli.globals import Globals
from lago_ns_cli.cli.progress import Progress
from lago_ns_cli.cli.render import SyncPrinter, say
from lago_ns_cli.cli.wiring import Services, announce, open_services
from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.errors import RemoteError
from lago_ns_cli.workflows.calls import StoppedError
from lago_ns_cli.workflows.reports import SyncEvent

GRACE_SECONDS = 10
"""How long calls in flight may take after the first Ctrl-C; what is not answered then is in doubt."""

Events = Callable[[Services], AsyncIterator[SyncEvent]]


def run_events(
    options: Globals,
    events: Events,
    *,
    dry_run: bool = False,
    as_json: bool = False,
    source: str | None = None,
    source_kind: Kind = Kind.INVOICE,
    named: str | None = None,
    budget: RunBudget | None = None,
    backfill: BackfillOutput | None = None,
) -> None:
    """Open the services, print events as they come, and end with the summary and the exit code.

    Where several profiles run one after the other, ``named`` is the name of this one.

    The first Ctrl-C or SIGTERM lets the calls in flight end, the second stops at once; either
    way everything is in the ledger and the same command goes on later. A budget that is used up
    ends the run as the first Ctrl-C does, with exit code 1.
    """
    budget = budget or RunBudget()
    printer = SyncPrinter(as_json=as_json, verbose=options.verbosity > 0, profile=named)
    started = monotonic()
    complete = interrupted = False
    try:
        interrupted = asyncio.run(
            _run(
                options,
                events,
                printer,
                source=source,
                source_kind=source_kind,
                quiet=as_json,
                dry_run=dry_run,
                budget=budget,
                backfill=backfill,
            )
        )
        complete = not interrupted and not budget.over
    finally:
        if backfill is not None:
            backfill.finish()
        printer.summary(
            seconds=monotonic() - started,
            dry_run=dry_run,
            complete=complete,
            stopped_by="a signal" if interrupted else budget.over or "an error",
        )
    if interrupted:
        raise typer.Exit(ExitCode.INTERRUPTED)
    if budget.over:
        say(f"stopped by {budget.over}: run the same command again to go on where it stopped")
        raise typer.Exit(ExitCode.ATTENTION)
    if printer.tally.needs_attention:
        raise typer.Exit(ExitCode.ATTENTION)


async def _run(
    options: Globals,
    events: Events,
    printer: SyncPrinter,
    *,
    source: str | None,
    source_kind: Kind,
    quiet: bool,
    dry_run: bool,
    budget: RunBudget,
    backfill: BackfillOutput | None,
) -> bool:
    """Consume the events and, unless in a dry run, announce what fails.

    Returns:
        Whether a signal ended them early.
    """
    async with open_services(
        options, source=source, source_kind=source_kind, needs_mappings=True, dry_run=dry_run, stop=budget
    ) as services:
        budget.begin(lambda: services.pacer.pace.calls, datetime.now())  # noqa: DTZ005 (the wall's time)
        progress = Progress(quiet=options.quiet or quiet, left=backfill.left if backfill else lambda _: "")
        consumer = asyncio.ensure_future(_consume(events(services), printer, progress))
        with _Signals(services, consumer) as signals:
            try:
                await consumer
            except (asyncio.CancelledError, StoppedError):
                if not signals.received and not budget.over:
                    raise
            except RemoteError:
                if not dry_run:
                    await _announce(services, signals)
                raise
            if not dry_run and not signals.received:
                await _announce(services, signals)
        return signals.received


async def _announce(services: Services, signals: "_Signals") -> None:
    """Announce what fails; a signal ends that at once, since the next run tells what was not told."""
    announcing = asyncio.ensure_future(announce(services))
    signals.announcing(announcing)
    try:
        await announcing
    except asyncio.CancelledError:
        if not signals.received:
            raise


async def _consume(events: AsyncIterator[SyncEvent], printer: SyncPrinter, progress: Progress) -> None:
    with progress:
        async for event in events:
            with progress.paused():
                printer.event(event)
            progress.advance()


class _Signals:
    """Turns Ctrl-C and SIGTERM into an orderly end."""

    def __init__(self, services: Services, consumer: "asyncio.Future[None]") -> None:
        self.received = False
        self._services = services
        self._consumer = consumer
        self._loop = asyncio.get_running_loop()
        self._deadline: asyncio.TimerHandle | None = None
        self._announcing: asyncio.Future[None] | None = None

    def __enter__(self) -> "_Signals":
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C then ends the run at once
            for number in (signal.SIGINT, signal.SIGTERM):
                self._loop.add_signal_handler(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(NotImplementedError):
            for number in (signal.SIGINT, signal.SIGTERM):
                self._loop.remove_signal_handler(number)
        if self._deadline is not None:
            self._deadline.cancel()

    def announcing(self, task: "asyncio.Future[None]") -> None:
        """Say that the run itself is over, and only its announcements are under way."""
        self._announcing = task

    def _on_signal(self) -> None:
        if self._announcing is not None:
            self.received = True
            self._announcing.cancel()
            return
        if self.received:
            self._consumer.cancel()
            return
        self.received = True
        say(
            f"stopping: no new calls; waiting up to {GRACE_SECONDS} s for those in flight (again: stop at once)"
        )
        self._services.stop.set()
        self._deadline = self._loop.call_later(GRACE_SECONDS, self._consumer.cancel)
