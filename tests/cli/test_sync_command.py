"""``lago-ns sync``: what goes in, what is printed, and what NetSuite then holds."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import SAMPLE, Place
from tests.cli.terminal import check_golden

NUMBER = "ACM-1F2E-042-008"
RESULT_KEYS = {
    "event",
    "kind",
    "lago_id",
    "number",
    "state",
    "outcome",
    "netsuite_id",
    "error",
    "notices",
}


def normalised(text: str) -> str:
    """Without seconds, which differ from run to run."""
    return re.sub(r'("seconds": )[\d.]+', r"\g<1>0", re.sub(r"\d+\.\d s\b", "# s", text))


def test_the_sample_invoice_is_posted_as_lago_billed_it(fresh: Place) -> None:
    """A dry run, the run, and once more: whole outputs, and NetSuite's own record."""
    planned = fresh.run("sync", "invoice", "--from", SAMPLE, "--dry-run", "--json")
    before = fresh.control("netsuite/records?type=invoice")
    posted = fresh.run("sync", "invoice", "--from", SAMPLE)
    (invoice,) = fresh.control("netsuite/records?type=invoice")
    again = fresh.run("sync", "invoice", "--from", SAMPLE, "--json")

    assert [0, 0, 0] == [planned.code, posted.code, again.code]
    check_golden("sync/sample-plan.jsonl", normalised(planned.out))
    check_golden("sync/sample-posted.txt", normalised(posted.out))
    check_golden("sync/sample-again.jsonl", normalised(again.out))
    assert [] == before
    assert ("98765", NUMBER, "100.00", "10.38", "100.00") == tuple(
        invoice[name] for name in ("entity", "tranid", "total", "taxtotal", "amountremaining")
    )
    assert ["100.00", "30.00", "-13.00", "-27.38"] == [line["amount"] for line in invoice["lines"]]
    assert Decimal("10.38") == sum(Decimal(row["taxamount"]) for row in invoice["taxdetails"])
    assert {("2026-07-01", "2026-07-31")} == {
        (line["custcol_service_period_date_from"], line["custcol_service_period_date_to"])
        for line in invoice["lines"]
        if "custcol_service_period_date_from" in line
    }


def test_a_whole_organization_arrives_once(fresh: Place) -> None:
    """``sync all`` posts everything; the second time it writes nothing and says so."""
    first = fresh.run("sync", "all")
    held = len(fresh.control("netsuite/records?type=invoice"))
    second = fresh.run("sync", "all", "--json")

    assert (0, 0) == (first.code, second.code)
    assert held >= 8
    assert held == len(fresh.control("netsuite/records?type=invoice"))
    summary = second.events[-1]
    assert ("summary", 0, 0, True) == tuple(
        summary[name] for name in ("event", "writes", "needs_attention", "complete")
    )
    assert {"unchanged", "skipped", "not_final"} >= summary["outcomes"].keys()


def test_json_is_one_object_a_line_with_a_summary_last(place: Place) -> None:
    """Every result has the same keys; the summary counts them."""
    result = place.run("sync", "all", "--json")

    *documents, summary = result.events
    assert documents
    assert {"result"} == {event["event"] for event in documents}
    assert all(event.keys() == RESULT_KEYS for event in documents)
    assert len(documents) == summary["documents"] == sum(summary["outcomes"].values())
    assert {
        "event",
        "dry_run",
        "complete",
        "documents",
        "outcomes",
        "writes",
        "needs_attention",
        "seconds",
    } == set(summary)


