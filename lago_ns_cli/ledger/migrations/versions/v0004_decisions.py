"""Findings that comparisons saw, and what people decided about them.

A revision is history: it repeats the schema as it was and takes nothing from ``tables``.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_FINDING = (
    "what",
    "kind",
    "document_key",
    "lago_id",
    "document",
    "customer",
    "entity",
    "currency",
    "netsuite_id",
    "fingerprint",
    "lago",
    "netsuite",
    "difference",
    "cause",
    "action",
    "command",
)


def upgrade() -> None:
    """Add the two tables."""
    op.create_table(
        "findings",
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        *(sa.Column(name, sa.String()) for name in _FINDING),
        sa.Column("day", sa.String(10)),
        sa.Column("seen_at", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(["profile_id"], ["profiles.id"], name="fk_findings_profiles"),
        sa.PrimaryKeyConstraint("profile_id", "id", name="pk_findings"),
    )
    op.create_table(
        "decisions",
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("until", sa.String(10)),
        *(sa.Column(name, sa.String()) for name in _FINDING),
        sa.Column("day", sa.String(10)),
        sa.Column("before", sa.String()),
        sa.Column("undone_by", sa.String()),
        sa.Column("undone_at", sa.String(27)),
        sa.Column("undone_note", sa.String()),
        sa.ForeignKeyConstraint(["profile_id"], ["profiles.id"], name="fk_decisions_profiles"),
        sa.PrimaryKeyConstraint("profile_id", "number", name="pk_decisions"),
    )
