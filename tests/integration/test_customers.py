"""Customers: linked where Lago knows their record, created otherwise, and waited for."""

from typing import Any

from lago_ns_cli.domain.attempts import State
from tests.integration.world import World, alone, encoded, sample

CUSTOMER = "lago:cus:000000c1-0000-4000-8000-0000000000c1"
INVOICE = "lago:inv:00000011-0000-4000-8000-000000000011"
NUMBER = "ACM-1F2E-042-008"


def linked_to(record_id: str) -> dict[str, Any]:
    document = sample()
    document["invoice"]["customer"]["integration_customers"][0]["external_customer_id"] = record_id
    return document


def test_lagos_own_link_is_adopted(small: World) -> None:
    """The record that Lago's connection keeps is linked; only our fields are written on it."""
    (before,) = [one for one in small.records("customer") if one["id"] == "98765"]

    run = small.sync("invoice", source=encoded(sample()))

    (after,) = [one for one in small.records("customer") if one["id"] == "98765"]
    ours = {"externalid", "custentity_lago_id", "custentity_lago_fingerprint", "lastmodifieddate"}
    assert "adopted" == run.of("cust_0042").outcome
    assert CUSTOMER == after["externalid"]
    assert {} == {name: value for name, value in before.items() if name not in ours and after[name] != value}
    assert "98765" == small.records("invoice")[0]["entity"]


def test_a_link_to_a_record_that_is_not_there_is_held_and_its_invoice_waits(small: World) -> None:
    """Nothing is created for a customer that Lago says exists elsewhere."""
    run = small.sync("invoice", source=encoded(linked_to("424242")))

    customer, invoice = small.entry(CUSTOMER), small.entry(INVOICE)
    failure = run.of("cust_0042").failure
    assert run.error is None
    assert "held" == run.of("cust_0042").outcome
    assert failure is not None
    assert "424242" in failure.message
    assert "waiting" == run.of(NUMBER).outcome
    assert customer is not None
    assert State.HELD is customer.state
    assert invoice is not None
    assert (State.WAITING, CUSTOMER) == (invoice.state, invoice.parent)
    assert [] == small.records("invoice")
    assert 1 == len(small.records("customer"))


def test_a_mended_link_lets_the_waiting_invoice_through(small: World) -> None:
    """Once Lago names the right record, the same command posts both."""
    small.sync("invoice", source=encoded(linked_to("424242")))

    run = small.sync("invoice", source=encoded(sample()))

    assert ["adopted"] == run.outcomes("customer")
    assert ["created"] == run.outcomes("invoice")


def test_two_customers_cannot_share_a_record(small: World) -> None:
    """A record that carries another Lago customer's id is not taken over."""
    small.sync("invoice", source=encoded(sample()))
    other = sample()
    other["invoice"] |= {"lago_id": "00000012-0000-4000-8000-000000000012", "number": "ACM-1F2E-043-001"}
    other["invoice"]["customer"] |= {
        "lago_id": "000000c2-0000-4000-8000-0000000000c2",
        "external_id": "cust_0043",
    }

    run = small.sync("invoice", source=encoded(other))

    assert "held" == run.of("cust_0043").outcome
    assert "waiting" == run.of("ACM-1F2E-043-001").outcome
    assert ["ACM-1F2E-042-008"] == [record["tranid"] for record in small.records("invoice")]


def test_a_customer_without_link_is_created_with_lagos_id(small: World) -> None:
    """A created customer carries key, Lago id, subsidiary and currency."""
    small.sync("invoice", source=encoded({"invoice": alone(sample())}))

    (customer,) = [one for one in small.records("customer") if one["externalid"] == CUSTOMER]
    assert "98765" != customer["id"]
    assert ("2", "1", CUSTOMER.removeprefix("lago:cus:")) == tuple(
        customer[name] for name in ("subsidiary", "currency", "custentity_lago_id")
    )


def test_where_customers_are_not_created_their_invoices_wait(small: World) -> None:
    """With ``kinds.customer`` off, a customer without a link needs a person."""
    small.create_customers = False

    run = small.sync("invoice", source=encoded({"invoice": alone(sample())}))

    failure = run.of("cust_0042").failure
    assert "held" == run.of("cust_0042").outcome
    assert failure is not None
    assert "customer_not_linked" == failure.code
    assert "waiting" == run.of(NUMBER).outcome
    assert [] == small.records("invoice")


def test_a_rejected_customer_is_held_with_netsuites_words(small: World) -> None:
    """NetSuite's reason reaches the person, and the customer's invoice waits."""
    small.person("deactivate", type="customer", id="98765")

    run = small.sync("invoice", source=encoded(sample()))

    held = [report for report in run.reports if report.outcome in ("held", "waiting")]
    assert held
    assert all(report.failure is not None and report.failure.message for report in held)
    assert [] == small.records("invoice")
