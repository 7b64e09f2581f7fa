"""The Lago API over HTTP: routes, keys, paging, refusals and the rate limit."""

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lago_ns_cli.simulator.lago import queries, writes
from lago_ns_cli.simulator.lago.collection import Collection, Page
from lago_ns_cli.simulator.lago.errors import LagoError, not_found
from lago_ns_cli.simulator.lago.invoice_json import ONLY_IN_SINGLE
from lago_ns_cli.simulator.lago.organization import Organization
from lago_ns_cli.simulator.lago.queries import Parameters, Query

Document = dict[str, Any]
Handler = Callable[[Request], Awaitable[Response]]
Reader = Callable[[Parameters], Query]

_PER_PAGE = 100
_SINGULAR = {"taxes": "tax", "billing_entities": "billing_entity"}
_PER_PAGE_OF_NONSENSE = 25


def create_lago_app(
    organization: Organization, *, api_key: str, rate_limit_per_second: int | None = None
) -> Starlette:
    """Serve an organization under ``/api/v1/``, and ``/health``.

    Args:
        organization: What is served and written to.
        api_key: The one key that is let in.
        rate_limit_per_second: Calls a second beyond which 429 is answered; ``None`` for no limit and none
            of its headers, as Lago is when self-hosted.
    """
    api = _Api(organization)
    guard = _Guard(organization, api_key, rate_limit_per_second)
    routes = [Route("/health", _health)]
    for path, handlers in api.handlers().items():
        for method, handler in handlers.items():
            routes.append(Route(f"/api/v1{path}", guard.wrap(handler), methods=[method]))
    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    routes.append(Route("/{path:path}", guard.wrap(_no_such_route), methods=every))
    return Starlette(routes=routes)


async def _health(_: Request) -> Response:
    return JSONResponse({"version": "simulator", "message": "Success"})


async def _no_such_route(_: Request) -> Response:
    raise not_found("resource")


