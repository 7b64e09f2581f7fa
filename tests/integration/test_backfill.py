"""Everything since a day, month by month: it can be stopped, goes on, and is tied out."""

import asyncio
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.workflows.backfill import MARK, Backfill, run_backfill
from lago_ns_cli.workflows.calls import StoppedError
from lago_ns_cli.workflows.reports import DocumentReported
from tests.integration.policies import hooli
from tests.integration.world import World

SINCE = Selection(since=date(2026, 1, 1))


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Nothing of it is in NetSuite yet."""
    return World(tmp_path, invoices=40, customers=4)


class Course:
    """One run of a backfill, which may be stopped after so many documents of a kind."""

    def __init__(self, world: World, *, stop_after: int | None = None, selection: Selection = SINCE) -> None:
        self.backfill = Backfill()
        self.reports: list[DocumentReported] = []
        self.stopped = False
        world.lago_calls.clear()
        asyncio.run(self._main(world, stop_after, selection))

    async def _main(self, world: World, stop_after: int | None, selection: Selection) -> None:
        stop = asyncio.Event()
        async with world._run(None, selection, False, None) as run:
            events = run_backfill(run, list(Kind), self.backfill, quarantine=timedelta(minutes=16), stop=stop)
            try:
                async for event in events:
                    assert isinstance(event, DocumentReported)
                    self.reports.append(event)
                    if stop_after is not None and len(self.of("invoice")) >= stop_after:
                        stop.set()
            except StoppedError:
                self.stopped = True

    def of(self, kind: str) -> list[DocumentReported]:
        return [one for one in self.reports if one.kind == kind]


def eligible(world: World) -> list[dict[str, Any]]:
    """The invoices that a backfill has to post."""
    return [
        one
        for one in world.lago_invoices()
        if one["status"] == "finalized"
        and one["issuing_date"] >= "2026-01-01"
        and (one["fees_amount_cents"] or one["total_amount_cents"])
    ]


def test_a_backfill_posts_everything_since_and_ties_out(world: World) -> None:
    """Billed equals posted in every month, kind and currency; nothing of it is remembered in the end."""
    course = Course(world)
    rows = course.backfill.tie_out.rows
    invoices = eligible(world)

    assert {one["lago_id"] for one in invoices} == {
        str(row["custbody_lago_id"]) for row in world.records("invoice")
    }
    assert course.backfill.tie_out.agrees
    assert len(invoices) == sum(sums.posted_documents for row, sums in rows.items() if row.kind == "invoice")
    assert {"invoice", "credit_note", "payment"} == {row.kind for row in rows}
    assert [] == course.backfill.left
    assert _mark(world) is None


def test_months_are_done_in_their_order(world: World) -> None:
    """The oldest first, so that a parent from before is there."""
    dates = {one["lago_id"]: one["issuing_date"][:7] for one in world.lago_invoices()}
    course = Course(world)
    order = [dates[str(one.lago_id)] for one in course.of("invoice")]

    assert sorted(order) == order


def test_a_stopped_backfill_goes_on_where_it_was(world: World) -> None:
    """In good order: nothing is in doubt, what is left is told, and done months are not read again."""
    first = Course(world, stop_after=15)
    doubts = [entry for entry in world.entries() if entry.state in ("in_doubt", "sending")]
    second = Course(world)
    listed = [call for call in world.lago_calls if call.startswith("/invoices?issuing_date_from=2026-01")]

    assert first.stopped
    assert [] == doubts
    assert 0 < len(first.backfill.left) < len(first.backfill.months)
    assert not second.stopped
    assert {one["lago_id"] for one in eligible(world)} == {
        str(row["custbody_lago_id"]) for row in world.records("invoice")
    }
    assert len(second.backfill.months) > len(second.backfill.left) == 0
    # Lago is asked for the count of what is left, from a later month on.
    assert [] == listed


def test_the_end_is_told_from_the_beginning(world: World) -> None:
    """Lago counts what is listed, so a share and a time left can be told."""
    course = Course(world)

    assert course.backfill.expected == course.backfill.seen
    assert 1.0 == course.backfill.share_done


def test_a_difference_is_named(world: World) -> None:
    """What is held is billed in Lago and not posted."""
    world.add(invoices=[_in_francs()])
    course = Course(world)

    assert [("HOO-XPF", "held")] == [
        (one.number, one.why.partition(" ")[0]) for one in course.backfill.tie_out.differences
    ]


def _in_francs() -> dict[str, Any]:
    return {
        **hooli()["invoice"],
        "currency": "XPF",
        "number": "HOO-XPF",
        "issuing_date": "2026-07-15",
        "created_at": "2026-07-15T00:00:00Z",
    }


def _mark(world: World) -> str | None:
    with world.open_ledger() as ledger:
        return ledger.mark(MARK)
