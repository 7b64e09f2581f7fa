"""Reading and writing the rows of one profile; every function takes the connection of a transaction."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from lago_ns_cli.domain.attempts import SETTLED, Entry, Fact, State
from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId
from lago_ns_cli.domain.write_back import back_prefix
from lago_ns_cli.ledger.tables import entries, facts, links

_Text = TypeVar("_Text", bound=str)

_KEYS_IN_ONE_QUERY = 500  # SQLite takes 999 parameters where it is old

_COLUMNS = tuple(column.name for column in entries.columns if column.name not in ("id", "profile_id"))
_FIXED = ("key", "kind", "lago_id", "created_at")


def load_entries(connection: Connection, profile: int, keys: Collection[Key]) -> dict[Key, Entry]:
    """Load entries by key; unknown keys are absent."""
    found = {}
    for some in chunks(keys):
        rows = connection.execute(_entries_of(profile).where(entries.c.key.in_(some)))
        found.update({Key(row.key): _entry(row) for row in rows})
    return found


def load_entries_in(
    connection: Connection, profile: int, states: Collection[State], kind: str | None, limit: int | None
) -> list[Entry]:
    """Load entries by state, in their order of arrival."""
    query = _entries_of(profile).where(entries.c.state.in_(sorted(states))).order_by(entries.c.id)
    if kind is not None:
        query = query.where(entries.c.kind == kind)
    if limit is not None:
        query = query.limit(limit)
    return [_entry(row) for row in connection.execute(query)]


def load_entries_named(connection: Connection, profile: int, names: Collection[str]) -> list[Entry]:
    """Load entries by number, Lago id or key, in their order of arrival."""
    found: dict[int, Entry] = {}
    for some in chunks(names):
        named = or_(entries.c.key.in_(some), entries.c.lago_id.in_(some), entries.c.number.in_(some))
        for row in connection.execute(_entries_of(profile).where(named)):
            found[row.id] = _entry(row)
    return [found[identity] for identity in sorted(found)]


def load_entries_lacking(
    connection: Connection, profile: int, kind: str, back: str, after: Key | None, limit: int
) -> list[Entry]:
    """Load posted entries of a kind that Lago was not told about, by ascending key."""
    told, spoken_of = entries.alias("told"), links.alias("spoken_of")
    known = (
        select(told.c.id)
        .join(
            spoken_of,
            and_(spoken_of.c.profile_id == told.c.profile_id, spoken_of.c.key == told.c.key),
        )
        .where(
            told.c.profile_id == profile,
            told.c.key == literal(back_prefix(back)) + func.lower(entries.c.lago_id),
            told.c.state.in_(sorted(SETTLED)),
            spoken_of.c.netsuite_id == links.c.netsuite_id,
        )
        .correlate(entries, links)
    )
    query = _entries_of(profile).where(
        entries.c.kind == kind, entries.c.state == State.POSTED.value, ~known.exists()
    )
    if after is not None:
        query = query.where(entries.c.key > after)
    return [_entry(row) for row in connection.execute(query.order_by(entries.c.key).limit(limit))]


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
    for some in chunks(keys):
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
    """Insert the links that are new, replace those that a move has changed, and drop those that it took away."""
    after = list(after)
    gone = [entry.key for entry in after if entry.netsuite_id is None and entry.key in known]
    for some in chunks(gone):
        mine = delete(links).where(links.c.profile_id == profile)
        connection.execute(mine.where(links.c.key.in_(some)))
    new = [
        {"profile_id": profile, "key": entry.key, "netsuite_id": entry.netsuite_id, "linked_at": at}
        for entry in after
        if entry.netsuite_id is not None and entry.key not in known
    ]
    if new:
        connection.execute(insert(links), new)
    changed = [
        {"at_key": entry.key, "netsuite_id": entry.netsuite_id, "linked_at": at}
        for entry in after
        if entry.netsuite_id is not None and known.get(entry.key, entry.netsuite_id) != entry.netsuite_id
    ]
    if changed:
        connection.execute(_RELINK.where(links.c.profile_id == profile), changed)


def load_facts(connection: Connection, profile: int, keys: Collection[Key]) -> dict[Key, dict[str, str]]:
    """Load facts by key and name; keys without one are absent."""
    found: dict[Key, dict[str, str]] = {}
    for some in chunks(keys):
        query = select(facts.c.key, facts.c.name, facts.c.value).where(facts.c.profile_id == profile)
        for row in connection.execute(query.where(facts.c.key.in_(some))):
            found.setdefault(Key(row.key), {})[row.name] = row.value
    return found


def load_facts_named(connection: Connection, profile: int, name: str) -> dict[Key, str]:
    """Load the values of one name by key."""
    query = select(facts.c.key, facts.c.value).where(facts.c.profile_id == profile, facts.c.name == name)
    return {Key(row.key): row.value for row in connection.execute(query)}


def load_longest(connection: Connection, profile: int) -> dict[tuple[str, State], datetime]:
    """Load, by kind and state, when the entry that changed longest ago did so."""
    query = (
        select(entries.c.kind, entries.c.state, func.min(entries.c.updated_at).label("since"))
        .where(entries.c.profile_id == profile)
        .group_by(entries.c.kind, entries.c.state)
    )
    return {(row.kind, State(row.state)): row.since for row in connection.execute(query)}


def write_facts(connection: Connection, profile: int, new: Sequence[Fact], at: datetime) -> list[Fact]:
    """Write facts; of two with one key and name the later stands, and one that is known keeps its time.

    Returns:
        Those that are new or have a new value.
    """
    known = load_facts(connection, profile, [fact.key for fact in new])
    last = {(fact.key, fact.name): fact.value for fact in new}
    changed = {key: value for key, value in last.items() if known.get(key[0], {}).get(key[1]) != value}
    if not changed:
        return []
    replaced = [{"at_key": key, "at_name": name} for key, name in changed if name in known.get(key, {})]
    if replaced:
        connection.execute(_FORGET.where(facts.c.profile_id == profile), replaced)
    rows = [
        {"profile_id": profile, "key": key, "name": name, "value": value, "recorded_at": at}
        for (key, name), value in changed.items()
    ]
    connection.execute(insert(facts), rows)
    return [Fact(key, name, value) for (key, name), value in changed.items()]


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


_RELINK = (
    update(links)
    .where(links.c.key == bindparam("at_key"))
    .values(netsuite_id=bindparam("netsuite_id"), linked_at=bindparam("linked_at"))
)

_FORGET = delete(facts).where(facts.c.key == bindparam("at_key"), facts.c.name == bindparam("at_name"))


def chunks(keys: Collection[_Text]) -> Iterator[list[_Text]]:
    """Cut keys, each once, into as many as a query takes."""
    remaining = iter(dict.fromkeys(keys))
    while some := list(islice(remaining, _KEYS_IN_ONE_QUERY)):
        yield some
