"""Documents dated in closed periods, by declared policy."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.periods import ClosedPeriodPolicy
from lago_ns_cli.simulator.netsuite.switches import Switches
from lago_ns_cli.workflows.fetch_catalog import fetch_netsuite_catalog
from tests.integration.policies import PolicyWorld, hooli
from tests.integration.world import Tampering, encoded, sample

KEY = "lago:inv:00000011-0000-4000-8000-000000000011"
NUMBER = "ACM-1F2E-042-008"


def world_with(tmp_path: Path, policy: ClosedPeriodPolicy, **options: Any) -> PolicyWorld:
    world = PolicyWorld(tmp_path, invoices=0, customers=1, **options)
    world.closed_periods = policy
    return world


def period_named(world: PolicyWorld, name: str) -> str:
    row = world.simulator.parts.account.store.one(
        "SELECT id FROM accountingperiod WHERE periodname = ?", (name,)
    )
    assert row is not None
    return str(row[0])


def test_an_open_period_is_left_to_the_date(tmp_path: Path) -> None:
    """No period is set, and the read-back agrees."""
    world = world_with(tmp_path, ClosedPeriodPolicy.NEXT_OPEN)
    world.sync("invoice", source=encoded(hooli()))

    [invoice] = world.records("invoice")
    assert period_named(world, "Aug 2026") == str(invoice["postingperiod"])


@pytest.mark.parametrize("shut", ["close_period", "lock_receivables"])
def test_a_closed_period_moves_the_posting_and_keeps_the_date(tmp_path: Path, shut: str) -> None:
    """A46: ``next_open``: the date stays Lago's, the period is the first open one, and it is said."""
    world = world_with(tmp_path, ClosedPeriodPolicy.NEXT_OPEN)
    world.person(shut, date="2026-08-01")
    world.person(shut, date="2026-09-01")
    report = world.sync("invoice", source=encoded(hooli())).of(NUMBER)

    [invoice] = world.records("invoice")
    assert "created" == report.outcome
    assert ("2026-08-01", period_named(world, "Oct 2026")) == (
        invoice["trandate"],
        str(invoice["postingperiod"]),
    )
    assert "period_moved" in {notice.code for notice in report.notices}


def test_a_closed_period_holds_the_document_before_it_is_sent(tmp_path: Path) -> None:
    """A46: ``hold``, where the periods are known: the period is named and nothing leaves."""
    world = world_with(tmp_path, ClosedPeriodPolicy.HOLD)
    keep_catalog(world)
    world.person("close_period", date="2026-08-01")
    report = world.sync("invoice", source=encoded(hooli())).of(NUMBER)

    assert report.failure is not None
    assert ("held", "closed_period") == (report.outcome, report.failure.code)
    assert "Aug 2026" in report.failure.message
    assert [] == world.records("invoice")


def test_a_held_document_goes_once_its_period_is_open_again(tmp_path: Path) -> None:
    """Periods are read anew in every run."""
    world = world_with(tmp_path, ClosedPeriodPolicy.HOLD)
    keep_catalog(world)
    world.person("close_period", date="2026-08-01")
    first = world.sync("invoice", source=encoded(hooli())).of(NUMBER)
    world.person("open_period", date="2026-08-01")
    second = world.sync("invoice", source=encoded(hooli())).of(NUMBER)

    assert ("held", "created") == (first.outcome, second.outcome)


def test_a_silent_move_by_netsuite_is_noticed_on_the_read_back(tmp_path: Path) -> None:
    """A46: the period closes after the run has begun, and NetSuite moves the document without a word."""
    world = world_with(tmp_path, ClosedPeriodPolicy.HOLD, switches=Switches(closed_period_moves=True))
    keep_catalog(world)

    def close_the_books(asked: Mapping[str, Any]) -> None:
        if asked["operation"] == "push":
            world.person("close_period", date="2026-08-01")

    world.wrap = lambda transport: Tampering(transport, before=close_the_books)
    report = world.sync("invoice", source=encoded(hooli())).of(NUMBER)
    entry = world.entry(KEY)

    assert report.failure is not None
    assert ("held", "read_back_differs") == (report.outcome, report.failure.code)
    assert "posting period" in report.failure.message
    assert entry is not None
    assert State.HELD is entry.state
    assert entry.netsuite_id is not None


def keep_catalog(world: PolicyWorld) -> None:
    """Fetch NetSuite's catalog, as ``fetch-catalog`` does."""

    async def fetch() -> None:
        netsuite = world._netsuite()
        try:
            with world.open_ledger() as ledger:
                await fetch_netsuite_catalog(netsuite, ledger, world.clock)
        finally:
            await netsuite.aclose()

    asyncio.run(fetch())


@pytest.mark.parametrize("policy", list(ClosedPeriodPolicy))
def test_a_payment_in_a_closed_period_follows_the_policy_too(
    tmp_path: Path, policy: ClosedPeriodPolicy
) -> None:
    """A46: made on 14 August: held with the period's name, or moved with its date kept."""
    world = world_with(tmp_path, policy)
    keep_catalog(world)
    world.sync("invoice", source=encoded(hooli()))
    world.person("close_period", date="2026-08-01")
    paid = sample("hooli_payment_manual")
    named = Selection(ids=(paid["payment"]["lago_id"],))
    report = world.sync("payment", source=encoded(paid), selection=named).reports[-1]
    payments = world.records("customerpayment")

    if policy is ClosedPeriodPolicy.HOLD:
        assert report.failure is not None
        assert ("held", "closed_period") == (report.outcome, report.failure.code)
        assert "Aug 2026" in report.failure.message
        assert [] == payments
    else:
        assert "created" == report.outcome
        assert "period_moved" in {notice.code for notice in report.notices}
        assert [("2026-08-14", period_named(world, "Sep 2026"))] == [
            (one["trandate"], str(one["postingperiod"])) for one in payments
        ]
