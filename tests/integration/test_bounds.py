"""Runs that are bounded: a dry run, and a run with ``--max-changes``."""

import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.records import record_as_json
from tests.integration.world import Tampering, World, encoded, sample


def test_a_dry_run_writes_nothing_anywhere(world: World) -> None:
    """The ledger's files and NetSuite's store are the same, byte for byte."""
    with world.open_ledger():
        pass
    ledger, store = world.ledger_files(), world.store()

    run = world.sync(dry_run=True)

    assert run.error is None
    assert run.plans
    assert [] == run.reports
    assert ledger == world.ledger_files()
    assert store == world.store()
    assert 0 == world.simulator.parts.restlet.stats.saves
    assert "push" not in world.simulator.parts.restlet.stats.operations


def test_a_dry_run_after_a_run_writes_nothing_either(world: World) -> None:
    """Also with entries, links and a bound organization in the ledger."""
    world.sync()
    ledger, store = world.ledger_files(), world.store()

    run = world.sync(dry_run=True)

    assert {"skip", "wait"} >= run.tally.by_outcome.keys()
    assert ledger == world.ledger_files()
    assert store == world.store()


@pytest.mark.parametrize("kinds", [("customer", "invoice"), ("invoice",)])
def test_a_dry_run_shows_what_a_run_then_sends(world: World, kinds: tuple[str, ...]) -> None:
    """The records of the plan are those that leave, but for references that do not exist yet."""
    planned = {
        one.planned.subject.key: record_as_json(one.planned.record)
        for one in world.sync(*kinds, dry_run=True).plans
        if one.planned.record is not None
    }
    transports: list[Tampering] = []

    def listening(inner: object) -> Tampering:
        transports.append(Tampering(inner))  # type: ignore[arg-type]
        return transports[-1]

    world.wrap = listening
    world.sync(*kinds)

    sent = {document["key"]: document for call in transports[0].pushes for document in call}
    assert planned.keys() == sent.keys()
    for key, record in planned.items():
        columns = dict(record["columns"])  # type: ignore[call-overload]
        if isinstance(columns.get("entity"), dict):
            assert {"key"} == columns["entity"].keys()
            assert columns["entity"]["key"] in sent
            columns["entity"] = sent[key]["columns"]["entity"]
        assert columns == sent[key]["columns"]
        assert record["lines"] == sent[key]["lines"]
        assert record.get("taxdetails") == sent[key].get("taxdetails")


def test_max_changes_bounds_what_is_written(world: World) -> None:
    """The rest is reported, not stored as failed, and goes with the next run."""
    whole = world.sync(dry_run=True).tally.by_outcome["create"]

    first = world.sync(max_changes=3)
    records = len(world.records("customer")) + len(world.records("invoice"))
    second = world.sync()

    assert 3 == first.tally.writes
    assert whole - 3 <= first.tally.by_outcome["not_attempted"] + first.tally.by_outcome.get("waiting", 0)
    assert 3 + 1 == records  # and the customer that is in the account from the start
    assert whole - 3 == second.tally.writes
    assert not world.entries(State.HELD)


def test_max_changes_zero_writes_nothing(world: World) -> None:
    """Everything is decided and nothing is sent."""
    store = world.store()

    run = world.sync(max_changes=0)

    assert 0 == run.tally.writes
    assert store == world.store()


def test_a_dry_run_trusts_lagos_own_link(small: World) -> None:
    """A linked customer shows as its NetSuite id, without a call that writes."""
    run = small.sync("invoice", source=encoded(sample()), dry_run=True)

    invoice = next(one.planned for one in run.plans if one.planned.subject.kind == "invoice")
    assert invoice.record is not None
    assert "98765" == record_as_json(invoice.record)["columns"]["entity"]  # type: ignore[index]
