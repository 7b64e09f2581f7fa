"""Shows what a fetch brought, what of it drifted, and what was stored."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from lago_ns_cli.cli.render import clean, say, write_json, write_line, write_table
from lago_ns_cli.domain.carrying_on import PUSH_OBJECTS
from lago_ns_cli.domain.catalog import Catalog, CatalogChange
from lago_ns_cli.domain.lago_objects import ObjectsPlan
from lago_ns_cli.domain.object_clearing import ObjectWaiting
from lago_ns_cli.workflows.fetch_catalog import CatalogFetched
from lago_ns_cli.workflows.push_catalog import ObjectsStored

DEFAULT_LOCK = Path("schema.lock.json")
"""The lock that ``--check`` compares with where none is named."""

_TOLD_AT_MOST = 20
"""Refused objects that are told of one by one: a missing permission refuses all of them alike."""


class FetchPrinter:
    """Prints the parts of a fetch as they come.

    Attributes:
        catalogs: What was fetched, Lago's side first.
        needs_attention: Whether anything drifted or was refused.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self.catalogs: list[Catalog] = []
        self.needs_attention = False

    def fetched(self, fetched: CatalogFetched) -> None:
        """Print one side: its sections, what changed since the last fetch, and the summary."""
        self.catalogs.append(fetched.catalog)
        if self._as_json:
            for change in fetched.changes:
                write_json({"event": "change", **asdict(change), "how": change.how})
            write_json(
                {
                    "event": "summary",
                    "side": fetched.side,
                    "sections": dict(fetched.counts),
                    "unavailable": dict(fetched.unavailable),
                    "changes": len(fetched.changes),
                    "fingerprint": fetched.catalog.fingerprint,
                }
            )
            return
        rows: list[tuple[object, ...]] = [
            (fetched.side, name, count, "") for name, count in fetched.counts.items()
        ]
        rows += [(fetched.side, name, "–", why) for name, why in fetched.unavailable.items()]
        write_table(("side", "section", "rows", "note"), rows)
        for change in fetched.changes:
            write_line(_line(change))
        changed = "first fetch" if fetched.first else f"{len(fetched.changes)} changes"
        write_line(
            f"summary: {fetched.side}: {sum(fetched.counts.values())} rows, "
            f"fingerprint {fetched.catalog.fingerprint[:12]}, {changed}"
        )

    def drift(self, changes: Sequence[CatalogChange]) -> None:
        """Print how the tenant differs from its lock."""
        self.needs_attention = self.needs_attention or bool(changes)
        for change in changes:
            if self._as_json:
                write_json({"event": "drift", **asdict(change), "how": change.how})
            else:
                write_line("drift   " + _line(change))
        if self._as_json:
            write_json({"event": "summary", "drift": len(changes)})
        else:
            write_line(f"summary: {len(changes) or 'no'} differences from the lock")

    def planned(self, plan: ObjectsPlan) -> None:
        """Print what would be stored."""
        for word, objects in (("store", plan.write), ("retire", plan.gone)):
            for one in objects:
                if self._as_json:
                    write_json({"event": "plan", "action": word, "key": one.key, "object": one.title})
                else:
                    write_line(f"{word:<8}{clean(one.title)} {clean(one.name or '')}")
        counts = {"store": len(plan.write), "retire": len(plan.gone), "unchanged": plan.unchanged}
        if self._as_json:
            write_json({"event": "summary", "dry_run": True, **counts})
        else:
            told = ", ".join(f"{count} {word}" for word, count in counts.items())
            write_line(f"summary: Lago objects in NetSuite: would be {told}")

    def stored(self, told: ObjectsStored) -> None:
        """Print what was stored and what was refused."""
        self.needs_attention = self.needs_attention or bool(told.failures or told.waiting or told.left)
        for title in told.too_long:
            say(f"notice: {clean(title)} is too long for NetSuite's field and is stored without its JSON")
        for number, failure in enumerate(told.failures):
            if self._as_json:
                write_json({"event": "result", **asdict(failure)})
            elif number < _TOLD_AT_MOST:
                write_line(
                    f"refused {clean(failure.key)}: {clean(failure.code)}: {clean(failure.message)}\n"
                    f"        hint: lago-ns errors {clean(failure.code)}"
                )
        self._waiting(told.waiting)
        left = len(told.failures) - _TOLD_AT_MOST
        if left > 0 and not self._as_json:
            write_line(f"refused {left} more; --json tells of each")
        counts = {
            "created": told.created,
            "updated": told.updated,
            "deactivated": told.deactivated,
            "unchanged": told.unchanged,
            "refused": len(told.failures),
            "found": told.found,
            "waiting": len(told.waiting),
            "left": told.left,
        }
        if self._as_json:
            write_json({"event": "summary", "stored": counts})
        else:
            always = ("created", "updated", "deactivated", "unchanged", "refused")
            said = ", ".join(f"{count} {word}" for word, count in counts.items() if count or word in always)
            write_line(f"summary: Lago objects in NetSuite: {said}")

    def _waiting(self, waiting: Sequence[ObjectWaiting]) -> None:
        for number, one in enumerate(waiting):
            until = one.until.isoformat(timespec="seconds")
            if self._as_json:
                write_json({"event": "result", "outcome": "waiting", **asdict(one), "until": until})
            elif number < _TOLD_AT_MOST:
                write_line(
                    f"waiting {clean(one.name)}: {clean(one.reason)}; not written again before {until}\n"
                    f"        hint: {PUSH_OBJECTS}"
                )
        left = len(waiting) - _TOLD_AT_MOST
        if left > 0 and not self._as_json:
            write_line(f"waiting {left} more; --json tells of each")

    def locked(self, path: Path) -> None:
        """Tell that the lock was written."""
        named = "" if path == DEFAULT_LOCK else f" --lock {path}"
        say(f"{path}: written; commit it, and check against it with lago-ns fetch-catalog --check{named}")


def _line(change: CatalogChange) -> str:
    told = f" ({clean(change.how)})" if change.fields else ""
    where = f"{change.side} {change.section}"
    return f"{change.change:<8}{where} {clean(change.id)} {clean(change.name)}{told}"