class _Guard:
    """Lets calls through that carry the key, as many a second as are allowed."""

    def __init__(self, organization: Organization, api_key: str, limit: int | None) -> None:
        self._organization = organization
        self._api_key = api_key
        self._limit = limit
        self._second = 0
        self._calls = 0

    def wrap(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            headers: Mapping[str, str] = {}
            try:
                self._check_key(request)
                self._check_scope(request)
                headers = self._count_call()
                response = await handler(request)
            except LagoError as refusal:
                if refusal.status == 429:
                    headers = self._headers()
                response = JSONResponse(refusal.body, refusal.status)
            response.headers.update(headers)
            return response

        return guarded

    def _check_key(self, request: Request) -> None:
        words = request.headers.get("authorization", "").split()
        if len(words) < 2 or not hmac.compare_digest(words[1].encode(), self._api_key.encode()):
            raise LagoError(401)

    def _check_scope(self, request: Request) -> None:
        """GET reads and everything else writes, as Lago divides a key's permissions."""
        action = "read" if request.method == "GET" else "write"
        plural = request.url.path.removeprefix("/api/v1/").partition("/")[0]
        resource = _SINGULAR.get(plural, plural.removesuffix("s"))
        if (action, resource) in self._organization.withheld:
            raise LagoError(403, code=f"{action}_action_not_allowed_for_{resource}")

    def _count_call(self) -> Mapping[str, str]:
        if self._limit is None:
            return {}
        second = int(self._organization.now().timestamp())
        if second != self._second:
            self._second, self._calls = second, 0
        self._calls += 1
        if self._calls > self._limit:
            raise LagoError(429, "Too Many Requests", code="rate_limit_exceeded")
        return self._headers()

    def _headers(self) -> Mapping[str, str]:
        limit = self._limit or 0
        remaining = max(limit - self._calls, 0)
        return {
            "X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(remaining), "X-RateLimit-Reset": "1",
        }  # fmt: skip


class _Api:
    def __init__(self, organization: Organization) -> None:
        self._organization = organization

    def handlers(self) -> dict[str, dict[str, Handler]]:
        """Return the handlers by path and method; the more exact path first."""
        return {
            "/organizations": {"GET": self._organization_itself},
            "/billing_entities": {"GET": self._billing_entities},
            **self._catalog_routes(),
            **self._document_routes(),
            **self._customer_routes(),
            "/wallets/{id}/wallet_transactions": {"GET": self._wallet_transactions},
            "/wallet_transactions/{id}": {"GET": self._wallet_transaction},
            "/invoices/{id}/void": {"POST": self._void},
        }

    def _catalog_routes(self) -> dict[str, dict[str, Handler]]:
        catalog = self._organization.catalog
        lists = {
            "plan": catalog.plans, "coupon": catalog.coupons, "add_on": catalog.add_ons,
            "billable_metric": catalog.billable_metrics, "tax": catalog.taxes,
        }  # fmt: skip
        routes: dict[str, dict[str, Handler]] = {}
        for name, entries in lists.items():
            plural = "taxes" if name == "tax" else f"{name}s"
            routes[f"/{plural}"] = {"GET": _list_of(plural, entries)}
            routes[f"/{plural}/{{code}}"] = {"GET": _entry_of(name, entries)}
        routes["/billing_entities/{code}"] = {"GET": _entry_of("billing_entity", catalog.billing_entities)}
        return routes

    def _document_routes(self) -> dict[str, dict[str, Handler]]:
        one = self._organization
        return {
            "/customers": {
                "GET": self._list("customers", one.customers, queries.customer_query),
                "POST": self._upsert,
            },
            "/invoices": {"GET": self._list("invoices", one.invoices, queries.invoice_query)},
            "/invoices/{id}": {"GET": self._single("invoice", one.invoices), "PUT": self._update_invoice},
            "/fees": {"GET": self._list("fees", one.fees, queries.fee_query)},
            "/fees/{id}": {"GET": self._single("fee", one.fees)},
            "/credit_notes": {"GET": self._list("credit_notes", one.credit_notes, queries.credit_note_query)},
            "/credit_notes/{id}": {
                "GET": self._single("credit_note", one.credit_notes),
                "PUT": self._update_credit_note,
            },
            "/payments": {
                "GET": self._list("payments", one.payments, queries.payment_query),
                "POST": self._pay,
            },
            "/payments/{id}": {"GET": self._single("payment", one.payments)},
            "/payment_requests": {
                "GET": self._list("payment_requests", one.payment_requests, queries.payment_request_query)
            },
            "/payment_requests/{id}": {"GET": self._single("payment_request", one.payment_requests)},
            "/wallets": {"GET": self._list("wallets", one.wallets, queries.wallet_query)},
            "/wallets/{id}": {"GET": self._single("wallet", one.wallets)},
        }

    def _customer_routes(self) -> dict[str, dict[str, Handler]]:
        one = self._organization
        nested: dict[str, tuple[Collection, Reader]] = {
            "invoices": (one.invoices, queries.invoice_query),
            "credit_notes": (one.credit_notes, queries.credit_note_query),
            "payments": (one.payments, queries.payment_query),
            "payment_requests": (one.payment_requests, queries.payment_request_query),
            "wallets": (one.wallets, queries.wallet_query),
        }
        routes: dict[str, dict[str, Handler]] = {
            f"/customers/{{external_id}}/{name}": {"GET": self._nested(name, collection, read)}
            for name, (collection, read) in nested.items()
        }
        routes["/customers/{external_id}/subscriptions"] = {"GET": self._subscriptions}
        routes["/customers/{external_id}/applied_coupons"] = {"GET": self._applied_coupons}
        routes["/customers/{external_id}"] = {"GET": self._customer}
        return routes

    async def _organization_itself(self, _: Request) -> Response:
        return JSONResponse({"organization": self._organization.catalog.organization()})

    async def _billing_entities(self, _: Request) -> Response:
        return JSONResponse({"billing_entities": self._organization.catalog.billing_entities})

    def _list(self, name: str, collection: Collection, read: Reader) -> Handler:
        async def handle(request: Request) -> Response:
            return self._page(request, name, collection, read(_parameters(request)))

        return handle

    def _nested(self, name: str, collection: Collection, read: Reader) -> Handler:
        async def handle(request: Request) -> Response:
            external_id = self._known_customer(request)
            query = read(_parameters(request))
            return self._page(
                request, name, collection, Query(query.conditions, external_id, query.invoice_id)
            )

        return handle

    def _page(self, request: Request, name: str, collection: Collection, query: Query) -> Response:
        number, size = _paging(request)
        filters = tuple(
            sorted(
                (key, value)
                for key, value in request.query_params.multi_items()
                if key not in ("page", "per_page")
            )
        )
        page = self._organization.page(collection, query, number, size, cache_key=(name, *filters))
        documents = page.documents
        if name == "invoices":
            documents = [{key: one[key] for key in one if key not in ONLY_IN_SINGLE} for one in documents]
        return _page_response(name, Page(documents, page.total), number, size)

    def _single(self, name: str, collection: Collection) -> Handler:
        async def handle(request: Request) -> Response:
            document = self._organization.find(collection, request.path_params["id"])
            if document is None:
                raise not_found(name)
            return JSONResponse({name: document})

        return handle

    def _known_customer(self, request: Request) -> str:
        external_id = _segment(request, "external_id")
        if "." in external_id:
            # A dot ends the segment, and no route has one in its middle.
            raise not_found("resource")
        if self._organization.customer(external_id) is None:
            raise not_found("customer")
        return external_id

    async def _customer(self, request: Request) -> Response:
        # Rails takes what follows a dot for a format, so ``acme.com`` asks for the customer ``acme``.
        external_id = _segment(request, "external_id").partition(".")[0]
        customer = self._organization.customer(external_id)
        if customer is None:
            raise not_found("customer")
        return JSONResponse({"customer": customer})

    async def _upsert(self, request: Request) -> Response:
        given = writes.root(await _body(request), "customer")
        return JSONResponse({"customer": writes.upsert_customer(self._organization, given)})

    async def _subscriptions(self, request: Request) -> Response:
        subscriptions = self._organization.subscriptions(self._known_customer(request))
        return _slice_response(request, "subscriptions", subscriptions)

    async def _applied_coupons(self, request: Request) -> Response:
        coupons = self._organization.applied_coupons(self._known_customer(request))
        return _slice_response(request, "applied_coupons", coupons)

    async def _wallet_transactions(self, request: Request) -> Response:
        transactions = self._organization.wallet_transactions(request.path_params["id"], _parameters(request))
        if transactions is None:
            raise not_found("wallet")
        return _slice_response(request, "wallet_transactions", transactions)

    async def _wallet_transaction(self, request: Request) -> Response:
        transaction = self._organization.wallet_transaction(request.path_params["id"])
        if transaction is None:
            raise not_found("wallet_transaction")
        return JSONResponse({"wallet_transaction": transaction})

    async def _update_invoice(self, request: Request) -> Response:
        given = writes.root(await _body(request), "invoice")
        return JSONResponse(
            {"invoice": writes.update_invoice(self._organization, request.path_params["id"], given)}
        )

    async def _void(self, request: Request) -> Response:
        return JSONResponse({"invoice": writes.void_invoice(self._organization, request.path_params["id"])})

    async def _update_credit_note(self, request: Request) -> Response:
        given = writes.root(await _body(request), "credit_note")
        note = writes.update_credit_note(self._organization, request.path_params["id"], given)
        return JSONResponse({"credit_note": note})

    async def _pay(self, request: Request) -> Response:
        given = writes.root(await _body(request), "payment")
        return JSONResponse({"payment": writes.create_payment(self._organization, given)})


def _list_of(plural: str, entries: Sequence[Document]) -> Handler:
    async def handle(request: Request) -> Response:
        return _slice_response(request, plural, entries)

    return handle


def _entry_of(name: str, entries: Sequence[Document]) -> Handler:
    async def handle(request: Request) -> Response:
        code = _segment(request, "code")
        entry = next((one for one in entries if one["code"] == code), None)
        if entry is None:
            raise not_found(name)
        return JSONResponse({name: entry})

    return handle


def _segment(request: Request, name: str) -> str:
    return str(request.path_params[name])


def _parameters(request: Request) -> Parameters:
    found: dict[str, list[str]] = {}
    for key, value in request.query_params.multi_items():
        found.setdefault(key, []).append(value)
    return found


async def _body(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except ValueError:
        raise LagoError(400, "BadRequest: the body is not JSON") from None


def _paging(request: Request) -> tuple[int, int]:
    """Return (page, documents a page); nonsense becomes page 1 and 25 documents, as in Lago."""
    page, size = request.query_params.get("page", ""), request.query_params.get("per_page")
    number = int(page) if page.isascii() and page.isdigit() else 1
    if size is None:
        return max(number, 1), _PER_PAGE
    valid = size.isascii() and size.isdigit() and int(size) > 0
    return max(number, 1), int(size) if valid else _PER_PAGE_OF_NONSENSE


def _slice_response(request: Request, name: str, entries: Sequence[Document]) -> Response:
    number, size = _paging(request)
    return _page_response(
        name, Page(entries[(number - 1) * size : number * size], len(entries)), number, size
    )


def _page_response(name: str, page: Page, number: int, size: int) -> Response:
    pages = -(-page.total // size)
    meta = {
        "current_page": number if pages else 0,
        "next_page": number + 1 if number < pages else None,
        "prev_page": number - 1 if pages and number > 1 else None,
        "total_pages": pages,
        "total_count": page.total,
    }
    return JSONResponse({name: page.documents, "meta": meta})
