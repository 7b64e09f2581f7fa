"""A customer's update: what changed in Lago, and nothing else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_ns_cli.domain.customer_books import CustomerBooks, Lack, extension_lines
from lago_ns_cli.domain.customer_changes import changed_record, fixed_changes
from lago_ns_cli.domain.documents import Address, Customer, Received
from lago_ns_cli.domain.records import Record
from lago_ns_cli.domain.translation.customer import translate_customer
from tests.unit.builders import context, customer


def record(**changes: object) -> Record:
    document: Customer = customer(**changes)
    return translate_customer(Received(document, {}, b""), context()).record


def update(before: dict[str, object], after: dict[str, object]) -> Record:
    changed = changed_record(record(**before), record(**after))
    assert changed is not None
    return changed


def lines(changed: Record) -> list[dict[str, Any]]:
    return [dict(line) for line in changed.lines.get("addressbook", ())]


HOME: dict[str, object] = {"address_line1": "1 Main St", "city": "New York", "country": "US"}


def test_only_a_changed_field_is_sent() -> None:
    """The other fields may have been changed by a person in NetSuite."""
    changed = update(
        {"email": "a@hooli.example", "phone": "555-0100"}, {"email": "b@hooli.example", "phone": "555-0100"}
    )

    assert {"email": "b@hooli.example"} == changed.columns
    assert {} == changed.lines


def test_a_field_that_became_blank_is_emptied() -> None:
    """A59: what Lago no longer has must not stay."""
    assert {"email": None} == update({"email": "a@hooli.example"}, {}).columns


def test_nothing_is_sent_where_nothing_changed() -> None:
    """Also not an address."""
    assert changed_record(record(**HOME), record(**HOME)) is None


def test_an_address_line_names_what_changed_of_it() -> None:
    """The whole line goes along, for an account where a person took it away."""
    changed = update(HOME, {**HOME, "address_line1": "2 Side St"})

    assert {} == changed.columns
    assert [
        {
            "defaultbilling": True,
            "defaultshipping": True,
            "label": "Lago billing",
            "addressbookaddress": {
                "country": "US",
                "addressee": "Hooli Inc.",
                "addr1": "2 Side St",
                "city": "New York",
            },
            "changed": {"addr1": True},
        }
    ] == lines(changed)


def test_a_blank_field_of_an_address_is_emptied() -> None:
    """A59, within a subrecord."""
    (line,) = lines(update({**HOME, "state": "NY"}, HOME))

    assert None is line["addressbookaddress"]["state"]
    assert {"state": True} == line["changed"]


def test_a_new_shipping_address_takes_its_default_with_it() -> None:
    """The billing line loses it, the new line is whole."""
    billing, shipping = lines(update(HOME, {**HOME, "shipping_address": Address(city="Albany")}))

    assert ({"defaultshipping": True}, False) == (billing["changed"], billing["defaultshipping"])
    assert ("Lago shipping", True) == (shipping["label"], shipping["defaultshipping"])
    assert {"defaultbilling", "defaultshipping", "addressee", "city"} == shipping["changed"].keys()


def test_a_removed_address_is_emptied_before_its_default_moves() -> None:
    """All but the country, which the form of the address depends on."""
    removed, billing = lines(update({**HOME, "shipping_address": Address(city="Albany", country="US")}, HOME))

    assert ("Lago shipping", {"addressee": None, "city": None}) == (
        removed["label"],
        removed["addressbookaddress"],
    )
    assert False is removed["defaultshipping"]
    assert ({"defaultshipping": True}, True) == (billing["changed"], billing["defaultshipping"])


@pytest.mark.parametrize(
    ("before", "after", "code", "values"),
    [
        ({"currency": "USD"}, {"currency": "EUR"}, "customer_currency_changed", ("1", "4")),
        ({}, {"customer_type": "individual"}, "customer_type_changed", ("F", "T")),
    ],
)
def test_what_netsuite_cannot_change_is_named_with_both_values(
    before: dict[str, object], after: dict[str, object], code: str, values: tuple[str, str]
) -> None:
    """It is never part of an update."""
    sent, wanted = record(**before), record(**after)
    (change,) = fixed_changes(sent, wanted)
    changed = changed_record(sent, wanted)

    assert (code, *values) == (change.code, change.before, change.after)
    assert changed is None or not {"currency", "isperson"} & changed.columns.keys()


def test_a_changed_subsidiary_is_named_even_where_the_old_one_is_no_longer_mapped() -> None:
    """The difference counts, whatever the mapping says today."""
    sent = Record(key=record().key, lago_id=record().lago_id, type="customer", columns={"isperson": "F"})

    assert [("customer_subsidiary_changed", None, "2")] == [
        (change.code, change.before, change.after)
        for change in fixed_changes(sent, record())
        if change.field == "subsidiary"
    ]


def test_a_currency_that_lago_learns_is_no_change() -> None:
    """Lago knows a customer's currency from its first subscription; NetSuite chose one at once."""
    assert [] == fixed_changes(record(currency=None), record(currency="EUR"))
    assert changed_record(record(currency=None), record(currency="EUR")) is None


