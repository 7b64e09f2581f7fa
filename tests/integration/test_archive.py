"""Lago's JSON in NetSuite's File Cabinet: one file a document, the bytes of the trail, and never in the way."""

import hashlib
import json
from pathlib import Path

import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.audit import AuditEvent
from lago_ns_cli.domain.identifiers import Key
from tests.integration.world import World, encoded, sample

MARKER = "about.txt"
INVOICE = Key("lago:inv:00000011-0000-4000-8000-000000000011")


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An organization with some of everything."""
    return World(tmp_path, invoices=8, customers=3)


def files(world: World) -> dict[str, str]:
    """Read the archive from the account's own store."""
    rows = world.simulator.parts.account.connection.execute(
        "SELECT name, contents FROM file JOIN _file_contents USING (id) WHERE name LIKE 'lago-%.json'"
    ).fetchall()
    found = {str(name): str(contents) for name, contents in rows}
    assert len(rows) == len(found)  # no name twice
    return found


def digests(world: World) -> dict[str, str]:
    """What the trail says of the originals that were sent, by the name of their file."""
    with world.open_ledger() as ledger:
        return {
            f"{(one.key or '').replace(':', '-')}.json": one.original_digest
            for one in ledger.trail.entries()
            if one.event is AuditEvent.INTENT and one.original_digest is not None
        }


def test_each_document_has_one_file_with_the_bytes_of_the_trail(world: World) -> None:
    """Customers, invoices, credit notes and payments; a second run and a sweep add nothing."""
    kinds = ("customer", "invoice", "credit_note", "payment")
    world.sync(*kinds)
    kept = files(world)

    assert digests(world) == {name: hashlib.sha256(text.encode()).hexdigest() for name, text in kept.items()}
    assert {"cus", "inv", "cn", "pay"} <= {name.split("-")[1] for name in kept}
    assert all(json.loads(text)["lago_id"] in name for name, text in kept.items())
    world.sync(*kinds, sweep=True)
    assert kept == files(world)


def test_a_file_that_cannot_be_saved_is_a_notice_and_a_later_send_makes_it_one(small: World) -> None:
    """The invoice is posted all the same; what is sent once more has its file once."""
    folder = "UPDATE file SET name = ? WHERE name = ?"
    connection = small.simulator.parts.account.connection
    connection.execute(folder, ("moved.txt", MARKER))

    run = small.sync("invoice", source=encoded(sample()))

    report = run.of("ACM-1F2E-042-008")
    assert ("created", ["LAGO_ARCHIVE_FAILED"]) == (report.outcome, [one.code for one in report.notices])
    assert {} == files(small)
    entry = small.entry(INVOICE)
    assert entry is not None
    assert State.POSTED is entry.state

    connection.execute(folder, (MARKER, "moved.txt"))
    small.lose_ledger()
    assert "adopted" == small.sync("invoice", source=encoded(sample())).of("ACM-1F2E-042-008").outcome
    assert [f"{INVOICE.replace(':', '-')}.json"] == [name for name in files(small) if "inv" in name]
    assert 1 == len(small.records("invoice"))
