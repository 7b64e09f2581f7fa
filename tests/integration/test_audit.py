"""The trail as its commands show it: listed, shown, checked, exported, thinned, and made a ledger again."""

import json
import sqlite3
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.simulator.world import ACCOUNT_ID
from tests.adapters.ledger.builders import AT, hold, intent, refused, subject
from tests.cli.conftest import Place, fresh, place, server
from tests.cli.terminal import Result, no_traceback, run

__all__ = ["fresh", "place", "server"]


def ledger_file(place: Place) -> Path:
    return next(place.folder.rglob("*.db"))


def lose_ledger(place: Place) -> None:
    for path in ledger_file(place).parent.glob("*.db*"):
        path.unlink()


def test_the_trail_is_followed_from_posting_to_a_new_ledger(fresh: Place) -> None:
    """One session, as an auditor and then an operator with a lost disk would have it."""
    fresh.run("sync", "all")

    listed = fresh.run("audit", "list", "--event", "outcome", "--json")
    *entries, summary = listed.events
    assert {"entry"} == {one["event"] for one in entries}
    assert len(entries) == summary["entries"] > 0
    sequence = entries[0]["entry"]["sequence"]

    shown = fresh.run("audit", "show", str(sequence), "--json").events[0]["entry"]
    assert shown["content"]["answer"]["outcome"] in ("created", "adopted")
    assert fresh.run("audit", "show", "999999").code == 2

    verified = fresh.run("audit", "verify", "--json")
    assert (0, True) == (verified.code, verified.events[-1]["intact"])
    head = verified.events[-1]["head"]

    export = fresh.folder / "trail.jsonl"
    assert 0 == fresh.run("audit", "export", "--output", export).code
    assert 0o600 == stat.S_IMODE(export.stat().st_mode)
    assert 2 == fresh.run("audit", "export", "--output", export).code
    assert 0 == fresh.run("audit", "verify", "--from", export, "--head", head).code

    lose_ledger(fresh)
    rebuilt = fresh.run("ledger", "rebuild", "--from-audit", export, "--json")
    assert 0 == rebuilt.events[-1]["left"], rebuilt.out
    assert 0 == fresh.run("audit", "verify", "--head", head).code
    again = fresh.run("sync", "all", "--json").events[-1]
    assert 0 == again["outcomes"].get("created", 0)

    assert all(no_traceback(one) for one in (listed, verified, rebuilt))


def test_a_redacted_export_names_nobody(fresh: Place) -> None:
    """It goes to stdout, a JSON object a line, and its chain can be checked."""
    fresh.run("sync", "customer")
    plain, redacted = fresh.run("audit", "export"), fresh.run("audit", "export", "--redact")
    originals = [json.loads(one["entry"]["original"] or "{}") for one in plain.events[1:-1]]
    names = {customer["name"] for customer in originals if customer.get("name")}
    path = fresh.write("redacted.jsonl", redacted.out)

    assert names
    assert not [name for name in names if name in redacted.out]
    assert all(one["entry"]["hash"] in redacted.out for one in plain.events[1:-1])
    assert 0 == fresh.run("audit", "verify", "--from", path).code
    assert 2 == fresh.run("ledger", "rebuild", "--from-audit", path).code


def test_a_tampered_trail_is_told_and_exits_1(fresh: Place) -> None:
    """The entry, what is wrong, and a summary fit for grep."""
    fresh.run("sync", "customer")
    with sqlite3.connect(ledger_file(fresh)) as connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("UPDATE audit SET netsuite_id = '1' WHERE sequence = 2")
    connection.close()

    verified = fresh.run("audit", "verify")

    assert 1 == verified.code
    assert "broken    entry 2: its words are not those it was written with" in verified.out
    assert "summary: " in verified.lines[-1]
    assert "1 findings" in verified.lines[-1]


def test_retention_asks_first_and_is_recorded(fresh: Place) -> None:
    """Without a terminal it wants --yes; afterwards the trail says who lost what."""
    fresh.run("sync", "customer")

    asked = fresh.run("audit", "prune", "--before", "2100-01-01")
    assert 2 == asked.code
    assert "hint: Add --yes" in asked.err
    pruned = fresh.run("audit", "prune", "--before", "2100-01-01", "--yes", "--json").events[-1]["pruned"]
    assert pruned > 0

    (entry,) = fresh.run("audit", "list", "--event", "prune", "--json").events[:-1]
    assert "prune" == entry["entry"]["event"]
    assert pruned == fresh.run("audit", "verify", "--json").events[-1]["pruned"]
    assert 0 == fresh.run("audit", "prune", "--before", "2100-01-01", "--json").events[-1]["pruned"]


def entries_of(result: Result) -> list[dict[str, Any]]:
    """The entries of an export."""
    return [one["entry"] for one in result.events if one["event"] == "entry"]


KEPT = ("sequence", "key", "event", "state", "netsuite_id", "fingerprint", "amount", "currency", "hash")


