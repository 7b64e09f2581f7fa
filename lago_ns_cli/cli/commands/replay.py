"""``lago-ns replay``: takes held, waiting, pending or in-doubt entries up again."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lago_ns_cli.cli.wiring import Services
    from lago_ns_cli.domain.attempts import State
    from lago_ns_cli.workflows.replay import ReplayChoice
    from lago_ns_cli.workflows.reports import SyncEvent


def replay(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[DOCUMENT]...", help="Numbers, Lago ids or keys.")
    ] = None,
    held: Annotated[bool, typer.Option("--held", help="Those that are held.")] = False,
    in_doubt: Annotated[
        bool, typer.Option("--in-doubt", help="Those in doubt: they are looked up now.")
    ] = False,
    waiting: Annotated[bool, typer.Option("--waiting", help="Those that wait for a parent.")] = False,
    code: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Those open for this reason.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Open since this day or later."),
    ] = None,
    as_sent: Annotated[
        bool,
        typer.Option("--as-sent", help="Send what was sent, instead of translating with today's mapping."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be taken up.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    wait: Annotated[
        float,
        typer.Option(
            "--wait", metavar="SECONDS", min=0, help="Wait this long for a run that holds the account."
        ),
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Take entries up again, after whatever held them was mended.

    Example: lago-ns replay --held --code item_unmapped
    """
    from lago_ns_cli.cli.running import run_events
    from lago_ns_cli.workflows.replay import ReplayChoice

    choice = ReplayChoice(
        names=tuple(names or ()),
        states=_states(held=held, in_doubt=in_doubt, waiting=waiting),
        codes=frozenset(code or ()),
        since=since.astimezone() if since else None,
        as_sent=as_sent,
    )
    everything = not (choice.names or choice.states or choice.codes or choice.since)
    if dry_run:
        _list(context, choice, as_json=as_json)
        return
    if (as_sent or everything) and not yes:
        _ask("Send again exactly what was sent?" if as_sent else "Take up every open entry?")
    run_events(context.obj, lambda services: _events(services, choice, wait), as_json=as_json)


def _states(*, held: bool, in_doubt: bool, waiting: bool) -> "frozenset[State]":
    from lago_ns_cli.domain.attempts import State

    chosen = set()
    if held:
        chosen.add(State.HELD)
    if in_doubt:
        chosen |= {State.IN_DOUBT, State.SENDING}
    if waiting:
        chosen |= {State.WAITING, State.PENDING}
    return frozenset(chosen)


def _ask(question: str) -> None:
    import sys

    from lago_ns_cli.errors import ConfigError

    if not sys.stdin.isatty():
        raise ConfigError(f"{question} There is no terminal to ask on.", hint="Add --yes if you mean it.")
    if not typer.confirm(question, err=True):
        raise typer.Exit


async def _events(services: "Services", choice: "ReplayChoice", wait: float) -> AsyncIterator["SyncEvent"]:
    from lago_ns_cli.cli.wiring import quarantine, start_run
    from lago_ns_cli.domain.exchange import Selection
    from lago_ns_cli.workflows.replay import choose, replay

    pause = quarantine(services)
    run = await start_run(services, Selection(), wait_seconds=wait)
    async for event in replay(run, choose(run.ledger, choice), as_sent=choice.as_sent, quarantine=pause):
        yield event


def _list(context: typer.Context, choice: "ReplayChoice", *, as_json: bool) -> None:
    from lago_ns_cli.cli.render import write_json, write_line, write_table
    from lago_ns_cli.cli.wiring import open_ledger
    from lago_ns_cli.workflows.replay import choose

    with open_ledger(context.obj) as ledger:
        entries = choose(ledger, choice)
    if as_json:
        for entry in entries:
            write_json(
                {
                    "event": "entry",
                    "kind": str(entry.kind),
                    "number": entry.number,
                    "state": entry.state.value,
                    "code": entry.code,
                    "reason": entry.reason,
                }
            )
        write_json({"event": "summary", "entries": len(entries)})
        return
    rows = [(entry.kind, entry.number, entry.state.value, entry.code, entry.reason) for entry in entries]
    write_table(("kind", "document", "state", "code", "reason"), rows)
    write_line(f"summary: {len(entries)} entries would be taken up")
