"""The fees of an invoice: units, prices and amounts by each charge model, before coupons and tax."""

from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import Any, Literal, NamedTuple

from lago_ns_cli.simulator.lago.catalog import ADD_ONS, BUNDLES, METRIC_BY_CODE, PLANS, TAXES, Metric, Tax
from lago_ns_cli.simulator.lago.money import rounded, rounded_to, subunits
from lago_ns_cli.simulator.lago.profiles import PRICE_LEVEL, Profile, local_price
from lago_ns_cli.simulator.lago.schedule import Slot
from lago_ns_cli.simulator.lago.source import Draws

FeeType = Literal["subscription", "charge", "fixed_charge", "commitment", "add_on", "credit"]
Period = Literal["arrears", "year_ahead", "none"]

_ZERO = Decimal(0)
_ONE = Decimal(1)


class Recipe(NamedTuple):
    """A fee to be: what it charges, not yet how much."""

    type: FeeType
    code: str
    region: str = ""
    true_up: bool = False


@dataclass(slots=True)
class Fee:
    """A fee with its amounts; cents are the currency's smallest units."""

    part: int
    recipe: Recipe
    units: Decimal
    unit_price: Decimal
    """In currency units, 15 decimals at most."""
    precise_cents: Decimal
    amount: int
    taxes: tuple[Tax, ...]
    events: int | None = None
    details: dict[str, Any] = field(default_factory=dict)
    coupons: Decimal = _ZERO
    """Share of coupons and progressive billing credit, in cents, five decimals."""

    @property
    def base(self) -> Decimal:
        """What is taxed, in cents."""
        return self.amount - self.coupons

    @property
    def precise_base(self) -> Decimal:
        """What is taxed before the fee was rounded."""
        return self.precise_cents - self.coupons

    @property
    def tax_rate(self) -> Decimal:
        """The sum of the rates, in percent."""
        return sum((tax.rate for tax in self.taxes), _ZERO)

    @property
    def tax_amount(self) -> int:
        """The fee's own tax, rounded alone."""
        return rounded(self.base * self.tax_rate / 100)

    @property
    def is_usage(self) -> bool:
        """Whether progressive billing counts the fee."""
        return self.recipe.type == "charge"

    @property
    def period(self) -> Period:
        """Which period the fee is for."""
        if self.recipe.type in ("credit", "commitment", "add_on"):
            return "none"
        in_advance = self.recipe.type == "subscription" and PLANS[self.recipe.code].pay_in_advance
        return "year_ahead" if in_advance else "arrears"


def recipes(profile: Profile, slot: Slot) -> list[Recipe]:
    """List the fees of an invoice, in the order in which Lago creates them."""
    if slot.invoice_type == "credit":
        return [Recipe("credit", "credit")]
    if slot.invoice_type == "one_off":
        codes = (("setup",), ("onboarding", "premium_support"), ("premium_support",))
        return [Recipe("add_on", code) for code in codes[(profile.index + slot.index) % len(codes)]]
    charges = [recipe for code in BUNDLES[profile.bundle] for recipe in _charges(profile, code)]
    if slot.invoice_type == "progressive_billing":
        return charges
    listed = list(charges)
    if profile.plan == "pro_monthly" or slot.yearly_fee:
        listed.insert(0, Recipe("subscription", profile.plan))
    if profile.has_seats:
        listed.append(Recipe("fixed_charge", "seats"))
    if slot.true_up and not slot.without_usage:
        listed.append(Recipe("charge", "payment_volume", true_up=True))
    if slot.commitment:
        listed.append(Recipe("commitment", profile.plan))
    return listed


def _charges(profile: Profile, code: str) -> list[Recipe]:
    if code == "api_calls" and profile.bundle == 3:
        return [Recipe("charge", code, "us"), Recipe("charge", code, "eu")]
    return [Recipe("charge", code)]


