"""When a profile last did anything, without making the profile or the file by asking."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import create_engine, func, select

from lago_ns_cli.ledger.engine import database_name, ledger_errors
from lago_ns_cli.ledger.tables import audit, profiles


def last_activity(url: str, profile: str) -> datetime | None:
    """Tell when the trail of a profile got its last entry; None where there is none.

    Raises:
        LedgerError: The file is no ledger, or cannot be read.
    """
    name = database_name(url)
    if name == ":memory:" or not Path(name).exists():
        return None
    engine = create_engine(url)
    query = (
        select(func.max(audit.c.at, type_=audit.c.at.type))
        .join(profiles, profiles.c.id == audit.c.profile_id)
        .where(profiles.c.name == profile)
    )
    try:
        with ledger_errors(name), engine.connect() as connection:
            found: datetime | None = connection.execute(query).scalar_one()
            return found
    finally:
        engine.dispose()
