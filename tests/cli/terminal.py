"""Running the program as a person does, and looking at all that it says.

:func:`run` calls ``main`` in this process, with streams and an environment of its own;
:func:`process` starts a real one, for what only a process has: pipes, signals, imports.
"""

import io
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec

from lago_ns_cli.cli.app import main

GOLDEN = Path(__file__).parent / "golden"
UPDATE = "LAGO_NS_UPDATE_GOLDEN"
"""Set in the environment, golden files are written anew instead of compared."""

QUIET_ENVIRONMENT = {
    "COLUMNS": "80",
    "NO_COLOR": "1",
    "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    # No folder: what is only a cache is left out then.
    "XDG_CACHE_HOME": os.devnull,
}


@dataclass(frozen=True)
class Result:
    """What a run left: its exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def events(self) -> list[dict[str, Any]]:
        """Stdout as JSON lines, each read strictly."""
        return [msgspec.json.decode(line) for line in self.lines]


class _Stdin(io.TextIOWrapper):
    """Standard input that is a pipe, or pretends to be a terminal."""

    def __init__(self, content: bytes, *, terminal: bool) -> None:
        super().__init__(io.BytesIO(content), encoding="utf-8")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


class _Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def _stream(*, terminal: bool) -> io.TextIOWrapper:
    kind = _Terminal if terminal else io.TextIOWrapper
    return kind(io.BytesIO(), encoding="utf-8", newline="\n", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8")


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Nothing of the machine's own settings reaches a run."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("LAGO_NS_") and name != "FORCE_COLOR"
    }
    with patch.dict(os.environ, {**kept, **QUIET_ENVIRONMENT, **variables}, clear=True):
        yield


def run(
    *arguments: str | Path,
    environment: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    terminal: bool = False,
) -> Result:
    """Run the program in this process.

    Args:
        terminal: All three streams say that they are terminals.
    """
    out, err = _stream(terminal=terminal), _stream(terminal=terminal)
    code = 0
    with (
        _environment(environment or {}),
        patch.object(sys, "argv", ["lago-ns", *map(str, arguments)]),
        patch.object(sys, "stdin", _Stdin(stdin, terminal=terminal)),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return Result(code, _text(out), _text(err))


def process(
    *arguments: str | Path,
    environment: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    program: bool = False,
) -> Result:
    """Run the program as a process of its own.

    Args:
        program: Call it by its name, as a shell does, and not as a module.
    """
    if program:
        command = [str(Path(sys.executable).with_name("lago-ns"))]
    else:
        command = [sys.executable, "-m", "lago_ns_cli"]
    with _environment(environment or {}):
        ended = subprocess.run(
            [*command, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            timeout=60,
            check=False,
        )
    return Result(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


def check_golden(name: str, text: str) -> None:
    """Compare a text with ``golden/<name>``; see :data:`UPDATE`."""
    path = GOLDEN / name
    if UPDATE in os.environ:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text


def no_traceback(result: Result) -> bool:
    """Tell whether a run ended in words."""
    return "Traceback" not in result.out + result.err and result.code != 70
