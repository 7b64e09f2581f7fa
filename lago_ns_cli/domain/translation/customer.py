"""A Lago customer becomes a NetSuite customer."""

import re

from lago_ns_cli.domain.documents import Address, Customer, Received
from lago_ns_cli.domain.identifiers import Kind, key_of
from lago_ns_cli.domain.mapping import FieldRows, merge_field_rows
from lago_ns_cli.domain.records import Line, Record, Value
from lago_ns_cli.domain.translation.context import (
    Context,
    Findings,
    Translation,
    TranslationError,
    account_currency,
)
from lago_ns_cli.domain.translation.fields import date_fields, fill_fields
from lago_ns_cli.domain.translation.text import LIMITS, fit_fields, fit_text, storable

RECORD_TYPE = "customer"
ADDRESSES = "addressbook"
ADDRESS = "addressbookaddress"
BILLING, SHIPPING = "Lago billing", "Lago shipping"
"""Labels of the address lines that are ours; a customer's other addresses are a person's."""

_FEWEST_DIGITS = 7
"""NetSuite refuses a telephone number with fewer."""

_EMAIL = re.compile(r"[^\s@,;<>()]+@[^\s@,;<>().]+(\.[^\s@,;<>().]+)+")
_COUNTRY = re.compile(r"[A-Za-z]{2}")


def translate_customer(received: Received[Customer], context: Context) -> Translation:
    """Translate a customer: company or individual, with billing and shipping address.

    Raises:
        TranslationError: All reasons why it cannot be translated, at once.
    """
    findings = Findings()
    record = customer_record(received, context, findings)
    findings.raise_problems()
    return Translation((record,), findings.notices)


def customer_record(received: Received[Customer], context: Context, findings: Findings) -> Record:
    """Write a customer as a record; what cannot be translated is left out and noted as a problem."""
    customer = received.document
    rows = context.mappings.fields.get(Kind.CUSTOMER, FieldRows())
    header = merge_field_rows(rows.header, customer.billing_entity_code)
    columns: dict[str, Value] = {"isperson": "T" if _is_person(customer) else "F"}
    columns |= _subsidiary_and_currency(customer, context, findings)
    columns |= _names(customer, context, findings)
    columns |= _contact(customer, findings)
    terms = context.mappings.terms_for(customer.net_payment_term)
    if terms.value is not None:
        columns["terms"] = terms.value
    scopes = (received.tree, {"customer": received.tree})
    columns |= fit_fields(
        fill_fields(header, scopes, customer.applicable_timezone, context.account, findings), findings
    )
    addresses = _addresses(customer, findings)
    return Record(
        key=key_of(Kind.CUSTOMER, customer.lago_id),
        lago_id=customer.lago_id,
        type=RECORD_TYPE,
        columns=columns,
        lines={ADDRESSES: addresses} if addresses else {},
        dates=date_fields(header),
    )


def display_name(customer: Customer) -> str:
    """Tell what a person calls the customer."""
    person = " ".join(part for part in (customer.firstname, customer.lastname) if part)
    return customer.name or person or customer.legal_name or customer.external_id


def _is_person(customer: Customer) -> bool:
    return customer.customer_type == "individual"


def _subsidiary_and_currency(customer: Customer, context: Context, findings: Findings) -> dict[str, Value]:
    columns: dict[str, Value] = {}
    subsidiary = context.mappings.subsidiary(customer.billing_entity_code)
    if subsidiary.value is not None:
        columns["subsidiary"] = subsidiary.value
    else:
        findings.problem(
            "subsidiary_unmapped",
            f"billing_entity:{customer.billing_entity_code}",
            f"the billing entity {customer.billing_entity_code} has no NetSuite subsidiary",
            f"lago-ns map set subsidiary {customer.billing_entity_code} --to <internal id>",
        )
    try:
        if customer.currency is not None:
            columns["currency"] = account_currency(customer.currency, context).id
    except TranslationError as error:
        for problem in error.problems:
            findings.problem(problem.code, problem.subject, problem.message, problem.hint)
    return columns


