"""Master data of the account in memory: what selects may point to and what totals depend on.

Read from the store and read again after a person changed something, because only persons change masters.
"""

from dataclasses import dataclass, field

from lago_ns_cli.simulator.netsuite.store import Store


@dataclass(frozen=True)
class CurrencyRow:
    """A currency; ``rate`` is its exchange rate to the root subsidiary's currency."""

    id: str
    symbol: str
    precision: int
    rate: str


@dataclass(frozen=True)
class SubsidiaryRow:
    """A subsidiary with its base currency and the nexuses it is registered in, its own first."""

    id: str
    name: str
    currency: str
    nexuses: tuple[str, ...]


@dataclass(frozen=True)
class ItemRow:
    """An item; ``rate`` is a discount item's own, such as ``-10%``."""

    id: str
    name: str
    type: str
    inactive: bool
    subsidiaries: frozenset[str]
    rate: str | None

    @property
    def is_discount(self) -> bool:
        """Discount items carry no quantity and may take a share of the line above them."""
        return self.type == "Discount"


@dataclass(frozen=True)
class TaxCodeRow:
    """A tax code; ``rate`` in percent."""

    id: str
    name: str
    tax_type: str
    nexus: str
    rate: str
    is_default: bool


@dataclass(frozen=True)
class AccountRow:
    """A general-ledger account."""

    id: str
    name: str
    type: str


_SIMPLE_TABLES = (
    "currency",
    "subsidiary",
    "nexus",
    "taxtype",
    "salestaxitem",
    "account",
    "term",
    "paymentmethod",
    "department",
    "classification",
    "location",
)


@dataclass
class Masters:
    """The master rows by id; inactive rows are absent from ``active`` but present in the dictionaries."""

    store: Store
    currencies: dict[str, CurrencyRow] = field(default_factory=dict)
    subsidiaries: dict[str, SubsidiaryRow] = field(default_factory=dict)
    items: dict[str, ItemRow] = field(default_factory=dict)
    tax_types: dict[str, str] = field(default_factory=dict)
    tax_codes: dict[str, TaxCodeRow] = field(default_factory=dict)
    accounts: dict[str, AccountRow] = field(default_factory=dict)
    term_days: dict[str, int] = field(default_factory=dict)
    active: dict[str, frozenset[str]] = field(default_factory=dict)

    def reload(self) -> None:
        """Read everything again."""
        rows = self.store.rows
        self.currencies = {
            str(key): CurrencyRow(str(key), symbol, precision, rate)
            for key, symbol, precision, rate in rows(
                "SELECT id, symbol, currencyprecision, exchangerate FROM currency"
            )
        }
        self.subsidiaries = self._read_subsidiaries()
        self.items = self._read_items()
        self.tax_types = {str(key): str(nexus) for key, nexus in rows("SELECT id, nexus FROM taxtype")}
        self.tax_codes = {
            str(key): TaxCodeRow(str(key), name, str(kind), str(nexus), rate, default == "T")
            for key, name, kind, nexus, rate, default in rows(
                "SELECT id, name, taxtype, nexus, rate, isdefault FROM salestaxitem"
            )
        }
        self.accounts = {
            str(key): AccountRow(str(key), name, kind)
            for key, name, kind in rows("SELECT id, accountsearchdisplayname, accttype FROM account")
        }
        self.term_days = {str(key): days for key, days in rows("SELECT id, daysuntilnetdue FROM term")}
        self.active = {table: self._active_ids(table) for table in (*_SIMPLE_TABLES, *self._segment_tables())}

    def is_active(self, table: str, key: str) -> bool:
        """Whether a select of that source may hold the id."""
        return key in self.active.get(table, frozenset())

    def default_tax_code(self, nexus: str) -> TaxCodeRow | None:
        """What the tax engine charges in a nexus when nobody overrides it."""
        return next(
            (code for code in self.tax_codes.values() if code.nexus == nexus and code.is_default), None
        )

    def account_of_type(self, account_type: str) -> str | None:
        """The first account of a type, which is the account's default for it."""
        return next((row.id for row in self.accounts.values() if row.type == account_type), None)

    def _read_subsidiaries(self) -> dict[str, SubsidiaryRow]:
        nexuses: dict[str, list[str]] = {}
        for subsidiary, nexus in self.store.rows(
            "SELECT subsidiary, nexus FROM subsidiarynexus ORDER BY nexus"
        ):
            nexuses.setdefault(str(subsidiary), []).append(str(nexus))
        return {
            str(key): SubsidiaryRow(str(key), name, str(currency), tuple(nexuses.get(str(key), ())))
            for key, name, currency in self.store.rows("SELECT id, name, currency FROM subsidiary")
        }

    def _read_items(self) -> dict[str, ItemRow]:
        allowed: dict[int, set[str]] = {}
        for item, subsidiary in self.store.rows("SELECT item, subsidiary FROM itemsubsidiarymap"):
            allowed.setdefault(item, set()).add(str(subsidiary))
        return {
            str(key): ItemRow(str(key), name, kind, inactive == "T", frozenset(allowed.get(key, ())), rate)
            for key, name, kind, inactive, rate in self.store.rows(
                "SELECT id, itemid, itemtype, isinactive, rate FROM item"
            )
        }

    def _segment_tables(self) -> list[str]:
        return [row[0] for row in self.store.rows("SELECT recordtype FROM customsegment")]

    def _active_ids(self, table: str) -> frozenset[str]:
        # The table names are this module's own or those of segments that this program created.
        query = f"SELECT id FROM \"{table}\" WHERE isinactive = 'F'"  # noqa: S608
        return frozenset(str(row[0]) for row in self.store.rows(query))