def test_a_plan_holds_the_exact_records(fresh: Place) -> None:
    """The JSON of a dry run: action, reason, and a record whose amounts are decimal texts."""
    result = fresh.run("sync", "all", "--dry-run", "--json")

    *plans, summary = result.events
    records = [plan["record"] for plan in plans if plan["record"] is not None]
    invoices = [record for record in records if record["type"] == "invoice"]
    assert (0, True) == (result.code, summary["dry_run"])
    assert {"plan"} == {plan["event"] for plan in plans}
    assert {"create", "skip", "wait"} >= {plan["action"] for plan in plans}
    assert invoices
    for record in invoices:
        assert {"key", "type", "columns", "lines", "taxdetails", "expect"} <= record.keys()
        assert {"key": record["columns"]["entity"]["key"]} == record["columns"]["entity"]
        (items,) = [one["lineItems"] for one in record["lines"] if one["sublistId"] == "item"]
        assert all(isinstance(line["amount"], str) and Decimal(line["amount"]) is not None for line in items)
    for plan in plans:
        assert (plan["record"] is None) == (plan["action"] in ("skip", "wait", "hold"))
        assert plan["record"] is not None or plan["reason"]


def test_no_number_in_a_plan_is_a_fraction(fresh: Place) -> None:
    """No amount ever passes through a binary fraction."""
    result = fresh.run("sync", "all", "--dry-run", "--json")

    def fraction(text: str) -> float:
        raise AssertionError(f"{text} is a fraction")

    for line in result.lines[:-1]:
        json.loads(line, parse_float=fraction)


def test_documents_come_from_standard_input_too(place: Place) -> None:
    """``-`` reads standard input; JSON lines are as good as one document."""
    invoice = json.loads(SAMPLE.read_text("utf-8"))["invoice"]
    lines = [
        json.dumps(
            {
                "invoice": {
                    **invoice,
                    "lago_id": f"00000021-0000-4000-8000-00000000002{at}",
                    "number": f"IN-{at}",
                }
            }
        )
        for at in range(3)
    ]

    result = place.run("sync", "invoice", "--from", "-", "--json", stdin="\n".join(lines).encode())

    numbers = [event["number"] for event in result.events if event.get("kind") == "invoice"]
    assert 0 == result.code
    assert ["IN-0", "IN-1", "IN-2"] == sorted(numbers)


def test_a_dry_run_leaves_no_ledger_behind_that_knows_anything(place: Place) -> None:
    """After a dry run, a run still has everything to do."""
    place.run("sync", "all", "--dry-run")

    result = place.run("sync", "all", "--json")

    assert result.events[-1]["writes"] > 0


def test_a_dry_run_makes_no_ledger(place: Place) -> None:
    """Where there is none, there is none afterwards, nor any file beside it."""
    before = sorted(path.name for path in place.folder.iterdir())

    result = place.run("sync", "all", "--dry-run")

    assert 0 == result.code
    assert before == sorted(path.name for path in place.folder.iterdir())


def test_unchanged_documents_are_listed_with_v_only(place: Place) -> None:
    """A run that changes nothing is quiet, except when asked."""
    place.run("sync", "all")

    quiet, wordy = place.run("sync", "all"), place.run("-v", "sync", "all")

    assert "unchanged invoice" not in quiet.out
    assert "unchanged invoice" in wordy.out
    assert quiet.lines[-1].startswith("summary: ")


def test_max_changes_says_what_it_left(place: Place) -> None:
    """What was not attempted needs attention: exit code 1, and the hint says how to go on."""
    result = place.run("sync", "all", "--max-changes", "1")

    assert 1 == result.code
    assert "not_attempted" in result.lines[-1]
    assert "hint: Run the command again for the rest." in result.out


@pytest.mark.parametrize("kinds", ["customer", "invoice"])
def test_a_kind_that_is_switched_off_is_left_out(place: Place, kinds: str) -> None:
    """``[sync] kinds`` bounds ``sync all``."""
    place.environment[f"LAGO_NS_SYNC__KINDS__{kinds.upper()}"] = "false"

    result = place.run("sync", "all", "--dry-run", "--json")

    assert kinds not in {event["kind"] for event in result.events[:-1]} or kinds == "customer"
    assert result.code in (0, 1)


