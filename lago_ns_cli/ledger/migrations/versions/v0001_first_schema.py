"""Profiles, entries, links, attempts and catalogs.

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
    _create_entries()
    _create_links()
    _create_attempts()
    _create_catalogs()


def _create_profiles() -> None:
    op.create_table(
        "profiles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("organization", sa.String()),
        sa.PrimaryKeyConstraint("id", name="pk_profiles"),
        sa.UniqueConstraint("name", name="uq_profiles_name"),
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
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("original", sa.LargeBinary()),
        sa.Column("answer", sa.LargeBinary()),
        sa.CheckConstraint(f"outcome IN ({_OUTCOMES})", name=op.f("ck_attempts_outcome")),
        sa.CheckConstraint("(finished_at IS NULL) = (outcome IS NULL)", name=op.f("ck_attempts_finished")),
        sa.ForeignKeyConstraint(
            ["profile_id", "key"], ["entries.profile_id", "entries.key"], name="fk_attempts_entries"
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
