"""The trail in the ledger: complete, append-only, chained; thinned without losing its proof; enough to start anew."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lago_ns_cli.domain.attempts import Fact, State
from lago_ns_cli.domain.audit import AuditEntry, AuditEvent, AuditQuery, Head
from lago_ns_cli.domain.audit_export import entry_json, read_export
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.errors import ConfigError, LedgerError
from lago_ns_cli.ledger.attempt_rows import AttemptContent
from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.workflows.audit import Verified, export, verify, verify_entries
from tests.adapters.ledger.builders import AT, LATER, accepted, change, hold, intent, lost, refused

KEY = Key("lago:inv:1")
KEYS = [Key(f"lago:inv:{name}") for name in ("1", "2", "3", "4")]
YEARS_LATER = datetime(2030, 1, 1, tzinfo=UTC)


def fill(ledger: SqlLedger) -> None:
    """Some of everything that can happen to documents."""
    ledger.record_intents([intent("1"), intent("2")], AT)
    ledger.record_outcomes([accepted("1"), lost("2")], LATER)
    ledger.record_changes([change("3", State.WAITING), change("4"), change("4", State.PENDING)], LATER)
    ledger.record_facts([Fact(KEY, "paid", "100")], LATER)
    ledger.record_changes([change("2", State.POSTED, "502")], LATER + timedelta(minutes=1))
    ledger.record_intents([intent("4")], LATER)
    ledger.record_outcomes([refused("4")], LATER)
    ledger.record_intents([intent("1", "update", "f2")], LATER)
    ledger.record_outcomes([replace(accepted("1"), answer={"half": "\ud800"})], LATER)


def entries(ledger: SqlLedger) -> list[AuditEntry]:
    return list(ledger.trail.entries())


def checked(ledger: SqlLedger, noted: Head | None = None) -> Verified:
    return verify(ledger.trail, ledger.header(), noted)


def lines(ledger: SqlLedger, *, redact: bool = False) -> Iterator[bytes]:
    """The export, as a file would give it back."""
    return iter(
        [json.dumps(line).encode() + b"\n" for line in export(ledger.trail, ledger.header(), redact=redact)]
    )


def everything(ledger: SqlLedger) -> object:
    return (
        list(ledger.entries_in(list(State))),
        ledger.links(KEYS),
        [(ledger.attempts(key), [ledger.attempt_content(key, 1), ledger.original(key)]) for key in KEYS],
        ledger.facts(KEYS),
    )


def test_everything_that_happens_to_a_document_is_told(ledger: SqlLedger) -> None:
    """In its order, with the run that did it; what changes nothing is not told."""
    fill(ledger)
    ledger.record_changes([change("3", State.WAITING)], YEARS_LATER)
    ledger.record_facts([Fact(KEY, "paid", "100")], YEARS_LATER)

    found = entries(ledger)
    assert list(range(1, len(found) + 1)) == [entry.sequence for entry in found]
    assert {"run-1"} == {entry.run for entry in found}
    assert [
        ("intent", "create", "sending", None),
        ("outcome", "accepted", "posted", "501"),
        ("fact", "paid", None, None),
        ("intent", "update", "sending", "501"),
        ("outcome", "accepted", "posted", "501"),
    ] == [(e.event.value, e.detail, e.state, e.netsuite_id) for e in found if e.key == KEY]


def test_what_was_sent_and_what_lago_said_is_kept_once(ledger: SqlLedger) -> None:
    """The archive's copy of the original within the payload is the original itself."""
    original = b'{"lago_id": "1", "text": "said once and long enough to be seen"}'
    payload = {"key": KEY, "archive": {"name": "1.json", "content": original.decode()}}
    ledger.record_intents([replace(intent(), payload=payload, original=original)], AT)

    (entry,) = entries(ledger)
    assert b"said once" not in (entry.content or b"")
    assert original == entry.original
    assert AttemptContent(payload, original, None) == ledger.attempt_content(KEY, 1)
    assert payload == ledger.last_attempts([KEY])[KEY].payload


