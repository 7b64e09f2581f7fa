"""Runs as lines: for ``status`` and ``history``."""

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

from lago_ns_cli.cli.writing import clean, write_json, write_line, write_table
from lago_ns_cli.domain.run_record import RunEnd, RunRecord

_BARS = "▁▂▃▄▅▆▇█"
_PLAIN_BARS = "12345678"
"""Where the terminal has no blocks."""

_LONGEST_COMMAND = 24
HEADERS = ("began (UTC)", "took", "command", "seen", "written", "open", "calls", "ended")


def write_runs(runs: Sequence[RunRecord]) -> None:
    """Print runs, a row each, the newest first."""
    write_table(HEADERS, [_row(run) for run in runs])


def _row(run: RunRecord) -> tuple[object, ...]:
    command = without_globals(run.command)
    command = command if len(command) <= _LONGEST_COMMAND else f"{command[:_LONGEST_COMMAND]}…"
    return (
        run.began_at.strftime("%Y-%m-%d %H:%M"),
        "" if run.seconds is None else took(run.seconds),
        command,
        run.documents,
        run.writes,
        run.needs_attention,
        run.calls,
        _ended(run),
    )


def without_globals(command: str) -> str:
    """Leave out what stands before a command and says nothing of what it did."""
    words = command.split(" ")
    while words and words[0].startswith("-"):
        takes_a_value = words[0] in _WITH_VALUE
        words = words[2:] if takes_a_value else words[1:]
    return " ".join(words) or command


_WITH_VALUE = frozenset({"--config", "--profile", "--log-file"})


def _ended(run: RunRecord) -> str:
    if run.ended is None:
        return "under way, or died"
    return f"failed: {run.code}" if run.ended is RunEnd.FAILED else run.ended.value


def took(seconds: float) -> str:
    """Tell how long something took: ``0.4 s``, ``75 s``, ``2:05:09``."""
    if seconds < 100:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return str(timedelta(seconds=round(seconds)))


def write_pace(runs: Sequence[RunRecord]) -> None:
    """Print how fast the account is worked, and how that developed; nothing before the first run."""
    paced = [run for run in runs if run.calls]
    if not paced:
        return
    last = paced[0]
    known = "" if last.limit is None else f" of {last.limit} known"
    parts = [f"{last.most_at_once} at once{known}", f"{last.refused} of {last.calls} calls refused"]
    if last.documents_a_second is not None:
        parts.append(f"{last.documents_a_second:.1f} documents/s")
    parts.append(f"{last.units:,} units")
    write_line(f"pace: {', '.join(parts)}")
    if len(paced) > 1:
        oldest_first = list(reversed(paced))
        failing = [run.needs_attention / run.documents if run.documents else 0.0 for run in oldest_first]
        refusals = [run.refused_share for run in oldest_first]
        write_line(f"last {len(paced)} runs: open {spark(failing)}  refused {spark(refusals)}")


def spark(shares: Sequence[float]) -> str:
    """Draw shares from 0 to 1 as bars, each as high as its share of the highest."""
    bars = _BARS if _takes(_BARS) else _PLAIN_BARS
    top = max(shares, default=0.0)
    return "".join(bars[round(share / top * (len(bars) - 1)) if top else 0] for share in shares)


def _takes(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def run_event(run: RunRecord) -> dict[str, object]:
    """Give a run its JSON form."""
    return {
        "event": "run",
        "run": run.run,
        "command": run.command,
        "began_at": run.began_at.isoformat(),
        "ended_at": _iso(run.ended_at),
        "seconds": run.seconds,
        "ended": None if run.ended is None else run.ended.value,
        "code": run.code,
        "outcomes": dict(run.outcomes),
        "documents": run.documents,
        "writes": run.writes,
        "needs_attention": run.needs_attention,
        "calls": run.calls,
        "refused": run.refused,
        "most_at_once": run.most_at_once,
        "limit": run.limit,
        "units": run.units,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def write_run_events(runs: Sequence[RunRecord]) -> None:
    """Print runs as JSON, one a line."""
    for run in runs:
        write_json(run_event(run))


def summary_of(runs: Sequence[RunRecord]) -> str:
    """Say what runs came to."""
    failed = sum(run.ended is RunEnd.FAILED for run in runs)
    writes = sum(run.writes for run in runs)
    last = clean(_ended(runs[0])) if runs else "none yet"
    return f"summary: {len(runs)} runs, {writes} documents written, {failed} failed; the last one: {last}"
