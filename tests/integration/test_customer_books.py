"""Documents in a currency or subsidiary that their customer does not have in NetSuite."""

import json
from pathlib import Path
from typing import Any

import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.doubt import LOOK_UPS
from tests.integration.customers import CustomerWorld
from tests.integration.world import Told, alone, encoded, sample

NUMBER = "ACM-1F2E-042-008"
CUSTOMER = "lago:cus:000000c1-0000-4000-8000-0000000000c1"


@pytest.fixture
def books(tmp_path: Path) -> CustomerWorld:
    """A world with one customer, who has US dollars and Acme US."""
    world = CustomerWorld(tmp_path, invoices=0, customers=1)
    world.sync("invoice", source=encoded({"invoice": alone(sample())}))
    return world


_TOTALS = (
    "fees_amount_cents",
    "sub_total_excluding_taxes_amount_cents",
    "sub_total_including_taxes_amount_cents",
    "total_amount_cents",
    "total_due_amount_cents",
)


def another(**changes: Any) -> dict[str, Any]:
    """A second invoice of the same customer: one fee, without taxes and credits."""
    invoice = alone(sample())
    currency = changes.get("currency", invoice["currency"])
    fee = {**invoice["fees"][0], "taxes_amount_cents": 0, "taxes_rate": 0.0}
    fee |= {"precise_coupons_amount_cents": "0.0"}
    cents = fee["amount_cents"]
    if "sub_total_excluding_taxes_amount_cents" in fee:
        fee["sub_total_excluding_taxes_amount_cents"] = cents
        fee["sub_total_excluding_taxes_precise_amount_cents"] = str(cents)
    amounts = {name: 0 for name in invoice if name.endswith("_amount_cents")}
    return {
        **invoice,
        **amounts,
        **{name: cents for name in _TOTALS if name in invoice},
        "lago_id": "00000012-0000-4000-8000-000000000012",
        "number": "ACM-1F2E-042-009",
        "fees": [json.loads(json.dumps(fee).replace('"USD"', f'"{currency}"'))],
        "credits": [],
        "applied_taxes": [],
        **changes,
    }


def post(world: CustomerWorld, **changes: Any) -> Told:
    return world.sync("invoice", source=encoded({"invoice": another(**changes)}))


def second(world: CustomerWorld) -> dict[str, Any]:
    return next(one for one in world.records("invoice") if one["tranid"] == "ACM-1F2E-042-009")


@pytest.mark.parametrize(
    ("changes", "code", "told"),
    [
        ({"currency": "EUR"}, "customer_lacks_currency", ("Euro (id 4)", "US Dollar (id 1)")),
        (
            {"billing_entity_code": "acme-eu"},
            "customer_lacks_subsidiary",
            ("id 4", "id 2"),
        ),
    ],
)
def test_what_the_customer_lacks_is_named_with_both_ids(
    books: CustomerWorld, changes: dict[str, str], code: str, told: tuple[str, str]
) -> None:
    """A41, A57: held before anything is sent."""
    books.pushed.clear()
    run = post(books, **changes)

    failure = run.of("ACM-1F2E-042-009").failure
    assert failure is not None
    assert code == failure.code
    assert all(name in failure.message for name in told)
    assert "extend_customers" in (failure.hint or "")
    assert [] == books.pushed
    assert 1 == len(books.records("invoice"))


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [({"currency": "EUR"}, "currency", "4"), ({"billing_entity_code": "acme-eu"}, "subsidiary", "4")],
)
def test_the_customer_gets_what_it_lacks_where_settings_say_so(
    books: CustomerWorld, changes: dict[str, str], field: str, value: str
) -> None:
    """A41: a EUR invoice of a USD customer is EUR; the customer keeps what it had."""
    books.extend_customers = True
    before = next(one for one in books.records("customer") if one["externalid"] == CUSTOMER)

    run = post(books, **changes)

    after = next(one for one in books.records("customer") if one["externalid"] == CUSTOMER)
    entry = books.entry(CUSTOMER)
    assert run.error is None
    assert ("updated", "created") == tuple(
        run.of(number).outcome for number in ("cust_0042", "ACM-1F2E-042-009")
    )
    assert value == second(books)[field]
    assert before[field] == after[field]
    assert before["custentity_lago_fingerprint"] == after["custentity_lago_fingerprint"]
    assert entry is not None
    assert State.POSTED is entry.state


def test_a_person_who_adds_the_currency_lets_the_invoice_through(books: CustomerWorld) -> None:
    """A hold is looked at again by every run."""
    post(books, currency="EUR")
    books.extend_customers = True

    run = post(books, currency="EUR")

    assert "created" == run.of("ACM-1F2E-042-009").outcome


def test_an_extension_that_is_not_made_keeps_its_documents_held(books: CustomerWorld) -> None:
    """Nothing is sent that NetSuite would refuse."""
    books.extend_customers = True

    run = books.sync("invoice", source=encoded({"invoice": another(currency="EUR")}), max_changes=0)

    assert ("not_attempted", "held") == tuple(
        run.of(number).outcome for number in ("cust_0042", "ACM-1F2E-042-009")
    )


def test_a_document_of_a_customer_that_is_gone_is_held(books: CustomerWorld) -> None:
    """A52: the link leads nowhere; the hint is to link again."""
    kept = books.person_creates(companyname="Hooli Group")
    books.person("merge_customers", key=CUSTOMER, into=kept)
    books.clock.go(LOOK_UPS[-1])  # until then it might only not show yet
    books.pushed.clear()

    failure = post(books).of("ACM-1F2E-042-009").failure

    assert failure is not None
    assert "customer_gone" == failure.code
    assert "--link" in (failure.hint or "")
    assert [] == books.pushed
