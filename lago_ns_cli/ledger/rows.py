"""Reading and writing the rows of one profile; every function takes the connection of a transaction."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, insert, select, update

from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId
from lago_ns_cli.ledger.tables import attempts, entries, links

_KEYS_IN_ONE_QUERY = 500  # SQLite takes 999 parameters where it is old

_COLUMNS = tuple(column.name for column in entries.columns if column.name not in ("id", "profile_id"))
_FIXED = ("key", "kind", "lago_id", "created_at")


def load_entries(connection: Connection, profile: int, keys: Collection[Key]) -> dict[Key, Entry]:
    """Load entries by key; unknown keys are absent."""
    found = {}
    for some in _chunks(keys):
        rows = connection.execute(_entries_of(profile).where(entries.c.key.in_(some)))
        found.update({Key(row.key): _entry(row) for row in rows})
    return found


def load_entries_in(
    connection: Connection, profile: int, states: Collection[State], kind: str | None
) -> list[Entry]:
    """Load entries by state, in their order of arrival."""
    query = _entries_of(profile).where(entries.c.state.in_(sorted(states))).order_by(entries.c.id)
    if kind is not None:
        query = query.where(entries.c.kind == kind)
    return [_entry(row) for row in connection.execute(query)]


def write_entries(
    connection: Connection, profile: int, before: Mapping[Key, Entry], after: Sequence[Entry]
) -> None:
    """Insert new entries and update those that changed."""
    new = [_values(profile, entry) for entry in after if entry.key not in before]
    changed = [entry for entry in after if entry.key in before and before[entry.key] != entry]
    if new:
        connection.execute(insert(entries), new)
    if changed:
        connection.execute(_UPDATE, [_update_values(profile, entry) for entry in changed])


def load_links(connection: Connection, profile: int, keys: Collection[Key]) -> dict[Key, InternalId]:
    """Load the internal ids that are known."""
    found = {}
    for some in _chunks(keys):
        query = select(links.c.key, links.c.netsuite_id).where(links.c.profile_id == profile)
        rows = connection.execute(query.where(links.c.key.in_(some)))
        found.update({Key(row.key): InternalId(row.netsuite_id) for row in rows})
    return found


def write_links(
    connection: Connection,
    profile: int,
    known: Mapping[Key, InternalId],
    after: Iterable[Entry],
    at: datetime,
) -> None:
    """Insert the links that are new; a known link is never touched."""
    new = [
        {"profile_id": profile, "key": entry.key, "netsuite_id": entry.netsuite_id, "linked_at": at}
        for entry in after
        if entry.netsuite_id is not None and entry.key not in known
    ]
    if new:
        connection.execute(insert(links), new)


def load_attempt_counts(connection: Connection, profile: int, keys: Collection[Key]) -> dict[Key, int]:
    """Count attempts by key; keys without one are absent."""
    counts = {}
    for some in _chunks(keys):
        query = (
            select(attempts.c.key, func.max(attempts.c.number).label("last"))
            .where(attempts.c.profile_id == profile, attempts.c.key.in_(some))
            .group_by(attempts.c.key)
        )
        counts.update({Key(row.key): int(row.last) for row in connection.execute(query)})
    return counts


def load_open_attempts(connection: Connection, profile: int, keys: Collection[Key]) -> dict[Key, int]:
    """Load the row ids of open attempts by key."""
    found = {}
    for some in _chunks(keys):
        query = select(attempts.c.key, attempts.c.id).where(
            attempts.c.profile_id == profile, attempts.c.key.in_(some), attempts.c.finished_at.is_(None)
        )
        found.update({Key(row.key): int(row.id) for row in connection.execute(query)})
    return found


def _entries_of(profile: int) -> Select[Any]:
    linked = entries.outerjoin(
        links, and_(links.c.profile_id == entries.c.profile_id, links.c.key == entries.c.key)
    )
    return select(entries, links.c.netsuite_id).select_from(linked).where(entries.c.profile_id == profile)


def _entry(row: Row[Any]) -> Entry:
    columns = dict(row._mapping)
    del columns["id"], columns["profile_id"]
    columns["key"] = Key(columns["key"])
    columns["lago_id"] = LagoId(columns["lago_id"])
    columns["state"] = State(columns["state"])
    return Entry(**columns)


def _values(profile: int, entry: Entry) -> dict[str, object]:
    return {"profile_id": profile, **{name: getattr(entry, name) for name in _COLUMNS}}


def _update_values(profile: int, entry: Entry) -> dict[str, object]:
    return {"at_profile": profile, "at_key": entry.key} | {
        name: getattr(entry, name) for name in _COLUMNS if name not in _FIXED
    }


_UPDATE = (
    update(entries)
    .where(entries.c.profile_id == bindparam("at_profile"), entries.c.key == bindparam("at_key"))
    .values({name: bindparam(name) for name in _COLUMNS if name not in _FIXED})
)


def _chunks(keys: Collection[Key]) -> Iterator[list[Key]]:
    remaining = iter(dict.fromkeys(keys))
    while some := list(islice(remaining, _KEYS_IN_ONE_QUERY)):
        yield some
