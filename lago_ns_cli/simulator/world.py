"""What the simulated NetSuite account and the simulated Lago organization agree on.

A real account and a real organization are set up by people who know both sides; here this table
stands for that knowledge. The NetSuite seed, the Lago generator and the mappings that
``simulator serve --write-config`` writes all read it, so an id has one home.

All NetSuite ids are internal ids, as strings.
"""

from dataclasses import dataclass

ACCOUNT_ID = "1234567_SB1"
ACCOUNT_TIME_ZONE = "America/New_York"

SCRIPT_ID = "customscript_lago_service"
DEPLOYMENT_ID = "customdeploy_lago_service"


@dataclass(frozen=True)
class Currency:
    """A currency record; ``precision`` is its number of decimals (NetSuite knows only 0 and 2)."""

    id: str
    code: str
    name: str
    precision: int


CURRENCIES = (
    Currency("1", "USD", "US Dollar", 2),
    Currency("2", "GBP", "British Pound", 2),
    Currency("4", "EUR", "Euro", 2),
    Currency("5", "JPY", "Japanese Yen", 0),
)


@dataclass(frozen=True)
class Subsidiary:
    """A OneWorld subsidiary with the base currency and the nexus it files tax in."""

    id: str
    name: str
    country: str
    currency: str
    parent: str | None
    nexus: str


SUBSIDIARIES = (
    Subsidiary("1", "Acme Holdings", "US", "1", None, "1"),
    Subsidiary("2", "Acme US Inc.", "US", "1", "1", "1"),
    Subsidiary("3", "Acme Japan K.K.", "JP", "5", "1", "3"),
    Subsidiary("4", "Acme Europe GmbH", "DE", "4", "1", "2"),
)


@dataclass(frozen=True)
class Nexus:
    """A tax jurisdiction."""

    id: str
    country: str
    state: str | None
    description: str


NEXUSES = (
    Nexus("1", "US", "NY", "New York"),
    Nexus("2", "DE", None, "Germany"),
    Nexus("3", "JP", None, "Japan"),
)


@dataclass(frozen=True)
class TaxType:
    """A SuiteTax tax type, within one nexus."""

    id: str
    name: str
    nexus: str


TAX_TYPES = (
    TaxType("3", "US Sales Tax", "1"),
    TaxType("4", "German VAT", "2"),
    TaxType("5", "Japanese Consumption Tax", "3"),
)


@dataclass(frozen=True)
class TaxCode:
    """A tax code; in the legacy regime its rate is what NetSuite computes with.

    ``lago`` names the Lago tax (or set of taxes) that the written mappings send here.
    A code of several Lago taxes is a legacy tax group and carries the sum of their rates.
    """

    id: str
    name: str
    tax_type: str
    rate: str
    lago: tuple[str, ...] = ()


TAX_CODES = (
    TaxCode("9", "Not taxable", "3", "0"),
    TaxCode("11", "US default", "3", "0"),
    TaxCode("14", "NYC sales tax", "3", "8.875", ("us_nyc",)),
    TaxCode("15", "New York State", "3", "4", ("us_ny_state",)),
    TaxCode("16", "New York City", "3", "4.5", ("us_nyc_city",)),
    TaxCode("17", "Export, zero-rated", "3", "0", ("export_zero",)),
    TaxCode("18", "New York State and City", "3", "8.5", ("us_ny_state", "us_nyc_city")),
    TaxCode("21", "German VAT", "4", "19", ("de_vat",)),
    TaxCode("22", "EU reverse charge", "4", "0", ("eu_reverse_charge",)),
    TaxCode("31", "Japanese consumption tax", "5", "10", ("jp_ct",)),
)


@dataclass(frozen=True)
class Item:
    """An item record.

    ``lago`` is the mapping row key (``billable_metric:api_calls``) or, for a default by type,
    ``type:<name>``, that the written mappings send here.
    """

    id: str
    name: str
    type: str = "Service"
    lago: str | None = None
    inactive: bool = False
    subsidiaries: tuple[str, ...] = ()
    """Empty: available to every subsidiary."""
    recognition: str = "point_in_time"


ITEMS = (
    Item("481", "LAGO Default", lago="default"),
    Item("482", "LAGO Subscription", lago="type:subscription", recognition="ratable"),
    Item("483", "LAGO Minimum commitment", lago="type:commitment", recognition="ratable"),
    Item("490", "LAGO Coupon", lago="type:coupon"),
    Item("491", "LAGO Prepaid credit used", lago="type:prepaid_credit"),
    Item("492", "LAGO Prepaid credit purchase", lago="type:prepaid_purchase"),
    Item("493", "LAGO Progressive billing", lago="type:progressive_billing"),
    Item("494", "LAGO Credit note used", lago="type:credit_note"),
    Item("500", "API calls", lago="billable_metric:api_calls"),
    Item("501", "Input tokens", lago="billable_metric:tokens_input"),
    Item("502", "Output tokens", lago="billable_metric:tokens_output"),
    Item("503", "Storage GB-hours", lago="billable_metric:storage_gb_hours"),
    Item("504", "Compute hours", lago="billable_metric:compute_hours"),
    Item("505", "Payment volume", lago="billable_metric:payment_volume"),
    Item("506", "Setup", lago="add_on:setup"),
    Item("507", "Onboarding", lago="add_on:onboarding"),
    Item("508", "Seats", lago="add_on:seats", recognition="ratable"),
    Item("509", "Premium support", lago="add_on:premium_support", recognition="ratable"),
    Item("511", "Pro plan", lago="plan:pro_monthly", recognition="ratable"),
    Item("512", "Enterprise plan", lago="plan:enterprise_yearly", recognition="ratable"),
    Item("510", "Usage, grouped"),
    Item("520", "Percentage discount", type="Discount"),
    Item("521", "Retired add-on", inactive=True),
    Item("522", "EU only service", subsidiaries=("4",)),
)


@dataclass(frozen=True)
class BillingEntity:
    """A Lago billing entity and the NetSuite subsidiary that keeps its books."""

    code: str
    name: str
    subsidiary: str
    currency: str
    country: str
    time_zone: str


BILLING_ENTITIES = (
    BillingEntity("acme-us", "Acme US", "2", "USD", "US", "America/New_York"),
    BillingEntity("acme-eu", "Acme Europe", "4", "EUR", "DE", "Europe/Berlin"),
)


@dataclass(frozen=True)
class LagoTax:
    """A tax of the Lago organization; ``rate`` in percent."""

    code: str
    name: str
    rate: str
    billing_entity: str


LAGO_TAXES = (
    LagoTax("us_nyc", "NYC sales tax", "8.875", "acme-us"),
    LagoTax("us_ny_state", "New York State sales tax", "4.0", "acme-us"),
    LagoTax("us_nyc_city", "New York City sales tax", "4.5", "acme-us"),
    LagoTax("export_zero", "Export, zero-rated", "0.0", "acme-us"),
    LagoTax("de_vat", "German VAT", "19.0", "acme-eu"),
    LagoTax("eu_reverse_charge", "EU reverse charge", "0.0", "acme-eu"),
)

PAYMENT_ACCOUNT = "120"
"""The bank account payments go to."""

PAYMENT_METHOD = "7"

SAMPLE_CUSTOMER_ID = "98765"
"""A customer that is in the account from the start: subsidiary 2, USD."""
