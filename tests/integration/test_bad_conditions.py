"""Bad conditions: one document, one call or one customer is in trouble, and the rest flows on."""

import asyncio
import json
from collections.abc import Callable, Collection, Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.simulator.options import WorldOptions
from lago_ns_cli.simulator.virtual_time import VirtualClock, run_virtually
from lago_ns_cli.workflows.pacing import Pacer
from lago_ns_cli.workflows.push import PushSettings
from tests.campaigns.books import read_store
from tests.campaigns.stage import Stage
from tests.integration.world import World

TIMEOUT_SECONDS = 330


class KilledOver(httpx.AsyncBaseTransport):
    """NetSuite ends the script over some documents: what the call had saved before stays saved.

    Attributes:
        calls: The keys of every push that was sent.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, poison: Collection[str], code: str) -> None:
        self._inner = inner
        self._poison = frozenset(poison)
        self._code = code
        self.calls: list[list[str]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(await request.aread())
        if asked["operation"] != "push":
            return await self._inner.handle_async_request(request)
        keys = [document["key"] for document in asked["documents"]]
        self.calls.append(keys)
        at = next((at for at, key in enumerate(keys) if key in self._poison), None)
        if at is None:
            return await self._inner.handle_async_request(request)
        if at:
            before = {**asked, "documents": asked["documents"][:at]}
            headers = {k: v for k, v in request.headers.items() if k != "content-length"}
            await self._inner.handle_async_request(
                httpx.Request("POST", request.url, headers=headers, json=before)
            )
        return httpx.Response(400, json={"error": {"code": self._code, "message": "The script was ended."}})


@pytest.mark.parametrize("code", ["SSS_USAGE_LIMIT_EXCEEDED", "SSS_TIME_LIMIT_EXCEEDED"])
@pytest.mark.parametrize("poisonous", [1, 2])
def test_a_document_that_ends_the_script_is_found_and_held(world: World, code: str, poisonous: int) -> None:
    """The batch is looked up, the suspect goes alone, and only it is held; nothing is sent twice."""
    world.push = PushSettings(batch=20, concurrency=1)
    world.sync("customer")
    plans = world.sync("invoice", dry_run=True).plans
    meant = [one.planned.subject.key for one in plans if one.planned.action == "create"]
    poison = set(meant[2 : 2 + poisonous])
    wires: list[KilledOver] = []

    def killing(inner: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        wires.append(KilledOver(inner, poison, code))
        return wires[-1]

    world.wrap = killing
    run = world.sync("invoice")
    again = world.sync("invoice")

    held = world.entries(State.HELD)
    assert (None, None) == (run.error, again.error)
    assert poison == {entry.key for entry in held}
    assert {"script_ended"} == {entry.code for entry in held}
    assert set(meant) - poison == {record["externalid"] for record in world.records("invoice")}
    assert len(meant) - poisonous == len(world.records("invoice"))
    for key in poison:
        alone = [call for call in wires[0].calls if key in call]
        assert [key] == alone[-1]
        assert 2 <= len(alone) <= 3
    assert [] == [call for call in wires[1].calls if poison.intersection(call)]

    world.wrap = lambda inner: inner
    assert poisonous == len(world.entries(State.HELD))


def test_what_a_script_had_no_time_for_goes_in_the_same_run(tmp_path: Path) -> None:
    """Forty seconds a record: a call gets five done, the rest goes again, and later calls are small."""
    world = World(tmp_path, invoices=12, customers=4, cost_ms_per_record=40_000)
    world.push = PushSettings(batch=20, concurrency=1)

    run = world.sync("invoice")

    assert (None, 0) == (run.error, run.tally.needs_attention)
    assert not world.entries(State.PENDING, State.HELD, State.IN_DOUBT)
    assert {0} == {entry.attempts for entry in world.entries(State.POSTED)}
    keys = [record["externalid"] for record in world.records("invoice")]
    assert len(set(keys)) == len(keys) == run.outcomes("invoice").count("created")


Scenario = Callable[[Stage], Coroutine[Any, Any, None]]


def play(folder: Path, scenario: Scenario, push: PushSettings, **options: Any) -> None:
    async def main(clock: VirtualClock) -> None:
        world = WorldOptions(**{"invoices": 40, "customers": 12, "latency_ms": 200, **options})
        stage = Stage(folder, clock, world, push)
        await scenario(stage)
        await stage.simulator.settle()
        stage.close()

    run_virtually(main)


def test_a_call_without_an_answer_stops_only_its_own_customers(tmp_path: Path) -> None:
    """One push is taken and never answered: all others are posted long before it is given up."""

    async def scenario(stage: Stage) -> None:
        await stage.sync((Kind.CUSTOMER,))
        stage.plan_faults(None, {"kind": "commit_then_silence", "operation": "push", "calls": [2]})
        run = asyncio.ensure_future(stage.sync((Kind.INVOICE,)))
        await asyncio.sleep(TIMEOUT_SECONDS / 2)

        under_way = stage.entries(State.SENDING)
        posted = len(stage.simulator.parts.account.records("invoice"))
        ended = await run

        doubtful = stage.entries(State.IN_DOUBT)
        stuck = {entry.customer_id for entry in under_way}
        assert ended.error is None
        assert 0 < len(doubtful) <= 3
        assert [entry.key for entry in under_way] == [entry.key for entry in doubtful]
        late = stage.simulator.parts.account.records("invoice")[posted:]
        late_keys = {record["externalid"] for record in late}
        assert stuck >= {entry.customer_id for entry in stage.entries() if entry.key in late_keys}
        assert posted > 20
        waiting = stage.entries(State.PENDING, State.WAITING)
        assert "invoice" not in {entry.kind for entry in waiting}

    play(tmp_path, scenario, PushSettings(batch=3, concurrency=4))


def test_latency_that_jumps_twentyfold_stops_nothing(tmp_path: Path) -> None:
    """Calls become slow in the middle of a run: batches become small, and everything is posted."""

    async def scenario(stage: Stage) -> None:
        sizes: list[int] = []
        stage.look = lambda asked: sizes.append(len(asked["documents"]))
        slow = {"kind": "slow", "operation": "push", "seconds": 90, "calls": list(range(3, 60))}
        stage.plan_faults(None, slow)
        ended = await stage.sync()

        assert ended.error is None
        assert not stage.entries(State.PENDING, State.IN_DOUBT, State.HELD)
        assert max(sizes[-5:]) < max(sizes)
        assert () == read_store(stage.simulator).twice

    play(tmp_path, scenario, PushSettings(batch=20, concurrency=3))


def test_a_burst_of_refused_logins_is_probed_once_for_all(tmp_path: Path) -> None:
    """An overloaded account refuses five valid logins at once: one probe, fewer calls, nothing lost."""

    async def scenario(stage: Stage) -> None:
        pings = stage.simulator.parts.restlet.stats.operations
        stage.plan_faults(None, {"kind": "false_login", "operation": "push", "calls": [1, 2, 3, 4, 5]})
        ended = await stage.sync()

        assert ended.error is None
        assert 2 == pings["ping"]  # the greeting, and the probe
        assert not stage.entries(State.PENDING, State.IN_DOUBT, State.HELD)
        assert {0} == {entry.attempts for entry in stage.entries(State.POSTED)}

    play(tmp_path, scenario, PushSettings(batch=1, concurrency=5))


def test_beside_another_program_everything_is_posted(tmp_path: Path) -> None:
    """Another program holds four of five places: the window ends at one, and few calls are refused."""

    async def scenario(stage: Stage) -> None:
        gate = stage.simulator.parts.restlet.gate
        gate.change(held_by_others=4)
        ended = await stage.sync()

        calls = stage.simulator.parts.restlet.stats.calls
        assert ended.error is None
        assert 1 == gate.most_at_once
        assert gate.rejections / calls <= 0.12  # the first calls, among so few, count for much
        assert not stage.entries(State.PENDING, State.IN_DOUBT, State.HELD)

    play(tmp_path, scenario, PushSettings(batch=1, concurrency=5))


def test_a_place_is_given_back_by_whoever_waits_no_more() -> None:
    """A read that is cancelled while it waits, or as it gets its place, leaves no place taken."""

    async def main(_clock: VirtualClock) -> None:
        pacer = Pacer(most=1, known_limit=1)
        pacer.take()
        waiting = [asyncio.ensure_future(pacer.acquire()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        pacer.answered()
        waiting[1].cancel()
        await asyncio.gather(*waiting[:2], return_exceptions=True)
        await waiting[2]
        assert 1 == pacer.pace.in_flight
        pacer.answered()
        assert (0, 1) == (pacer.pace.in_flight, pacer.free)
        pacer.close()

    run_virtually(main)
