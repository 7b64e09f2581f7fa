"""``lago-ns replay``: what it lists, when it asks, and how it ends."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.cli.conftest import SAMPLE, Place
from tests.cli.terminal import Result, no_traceback

NUMBER = "ACM-1F2E-042-008"


@pytest.fixture
def held(fresh: Place) -> Place:
    """A place where one invoice is held because NetSuite's books are closed."""
    document = json.loads(SAMPLE.read_bytes())
    fresh.control("lago/documents", {"invoices": [document["invoice"]]})
    act(fresh, action="close_period", date="2026-08-01")
    assert 1 == fresh.run("sync", "invoice", document["invoice"]["lago_id"]).code
    return fresh


def act(place: Place, **action: Any) -> None:
    place.control("netsuite/admin", action)


def saves(place: Place) -> int:
    told: Mapping[str, int] = place.control("stats")
    return told["saves"]


def test_a_held_invoice_posts_after_its_cause_was_mended(held: Place) -> None:
    """By its number, without a question: a person named it."""
    act(held, action="open_period", date="2026-08-01")

    result = held.run("replay", NUMBER, "--json")

    assert (0, ["created"]) == (result.code, outcomes(result))
    assert 0 == held.run("replay", "--held").code


def outcomes(result: Result) -> list[str]:
    return [event["outcome"] for event in result.events if "outcome" in event]


def test_what_is_still_refused_exits_1_and_says_why(held: Place) -> None:
    """The books are closed as before."""
    result = held.run("replay", "--held")

    assert 1 == result.code
    assert NUMBER in result.out
    assert "period" in (result.out + result.err).lower()


@pytest.mark.parametrize("options", [(), ("--held", "--as-sent")])
def test_a_dry_run_only_lists(held: Place, options: tuple[str, ...]) -> None:
    """Nothing is asked, nothing is called, and the ledger stays as it is."""
    before = saves(held), held.run("status", "--json").out

    table = held.run("replay", "--dry-run", *options)
    lines = held.run("replay", "--dry-run", "--json", *options)

    assert (0, 0) == (table.code, lines.code)
    assert NUMBER in table.out
    assert "1 entries would be taken up" in table.out
    assert [NUMBER] == [one["number"] for one in lines.events if one["event"] == "entry"]
    assert before == (saves(held), held.run("status", "--json").out)


@pytest.mark.parametrize("options", [(), (NUMBER, "--as-sent")])
def test_a_dangerous_choice_needs_a_yes(held: Place, options: tuple[str, ...]) -> None:
    """Everything at once, and what was sent before: without a terminal to ask on, nothing happens."""
    act(held, action="open_period", date="2026-08-01")
    before = saves(held)

    refused = held.run("replay", *options)

    assert 2 == refused.code
    assert "--yes" in refused.err
    assert before == saves(held)
    assert 0 == held.run("replay", *options, "--yes").code
    assert before < saves(held)


@pytest.mark.parametrize(("answer", "happens"), [(b"\n", False), (b"y\n", True)])
def test_on_a_terminal_it_asks(held: Place, answer: bytes, *, happens: bool) -> None:
    """Only a yes is a yes."""
    act(held, action="open_period", date="2026-08-01")
    before = saves(held)

    result = held.run("replay", NUMBER, "--as-sent", stdin=answer, terminal=True)

    assert "Send again exactly what was sent?" in result.err
    assert 0 == result.code
    assert happens == (before < saves(held))


def test_a_name_that_nobody_knows_is_refused(held: Place) -> None:
    """Before either side is called."""
    result = held.run("replay", "INV-404")

    assert 2 == result.code
    assert "The ledger does not know INV-404." in result.err
    assert no_traceback(result)


def test_options_choose(held: Place) -> None:
    """Each narrows what is taken up; states add up."""
    choices = {
        ("--code", "no_such_code"): 0,
        ("--since", "2000-01-01"): 1,
        ("--since", "2999-01-01"): 0,
        ("--in-doubt",): 0,
        ("--waiting",): 0,
        ("--waiting", "--held"): 1,
    }
    listed = {options: held.run("replay", "--dry-run", "--json", *options).events for options in choices}

    assert choices == {options: events[-1]["entries"] for options, events in listed.items()}
