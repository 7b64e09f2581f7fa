"""A customer that changes in Lago: what changed there goes to NetSuite, and nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.domain.mapping import FieldRow, FieldRows, FieldType
from lago_ns_cli.simulator.netsuite.values import Draft
from tests.integration.customers import HOOLI, CustomerWorld


@pytest.fixture
def there(tmp_path: Path) -> CustomerWorld:
    """A world in which Hooli is posted."""
    world = CustomerWorld(tmp_path, invoices=0, customers=1)
    world.say(**HOOLI)
    world.go()
    return world


def state_of(world: CustomerWorld) -> State:
    entry = world.entry(world.key)
    assert entry is not None
    return entry.state


def test_one_changed_field_touches_only_itself(there: CustomerWorld) -> None:
    """A59: what a person changed in NetSuite stays; a second run writes nothing."""
    there.person("edit_record", type="customer", key=there.key, values={"phone": "+1 212 555 9999"})
    there.say(email="invoices@hooli.example")

    run = there.go()
    again = there.go()

    assert "updated" == run.of("cust_hooli").outcome
    assert ("invoices@hooli.example", "+1 212 555 9999") == tuple(
        there.hooli()[name] for name in ("email", "phone")
    )
    assert (0, []) == (again.tally.writes, there.pushed)


def test_only_what_changed_leaves(there: CustomerWorld) -> None:
    """The wire carries one column and our own fields."""
    there.say(email="invoices@hooli.example")
    there.go()

    (pushed,) = there.pushed
    assert ("update", {"email": "invoices@hooli.example"}, []) == tuple(
        pushed[name] for name in ("action", "columns", "lines")
    )


def test_a_field_that_became_blank_is_emptied(there: CustomerWorld) -> None:
    """A59."""
    there.say(phone=None)
    there.go()

    assert not there.hooli()["phone"]
    assert HOOLI["email"] == there.hooli()["email"]


def test_a_change_that_does_not_concern_netsuite_is_looked_at_once(there: CustomerWorld) -> None:
    """No call, and the next run knows that it was seen."""
    said = there.say(url="https://hooli.example")

    run = there.go()

    entry = there.entry(there.key)
    assert ("unchanged", 0, []) == (run.of("cust_hooli").outcome, run.tally.writes, there.pushed)
    assert entry is not None
    assert entry.lago_updated_at is not None
    assert said["updated_at"] == f"{entry.lago_updated_at:%Y-%m-%dT%H:%M:%SZ}"


def test_a_street_that_changed_leaves_the_city_that_a_person_changed(there: CustomerWorld) -> None:
    """Within an address, too, only what Lago changed is written; other addresses stay."""

    def edit(draft: Draft) -> None:
        draft.lines("addressbook")[0]["addressbookaddress"]["city"] = "Brooklyn"
        other = {"label": "Warehouse", "addressbookaddress": {"country": "US", "city": "Albany"}}
        draft.lines("addressbook").append(other)

    there.person_edits_lines(edit)
    there.say(address_line1="2 Side St")
    there.go()

    addresses = there.addresses()
    assert ("2 Side St", "Brooklyn") == tuple(addresses["Lago billing"][name] for name in ("addr1", "city"))
    assert "Albany" == addresses["Warehouse"]["city"]
    assert 2 == len(addresses)


def test_an_address_that_a_person_took_away_comes_back_whole_when_lago_changes_it(
    there: CustomerWorld,
) -> None:
    """Half an address would be none; the default that a person chose stays."""

    def edit(draft: Draft) -> None:
        own = {"label": "Ours", "defaultbilling": True, "addressbookaddress": {"country": "US"}}
        draft.sublists["addressbook"] = [own]

    there.person_edits_lines(edit)
    there.say(address_line1="2 Side St")
    there.go()

    addresses = there.addresses()
    assert ("2 Side St", "New York", "US") == tuple(
        addresses["Lago billing"][name] for name in ("addr1", "city", "country")
    )
    assert (True, False) == (addresses["Ours"]["billing"], bool(addresses["Lago billing"]["billing"]))


def test_a_shipping_address_comes_and_goes(there: CustomerWorld) -> None:
    """It takes the default with it and gives it back; what is left is empty but for its country."""
    there.say(shipping_address={"address_line1": "Dock 4", "city": "Newark", "country": "US"})
    there.go()
    with_shipping = there.addresses()
    there.say(shipping_address=dict.fromkeys(("address_line1", "city", "country")))
    there.go()
    without = there.addresses()

    assert ("Dock 4", True) == (
        with_shipping["Lago shipping"]["addr1"],
        with_shipping["Lago shipping"]["shipping"],
    )
    assert not with_shipping["Lago billing"]["shipping"]
    assert {"country": "US", "billing": False, "shipping": False} == without["Lago shipping"]
    assert (True, True) == (without["Lago billing"]["billing"], without["Lago billing"]["shipping"])


@pytest.mark.parametrize(
    ("change", "code", "values"),
    [
        ({"billing_entity_code": "acme-eu"}, "customer_subsidiary_changed", ("2", "4")),
        ({"currency": "EUR"}, "customer_currency_changed", ("1", "4")),
        ({"customer_type": "individual"}, "customer_type_changed", ("F", "T")),
    ],
)
def test_what_netsuite_cannot_change_is_held_with_both_values(
    there: CustomerWorld, change: dict[str, str], code: str, values: tuple[str, str]
) -> None:
    """Nothing is sent; once a person has confirmed the link, the rest goes."""
    there.say(**change, email="new@hooli.example")

    run = there.go()
    sent = list(there.pushed)
    confirmed = there.link(there.hooli()["id"])

    failure = run.of("cust_hooli").failure
    assert failure is not None
    assert (code, []) == (failure.code, sent)
    assert all(f" {value}" in failure.message for value in values)
    assert "--link" in (failure.hint or "")
    assert "updated" == confirmed.of("cust_hooli").outcome
    assert ("new@hooli.example", "2", "1") == tuple(
        there.hooli()[name] for name in ("email", "subsidiary", "currency")
    )
    assert ["unchanged"] == [there.go().of("cust_hooli").outcome]


def test_a_change_that_lago_takes_back_ends_the_hold(there: CustomerWorld) -> None:
    """Held only as long as both sides differ."""
    there.say(currency="EUR")
    there.go()
    held = state_of(there)
    there.say(currency="USD")
    there.go()

    assert (State.HELD, State.POSTED) == (held, state_of(there))


def with_parents(world: CustomerWorld) -> CustomerWorld:
    """Map a customer's parent from its metadata."""
    row = FieldRow(to="parent", source="metadata.parent", type=FieldType.LIST)
    fields = dict(world.mappings.fields)
    rows = fields.get(Kind.CUSTOMER, FieldRows())
    fields[Kind.CUSTOMER] = replace(rows, header=(*rows.header, row))
    world.mappings = replace(world.mappings, fields=fields)
    return world


