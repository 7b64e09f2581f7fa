"""The root of the command line: global options, and errors turned into exit codes once."""

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from lago_ns_cli import __version__
from lago_ns_cli.cli.globals import Globals
from lago_ns_cli.cli.quick import accept_every_letter

COMMANDS = {
    "init": "init:init",
    "demo": "demo:demo",
    "doctor": "doctor:doctor",
    "fetch-catalog": "catalog:fetch_catalog",
    "map": "mapping:app",
    "sync": "sync:app",
    "reconcile": "reconcile:reconcile",
    "decide": "decide:app",
    "replay": "replay:replay",
    "status": "status:status",
    "history": "history:history",
    "errors": "errors:errors",
    "audit": "audit:app",
    "ledger": "ledger:app",
    "auth": "auth:app",
    "profile": "profile:app",
    "config": "config:app",
    "restlet": "restlet:app",
    "simulator": "simulator:app",
}
"""Each command in the order of the help, and where it stands in :mod:`lago_ns_cli.cli.commands`:
a function, or a ``typer.Typer`` with commands of its own. Only the one that runs is imported."""

# Rich help costs twice the start-up time of plain help.
_PLAIN: dict[str, Any] = {"rich_markup_mode": None, "pretty_exceptions_enable": False}


class _Loading(Mapping[str, Any]):
    """The commands by name, each imported when it is looked at."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = _load(name, COMMANDS[name])
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in COMMANDS

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


def _load(name: str, place: str) -> Any:
    module, attribute = place.split(":")
    found = getattr(import_module(f"lago_ns_cli.cli.commands.{module}"), attribute)
    holder = typer.Typer(**_PLAIN)
    if isinstance(found, typer.Typer):
        holder.add_typer(found, name=name)
    else:
        holder.command(name)(found)
    return get_group(holder).commands[name]


class _Root(TyperGroup):
    """The group of all commands, which knows their names before it knows them."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**{**attributes, "commands": _Loading()})


app = typer.Typer(
    name="lago-ns",
    cls=_Root,
    help="Carry customers, invoices, credit notes and payments from Lago into NetSuite.",
    epilog="Start with: lago-ns demo",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    **_PLAIN,
)


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
    accept_every_letter()
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
