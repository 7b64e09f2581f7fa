"""The client asks Lago as Lago wants to be asked, and tells every refusal with what to do next."""

import asyncio
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from lago_ns_cli.domain.exchange import Organization as Named
from lago_ns_cli.domain.exchange import Selection, Unreadable
from lago_ns_cli.domain.identifiers import Kind, LagoExternalId, LagoId
from lago_ns_cli.errors import (
    AuthError,
    ConfigError,
    CredentialError,
    DocumentError,
    LagoNsError,
    LimitError,
    RejectedError,
    RemoteError,
    TransientError,
)
from lago_ns_cli.lago.client import LagoClient
from tests.adapters.lago.organization import Organization, collect, compact, page, sample

ID = LagoId("00000011-0000-4000-8000-000000000011")
OTHER_ID = LagoId("00000012-0000-4000-8000-000000000012")


def answer(document: object, status: int = 200) -> httpx.Response:
    return httpx.Response(status, content=compact(document))


def invoice_row(lago_id: str = ID, **changes: Any) -> dict[str, Any]:
    return {**sample("invoice"), "lago_id": lago_id, **changes}


def fetch(lago: Organization, call: Callable[[LagoClient], Any]) -> Any:
    """Run one call of a client; a list is read to its end."""

    async def scenario() -> Any:
        client = lago.client()
        try:
            pending = call(client)
            return await (collect(pending) if hasattr(pending, "__aiter__") else pending)
        finally:
            await client.aclose()

    return asyncio.run(scenario())


def test_calls_carry_the_key_and_who_asks() -> None:
    """Every call is a GET with the bearer key."""
    lago = Organization(answer({"invoice": sample("invoice")}))
    received = fetch(lago, lambda client: client.invoice(ID))
    [call] = lago.calls

    assert received.document.lago_id == ID
    assert call.method == "GET"
    assert call.headers["authorization"] == "Bearer key-of-hooli"
    assert call.headers["user-agent"].startswith("lago-ns/")
    assert lago.targets == [f"/invoices/{ID}"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://127.0.0.1:9/", "http://localhost:9/api/v1/"])
def test_base_url_may_hold_the_path_or_not(url: str) -> None:
    """Both forms stand in people's settings."""
    seen = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.path)
        return answer({"organization": {"name": "Hooli", "lago_id": "org-1"}})

    client = LagoClient(url, "key", transport=httpx.MockTransport(reply))

    assert asyncio.run(client.organization()) == Named("org-1", "Hooli")
    assert seen == ["/api/v1/organizations"]


@pytest.mark.parametrize(
    ("organization", "identity"),
    [
        ({"name": "Hooli", "lago_id": "o1", "created_at": "2025-01-01T00:00:00Z"}, "o1"),
        ({"name": "Hooli", "created_at": "2025-01-01T00:00:00Z"}, "2025-01-01T00:00:00Z"),
        ({"name": "Hooli", "slug": "HOO-1"}, "HOO-1"),
    ],
)
def test_organization_is_told_by_what_does_not_change(organization: dict[str, str], identity: str) -> None:
    """A renamed organization stays the same one."""
    lago = Organization(answer({"organization": organization}))

    assert fetch(lago, lambda client: client.organization()).identity == identity


@pytest.mark.parametrize(
    ("list_of", "targets"),
    [
        (
            lambda c: c.invoices(
                Selection(
                    since=date(2026, 7, 1),
                    until=date(2026, 7, 31),
                    customer=LagoExternalId("a&b"),
                    billing_entity="acme-us",
                )
            ),
            (
                "/invoices?external_customer_id=a%26b&issuing_date_from=2026-07-01&issuing_date_to=2026-07-31"
                "&billing_entity_codes%5B%5D=acme-us&page=1&per_page=100"
            ),
        ),
        (lambda c: c.invoices(Selection()), "/invoices?page=1&per_page=100"),
        (
            lambda c: c.customers(Selection(customer=LagoExternalId("x"), billing_entity="acme-us")),
            "/customers?external_id=x&billing_entity_codes%5B%5D=acme-us&page=1&per_page=100",
        ),
        (
            lambda c: c.credit_notes(Selection(since=date(2026, 7, 1))),
            "/credit_notes?issuing_date_from=2026-07-01&page=1&per_page=100",
        ),
        (lambda c: c.payments(Selection(), invoice=ID), f"/payments?invoice_id={ID}&page=1&per_page=100"),
        (lambda c: c.payments(Selection(since=date(2026, 7, 1))), "/payments?page=1&per_page=100"),
    ],
)
def test_selections_become_lagos_own_filters(list_of: Callable[[LagoClient], Any], targets: str) -> None:
    """Arrays in brackets, dates as days; what Lago cannot filter is not asked."""
    roots = ("invoices", "customers", "credit_notes", "payments")
    lago = Organization(answer({root: [] for root in roots} | {"meta": {"next_page": None}}))

    assert fetch(lago, list_of) == []
    assert lago.targets == [targets]


