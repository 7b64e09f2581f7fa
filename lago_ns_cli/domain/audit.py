"""The audit trail: what was meant, sent, answered and decided, one entry each, in a chain.

Each entry's *hash* covers its own words and the hash before it, so an entry that is edited, removed or moved
breaks the chain; the *head* (how many entries, and the last hash) shows whether the end was cut off. The long
part of an entry, its *content*, counts by its digest: retention may drop it and the chain still holds.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import cast

from lago_ns_cli.domain import exact_json


class AuditEvent(StrEnum):
    """What an entry tells of."""

    INTENT = "intent"  # a document is about to be sent; with what is sent and what Lago said
    OUTCOME = "outcome"  # an attempt has ended; with what NetSuite answered
    CHANGE = "change"  # an entry of the ledger moved without an attempt
    FACT = "fact"  # something small was learned about a key for good
    LEASE = "lease"  # a run took the account over from one that had died
    PRUNE = "prune"  # a person had the contents of old entries dropped
    DECISION = "decision"  # a person decided about a difference, or took that back
    RESTORE = "restore"  # the entries before this one came from an export
    COMMAND = (
        "command"  # a person had something done that is about no document: a login removed, a probe made
    )


LASTING = frozenset(
    {AuditEvent.FACT, AuditEvent.LEASE, AuditEvent.PRUNE, AuditEvent.RESTORE, AuditEvent.COMMAND}
)
"""Events without personal data; retention leaves their contents."""

UNPRUNED = LASTING | {AuditEvent.DECISION}
"""Events whose contents retention leaves: what somebody decided holds until it is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditDraft:
    """What is to be written down, before it has its place in the chain.

    Args:
        detail: An intent's action, an outcome's kind, a fact's name, a command.
        content: All of it, as JSON.
        original: The bytes that Lago sent.
    """

    event: AuditEvent
    content: Mapping[str, object]
    key: str | None = None
    kind: str | None = None
    lago_id: str | None = None
    number: str | None = None
    customer_id: str | None = None
    detail: str | None = None
    state: str | None = None
    code: str | None = None
    netsuite_id: str | None = None
    fingerprint: str | None = None
    amount: str | None = None
    currency: str | None = None
    original: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One entry of the trail.

    Args:
        sequence: 1, 2, 3 … within the profile.
        at: When it was written (UTC).
        run: The run that wrote it; None where no run held the account.
        content: JSON bytes; None once retention dropped them.
        pruned_at: When that was.
        redacted: The fields that an export left out; in the ledger there are none.
    """

    sequence: int
    at: datetime
    run: str | None
    event: AuditEvent
    key: str | None
    kind: str | None
    lago_id: str | None
    number: str | None
    customer_id: str | None
    detail: str | None
    state: str | None
    code: str | None
    netsuite_id: str | None
    fingerprint: str | None
    amount: str | None
    currency: str | None
    content_digest: str
    original_digest: str | None
    previous_hash: str
    hash: str
    pruned_at: datetime | None = None
    content: bytes | None = None
    original: bytes | None = None
    redacted: tuple[str, ...] = ()

    def told(self) -> Mapping[str, object]:
        """Read the content; empty once it was dropped.

        Raises:
            ValueError: It is damaged.
        """
        if self.content is None:
            return {}
        return cast("Mapping[str, object]", exact_json.decode(self.content))


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a trail: noted elsewhere, it proves later that nothing before it was changed."""

    count: int
    hash: str

    def __str__(self) -> str:
        """Write it as it is noted: ``120:9f86d0…``."""
        return f"{self.count}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a trail; ``sequence`` is None where it is the whole."""

    sequence: int | None
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """Which entries are meant; what is given must all hold.

    Args:
        document: A document's number, Lago id or key.
        since: Written at this moment or later.
        until: Written before this moment.
        limit: Only so many, the latest.
    """

    document: str | None = None
    event: AuditEvent | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None


_NOT_CHAINED = ("at", "previous_hash", "hash", "pruned_at", "content", "original", "redacted")
_CHAINED = tuple(field.name for field in fields(AuditEntry) if field.name not in _NOT_CHAINED)


def genesis(profile: str, account: str) -> str:
    """Make the hash before the first entry; it ties a trail to its profile and account."""
    return digest(json.dumps(["lago-ns audit 1", profile, account]).encode("ascii"))