def _names(customer: Customer, context: Context, findings: Findings) -> dict[str, Value]:
    columns: dict[str, Value] = {}
    if context.external_entity_ids:
        columns["autoname"] = False
        columns["entityid"] = fit_text("entityid", customer.external_id, findings)
    if _is_person(customer):
        columns["firstname"] = _fitted("firstname", customer.firstname, findings)
        columns["lastname"] = _fitted("lastname", customer.lastname or customer.name, findings)
        if columns["firstname"] is None and columns["lastname"] is None:
            columns["lastname"] = _fitted("lastname", display_name(customer), findings)
        if customer.name and customer.lastname:
            columns["companyname"] = _fitted("companyname", customer.name, findings)
    else:
        columns["companyname"] = _fitted("companyname", display_name(customer), findings)
    return {name: value for name, value in columns.items() if value is not None}


def _contact(customer: Customer, findings: Findings) -> dict[str, Value]:
    """The first of several e-mails and telephones; one that NetSuite refuses is left out.

    One refused field would keep the whole customer out, and its invoices with it.
    """
    columns: dict[str, Value] = {}
    for field, value in (("email", customer.email), ("phone", customer.phone)):
        first, *others = _several(value)
        if others:
            findings.notice("first_of_several", f"only the first of several values went to {field}")
        if not first:
            continue
        fault = _fault(field, first)
        if fault is None:
            columns[field] = first
        else:
            findings.notice("value_left_out", f"{field} was left out: {storable(first)!r} {fault}")
    return columns


def _several(value: str | None) -> list[str]:
    """Take apart what commas or semicolons separate; an empty text where there is nothing."""
    parts = [part.strip() for part in re.split("[,;]", value or "")]
    return [part for part in parts if part] or [""]


def _fault(field: str, value: str) -> str | None:
    """Tell why NetSuite would refuse an e-mail or telephone; shortened, it would be another one."""
    if storable(value) != value:
        return "holds characters that NetSuite cannot store"
    if len(value) > LIMITS[field]:
        return f"is longer than {LIMITS[field]} characters"
    if field == "email":
        return None if _EMAIL.fullmatch(value) else "is no e-mail address"
    digits = sum(char.isdigit() for char in value)
    return None if digits >= _FEWEST_DIGITS else f"has fewer than {_FEWEST_DIGITS} digits"


def _addresses(customer: Customer, findings: Findings) -> tuple[Line, ...]:
    billing = Address(
        address_line1=customer.address_line1,
        address_line2=customer.address_line2,
        city=customer.city,
        state=customer.state,
        zipcode=customer.zipcode,
        country=customer.country,
    )
    shipping = customer.shipping_address or Address()
    if shipping in (Address(), billing):
        return (_address_line(billing, customer, findings),) if billing != Address() else ()
    lines = [_address_line(shipping, customer, findings, billing=False)]
    if billing != Address():
        lines.insert(0, _address_line(billing, customer, findings, shipping=False))
    return tuple(lines)


def _address_line(
    address: Address, customer: Customer, findings: Findings, *, billing: bool = True, shipping: bool = True
) -> Line:
    fields = {
        "country": _country(address.country, findings),
        "addressee": display_name(customer),
        "addr1": address.address_line1,
        "addr2": address.address_line2,
        "city": address.city,
        "state": address.state,
        "zip": address.zipcode,
    }
    fitted = {name: _fitted(name, value, findings) for name, value in fields.items()}
    return {
        "defaultbilling": billing,
        "defaultshipping": shipping,
        "label": BILLING if billing else SHIPPING,
        ADDRESS: {name: value for name, value in fitted.items() if value is not None},
    }


def _country(value: str | None, findings: Findings) -> str | None:
    if not value or _COUNTRY.fullmatch(value):
        return value and value.upper()
    findings.notice("value_left_out", f"country was left out: {storable(value)!r} is no two-letter code")
    return None


def _fitted(field: str, value: str | None, findings: Findings) -> str | None:
    return fit_text(field, value, findings) if value else None
