"""Whatever shape an error has, it becomes a code, a message, and the one error that fits."""

import json

import httpx
import pytest

from lago_ns_cli.connection import Answer
from lago_ns_cli.errors import (
    AuthError,
    InDoubtError,
    LimitError,
    RejectedError,
    RemoteError,
    TransientError,
)
from lago_ns_cli.netsuite.envelopes import Fault, read_fault
from tests.adapters.netsuite.restlet import Restlet, envelope, json_answer, thrown

HTML = "<!DOCTYPE html><html><head><title>502 Bad\n Gateway</title></head><body>x</body></html>"


def text(body: str | bytes, status: int = 200, **headers: str) -> httpx.Response:
    content = body.encode() if isinstance(body, str) else body
    return httpx.Response(status, content=content, headers=headers)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (
            '{"error" : {"code" : "USER_ERROR", "message" : "Please enter"}}',
            Fault("USER_ERROR", "Please enter"),
        ),
        ("error code: USER_ERROR\nerror message: Please enter", Fault("USER_ERROR", "Please enter")),
        ("error code: USER_ERROR\r\nerror message: two\nlines", Fault("USER_ERROR", "two lines")),
        (
            "<?xml version='1.0'?><error><code>USER_ERROR</code><message>No</message></error>",
            Fault("USER_ERROR", "No"),
        ),
        (thrown("USER_ERROR", "No").text, Fault("USER_ERROR", "No", thrown=True)),
        (thrown("USER_ERROR", "No", "error.UserEventError").text, Fault("USER_ERROR", "No", thrown=True)),
        (
            "error code: UNEXPECTED_ERROR\nerror message: "
            + json.dumps({"type": "error.SuiteScriptError", "name": "USER_ERROR", "message": "No"}),
            Fault("USER_ERROR", "No", thrown=True),
        ),
        (json.dumps(json.dumps({"error": {"code": "A_B", "message": "x"}})), Fault("A_B", "x")),
        ('{"error":{"code":"A_B","message":{"name":"C_D","message":"deep"}}}', Fault("C_D", "deep")),
        ('{"error":"Something is wrong"}', Fault(None, "Something is wrong")),
        (
            '{"error":"invalid_grant","error_description":"expired"}',
            Fault("invalid_grant", "expired"),
        ),
        ('{"error":"invalid_grant"}', Fault("invalid_grant", "invalid_grant")),
        (
            '{"type":"x","title":"Bad","status":400,"o:errorDetails":[{"detail":"why","o:errorCode":"INVALID_LOGIN"}]}',
            Fault("INVALID_LOGIN", "why"),
        ),
        ('{"error":{"code":400,"message":"x"}}', Fault(None, "x")),
        ('{"error":{"code":"two words\\n","message":"x"}}', Fault(None, "x")),
        ('{"error":{"code":"USER_ERROR","message":""}}', Fault("USER_ERROR", "USER_ERROR")),
        ('{"error":[{"code":"USER_ERROR","message":"x"}]}', Fault("USER_ERROR", "x")),
        ('{"ok":false}', Fault(None, '{"ok":false}')),
        (HTML, Fault(None, "a page titled '502 Bad\\n Gateway'")),
        ("<html><body>no title</body></html>", Fault(None, "a page of HTML")),
        ('"502 Bad Gateway"', Fault(None, "502 Bad Gateway")),
        ("", Fault(None, "an empty body")),
        ("null", Fault(None, "null")),
        ("[]", Fault(None, "[]")),
        ("5", Fault(None, "5")),
        (b"\xff\xfe", Fault(None, "\ufffd\ufffd")),
        ("[" * 5000, Fault(None, "[" * 499 + "…")),
        ("x" * 5000, Fault(None, "x" * 499 + "…")),
    ],
)
def test_code_and_message_are_found_in_any_shape(body: str | bytes, fault: Fault) -> None:
    """Never a traceback, and never an empty message."""
    content = body.encode() if isinstance(body, str) else body

    assert read_fault(Answer(400, {}, content)) == fault


