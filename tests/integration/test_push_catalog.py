"""Lago's objects in NetSuite: in batches, through budgets, and once each, whatever becomes of an answer."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.audit import AuditEvent, AuditQuery
from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.identifiers import InternalId
from lago_ns_cli.domain.lago_objects import LagoObject, StoredObject
from lago_ns_cli.ledger.processes import this_process
from lago_ns_cli.workflows.push_catalog import (
    ObjectsRun,
    ObjectsStored,
    plan_lago_objects,
    store_lago_objects,
)
from tests.integration.world import World, _is_dead

ORGANIZATION = "org-1"
RECORD = "customrecord_lago_object"
QUARANTINE = timedelta(seconds=960)


@pytest.fixture
def world(tmp_path: Any) -> World:
    return World(tmp_path, invoices=1, customers=1)


def catalog(world: World, codes: Sequence[str]) -> Catalog:
    rows = [{"lago_id": f"id-{code}", "code": code, "name": code} for code in codes]
    return Catalog("lago", world.clock.now(), {"coupons": rows})


def push(
    world: World, codes: Sequence[str], organization: str = ORGANIZATION, netsuite: Any = None
) -> ObjectsStored:
    """Push as the command does: hold the account, list, store."""

    async def whole() -> ObjectsStored:
        client = netsuite or world._netsuite()
        with world.open_ledger() as ledger:
            ledger.acquire_lease(this_process("run"), "push", world.clock.now(), is_alive=_is_dead)
            run = ObjectsRun(netsuite=client, ledger=ledger, clock=world.clock, quarantine=QUARANTINE)
            try:
                plan = await plan_lago_objects(catalog(world, codes), client, organization)
                return await store_lago_objects(plan, run)
            finally:
                await client.aclose()
                ledger.release_lease()

    return asyncio.run(whole())


def counts(told: ObjectsStored) -> tuple[int, int, int, int, int]:
    return told.created, told.updated, told.deactivated, told.unchanged, len(told.failures)


def entry(world: World, code: str) -> Entry:
    found = world.entry(f"lago:obj:id-{code}")
    assert found is not None
    return found


def stored_codes(world: World) -> list[str]:
    return sorted(str(one["custrecord_lago_object_code"]) for one in world.records(RECORD))


def trail(world: World) -> list[tuple[str, str | None, str | None]]:
    with world.open_ledger() as ledger:
        return [(one.event.value, one.key, one.detail) for one in ledger.trail.entries()]


def test_a_second_push_writes_nothing_and_what_is_gone_is_retired(world: World) -> None:
    """Gone is inactive, not deleted, and comes back under the same id."""
    assert (3, 0, 0, 0, 0) == counts(push(world, ["a", "b", "c"]))
    before = world.records(RECORD)
    told = trail(world)
    assert (0, 0, 0, 3, 0) == counts(push(world, ["a", "b", "c"]))
    assert before == world.records(RECORD)
    assert told == trail(world)
    assert (0, 0, 1, 2, 0) == counts(push(world, ["a", "b"]))
    assert (0, 0, 0, 2, 0) == counts(push(world, ["a", "b"]))
    assert (0, 1, 0, 2, 0) == counts(push(world, ["a", "b", "c"]))
    assert [one["id"] for one in before] == [one["id"] for one in world.records(RECORD)]


def test_each_write_has_its_intent_before_and_its_outcome_after(world: World) -> None:
    """The trail tells what was sent and which record came of it."""
    push(world, ["a"])

    [record] = world.records(RECORD)
    with world.open_ledger() as ledger:
        intent, outcome = ledger.trail.entries(AuditQuery(document="lago:obj:id-a"))
    assert [AuditEvent.INTENT, AuditEvent.OUTCOME] == [intent.event, outcome.event]
    assert ("create", "coupon:a") == (intent.detail, intent.number)
    assert "a" == intent.told()["payload"]["code"]  # type: ignore[index]
    assert ("accepted", "posted", str(record["id"])) == (outcome.detail, outcome.state, outcome.netsuite_id)


def test_two_organizations_share_an_account_and_leave_each_other_alone(world: World) -> None:
    """One organization's push does not retire the other's objects."""
    push(world, ["a"], "org-1")

    assert (1, 0, 0, 0, 0) == counts(push(world, ["b"], "org-2"))
    assert [False, False] == [one["isinactive"] for one in world.records(RECORD)]


def test_a_lost_answer_is_looked_for_and_makes_no_second_record(world: World) -> None:
    """Written, and nobody was told: in doubt, then found, without a write."""
    world.plan_faults({"kind": "reset", "when": "after_body", "executed": True, "operation": "store"})
    lost = push(world, ["a", "b"])
    doubtful = entry(world, "a").state
    world.plan_faults({"kind": "status", "status": 503, "operation": "store"})  # a write would fail
    found = push(world, ["a", "b"])

    assert (["in_doubt", "in_doubt"], State.IN_DOUBT) == ([one.code for one in lost.waiting], doubtful)
    assert (2, (0, 0, 0, 2, 0)) == (found.found, counts(found))
    assert ["a", "b"] == stored_codes(world)
    assert (State.POSTED, str(world.records(RECORD)[0]["id"])) == (
        entry(world, "a").state,
        entry(world, "a").netsuite_id,
    )


def test_what_never_arrived_is_sent_again_only_after_the_quarantine(world: World) -> None:
    """Until then NetSuite might still carry it out."""
    world.plan_faults({"kind": "reset", "when": "after_body", "executed": False, "operation": "store"})
    push(world, ["a"])
    world.plan_faults()

    world.clock.go(QUARANTINE / 2)
    early = push(world, ["a"])
    nothing = stored_codes(world)
    world.clock.go(QUARANTINE / 2)
    late = push(world, ["a"])

    assert ((0, 0, 0, 0, 0), 1, []) == (counts(early), len(early.waiting), nothing)
    assert ((1, 0, 0, 0, 0), 0) == (counts(late), len(late.waiting))
    assert ["a"] == stored_codes(world)


class Dying:
    """NetSuite whose caller's process dies in the middle of a call: before it leaves, or after it was carried out."""

    def __init__(self, world: World, *, executed: bool) -> None:
        self._client = world._netsuite()
        self._executed = executed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def store_objects(self, objects: Sequence[LagoObject]) -> Sequence[StoredObject]:
        if self._executed:
            await self._client.store_objects(objects)
        raise KeyboardInterrupt


