"""A ledger that was lost is made again: history from an audit export, links from NetSuite."""

import asyncio
import json

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.audit_export import read_export
from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.workflows.audit import export
from lago_ns_cli.workflows.rebuild import Relinked, relink
from tests.integration.world import World, encoded, money, sample

EVERY_KIND = tuple(Kind)
INVOICE = "lago:inv:00000011-0000-4000-8000-000000000011"


def rebuild(world: World, export_lines: list[bytes] | None = None) -> dict[str, Relinked]:
    """Do what the command does."""

    async def whole() -> list[Relinked]:
        lago, netsuite = world._lago(None), world._netsuite()
        try:
            with world.open_ledger() as ledger:
                if export_lines is not None:
                    header, entries = read_export(iter(export_lines), "trail.jsonl")
                    ledger.restore(header, entries, world.clock.now())
                return [one async for one in relink(lago, netsuite, ledger, world.clock)]
        finally:
            await lago.aclose()
            await netsuite.aclose()

    return {one.record_type: one for one in asyncio.run(whole())}


def posted(world: World) -> dict[str, tuple[str, str | None, str | None]]:
    return {
        entry.key: (entry.kind, entry.netsuite_id, entry.fingerprint)
        for entry in world.entries(State.POSTED)
        if entry.kind != "application"
    }


def exported(world: World) -> list[bytes]:
    with world.open_ledger() as ledger:
        return [json.dumps(line).encode() for line in export(ledger.trail, ledger.header(), redact=False)]


def ids(world: World) -> dict[str, list[str]]:
    types = ("customer", "invoice", "creditmemo", "customerpayment")
    return {kind: [record["id"] for record in world.records(kind)] for kind in types}


def test_a_lost_ledger_is_relinked_whole_and_nothing_is_created(world: World) -> None:
    """All four kinds: every link and fingerprint is back, and the next sync creates nothing."""
    world.sync(*EVERY_KIND)
    before, records = posted(world), ids(world)
    assert {"customer", "invoice", "creditmemo", "customerpayment"} >= {
        name for name, found in records.items() if found
    }
    world.lose_ledger()

    told = rebuild(world)

    assert before == posted(world)
    assert len(before) == sum(one.linked for one in told.values())
    assert not any(one.left for one in told.values())
    after = world.sync(*EVERY_KIND)
    assert after.error is None
    assert 0 == after.tally.by_outcome.get("created", 0)
    assert records == ids(world)


def test_what_is_told_of_a_document_comes_back(world: World) -> None:
    """Number, currency, date and customer as the ledger had them; the amount is that of the record."""
    world.sync()
    before = {entry.key: entry for entry in world.entries(State.POSTED)}
    totals = {record["id"]: money(record["total"]) for record in world.records("invoice")}
    world.lose_ledger()

    rebuild(world)

    assert totals == {
        entry.netsuite_id: money(entry.amount) for entry in world.entries() if entry.kind == "invoice"
    }
    assert before.keys() == {entry.key for entry in world.entries()}
    for after in world.entries():
        for name in ("number", "currency", "document_date", "customer_id", "record_type", "lago_id", "kind"):
            assert getattr(before[after.key], name) == getattr(after, name), name


def test_a_rebuild_writes_nothing_to_netsuite_and_twice_is_once(world: World) -> None:
    """It only reads there; a second one finds everything known."""
    world.sync(*EVERY_KIND)
    world.lose_ledger()
    store = world.store()

    first, second = rebuild(world), rebuild(world)

    assert store == world.store()
    assert 0 == sum(one.linked for one in second.values())
    assert [one.linked for one in first.values()] == [one.known for one in second.values()]


def test_a_customer_that_lago_linked_itself_is_found_by_its_lago_id(world: World) -> None:
    """Lago's own connection writes its id and no external id of ours."""
    world.sync("customer")
    before = posted(world)
    for record in world.records("customer"):
        if str(record.get("externalid") or "").startswith("lago:"):
            world.person("edit_record", type="customer", id=record["id"], values={"externalid": None})
    world.lose_ledger()

    rebuild(world)

    assert before == posted(world)


def test_two_records_that_say_the_same_are_left_to_a_look_up(world: World) -> None:
    """Which of them is the document is no question for a guess."""
    world.sync("customer")
    ours = [record for record in world.records("customer") if record.get("custentity_lago_id")]
    twin = ours[0]["custentity_lago_id"]
    world.person(
        "edit_record",
        type="customer",
        id=ours[1]["id"],
        values={"externalid": None, "custentity_lago_id": twin},
    )
    world.person("edit_record", type="customer", id=ours[0]["id"], values={"externalid": None})
    world.lose_ledger()

    left = rebuild(world)["customer"].left

    assert {str(ours[0]["id"]), str(ours[1]["id"])} == set(left)
    assert all("2 records say" in why for why in left.values())


def test_records_of_another_organization_stay_out(small: World) -> None:
    """Two organizations may share an account; a customer that this Lago does not know is not ours."""
    small.sync("customer", "invoice", source=encoded(sample()))
    small.lose_ledger()

    told = rebuild(small)

    assert small.entry(INVOICE) is None
    assert ["its customer is none of this Lago organization"] == list(told["invoice"].left.values())


def test_the_history_comes_back_from_an_export(world: World) -> None:
    """Skipped and waiting documents, attempts and facts too; the next sync writes nothing."""
    world.sync(*EVERY_KIND)
    before, lines = world.entries(), exported(world)
    with world.open_ledger() as ledger:
        facts = ledger.facts([entry.key for entry in before])
    world.lose_ledger()

    told = rebuild(world, lines)

    assert before == world.entries()
    with world.open_ledger() as ledger:
        assert facts == ledger.facts([entry.key for entry in before])
    assert 0 == sum(one.linked for one in told.values())
    store = world.store()
    world.sync(*EVERY_KIND)
    assert store == world.store()


def test_an_older_export_is_completed_from_netsuite(world: World) -> None:
    """What was posted after the export is linked; nothing is created twice."""
    world.sync("customer")
    lines = exported(world)
    world.sync("invoice")
    before, records = posted(world), ids(world)
    world.lose_ledger()

    rebuild(world, lines)

    assert before == posted(world)
    assert 0 == world.sync().tally.by_outcome.get("created", 0)
    assert records == ids(world)
