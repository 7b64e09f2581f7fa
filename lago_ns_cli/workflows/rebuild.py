"""Links read back from NetSuite, for a ledger that was lost.

Only what is sure becomes a link: a record with one of our keys, or with a Lago id and our fingerprint, of a
customer of this Lago organization, found once. Everything else stays unknown to the ledger, and the next sync
decides about it as about any new document, with a look-up first.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from lago_ns_cli.domain.attempts import Entry, State, StateChange, Subject
from lago_ns_cli.domain.catalog import Row
from lago_ns_cli.domain.exchange import Selection, Unreadable
from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, LagoExternalId, LagoId, key_of
from lago_ns_cli.workflows.ports import Clock, LagoSource, NetSuite

_BATCH = 500
_FINGERPRINT_DIGITS = 64

_KINDS: Mapping[str, Mapping[str, str]] = {
    "customer": {"lago:cus:": Kind.CUSTOMER},
    "invoice": {"lago:inv:": Kind.INVOICE},
    "creditmemo": {"lago:cn:": Kind.CREDIT_NOTE, "lago:void:": "void", "lago:prepaid:": "prepaid"},
    "customerpayment": {"lago:pay:": Kind.PAYMENT},
}
"""What a key on a record of a type says; parents first."""

_OF_LAGO_ID = {"customer": Kind.CUSTOMER, "invoice": Kind.INVOICE, "customerpayment": Kind.PAYMENT}
"""Types whose Lago id alone says what the record is; a memo's may be its note's or its invoice's."""


