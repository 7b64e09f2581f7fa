"""Customers: what they need, what they are called, and what NetSuite refuses of them."""

from typing import Any

import pytest

from lago_ns_cli.simulator.netsuite.errors import NetSuiteError
from tests.simulator.account.bench import CUSTOMER, Bench, make_bench, refusal


@pytest.mark.parametrize(
    ("values", "code", "message"),
    [
        ({"companyname": None}, "USER_ERROR", "Please enter value(s) for: Company Name"),
        ({"isperson": "T"}, "USER_ERROR", "Please enter value(s) for: First Name, Last Name"),
        ({"subsidiary": None}, "USER_ERROR", "Please enter value(s) for: Primary Subsidiary"),
        ({"subsidiary": "9"}, "INVALID_KEY_OR_REF", "Invalid subsidiary reference key 9."),
        ({"parent": "1"}, "INVALID_KEY_OR_REF", "Invalid parent reference key 1."),
        (
            {"email": "a@b.example,c@d.example"},
            "INVALID_FLD_VALUE",
            "You have entered an Invalid Field Value a@b.example,c@d.example for the following field: email",
        ),
        (
            {"email": "nobody"},
            "INVALID_FLD_VALUE",
            "You have entered an Invalid Field Value nobody for the following field: email",
        ),
        ({"phone": "12345"}, "USER_ERROR", "Phone number should have seven digits or more."),
        (
            {"phone": "1" * 33},
            "USER_ERROR",
            "The field phone contained more than the maximum number ( 32 ) of characters allowed.",
        ),
        (
            {"companyname": "x" * 84},
            "USER_ERROR",
            "The field companyname contained more than the maximum number ( 83 ) of characters allowed.",
        ),
        (
            {"entityid": "x" * 81, "autoname": False},
            "USER_ERROR",
            "The field entityid contained more than the maximum number ( 80 ) of characters allowed.",
        ),
    ],
)
def test_customer_is_refused(bench: Bench, values: dict[str, Any], code: str, message: str) -> None:
    """Each bad field is refused with NetSuite's code and text."""
    draft = bench.new("customer", companyname="Hooli Inc.", subsidiary="2")
    draft.body |= values

    assert (code, message) == refusal(bench, draft)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (
            {"state": "x" * 31},
            "The field state contained more than the maximum number ( 30 ) of characters allowed.",
        ),
        (
            {"city": "x" * 51},
            "The field city contained more than the maximum number ( 50 ) of characters allowed.",
        ),
        (
            {"addr1": "x" * 151},
            "The field addr1 contained more than the maximum number ( 150 ) of characters allowed.",
        ),
        (
            {"country": "Germany"},
            "The field country contained more than the maximum number ( 2 ) of characters allowed.",
        ),
        ({"country": "de"}, "Invalid country reference key de."),
    ],
)
def test_address_is_refused(bench: Bench, address: dict[str, str], message: str) -> None:
    """One over-long address field refuses the whole customer."""
    draft = bench.new("customer", companyname="Hooli Inc.", subsidiary="2")
    draft.lines("addressbook").append({"defaultbilling": True, "addressbookaddress": address})

    assert message == refusal(bench, draft)[1]


def test_addresses_keep_one_default(bench: Bench) -> None:
    """The last default billing address is the default; lines get ids."""
    draft = bench.new("customer", companyname="Pied Piper", subsidiary="2")
    for city in ("Palo Alto", "New York"):
        address = {"country": "US", "city": city}
        draft.lines("addressbook").append({"defaultbilling": True, "addressbookaddress": address})

    lines = bench.record("customer", bench.save(draft))["addressbook"]

    assert [False, True] == [line["defaultbilling"] for line in lines]
    assert 2 == len({line["internalid"] for line in lines})


def test_subsidiary_brings_currency_and_the_lists_hold_the_primary(bench: Bench) -> None:
    """Without a currency the subsidiary's is taken; extra ones are listed behind it, each once."""
    draft = bench.new("customer", companyname="Pied Piper", subsidiary="4")
    draft.lines("currency").extend([{"currency": "1"}, {"currency": "4"}])
    draft.lines("submachine").append({"subsidiary": "2"})

    stored = bench.record("customer", bench.save(draft))

    assert "4" == stored["currency"]
    assert [{"currency": "4"}, {"currency": "1"}] == stored["currencies"]
    assert [{"subsidiary": "4"}, {"subsidiary": "2"}] == stored["subsidiaries"]


def test_numbering_gives_ids_and_lets_a_script_bring_its_own(bench: Bench) -> None:
    """With numbering a customer is CUST…; ``autoname`` = false brings an own id; else a given one is ignored."""
    numbered = bench.record("customer", bench.post_customer())
    own = bench.record("customer", bench.post_customer(autoname=False, entityid="cust_0042"))
    ignored = bench.record("customer", bench.post_customer(entityid="mine"))

    assert numbered["entityid"].startswith("CUST")
    assert "cust_0042" == own["entityid"]
    assert ignored["entityid"].startswith("CUST")


def test_numbering_without_override_refuses_an_own_id() -> None:
    """Where the account does not allow it, an own id is an error."""
    bench = make_bench(customer_number_override=False)
    draft = bench.new("customer", companyname="Hooli", subsidiary="2", autoname=False, entityid="mine")

    assert "INSUFFICIENT_FLD_PERMISSION" == refusal(bench, draft)[0]


@pytest.mark.parametrize(
    ("numbering", "first", "second"),
    [
        (True, {"autoname": False, "entityid": "cust_1"}, {"autoname": False, "entityid": "CUST_1"}),
        (False, {"companyname": "Raviga"}, {"companyname": "RAVIGA"}),
        (False, {"isperson": "T", "firstname": "A", "lastname": "B"}, {"companyname": "A B"}),
    ],
)
def test_equal_ids_collide(numbering: bool, first: dict[str, Any], second: dict[str, Any]) -> None:
    """A customer's id is unique in whatever case; without numbering the name is the id."""
    bench = make_bench(customer_numbering=numbering)
    bench.post_customer(**first)

    with pytest.raises(NetSuiteError, match="UNIQUE_CUST_ID_REQD"):
        bench.post_customer(**second)


def test_documents_pin_subsidiary_and_currency(bench: Bench) -> None:
    """A customer with documents keeps its books; without, it may move."""
    moving = bench.post_customer()
    bench.account.administrator.edit_record("customer", moving, {"subsidiary": "4", "currency": "4"})
    bench.post_sale()

    with pytest.raises(NetSuiteError, match="INSUFFICIENT_FLD_PERMISSION"):
        bench.account.administrator.edit_record("customer", CUSTOMER, {"subsidiary": "4"})


def test_later_customers_are_listed(bench: Bench) -> None:
    """Customers that are created later stand beside the sample one."""
    created = bench.post_customer(email="ap@hooli.example", custentity_lago_id="id-1")

    rows = bench.account.connection.execute(
        "SELECT id, custentity_lago_id FROM customer ORDER BY id"
    ).fetchall()

    assert [(int(CUSTOMER), None), (int(created), "id-1")] == rows
