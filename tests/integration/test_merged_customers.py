"""A customer that a person merges into another record in NetSuite: held, told, and never made anew."""

import asyncio
from pathlib import Path

import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.doubt import LOOK_UPS
from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.simulator.netsuite.values import Value
from tests.campaigns.stage import Stage
from tests.integration.test_doubts import (
    PUSH_OF_THE_INVOICE,
    assert_nothing_is_written,
    assert_once_each,
    entry,
    invoices,
    play,
    run_until_settled,
)

CUSTOMER = "cust_0042"
KEY = "lago:cus:000000c1-0000-4000-8000-0000000000c1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the ledger lies."""
    return tmp_path


def merge(stage: Stage) -> str:
    """Let somebody merge our customer into a record that was there before it."""
    people = stage.simulator.parts.people
    values: dict[str, Value] = {"companyname": "Hooli, as it was called", "subsidiary": "2"}
    into = people.perform("create_record", {"type": "customer", "values": values})
    assert into is not None
    people.perform("merge_customers", {"key": KEY, "into": into})
    return into


def delete(stage: Stage, key: str) -> None:
    """Let somebody delete a customer."""
    stage.simulator.parts.people.perform("delete_record", {"type": "customer", "key": key})


def customers(stage: Stage) -> list[str]:
    return [str(one["id"]) for one in stage.simulator.parts.account.records("customer")]


def test_documents_of_a_merged_customer_are_held_until_its_record_is_named(folder: Path) -> None:
    """A52: no second customer is made; the hint is the re-link, and after it the document goes."""

    async def scenario(stage: Stage) -> None:
        await stage.sync((Kind.CUSTOMER,))
        await asyncio.sleep(LOOK_UPS[-1].total_seconds())  # until then it might only not show yet
        into = merge(stage)
        known = customers(stage)

        ended = await stage.sync()

        held = next(one for one in ended.reports if one.kind == "invoice")
        assert held.failure is not None
        assert ("held", "customer_gone") == (held.outcome, held.failure.code)
        assert f"lago-ns sync customer --link {CUSTOMER}=<internal id>" == held.failure.hint
        assert known == customers(stage)

        await stage.link_customer(CUSTOMER, into)
        await run_until_settled(stage)

        assert [into] == [one["entity"] for one in invoices(stage)]
        assert_once_each(stage)
        await assert_nothing_is_written(stage)

    play(folder, scenario)


def test_a_document_in_doubt_is_found_under_the_record_its_customer_was_merged_into(folder: Path) -> None:
    """NetSuite moved it there; until the customer is linked anew a person looks, and then it is as meant."""

    async def scenario(stage: Stage) -> None:
        stage.plan_faults(None, {"kind": "commit_then_silence", **PUSH_OF_THE_INVOICE})
        await stage.sync()
        stage.plan_faults()
        into = merge(stage)
        await run_until_settled(stage)
        assert (State.HELD, "found_otherwise") == (entry(stage).state, entry(stage).code)

        await stage.link_customer(CUSTOMER, into)
        await stage.replay_held()

        assert State.POSTED is entry(stage).state
        assert [into] == [one["entity"] for one in invoices(stage)]
        assert_once_each(stage)
        await assert_nothing_is_written(stage)

    play(folder, scenario)
