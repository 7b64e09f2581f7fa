"""What the account holds on its first day: the masters of ``world.py`` and what a company has around them."""

from calendar import monthrange
from datetime import date
from typing import Final

from lago_ns_cli.simulator import world
from lago_ns_cli.simulator.netsuite.customization import (
    PAYMENT_BODY,
    SALES_BODY,
    SALES_LINES,
    CustomField,
    CustomSegment,
    install_fields,
    install_record_types,
    install_segments,
)
from lago_ns_cli.simulator.netsuite.permissions import ROLES
from lago_ns_cli.simulator.netsuite.project_objects import project_fields, project_record_types
from lago_ns_cli.simulator.netsuite.store import Store

FIRST_YEAR: Final = 2023
LAST_YEAR: Final = 2027
CLOSED_YEARS: Final = (2023, 2024)
LOCKED_PERIOD: Final = "Jan 2025"
"""Open, but locked for receivables."""

SEEDED_AT: Final = "2023-01-01 09:00:00"

RECEIVABLES: Final = "119"
UNDEPOSITED_FUNDS: Final = "116"
SCRIPTS_FOLDER: Final = "-15"
PROJECT_FOLDER: Final = "5001"

_DEFAULT_TAX_CODES = frozenset({"14", "21", "31"})
"""What the tax engine charges in each nexus when nobody overrides it."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EXCHANGE_RATES = {"USD": "1", "GBP": "1.27", "EUR": "1.09", "JPY": "0.0067"}

_ACCOUNTS = (
    (world.PAYMENT_ACCOUNT, "1000", "Checking", "Bank"),
    (UNDEPOSITED_FUNDS, "1010", "Undeposited Funds", "UnDepFunds"),
    (RECEIVABLES, "1100", "Accounts Receivable", "AcctRec"),
    ("122", "1110", "Accounts Receivable, other", "AcctRec"),
    ("130", "2100", "Deferred Revenue", "DeferRevenue"),
    ("131", "2200", "Sales Taxes Payable", "OthCurrLiab"),
    ("54", "4000", "Sales", "Income"),
    ("55", "4900", "Discounts", "Income"),
)
_TERMS = (("1", "Due on receipt", 0), ("2", "Net 15", 15), ("3", "Net 30", 30), ("4", "Net 60", 60))
_PAYMENT_METHODS = (
    ("1", "Cash"),
    ("2", "Check"),
    ("5", "Visa"),
    (world.PAYMENT_METHOD, "Stripe"),
    ("8", "Wire"),
)
_DEPARTMENTS = (("1", "Sales"), ("2", "Customer Success"), ("3", "Engineering"))
_CLASSES = (("1", "Subscriptions"), ("2", "Usage"), ("3", "Services"))
_LOCATIONS = (("1", "New York"), ("2", "Berlin"), ("3", "Tokyo"))
_SAVED_SEARCHES = (
    ("customsearch_open_invoices", "Open invoices by customer", "Transaction"),
    ("customsearch_lago_documents", "Documents from Lago", "Transaction"),
    ("customsearch_customers_by_country", "Customers by country", "Customer"),
)
_RECOGNITION_RULES = (("1", "point_in_time"), ("2", "ratable"))

_OWN_FIELDS = (
    CustomField("custbody_cost_center", "Cost center", "TEXT", "BODY", SALES_BODY + PAYMENT_BODY),
    CustomField("custcol_contract_number", "Contract number", "TEXT", "COLUMN", SALES_LINES),
    CustomField(
        "cseg_region", "Region", "SELECT", "BODY", SALES_BODY + SALES_LINES, source="customrecord_cseg_region"
    ),
)
"""What the company itself added; nothing of Lago's depends on it."""

_SEGMENTS = (CustomSegment("cseg_region", "Region", ("Americas", "EMEA", "APAC")),)


