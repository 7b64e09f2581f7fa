"""The books of both sides agree: what each customer owes, by currency."""

import asyncio
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from lago_ns_cli.domain.mapping import CreditNotePolicy
from lago_ns_cli.domain.money import to_major_units
from lago_ns_cli.workflows.sync import ORDER
from tests.integration.world import URL, Told, World, money

Books = dict[tuple[str, str], Decimal]

KINDS = tuple(str(kind) for kind in ORDER)


def with_policy(world: World, policy: CreditNotePolicy) -> World:
    defaults = replace(world.mappings.defaults, credit_note_policy=policy)
    world.mappings = replace(world.mappings, defaults=defaults)
    return world


def everything(world: World, collection: str) -> list[dict[str, Any]]:
    """Read a whole collection of Lago's API, page by page."""

    async def read() -> list[dict[str, Any]]:
        headers = {"authorization": f"Bearer {world.simulator.credentials.lago_api_key}"}
        transport = httpx.ASGITransport(app=world.simulator)
        found: list[dict[str, Any]] = []
        page: int | None = 1
        async with httpx.AsyncClient(transport=transport, base_url=URL, headers=headers) as client:
            while page is not None:
                answer = (await client.get(f"/api/v1/{collection}", params={"page": str(page)})).json()
                found += answer[collection]
                page = answer["meta"]["next_page"]
        return found

    return asyncio.run(read())


def major(cents: int, currency: str) -> Decimal:
    return to_major_units(cents, currency)


class Lago:
    """What Lago says, by customer and currency; self-billed documents are bills, not invoices."""

    def __init__(self, world: World) -> None:
        self.owed: Books = defaultdict(Decimal)
        self.balances: Books = defaultdict(Decimal)
        self.refunds: Books = defaultdict(Decimal)
        self.consumed: Books = defaultdict(Decimal)
        for invoice in everything(world, "invoices"):
            if invoice["status"] == "finalized" and not invoice["self_billed"]:
                place = (invoice["customer"]["lago_id"], invoice["currency"])
                self.owed[place] += major(invoice["total_due_amount_cents"], invoice["currency"])
                self.consumed[place] += major(invoice["credit_notes_amount_cents"], invoice["currency"])
        for note in everything(world, "credit_notes"):
            if not note["self_billed"]:
                place = (note["customer"]["lago_id"], note["currency"])
                self.balances[place] += major(note["balance_amount_cents"], note["currency"])
                self.refunds[place] += major(note["refund_amount_cents"], note["currency"])

    def places(self) -> set[tuple[str, str]]:
        return set(self.owed) | set(self.balances)


def posted(world: World) -> Books:
    """What each customer owes by NetSuite's own store: unpaid invoices less open memos and payments."""
    customers = {row["id"]: row.get("custentity_lago_id") for row in world.records("customer")}
    codes = {target: code for code, target in world.mappings.currencies.items()}
    books: Books = defaultdict(Decimal)
    for record_type, field, sign in (
        ("invoice", "amountremaining", 1),
        ("creditmemo", "amountremaining", -1),
        ("customerpayment", "unapplied", -1),
    ):
        for row in world.records(record_type):
            customer = customers[row.get("entity") or row["customer"]]
            books[str(customer), codes[row["currency"]]] += sign * money(row[field])
    return books


def run(world: World) -> Told:
    told = world.sync(*KINDS)
    assert told.error is None
    return told


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, invoices=120, customers=12)


def check_books(world: World, policy: CreditNotePolicy) -> None:
    told = run(with_policy(world, policy))
    lago, netsuite = Lago(world), posted(world)

    assert told.tally.needs_attention == 0
    for place in lago.places():
        gap = lago.consumed[place] if policy is CreditNotePolicy.NEGATIVE_LINE else Decimal(0)
        expected = lago.owed[place] - lago.balances[place] - lago.refunds[place] - gap
        assert expected == netsuite[place], place


def test_under_apply_memo_both_sides_owe_the_same(world: World) -> None:
    """Unpaid invoices less open memos less unapplied payments = due less credit balances and refunds."""
    check_books(world, CreditNotePolicy.APPLY_MEMO)


def test_under_negative_line_the_gap_is_the_consumed_credit(world: World) -> None:
    """A note that was consumed counts as an open memo and as a negative line: exactly that is the gap."""
    check_books(world, CreditNotePolicy.NEGATIVE_LINE)


def test_a_second_run_writes_nothing(world: World) -> None:
    """All four kinds and their applications are where they should be."""
    run(world)
    before = world.store()
    again = run(world)

    assert again.tally.writes == 0
    assert before == world.store()


@pytest.mark.parametrize(("regime", "invoices"), [("suitetax", 1000), ("legacy", 200)])
def test_a_whole_organization_is_posted(tmp_path: Path, regime: str, invoices: int) -> None:
    """Every document of the generated organization is posted, skipped with a reason, or not final yet."""
    world = World(tmp_path, invoices=invoices, customers=invoices // 10, tax_regime=regime)
    told = run(world)
    finalized = [
        one
        for one in everything(world, "invoices")
        if one["status"] == "finalized" and not one["self_billed"] and one["fees_amount_cents"]
    ]

    assert told.tally.needs_attention == 0
    assert len(finalized) == len(world.records("invoice"))
