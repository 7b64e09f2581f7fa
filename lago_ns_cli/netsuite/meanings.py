"""What NetSuite's errors mean: one table from codes and statuses to the error tree.

The question behind it is always the same: may something have been executed?
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from lago_ns_cli.connection import Answer
from lago_ns_cli.errors import AuthError, InDoubtError, LimitError, RejectedError, RemoteError, TransientError
from lago_ns_cli.netsuite.envelopes import LIMIT_CODE, Fault, read_fault

SYSTEM: Final = "NetSuite"


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked, as far as an answer's meaning depends on it.

    Args:
        name: As it stands in a sentence: ``"push"``, ``"the login"``.
        writes: An answer that leaves open what was executed is a doubt, not a nuisance.
        login: A refusal is one of the credentials.
    """

    name: str
    writes: bool
    login: bool = False


class Meaning(Enum):
    """What to make of a failed call."""

    LIMIT = auto()  # too many at once; nothing was executed
    CLOSED = auto()  # the account is closed for a while; nothing was executed
    LOGIN = auto()  # the login was refused; nothing was executed
    PERMISSION = auto()  # the role may not; nothing was executed
    REFUSED = auto()  # not understood or not found; nothing was executed
    OPEN = auto()  # anything may have been executed before it failed


_DEPLOY_HINT = (
    "Deploy the current script: `lago-ns restlet export DIR`, then `suitecloud project:deploy` in DIR."
)
_SCRIPT_HINT = (
    "Check netsuite.script and netsuite.deploy; the deployment must be Released and open to the role. "
    + _DEPLOY_HINT
)
_LIMIT_HINT = "Other programs use the account too; lower push.concurrency, or run the command again."
_LOGIN_HINT = (
    "Check the credentials with `lago-ns auth status`, and that this machine's clock is right to five minutes; "
    "Setup > Users/Roles > View Login Audit Trail tells the reason. Five failures lock a token for 30 minutes."
)
_PERMISSION_HINT = (
    "Give the role the permission that is named; the script's own role has all that are needed."
)
_BUG_HINT = "The script and this program disagree. " + _DEPLOY_HINT
_DOUBT_HINT = "It will be looked up before anything is sent again."

_LOGIN_CODES = (
    "INVALID_LOGIN_ATTEMPT INVALID_LOGIN INVALID_LOGIN_CREDENTIALS INVALID_LOGIN_IP TWO_FA_REQD INVALID_REQUEST "
    # Of OAuth 2.0, from the token endpoint and from a challenge:
    "invalid_token invalid_request invalid_client invalid_grant invalid_scope unauthorized_client "
    "unsupported_grant_type"
)

_TABLE = (
    (Meaning.LIMIT, _LIMIT_HINT, f"{LIMIT_CODE} WS_REQUEST_BLOCKED WS_CONCUR_SESSION_DISALLWD"),
    (Meaning.CLOSED, "NetSuite is under maintenance; run the command again later.", "ACCT_TEMP_UNAVAILABLE"),
    (Meaning.LOGIN, _LOGIN_HINT, _LOGIN_CODES),
    (
        Meaning.PERMISSION,
        _PERMISSION_HINT,
        "INSUFFICIENT_PERMISSION PERMISSION_VIOLATION INSUFFICIENT_FLD_PERMISSION",
    ),
    (Meaning.REFUSED, _SCRIPT_HINT, "SSS_INVALID_SCRIPTLET_ID"),
    (Meaning.REFUSED, _DEPLOY_HINT, "LAGO_UNKNOWN_OPERATION LAGO_UNKNOWN_CONTRACT"),
    (Meaning.REFUSED, _BUG_HINT, "LAGO_BAD_REQUEST INVALID_CONTENT_TYPE INVALID_DATA_FORMAT"),
)

_CODES: Final[Mapping[str | None, tuple[Meaning, str]]] = {
    code: (meaning, hint) for meaning, hint, codes in _TABLE for code in codes.split()
}
"""By code, whatever the status; a code that is not listed leaves open what was executed."""

_UNCERTAIN = ("UNEXPECTED_ERROR", "SSS_TIME_LIMIT_EXCEEDED")
"""Codes of moments, not of calls: a call that reads may well succeed later."""

