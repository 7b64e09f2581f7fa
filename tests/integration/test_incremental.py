"""Runs whose cost follows what is new or still open, and that miss nothing all the same."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.simulator.lago.writes import create_payment, void_invoice
from tests.integration.policies import hooli
from tests.integration.world import World

KINDS = ("customer", "invoice", "credit_note", "payment")
NEW = "00000011-0000-4000-8000-{:012}"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An organization of which nothing is known yet."""
    world = World(tmp_path, invoices=24, customers=4)
    world.incremental = True
    return world


@pytest.fixture
def known(world: World) -> World:
    """The same, with everything in NetSuite."""
    first = world.sync(*KINDS)
    assert (None, 0) == (first.error, first.tally.needs_attention)
    return world


def invoice(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A small invoice of a customer of its own."""
    document: dict[str, Any] = hooli()["invoice"]
    return {
        **document,
        "lago_id": NEW.format(number),
        "number": f"HOO-NEW-{number:03}",
        "status": "finalized",
        "issuing_date": "2026-11-22",
        "created_at": "2026-11-22T09:00:00Z",
        **changes,
    }


def posted(world: World, record_type: str = "invoice") -> set[str]:
    """The Lago ids that NetSuite holds."""
    return {str(row["custbody_lago_id"]) for row in world.records(record_type)}


def pages(world: World) -> list[str]:
    """The lists that were read, as they were asked for."""
    return [unquote(call) for call in world.lago_calls]


def test_a_run_without_changes_reads_only_what_is_open_and_the_window(known: World) -> None:
    """Eight calls, however many documents are known, and no write."""
    before = known.store()
    known.clock.go(timedelta(minutes=5))
    told = known.sync(*KINDS)

    assert (None, 0, 0) == (told.error, told.tally.writes, told.tally.needs_attention)
    assert before == known.store()
    assert [
        "/organizations",
        "/customers?page=1&per_page=100",
        "/invoices?status[]=draft&status[]=pending&status[]=failed&page=1&per_page=100",
        "/invoices?issuing_date_from=2026-10-17&status[]=finalized&status[]=voided&page=1&per_page=100",
        "/invoices?issuing_date_to=2026-10-16&status[]=voided&page=1&per_page=100",
        "/credit_notes?issuing_date_from=2026-10-17&page=1&per_page=100",
        "/credit_notes?issuing_date_to=2026-10-16&credit_status=voided&page=1&per_page=100",
        "/invoices?status[]=finalized&payment_status[]=pending&payment_status[]=failed&page=1&per_page=100",
    ] == pages(known)


def test_calls_without_changes_are_the_pages_of_what_is_open(tmp_path: Path) -> None:
    """With small pages they can be counted: those of the lists, and at most five more."""
    world = World(tmp_path, invoices=100, customers=8)
    world.incremental = True
    world.sync(*KINDS)
    world.rows_per_page = 3
    world.clock.go(timedelta(minutes=5))
    told = world.sync(*KINDS)
    invoices = world.lago_invoices()
    window, status = "2026-10-17", {"finalized", "voided"}
    lists = [
        [one for one in invoices if one["status"] in ("draft", "pending", "failed")],
        [one for one in invoices if one["status"] in status and one["issuing_date"] >= window],
        [one for one in invoices if one["status"] == "voided" and one["issuing_date"] < window],
        [one for one in invoices if one["status"] == "finalized" and one["payment_status"] != "succeeded"],
        [one for one in world.records("creditmemo") if str(one["trandate"]) >= window],
        world.records("customer"),
    ]

    assert (None, 0) == (told.error, told.tally.writes)
    assert len(world.lago_calls) <= sum(max(1, -(-len(rows) // 3)) for rows in lists) + 5


def test_a_document_issued_long_before_it_was_final_is_found(known: World) -> None:
    """A47: windows overlap by the lookback."""
    known.clock.go(timedelta(days=2))
    known.add(invoices=[invoice(issuing_date="2026-10-19", created_at="2026-10-19T00:00:00Z")])
    known.sync(*KINDS)

    assert NEW.format(1) in posted(known)


@pytest.mark.parametrize("status", ["draft", "pending", "failed"])
def test_a_draft_is_followed_until_it_is_final(known: World, status: str) -> None:
    """A47: it was seen before it was final, so its date does not matter, nor how long it takes."""
    known.add(invoices=[invoice(status=status, issuing_date="2026-02-01")])
    waiting = known.sync(*KINDS).of("HOO-NEW-001")
    known.clock.go(timedelta(days=90))
    known.sync(*KINDS)
    known.add(invoices=[invoice(issuing_date="2026-02-01")])
    done = known.sync(*KINDS).of("HOO-NEW-001")
    again = known.sync(*KINDS)

    assert ("not_final", "created") == (waiting.outcome, done.outcome)
    assert "HOO-NEW-001" not in [report.number for report in again.reports]


def test_a_draft_that_vanishes_is_forgotten(known: World) -> None:
    """Lago deletes drafts, and closes those without an amount; neither is asked for twice."""
    known.add(invoices=[invoice(status="draft", issuing_date="2026-02-01")])
    known.sync(*KINDS)
    known.simulator.parts.organization.invoices.hide([NEW.format(1)])
    first = known.sync(*KINDS)
    asked = f"/invoices/{NEW.format(1)}" in pages(known)
    known.sync(*KINDS)

    assert (None, 0) == (first.error, first.tally.needs_attention)
    assert asked
    assert f"/invoices/{NEW.format(1)}" not in pages(known)


def test_a_void_is_seen_at_any_age(known: World) -> None:
    """A51: voided invoices are listed whatever their date."""
    oldest = min(
        (
            one
            for one in known.lago_invoices()
            if one["status"] == "finalized"
            and one["payment_status"] == "pending"
            and not one["total_paid_amount_cents"]
            and one["lago_id"] in posted(known)
        ),
        key=lambda one: str(one["issuing_date"]),
    )
    assert oldest["issuing_date"] < "2026-10-17"
    void_invoice(known.simulator.parts.organization, oldest["lago_id"])
    told, again = known.sync(*KINDS), known.sync(*KINDS)

    assert "held" == told.of(oldest["number"]).outcome
    assert 1 == again.tally.needs_attention


def test_a_held_document_outside_the_window_is_told_and_taken_up_again(known: World) -> None:
    """What needs a person stays in the exit code, and what was mended goes, also months later."""
    stranger = invoice(currency="XPF", issuing_date="2026-11-20")
    known.add(invoices=[stranger])
    held = known.sync(*KINDS)
    known.clock.go(timedelta(days=120))
    later = known.sync(*KINDS)
    known.add(invoices=[invoice(issuing_date="2026-11-20")])
    mended = known.sync(*KINDS)

    assert "held" == held.of("HOO-NEW-001").outcome
    assert "held" == later.of("HOO-NEW-001").outcome
    assert "created" == mended.of("HOO-NEW-001").outcome


def test_a_payment_on_an_old_invoice_is_found(known: World) -> None:
    """It is open in Lago, whatever its age, and its paid amount has changed."""
    target = _oldest_unpaid(known)
    payment = _pay(known, target, target["total_due_amount_cents"] // 2)
    known.sync(*KINDS)

    assert payment in posted(known, "customerpayment")


def test_a_payment_that_settles_an_old_invoice_is_found(known: World) -> None:
    """It ceased to be open in Lago: the run remembers that it was."""
    target = _oldest_unpaid(known)
    payment = _pay(known, target, target["total_due_amount_cents"])
    known.sync(*KINDS)
    calls = [call for call in pages(known) if target["lago_id"] in call]
    known.sync(*KINDS)

    assert payment in posted(known, "customerpayment")
    assert calls
    assert [] == [call for call in pages(known) if target["lago_id"] in call]


def test_an_invoice_that_is_paid_before_it_was_ever_seen_open(known: World) -> None:
    """Charged at once: new and paid between two runs, also where payments are synced by themselves."""
    known.add(invoices=[invoice()])
    payment = _pay(known, invoice(), invoice()["total_due_amount_cents"])
    known.sync("customer", "invoice")
    known.sync("payment")

    assert payment in posted(known, "customerpayment")


def test_a_limited_run_leaves_the_window_open(known: World) -> None:
    """What --max-changes left out is neither known nor forgotten."""
    known.add(invoices=[invoice(number) for number in range(1, 4)])
    known.sync(*KINDS, max_changes=2)
    known.clock.go(timedelta(days=90))
    known.sync(*KINDS)

    assert {NEW.format(number) for number in range(1, 4)} <= posted(known)


def test_a_run_that_fails_leaves_the_window_open(known: World) -> None:
    """Lago fails on the last list; the marks stay where they were."""
    marks = _marks(known)
    known.clock.go(timedelta(days=90))
    known.plan_faults({"target": "lago", "kind": "status", "status": 401, "calls": [3]})
    failed = known.sync(*KINDS)
    after = _marks(known)
    known.plan_faults()
    known.sync(*KINDS)

    assert failed.error is not None
    assert marks == after
    assert marks != _marks(known)


def test_a_run_of_its_own_choice_moves_no_mark(known: World) -> None:
    """--since means exactly that, and a dry run leaves nothing behind."""
    marks = _marks(known)
    known.clock.go(timedelta(days=1))
    known.sync(*KINDS, selection=Selection(since=known.clock.now().date()))
    known.sync(*KINDS, dry_run=True)

    assert marks == _marks(known)


def test_a_clock_that_was_ahead_costs_a_full_look(known: World) -> None:
    """A mark from the future is no mark: what came meanwhile, far outside of any window, is found."""
    known.clock.go(timedelta(days=400))
    known.sync(*KINDS)
    known.clock.go(-timedelta(days=400))
    known.add(invoices=[invoice(issuing_date="2026-03-01", created_at="2026-03-01T00:00:00Z")])
    known.sync(*KINDS)

    assert NEW.format(1) in posted(known)


def test_an_old_copy_of_the_ledger_misses_nothing(known: World) -> None:
    """Its marks are as old as its entries."""
    copy = known.ledger_files()
    known.clock.go(timedelta(days=90))
    known.add(invoices=[invoice(issuing_date="2026-11-01", created_at="2026-11-01T00:00:00Z")])
    known.sync(*KINDS)
    before = known.store()
    known.lose_ledger()
    for name, content in copy.items():
        (known.folder / name).write_bytes(content)
    told = known.sync(*KINDS)

    assert "adopted" == told.of("HOO-NEW-001").outcome
    assert before == known.store()


def test_a_sweep_finds_what_no_window_could(known: World) -> None:
    """Dated back beyond the lookback, and never seen before: the nightly look finds it."""
    known.add(invoices=[invoice(issuing_date="2026-03-01", created_at="2026-03-01T00:00:00Z")])
    known.sync(*KINDS)
    missed = NEW.format(1) not in posted(known)
    known.sync(*KINDS, sweep=True)

    assert missed
    assert NEW.format(1) in posted(known)


def test_an_earlier_go_live_date_is_a_full_look(world: World) -> None:
    """What was issued before was not looked at; now it is."""
    world.sync_from = _day("2026-11-01")
    world.sync(*KINDS)
    few = len(posted(world))
    world.sync_from = _day("2026-06-01")
    world.sync(*KINDS)

    assert 0 < few < len(posted(world))
    assert {State.POSTED, State.SKIPPED} >= {
        entry.state for entry in world.entries() if entry.kind == "invoice"
    }


class Shifting(httpx.AsyncBaseTransport):
    """Lets Lago change between two pages of its lists."""

    def __init__(self, inner: httpx.AsyncBaseTransport, change: Callable[[int], None]) -> None:
        self._inner = inner
        self._change = change
        self._pages = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        if re.search(r"page=\d+", str(request.url)):
            self._pages += 1
            self._change(self._pages)
        return response


def test_rows_that_shift_while_lists_are_read_are_not_missed(known: World) -> None:
    """A63: invoices come, drafts become final, are dated back and vanish, between every two pages."""
    known.rows_per_page = 3
    drafts = [invoice(number, status="draft", issuing_date=f"2026-11-{number:02}") for number in range(1, 15)]
    known.add(invoices=drafts)

    def change(page: int) -> None:
        number = 100 + page
        known.add(invoices=[invoice(number, issuing_date=f"2026-11-{1 + page % 22:02}")])
        if page < len(drafts):
            final = {**drafts[page], "status": "finalized", "issuing_date": f"2026-11-{22 - page:02}"}
            known.add(invoices=[final])

    known.wrap_lago = lambda inner: Shifting(inner, change)
    known.clock.go(timedelta(minutes=5))
    disturbed = known.sync(*KINDS)
    known.wrap_lago = lambda inner: inner
    known.clock.go(timedelta(minutes=5))
    known.sync(*KINDS)
    eligible = {
        one["lago_id"]
        for one in known.lago_invoices()
        if one["status"] == "finalized" and (one["fees_amount_cents"] or one["total_amount_cents"])
    }

    assert disturbed.error is None
    assert eligible == posted(known)


def _marks(world: World) -> list[str | None]:
    with world.open_ledger() as ledger:
        return [ledger.mark(f"read:{kind}") for kind in KINDS]


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _oldest_unpaid(world: World) -> dict[str, Any]:
    unpaid = [
        one
        for one in world.lago_invoices()
        if one["status"] == "finalized"
        and one["payment_status"] == "pending"
        and one["total_due_amount_cents"] > 1
        and not one["total_paid_amount_cents"]
        and one["invoice_type"] != "credit"
        and one["lago_id"] in posted(world)
    ]
    return min(unpaid, key=lambda one: str(one["issuing_date"]))


def _pay(world: World, target: dict[str, Any], cents: int) -> str:
    given = {"invoice_id": target["lago_id"], "amount_cents": cents, "reference": "WIRE-77"}
    payment = create_payment(world.simulator.parts.organization, given)
    return str(payment["lago_id"])
