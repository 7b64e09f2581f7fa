"""``lago-ns ledger``: the ledger itself."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lago_ns_cli.domain.audit import AuditEntry
    from lago_ns_cli.workflows.rebuild import Relinked

app = typer.Typer(help="The ledger itself.", no_args_is_help=True)


@app.command("rebuild")
def rebuild(
    context: typer.Context,
    from_audit: Annotated[
        Path | None,
        typer.Option("--from-audit", metavar="FILE", help="First bring back the history of an audit export."),
    ] = None,
    wait: Annotated[
        float,
        typer.Option(
            "--wait", metavar="SECONDS", min=0, help="Wait this long for a run that holds the account."
        ),
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Make a lost ledger again: its history from an audit export, its links from NetSuite.

    Nothing is written to NetSuite. A record that is not surely ours stays unknown; the next sync
    looks it up before it creates anything.

    Example: lago-ns ledger rebuild --from-audit trail.jsonl
    """
    import asyncio

    from lago_ns_cli.cli.exit_codes import ExitCode
    from lago_ns_cli.cli.wiring import hold, open_export, open_services
    from lago_ns_cli.workflows.rebuild import relink

    async def run() -> tuple[int, int, list["Relinked"]]:
        async with open_services(context.obj) as services:
            await hold(services, wait_seconds=wait)
            restored, thinned = 0, _Thinned()
            if from_audit is not None:
                with open_export(from_audit) as (header, entries):
                    services.ledger.restore(header, thinned.passing(entries), services.clock.now())
                    restored = header.head.count
            told = relink(services.lago, services.netsuite, services.ledger, services.clock)
            return restored, thinned.count, [one async for one in told]

    restored, thinned, relinked = asyncio.run(run())
    _render(restored, thinned, relinked, as_json=as_json)
    if any(one.left for one in relinked):
        raise typer.Exit(ExitCode.ATTENTION)


class _Thinned:
    """Counts the entries whose contents retention had dropped, as they pass."""

    def __init__(self) -> None:
        self.count = 0

    def passing(self, entries: "Iterable[AuditEntry]") -> "Iterator[AuditEntry]":
        for entry in entries:
            self.count += entry.pruned_at is not None
            yield entry


def _render(restored: int, thinned: int, relinked: list["Relinked"], *, as_json: bool) -> None:
    from dataclasses import asdict

    from lago_ns_cli.cli.render import clean, write_json, write_line, write_table

    linked, left = sum(one.linked for one in relinked), sum(len(one.left) for one in relinked)
    if as_json:
        for one in relinked:
            write_json({"event": "relinked", **asdict(one)})
        write_json(
            {"event": "summary", "restored": restored, "pruned": thinned, "linked": linked, "left": left}
        )
        return
    columns = ("record", "ours", "linked", "known", "left")
    write_table(columns, [(o.record_type, o.records, o.linked, o.known, len(o.left)) for o in relinked])
    for one in relinked:
        for internal_id, why in one.left.items():
            write_line(f"left      {one.record_type} {clean(internal_id)}: {clean(why)}")
    if thinned:
        write_line(
            f"pruned    {thinned} entries had lost their contents to retention: states, links, numbers and amounts "
            "are restored, what was sent and what Lago said is not"
        )
    write_line(
        f"summary: {restored} entries of the trail restored, {linked} records linked, {left} left to the next sync"
    )
