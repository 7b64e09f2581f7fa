"""Attacks by values on the ledger's SQL, and through a whole run: one row each, and no statement that holds a value."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.audit import AuditEvent, AuditQuery
from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.workflows.audit import verify
from lago_ns_cli.workflows.replay import ReplayChoice, choose
from tests.integration.attacks import ATTACKS, NUL
from tests.integration.notes import NoteWorld
from tests.integration.test_push_catalog import push, stored_codes
from tests.integration.test_status import status
from tests.integration.world import World, alone, sample
from tests.reconciliation.comparing import CompareWorld

HOSTILE = (*ATTACKS, NUL)
_CONSTANTS = {"%", "_", "?", ":key"}
"""Signs that statements have of their own."""


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """Every statement that a ledger runs."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


def hostile_invoices() -> list[dict[str, Any]]:
    """An invoice for each attack, of a customer who is named by it too."""
    found = []
    for place, attack in enumerate(HOSTILE, start=1):
        document = alone(sample())
        customer = {
            **document["customer"],
            "lago_id": f"00000000-0000-4000-8000-0000000c{place:04d}",
            "external_id": attack,
            "name": attack,
            "legal_name": attack,
        }
        lago_id = f"00000000-0000-4000-8000-0000000d{place:04d}"
        found.append({**document, "lago_id": lago_id, "number": attack, "customer": customer})
    return found


def attacked(world: World) -> list[dict[str, Any]]:
    """Put hostile documents into Lago; gives them."""
    documents = hostile_invoices()
    world.add(invoices=documents)
    return documents


def held_by_statements(statements: list[str]) -> list[str]:
    return [
        attack
        for attack in HOSTILE
        if attack not in _CONSTANTS and any(attack in statement for statement in statements)
    ]


def invoice_entries(world: World) -> dict[str, Entry]:
    return {entry.number: entry for entry in world.entries() if entry.kind == "invoice"}


def test_hostile_documents_are_carried_over_found_and_compared_one_by_one(
    tmp_path: Path, statements: list[str]
) -> None:
    """Each is posted once, under its own key; a second run writes nothing; both sides agree.

    A number that NetSuite cannot hold is held, not changed into another.
    """
    world = CompareWorld(tmp_path, invoices=0, customers=1)
    documents = attacked(world)

    told = world.sync("customer", "invoice")
    store = world.store()
    world.sync("customer", "invoice")

    posted = {str(row["externalid"]): row for row in world.records("invoice")}
    assert None is told.error
    expected = {f"lago:inv:{one['lago_id']}": one["number"] for one in documents if one["number"] != NUL}
    assert expected == {key: row["tranid"] for key, row in posted.items()}
    assert [NUL] == [entry.number for entry in world.entries() if entry.state is not State.POSTED]
    assert store == world.store()
    assert [NUL] == sorted({one.number for one in world.compare("customer", "invoice").findings})
    assert [] == held_by_statements(statements)


def test_a_hostile_name_finds_its_own_row_alone(tmp_path: Path, statements: list[str]) -> None:
    """By replay, audit list and find; and what no document is called finds nothing."""
    world = NoteWorld(tmp_path, invoices=0, customers=1)
    keys = {one["number"]: f"lago:inv:{one['lago_id']}" for one in attacked(world)}
    world.sync("customer", "invoice")
    with world.open_ledger() as ledger:
        for attack, key in keys.items():
            named = choose(ledger, ReplayChoice(names=(attack,), states=frozenset(State)))
            entries = list(ledger.trail.entries(AuditQuery(document=attack)))

            assert key in {entry.key for entry in named}
            assert {attack} == {entry.number for entry in named}
            assert entries
            assert {attack} == {entry.number for entry in entries}
            assert [] == list(ledger.entries_named([f"{attack}' OR 'a'='a"]))
            assert {} == ledger.entries([Key(f"{attack}' OR 'a'='a")])
            assert [] == list(ledger.trail.entries(AuditQuery(document=f"{attack}%")))
        assert () == verify(ledger.trail, ledger.header()).findings
    assert [] == held_by_statements(statements)


def test_status_tells_of_hostile_documents_one_by_one(tmp_path: Path, statements: list[str]) -> None:
    """Held ones, each under its number; a glance at the file and the whole ledger say the same."""
    world = NoteWorld(tmp_path, invoices=0, customers=1)
    attacked(world)
    world.create_customers = False
    world.sync("customer", "invoice")

    told = status(world)

    numbers = [one.number for one in told.concerns if one.kind == "invoice"]
    assert sorted(HOSTILE) == sorted(numbers)
    assert [] == held_by_statements(statements)


def test_hostile_names_in_catalogs_are_kept_and_stored_letter_by_letter(
    tmp_path: Path, statements: list[str]
) -> None:
    """Fetched, pushed once, and the second push writes nothing."""
    world = World(tmp_path, invoices=0, customers=1)
    rows = [{"id": attack, "name": attack, "code": attack} for attack in HOSTILE]
    with world.open_ledger() as ledger:
        ledger.record_catalog(Catalog("netsuite", world.clock.now(), {"items": rows}))
        kept = ledger.load_catalog("netsuite")
    first = push(world, ATTACKS, organization="org' OR '1'='1")
    second = push(world, ATTACKS, organization="org' OR '1'='1")

    assert kept is not None
    assert rows == list(kept.rows("items"))
    assert (len(ATTACKS), 0) == (first.created, len(first.failures))
    assert (0, len(ATTACKS)) == (second.created, second.unchanged)
    assert sorted(ATTACKS) == stored_codes(world)
    with world.open_ledger() as ledger:
        assert len(ATTACKS) == len(list(ledger.trail.entries(AuditQuery(event=AuditEvent.INTENT))))
    assert [] == held_by_statements(statements)