def test_a_parent_follows_its_mapping(there: CustomerWorld) -> None:
    """A header row of type list, by internal id."""
    with_parents(there).say(metadata=[{"key": "parent", "value": "98765"}])
    there.go()

    assert "98765" == there.hooli()["parent"]


def test_a_refused_update_waits_for_a_change(there: CustomerWorld) -> None:
    """Held with NetSuite's words and its link; not sent again until Lago says something else."""
    with_parents(there).say(metadata=[{"key": "parent", "value": "424242"}])

    refused = there.go().of("cust_hooli")
    again = there.go().of("cust_hooli")
    pushed = list(there.pushed)
    there.say(metadata=[{"key": "parent", "value": "98765"}])
    mended = there.go().of("cust_hooli")

    assert refused.failure is not None
    assert ("held", "held", []) == (refused.outcome, again.outcome, pushed)
    assert "424242" in refused.failure.message
    assert ("updated", "98765") == (mended.outcome, there.hooli()["parent"])


def test_create_and_update_a_second_apart_make_one_customer(tmp_path: Path) -> None:
    """A14: other fields in each; the last values stand."""
    world = CustomerWorld(tmp_path, invoices=0, customers=1)
    world.say(name="Hooli Inc.", currency="USD", phone="+1 212 555 0100")
    world.go()
    world.say(email="ap@hooli.example", phone="+1 212 555 0199")
    world.go()

    assert 1 == sum(one["externalid"] == world.key for one in world.records("customer"))
    assert ("ap@hooli.example", "+1 212 555 0199") == tuple(
        world.hooli()[name] for name in ("email", "phone")
    )


def test_an_external_id_used_again_is_another_customer(there: CustomerWorld) -> None:
    """A53: Lago's own id tells them apart."""
    organization = there.simulator.parts.organization
    first = organization.customer("cust_hooli")
    assert first is not None
    again = {
        **first,
        "lago_id": "000000c9-0000-4000-8000-0000000000c9",
        "name": "Hooli XYZ",
        "updated_at": organization.timestamp(),
    }
    organization.add_documents({"customers": [again]})
    there.go()

    names = {one["companyname"] for one in there.records("customer") if one["externalid"]}
    assert {"Hooli Inc.", "Hooli XYZ"} <= names


def test_a_customer_that_is_gone_is_held_and_never_created_again(there: CustomerWorld) -> None:
    """A52: merged into another record; the hint is to link, and linking moves the link."""
    kept = there.person_creates(companyname="Hooli Group")
    count = len(there.records("customer"))
    there.person("merge_customers", id=there.hooli()["id"], into=kept)
    there.say(email="new@hooli.example")

    run = there.go()
    again = there.go()
    after = len(there.records("customer"))
    linked = there.link(kept)

    failure = run.of("cust_hooli").failure
    assert failure is not None
    assert "RCRD_DSNT_EXIST" == failure.code
    assert "sync customer --link cust_hooli=" in (failure.hint or "")
    assert ("held", count - 1) == (again.of("cust_hooli").outcome, after)
    assert linked.of("cust_hooli").outcome in ("updated", "adopted")
    assert (kept, "new@hooli.example") == tuple(there.hooli()[name] for name in ("id", "email"))
    assert State.POSTED is state_of(there)


def test_an_update_that_was_not_executed_goes_with_the_next_run(there: CustomerWorld) -> None:
    """That the change was seen does not mean that it arrived."""
    there.say(email="new@hooli.example")
    there.go(max_changes=0)
    before = there.hooli()["email"]
    there.go()

    assert (HOOLI["email"], "new@hooli.example") == (before, there.hooli()["email"])


def test_a_dry_run_shows_the_update_and_writes_nothing(there: CustomerWorld) -> None:
    """Neither in NetSuite nor in the ledger."""
    there.say(email="new@hooli.example")
    ledger, store = there.entries(), there.store()

    run = there.go(dry_run=True)

    plan = next(one.planned for one in run.plans if one.planned.subject.number == "cust_hooli")
    assert plan.record is not None
    assert ("update", {"email": "new@hooli.example"}) == (plan.action, plan.record.columns)
    assert (ledger, store) == (there.entries(), there.store())


def test_updates_are_off_where_customers_are(there: CustomerWorld) -> None:
    """With ``kinds.customer`` off, customers are somebody else's."""
    there.create_customers = False
    there.say(email="new@hooli.example")
    there.go(selection=Selection(ids=("cust_hooli",)))

    assert [] == there.pushed