def test_pages_are_followed_and_shifted_rows_come_once() -> None:
    """Rows move to the next page while it is read; ``next_page`` alone says where the end is."""
    first, second, third = (f"00000011-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
    lago = Organization(
        page("invoices", [invoice_row(first), invoice_row(second)], following=2),
        page("invoices", [invoice_row(second), invoice_row(third)], at=2),
    )
    rows = fetch(lago, lambda client: client.invoices(Selection()))

    assert [row.lago_id for row in rows] == [first, second, third]
    assert [target[-18:] for target in lago.targets] == [
        "page=1&per_page=100"[-18:],
        "page=2&per_page=100"[-18:],
    ]


def test_a_list_that_leads_back_is_refused() -> None:
    """A next page that is no later one would be read for ever."""
    lago = Organization(page("invoices", [], following=1))

    with pytest.raises(RejectedError, match="page 1 as following page 1"):
        fetch(lago, lambda client: client.invoices(Selection()))


def test_what_lago_gives_beyond_the_filter_is_left_out() -> None:
    """Lago ignores a filter it cannot read and gives everything."""
    rows = [
        invoice_row(ID),
        invoice_row(OTHER_ID, issuing_date="2026-06-30"),
        invoice_row("00000013-0000-4000-8000-000000000013", issuing_date=None),
        invoice_row("00000014-0000-4000-8000-000000000014", billing_entity_code="acme-eu"),
    ]
    lago = Organization(page("invoices", rows))
    selection = Selection(since=date(2026, 7, 1), until=date(2026, 8, 1), billing_entity="acme-us")

    assert [row.lago_id for row in fetch(lago, lambda client: client.invoices(selection))] == [ID]


def test_payments_of_a_period_are_chosen_from_all() -> None:
    """Lago cannot filter payments by date, so the client does."""
    early = {**sample("payment_manual"), "lago_id": OTHER_ID, "created_at": "2026-07-31T23:59:59Z"}
    lago = Organization(page("payments", [sample("payment_manual"), early]))
    rows = fetch(lago, lambda client: client.payments(Selection(since=date(2026, 8, 1))))

    assert [row.document.reference for row in rows] == ["WIRE-2026-0814-0017"]


def test_a_spoiled_row_stops_no_other() -> None:
    """It is told in its place, with its id and number."""
    lago = Organization(page("invoices", [invoice_row(OTHER_ID, total_amount_cents="1"), invoice_row(ID)]))
    spoiled, sound = fetch(lago, lambda client: client.invoices(Selection()))

    assert isinstance(spoiled, Unreadable)
    assert (spoiled.kind, spoiled.lago_id, spoiled.number) == (Kind.INVOICE, OTHER_ID, "ACM-1F2E-042-008")
    assert isinstance(spoiled.error, DocumentError)
    assert sound.lago_id == ID


def test_named_invoices_are_fetched_by_id_or_number() -> None:
    """A number is searched for and must fit exactly; a missing one stops no other."""

    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(ID):
            return answer({"invoice": sample("invoice")})
        if request.url.path.endswith("/invoices"):
            near = invoice_row(ID, number="ACM-0099")
            return page("invoices", [near, invoice_row(OTHER_ID, number="ACM-009")])
        return answer({"status": 404, "error": "Not Found", "code": "invoice_not_found"}, 404)

    missing = "00000099-0000-4000-8000-000000000099"
    lago = Organization(by=reply)
    by_id, absent, by_number = fetch(
        lago, lambda client: client.invoices(Selection(ids=(ID, missing, "ACM-009")))
    )

    assert by_id.lago_id == ID
    assert (absent.lago_id, absent.error.code) == (missing, "invoice_not_found")
    assert by_number.lago_id == OTHER_ID
    assert lago.targets[-1] == "/invoices?search_term=ACM-009&page=1&per_page=100"


def test_a_number_that_two_invoices_bear_is_refused() -> None:
    """Numbers are unique within a billing entity only."""
    lago = Organization(page("invoices", [invoice_row(ID, number="1"), invoice_row(OTHER_ID, number="1")]))
    [row] = fetch(lago, lambda client: client.invoices(Selection(ids=("1",))))

    assert row.error.code == "ambiguous_number"
    assert ID in row.error.message
    assert OTHER_ID in row.error.message


@pytest.mark.parametrize(
    ("external_id", "target"),
    [
        ("cust_0042", "/customers/cust_0042"),
        ("a b?c#d%e&f", "/customers/a%20b%3Fc%23d%25e%26f"),
        ("café", "/customers/caf%C3%A9"),
        ("acme.com", "/customers?external_id=acme.com&page=1&per_page=100"),
        ("a/b", "/customers?external_id=a%2Fb&page=1&per_page=100"),
        ("..", "/customers?external_id=..&page=1&per_page=100"),
    ],
)
def test_customers_are_found_under_any_external_id(external_id: str, target: str) -> None:
    """Rails cuts paths at dots and slashes, so such ids go into a filter."""
    customer = {**sample("invoice")["customer"], "external_id": external_id}
    other = {**customer, "external_id": external_id.upper() + "x"}

    def reply(request: httpx.Request) -> httpx.Response:
        listed = request.url.path.endswith("/customers")
        return page("customers", [other, customer]) if listed else answer({"customer": customer})

    lago = Organization(by=reply)
    found = fetch(lago, lambda client: client.customer(LagoExternalId(external_id)))

    assert found.document.external_id == external_id
    assert lago.targets == [target]


@pytest.mark.parametrize("external_id", ["acme", "acme.com", ""])
def test_another_customer_is_never_taken(external_id: str) -> None:
    """``acme.com`` could answer for ``acme``; the id must be the very one."""
    customer = {**sample("invoice")["customer"], "external_id": "acme.co"}

    def reply(request: httpx.Request) -> httpx.Response:
        listed = request.url.path.endswith("/customers")
        return page("customers", [customer]) if listed else answer({"customer": customer})

    with pytest.raises(RejectedError) as caught:
        fetch(Organization(by=reply), lambda client: client.customer(LagoExternalId(external_id)))

    assert caught.value.status == 404


@pytest.mark.parametrize("name", ["caf\udce9", "caf\udce9.com"])
def test_bytes_that_are_no_text_find_nothing(name: str) -> None:
    """A command line may hold any bytes; they reach Lago as question marks, not as a traceback."""

    def reply(request: httpx.Request) -> httpx.Response:
        listed = request.url.path.endswith(("/customers", "/invoices"))
        return (
            page(request.url.path.split("/")[-1], [])
            if listed
            else answer({"code": "customer_not_found"}, 404)
        )

    lago = Organization(by=reply)
    [customer] = fetch(lago, lambda client: client.customers(Selection(ids=(name,))))
    [invoice] = fetch(lago, lambda client: client.invoices(Selection(ids=(name,))))
    rows = fetch(
        lago, lambda client: client.invoices(Selection(customer=LagoExternalId(name), billing_entity=name))
    )

    assert (customer.error.code, invoice.error.code, rows) == ("customer_not_found", "invoice_not_found", [])


def test_fee_brings_its_taxes() -> None:
    """They are the reason to fetch a fee by itself."""
    taxes = [{"tax_code": "us_nyc", "tax_rate": 8.875, "amount_cents": 799}]
    lago = Organization(answer({"fee": {**sample("invoice")["fees"][0], "applied_taxes": taxes}}))

    assert fetch(lago, lambda client: client.fee(LagoId("f1"))).applied_taxes[0].tax_rate == Decimal("8.875")


def test_catalog_rows_hold_what_json_can_hold() -> None:
    """Fractions stay texts, so that a stored catalog equals a fetched one; each row comes once."""
    tax = {"lago_id": "t1", "code": "us_nyc", "name": "NYC", "rate": 8.875}
    lago = Organization(page("taxes", [tax], following=2), page("taxes", [tax], at=2))

    assert fetch(lago, lambda client: client.catalog_section("taxes")) == ({**tax, "rate": "8.875"},)


def test_billing_entities_come_without_pages() -> None:
    """They are the one list without ``meta``."""
    lago = Organization(answer({"billing_entities": [{"code": "acme-us", "name": "Acme US"}]}))

    assert len(fetch(lago, lambda client: client.catalog_section("billing_entities"))) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "told"),
    [
        (401, {"status": 401, "error": "Unauthorized"}, AuthError, "lago_unauthorized", "lago-ns auth login"),
        (
            403,
            {"status": 403, "error": "Forbidden", "code": "read_action_not_allowed_for_credit_note"},
            AuthError,
            "read_action_not_allowed_for_credit_note",
            "credit_note: read",
        ),
        (403, {"code": "feature_unavailable"}, RejectedError, "feature_unavailable", "licence"),
        (403, b"<html>blocked</html>", AuthError, "lago_forbidden", "lago.base_url"),
        (
            404,
            {"code": "invoice_not_found"},
            RejectedError,
            "invoice_not_found",
            f"Lago knows no invoice {ID}",
        ),
        (
            404,
            {"code": "billing_entity_not_found"},
            RejectedError,
            "billing_entity_not_found",
            "no such billing entity",
        ),
        (404, {"code": "resource_not_found"}, RejectedError, "resource_not_found", "lago.base_url"),
        (404, b"<html></html>", RejectedError, "lago_http_404", "lago.base_url"),
        (405, {"code": "not_voidable"}, RejectedError, "not_voidable", "HTTP 405"),
        (
            422,
            {"code": "validation_errors", "error_details": {"status": ["value_is_invalid"]}},
            RejectedError,
            "validation_errors",
            '{"status":["value_is_invalid"]}',
        ),
        (400, {"error": "BadRequest: param\nis missing"}, RejectedError, "lago_http_400", "param is missing"),
        (400, b"", RejectedError, "lago_http_400", "HTTP 400"),
        (400, [1], RejectedError, "lago_http_400", "HTTP 400"),
        (302, b"", RejectedError, "lago_redirect", "redirects are not followed"),
        (429, {}, LimitError, "lago_rate_limit", "50 calls a second"),
        (500, b"<html>oops</html>", TransientError, "lago_unavailable", "HTTP 500"),
        (503, b"", TransientError, "lago_unavailable", "HTTP 503"),
        (200, b"<html>502 Bad Gateway</html>", TransientError, "lago_not_json", "no JSON object"),
        (200, b"", TransientError, "lago_not_json", "no JSON object"),
    ],
)
def test_refusals_say_what_to_do(
    status: int, body: object, kind: type[RemoteError], code: str, told: str
) -> None:
    """Each error knows its code and status, and its text or hint names the next step."""
    content = body if isinstance(body, bytes) else compact(body)
    lago = Organization(
        by=lambda _: httpx.Response(status, content=content, headers={"location": "https://x.example"})
    )

    with pytest.raises(RemoteError) as caught:
        fetch(lago, lambda client: client.invoice(ID))

    error = caught.value
    assert (type(error), error.code, error.status, error.system) == (kind, code, status, "Lago")
    assert told in f"{error.message} {error.hint}"
    assert error.hint
    assert "key-of-hooli" not in f"{error.message} {error.hint} {error!r}"


