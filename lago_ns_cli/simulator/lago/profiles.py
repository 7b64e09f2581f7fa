"""The customers: who they are, where, and what they buy. A pure function of the seed and an index."""

from dataclasses import dataclass
from decimal import Decimal

from lago_ns_cli.simulator.lago.money import rounded_to, subunits
from lago_ns_cli.simulator.lago.source import Source

COMPANIES = (
    "Hooli", "Initech", "Globex", "Initrode", "Umbrella Analytics", "Stark Compute", "Wayne Telemetry", "Vandelay",
    "Pied Piper", "Soylent", "Tyrell", "Cyberdyne", "Massive Dynamic", "Aperture", "Wonka", "Duff", "Oceanic",
    "Sirius Cybernetics", "Monsters", "Prestige Worldwide", "Gringotts", "Dunder Mifflin", "Virtucon", "Nakatomi",
)  # fmt: skip
INDIVIDUALS = (("Jane", "Doe"), ("Max", "Mustermann"), ("Taro", "Yamada"), ("Erika", "Mustermann"))

PARTNER_EVERY = 50
PARTNER_AT = 7
SAMPLE_SEQUENTIAL_ID = 42
"""Left free, so that a document written by hand for customer 42 meets no generated namesake."""

PRICE_LEVEL = {"USD": Decimal("1"), "EUR": Decimal("0.9"), "JPY": Decimal("150")}
"""What one US dollar of a price list costs in the customer's currency."""

ENTITY_PREFIXES = {"acme-us": "ACM-1F2E", "acme-eu": "ACE-7C31"}

_NYC = ("us_nyc",)
_STATE_AND_CITY = ("us_ny_state", "us_nyc_city")
_EXPORT = ("export_zero",)
_US_TAXES = (_NYC, _STATE_AND_CITY, _NYC, _EXPORT, _EXPORT, _STATE_AND_CITY)
_EU_TAXES = (("de_vat",), ("eu_reverse_charge",))


def local_price(dollars: Decimal, currency: str) -> Decimal:
    """Express a price of the price list in another currency, in whole smallest units."""
    return rounded_to(dollars * PRICE_LEVEL[currency], 0 if subunits(currency) == 1 else 2)


@dataclass(frozen=True)
class Address:
    """A postal address, with the time zone of the place."""

    line1: str
    city: str
    state: str | None
    zipcode: str
    country: str
    time_zone: str


_NEW_YORK = Address("5230 Penfield Ave", "New York", "NY", "10001", "US", "America/New_York")
_LONDON = Address("1 Example Street", "London", None, "EC1A 1BB", "GB", "Europe/London")
_BERLIN = Address("Musterstraße 12", "Berlin", None, "10115", "DE", "Europe/Berlin")
_PARIS = Address("8 rue de l'Exemple", "Paris", None, "75002", "FR", "Europe/Paris")
_TOKYO = Address("1-2-3 Marunouchi", "Chiyoda-ku", "Tokyo", "100-0005", "JP", "Asia/Tokyo")
_KIRITIMATI = Address("London Road", "Kiritimati", None, "KI0101", "KI", "Pacific/Kiritimati")

_EXPORT_ADDRESSES = (_TOKYO, _LONDON, _TOKYO, _KIRITIMATI)


@dataclass(frozen=True)
class Profile:
    """What is known of a customer before anything is billed."""

    index: int
    sequential_id: int
    external_id: str
    name: str | None
    person: tuple[str, str] | None
    emails: tuple[str, ...]
    address: Address
    has_own_time_zone: bool
    billing_entity: str
    currency: str
    tax_codes: tuple[str, ...]
    partner: bool
    net_payment_term: int
    plan: str
    bundle: int
    """Which set of usage charges the customer consumes."""
    has_seats: bool
    state_tax_on_storage: bool
    """Storage is taxed by the state alone, so that fees of one invoice carry different taxes."""
    traceable_wallets: bool
    """Whether Lago can tell granted from purchased prepaid credit."""

    @property
    def slug(self) -> str:
        """The customer's part of its document numbers."""
        return f"{ENTITY_PREFIXES[self.billing_entity]}-{self.sequential_id:03d}"

    @property
    def time_zone(self) -> str:
        """The time zone in which the customer's months begin."""
        return self.address.time_zone


