"""Profiles, leases, entries, links, the audit trail, attempts, facts and catalogs.

A revision is history: it repeats the schema as it was and takes nothing from ``tables``.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATES = "'pending', 'waiting', 'sending', 'in_doubt', 'posted', 'held', 'skipped'"
_OUTCOMES = "'accepted', 'rejected', 'in_doubt', 'not_attempted'"


def upgrade() -> None:
    """Create the first schema."""
    _create_profiles()
    _create_leases()
    _create_entries()
    _create_links()
    _create_audit()
    _create_attempts()
    _create_facts()
    _create_catalogs()


def _create_profiles() -> None:
    op.create_table(
        "profiles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("organization", sa.String()),
        sa.Column("audit_count", sa.Integer(), nullable=False),
        sa.Column("audit_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_profiles"),
        sa.UniqueConstraint("name", name="uq_profiles_name"),
    )


def _create_leases() -> None:
    op.create_table(
        "leases",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("owner", sa.String()),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("pid_scope", sa.String(), nullable=False),
        sa.Column("process_start", sa.String(), nullable=False),
        sa.Column("doing", sa.String(), nullable=False),
        sa.Column("since", sa.String(27), nullable=False),
        sa.Column("heartbeat_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_leases"),
    )


def _create_entries() -> None:
    op.create_table(
        "entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("lago_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("record_type", sa.String()),
        sa.Column("fingerprint", sa.String()),
        sa.Column("code", sa.String()),
        sa.Column("reason", sa.String()),
        sa.Column("parent", sa.String()),
        sa.Column("amount", sa.String()),
        sa.Column("currency", sa.String()),
        sa.Column("document_date", sa.String(10)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.String(27)),
        sa.Column("lago_updated_at", sa.String(27)),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.Column("updated_at", sa.String(27), nullable=False),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_entries_state")),
        sa.ForeignKeyConstraint(["profile_id"], ["profiles.id"], name="fk_entries_profiles"),
        sa.PrimaryKeyConstraint("id", name="pk_entries"),
        sa.UniqueConstraint("profile_id", "key", name="uq_entries_profile_id_key"),
    )
    op.create_index("ix_entries_profile_id_state", "entries", ["profile_id", "state"])


def _create_links() -> None:
    op.create_table(
        "links",
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("netsuite_id", sa.String(), nullable=False),
        sa.Column("linked_at", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(["profile_id"], ["profiles.id"], name="fk_links_profiles"),
        sa.PrimaryKeyConstraint("profile_id", "key", name="pk_links"),
    )


_KEPT = (
    "profile_id sequence at run event key kind lago_id number customer_id detail state code netsuite_id "
    "fingerprint amount currency content_digest original_digest previous_hash hash"
).split()


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("run", sa.String()),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("key", sa.String()),
        sa.Column("kind", sa.String()),
        sa.Column("lago_id", sa.String()),
        sa.Column("number", sa.String()),
        sa.Column("customer_id", sa.String()),
        sa.Column("detail", sa.String()),
        sa.Column("state", sa.String()),
        sa.Column("code", sa.String()),
        sa.Column("netsuite_id", sa.String()),
        sa.Column("fingerprint", sa.String()),
        sa.Column("amount", sa.String()),
        sa.Column("currency", sa.String()),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.Column("original_digest", sa.String()),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("pruned_at", sa.String(27)),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("original", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["profile_id"], ["profiles.id"], name="fk_audit_profiles"),
        sa.PrimaryKeyConstraint("profile_id", "sequence", name="pk_audit"),
    )
    op.create_index("ix_audit_profile_id_key", "audit", ["profile_id", "key"])
    op.execute(
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit\n"
        "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
    )
    op.execute(
        "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit\n"
        "WHEN NOT (OLD.pruned_at IS NULL AND NEW.pruned_at IS NOT NULL\n"
        "AND NEW.content IS NULL AND NEW.original IS NULL\n"
        + "\n".join(f"AND NEW.{name} IS OLD.{name}" for name in _KEPT)
        + ")\nBEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
    )


def _create_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("sent_at", sa.String(27), nullable=False),
        sa.Column("finished_at", sa.String(27)),
        sa.Column("outcome", sa.String()),
        sa.Column("code", sa.String()),
        sa.Column("reason", sa.String()),
        sa.Column("intent_entry", sa.Integer(), nullable=False),
        sa.Column("outcome_entry", sa.Integer()),
        sa.CheckConstraint(f"outcome IN ({_OUTCOMES})", name=op.f("ck_attempts_outcome")),
        sa.CheckConstraint("(finished_at IS NULL) = (outcome IS NULL)", name=op.f("ck_attempts_finished")),
        sa.ForeignKeyConstraint(
            ["profile_id", "key"], ["entries.profile_id", "entries.key"], name="fk_attempts_entries"
        ),
        sa.ForeignKeyConstraint(
            ["profile_id", "intent_entry"], ["audit.profile_id", "audit.sequence"], name="fk_attempts_intents"
        ),
        sa.ForeignKeyConstraint(
            ["profile_id", "outcome_entry"],
            ["audit.profile_id", "audit.sequence"],
            name="fk_attempts_outcomes",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
        sa.UniqueConstraint("profile_id", "key", "number", name="uq_attempts_profile_id_key_number"),
    )
    op.create_index(
        "uq_attempts_open",
        "attempts",
        ["profile_id", "key"],
        unique=True,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )


def _create_facts() -> None:
    op.create_table(
        "facts",
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(["profile_id"], ["profiles.id"], name="fk_facts_profiles"),
        sa.PrimaryKeyConstraint("profile_id", "key", "name", name="pk_facts"),
    )


def _create_catalogs() -> None:
    op.create_table(
        "catalogs",
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("fetched_at", sa.String(27), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["profile_id"], ["profiles.id"], name="fk_catalogs_profiles"),
        sa.PrimaryKeyConstraint("profile_id", "side", name="pk_catalogs"),
    )
