"""What every rule needs at hand: the store, the masters, the fields, the switches and the account's clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from lago_ns_cli.simulator import world
from lago_ns_cli.simulator.netsuite.errors import NetSuiteError
from lago_ns_cli.simulator.netsuite.fields import FieldCatalog
from lago_ns_cli.simulator.netsuite.masters import Masters
from lago_ns_cli.simulator.netsuite.store import ENTITIES, TRANSACTIONS, Store
from lago_ns_cli.simulator.netsuite.switches import Switches

ACCOUNT_ZONE: Final = ZoneInfo(world.ACCOUNT_TIME_ZONE)

_GROUP_TABLES = {TRANSACTIONS: "transaction", ENTITIES: "customer"}


@dataclass
class Books:
    """The open books of the account.

    Attributes:
        now: The time, aware and in UTC.
    """

    store: Store
    masters: Masters
    catalog: FieldCatalog
    switches: Switches
    tax_regime: str
    now: Callable[[], datetime]

    def timestamp(self) -> str:
        """The time in the account's zone, ``YYYY-MM-DD HH:MM:SS``."""
        return self.now().astimezone(ACCOUNT_ZONE).replace(tzinfo=None).isoformat(" ", "seconds")

    def today(self) -> str:
        """The account's calendar day, ``YYYY-MM-DD``."""
        return self.timestamp()[:10]

    def precision(self, currency: str) -> int:
        """How many decimals amounts of the currency have here."""
        return self.masters.currencies[currency].precision

    def require_unique_external_id(self, pool: str, external_id: str | None, own_id: int | None) -> None:
        """Refuse an external id that another record of the group has, in whatever case.

        Raises:
            NetSuiteError: The code that the switch ``externalid_error`` names.
        """
        if external_id is None or not self.switches.externalid_unique:
            return
        table = _GROUP_TABLES.get(pool, pool)
        # The table is one of two constants, or a custom record type that this program created.
        query = f'SELECT 1 FROM "{table}" WHERE externalid = ? AND id <> ?'  # noqa: S608
        if self.store.one(query, (external_id, own_id or -1)) is not None:
            raise NetSuiteError(self.switches.externalid_error, "This record already exists")
