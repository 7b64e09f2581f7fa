"""Documents that cannot be translated or read are held, named, and let the others go on."""

import json
from dataclasses import replace
from typing import Any

import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.exchange import Selection
from tests.integration.world import World, alone, encoded, sample

KEY = "lago:inv:00000011-0000-4000-8000-000000000011"
NUMBER = "ACM-1F2E-042-008"


def changed(**fields: Any) -> dict[str, Any]:
    document = sample()
    document["invoice"] |= fields
    return document


def second() -> dict[str, Any]:
    """Another good invoice of the same customer."""
    invoice = sample()["invoice"]
    return {**invoice, "lago_id": "00000012-0000-4000-8000-000000000012", "number": "ACM-1F2E-042-009"}


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        pytest.param({"total_amount_cents": 9999}, "total", id="sums that do not add up"),
        pytest.param({"fees_amount_cents": 13001}, "fees", id="fees that do not add up"),
        pytest.param({"currency": "XXX"}, "XXX", id="unknown currency"),
        pytest.param({"fees": None}, "fees", id="no fees"),
        pytest.param({"issuing_date": "yesterday"}, "issuing_date", id="no date"),
        pytest.param({"total_amount_cents": "10000"}, "total_amount_cents", id="a text for a number"),
    ],
)
def test_a_broken_document_is_held_and_the_next_one_posted(
    small: World, broken: dict[str, Any], word: str
) -> None:
    """The reason names what is wrong; nothing of the document reaches NetSuite."""
    invoices = {"invoices": [changed(**broken)["invoice"], second()]}

    run = small.sync("invoice", source=encoded(invoices))

    report, entry = run.of(NUMBER), small.entry(KEY)
    assert run.error is None
    assert "held" == report.outcome
    assert report.failure is not None
    assert word in report.failure.message
    assert entry is not None
    assert State.HELD is entry.state
    assert "created" == run.of("ACM-1F2E-042-009").outcome
    assert ["ACM-1F2E-042-009"] == [record["tranid"] for record in small.records("invoice")]


def test_every_missing_row_is_named_at_once(small: World) -> None:
    """An unmapped document lists all it lacks, so that one round of mapping mends it."""
    defaults = replace(small.mappings.defaults, item=None, item_by_type={}, tax=None)
    small.mappings = replace(small.mappings, items=(), taxes=(), defaults=defaults)

    run = small.sync("invoice", source=encoded(sample()))

    failure = run.of(NUMBER).failure
    assert failure is not None
    for name in ("plan:pro_monthly", "billable_metric:api_calls", "us_nyc"):
        assert name in failure.message
    assert failure.hint is not None
    assert "lago-ns map set" in failure.hint


def test_a_mended_mapping_posts_a_held_document(small: World) -> None:
    """Held for its mapping only, the document goes as soon as it is mapped."""
    complete = small.mappings
    small.mappings = replace(complete, taxes=(), defaults=replace(complete.defaults, tax=None))
    small.sync("invoice", source=encoded(sample()))
    small.mappings = complete

    run = small.sync("invoice", source=encoded(sample()))

    assert "created" == run.of(NUMBER).outcome


def test_what_netsuite_rejected_is_sent_again_only_when_asked_for(small: World) -> None:
    """Unchanged it would only be refused again; named by its id, it is tried."""
    small.person("close_period", date="2026-08-01")
    first = small.sync("invoice", source=encoded(sample()))
    calls = small.simulator.parts.restlet.stats.operations["push"]
    small.sync("invoice", source=encoded(sample()))
    unasked = small.simulator.parts.restlet.stats.operations["push"]
    small.person("open_period", date="2026-08-01")

    asked = small.sync("invoice", source=encoded(sample()), selection=Selection(ids=(NUMBER,)))

    assert "held" == first.of(NUMBER).outcome
    assert first.of(NUMBER).failure is not None
    assert calls == unasked
    assert "created" == asked.of(NUMBER).outcome


def test_a_rejected_document_does_not_stop_its_neighbours(small: World) -> None:
    """Documents are isolated from each other within a call."""
    small.person("close_period", date="2026-08-01")
    later = {**second(), "issuing_date": "2026-09-01"}

    run = small.sync("invoice", source=encoded({"invoices": [sample()["invoice"], later]}))

    assert ["created", "held"] == run.outcomes("invoice")


def test_lagos_unreadable_row_is_held_and_the_page_goes_on(small: World) -> None:
    """A row that is not what Lago promises is named by its id; its neighbours are posted."""
    lines = [json.dumps({"invoice": {"lago_id": "x", "number": "ODD-1"}}), json.dumps({"invoice": second()})]

    run = small.sync("invoice", source="\n".join(lines).encode())

    assert "held" == run.of("ODD-1").outcome
    assert "created" == run.of("ACM-1F2E-042-009").outcome


def test_control_characters_in_a_document_stay_data(small: World) -> None:
    """Odd names and numbers go as they are, or are held; they never break a run."""
    invoice = alone(sample())
    invoice["customer"] = {**invoice["customer"], "name": "Hooli \u202e[bold]\x1b[31m\u0000 Inc."}

    run = small.sync("invoice", source=encoded({"invoice": invoice}))

    assert run.error is None
    assert {"created", "held", "waiting"} >= run.tally.by_outcome.keys()
