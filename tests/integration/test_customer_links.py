"""Which NetSuite record a customer is: said by a person, and never guessed."""

from pathlib import Path

import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.simulator.netsuite.switches import Switches
from tests.integration.customers import HOOLI, CustomerWorld


@pytest.fixture
def told(tmp_path: Path) -> CustomerWorld:
    """A world in which Lago has Hooli and NetSuite does not know it yet."""
    world = CustomerWorld(tmp_path, invoices=0, customers=1)
    world.say(**HOOLI)
    return world


def outcome_and_code(run: object, number: str = "cust_hooli") -> tuple[str, str | None]:
    report = run.of(number)  # type: ignore[attr-defined]
    return report.outcome, report.failure.code if report.failure else None


def test_a_person_names_the_record(told: CustomerWorld) -> None:
    """Our fields are set on it, and nothing else; what changes later is carried over."""
    record = told.person_creates(companyname="Hooli, Incorporated", email="theirs@hooli.example")
    before = len(told.records("customer"))

    run = told.link(record)
    hooli = told.hooli()
    told.say(phone="+1 212 555 7777")
    told.go()

    assert ("adopted", None) == outcome_and_code(run)
    assert (record, told.key, "Hooli, Incorporated", "theirs@hooli.example") == tuple(
        hooli[name] for name in ("id", "externalid", "companyname", "email")
    )
    assert ("+1 212 555 7777", "theirs@hooli.example") == tuple(
        told.hooli()[name] for name in ("phone", "email")
    )
    assert before == sum(one["externalid"] != "" for one in told.records("customer")) - 1


def test_a_link_without_ids_looks_at_its_customer_only(told: CustomerWorld) -> None:
    """The other customers are not asked for."""
    run = told.link(told.person_creates(companyname="Hooli"))

    assert ["cust_hooli"] == [report.number for report in run.reports]


def test_an_id_that_netsuite_lacks_is_held_and_nothing_is_created_later(told: CustomerWorld) -> None:
    """A person said that the customer exists, so no later run makes a second one."""
    run = told.link("424242")
    count = len(told.records("customer"))
    later = told.go(selection=Selection(ids=("cust_hooli",)))

    failure = run.of("cust_hooli").failure
    assert failure is not None
    assert ("held", "RCRD_DSNT_EXIST") == outcome_and_code(run)
    assert "424242" in failure.message
    assert "--link cust_hooli=" in (failure.hint or "")
    assert ("held", count) == (later.of("cust_hooli").outcome, len(told.records("customer")))


def test_a_mistyped_id_is_mended_by_the_right_one(told: CustomerWorld) -> None:
    """The last word of a person counts."""
    told.link("424242")

    assert ("adopted", None) == outcome_and_code(told.link(told.person_creates(companyname="Hooli")))


def test_a_record_of_another_lago_customer_is_not_taken(told: CustomerWorld) -> None:
    """Linked elsewhere: held, and the other keeps its record."""
    told.simulator.parts.organization.add_documents(
        {"customers": [{**other(told), "lago_id": "000000c7-0000-4000-8000-0000000000c7"}]}
    )
    told.go(selection=Selection(ids=("cust_other",)))
    record = next(one for one in told.records("customer") if one["companyname"] == "Other Inc.")

    assert ("held", "LAGO_LINKED_ELSEWHERE") == outcome_and_code(told.link(record["id"]))
    assert record["externalid"] == next(
        one["externalid"] for one in told.records("customer") if one["id"] == record["id"]
    )


def other(world: CustomerWorld) -> dict[str, object]:
    customer = world.simulator.parts.organization.customer("cust_hooli")
    assert customer is not None
    return {**customer, "external_id": "cust_other", "name": "Other Inc."}


@pytest.mark.parametrize("record", ["424242", "98765"])
def test_a_good_link_is_not_moved_to_a_wrong_record(told: CustomerWorld, record: str) -> None:
    """A slip of the pen costs nothing: the old record still carries our key."""
    told.go()
    before = told.entry(told.key)

    run = told.link(record)

    assert "held" == run.of("cust_hooli").outcome
    assert before == told.entry(told.key)
    assert [] == told.pushed


@pytest.mark.parametrize("name", ["Hooli Inc", "HOOLI INC.", "Hooli  Inc.", "Hooli Inc."])
def test_a_name_never_links(told: CustomerWorld, name: str) -> None:
    """A58: near-equal and equal names alike; an id links, or nothing."""
    record = told.person_creates(companyname=name)
    told.go()

    assert record != told.hooli()["id"]
    assert None is next(one["externalid"] for one in told.records("customer") if one["id"] == record)


def test_a_record_that_carries_the_lago_id_is_found(told: CustomerWorld) -> None:
    """As Lago's own integration leaves them behind."""
    record = told.person_creates(companyname="Hooli", custentity_lago_id=told.lago_id)

    assert ("adopted", None) == outcome_and_code(told.go())
    assert record == told.hooli()["id"]


def test_a_taken_customer_number_is_reported_and_never_attached(tmp_path: Path) -> None:
    """A56: the stranger that has the number keeps it, and is not touched."""
    world = CustomerWorld(tmp_path, invoices=0, customers=1)
    world.external_entity_ids = True
    world.say(**HOOLI)
    stranger = world.person_creates(companyname="Stranger", autoname=False, entityid="cust_hooli")

    run = world.go(selection=Selection(ids=("cust_hooli",)))

    failure = run.of("cust_hooli").failure
    assert failure is not None
    assert ("held", "UNIQUE_CUST_ID_REQD") == outcome_and_code(run)
    assert "--link cust_hooli=" in (failure.hint or "")
    entry = world.entry(world.key)
    assert entry is not None
    assert (State.HELD, None) == (entry.state, entry.netsuite_id)
    assert None is next(one["externalid"] for one in world.records("customer") if one["id"] == stranger)


def test_a_free_customer_number_is_set(tmp_path: Path) -> None:
    """With ``entityid = "external_id"``, the number is Lago's."""
    world = CustomerWorld(tmp_path, invoices=0, customers=1)
    world.external_entity_ids = True
    world.say(**HOOLI)
    world.go()

    assert "cust_hooli" == world.hooli()["entityid"]


def test_numbers_that_netsuite_gives_out_alone_are_reported(tmp_path: Path) -> None:
    """A56: auto-numbering without override refuses ours."""
    switches = Switches(customer_numbering=True, customer_number_override=False)
    world = CustomerWorld(tmp_path, invoices=0, customers=1, switches=switches)
    world.external_entity_ids = True
    world.say(**HOOLI)

    assert "held" == world.go(selection=Selection(ids=("cust_hooli",))).of("cust_hooli").outcome
    assert not any(one["externalid"] == world.key for one in world.records("customer"))
