"""Usage units: what each call of a script costs, and the end of a script that spends too much.

Costs follow NetSuite's published table. A RESTlet has 5,000 units and 300 seconds.
"""

from types import MappingProxyType
from typing import Final

UNITS_PER_RESTLET: Final = 5000
SECONDS_PER_RESTLET: Final = 300

_TRANSACTIONS = frozenset(
    {
        "invoice",
        "creditmemo",
        "customerpayment",
        "customerrefund",
        "customerdeposit",
        "journalentry",
        "salesorder",
    }
)

_BY_RECORD = MappingProxyType(
    {  # transaction, custom record, any other
        "create": (10, 2, 5),
        "load": (10, 2, 5),
        "submitFields": (10, 2, 5),
        "save": (20, 4, 10),
        "delete": (20, 4, 10),
    }
)

_FLAT = MappingProxyType(
    {
        "query": 10,
        "search.runPaged": 5,
        "search.fetch": 5,
        "file.load": 10,
        "file.save": 20,
        "file.delete": 20,
    }
)


class ScriptKilledError(Exception):
    """NetSuite ends the script; its code cannot catch this, and what it saved stays saved."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.message = message


def units_of(call: str, record_type: str | None = None) -> int:
    """What a call costs.

    Args:
        call: ``create``, ``load``, ``submitFields``, ``save``, ``delete`` of a record, or a name such as ``query``.
        record_type: The record's type, where the call is one on records.

    Source: "SuiteScript 2.x API Governance" in NetSuite's help.
    """
    if call not in _BY_RECORD:
        return _FLAT[call]
    transaction, custom, other = _BY_RECORD[call]
    if record_type in _TRANSACTIONS:
        return transaction
    return custom if (record_type or "").startswith("customrecord") else other


class Meter:
    """Counts the units of one execution."""

    def __init__(self, limit: int = UNITS_PER_RESTLET) -> None:
        self._limit = limit
        self.used = 0

    @property
    def remaining(self) -> int:
        """Units that are left."""
        return self._limit - self.used

    def charge(self, call: str, record_type: str | None = None) -> None:
        """Take a call's units, before the call is made.

        Raises:
            ScriptKilledError: SSS_USAGE_LIMIT_EXCEEDED; the call must not be made.
        """
        cost = units_of(call, record_type)
        if cost > self.remaining:
            raise ScriptKilledError("SSS_USAGE_LIMIT_EXCEEDED", "Script Execution Usage Limit Exceeded")
        self.used += cost
