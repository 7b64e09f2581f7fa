"""The root of the command line: global options, and errors turned into exit codes once."""

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from lago_ns_cli import __version__
from lago_ns_cli.cli.commands import (
    audit,
    auth,
    catalog,
    config,
    demo,
    errors,
    ledger,
    mapping,
    replay,
    restlet,
    simulator,
    status,
    sync,
)
from lago_ns_cli.cli.globals import Globals

app = typer.Typer(
    name="lago-ns",
    help="Carry customers, invoices, credit notes and payments from Lago into NetSuite.",
    epilog="Start with: lago-ns demo",
    no_args_is_help=True,
    # Rich help costs twice the start-up time of plain help.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("demo")(demo.demo)
app.command("fetch-catalog")(catalog.fetch_catalog)
app.add_typer(mapping.app, name="map")
app.add_typer(sync.app, name="sync")
app.command("replay")(replay.replay)
app.command("status")(status.status)
app.command("errors")(errors.errors)
app.add_typer(audit.app, name="audit")
app.add_typer(ledger.app, name="ledger")
app.add_typer(auth.app, name="auth")
app.add_typer(config.app, name="config")
app.add_typer(restlet.app, name="restlet")
app.add_typer(simulator.app, name="simulator")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lago-ns {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    config_file: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="The configuration file [env: LAGO_NS_CONFIG]."),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="The profile to use [env: LAGO_NS_PROFILE].")
    ] = None,
    verbose: Annotated[
        int, typer.Option("-v", "--verbose", count=True, help="Say more; twice for every call.")
    ] = 0,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress, only results.")] = False,
    log_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also log to a file, one JSON object a line.")
    ] = None,
    version: Annotated[  # noqa: ARG001 - its callback does the work
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Carry customers, invoices, credit notes and payments from Lago into NetSuite."""
    context.obj = Globals(config_file, profile, verbose, quiet, log_file)


def main() -> None:
    """Run the command line; every error ends as a message, a hint and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Not every terminal has every letter; a name it lacks is no reason to stop.
            stream.reconfigure(errors="backslashreplace")
    try:
        app(prog_name="lago-ns")
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            print("interrupted: run the same command again to go on where it stopped", file=sys.stderr)
        raise
    except Exception as error:  # noqa: BLE001 - the last place that can report
        sys.exit(_end(error))


_INTERRUPTED = 130
"""Typer's own exit code for Ctrl-C."""


def _end(error: Exception) -> int:
    from lago_ns_cli.cli.exit_codes import ExitCode, exit_code_of
    from lago_ns_cli.cli.render import say, write_error
    from lago_ns_cli.errors import LagoNsError

    if isinstance(error, LagoNsError):
        write_error(error)
        return exit_code_of(error)
    from lago_ns_cli.cli.logs import log_crash

    say(f"error: lago-ns met a case it does not know ({type(error).__name__}). This is a bug of lago-ns.")
    say(log_crash(error))
    return ExitCode.BUG