def seed_masters(store: Store, tax_regime: str) -> None:
    """Fill an empty store; one that is filled already is left alone.

    Raises:
        ValueError: The store was made for the other tax regime.
    """
    kept = store.one("SELECT value FROM _setting WHERE name = 'tax_regime'")
    if kept is not None:
        if kept[0] != tax_regime:
            raise ValueError(
                f"The account of this state file uses the {kept[0]} tax regime, not {tax_regime}: "
                "start it with that regime, or with another file."
            )
        return
    with store.transaction():
        store.execute("INSERT INTO _setting (name, value) VALUES ('tax_regime', ?)", (tax_regime,))
        _seed_organization(store)
        _seed_taxes(store)
        _seed_items(store)
        _seed_lists(store)
        _seed_periods(store)
        _seed_platform(store)
        install_segments(store, _SEGMENTS)
        install_fields(store, _OWN_FIELDS, SEEDED_AT)


def deploy_objects(store: Store) -> None:
    """Install what the SDF project brings and the account does not have yet, as a deployment does."""
    with store.transaction():
        install_record_types(store, project_record_types(), SEEDED_AT)
        install_fields(store, project_fields(), SEEDED_AT)


def _seed_organization(store: Store) -> None:
    for currency in world.CURRENCIES:
        store.put(
            "currency",
            {
                "id": currency.id,
                "symbol": currency.code,
                "name": currency.name,
                "currencyprecision": currency.precision,
                "exchangerate": _EXCHANGE_RATES.get(currency.code, "1"),
                "isinactive": "F",
            },
        )
    names = {row.id: row for row in world.SUBSIDIARIES}
    for subsidiary in world.SUBSIDIARIES:
        parent = names[subsidiary.parent].name + " : " if subsidiary.parent else ""
        store.put(
            "subsidiary",
            {
                "id": subsidiary.id,
                "name": subsidiary.name,
                "fullname": parent + subsidiary.name,
                "country": subsidiary.country,
                "currency": subsidiary.currency,
                "parent": subsidiary.parent,
                "isinactive": "F",
                "iselimination": "F",
            },
        )
        store.put("subsidiarynexus", {"subsidiary": subsidiary.id, "nexus": subsidiary.nexus})


def _seed_taxes(store: Store) -> None:
    nexus_of = {row.id: row.nexus for row in world.TAX_TYPES}
    country_of = {row.id: row.country for row in world.NEXUSES}
    for nexus in world.NEXUSES:
        store.put(
            "nexus",
            {
                "id": nexus.id,
                "country": nexus.country,
                "state": nexus.state,
                "description": nexus.description,
                "isinactive": "F",
            },
        )
    for tax_type in world.TAX_TYPES:
        store.put(
            "taxtype",
            {"id": tax_type.id, "name": tax_type.name, "nexus": tax_type.nexus, "isinactive": "F"},
        )
    for code in world.TAX_CODES:
        store.put(
            "salestaxitem",
            {
                "id": code.id,
                "itemid": code.name,
                "name": code.name,
                "rate": code.rate,
                "taxtype": code.tax_type,
                "nexus": nexus_of[code.tax_type],
                "country": country_of[nexus_of[code.tax_type]],
                "isdefault": "T" if code.id in _DEFAULT_TAX_CODES else "F",
                "isinactive": "F",
            },
        )


def _seed_items(store: Store) -> None:
    rules = {name: key for key, name in _RECOGNITION_RULES}
    everywhere = tuple(row.id for row in world.SUBSIDIARIES)
    for key, name in _RECOGNITION_RULES:
        store.put("revenuerecognitionrule", {"id": key, "name": name})
    for item in world.ITEMS:
        allowed = item.subsidiaries or everywhere
        store.put(
            "item",
            {
                "id": item.id,
                "itemid": item.name,
                "displayname": item.name,
                "itemtype": item.type,
                "isinactive": "T" if item.inactive else "F",
                "subsidiary": ", ".join(allowed),
                "incomeaccount": "55" if item.type == "Discount" else "54",
                "rate": "-10%" if item.type == "Discount" else None,
                "revenuerecognitionrule": rules[item.recognition],
                "createddate": SEEDED_AT,
                "lastmodifieddate": SEEDED_AT,
            },
        )
        for subsidiary in allowed:
            store.put("itemsubsidiarymap", {"item": item.id, "subsidiary": subsidiary})


