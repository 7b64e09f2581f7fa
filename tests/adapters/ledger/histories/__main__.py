"""Writes the history of a new revision: ``python -m tests.adapters.ledger.histories``; existing ones stay."""

import sqlite3
import tempfile
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from lago_ns_cli.domain.attempts import Fact, Intent, Outcome, OutcomeKind, State, StateChange, Subject
from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.decision_events import Undo
from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId
from lago_ns_cli.domain.reconciliation.decisions import Decision
from lago_ns_cli.domain.reconciliation.findings import Discrepancy, Finding, Verdict
from lago_ns_cli.domain.run_record import RunEnd, RunRecord
from lago_ns_cli.ledger import migrations
from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.ledger.tables import metadata
from tests.adapters.ledger.builders import AT, LATER, accepted, hold, intent, lost, refused, subject
from tests.adapters.ledger.histories import FOLDER

ACCOUNT = "1234567_SB1"
HOSTILE = "Zürich\u202e ☃ 'quoted' =1+1\n\x1b[31m"
INVOICE = LagoId("00000011-0000-4000-8000-000000000011")


def _whole(url: str, revision: str) -> None:
    with SqlLedger(url, profile="default", account=ACCOUNT) as ledger:
        hold(ledger, "run-0")
        ledger.bind_organization("00000001-0000-4000-8000-000000000001")
        _posted(ledger)
        _unsettled(ledger)
        _remembered(ledger)
        if revision >= "0004":
            _decided(ledger)
    with SqlLedger(url, profile="default", account=ACCOUNT) as ledger:
        hold(ledger, "run-1", at=LATER, alive=False)  # run-0 never gave it back
        ledger.trail.prune(AT + timedelta(seconds=1), LATER)
        ledger.record_command("doctor --probe", {"account": ACCOUNT}, LATER)
        ledger.record_intents([intent("sent")], LATER)  # and run-1 died while it sent this
    with SqlLedger(url, profile="sandbox", account="7654321") as other:
        hold(other, "run-2")
        other.record_intents([intent("1", fingerprint="other")], AT)
        other.record_outcomes([accepted("1", "77")], AT)
        sections = {"currencies": [{"id": "1", "symbol": "USD"}], "items": [{"id": "481", "name": "Ünits"}]}
        other.record_catalog(Catalog("netsuite", AT, sections, {"suitetax": True}))
        other.release_lease()


def _posted(ledger: SqlLedger) -> None:
    customer = replace(
        subject("c1", kind="customer", number="cust_0042"),
        key=Key("lago:cus:c1"),
        record_type="customer",
        amount=None,
        currency=None,
    )
    ledger.record_intents([_of(customer), intent("1"), intent("2")], AT)
    ledger.record_outcomes([_done("lago:cus:c1", "98765"), accepted("1"), refused("2")], AT)
    ledger.record_intents([intent("2")], LATER)
    ledger.record_outcomes([accepted("2", "9007199254740993")], LATER)
    for kind, key in (
        ("credit_note", "lago:cn:n1"),
        ("payment", "lago:pay:p1"),
        ("prepaid", "lago:prepaid:1"),
    ):
        ledger.record_intents([_of(replace(subject(key[-2:], kind=kind), key=Key(key)))], LATER)
        ledger.record_outcomes([_done(key, f"6{len(key)}")], LATER)
    ledger.record_changes([StateChange(subject=subject("gone"), state=State.SKIPPED, code="voided")], AT)


