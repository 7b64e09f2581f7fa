"""Run by Alembic: applies revisions over the connection that ``migrations.upgrade`` hands in."""

from alembic import context

from lago_ns_cli.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
