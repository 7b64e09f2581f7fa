"""Customers: names, contact, addresses, and what NetSuite would refuse."""

from dataclasses import replace
from typing import Any

import pytest

from lago_ns_cli.domain.documents import Address, Customer, Received
from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.domain.mapping import FieldRow, FieldRows, FieldType
from lago_ns_cli.domain.records import Record
from lago_ns_cli.domain.translation.context import Translation, TranslationError
from lago_ns_cli.domain.translation.customer import translate_customer
from tests.unit.builders import MAPPINGS, context, customer


def received_customer(document: Customer, tree: dict[str, object] | None = None) -> Received[Customer]:
    return Received(document, tree or {"lago_id": document.lago_id}, b"{}")


def translate(**changes: object) -> Translation:
    return translate_customer(received_customer(customer(**changes)), context())


def codes(translation: Translation) -> list[str]:
    return [notice.code for notice in translation.notices]


def addresses(record: Record) -> list[Any]:
    return list(record.lines.get("addressbook", ()))


def test_a_company_is_its_name_its_books_and_its_address() -> None:
    """Subsidiary by billing entity, currency by mapping, one line for both addresses."""
    record = translate(
        email="ap@hooli.example", phone="+1 212 555 0100", city="New York", country="us"
    ).record

    assert {
        "isperson": "F",
        "subsidiary": "2",
        "currency": "1",
        "companyname": "Hooli Inc.",
        "email": "ap@hooli.example",
        "phone": "+1 212 555 0100",
    } == record.columns
    assert [
        {
            "defaultbilling": True,
            "defaultshipping": True,
            "label": "Lago billing",
            "addressbookaddress": {"country": "US", "addressee": "Hooli Inc.", "city": "New York"},
        }
    ] == addresses(record)


def test_an_individual_has_two_names() -> None:
    """The company that an individual works for stays beside them."""
    columns = translate(customer_type="individual", firstname="Ada", lastname="Byron").record.columns

    assert ("T", "Ada", "Byron", "Hooli Inc.") == tuple(
        columns[name] for name in ("isperson", "firstname", "lastname", "companyname")
    )


def test_an_own_shipping_address_is_a_line_of_its_own() -> None:
    """Each default is on its own line."""
    record = translate(city="New York", shipping_address=Address(city="Albany")).record

    assert [("Lago billing", True, False), ("Lago shipping", False, True)] == [
        (line["label"], line["defaultbilling"], line["defaultshipping"]) for line in addresses(record)
    ]


@pytest.mark.parametrize(
    ("given", "sent", "notices"),
    [
        ("a@hooli.example", "a@hooli.example", []),
        ("a@hooli.example, b@hooli.example", "a@hooli.example", ["first_of_several"]),
        ("a@hooli.example;b@hooli.example", "a@hooli.example", ["first_of_several"]),
        (" , b@hooli.example", "b@hooli.example", []),
        ("billing at hooli", None, ["value_left_out"]),
        ("a@hooli", None, ["value_left_out"]),
        ("a@hooli..example", None, ["value_left_out"]),
        ("a" * 250 + "@hooli.example", None, ["value_left_out"]),
        ("", None, []),
    ],
)
def test_the_first_usable_email_is_sent(given: str, sent: str | None, notices: list[str]) -> None:
    """One that NetSuite refuses would keep the customer out, so it is left out, and said."""
    translation = translate(email=given)

    assert sent == translation.record.columns.get("email")
    assert notices == codes(translation)


@pytest.mark.parametrize(
    ("given", "sent", "notices"),
    [
        ("555-0100", "555-0100", []),
        ("555-010", None, ["value_left_out"]),
        ("+49 30 1234567, +49 30 7654321", "+49 30 1234567", ["first_of_several"]),
        ("+1 (212) 555-0100 extension 1234567", None, ["value_left_out"]),
    ],
)
def test_a_telephone_needs_seven_digits_and_is_never_shortened(
    given: str, sent: str | None, notices: list[str]
) -> None:
    """Half a number is another number."""
    translation = translate(phone=given)

    assert sent == translation.record.columns.get("phone")
    assert notices == codes(translation)


@pytest.mark.parametrize("country", ["USA", "Deutschland", "1A", "U"])
def test_a_country_that_is_no_two_letter_code_is_left_out(country: str) -> None:
    """The rest of the address goes."""
    translation = translate(city="Berlin", country=country)

    assert {"addressee": "Hooli Inc.", "city": "Berlin"} == addresses(translation.record)[0][
        "addressbookaddress"
    ]
    assert ["value_left_out"] == codes(translation)


def test_long_names_and_addresses_are_cut_with_a_notice_each() -> None:
    """A54: name, addressee and street have lengths of their own."""
    translation = translate(name="N" * 84, address_line1="S" * 151, country="US")

    address = addresses(translation.record)[0]["addressbookaddress"]
    assert ("N" * 83, "N" * 83, "S" * 150) == (
        translation.record.columns["companyname"],
        address["addressee"],
        address["addr1"],
    )
    assert ["text_cut"] * 3 == codes(translation)


def test_numbering_by_external_id_turns_automatic_numbers_off() -> None:
    """``entityid`` is ours only by setting."""
    own = translate_customer(received_customer(customer()), context(external_entity_ids=True))

    assert (False, "cust_0042") == (own.record.columns["autoname"], own.record.columns["entityid"])
    assert "entityid" not in translate().record.columns


def test_an_external_id_that_does_not_fit_is_held_and_not_cut() -> None:
    """A cut one could be another customer's."""
    with pytest.raises(TranslationError) as held:
        translate_customer(
            received_customer(customer(external_id="x" * 81)), context(external_entity_ids=True)
        )

    assert "number_does_not_fit" == held.value.code


def test_all_reasons_are_told_at_once() -> None:
    """An unmapped billing entity and an unmapped currency are two problems."""
    with pytest.raises(TranslationError) as held:
        translate(billing_entity_code="acme-br", currency="BRL")

    assert ["subsidiary_unmapped", "currency_unmapped"] == [one.code for one in held.value.problems]


def test_a_parent_is_mapped_by_its_internal_id() -> None:
    """A header row of type list takes an id from metadata."""
    row = FieldRow(to="parent", source="metadata.netsuite_parent", type=FieldType.LIST)
    mappings = replace(MAPPINGS, fields={Kind.CUSTOMER: FieldRows(header=(row,))})
    tree: dict[str, object] = {"metadata": [{"key": "netsuite_parent", "value": "98765"}]}

    translation = translate_customer(received_customer(customer(), tree), context(mappings=mappings))

    assert "98765" == translation.record.columns["parent"]
