"""The shapes in which NetSuite wraps an error, and the code and message in each.

An error comes as JSON, as JSON within JSON, as two lines of text, as XML, as an OAuth answer, as a
page of HTML (even with status 200), as a text, or as nothing.

Source: Oracle's help ``section_4634920277``, ``section_156570709583``; bodies seen in public code.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from lago_ns_cli.connection import Answer

LIMIT_CODE: Final = "SSS_REQUEST_LIMIT_EXCEEDED"

_LONGEST_MESSAGE = 500
_DEEPEST = 6
_CODE_KEYS = ("code", "name", "o:errorCode")
_MESSAGE_KEYS = ("o:errorDetails", "message", "error_description", "details", "detail", "title", "cause")
_BARE_CODE = re.compile(r"[a-z_]+|[A-Z_]+")
_CODE = re.compile(r"[\w.:-]{1,80}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fault:
    """What a body says went wrong.

    Args:
        code: None where the body names none.
        message: Never empty.
        thrown: The script ran and threw: what it did before that stays done.
    """

    code: str | None
    message: str
    thrown: bool = False


def read_fault(answer: Answer) -> Fault:
    """Find the code and the message in a body of any shape."""
    text = answer.body.decode("utf-8", "replace").strip()
    fault = _in_text(text, _DEEPEST)
    if LIMIT_CODE in text:
        # Gateways wrap it in shapes of their own; whatever the shape, nothing was executed.
        fault = Fault(LIMIT_CODE, fault.message)
    elif fault.code is None:
        challenge = re.search(r'error="([^"]+)"', answer.headers.get("www-authenticate", ""))
        fault = replace(fault, code=challenge[1] if challenge else None)
    code = fault.code if fault.code is not None and _CODE.fullmatch(fault.code) else None
    return replace(fault, code=code, message=_tidy(fault.message))


def _in_text(text: str, depth: int) -> Fault:
    if not text:
        return Fault(None, "an empty body")
    try:
        tree = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return _in_prose(text, depth)
    return _in_tree(tree, depth)


def _in_tree(tree: object, depth: int) -> Fault:
    """Dig for the innermost code: outer ones only say that a script failed."""
    if isinstance(tree, str):
        return _in_text(tree.strip(), depth - 1) if depth else Fault(None, tree)
    if isinstance(tree, list) and tree and depth:
        return _in_tree(tree[0], depth - 1)
    if not isinstance(tree, dict) or not depth:
        return Fault(None, msgspec.json.encode(tree).decode())
    return _in_object(tree, depth)


def _in_object(tree: Mapping[str, object], depth: int) -> Fault:
    error = tree.get("error")
    if isinstance(error, dict | list) and error:
        return _in_tree(error, depth - 1)
    code = next((value for key in _CODE_KEYS if isinstance(value := tree.get(key), str) and value), None)
    inner = next((tree[key] for key in _MESSAGE_KEYS if tree.get(key)), None)
    if isinstance(error, str) and error:
        # OAuth's form names the code so; elsewhere it is the message.
        code = code or (error if inner or _BARE_CODE.fullmatch(error) else None)
        inner = inner or error
    if inner is None:
        return Fault(code, code or msgspec.json.encode(tree).decode())
    found = _in_tree(inner, depth - 1)
    thrown = found.thrown or str(tree.get("type", "")).startswith("error.")
    return Fault(found.code or code, found.message, thrown)


def _in_prose(text: str, depth: int) -> Fault:
    match = re.match(r"error code:\s*(\S+)\s+error message:\s*(.*)", text, re.DOTALL | re.IGNORECASE)
    if match and depth:
        inner = _in_text(match[2].strip(), depth - 1)
        return Fault(inner.code or match[1], inner.message, inner.thrown)
    if re.match(r"<\?xml|<error", text):
        code = re.search(r"<code>\s*(.*?)\s*</code>", text, re.DOTALL)
        message = re.search(r"<message>\s*(.*?)\s*</message>", text, re.DOTALL)
        return Fault(code[1] if code else None, message[1] if message and message[1] else text)
    if text.startswith("<"):
        title = re.search(r"<title[^>]*>\s*(.*?)\s*</title>", text, re.DOTALL | re.IGNORECASE)
        return Fault(None, f"a page titled {title[1]!r}" if title and title[1] else "a page of HTML")
    return Fault(None, text)


def _tidy(message: str) -> str:
    text = " ".join(message.split())
    return text if len(text) <= _LONGEST_MESSAGE else text[: _LONGEST_MESSAGE - 1] + "…"
