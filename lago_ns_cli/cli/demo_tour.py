"""The tour behind ``lago-ns demo``: the real commands' workflows against the simulator."""

import asyncio
import os
import shutil
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from lago_ns_cli.cli.globals import Globals
from lago_ns_cli.cli.render import clean, say, write_line, write_table
from lago_ns_cli.cli.wiring import Services, open_services, start_run
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.mapping_check import check_mappings
from lago_ns_cli.domain.mapping_findings import Severity
from lago_ns_cli.errors import LagoNsError
from lago_ns_cli.simulator.server import RunningServer, ServeOptions, running_server
from lago_ns_cli.workflows.fetch_catalog import fetch_lago_catalog, fetch_netsuite_catalog
from lago_ns_cli.workflows.reports import DocumentReported, SyncEvent, Tally
from lago_ns_cli.workflows.sync import ORDER, sync
from lago_ns_cli.workflows.totals import CurrencyTotals, compare_totals


class DemoError(LagoNsError):
    """The tour did not end as it should; this is a bug of ours."""

    default_code = "demo"


def run_tour(*, invoices: int, seed: int) -> None:
    """Fetch, map, sync, sync again, compare.

    Raises:
        DemoError: Both sides do not agree, or the second sync wrote something.
    """
    started = time.monotonic()
    customers = max(1, invoices // 5)
    say("Starting a NetSuite account and a Lago organization on this machine …")
    world = ServeOptions(port=0, seed=seed, invoices=invoices, customers=customers)
    with running_server(world) as server, _environment(_variables(server.directory)):
        options = Globals(config_file=server.directory / "lago-ns.toml", quiet=True)
        agree = asyncio.run(_tour(options, server))
    say(f"Done in {time.monotonic() - started:.1f} s. Everything was temporary; nothing is left behind.")
    if not agree:
        raise DemoError("Both sides do not agree.", hint="Please report this with the seed you used.")
    _say_what_next()


def _variables(directory: Path) -> dict[str, str]:
    lines = (directory / "env").read_text("utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line)
    return {name.removeprefix("export "): value.strip("'\"") for name, value in pairs}


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Let the throwaway credentials stand in the environment for a while; no keyring is needed."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


async def _tour(options: Globals, server: RunningServer) -> bool:
    async with open_services(options, needs_mappings=True) as services:
        _heading("lago-ns fetch-catalog", f"what can be mapped, from both sides at {server.url}")
        lago = await fetch_lago_catalog(services.lago, services.ledger, services.clock)
        netsuite = await fetch_netsuite_catalog(services.netsuite, services.ledger, services.clock)
        for side in (lago, netsuite):
            counted = ", ".join(f"{count} {name}" for name, count in list(side.counts.items())[:5])
            write_line(f"{side.side}: {counted}, …")
        _heading("lago-ns map check", "does every Lago object have its NetSuite id?")
        errors = _map_check(services)
        _heading("lago-ns sync all", "customers first, then their invoices")
        first = await _sync(services)
        _heading("lago-ns sync all", "once more: nothing may be written twice")
        second = await _sync(services)
        _heading("both sides' totals", "Lago as billed, NetSuite as posted, each from its own books")
        totals = await compare_totals(services.lago, services.netsuite, services.mappings, Selection())
        _show_totals(totals)
    agree = all(row.agree for row in totals)
    return agree and not errors and second.writes == 0 and first.needs_attention == 0


def _heading(command: str, what: str) -> None:
    write_line()
    write_line(f"$ {command}    # {what}")


def _map_check(services: Services) -> int:
    lago, netsuite = services.ledger.load_catalog("lago"), services.ledger.load_catalog("netsuite")
    if lago is None or netsuite is None:
        raise DemoError("The catalogs that were just fetched are not in the ledger.")
    findings = check_mappings(services.mappings, lago, netsuite)
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    for finding in errors:
        write_line(f"error   {clean(finding.message)}")
    write_line(f"{len(errors)} errors, {len(findings) - len(errors)} warnings")
    return len(errors)


async def _sync(services: Services) -> Tally:
    tally = Tally()
    kinds: dict[str, dict[str, int]] = {}
    started = time.monotonic()
    async for event in _all_events(services):
        tally.add(event)
        if isinstance(event, DocumentReported):
            counts = kinds.setdefault(str(event.kind), {})
            counts[event.outcome] = counts.get(event.outcome, 0) + 1
            if event.failure is not None and event.outcome == "held":
                write_line(f"held {event.kind} {clean(event.number)}: {clean(event.failure.message)}")
    for kind, counts in kinds.items():
        write_line(f"{kind}: " + ", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    seconds = time.monotonic() - started
    write_line(f"{tally.documents} documents, {tally.writes} writes, {seconds:.1f} s")
    return tally


async def _all_events(services: Services) -> AsyncIterator[SyncEvent]:
    run = await start_run(services, Selection(), incremental=True)
    async for event in sync(run, ORDER):
        yield event


def _show_totals(totals: list[CurrencyTotals]) -> None:
    write_table(
        ("currency", "Lago invoices", "billed", "NetSuite invoices", "posted", ""),
        [
            (
                row.currency,
                row.billed_invoices,
                row.billed,
                row.posted_invoices,
                _as_precise_as(row.billed, row.posted),
                "agree" if row.agree else "DIFFER",
            )
            for row in totals
        ],
    )


def _as_precise_as(model: Decimal, amount: Decimal) -> Decimal:
    """Drop decimals that a currency does not have, where they say nothing."""
    shorter = amount.quantize(model)
    return shorter if shorter == amount else amount


def _say_what_next() -> None:
    say("Next:")
    if shutil.which("lago-ns") is None:
        # Called by its path, out of a virtual environment that this shell does not know.
        say(f'  export PATH="{Path(sys.executable).parent}:$PATH"')
    say("  lago-ns simulator serve --write-config try     # the same two sides, to try commands on")
    say("  set -a; . try/env; set +a                      # its throwaway credentials")
    say("  lago-ns --config try/lago-ns.toml sync all --dry-run")
    say("  lago-ns restlet export lago-netsuite           # the script for your own NetSuite account")
