"""Kinds of entries that a command of their own carries on with; ``sync`` and ``replay`` leave them alone."""

from types import MappingProxyType

from lago_ns_cli.domain.write_back import WRITE_BACK_COMMAND, WRITE_BACK_KINDS

LAGO_OBJECT = "lago_object"
"""The kind of the entries of Lago's objects that are stored in NetSuite."""

PUSH_OBJECTS = "lago-ns fetch-catalog --push"
"""What writes them, and carries on with their entries."""

CARRIED_ON_BY = MappingProxyType(
    {**dict.fromkeys(sorted(WRITE_BACK_KINDS), WRITE_BACK_COMMAND), LAGO_OBJECT: PUSH_OBJECTS}
)
"""The command by the kind of entry."""
