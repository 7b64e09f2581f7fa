"""What both sides looked like when somebody agreed to it, as a text for version control.

One row stands on one line, rows and keys in order, so that a change of the tenant is a diff of one line.
Left out is what changes by itself: counts, dates, and the accounting periods.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from lago_ns_cli.domain.catalog import Catalog, CatalogChange, Row, compare_catalogs, row_id, stable_row

VERSION = 1

_CHANGES_BY_ITSELF = frozenset({"periods"})
_AT_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CatalogLock:
    """The sides that were locked, and the NetSuite account whose ids they name."""

    account: str
    catalogs: Mapping[str, Catalog]


def render_lock(catalogs: Sequence[Catalog], account: str) -> str:
    """Write a lock in its canonical form."""
    return "\n".join(_lines(catalogs, account)) + "\n"


def _lines(catalogs: Sequence[Catalog], account: str) -> Iterator[str]:
    yield "{"
    yield f'"version": {VERSION},'
    yield f'"account": {_text(account)},'
    sides = sorted(catalogs, key=lambda catalog: catalog.side)
    for catalog in sides:
        yield f"{_text(catalog.side)}: {{"
        yield f'"features": {_text(dict(catalog.features))},'
        yield f'"unavailable": {_text(sorted(catalog.unavailable))},'
        yield '"sections": {'
        kept = sorted(catalog.sections.keys() - _CHANGES_BY_ITSELF)
        for section in kept:
            yield f"{_text(section)}: ["
            rows = sorted(catalog.rows(section), key=lambda row: _order(row_id(catalog.side, row)))
            yield from _separated(_text(stable_row(row)) for row in rows)
            yield "]" + _comma(section, kept)
        yield "}"
        yield "}" + _comma(catalog, sides)
    yield "}"


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _order(identity: str) -> tuple[int, str]:
    """Numbers by their size, so that a new item stands at the end."""
    return (int(identity), "") if identity.isdecimal() else (0, identity)


def _separated(rows: Iterator[str]) -> Iterator[str]:
    before: str | None = None
    for row in rows:
        if before is not None:
            yield before + ","
        before = row
    if before is not None:
        yield before


def _comma(one: object, all_of_them: Sequence[object]) -> str:
    return "" if one is all_of_them[-1] else ","


def read_lock(text: str) -> CatalogLock:
    """Read a lock.

    Raises:
        ValueError: It is none, or one of another version.
    """
    said = json.loads(text)
    if (
        not isinstance(said, dict)
        or said.get("version") != VERSION
        or not isinstance(said.get("account"), str)
    ):
        raise ValueError(f"it is no lock of version {VERSION}")
    sides = [name for name in ("lago", "netsuite") if name in said]
    return CatalogLock(said["account"], {side: _catalog(side, said[side]) for side in sides})


def _catalog(side: str, said: object) -> Catalog:
    if not isinstance(said, dict) or not isinstance(sections := said.get("sections"), dict):
        raise ValueError(f"{side} has no sections")
    for name, rows in sections.items():
        own = "code" if side == "lago" else "id"
        if not isinstance(rows, list) or not all(isinstance(row, dict) and own in row for row in rows):
            raise ValueError(f"the section {name} of {side} is not a list of rows with {own}")
    features, unavailable = said.get("features") or {}, said.get("unavailable") or []
    if not isinstance(features, dict) or not isinstance(unavailable, list):
        raise ValueError(f"{side} has no features")
    return Catalog(
        side,
        _AT_NO_TIME,
        cast("Mapping[str, Sequence[Row]]", sections),
        features,
        dict.fromkeys(map(str, unavailable), "not offered when it was locked"),
    )


def drift(lock: CatalogLock, fetched: Catalog) -> list[CatalogChange]:
    """List how a side differs from what was locked; a side that was not locked cannot differ."""
    locked = lock.catalogs.get(fetched.side)
    if locked is None:
        return []
    kept = {name: rows for name, rows in fetched.sections.items() if name not in _CHANGES_BY_ITSELF}
    unavailable = {name: why for name, why in fetched.unavailable.items() if name not in _CHANGES_BY_ITSELF}
    now = Catalog(fetched.side, fetched.fetched_at, kept, fetched.features, unavailable)
    # Through its text, as the lock went: a tuple is a list then, and a decimal a text.
    [written] = read_lock(render_lock([now], lock.account)).catalogs.values()
    seen = Catalog(now.side, now.fetched_at, written.sections, now.features, now.unavailable)
    return compare_catalogs(locked, seen)
