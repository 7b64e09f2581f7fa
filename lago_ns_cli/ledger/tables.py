"""The tables of the ledger.

* Points in time are UTC, as text of one width (``2026-08-14T09:30:00.000000Z``): text order is time order,
  nothing is rounded, and any SQLite tool shows them as a person reads them.
* Amounts are decimal text: SQLite would make binary fractions of numbers.
* Contents of the audit trail and catalogs are compressed JSON; see ``codec``.
"""

from datetime import UTC, date, datetime

from sqlalchemy import (
    DDL,
    CheckConstraint,
    Column,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.types import TypeDecorator

from lago_ns_cli.domain.attempts import OutcomeKind, State

_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


class UtcTime(TypeDecorator[datetime]):
    """A point in time; one without a time zone is refused, since nobody could tell what it means."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Write a time as text."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"the time {value.isoformat()} has no time zone")
        return value.astimezone(UTC).strftime(_TIME_FORMAT)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read a time back."""
        if value is None:
            return None
        moment = datetime.fromisoformat(value)  # thirty times as fast as strptime, and rows have four
        if moment.tzinfo is None:
            raise ValueError(f"the time {value} has no time zone")
        return moment.astimezone(UTC)


class CalendarDate(TypeDecorator[date]):
    """A calendar date as ISO text."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Write a date as text."""
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:  # noqa: ARG002
        """Read a date back."""
        return None if value is None else date.fromisoformat(value)


class ForeignText(TypeDecorator[str]):
    """Text that another system wrote; half a surrogate pair, which no database takes, becomes U+FFFD."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Make text storable."""
        return None if value is None else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _one_of(column: str, values: type[State] | type[OutcomeKind]) -> str:
    return f"{column} IN ({', '.join(repr(member.value) for member in values)})"


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

profiles = Table(
    "profiles",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("account", String, nullable=False),
    Column("organization", String),
    Column("audit_count", Integer, nullable=False),  # the head of the trail: what was cut off its end shows
    Column("audit_hash", String, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("account", String, primary_key=True),
    Column("token", Integer, nullable=False),  # only ever rises, also over a lease that was given back
    Column("profile", String, nullable=False),
    Column("owner", String),  # NULL: nobody holds it
    Column("host", String, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("pid_scope", String, nullable=False),
    Column("process_start", String, nullable=False),
    Column("doing", ForeignText, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("heartbeat_at", UtcTime, nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True),  # rises with each new entry: the order of arrival
    Column("profile_id", ForeignKey("profiles.id"), nullable=False),
    Column("key", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("lago_id", String, nullable=False),
    Column("number", ForeignText, nullable=False),
    Column("customer_id", String, nullable=False),
    Column("state", String, nullable=False),
    Column("record_type", String),
    Column("fingerprint", String),
    Column("code", ForeignText),
    Column("reason", ForeignText),
    Column("parent", String),
    Column("amount", String),
    Column("currency", String),
    Column("document_date", CalendarDate),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", UtcTime),
    Column("lago_updated_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    UniqueConstraint("profile_id", "key"),
    CheckConstraint(_one_of("state", State), name="state"),
    Index(None, "profile_id", "state"),
)

links = Table(
    "links",
    metadata,
    Column("profile_id", ForeignKey("profiles.id"), primary_key=True),
    Column("key", String, primary_key=True),
    Column("netsuite_id", String, nullable=False),
    Column("linked_at", UtcTime, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("profile_id", Integer, nullable=False),
    Column("key", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("action", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("sent_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("outcome", String),
    Column("code", ForeignText),
    Column("reason", ForeignText),
    Column("intent_entry", Integer, nullable=False),  # what was sent stands in the audit trail
    Column("outcome_entry", Integer),  # and what was answered
    ForeignKeyConstraint(["profile_id", "key"], ["entries.profile_id", "entries.key"]),
    ForeignKeyConstraint(
        ["profile_id", "intent_entry"], ["audit.profile_id", "audit.sequence"], name="fk_attempts_intents"
    ),
    ForeignKeyConstraint(
        ["profile_id", "outcome_entry"], ["audit.profile_id", "audit.sequence"], name="fk_attempts_outcomes"
    ),
    UniqueConstraint("profile_id", "key", "number"),
    CheckConstraint(_one_of("outcome", OutcomeKind), name="outcome"),
    CheckConstraint("(finished_at IS NULL) = (outcome IS NULL)", name="finished"),
    # A second open attempt would mean that two calls are in flight for one document.
    Index(
        "uq_attempts_open",
        "profile_id",
        "key",
        unique=True,
        sqlite_where=text("finished_at IS NULL"),
        postgresql_where=text("finished_at IS NULL"),
    ),
)

audit = Table(
    "audit",
    metadata,
    Column("profile_id", ForeignKey("profiles.id"), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("run", String),
    Column("event", String, nullable=False),
    Column("key", String),
    Column("kind", String),
    Column("lago_id", String),
    Column("number", String),
    Column("customer_id", String),
    Column("detail", String),
    Column("state", String),
    Column("code", String),
    Column("netsuite_id", String),
    Column("fingerprint", String),
    Column("amount", String),
    Column("currency", String),
    Column("content_digest", String, nullable=False),
    Column("original_digest", String),
    Column("previous_hash", String, nullable=False),
    Column("hash", String, nullable=False),
    Column("pruned_at", UtcTime),
    Column("content", LargeBinary),
    Column("original", LargeBinary),
    Index(None, "profile_id", "key"),
)

_KEPT = tuple(
    column.name for column in audit.columns if column.name not in ("pruned_at", "content", "original")
)

_NO_DELETE = """CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"""

# Retention drops contents, once, and touches nothing else.
_NO_UPDATE = f"""CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
WHEN NOT (OLD.pruned_at IS NULL AND NEW.pruned_at IS NOT NULL
AND NEW.content IS NULL AND NEW.original IS NULL
{chr(10).join(f"AND NEW.{name} IS OLD.{name}" for name in _KEPT)})
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"""

for _trigger in (_NO_DELETE, _NO_UPDATE):
    event.listen(audit, "after_create", DDL(_trigger))  # type: ignore[no-untyped-call]

facts = Table(
    "facts",
    metadata,
    Column("profile_id", ForeignKey("profiles.id"), primary_key=True),
    Column("key", String, primary_key=True),  # of no entry yet, perhaps
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)

catalogs = Table(
    "catalogs",
    metadata,
    Column("profile_id", ForeignKey("profiles.id"), primary_key=True),
    Column("side", String, primary_key=True),
    Column("fetched_at", UtcTime, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

# What one run tells the next: no history, no part of the audit trail, and safe to lose.
marks = Table(
    "marks",
    metadata,
    Column("profile_id", ForeignKey("profiles.id"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)

watched = Table(
    "watched",
    metadata,
    Column("profile_id", ForeignKey("profiles.id"), primary_key=True),
    Column("list", String, primary_key=True),
    Column("lago_id", String, primary_key=True),
    Column("value", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("profile_id", ForeignKey("profiles.id"), nullable=False),
    Column("run", String, nullable=False),  # as the lease and the audit trail name it
    Column("command", ForeignText, nullable=False),
    Column("began_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),  # NULL: it is under way, or its process died
    Column("ended", String),
    Column("code", ForeignText),
    Column("outcomes", String, nullable=False),  # JSON: how many documents by what became of them
    Column("documents", Integer, nullable=False),
    Column("writes", Integer, nullable=False),
    Column("needs_attention", Integer, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("most_at_once", Integer, nullable=False),
    Column("limit", Integer),
    Column("units", Integer, nullable=False),
    UniqueConstraint("profile_id", "run"),
)

_ABOUT = ("what", "kind", "document_key", "lago_id", "document", "customer", "entity", "currency")
_FIGURES = ("netsuite_id", "fingerprint", "lago", "netsuite", "difference", "cause", "action", "command")


def _finding_columns() -> list[Column[str]]:
    """A finding, as far as a decision about it needs it; a column of a table each time anew."""
    return [Column(name, ForeignText) for name in (*_ABOUT, *_FIGURES)]


# What comparisons found, so that a decision can name it: no history, and safe to lose.
findings = Table(
    "findings",
    metadata,
    Column("profile_id", ForeignKey("profiles.id"), primary_key=True),
    Column("id", String, primary_key=True),
    *_finding_columns(),
    Column("day", CalendarDate),
    Column("seen_at", UtcTime, nullable=False),
)

# What people decided about findings; the audit trail has it too, and rebuilds it.
decisions = Table(
    "decisions",
    metadata,
    Column("profile_id", ForeignKey("profiles.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("verdict", String, nullable=False),
    Column("by", ForeignText, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("note", ForeignText, nullable=False),
    Column("until", CalendarDate),
    *_finding_columns(),
    Column("day", CalendarDate),
    Column("before", String),  # JSON: where the document's entry stood
    Column("undone_by", ForeignText),
    Column("undone_at", UtcTime),
    Column("undone_note", ForeignText),
)
