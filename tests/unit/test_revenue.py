"""Revenue of a line: what is compared, and what is not held against the account."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lago_ns_cli.domain.identifiers import InternalId, Key
from lago_ns_cli.domain.revenue import (
    BilledLine,
    RevenueElement,
    RevenuePlan,
    compare_document,
    compare_line,
)

JULY = (date(2026, 7, 1), date(2026, 7, 31))


def line(**changes: Any) -> BilledLine:
    return BilledLine(
        **{
            "kind": "invoice", "number": "N-1", "key": Key("lago:inv:1"), "line_id": "fee-1",
            "item": InternalId("482"), "description": "Pro", "amount": Decimal("100.00"), "period": JULY,
            "recognition": "ratable", "has_rule": True, **changes,
        }
    )  # fmt: skip


def plan(**changes: Any) -> RevenuePlan:
    return RevenuePlan(
        **{
            "id": InternalId("9"), "kind": "ACTUAL", "amount": Decimal("100"), "planned": Decimal("100"),
            "first": JULY[0], "last": JULY[1], **changes,
        }
    )  # fmt: skip


def element(**changes: Any) -> RevenueElement:
    return RevenueElement(
        **{
            "id": InternalId("5"), "key": Key("lago:inv:1"), "line_id": "fee-1", "source": "Invoice #N-1",
            "item": InternalId("482"), "amount": Decimal("100"), "start": JULY[0], "end": JULY[1],
            "plans": (plan(),), **changes,
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("billed", "elements", "codes"),
    [
        # as it should be
        (line(), [element()], []),
        # in two periods, one plan each
        (line(period=(date(2026, 7, 15), date(2026, 8, 14))),
         [element(start=date(2026, 7, 15), end=date(2026, 8, 14),
                  plans=(plan(planned=Decimal(55)),
                         plan(planned=Decimal(45), first=date(2026, 8, 1), last=date(2026, 8, 31))))], []),
        # a forecast beside the actual plan does not count
        (line(), [element(plans=(plan(), plan(kind="FORECAST", planned=Decimal(7))))], []),
        # no element, and none is due: the item has no rule, or there is no amount
        (line(has_rule=False), [], []),
        (line(amount=Decimal(0)), [], []),
        (line(), [], ["revenue_missing"]),
        (line(has_rule=None), [], ["revenue_missing"]),
        (line(), [element(), element(id=InternalId("6"))], ["revenue_twice"]),
        # the plan follows the element, so one difference is one finding
        (line(), [element(amount=Decimal("99.99"), plans=(plan(planned=Decimal("99.99")),))], ["revenue_amount"]),
        (line(), [element(start=date(2026, 7, 2))], ["revenue_dates"]),
        # recognized at once: the service's days are none of it
        (line(recognition="point_in_time"), [element(start=JULY[1], end=JULY[1])], []),
        (line(recognition=None), [element(start=JULY[1], end=JULY[1])], []),
        (line(recognition="ratable"), [element(start=JULY[1], end=JULY[1])], ["revenue_dates"]),
        (line(period=None), [element(start=date(2026, 7, 2))], []),
        (line(), [element(plans=())], ["revenue_no_plan"]),
        (line(), [element(plans=(plan(planned=Decimal("99.99")),))], ["revenue_plan_amount"]),
        (line(), [element(plans=(plan(first=date(2026, 8, 1), last=date(2026, 8, 31)),))], ["revenue_plan_periods"]),
        (line(), [element(plans=(plan(last=date(2026, 9, 30)),))], ["revenue_plan_periods"]),
        # what the account does not tell is not wrong
        (line(), [element(amount=None, start=None, end=None, plans=(plan(planned=None, first=None, last=None),))], []),
        # memos are below zero on both sides
        (line(amount=Decimal("-9.00")), [element(amount=Decimal(-9), plans=(plan(planned=Decimal(-9)),))], []),
    ],
)  # fmt: skip
def test_a_line_is_compared_with_its_element(
    billed: BilledLine, elements: list[RevenueElement], codes: list[str]
) -> None:
    """Each rule by an example."""
    assert codes == [finding.code.value for finding in compare_line(billed, elements)]


def test_lines_without_an_id_find_their_element_by_item_and_amount() -> None:
    """Coupons carry no id of ours; two of one item are told apart by their amount."""
    coupons = [
        line(line_id=None, item=InternalId("490"), amount=Decimal(amount), period=None)
        for amount in ("-5.00", "-8.00")
    ]
    elements = [
        element(
            id=InternalId(str(number)), line_id=None, item=InternalId("490"), amount=Decimal(amount),
            plans=(plan(planned=Decimal(amount)),),
        )
        for number, amount in enumerate(("-8.00", "-5.00"))
    ]  # fmt: skip

    assert [] == compare_document(coupons, elements, "invoice", "N-1")


def test_an_element_of_a_line_that_lago_does_not_have_is_named() -> None:
    """Nothing of our documents is left unsaid."""
    findings = compare_document(
        [line()], [element(), element(id=InternalId("7"), line_id="other")], "invoice", "N-1"
    )

    assert [("revenue_stray", "7", "other")] == [
        (finding.code.value, finding.element, finding.line_id) for finding in findings
    ]
