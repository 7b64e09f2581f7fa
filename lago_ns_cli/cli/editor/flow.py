"""The way through the editor: subjects, what is in each, what it goes to. Each change is saved at once."""

from collections.abc import Callable
from dataclasses import replace

from lago_ns_cli.cli.editor.choices import (
    ENTITY,
    FIELDS,
    REMOVE,
    named_rows,
    section_rows,
    slot_rows,
    target_rows,
)
from lago_ns_cli.cli.editor.field_rows import FieldPages
from lago_ns_cli.cli.editor.page import Choice, Page
from lago_ns_cli.cli.editor.screen import UNDO, Screen
from lago_ns_cli.domain import mapping_edit
from lago_ns_cli.domain.catalog import Catalog, Row, row_name
from lago_ns_cli.domain.coverage import POLICIES, Section, Slot, coverage
from lago_ns_cli.domain.mapping import ItemRow, Mappings, PaymentRow, SubsidiaryRow, TaxRow, TaxTarget
from lago_ns_cli.domain.suggesting import Suggestion, suggest

PROVIDERS = ("stripe", "gocardless", "adyen", "cashfree", "moneyhash", "flutterwave", "manual")
"""Lago's payment providers, and what it calls a payment that none made."""

_REMOVAL = object()

Save = Callable[[Mappings, Mappings], None]
"""Writes mappings in place of others; raises ConfigError where the file is no longer what was loaded."""


