"""Entries that are taken up again: which, with which mapping, and never before it is safe."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.gate import VoidPolicy
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.errors import ConfigError, LagoNsError, LeaseLostError
from lago_ns_cli.workflows.replay import ReplayChoice, choose, replay
from tests.integration.notes import NOTE, NoteWorld, consumer, invoice, note
from tests.integration.policies import PolicyWorld, hooli, voided
from tests.integration.world import Tampering, Told, World, encoded, money, sample

KEY = Key("lago:inv:00000011-0000-4000-8000-000000000011")
LAGO_ID = "00000011-0000-4000-8000-000000000011"
NUMBER = "ACM-1F2E-042-008"
OTHER = "ACM-1F2E-042-009"
LATER = "ACM-1F2E-042-012"
QUARANTINE = timedelta(seconds=960)


def second(**changes: Any) -> dict[str, Any]:
    """Another invoice of the same customer."""
    return {**sample()["invoice"], "lago_id": LAGO_ID.replace("11", "12"), "number": OTHER, **changes}


def chosen(world: World, *names: str, **choice: Any) -> list[Entry]:
    with world.open_ledger() as ledger:
        return choose(ledger, ReplayChoice(names=names, **choice))


def take_up(world: World, *names: str, as_sent: bool = False, **choice: Any) -> Told:
    """Run ``replay`` as a process does."""
    told = Told()

    async def whole() -> None:
        async with world._run(None, Selection(), False, None) as run:
            entries = choose(run.ledger, ReplayChoice(names=names, as_sent=as_sent, **choice))
            async for event in replay(run, entries, as_sent=as_sent, quarantine=QUARANTINE):
                told.events.append(event)
                told.tally.add(event)

    try:
        asyncio.run(whole())
    except LagoNsError as error:
        told.error = error
    return told


def pass_time(world: World, seconds: float) -> None:
    asyncio.run(world.clock.sleep(seconds))


def state(world: World, key: str = KEY) -> State:
    entry = world.entry(key)
    assert entry is not None
    return entry.state


def without_taxes(world: World) -> None:
    """Take the rows of taxes out of the mapping."""
    defaults = replace(world.mappings.defaults, tax=None)
    world.mappings = replace(world.mappings, taxes=(), defaults=defaults)


def hold_for_its_mapping(world: World) -> None:
    """Let the sample invoice be held, and then add the row that it lacked."""
    complete = world.mappings
    without_taxes(world)
    world.add(invoices=[sample()["invoice"]])
    world.sync("invoice")
    assert State.HELD is state(world)
    world.mappings = complete


def bring_the_customer(world: World) -> None:
    """Post another invoice of the same customer, so that the next push is the one that is looked at."""
    world.add(invoices=[second()])
    assert "created" == world.sync("invoice").of(OTHER).outcome


def watch(world: World) -> list[list[dict[str, Any]]]:
    """Collect the documents of each push that leaves from now on."""
    pushes: list[list[dict[str, Any]]] = []

    def look(asked: dict[str, Any]) -> None:
        if asked["operation"] == "push":
            pushes.append(asked["documents"])

    world.wrap = lambda inner: Tampering(inner, before=look)
    return pushes


@pytest.mark.parametrize("name", [NUMBER, LAGO_ID, KEY])
def test_a_held_document_posts_with_todays_mapping(small: World, name: str) -> None:
    """It is named by its number, its Lago id or its key; the row that it lacked is there now."""
    hold_for_its_mapping(small)

    run = take_up(small, name)

    assert ("created", State.POSTED) == (run.of(NUMBER).outcome, state(small))
    assert [NUMBER] == [one["tranid"] for one in small.records("invoice")]
    assert 0 == small.sync("invoice").tally.writes


def test_a_document_that_still_lacks_its_row_stays_held(small: World) -> None:
    """Nothing is sent, and the report names the row."""
    without_taxes(small)
    small.add(invoices=[sample()["invoice"]])
    small.sync("invoice")
    pushes = watch(small)

    run = take_up(small, states=frozenset({State.HELD}))

    failure = run.of(NUMBER).failure
    assert failure is not None
    assert "us_nyc" in failure.message
    assert [] == pushes


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"names": ("no-such-number",)}, id="alone"),
        pytest.param({"names": (NUMBER, "no-such-number")}, id="beside one that is known"),
    ],
)
def test_a_name_that_the_ledger_does_not_know_is_refused(small: World, change: Mapping[str, Any]) -> None:
    """A slip of the pen must not look like success; it is named, and nothing is taken up."""
    hold_for_its_mapping(small)

    with small.open_ledger() as ledger, pytest.raises(ConfigError, match="know no-such-number"):
        choose(ledger, ReplayChoice(**change))


def test_choices_narrow_each_other(small: World) -> None:
    """States, codes and the day all must hold; names do too."""
    complete = small.mappings
    without_taxes(small)
    broken = second(total_amount_cents=1)
    small.add(invoices=[sample()["invoice"], broken])
    small.sync("invoice")
    small.mappings = complete
    codes = {one.number: one.code for one in small.entries(State.HELD)}
    assert {NUMBER, OTHER} == set(codes)
    assert codes[NUMBER] != codes[OTHER]

    before = small.clock.now()
    pass_time(small, 86_400)
    by_code = chosen(small, codes=frozenset({str(codes[OTHER])}))
    by_state = chosen(small, states=frozenset({State.HELD}))
    by_name = chosen(small, NUMBER, states=frozenset({State.IN_DOUBT}))

    assert [OTHER] == [one.number for one in by_code]
    assert {NUMBER, OTHER} == {one.number for one in by_state}
    assert [] == by_name
    assert 2 == len(chosen(small, states=frozenset({State.HELD}), since=before))
    assert [] == chosen(small, since=before + timedelta(seconds=1))


def test_posted_and_skipped_documents_are_final(small: World) -> None:
    """Without a choice, everything that is open is taken up, and nothing else."""
    small.add(invoices=[sample()["invoice"], second(status="voided")])
    small.sync("customer", "invoice")
    assert State.POSTED is state(small)

    assert [] == chosen(small)
    assert [] == chosen(small, NUMBER)


def test_as_sent_sends_the_stored_payload_byte_for_byte(small: World) -> None:
    """Today's mapping does not count, nor does what Lago says by now."""
    small.person("close_period", date="2026-08-01")
    small.add(invoices=[sample()["invoice"]])
    sent = watch(small)
    small.sync("customer", "invoice")
    assert State.HELD is state(small)
    small.person("open_period", date="2026-08-01")
    [first] = [one for push in sent for one in push if one["key"] == KEY]
    sent.clear()
    without_taxes(small)

    run = take_up(small, NUMBER, as_sent=True)

    assert "created" == run.of(NUMBER).outcome
    assert [[json.dumps(first)]] == [[json.dumps(one) for one in push] for push in sent]
    assert State.POSTED is state(small)
    with small.open_ledger() as ledger:
        assert first["archive"]["content"].encode() == ledger.original(KEY)


