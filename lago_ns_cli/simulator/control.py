"""The control endpoints under ``/_simulator/``: what a test looks at and turns, besides the two APIs.

All take the control token as a bearer and answer JSON; a refusal is ``{"error": "…"}``.

==========================================  ===========================================================================
``GET  stats``                              calls, rejections, most calls at once, units, saves, faults so far
``GET  netsuite/records?type=invoice``      records of a type from the account's own store
``GET  netsuite/keys?type=invoice``         ``[[id, external id, total], …]`` of the documents of a type: all of them, cheaply
``GET  netsuite/calls``                     every call since the start or since ``DELETE netsuite/calls``, as it ended
``GET  netsuite/login-audit``               who logged in, and why a login failed
``GET  netsuite/admin``                     names of what a person can do
``POST netsuite/admin``                     ``{"action": …, …}``: a person does it (:mod:`.netsuite.people`)
``POST netsuite/limits``                    ``{"concurrency_limit", "held_by_others", "latency_ms", "cost_ms_per_record"}``, each optional
``POST netsuite/other-program``             ``{"calls": 4, "call_seconds": 1.0}``: another program that competes for slots; 0 ends it
``POST netsuite/tokens``                    makes another access token → ``{"token_id", "token_secret"}``
``POST netsuite/tokens/revoke``             ``{"token_id": …}``: takes one back
``POST netsuite/certificates``              ``{"certificate": PEM, "role": "full" | "limited"}`` → ``{"certificate_id", "client_id"}``
``POST lago/documents``                     ``{"customers", "invoices", "credit_notes", "payments"}``, served from then on
``POST faults``                             a fault plan as JSON; ``{}`` ends all faults
==========================================  ===========================================================================
"""

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router

from lago_ns_cli.simulator.errors import FaultPlanError
from lago_ns_cli.simulator.faults import parse_fault_plan
from lago_ns_cli.simulator.netsuite.access import new_token, register_certificate
from lago_ns_cli.simulator.netsuite.errors import NetSuiteError
from lago_ns_cli.simulator.netsuite.oauth2 import CertificateError
from lago_ns_cli.simulator.netsuite.people import ActionError
from lago_ns_cli.simulator.parts import Parts

Endpoint = Callable[[Request], Awaitable[Response]]


class LimitsChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``POST netsuite/limits`` takes; what is left out stays."""

    concurrency_limit: int | None = None
    held_by_others: int | None = None
    latency_ms: int | None = None
    cost_ms_per_record: int | None = None


class Competition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``POST netsuite/other-program`` takes."""

    calls: int
    call_seconds: float = 1.0


