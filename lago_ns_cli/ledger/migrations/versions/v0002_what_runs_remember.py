"""Marks and watched documents: what one run tells the next one about Lago's lists.

A revision is history: it repeats the schema as it was and takes nothing from ``tables``.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two tables."""
    op.create_table(
        "marks",
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(["profile_id"], ["profiles.id"], name="fk_marks_profiles"),
        sa.PrimaryKeyConstraint("profile_id", "name", name="pk_marks"),
    )
    op.create_table(
        "watched",
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("list", sa.String(), nullable=False),
        sa.Column("lago_id", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(["profile_id"], ["profiles.id"], name="fk_watched_profiles"),
        sa.PrimaryKeyConstraint("profile_id", "list", "lago_id", name="pk_watched"),
    )
