"""Cuts a file into Lago's documents without reading them, so that a bad one spoils no other."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from lago_ns_cli.domain.identifiers import Kind, LagoId
from lago_ns_cli.errors import ConfigError, DocumentError
from lago_ns_cli.lago import schemas, trees

_FORMS = 'Give {"invoice": {…}}, {"invoices": […]}, a bare object, or one of these a line.'
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_KIND_BY_ROOT = {root: kind for kind in Kind for root in (kind.value, f"{kind.value}s")}


@dataclass(frozen=True, slots=True)
class Piece:
    """A document of the file, still unread; ``error`` where it cannot even be cut out."""

    kind: Kind
    raw: bytes
    lago_id: LagoId | None = None
    number: str | None = None
    error: DocumentError | None = None


def cut(content: bytes, kind: Kind, name: str) -> Iterator[Piece]:
    """Cut a file into documents.

    Args:
        kind: What a bare object is.
        name: What the file is called in messages.

    Raises:
        ConfigError: The file is empty, is no JSON, or holds none of Lago's documents. In JSON
            lines only the line in question is given up, as a piece with an error.
    """
    content = content.removeprefix(_BYTE_ORDER_MARK)
    if not content.strip():
        raise ConfigError(f"{name} is empty.", hint=_FORMS, code="empty_file")
    if not trees.is_json(content):
        content = trees.mend(content)
    if trees.is_json(content):
        yield from _documents(content.strip(), kind, name)
        return
    lines = [(number, line.strip()) for number, line in enumerate(content.split(b"\n"), 1) if line.strip()]
    if not trees.is_json(lines[0][1]):
        raise ConfigError(f"{name} is no JSON: {_fault(content, 1)}.", hint=_FORMS, code="malformed_json")
    for number, line in lines:
        yield from _line(line, number, kind, name)


def _line(line: bytes, number: int, kind: Kind, name: str) -> Iterator[Piece]:
    try:
        if not trees.is_json(line):
            raise ConfigError(
                f"{name} is no JSON: {_fault(line, number)}.", hint=_FORMS, code="malformed_json"
            )
        yield from _documents(line, kind, f"{name}, line {number},")
    except ConfigError as error:
        yield Piece(kind, line, error=DocumentError(error.message, hint=error.hint, code=error.code))


def _documents(value: bytes, kind: Kind, place: str) -> Iterator[Piece]:
    """Cut one JSON value into documents; ``place`` begins a sentence."""
    if value.startswith(b"["):
        for element in trees.read_elements(value):
            yield from _documents(bytes(element), kind, place)
        return
    members = _members(value, place)
    if "lago_id" in members:
        yield _piece(kind, value)
    else:
        roots = {root: bytes(members[root]) for root in _KIND_BY_ROOT if _fits(root, members)}
        if not roots:
            keys = ", ".join(_KIND_BY_ROOT)
            message = f"{place} holds no document of Lago: neither a lago_id nor one of the keys {keys}."
            raise ConfigError(message, hint=_FORMS, code="no_document")
        for root, part in roots.items():
            yield from _under(root, part, value, place)


def _members(value: bytes, place: str) -> Mapping[str, msgspec.Raw]:
    if not value.startswith(b"{"):
        return {}
    try:
        return trees.read_members(value)
    except trees.TreeError as error:
        raise ConfigError(f"{place} cannot be read: {error}.", hint=_FORMS, code="malformed_json") from error


def _under(root: str, part: bytes, value: bytes, place: str) -> Iterator[Piece]:
    if value.count(f'"{root}"'.encode()) > 1 and trees.is_twin(value, root):
        raise ConfigError(
            f"{place} holds the key {root!r} twice in one object.",
            hint="Join the two, or remove one.",
            code="malformed_json",
        )
    kind = _KIND_BY_ROOT[root]
    for row in [part] if root == kind.value else trees.read_elements(part):
        yield _piece(kind, bytes(row))


def _fits(root: str, members: Mapping[str, msgspec.Raw]) -> bool:
    """Tell whether a root key is there; a plural one must hold a list."""
    single = root == _KIND_BY_ROOT[root].value
    return root in members and (single or bytes(members[root]).startswith(b"["))


def _piece(kind: Kind, raw: bytes) -> Piece:
    lago_id, number = schemas.peek(raw, kind)
    return Piece(kind, raw, LagoId(lago_id) if lago_id else None, number)


def _fault(text: bytes, first_line: int) -> str:
    """Say where a text stops being JSON, and why."""
    try:
        json.loads(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = first_line + text.count(b"\n", 0, error.start)
        return f"line {line}: it is not UTF-8 text"
    except json.JSONDecodeError as error:
        reason = error.msg[:1].lower() + error.msg[1:]
        return f"line {first_line + error.lineno - 1}, column {error.colno}: {reason}"
    except RecursionError:
        return f"line {first_line}: it is nested too deeply"
    except ValueError:
        return f"line {first_line}: it holds a number of thousands of digits"
    return f"line {first_line}: it holds NaN or Infinity, which are not JSON"
