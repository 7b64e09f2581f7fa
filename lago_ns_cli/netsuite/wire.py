"""The answers of contract 1, read strictly: what does not fit is not guessed at.

Internal ids are kept exactly, whether they come as a text or as a number of any size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final, TypeVar

import msgspec

from lago_ns_cli.domain.exchange import FindStatus, Found, Inspection, Ping, PushResult, RecordState, Trial
from lago_ns_cli.domain.identifiers import InternalId, Key
from lago_ns_cli.domain.lago_objects import StoredObject
from lago_ns_cli.domain.revenue import RevenueElement, RevenuePage, RevenuePlan

T = TypeVar("T")

CONTRACT: Final = 1
IN_DOUBT: Final = "in_doubt"

# Fractions stay the text they came as; the contract has none, but no digit of one may be lost.
_DECODER = msgspec.json.Decoder(float_hook=str)

_WITH_RECORD = frozenset({"created", "adopted", "updated"})
_WITHOUT = frozenset({"conflict", "rejected", "not_attempted"})


class _Role(msgspec.Struct):
    id: int | str | None = None
    name: str | None = None


class _Ping(msgspec.Struct):
    account: str
    script_version: str
    role: _Role
    features: dict[str, bool]
    environment: str = ""
    time: datetime | None = None
    missing_permissions: tuple[str, ...] = ()
    missing_fields: tuple[str, ...] = ()


class _Inspection(msgspec.Struct):
    archive: "_Said | None" = None
    unapplied_fields: dict[str, tuple[str, ...]] = {}


class _Trial(msgspec.Struct):
    first: int | str
    second: int | str | None = None
    error: "_Said | None" = None


class _Cleaned(msgspec.Struct):
    deleted: tuple[int | str, ...]


class _Said(msgspec.Struct):
    code: str | None = None
    message: str | None = None


class _Pushed(msgspec.Struct):
    key: str
    outcome: str
    id: int | str | None = None
    record: dict[str, object] | None = None
    error: _Said | None = None
    notices: tuple[_Said, ...] | None = ()
    units: int | None = None


class _Stored(msgspec.Struct):
    key: str
    outcome: str
    id: int | str | None = None
    error: _Said | None = None


class _Look(msgspec.Struct):
    status: str
    records: tuple[dict[str, object], ...] | None = ()


class _Section(msgspec.Struct):
    status: str
    rows: tuple[dict[str, object], ...] | None = ()
    error: _Said | str | None = None
    cursor: int | str | None = None


class _Rows(msgspec.Struct):
    rows: tuple[dict[str, object], ...] = ()
    cursor: int | str | None = None
    status: str = "ok"


class _Plan(msgspec.Struct):
    id: int | str
    kind: str | None = None
    amount: Decimal | None = None
    planned: Decimal | None = None
    first: date | None = None
    last: date | None = None


class _Element(msgspec.Struct):
    id: int | str
    key: str | None = None
    line_id: str | None = None
    source: str | None = None
    item: int | str | None = None
    amount: Decimal | None = None
    start: date | None = None
    end: date | None = None
    plans: tuple[_Plan, ...] = ()


class _Revenue(msgspec.Struct):
    rows: tuple[_Element, ...]
    status: str
    cursor: int | str | None = None
    missing_columns: tuple[str, ...] = ()


class NotTheContractError(ValueError):
    """An answer does not have the form that the contract gives it."""


def encode_request(operation: str, arguments: Mapping[str, object]) -> bytes:
    """Write a request of the contract."""
    return msgspec.json.encode({"contract": CONTRACT, "operation": operation, **arguments})


def decode_answer(body: bytes, operation: str) -> Mapping[str, object]:
    """Read the frame of an answer.

    Raises:
        NotTheContractError: It is not the contract's answer to this operation.
    """
    try:
        answer = _DECODER.decode(body)
    except (ValueError, RecursionError) as error:
        raise NotTheContractError("it is no JSON") from error
    if (
        not isinstance(answer, dict)
        or answer.get("contract") != CONTRACT
        or answer.get("operation") != operation
    ):
        raise NotTheContractError(f"it is not the answer to {operation}")
    return answer


def read_ping(answer: Mapping[str, object]) -> Ping:
    """Read what the account says of itself.

    Raises:
        NotTheContractError: A part is missing or of another type.
    """
    said = _convert(answer, _Ping)
    return Ping(
        account=said.account,
        environment=said.environment,
        role=said.role.name or str(said.role.id or ""),
        script_version=said.script_version,
        time=said.time,
        features=said.features,
        missing_permissions=said.missing_permissions,
        missing_fields=said.missing_fields,
    )


def read_inspection(answer: Mapping[str, object]) -> Inspection:
    """Read how our set-up in the account stands.

    Raises:
        NotTheContractError: A part is of another type.
    """
    said = _convert(answer, _Inspection)
    archive = None if said.archive is None else f"{said.archive.code}: {said.archive.message}"
    return Inspection(archive_problem=archive, unapplied_fields=said.unapplied_fields)


def read_trial(answer: Mapping[str, object]) -> Trial:
    """Read what became of two records under one key.

    Raises:
        NotTheContractError: It names no first record, or neither a second nor an error.
    """
    said = _convert(answer, _Trial)
    first, second = _internal_id(said.first), _internal_id(said.second)
    if first is None or (second is None) == (said.error is None):
        raise NotTheContractError("it does not tell what became of the trial")
    if said.error is None:
        return Trial(first=first, second=second)
    return Trial(first=first, second=None, code=said.error.code, message=said.error.message)


def read_deleted(answer: Mapping[str, object]) -> int:
    """Read how many trial records were taken away.

    Raises:
        NotTheContractError: It does not tell.
    """
    return len(_convert(answer, _Cleaned).deleted)


def read_pushed(answer: Mapping[str, object], keys: Sequence[Key]) -> list[PushResult]:
    """Read what became of the documents of a push.

    Args:
        keys: Of the documents as they were sent.

    Returns:
        One result a document, in the order sent. Where the answer leaves out a document, gives
        another in its place, or contradicts itself, the outcome is ``in_doubt``.
    """
    given = answer.get("documents")
    rows = given if isinstance(given, list) else []
    return [_pushed(key, rows[at] if at < len(rows) else None) for at, key in enumerate(keys)]


def read_stored(answer: Mapping[str, object], keys: Sequence[Key]) -> list[StoredObject]:
    """Read what became of Lago's objects.

    Raises:
        NotTheContractError: It is not one answer for each object, in the order sent.
    """
    given = answer.get("objects")
    rows = [_convert(row, _Stored) for row in given] if isinstance(given, list) else []
    if [row.key for row in rows] != list(keys):
        raise NotTheContractError("it does not tell of each object that was sent")
    return [_stored(row) for row in rows]


def _stored(row: _Stored) -> StoredObject:
    said = row.error or _Said()
    return StoredObject(Key(row.key), row.outcome, _internal_id(row.id), said.code, said.message)


def read_found(answer: Mapping[str, object], count: int) -> list[Found]:
    """Read the results of look-ups.

    Raises:
        NotTheContractError: They are not ``count``, or one is neither found, absent nor denied.
    """
    given = answer.get("results")
    if not isinstance(given, list) or len(given) != count:
        raise NotTheContractError(f"it does not hold {count} results")
    return [_found(result) for result in given]


def read_section(answer: Mapping[str, object], section: str) -> _Section:
    """Read one page of a catalog section.

    Raises:
        NotTheContractError: The section is missing or malformed.
    """
    sections = answer.get("sections")
    if not isinstance(sections, dict) or section not in sections:
        raise NotTheContractError(f"it does not hold the section {section}")
    return _convert(sections[section], _Section)


def read_rows(answer: Mapping[str, object]) -> _Rows:
    """Read one page of a list.

    Raises:
        NotTheContractError: It is malformed.
    """
    return _convert(answer, _Rows)


def read_revenue(answer: Mapping[str, object]) -> RevenuePage:
    """Read one page of revenue elements.

    Raises:
        NotTheContractError: It is malformed.
    """
    page = _convert(answer, _Revenue)
    return RevenuePage(
        status=page.status,
        elements=tuple(_element(row) for row in page.rows),
        cursor=None if page.cursor is None else str(page.cursor),
        missing_columns=page.missing_columns,
    )


def _element(row: _Element) -> RevenueElement:
    return RevenueElement(
        id=InternalId(str(row.id)),
        key=None if row.key is None else Key(row.key),
        line_id=row.line_id,
        source=row.source,
        item=None if row.item is None else InternalId(str(row.item)),
        amount=row.amount,
        start=row.start,
        end=row.end,
        plans=tuple(
            RevenuePlan(
                id=InternalId(str(plan.id)),
                kind=plan.kind,
                amount=plan.amount,
                planned=plan.planned,
                first=plan.first,
                last=plan.last,
            )
            for plan in row.plans
        ),
    )


def reason(section: _Section) -> str | None:
    """Say why a section is not available; None where it is."""
    if section.status == "ok":
        return None
    said = section.error
    if isinstance(said, _Said):
        said = ": ".join(part for part in (said.code, said.message) if part)
    return said or section.status


def _pushed(key: Key, row: object) -> PushResult:
    fields = row if isinstance(row, dict) else {}
    doubt = PushResult(
        key=key,
        outcome=IN_DOUBT,
        id=None,
        record=None,
        code="answer_incomplete",
        message="NetSuite's answer does not tell what became of this document.",
        answer=fields,
    )
    try:
        said = msgspec.convert(row, _Pushed)
    except msgspec.ValidationError:
        return doubt
    if said.key != key or said.outcome not in _WITH_RECORD | _WITHOUT:
        return doubt
    internal_id, record = _internal_id(said.id), _record(said.record)
    if said.outcome in _WITH_RECORD and (internal_id is None or said.error is not None):
        return replace(doubt, id=internal_id, record=record)
    if record is not None and internal_id is not None and record.id != internal_id:
        return replace(doubt, id=internal_id)
    return _told(said, key, internal_id, record, fields)


def _told(
    said: _Pushed,
    key: Key,
    internal_id: InternalId | None,
    record: RecordState | None,
    answer: Mapping[str, object],
) -> PushResult:
    code, message = (said.error.code, said.error.message) if said.error else (None, None)
    if said.outcome in _WITHOUT:
        code = code or f"netsuite_{said.outcome}"
        message = message or f"NetSuite gave no reason for {said.outcome.replace('_', ' ')}."
    return PushResult(
        key=key,
        outcome=said.outcome,
        id=internal_id,
        record=record,
        code=code,
        message=message,
        notices=tuple((notice.code or "", notice.message or "") for notice in said.notices or ()),
        units=said.units,
        answer=answer,
    )


def _found(result: object) -> Found:
    look = _convert(result, _Look)
    records = tuple(_record(fields) for fields in look.records or ())
    known = tuple(record for record in records if record is not None)
    fits = {
        FindStatus.FOUND: bool(known) and len(known) == len(records),
        FindStatus.ABSENT: not records,
        FindStatus.DENIED: True,
    }
    if not fits.get(look.status, False):
        raise NotTheContractError(f"a look-up is {look.status!r} with {len(records)} records")
    return Found(look.status, known)


def _record(fields: Mapping[str, object] | None) -> RecordState | None:
    if fields is None:
        return None
    internal_id, kind, key = _internal_id(fields.get("id")), fields.get("type"), fields.get("key")
    if internal_id is None or not isinstance(kind, str):
        return None
    return RecordState(
        id=internal_id, type=kind, key=Key(key) if isinstance(key, str) else None, fields=fields
    )


def _internal_id(value: object) -> InternalId | None:
    """Take a number or its text as an id, and nothing else: error texts have been stored as ids."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value)
    return InternalId(text) if text.isascii() and text.removeprefix("-").isdigit() else None


def _convert(value: object, kind: type[T]) -> T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise NotTheContractError(str(error)) from error
