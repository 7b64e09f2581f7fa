"""Telling processes of this machine apart, so that a dead owner of a lease is known as dead.

A process id alone proves nothing: it is used again, and every container counts from 1. So a process is named
by the boot and the container it belongs to and by its start. Where the system does not tell these
(Windows), nobody is ever called dead; silence decides there.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

from lago_ns_cli.domain.lease import Owner

_UNKNOWN = ""
_GONE = frozenset("ZXx")
"""States of a process that ended and that its parent has not noticed yet."""


def this_process(run: str) -> Owner:
    """Name the process that asks.

    Args:
        run: The id of the run.
    """
    pid = os.getpid()
    return Owner(
        run=run,
        host=platform.node() or "this machine",
        pid=pid,
        pid_scope=_scope(),
        process_start=_start(pid) or _UNKNOWN,
    )


def is_alive(owner: Owner) -> bool | None:
    """Tell whether a process lives; None where that cannot be known from here."""
    if _UNKNOWN in (owner.pid_scope, owner.process_start) or owner.pid_scope != _scope():
        return None
    try:
        return _start(owner.pid) == owner.process_start
    except OSError:
        return None


def _scope() -> str:
    if sys.platform == "linux":
        return _linux_scope()
    return f"{sys.platform}:{platform.node()}" if os.name == "posix" else _UNKNOWN


def _linux_scope() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot}:{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return _UNKNOWN


def _start(pid: int) -> str | None:
    """Read when a process started; None where there is no such process.

    Raises:
        OSError: The system does not tell.
    """
    return _linux_start(pid) if sys.platform == "linux" else _posix_start(pid)


def _linux_start(pid: int) -> str | None:
    try:
        # The command's name stands in parentheses and may hold anything, also spaces and parentheses.
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, started_in_ticks = fields[0], fields[19]
    return None if state in _GONE else started_in_ticks


def _posix_start(pid: int) -> str | None:
    if os.name != "posix":
        return _UNKNOWN
    told = subprocess.run(  # noqa: S603 - a fixed command and a number
        ["/bin/ps", "-o", "lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C", "TZ": "UTC"},
    )
    return told.stdout.strip() or None