def _seed_lists(store: Store) -> None:
    for key, number, name, kind in _ACCOUNTS:
        store.put(
            "account",
            {
                "id": key,
                "acctnumber": number,
                "fullname": name,
                "accountsearchdisplayname": f"{number} {name}",
                "accountsearchdisplaynamecopy": name,
                "accttype": kind,
                "isinactive": "F",
            },
        )
    for key, name, days in _TERMS:
        store.put("term", {"id": key, "name": name, "daysuntilnetdue": days, "isinactive": "F"})
    for key, name in _PAYMENT_METHODS:
        store.put("paymentmethod", {"id": key, "name": name, "isinactive": "F"})
    for table, rows in (("department", _DEPARTMENTS), ("classification", _CLASSES), ("location", _LOCATIONS)):
        for key, name in rows:
            store.put(table, {"id": key, "name": name, "fullname": name, "isinactive": "F"})


def _seed_periods(store: Store) -> None:
    next_id = 100
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        year_id = next_id
        _seed_period(store, year_id, f"FY {year}", (year, 1), (year, 12), parent=None)
        for quarter in range(4):
            quarter_id = year_id + 1 + quarter * 4
            first = quarter * 3 + 1
            _seed_period(
                store, quarter_id, f"Q{quarter + 1} {year}", (year, first), (year, first + 2), parent=year_id
            )
            for month in range(first, first + 3):
                name = f"{_MONTHS[month - 1]} {year}"
                period_id = quarter_id + 1 + month - first
                _seed_period(store, period_id, name, (year, month), (year, month), parent=quarter_id)
        next_id += 20


def _seed_period(
    store: Store, key: int, name: str, first: tuple[int, int], last: tuple[int, int], parent: int | None
) -> None:
    months = (last[1] - first[1]) + 1
    closed = "T" if first[0] in CLOSED_YEARS else "F"
    store.put(
        "accountingperiod",
        {
            "id": key,
            "periodname": name,
            "startdate": date(first[0], first[1], 1).isoformat(),
            "enddate": date(last[0], last[1], monthrange(*last)[1]).isoformat(),
            "closed": closed,
            "alllocked": closed,
            "arlocked": "T" if name == LOCKED_PERIOD or closed == "T" else "F",
            "isquarter": "T" if months == 3 else "F",
            "isyear": "T" if months == 12 else "F",
            "isadjust": "F",
            "isposting": "T" if months == 1 else "F",
            "parent": parent,
        },
    )


def _seed_platform(store: Store) -> None:
    for key, (search_id, title, record_type) in enumerate(_SAVED_SEARCHES, start=1):
        store.put(
            "savedsearch",
            {
                "internalid": key,
                "id": search_id,
                "title": title,
                "recordtype": record_type,
                "isinactive": "F",
            },
        )
    for role in ROLES.values():
        store.put("role", {"id": role.id, "scriptid": role.script_id, "name": role.name, "isinactive": "F"})
    store.put(
        "script",
        {"id": 901, "scriptid": world.SCRIPT_ID, "name": "Lago", "scripttype": "RESTLET", "isinactive": "F"},
    )
    store.put(
        "scriptdeployment",
        {
            "primarykey": 902,
            "script": 901,
            "scriptid": world.DEPLOYMENT_ID,
            "title": "Lago",
            "isdeployed": "T",
            "status": "RELEASED",
        },
    )
    for folder, name, parent in (
        (SCRIPTS_FOLDER, "SuiteScripts", None),
        (PROJECT_FOLDER, "lago", SCRIPTS_FOLDER),
    ):
        store.put(
            "mediaitemfolder",
            {
                "id": folder,
                "name": name,
                "parent": parent,
                "appfolder": name,
                "foldertype": "",
                "isinactive": "F",
            },
        )
