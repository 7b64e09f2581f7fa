"""The Lago organization seen from the wire, so that faults can come between it and its caller."""

import json
from collections import Counter
from http import HTTPStatus
from urllib.parse import unquote

from starlette.types import ASGIApp, Message

from lago_ns_cli.simulator.exchange import Call
from lago_ns_cli.simulator.faults import Fault, Status, Target
from lago_ns_cli.simulator.netsuite.envelopes import Answer, html_answer

_API_PREFIX = "/api/v1/"


class LagoService:
    """Answers calls through the organization's own application.

    Attributes:
        calls: Requests that reached the organization.
        requests: The same by what was asked for: ``invoices``, ``invoices/{id}``.
    """

    target: Target = "lago"

    def __init__(self, app: ASGIApp) -> None:
        self.calls = 0
        self.requests: Counter[str] = Counter()
        self._app = app

    def operation_of(self, call: Call) -> str:
        """Name the resource: ``invoices`` for ``/api/v1/invoices/…``; empty outside the API."""
        _, _, resource = call.head.path.partition(_API_PREFIX)
        return resource.partition("/")[0]

    async def perform(self, call: Call, fault: Fault | None) -> Answer:  # noqa: ARG002 (no fault concerns its work)
        """Pass a call on and collect the answer."""
        self.calls += 1
        self.requests[_asked_for(call.head.path)] += 1
        return await _collect(self._app, call)

    def refusal(self, call: Call, fault: Fault) -> Answer | None:  # noqa: ARG002 (it has none of its own)
        """Give no answer: this side refuses by status only."""
        return None

    def status_answer(self, call: Call, rule: Status) -> Answer:  # noqa: ARG002 (one form for all calls)
        """Give an error with a status in Lago's own form."""
        if rule.body == "html":
            return html_answer(rule.status)
        try:
            phrase = HTTPStatus(rule.status).phrase
        except ValueError:
            phrase = "Error"
        headers = {"content-type": "application/json; charset=utf-8"}
        if rule.retry_after is not None:
            # Lago says in its own header how many seconds the window still lasts.
            headers |= {"x-ratelimit-limit": "50", "x-ratelimit-remaining": "0"}
            headers |= {"x-ratelimit-reset": str(rule.retry_after)}
        body = json.dumps({"status": rule.status, "error": phrase}).encode()
        return Answer(rule.status, body, headers)


def _asked_for(path: str) -> str:
    """``/api/v1/invoices/6b2f…/void`` → ``invoices/{id}/void``."""
    resource, *more = path.partition(_API_PREFIX)[2].split("/")
    return "/".join([resource, *(["{id}", *more[1:]] if more else [])])


async def _collect(app: ASGIApp, call: Call) -> Answer:
    """Run an application on a request that is already complete, and keep its whole answer."""
    head = call.head
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": head.method,
        "scheme": head.scheme,
        "path": unquote(head.path),
        "raw_path": head.path.encode("latin-1"),
        "root_path": "",
        "query_string": head.query.encode("latin-1"),
        "headers": [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in head.headers.items()
        ],
    }
    requests: list[Message] = [{"type": "http.request", "body": call.body}]
    sent: list[Message] = []

    async def receive() -> Message:
        return requests.pop() if requests else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = sent[0]
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]}
    return Answer(start["status"], b"".join(message.get("body", b"") for message in sent[1:]), headers)
