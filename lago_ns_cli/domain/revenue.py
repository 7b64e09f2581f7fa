"""Revenue in NetSuite against what Lago billed: amount and dates, line by line.

Advanced Revenue Management makes an *element* of each line whose item has a rule, and *plans* of the
element: how much is to be recognized in which periods. It does so in the background, some time after
the line was posted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from lago_ns_cli.domain.identifiers import InternalId, Key

_FORECAST = "FORECAST"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenuePlan:
    """A plan of an element; amounts in major units, ``None`` where the account does not tell.

    Args:
        planned: What its periods add up to.
        first: First day of its first period.
        last: Last day of its last period.
    """

    id: InternalId
    kind: str | None
    amount: Decimal | None
    planned: Decimal | None
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueElement:
    """What revenue management made of one line.

    Args:
        key: Of the invoice or memo; None where the account does not tell the line.
        line_id: Our id of the line.
        amount: Below zero on a memo.
    """

    id: InternalId
    key: Key | None
    line_id: str | None
    source: str | None
    item: InternalId | None
    amount: Decimal | None
    start: date | None
    end: date | None
    plans: tuple[RevenuePlan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenuePage:
    """A page of elements.

    Args:
        status: ``ok``; ``off`` where the account does without revenue management; ``denied`` where the role may not look.
        missing_columns: What this account does not tell of elements; those are not compared.
    """

    status: str
    elements: tuple[RevenueElement, ...] = ()
    cursor: str | None = None
    missing_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledLine:
    """A line as it was posted.

    Args:
        number: Of the invoice or credit note.
        line_id: Our id of the line; None for coupons and other lines that are no fee.
        item: NetSuite's id of the item.
        amount: In major units, before tax; below zero for what was credited.
        period: First and last day of the service, in the customer's zone.
        recognition: ``ratable`` or ``point_in_time`` as the item's mapping says; None where it says nothing.
        has_rule: Whether its item has a recognition rule in NetSuite; None where the catalog does not tell.
    """

    kind: str
    number: str
    key: Key
    line_id: str | None
    item: InternalId | None
    description: str
    amount: Decimal
    period: tuple[date, date] | None
    recognition: str | None = None
    has_rule: bool | None = None


class RevenueCode(StrEnum):
    """What may be wrong with the revenue of a line."""

    MISSING = "revenue_missing"  # the item has a rule, and there is no element
    TWICE = "revenue_twice"  # two elements of one line
    AMOUNT = "revenue_amount"  # the element is of another amount than the line
    DATES = "revenue_dates"  # it is recognized over other days than the service took
    NO_PLAN = "revenue_no_plan"  # nothing is planned
    PLAN_AMOUNT = "revenue_plan_amount"  # what is planned is not the element's amount
    PLAN_PERIODS = "revenue_plan_periods"  # the periods do not reach over the dates
    STRAY = "revenue_stray"  # an element of one of our documents, and no such line in Lago


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueFinding:
    """A difference, with both figures as a person reads them.

    Args:
        element: NetSuite's id of the element; None where there is none.
    """

    code: RevenueCode
    kind: str
    number: str
    line_id: str
    description: str
    lago: str
    netsuite: str
    element: InternalId | None = None


def compare_document(
    lines: Sequence[BilledLine], elements: Sequence[RevenueElement], kind: str, number: str
) -> list[RevenueFinding]:
    """Compare the lines of a document with the elements that speak of it.

    A line finds its elements by our id of the line; coupons and the like, which have none, by item and
    amount, and then by item alone.
    """
    named: dict[str, list[RevenueElement]] = {}
    unnamed = [element for element in elements if element.line_id is None]
    for element in elements:
        if element.line_id is not None:
            named.setdefault(element.line_id, []).append(element)
    found: list[RevenueFinding] = []
    for line in lines:
        mine = named.pop(line.line_id, []) if line.line_id is not None else []
        found += compare_line(line, mine or _take_unnamed(line, unnamed))
    left = [element for some in named.values() for element in some]
    return [*found, *(stray(element, kind, number) for element in (*left, *unnamed))]


def _take_unnamed(line: BilledLine, unnamed: list[RevenueElement]) -> list[RevenueElement]:
    """Take the element that fits a line best out of those that name no line of ours."""
    same_item = [one for one in unnamed if one.item == line.item]
    best = next((one for one in same_item if one.amount == line.amount), same_item[0] if same_item else None)
    if best is None:
        return []
    unnamed.remove(best)
    return [best]


def compare_line(line: BilledLine, elements: Sequence[RevenueElement]) -> list[RevenueFinding]:
    """Compare a line with the elements that speak of it."""
    if not elements:
        # Without a rule NetSuite makes no element, and books the line as revenue at once.
        if line.has_rule is False or not line.amount:
            return []
        return [_finding(RevenueCode.MISSING, line, None, format(line.amount, "f"), "no element")]
    if len(elements) > 1:
        ids = ", ".join(element.id for element in elements)
        return [_finding(RevenueCode.TWICE, line, elements[0], "one line", f"elements {ids}")]
    element = elements[0]
    return [*_compare_element(line, element), *_compare_plans(line, element)]


def _compare_element(line: BilledLine, element: RevenueElement) -> list[RevenueFinding]:
    found = []
    if element.amount is not None and element.amount != line.amount:
        found.append(
            _finding(RevenueCode.AMOUNT, line, element, format(line.amount, "f"), format(element.amount, "f"))
        )
    if _must_agree(line, element) and line.period is not None and line.period != (element.start, element.end):
        told = _days(element.start, element.end)
        found.append(_finding(RevenueCode.DATES, line, element, _days(*line.period), told))
    return found


def _must_agree(line: BilledLine, element: RevenueElement) -> bool:
    """Whether the dates mean the service: not where the revenue is recognized at once."""
    if line.period is None or None in (element.start, element.end) or line.recognition == "point_in_time":
        return False
    return line.recognition == "ratable" or element.start != element.end


def _compare_plans(line: BilledLine, element: RevenueElement) -> list[RevenueFinding]:
    actual = [plan for plan in element.plans if (plan.kind or "").upper() != _FORECAST]
    if not actual:
        told = format(element.amount, "f") if element.amount is not None else format(line.amount, "f")
        return [_finding(RevenueCode.NO_PLAN, line, element, told, "nothing planned")]
    found = []
    planned = [plan.planned for plan in actual if plan.planned is not None]
    wanted = line.amount if element.amount is None else element.amount
    if len(planned) == len(actual) and sum(planned, Decimal(0)) != wanted:
        total = format(sum(planned, Decimal(0)), "f")
        found.append(_finding(RevenueCode.PLAN_AMOUNT, line, element, format(wanted, "f"), total))
    if not _reaches(actual, element):
        first = min((plan.first for plan in actual if plan.first), default=None)
        last = max((plan.last for plan in actual if plan.last), default=None)
        meant = _days(element.start, element.end)
        found.append(_finding(RevenueCode.PLAN_PERIODS, line, element, meant, _days(first, last)))
    return found


def _reaches(plans: Sequence[RevenuePlan], element: RevenueElement) -> bool:
    """Whether the planned periods begin with the element's first day and end with its last.

    A period is no longer than a month and a few days; what the account does not tell is not wrong.
    """
    firsts = [plan.first for plan in plans if plan.first is not None]
    lasts = [plan.last for plan in plans if plan.last is not None]
    if not firsts or not lasts or element.start is None or element.end is None:
        return True
    early, late = (element.start - min(firsts)).days, (max(lasts) - element.end).days
    return 0 <= early < _LONGEST_PERIOD and 0 <= late < _LONGEST_PERIOD


_LONGEST_PERIOD = 35
"""Days of the longest period that revenue is planned in: a month of five weeks."""


def stray(element: RevenueElement, kind: str, number: str) -> RevenueFinding:
    """Tell of an element of one of our documents whose line Lago does not have."""
    return RevenueFinding(
        code=RevenueCode.STRAY,
        kind=kind,
        number=number,
        line_id=element.line_id or "",
        description=element.source or "",
        lago="no such line",
        netsuite="" if element.amount is None else format(element.amount, "f"),
        element=element.id,
    )


def _finding(
    code: RevenueCode, line: BilledLine, element: RevenueElement | None, lago: str, netsuite: str
) -> RevenueFinding:
    return RevenueFinding(
        code=code,
        kind=line.kind,
        number=line.number,
        line_id=line.line_id or "",
        description=line.description,
        lago=lago,
        netsuite=netsuite,
        element=None if element is None else element.id,
    )


def _days(start: date | None, end: date | None) -> str:
    return f"{start or '?'} to {end or '?'}"