def _unsettled(ledger: SqlLedger) -> None:
    held = replace(subject(INVOICE, number="ACM-1F2E-042-008"), key=Key(f"lago:inv:{INVOICE}"))
    waiting = subject("child")
    pending = StateChange(subject=subject("later"), state=State.PENDING, code="LIMIT", next_attempt_at=LATER)
    ledger.record_changes(
        [
            StateChange(
                subject=held, state=State.HELD, code="unmapped", reason=f"an item is unmapped: {HOSTILE}"
            ),
            StateChange(
                subject=waiting,
                state=State.WAITING,
                code="parent_not_posted",
                parent=Key(f"lago:inv:{INVOICE}"),
            ),
            pending,
        ],
        AT,
    )
    ledger.record_intents([intent("lost"), intent("differs"), intent("untried")], LATER)
    differs = replace(accepted("differs", "555"), state=State.HELD, code="read_back_differs", reason=HOSTILE)
    untried = Outcome(
        key=Key("lago:inv:untried"),
        kind=OutcomeKind.NOT_ATTEMPTED,
        state=State.PENDING,
        code="SSS_REQUEST_LIMIT_EXCEEDED",
        counts=False,
        next_attempt_at=LATER,
    )
    ledger.record_outcomes([lost("lost"), differs, untried], LATER)


def _remembered(ledger: SqlLedger) -> None:
    ledger.record_facts(
        [Fact(Key("lago:inv:1"), "consumes", "n1=10.00"), Fact(Key("account"), "unique_keys", "yes")], AT
    )
    ledger.record_mark("complete:invoice", AT.isoformat(), AT)
    ledger.record_watched("drafts", {LagoId("d1"): "draft", LagoId("d2"): HOSTILE}, AT)
    run = RunRecord(
        run="run-0", command="sync all", began_at=AT, outcomes={"created": 5}, documents=9, writes=5
    )
    ledger.record_run(run)
    ended = replace(run, run="run-x", ended_at=LATER, ended=RunEnd.FAILED, code="auth", calls=12, limit=5)
    ledger.record_run(ended)


def _decided(ledger: SqlLedger) -> None:
    found = Finding(
        what=Discrepancy.AMOUNT,
        kind="invoice",
        key=Key("lago:inv:1"),
        lago_id=LagoId("1"),
        number="HOO-1",
        currency="USD",
        netsuite_id=InternalId("501"),
        lago="110.38",
        netsuite="111.88",
        difference=Decimal("1.50"),
        cause="Somebody changed it.",
        action=HOSTILE,
        day=date(2026, 8, 14),
    )
    ledger.record_findings([found], LATER)
    decision = Decision(
        number=0, verdict=Verdict.IGNORE, finding=found, by="controller", at=LATER, note=HOSTILE
    )
    ledger.record_decisions([decision, replace(decision, until=date(2026, 12, 31))], [], LATER)
    ledger.record_undo(Undo(number=1, by="controller", at=LATER, note="by mistake"), [], LATER)


def _of(about: Subject) -> Intent:
    return replace(intent(), subject=about, payload={"key": about.key, "columns": {}})


def _done(key: str, netsuite_id: str) -> Outcome:
    return replace(accepted(), key=Key(key), netsuite_id=InternalId(netsuite_id))


def _dump(source: Path, revision: str, folder: Path) -> str:
    """Copy the rows into the schema of a revision, and write that down."""
    path = folder / f"{revision}.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        migrations.upgrade(connection, revision)
    engine.dispose()
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("ATTACH ? AS whole", (str(source),))
        known = {name for (name,) in connection.execute("SELECT name FROM main.sqlite_master")}
        for table in metadata.sorted_tables:
            if table.name in known:
                connection.execute(f"INSERT INTO main.{table.name} SELECT * FROM whole.{table.name}")
        connection.execute("DETACH whole")
        return "\n".join(connection.iterdump()) + "\n"


def main() -> None:
    """Write what is not there yet."""
    revisions = ScriptDirectory.from_config(migrations.configuration()).walk_revisions("base", "heads")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for revision in (one.revision for one in revisions):
            path, whole = FOLDER / f"{revision}.sql", folder / f"whole-{revision}.db"
            if not path.exists():
                _whole(f"sqlite:///{whole}", revision)
                path.write_bytes(_dump(whole, revision, folder).encode())


if __name__ == "__main__":
    main()
