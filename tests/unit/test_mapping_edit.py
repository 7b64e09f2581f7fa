"""Edits of the mappings: a row is replaced where it stands, and the same row again changes nothing."""

from collections.abc import Callable

import pytest

from lago_ns_cli.domain.mapping import ItemRow, Mappings, PaymentRow, SubsidiaryRow, TaxRow, TaxTarget
from lago_ns_cli.domain.mapping_edit import set_item, set_payment, set_subsidiary, set_tax

BEFORE = Mappings(
    items=(ItemRow(lago="add_on:a", item="1"), ItemRow(lago="add_on:b", item="2")),
    taxes=(TaxRow(lago=("y", "x"), target=TaxTarget("1")), TaxRow(lago=("z",), target=TaxTarget("2"))),
    subsidiaries=(
        SubsidiaryRow(billing_entity="us", subsidiary="1"),
        SubsidiaryRow(billing_entity="eu", subsidiary="2"),
    ),
    payments=(PaymentRow(account="1", provider="stripe"), PaymentRow(account="2", provider="adyen")),
)

Edit = Callable[[Mappings, str], Mappings]

EDITS = [
    pytest.param(lambda rows, to: set_item(rows, ItemRow(lago="add_on:a", item=to)), "items", id="item"),
    pytest.param(
        lambda rows, to: set_tax(rows, TaxRow(lago=("x", "y"), target=TaxTarget(to))), "taxes", id="tax"
    ),
    pytest.param(
        lambda rows, to: set_subsidiary(rows, SubsidiaryRow(billing_entity="us", subsidiary=to)),
        "subsidiaries",
        id="subsidiary",
    ),
    pytest.param(
        lambda rows, to: set_payment(rows, PaymentRow(account=to, provider="stripe")),
        "payments",
        id="payment",
    ),
]


@pytest.mark.parametrize(("edit", "table"), EDITS)
def test_the_same_row_again_changes_nothing(edit: Edit, table: str) -> None:
    """Not even the order of the rows, or of the taxes in a set: there is nothing to write."""
    assert BEFORE == edit(BEFORE, "1")


@pytest.mark.parametrize(("edit", "table"), EDITS)
def test_a_changed_row_stands_where_it_stood(edit: Edit, table: str) -> None:
    """A difference of two mapping files shows the one row that changed."""
    before, after = getattr(BEFORE, table), getattr(edit(BEFORE, "9"), table)

    assert before[1:] == after[1:]
    assert before[0] != after[0]


def test_a_new_row_is_the_last() -> None:
    """The rows before it are as they were."""
    row = ItemRow(lago="add_on:c", item="3")

    assert (*BEFORE.items, row) == set_item(BEFORE, row).items
