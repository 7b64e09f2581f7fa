"""Look-ups that are behind: a record that we have just written is given time before it counts as gone."""

import asyncio
from pathlib import Path

import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.doubt import LOOK_UPS
from lago_ns_cli.domain.identifiers import Kind
from tests.campaigns.stage import Stage
from tests.integration.test_doubts import (
    CRON_SECONDS,
    assert_nothing_is_written,
    assert_once_each,
    entry,
    play,
    run_until_settled,
)
from tests.integration.test_merged_customers import KEY as CUSTOMER
from tests.integration.test_merged_customers import delete


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the ledger lies."""
    return tmp_path


def lag(stage: Stage, seconds: int) -> None:
    stage.plan_faults(None, {"kind": "stale_lookup", "seconds": seconds})


def test_a_customer_that_does_not_show_yet_is_looked_up_again_in_the_same_run(folder: Path) -> None:
    """Its invoice goes half a minute later; nobody is asked for anything."""

    async def scenario(stage: Stage) -> None:
        lag(stage, 20)
        await asyncio.sleep(60)

        ended = await stage.sync()

        assert ["waiting", "created"] == [one.outcome for one in ended.reports if one.kind == "invoice"]
        assert State.POSTED is entry(stage).state
        assert_once_each(stage)
        await assert_nothing_is_written(stage)

    play(folder, scenario)


@pytest.mark.parametrize("seconds", [100, 500])
def test_a_long_lag_is_waited_out_over_runs(folder: Path, seconds: int) -> None:
    """The document waits, says when it is looked at next, and is never held."""

    async def scenario(stage: Stage) -> None:
        lag(stage, seconds)
        await asyncio.sleep(seconds + 60)
        await stage.sync()

        waiting = entry(stage)
        assert (State.WAITING, "customer_not_seen_yet") == (waiting.state, waiting.code)
        assert waiting.next_attempt_at is not None
        assert waiting.next_attempt_at > stage.clock.now()

        await run_until_settled(stage)
        assert_once_each(stage)
        await assert_nothing_is_written(stage)

    play(folder, scenario)


def test_a_customer_that_was_deleted_at_once_is_gone_after_the_last_look_up(folder: Path) -> None:
    """A52: waiting has an end, and then it is said what a person has to do; no second customer is made."""

    async def scenario(stage: Stage) -> None:
        await stage.sync((Kind.CUSTOMER,))
        began = stage.clock.now()
        delete(stage, CUSTOMER)

        for _ in range(8):
            await stage.sync()
            if entry(stage).state is State.HELD:
                break
            assert "customer_not_seen_yet" == entry(stage).code
            await asyncio.sleep(CRON_SECONDS)

        assert (State.HELD, "customer_gone") == (entry(stage).state, entry(stage).code)
        assert LOOK_UPS[-1].total_seconds() <= (stage.clock.now() - began).total_seconds() <= 1_500
        assert CUSTOMER not in {
            one["externalid"] for one in stage.simulator.parts.account.records("customer")
        }

    play(folder, scenario)


def test_an_invoice_that_does_not_show_yet_keeps_its_credit_note_waiting(folder: Path) -> None:
    """The same for a memo's invoice: once everything shows, all of it is posted, once each."""

    async def scenario(stage: Stage) -> None:
        lag(stage, 200)
        await asyncio.sleep(260)

        first = await stage.sync()
        for _ in range(6):
            await asyncio.sleep(CRON_SECONDS)
            await stage.sync()

        told = {one.failure.code for one in first.reports if one.failure is not None}
        assert "customer_not_seen_yet" in told
        assert not {"parent_not_found", "customer_gone"} & {one.code for one in stage.entries()}
        assert set() == {one.number for one in stage.entries(State.HELD, State.WAITING, State.PENDING)}
        assert_once_each(stage)

    play(folder, scenario, invoices=8, customers=2)