def test_selections_narrow_a_run(place: Place) -> None:
    """Days, billing entity and customer restrict the invoices."""
    whole = numbers(place.run("sync", "invoice", "--dry-run", "--json").events)
    entity = numbers(
        place.run("sync", "invoice", "--dry-run", "--json", "--billing-entity", "acme-eu").events
    )
    nobody = numbers(place.run("sync", "invoice", "--dry-run", "--json", "--customer", "nobody").events)
    future = numbers(place.run("sync", "invoice", "--dry-run", "--json", "--since", "2099-01-01").events)

    assert {number for number in whole if number.startswith("ACE-")} == entity
    assert (set(), set()) == (nobody, future)


def numbers(events: list[dict[str, Any]]) -> set[str]:
    return {event["number"] for event in events if event.get("kind") == "invoice"}


def test_one_ledger_serves_one_organization(place: Place, tmp_path: Path) -> None:
    """A key of another organization is refused before anything is read or written."""
    place.run("sync", "customer")
    ledger = place.folder / "ledger.db"
    import sqlite3

    with sqlite3.connect(ledger) as connection:
        connection.execute("UPDATE profiles SET organization = 'another'")
    connection.close()

    result = place.run("sync", "customer")

    assert 2 == result.code
    assert "organization" in result.err
    assert "Traceback" not in result.err


def test_days_the_wrong_way_round_are_refused(place: Place) -> None:
    """A period that ends before it begins has no documents, which is not what was meant."""
    told = place.run("sync", "all", "--since", "2026-12-01", "--until", "2026-01-01")

    assert (2, "") == (told.code, told.out)
    assert "error: --until 2026-01-01 is before --since 2026-12-01.\nhint: Turn them round.\n" == told.err


def test_a_held_document_of_a_dry_run_says_why_and_what_to_do(place: Place) -> None:
    """The same three lines as in a run; the JSON has the hint too."""
    text = re.sub(
        r'\[\[items\]\]\nlago = "billable_metric:api_calls"\n(?:.+\n)+', "", place.mappings.read_text("utf-8")
    )
    place.write("mappings.toml", text.replace('item = "481"\n', "", 1))

    told = place.run("sync", "invoice", "--from", SAMPLE, "--dry-run")
    plan = place.run("sync", "invoice", "--from", SAMPLE, "--dry-run", "--json").events[-2]

    hint = "lago-ns map set item billable_metric:api_calls --to <internal id>"
    assert (1, 1) == (told.code, told.out.count("hold "))
    assert "\n          item_unmapped: billable_metric:api_calls has no NetSuite item" in told.out
    pasted = hint.replace("lago-ns", f"lago-ns --config {place.config}")
    assert f"\n          hint: {pasted}\n" in told.out
    assert ("hold", hint) == (plan["action"], plan["hint"])


def test_v_shows_the_exact_records_of_a_dry_run(place: Place) -> None:
    """Fields, lines, tax rows and the expected total, as they would be sent."""
    plain = place.run("sync", "invoice", "--from", SAMPLE, "--dry-run")
    told = place.run("-v", "sync", "invoice", "--from", SAMPLE, "--dry-run")

    assert "tranid" not in plain.out
    assert "\n          tranid ACM-1F2E-042-008\n" in told.out
    assert "\n          item: item 511, quantity 1, rate 100, amount 100.00, description Pro, " in told.out
    assert "taxtype 3, taxcode 14, taxbasis 90.00, taxrate 8.875, taxamount 7.98\n" in told.out
    assert "\n          expected: total 100.00, tax 10.38\n" in told.out


def test_a_file_of_another_kind_is_not_passed_over_in_silence(place: Place) -> None:
    """Payments given to sync invoice are no invoices, and somebody expected that they go."""
    path = place.write("payments.json", '{"payment": {"lago_id": "00000051-0000-4000-8000-000000000051"}}')

    told = place.run("sync", "invoice", "--from", path)

    assert (
        "notice: what was read holds no invoice; each kind has its own command: lago-ns sync -h\n" == told.err
    )


def test_a_customer_without_documents_is_told(place: Place) -> None:
    """A mistyped external id selects nothing, which looks like everything being done."""
    told = place.run("sync", "all", "--customer", "cust_9999", "--dry-run")

    assert "notice: Lago has nothing of customer cust_9999 here" in told.err
