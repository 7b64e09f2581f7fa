"""Reading, checking, exporting and thinning the audit trail."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from lago_ns_cli.domain.audit import AuditEntry, AuditQuery, Finding, Head, check_chain, genesis
from lago_ns_cli.domain.audit_export import TrailHeader, entry_json, header_json
from lago_ns_cli.domain.audit_redaction import Redactor


class Trail(Protocol):
    """The audit trail of one profile.

    Raises, all methods: ``LedgerError``.
    """

    def entries(self, query: AuditQuery | None = None) -> Iterator[AuditEntry]:
        """Read entries in their order."""


class PrunableTrail(Protocol):
    """A trail whose old contents can be dropped."""

    def prunable(self, before: datetime) -> int:
        """Count the entries whose contents retention would drop."""

    def prune(self, before: datetime, at: datetime) -> int:
        """Drop the contents of old entries, and note that; returns how many lost theirs."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of a trail found; no findings means that it is as it was written.

    Args:
        pruned: Entries whose contents retention dropped.
        unread: Entries whose words a redacted export does not tell, so only their place was checked.
    """

    head: Head
    findings: tuple[Finding, ...]
    pruned: int
    unread: int


def verify(trail: Trail, header: TrailHeader, noted: Head | None = None) -> Verified:
    """Check the trail of a ledger, up to its head."""
    # What a run writes while we read stands behind the head that we read first.
    until = header.head.count
    return verify_entries((entry for entry in trail.entries() if entry.sequence <= until), header, noted)


def verify_entries(entries: Iterator[AuditEntry], header: TrailHeader, noted: Head | None = None) -> Verified:
    """Check entries against the head of their trail.

    Args:
        noted: A head that was noted elsewhere; the entry that was the last one then must be there unchanged.
    """
    seen = _Seen()
    start = Head(0, genesis(header.profile, header.account))
    findings = list(check_chain(seen.passing(entries, noted), start, header.head))
    if noted is not None and seen.noted_hash != noted.hash:
        there = "is not there" if seen.noted_hash is None else f"has the hash {seen.noted_hash}"
        findings.append(Finding(noted.count, f"{noted} was noted, but that entry {there}"))
    return Verified(header.head, tuple(findings), seen.pruned, seen.unread)


class _Seen:
    """Counts entries as they pass."""

    def __init__(self) -> None:
        self.pruned = 0
        self.unread = 0
        self.noted_hash: str | None = None

    def passing(self, entries: Iterator[AuditEntry], noted: Head | None) -> Iterator[AuditEntry]:
        for entry in entries:
            self.pruned += entry.pruned_at is not None
            self.unread += bool(entry.redacted)
            if noted is not None and entry.sequence == noted.count:
                self.noted_hash = entry.hash
            yield entry


def redacted(trail: Trail, entry: AuditEntry) -> AuditEntry:
    """Blank the personal data of one entry, also names that only earlier entries of its document tell apart."""
    if entry.key is None:
        return entry
    redactor = Redactor()
    for earlier in trail.entries(AuditQuery(document=entry.key)):
        if earlier.sequence < entry.sequence:
            redactor.redact(earlier)
    return redactor.redact(entry)


def export(trail: Trail, header: TrailHeader, *, redact: bool) -> Iterator[dict[str, object]]:
    """Give a trail its lines: the header, the entries up to its head, a summary.

    Args:
        redact: Blank names, addresses and e-mail addresses; keys, hashes and amounts stay.
    """
    yield header_json(replace(header, redacted=redact))
    count, redactor = 0, Redactor()
    for entry in trail.entries():
        if entry.sequence > header.head.count:
            break
        yield entry_json(redactor.redact(entry) if redact else entry)
        count += 1
    yield {"event": "summary", "entries": count, "head": str(header.head), "redacted": redact}
