"""Stores Lago's mappable objects in NetSuite, where formulas, searches and people can look at them.

Decided from what is there already, so what did not change costs no write. An answer that is lost
leaves no doubt behind: the next run lists what is there and goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.lago_objects import (
    RECORD_TYPE,
    LagoObject,
    ObjectsPlan,
    StoredObject,
    decide_objects,
    lago_objects,
)
from lago_ns_cli.workflows.ports import NetSuite

OBJECTS_A_CALL = 200
_BYTES_A_CALL = 2_000_000


@dataclass(slots=True, kw_only=True)
class ObjectsStored:
    """How many records were written and why others were not; ``too_long`` ones are stored without their JSON."""

    created: int = 0
    updated: int = 0
    deactivated: int = 0
    unchanged: int = 0
    too_long: Sequence[str] = ()
    failures: list[StoredObject] = field(default_factory=list)


async def plan_lago_objects(lago: Catalog, netsuite: NetSuite, organization: str) -> ObjectsPlan:
    """Compare Lago's objects with NetSuite's records of them.

    Raises:
        RemoteError: NetSuite cannot be reached, or the role may not see such records.
    """
    present = [row async for row in netsuite.list_rows(RECORD_TYPE)]
    return decide_objects(lago_objects(lago, organization), present, organization)


async def store_lago_objects(plan: ObjectsPlan, netsuite: NetSuite) -> ObjectsStored:
    """Write what has to be written; an object that is refused does not stop the others.

    Raises:
        RemoteError: NetSuite cannot be reached. What was written stays; run it again.
    """
    told = ObjectsStored(
        unchanged=plan.unchanged, too_long=[one.title for one in plan.write if one.json is None]
    )
    waiting = [*plan.write, *plan.gone]
    while waiting:
        batch = _batch(waiting)
        answers = await netsuite.store_objects(batch)
        settled = {answer.key for answer in answers if answer.outcome != "not_attempted"}
        if not settled:
            told.failures += answers
            return told
        for sent, answer in zip(batch, answers, strict=True):
            _count(told, sent, answer)
        waiting = [one for one in waiting if one.key not in settled]
    return told


def _batch(waiting: Sequence[LagoObject]) -> Sequence[LagoObject]:
    size = 0
    for count, one in enumerate(waiting[:OBJECTS_A_CALL]):
        size += len(one.json or "") + 1000
        if size > _BYTES_A_CALL and count:
            return waiting[:count]
    return waiting[:OBJECTS_A_CALL]


def _count(told: ObjectsStored, sent: LagoObject, answer: StoredObject) -> None:
    if answer.outcome == "created":
        told.created += 1
    elif answer.outcome == "updated" and sent.inactive:
        told.deactivated += 1
    elif answer.outcome == "updated":
        told.updated += 1
    elif answer.outcome == "unchanged":
        told.unchanged += 1
    elif answer.outcome != "not_attempted":
        told.failures.append(answer)
