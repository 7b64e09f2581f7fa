"""Lago's objects in NetSuite: in batches, through budgets, and again after anything."""

import asyncio
from collections.abc import Sequence
from typing import Any

from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.identifiers import InternalId
from lago_ns_cli.domain.lago_objects import LagoObject, StoredObject
from lago_ns_cli.workflows.push_catalog import ObjectsStored, plan_lago_objects, store_lago_objects
from tests.integration.world import World

ORGANIZATION = "org-1"


def catalog(world: World, codes: Sequence[str]) -> Catalog:
    rows = [{"lago_id": f"id-{code}", "code": code, "name": code} for code in codes]
    return Catalog("lago", world.clock.now(), {"coupons": rows})


def push(world: World, codes: Sequence[str], organization: str = ORGANIZATION) -> ObjectsStored:
    async def whole() -> ObjectsStored:
        netsuite = world._netsuite()
        try:
            plan = await plan_lago_objects(catalog(world, codes), netsuite, organization)
            return await store_lago_objects(plan, netsuite)
        finally:
            await netsuite.aclose()

    return asyncio.run(whole())


def counts(told: ObjectsStored) -> tuple[int, int, int, int, int]:
    return told.created, told.updated, told.deactivated, told.unchanged, len(told.failures)


def test_a_second_push_writes_nothing_and_what_is_gone_is_retired(tmp_path: Any) -> None:
    """Gone is inactive, not deleted, and comes back under the same id."""
    world = World(tmp_path, invoices=1, customers=1)

    assert (3, 0, 0, 0, 0) == counts(push(world, ["a", "b", "c"]))
    before = world.records("customrecord_lago_object")
    assert (0, 0, 0, 3, 0) == counts(push(world, ["a", "b", "c"]))
    assert before == world.records("customrecord_lago_object")
    assert (0, 0, 1, 2, 0) == counts(push(world, ["a", "b"]))
    assert (0, 0, 0, 2, 0) == counts(push(world, ["a", "b"]))
    assert (0, 1, 0, 2, 0) == counts(push(world, ["a", "b", "c"]))
    assert [one["id"] for one in before] == [one["id"] for one in world.records("customrecord_lago_object")]


def test_two_organizations_share_an_account_and_leave_each_other_alone(tmp_path: Any) -> None:
    """One organization's push does not retire the other's objects."""
    world = World(tmp_path, invoices=1, customers=1)
    push(world, ["a"], "org-1")

    assert (1, 0, 0, 0, 0) == counts(push(world, ["b"], "org-2"))
    assert [False, False] == [one["isinactive"] for one in world.records("customrecord_lago_object")]


class Scripted:
    """NetSuite as far as storing goes, with what each call is to settle."""

    def __init__(self, *settles: int) -> None:
        self.calls: list[int] = []
        self._settles = list(settles)

    async def store_objects(self, objects: Sequence[LagoObject]) -> Sequence[StoredObject]:
        self.calls.append(len(objects))
        settled = self._settles.pop(0)
        return [
            StoredObject(one.key, "created", InternalId("1"))
            if at < settled
            else StoredObject(
                one.key, "not_attempted", None, "LAGO_OUT_OF_BUDGET", "The call ran out of time."
            )
            for at, one in enumerate(objects)
        ]


def _stored(netsuite: Any, count: int) -> ObjectsStored:
    from lago_ns_cli.domain.lago_objects import ObjectsPlan, lago_objects
    from tests.unit.builders import CREATED

    rows = [{"lago_id": str(number), "code": str(number)} for number in range(count)]
    wanted = lago_objects(Catalog("lago", CREATED, {"plans": rows}), ORGANIZATION)
    return asyncio.run(store_lago_objects(ObjectsPlan(tuple(wanted), (), 0), netsuite))


def test_what_a_call_could_not_attempt_goes_into_the_next() -> None:
    """Two hundred a call; none is left out."""
    netsuite = Scripted(150, 200, 10)

    assert (360, 0) == (_stored(netsuite, 360).created, 0)
    assert [200, 200, 10] == netsuite.calls


def test_a_call_that_settles_nothing_is_not_made_for_ever() -> None:
    """The rest is told as refused."""
    told = _stored(Scripted(0), 3)

    assert (0, 3) == (told.created, len(told.failures))