def test_code_may_stand_in_the_challenge() -> None:
    """OAuth 2.0 tells the reason of a 401 in a header."""
    challenge = 'Bearer realm="1", error="invalid_token", error_description="Invalid login attempt."'

    assert read_fault(Answer(401, {"www-authenticate": challenge}, b"")).code == "invalid_token"


LIMIT = "SSS_REQUEST_LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    ("reply", "on_push", "on_read", "code"),
    [
        # Too many calls: nothing was executed, in whatever envelope it comes.
        (envelope(LIMIT), LimitError, LimitError, LIMIT),
        (thrown(LIMIT), LimitError, LimitError, LIMIT),
        (text(f"error code: {LIMIT}\nerror message: Blocked", 400), LimitError, LimitError, LIMIT),
        (json_answer({"status": {"detail": [f"{LIMIT}: Blocked"]}}), LimitError, LimitError, LIMIT),
        (json_answer(f"failed with {LIMIT}"), LimitError, LimitError, LIMIT),
        (text(f"<html>{LIMIT}</html>", 500), LimitError, LimitError, LIMIT),
        (text("", 429), LimitError, LimitError, "netsuite_http_429"),
        (envelope("WS_CONCUR_SESSION_DISALLWD"), LimitError, LimitError, "WS_CONCUR_SESSION_DISALLWD"),
        (
            envelope("ACCT_TEMP_UNAVAILABLE", status=503),
            TransientError,
            TransientError,
            "ACCT_TEMP_UNAVAILABLE",
        ),
        # The login or a permission.
        (envelope("INVALID_LOGIN_ATTEMPT", status=403), AuthError, AuthError, "INVALID_LOGIN_ATTEMPT"),
        (envelope("INVALID_LOGIN_ATTEMPT", status=401), AuthError, AuthError, "INVALID_LOGIN_ATTEMPT"),
        (envelope("INVALID_LOGIN_CREDENTIALS"), AuthError, AuthError, "INVALID_LOGIN_CREDENTIALS"),
        (envelope("INVALID_REQUEST"), AuthError, AuthError, "INVALID_REQUEST"),
        (text("", 401), AuthError, AuthError, "netsuite_http_401"),
        (text(HTML, 403), AuthError, AuthError, "netsuite_http_403"),
        (envelope("INSUFFICIENT_PERMISSION"), AuthError, AuthError, "INSUFFICIENT_PERMISSION"),
        # Understood by nobody.
        (envelope("SSS_INVALID_SCRIPTLET_ID"), RejectedError, RejectedError, "SSS_INVALID_SCRIPTLET_ID"),
        (text(HTML, 404), RejectedError, RejectedError, "netsuite_http_404"),
        (text("", 405), RejectedError, RejectedError, "netsuite_http_405"),
        (envelope("INVALID_CONTENT_TYPE", status=415), RejectedError, RejectedError, "INVALID_CONTENT_TYPE"),
        (text("", 415), RejectedError, RejectedError, "netsuite_http_415"),
        (text("", 302, location="https://x.example"), RejectedError, RejectedError, "netsuite_http_302"),
        (thrown("LAGO_UNKNOWN_OPERATION"), RejectedError, RejectedError, "LAGO_UNKNOWN_OPERATION"),
        (envelope("LAGO_UNKNOWN_CONTRACT"), RejectedError, RejectedError, "LAGO_UNKNOWN_CONTRACT"),
        (thrown("LAGO_BAD_REQUEST"), RejectedError, RejectedError, "LAGO_BAD_REQUEST"),
        # The script ran: what it saved before it failed stays saved.
        (thrown("RCRD_HAS_BEEN_CHANGED"), InDoubtError, RejectedError, "RCRD_HAS_BEEN_CHANGED"),
        (thrown("INSUFFICIENT_PERMISSION"), InDoubtError, AuthError, "INSUFFICIENT_PERMISSION"),
        (envelope("SSS_USAGE_LIMIT_EXCEEDED"), InDoubtError, RejectedError, "SSS_USAGE_LIMIT_EXCEEDED"),
        (envelope("SSS_TIME_LIMIT_EXCEEDED"), InDoubtError, TransientError, "SSS_TIME_LIMIT_EXCEEDED"),
        (envelope("UNEXPECTED_ERROR"), InDoubtError, TransientError, "UNEXPECTED_ERROR"),
        (envelope("USER_ERROR"), InDoubtError, RejectedError, "USER_ERROR"),
        (text(HTML, 500), InDoubtError, TransientError, "netsuite_http_500"),
        (text(HTML, 502), InDoubtError, TransientError, "netsuite_http_502"),
        (text("", 503), InDoubtError, TransientError, "netsuite_http_503"),
        # Status 200, and no answer of the contract.
        (text(HTML), InDoubtError, TransientError, "netsuite_http_200"),
        (text(""), InDoubtError, TransientError, "netsuite_http_200"),
        (text('"12345"'), InDoubtError, TransientError, "netsuite_http_200"),
        (json_answer([]), InDoubtError, TransientError, "netsuite_http_200"),
        (json_answer({"ok": True}), InDoubtError, RejectedError, "netsuite_contract"),
        (json_answer({"contract": 2, "operation": "x"}), InDoubtError, RejectedError, "netsuite_contract"),
        (
            json_answer({"error": {"code": "USER_ERROR", "message": "No"}}),
            InDoubtError,
            RejectedError,
            "USER_ERROR",
        ),
        # The network.
        (httpx.ConnectError("refused"), TransientError, TransientError, "unreachable"),
        (httpx.ConnectTimeout("slow"), TransientError, TransientError, "unreachable"),
        (httpx.ReadTimeout("slow"), InDoubtError, TransientError, "answer_lost"),
        (httpx.ReadError("reset"), InDoubtError, TransientError, "answer_lost"),
        (httpx.WriteError("reset"), InDoubtError, TransientError, "answer_lost"),
        (httpx.RemoteProtocolError("half"), InDoubtError, TransientError, "answer_lost"),
    ],
)
def test_every_failure_has_one_meaning(
    reply: httpx.Response | Exception, on_push: type[RemoteError], on_read: type[RemoteError], code: str
) -> None:
    """For a push the question is whether something may have been executed; a read can be repeated."""
    with pytest.raises(RemoteError) as pushed:
        Restlet(reply).run(lambda client: client.push([{"key": "lago:inv:1"}]))
    with pytest.raises(RemoteError) as read:
        Restlet(reply).run(lambda client: client.ping())

    assert (type(pushed.value), type(read.value)) == (on_push, on_read)
    for error in (pushed.value, read.value):
        assert error.code == code or (code == "netsuite_contract" and error.code == "netsuite_http_200")
        assert error.system == "NetSuite"
        assert error.message
        assert "secret" not in f"{error.message} {error.hint}"
    assert read.value.hint


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (envelope("SSS_INVALID_SCRIPTLET_ID"), "netsuite.script"),
        (thrown("LAGO_UNKNOWN_OPERATION"), "lago-ns restlet export"),
        (envelope("INVALID_LOGIN_ATTEMPT", status=403), "lago-ns auth status"),
        (envelope("INSUFFICIENT_PERMISSION"), "permission"),
        (text("", 302), "netsuite.base_url"),
        (envelope("LAGO_BAD_REQUEST", "documents must be a list"), "documents must be a list"),
    ],
)
def test_refusals_say_what_to_do(reply: httpx.Response, told: str) -> None:
    """The next step stands in the hint, NetSuite's own words in the message."""
    with pytest.raises(RemoteError) as caught:
        Restlet(reply).run(lambda client: client.ping())

    assert told in f"{caught.value.message} {caught.value.hint}"


def test_what_the_server_asks_for_is_handed_on() -> None:
    """A limit may say when to come back."""
    with pytest.raises(LimitError) as caught:
        Restlet(text("", 429, **{"retry-after": "7"})).run(lambda client: client.push([]))

    assert caught.value.retry_after_seconds == 7.0
