"""Reading ``mappings.toml``."""

from collections.abc import Callable, Hashable, Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

from lago_ns_cli.domain.mapping import (
    ITEM_TYPES,
    VERSION,
    CreditNotePolicy,
    Defaults,
    FieldRow,
    FieldRows,
    FieldType,
    GroupingRow,
    IgnoreRow,
    ItemRow,
    Mappings,
    PaymentRow,
    SubsidiaryRow,
    TaxRow,
    TaxTarget,
)
from lago_ns_cli.domain.mapping_edit import OBJECT_KINDS
from lago_ns_cli.domain.mapping_recognition import RECOGNITIONS
from lago_ns_cli.domain.reconciliation.findings import EXPLAINED, Discrepancy
from lago_ns_cli.domain.reconciliation.rows import PREPAID
from lago_ns_cli.errors import ConfigError
from lago_ns_cli.mapping_file.canonical import FIELD_KINDS, LINE_KINDS
from lago_ns_cli.mapping_file.tables import Problems, Table
from lago_ns_cli.toml_lines import TomlDocument, load_toml

RowT = TypeVar("RowT")


def load_mappings(path: Path) -> Mappings:
    """Load the mappings of a file.

    Raises:
        ConfigError: It is absent or not TOML, or rows are wrong: ``problems`` lists all of them,
            each with file, line, row and what to do.
    """
    return read_mappings(load_toml(path, hint="run `lago-ns map seed` to write the first one"))


def read_mappings(document: TomlDocument) -> Mappings:
    """Read the mappings of a parsed file.

    Raises:
        ConfigError: Rows are wrong; see ``load_mappings``.
    """
    problems = Problems(document)
    mappings = _mappings(Table(document.data, (), problems))
    if lines := problems.lines():
        count = "a problem" if len(lines) == 1 else f"{len(lines)} problems"
        raise ConfigError(
            f"{document.path} has {count}.",
            hint="mend the lines named, then run `lago-ns map check`",
            problems=lines,
            code="mappings_problems",
        )
    return mappings


def _mappings(root: Table) -> Mappings:
    _check_version(root)
    mappings = Mappings(
        defaults=_defaults(root.table("defaults")),
        entity_defaults=_entity_defaults(root.table("billing_entities")),
        items=_rows(root, "items", _item, lambda row: (row.lago, row.billing_entity)),
        taxes=_rows(root, "taxes", _tax, lambda row: (frozenset(row.lago), row.billing_entity)),
        subsidiaries=_rows(root, "subsidiaries", _subsidiary, lambda row: row.billing_entity),
        currencies=_currencies(root.table("currencies")),
        terms=_terms(root.table("terms")),
        payments=_rows(
            root, "payments", _payment, lambda row: (row.provider, row.currency, row.billing_entity)
        ),
        fields={kind: rows for kind in FIELD_KINDS if (rows := _fields(root, kind)) is not None},
        grouping=_rows(root, "grouping", _grouping, _grouping_identity),
        ignore=_rows(root, "ignore", _ignore, _ignore_identity),
    )
    root.done()
    return mappings


def _check_version(root: Table) -> None:
    version = root.number("version")
    if "version" not in root:
        root.problem(f"the file lacks its version; begin it with version = {VERSION}")
    elif version is not None and version != VERSION:
        root.problem(f"must be {VERSION}; a newer lago-ns may have written this file", "version")


def _rows(
    table: Table,
    key: str,
    read: Callable[[Table], RowT | None],
    identity: Callable[[RowT], Hashable],
) -> tuple[RowT, ...]:
    """Read rows; two of one identity are a problem, since only one could win."""
    first: dict[Hashable, int] = {}
    rows = []
    for position, row_table in enumerate(table.rows(key)):
        row = read(row_table)
        row_table.done()
        if row is None:
            continue
        earlier = first.setdefault(identity(row), position)
        if earlier != position:
            line = table.problems.document.line((*table.where, key, earlier))
            row_table.problem(f"repeats row {earlier + 1} (line {line}); delete one of them")
        rows.append(row)
    return tuple(rows)


def _defaults(table: Table | None) -> Defaults:
    if table is None:
        return Defaults()
    policy = table.choice("credit_note_policy", tuple(CreditNotePolicy))
    defaults = Defaults(
        item=table.text("item"),
        item_by_type=_item_by_type(table.table("item_by_type")),
        tax=_default_tax(table.table("tax")),
        untaxed_code=table.text("untaxed_code"),
        subsidiary=table.text("subsidiary"),
        credit_note_policy=None if policy is None else CreditNotePolicy(policy),
    )
    table.done()
    return defaults


def _item_by_type(table: Table | None) -> dict[str, str]:
    if table is None:
        return {}
    items = {name: item for name in ITEM_TYPES if (item := table.text(name)) is not None}
    table.done()
    return items


def _default_tax(table: Table | None) -> TaxTarget | None:
    if table is None:
        return None
    target = _tax_target(table)
    table.done()
    return target


def _tax_target(table: Table) -> TaxTarget | None:
    code = table.required("tax_code", "14")
    tax_type, nexus = table.text("tax_type"), table.text("nexus")
    if ("tax_type" in table) != ("nexus" in table):
        table.problem("names one of nexus and tax_type; SuiteTax needs both, the legacy regime neither")
    return None if code is None else TaxTarget(code, tax_type, nexus)


def _entity_defaults(table: Table | None) -> dict[str, Defaults]:
    if table is None:
        return {}
    return {code: _defaults(table.table(code)) for code in table.keys()}  # noqa: SIM118 - not a dict


