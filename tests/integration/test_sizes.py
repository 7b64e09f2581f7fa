"""Many lines and large documents get their verdict before anything is sent."""

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.domain.mapping import GroupingRow
from tests.integration.policies import hooli
from tests.integration.world import Tampering, World, encoded, money

KEY = "lago:inv:00000011-0000-4000-8000-000000000011"
NUMBER = "ACM-1F2E-042-008"


@pytest.fixture
def pushes(small: World) -> list[Tampering]:
    """What stood between us and NetSuite, to see what was sent."""
    seen: list[Tampering] = []

    def watch(transport: Any) -> Tampering:
        seen.append(Tampering(transport))
        return seen[-1]

    small.wrap = watch
    return seen


def with_lines(count: int) -> dict[str, Any]:
    """The sample with ``count`` untaxed usage fees of one dollar."""
    document = hooli(
        credits=[],
        applied_taxes=[],
        taxes_amount_cents=0,
        coupons_amount_cents=0,
        credit_notes_amount_cents=0,
        prepaid_credit_amount_cents=0,
        prepaid_granted_credit_amount_cents=None,
        prepaid_purchased_credit_amount_cents=None,
        fees_amount_cents=100 * count,
        sub_total_excluding_taxes_amount_cents=100 * count,
        sub_total_including_taxes_amount_cents=100 * count,
        total_amount_cents=100 * count,
        total_due_amount_cents=100 * count,
    )
    first = document["invoice"]["fees"][0]
    first["item"] |= {"type": "charge", "code": "api_calls"}
    fees = []
    for number in range(count):
        fee = deepcopy(first)
        fee |= {
            "lago_id": f"fee00000-0000-4000-8000-{number:012}",
            "amount_cents": 100,
            "units": "1.0",
            "precise_unit_amount": "1.0",
            "precise_amount": "1.0",
            "taxes_rate": 0.0,
            "taxes_amount_cents": 0,
            "precise_coupons_amount_cents": "0.0",
            "sub_total_excluding_taxes_amount_cents": 100,
            "sub_total_excluding_taxes_precise_amount_cents": "100.0",
        }
        fees.append(fee)
    document["invoice"]["fees"] = fees
    return document


@pytest.mark.parametrize("count", [499, 501, 1000])
def test_up_to_a_thousand_lines_are_posted_whole(small: World, count: int) -> None:
    """A42: no line is lost, and the total is theirs."""
    report = small.sync("invoice", source=encoded(with_lines(count))).of(NUMBER)

    [invoice] = small.records("invoice")
    assert "created" == report.outcome
    assert count == len([line for line in invoice["lines"] if line.get("item") is not None])
    assert count == money(invoice["total"])


@pytest.mark.parametrize("count", [1001, 5000, 5001])
def test_more_lines_are_held_before_anything_is_sent(
    small: World, pushes: list[Tampering], count: int
) -> None:
    """A42: never cut: the verdict names the count and the way out."""
    report = small.sync("invoice", source=encoded(with_lines(count))).of(NUMBER)
    entry = small.entry(KEY)

    assert report.failure is not None
    assert ("held", "too_many_lines") == (report.outcome, report.failure.code)
    assert f"{count:,} lines" in report.failure.message
    assert "grouping" in (report.failure.hint or "")
    assert entry is not None
    assert State.HELD is entry.state
    assert [] == small.records("invoice")
    assert KEY not in [document["key"] for one in pushes for call in one.pushes for document in call]


def test_a_grouping_rule_is_the_way_out(small: World) -> None:
    """5,001 usage lines become one of the same amount."""
    small.mappings = replace(small.mappings, grouping=(GroupingRow(item="510"),))
    report = small.sync("invoice", source=encoded(with_lines(5001))).of(NUMBER)

    assert "created" == report.outcome, report.failure
    [invoice] = small.records("invoice")
    assert 5001 == money(invoice["total"])


def test_a_document_that_no_call_can_carry_is_held(small: World, pushes: list[Tampering]) -> None:
    """A42: a thousand descriptions of 4,000 characters, each of three bytes."""
    document = with_lines(1000)
    for fee in document["invoice"]["fees"]:
        fee["item"] = {**fee["item"], "invoice_display_name": "\u4e00" * 4000}
    report = small.sync("invoice", source=encoded(document)).of(NUMBER)

    assert report.failure is not None
    assert ("held", "too_large") == (report.outcome, report.failure.code)
    assert KEY not in [one["key"] for wire in pushes for call in wire.pushes for one in call]


def test_an_original_that_is_too_large_stays_in_the_ledger(small: World, pushes: list[Tampering]) -> None:
    """The archive in NetSuite goes without it, and that is said."""
    document = with_lines(1)
    document["invoice"]["metadata"] = [{"key": "blob", "value": "x" * 9_500_000}]
    report = small.sync("invoice", source=encoded(document)).of(NUMBER)
    with small.open_ledger() as ledger:
        original = ledger.original(Key(KEY))

    assert "created" == report.outcome
    assert "archive_left_out" in {notice.code for notice in report.notices}
    assert original is not None
    assert len(original) > 9_500_000
    assert ["archive" in call[-1] for wire in pushes for call in wire.pushes if call[-1]["key"] == KEY] == [
        False
    ]


def test_many_documents_that_are_large_together_go_in_several_calls(
    small: World, pushes: list[Tampering]
) -> None:
    """A batch holds what a call can carry."""
    invoices = []
    for number in range(4):
        document = with_lines(1)["invoice"]
        document |= {"lago_id": f"00000011-0000-4000-8000-00000000002{number}", "number": f"BIG-{number}"}
        document["metadata"] = [{"key": "blob", "value": "x" * 3_500_000}]
        invoices.append(document)
    run = small.sync("invoice", source=json.dumps({"invoices": invoices}).encode())

    sizes = [len(call) for wire in pushes for call in wire.pushes if call[0]["type"] == "invoice"]
    assert ["created"] * 4 == run.outcomes("invoice")
    assert [2, 2] == sizes