def digest(content: bytes) -> str:
    """Hash bytes: 64 hexadecimal digits (SHA-256)."""
    return hashlib.sha256(content).hexdigest()


def chain_hash(entry: AuditEntry) -> str:
    """Hash an entry with the hash before it: SHA-256 over canonical JSON of all but the contents."""
    words = [entry.previous_hash, time_text(entry.at), *(getattr(entry, name) for name in _CHAINED)]
    return digest(json.dumps(words, separators=(",", ":")).encode("ascii"))


_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def time_text(at: datetime) -> str:
    """Write a point in time as the ledger does, in UTC.

    Raises:
        ValueError: It has no time zone, so nobody could tell what it means.
    """
    if at.tzinfo is None:
        raise ValueError(f"the time {at.isoformat()} has no time zone")
    return at.astimezone(UTC).strftime(_TIME_FORMAT)


def time_from(text: str) -> datetime:
    """Read back what ``time_text`` wrote.

    Raises:
        ValueError: It is no such time.
    """
    return datetime.strptime(text, _TIME_FORMAT).replace(tzinfo=UTC)


def link_in(draft: AuditDraft, after: Head, at: datetime, run: str | None) -> AuditEntry:
    """Give a draft its place behind the head."""
    content = exact_json.encode(draft.content)
    entry = AuditEntry(
        sequence=after.count + 1,
        at=at,
        run=run,
        event=draft.event,
        key=draft.key,
        kind=draft.kind,
        lago_id=draft.lago_id,
        number=storable(draft.number),
        customer_id=draft.customer_id,
        detail=draft.detail,
        state=draft.state,
        code=storable(draft.code),
        netsuite_id=draft.netsuite_id,
        fingerprint=draft.fingerprint,
        amount=draft.amount,
        currency=draft.currency,
        content_digest=digest(content),
        original_digest=None if draft.original is None else digest(draft.original),
        previous_hash=after.hash,
        hash="",
        content=content,
        original=draft.original,
    )
    return replace(entry, hash=chain_hash(entry))


def storable(text: str | None) -> str | None:
    """Make text that another system wrote storable: half a surrogate pair becomes U+FFFD."""
    return None if text is None else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def check_chain(entries: Iterable[AuditEntry], start: Head, end: Head | None) -> Iterator[Finding]:
    """Find what is wrong with a trail.

    Args:
        entries: In the order of their sequence.
        start: What stands before the first one.
        end: What the trail's head says; None where that is not known.
    """
    at = start
    dropped, allowed = None, None
    for entry in entries:
        yield from _check_place(entry, at)
        yield from _check_content(entry)
        if entry.pruned_at is not None and (dropped is None or entry.at > dropped.at):
            dropped = entry
        if entry.event is AuditEvent.PRUNE:
            allowed = max(allowed or "", str(entry.told().get("before")))
        at = Head(entry.sequence, entry.hash)
    if end is not None and at != end:
        yield Finding(None, f"the trail ends with {at}, but its head notes {end}")
    if dropped is not None and (allowed is None or time_text(dropped.at) >= allowed):
        yield Finding(dropped.sequence, "its content was dropped, and no retention is noted that did it")


def _check_place(entry: AuditEntry, before: Head) -> Iterator[Finding]:
    if entry.sequence != before.count + 1:
        yield Finding(entry.sequence, f"it follows entry {before.count}: entries are missing or moved")
    elif entry.previous_hash != before.hash:
        yield Finding(entry.sequence, "it does not continue the entry before it")
    if not set(entry.redacted) & set(_CHAINED) and chain_hash(entry) != entry.hash:
        yield Finding(entry.sequence, "its words are not those it was written with")


def _check_content(entry: AuditEntry) -> Iterator[Finding]:
    if entry.pruned_at is not None:
        if entry.content is not None or entry.original is not None or entry.event in UNPRUNED:
            yield Finding(entry.sequence, "it is marked as dropped, which it is not")
        return
    if "content" not in entry.redacted and _digest(entry.content) != entry.content_digest:
        yield Finding(entry.sequence, "its content is not what was written")
    if "original" not in entry.redacted and _digest(entry.original) != entry.original_digest:
        yield Finding(entry.sequence, "Lago's original is not what was written")


def _digest(content: bytes | None) -> str | None:
    return None if content is None else digest(content)
