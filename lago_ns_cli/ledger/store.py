"""``SqlLedger``: the ledger of one profile, as workflows see it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import cast

from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from lago_ns_cli.domain.accounts import canonical_account
from lago_ns_cli.domain.attempts import Attempt, Entry, Intent, Outcome, OutcomeKind, State, StateChange
from lago_ns_cli.domain.catalog import Catalog, Row
from lago_ns_cli.domain.identifiers import InternalId, Key
from lago_ns_cli.errors import ConfigError, LedgerError
from lago_ns_cli.ledger import codec, moves, rows
from lago_ns_cli.ledger.engine import begin_writing, database_name, ledger_errors, open_engine
from lago_ns_cli.ledger.tables import attempts, catalogs, entries, profiles


@dataclass(frozen=True, slots=True)
class AttemptContent:
    """What went over the wire in an attempt.

    Args:
        payload: The document of the contract, as it was sent.
        original: The bytes that Lago sent.
        answer: What NetSuite said; None while the attempt is open.
    """

    payload: Mapping[str, object]
    original: bytes | None
    answer: Mapping[str, object] | None


class SqlLedger:
    """The record of what was pushed, of one profile; every method is durable when it returns.

    A method that writes does so in one transaction: where one of its documents is refused, nothing
    of the call is recorded.

    Args:
        url: ``sqlite:////path/to/ledger.db``, or ``sqlite://`` for a ledger in memory.
        profile: Whose rows are read and written.
        account: The NetSuite account of the profile, in either spelling.

    Raises, all methods: ``LedgerError``.
    """

    def __init__(self, url: str, *, profile: str, account: str) -> None:
        """Open the ledger, creating or upgrading it where needed.

        Raises:
            LedgerError: The file cannot be used, or is newer than this program.
            ConfigError: The profile belongs to another account.
        """
        self._name = database_name(url)
        self._engine: Engine = open_engine(url)
        self._profile_name = profile
        try:
            self._profile = self._open_profile(canonical_account(account))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "SqlLedger":
        """Give the open ledger."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the ledger."""
        self.close()

    def close(self) -> None:
        """Let go of the file; the ledger cannot be used afterwards."""
        self._engine.dispose()

    def entries(self, keys: Collection[Key]) -> Mapping[Key, Entry]:
        """Load entries by key; unknown keys are absent."""
        with self._reading() as connection:
            return rows.load_entries(connection, self._profile, keys)

    def entries_in(self, states: Collection[State], *, kind: str | None = None) -> Sequence[Entry]:
        """Load the entries that are in one of these states, oldest first."""
        with self._reading() as connection:
            return rows.load_entries_in(connection, self._profile, states, kind)

    def links(self, keys: Collection[Key]) -> Mapping[Key, InternalId]:
        """Load the internal ids that are known."""
        with self._reading() as connection:
            return rows.load_links(connection, self._profile, keys)

    def counts(self) -> Mapping[tuple[str, State], int]:
        """Count entries by kind and state."""
        query = (
            select(entries.c.kind, entries.c.state, func.count().label("number"))
            .where(entries.c.profile_id == self._profile)
            .group_by(entries.c.kind, entries.c.state)
        )
        with self._reading() as connection:
            return {(row.kind, State(row.state)): row.number for row in connection.execute(query)}

    def record_intents(self, intents: Sequence[Intent], at: datetime) -> None:
        """Move entries to ``sending``, with a new attempt each, before a call leaves.

        Raises:
            LedgerError: An entry is under way, in doubt, or posted and would be created again;
                the message names it.
        """
        keys = _each_once([intent.subject.key for intent in intents])
        with self._writing() as connection:
            before = rows.load_entries(connection, self._profile, keys)
            known = rows.load_links(connection, self._profile, keys)
            after = [
                moves.to_sending(before.get(key), intent, known.get(key), at)
                for key, intent in zip(keys, intents, strict=True)
            ]
            rows.write_entries(connection, self._profile, before, after)
            self._open_attempts(connection, intents, at)

    def record_outcomes(self, outcomes: Sequence[Outcome], at: datetime) -> None:
        """Close the open attempts and move the entries.

        Raises:
            LedgerError: An entry has no open attempt, or its link would change.
        """
        keys = _each_once([outcome.key for outcome in outcomes])
        with self._writing() as connection:
            before = rows.load_entries(connection, self._profile, keys)
            known = rows.load_links(connection, self._profile, keys)
            self._close_attempts(connection, outcomes, at)
            after = [
                moves.after_outcome(before[key], outcome, at)
                for key, outcome in zip(keys, outcomes, strict=True)
            ]
            rows.write_entries(connection, self._profile, before, after)
            rows.write_links(connection, self._profile, known, after, at)

    def record_changes(self, changes: Sequence[StateChange], at: datetime) -> None:
        """Move entries without an attempt, in order; what changes nothing is not written.

        Raises:
            LedgerError: An entry is under way, or is in doubt and would be forgotten.
        """
        keys = [change.subject.key for change in changes]
        with self._writing() as connection:
            before = rows.load_entries(connection, self._profile, keys)
            known = rows.load_links(connection, self._profile, keys)
            current = dict(before)
            for key, change in zip(keys, changes, strict=True):
                current[key] = moves.after_change(current.get(key), change, known.get(key), at)
            rows.write_entries(connection, self._profile, before, list(current.values()))
            rows.write_links(connection, self._profile, known, current.values(), at)

    def attempts(self, key: Key) -> Sequence[Attempt]:
        """Load the attempts of an entry, first to last."""
        columns = (
            attempts.c.key,
            attempts.c.number,
            attempts.c.action,
            attempts.c.fingerprint,
            attempts.c.sent_at,
            attempts.c.finished_at,
            attempts.c.outcome,
            attempts.c.code,
            attempts.c.reason,
        )
        query = select(*columns).where(attempts.c.profile_id == self._profile, attempts.c.key == key)
        with self._reading() as connection:
            found = connection.execute(query.order_by(attempts.c.number)).mappings().all()
        return [
            Attempt(**{**row, "outcome": OutcomeKind(row["outcome"]) if row["outcome"] else None})
            for row in found
        ]

    def attempt_content(self, key: Key, number: int) -> AttemptContent | None:
        """Load what was sent and answered in an attempt; None where there is no such attempt."""
        query = select(attempts.c.payload, attempts.c.original, attempts.c.answer).where(
            attempts.c.profile_id == self._profile, attempts.c.key == key, attempts.c.number == number
        )
        with self._reading() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            return AttemptContent(
                payload=cast("Mapping[str, object]", codec.unpack(row.payload)),
                original=None if row.original is None else codec.decompress(row.original),
                answer=None if row.answer is None else cast("Mapping[str, object]", codec.unpack(row.answer)),
            )

    def load_catalog(self, side: str) -> Catalog | None:
        """Load the catalog that was fetched last."""
        query = select(catalogs.c.fetched_at, catalogs.c.content).where(
            catalogs.c.profile_id == self._profile, catalogs.c.side == side
        )
        with self._reading() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            content = cast("Mapping[str, Mapping[str, object]]", codec.unpack(row.content))
        return Catalog(
            side=side,
            fetched_at=row.fetched_at,
            sections=cast("Mapping[str, Sequence[Row]]", content["sections"]),
            features=cast("Mapping[str, bool]", content["features"]),
            unavailable=cast("Mapping[str, str]", content["unavailable"]),
        )

    def record_catalog(self, catalog: Catalog) -> None:
        """Keep a fetched catalog in place of the last one."""
        content = {
            "sections": {name: list(section) for name, section in catalog.sections.items()},
            "features": catalog.features,
            "unavailable": catalog.unavailable,
        }
        row = {"fetched_at": catalog.fetched_at, "content": codec.pack(content)}
        mine = (catalogs.c.profile_id == self._profile, catalogs.c.side == catalog.side)
        with self._writing() as connection:
            connection.execute(delete(catalogs).where(*mine))
            connection.execute(insert(catalogs), {"profile_id": self._profile, "side": catalog.side, **row})

    def bind_organization(self, identity: str) -> None:
        """Remember the organization of this ledger's profile.

        Raises:
            ConfigError: The profile belongs to another organization.
        """
        mine = profiles.c.id == self._profile
        with self._writing() as connection:
            known = connection.execute(select(profiles.c.organization).where(mine)).scalar_one()
            if known is None:
                connection.execute(update(profiles).where(mine).values(organization=identity))
            elif known != identity:
                raise ConfigError(
                    f"Profile {self._profile_name} belongs to Lago organization {known}, but the API key "
                    f"opens {identity}.",
                    hint="use the key of that organization, or another --profile for this one",
                    code="other_organization",
                )

    def _open_profile(self, account: str) -> int:
        query = select(profiles.c.id, profiles.c.account).where(profiles.c.name == self._profile_name)
        with self._reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            try:
                with begin_writing(self._engine) as connection, connection.begin():
                    connection.execute(insert(profiles), {"name": self._profile_name, "account": account})
            except IntegrityError:
                pass  # another process was faster
            with self._reading() as connection:
                row = connection.execute(query).one()
        if row.account != account:
            raise ConfigError(
                f"Profile {self._profile_name} of the ledger {self._name} belongs to NetSuite account "
                f"{row.account}, not {account}.",
                hint="mend [netsuite] account, or use another --profile for this account",
                code="other_account",
            )
        return int(row.id)

    def _open_attempts(self, connection: Connection, intents: Sequence[Intent], at: datetime) -> None:
        last = rows.load_attempt_counts(connection, self._profile, [intent.subject.key for intent in intents])
        new = [
            {
                "profile_id": self._profile,
                "key": intent.subject.key,
                "number": last.get(intent.subject.key, 0) + 1,
                "action": intent.action,
                "fingerprint": intent.fingerprint,
                "sent_at": at,
                "payload": codec.pack(intent.payload),
                "original": None if intent.original is None else codec.compress(intent.original),
            }
            for intent in intents
        ]
        if new:
            connection.execute(insert(attempts), new)

    def _close_attempts(self, connection: Connection, outcomes: Sequence[Outcome], at: datetime) -> None:
        found = rows.load_open_attempts(connection, self._profile, [outcome.key for outcome in outcomes])
        for outcome in outcomes:
            if outcome.key not in found:
                raise moves.unknown_attempt(outcome.key)
        closed = [
            {
                "at_id": found[outcome.key],
                "finished_at": at,
                "outcome": outcome.kind,
                "code": outcome.code,
                "reason": outcome.reason,
                "answer": None if outcome.answer is None else codec.pack(outcome.answer),
            }
            for outcome in outcomes
        ]
        if closed:
            connection.execute(_CLOSE, closed)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with ledger_errors(self._name), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with (
            ledger_errors(self._name),
            begin_writing(self._engine) as connection,
            connection.begin(),
        ):
            yield connection


_CLOSE = (
    update(attempts)
    .where(attempts.c.id == bindparam("at_id"))
    .values({name: bindparam(name) for name in ("finished_at", "outcome", "code", "reason", "answer")})
)


def _each_once(keys: list[Key]) -> list[Key]:
    seen: set[Key] = set()
    for key in keys:
        if key in seen:
            raise LedgerError(f"{key} stands twice in one batch. Nothing was recorded.", code="ledger_twice")
        seen.add(key)
    return keys
