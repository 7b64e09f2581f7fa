"""The HTTP side of the account: the RESTlet's address and the OAuth 2.0 token endpoint.

The order of the checks is ours where NetSuite does not document it: method, login, form of the request,
script and deployment, a free slot, then the script.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import parse_qs

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse

from lago_ns_cli.simulator.clock import Clock
from lago_ns_cli.simulator.exchange import Call, request_head
from lago_ns_cli.simulator.faults import (
    ErrorButCommitted,
    FalseLogin,
    Fault,
    LateCommit,
    Limit,
    Slow,
    Status,
    Target,
)
from lago_ns_cli.simulator.netsuite.call_log import CallLog, Ending, LoggedCall
from lago_ns_cli.simulator.netsuite.concurrency import ConcurrencyGate, LimitReachedError
from lago_ns_cli.simulator.netsuite.disturbances import Disturbances
from lago_ns_cli.simulator.netsuite.envelopes import (
    JSON,
    TEXT,
    Answer,
    content_answer,
    error_answer,
    html_answer,
    invalid_bearer,
    invalid_login,
    limit_exceeded,
    media_type,
    script_error_message,
)
from lago_ns_cli.simulator.netsuite.login_desk import LoginDesk, Principal
from lago_ns_cli.simulator.netsuite.logins import LoginRefusedError, MalformedAuthorizationError
from lago_ns_cli.simulator.netsuite.oauth2 import TokenRequestError
from lago_ns_cli.simulator.netsuite.script_host import ScriptAnswer, ScriptFailure, ScriptHost
from lago_ns_cli.simulator.netsuite.setup_pages import SetupPages
from lago_ns_cli.simulator.world import ACCOUNT_ID, DEPLOYMENT_ID, SCRIPT_ID

RESTLET_PATH = "/app/site/hosting/restlet.nl"
MAX_STRING_BYTES = 10 * 1024 * 1024
"""Guaranteed size of a RESTlet's input and output."""

# A script answers to its string ids and to the internal ids this account gave it.
_DEPLOYMENTS = frozenset({(SCRIPT_ID, DEPLOYMENT_ID), ("6", "1")})
_WITH_BODY = ("POST", "PUT")


@dataclass
class CallStats:
    """What the account did so far.

    Attributes:
        calls: RESTlet requests that arrived completely and were not refused by a fault.
        operations: Scripts that ran, by operation of the contract.
        units: Usage units of all scripts.
        saves: Records saved by all scripts.
    """

    calls: int = 0
    units: int = 0
    saves: int = 0
    operations: Counter[str] = field(default_factory=Counter)


@dataclass
class _Logged:
    """What becomes known of a call while it is answered."""

    arrived: datetime
    operation: str
    in_flight: int
    ending: Ending = "broken"
    saves: int = 0


class _Body(msgspec.Struct):
    """As much of a request as tells the operations of the contract apart."""

    operation: str | None = None
    columns: msgspec.Raw = msgspec.Raw()


_BODY = msgspec.json.Decoder(_Body)


