"""A person's decisions about differences, recorded with what they move in the ledger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from lago_ns_cli.domain.attempts import Entry, State, StateChange, subject_of
from lago_ns_cli.domain.decision_events import Undo
from lago_ns_cli.domain.reconciliation.decisions import Before, Decision
from lago_ns_cli.domain.reconciliation.findings import TITLES, Finding, Verdict
from lago_ns_cli.domain.reconciliation.verdicts import RESTORE_CODE, change_for, refusal
from lago_ns_cli.errors import ConfigError
from lago_ns_cli.workflows.ports import Clock, Ledger

_SHORTEST_NAME = 4
"""Digits of a finding's id that are enough where no other begins so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which findings a decision is about; what is given must all hold.

    Args:
        names: Their ids, or how these begin.
        what: What differs, as ``reconcile`` names it.
    """

    names: tuple[str, ...] = ()
    what: str | None = None
    kind: str | None = None
    customer: str | None = None
    billing_entity: str | None = None


def choose_findings(ledger: Ledger, asked: Asked) -> list[Finding]:
    """List the findings that are meant, as comparisons saw them last.

    Raises:
        ConfigError: No finding, or more than one, has such an id.
    """
    known = ledger.findings()
    if asked.names:
        known = [_named(name.lower(), known) for name in dict.fromkeys(asked.names)]
    return [
        one
        for one in known
        if asked.what in (None, one.what.value)
        and asked.kind in (None, one.kind)
        and asked.customer in (None, one.customer)
        and asked.billing_entity in (None, one.entity)
    ]


def _named(name: str, known: Sequence[Finding]) -> Finding:
    found = [one for one in known if one.id.startswith(name)] if len(name) >= _SHORTEST_NAME else []
    if len(found) == 1:
        return found[0]
    if found:
        raise ConfigError(f"{name} begins the ids of {len(found)} findings.", hint="Give more of its digits.")
    raise ConfigError(
        f"No comparison found a difference {name}, or it is gone by now.",
        hint="lago-ns reconcile shows the ids of what differs.",
    )


def decide(
    ledger: Ledger,
    clock: Clock,
    verdict: Verdict,
    findings: Sequence[Finding],
    *,
    by: str,
    note: str,
    until: date | None = None,
) -> Sequence[Decision]:
    """Record a verdict on findings: all of them, or none where one cannot be carried out.

    The account has to be held by the run.

    Raises:
        ConfigError: It cannot be carried out; ``problems`` says of each finding why, and what to do by hand.
        LedgerError: A document is being sent just now.
    """
    entries = _entries(ledger, findings)
    problems = [
        f"{one.id} {one.number}: {TITLES[one.what]}: {why}. {one.action}".rstrip()
        for one in findings
        if (why := refusal(verdict, one, entries(one))) is not None
    ]
    if problems:
        raise ConfigError(
            f"{_count(problems)} cannot be decided as {verdict.value}.",
            problems=problems,
            hint="decide about the others alone, or ignore them for now: lago-ns decide ignore",
            code="not_decidable",
        )
    now = clock.now()
    made, changes = [], {}
    for one in findings:
        entry = entries(one)
        change = _change(verdict, one, entry, by, note)
        moves = change is not None and entry is not None and one.key not in changes
        if change is not None and moves:
            changes[one.key] = change
        made.append(
            Decision(
                number=0,
                verdict=verdict,
                finding=one,
                by=by,
                at=now,
                note=note,
                until=until,
                before=_before(entry) if entry is not None and moves else None,
            )
        )
    return ledger.record_decisions(made, list(changes.values()), now)


def undo(ledger: Ledger, clock: Clock, number: int, *, by: str, note: str) -> Decision:
    """Take a decision back, and put the document's entry back where it stood.

    The account has to be held by the run.

    Raises:
        ConfigError: There is no such decision, it was taken back before, or it is being carried out.
    """
    decision = next((one for one in ledger.decisions() if one.number == number), None)
    if decision is None or decision.undone_by is not None:
        state = "There is no decision" if decision is None else "Taken back already: decision"
        raise ConfigError(f"{state} {number}.", hint="lago-ns decide list")
    entry = _entries(ledger, [decision.finding])(decision.finding)
    changes = [] if entry is None or decision.before is None else _back(decision, decision.before, entry)
    now = clock.now()
    ledger.record_undo(Undo(number=number, by=by, at=now, note=note), changes, now)
    return decision


def _back(decision: Decision, before: Before, entry: Entry) -> list[StateChange]:
    if decision.verdict is Verdict.RESTORE and entry.code != RESTORE_CODE:
        if entry.state in (State.POSTED, State.HELD):
            return []  # it was carried out, or refused; what is in NetSuite stays as it is
        raise ConfigError(
            f"{entry.number} is {entry.state.value.replace('_', ' ')}: decision {decision.number} is being carried out.",
            hint="lago-ns sync all brings it to its end; then decide anew.",
            code="not_decidable",
        )
    if decision.verdict is Verdict.ADOPT and entry.state is not State.POSTED:
        return []
    return [
        StateChange(
            subject=subject_of(entry),
            state=before.state,
            code=before.code,
            reason=before.reason,
            netsuite_id=before.netsuite_id,
            relinks=True,
            fingerprint=before.fingerprint,
        )
    ]


def _entries(ledger: Ledger, findings: Sequence[Finding]) -> Callable[[Finding], Entry | None]:
    found = ledger.entries([one.key for one in findings if one.key is not None])
    return lambda finding: None if finding.key is None else found.get(finding.key)


def _change(
    verdict: Verdict, finding: Finding, entry: Entry | None, by: str, note: str
) -> StateChange | None:
    subject = None if entry is None else subject_of(entry)
    change = change_for(verdict, finding, entry, subject, f"{by} decided to restore it: {note}")
    if change is None or entry is None or verdict is Verdict.RESTORE:
        return change
    agreed = (State.POSTED, finding.netsuite_id, finding.fingerprint or entry.fingerprint)
    return None if agreed == (entry.state, entry.netsuite_id, entry.fingerprint) else change


def _before(entry: Entry) -> Before:
    return Before(
        state=entry.state,
        code=entry.code,
        reason=entry.reason,
        netsuite_id=entry.netsuite_id,
        fingerprint=entry.fingerprint,
    )


def _count(problems: Sequence[str]) -> str:
    return "1 finding" if len(problems) == 1 else f"{len(problems)} findings"
