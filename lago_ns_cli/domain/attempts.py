"""Where each document stands, and what became of each attempt to push it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId


class State(StrEnum):
    """The state of an entry; every document known to the ledger is in exactly one."""

    PENDING = "pending"  # known and to be sent; nothing was sent yet, or it was sent and surely not executed
    WAITING = "waiting"  # a parent is not posted yet; the entry names it
    SENDING = "sending"  # the intent is on disk; the call leaves, or has left when the process died
    IN_DOUBT = "in_doubt"  # sent and the answer lost: looked up before anything is sent again
    POSTED = "posted"  # in NetSuite, read back, and equal to what was meant
    HELD = "held"  # needs a person; the code says why, and a link is kept if there is one
    SKIPPED = "skipped"  # final: nothing is to be posted, and the reason says why


SETTLED = frozenset({State.POSTED, State.SKIPPED})
"""States in which nothing more is to be done."""


class OutcomeKind(StrEnum):
    """What is known of an attempt afterwards."""

    ACCEPTED = "accepted"  # executed, with an internal id
    REJECTED = "rejected"  # surely not executed, or executed otherwise than meant
    IN_DOUBT = "in_doubt"  # perhaps executed
    NOT_ATTEMPTED = "not_attempted"  # surely not executed, through no fault of the document


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A document's row in the ledger.

    Args:
        kind: ``customer``, ``invoice``, ``credit_note``, ``payment`` and what they bring
            along (``application``, ``void``, ``prepaid``).
        number: What a person calls the document.
        customer_id: Lago's id of the customer: at most one call is in flight for each.
        code: Why the entry is held, waiting or skipped, as ``lago-ns errors`` knows it.
        parent: The key a waiting entry waits for.
        amount: Total in major units, a decimal string.
        currency: ISO code.
        attempts: Attempts that count against the document.
        next_attempt_at: Not to be tried before (UTC).
        lago_updated_at: ``updated_at`` of the document when it was last looked at (UTC).
    """

    key: Key
    kind: str
    lago_id: LagoId
    number: str
    customer_id: LagoId
    state: State
    record_type: str | None = None
    netsuite_id: InternalId | None = None
    fingerprint: str | None = None
    code: str | None = None
    reason: str | None = None
    parent: Key | None = None
    amount: str | None = None
    currency: str | None = None
    document_date: date | None = None
    attempts: int = 0
    next_attempt_at: datetime | None = None
    lago_updated_at: datetime | None = None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an entry is about: the part of it that does not change with its state."""

    key: Key
    kind: str
    lago_id: LagoId
    number: str
    customer_id: LagoId
    record_type: str | None = None
    amount: str | None = None
    currency: str | None = None
    document_date: date | None = None
    lago_updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What is about to be sent for one entry; durable before the call leaves.

    Args:
        action: ``create``, ``update``, ``adopt`` or ``apply``.
        payload: The document of the contract, as it will be sent.
        original: The bytes that Lago sent, where the entry has a Lago document of its own.
    """

    subject: Subject
    action: str
    fingerprint: str
    payload: Mapping[str, object]
    original: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an attempt, and where that leaves the entry.

    Args:
        kind: What is known of the attempt.
        state: The state the entry goes to.
        netsuite_id: The internal id, kept even where the entry is held.
        answer: What NetSuite said of the document, for the trail.
        counts: Whether the attempt counts against the document; login, permission and limit
            errors do not.
    """

    key: Key
    kind: OutcomeKind
    state: State
    netsuite_id: InternalId | None = None
    code: str | None = None
    reason: str | None = None
    answer: Mapping[str, object] | None = None
    counts: bool = True
    next_attempt_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """An entry's new state without an attempt: held, waiting, skipped, pending, linked.

    ``relinks``: a person named another record, so that a known link may change.
    """

    subject: Subject
    state: State
    code: str | None = None
    reason: str | None = None
    parent: Key | None = None
    netsuite_id: InternalId | None = None
    fingerprint: str | None = None
    next_attempt_at: datetime | None = None
    relinks: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """Something small that is known about a key for good, as ``(key, name) -> value``.

    Facts outlive states: they may stand before the key has an entry, and the last value wins.
    """

    key: Key
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt as the ledger keeps it; ``outcome`` is None while it is under way."""

    key: Key
    number: int
    action: str
    fingerprint: str
    sent_at: datetime
    finished_at: datetime | None
    outcome: OutcomeKind | None
    code: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class SentAttempt:
    """The latest attempt of an entry, with what was sent.

    ``finished_at`` is when our side had the answer or gave up waiting for one; ``answer`` is what
    NetSuite said of the document, with the record as it was read back.
    """

    payload: Mapping[str, object]
    finished_at: datetime | None
    answer: Mapping[str, object] | None = None


def subject_of(entry: Entry) -> Subject:
    """Name what an entry is about."""
    return Subject(
        key=entry.key,
        kind=entry.kind,
        lago_id=entry.lago_id,
        number=entry.number,
        customer_id=entry.customer_id,
        record_type=entry.record_type,
        amount=entry.amount,
        currency=entry.currency,
        document_date=entry.document_date,
        lago_updated_at=entry.lago_updated_at,
    )
