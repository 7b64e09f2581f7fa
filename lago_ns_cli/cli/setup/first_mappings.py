"""Mappings to begin with: what follows from the catalogs without a decision, and a few defaults that a person chooses.

A currency is mapped by its ISO code, which is the same thing on both sides. Everything else that decides where
money goes is chosen, or left open for ``map``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lago_ns_cli.cli.prompting import ask, tell
from lago_ns_cli.cli.render import clean, say
from lago_ns_cli.domain import mapping_edit
from lago_ns_cli.domain.catalog import Catalog, Row
from lago_ns_cli.domain.mapping import Defaults, Mappings, PaymentRow, SubsidiaryRow, TaxTarget
from lago_ns_cli.errors import ConfigError

_SHOWN = 8
"""Rows of a catalog that are listed at once."""


@dataclass(frozen=True, slots=True)
class FirstChoices:
    """Internal ids of NetSuite that a person chose; None where nothing was chosen.

    Args:
        subsidiaries: By billing entity; ``*`` stands for all others.
        tax_codes: Likewise; their tax types and nexuses come from the catalog.
    """

    item: str | None = None
    subsidiaries: Mapping[str, str] = field(default_factory=dict)
    tax_codes: Mapping[str, str] = field(default_factory=dict)
    payment_account: str | None = None


def read_by_entity(option: str, given: Sequence[str]) -> dict[str, str]:
    """Read an option that may be repeated: an id, or ``BILLING_ENTITY=ID``.

    Raises:
        ConfigError: It is neither.
    """
    found = {}
    for text in given:
        entity, _, identity = text.rpartition("=")
        if not identity:
            raise ConfigError(f"{option}: {text!r} is no id and no BILLING_ENTITY=ID.", code="unanswered")
        found[entity or "*"] = identity
    return found


def check_choices(choices: FirstChoices, netsuite: Catalog) -> None:
    """Make sure that what was chosen by id is there.

    Raises:
        ConfigError: Some of it is not; each is named.
    """
    wanted = [
        ("--default-item", "items", choices.item),
        *(("--subsidiary", "subsidiaries", identity) for identity in choices.subsidiaries.values()),
        *(("--default-tax-code", "tax_codes", identity) for identity in choices.tax_codes.values()),
        ("--payment-account", "accounts", choices.payment_account),
    ]
    problems = [
        f"{option}: NetSuite shows no {section.replace('_', ' ')} with the id {identity}"
        for option, section, identity in wanted
        if identity is not None and _row(netsuite, section, identity) is None
    ]
    if problems:
        raise ConfigError(
            "Some answers name what is not there.",
            problems=problems,
            hint="lago-ns fetch-catalog, or leave the option out and choose with `lago-ns map`",
            code="unanswered",
        )


def ask_choices(given: FirstChoices, present: Mappings, lago: Catalog, netsuite: Catalog) -> FirstChoices:
    """Ask for the few defaults that a first document needs; each may be left open."""
    item, account = given.item, given.payment_account
    if item is None and present.defaults.item is None:
        item = pick("Default item, for all that has no row of its own", _active(netsuite, "items"))
    mapped = {row.billing_entity for row in present.subsidiaries}
    subsidiaries = _by_entity(
        given.subsidiaries,
        [] if present.defaults.subsidiary else [row for row in _entities(lago) if row["code"] not in mapped],
        "Subsidiary of {}",
        _active(netsuite, "subsidiaries"),
    )
    tell(
        "A default tax code takes every tax without a row; its use is a notice. Without one, a document "
        "with an unmapped tax is held, and status names the tax."
    )
    taxed = {entity for entity, own in present.entity_defaults.items() if own.tax is not None}
    tax_codes = _by_entity(
        given.tax_codes,
        [] if present.defaults.tax else [row for row in _entities(lago) if row["code"] not in taxed],
        "Default tax code of {}",
        _active(netsuite, "tax_codes"),
    )
    if account is None and not present.payments:
        accounts = [row for row in _active(netsuite, "accounts") if row.get("type") in ("Bank", "UnDepFunds")]
        account = pick("Account for payments", accounts)
    return FirstChoices(item, subsidiaries, tax_codes, account)


def _entities(lago: Catalog) -> list[Row]:
    return list(lago.rows("billing_entities"))


def _by_entity(
    given: Mapping[str, str], entities: Sequence[Row], question: str, rows: Sequence[Row]
) -> dict[str, str]:
    """Ask once for each billing entity, unless an answer for all was given."""
    chosen = dict(given)
    for entity in [] if "*" in given else entities:
        code = str(entity["code"])
        if code not in chosen:
            picked = pick(question.format(clean(entity.get("name") or code)), rows)
            chosen |= {} if picked is None else {code: picked}
    return chosen


def begin(
    mappings: Mappings, credit_note_policy: str, choices: FirstChoices, netsuite: Catalog | None
) -> Mappings:
    """Add what is missing to mappings; what is there stays as it is."""
    changes: list[Callable[[Mappings], Mappings]] = [mapping_edit.seed]
    if mappings.defaults.credit_note_policy is None:
        changes.append(
            lambda old: mapping_edit.set_default(old, "credit_note_policy", credit_note_policy, None)
        )
    if choices.item is not None and mappings.defaults.item is None:
        changes.append(lambda old: mapping_edit.set_default(old, "item", choices.item, None))
    if choices.payment_account is not None and not mappings.payments:
        changes.append(lambda old: mapping_edit.set_payment(old, PaymentRow(account=choices.payment_account)))
    for change in changes:
        mappings = change(mappings)
    mappings = _with_subsidiaries(mappings, choices.subsidiaries)
    return mappings if netsuite is None else _with_facts(mappings, choices, netsuite)


def _with_subsidiaries(mappings: Mappings, chosen: Mapping[str, str]) -> Mappings:
    taken = {row.billing_entity for row in mappings.subsidiaries}
    for entity, identity in chosen.items():
        if entity == "*":
            if mappings.defaults.subsidiary is None:
                mappings = mapping_edit.set_default(mappings, "subsidiary", identity, None)
        elif entity not in taken:
            row = SubsidiaryRow(billing_entity=entity, subsidiary=identity)
            mappings = mapping_edit.set_subsidiary(mappings, row)
    return mappings


def _with_facts(mappings: Mappings, choices: FirstChoices, netsuite: Catalog) -> Mappings:
    currencies = {
        str(row["code"]): str(row["id"]) for row in _active(netsuite, "currencies") if row.get("code")
    }
    for code, identity in currencies.items():
        if len(code) == _ISO_LETTERS and code not in mappings.currencies:
            mappings = mapping_edit.set_currency(mappings, code, identity)
    for entity, code in choices.tax_codes.items():
        owner = None if entity == "*" else entity
        own = mappings.defaults if owner is None else mappings.entity_defaults.get(owner, Defaults())
        if own.tax is None:
            mappings = mapping_edit.set_default_tax(mappings, _tax_target(code, netsuite), owner)
    return mappings


_ISO_LETTERS = 3


def _tax_target(code: str, netsuite: Catalog) -> TaxTarget:
    """Complete a tax code; the legacy regime needs the code alone."""
    row = _row(netsuite, "tax_codes", code) or {}
    if not netsuite.features.get("suitetax"):
        return TaxTarget(code)
    target = TaxTarget(code)
    tax_type, nexus = row.get("tax_type"), row.get("nexus")
    return replace(
        target,
        tax_type=None if tax_type is None else str(tax_type),
        nexus=None if nexus is None else str(nexus),
    )


def pick(question: str, rows: Sequence[Row]) -> str | None:
    """Let a row of a catalog be found by a part of its name, and chosen by its id; None where it is left open."""
    if not rows:
        return None
    listed = _listed(rows)

    def read(answer: str) -> str | None:
        if not answer:
            return None
        if any(str(row["id"]) == answer for row in rows):
            return answer
        found = [row for row in rows if answer.lower() in _name(row).lower()]
        if len(found) == 1:
            say(f"  → {clean(_name(found[0]))}")
            return str(found[0]["id"])
        _listed(found)
        raise ValueError(f"{len(found) or 'None'} of them match; type an id, or more of the name.")

    more = "" if listed == len(rows) else f" of {len(rows)}"
    return ask(f"{question}: id or part of the name{more}", read, empty="leave open")


def _listed(rows: Sequence[Row]) -> int:
    for row in rows[:_SHOWN]:
        say(f"  {clean(row['id']):>6}  {clean(_name(row))[:66]}")
    return min(len(rows), _SHOWN)


def _name(row: Row) -> str:
    rate = f" ({row['rate']} %)" if row.get("rate") is not None else ""
    return f"{row.get('number') or ''} {row.get('name') or row.get('code') or ''}{rate}".strip()


def _active(catalog: Catalog, section: str) -> list[Row]:
    return [row for row in catalog.rows(section) if row.get("inactive") is not True]


def _row(catalog: Catalog, section: str, identity: str) -> Row | None:
    return next((row for row in catalog.rows(section) if str(row["id"]) == identity), None)
