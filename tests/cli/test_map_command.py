"""``lago-ns map``: shows, edits and checks the mapping file."""

import tomllib
from typing import Any

import pytest

from tests.cli.conftest import SAMPLE, Place


def mappings(place: Place) -> dict[str, Any]:
    return tomllib.loads(place.mappings.read_text("utf-8"))


SETS = [
    pytest.param(
        ("item", "add_on:new", "--to", "507", "--note", "why not"),
        ("item", "add_on:new"),
        lambda rows: [row for row in rows["items"] if row["lago"] == "add_on:new"],
        [{"lago": "add_on:new", "item": "507", "note": "why not"}],
        id="item",
    ),
    pytest.param(
        ("tax", "fr_vat", "--nexus", "2", "--tax-type", "4", "--tax-code", "21"),
        ("tax", "fr_vat"),
        lambda rows: [row for row in rows["taxes"] if row["lago"] == "fr_vat"],
        [{"lago": "fr_vat", "nexus": "2", "tax_type": "4", "tax_code": "21"}],
        id="tax",
    ),
    pytest.param(
        ("tax", "a+b", "--tax-code", "18"),
        ("tax", "a+b"),
        lambda rows: [row for row in rows["taxes"] if row["lago"] == ["a", "b"]],
        [{"lago": ["a", "b"], "tax_code": "18"}],
        id="set of taxes",
    ),
    pytest.param(
        ("subsidiary", "acme-jp", "--to", "3"),
        ("subsidiary", "acme-jp"),
        lambda rows: [row for row in rows["subsidiaries"] if row["billing_entity"] == "acme-jp"],
        [{"billing_entity": "acme-jp", "subsidiary": "3"}],
        id="subsidiary",
    ),
    pytest.param(
        ("currency", "CHF", "--to", "6"),
        ("currency", "CHF"),
        lambda rows: [rows["currencies"]["CHF"]] if "CHF" in rows["currencies"] else [],
        ["6"],
        id="currency",
    ),
    pytest.param(
        ("payment", "--provider", "stripe", "--account", "120", "--method", "7"),
        ("payment", "--provider", "stripe"),
        lambda rows: [row for row in rows["payments"] if row.get("provider") == "stripe"],
        [{"provider": "stripe", "account": "120", "method": "7"}],
        id="payment",
    ),
    pytest.param(
        ("default", "item", "--to", "482", "--billing-entity", "acme-us"),
        ("default", "item", "--billing-entity", "acme-us"),
        lambda rows: [rows["billing_entities"]["acme-us"]] if "acme-us" in rows["billing_entities"] else [],
        [{"item": "482"}],
        id="default",
    ),
]


@pytest.mark.parametrize(("setting", "unsetting", "look", "expected"), SETS)
def test_a_row_is_set_and_unset(
    place: Place, setting: tuple[str, ...], unsetting: tuple[str, ...], look: Any, expected: list[Any]
) -> None:
    """Set adds or replaces the row, twice is once, and unset takes it away without a trace."""
    place.run("map", "seed")
    before = place.mappings.read_text("utf-8")
    assert [] == look(mappings(place))

    done = place.run("map", "set", *setting)
    assert (0, "") == (done.code, done.out)
    assert expected == look(mappings(place))

    after = place.mappings.read_bytes()
    place.run("map", "set", *setting)
    assert after == place.mappings.read_bytes()

    gone = place.run("map", "unset", *unsetting)
    assert 0 == gone.code
    assert before == place.mappings.read_text("utf-8")


@pytest.mark.parametrize(("setting", "unsetting", "look", "expected"), SETS)
def test_setting_the_same_again_says_nothing_to_change(
    place: Place, setting: tuple[str, ...], unsetting: tuple[str, ...], look: Any, expected: list[Any]
) -> None:
    """Whatever stands behind the row: the file stays byte for byte."""
    place.run("map", "set", *setting)
    place.run("map", "set", "item", "add_on:later", "--to", "508")
    place.run("map", "set", "tax", "later", "--tax-code", "18")
    place.run("map", "set", "payment", "--provider", "later", "--account", "120")
    before = place.mappings.read_bytes()

    again = place.run("map", "set", *setting)

    assert (0, True) == (again.code, "nothing to change" in again.err)
    assert before == place.mappings.read_bytes()