_STATUSES: Final[Mapping[int, tuple[Meaning, str]]] = {
    302: (
        Meaning.REFUSED,
        "The account lives elsewhere; remove netsuite.base_url, or set it to the right host.",
    ),
    401: (Meaning.LOGIN, _LOGIN_HINT),
    403: (Meaning.LOGIN, _LOGIN_HINT),
    404: (Meaning.REFUSED, _SCRIPT_HINT),
    405: (Meaning.REFUSED, _BUG_HINT),
    415: (Meaning.REFUSED, _BUG_HINT),
    429: (Meaning.LIMIT, _LIMIT_HINT),
}
"""By status, where the code is none of the above."""


def failure(answer: Answer, call: Call) -> RemoteError:
    """Tell what an answer means that is not the contract's.

    Returns:
        ``LimitError``, ``AuthError``, ``RejectedError`` or ``TransientError`` where surely nothing was
        executed; otherwise ``InDoubtError`` for a call that writes, and for one that reads
        ``TransientError`` (5xx, a page, no code) or ``RejectedError`` (the script's own failure).
    """
    fault = read_fault(answer)
    meaning, hint = _meaning(answer.status, fault, call)
    code = fault.code or f"netsuite_http_{answer.status}"
    message = f"NetSuite answered {call.name} with {_quoted(answer.status, fault)}"
    if meaning is Meaning.LIMIT:
        return LimitError(
            message,
            system=SYSTEM,
            hint=hint,
            code=code,
            status=answer.status,
            retry_after_seconds=_retry_after_seconds(answer.headers),
        )
    if meaning in (Meaning.LOGIN, Meaning.PERMISSION):
        return AuthError(message, system=SYSTEM, hint=hint, code=code, status=answer.status)
    if meaning is Meaning.REFUSED:
        return RejectedError(message, system=SYSTEM, hint=hint, code=code, status=answer.status)
    if meaning is Meaning.OPEN and call.writes:
        return InDoubtError(message, system=SYSTEM, hint=_DOUBT_HINT, code=code, status=answer.status)
    if meaning is Meaning.OPEN and answer.status < 500 and fault.code not in (None, *_UNCERTAIN):
        return RejectedError(message, system=SYSTEM, hint=_BUG_HINT, code=code, status=answer.status)
    return TransientError(
        message,
        system=SYSTEM,
        hint=hint or "Run the command again in a while.",
        code=code,
        status=answer.status,
        retry_after_seconds=_retry_after_seconds(answer.headers),
    )


def not_the_contract(answer: Answer, call: Call) -> RemoteError:
    """Tell what an answer with status 200 means that is not the contract's.

    Returns:
        As ``failure``; for a call that reads, ``RejectedError`` where another script answers.
    """
    fault = read_fault(answer)
    is_object = answer.body.lstrip().startswith(b"{")
    if call.writes or fault.code is not None or not is_object:
        return failure(answer, call)
    return disagreement(f"What answered {call.name} does not speak contract 1: {fault.message}")


def disagreement(message: str) -> RejectedError:
    """Say that the deployed script is not the one this program speaks to."""
    return RejectedError(message, system=SYSTEM, hint=_SCRIPT_HINT, code="netsuite_contract", status=200)


def _meaning(status: int, fault: Fault, call: Call) -> tuple[Meaning, str]:
    meaning, hint = _CODES.get(fault.code) or _STATUSES.get(
        302 if 300 <= status < 400 else status, (Meaning.OPEN, "")
    )
    if call.login and 300 <= status < 500 and meaning in (Meaning.OPEN, Meaning.REFUSED):
        return Meaning.LOGIN, "Check netsuite.account and netsuite.base_url. " + _LOGIN_HINT
    if fault.thrown and call.writes and meaning is not Meaning.LIMIT and not _is_ours(fault.code):
        return Meaning.OPEN, ""
    return meaning, hint


def _is_ours(code: str | None) -> bool:
    """Tell the codes that the script throws before it touches a document."""
    return code is not None and code.startswith("LAGO_")


def _quoted(status: int, fault: Fault) -> str:
    message = fault.message if fault.message.endswith((".", "!", "?")) else fault.message + "."
    return f"HTTP {status} {fault.code or ''}".rstrip() + f": {message}"


def _retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    text = headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else None
