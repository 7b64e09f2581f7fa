"""The canonical order of mappings."""

from collections.abc import Mapping
from dataclasses import replace

from lago_ns_cli.domain.mapping import ITEM_TYPES, Defaults, ItemRow, Mappings, PaymentRow, TaxRow
from lago_ns_cli.domain.mapping_edit import OBJECT_KINDS

FIELD_KINDS = ("customer", "invoice", "credit_note", "payment")
LINE_KINDS = ("invoice", "credit_note")
"""The kinds that have header rows, and those that have line rows too."""


def canonical_mappings(mappings: Mappings) -> Mappings:
    """Sort what has no order of its own; the look-ups answer the same."""
    return Mappings(
        defaults=_defaults(mappings.defaults),
        entity_defaults={
            code: _defaults(mappings.entity_defaults[code]) for code in sorted(mappings.entity_defaults)
        },
        items=tuple(sorted(mappings.items, key=_item_order)),
        taxes=tuple(sorted(map(_tax, mappings.taxes), key=_tax_order)),
        subsidiaries=tuple(sorted(mappings.subsidiaries, key=lambda row: row.billing_entity)),
        currencies=dict(sorted(mappings.currencies.items())),
        terms=dict(sorted(mappings.terms.items())),
        payments=tuple(sorted(mappings.payments, key=_payment_order)),
        fields={
            kind: mappings.fields[kind]
            for kind in sorted(mappings.fields, key=_field_order)
            if mappings.fields[kind].header or mappings.fields[kind].line
        },
        grouping=mappings.grouping,
        ignore=mappings.ignore,
    )


def _defaults(defaults: Defaults) -> Defaults:
    by_type: Mapping[str, str] = {
        name: defaults.item_by_type[name] for name in sorted(defaults.item_by_type, key=_type_order)
    }
    return replace(defaults, item_by_type=by_type)


def _type_order(name: str) -> int:
    return ITEM_TYPES.index(name) if name in ITEM_TYPES else len(ITEM_TYPES)


def _tax(row: TaxRow) -> TaxRow:
    return replace(row, lago=tuple(sorted(row.lago)))


def _field_order(kind: str) -> int:
    return FIELD_KINDS.index(kind) if kind in FIELD_KINDS else len(FIELD_KINDS)


def _item_order(row: ItemRow) -> tuple[int, str, str]:
    kind, _, code = row.lago.partition(":")
    return (
        OBJECT_KINDS.index(kind) if kind in OBJECT_KINDS else len(OBJECT_KINDS),
        code,
        row.billing_entity or "",
    )


def _tax_order(row: TaxRow) -> tuple[tuple[str, ...], str]:
    return row.lago, row.billing_entity or ""


def _payment_order(row: PaymentRow) -> tuple[str, str, str]:
    return row.provider or "", row.currency or "", row.billing_entity or ""
