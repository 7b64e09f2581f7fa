"""The record of what was pushed: an SQLite file that several profiles may share.

``SqlLedger`` (``store``) is what workflows use; ``tables`` is the schema, ``migrations`` its history.

Terms: an *entry* is a document's row, in exactly one state; a *link* is its NetSuite internal id, which
once known is never lost or changed; an *attempt* is one try at pushing it, numbered from 1 without gaps,
*open* until its outcome is recorded. Everything belongs to one *profile*.

This package may import the domain. SQLAlchemy and Alembic are imported only here, and Alembic only when
a schema has to be created or upgraded: both are slow to load.
"""