def is_partner(index: int) -> bool:
    """Tell whether a customer is a partner, whose invoices are self-billed."""
    return index % PARTNER_EVERY == PARTNER_AT


def partners_below(index: int) -> int:
    """Count the partners among the customers before ``index``."""
    return (index + PARTNER_EVERY - 1 - PARTNER_AT) // PARTNER_EVERY


def sequential_id(index: int) -> int:
    """Return the number Lago gave the customer, one number left free."""
    return index + 1 if index + 1 < SAMPLE_SEQUENTIAL_ID else index + 2


def index_of_sequential_id(number: int) -> int | None:
    """Return the index of the customer of a number, the inverse of ``sequential_id``."""
    if number < 1 or number == SAMPLE_SEQUENTIAL_ID:
        return None
    return number - 1 if number < SAMPLE_SEQUENTIAL_ID else number - 2


def external_id(index: int) -> str:
    """Return the customer's id in the operator's own system; some of them hold a dot."""
    suffix = ".example" if index % 40 == 6 else ""
    return f"cust_{sequential_id(index):04d}{suffix}"


def index_of_external_id(text: str) -> int | None:
    """Return the index of the customer with an external id, the inverse of ``external_id``."""
    digits = text.removeprefix("cust_").removesuffix(".example")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 9):
        return None
    index = index_of_sequential_id(int(digits))
    return index if index is not None and external_id(index) == text else None


def profile(source: Source, index: int) -> Profile:
    """Describe customer ``index``."""
    draws = source.draws("profile", index)
    european = index % 3 == 2
    taxes = _EU_TAXES[index // 3 % 2] if european else _US_TAXES[(index // 3 * 2 + index % 3) % 6]
    address = _address(index, european=european, taxes=taxes)
    person = INDIVIDUALS[index // 4 % 4] if index % 9 == 3 else None
    name = None if person and index % 2 else _company_name(index, address)
    return Profile(
        index=index,
        sequential_id=sequential_id(index),
        external_id=external_id(index),
        name=name,
        person=person,
        emails=_emails(index),
        address=address,
        has_own_time_zone=index % 5 != 1,
        billing_entity="acme-eu" if european else "acme-us",
        currency=_currency(index, address, european=european),
        tax_codes=taxes,
        partner=is_partner(index),
        net_payment_term=draws.choice((30, 30, 14, 45, 0)),
        plan="enterprise_yearly" if index % 5 == 4 else "pro_monthly",
        bundle=index % 4,
        has_seats=index % 3 == 1,
        state_tax_on_storage=index >= 8 and len(taxes) > 1,
        traceable_wallets=index % 3 != 2,
    )


def _address(index: int, *, european: bool, taxes: tuple[str, ...]) -> Address:
    if european:
        return _BERLIN if taxes == ("de_vat",) else _PARIS
    if taxes == _EXPORT:
        return _EXPORT_ADDRESSES[index // 2 % 4]
    return _NEW_YORK


def _currency(index: int, address: Address, *, european: bool) -> str:
    if address is _TOKYO:
        return "JPY"
    if european:
        return "USD" if index % 12 == 11 else "EUR"
    return "USD"


def _company_name(index: int, address: Address) -> str:
    form = {"DE": "GmbH", "FR": "SARL", "JP": "K.K.", "GB": "Ltd"}.get(address.country, "Inc.")
    round_number = index // len(COMPANIES)
    series = f" {round_number + 1}" if round_number else ""
    return f"{COMPANIES[index % len(COMPANIES)]}{series} {form}"


def _emails(index: int) -> tuple[str, ...]:
    domain = f"{COMPANIES[index % len(COMPANIES)].lower().replace(' ', '-')}.example"
    return (f"ap@{domain}", f"cfo@{domain}") if index % 6 == 0 else (f"billing@{domain}",)