def _currencies(table: Table | None) -> dict[str, str]:
    if table is None:
        return {}
    found = {}
    for code in table.keys():  # noqa: SIM118 - not a dict
        currency = table.text(code)
        if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
            table.problem("is no currency; write its ISO code, such as USD", code)
        elif currency is not None:
            found[code] = currency
    return found


def _terms(table: Table | None) -> dict[int, str]:
    if table is None:
        return {}
    found: dict[int, str] = {}
    for days in table.keys():  # noqa: SIM118 - not a dict
        terms = table.text(days)
        if not (days.isascii() and days.isdecimal() and str(int(days)) == days):
            table.problem('is no number of days; write it plainly, such as 30 = "2"', days)
        elif terms is not None:
            found[int(days)] = terms
    return found


def _item(table: Table) -> ItemRow | None:
    lago = table.required("lago", "billable_metric:api_calls")
    item = table.required("item", "500")
    owner, note = _owner_and_note(table)
    recognition = table.choice("recognition", RECOGNITIONS)
    if lago is not None:
        kind, _, code = lago.partition(":")
        if kind not in OBJECT_KINDS or not code:
            kinds = ", ".join(OBJECT_KINDS)
            table.problem(f"must be <kind>:<code>, where kind is one of {kinds}", "lago")
            lago = None
    if lago is None or item is None:
        return None
    return ItemRow(lago=lago, item=item, billing_entity=owner, recognition=recognition, note=note)


def _tax(table: Table) -> TaxRow | None:
    if "lago" in table:
        lago = table.text_or_texts("lago")
    else:
        lago = ()
        table.required("lago", "us_nyc")
    target = _tax_target(table)
    owner, note = _owner_and_note(table)
    if not lago or target is None:
        return None
    return TaxRow(lago=lago, target=target, billing_entity=owner, note=note)


def _subsidiary(table: Table) -> SubsidiaryRow | None:
    entity = table.required("billing_entity", "acme-eu")
    subsidiary = table.required("subsidiary", "4")
    note = table.text("note")
    if entity is None or subsidiary is None:
        return None
    return SubsidiaryRow(billing_entity=entity, subsidiary=subsidiary, note=note)


def _payment(table: Table) -> PaymentRow:
    owner, note = _owner_and_note(table)
    return PaymentRow(
        provider=table.text("provider"),
        currency=table.text("currency"),
        account=table.text("account"),
        method=table.text("method"),
        billing_entity=owner,
        note=note,
    )


def _fields(root: Table, kind: str) -> FieldRows | None:
    table = root.table(kind)
    if table is None:
        return None
    header = _rows(table, "header", _field, _field_identity)
    line = _rows(table, "line", _field, _field_identity) if kind in LINE_KINDS else ()
    table.done()
    return FieldRows(header, line)


def _field(table: Table) -> FieldRow | None:
    source, literal = table.text("from"), table.literal("value")
    to = table.required("to", "custbody_region")
    kind = FieldType(table.choice("type", tuple(FieldType)) or FieldType.TEXT)
    section = table.text("list")
    owner, note = _owner_and_note(table)
    if ("from" in table) == ("value" in table):
        table.problem("needs either from (a path of the Lago document) or value (a literal)")
    if section is not None and kind is not FieldType.LIST:
        table.problem('goes with type = "list" only', "list")
    if to is None:
        return None
    return FieldRow(
        to=to, source=source, literal=literal, type=kind, list=section, billing_entity=owner, note=note
    )


def _field_identity(row: FieldRow) -> Hashable:
    return row.to, row.billing_entity


def _grouping(table: Table) -> GroupingRow | None:
    item = table.required("item", "510")
    customers, invoice_types = table.texts("customers"), table.texts("invoice_types")
    owner, note = _owner_and_note(table)
    if item is None:
        return None
    return GroupingRow(
        item=item, customers=customers, invoice_types=invoice_types, billing_entity=owner, note=note
    )


def _grouping_identity(row: GroupingRow) -> Hashable:
    restrictions: Iterable[tuple[str, ...]] = (row.customers, row.invoice_types)
    return tuple(frozenset(values) for values in restrictions), row.billing_entity


def _ignore(table: Table) -> IgnoreRow | None:
    finding = _known_finding(table)
    note = table.required("note", "why it is accepted")
    currency, below = table.text("currency"), _amount(table, "below")
    if below is not None and currency is None:
        table.problem('needs the currency of its amount; add currency = "EUR"', "below")
    kind = table.choice("kind", (*FIELD_KINDS, PREPAID))
    row = IgnoreRow(
        finding=finding or "",
        note=note or "",
        kind=kind,
        customer=table.text("customer"),
        currency=currency,
        below=below,
        until=_day(table, "until"),
        billing_entity=table.text("billing_entity"),
    )
    return None if finding is None or note is None else row


def _known_finding(table: Table) -> str | None:
    if table.required("finding", "number") is None:
        return None
    return table.choice("finding", tuple(one.value for one in Discrepancy if one not in EXPLAINED))


def _amount(table: Table, key: str) -> Decimal | None:
    text = table.text(key)
    if text is None:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(0)
    if amount.is_finite() and amount > 0:
        return amount
    table.problem('must be an amount above zero in quotes, such as "0.05"', key)
    return None


def _day(table: Table, key: str) -> date | None:
    text = table.text(key)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        table.problem('must be a day in quotes, such as "2026-12-31"', key)
        return None


def _ignore_identity(row: IgnoreRow) -> Hashable:
    return row.finding, row.kind, row.customer, row.currency, row.below, row.billing_entity


def _owner_and_note(table: Table) -> tuple[str | None, str | None]:
    return table.text("billing_entity"), table.text("note")
