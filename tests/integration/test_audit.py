"""The trail as its commands show it: listed, shown, checked, exported, thinned, and made a ledger again."""

import json
import sqlite3
import stat
from pathlib import Path

from tests.cli.conftest import Place, fresh
from tests.cli.terminal import no_traceback

__all__ = ["fresh"]


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
