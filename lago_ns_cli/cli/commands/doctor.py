"""``lago-ns doctor``: every check that would fail later, with its cause and its fix."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lago_ns_cli.cli.exit_codes import ExitCode
    from lago_ns_cli.cli.globals import Globals
    from lago_ns_cli.domain.diagnosis.findings import Finding


def doctor(
    context: typer.Context,
    probe: Annotated[
        bool, typer.Option("--probe", help="First prove by trial records whether a repeated key is refused.")
    ] = False,
    fix: Annotated[
        bool,
        typer.Option("--fix", help="First mend what is wrong on this machine: permissions, lease, ledger."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before a probe.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Check this machine, Lago and NetSuite for everything that would fail later, with the fix for each.

    Nothing is changed, but for what --fix and --probe say. Exit 0: all is well; 1: warnings; 2: something is set up
    wrongly; 3: a login or a permission is refused; 4: a side cannot be reached.

    On a terminal, -v before the command tells what was found also where all is well.

    --fix changes files of this machine only, never Lago or NetSuite. --probe needs a sandbox (or the simulator); what
    it proves is remembered, and only then quarantine_seconds may be 0.

    Example: lago-ns doctor --fix
    """
    code = run_doctor(context.obj, probe=probe, fix=fix, yes=yes, as_json=as_json)
    if code:
        raise typer.Exit(code)


def run_doctor(
    options: "Globals",
    *,
    probe: bool = False,
    fix: bool = False,
    yes: bool = False,
    as_json: bool = False,
) -> "ExitCode":
    """Make every check, print each finding as it comes, and tell the exit code.

    Raises:
        ConfigError: A probe was asked for where nobody can be asked whether to go on.
        LeaseHeldError: Another run holds the account that is to be probed.
    """
    import asyncio

    from lago_ns_cli.cli.diagnosis_output import DiagnosisPrinter
    from lago_ns_cli.cli.examining import Machine
    from lago_ns_cli.cli.fixing import fix_all
    from lago_ns_cli.cli.wiring import SystemClock
    from lago_ns_cli.workflows.doctor import examine

    printer, clock = DiagnosisPrinter(as_json=as_json, verbose=options.verbosity > 0), SystemClock()
    if fix:
        for step in fix_all(Machine(options), clock):
            printer.fix(step)
    if probe:
        for finding in _probed(options, yes=yes):
            printer.finding(finding)

    async def run() -> None:
        async for finding in examine(Machine(options), clock):
            printer.finding(finding)

    asyncio.run(run())
    printer.summary()
    return printer.exit_code


def _probed(options: "Globals", *, yes: bool) -> "Sequence[Finding]":
    from lago_ns_cli.cli.probing import may_probe, probe
    from lago_ns_cli.domain.diagnosis.probing import failed_probe
    from lago_ns_cli.errors import LagoNsError, LeaseHeldError
    from lago_ns_cli.workflows.doctor import problem_of

    if not may_probe(options, yes=yes):
        return ()
    try:
        return probe(options)
    except LeaseHeldError:
        raise
    except LagoNsError as error:
        return [failed_probe(problem_of(error))]
