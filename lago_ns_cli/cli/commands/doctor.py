"""``lago-ns doctor``: every check that would fail later, with its cause and its fix."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lago_ns_cli.cli.exit_codes import ExitCode
    from lago_ns_cli.cli.globals import Globals


def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Check this machine, Lago and NetSuite for everything that would fail later, with the fix for each.

    Nothing is changed. Exit 0: all is well; 1: warnings; 2: something is set up wrongly; 3: a login or a permission
    is refused; 4: a side cannot be reached.

    Example: lago-ns doctor --json
    """
    code = run_doctor(context.obj, as_json=as_json)
    if code:
        raise typer.Exit(code)


def run_doctor(options: "Globals", *, as_json: bool = False) -> "ExitCode":
    """Make every check, print each finding as it comes, and tell the exit code."""
    import asyncio

    from lago_ns_cli.cli.diagnosis_output import DiagnosisPrinter
    from lago_ns_cli.cli.examining import Machine
    from lago_ns_cli.cli.wiring import SystemClock
    from lago_ns_cli.workflows.doctor import examine

    printer = DiagnosisPrinter(as_json=as_json)

    async def run() -> None:
        async for finding in examine(Machine(options), SystemClock()):
            printer.finding(finding)

    asyncio.run(run())
    printer.summary()
    return printer.exit_code