def test_a_default_tax_is_set_and_unset(place: Place) -> None:
    """``default`` names the tax of everything that has no row."""
    place.run("map", "set", "tax", "default", "--nexus", "1", "--tax-type", "3", "--tax-code", "9")
    set_ = mappings(place)["defaults"]["tax"]
    place.run("map", "unset", "tax", "default")

    assert {"nexus": "1", "tax_type": "3", "tax_code": "9"} == set_
    assert "tax" not in mappings(place)["defaults"]


def test_seed_makes_a_first_file(place: Place) -> None:
    """Where there is none, the standard rows are the beginning; a second time changes nothing."""
    place.mappings.unlink()

    made, again = place.run("map", "seed"), place.run("map", "seed")

    assert (0, 0) == (made.code, again.code)
    assert "tranid" in {row["to"] for row in mappings(place)["invoice"]["header"]}
    assert "nothing to change" in again.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("set", "item", "nonsense", "--to", "500"),
        ("set", "default", "nonsense", "--to", "500"),
        ("set", "item", "add_on:a", "--to", "500", "--recognition", "sometimes"),
        ("unset", "item", "add_on:nobody_knows"),
        ("unset", "currency", "CHF"),
    ],
    ids=" ".join,
)
def test_a_wrong_edit_changes_nothing(place: Place, arguments: tuple[str, ...]) -> None:
    """Refused with a hint, or nothing to change; the file stays byte for byte."""
    before = place.mappings.read_bytes()

    result = place.run("map", *arguments)

    assert "Traceback" not in result.err
    assert (2 == result.code and "error: " in result.err) or "nothing to change" in result.err
    assert before == place.mappings.read_bytes()


def test_check_needs_the_catalogs_and_says_so(place: Place) -> None:
    """Without a fetch there is nothing to check against."""
    result = place.run("map", "check")

    assert 2 == result.code
    assert f"hint: lago-ns --config {place.config} fetch-catalog" in result.err


def test_check_lists_every_problem_at_once(place: Place) -> None:
    """Unmapped and dangling rows, each with a hint; exit code 1; the same as JSON."""
    place.run("fetch-catalog")
    clean = place.run("map", "check")
    place.run("map", "set", "item", "billable_metric:api_calls", "--to", "999999")
    place.run("map", "unset", "tax", "us_nyc")
    place.run("map", "unset", "subsidiary", "acme-eu")

    found, as_json = place.run("map", "check"), place.run("map", "check", "--json")

    assert (0, "summary: mappings.toml: 0 errors, 0 warnings\n") == (clean.code, clean.out)
    assert (1, 1) == (found.code, as_json.code)
    assert "999999" in found.out
    assert "us_nyc" in found.out
    assert "hint: " in found.out
    *findings, summary = as_json.events
    assert {"finding"} == {finding["event"] for finding in findings}
    assert len(findings) == summary["errors"] + summary["warnings"] >= 2


def test_strict_counts_warnings(place: Place) -> None:
    """In CI a warning is as good as an error."""
    place.run("fetch-catalog")
    place.run("map", "unset", "tax", "us_nyc")
    warnings = place.run("map", "check", "--json").events[-1]["warnings"]

    assert (1 if warnings else 0) == (1 if place.run("map", "check", "--strict").code else 0)


def test_show_lists_rows_with_names_from_the_catalog(place: Place) -> None:
    """Tab-separated in a pipe; after a fetch, ids have names; as JSON the same rows."""
    bare = place.run("map", "show")
    place.run("fetch-catalog")
    named = place.run("map", "show")
    as_json = place.run("map", "show", "--json")

    assert "items\tbillable_metric:api_calls\t500\t\t" in bare.lines
    assert "items\tbillable_metric:api_calls\t500\tAPI calls\t" in named.lines
    *rows, summary = as_json.events
    assert {"event": "summary", "rows": len(rows)} == summary
    assert len(named.lines) - 1 == len(rows)


