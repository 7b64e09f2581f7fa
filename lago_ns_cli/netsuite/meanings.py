"""What NetSuite's errors mean: from codes and statuses, by the error catalogue, to the error tree.

The question behind it is always the same: may something have been executed?
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

from lago_ns_cli.connection import Answer
from lago_ns_cli.domain.error_catalogue import Family, Origin, find, lookup
from lago_ns_cli.errors import AuthError, InDoubtError, LimitError, RejectedError, RemoteError, TransientError
from lago_ns_cli.netsuite.envelopes import Fault, read_fault

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


_FAMILIES: Final = MappingProxyType(
    {
        Family.LIMIT: Meaning.LIMIT,
        Family.UNAVAILABLE: Meaning.CLOSED,
        Family.LOGIN: Meaning.LOGIN,
        Family.PERMISSION: Meaning.PERMISSION,
        Family.SETUP: Meaning.REFUSED,
    }
)
"""Families in which nothing was executed; every other one leaves that open."""

_SPEAKERS = (Origin.NETSUITE, Origin.RESTLET)
"""Whose codes a call can be answered with; another system's code of the same name says nothing."""

_UNCERTAIN = ("UNEXPECTED_ERROR", "SSS_TIME_LIMIT_EXCEEDED")
"""Codes of moments, not of calls: a call that reads may well succeed later."""


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
        return InDoubtError(
            message, system=SYSTEM, hint=_action("UNEXPECTED_ERROR"), code=code, status=answer.status
        )
    if meaning is Meaning.OPEN and answer.status < 500 and fault.code not in (None, *_UNCERTAIN):
        return RejectedError(
            message, system=SYSTEM, hint=_action("INVALID_DATA_FORMAT"), code=code, status=answer.status
        )
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
    return RejectedError(
        message, system=SYSTEM, hint=_action("SSS_INVALID_SCRIPTLET_ID"), code="netsuite_contract", status=200
    )


def _meaning(status: int, fault: Fault, call: Call) -> tuple[Meaning, str]:
    """Go by the code, and by the status where the code is none that settles it."""
    meaning, hint = _settled(fault.code) or _settled(_status_code(status)) or (Meaning.OPEN, "")
    if call.login and 300 <= status < 500 and meaning in (Meaning.OPEN, Meaning.REFUSED):
        return Meaning.LOGIN, "Check netsuite.account and netsuite.base_url. " + _action(_status_code(401))
    if fault.thrown and call.writes and meaning is not Meaning.LIMIT and not _is_ours(fault.code):
        return Meaning.OPEN, ""
    return meaning, hint


def _settled(code: str | None) -> tuple[Meaning, str] | None:
    row = find(code or "")
    if row is None or row.origin not in _SPEAKERS or row.family not in _FAMILIES:
        return None
    return _FAMILIES[row.family], row.action


def _status_code(status: int) -> str:
    return f"netsuite_http_{302 if 300 <= status < 400 else status}"


def _action(code: str) -> str:
    return lookup(code).action


def _is_ours(code: str | None) -> bool:
    """Tell the codes that the script throws before it touches a document."""
    return code is not None and code.startswith("LAGO_")


def _quoted(status: int, fault: Fault) -> str:
    message = fault.message if fault.message.endswith((".", "!", "?")) else fault.message + "."
    return f"HTTP {status} {fault.code or ''}".rstrip() + f": {message}"


def _retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    text = headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else None
