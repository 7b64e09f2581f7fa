"""``lago-ns status``: where every document stands, and what needs somebody."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lago_ns_cli.workflows.status import Concern, Status


def status(
    context: typer.Context,
    limit: Annotated[
        int, typer.Option(metavar="N", min=0, help="Tell about at most this many documents one by one.")
    ] = 20,
    watch: Annotated[
        float | None,
        typer.Option(
            "--watch",
            metavar="SECONDS",
            min=0.2,
            help="On a terminal: look again every so often, until Ctrl-C.",
        ),
    ] = None,
    prometheus: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Also write metrics, for the textfile collector of a node exporter."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show where every document stands, and of those that need somebody the cause and the next command.

    Behind that the last runs, and how fast the account is worked. Only the ledger is read; nothing
    is called. Exit 1 if anything is not settled.

    Example: lago-ns status --limit 100
    """
    from datetime import UTC

    from lago_ns_cli.cli.exit_codes import ExitCode

    if watch is not None:
        _watch(context, watch, limit)
        return
    found = _read(context, limit)
    if prometheus is not None:
        from lago_ns_cli.cli.basics import Basics
        from lago_ns_cli.cli.metrics import write_metrics

        profile = Basics(context.obj, warns=False).loaded.profile
        write_metrics(prometheus, found, profile, datetime.now(UTC))
    if as_json:
        _write_events(found)
    else:
        _write_text(found, datetime.now(UTC))
    if found.needs_attention:
        raise typer.Exit(ExitCode.ATTENTION)


def _read(context: typer.Context, limit: int) -> "Status":
    from lago_ns_cli.cli.basics import open_to_look
    from lago_ns_cli.workflows.status import read_status

    with open_to_look(context.obj) as ledger:
        return read_status(ledger, limit=limit)


def _watch(context: typer.Context, seconds: float, limit: int) -> None:
    """Draw the screen again and again; Ctrl-C is how it ends."""
    import sys

    if not sys.stdout.isatty():
        raise typer.BadParameter(
            "needs a terminal; without one, run lago-ns status from cron", param_hint="--watch"
        )
    from lago_ns_cli.cli.watching import watch

    watch(lambda room: _screen(_read(context, limit), room), seconds)


def _screen(found: "Status", room: int) -> str:
    """Write the status as a text of at most so many lines."""
    from contextlib import redirect_stdout
    from datetime import UTC

    from lago_ns_cli.cli.watching import ScreenText

    now, text = datetime.now(UTC), ScreenText()
    with redirect_stdout(text):
        _write_text(found, now)
    lines = text.getvalue().splitlines()
    told = f"lago-ns status at {now:%Y-%m-%d %H:%M:%S} UTC, Ctrl-C ends"
    if len(lines) + 1 > room:
        # The summary stands last, and is what must not be missed.
        lines = [*lines[: max(room - 3, 0)], "…", lines[-1]]
    return "\n".join([told, *lines])


_RUNS = 3
"""Runs that the screen shows; ``history`` shows more."""


def _write_events(found: "Status") -> None:
    from lago_ns_cli.cli.run_lines import write_run_events
    from lago_ns_cli.cli.writing import write_json

    for count in found.counts:
        write_json(
            {
                "event": "count",
                "kind": count.kind,
                "state": count.state.value,
                "documents": count.documents,
                "since": count.since.isoformat(),
            }
        )
    for concern in found.concerns:
        write_json(_event(concern))
    write_run_events(found.runs)
    write_json(
        {
            "event": "summary",
            "documents": found.documents,
            "states": {state.value: number for state, number in found.by_state.items()},
            "needs_attention": found.needs_attention,
            "shown": len(found.concerns),
        }
    )


def _event(concern: "Concern") -> dict[str, object]:
    blocker = concern.blocker
    return {
        "event": "attention",
        "kind": concern.kind,
        "lago_id": concern.lago_id,
        "number": concern.number,
        "key": concern.key,
        "state": concern.state.value,
        "code": concern.code,
        "cause": concern.cause,
        "action": concern.action,
        "command": concern.command,
        "since": concern.since.isoformat(),
        "next_attempt_at": concern.next_attempt_at.isoformat() if concern.next_attempt_at else None,
        "netsuite_id": concern.netsuite_id,
        "amount": concern.amount,
        "currency": concern.currency,
        "waits_for": None
        if blocker is None
        else {
            "kind": blocker.kind,
            "number": blocker.number,
            "state": blocker.state.value,
            "since": blocker.since.isoformat(),
        },
    }


def _write_text(found: "Status", now: datetime) -> None:
    from lago_ns_cli.cli.run_lines import write_pace, write_runs
    from lago_ns_cli.cli.writing import write_line, write_table
    from lago_ns_cli.domain.attempts import SETTLED

    if found.counts:
        write_table(
            ("kind", "state", "documents", "oldest for"),
            [
                (
                    count.kind,
                    count.state.value,
                    count.documents,
                    "" if count.state in SETTLED else age(now - count.since),
                )
                for count in found.counts
            ],
        )
    for concern in found.concerns:
        for line in _lines(concern, now):
            write_line(line)
    hidden = found.needs_attention - len(found.concerns)
    if hidden > 0:
        write_line(f"and {hidden} more: lago-ns status --limit {found.needs_attention}")
    if found.runs:
        write_runs(found.runs[:_RUNS])
        write_pace(found.runs)
    parts = [f"{number} {state.value}" for state, number in found.by_state.items()] or ["nothing synced yet"]
    write_line(
        f"summary: {found.documents} documents: {', '.join(parts)}; {found.needs_attention} need attention"
    )


def _lines(concern: "Concern", now: datetime) -> list[str]:
    from lago_ns_cli.cli.calling import as_called
    from lago_ns_cli.cli.writing import clean

    words = [f"{concern.state.value:<9}", concern.kind, clean(concern.number)]
    if concern.amount is not None:
        words.append(f"{clean(concern.amount)} {clean(concern.currency or '')}")
    if concern.netsuite_id is not None:
        words.append(f"→ {clean(concern.netsuite_id)}")
    lines = [
        f"{' '.join(words)}, for {age(now - concern.since)}",
        f"  {clean(concern.code)}: {clean(concern.cause)}",
    ]
    if concern.blocker is not None:
        blocker = concern.blocker
        lines.append(
            f"  waits for {blocker.kind} {clean(blocker.number)}, {blocker.state.value} for {age(now - blocker.since)}"
        )
    lines.append(f"  to do: {concern.action}")
    if concern.next_attempt_at is not None and concern.next_attempt_at > now:
        lines.append(f"  not before: {concern.next_attempt_at.isoformat(timespec='seconds')}")
    if concern.command is not None:
        lines.append(f"  next: {clean(as_called(concern.command))}")
    return lines


def age(passed: timedelta) -> str:
    """Tell a duration in its largest unit: ``45 s``, ``12 min``, ``3 h``, ``5 d``."""
    seconds = max(int(passed.total_seconds()), 0)
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
