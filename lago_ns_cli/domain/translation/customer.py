"""A Lago customer becomes a NetSuite customer."""

from lago_ns_cli.domain.documents import Address, Customer, Received
from lago_ns_cli.domain.identifiers import Kind, key_of
from lago_ns_cli.domain.mapping import FieldRows, merge_field_rows
from lago_ns_cli.domain.records import Line, Record, Value
from lago_ns_cli.domain.translation.context import Context, Findings, Translation, account_currency
from lago_ns_cli.domain.translation.fields import date_fields, fill_fields
from lago_ns_cli.domain.translation.text import LIMITS, fit, storable

RECORD_TYPE = "customer"


def translate_customer(received: Received[Customer], context: Context) -> Translation:
    """Translate a customer: company or individual, with billing and shipping address.

    Raises:
        TranslationError: All reasons why it cannot be translated, at once.
    """
    customer = received.document
    findings = Findings()
    rows = context.mappings.fields.get(Kind.CUSTOMER, FieldRows())
    header = merge_field_rows(rows.header, customer.billing_entity_code)
    columns: dict[str, Value] = {"isperson": "T" if _is_person(customer) else "F"}
    columns |= _subsidiary_and_currency(customer, context, findings)
    columns |= _names(customer, context, findings)
    columns |= _contact(customer, findings)
    scopes = (received.tree, {"customer": received.tree})
    columns |= fill_fields(header, scopes, customer.applicable_timezone, context.account, findings)
    addresses = _addresses(customer, findings)
    findings.raise_problems()
    record = Record(
        key=key_of(Kind.CUSTOMER, customer.lago_id),
        lago_id=customer.lago_id,
        type=RECORD_TYPE,
        columns=columns,
        lines={"addressbook": addresses} if addresses else {},
        dates=date_fields(header),
    )
    return Translation((record,), findings.notices)


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
    if customer.currency is not None:
        columns["currency"] = account_currency(customer.currency, context).id
    return columns


def _names(customer: Customer, context: Context, findings: Findings) -> dict[str, Value]:
    columns: dict[str, Value] = {}
    if context.external_entity_ids:
        columns["autoname"] = False
        columns["entityid"] = customer.external_id
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
    """The first of several e-mails and telephones; Lago lets a comma separate them."""
    columns: dict[str, Value] = {}
    for field, value in (("email", customer.email), ("phone", customer.phone)):
        first, _, others = (value or "").partition(",")
        if first.strip():
            columns[field] = _fitted(field, first.strip(), findings)
        if others.strip():
            findings.notice("first_of_several", f"only the first of several values went to {field}")
    return columns


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
        "country": address.country,
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
        "label": "Lago billing" if billing else "Lago shipping",
        "addressbookaddress": {name: value for name, value in fitted.items() if value is not None},
    }


def _fitted(field: str, value: str | None, findings: Findings) -> str | None:
    if not value:
        return None
    clean = storable(value)
    if clean != value:
        findings.notice("text_replaced", f"{field} held characters that NetSuite cannot store")
    limit = LIMITS.get(field)
    if limit is None or len(clean) <= limit:
        return clean
    findings.notice("text_cut", f"{field} was cut from {len(clean)} to {limit} characters")
    return fit(clean, limit)
