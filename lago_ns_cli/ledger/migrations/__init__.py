"""The history of the schema: one Alembic revision a change, from the first release on.

A new revision goes into ``versions``, its id into ``HEAD``; a test holds that the revisions together make
``tables.metadata`` and that a ledger of every earlier revision can be upgraded.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

HEAD = "0004"
"""The newest revision, so that a ledger that has it is opened without loading Alembic."""


def upgrade(connection: "Connection", revision: str = "head") -> None:
    """Bring a database to a revision, within the transaction of the connection.

    Raises:
        alembic.util.CommandError: The database has a revision that is not known here.
    """
    from alembic import command

    command.upgrade(configuration(connection), revision)


def configuration(connection: "Connection | None" = None) -> "Config":
    """Describe this folder to Alembic; there is no ``alembic.ini``."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
