"""What a memo or an application needs in NetSuite before it: is it there, and may it be used?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.exchange import RecordState
from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, LagoId, key_of
from lago_ns_cli.domain.index_lag import PARENT_NOT_SEEN

RECORD_TYPES = {Kind.INVOICE: "invoice", Kind.CREDIT_NOTE: "creditmemo"}
_WORDS = {Kind.INVOICE: "invoice", Kind.CREDIT_NOTE: "credit note"}

BEFORE_GO_LIVE = "before_go_live"
"""The code of documents that somebody else brought to NetSuite, perhaps."""

_PENDING_APPROVAL = "pending_approval"


@dataclass(frozen=True, slots=True)
class ParentName:
    """A parent as its child names it; ``number`` is what a person calls it."""

    kind: Kind
    lago_id: LagoId
    number: str

    @property
    def key(self) -> Key:
        """The parent's key."""
        return key_of(self.kind, self.lago_id)

    @property
    def text(self) -> str:
        """The parent in a sentence."""
        return f"{_WORDS[self.kind]} {self.number}"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a child cannot go: it waits where ``final`` is false, else a person is needed.

    ``look_again_at``: when a parent that does not show is looked up again.
    """

    code: str
    reason: str
    final: bool
    hint: str | None = None
    look_again_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """A parent as it stands.

    Args:
        id: Its record, where there is one.
        record: The record as NetSuite describes it; None in a dry run of what is not there yet.
        obstacle: What keeps its children.
    """

    name: ParentName
    id: InternalId | None = None
    record: RecordState | None = None
    obstacle: Obstacle | None = None

    @property
    def open_amount(self) -> Decimal | None:
        """What is still to be paid of an invoice, or to be applied of a memo; None where unknown."""
        try:
            return Decimal(str(self.record.fields.get("unpaid"))) if self.record else None
        except InvalidOperation:
            return None

    @property
    def applied(self) -> Mapping[InternalId, Decimal]:
        """What a memo is applied to now, by internal id."""
        rows = self.record.fields.get("apply") if self.record else None
        if not isinstance(rows, list | tuple):
            return {}
        return {InternalId(str(row["id"])): Decimal(str(row["amount"])) for row in rows}


def parent_in_ledger(name: ParentName, entry: Entry | None) -> Parent | None:
    """Judge a parent from the ledger alone; None where NetSuite has to be asked for it."""
    if entry is None:
        return _kept(name, f"its {name.text} is not in NetSuite yet")
    match entry.state:
        case State.POSTED:
            return None if entry.netsuite_id is not None else _kept(name, f"its {name.text} has no record")
        case State.SKIPPED if entry.code == BEFORE_GO_LIVE:
            return None
        case State.SKIPPED:
            why = entry.reason or entry.code or "no reason is known"
            return Parent(
                name=name,
                obstacle=Obstacle(
                    "parent_skipped",
                    f"its {name.text} is not posted: {why}",
                    final=True,
                    hint=f"Post what concerns {name.number} by hand.",
                ),
            )
        case State.HELD:
            return _kept(name, f"its {name.text} is held ({entry.code})")
        case _:
            return _kept(name, f"its {name.text} is {entry.state.value.replace('_', ' ')}")


def _kept(name: ParentName, reason: str) -> Parent:
    return Parent(name=name, obstacle=Obstacle("parent_not_posted", reason, final=False))


def parent_in_netsuite(
    name: ParentName, entry: Entry, record: RecordState | None, look_again_at: datetime | None = None
) -> Parent:
    """Judge a parent by the record that was found for it.

    Args:
        look_again_at: When one that was not found is to be looked up again; None: it is gone.
    """
    if record is None and entry.state is State.SKIPPED:
        obstacle = Obstacle(
            "parent_before_go_live",
            f"its {name.text} is from before sync_from, and NetSuite has no record of it",
            final=True,
            hint=f"Bring {name.number} to NetSuite by hand with its Lago id, or set an earlier sync_from.",
        )
        return Parent(name=name, obstacle=obstacle)
    if record is None and look_again_at is not None:
        reason = (
            f"its {name.text} was posted as {entry.netsuite_id} just now, which a look-up does not show yet"
        )
        unseen = Obstacle(PARENT_NOT_SEEN, reason, final=False, look_again_at=look_again_at)
        return Parent(name=name, id=entry.netsuite_id, obstacle=unseen)
    if record is None:
        obstacle = Obstacle(
            "parent_not_found",
            f"its {name.text} was posted as {entry.netsuite_id}, which NetSuite does not have any more",
            final=True,
            hint="Find out who deleted or merged it in NetSuite.",
        )
        return Parent(name=name, id=entry.netsuite_id, obstacle=obstacle)
    if record.fields.get("status") == _PENDING_APPROVAL:
        reason = f"its {name.text} is pending approval in NetSuite (internal id {record.id})"
        kept = Obstacle("parent_pending_approval", reason, final=False)
        return Parent(name=name, id=record.id, record=record, obstacle=kept)
    return Parent(name=name, id=record.id, record=record)
