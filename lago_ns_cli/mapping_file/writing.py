"""Writing ``mappings.toml`` in its canonical form."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import tomli_w

from lago_ns_cli.domain.mapping import (
    VERSION,
    Defaults,
    FieldRow,
    FieldRows,
    FieldType,
    Mappings,
    TaxTarget,
)
from lago_ns_cli.errors import ConfigError
from lago_ns_cli.mapping_file.canonical import LINE_KINDS, canonical_mappings
from lago_ns_cli.mapping_file.reading import load_mappings, read_mappings
from lago_ns_cli.private_files import replace_file
from lago_ns_cli.toml_lines import TomlDocument

REPORT_HINT = "this is a mistake of lago-ns; please report the command you ran"

Value = str | bool | tuple[str, ...] | Mapping[str, str] | None
Pairs = Mapping[str, Value]

_HEADER = """\
# How Lago's objects map to NetSuite's, by internal id. `lago-ns map` writes this file in this order;
# edits by hand are welcome, but comments are not kept: give a row a note = "..." instead.
"""


def save_mappings(path: Path, mappings: Mappings, *, replaces: Mappings | None) -> None:
    """Write mappings in canonical form, all or nothing; a file that exists keeps its permissions.

    Args:
        path: The file.
        mappings: What is to stand in it.
        replaces: What was loaded from it before the change; None where there was no file.

    Raises:
        ConfigError: The file no longer says what ``replaces`` says, it cannot be written, or the
            mappings could not be loaded again (``problems`` says why).
    """
    _refuse_if_changed(path, replaces)
    text = render_mappings(mappings)
    _refuse_if_lossy(path, text, mappings)
    try:
        replace_file(path, text.encode())
    except UnicodeEncodeError as error:
        raise ConfigError(
            f"{path} was not written: a row holds characters that no file can hold.",
            hint="type the text again instead of pasting it",
        ) from error
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}. It is as it was.",
            hint=f"give your user write access to {path.parent}",
        ) from error


def render_mappings(mappings: Mappings) -> str:
    """Write mappings as TOML; the same mappings always give the same text."""
    ordered = canonical_mappings(mappings)
    blocks = [f"{_HEADER}version = {VERSION}", *_blocks(ordered)]
    return "\n\n".join(blocks) + "\n"


def _refuse_if_changed(path: Path, replaces: Mappings | None) -> None:
    if replaces is None:
        changed = path.exists()
    else:
        changed = canonical_mappings(load_mappings(path)) != canonical_mappings(replaces)
    if changed:
        raise ConfigError(
            f"{path} has changed since it was loaded, so it was left as it is.",
            hint="run the command again",
            code="mappings_changed",
        )


def _refuse_if_lossy(path: Path, text: str, mappings: Mappings) -> None:
    try:
        loaded = read_mappings(TomlDocument(path, text))
    except ConfigError as error:
        raise ConfigError(
            f"{path} was not written, since it could not be loaded again.",
            hint="mend the row named",
            problems=error.problems,
            code=error.code,
        ) from error
    if loaded != canonical_mappings(mappings):
        raise ConfigError(f"{path} was not written: a row would not survive it.", hint=REPORT_HINT)


def _blocks(mappings: Mappings) -> Iterator[str]:
    if mappings.defaults != Defaults():
        yield _block("[defaults]", _defaults(mappings.defaults))
    for code, defaults in mappings.entity_defaults.items():
        yield _block(f"[billing_entities.{_key(code)}]", _defaults(defaults))
    for item in mappings.items:
        pairs: Pairs = {"lago": item.lago, "item": item.item, "recognition": item.recognition}
        yield _row("items", pairs, item.billing_entity, item.note)
    for tax in mappings.taxes:
        lago = tax.lago[0] if len(tax.lago) == 1 else tax.lago
        yield _row("taxes", {"lago": lago, **_target(tax.target)}, tax.billing_entity, tax.note)
    for entity in mappings.subsidiaries:
        yield _row("subsidiaries", {"subsidiary": entity.subsidiary}, entity.billing_entity, entity.note)
    if mappings.currencies:
        yield _block("[currencies]", mappings.currencies)
    if mappings.terms:
        yield _block("[terms]", {str(days): terms for days, terms in mappings.terms.items()})
    for payment in mappings.payments:
        pairs = {name: getattr(payment, name) for name in ("provider", "currency", "account", "method")}
        yield _row("payments", pairs, payment.billing_entity, payment.note)
    for kind, rows in mappings.fields.items():
        yield from _field_rows(kind, rows)
    for group in mappings.grouping:
        pairs = {
            "item": group.item,
            "customers": group.customers or None,
            "invoice_types": group.invoice_types or None,
        }
        yield _row("grouping", pairs, group.billing_entity, group.note)
    for rule in mappings.ignore:
        pairs = {
            "finding": rule.finding,
            "kind": rule.kind,
            "customer": rule.customer,
            "currency": rule.currency,
            "below": None if rule.below is None else format(rule.below, "f"),
            "until": None if rule.until is None else rule.until.isoformat(),
        }
        yield _row("ignore", pairs, rule.billing_entity, rule.note)


def _field_rows(kind: str, rows: FieldRows) -> Iterator[str]:
    for row in rows.header:
        yield _row(f"{kind}.header", _field(row), row.billing_entity, row.note)
    if kind in LINE_KINDS:
        for row in rows.line:
            yield _row(f"{kind}.line", _field(row), row.billing_entity, row.note)


def _field(row: FieldRow) -> Pairs:
    return {
        "from": row.source,
        "value": row.literal,
        "to": row.to,
        "type": None if row.type is FieldType.TEXT else row.type.value,
        "list": row.list,
    }


def _defaults(defaults: Defaults) -> Pairs:
    policy = defaults.credit_note_policy
    return {
        "item": defaults.item,
        "item_by_type": defaults.item_by_type or None,
        "tax": None if defaults.tax is None else _target(defaults.tax),
        "untaxed_code": defaults.untaxed_code,
        "subsidiary": defaults.subsidiary,
        "credit_note_policy": None if policy is None else policy.value,
    }


def _target(target: TaxTarget) -> dict[str, str]:
    pairs = {"nexus": target.nexus, "tax_type": target.tax_type, "tax_code": target.tax_code}
    return {name: value for name, value in pairs.items() if value is not None}


def _row(table: str, pairs: Pairs, entity: str | None, note: str | None) -> str:
    return _block(f"[[{table}]]", {**pairs, "billing_entity": entity, "note": note})


def _block(header: str, pairs: Pairs) -> str:
    lines = [f"{_key(name)} = {_value(value)}" for name, value in pairs.items() if value is not None]
    return "\n".join([header, *lines])


def _value(value: Value) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_value(inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(part) for part in value) + "]"
    return tomli_w.dumps({"v": value}).removeprefix("v = ").rstrip("\n")


def _key(name: str) -> str:
    return tomli_w.dumps({name: 0}).removesuffix(" = 0\n")
