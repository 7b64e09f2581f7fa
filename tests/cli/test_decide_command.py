"""``lago-ns decide``: from a finding to a decision and back, by the commands that are named."""

import csv
import getpass
from pathlib import Path
from typing import Any

from tests.cli.conftest import Place

DECISION_KEYS = {
    "event",
    "number",
    "verdict",
    "id",
    "finding",
    "kind",
    "document",
    "netsuite_id",
    "lago",
    "netsuite",
    "by",
    "at",
    "note",
    "until",
    "undone_by",
    "undone_at",
    "undone_note",
}


def edited(place: Place) -> dict[str, Any]:
    """Carry everything, let somebody edit an invoice's date, and give the finding."""
    place.run("sync", "all")
    victim = next(one for one in place.control("netsuite/records?type=invoice") if one["status"] == "Open")
    edit = {"action": "edit_record", "type": "invoice", "id": victim["id"], "values": {"memo": "x"}}
    line = {"line": 0, "amount": "1.00", "rate": "1.00"}
    place.control("netsuite/admin", {**edit, "lines": {"item": [line]}})
    found = place.run("reconcile", "invoice", "--json")
    [finding] = [one for one in found.events if one["event"] == "finding" and one["finding"] == "amount"]
    assert victim["tranid"] == finding["number"]
    return dict(finding)


def test_a_difference_is_adopted_shown_apart_taken_back_and_restored(fresh: Place, tmp_path: Path) -> None:
    """Exit code 0 while it is decided; the files say by whom and why; the named commands mend it."""
    finding = edited(fresh)
    asked = fresh.run("decide", "adopt", finding["id"], "--note", "agreed")
    adopted = fresh.run("decide", "adopt", finding["id"][:6], "--note", "agreed", "--yes")
    agreed = fresh.run("reconcile", "--csv", tmp_path / "a.csv", "--html", tmp_path / "a.html")
    verbose = fresh.run("-v", "reconcile", "--json")
    listed = fresh.run("decide", "list")
    undone = fresh.run("decide", "undo", "1", "--note", "a mistake")
    again = fresh.run("reconcile")
    restore, sync = finding["command"].split("; ")
    restored = fresh.run(*restore.split()[1:], "--note", "edited by mistake", "--yes")
    sent = fresh.run(*sync.split()[1:])
    mended = fresh.run("reconcile")

    codes = [
        one.code for one in (asked, adopted, agreed, verbose, listed, undone, again, restored, sent, mended)
    ]
    assert [2, 0, 0, 0, 0, 0, 1, 0, 0, 0] == codes
    assert "Add --yes" in asked.err
    assert "summary: 1 finding decided (adopt)" == adopted.lines[-1]
    assert "nothing is open" in agreed.lines[-1]
    assert "1 decided" in agreed.lines[-1]
    assert any("decision 1: adopt by" in line for line in agreed.lines)
    [decided] = [one for one in verbose.events if one["event"] == "finding" and one["decision"]]
    assert ("decision 1", "adopt", "agreed") == tuple(
        decided["decision"][name] for name in ("name", "verdict", "note")
    )
    assert {"decision 1": finding["difference"]} in [
        one["decided"] for one in verbose.events if one["event"] == "tie_out"
    ]
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert [finding["id"]] == [row["id"] for row in csv.DictReader(stream) if row["decision"]]
    assert "<h2>Decided</h2>" in (tmp_path / "a.html").read_text("utf-8")
    assert getpass.getuser() in listed.out
    for verdict in ("adopt", "ignore"):
        assert f"  or: lago-ns --config {fresh.config} decide {verdict} {finding['id']}" in again.lines
    assert "both sides agree" in mended.lines[-1]


def test_what_is_decided_is_in_the_audit_trail(fresh: Place) -> None:
    """With who and why; the chain holds."""
    finding = edited(fresh)
    fresh.run("decide", "ignore", "--finding", "amount", "--note", "known", "--until", "2099-12-31")
    told = fresh.run("audit", "list", "--event", "decision", "--json").events
    shown = fresh.run("audit", "show", str(told[0]["entry"]["sequence"]), "--json").events[0]["entry"]
    listed = fresh.run("decide", "list", "--json")

    assert ["ignore"] == [one["entry"]["detail"] for one in told if one["event"] == "entry"]
    assert ("known", "2099-12-31") == (shown["content"]["note"], shown["content"]["until"])
    assert 0 == fresh.run("audit", "verify").code
    assert DECISION_KEYS == set(listed.events[0])
    assert finding["id"] == listed.events[0]["id"]
    page = (Path(__file__).parent.parent.parent / "docs" / "reconcile.md").read_text("utf-8")
    assert [] == [key for key in DECISION_KEYS if f"`{key}`" not in page]


def test_bad_input_is_told_with_the_next_command(fresh: Place) -> None:
    """No finding, no reason, no such name: exit code 2, each with a hint."""
    finding = edited(fresh)
    bad = [
        fresh.run("decide", "ignore", "--note", "x"),
        fresh.run("decide", "ignore", "ffffffffffff", "--note", "x"),
        fresh.run("decide", "ignore", finding["id"]),
        fresh.run("decide", "ignore", "--finding", "ammount", "--note", "x"),
        fresh.run("decide", "undo", "9", "--note", "x"),
    ]
    none = fresh.run("decide", "ignore", "--finding", "currency", "--note", "x")

    assert [2] * 5 == [one.code for one in bad]
    assert all("hint:" in one.err for one in bad)
    assert (0, "summary: 0 findings decided (ignore)") == (none.code, none.lines[-1])
