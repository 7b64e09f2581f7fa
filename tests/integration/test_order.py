"""Related documents in any order: the end is the same."""

import random
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.exchange import Selection
from tests.campaigns.books import read_store
from tests.integration.notes import INVOICE, NOTE, NOTE_NUMBER, NUMBER, consumer, invoice, note
from tests.integration.world import Told, World, alone, money, sample

EVERY_KIND = ("customer", "invoice", "credit_note", "payment")
LATER = "ACM-1F2E-042-012"
PAYMENT = "000000b1-0000-4000-8000-0000000000b1"
CALLS = {
    "customer": ("customer", "cust_0042"),
    "invoice": ("invoice", INVOICE),
    "credit_note": ("credit_note", NOTE),
    "payment": ("payment", PAYMENT),
    "consumer": ("invoice", "00000011-0000-4000-8000-000000000012"),
}
"""One call of ``sync`` for each of five documents: a customer, an invoice, a credit note that is partly taken off
this invoice, a payment of the rest, and a later invoice that consumes credit of the note."""

ORDERS = list(permutations(CALLS))
SOME = random.Random(4).sample(ORDERS, 30)
MOST = [order for order in ORDERS if order not in SOME]

End = tuple[Any, ...]


class OrderWorld(World):
    """Lago has everything from the start; what is asked for when is up to the test."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, invoices=0, customers=1)
        customer = alone(sample())["customer"]
        self.add(
            customers=[customer],
            invoices=[
                {**invoice(total_paid_amount_cents=9700, total_due_amount_cents=0), "customer": customer},
                {**consumer(500), "customer": customer},
            ],
            credit_notes=[note(credit=680)],
            payments=[{**sample("hooli_payment_manual")["payment"], "amount_cents": 9700}],
        )

    def bring(self, name: str) -> Told:
        """Ask for one document."""
        kind, lago_id = CALLS[name]
        return self.sync(kind, selection=Selection(ids=(lago_id,)))

    def end(self) -> End:
        """What both sides hold, without what numbers the account gave."""
        store = read_store(self.simulator)
        entries = {entry.key: (entry.state, entry.code, entry.amount) for entry in self.entries()}
        return store.books, store.twice, entries


def end_of(folder: Path, order: tuple[str, ...]) -> End:
    folder.mkdir()
    world = OrderWorld(folder)
    for name in order:
        told = world.bring(name)
        assert told.error is None
        assert_blockers_are_named(world)
    last = world.sync(*EVERY_KIND)
    assert (None, 0) == (last.error, last.tally.needs_attention)
    assert 0 == world.sync(*EVERY_KIND).tally.writes
    return world.end()


def assert_blockers_are_named(world: World) -> None:
    """What waits names what it waits for (A48)."""
    for entry in world.entries(State.WAITING):
        assert entry.parent is not None
        assert entry.reason


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> End:
    """The end of one ``sync all``."""
    world = OrderWorld(tmp_path_factory.mktemp("expected"))
    world.sync(*EVERY_KIND)
    assert {State.POSTED} == {entry.state for entry in world.entries()}
    assert_applied(world)
    return world.end()


def assert_applied(world: World) -> None:
    unpaid = {one["tranid"]: money(one["amountremaining"]) for one in world.records("invoice")}
    assert {NUMBER: money("0.00"), LATER: money("95.00")} == unpaid
    [memo] = [one for one in world.records("creditmemo") if one["tranid"] == NOTE_NUMBER]
    assert money("1.80") == money(memo["unapplied"])


@pytest.mark.parametrize("order", SOME, ids="-".join)
def test_any_order_ends_in_the_same_state(tmp_path: Path, expected: End, order: tuple[str, ...]) -> None:
    """A48: one call for each document, in this order, and then one for all."""
    assert expected == end_of(tmp_path / "world", order)


@pytest.mark.campaign
@pytest.mark.parametrize("order", MOST, ids="-".join)
def test_every_other_order_ends_in_the_same_state(
    tmp_path: Path, expected: End, order: tuple[str, ...]
) -> None:
    """The rest of the 120."""
    assert expected == end_of(tmp_path / "world", order)
