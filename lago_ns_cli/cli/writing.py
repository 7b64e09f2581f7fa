"""Writing to the terminal: data on stdout, everything else on stderr.

Text from data is stripped of control and escape sequences and never read as markup; JSON
keeps the data exactly, escaped. A reader that leaves early (``| head``) does not stop a run.
Commands that only look around import this and not :mod:`.render`, which knows what a run tells.
"""

import json
import os
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TextIO

from lago_ns_cli.errors import ConfigError, LagoNsError


def clean(value: object) -> str:
    """Make a value safe to print: one line, no control or bidirectional-override characters."""
    return "".join(" " if char in _BREAKS else char for char in str(value) if _printable(char))


_BREAKS = "\n\t\u2028\u2029"


def _printable(char: str) -> bool:
    if char in _BREAKS:
        return True
    category = unicodedata.category(char)
    return (
        category not in ("Cc", "Cs") and not "\u202a" <= char <= "\u202e" and not "\u2066" <= char <= "\u2069"
    )


def write_json(event: Mapping[str, object], stream: TextIO | None = None) -> None:
    """Print one JSON object on a line of stdout."""
    # json.dumps escapes every control character but this one.
    _print(json.dumps(event, default=str).replace("\x7f", "\\u007f"), stream or sys.stdout)


def say(text: str) -> None:
    """Tell the person something, on stderr."""
    _print(text, sys.stderr)


def write_line(text: str = "") -> None:
    """Print a line of data."""
    _print(text, sys.stdout)


def _print(text: str, stream: TextIO) -> None:
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        # The reader has gone, as `head` does. What is under way must still reach the ledger.
        _leave(stream)
    except OSError as error:
        if stream not in (sys.stdout, sys.stderr):
            raise
        _leave(stream)  # what is left in its buffer would fail again at the end
        if stream is sys.stdout:
            raise ConfigError(
                f"The output cannot be written: {error.strerror}.",
                hint="Make room or write it elsewhere, then run the same command again.",
            ) from error


def _leave(stream: TextIO) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def write_error(error: LagoNsError) -> None:
    """Tell what failed, why, and the next command."""
    say(f"error: {clean(error.message)}")
    if isinstance(error, ConfigError):
        for problem in error.problems:
            if problem != error.message:
                say(f"  {clean(problem)}")
    if error.hint:
        from lago_ns_cli.cli.calling import as_called

        say(f"hint: {clean(as_called(error.hint))}")


def write_table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows: a table on a terminal, tab-separated lines in a pipe."""
    texts = [[clean("" if cell is None else cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        write_line("\t".join(headers))
        for row in texts:
            write_line("\t".join(row))
        return
    from lago_ns_cli.cli.table_layout import print_table

    print_table(headers, texts, sys.stdout)
