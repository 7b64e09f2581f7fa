"""``SqlLedger``: the ledger of one profile, as workflows see it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import TracebackType
from typing import cast

from sqlalchemy import Connection, Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from lago_ns_cli.domain.accounts import canonical_account
from lago_ns_cli.domain.attempts import (
    Attempt,
    Entry,
    Fact,
    Intent,
    Outcome,
    SentAttempt,
    State,
    StateChange,
)
from lago_ns_cli.domain.audit import AuditDraft, AuditEntry
from lago_ns_cli.domain.audit_events import draft_command, draft_takeover
from lago_ns_cli.domain.audit_export import TrailHeader
from lago_ns_cli.domain.catalog import Catalog, Row
from lago_ns_cli.domain.identifiers import InternalId, Key
from lago_ns_cli.domain.lease import LEASE_TTL, Lease, Owner
from lago_ns_cli.errors import ConfigError, LedgerError
from lago_ns_cli.ledger import attempt_rows, audit, codec, lease, restoring, rows
from lago_ns_cli.ledger.attempt_rows import AttemptContent
from lago_ns_cli.ledger.audit import SqlTrail
from lago_ns_cli.ledger.deciding import Deciding
from lago_ns_cli.ledger.engine import begin_writing, database_name, ledger_errors, open_engine
from lago_ns_cli.ledger.processes import is_alive
from lago_ns_cli.ledger.recording import Recording
from lago_ns_cli.ledger.remembering import Remembering
from lago_ns_cli.ledger.tables import catalogs, entries, profiles


class SqlLedger(Deciding, Remembering):
    """The record of what was pushed, of one profile; every method is durable when it returns.

    A method that writes does so in one transaction: where one of its documents is refused, nothing
    of the call is recorded. Where the ledger holds a lease, the same transaction asks first whether
    it is still the account's (``LeaseLostError``). What moves an entry is told in the audit trail.

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
        self._account = canonical_account(account)
        self._lease: Lease | None = None
        try:
            self._profile = self._open_profile(self._account)
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

    def acquire_lease(
        self,
        owner: Owner,
        doing: str,
        at: datetime,
        *,
        ttl: timedelta = LEASE_TTL,
        is_alive: lease.IsAlive = is_alive,
    ) -> Lease:
        """Take the account; from now on every write of this object asks first whether it still has it.

        Args:
            owner: The run and its process.
            doing: The command, for whoever is refused meanwhile.
            ttl: After this much silence another run counts as dead.
            is_alive: Tells whether a process lives.

        Raises:
            LeaseHeldError: Another run holds it; the message says who, since when, doing what.
        """
        claim = lease.Claim(
            account=self._account,
            profile=self._profile_name,
            owner=owner,
            doing=doing,
            ttl=ttl,
            is_alive=is_alive,
        )
        with ledger_errors(self._name), begin_writing(self._engine) as connection, connection.begin():
            taken, before = lease.acquire(connection, claim, at)
            if before is not None:
                draft = draft_takeover(taken, before.lease, before.ground)
                audit.append(connection, self._profile, [draft], at, owner.run)
        self._lease = taken
        return taken

    @property
    def lease(self) -> Lease | None:
        """The lease that was taken; None where this object only reads."""
        return self._lease

    def renew_lease(self, at: datetime) -> None:
        """Say that the run is alive.

        Raises:
            LeaseLostError: Another run took the account over.
        """
        if self._lease is not None:
            with self._writing() as connection:
                lease.renew(connection, self._lease, at)

    def check_lease(self) -> None:
        """Make sure that the account is still this run's; for a call that is made again.

        Raises:
            LeaseLostError: Another run took the account over.
        """
        if self._lease is not None:
            with self._reading() as connection:
                lease.check(connection, self._lease)

    def release_lease(self) -> None:
        """Give the account back; nothing where it was lost."""
        held, self._lease = self._lease, None
        if held is not None:
            with self._writing() as connection:
                lease.release(connection, held)

    def current_lease(self) -> Lease | None:
        """Load who holds the account; None where nobody does."""
        with self._reading() as connection:
            return lease.load(connection, self._account)

    @property
    def trail(self) -> SqlTrail:
        """The audit trail of the profile."""
        start = audit.first_head(self._profile_name, self._account)
        return SqlTrail(self._engine, self._name, self._profile, start)

    def entries(self, keys: Collection[Key]) -> Mapping[Key, Entry]:
        """Load entries by key; unknown keys are absent."""
        with self._reading() as connection:
            return rows.load_entries(connection, self._profile, keys)

    def entries_in(
        self, states: Collection[State], *, kind: str | None = None, limit: int | None = None
    ) -> Sequence[Entry]:
        """Load the entries that are in one of these states, oldest first, at most ``limit``."""
        with self._reading() as connection:
            return rows.load_entries_in(connection, self._profile, states, kind, limit)

    def entries_named(self, names: Collection[str]) -> Sequence[Entry]:
        """Load the entries with one of these numbers, Lago ids or keys, oldest first."""
        with self._reading() as connection:
            return rows.load_entries_named(connection, self._profile, names)

    def entries_lacking(self, kind: str, back: str, *, after: Key | None, limit: int) -> Sequence[Entry]:
        """Load posted entries of a kind that Lago was not told about, by ascending key."""
        with self._reading() as connection:
            return rows.load_entries_lacking(connection, self._profile, kind, back, after, limit)

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

    def unchanged_since(self) -> Mapping[tuple[str, State], datetime]:
        """Tell, by kind and state, since when the entry that rests longest has not changed."""
        with self._reading() as connection:
            return rows.load_longest(connection, self._profile)

    def record_intents(self, intents: Sequence[Intent], at: datetime) -> None:
        """Move entries to ``sending``, with a new attempt each, before a call leaves.

        Raises:
            LedgerError: An entry is under way, in doubt, or posted and would be created again;
                the message names it. Or this run does not hold its account.
            LeaseLostError: Another run took the account over; nothing was recorded.
        """
        if self._lease is None:
            raise LedgerError(
                "This run does not hold its account, so it may not send anything. This is a bug of lago-ns.",
                code="ledger_no_lease",
            )
        with self._recording(at) as recording:
            recording.intents(intents)

    def record_outcomes(self, outcomes: Sequence[Outcome], at: datetime) -> None:
        """Close the open attempts and move the entries.

        Raises:
            LedgerError: An entry has no open attempt, or its link would change.
        """
        with self._recording(at) as recording:
            recording.outcomes(outcomes)

    def record_changes(self, changes: Sequence[StateChange], at: datetime) -> None:
        """Move entries without an attempt, in order; what changes nothing is not written.

        Raises:
            LedgerError: An entry is under way, or is in doubt and would be forgotten.
        """
        with self._recording(at) as recording:
            recording.changes(changes)

    def attempts(self, key: Key) -> Sequence[Attempt]:
        """Load the attempts of an entry, first to last."""
        with self._reading() as connection:
            return attempt_rows.load_attempts(connection, self._profile, key)

    def attempt_content(self, key: Key, number: int) -> AttemptContent | None:
        """Load what was sent and answered in an attempt.

        Returns:
            None where there is no such attempt, or retention dropped its content.
        """
        with self._reading() as connection:
            return attempt_rows.load_content(connection, self._profile, key, number)

    def last_attempts(self, keys: Collection[Key]) -> Mapping[Key, SentAttempt]:
        """Load the latest attempt of each entry that has one."""
        with self._reading() as connection:
            return attempt_rows.load_last_attempts(connection, self._profile, keys)

    def given_up(self, keys: Collection[Key]) -> Mapping[Key, datetime]:
        """Tell when the last attempt of each entry ended; those without one are absent."""
        with self._reading() as connection:
            return attempt_rows.load_given_up(connection, self._profile, keys)

    def original(self, key: Key) -> bytes | None:
        """Load what Lago sent of the document as it was last accepted by NetSuite."""
        with self._reading() as connection:
            return attempt_rows.load_original(connection, self._profile, key)

    def record_facts(self, facts: Sequence[Fact], at: datetime) -> None:
        """Remember facts; the last value of a name wins."""
        with self._recording(at) as recording:
            recording.facts(facts)

    def record_command(self, command: str, content: Mapping[str, object], at: datetime) -> None:
        """Note in the trail what a person had done; it moves no entry.

        Args:
            command: Its words, without what follows them: ``auth logout``.
            content: What it was about; never a secret.
        """
        with self._recording(at) as recording:
            recording.note([draft_command(command, content)])

    def facts(self, keys: Collection[Key]) -> Mapping[Key, Mapping[str, str]]:
        """Load what is remembered about keys, by name; keys without a fact are absent."""
        with self._reading() as connection:
            return rows.load_facts(connection, self._profile, keys)

    def facts_named(self, name: str) -> Mapping[Key, str]:
        """Load what is remembered under one name, by key."""
        with self._reading() as connection:
            return rows.load_facts_named(connection, self._profile, name)

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
            "fingerprint": catalog.fingerprint,
        }
        row = {"fetched_at": catalog.fetched_at, "content": codec.pack(content)}
        mine = (catalogs.c.profile_id == self._profile, catalogs.c.side == catalog.side)
        with self._writing() as connection:
            connection.execute(delete(catalogs).where(*mine))
            connection.execute(insert(catalogs), {"profile_id": self._profile, "side": catalog.side, **row})

    def organization(self) -> str | None:
        """Name the organization of this ledger's profile; None before the first run."""
        query = select(profiles.c.organization).where(profiles.c.id == self._profile)
        with self._reading() as connection:
            known: str | None = connection.execute(query).scalar_one()
            return known

    def restore(self, header: TrailHeader, entries: Iterable[AuditEntry], at: datetime) -> None:
        """Make this ledger, which has no history, the one that an export tells of; all of it or nothing.

        Raises:
            ConfigError: The export is of another profile or account, or is redacted.
            LedgerError: There is a history already, or the export is not what was written.
        """
        _refuse_unfit(header, self._profile_name, self._account)
        start = audit.first_head(self._profile_name, self._account)
        with self._writing() as connection:
            restoring.restore(connection, self._profile, start, entries, header.head, at)
            mine = update(profiles).where(profiles.c.id == self._profile)
            connection.execute(mine.values(organization=header.organization))

    def header(self) -> TrailHeader:
        """Say whose trail the audit trail is, and where it ends."""
        with self._reading() as connection:
            organization = connection.execute(
                select(profiles.c.organization).where(profiles.c.id == self._profile)
            ).scalar_one()
            head = audit.load_head(connection, self._profile)
        return TrailHeader(
            profile=self._profile_name, account=self._account, organization=organization, head=head
        )

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
                    connection.execute(insert(profiles), self._new_profile(account))
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

    def _new_profile(self, account: str) -> dict[str, object]:
        head = audit.first_head(self._profile_name, account)
        return {
            "name": self._profile_name,
            "account": account,
            "audit_count": head.count,
            "audit_hash": head.hash,
        }

    @contextmanager
    def _recording(self, at: datetime) -> Iterator[Recording]:
        """Begin a transaction that moves entries; what it does is noted in the audit trail."""
        with self._writing() as connection:

            def note(drafts: Sequence[AuditDraft]) -> Sequence[int]:
                run = None if self._lease is None else self._lease.owner
                return audit.append(connection, self._profile, drafts, at, run)

            yield Recording(connection, self._profile, at, note)

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
            if self._lease is not None:
                lease.check(connection, self._lease)
            yield connection


def _refuse_unfit(header: TrailHeader, profile: str, account: str) -> None:
    if header.redacted:
        raise ConfigError(
            "The export is redacted, so it does not hold what a ledger needs.",
            hint="use an export that was made without --redact",
            code="audit_redacted",
        )
    if (header.profile, header.account) != (profile, account):
        raise ConfigError(
            f"The export is of profile {header.profile} and account {header.account}, "
            f"not of {profile} and {account}.",
            hint="choose its profile with --profile",
            code="audit_other_profile",
        )
