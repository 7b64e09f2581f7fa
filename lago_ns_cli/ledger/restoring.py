"""Making a ledger again from an exported audit trail: the same moves, in the same order."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection

from lago_ns_cli.domain.audit import AuditEntry, AuditEvent, Head, check_chain
from lago_ns_cli.domain.audit_events import change_of, draft_restore, fact_of, intent_of, outcome_of
from lago_ns_cli.domain.decision_events import Undo, decision_of
from lago_ns_cli.errors import LedgerError
from lago_ns_cli.ledger import audit
from lago_ns_cli.ledger.recording import Recording

_LARGEST_BATCH = 500


def restore(
    connection: Connection, profile: int, start: Head, entries: Iterable[AuditEntry], end: Head, at: datetime
) -> None:
    """Write a whole trail into a ledger that has none, and make the moves it tells of.

    Args:
        start: What stands before the first entry.
        end: The head that the export notes.

    Raises:
        LedgerError: The profile has a trail already, or the chain is broken; nothing is restored then.
    """
    if audit.load_head(connection, profile) != start:
        raise LedgerError(
            "This ledger has a history of its own, so another one cannot be put in its place.",
            hint="name a new file as [ledger] url, then run the command again",
            code="ledger_not_empty",
        )
    for finding in check_chain(_replayed(connection, profile, entries), start, end):
        where = "the trail" if finding.sequence is None else f"entry {finding.sequence}"
        raise LedgerError(
            f"The exported trail is not what was written: {where}: {finding.problem}. Nothing was restored.",
            hint="use another export, or rebuild from NetSuite alone: lago-ns ledger rebuild",
            code="audit_broken",
        )
    audit.append(connection, profile, [draft_restore(str(end))], at, None)


def _replayed(connection: Connection, profile: int, entries: Iterable[AuditEntry]) -> Iterator[AuditEntry]:
    """Hand entries on to be checked, and make their moves once they were."""
    batch: list[AuditEntry] = []
    for entry in entries:
        yield entry
        if batch and not _fits(entry, batch):
            _replay(connection, profile, batch)
            batch = []
        batch.append(entry)
    if batch:
        _replay(connection, profile, batch)


def _fits(entry: AuditEntry, batch: list[AuditEntry]) -> bool:
    """Moves of one kind and one moment are made together, as they were; a document's moves stay in order."""
    last = batch[-1]
    return (
        (entry.event, entry.at) == (last.event, last.at)
        and len(batch) < _LARGEST_BATCH
        and all(entry.key != other.key for other in batch)
    )


def _replay(connection: Connection, profile: int, batch: list[AuditEntry]) -> None:
    last = batch[-1]
    audit.write(connection, profile, batch, Head(last.sequence, last.hash))
    places = [entry.sequence for entry in batch]
    recording = Recording(connection, profile, last.at, lambda _: places)
    match last.event:
        case AuditEvent.INTENT:
            recording.intents([intent_of(entry) for entry in batch])
        case AuditEvent.OUTCOME:
            recording.outcomes([outcome_of(entry) for entry in batch])
        case AuditEvent.CHANGE:
            recording.changes([change_of(entry) for entry in batch])
        case AuditEvent.FACT:
            recording.facts([fact_of(entry) for entry in batch])
        case AuditEvent.DECISION:
            for entry in batch:
                told = decision_of(entry)
                if isinstance(told, Undo):
                    recording.undo(told)
                else:
                    recording.decide([told])
        case _:
            pass  # nothing moved
