"""Lago's mappable objects as records of NetSuite: what they are made of, and which of them have to be written."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lago_ns_cli.domain.catalog import Catalog, Row, fingerprint_of, row_name, stable_row
from lago_ns_cli.domain.identifiers import InternalId, Key
from lago_ns_cli.domain.translation.text import fit, storable

KINDS = {
    "billing_entities": "billing_entity",
    "plans": "plan",
    "billable_metrics": "billable_metric",
    "add_ons": "add_on",
    "coupons": "coupon",
    "taxes": "tax",
}
"""The kind of an object by its section of Lago's catalog."""

RECORD_TYPE = "lago_object"
"""What the contract calls these records."""

_LONGEST_JSON = 1_000_000
_LONGEST_TEXT = 300
_LONGEST_TITLE = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class LagoObject:
    """A record as it is stored; ``json`` is None where the object is too long for NetSuite's field."""

    key: Key
    organization: str
    kind: str
    code: str
    title: str
    name: str | None
    lago_id: str | None
    fingerprint: str
    json: str | None
    inactive: bool = False


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What became of an object that was sent (``store`` of the contract)."""

    key: Key
    outcome: str
    id: InternalId | None
    code: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A record as NetSuite lists it."""

    id: InternalId
    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class ObjectsPlan:
    """What has to be written.

    Args:
        gone: No longer in Lago: these become inactive.
        shown: The organization's records as NetSuite lists them.
    """

    write: tuple[LagoObject, ...]
    gone: tuple[LagoObject, ...]
    unchanged: int
    shown: Mapping[Key, Shown] = field(default_factory=dict)


def lago_objects(lago: Catalog, organization: str) -> list[LagoObject]:
    """Make the records of a catalog.

    The key is made of Lago's id, which no other organization shares; a code may be used again.
    """
    return [_object(kind, row, organization) for section, kind in KINDS.items() for row in lago.rows(section)]


def _object(kind: str, row: Row, organization: str) -> LagoObject:
    code = str(row["code"])
    lago_id = str(row["lago_id"]) if row.get("lago_id") else None
    name = row_name(row)
    content = json.dumps(stable_row(row), sort_keys=True, default=str)
    told = LagoObject(
        key=Key(f"lago:obj:{(lago_id or f'{organization}:{kind}:{code}').lower()}"),
        organization=organization,
        kind=kind,
        code=fit(storable(code), _LONGEST_TEXT),
        title=fit(storable(f"{kind}:{code}"), _LONGEST_TITLE),
        name=fit(storable(name), _LONGEST_TEXT) or None,
        lago_id=lago_id,
        fingerprint="",
        json=content if len(content) <= _LONGEST_JSON else None,
    )
    return replace(told, fingerprint=fingerprint_of([kind, code, name, lago_id, content]))


def decide_objects(wanted: Sequence[LagoObject], present: Iterable[Row], organization: str) -> ObjectsPlan:
    """Decide which records to write.

    Args:
        present: NetSuite's records, as the contract lists them; those of other organizations are left alone.
    """
    known = {
        str(row["key"]).lower(): row
        for row in present
        if row.get("key") and row.get("organization") == organization
    }
    write = tuple(one for one in wanted if not _is_stored(one, known.get(one.key)))
    shown = {Key(key): _shown(row) for key, row in known.items()}
    return ObjectsPlan(write, tuple(_gone(wanted, known, organization)), len(wanted) - len(write), shown)


def _shown(row: Row) -> Shown:
    fingerprint = row.get("fingerprint")
    return Shown(InternalId(str(row["id"])), None if fingerprint is None else str(fingerprint))


def _is_stored(wanted: LagoObject, row: Row | None) -> bool:
    return row is not None and row.get("fingerprint") == wanted.fingerprint and row.get("inactive") is False


def _gone(wanted: Sequence[LagoObject], known: Mapping[str, Row], organization: str) -> Iterator[LagoObject]:
    there = {one.key for one in wanted}
    for key, row in known.items():
        if key in there or row.get("inactive") is True or not key.startswith("lago:obj:"):
            continue
        kind, code = str(row.get("kind")), str(row.get("code"))
        yield LagoObject(
            key=Key(key),
            organization=organization,
            kind=kind,
            code=code,
            title=fit(f"{kind}:{code}", _LONGEST_TITLE),
            name=None if row.get("name") is None else str(row["name"]),
            lago_id=None if row.get("lago_id") is None else str(row["lago_id"]),
            # An object that comes back is written again, whatever it is then.
            fingerprint="gone",
            json=None,
            inactive=True,
        )
