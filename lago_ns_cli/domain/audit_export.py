"""The audit trail as JSON lines: a header, the entries, and back.

An export holds everything, so a ledger can be made again from it; contents stand as JSON, for people and for
other programs. Whoever writes the lines again must keep the order of names within a content.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import cast

from lago_ns_cli.domain import exact_json
from lago_ns_cli.domain.audit import AuditEntry, AuditEvent, Head, time_from, time_text
from lago_ns_cli.errors import ConfigError

_VERSION = 1
_TIMES = ("at", "pruned_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailHeader:
    """Whose trail it is, and where it ends."""

    profile: str
    account: str
    organization: str | None
    head: Head
    redacted: bool = False


def header_json(header: TrailHeader) -> dict[str, object]:
    """Give a header its line."""
    return {
        "event": "trail",
        "version": _VERSION,
        "profile": header.profile,
        "account": header.account,
        "organization": header.organization,
        "head": str(header.head),
        "redacted": header.redacted,
    }


def entry_json(entry: AuditEntry) -> dict[str, object]:
    """Give an entry its line."""
    values: dict[str, object] = {field.name: getattr(entry, field.name) for field in fields(AuditEntry)}
    for name in _TIMES:
        at = values[name]
        values[name] = time_text(at) if isinstance(at, datetime) else None
    values["content"] = None if entry.content is None else json.loads(entry.content)
    values["redacted"] = list(entry.redacted)
    values |= _original_json(entry.original)
    return {"event": "entry", "entry": values}


def read_export(lines: Iterator[bytes], name: str) -> tuple[TrailHeader, Iterator[AuditEntry]]:
    """Read an export; the entries are read as they are asked for.

    Args:
        name: The file, for messages.

    Raises:
        ConfigError: It is no export of a trail. The iterator raises it too.
    """
    first = _line(next(lines, b""), name, 1)
    if first.get("event") != "trail" or first.get("version") != _VERSION:
        raise _unreadable(name, 1, "it does not begin with the header of an audit trail")
    organization = first.get("organization")
    try:
        header = TrailHeader(
            profile=str(first["profile"]),
            account=str(first["account"]),
            organization=None if organization is None else str(organization),
            head=read_head(str(first["head"])),
            redacted=bool(first["redacted"]),
        )
    except KeyError as error:
        raise _unreadable(name, 1, f"its header lacks {error}") from error
    return header, _entries(lines, name)


def read_head(text: str) -> Head:
    """Read a head as it was noted: ``120:9f86d0…``.

    Raises:
        ConfigError: It is none.
    """
    count, _, digest = text.strip().partition(":")
    if not count.isdecimal() or len(digest) != 64:
        raise ConfigError(
            f"{text} is no head of an audit trail.", hint="give COUNT:HASH, as lago-ns audit verify shows it"
        )
    return Head(int(count), digest)


def _entries(lines: Iterator[bytes], name: str) -> Iterator[AuditEntry]:
    for number, content in enumerate(lines, start=2):
        line = _line(content, name, number)
        if line.get("event") != "entry":
            continue  # the summary
        try:
            yield _entry(cast("Mapping[str, object]", line["entry"]))
        except (KeyError, TypeError, ValueError) as error:
            raise _unreadable(name, number, f"it is no entry ({error})") from error


def _entry(told: Mapping[str, object]) -> AuditEntry:
    values = {field.name: told.get(field.name) for field in fields(AuditEntry)}
    for name in _TIMES:
        text = values[name]
        values[name] = None if text is None else time_from(str(text))
    content = values["content"]
    values["content"] = None if content is None else exact_json.encode(content)
    values["original"] = _original(told)
    values["event"] = AuditEvent(str(told["event"]))
    values["redacted"] = tuple(cast("list[str]", told.get("redacted") or []))
    if not isinstance(values["sequence"], int) or values["at"] is None or not isinstance(told["hash"], str):
        raise ValueError("it has no sequence, time or hash")
    return AuditEntry(**values)  # type: ignore[arg-type]  # what is not as written breaks the chain


def _original_json(original: bytes | None) -> dict[str, object]:
    if original is None:
        return {"original": None}
    try:
        return {"original": original.decode("utf-8")}
    except UnicodeDecodeError:
        return {"original": None, "original_base64": base64.b64encode(original).decode("ascii")}


def _original(told: Mapping[str, object]) -> bytes | None:
    if told.get("original_base64") is not None:
        return base64.b64decode(str(told["original_base64"]), validate=True)
    text = told.get("original")
    return None if text is None else str(text).encode("utf-8")


def _line(content: bytes, name: str, number: int) -> Mapping[str, object]:
    try:
        line = json.loads(content)
    except ValueError as error:
        raise _unreadable(name, number, "it is no JSON") from error
    if not isinstance(line, dict):
        raise _unreadable(name, number, "it is no JSON object")
    return line


def _unreadable(name: str, number: int, why: str) -> ConfigError:
    return ConfigError(
        f"{name} is no export of an audit trail: line {number}: {why}.",
        hint="make one with: lago-ns audit export --output FILE",
        code="audit_export_unreadable",
    )
