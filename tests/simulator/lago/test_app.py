"""The HTTP interface: keys, routes, refusals, the rate limit."""

from datetime import UTC, datetime, timedelta

import pytest

from lago_ns_cli.simulator.lago.organization import Organization
from tests.simulator.lago.conftest import Lago, lago_of


def test_health_needs_no_key(lago: Lago) -> None:
    """``GET /health`` answers anyone."""
    lago.key = None

    assert lago.call("GET", "health", base="/").status_code == 200


@pytest.mark.parametrize("key", [None, "another", "a-key2"])
def test_wrong_or_absent_key_is_refused(lago: Lago, key: str | None) -> None:
    """401 with Lago's body, on known and unknown routes."""
    lago.key = key
    for path in ("plans", "nowhere"):
        answer = lago.call("GET", path)

        assert (401, {"status": 401, "error": "Unauthorized"}) == (answer.status_code, answer.json())


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("nowhere", "resource_not_found"),
        ("invoices/00000000-0000-4000-8000-000000000000", "invoice_not_found"),
        ("invoices/ACM-1F2E-001-001", "invoice_not_found"),
        ("fees/x", "fee_not_found"),
        ("credit_notes/x", "credit_note_not_found"),
        ("payments/x", "payment_not_found"),
        ("payment_requests/x", "payment_request_not_found"),
        ("wallets/x", "wallet_not_found"),
        ("wallets/x/wallet_transactions", "wallet_not_found"),
        ("customers/nobody", "customer_not_found"),
        ("customers/nobody/invoices", "customer_not_found"),
        ("plans/none", "plan_not_found"),
        ("taxes/none", "tax_not_found"),
        ("billing_entities/none", "billing_entity_not_found"),
    ],
)
def test_what_does_not_exist(lago: Lago, path: str, code: str) -> None:
    """404 names the resource; an unknown route is ``resource_not_found``."""
    answer = lago.call("GET", path)

    assert {"status": 404, "error": "Not Found", "code": code} == answer.json()
    assert answer.status_code == 404


def test_a_dot_ends_the_customer_segment(lago: Lago) -> None:
    """A customer whose id holds a dot is out of reach by path, and a dot may lead to another customer."""
    assert lago.call("GET", "customers/cust_0007.example").status_code == 404
    assert lago.call("GET", "customers/cust_0007.example/invoices").json()["code"] == "resource_not_found"
    assert lago.get("customers/cust_0001.com")["customer"]["external_id"] == "cust_0001"
    assert len(lago.get("customers?external_id=cust_0007.example")["customers"]) == 1


def test_customer_shows_its_taxes(lago: Lago) -> None:
    """The single and the list both include taxes and links."""
    single = lago.get("customers/cust_0002")["customer"]

    assert ["us_ny_state", "us_nyc_city"] == [tax["code"] for tax in single["taxes"]]
    assert single in lago.all("customers")


def test_billing_entities_are_not_paged(lago: Lago) -> None:
    """No ``meta``; the first is the default."""
    answer = lago.get("billing_entities")

    assert {"billing_entities"} == answer.keys()
    assert [("acme-us", True), ("acme-eu", False)] == [
        (one["code"], one["is_default"]) for one in answer["billing_entities"]
    ]


@pytest.mark.parametrize(
    "name", ["plans", "coupons", "taxes", "add_ons", "billable_metrics", "billing_entities"]
)
def test_catalogue_entries_are_found_by_code(lago: Lago, name: str) -> None:
    """Each listed entry answers at its code."""
    singular = {"taxes": "tax", "billing_entities": "billing_entity"}.get(name, name.removesuffix("s"))
    for entry in lago.all(name):
        assert entry == lago.get(f"{name}/{entry['code']}")[singular]


@pytest.mark.parametrize("name", ["credit_note", "payment", "payment_request", "wallet", "fee"])
def test_documents_look_alike_in_list_and_single(lago: Lago, name: str) -> None:
    """What the list shows is what its id leads to."""
    for listed in lago.all(f"{name}s")[:5]:
        assert listed == lago.get(f"{name}s/{listed['lago_id']}")[name]


def test_wallet_transactions_are_found(lago: Lago) -> None:
    """Of a wallet, filtered, and by id."""
    wallet = lago.all("wallets", "external_customer_id=cust_0001")[0]
    path = f"wallets/{wallet['lago_id']}/wallet_transactions"
    moves = lago.get(path)["wallet_transactions"]
    outbound = lago.get(f"{path}?transaction_type=outbound")["wallet_transactions"]

    assert [one for one in moves if one["transaction_status"] == "invoiced"] == outbound != []
    assert moves[0] == lago.get(f"wallet_transactions/{moves[0]['lago_id']}")["wallet_transaction"]


def test_subscriptions_of_a_customer(lago: Lago) -> None:
    """They are those that invoices name."""
    invoice = lago.all("invoices", "external_customer_id=cust_0002&invoice_type=subscription")[0]
    named = lago.get(f"invoices/{invoice['lago_id']}")["invoice"]["subscriptions"]

    assert named == lago.get("customers/cust_0002/subscriptions")["subscriptions"]


def test_applied_coupons_of_a_customer(lago: Lago) -> None:
    """They are those that its invoices name."""
    rows = lago.all("invoices", "external_customer_id=cust_0001")
    invoices = [lago.get(f"invoices/{row['lago_id']}")["invoice"] for row in rows]
    named = {one["item"]["code"] for invoice in invoices for one in invoice["credits"] if one["before_taxes"]}

    assert named == {
        one["coupon_code"] for one in lago.get("customers/cust_0001/applied_coupons")["applied_coupons"]
    }


def test_rate_limit_counts_calls_by_the_second() -> None:
    """Headers count down, then 429, then the next second is open again."""
    moment = datetime(2026, 11, 5, tzinfo=UTC)
    clock = [moment]
    organization = Organization(seed=1, invoices=4, customers=2, now=lambda: clock[0])
    lago = lago_of(organization, rate_limit_per_second=2)
    answers = [lago.call("GET", "plans") for _ in range(3)]

    assert [200, 200, 429] == [answer.status_code for answer in answers]
    assert ["1", "0", "0"] == [answer.headers["x-ratelimit-remaining"] for answer in answers]
    assert {("2", "1")} == {
        (one.headers["x-ratelimit-limit"], one.headers["x-ratelimit-reset"]) for one in answers
    }
    clock[0] = moment + timedelta(seconds=1)
    assert lago.call("GET", "plans").status_code == 200


def test_without_a_limit_there_are_no_limit_headers(lago: Lago) -> None:
    """As a self-hosted Lago."""
    assert "x-ratelimit-limit" not in lago.call("GET", "plans").headers