class FeeMaker:
    """Makes the fees of one invoice.

    Args:
        profile: Whose invoice it is; sets currency, price level and taxes.
        slot: The invoice.
        draws: Where amounts are drawn from.
    """

    def __init__(self, profile: Profile, slot: Slot, draws: Draws) -> None:
        self._profile = profile
        self._slot = slot
        self._draws = draws
        self._level = PRICE_LEVEL[profile.currency]
        self._subunits = subunits(profile.currency)
        self._taxes = tuple(TAXES[code] for code in profile.tax_codes)

    def fees(self, *, after_progressive: bool) -> list[Fee]:
        """Return the fees; after a progressive invoice no charge is below what was billed already."""
        made: list[Fee] = []
        for part, recipe in enumerate(recipes(self._profile, self._slot)):
            fee = (
                self._true_up(part, recipe, made)
                if recipe.true_up
                else self._fee(part, recipe, after_progressive)
            )
            made.append(fee)
        return made

    def _fee(self, part: int, recipe: Recipe, after_progressive: bool) -> Fee:
        if recipe.type == "charge":
            return self._charge(
                part, recipe, METRIC_BY_CODE[recipe.code], after_progressive=after_progressive
            )
        if recipe.type == "fixed_charge":
            return self._priced(part, recipe, Decimal(self._draws.randint(1, 40)), ADD_ONS[recipe.code].price)
        if recipe.type == "add_on":
            units = Decimal(2 if self._draws.random() < 0.2 else 1)
            return self._priced(part, recipe, units, ADD_ONS[recipe.code].price)
        if recipe.type == "credit":
            return self._priced(part, recipe, Decimal(self._draws.choice((50, 75, 100))), _ONE)
        return self._priced(part, recipe, _ONE, self._flat_price(recipe))

    def _flat_price(self, recipe: Recipe) -> Decimal:
        if self._slot.without_usage:
            return _ZERO
        if recipe.type == "commitment":
            return Decimal(self._draws.randint(50_000, 400_000)) / 100
        return PLANS[recipe.code].price

    def _priced(self, part: int, recipe: Recipe, units: Decimal, dollars: Decimal) -> Fee:
        price = local_price(dollars, self._profile.currency)
        if self._slot.without_usage:
            units = _ZERO if recipe.type == "fixed_charge" else units
        fee = self._with_amount(part, recipe, units, price, units * price)
        if recipe.type == "subscription":
            fee.details = {"plan_amount_cents": fee.amount}
        return fee

    def _charge(self, part: int, recipe: Recipe, metric: Metric, *, after_progressive: bool) -> Fee:
        units = self._units(recipe, metric, after_progressive=after_progressive)
        amount = charge_amount(metric, units) * self._level
        price = (
            metric.price * self._level
            if metric.model == "standard"
            else _average_price(metric, units, amount)
        )
        fee = self._with_amount(part, recipe, units, price, amount)
        fee.events = int(units) if metric.aggregation == "count_agg" else int(units % 9973) + bool(units)
        return fee

    def _units(self, recipe: Recipe, metric: Metric, *, after_progressive: bool) -> Decimal:
        slot, draws = self._slot, self._draws
        factor = Decimal(draws.randint(400_000, 2_200_000)) / 1_000_000
        if slot.invoice_type == "progressive_billing":
            factor = factor / 11
        enterprise = self._profile.plan == "enterprise_yearly"
        idle = draws.random() < 0.08 and not (enterprise or after_progressive)
        if slot.without_usage or idle:
            return _ZERO
        if slot.true_up and metric.minimum and recipe.code == "payment_volume":
            factor = factor / 5
        units = metric.typical_units * factor * (10 if enterprise else 1)
        return rounded_to(units, metric.decimals)

    def _true_up(self, part: int, recipe: Recipe, made: list[Fee]) -> Fee:
        billed = (
            sum((fee.precise_cents for fee in made if fee.recipe.code == recipe.code), _ZERO) / self._subunits
        )
        missing = max(METRIC_BY_CODE[recipe.code].minimum * self._level - billed, _ZERO)
        fee = self._with_amount(part, recipe, _ONE, _ZERO, missing)
        fee.unit_price = Decimal(fee.amount) / self._subunits
        fee.precise_cents = Decimal(fee.amount)
        fee.events = 0
        return fee

    def _with_amount(self, part: int, recipe: Recipe, units: Decimal, price: Decimal, amount: Decimal) -> Fee:
        cents = rounded_to(amount * self._subunits, 15)
        return Fee(part, recipe, units, price, cents, rounded(cents), self._taxes_of(recipe))

    def _taxes_of(self, recipe: Recipe) -> tuple[Tax, ...]:
        if recipe.type == "credit" or self._slot.status == "failed":
            return ()
        if recipe.code == "storage_gb_hours" and self._profile.state_tax_on_storage:
            return (TAXES["us_ny_state"],)
        return self._taxes


def _average_price(metric: Metric, units: Decimal, amount: Decimal) -> Decimal:
    """Return what Lago calls the unit price: of a package charge the price of a unit that is not free."""
    paid = units - metric.free_units
    return rounded_to(amount / paid, 15) if paid > 0 else _ZERO


def charge_amount(metric: Metric, units: Decimal) -> Decimal:
    """Price a month's usage by the charge's model, in US dollars, not rounded."""
    if metric.model == "graduated":
        return _graduated(metric, units)
    if metric.model == "package":
        packages = ((units - metric.free_units) / metric.package_size).to_integral_value(ROUND_CEILING)
        return max(packages, _ZERO) * metric.price
    if metric.model == "percentage":
        transactions = int(units % 97) + bool(units)
        return units * metric.price / 100 + transactions * metric.fixed_amount
    return units * metric.price


def _graduated(metric: Metric, units: Decimal) -> Decimal:
    amount = _ZERO
    lower = _ZERO
    for up_to, price, flat in metric.tiers:
        if units <= lower:
            break
        upper = units if up_to is None else min(units, Decimal(up_to))
        amount += (upper - lower) * price + flat
        lower = upper if up_to is None else Decimal(up_to)
    return amount