class _PlatformError(Exception):
    """NetSuite refuses a call before any script runs."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class RestletService:
    """Answers RESTlet calls.

    Args:
        refused_login_status: The status of INVALID_LOGIN_ATTEMPT. Accounts were seen with either; which one when is not known.

    The cost model: a call takes ``latency_ms``, and as much as the script host says for each record that
    it saved; it holds its slot meanwhile, and one that finds no slot takes no time. What the simulator
    itself needs to run the script is part of that time and not added to it.

    Attributes:
        latency_ms: How long each call takes besides the script's own time.
        log: Every call that arrived completely.
    """

    target: Target = "netsuite"

    def __init__(
        self,
        *,
        host: ScriptHost,
        setup: SetupPages,
        desk: LoginDesk,
        gate: ConcurrencyGate,
        disturbances: Disturbances,
        clock: Clock,
        latency_ms: int = 0,
        refused_login_status: Literal[401, 403] = 401,
    ) -> None:
        self.stats = CallStats()
        self.log = CallLog()
        self.gate = gate
        self.latency_ms = latency_ms
        self._host = host
        self._setup = setup
        self._desk = desk
        self._disturbances = disturbances
        self._clock = clock
        self._refused_login_status = refused_login_status

    def operation_of(self, call: Call) -> str:
        """Name the contract's operation; ``bare`` for a single document, ``unknown`` for what cannot be read."""
        try:
            body = _BODY.decode(call.body)
        except (msgspec.DecodeError, RecursionError):
            return "unknown"
        return body.operation or ("bare" if bytes(body.columns) else "unknown")

    async def perform(self, call: Call, fault: Fault | None) -> Answer:
        """Answer a call as the account would, under a fault that concerns its execution."""
        self.stats.calls += 1
        logged = _Logged(self._clock.now(), self.operation_of(call), self.gate.in_flight)
        try:
            return await self._answer(call, fault, logged)
        finally:
            self._log(logged)

    async def _answer(self, call: Call, fault: Fault | None, logged: "_Logged") -> Answer:
        like = call.head.headers.get("content-type")
        try:
            self._check_method(call)
            principal = self._desk.authenticate(call.head)
            _check_form(call)
            _check_deployment(call, self._setup, principal)
            with self.gate.slot():
                answer = await self._run(call, principal, fault, logged)
        except LimitReachedError:
            logged.ending = "limit"
            return limit_exceeded(like=like)
        except LoginRefusedError:
            logged.ending = "login"
            return self._refused_login(call)
        except MalformedAuthorizationError:
            logged.ending = "login"
            return error_answer(
                400, "INVALID_REQUEST", "The request could not be understood by the server.", like=like
            )
        except _PlatformError as error:
            logged.ending = "refused"
            return error_answer(error.status, error.code, error.message, like=like)
        logged.ending = "answered"
        return answer

    def _log(self, logged: "_Logged") -> None:
        self.log.calls.append(
            LoggedCall(
                arrived=logged.arrived,
                seconds=(self._clock.now() - logged.arrived).total_seconds(),
                operation=logged.operation,
                ending=logged.ending,
                saves=logged.saves,
                in_flight=logged.in_flight,
                limit=self.gate.limit,
            )
        )

    def refusal(self, call: Call, fault: Fault) -> Answer | None:
        """Give the answer of ``limit`` and ``false_login``."""
        like = call.head.headers.get("content-type")
        match fault.rule:
            case Limit():
                return limit_exceeded(like=like)
            case FalseLogin():
                return self._refused_login(call)
            case _:
                return None

    def status_answer(self, call: Call, rule: Status) -> Answer:
        """Give an error with a status in NetSuite's own form."""
        if rule.body == "html":
            return html_answer(rule.status)
        if rule.status == HTTPStatus.UNAUTHORIZED:
            return self._refused_login(call, HTTPStatus.UNAUTHORIZED)
        like = call.head.headers.get("content-type")
        retry = {} if rule.retry_after is None else {"retry-after": str(rule.retry_after)}
        code, message = _STATUS_CODES.get(rule.status, ("UNEXPECTED_ERROR", "An unexpected error occurred."))
        return error_answer(rule.status, code, message, like=like, headers=retry)

    async def _run(self, call: Call, principal: Principal, fault: Fault | None, logged: "_Logged") -> Answer:
        rule = fault.rule if fault else None
        arrival, started = None, logged.arrived
        if fault is not None and isinstance(rule, LateCommit):
            arrival = self._disturbances.arrival()
            await self._clock.sleep(fault.seconds)
            started = self._clock.now()
        with self._disturbances.around(fault, arrival):
            result = self._script(call, principal)
        self.stats.operations[logged.operation] += 1
        logged.saves = result.saves
        seconds = (self.latency_ms + result.elapsed_ms) / 1000
        if fault is not None and isinstance(rule, Slow):
            seconds += fault.seconds
        await self._sleep_until(started + timedelta(seconds=seconds))
        if isinstance(rule, ErrorButCommitted):
            failure = ScriptFailure(
                name=rule.code, message=rule.message, stack=(), type="error.UserEventError"
            )
            return _failure_answer(failure, call)
        return _script_answer(result, call)

    async def _sleep_until(self, end: datetime) -> None:
        left = (end - self._clock.now()).total_seconds()
        if left > 0:
            await self._clock.sleep(left)

    def _script(self, call: Call, principal: Principal) -> ScriptAnswer:
        result = self._host.run(
            role=principal.role,
            user=principal.user,
            method=call.head.method,
            body=call.body.decode(),
            content_type=media_type(call.head.headers.get("content-type")) or TEXT,
            script_id=SCRIPT_ID,
            deployment_id=DEPLOYMENT_ID,
        )
        self.stats.units += result.units_used
        self.stats.saves += result.saves
        return result

    def _check_method(self, call: Call) -> None:
        """Only methods with an entry point in the script are answered."""
        if call.head.method.lower() not in self._host.methods:
            raise _PlatformError(
                405, "METHOD_NOT_ALLOWED", f"The method {call.head.method} is not allowed here."
            )

    def _refused_login(self, call: Call, status: int | None = None) -> Answer:
        if call.head.headers.get("authorization", "").lower().startswith("bearer"):
            return invalid_bearer(ACCOUNT_ID)
        return invalid_login(status or self._refused_login_status, like=call.head.headers.get("content-type"))


