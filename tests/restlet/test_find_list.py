"""Looking up and listing."""

import pytest

from lago_ns_cli.simulator.netsuite.switches import Switches
from tests.restlet.service import (
    LIMITED,
    Json,
    Service,
    credit_memo,
    customer,
    invoice,
    payment,
    sample_invoice,
)


def test_find_answers_each_query_in_its_place(service: Service) -> None:
    """By key, Lago id, internal id and number; what is absent says so."""
    made = service.push_one(invoice("1"))
    results = service.call(
        "find",
        queries=[
            {"type": "invoice", "key": "lago:inv:1"},
            {"type": "invoice", "key": "lago:inv:2"},
            {"type": "invoice", "lago_id": "1"},
            {"type": "invoice", "id": made["id"]},
            {"type": "invoice", "number": "ACM-1"},
            {"type": "creditmemo", "number": "ACM-1"},
            {"type": "customer", "id": "98765"},
        ],
    )["results"]

    assert ["found", "absent", "found", "found", "found", "absent", "found"] == [
        one["status"] for one in results
    ]
    assert made["record"] == results[0]["records"][0] == results[4]["records"][0]
    assert "Hooli Inc." == results[6]["records"][0]["name"]


def test_find_is_denied_where_the_role_cannot_see(service: Service) -> None:
    """Denied is not absent."""
    service.push(credit_memo())

    assert {"status": "denied", "records": []} == service.as_role(LIMITED).find(
        type="creditmemo", key="lago:cn:1"
    )
    assert "absent" == service.as_role(LIMITED).find(type="invoice", key="lago:inv:1")["status"]


def test_find_shows_what_memos_and_payments_are_applied_to(service: Service) -> None:
    """Applications are part of what exists."""
    invoiced, paid = service.push(invoice(), payment(apply=[{"key": "lago:inv:1", "amount": "25.00"}]))

    [found] = service.find(type="customerpayment", key="lago:pay:1")["records"]
    assert [{"id": invoiced["id"], "amount": "25.00"}] == found["apply"]
    assert paid["record"] == found


@pytest.mark.parametrize(
    "query",
    [
        {"type": "invoice"},
        {"type": "vendorbill", "id": "1"},
        {"type": "invoice", "id": "one"},
        {"type": "invoice", "id": "1", "key": "k"},
    ],
)
def test_a_query_that_cannot_be_understood_fails_the_call(service: Service, query: Json) -> None:
    """Rather than being answered with absent."""
    assert (
        "LAGO_BAD_REQUEST" == service.failure({"contract": 1, "operation": "find", "queries": [query]}).name
    )


def all_rows(service: Service, **arguments: object) -> list[Json]:
    """Every row, page by page."""
    rows: list[Json] = []
    cursor = None
    while True:
        page = service.call("list", cursor=cursor, **arguments)
        assert "ok" == page["status"]
        rows += page["rows"]
        cursor = page["cursor"]
        if cursor is None:
            return rows


def test_list_pages_through_everything_once(service: Service) -> None:
    """Small pages give the same rows in the same order as one large page."""
    service.push(*(invoice(str(number)) for number in range(17)))

    whole = all_rows(service, type="invoice")
    assert [f"lago:inv:{number}" for number in range(17)] == [row["key"] for row in whole]
    for size in (1, 5, 16, 17):
        assert whole == all_rows(service, type="invoice", limit=size)


def test_rows_made_while_paging_are_neither_lost_nor_doubled(service: Service) -> None:
    """Pages are cut by id, so a new row comes at the end."""
    service.push(*(invoice(str(number)) for number in range(4)))
    first = service.call("list", type="invoice", limit=2)
    service.push(invoice("late", columns={"trandate": "2026-07-01"}))
    rest = all_rows(service, type="invoice", limit=2)

    assert 5 == len(rest)
    second = service.call("list", type="invoice", limit=2, cursor=first["cursor"])
    assert ["lago:inv:2", "lago:inv:3"] == [row["key"] for row in second["rows"]]


@pytest.mark.parametrize(
    ("since", "until", "keys"),
    [
        ("2026-08-01", "2026-08-01", ["lago:inv:b"]),
        ("2026-07-31", "2026-08-01", ["lago:inv:a", "lago:inv:b"]),
        ("2026-08-02", None, ["lago:inv:c"]),
        (None, "2026-07-31", ["lago:inv:a"]),
    ],
)
def test_both_days_of_a_period_belong_to_it(
    service: Service, since: str | None, until: str | None, keys: list[str]
) -> None:
    """On the transaction date."""
    for name, date in (("a", "2026-07-31"), ("b", "2026-08-01"), ("c", "2026-08-02")):
        service.push(invoice(name, columns={"trandate": date}))

    assert keys == [row["key"] for row in all_rows(service, type="invoice", since=since, until=until)]


@pytest.mark.parametrize("negative", [True, False])
def test_memos_are_positive_whatever_sign_netsuite_shows(service: Service, negative: bool) -> None:
    """The account may show credit memos below zero or not."""
    service.account.switches = Switches(negative_credit_totals=negative)
    service.push(credit_memo())

    [row] = all_rows(service, type="creditmemo")
    assert ("40.00", "40.00", "0.00") == (row["total"], row["unpaid"], row["tax"])


