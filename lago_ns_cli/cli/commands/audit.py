"""``lago-ns audit``: the trail of what was meant, sent, answered and decided."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lago_ns_cli.domain.audit import AuditEntry
    from lago_ns_cli.workflows.audit import Verified

app = typer.Typer(help="The trail of all that was sent, answered and decided.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


class Event(StrEnum):
    """What entries tell of."""

    INTENT = "intent"
    OUTCOME = "outcome"
    CHANGE = "change"
    FACT = "fact"
    LEASE = "lease"
    PRUNE = "prune"
    DECISION = "decision"
    RESTORE = "restore"
    COMMAND = "command"


@app.command("list")
def list_entries(
    context: typer.Context,
    document: Annotated[
        str | None, typer.Argument(metavar="[DOCUMENT]", help="Only of this number, Lago id or key.")
    ] = None,
    event: Annotated[Event | None, typer.Option(help="Only of this event.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Of this day or later.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Before this day.")
    ] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="The latest so many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List entries of the trail, oldest first; days are UTC.

    Example: lago-ns audit list HOO-2026-001
    """
    from datetime import UTC

    from lago_ns_cli.cli.render import write_json, write_line, write_table
    from lago_ns_cli.cli.wiring import open_ledger
    from lago_ns_cli.domain.audit import AuditEvent, AuditQuery
    from lago_ns_cli.errors import ConfigError

    query = AuditQuery(
        document=document,
        event=None if event is None else AuditEvent(event.value),
        since=None if since is None else since.replace(tzinfo=UTC),
        until=None if until is None else until.replace(tzinfo=UTC),
        limit=limit,
    )
    with open_ledger(context.obj) as ledger:
        found = list(ledger.trail.entries(query))
        head = ledger.trail.head()
    if document is not None and not found and (event, since, until) == (None, None, None):
        raise ConfigError(
            f"The audit trail has no entry of {document}.",
            hint="Give a number, a Lago id or a key, as lago-ns status and audit list show them.",
        )
    if as_json:
        for entry in found:
            write_json({"event": "entry", "entry": _shown(entry)})
        write_json({"event": "summary", "entries": len(found), "head": str(head)})
        return
    write_table(_COLUMNS, [_row(entry) for entry in found])
    write_line(f"summary: {len(found)} of {head.count} entries")


_COLUMNS = ("entry", "at", "event", "kind", "document", "detail", "state", "code", "netsuite", "amount")


def _row(entry: "AuditEntry") -> tuple[object, ...]:
    amount = None if entry.amount is None else f"{entry.amount} {entry.currency or ''}".strip()
    return (
        entry.sequence,
        f"{entry.at:%Y-%m-%dT%H:%M:%SZ}",
        entry.event.value,
        entry.kind,
        entry.number or entry.key,
        entry.detail,
        entry.state,
        entry.code,
        entry.netsuite_id,
        amount,
    )


def _shown(entry: "AuditEntry") -> "Mapping[str, object]":
    """Give an entry without its contents."""
    from typing import cast

    from lago_ns_cli.domain.audit_export import entry_json

    long = ("content", "original", "original_base64", "redacted")
    whole = cast("Mapping[str, object]", entry_json(entry)["entry"])
    return {name: value for name, value in whole.items() if name not in long}


