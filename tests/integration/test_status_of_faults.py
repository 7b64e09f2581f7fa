"""``lago-ns status`` alone tells of what takes time: slow and lost answers, stale look-ups, and what people did."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.doubt import LOOK_UPS
from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.workflows.status import Concern, read_status
from tests.campaigns.campaign import edit_customer
from tests.campaigns.stage import Stage
from tests.integration.test_doubts import PUSH_OF_THE_INVOICE, play
from tests.integration.test_merged_customers import CUSTOMER, KEY, merge
from tests.integration.test_status import NUMBER, check_it_helps

INVOICE = "lago:inv:00000011-0000-4000-8000-000000000011"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the ledger lies."""
    return tmp_path


def concern(stage: Stage, number: str = NUMBER) -> Concern:
    with stage.open_ledger() as ledger:
        return next(one for one in read_status(ledger, limit=100).concerns if one.number == number)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "slow", "seconds": 400},
        {"kind": "latency", "seconds": 400},
        {"kind": "commit_then_silence"},
        {"kind": "late_commit", "after_seconds": 900},
    ],
    ids=lambda fault: str(fault["kind"]),
)
def test_an_answer_that_never_came_in_time(folder: Path, fault: dict[str, Any]) -> None:
    """In doubt: when it is looked up next, and that nothing is to be done before."""

    async def scenario(stage: Stage) -> None:
        stage.plan_faults(None, {**fault, **PUSH_OF_THE_INVOICE})
        await stage.sync()

        one = concern(stage)

        check_it_helps(one)
        assert (State.IN_DOUBT, "answer_lost") == (one.state, one.code)
        assert "no answer within 330 s" in one.cause
        assert one.next_attempt_at is not None

    play(folder, scenario)


def test_a_look_up_that_answers_from_the_past(folder: Path) -> None:
    """What it does not see is not taken for absent: still in doubt, with the next look-up."""

    async def scenario(stage: Stage) -> None:
        stage.plan_faults(None, {"kind": "late_commit", "after_seconds": 350, **PUSH_OF_THE_INVOICE})
        await stage.sync()
        stage.plan_faults(None, {"kind": "stale_lookup", "seconds": 60})
        await asyncio.sleep(30)
        await stage.sync()

        one = concern(stage)

        check_it_helps(one)
        assert State.IN_DOUBT is one.state
        assert one.next_attempt_at is not None
        assert one.next_attempt_at > stage.clock.now()

    play(folder, scenario)


def test_a_customer_that_does_not_show_yet(folder: Path) -> None:
    """Its documents wait: for what, until when, and that nothing is to be done before."""

    async def scenario(stage: Stage) -> None:
        stage.plan_faults(None, {"kind": "stale_lookup", "seconds": 100})
        await asyncio.sleep(160)
        await stage.sync()

        one = concern(stage)

        check_it_helps(one)
        assert (State.WAITING, "customer_not_seen_yet") == (one.state, one.code)
        assert "does not show yet" in one.cause
        assert one.next_attempt_at is not None

    play(folder, scenario)


def test_a_record_that_others_keep_saving(folder: Path) -> None:
    """The customer's update lost the race each time: it is tried again by itself, and says when."""

    async def scenario(stage: Stage) -> None:
        await stage.sync()
        edit_customer(stage)
        (customer,) = stage.simulator.parts.organization.customers.page([], number=1, size=1).documents
        stage.plan_faults(None, {"kind": "record_changed", "operation": "push", "times": 3})
        await stage.sync()

        one = concern(stage, customer["external_id"])

        assert (State.PENDING, "RCRD_HAS_BEEN_CHANGED") == (one.state, one.code)
        assert one.cause
        assert one.next_attempt_at is not None

    play(folder, scenario)


def edit(stage: Stage) -> None:
    values = {"trandate": "2026-08-09"}
    stage.simulator.parts.people.perform("edit_record", {"type": "invoice", "key": INVOICE, "values": values})


def delete_the_customer(stage: Stage) -> None:
    stage.simulator.parts.people.perform("delete_record", {"type": "customer", "key": KEY})


def close(stage: Stage) -> None:
    stage.simulator.parts.people.perform("close_period", {"date": "2026-08-01"})


LINK = f"lago-ns sync customer --link {CUSTOMER}=<internal id>"


@pytest.mark.parametrize(
    ("deed", "code", "command"),
    [
        (merge, "customer_gone", LINK),
        (delete_the_customer, "customer_gone", LINK),
        (close, None, None),
    ],
    ids=["merged", "deleted", "closed"],
)
def test_what_a_person_did_before_the_document_came(
    folder: Path, deed: Callable[[Stage], object], code: str | None, command: str | None
) -> None:
    """Held; the command names the customer whose record somebody has to tell."""

    async def scenario(stage: Stage) -> None:
        await stage.sync((Kind.CUSTOMER,))
        await asyncio.sleep(LOOK_UPS[-1].total_seconds())  # until then it might only not show yet
        deed(stage)
        await stage.sync()

        one = concern(stage)

        assert State.HELD is one.state
        assert code in (None, one.code)
        assert command in (None, one.command)
        assert one.cause
        assert one.command

    play(folder, scenario)


def test_a_record_that_a_person_edited_while_it_was_in_doubt(folder: Path) -> None:
    """Held with its link: what differs, and the command once it was mended."""

    async def scenario(stage: Stage) -> None:
        stage.plan_faults(None, {"kind": "commit_then_silence", **PUSH_OF_THE_INVOICE})
        await stage.sync()
        stage.plan_faults()
        edit(stage)
        await asyncio.sleep(60)
        await stage.sync()

        one = concern(stage)

        check_it_helps(one)
        assert (State.HELD, "found_otherwise") == (one.state, one.code)
        assert "date is 2026-08-09 in NetSuite" in one.cause
        assert one.netsuite_id is not None

    play(folder, scenario)