@pytest.mark.parametrize("executed", [False, True])
def test_a_process_that_died_in_between_leaves_a_question_not_a_gap(world: World, executed: bool) -> None:
    """The intent is on disk; the next push looks before it writes, and one record comes of it."""
    with suppress(KeyboardInterrupt):
        push(world, ["a"], netsuite=Dying(world, executed=executed))
    left = entry(world, "a").state
    push(world, ["a"])
    world.clock.go(QUARANTINE)
    push(world, ["a"])

    assert State.SENDING is left
    assert ["a"] == stored_codes(world)
    assert State.POSTED is entry(world, "a").state


def test_a_list_that_lags_behind_makes_no_second_record(world: World) -> None:
    """What the ledger knows as stored is missed for a while before it is made anew."""
    world.plan_faults({"kind": "stale_lookup", "seconds": 60, "operation": "list", "calls": [2]})
    push(world, ["a"])
    identity = entry(world, "a").netsuite_id
    world.clock.go(timedelta(seconds=1))
    lagging = push(world, ["a"])
    world.plan_faults()
    world.clock.go(timedelta(seconds=60))
    push(world, ["a"])

    assert (["object_missing"], (0, 0, 0, 0, 0)) == (
        [one.code for one in lagging.waiting],
        counts(lagging),
    )
    assert ["a"] == stored_codes(world)
    assert (State.POSTED, identity) == (entry(world, "a").state, entry(world, "a").netsuite_id)


