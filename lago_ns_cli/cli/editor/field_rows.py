"""The editor's pages for header, line and grouping rows: which field, what goes there, written as what."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from lago_ns_cli.cli.editor.choices import named_rows
from lago_ns_cli.cli.editor.page import Choice
from lago_ns_cli.cli.editor.screen import Screen
from lago_ns_cli.domain import mapping_edit
from lago_ns_cli.domain.catalog import Catalog, row_name
from lago_ns_cli.domain.mapping import FieldRow, FieldRows, FieldType, GroupingRow, Mappings
from lago_ns_cli.domain.mapping_fields_check import RECORDS, FieldCatalog, fits

_NEW, _REMOVE = object(), object()

_SUBJECTS = (
    ("invoice", "header", "Invoices"),
    ("invoice", "line", "Lines of invoices"),
    ("credit_note", "header", "Credit notes"),
    ("credit_note", "line", "Lines of credit notes"),
    ("payment", "header", "Payments"),
    ("customer", "header", "Customers"),
)

_OF_CUSTOMER = ("customer.external_id", "customer.name", "customer.legal_name", "customer.legal_number")
_PATHS = {
    ("invoice", "header"): (
        *("number", "issuing_date", "payment_due_date", "purchase_order_number", "lago_id", "web_url"),
        *("invoice_type", "payment_status", "billing_entity_code", "file_url", *_OF_CUSTOMER),
    ),
    ("invoice", "line"): (
        *("service_period.start", "service_period.end", "lago_id", "external_subscription_id", "item.code"),
        *("item.name", "units", "precise_unit_amount", "description", "fee.lago_id", "number"),
    ),
    ("credit_note", "header"): ("number", "issuing_date", "lago_id", "reason", "description", *_OF_CUSTOMER),
    ("credit_note", "line"): ("service_period.start", "service_period.end", "lago_id", "fee.item.code"),
    ("payment", "header"): ("lago_id", "reference", "external_payment_id", "payment_type", *_OF_CUSTOMER),
    ("customer", "header"): (
        *("lago_id", "external_id", "name", "legal_name", "legal_number", "tax_identification_number"),
        *("url", "phone", "external_salesforce_id", "billing_entity_code"),
    ),
}
"""What is offered; any other path of the document can be typed."""

_TYPES = {
    FieldType.TEXT: "as it is",
    FieldType.NUMBER: "a number",
    FieldType.DATE: "a day, in the customer's time zone",
    FieldType.BOOLEAN: "yes or no",
    FieldType.LIST: "a record: its internal id, or its name in a list",
}

_OURS = frozenset(
    {
        *(
            "entity",
            "customer",
            "currency",
            "subsidiary",
            "nexus",
            "postingperiod",
            "exchangerate",
            "externalid",
        ),
        *("item", "quantity", "rate", "amount", "price", "taxcode", "taxdetailsreference"),
    }
)
"""What makes a document what it is comes from its translation, and is not offered."""

_INVOICE_TYPES = ("subscription", "one_off", "credit", "advance_charges", "progressive_billing")


class Leads(Protocol):
    """The editor, as far as these pages need it."""

    mappings: Mappings

    def pick(
        self,
        screen: Screen,
        title: str,
        choices: list[Choice],
        free: Callable[[str], object | None] | None = None,
    ) -> Awaitable[object | None]:
        """Show a page; gives what was chosen."""

    def change(self, what: str, after: Mappings, told: str) -> None:
        """Save a change."""


@dataclass(frozen=True)
class FieldPages:
    """Leads a person through the rows of fields and of grouping.

    Args:
        entity: Rows are written for the documents of this billing entity; None for all.
    """

    editor: Leads
    screen: Screen
    netsuite: Catalog
    entity: str | None

    async def run(self) -> None:
        """Show the subjects until the person goes back."""
        while True:
            picked = await self.editor.pick(self.screen, "Fields and grouping of", self._subjects())
            if picked is None:
                return
            if picked == "grouping":
                await self._grouping()
            elif isinstance(picked, tuple):
                await self._fields(*picked)

    def _subjects(self) -> list[Choice]:
        rows = [
            Choice((title, _told(len(self._rows(kind, place)))), (kind, place))
            for kind, place, title in _SUBJECTS
        ]
        grouping = len(self.editor.mappings.grouping)
        return [*rows, Choice(("Usage lines that become one", _told(grouping)), "grouping")]

    def _rows(self, kind: str, place: str) -> tuple[FieldRow, ...]:
        found = self.editor.mappings.fields.get(kind, FieldRows())
        return found.line if place == "line" else found.header

    async def _fields(self, kind: str, place: str) -> None:
        known = FieldCatalog(self.netsuite)
        while True:
            rows = [
                Choice((row.to, _source(row), row.type.value, self._trouble(known, kind, place, row)), row)
                for row in self._rows(kind, place)
            ]
            rows.append(Choice(("+", "another field", "", ""), _NEW))
            picked = await self.editor.pick(self.screen, f"{kind}.{place}: what goes where?", rows)
            if picked is None:
                return
            if picked is _NEW:
                await self._new_field(known, kind, place)
            elif isinstance(picked, FieldRow):
                await self._field(known, kind, place, picked)

    def _trouble(self, known: FieldCatalog, kind: str, place: str, row: FieldRow) -> str:
        """Say what `map check` would find wrong with a row, in two words."""
        record = RECORDS[kind]
        found = known.type_of(record, line=place == "line", field=row.to)
        scope = row.billing_entity or ""
        if found is None:
            return "NO SUCH FIELD" if known.tells_of(record) else scope
        return scope if fits(row.type, found) else f"FIELD IS {found}"

    async def _new_field(self, known: FieldCatalog, kind: str, place: str) -> None:
        record, line = RECORDS[kind], place == "line"
        taken = {row.to.lower() for row in self._rows(kind, place) if row.billing_entity == self.entity}
        rows = [
            Choice((str(row["id"]), str(row.get("label") or ""), str(row.get("type") or "")), str(row["id"]))
            for row in self.netsuite.rows("record_fields")
            if row["record"] == record and row.get("sublist") == ("item" if line else None)
            if str(row["id"]).lower() not in taken | _OURS
        ]
        # Where NetSuite told its fields, one that it does not have cannot be meant.
        free = None if known.tells_of(record) else str
        where = f"lines of {record} records" if line else f"{record} records"
        to = await self.editor.pick(self.screen, f"Which field of {where}?", rows, free)
        if isinstance(to, str):
            await self._point(known, kind, place, to)

    async def _field(self, known: FieldCatalog, kind: str, place: str, row: FieldRow) -> None:
        rows = [
            Choice(("change", "what goes there"), _NEW),
            Choice(("-", f"remove the row {kind}.{place} → {row.to}"), _REMOVE),
        ]
        picked = await self.editor.pick(self.screen, f"{row.to}: now {_source(row)}", rows)
        if picked is _REMOVE:
            gone = mapping_edit.unset_field(self.editor.mappings, kind, place, row)
            self.editor.change(row.to, gone, "removed")
        elif picked is _NEW:
            await self._point(known, kind, place, row.to, row)

    async def _point(
        self, known: FieldCatalog, kind: str, place: str, to: str, old: FieldRow | None = None
    ) -> None:
        offered = [Choice((path,), path) for path in _PATHS[kind, place]]
        title = f"What goes to {to}? (a path of the {kind.replace('_', ' ')}, or = and a text)"
        source = await self.editor.pick(self.screen, title, offered, str)
        if not isinstance(source, str):
            return
        found = known.type_of(RECORDS[kind], line=place == "line", field=to)
        written = await self._type(to, found)
        if written is None:
            return
        names = await self._list(to) if written is FieldType.LIST else None
        if written is FieldType.LIST and names is None:
            return
        literal = source[1:].strip() if source.startswith("=") else None
        row = FieldRow(
            to=to,
            source=None if literal is not None else source,
            literal=literal,
            type=written,
            list=names or None,
            billing_entity=old.billing_entity if old else self.entity,
            note=old.note if old else None,
        )
        self.editor.change(to, mapping_edit.set_field(self.editor.mappings, kind, place, row), source)

    async def _type(self, to: str, found: str | None) -> FieldType | None:
        """Ask how a value is written, among what the field takes; where that is one way, nobody is asked."""
        fitting = [kind for kind in FieldType if found is None or fits(kind, found)]
        if len(fitting) == 1:
            return fitting[0]
        rows = [Choice((kind.value, _TYPES[kind]), kind) for kind in fitting]
        picked = await self.editor.pick(self.screen, f"{to} is written as", rows)
        return picked if isinstance(picked, FieldType) else None

    async def _list(self, to: str) -> str | None:
        rows = [
            Choice((name, f"{len(self.netsuite.rows(name))} names"), name)
            for name in sorted(self.netsuite.sections)
            if any(row.get("name") for row in self.netsuite.rows(name))
        ]
        rows = [Choice(("ids", "Lago's value is an internal id"), ""), *rows]
        picked = await self.editor.pick(self.screen, f"{to}: names are looked up in", rows)
        return picked if isinstance(picked, str) else None

    async def _grouping(self) -> None:
        items = {str(row["id"]): row_name(row) for row in self.netsuite.rows("items")}
        while True:
            rows = [
                Choice((f"{row.item} {items.get(row.item, 'NO SUCH ITEM')}", *_restrictions(row)), row)
                for row in self.editor.mappings.grouping
            ]
            rows.append(Choice(("+", "another grouping", "", ""), _NEW))
            picked = await self.editor.pick(self.screen, "Usage lines become one line of", rows)
            if picked is None:
                return
            if picked is _NEW:
                await self._new_grouping()
            elif isinstance(picked, GroupingRow):
                await self._one_grouping(picked)

    async def _one_grouping(self, row: GroupingRow) -> None:
        rows = [Choice(("-", "remove this row"), _REMOVE)]
        if await self.editor.pick(self.screen, f"Grouping to item {row.item}", rows) is _REMOVE:
            gone = mapping_edit.unset_grouping(self.editor.mappings, row)
            self.editor.change(f"grouping to {row.item}", gone, "removed")

    async def _new_grouping(self) -> None:
        items = [row for row in named_rows(self.netsuite, "items", "none") if row.value]
        item = await self.editor.pick(self.screen, "Usage lines become one line of which item?", items)
        if not isinstance(item, str):
            return
        customers = await self.editor.pick(
            self.screen,
            "For which customers? (external ids, with commas)",
            [Choice(("all",), ())],
            _several,
        )
        if not isinstance(customers, tuple):
            return
        offered = [Choice(("all",), ()), *(Choice((name,), (name,)) for name in _INVOICE_TYPES)]
        types = await self.editor.pick(
            self.screen, "For invoices of which type? (several: with commas)", offered, _several
        )
        if not isinstance(types, tuple):
            return
        row = GroupingRow(item=item, customers=customers, invoice_types=types, billing_entity=self.entity)
        self.editor.change(
            f"grouping to {item}", mapping_edit.set_grouping(self.editor.mappings, row), "usage"
        )


def _several(typed: str) -> tuple[str, ...] | None:
    return tuple(part.strip() for part in typed.split(",") if part.strip()) or None


def _told(count: int) -> str:
    return f"{count} row" if count == 1 else f"{count or 'no'} rows"


def _source(row: FieldRow) -> str:
    return row.source if row.source is not None else f"= {row.literal}"


def _restrictions(row: GroupingRow) -> tuple[str, str, str]:
    customers = ", ".join(row.customers) or "all customers"
    return customers, ", ".join(row.invoice_types) or "all invoices", row.billing_entity or ""
