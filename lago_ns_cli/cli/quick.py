"""The program's entry: answers at once what needs no program, and else starts it.

``--version``, the help of the whole, completion scripts and completions come from
:mod:`lago_ns_cli.cli.outline`, in little more than the time in which Python itself starts. Every
import here counts: nothing of Typer's, no ``re``, no ``pathlib``. What this module does not know for
certain it leaves to the program, which answers the same, only later.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

from lago_ns_cli import __version__

TYPE_CHECKING = False  # ``typing`` itself would be the dearest import here
if TYPE_CHECKING:
    from collections.abc import Mapping

_HELP_WIDTH = 80
"""The help of :mod:`outline` is written for terminals of at least this width, as Typer writes it."""

_COMPLETE = "_LAGO_NS_COMPLETE"


def main() -> None:
    """Run the command line."""
    open_missing_streams()
    accept_every_letter()
    answered = answer(sys.argv[1:], os.environ)
    if answered is None:
        from lago_ns_cli.cli.app import main as program

        program()
    else:
        text, code = answered
        sys.exit(code if _written(text) else 1)


def answer(arguments: list[str], environment: Mapping[str, str]) -> tuple[str, int] | None:
    """What to print and the exit code, or None: the program has to answer."""
    asked = environment.get(_COMPLETE)
    if asked:
        return _completion(asked, environment)
    if arguments == ["--version"]:
        return f"lago-ns {__version__}\n", 0
    if arguments in (["--help"], ["-h"]) and _columns(environment) >= _HELP_WIDTH:
        from lago_ns_cli.cli.outline import HELP

        return HELP, 0
    return None


def open_missing_streams() -> None:
    """Give a standard stream that was closed the null device.

    The next file to be opened, the ledger perhaps, would be given its number, and who then writes to standard output
    writes into that file.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, so this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - for good


def accept_every_letter() -> None:
    """Not every terminal has every letter; a name it lacks is no reason to stop."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _completion(asked: str, environment: Mapping[str, str]) -> tuple[str, int] | None:
    action, _, shell = asked.partition("_")
    if action == "source":
        from lago_ns_cli.cli.outline import SCRIPTS

        script = SCRIPTS.get(shell)
        return None if script is None else (script, 0)
    if action == "complete":
        from lago_ns_cli.cli.completing import complete_in

        return complete_in(shell, environment)
    return None


def _columns(environment: Mapping[str, str]) -> int:
    """The width that ``shutil.get_terminal_size`` finds, without importing it."""
    stated = environment.get("COLUMNS", "")
    if stated.isdecimal() and int(stated) > 0:
        return int(stated)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or _HELP_WIDTH  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):
        return _HELP_WIDTH


def _written(text: str) -> bool:
    """Write to standard output; False where nobody reads it any more, or nothing can be written."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            print(f"error: standard output: {error.strerror}", file=sys.stderr)
        # Else Python flushes once more when it ends, and complains.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True