def test_a_record_that_a_person_deleted_is_made_anew_after_the_quarantine(world: World) -> None:
    """And its new id takes the place of the old one."""
    push(world, ["a"])
    world.person("delete_record", type=RECORD, id=entry(world, "a").netsuite_id)
    missed = push(world, ["a"])
    world.clock.go(QUARANTINE)
    made = push(world, ["a"])

    assert (["object_missing"], 1) == ([one.code for one in missed.waiting], made.created)
    assert [str(one["id"]) for one in world.records(RECORD)] == [entry(world, "a").netsuite_id]


def test_what_was_refused_is_held_and_let_go_once_lago_has_it_no_longer(world: World) -> None:
    """Each push tries it again, for as long as it is wanted."""
    push(world, ["a"], netsuite=Scripted(-1))
    held = entry(world, "a")
    push(world, [])

    assert (State.HELD, "INVALID_FLD_VALUE", 1) == (held.state, held.code, held.attempts)
    assert (State.SKIPPED, "object_gone") == (entry(world, "a").state, entry(world, "a").code)


def test_an_object_in_doubt_that_lago_deletes_is_let_go_after_the_quarantine(world: World) -> None:
    """Until then it may still come, and would have to be retired."""
    world.plan_faults({"kind": "reset", "when": "after_body", "executed": False, "operation": "store"})
    push(world, ["a"])
    world.plan_faults()
    early = push(world, [])
    world.clock.go(QUARANTINE)
    push(world, [])

    assert 1 == len(early.waiting)
    assert State.SKIPPED is entry(world, "a").state


def test_sync_leaves_the_doubts_of_objects_alone(world: World) -> None:
    """They are no documents: their own command carries on with them."""
    world.plan_faults({"kind": "reset", "when": "after_body", "executed": True, "operation": "store"})
    push(world, ["a"])
    world.plan_faults()

    told = world.sync("customer")

    assert None is told.error
    assert [] == told.outcomes("lago_object")
    assert State.IN_DOUBT is entry(world, "a").state


def test_a_ledger_made_again_from_its_trail_knows_the_objects(world: World) -> None:
    """Their moves are moves like any other."""
    push(world, ["a"])
    with world.open_ledger() as ledger:
        header, entries = ledger.header(), list(ledger.trail.entries())
        before = ledger.entries_in(frozenset(State))
    world.lose_ledger()
    with world.open_ledger() as ledger:
        ledger.restore(header, entries, world.clock.now())

        assert before == ledger.entries_in(frozenset(State))


class Scripted:
    """NetSuite as far as storing goes, with what each call is to settle; below zero it refuses all."""

    def __init__(self, *settles: int) -> None:
        self.calls: list[int] = []
        self._settles = list(settles)

    async def list_rows(self, record_type: str) -> Any:
        nothing: tuple[Any, ...] = ()
        for row in nothing:
            yield record_type, row

    async def store_objects(self, objects: Sequence[LagoObject]) -> Sequence[StoredObject]:
        self.calls.append(len(objects))
        settled = self._settles.pop(0)
        if settled < 0:
            return [StoredObject(one.key, "rejected", None, "INVALID_FLD_VALUE", "No.") for one in objects]
        return [
            StoredObject(one.key, "created", InternalId("1"))
            if at < settled
            else StoredObject(
                one.key, "not_attempted", None, "LAGO_OUT_OF_BUDGET", "The call ran out of time."
            )
            for at, one in enumerate(objects)
        ]

    async def aclose(self) -> None:
        """Nothing is open."""


def test_what_a_call_could_not_attempt_goes_into_the_next(world: World) -> None:
    """Two hundred a call; none is left out."""
    netsuite = Scripted(150, 200, 10)

    told = push(world, [str(number) for number in range(360)], netsuite=netsuite)

    assert (360, 0) == (told.created, len(told.failures))
    assert [200, 200, 10] == netsuite.calls


def test_a_call_that_settles_nothing_is_not_made_for_ever(world: World) -> None:
    """The rest is told as refused, and stays to be sent."""
    told = push(world, ["a", "b", "c"], netsuite=Scripted(0))

    assert (0, 3) == (told.created, len(told.failures))
    assert (State.PENDING, 0) == (entry(world, "a").state, entry(world, "a").attempts)