def test_the_past_is_run_through_translation(fresh: Place) -> None:
    """Gaps with counts and amounts, and how many documents they hold."""
    fresh.run("fetch-catalog")
    clean = fresh.run("map", "check", "--against", "3y")
    for row in (("item", "billable_metric:api_calls"), ("default", "item"), ("currency", "EUR")):
        assert 0 == fresh.run("map", "unset", *row).code
    told = fresh.run("map", "check", "--against", "3y")
    as_json = fresh.run("map", "check", "--against", "3y", "--json")

    assert (0, "summary: mappings.toml: 0 errors, 0 warnings") == (clean.code, clean.lines[-1])
    assert clean.lines[-2].endswith("; 0 would be held")
    assert 1 == told.code
    assert 1 == told.out.count("error   the currency EUR has no NetSuite currency")
    gaps = {event["subject"]: event for event in as_json.events if event["event"] == "gap"}
    assert {"billable_metric:api_calls", "currency:EUR"} <= gaps.keys()
    assert gaps["currency:EUR"]["amounts"].keys() == {"EUR"}
    assert f"in {gaps['currency:EUR']['documents']} document" in told.out
    history = as_json.events[-1]["history"]
    assert history["documents"]["invoice"] > 5
    assert 0 < history["held"] <= sum(history["documents"].values())


def test_a_file_is_run_through_translation(place: Place) -> None:
    """Lago is not called, so no key is needed."""
    place.run("fetch-catalog")
    place.environment.pop("LAGO_NS_LAGO__API_KEY", None)

    told = place.run("map", "check", "--from", SAMPLE)

    assert "history: 1 invoices, 0 credit notes, 0 payments; 0 would be held" in told.lines


@pytest.mark.parametrize("period", ["6", "m", "0m", "6 months", "2026-13-01", "99999y", ""])
def test_a_period_that_is_none_is_a_usage_error(place: Place, period: str) -> None:
    """With an example of one."""
    result = place.run("map", "check", "--against", period)

    assert 2 == result.code
    assert "as 6m" in result.err


def without(place: Place, *rows: tuple[str, ...]) -> bytes:
    """Fetch the catalogs and take rows out of the mappings."""
    place.run("fetch-catalog")
    for row in rows:
        assert 0 == place.run("map", "unset", *row).code
    return place.mappings.read_bytes()


GAPS = (
    ("item", "add_on:setup"),
    ("item", "plan:pro_monthly"),
    ("tax", "us_nyc"),
    ("default", "item_by_type.subscription"),
)


def test_suggestions_are_listed_and_nothing_is_written(place: Place) -> None:
    """In a pipe nobody can be asked."""
    before = without(place, *GAPS)

    table, as_json = place.run("map", "suggest"), place.run("map", "suggest", "--json")

    assert (0, 0) == (table.code, as_json.code)
    assert "items\tadd_on:setup\t506\tSetup\t100\tthe same code" in table.lines
    assert "summary: 3 rows missing, 0 written, 3 left to a person" == table.lines[-1]
    assert ["add_on:setup", "plan:pro_monthly", "us_nyc"] == [
        event["lago"] for event in as_json.events if event["event"] == "suggestion"
    ]
    assert before == place.mappings.read_bytes()


def test_only_what_is_the_same_to_the_letter_is_written_unasked(place: Place) -> None:
    """A plan that merely resembles an item and a tax of the same rate are left to a person."""
    without(place, *GAPS)

    refused = place.run("map", "suggest", "--yes")
    done = place.run("map", "suggest", "--yes", "--min-score", "0")

    assert (2, 0) == (refused.code, done.code)
    assert "needs --min-score" in refused.err
    assert "summary: 3 rows missing, 1 written, 2 left to a person" == done.lines[-1]
    assert {"lago": "add_on:setup", "item": "506"} in mappings(place)["items"]
    assert not any(row["lago"] in ("plan:pro_monthly", "us_nyc") for row in mappings(place)["items"])
    assert not any(row["lago"] == "us_nyc" for row in mappings(place)["taxes"])


def test_a_person_is_asked_on_a_terminal_and_may_stop_at_any_question(place: Place) -> None:
    """Nothing is the default; what was confirmed before stays."""
    without(place, *GAPS)

    asked = place.run("map", "suggest", stdin=b"1\n\n1\n", terminal=True)
    assert 0 == asked.code
    assert {"lago": "add_on:setup", "item": "506"} in mappings(place)["items"]
    assert not any(row["lago"] == "plan:pro_monthly" for row in mappings(place)["items"])
    assert {"lago": "us_nyc", "nexus": "1", "tax_type": "3", "tax_code": "14"} in mappings(place)["taxes"]

    ended = place.run("map", "suggest", stdin=b"", terminal=True)
    assert 2 == ended.code
