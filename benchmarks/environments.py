"""Environments of their own, at fixed versions, for what is measured without our development tools."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.stand import ROOT, BenchmarkError, clean_environment

_FOLDER = Path(__file__).parent / ".environments"
_PIP = "pip==26.3"
"""Scripts that older ones write import ``re``, which costs half as much as Python's own start."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment."""

    folder: Path

    def program(self, name: str) -> str:
        """The path of a program in it."""
        return str(self.folder / ("Scripts" if os.name == "nt" else "bin") / name)

    @property
    def python(self) -> str:
        """Its interpreter."""
        return self.program("python")


def peer() -> Environment:
    """The ``netsuite`` package, which pins an older httpx."""
    return _made("netsuite", ["netsuite==0.12.0"])


def plain() -> Environment:
    """``lago-ns`` as a user installs it: no extras, no development tools, compiled."""
    return _made("plain", [str(ROOT)], renew=True)


def _made(name: str, requirements: Sequence[str], *, renew: bool = False) -> Environment:
    environment = Environment(_FOLDER / name)
    if not Path(environment.python).exists():
        _run([sys.executable, "-m", "venv", str(environment.folder)])
        _install(environment, [_PIP])
    # What is there already is kept; our own package is built anew.
    _install(environment, requirements)
    if renew:
        _install(environment, ["--force-reinstall", "--no-deps", *requirements])
    return environment


def _install(environment: Environment, requirements: Sequence[str]) -> None:
    _run(
        [environment.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
    )


def _run(command: Sequence[str]) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=clean_environment())
    if ended.returncode != 0:
        raise BenchmarkError(f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stderr[-2000:]}")
