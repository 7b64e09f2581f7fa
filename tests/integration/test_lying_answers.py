"""Answers that say something else than what happened, and documents that change while nobody knows what happened."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from lago_ns_cli.domain.attempts import State
from tests.campaigns.books import read_store
from tests.campaigns.stage import Stage
from tests.integration.test_doubts import (
    INVOICE,
    PUSH_OF_THE_INVOICE,
    assert_nothing_is_written,
    assert_once_each,
    entry,
    invoices,
    play,
    pushes,
    run_until_settled,
)
from tests.integration.world import Tampering, World, alone, sample

NUMBER = "ACM-1F2E-042-008"

Row = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the ledger lies."""
    return tmp_path


class Saying(httpx.AsyncBaseTransport):
    """Lets pushes of invoices happen, and answers them with something else."""

    def __init__(self, inner: httpx.AsyncBaseTransport, body: bytes) -> None:
        self._inner = inner
        self._body = body

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(await request.aread())
        response = await self._inner.handle_async_request(request)
        if asked["operation"] == "push" and asked["documents"][0]["type"] == "invoice":
            return httpx.Response(200, content=self._body)
        return response


def settle(world: World) -> None:
    """Look at what is in doubt when its time has come."""
    asyncio.run(world.clock.sleep(60))
    world.sync()


@pytest.mark.parametrize(
    "body",
    [b'"200001"', b"200001", b"<html>502 Bad Gateway</html>", b'"error code: UNEXPECTED_ERROR"', b"", b"[]"],
)
def test_a_text_with_status_200_is_never_an_id(small: World, body: bytes) -> None:
    """A2, A6: in doubt, without a link; the look-up finds the one record."""
    small.add(invoices=[alone(sample())])
    small.wrap = lambda inner: Saying(inner, body)
    small.sync()
    doubtful = small.entry(INVOICE)
    assert doubtful is not None
    assert (State.IN_DOUBT, None) == (doubtful.state, doubtful.netsuite_id)

    small.wrap = lambda inner: inner
    settle(small)

    found = small.entry(INVOICE)
    assert found is not None
    assert [found.netsuite_id] == [one["id"] for one in small.records("invoice")]
    assert State.POSTED is found.state


def answering(**changes: Any) -> Callable[[Row, Row], Row]:
    """Change the outcome of the invoice, which was saved."""

    def after(asked: Row, answer: Row) -> Row:
        for document in answer.get("documents", ()) if asked["operation"] == "push" else ():
            if document["key"] == INVOICE:
                document |= changes
        return answer

    return after


def test_a_failure_that_brings_an_id_is_not_posted_until_it_was_read(small: World) -> None:
    """A7: a flag that says no beside an id that says yes: no link is taken from it."""
    error = {"code": "UNEXPECTED_ERROR", "message": "An unexpected error has occurred."}
    small.add(invoices=[alone(sample())])
    small.wrap = lambda inner: Tampering(inner, after=answering(outcome="rejected", error=error, record=None))
    small.sync()
    doubtful = small.entry(INVOICE)
    assert doubtful is not None
    assert (State.IN_DOUBT, None) == (doubtful.state, doubtful.netsuite_id)

    small.wrap = lambda inner: inner
    settle(small)

    assert [State.POSTED] == [one.state for one in small.entries() if one.key == INVOICE]
    assert 1 == len(small.records("invoice"))


@pytest.mark.parametrize("missing", ["id", "record"])
def test_a_success_that_does_not_say_what_was_made_is_looked_up(small: World, missing: str) -> None:
    """A9: nobody could read it back, so it is in doubt and not posted."""
    small.add(invoices=[alone(sample())])
    small.wrap = lambda inner: Tampering(inner, after=answering(**{missing: None}))
    small.sync()
    doubtful = small.entry(INVOICE)
    assert doubtful is not None
    assert State.IN_DOUBT is doubtful.state

    small.wrap = lambda inner: inner
    settle(small)

    found = small.entry(INVOICE)
    assert found is not None
    assert (State.POSTED, [found.netsuite_id]) == (
        found.state,
        [one["id"] for one in small.records("invoice")],
    )


@pytest.mark.parametrize("unique", [True, False])
@pytest.mark.parametrize("after", [timedelta(seconds=1), timedelta(hours=25), timedelta(days=400)], ids=str)
def test_a_repeat_makes_no_second_record_however_late_it_comes(
    folder: Path, after: timedelta, *, unique: bool
) -> None:
    """A18: neither with the ledger, which does not know the outcome, nor with one that knows nothing."""

    async def scenario(stage: Stage) -> None:
        stage.plan_faults(None, {"kind": "reset", "executed": True, **PUSH_OF_THE_INVOICE})
        await stage.sync()
        stage.plan_faults()
        await asyncio.sleep(after.total_seconds())
        await run_until_settled(stage)
        assert_once_each(stage)

        stage.lose_ledger()
        await asyncio.sleep(after.total_seconds())
        await run_until_settled(stage)
        assert_once_each(stage)
        await assert_nothing_is_written(stage)

    play(folder, scenario, unique=unique)


@pytest.mark.parametrize("executed", [True, False])
def test_a_number_that_changes_between_attempts_makes_one_invoice(folder: Path, *, executed: bool) -> None:
    """A20: the key has no part of the number; where nothing was saved, the new number goes."""

    async def scenario(stage: Stage) -> None:
        sent = pushes(stage)
        stage.plan_faults(None, {"kind": "reset", "executed": executed, **PUSH_OF_THE_INVOICE})
        await stage.sync()
        stage.plan_faults()
        changed = {**alone(sample()), "number": f"{NUMBER}-NEW"}
        stage.simulator.parts.organization.add_documents({"invoices": [changed]})
        await run_until_settled(stage)

        kept = NUMBER if executed else f"{NUMBER}-NEW"
        assert [kept] == [one["tranid"] for one in invoices(stage)]
        assert {INVOICE} == {key for keys in sent for key in keys if key.startswith("lago:inv:")}
        assert State.POSTED is entry(stage).state
        assert_once_each(stage)
        await assert_nothing_is_written(stage)

    play(folder, scenario, unique=False)


def test_restart_and_another_day_leave_the_key_as_it_is(folder: Path) -> None:
    """A16: each attempt is of another process, a day later."""

    async def scenario(stage: Stage) -> None:
        sent = pushes(stage)
        for _ in range(3):
            stage.plan_faults(None, {"kind": "reset", "operation": "push"})
            await stage.sync()
            await asyncio.sleep(timedelta(days=1).total_seconds())
        stage.plan_faults()
        await run_until_settled(stage)

        keys = {key for keys in sent for key in keys}
        assert {INVOICE} == {key for key in keys if key.startswith("lago:inv:")}
        assert keys <= read_store(stage.simulator).books.keys()
        assert_once_each(stage)

    play(folder, scenario)


@pytest.mark.parametrize("operation", ["ping", "describe", "find", "push"])
@pytest.mark.parametrize("status", [400, 429])
def test_a_limit_is_waited_for_at_every_call(folder: Path, operation: str, status: int) -> None:
    """A25: whatever the call, and whatever the shape of the refusal; the run goes to its end."""
    rule = {"kind": "limit"} if status == 400 else {"kind": "status", "status": 429, "retry_after": 2}

    async def scenario(stage: Stage) -> None:
        stage.plan_faults(None, {**rule, "operation": operation, "count": 2})
        ended = await stage.sync()

        assert ended.error is None
        assert 2 == sum(stage.simulator.parts.faults.injected.values())
        assert_once_each(stage)

    play(folder, scenario)