class TokenEndpoint:
    """Answers ``POST /services/rest/auth/oauth2/v1/token``; faults leave it alone."""

    def __init__(self, desk: LoginDesk) -> None:
        self._desk = desk

    async def answer(self, request: Request) -> JSONResponse:
        """Exchange an assertion for an access token."""
        try:
            granted = self._desk.grant(request_head(request.scope), await request.body())
        except TokenRequestError as error:
            return JSONResponse({"error": error.code}, status_code=400)
        return JSONResponse(granted, headers={"cache-control": "no-store"})


_STATUS_CODES = {
    403: ("INSUFFICIENT_PERMISSION", "You do not have permission to perform this action."),
    429: ("SSS_REQUEST_LIMIT_EXCEEDED", "Concurrent request limit exceeded. Request blocked."),
    503: ("ACCT_TEMP_UNAVAILABLE", "Your account is temporarily unavailable. Please try again later."),
}


def _check_form(call: Call) -> None:
    """Hold the content type against the body: the type is compared as written, case included."""
    kind = media_type(call.head.headers.get("content-type"))
    if call.head.method not in _WITH_BODY:
        if call.body:
            raise _PlatformError(400, "INVALID_REQUEST", "A request of this method has no body.")
        return
    if kind not in (JSON, TEXT):
        raise _PlatformError(
            415,
            "INVALID_CONTENT_TYPE",
            f"Invalid content type. You can only use {JSON} or {TEXT} with RESTlets.",
        )
    # The code for too much input is not published; that the limit is 10 MB is.
    if len(call.body) > MAX_STRING_BYTES:
        raise _PlatformError(400, "SSS_REQUEST_SIZE_EXCEEDED", "The request is larger than 10 MB.")
    _check_text(call.body, is_json=kind == JSON)


def _check_text(body: bytes, *, is_json: bool) -> None:
    try:
        text = body.decode()
        if is_json and not _is_plain_json(body):
            json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise _PlatformError(
            400, "INVALID_DATA_FORMAT", "Invalid data format. The request body is not valid JSON."
        ) from error


def _is_plain_json(body: bytes) -> bool:
    """Whether the faster reader takes it; it refuses halves of surrogate pairs, which JSON allows."""
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _check_deployment(call: Call, setup: SetupPages, principal: Principal) -> None:
    """Find the deployment, and see whether the caller's role may run it.

    How an account answers a role outside of the audience is not published; so is the code's status.
    """
    if principal.role.web_services_only:
        raise _PlatformError(403, "INVALID_LOGIN_CREDENTIALS", "You have entered an invalid login.")
    query = parse_qs(call.head.query, keep_blank_values=True)
    script, deployment = (query.get(name, [""])[0] for name in ("script", "deploy"))
    for name, value in (("script", script), ("deploy", deployment)):
        if not value:
            raise _PlatformError(400, "SSS_MISSING_REQD_ARGUMENT", f"Missing a required argument: {name}")
    audience = setup.deployment.audience
    if (script, deployment) in _DEPLOYMENTS and audience is not None and principal.role.id not in audience:
        raise _PlatformError(403, "INSUFFICIENT_PERMISSION", "You do not have privileges to view this page.")
    if (script, deployment) not in _DEPLOYMENTS or not setup.deployment.released:
        raise _PlatformError(
            400, "SSS_INVALID_SCRIPTLET_ID", "That Suitelet is invalid, disabled, or no longer exists."
        )


def _script_answer(result: ScriptAnswer, call: Call) -> Answer:
    if result.error is not None:
        return _failure_answer(result.error, call)
    if result.content is not None and len(result.content.encode()) > MAX_STRING_BYTES:
        return error_answer(
            400,
            "SSS_RESPONSE_SIZE_EXCEEDED",
            "The response is larger than 10 MB.",
            like=call.head.headers.get("content-type"),
        )
    kind = result.content_type or media_type(call.head.headers.get("content-type")) or TEXT
    return content_answer(result.content, kind)


def _failure_answer(failure: ScriptFailure, call: Call) -> Answer:
    message = script_error_message(
        failure.name, failure.message, stack=list(failure.stack), kind=failure.type
    )
    return error_answer(400, failure.name, message, like=call.head.headers.get("content-type"))