class CertificateRegistration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``POST netsuite/certificates`` takes."""

    certificate: str
    role: str = "full"


def create_control_app(parts: Parts, token: str) -> Router:
    """Make the application that serves the control endpoints.

    Args:
        parts: What is looked at and turned.
        token: The bearer every request must carry.
    """
    control = _Control(parts)
    endpoints: tuple[tuple[str, str, Endpoint], ...] = (
        ("GET", "/stats", control.stats),
        ("GET", "/netsuite/records", control.records),
        ("GET", "/netsuite/keys", control.keys),
        ("GET", "/netsuite/calls", control.calls),
        ("DELETE", "/netsuite/calls", control.forget_calls),
        ("GET", "/netsuite/login-audit", control.login_audit),
        ("GET", "/netsuite/admin", control.actions),
        ("POST", "/netsuite/admin", control.act),
        ("POST", "/netsuite/limits", control.change_limits),
        ("POST", "/netsuite/other-program", control.compete),
        ("POST", "/netsuite/tokens", control.issue_token),
        ("POST", "/netsuite/tokens/revoke", control.revoke_token),
        ("POST", "/netsuite/certificates", control.register_certificate),
        ("POST", "/lago/documents", control.add_documents),
        ("POST", "/faults", control.plan_faults),
    )
    return Router(
        [Route(path, _guarded(endpoint, token), methods=[verb]) for verb, path, endpoint in endpoints]
    )


def _guarded(endpoint: Endpoint, token: str) -> Endpoint:
    expected = f"Bearer {token}".encode()

    async def guarded(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, expected):
            refusal = {"error": "The control token is missing or wrong; it stands in the ready line."}
            return JSONResponse(refusal, status_code=401, headers={"www-authenticate": "Bearer"})
        try:
            return await endpoint(request)
        except _BAD_REQUESTS as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return guarded


_BAD_REQUESTS = (
    ActionError,
    CertificateError,
    FaultPlanError,
    NetSuiteError,
    ValueError,
    msgspec.DecodeError,
)


class _Control:
    """The endpoints, one method each."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def stats(self, _: Request) -> Response:
        parts = self._parts
        calls, gate = parts.restlet.stats, parts.restlet.gate
        return JSONResponse(
            {
                "calls": calls.calls,
                "rejections": gate.rejections,
                "most_calls_at_once": gate.most_at_once,
                "calls_in_flight": gate.in_flight,
                "units": calls.units,
                "saves": calls.saves,
                "operations": dict(calls.operations),
                "logins_refused": parts.desk.audit.refused,
                "lago_calls": parts.lago.calls,
                "lago_requests": dict(parts.lago.requests),
                "others_rejections": gate.others_rejections,
                "faults": dict(parts.faults.injected),
                "work_in_background": len(parts.work),
            }
        )

    async def records(self, request: Request) -> Response:
        record_type = request.query_params.get("type")
        if not record_type:
            raise ValueError("Say which records: ?type=invoice")
        return JSONResponse(self._parts.account.records(record_type))

    async def keys(self, request: Request) -> Response:
        rows = self._parts.account.keys(request.query_params.get("type", ""))
        return Response(msgspec.json.encode(rows), media_type="application/json")

    async def calls(self, _: Request) -> Response:
        calls = list(self._parts.restlet.log.calls)
        return Response(msgspec.json.encode({"calls": calls}), media_type="application/json")

    async def forget_calls(self, _: Request) -> Response:
        self._parts.restlet.log.forget()
        return JSONResponse({"calls": []})

    async def login_audit(self, _: Request) -> Response:
        return JSONResponse(self._parts.desk.audit.rows())

    async def actions(self, _: Request) -> Response:
        return JSONResponse({"actions": self._parts.people.actions})

    async def act(self, request: Request) -> Response:
        arguments = await _object_in(request)
        action = arguments.pop("action", None)
        return JSONResponse({"id": self._parts.people.perform(str(action), arguments)})

    async def change_limits(self, request: Request) -> Response:
        change = msgspec.json.decode(await request.body(), type=LimitsChange)
        restlet = self._parts.restlet
        restlet.gate.change(limit=change.concurrency_limit, held_by_others=change.held_by_others)
        if change.latency_ms is not None:
            restlet.latency_ms = max(0, change.latency_ms)
        if change.cost_ms_per_record is not None:
            self._parts.script.cost_ms_per_record = max(0, change.cost_ms_per_record)
        return JSONResponse(
            {
                "concurrency_limit": restlet.gate.limit,
                "held_by_others": restlet.gate.held_by_others,
                "latency_ms": restlet.latency_ms,
                "cost_ms_per_record": self._parts.script.cost_ms_per_record,
            }
        )

    async def compete(self, request: Request) -> Response:
        wanted = msgspec.json.decode(await request.body(), type=Competition)
        self._parts.others.change(calls=wanted.calls, call_seconds=wanted.call_seconds)
        return JSONResponse({"calls": wanted.calls, "call_seconds": wanted.call_seconds})

    async def issue_token(self, _: Request) -> Response:
        token = new_token(self._parts.credentials)
        self._parts.desk.issue_token(token)
        return JSONResponse({"token_id": token.token_id, "token_secret": token.token_secret}, status_code=201)

    async def revoke_token(self, request: Request) -> Response:
        token_id = str((await _object_in(request)).get("token_id"))
        self._parts.desk.revoke_token(token_id)
        return JSONResponse({"token_id": token_id})

    async def register_certificate(self, request: Request) -> Response:
        asked = msgspec.json.decode(await request.body(), type=CertificateRegistration)
        certificate_id = register_certificate(self._parts.tokens, asked.certificate, role=asked.role)
        return JSONResponse(
            {"certificate_id": certificate_id, "client_id": self._parts.credentials.client_id},
            status_code=201,
        )

    async def add_documents(self, request: Request) -> Response:
        documents = await _object_in(request)
        self._parts.organization.add_documents(documents)
        return JSONResponse(
            {kind: len(listed) for kind, listed in documents.items() if isinstance(listed, list)},
            status_code=201,
        )

    async def plan_faults(self, request: Request) -> Response:
        plan = parse_fault_plan(await request.body())
        self._parts.faults.replace(plan)
        return JSONResponse({"seed": plan.seed, "faults": len(plan.fault)})


async def _object_in(request: Request) -> dict[str, Any]:
    body = json.loads(await request.body())
    if not isinstance(body, dict):
        raise ValueError("The body is a JSON object.")
    return body