def test_what_is_refused_is_not_told(ledger: SqlLedger) -> None:
    """An entry of the trail is written with the state change it tells of, or not at all."""
    ledger.record_intents([intent()], AT)
    before = ledger.trail.head()

    with pytest.raises(LedgerError):
        ledger.record_intents([intent("2"), intent()], LATER)
    with pytest.raises(LedgerError):
        ledger.record_changes([change("3"), change()], LATER)

    assert before == ledger.trail.head()


def test_an_untouched_trail_is_intact(ledger: SqlLedger) -> None:
    """Also an empty one; the head says how long it is."""
    assert () == checked(ledger).findings
    fill(ledger)

    verified = checked(ledger)
    assert () == verified.findings
    assert len(entries(ledger)) == verified.head.count
    assert entries(ledger)[-1].hash == verified.head.hash


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit",
        "UPDATE audit SET amount = '1.00' WHERE sequence = 1",
        "UPDATE audit SET content = NULL WHERE sequence = 1",
        "UPDATE audit SET content = NULL, original = NULL, pruned_at = at, amount = '1.00' WHERE sequence = 1",
        "UPDATE audit SET content = x'00', original = NULL, pruned_at = at WHERE sequence = 1",
    ],
)
def test_the_database_refuses_to_change_the_trail(ledger: SqlLedger, url: str, statement: str) -> None:
    """Any SQLite tool would have to remove the triggers first."""
    fill(ledger)

    with (
        sqlite3.connect(url.removeprefix("sqlite:///")) as connection,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        connection.execute(statement)
    connection.close()


def tamper(url: str, *statements: str) -> None:
    """Change the file as somebody does who removes the triggers."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    for statement in ("DROP TRIGGER audit_no_delete", "DROP TRIGGER audit_no_update", *statements):
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("statements", "sequence", "problem"),
    [
        (["UPDATE audit SET amount = '1.00' WHERE sequence = 2"], 2, "words are not those"),
        (["UPDATE audit SET at = '2020-01-01T00:00:00.000000Z' WHERE sequence = 2"], 2, "words are not"),
        (["UPDATE audit SET content = (SELECT content FROM audit WHERE sequence = 1) WHERE sequence = 5"], 5,
         "content is not what was written"),
        (["UPDATE audit SET original = (SELECT original FROM audit WHERE sequence = 1) WHERE sequence = 2"], 2,
         "original is not what was written"),
        (["UPDATE audit SET content = NULL WHERE sequence = 5"], 5, "content is not what was written"),
        (["UPDATE audit SET content = NULL, original = NULL, pruned_at = at WHERE sequence = 5"], 5,
         "no retention is noted"),
        (["DELETE FROM audit WHERE sequence = 5"], 6, "follows entry 4"),
        (["DELETE FROM audit WHERE sequence = 1"], 2, "follows entry 0"),
        (["UPDATE audit SET sequence = -5 WHERE sequence = 5", "UPDATE audit SET sequence = 5 WHERE sequence = 6",
          "UPDATE audit SET sequence = 6 WHERE sequence = -5"], 5, "does not continue"),
        (["DELETE FROM audit WHERE sequence = 13"], None, "its head notes 13:"),
        (["DELETE FROM audit WHERE sequence > 9"], None, "its head notes 13:"),
        (["DELETE FROM audit"], None, "ends with 0:"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_tampering_is_found(
    ledger: SqlLedger, url: str, statements: list[str], sequence: int | None, problem: str
) -> None:
    """Edited, deleted, reordered, blanked or cut off: each is named with its place."""
    fill(ledger)
    assert 13 == ledger.trail.head().count
    tamper(url, *statements)

    findings = checked(ledger).findings
    assert any(sequence == found.sequence and problem in found.problem for found in findings), findings


def test_a_noted_head_finds_a_trail_that_was_written_anew(ledger: SqlLedger, url: str) -> None:
    """Who can write the file can write a chain that holds, but not one with the same head."""
    fill(ledger)
    noted = ledger.trail.head()
    last = entries(ledger)[-2]
    tamper(
        url,
        "DELETE FROM audit WHERE sequence = 13",
        f"UPDATE profiles SET audit_count = {last.sequence}, audit_hash = '{last.hash}'",
    )

    assert () == checked(ledger).findings
    (finding,) = checked(ledger, noted).findings
    assert (13, True) == (finding.sequence, "is not there" in finding.problem)


def test_a_noted_head_holds_while_the_trail_grows(ledger: SqlLedger) -> None:
    """What comes later does not change what was."""
    ledger.record_intents([intent()], AT)
    noted = ledger.trail.head()
    ledger.record_outcomes([accepted()], LATER)

    assert () == checked(ledger, noted).findings
    (finding,) = checked(ledger, Head(1, "0" * 64)).findings
    assert "has the hash" in finding.problem


def test_retention_drops_contents_and_keeps_the_proof(ledger: SqlLedger) -> None:
    """Keys, hashes and amounts stay; so do the documents that still need something."""
    fill(ledger)
    ledger.record_changes([change("9")], YEARS_LATER)
    before = entries(ledger)
    due = ledger.trail.prunable(YEARS_LATER)

    pruned = ledger.trail.prune(YEARS_LATER, YEARS_LATER)

    after = entries(ledger)
    dropped = [entry for entry in after if entry.pruned_at is not None]
    assert due == pruned == len(dropped) > 0
    assert {KEYS[0], KEYS[1]} == {entry.key for entry in dropped}
    assert before == [
        replace(entry, content=old.content, original=old.original, pruned_at=None)
        for entry, old in zip(after, before, strict=False)
    ]
    assert AuditEvent.PRUNE is after[-1].event
    verified = checked(ledger)
    assert ((), pruned) == (verified.findings, verified.pruned)
    assert 0 == ledger.trail.prune(YEARS_LATER, YEARS_LATER)


def test_what_retention_dropped_is_absent_and_nothing_breaks(ledger: SqlLedger) -> None:
    """Attempts stay listed; what they carried is gone."""
    fill(ledger)
    ledger.trail.prune(YEARS_LATER, YEARS_LATER)

    assert 2 == len(ledger.attempts(KEY))
    assert (None, None, {}) == (
        ledger.attempt_content(KEY, 1),
        ledger.original(KEY),
        ledger.last_attempts([KEY]),
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (AuditQuery(document="HOO-1"), [1, 3, 12, 13]),
        (AuditQuery(document="lago:inv:2"), [2, 4, 9]),
        (AuditQuery(document="3"), [5]),
        (AuditQuery(event=AuditEvent.FACT), [8]),
        (AuditQuery(until=LATER), [1, 2]),
        (AuditQuery(since=LATER + timedelta(minutes=1)), [9]),
        (AuditQuery(limit=2), [12, 13]),
    ],
    ids=str,
)
def test_entries_are_found_by_document_event_and_time(
    ledger: SqlLedger, query: AuditQuery, expected: list[int]
) -> None:
    """In order; a limit keeps the latest."""
    fill(ledger)

    assert expected == [entry.sequence for entry in ledger.trail.entries(query)]


def test_a_long_trail_is_read_whole(ledger: SqlLedger) -> None:
    """Some at a time, none twice, none left out."""
    for start in range(0, 450, 150):
        ledger.record_changes([change(str(start + number)) for number in range(150)], AT)

    assert list(range(1, 451)) == [entry.sequence for entry in ledger.trail.entries()]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[SqlLedger]:
    """A new ledger, as after a disk was lost."""
    with SqlLedger(f"sqlite:///{tmp_path / 'new.db'}", profile="default", account="1234567_SB1") as opened:
        hold(opened)
        yield opened


def test_a_ledger_is_made_again_from_its_export(ledger: SqlLedger, empty: SqlLedger) -> None:
    """Entries, links, attempts with their contents, facts, organization and trail, to the byte."""
    fill(ledger)
    ledger.bind_organization("org-1")
    header, told = read_export(lines(ledger), "trail.jsonl")

    empty.restore(header, told, YEARS_LATER)

    assert everything(ledger) == everything(empty)
    assert entries(ledger) == entries(empty)[:-1]
    assert AuditEvent.RESTORE is entries(empty)[-1].event
    assert () == checked(empty, ledger.trail.head()).findings
    with pytest.raises(ConfigError, match="belongs to Lago organization org-1"):
        empty.bind_organization("org-2")


def test_a_ledger_is_made_again_after_retention(ledger: SqlLedger, empty: SqlLedger) -> None:
    """States and links come back also where contents were dropped."""
    fill(ledger)
    ledger.trail.prune(YEARS_LATER, YEARS_LATER)
    header, told = read_export(lines(ledger), "trail.jsonl")

    empty.restore(header, told, YEARS_LATER)

    assert ledger.counts() == empty.counts()
    assert ledger.links(KEYS) == empty.links(KEYS)
    assert () == checked(empty).findings


@pytest.mark.parametrize(
    ("change_lines", "error", "message"),
    [
        (lambda all_: [*all_[:4], *all_[5:]], LedgerError, "entry 5: it follows entry 3"),
        (lambda all_: [*all_[:-3], all_[-1]], LedgerError, "the trail: the trail ends with 11"),
        (lambda all_: [line.replace(b"110.38", b"110.39") for line in all_], LedgerError, "entry 1: its words"),
        (lambda all_: [line.replace(b'"default"', b'"second"') for line in all_], ConfigError, "of profile second"),
        (lambda all_: [line.replace(b'"redacted": false', b'"redacted": true') for line in all_], ConfigError, "redacted"),
        (lambda all_: all_[1:], ConfigError, "line 1: it does not begin with the header"),
        (lambda all_: [all_[0], b"{"], ConfigError, "line 2: it is no JSON"),
        (lambda all_: [all_[0], b'{"event": "entry", "entry": {"event": "intent"}}'], ConfigError, "line 2: it is no entry"),
        (lambda _: [], ConfigError, "line 1: it is no JSON"),
    ],
)  # fmt: skip
def test_a_damaged_export_restores_nothing(
    ledger: SqlLedger,
    empty: SqlLedger,
    change_lines: Callable[[list[bytes]], list[bytes]],
    error: type[Exception],
    message: str,
) -> None:
    """All of it or nothing, with the place that is wrong."""
    fill(ledger)

    def restore() -> None:
        header, told = read_export(iter(change_lines(list(lines(ledger)))), "trail.jsonl")
        empty.restore(header, told, YEARS_LATER)

    with pytest.raises(error, match=message):
        restore()

    assert ({}, 0) == (empty.counts(), empty.trail.head().count)


def test_a_ledger_with_a_history_is_not_replaced(ledger: SqlLedger) -> None:
    """Two histories cannot be one."""
    fill(ledger)
    header, told = read_export(lines(ledger), "trail.jsonl")

    with pytest.raises(LedgerError, match="history of its own"):
        ledger.restore(header, told, YEARS_LATER)


def test_a_redacted_export_keeps_its_proof_and_no_names(ledger: SqlLedger) -> None:
    """Names, addresses and e-mails are blanked, also where a message repeats them; the chain still holds."""
    original = (
        b'{"customer": {"lago_id": "c1", "external_id": "cust_1", "name": "Gavin Belson", "city": "Palo Alto",'
        b' "email": "gavin@hooli.com", "zipcode": "94301"}, "fees": [{"item": {"name": "API calls"},'
        b' "amount_cents": 94301}]}'
    )
    payload = {"columns": {"companyname": "Gavin Belson", "entity": "94301", "total": "110.38"}}
    ledger.record_intents([replace(intent(), payload=payload, original=original)], AT)
    ledger.record_outcomes(
        [replace(refused(), reason="Gavin Belson of Palo Alto, gavin@hooli.com, is unknown")], LATER
    )

    text = b"".join(lines(ledger, redact=True)).decode()
    for word in ("Gavin", "Belson", "Palo", "gavin@", "hooli.com"):
        assert word not in text
    for word in ("lago:inv:1", "cust_1", "110.38", "API calls", "94301", entries(ledger)[0].hash):
        assert word in text
    header, told = read_export(lines(ledger, redact=True), "trail.jsonl")
    verified = verify_entries(told, header)
    assert ((), 2) == (verified.findings, verified.unread)


def test_an_entry_reads_back_from_its_line(ledger: SqlLedger) -> None:
    """Also bytes that are no text."""
    ledger.record_intents([replace(intent(), original=b"\xff\x00")], AT)

    (entry,) = entries(ledger)
    _, told = read_export(lines(ledger), "trail.jsonl")
    assert [entry] == list(told)
    assert entry_json(entry)["event"] == "entry"