class Editor:
    """Leads a person through the mappings.

    Args:
        name: The file, for the titles.
        save: Called with the mappings before and after each change.
    """

    def __init__(self, name: str, mappings: Mappings, lago: Catalog, netsuite: Catalog, save: Save) -> None:
        self.mappings = mappings
        self._name = name
        self._lago = lago
        self._netsuite = netsuite
        self._save = save
        self._entity: str | None = None
        self._undo: list[Mappings] = []
        self._note = ""

    async def run(self, screen: Screen) -> None:
        """Show the subjects until the person leaves."""
        while True:
            sections = coverage(self.mappings, self._lago, self._netsuite, self._entity)
            picked = await self.pick(
                screen, f"lago-ns map: {self._name}", section_rows(sections, self.mappings, self._entity)
            )
            if picked is None:
                return
            if picked == ENTITY:
                await self._choose_entity(screen)
            elif picked == FIELDS:
                await FieldPages(self, screen, self._netsuite, self._entity).run()
            elif isinstance(picked, Section):
                await self._section(screen, picked.name)

    async def pick(
        self,
        screen: Screen,
        title: str,
        choices: list[Choice],
        free: Callable[[str], object | None] | None = None,
        at: int = 0,
    ) -> object | None:
        """Show a page; gives what was chosen, None for back."""
        page = Page(title, choices, self._note, free)
        page.move(at)
        self._note = ""
        picked = await screen.pick(page)
        if picked is UNDO:
            self._take_back()
            return UNDO
        return picked

    async def _choose_entity(self, screen: Screen) -> None:
        rows = [
            Choice((str(row["code"]), row_name(row)), str(row["code"]))
            for row in self._lago.rows("billing_entities")
        ]
        picked = await self.pick(
            screen, "Write rows for the documents of", [Choice(("all billing entities", ""), ""), *rows]
        )
        if isinstance(picked, str):
            self._entity = picked or None

    async def _section(self, screen: Screen, name: str) -> None:
        at = 0
        while True:
            sections = coverage(self.mappings, self._lago, self._netsuite, self._entity)
            section = next((one for one in sections if one.name == name), None)
            if section is None:
                return
            rows = slot_rows(section)
            if name == "Payments":
                rows.append(Choice(("+", "another provider or currency", ""), PaymentRow(account=None)))
            if name == "Payment terms":
                rows.append(Choice(("+", "another number of days", ""), "days"))
            scope = f" for {self._entity}" if self._entity else ""
            picked = await self.pick(screen, f"{name}{scope}: {section.told}", rows, at=at)
            if picked is None:
                return
            at = next((number for number, row in enumerate(rows) if row.value is picked), 0)
            await self._slot_or_new(screen, picked)

    async def _slot_or_new(self, screen: Screen, picked: object) -> None:
        if isinstance(picked, PaymentRow):
            await self._new_payment(screen)
        elif picked == "days":
            await self._new_terms(screen)
        elif isinstance(picked, Slot):
            await self._slot(screen, picked)

    async def _slot(self, screen: Screen, slot: Slot) -> None:
        if slot.table == "payments":
            provider, _, currency = slot.key.rpartition(".")
            await self._payment(screen, *(None if part == "*" else part for part in (provider, currency)))
            return
        if slot.key == "credit_note_policy" and slot.table == "defaults":
            await self._policy(screen, slot)
            return
        rows = target_rows(slot, self._netsuite, self._suggestion(slot))
        now = f"now {slot.value} {slot.target}, by {slot.won}" if slot.value else "now nowhere"
        picked = await self.pick(screen, f"{slot.key} {slot.title}: {now}", rows)
        if picked == REMOVE:
            self.change(slot.key, _removed(self.mappings, slot, self._entity), "removed")
        elif isinstance(picked, dict):
            told = f"{picked['id']} {row_name(picked)}"
            self.change(slot.key, self._pointed(slot, picked), told)

    def _suggestion(self, slot: Slot) -> Suggestion | None:
        """Propose for this slot alone, whether it has a row or not."""
        if slot.table not in ("items", "taxes", "subsidiaries", "currencies"):
            return None
        rows = tuple(row for row in self.mappings.items if row.lago != slot.key)
        bare = Mappings(items=rows)
        found = suggest(bare, self._only(slot), self._netsuite, everything=True)
        return next((one for one in found if (one.table, one.lago) == (slot.table, slot.key)), None)

    def _only(self, slot: Slot) -> Catalog:
        """Lago's catalog with no other object than the slot's: the others need no proposal now."""
        code = slot.key.partition(":")[2] if slot.table == "items" else slot.key
        sections = {
            name: [row for row in rows if slot.table == "currencies" or str(row["code"]) == code]
            for name, rows in self._lago.sections.items()
        }
        return Catalog(self._lago.side, self._lago.fetched_at, sections)

    def _pointed(self, slot: Slot, target: Row) -> Mappings:
        """Point a slot to a record of NetSuite."""
        mappings, entity, to = self.mappings, self._entity, str(target["id"])
        match slot.table:
            case "items":
                old = next(
                    (row for row in mappings.items if (row.lago, row.billing_entity) == (slot.key, entity)),
                    None,
                )
                kept = old or ItemRow(lago=slot.key, item=to, billing_entity=entity)
                # What was said of the old item's recognition is not said of the new one.
                return mapping_edit.set_item(mappings, replace(kept, item=to, recognition=None))
            case "taxes":
                tax = TaxRow(lago=tuple(slot.key.split("+")), target=self._tax(target), billing_entity=entity)
                return mapping_edit.set_tax(mappings, tax)
            case "subsidiaries":
                return mapping_edit.set_subsidiary(
                    mappings, SubsidiaryRow(billing_entity=slot.key, subsidiary=to)
                )
            case "currencies":
                return mapping_edit.set_currency(mappings, slot.key, to)
            case "terms":
                return mapping_edit.set_terms(mappings, int(slot.key), to)
            case _ if slot.key == "tax":
                return mapping_edit.set_default_tax(mappings, self._tax(target), entity)
            case _:
                return mapping_edit.set_default(mappings, slot.key, to, entity)

    def _tax(self, code: Row) -> TaxTarget:
        if not self._netsuite.features.get("suitetax"):
            return TaxTarget(str(code["id"]))
        parts = (str(code[name]) if code.get(name) else None for name in ("tax_type", "nexus"))
        return TaxTarget(str(code["id"]), *parts)

    async def _policy(self, screen: Screen, slot: Slot) -> None:
        rows = [Choice((str(name), told), str(name)) for name, told in POLICIES.items()]
        picked = await self.pick(screen, f"{slot.key}: {slot.title}", rows)
        if isinstance(picked, str):
            changed = mapping_edit.set_default(self.mappings, slot.key, picked, self._entity)
            self.change(slot.key, changed, picked)

    async def _new_payment(self, screen: Screen) -> None:
        providers = [Choice((name,), name) for name in PROVIDERS]
        provider = await self.pick(
            screen,
            "Payments of which provider? (a name, or a code of your own)",
            [Choice(("any",), ""), *providers],
            str,
        )
        if not isinstance(provider, str):
            return
        coins = [Choice((code,), code) for code in sorted(self.mappings.currencies)]
        currency = await self.pick(screen, "In which currency?", [Choice(("any",), ""), *coins], str.upper)
        if isinstance(currency, str):
            await self._payment(screen, provider or None, currency or None)

    async def _payment(self, screen: Screen, provider: str | None, currency: str | None) -> None:
        name = f"{provider or 'any provider'}, {currency or 'any currency'}"
        accounts = named_rows(self._netsuite, "accounts", "undeposited funds")
        there = any(
            (row.provider, row.currency, row.billing_entity) == (provider, currency, self._entity)
            for row in self.mappings.payments
        )
        if there:
            accounts.append(Choice(("-", "remove this row", ""), _REMOVAL))
        account = await self.pick(screen, f"Payments of {name}: which account?", accounts)
        if account is _REMOVAL:
            gone = mapping_edit.unset_payment(self.mappings, provider, currency, self._entity)
            self.change(f"payments of {name}", gone, "removed")
            return
        if not isinstance(account, str):
            return
        methods = named_rows(self._netsuite, "payment_methods", "no method")
        method = await self.pick(screen, f"Payments of {name}: which method?", methods)
        if not isinstance(method, str):
            return
        row = PaymentRow(
            account=account or None,
            method=method or None,
            provider=provider,
            currency=currency,
            billing_entity=self._entity,
        )
        self.change(
            f"payments of {name}",
            mapping_edit.set_payment(self.mappings, row),
            account or "undeposited funds",
        )

    async def _new_terms(self, screen: Screen) -> None:
        days = await self.pick(
            screen, "Which net payment term, in days?", [], lambda typed: typed if typed.isdecimal() else None
        )
        if not isinstance(days, str):
            return
        rows = [row for row in named_rows(self._netsuite, "terms", "none") if row.value]
        terms = await self.pick(screen, f"{days} days: which terms?", rows)
        if isinstance(terms, str):
            self.change(f"{days} days", mapping_edit.set_terms(self.mappings, int(days), terms), terms)

    def change(self, what: str, after: Mappings, told: str) -> None:
        """Save a change, and say so on the next page."""
        if after == self.mappings:
            self._note = f"{what}: nothing changed"
            return
        self._save(self.mappings, after)
        self._undo.append(self.mappings)
        self.mappings = after
        self._note = f"saved: {what} → {told}"

    def _take_back(self) -> None:
        if not self._undo:
            self._note = "nothing to undo"
            return
        before = self._undo.pop()
        self._save(self.mappings, before)
        self.mappings = before
        self._note = "undone and saved"


def _removed(mappings: Mappings, slot: Slot, entity: str | None) -> Mappings:
    """Take a slot's own row away."""
    match slot.table:
        case "items":
            owner = (
                entity
                if any((row.lago, row.billing_entity) == (slot.key, entity) for row in mappings.items)
                else None
            )
            return mapping_edit.unset_item(mappings, slot.key, owner)
        case "taxes":
            taxes = tuple(slot.key.split("+"))
            owned = any(
                row.billing_entity == entity and set(row.lago) == set(taxes) for row in mappings.taxes
            )
            return mapping_edit.unset_tax(mappings, taxes, entity if owned else None)
        case "subsidiaries":
            return mapping_edit.unset_subsidiary(mappings, slot.key)
        case "currencies":
            return mapping_edit.unset_currency(mappings, slot.key)
        case "terms":
            return mapping_edit.unset_terms(mappings, int(slot.key))
        case _ if slot.key == "tax":
            return mapping_edit.set_default_tax(mappings, None, entity)
        case _:
            return mapping_edit.set_default(mappings, slot.key, None, entity)
