"""Runs the program and kills its process at one boundary: before or after a commit of the ledger, or of a push.

``python -m tests.crashes.runner COUNT_FILE BOUNDARY ARGUMENTS…``; with boundary 0 the process lives, and the names
of the boundaries that it passed are in the file, one a line.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.netsuite.client import NetSuiteClient
from tests.campaigns.processes import WRITES

_LEFT_SECONDS = 0.005
"""After so long a call has left, and is not answered yet: the simulator takes longer for it."""


class Boundaries:
    """Counts boundaries, notes each, and ends the process at one of them.

    Args:
        dies_at: Counted from 1.
    """

    def __init__(self, notes: Path, dies_at: int) -> None:
        self._notes = notes
        self._dies_at = dies_at
        self._passed = 0

    def pass_one(self, name: str) -> None:
        """Pass a boundary, or die there."""
        self._passed += 1
        with self._notes.open("a", encoding="utf-8") as notes:
            notes.write(f"{name}\n")
        if self._passed == self._dies_at:
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
    """Let every push have a boundary before it, one while NetSuite works on it, and one after its answer."""
    push = NetSuiteClient.push

    async def call(client: NetSuiteClient, documents: Sequence[Mapping[str, object]]) -> Any:
        boundaries.pass_one("before push")
        sent = asyncio.ensure_future(push(client, documents))
        await asyncio.sleep(_LEFT_SECONDS)
        boundaries.pass_one("during push")
        result = await sent
        boundaries.pass_one("after push")
        return result

    setattr(NetSuiteClient, "push", call)  # noqa: B010 - a plain assignment is no method to a type checker


def main() -> None:
    """Run ``lago-ns`` with the arguments that are left."""
    from lago_ns_cli.cli.app import main as program

    notes, dies_at = Path(sys.argv[1]), int(sys.argv[2])
    boundaries = Boundaries(notes, dies_at)
    watch_commits(boundaries)
    watch_sends(boundaries)
    sys.argv = ["lago-ns", *sys.argv[3:]]
    program()


if __name__ == "__main__":
    main()