def test_reads_are_made_again_after_what_passes() -> None:
    """A 5xx, a limit and a lost answer are worth another call; the window's end is waited for."""
    limit = httpx.Response(429, headers={"X-RateLimit-Reset": "3", "Retry-After": "60"})
    lago = Organization(httpx.ReadTimeout("slow"), limit, answer({"invoice": sample("invoice")}))

    assert fetch(lago, lambda client: client.invoice(ID)).document.lago_id == ID
    assert lago.waits == [0.5, 3.0]


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("late"),
        httpx.ReadTimeout("late"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("half an answer"),
    ],
)
def test_a_read_that_stays_lost_is_transient(failure: httpx.TransportError) -> None:
    """A read changes nothing, so no network failure leaves a doubt."""
    lago = Organization(failure, failure, failure)

    with pytest.raises(TransientError) as caught:
        fetch(lago, lambda client: client.invoice(ID))

    assert len(lago.calls) == 3
    assert caught.value.hint


def test_refused_reads_are_not_made_again() -> None:
    """What was refused stays refused."""
    lago = Organization(answer({}, 401))

    with pytest.raises(AuthError):
        fetch(lago, lambda client: client.invoice(ID))

    assert lago.waits == []


@pytest.mark.parametrize("raw", [b'{"invoices": 5}', b'{"invoices": [', b'{"x": []}'])
def test_a_list_that_is_none_is_the_servers_fault(raw: bytes) -> None:
    """No document is to blame, so the error is one of the system."""
    with pytest.raises(RejectedError) as caught:
        fetch(Organization(httpx.Response(200, content=raw)), lambda client: client.invoices(Selection()))

    assert caught.value.code == "lago_unusable_answer"


@pytest.mark.parametrize(
    ("url", "key", "kind"),
    [
        ("http://api.getlago.com/api/v1", "key", ConfigError),
        ("api.getlago.com", "key", ConfigError),
        ("ftp://127.0.0.1", "key", ConfigError),
        ("https://user:pass@api.getlago.com", "key", ConfigError),
        ("https://api.getlago.com/?key=1", "key", ConfigError),
        ("https://[::1", "key", ConfigError),
        ("https://api.getlago.com:99999", "key", ConfigError),
        ("http://127.0.0.1", "", CredentialError),
        ("http://127.0.0.1", "two words", CredentialError),
        ("http://127.0.0.1", "key\n", CredentialError),
        ("http://127.0.0.1", "kéy", CredentialError),
    ],
)
def test_unsafe_addresses_and_keys_are_refused_before_any_call(
    url: str, key: str, kind: type[LagoNsError]
) -> None:
    """A key goes over TLS or stays on this machine, and is never quoted."""
    with pytest.raises(kind) as caught:
        LagoClient(url, key)

    assert caught.value.hint
    assert key not in ("two words", "kéy") or key not in caught.value.message
