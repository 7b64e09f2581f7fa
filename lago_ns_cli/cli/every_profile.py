"""One command for all profiles of a file: one after the other, and none stops the others."""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

import typer

from lago_ns_cli.cli.exit_codes import ExitCode, exit_code_of, worst
from lago_ns_cli.cli.globals import Globals
from lago_ns_cli.cli.logs import log_crash
from lago_ns_cli.cli.render import clean, say, write_error, write_json, write_line
from lago_ns_cli.domain.secrets import SecretName, profile_prefix
from lago_ns_cli.errors import ConfigError, LagoNsError
from lago_ns_cli.settings.loading import profile_names

_OF_ONE_PROFILE = (
    *(name.variable for name in SecretName),
    "LAGO_NS_LAGO__BASE_URL",
    "LAGO_NS_MAPPINGS",
    "LAGO_NS_NETSUITE__ACCOUNT",
    "LAGO_NS_NETSUITE__AUTH",
    "LAGO_NS_NETSUITE__BASE_URL",
)
"""Variables that would make one profile out of several."""


class Run(Protocol):
    """Runs a command for one profile."""

    def __call__(self, options: Globals, named: str | None = None) -> None:
        """Run it; raises what a command raises, and ``typer.Exit`` with its exit code."""


def run_every_profile(options: Globals, run: Run, *, as_json: bool) -> None:
    """Run a command for every profile that the file names, and end with the gravest exit code.

    Raises:
        ConfigError: A profile was chosen, or variables would mix the profiles.
        Exit: The gravest exit code, if it is not 0.
    """
    if options.profile is not None:
        raise typer.BadParameter("--profile names one; give one or the other", param_hint="--all-profiles")
    names = profile_names(options.config_file, os.environ)
    if len(names) > 1:
        _refuse_shared_variables(os.environ, names)
    codes: dict[str, ExitCode] = {}
    for name in names:
        say(f"profile {clean(name)}")
        codes[name] = _run_one(replace(options, profile=name), run)
        if codes[name] is ExitCode.INTERRUPTED:
            break
    _tell(names, codes, as_json=as_json)
    if gravest := worst(codes.values()):
        raise typer.Exit(gravest)


def _run_one(options: Globals, run: Run) -> ExitCode:
    try:
        run(options, named=options.profile)
    except typer.Exit as end:
        return ExitCode(end.exit_code)
    except LagoNsError as error:
        write_error(error)
        return exit_code_of(error)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - a bug that one profile meets must not stop the others
        say(f"error: lago-ns met a case it does not know ({type(error).__name__}). This is a bug of lago-ns.")
        say(log_crash(error))
        return ExitCode.BUG
    return ExitCode.DONE


def _refuse_shared_variables(environ: Mapping[str, str], names: tuple[str, ...]) -> None:
    if shared := [name for name in _OF_ONE_PROFILE if environ.get(name)]:
        own = profile_prefix(names[-1]) + "LAGO__API_KEY"
        raise ConfigError(
            f"{', '.join(shared)} would serve each of the {len(names)} profiles.",
            hint=f"unset what is named; a secret of one profile may stand in {own} and its like",
            code="variable_serves_all",
        )


def _tell(names: tuple[str, ...], codes: Mapping[str, ExitCode], *, as_json: bool) -> None:
    gravest = worst(codes.values())
    if as_json:
        ended = {name: None if name not in codes else int(codes[name]) for name in names}
        write_json({"event": "summary", "profiles": ended, "exit_code": int(gravest)})
        return
    ends = ", ".join(f"{clean(name)} {_WORDS[codes[name]] if name in codes else 'not run'}" for name in names)
    write_line(f"summary: {len(names)} profiles: {ends}")


_WORDS = {
    ExitCode.DONE: "done",
    ExitCode.ATTENTION: "needs attention",
    ExitCode.CONFIG: "not configured",
    ExitCode.AUTH: "refused",
    ExitCode.UNREACHABLE: "unreachable",
    ExitCode.LEASE: "held by another run",
    ExitCode.BUG: "met a bug",
    ExitCode.INTERRUPTED: "interrupted",
}
