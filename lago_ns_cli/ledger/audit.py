"""The audit trail in the ledger: written with the state change it tells of, read in its order."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, and_, func, insert, null, or_, select, update

from lago_ns_cli.domain.attempts import SETTLED
from lago_ns_cli.domain.audit import (
    UNPRUNED,
    AuditDraft,
    AuditEntry,
    AuditEvent,
    AuditQuery,
    Head,
    genesis,
    link_in,
)
from lago_ns_cli.domain.audit_events import draft_prune
from lago_ns_cli.ledger import codec
from lago_ns_cli.ledger.engine import begin_writing, ledger_errors
from lago_ns_cli.ledger.tables import audit, entries, profiles

_COMPRESSED = ("content", "original")
_COLUMNS = tuple(field.name for field in fields(AuditEntry) if field.name != "redacted")
_READ_AT_ONCE = 200
"""Entries in memory while a trail is read."""


def load_head(connection: Connection, profile: int) -> Head:
    """Load the end of a profile's trail."""
    row = connection.execute(
        select(profiles.c.audit_count, profiles.c.audit_hash).where(profiles.c.id == profile)
    ).one()
    return Head(row.audit_count, row.audit_hash)


def append(
    connection: Connection, profile: int, drafts: Sequence[AuditDraft], at: datetime, run: str | None
) -> list[int]:
    """Write drafts behind the head, within the transaction of the change they tell of.

    Returns:
        Their places in the trail.
    """
    head, linked = load_head(connection, profile), []
    for draft in drafts:
        entry = link_in(draft, head, at, run)
        head = Head(entry.sequence, entry.hash)
        linked.append(entry)
    write(connection, profile, linked, head)
    return [entry.sequence for entry in linked]


def write(connection: Connection, profile: int, linked: Sequence[AuditEntry], head: Head) -> None:
    """Write entries that have their place, and the new head."""
    if not linked:
        return
    connection.execute(insert(audit), [_values(profile, entry) for entry in linked])
    connection.execute(
        update(profiles).where(profiles.c.id == profile).values(audit_count=head.count, audit_hash=head.hash)
    )


def load(connection: Connection, profile: int, sequences: Sequence[int]) -> list[AuditEntry]:
    """Load entries by their place, in order."""
    query = select(audit).where(audit.c.profile_id == profile, audit.c.sequence.in_(sequences))
    return [_entry(row) for row in connection.execute(query.order_by(audit.c.sequence))]


class SqlTrail:
    """The audit trail of one profile.

    Raises, all methods: ``LedgerError``.
    """

    def __init__(self, engine: Engine, name: str, profile: int, start: Head) -> None:
        self._engine = engine
        self._name = name
        self._profile = profile
        self.start = start
        """What stands before the first entry."""

    def head(self) -> Head:
        """Load the end of the trail."""
        with ledger_errors(self._name), self._engine.connect() as connection:
            return load_head(connection, self._profile)

    def entries(self, query: AuditQuery | None = None) -> Iterator[AuditEntry]:
        """Read entries in their order, some at a time."""
        asked = query or AuditQuery()
        chosen = _filtered(select(audit).where(audit.c.profile_id == self._profile), asked)
        if asked.limit is not None:
            newest = chosen.with_only_columns(audit.c.sequence).order_by(audit.c.sequence.desc())
            chosen = chosen.where(audit.c.sequence.in_(newest.limit(asked.limit)))
        last = 0
        while True:
            # A page a transaction: a trail that is read for long must not keep the log from being folded.
            page = chosen.where(audit.c.sequence > last).order_by(audit.c.sequence).limit(_READ_AT_ONCE)
            with ledger_errors(self._name), self._engine.connect() as connection:
                found = [_entry(row) for row in connection.execute(page)]
            yield from found
            if len(found) < _READ_AT_ONCE:
                return
            last = found[-1].sequence

    def entry(self, sequence: int) -> AuditEntry | None:
        """Read one entry; None where there is none."""
        with ledger_errors(self._name), self._engine.connect() as connection:
            return next(iter(load(connection, self._profile, [sequence])), None)

    def prunable(self, before: datetime) -> int:
        """Count the entries whose contents retention would drop."""
        query = select(func.count()).select_from(audit).where(_old(self._profile, before))
        with ledger_errors(self._name), self._engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def prune(self, before: datetime, at: datetime) -> int:
        """Drop the contents of old entries, and note that; keys, hashes and amounts stay.

        Documents that are not settled keep theirs, since a replay may need what was sent.

        Returns:
            How many entries lost their contents.
        """
        with ledger_errors(self._name), begin_writing(self._engine) as connection, connection.begin():
            done = connection.execute(
                update(audit)
                .where(_old(self._profile, before))
                .values(content=null(), original=null(), pruned_at=at)
            ).rowcount
            if done:
                append(connection, self._profile, [draft_prune(before, done)], at, None)
            return done


def first_head(profile: str, account: str) -> Head:
    """Make the head of a trail without entries."""
    return Head(0, genesis(profile, account))


def _filtered(chosen: Select[Any], asked: AuditQuery) -> Select[Any]:
    if asked.document is not None:
        names = (audit.c.key, audit.c.lago_id, audit.c.number)
        chosen = chosen.where(or_(*(name == asked.document for name in names)))
    if asked.event is not None:
        chosen = chosen.where(audit.c.event == asked.event)
    if asked.since is not None:
        chosen = chosen.where(audit.c.at >= asked.since)
    if asked.until is not None:
        chosen = chosen.where(audit.c.at < asked.until)
    return chosen


def _old(profile: int, before: datetime) -> Any:
    open_keys = select(entries.c.key).where(
        entries.c.profile_id == profile, entries.c.state.not_in(sorted(SETTLED))
    )
    return and_(
        audit.c.profile_id == profile,
        audit.c.at < before,
        audit.c.pruned_at.is_(None),
        audit.c.event.not_in(sorted(UNPRUNED)),
        or_(audit.c.key.is_(None), audit.c.key.not_in(open_keys)),
    )


def _values(profile: int, entry: AuditEntry) -> dict[str, object]:
    values = {name: getattr(entry, name) for name in _COLUMNS}
    for name in _COMPRESSED:
        values[name] = None if values[name] is None else codec.compress(values[name])
    return {"profile_id": profile, **values}


def _entry(row: Row[Any]) -> AuditEntry:
    values = {name: row._mapping[name] for name in _COLUMNS}
    for name in _COMPRESSED:
        values[name] = None if values[name] is None else codec.decompress(values[name])
    return AuditEntry(**{**values, "event": AuditEvent(values["event"])})
