"""Reading and writing the attempts of one profile; what they carried stands in the audit trail."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select, update

from lago_ns_cli.domain.attempts import Attempt, Intent, Outcome, OutcomeKind, SentAttempt
from lago_ns_cli.domain.audit_events import sent_payload
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.ledger import audit, codec, moves
from lago_ns_cli.ledger.rows import chunks
from lago_ns_cli.ledger.tables import attempts
from lago_ns_cli.ledger.tables import audit as trail

_SHOWN = ("key", "number", "action", "fingerprint", "sent_at", "finished_at", "outcome", "code", "reason")


@dataclass(frozen=True, slots=True)
class AttemptContent:
    """What went over the wire in an attempt.

    Args:
        payload: The document of the contract, as it was sent.
        original: The bytes that Lago sent.
        answer: What NetSuite said; None while the attempt is open.
    """

    payload: Mapping[str, object]
    original: bytes | None
    answer: Mapping[str, object] | None


def load_attempts(connection: Connection, profile: int, key: Key) -> list[Attempt]:
    """Load the attempts of an entry, first to last."""
    query = select(*(attempts.c[name] for name in _SHOWN)).where(
        attempts.c.profile_id == profile, attempts.c.key == key
    )
    return [
        Attempt(**{**row, "outcome": OutcomeKind(row["outcome"]) if row["outcome"] else None})
        for row in connection.execute(query.order_by(attempts.c.number)).mappings()
    ]


def load_content(connection: Connection, profile: int, key: Key, number: int) -> AttemptContent | None:
    """Load what was sent and answered; None where there is no such attempt, or retention dropped it."""
    row = connection.execute(
        select(attempts.c.intent_entry, attempts.c.outcome_entry).where(
            attempts.c.profile_id == profile, attempts.c.key == key, attempts.c.number == number
        )
    ).one_or_none()
    if row is None:
        return None
    places = [place for place in row if place is not None]
    intent, *outcome = audit.load(connection, profile, places)
    payload = sent_payload(intent)
    if payload is None:
        return None
    answer = outcome[0].told().get("answer") if outcome else None
    return AttemptContent(payload, intent.original, cast("Mapping[str, object] | None", answer))


def load_last_attempts(connection: Connection, profile: int, keys: Collection[Key]) -> dict[Key, SentAttempt]:
    """Load the latest attempt of each entry that has one and still has its content."""
    found = {}
    for some in chunks(keys):
        latest = (
            select(attempts.c.key, func.max(attempts.c.number).label("number"))
            .where(attempts.c.profile_id == profile, attempts.c.key.in_(some))
            .group_by(attempts.c.key)
            .subquery()
        )
        query = (
            select(attempts.c.key, attempts.c.intent_entry, attempts.c.outcome_entry, attempts.c.finished_at)
            .join(latest, and_(latest.c.key == attempts.c.key, latest.c.number == attempts.c.number))
            .where(attempts.c.profile_id == profile)
        )
        rows = {row.intent_entry: row for row in connection.execute(query)}
        answered = [row.outcome_entry for row in rows.values() if row.outcome_entry is not None]
        told = {one.sequence: one for one in audit.load(connection, profile, [*rows, *answered])}
        for place, row in rows.items():
            payload = sent_payload(told[place])
            if payload is not None:
                outcome = told.get(row.outcome_entry)
                answer = None if outcome is None else outcome.told().get("answer")
                found[Key(row.key)] = SentAttempt(
                    payload, row.finished_at, cast("Mapping[str, object] | None", answer)
                )
    return found


def load_given_up(connection: Connection, profile: int, keys: Collection[Key]) -> dict[Key, datetime]:
    """Load when the last attempt of each entry ended; those under way are absent."""
    found = {}
    for some in chunks(keys):
        query = (
            select(attempts.c.key, attempts.c.finished_at)
            .where(
                attempts.c.profile_id == profile,
                attempts.c.key.in_(some),
                attempts.c.finished_at.is_not(None),
            )
            .order_by(attempts.c.number)
        )
        found.update({Key(row.key): row.finished_at for row in connection.execute(query)})
    return found


def load_original(connection: Connection, profile: int, key: Key) -> bytes | None:
    """Load the original of the last attempt that had one and took effect.

    A creation or a link in doubt counts: where it took none, another one follows.
    """
    found_later = and_(attempts.c.outcome == OutcomeKind.IN_DOUBT, attempts.c.action.in_(("create", "adopt")))
    query = (
        select(trail.c.original)
        .join(
            attempts,
            and_(attempts.c.profile_id == trail.c.profile_id, attempts.c.intent_entry == trail.c.sequence),
        )
        .where(
            attempts.c.profile_id == profile,
            attempts.c.key == key,
            or_(attempts.c.outcome == OutcomeKind.ACCEPTED, found_later),
            trail.c.original.is_not(None),
        )
        .order_by(attempts.c.number.desc())
        .limit(1)
    )
    found: bytes | None = connection.execute(query).scalar_one_or_none()
    return None if found is None else codec.decompress(found)


def open_attempts(
    connection: Connection, profile: int, intents: Sequence[Intent], places: Sequence[int], at: datetime
) -> None:
    """Begin an attempt for each intent.

    Args:
        places: Where the audit trail tells of each intent.
    """
    last = _counts(connection, profile, [intent.subject.key for intent in intents])
    new = [
        {
            "profile_id": profile,
            "key": intent.subject.key,
            "number": last.get(intent.subject.key, 0) + 1,
            "action": intent.action,
            "fingerprint": intent.fingerprint,
            "sent_at": at,
            "intent_entry": place,
        }
        for intent, place in zip(intents, places, strict=True)
    ]
    if new:
        connection.execute(insert(attempts), new)


def refuse_unknown(connection: Connection, profile: int, outcomes: Sequence[Outcome]) -> dict[Key, int]:
    """Find the open attempts that outcomes are for, by row id.

    Raises:
        LedgerError: An entry has no open attempt.
    """
    found = {}
    for some in chunks([outcome.key for outcome in outcomes]):
        query = select(attempts.c.key, attempts.c.id).where(
            attempts.c.profile_id == profile, attempts.c.key.in_(some), attempts.c.finished_at.is_(None)
        )
        found.update({Key(row.key): int(row.id) for row in connection.execute(query)})
    for outcome in outcomes:
        if outcome.key not in found:
            raise moves.unknown_attempt(outcome.key)
    return found


def close_attempts(
    connection: Connection,
    found: Mapping[Key, int],
    outcomes: Sequence[Outcome],
    places: Sequence[int],
    at: datetime,
) -> None:
    """End the open attempts.

    Args:
        found: Their row ids.
        places: Where the audit trail tells of each outcome.
    """
    closed = [
        {
            "at_id": found[outcome.key],
            "finished_at": at,
            "outcome": outcome.kind,
            "code": outcome.code,
            "reason": outcome.reason,
            "outcome_entry": place,
        }
        for outcome, place in zip(outcomes, places, strict=True)
    ]
    if closed:
        connection.execute(_CLOSE, closed)


def accept_doubtful(connection: Connection, profile: int, keys: Collection[Key]) -> None:
    """Correct the latest attempt of entries whose record was found after all."""
    for key in keys:
        latest = (
            select(func.max(attempts.c.number))
            .where(attempts.c.profile_id == profile, attempts.c.key == key)
            .scalar_subquery()
        )
        connection.execute(
            update(attempts)
            .where(attempts.c.profile_id == profile, attempts.c.key == key, attempts.c.number == latest)
            .where(attempts.c.outcome == OutcomeKind.IN_DOUBT)
            .values(outcome=OutcomeKind.ACCEPTED)
        )


def _counts(connection: Connection, profile: int, keys: Collection[Key]) -> dict[Key, int]:
    counts = {}
    for some in chunks(keys):
        query = (
            select(attempts.c.key, func.max(attempts.c.number).label("last"))
            .where(attempts.c.profile_id == profile, attempts.c.key.in_(some))
            .group_by(attempts.c.key)
        )
        counts.update({Key(row.key): int(row.last) for row in connection.execute(query)})
    return counts


_CLOSE = (
    update(attempts)
    .where(attempts.c.id == bindparam("at_id"))
    .values({name: bindparam(name) for name in ("finished_at", "outcome", "code", "reason", "outcome_entry")})
)