def test_applications_are_listed_with_their_ends(service: Service) -> None:
    """By the date of the memo or payment."""
    outcomes = service.push(
        invoice("1"),
        invoice("2"),
        credit_memo(apply=[{"key": "lago:inv:1", "amount": "10.00"}]),
        payment(apply=[{"key": "lago:inv:1", "amount": "5.00"}, {"key": "lago:inv:2", "amount": "7.00"}]),
    )
    one, two, memo, paid = (outcome["id"] for outcome in outcomes)

    rows = all_rows(service, type="application", limit=1)
    assert [
        (memo, "creditmemo", one, "10.00"),
        (paid, "customerpayment", one, "5.00"),
        (paid, "customerpayment", two, "7.00"),
    ] == [(row["from_id"], row["from_type"], row["to_id"], row["amount"]) for row in rows]
    assert rows[:1] == all_rows(service, type="application", until="2026-08-01")


def test_customers_are_listed_by_the_day_they_were_made(service: Service) -> None:
    """In the account's time zone."""
    service.push(customer("1"))

    assert "lago:cus:1" in [row["key"] for row in all_rows(service, type="customer", since="2026-08-20")]
    assert [] == all_rows(service, type="customer", since="2026-08-21")


def test_a_list_that_the_role_cannot_see_is_denied(service: Service) -> None:
    """Not empty."""
    assert "denied" == service.as_role(LIMITED).call("list", type="customerpayment")["status"]
    assert "denied" == service.as_role(LIMITED).call("list", type="application")["status"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"type": "vendorbill"},
        {"type": "invoice", "limit": 0},
        {"type": "invoice", "limit": 1001},
        {"type": "invoice", "cursor": "x"},
        {"type": "invoice", "since": "1/8/2026"},
    ],
)
def test_a_list_that_cannot_be_understood_fails_the_call(service: Service, arguments: Json) -> None:
    """Each with the code for bad requests."""
    assert "LAGO_BAD_REQUEST" == service.failure({"contract": 1, "operation": "list", **arguments}).name


def test_a_customers_currencies_are_read_from_the_record_where_no_table_tells(service: Service) -> None:
    """The name of the table is not documented, so an account may not know it."""
    euros = {"sublistId": "currency", "lineItems": [{"currency": "4"}]}
    made = service.push_one(customer("1", lines=[euros]))
    service.account.connection.execute("ALTER TABLE customercurrencybalance RENAME TO elsewhere")

    [found] = service.find(type="customer", id=made["id"])["records"]
    assert ["1", "4"] == sorted(found["currencies"])
    assert made["record"]["subsidiary"] == found["subsidiary"] == "2"


def test_tax_is_told_by_code_where_it_is_asked_for(service: Service) -> None:
    """In lists and look-ups, positive for memos too; not asked for, it is not there."""
    [sold] = service.push(sample_invoice())
    plain = service.call("list", type="invoice")["rows"][0]
    [listed] = service.call("list", type="invoice", include=["taxes"])["rows"]
    [found] = service.call(
        "find", queries=[{"type": "invoice", "id": sold["id"]}], include=["taxes", "applied_by"]
    )["results"][0]["records"]

    assert "taxes" not in plain
    assert [{"code": "14", "amount": "10.38"}] == listed["taxes"] == found["taxes"]
    assert [] == found["applied_by"]


def test_an_invoice_tells_what_was_applied_to_it(service: Service) -> None:
    """With the keys of ours, and without one for what a person entered."""
    invoiced, memo, paid = service.push(
        invoice("1"),
        credit_memo(apply=[{"key": "lago:inv:1", "amount": "10.00"}]),
        payment(apply=[{"key": "lago:inv:1", "amount": "5.00"}]),
    )
    query = {"type": "invoice", "id": invoiced["id"]}
    [found] = service.call("find", queries=[query], include=["applied_by"])["results"][0]["records"]

    assert [
        (memo["id"], "creditmemo", "lago:cn:1", "10.00"),
        (paid["id"], "customerpayment", "lago:pay:1", "5.00"),
    ] == [(one["id"], one["type"], one["key"], one["amount"]) for one in found["applied_by"]]


def test_what_the_account_does_not_tell_is_null_and_not_nothing(service: Service) -> None:
    """Tax by code needs a column that no document describes; applications need a permission."""
    [sold] = service.push(sample_invoice())
    query = {"type": "invoice", "id": sold["id"]}
    limited = service.as_role(LIMITED).call("find", queries=[query], include=["applied_by"])
    service.account.connection.execute("UPDATE transactionline SET item = NULL WHERE taxline = 'T'")
    [listed] = service.call("list", type="invoice", include=["taxes"])["rows"]

    assert limited["results"][0]["records"][0]["applied_by"] is None
    assert listed["taxes"] is None


@pytest.mark.parametrize("include", ["taxes", ["everything"]])
def test_asking_for_what_is_not_known_fails_the_call(service: Service, include: object) -> None:
    """Rather than being answered without it."""
    body = {"contract": 1, "operation": "list", "type": "invoice", "include": include}

    assert "LAGO_BAD_REQUEST" == service.failure(body).name
