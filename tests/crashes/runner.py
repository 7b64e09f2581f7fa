"""Runs the program and kills its process at one boundary: before or after a commit of the ledger, around or within a push
to NetSuite or a write to Lago.

``python -m tests.crashes.runner COUNT_FILE BOUNDARY ARGUMENTS…``; a boundary is a number, counted from 1, or a name and
which passing of it (``during write:1``). With boundary 0 the process lives, and the names of the boundaries that it
passed are in the file, one a line.
"""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from lago_ns_cli.lago.client import LagoClient
from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.netsuite.client import NetSuiteClient
from tests.campaigns.processes import WRITES

_LEFT_SECONDS = 0.005
"""After so long a call has left, and is not answered yet: the simulator takes longer for it."""


class Boundaries:
    """Counts boundaries, notes each, and ends the process at one of them.

    Args:
        dies_at: A number, or a name and which passing of it.
    """

    def __init__(self, notes: Path, dies_at: str) -> None:
        self._notes = notes
        self._dies_at = dies_at
        self._passed = 0
        self._named: Counter[str] = Counter()

    def pass_one(self, name: str) -> None:
        """Pass a boundary, or die there."""
        self._passed += 1
        self._named[name] += 1
        with self._notes.open("a", encoding="utf-8") as notes:
            notes.write(f"{name}\n")
        if self._dies_at in (str(self._passed), f"{name}:{self._named[name]}"):
            os.kill(os.getpid(), signal.SIGKILL)


def watch_commits(boundaries: Boundaries) -> None:
    """Let every method of the ledger that commits be between two boundaries."""
    for name in sorted(WRITES):
        setattr(SqlLedger, name, _between(name, getattr(SqlLedger, name), boundaries))


def _between(name: str, method: Callable[..., Any], boundaries: Boundaries) -> Callable[..., Any]:
    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        if args[1:] and args[1] == []:
            return method(*args, **kwargs)  # nothing is committed
        boundaries.pass_one(f"before {name}")
        result = method(*args, **kwargs)
        boundaries.pass_one(f"after {name}")
        return result

    return call


def watch_sends(boundaries: Boundaries) -> None:
    """Let every push and every write to Lago have a boundary before it, one while it is under way, and one after it."""
    for client, name in ((NetSuiteClient, "push"), (LagoClient, "write")):
        setattr(client, name, _around(name, getattr(client, name), boundaries))


def _around(name: str, send: Callable[..., Any], boundaries: Boundaries) -> Callable[..., Any]:
    @wraps(send)
    async def call(*args: Any) -> Any:
        boundaries.pass_one(f"before {name}")
        sent = asyncio.ensure_future(send(*args))
        await asyncio.sleep(_LEFT_SECONDS)
        boundaries.pass_one(f"during {name}")
        result = await sent
        boundaries.pass_one(f"after {name}")
        return result

    return call


def main() -> None:
    """Run ``lago-ns`` with the arguments that are left."""
    from lago_ns_cli.cli.app import main as program

    notes, dies_at = Path(sys.argv[1]), sys.argv[2]
    boundaries = Boundaries(notes, dies_at)
    watch_commits(boundaries)
    watch_sends(boundaries)
    sys.argv = ["lago-ns", *sys.argv[3:]]
    program()


if __name__ == "__main__":
    main()