class RebuildLedger(Protocol):
    """The ledger, as far as a rebuild needs it."""

    def entries(self, keys: Collection[Key]) -> Mapping[Key, Entry]:
        """Load entries by key; unknown keys are absent."""

    def bind_organization(self, identity: str) -> None:
        """Remember the organization of this ledger's profile; refuses another one."""

    def record_changes(self, changes: Sequence[StateChange], at: datetime) -> None:
        """Move entries without an attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relinked:
    """What became of the records of one type.

    Args:
        records: Those that look like ours.
        linked: Those the ledger knows again.
        known: Those it knew already.
        completed: Those among them whose type or date an export had lost to retention.
        left: Those that are not sure, and why, by internal id; the next sync decides.
    """

    record_type: str
    records: int
    linked: int
    known: int
    left: Mapping[str, str]
    completed: int = 0


@dataclass(frozen=True, slots=True)
class _Ours:
    """A record that looks like one of ours."""

    key: Key
    kind: str
    lago_id: LagoId
    row: Row

    @property
    def internal_id(self) -> InternalId:
        return InternalId(str(self.row["id"]))


async def relink(
    lago: LagoSource, netsuite: NetSuite, ledger: RebuildLedger, clock: Clock
) -> AsyncIterator[Relinked]:
    """Link the records that NetSuite has; one report a type, customers first.

    Raises:
        ConfigError: The ledger belongs to another Lago organization, or another account answers.
        RemoteError: One of the two sides cannot be reached, or the role may not list records.
    """
    await netsuite.ping()
    organization = await lago.organization()
    if organization is not None:
        ledger.bind_organization(organization.identity)
    names = await _customers_of(lago)
    currencies = await _currencies(netsuite)
    customers: dict[str, LagoId] = {}
    for record_type in _KINDS:
        found, strange = _once_each(
            [one async for row in netsuite.list_rows(record_type) if (one := _ours(record_type, row))]
        )
        changes = []
        for one in found:
            owner = one.lago_id if one.kind == Kind.CUSTOMER else customers.get(str(one.row.get("entity")))
            if owner is None or owner not in names:
                strange[one.internal_id] = "its customer is none of this Lago organization"
                continue
            if one.kind == Kind.CUSTOMER:
                customers[one.internal_id] = one.lago_id
            changes.append(_change(one, owner, names[owner], currencies))
        linked, completed = _record(ledger, changes, clock)
        yield Relinked(
            record_type=record_type,
            records=len(changes) + len(strange),
            linked=linked,
            known=len(changes) - linked,
            left=strange,
            completed=completed,
        )


async def _customers_of(lago: LagoSource) -> dict[LagoId, LagoExternalId]:
    """Read whose records these may be: two organizations may share an account."""
    return {
        LagoId(one.document.lago_id.lower()): one.document.external_id
        async for one in lago.customers(Selection())
        if not isinstance(one, Unreadable)
    }


async def _currencies(netsuite: NetSuite) -> dict[str, str]:
    rows, _ = await netsuite.describe_section("currencies")
    return {str(row["id"]): str(row["code"]) for row in rows}


def _ours(record_type: str, row: Row) -> _Ours | None:
    """Recognize a record by its key, or by a Lago id that we wrote."""
    key = str(row.get("key") or "").lower()
    for prefix, kind in _KINDS[record_type].items():
        if key.startswith(prefix):
            return _Ours(Key(key), kind, LagoId(key.removeprefix(prefix)), row)
    lago_id, of_kind = str(row.get("lago_id") or "").lower(), _OF_LAGO_ID.get(record_type)
    if not lago_id or of_kind is None:
        return None
    # Lago's own connection writes its id too; on a transaction that alone does not make the record ours.
    if of_kind is not Kind.CUSTOMER and _fingerprint(row) is None:
        return None
    return _Ours(key_of(of_kind, LagoId(lago_id)), of_kind, LagoId(lago_id), row)


def _once_each(found: Sequence[_Ours]) -> tuple[list[_Ours], dict[str, str]]:
    """Keep the records that alone have their key; two with one key are a question for a look-up."""
    by_key: dict[Key, list[_Ours]] = defaultdict(list)
    for one in found:
        by_key[one.key].append(one)
    sure = [some[0] for some in by_key.values() if len(some) == 1]
    twice: dict[str, str] = {
        one.internal_id: f"{len(some)} records say that they are {key}"
        for key, some in by_key.items()
        if len(some) > 1
        for one in some
    }
    return sure, twice


def _change(
    one: _Ours, owner: LagoId, external_id: LagoExternalId, currencies: Mapping[str, str]
) -> StateChange:
    row, is_customer = one.row, one.kind == Kind.CUSTOMER
    day = None if is_customer else row.get("date")
    total = None if is_customer else row.get("total")
    subject = Subject(
        key=one.key,
        kind=one.kind,
        lago_id=one.lago_id,
        number=external_id if is_customer else str(row.get("number") or one.key),
        customer_id=owner,
        record_type=str(row["type"]),
        amount=None if total is None else str(total),
        currency=None if is_customer else currencies.get(str(row.get("currency"))),
        document_date=None if day is None else date.fromisoformat(str(day)),
    )
    return StateChange(
        subject=subject, state=State.POSTED, netsuite_id=one.internal_id, fingerprint=_fingerprint(row)
    )


def _fingerprint(row: Row) -> str | None:
    found = row.get("fingerprint")
    return found if isinstance(found, str) and len(found) == _FINGERPRINT_DIGITS else None


def _record(ledger: RebuildLedger, changes: Sequence[StateChange], clock: Clock) -> tuple[int, int]:
    """Write the links that are new, and what known entries lack; the rest is left as it is.

    Returns:
        How many were linked, and how many completed.
    """
    linked = completed = 0
    for start in range(0, len(changes), _BATCH):
        some = changes[start : start + _BATCH]
        known = ledger.entries([change.subject.key for change in some])
        new = [change for change in some if change.subject.key not in known]
        lacking = [
            _completion(change, entry)
            for change in some
            if (entry := known.get(change.subject.key)) is not None and _lacks(entry, change)
        ]
        ledger.record_changes([*new, *lacking], clock.now())
        linked += len(new)
        completed += len(lacking)
    return linked, completed


def _lacks(entry: Entry, change: StateChange) -> bool:
    """Tell whether a posted entry lacks what its record tells, as after a restore of what retention left."""
    if entry.state is not State.POSTED or entry.netsuite_id != change.netsuite_id:
        return False
    return entry.record_type is None or (
        entry.document_date is None and change.subject.document_date is not None
    )


def _completion(change: StateChange, entry: Entry) -> StateChange:
    """Add to an entry what it lacks; what it has stays."""
    subject = replace(
        change.subject,
        number=entry.number,
        customer_id=entry.customer_id,
        amount=entry.amount or change.subject.amount,
        currency=entry.currency or change.subject.currency,
        document_date=entry.document_date or change.subject.document_date,
    )
    return replace(change, subject=subject, fingerprint=entry.fingerprint or change.fingerprint)
