"""``lago-ns reconcile``: what is printed, what is written, and the exit code."""

import csv
import json
import stat
from pathlib import Path

import pytest

from lago_ns_cli.cli.reconciling.periods import days_of
from lago_ns_cli.cli.reconciling.spreadsheet import FindingsCsv, safe_cell
from lago_ns_cli.errors import ConfigError
from tests.cli.conftest import Place
from tests.reconciliation.test_page import HOSTILE, finding

FINDING_KEYS = {
    "event",
    "id",
    "finding",
    "kind",
    "key",
    "lago_id",
    "number",
    "netsuite_id",
    "customer",
    "billing_entity",
    "date",
    "lago",
    "netsuite",
    "difference",
    "currency",
    "explained",
    "decision",
    "verdicts",
    "follows_from",
    "cause",
    "action",
    "command",
    "effects",
}
CELL_KEYS = {"billing_entity", "subsidiary", "currency", "tax_code", "kind", "month"}
TIE_OUT_KEYS = CELL_KEYS | {"event", "billed", "posted", "difference", "because_of", "decided"}
SUMMARY_KEYS = {
    "event",
    "complete",
    "since",
    "until",
    "billing_entity",
    "kinds",
    "findings",
    "consequences",
    "explained",
    "decided",
    "tied_out",
    "queued",
    "needs_attention",
    "seconds",
}


def test_a_record_that_was_deleted_is_found_queued_and_sent_again(fresh: Place, tmp_path: Path) -> None:
    """From the finding to the mended books, by the commands that are named."""
    fresh.run("sync", "all")
    agreed = fresh.run("reconcile", "--json")
    victim = next(one for one in fresh.control("netsuite/records?type=invoice") if one["status"] == "Open")
    fresh.control("netsuite/admin", {"action": "delete_record", "type": "invoice", "id": victim["id"]})
    found = fresh.run("reconcile", "--json", "--csv", tmp_path / "found.csv")
    [finding] = [one for one in found.events if one["event"] == "finding" and not one["explained"]]
    queued = fresh.run(*finding["command"].split("; ")[0].split()[1:])
    sent = fresh.run("sync", "all")
    mended = fresh.run("reconcile")

    assert (0, 1, 1, 0, 0) == tuple(one.code for one in (agreed, found, queued, sent, mended))
    assert ("missing_in_netsuite", victim["tranid"]) == (finding["finding"], finding["number"])
    assert "1 queued" in queued.out
    assert "both sides agree" in mended.out.splitlines()[-1]
    with (tmp_path / "found.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [victim["tranid"]] == [row["number"] for row in rows if row["explained"] == "no"]
    assert finding["difference"] == next(row["difference"] for row in rows if row["explained"] == "no")
    assert 0o600 == stat.S_IMODE((tmp_path / "found.csv").stat().st_mode)


def test_the_events_have_the_documented_keys(fresh: Place) -> None:
    """Programs rely on them."""
    told = fresh.run("reconcile", "invoice", "--json")
    findings, lines = (
        [one for one in told.events if one["event"] == name] for name in ("finding", "tie_out")
    )
    page = (Path(__file__).parent.parent.parent / "docs" / "reconcile.md").read_text("utf-8")

    assert 1 == told.code
    assert {frozenset(FINDING_KEYS)} == {frozenset(one) for one in findings}
    assert {frozenset(CELL_KEYS | {"amount"})} == {
        frozenset(one) for row in findings for one in row["effects"]
    }
    assert {frozenset(TIE_OUT_KEYS)} == {frozenset(one) for one in lines}
    assert SUMMARY_KEYS == set(told.events[-1])
    assert [] == [key for key in FINDING_KEYS | TIE_OUT_KEYS | SUMMARY_KEYS if f"`{key}`" not in page]
    assert sum(len(json.dumps(one)) for one in findings) > 0


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1 212", "'+1 212"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1", "'  =1"),
        ("＝1+1", "'＝1+1"),
        ("-12.50", "-12.50"),
        ("12.50", "12.50"),
        ("plain \x00\x1b[31mtext", "plain [31mtext"),
        ("‮gpj", "gpj"),
        (None, ""),
        ("x" * 40_000, "x" * 32_000),
    ],
)
def test_a_cell_is_never_taken_for_a_formula(value: object, cell: str) -> None:
    """Negative amounts stay numbers."""
    assert cell == safe_cell(value)


def test_a_file_of_hostile_findings_opens_without_a_formula(tmp_path: Path) -> None:
    """Whatever stands in a name: as many lines as findings, no cell that a spreadsheet would run."""
    path = tmp_path / "found.csv"
    with FindingsCsv(path) as table:
        for name in HOSTILE:
            table.add(finding(name, lago=name, netsuite=name, cause=name, action=name, command=name))
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))

    assert len(HOSTILE) == len(rows)
    assert {"1.50"} == {row["difference"] for row in rows}
    assert [] == [cell for row in rows for cell in row.values() if cell[:1] in set("=+-@\t\r")]


def test_a_comparison_that_cannot_go_on_says_so_last(place: Place) -> None:
    """A reader of the last line never takes it for a result."""
    place.environment["LAGO_NS_NETSUITE__TOKEN_SECRET"] = "wrong"
    told = place.run("reconcile", "invoice", "--json")

    assert 3 == told.code
    assert {"event": "summary", "complete": False, "needs_attention": 0} == {
        name: value for name, value in told.events[-1].items() if name != "seconds"
    }


@pytest.mark.parametrize(
    ("period", "days"),
    [
        ("2026-10", ("2026-10-01", "2026-10-31")),
        ("2028-02", ("2028-02-01", "2028-02-29")),
        ("2026-q3", ("2026-07-01", "2026-09-30")),
        ("2026-Q4", ("2026-10-01", "2026-12-31")),
        ("2026", ("2026-01-01", "2026-12-31")),
        ("9999-12", ("9999-12-01", "9999-12-31")),
    ],
)
def test_a_period_is_its_first_and_last_day(period: str, days: tuple[str, str]) -> None:
    """Months, quarters and years."""
    assert days == tuple(str(day) for day in days_of(period, None, None))


@pytest.mark.parametrize("period", ["2026-13", "October", "0000", "2026-Q5", "26-10"])
def test_what_is_no_period_is_refused(period: str) -> None:
    """Before anything is called."""
    with pytest.raises(ConfigError):
        days_of(period, None, None)


def test_a_period_beside_dates_is_a_usage_error(place: Place) -> None:
    """So is one that ends before it begins."""
    both = place.run("reconcile", "--period", "2026-10", "--since", "2026-10-01")
    turned = place.run("reconcile", "--since", "2026-10-02", "--until", "2026-10-01")

    assert (2, 2) == (both.code, turned.code)
    assert all("hint:" in one.err for one in (both, turned))


@pytest.mark.parametrize("what", ["all", "revrec"])
def test_a_mistyped_billing_entity_is_refused(place: Place, what: str) -> None:
    """A code that selects nothing would find that both sides agree."""
    told = place.run("reconcile", what, "--billing-entity", "acme-uk")

    assert 2 == told.code
    assert "agree" not in told.out
    assert "acme-us" in told.err or what == "revrec"
    assert "hint: " in told.err
