"""Short ways to say what the ledger tests say often."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from lago_ns_cli.domain.attempts import Intent, Outcome, OutcomeKind, State, StateChange, Subject
from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId
from lago_ns_cli.domain.lease import Lease, Owner
from lago_ns_cli.ledger.store import SqlLedger

OWNER = Owner(run="run-1", host="here", pid=101, pid_scope="boot", process_start="7")

AT = datetime(2026, 8, 14, 9, 30, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)


def hold(
    ledger: SqlLedger, run: str = "run-1", *, at: datetime = AT, alive: bool | None = None, pid: int = 101
) -> Lease:
    """Take the account for a run; whether another's process lives is what the test says."""
    owner = replace(OWNER, run=run, pid=pid)
    return ledger.acquire_lease(owner, "sync all", at, is_alive=lambda _: alive)


def subject(name: str = "1", *, kind: str = "invoice", number: str | None = None) -> Subject:
    return Subject(
        key=Key(f"lago:inv:{name}"),
        kind=kind,
        lago_id=LagoId(name),
        number=number or f"HOO-{name}",
        customer_id=LagoId("customer"),
        record_type="invoice",
        amount="110.38",
        currency="USD",
        document_date=date(2026, 8, 14),
        lago_updated_at=AT,
    )


def intent(name: str = "1", action: str = "create", fingerprint: str = "f1") -> Intent:
    return Intent(
        subject=subject(name),
        action=action,
        fingerprint=fingerprint,
        payload={"key": f"lago:inv:{name}", "columns": {"total": "110.38"}},
        original=b'{"lago_id": "%s", "units": 0.10}' % name.encode(),
    )


def accepted(name: str = "1", netsuite_id: str = "501") -> Outcome:
    return Outcome(
        key=Key(f"lago:inv:{name}"),
        kind=OutcomeKind.ACCEPTED,
        state=State.POSTED,
        netsuite_id=InternalId(netsuite_id),
        answer={"outcome": "created", "id": netsuite_id},
    )


def lost(name: str = "1") -> Outcome:
    return Outcome(
        key=Key(f"lago:inv:{name}"),
        kind=OutcomeKind.IN_DOUBT,
        state=State.IN_DOUBT,
        code="timeout",
        next_attempt_at=LATER,
    )


def refused(name: str = "1", *, counts: bool = True) -> Outcome:
    return Outcome(
        key=Key(f"lago:inv:{name}"),
        kind=OutcomeKind.REJECTED,
        state=State.PENDING,
        code="LIMIT",
        reason="try later",
        counts=counts,
    )


def change(name: str = "1", state: State = State.HELD, netsuite_id: str | None = None) -> StateChange:
    return StateChange(
        subject=subject(name),
        state=state,
        code="code" if state is State.HELD else None,
        netsuite_id=None if netsuite_id is None else InternalId(netsuite_id),
    )
