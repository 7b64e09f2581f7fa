"""A payment is put on the A/R account of the invoices that it pays."""

from collections.abc import Callable

import pytest

from tests.restlet.service import Json, Service, invoice, payment

OTHER = "122"
"""The account's second A/R account."""


def on_other(name: str) -> Json:
    """An invoice on the second A/R account."""
    return invoice(name, columns={"account": OTHER})


@pytest.mark.parametrize(("made", "expected"), [(invoice, "119"), (on_other, OTHER)])
def test_a_payment_takes_the_account_of_its_invoices(
    service: Service, made: Callable[[str], Json], expected: str
) -> None:
    """NetSuite would take the customer's default, and offer no invoice of any other account."""
    service.push(made("1"), made("2"))
    applied = [{"key": f"lago:inv:{number}", "amount": "50.00"} for number in (1, 2)]
    outcome = service.push_one(payment(apply=applied))

    assert "created" == outcome["outcome"], outcome["error"]
    assert expected == service.account.records("customerpayment")[0]["aracct"]
    assert ["50.00", "50.00"] == [one["amount"] for one in outcome["record"]["apply"]]


def test_invoices_on_two_accounts_are_rejected_by_name(service: Service) -> None:
    """One payment has one account; both invoices and both accounts are named, nothing is saved."""
    first, second = service.push(invoice("1"), on_other("2"))
    applied = [{"key": f"lago:inv:{number}", "amount": "50.00"} for number in (1, 2)]
    outcome = service.push_one(payment(apply=applied))

    assert ("rejected", "LAGO_TWO_AR_ACCOUNTS") == (outcome["outcome"], outcome["error"]["code"])
    assert f"invoice {first['id']} on account 119" in outcome["error"]["message"]
    assert f"invoice {second['id']} on account {OTHER}" in outcome["error"]["message"]
    assert [] == service.account.records("customerpayment")


def test_an_account_that_is_sent_stands(service: Service) -> None:
    """A mapping row may say it; an invoice of another account is then not offered."""
    service.push(on_other("1"))
    applied = [{"key": "lago:inv:1", "amount": "50.00"}]
    right = service.push_one(payment("1", columns={"aracct": OTHER}, apply=applied))
    wrong = service.push_one(payment("2", columns={"aracct": "119"}, apply=applied))

    assert "created" == right["outcome"], right["error"]
    assert ("rejected", "LAGO_TARGET_NOT_OPEN") == (wrong["outcome"], wrong["error"]["code"])


def test_an_unapplied_payment_keeps_the_accounts_default(service: Service) -> None:
    """There is no invoice that could tell."""
    service.push_one(payment())

    assert "119" == service.account.records("customerpayment")[0]["aracct"]


def test_a_paid_invoice_is_named_with_both_figures(service: Service) -> None:
    """What is open, and what was to be applied."""
    applied = [{"key": "lago:inv:1", "amount": "90.20"}]
    service.push(invoice("1"), payment("1", apply=[{"key": "lago:inv:1", "amount": "100.00"}]))
    outcome = service.push_one(payment("2", apply=applied))

    assert "LAGO_TARGET_NOT_OPEN" == outcome["error"]["code"]
    assert "is paid_in_full: 0.00 is open, 90.20 was to be applied." in outcome["error"]["message"]


def test_the_script_has_units_for_the_dearest_payment(service: Service) -> None:
    """What a payment took stays within what the script keeps for one."""
    service.push(invoice("1"))
    outcome = service.push_one(
        payment(
            apply=[{"key": "lago:inv:1", "amount": "50.00"}],
            archive={"name": "lago-pay-1.json", "content": "{}"},
        )
    )

    assert outcome["units"] <= 150
