"""Changes to the mappings, as functions from mappings to mappings."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from lago_ns_cli.domain.mapping import (
    ITEM_TYPES,
    CreditNotePolicy,
    Defaults,
    FieldRow,
    FieldRows,
    FieldType,
    GroupingRow,
    ItemRow,
    Mappings,
    PaymentRow,
    SubsidiaryRow,
    TaxRow,
    TaxTarget,
)
from lago_ns_cli.errors import ConfigError

OBJECT_KINDS = ("billable_metric", "add_on", "plan", "commitment", "coupon", "product")

_Row = TypeVar("_Row")


def _is_same(one: object, other: object, identity: Iterable[str]) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in identity)


def _without(rows: Iterable[_Row], same: _Row, *identity: str) -> tuple[_Row, ...]:
    return tuple(row for row in rows if not _is_same(row, same, identity))


def _with(rows: Iterable[_Row], new: _Row, *identity: str) -> tuple[_Row, ...]:
    """Put a row in the place of the one it replaces; at the end where it replaces none."""
    before = tuple(rows)
    after = tuple(new if _is_same(row, new, identity) else row for row in before)
    return after if any(_is_same(row, new, identity) for row in before) else (*before, new)


def set_item(mappings: Mappings, row: ItemRow) -> Mappings:
    """Map a Lago object to an item, in place of a row for the same object and entity.

    Raises:
        ConfigError: ``row.lago`` is not ``<kind>:<code>`` of a kind that can be mapped.
    """
    kind, _, code = row.lago.partition(":")
    if kind not in OBJECT_KINDS or not code:
        raise ConfigError(
            f"{row.lago!r} does not name a Lago object.",
            hint=f"Write <kind>:<code>, the kind being one of {', '.join(OBJECT_KINDS)}.",
        )
    return replace(mappings, items=_with(mappings.items, row, "lago", "billing_entity"))


def unset_item(mappings: Mappings, lago: str, billing_entity: str | None) -> Mappings:
    """Remove an item row."""
    row = ItemRow(lago=lago, item="", billing_entity=billing_entity)
    return replace(mappings, items=_removed(mappings.items, row, lago, "lago", "billing_entity"))


def set_tax(mappings: Mappings, row: TaxRow) -> Mappings:
    """Map a tax, or a set of taxes; the order in which a set is written makes no difference."""
    before = _sorted_taxes(mappings)
    after = _with(before, _sorted(row), "lago", "billing_entity")
    return mappings if after == before else replace(mappings, taxes=after)


def unset_tax(mappings: Mappings, lago: tuple[str, ...], billing_entity: str | None) -> Mappings:
    """Remove a tax row."""
    row = TaxRow(lago=tuple(sorted(lago)), target=TaxTarget(""), billing_entity=billing_entity)
    taxes = _removed(_sorted_taxes(mappings), row, "+".join(lago), "lago", "billing_entity")
    return replace(mappings, taxes=taxes)


def _sorted(row: TaxRow) -> TaxRow:
    return replace(row, lago=tuple(sorted(row.lago)))


def _sorted_taxes(mappings: Mappings) -> tuple[TaxRow, ...]:
    return tuple(_sorted(row) for row in mappings.taxes)


def set_subsidiary(mappings: Mappings, row: SubsidiaryRow) -> Mappings:
    """Map a billing entity to a subsidiary."""
    return replace(mappings, subsidiaries=_with(mappings.subsidiaries, row, "billing_entity"))


def unset_subsidiary(mappings: Mappings, billing_entity: str) -> Mappings:
    """Remove a subsidiary row."""
    row = SubsidiaryRow(billing_entity=billing_entity, subsidiary="")
    rows = _removed(mappings.subsidiaries, row, billing_entity, "billing_entity")
    return replace(mappings, subsidiaries=rows)


def set_currency(mappings: Mappings, code: str, currency: str) -> Mappings:
    """Map a currency code to a currency record."""
    return replace(mappings, currencies={**mappings.currencies, code.upper(): currency})


def unset_currency(mappings: Mappings, code: str) -> Mappings:
    """Remove a currency."""
    if code.upper() not in mappings.currencies:
        raise _absent(code)
    kept = {name: value for name, value in mappings.currencies.items() if name != code.upper()}
    return replace(mappings, currencies=kept)


def set_payment(mappings: Mappings, row: PaymentRow) -> Mappings:
    """Say where payments of a provider and currency go."""
    payments = _with(mappings.payments, row, "provider", "currency", "billing_entity")
    return replace(mappings, payments=payments)


def unset_payment(
    mappings: Mappings, provider: str | None, currency: str | None, billing_entity: str | None
) -> Mappings:
    """Remove a payment row."""
    row = PaymentRow(account=None, provider=provider, currency=currency, billing_entity=billing_entity)
    name = f"provider {provider or '*'}, currency {currency or '*'}"
    rows = _removed(mappings.payments, row, name, "provider", "currency", "billing_entity")
    return replace(mappings, payments=rows)


def set_terms(mappings: Mappings, days: int, terms: str) -> Mappings:
    """Map a net payment term, in days, to NetSuite's terms.

    Raises:
        ConfigError: The number of days is negative.
    """
    if days < 0:
        raise ConfigError(f"{days} days are no payment term.", hint="Write the number of days: 30.")
    return replace(mappings, terms={**mappings.terms, days: terms})


def unset_terms(mappings: Mappings, days: int) -> Mappings:
    """Remove the terms of a number of days."""
    if days not in mappings.terms:
        raise _absent(f"{days} days")
    return replace(mappings, terms={known: to for known, to in mappings.terms.items() if known != days})


def set_field(mappings: Mappings, kind: str, place: str, row: FieldRow) -> Mappings:
    """Fill a field, in place of a row for the same field and entity.

    Args:
        kind: ``customer``, ``invoice``, ``credit_note`` or ``payment``.
        place: ``header`` or ``line``.
    """
    rows = _with(_fields(mappings, kind, place), row, "to", "billing_entity")
    return _with_fields(mappings, kind, place, rows)


def unset_field(mappings: Mappings, kind: str, place: str, row: FieldRow) -> Mappings:
    """Remove the row of a field."""
    rows = _without(_fields(mappings, kind, place), row, "to", "billing_entity")
    return _with_fields(mappings, kind, place, rows)


def _fields(mappings: Mappings, kind: str, place: str) -> tuple[FieldRow, ...]:
    rows = mappings.fields.get(kind, FieldRows())
    return rows.line if place == "line" else rows.header


def _with_fields(mappings: Mappings, kind: str, place: str, rows: tuple[FieldRow, ...]) -> Mappings:
    own = mappings.fields.get(kind, FieldRows())
    after = replace(own, line=rows) if place == "line" else replace(own, header=rows)
    return replace(mappings, fields={**mappings.fields, kind: after})


def set_grouping(mappings: Mappings, row: GroupingRow) -> Mappings:
    """Add a grouping before those that are less exact, since the first whose restrictions hold wins."""
    others = [one for one in mappings.grouping if replace(one, item=row.item, note=row.note) != row]
    place = next((at for at, one in enumerate(others) if _exactness(one) < _exactness(row)), len(others))
    return replace(mappings, grouping=(*others[:place], row, *others[place:]))


def unset_grouping(mappings: Mappings, row: GroupingRow) -> Mappings:
    """Remove a grouping."""
    return replace(mappings, grouping=tuple(one for one in mappings.grouping if one != row))


def _exactness(row: GroupingRow) -> int:
    return bool(row.customers) + bool(row.invoice_types) + (row.billing_entity is not None)


def _removed(rows: Iterable[_Row], row: _Row, name: str, *identity: str) -> tuple[_Row, ...]:
    before = tuple(rows)
    after = _without(before, row, *identity)
    if len(after) == len(before):
        raise _absent(name)
    return after


def _absent(name: str) -> ConfigError:
    return ConfigError(f"There is no row for {name}.", hint="lago-ns map show")


DEFAULT_NAMES = (
    "item",
    *(f"item_by_type.{name}" for name in ITEM_TYPES),
    "untaxed_code",
    "subsidiary",
    "credit_note_policy",
)
"""What ``map set default`` can set; the tax has its own options."""


def set_default(mappings: Mappings, name: str, value: str | None, billing_entity: str | None) -> Mappings:
    """Set or, with None, remove a default, of all billing entities or of one.

    Raises:
        ConfigError: There is no such default, or it does not take this value.
    """
    defaults = _defaults(mappings, billing_entity)
    table, _, key = name.partition(".")
    if name == "tax":
        raise ConfigError(
            "The default tax has options of its own.",
            hint="lago-ns map set tax default, or map unset tax default",
        )
    if name not in DEFAULT_NAMES:
        raise ConfigError(f"There is no default {name!r}.", hint=f"One of: {', '.join(DEFAULT_NAMES)}")
    if table == "item_by_type":
        by_type = {**defaults.item_by_type, key: value}
        kept = {item_type: item for item_type, item in by_type.items() if item is not None}
        return _with_defaults(mappings, billing_entity, replace(defaults, item_by_type=kept))
    if name == "credit_note_policy":
        return _with_defaults(mappings, billing_entity, replace(defaults, credit_note_policy=_policy(value)))
    changes: dict[str, str | None] = {name: value}
    return _with_defaults(mappings, billing_entity, replace(defaults, **changes))  # type: ignore[arg-type]


def set_default_tax(mappings: Mappings, target: TaxTarget | None, billing_entity: str | None) -> Mappings:
    """Set or remove the default tax."""
    defaults = replace(_defaults(mappings, billing_entity), tax=target)
    return _with_defaults(mappings, billing_entity, defaults)


def _policy(value: str | None) -> CreditNotePolicy | None:
    try:
        return None if value is None else CreditNotePolicy(value)
    except ValueError:
        choices = ", ".join(CreditNotePolicy)
        raise ConfigError(f"{value!r} is no credit-note policy.", hint=f"One of: {choices}") from None


def _defaults(mappings: Mappings, billing_entity: str | None) -> Defaults:
    if billing_entity is None:
        return mappings.defaults
    return mappings.entity_defaults.get(billing_entity, Defaults())


def _with_defaults(mappings: Mappings, billing_entity: str | None, defaults: Defaults) -> Mappings:
    if billing_entity is None:
        return replace(mappings, defaults=defaults)
    entities = {**mappings.entity_defaults, billing_entity: defaults}
    kept = {code: own for code, own in entities.items() if own != Defaults()}
    return replace(mappings, entity_defaults=kept)


def _date(source: str, to: str) -> FieldRow:
    return FieldRow(source=source, to=to, type=FieldType.DATE)


STANDARD_ROWS = {
    "customer": FieldRows(header=(FieldRow(source="lago_id", to="custentity_lago_id"),)),
    "invoice": FieldRows(
        header=(
            FieldRow(source="number", to="tranid"),
            _date("issuing_date", "trandate"),
            _date("payment_due_date", "duedate"),
            FieldRow(source="lago_id", to="custbody_lago_id"),
            FieldRow(source="web_url", to="custbody_lago_invoice_link"),
            FieldRow(source="purchase_order_number", to="otherrefnum"),
        ),
        line=(
            _date("service_period.start", "custcol_service_period_date_from"),
            _date("service_period.end", "custcol_service_period_date_to"),
            FieldRow(source="lago_id", to="custcol_lago_line_id"),
        ),
    ),
    "credit_note": FieldRows(
        header=(
            FieldRow(source="number", to="tranid"),
            _date("issuing_date", "trandate"),
            FieldRow(source="lago_id", to="custbody_lago_id"),
        ),
        line=(
            _date("service_period.start", "custcol_service_period_date_from"),
            _date("service_period.end", "custcol_service_period_date_to"),
            FieldRow(source="lago_id", to="custcol_lago_line_id"),
        ),
    ),
    "payment": FieldRows(
        header=(
            FieldRow(source="lago_id", to="custbody_lago_id"),
            FieldRow(source="reference", to="checknum"),
        ),
    ),
}
"""What ``map seed`` writes: the rows that every account with our fields can take."""


def seed(mappings: Mappings) -> Mappings:
    """Add the standard header and line rows that are not there; what is there stays."""
    fields = dict(mappings.fields)
    for kind, standard in STANDARD_ROWS.items():
        own = fields.get(kind, FieldRows())
        fields[kind] = FieldRows(
            header=_with_missing(own.header, standard.header), line=_with_missing(own.line, standard.line)
        )
    return replace(mappings, fields=fields)


def _with_missing(rows: tuple[FieldRow, ...], standard: tuple[FieldRow, ...]) -> tuple[FieldRow, ...]:
    taken = {row.to for row in rows}
    return rows + tuple(row for row in standard if row.to not in taken)
