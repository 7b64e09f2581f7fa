"""What is in NetSuite already is found before anything is created beside it."""

import pytest

from lago_ns_cli.domain.attempts import State
from tests.integration.world import World, encoded, sample

KEY = "lago:inv:00000011-0000-4000-8000-000000000011"
LAGO_ID = "00000011-0000-4000-8000-000000000011"
NUMBER = "ACM-1F2E-042-008"


def test_a_lost_ledger_finds_its_records_by_their_keys(world: World) -> None:
    """After the ledger is gone, everything is adopted and nothing is created twice."""
    world.sync()
    ids = {kind: [record["id"] for record in world.records(kind)] for kind in ("customer", "invoice")}
    world.lose_ledger()

    run = world.sync()

    assert run.error is None
    assert {"adopted", "skipped", "not_final"} >= run.tally.by_outcome.keys()
    assert ids == {kind: [record["id"] for record in world.records(kind)] for kind in ("customer", "invoice")}
    assert not world.entries(State.HELD)


def test_a_record_with_the_same_lago_id_is_adopted(small: World) -> None:
    """A record that another program linked by Lago's id is taken over; its own external id stays."""
    small.sync("invoice", source=encoded(sample()))
    (invoice,) = small.records("invoice")
    small.person("edit_record", type="invoice", id=invoice["id"], values={"externalid": "ERP-1"})
    small.lose_ledger()

    run = small.sync("invoice", source=encoded(sample()))

    (after,) = small.records("invoice")
    assert "adopted" == run.of(NUMBER).outcome
    assert (invoice["id"], "ERP-1") == (after["id"], after["externalid"])


@pytest.mark.parametrize(
    ("change", "told"),
    [({"trandate": "2026-08-15"}, "2026-08-15"), ({"custbody_lago_id": LAGO_ID, "tranid": "OTHER-1"}, None)],
)
def test_a_changed_record_is_adopted_only_if_it_still_agrees(
    small: World, change: dict[str, str], told: str | None
) -> None:
    """Date, total, customer and currency must agree; another date is a conflict for a person."""
    small.sync("invoice", source=encoded(sample()))
    (invoice,) = small.records("invoice")
    small.person("edit_record", type="invoice", id=invoice["id"], values={"externalid": None, **change})
    small.lose_ledger()

    run = small.sync("invoice", source=encoded(sample()))

    report = run.of(NUMBER)
    assert 1 == len(small.records("invoice"))
    assert ("held" if told else "adopted") == report.outcome
    if told:
        assert report.failure is not None
        assert told in report.failure.message
        assert invoice["id"] in report.failure.message


def test_a_strangers_document_number_is_a_conflict(small: World) -> None:
    """A record that is not ours but has the number is never touched, and nothing is created beside it."""
    stranger = small.person(
        "create_record",
        type="invoice",
        values={"entity": "98765", "trandate": "2026-08-01", "tranid": NUMBER},
        lines={"item": [{"item": "481", "quantity": 1, "rate": 5, "amount": 5}]},
    )
    before = small.records("invoice")

    run = small.sync("invoice", source=encoded(sample()))

    report, entry = run.of(NUMBER), small.entry(KEY)
    assert before == small.records("invoice")
    assert "held" == report.outcome
    assert report.failure is not None
    assert NUMBER in report.failure.message
    assert str(stranger) in report.failure.message
    assert entry is not None
    assert State.HELD is entry.state


def test_a_conflict_is_not_sent_again_unasked(small: World) -> None:
    """The next run reports the same conflict from the ledger."""
    small.person(
        "create_record",
        type="invoice",
        values={"entity": "98765", "trandate": "2026-08-01", "tranid": NUMBER},
        lines={"item": [{"item": "481", "quantity": 1, "rate": 5, "amount": 5}]},
    )
    first = small.sync("invoice", source=encoded(sample()))
    calls = small.simulator.parts.restlet.stats.operations["push"]

    second = small.sync("invoice", source=encoded(sample()))

    assert "held" == second.of(NUMBER).outcome
    assert first.of(NUMBER).failure is not None
    assert second.of(NUMBER).failure is not None
    assert first.of(NUMBER).failure.code == second.of(NUMBER).failure.code  # type: ignore[union-attr]
    assert calls == small.simulator.parts.restlet.stats.operations["push"]
