"""``lago-ns status``: where every document stands, and what needs somebody."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lago_ns_cli.workflows.status import Concern, Status


def status(
    context: typer.Context,
    limit: Annotated[
        int, typer.Option(metavar="N", min=0, help="Tell about at most this many documents one by one.")
    ] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show where every document stands, and of those that need somebody the cause and the next command.

    Only the ledger is read; nothing is called. Exit 1 if anything is not settled.

    Example: lago-ns status --limit 100
    """
    from datetime import UTC

    from lago_ns_cli.cli.basics import open_to_look
    from lago_ns_cli.cli.exit_codes import ExitCode
    from lago_ns_cli.workflows.status import read_status

    with open_to_look(context.obj) as ledger:
        found = read_status(ledger, limit=limit)
    if as_json:
        _write_events(found)
    else:
        _write_text(found, datetime.now(UTC))
    if found.needs_attention:
        raise typer.Exit(ExitCode.ATTENTION)


def _write_events(found: "Status") -> None:
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
    parts = [f"{number} {state.value}" for state, number in found.by_state.items()] or ["nothing synced yet"]
    write_line(
        f"summary: {found.documents} documents: {', '.join(parts)}; {found.needs_attention} need attention"
    )


def _lines(concern: "Concern", now: datetime) -> list[str]:
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
        lines.append(f"  next: {clean(concern.command)}")
    return lines


def age(passed: timedelta) -> str:
    """Tell a duration in its largest unit: ``45 s``, ``12 min``, ``3 h``, ``5 d``."""
    seconds = max(int(passed.total_seconds()), 0)
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
