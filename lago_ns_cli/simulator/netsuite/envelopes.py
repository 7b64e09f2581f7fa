"""The shapes in which NetSuite answers a RESTlet call.

A failure takes the content type of the request: JSON, or two lines of plain text. What a script throws
is wrapped once more: the message of the outer error is itself a JSON text.
Source: Oracle's help ``section_4634920277`` and ``section_156570709583``, and bodies seen in public code.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

JSON = "application/json"
TEXT = "text/plain"
HTML_PAGE = (
    "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n"
    "<body><h1>502 Bad Gateway</h1><p>The server was unable to complete your request.</p></body></html>\n"
)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, complete in memory."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def media_type(content_type: str | None) -> str:
    """Cut parameters such as the character set off a content type; the case stays, NetSuite minds it."""
    return (content_type or "").partition(";")[0].strip()


def content_answer(content: str | None, content_type: str) -> Answer:
    """Wrap what a script returned.

    That nothing returned gives an empty body is an assumption; the RESTlet always returns an object.
    """
    body = (content or "").encode("utf-8", "surrogatepass")
    return Answer(200, body, {"content-type": f"{content_type};charset=utf-8"})


def error_answer(
    status: int, code: str, message: str, *, like: str | None, headers: Mapping[str, str] | None = None
) -> Answer:
    """Wrap a platform error.

    Args:
        like: The request's content type, which the answer takes over; plain text where it is not JSON.
    """
    if media_type(like) == JSON:
        # NetSuite puts spaces around its colons; a client that compares text instead of parsing breaks here.
        text = f'{{"error" : {{"code" : {json.dumps(code)}, "message" : {json.dumps(message)}}}}}'
        shown = JSON
    else:
        text = f"error code: {code}\nerror message: {message}"
        shown = TEXT
    return Answer(status, text.encode(), {"content-type": f"{shown};charset=utf-8", **(headers or {})})


def script_error_message(
    code: str, message: str, *, stack: list[str], kind: str = "error.SuiteScriptError", record_id: str = ""
) -> str:
    """Encode an exception that a script did not catch, as it stands inside the outer ``message``."""
    error: dict[str, object] = {
        "type": kind,
        "name": code,
        "message": message,
        "id": record_id,
        "stack": stack,
        "cause": {
            "type": "internal error",
            "code": code,
            "details": message,
            "userEvent": None,
            "stackTrace": stack,
            "notifyOff": False,
        },
        "notifyOff": False,
        "userFacing": False,
    }
    if kind == "error.UserEventError":
        error |= {"eventType": "aftersubmit", "recordId": record_id}
    return json.dumps(error)


def invalid_login(status: int, *, like: str | None) -> Answer:
    """The one answer to every failed login with a signature, whatever the reason."""
    return error_answer(status, "INVALID_LOGIN_ATTEMPT", "Invalid login attempt.", like=like)


def invalid_bearer(account_id: str) -> Answer:
    """The answer to an access token that is wrong or has expired."""
    challenge = (
        f'Bearer realm="{account_id}", error="invalid_token", error_description="Invalid login attempt."'
    )
    answer = error_answer(401, "INVALID_LOGIN", "Invalid login attempt.", like=JSON)
    return Answer(answer.status, answer.body, {**answer.headers, "www-authenticate": challenge})


def limit_exceeded(*, like: str | None) -> Answer:
    """The answer to a call beyond the account's concurrency limit; RESTlets use 400, not 429."""
    return error_answer(
        400,
        "SSS_REQUEST_LIMIT_EXCEEDED",
        "Concurrent request limit exceeded. Request blocked.",
        like=like,
    )


def html_answer(status: int) -> Answer:
    """A page from the edge of the network, with any status, 200 included."""
    return Answer(status, HTML_PAGE.encode(), {"content-type": "text/html;charset=utf-8"})
