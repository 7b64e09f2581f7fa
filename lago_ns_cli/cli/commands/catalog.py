"""``lago-ns fetch-catalog``: what can be mapped, from both sides."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lago_ns_cli.workflows.fetch_catalog import CatalogFetched


class Side(StrEnum):
    """Which side to fetch from."""

    BOTH = "both"
    LAGO = "lago"
    NETSUITE = "netsuite"


def fetch_catalog(
    context: typer.Context,
    side: Annotated[Side, typer.Option(help="Fetch from one side only.")] = Side.BOTH,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Fetch what can be mapped from Lago and NetSuite, and tell what changed.

    Example: lago-ns fetch-catalog
    """
    import asyncio

    from lago_ns_cli.cli.wiring import open_services
    from lago_ns_cli.workflows.fetch_catalog import fetch_lago_catalog, fetch_netsuite_catalog

    async def run() -> list["CatalogFetched"]:
        fetched = []
        async with open_services(
            context.obj, lago=side != Side.NETSUITE, netsuite=side != Side.LAGO
        ) as services:
            if side != Side.NETSUITE:
                fetched.append(await fetch_lago_catalog(services.lago, services.ledger, services.clock))
            if side != Side.LAGO:
                fetched.append(
                    await fetch_netsuite_catalog(services.netsuite, services.ledger, services.clock)
                )
        return fetched

    for fetched in asyncio.run(run()):
        _render(fetched, as_json=as_json)


def _render(fetched: "CatalogFetched", *, as_json: bool) -> None:
    from dataclasses import asdict

    from lago_ns_cli.cli.render import clean, write_json, write_line, write_table

    if as_json:
        for change in fetched.changes:
            write_json({"event": "change", **asdict(change)})
        write_json(
            {
                "event": "summary",
                "side": fetched.side,
                "sections": dict(fetched.counts),
                "unavailable": dict(fetched.unavailable),
                "changes": len(fetched.changes),
            }
        )
        return
    rows: list[tuple[object, ...]] = [
        (fetched.side, name, count, "") for name, count in fetched.counts.items()
    ]
    rows += [(fetched.side, name, "–", why) for name, why in fetched.unavailable.items()]
    write_table(("side", "section", "rows", "note"), rows)
    for change in fetched.changes:
        write_line(
            f"{change.change:<8}{fetched.side} {change.section} {clean(change.id)} {clean(change.name)}"
        )
    changed = "first fetch" if fetched.first else f"{len(fetched.changes)} changes"
    write_line(f"summary: {fetched.side}: {sum(fetched.counts.values())} rows, {changed}")
