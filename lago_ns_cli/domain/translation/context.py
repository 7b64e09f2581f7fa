"""What a translation is given, and what it gives back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from lago_ns_cli.domain.catalog import AccountProfile
from lago_ns_cli.domain.documents import FeeTax
from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId
from lago_ns_cli.domain.mapping import Mappings
from lago_ns_cli.domain.money import to_precision
from lago_ns_cli.domain.periods import ClosedPeriodPolicy
from lago_ns_cli.domain.records import Record, Reference
from lago_ns_cli.errors import DocumentError


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a translation may know besides the document.

    Args:
        links: Internal ids that are known, by key.
        fee_taxes: Taxes of single fees, where the invoice alone does not tell them.
        external_entity_ids: Number customers in NetSuite by their Lago external id.
        closed_periods: What becomes of documents dated in a closed period.
    """

    mappings: Mappings
    account: AccountProfile
    links: Mapping[Key, InternalId] = field(default_factory=dict)
    fee_taxes: Mapping[LagoId, Sequence[FeeTax]] = field(default_factory=dict)
    external_entity_ids: bool = False
    closed_periods: ClosedPeriodPolicy = ClosedPeriodPolicy.HOLD

    def reference(self, key: Key) -> Reference:
        """Refer to another record of ours, by internal id where it is known."""
        return Reference(key, self.links.get(key))


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person should see and that stops nothing."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason why a document cannot be translated.

    Args:
        subject: What is concerned, as a mapping row would name it
            (``billable_metric:api_calls``, ``tax:us_nyc``, ``currency:SEK``), or the document.
    """

    code: str
    subject: str
    message: str
    hint: str


class TranslationError(DocumentError):
    """A document cannot be translated; ``problems`` are all the reasons at once."""

    default_code = "untranslatable"

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        message = "; ".join(problem.message for problem in problems[:5])
        if len(problems) > 5:
            message += f"; and {len(problems) - 5} more"
        super().__init__(message, hint=first.hint, code=first.code)
        self.problems = tuple(problems)


class FeeTaxesNeededError(Exception):
    """The invoice alone does not tell which tax is on which fee.

    Not a failure: the caller fetches the taxes of the named fees and translates again.
    """

    def __init__(self, fees: Sequence[LagoId]) -> None:
        super().__init__(f"the taxes of {len(fees)} fees are needed")
        self.fees = tuple(fees)


def refuse(code: str, subject: str, message: str, hint: str) -> NoReturn:
    """Hold the document for one reason.

    Raises:
        TranslationError: Always.
    """
    raise TranslationError([Problem(code, subject, message, hint)])


class Findings:
    """Problems and notices as a translation meets them; problems are raised together."""

    def __init__(self) -> None:
        self._problems: dict[Problem, None] = {}
        self._notices: dict[Notice, None] = {}

    def problem(self, code: str, subject: str, message: str, hint: str) -> None:
        """Note a reason to hold the document, once."""
        self._problems[Problem(code, subject, message, hint)] = None

    def notice(self, code: str, message: str) -> None:
        """Note something worth a look, once."""
        self._notices[Notice(code, message)] = None

    @property
    def notices(self) -> tuple[Notice, ...]:
        """The notices so far."""
        return tuple(self._notices)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems so far."""
        return tuple(self._problems)

    def raise_problems(self) -> None:
        """End the translation if there is any problem.

        Raises:
            TranslationError: With all problems.
        """
        if self._problems:
            raise TranslationError(tuple(self._problems))


@dataclass(frozen=True, slots=True)
class AccountCurrency:
    """A Lago currency as the account keeps it; ``precision`` decimals."""

    code: str
    id: str
    precision: int

    def amount(self, minor_units: int) -> str:
        """Write minor units as NetSuite keeps them.

        Raises:
            TranslationError: The amount needs more decimals than the account keeps.
        """
        text = to_precision(minor_units, self.code, self.precision)
        if text is None:
            refuse(
                "currency_precision",
                f"currency:{self.code}",
                f"an amount of {minor_units} minor units of {self.code} needs more decimals than the "
                f"{self.precision} that this NetSuite account keeps for the currency",
                "Post this document by hand, or change the price in Lago to whole NetSuite units.",
            )
        return text


def account_currency(code: str, context: Context) -> AccountCurrency:
    """Find the currency record of a Lago currency and its precision.

    Raises:
        TranslationError: The currency is not mapped, or the account does not have it.
    """
    resolution = context.mappings.currency(code)
    if resolution.value is None:
        refuse(
            "currency_unmapped",
            f"currency:{code}",
            f"the currency {code} has no NetSuite currency",
            f"lago-ns map set currency {code} --to <internal id>",
        )
    precision = context.account.precisions.get(resolution.value)
    if precision is None:
        refuse(
            "currency_unknown_in_netsuite",
            f"currency:{code}",
            f"the currency {code} is mapped to {resolution.value}, which NetSuite does not have",
            "lago-ns fetch-catalog, then lago-ns map check",
        )
    return AccountCurrency(code, resolution.value, precision)


@dataclass(frozen=True, slots=True)
class Translation:
    """The records a document becomes: the document's own first, then what it brings along."""

    records: tuple[Record, ...]
    notices: tuple[Notice, ...] = ()

    @property
    def record(self) -> Record:
        """The document's own record."""
        return self.records[0]