words = st.one_of(st.none(), st.sampled_from(["a", "b", "c"]))
versions = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("name", "address_line1", "city", "state", "zipcode", "legal_name"), words)
    | {"shipping_address": st.one_of(st.none(), words.map(lambda city: Address(city=city)))},
)


@given(versions, versions)
def test_an_update_applied_to_what_was_sent_gives_what_is_wanted(
    before: dict[str, object], after: dict[str, object]
) -> None:
    """Fields and addresses alike; nothing that did not change is in it."""
    sent, wanted = record(**before), record(**after)
    changed = changed_record(sent, wanted)
    columns = dict(sent.columns) | (dict(changed.columns) if changed else {})

    assert dict(wanted.columns) == {name: value for name, value in columns.items() if value is not None}
    assert filled(wanted) == patched(sent, lines(changed) if changed else [])


def filled(one: Record) -> dict[str, dict[str, Any]]:
    """The lines of a record by label, flags and address fields side by side."""
    found = {}
    for line in lines(one):
        address = line.pop("addressbookaddress")
        found[line["label"]] = {name: value for name, value in (line | address).items() if value}
    return found


def patched(one: Record, changes: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What NetSuite holds after the changes, without lines of which nothing is left."""
    found = filled(one)
    for line in changes:
        values = line | line["addressbookaddress"]
        now = found.setdefault(line["label"], {"label": line["label"]})
        now |= {name: values[name] for name in line["changed"]}
    kept = {label: {name: value for name, value in line.items() if value} for label, line in found.items()}
    return {label: line for label, line in kept.items() if line.keys() - {"label"}}


def test_a_document_names_what_its_customer_lacks() -> None:
    """Currency and subsidiary, each with what the customer has."""
    books = CustomerBooks(True, frozenset({"1"}), frozenset({"2"}))
    document = Record(
        key=record().key,
        lago_id=record().lago_id,
        type="invoice",
        columns={"currency": "4", "subsidiary": "4"},
    )
    lacks = books.lacks(document)

    assert [Lack("currency", "4", ("1",)), Lack("subsidiary", "4", ("2",))] == lacks
    assert {"currency": ({"currency": "4"},), "submachine": ({"subsidiary": "4"},)} == extension_lines(
        lacks * 2
    )
    assert [] == books.extended(lacks).lacks(document)


def test_what_netsuite_does_not_tell_is_no_lack() -> None:
    """An account without subsidiaries, or one that does not list currencies."""
    document = Record(
        key=record().key,
        lago_id=record().lago_id,
        type="invoice",
        columns={"currency": "4", "subsidiary": "4"},
    )

    assert [] == CustomerBooks(is_there=True).lacks(document)
