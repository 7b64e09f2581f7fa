"""The ledger's moves, carried out within a transaction: entries, links, attempts and the audit trail as one.

A move is *noted* in the trail, and the attempts refer to where. Replaying a trail makes the same moves again
with the places they had, so a ledger that is restored is the ledger that was.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from lago_ns_cli.domain.attempts import Entry, Fact, Intent, Outcome, State, StateChange
from lago_ns_cli.domain.audit import AuditDraft
from lago_ns_cli.domain.audit_events import draft_change, draft_fact, draft_intent, draft_outcome
from lago_ns_cli.domain.decision_events import Undo, draft_decision, draft_undo
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.domain.reconciliation.decisions import Decision
from lago_ns_cli.errors import LedgerError
from lago_ns_cli.ledger import attempt_rows, decision_rows, moves, rows

Note = Callable[[Sequence[AuditDraft]], Sequence[int]]
"""Writes drafts into the trail and returns their places."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One transaction of one profile."""

    connection: Connection
    profile: int
    at: datetime
    note: Note

    def intents(self, intents: Sequence[Intent]) -> None:
        """Move entries to ``sending`` and open an attempt for each.

        Raises:
            LedgerError: An entry is under way, in doubt, or posted and would be created again.
        """
        keys = _each_once([intent.subject.key for intent in intents])
        before = rows.load_entries(self.connection, self.profile, keys)
        known = rows.load_links(self.connection, self.profile, keys)
        after = [
            moves.to_sending(before.get(key), intent, known.get(key), self.at)
            for key, intent in zip(keys, intents, strict=True)
        ]
        rows.write_entries(self.connection, self.profile, before, after)
        places = self.note([draft_intent(*pair) for pair in zip(intents, after, strict=True)])
        attempt_rows.open_attempts(self.connection, self.profile, intents, places, self.at)

    def outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """Close the open attempts and move the entries.

        Raises:
            LedgerError: An entry has no open attempt, or its link would change.
        """
        keys = _each_once([outcome.key for outcome in outcomes])
        before = rows.load_entries(self.connection, self.profile, keys)
        known = rows.load_links(self.connection, self.profile, keys)
        still_open = attempt_rows.refuse_unknown(self.connection, self.profile, outcomes)
        after = [
            moves.after_outcome(before[key], outcome, self.at)
            for key, outcome in zip(keys, outcomes, strict=True)
        ]
        places = self.note([draft_outcome(*pair) for pair in zip(outcomes, after, strict=True)])
        attempt_rows.close_attempts(self.connection, still_open, outcomes, places, self.at)
        rows.write_entries(self.connection, self.profile, before, after)
        rows.write_links(self.connection, self.profile, known, after, self.at)

    def changes(self, changes: Sequence[StateChange]) -> None:
        """Move entries without an attempt, in order; what changes nothing is not written.

        Raises:
            LedgerError: An entry is under way, or is in doubt and would be forgotten.
        """
        keys = [change.subject.key for change in changes]
        before = rows.load_entries(self.connection, self.profile, keys)
        known = rows.load_links(self.connection, self.profile, keys)
        current, drafts = dict(before), []
        for key, change in zip(keys, changes, strict=True):
            after = moves.after_change(current.get(key), change, known.get(key), self.at)
            if after != current.get(key):
                drafts.append(draft_change(change, after))
            current[key] = after
        self.note(drafts)
        rows.write_entries(self.connection, self.profile, before, list(current.values()))
        rows.write_links(self.connection, self.profile, known, current.values(), self.at)
        attempt_rows.accept_doubtful(self.connection, self.profile, _cleared(before, current))

    def facts(self, facts: Sequence[Fact]) -> None:
        """Remember facts; the last value of a name wins."""
        changed = rows.write_facts(self.connection, self.profile, facts, self.at)
        self.note([draft_fact(fact) for fact in changed])

    def decide(self, made: Sequence[Decision]) -> list[Decision]:
        """Keep decisions; one without a number gets the next one."""
        first = decision_rows.next_number(self.connection, self.profile)
        numbered = [
            one if one.number else replace(one, number=first + place) for place, one in enumerate(made)
        ]
        decision_rows.write_decisions(self.connection, self.profile, numbered)
        self.note([draft_decision(one) for one in numbered])
        return numbered

    def undo(self, undo: Undo) -> None:
        """Take a decision back.

        Raises:
            LedgerError: There is no such decision.
        """
        known = {one.number: one for one in decision_rows.load_decisions(self.connection, self.profile)}
        if undo.number not in known:
            raise LedgerError(f"There is no decision {undo.number}.", code="ledger_no_decision")
        decision_rows.write_undo(self.connection, self.profile, undo)
        self.note([draft_undo(undo, known[undo.number])])


def _each_once(keys: list[Key]) -> list[Key]:
    seen: set[Key] = set()
    for key in keys:
        if key in seen:
            raise LedgerError(f"{key} stands twice in one batch. Nothing was recorded.", code="ledger_twice")
        seen.add(key)
    return keys


def _cleared(before: Mapping[Key, Entry], after: Mapping[Key, Entry]) -> list[Key]:
    """Name the entries that were in doubt and turned out to be posted."""
    return [
        key
        for key, entry in before.items()
        if entry.state is State.IN_DOUBT and after[key].state is State.POSTED
    ]