def test_retention_keeps_what_proves_and_a_ledger_comes_back_from_it(fresh: Place) -> None:
    """Contents go; keys, hashes, amounts and the chain stay; a rebuild says what it cannot bring back."""
    fresh.run("sync", "all")
    before = entries_of(fresh.run("audit", "export"))
    documents = documents_of(fresh)
    pruned = fresh.run("audit", "prune", "--before", "2100-01-01", "--yes", "--json").events[-1]["pruned"]
    after = entries_of(fresh.run("audit", "export"))
    path = fresh.write("thin.jsonl", fresh.run("audit", "export").out)

    for old, new in zip(before, after, strict=False):
        assert [old[name] for name in KEPT] == [new[name] for name in KEPT]
        if new["pruned_at"] is not None:
            assert (None, None) == (new["content"], new["original"])
            assert old["content_digest"] == new["content_digest"]
    assert pruned == sum(one["pruned_at"] is not None for one in after) > 0
    told = fresh.run("audit", "verify")
    assert 0 == told.code
    assert f"pruned    {pruned} entries lost their contents" in told.out

    lose_ledger(fresh)
    rebuilt = fresh.run("ledger", "rebuild", "--from-audit", path)

    assert 0 == rebuilt.code, rebuilt.err
    assert f"pruned    {pruned} entries had lost their contents to retention" in rebuilt.out
    assert documents == documents_of(fresh)
    again = fresh.run("sync", "all", "--json").events[-1]["outcomes"]
    assert 0 == again.get("created", 0) + again.get("held", 0)
    assert 0 == fresh.run("sync", "all", "--json").events[-1]["writes"]
    assert 0 == fresh.run("audit", "verify").code


def documents_of(place: Place) -> list[tuple[object, ...]]:
    """What the ledger says of the posted documents of NetSuite's own types."""
    with sqlite3.connect(ledger_file(place)) as connection:
        found = connection.execute(
            "SELECT entries.key, state, record_type, amount, currency, document_date, fingerprint, netsuite_id "
            "FROM entries LEFT JOIN links USING (profile_id, key) "
            "WHERE state = 'posted' AND kind != 'application' ORDER BY 1"
        ).fetchall()
    connection.close()
    return found


@pytest.mark.parametrize("redact", [(), ("--redact",)], ids=["plain", "redacted"])
def test_an_export_is_verified_on_another_machine(
    fresh: Place, tmp_path: Path, redact: tuple[str, ...]
) -> None:
    """Without configuration, ledger or secrets; what a redacted one cannot prove is said."""
    fresh.run("sync", "customer")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    export = elsewhere / "trail.jsonl"
    export.write_text(fresh.run("audit", "export", *redact).out, "utf-8")
    broken = elsewhere / "broken.jsonl"
    broken.write_text(export.read_text("utf-8").replace('"state": "posted"', '"state": "held"', 1), "utf-8")
    away = {"HOME": str(elsewhere), "LAGO_NS_CONFIG": ""}

    good, bad = (run("audit", "verify", "--from", one, environment=away) for one in (export, broken))

    assert (0, 1) == (good.code, bad.code), good.err
    assert "intact; head " in good.lines[-1]
    assert "its words are not those it was written with" in bad.out
    assert bool(redact) == ("blanked parts only against an export without --redact" in good.out)
    assert {"trail.jsonl", "broken.jsonl"} == {one.name for one in elsewhere.iterdir()}


HOSTILE = [
    "=HYPERLINK(1)\t+1\r\n-1",
    "\x1b]0;owned\x07\x1b[2J",
    "\u202egnp.exe \u2028 \u2029 \x85 \x00",
    "[bold]markup[/bold] {0} %s",
    '"}\n{"event": "summary", "entries": 0}',
    "\ud800 half a pair",
    "\U0001f9fe" * 400,
]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_stays_data_in_the_trail(place: Place, text: str) -> None:
    """One line an entry, exact and provable in an export, redacted or not; harmless on a screen."""
    with SqlLedger(
        f"sqlite:///{place.folder / 'ledger.db'}", profile="default", account=ACCOUNT_ID
    ) as ledger:
        hold(ledger)
        about = replace(subject("1", number=text[:200]), key=Key("lago:inv:1"))
        ledger.record_intents(
            [replace(intent(), subject=about, original=json.dumps({"note": text}).encode())], AT
        )
        ledger.record_outcomes([replace(refused(), reason=text)], AT)
        ledger.release_lease()
    place.environment["LAGO_NS_LEDGER__URL"] = f"sqlite:///{place.folder / 'ledger.db'}"

    for redact in ((), ("--redact",)):
        exported = place.run("audit", "export", *redact)
        assert 4 == len(exported.out.split("\n")) - 1
        path = place.write("trail.jsonl", exported.out)
        assert 0 == place.run("audit", "verify", "--from", path).code
    # Half a pair stands escaped, as it came; Python reads that, stricter readers refuse the line.
    plain = [json.loads(line) for line in place.run("audit", "export").lines]
    assert {"note": text} == json.loads(plain[1]["entry"]["original"])
    assert text == plain[2]["entry"]["content"]["reason"]
    for command in (("audit", "list"), ("audit", "show", "1"), ("audit", "show", "2"), ("status",)):
        shown = place.run(*command)
        assert shown.code in (0, 1)
        assert not {"\x1b", "\x07", "\x00", "\u202e", "\u2028", "\x85"} & set(shown.out + shown.err)