@app.command("show")
def show(
    context: typer.Context,
    sequence: Annotated[
        int, typer.Argument(metavar="ENTRY", help="The number of the entry, as audit list shows it.")
    ],
    redact: Annotated[bool, typer.Option("--redact", help="Blank names, addresses and e-mails.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one entry whole: what was sent or answered, and what Lago had said.

    Example: lago-ns audit show 42
    """
    import json

    from lago_ns_cli.cli.render import clean, write_json, write_line
    from lago_ns_cli.cli.wiring import open_ledger
    from lago_ns_cli.domain.audit_export import entry_json
    from lago_ns_cli.errors import ConfigError
    from lago_ns_cli.workflows import audit

    with open_ledger(context.obj) as ledger:
        entry = ledger.trail.entry(sequence)
        if entry is None:
            raise ConfigError(f"The audit trail has no entry {sequence}.", hint="lago-ns audit list")
        line = entry_json(audit.redacted(ledger.trail, entry) if redact else entry)
    if as_json:
        write_json(line)
        return
    for text in json.dumps(line["entry"], indent=2).splitlines():
        indent = len(text) - len(text.lstrip())
        write_line(" " * indent + clean(text.lstrip()))


@app.command("verify")
def verify(
    context: typer.Context,
    head: Annotated[
        str | None, typer.Option(metavar="COUNT:HASH", help="A head that was noted elsewhere.")
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Check an export instead of the ledger.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check that no entry was edited, deleted, moved or cut off, and show the head of the trail.

    Note the head elsewhere: whoever can write to the ledger could write the whole trail anew,
    but not with the same head.

    Example: lago-ns audit verify
    """
    from lago_ns_cli.cli.exit_codes import ExitCode
    from lago_ns_cli.cli.wiring import open_ledger
    from lago_ns_cli.domain.audit_export import read_head
    from lago_ns_cli.workflows import audit

    noted = None if head is None else read_head(head)
    if source is None:
        with open_ledger(context.obj) as ledger:
            verified = audit.verify(ledger.trail, ledger.header(), noted)
    else:
        from lago_ns_cli.cli.wiring import open_export

        with open_export(source) as (header, entries):
            verified = audit.verify_entries(entries, header, noted)
    _render_verified(verified, as_json=as_json)
    if verified.findings:
        raise typer.Exit(ExitCode.ATTENTION)


def _render_verified(verified: "Verified", *, as_json: bool) -> None:
    from dataclasses import asdict

    from lago_ns_cli.cli.render import write_json, write_line

    for finding in verified.findings:
        if as_json:
            write_json({"event": "finding", **asdict(finding)})
        else:
            where = "the trail" if finding.sequence is None else f"entry {finding.sequence}"
            write_line(f"broken    {where}: {finding.problem}")
    if as_json:
        write_json(
            {
                "event": "summary",
                "intact": not verified.findings,
                "entries": verified.head.count,
                "findings": len(verified.findings),
                "pruned": verified.pruned,
                "redacted": verified.unread,
                "head": str(verified.head),
            }
        )
        return
    result = f"{len(verified.findings)} findings" if verified.findings else "intact"
    if verified.pruned:
        write_line(
            f"pruned    {verified.pruned} entries lost their contents to retention; their words are checked"
        )
    if verified.unread:
        write_line(
            f"redacted  {verified.unread} entries do not tell all that was written; the chain is checked, and their "
            "blanked parts only against an export without --redact"
        )
    write_line(f"summary: {verified.head.count} entries, {result}; head {verified.head}")


@app.command("export")
def export(
    context: typer.Context,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a file that only you may read.")
    ] = None,
    redact: Annotated[bool, typer.Option("--redact", help="Blank names, addresses and e-mails.")] = False,
) -> None:
    """Write the whole trail as JSON lines, from which a ledger can be made again.

    With --redact, keys, hashes and amounts stay and the chain can still be checked.

    Example: lago-ns audit export --output trail.jsonl
    """
    from lago_ns_cli.cli.render import say, write_json
    from lago_ns_cli.cli.wiring import open_ledger
    from lago_ns_cli.workflows import audit

    with open_ledger(context.obj) as ledger:
        lines = audit.export(ledger.trail, ledger.header(), redact=redact)
        if output is None:
            for line in lines:
                write_json(line)
        else:
            _write_file(output, lines)
            say(f"written: {output}")


def _write_file(path: Path, lines: "Iterator[dict[str, object]]") -> None:
    from lago_ns_cli.cli.render import write_json
    from lago_ns_cli.errors import ConfigError
    from lago_ns_cli.private_files import create_private_file

    try:
        if not create_private_file(path):
            raise ConfigError(f"{path} exists already.", hint="Name a new file.")
        with path.open("w", encoding="utf-8") as stream:
            for line in lines:
                write_json(line, stream)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}.", hint="Name another file."
        ) from error


@app.command("prune")
def prune(
    context: typer.Context,
    before: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Entries before this day (UTC).")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Drop the contents of old entries for good; keys, hashes and amounts stay, and the chain holds.

    Documents that still need something keep theirs. That it was done is an entry of the trail.

    Example: lago-ns audit prune --before 2019-01-01
    """
    from datetime import UTC

    from lago_ns_cli.cli.render import write_json, write_line
    from lago_ns_cli.cli.wiring import SystemClock, open_ledger

    until = before.replace(tzinfo=UTC)
    with open_ledger(context.obj) as ledger:
        count = ledger.trail.prunable(until)
        if count and not yes:
            _ask(f"Drop the contents of {count} entries before {until:%Y-%m-%d}, for good?")
        pruned = ledger.trail.prune(until, SystemClock().now()) if count else 0
    if as_json:
        write_json({"event": "summary", "pruned": pruned, "before": f"{until:%Y-%m-%d}"})
    else:
        write_line(f"summary: {pruned} entries before {until:%Y-%m-%d} lost their contents")


def _ask(question: str) -> None:
    import sys

    from lago_ns_cli.errors import ConfigError

    if not sys.stdin.isatty():
        raise ConfigError(f"{question} There is no terminal to ask on.", hint="Add --yes if you mean it.")
    if not typer.confirm(question, err=True):
        raise typer.Exit