def test_what_was_never_sent_cannot_be_sent_as_it_was(small: World) -> None:
    """It stays as it is, and the report says which command helps."""
    hold_for_its_mapping(small)
    pushes = watch(small)

    run = take_up(small, NUMBER, as_sent=True)

    failure = run.of(NUMBER).failure
    assert failure is not None
    assert ("never_sent", f"lago-ns replay {NUMBER}") == (failure.code, failure.hint)
    assert [] == pushes
    entry = small.entry(KEY)
    assert entry is not None
    assert "never_sent" != entry.code


def differ(asked: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """Let the invoice that was read back have another total."""
    for one in answer.get("documents", ()) if asked["operation"] == "push" else ():
        if one["key"] == KEY:
            one["record"]["total"] = "101.00"
    return answer


def test_a_held_record_that_a_person_mended_is_posted_without_a_write(small: World) -> None:
    """Held with a link, it is looked up: as meant by now, it is posted and nothing is sent."""
    small.wrap = lambda inner: Tampering(inner, after=differ)
    small.add(invoices=[sample()["invoice"]])
    small.sync("customer", "invoice")
    held = small.entry(KEY)
    assert held is not None
    assert (State.HELD, "read_back_differs") == (held.state, held.code)
    pushes, before = watch(small), small.store()

    run = take_up(small, states=frozenset({State.HELD}))

    assert ("found", State.POSTED) == (run.of(NUMBER).outcome, state(small))
    assert ([], before) == (pushes, small.store())


def test_a_held_record_that_is_still_otherwise_stays_held(small: World) -> None:
    """The look-up says what differs; NetSuite's record is never overwritten."""
    small.add(invoices=[sample()["invoice"]])
    small.wrap = lambda inner: Tampering(inner, after=differ)
    small.sync("customer", "invoice")
    [record] = small.records("invoice")
    small.person("edit_record", type="invoice", id=record["id"], values={"trandate": "2026-08-09"})
    pushes, before = watch(small), small.store()

    run = take_up(small, NUMBER)

    failure = run.of(NUMBER).failure
    assert failure is not None
    assert "found_otherwise" == failure.code
    assert State.HELD is state(small)
    assert ([], before) == (pushes, small.store())


def lose_the_answer(world: World, *, executed: bool) -> None:
    """Post the customer, and then lose the answer to the invoice."""
    bring_the_customer(world)
    world.add(invoices=[sample()["invoice"]])
    world.plan_faults({"kind": "reset", "executed": executed, "operation": "push"})
    world.sync("invoice")
    world.plan_faults()
    assert State.IN_DOUBT is state(world)


def test_an_entry_in_doubt_is_found_at_once(small: World) -> None:
    """A replay does not wait for the schedule of look-ups."""
    lose_the_answer(small, executed=True)
    pushes = watch(small)

    run = take_up(small, states=frozenset({State.IN_DOUBT}))

    assert ("found", State.POSTED) == (run.of(NUMBER).outcome, state(small))
    assert [] == pushes


@pytest.mark.parametrize("as_sent", [False, True])
def test_an_entry_in_doubt_is_not_sent_before_the_quarantine(small: World, *, as_sent: bool) -> None:
    """Whoever asks, and however often: absence proves nothing while NetSuite may still commit."""
    lose_the_answer(small, executed=False)
    pushes = watch(small)

    for _ in range(3):
        run = take_up(small, NUMBER, as_sent=as_sent)
        assert ("in_doubt", State.IN_DOUBT) == (run.of(NUMBER).outcome, state(small))
        pass_time(small, 300)
    assert [] == pushes

    pass_time(small, 300)
    run = take_up(small, NUMBER, as_sent=as_sent)

    assert State.POSTED is state(small)
    assert 1 == len(pushes)
    assert {NUMBER, OTHER} == {one["tranid"] for one in small.records("invoice")}
    assert 2 == len(small.records("invoice"))


def test_what_a_dead_process_left_is_taken_up_as_in_doubt(small: World) -> None:
    """Its entry still says that it is being sent; nobody knows what became of it."""

    def die(asked: dict[str, Any]) -> None:
        if asked["operation"] == "push":
            raise LeaseLostError("the process ends here")

    bring_the_customer(small)
    small.add(invoices=[sample()["invoice"]])
    small.wrap = lambda inner: Tampering(inner, before=die)
    small.sync("invoice")
    assert State.SENDING is state(small)
    pushes = watch(small)

    run = take_up(small, states=frozenset({State.IN_DOUBT, State.SENDING}))
    assert (None, State.IN_DOUBT) == (run.error, state(small))

    pass_time(small, QUARANTINE.total_seconds())
    run = take_up(small, NUMBER)
    assert (None, State.POSTED) == (run.error, state(small))
    assert 1 == len(pushes)


@pytest.mark.parametrize("as_sent", [False, True])
def test_a_replay_does_not_wait_for_the_next_attempt(small: World, *, as_sent: bool) -> None:
    """A person who asks by name is not told to come back later."""
    bring_the_customer(small)
    small.add(invoices=[sample()["invoice"]])
    small.wrap = lambda inner: Tampering(inner, after=busy)
    small.sync("invoice")
    entry = small.entry(KEY)
    assert entry is not None
    assert State.PENDING is entry.state
    assert entry.next_attempt_at is not None
    small.wrap = lambda inner: inner

    run = take_up(small, NUMBER, as_sent=as_sent)

    assert State.POSTED is state(small)
    assert run.of(NUMBER).outcome in ("created", "adopted")


def busy(asked: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """Let NetSuite say that it refused the invoice for a reason that passes."""
    for one in answer.get("documents", ()) if asked["operation"] == "push" else ():
        if one["key"] == KEY:
            one |= {
                "outcome": "rejected",
                "id": None,
                "record": None,
                "error": {"code": "RCRD_HAS_BEEN_CHANGED", "message": "Record has been changed"},
            }
    return answer


def test_a_held_application_is_taken_up(tmp_path: Path) -> None:
    """It is no document of Lago's, and is made anew from what is known of the note."""
    world = NoteWorld(tmp_path, invoices=0, customers=1)
    world.add(invoices=[invoice(), consumer(980)])
    world.go()
    paid = world.pay_by_hand("200.00")
    world.add(credit_notes=[note(credit=980)])
    world.go()
    key = f"lago:app:{NOTE}"
    assert (State.HELD, "0.00") == (state(world, key), world.invoice(LATER)["amountremaining"])
    world.person("delete_record", type="customerpayment", id=paid)

    run = take_up(world, states=frozenset({State.HELD}))

    assert (None, State.POSTED) == (run.error, state(world, key))
    assert {LATER: money("9.80")} == world.applied()


def test_a_held_reversal_is_taken_up(tmp_path: Path) -> None:
    """The memo that takes a voided invoice back is made from the invoice."""
    world = PolicyWorld(tmp_path, invoices=0, customers=1)
    world.void_policy = VoidPolicy.REVERSE
    world.sync("customer", "invoice", source=encoded(hooli()))
    world.person("close_period", date="2026-08-04")
    world.add(invoices=[voided()["invoice"]])
    world.sync("invoice")
    [held] = world.entries(State.HELD)
    assert "void" == held.kind
    world.person("open_period", date="2026-08-04")

    take_up(world, held.number)

    assert State.POSTED is state(world, held.key)
    assert 1 == len(world.records("creditmemo"))


def wait_in_a_chain(world: NoteWorld) -> None:
    """An invoice is held; its note waits for it, and the credit that another invoice consumes waits for the note."""
    world.go("customer")
    world.add(invoices=[invoice()])
    world.wrap = lambda inner: Tampering(inner, after=differ)
    world.go()
    world.wrap = lambda inner: inner
    assert State.HELD is state(world)
    world.add(invoices=[consumer(680)], credit_notes=[note(credit=680)])
    world.go()
    waiting = {entry.kind: entry.parent for entry in world.entries(State.WAITING)}
    assert {"credit_note": KEY, "application": f"lago:cn:{NOTE}"} == waiting


@pytest.mark.parametrize("by", ["name", "state"])
def test_what_waited_for_a_document_goes_in_the_same_replay(tmp_path: Path, by: str) -> None:
    """The children of what is posted, and theirs, go with it, though nobody named them."""
    world = NoteWorld(tmp_path, invoices=0, customers=1)
    wait_in_a_chain(world)

    run = take_up(world, NUMBER) if by == "name" else take_up(world, states=frozenset({State.HELD}))

    assert (None, []) == (run.error, world.entries(State.WAITING, State.HELD))
    assert {NUMBER: money("3.00"), LATER: money("6.80")} == world.applied()
    assert 0 == world.go().tally.writes


def test_what_waits_for_another_document_is_left_alone(tmp_path: Path) -> None:
    """A replay takes up what was chosen and what that sets free, and nothing else."""
    world = NoteWorld(tmp_path, invoices=0, customers=1)
    wait_in_a_chain(world)
    waiting = world.entries(State.WAITING)

    run = take_up(world, LATER)

    assert [] == run.reports
    assert waiting == world.entries(State.WAITING)
