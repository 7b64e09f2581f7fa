"""The rows of the editor's pages, made of catalogs, coverage and suggestions."""

from collections.abc import Sequence

from lago_ns_cli.cli.editor.page import Choice
from lago_ns_cli.domain.catalog import Catalog, Row, row_name
from lago_ns_cli.domain.coverage import Reach, Section, Slot
from lago_ns_cli.domain.mapping import Mappings
from lago_ns_cli.domain.suggesting import Suggestion

_MARKS = {Reach.OWN: "", Reach.SERVED: "by", Reach.DEFAULT: "default:", Reach.MISSING: "", Reach.UNUSED: ""}

ENTITY = "entity"
REMOVE = "remove"


FIELDS = "fields"


def section_rows(sections: Sequence[Section], mappings: Mappings, entity: str | None) -> list[Choice]:
    """The first page: how far each subject is mapped, what fills fields, and for whose documents."""
    rows = [Choice((section.name, section.told), section) for section in sections]
    scope = entity or "all billing entities"
    filled = sum(len(one.header) + len(one.line) for one in mappings.fields.values())
    told = f"{filled or 'no'} fields filled, {len(mappings.grouping) or 'no'} groupings"
    rows.append(Choice(("Fields and grouping", told), FIELDS))
    return [*rows, Choice(("Rows are written for", scope), ENTITY)]


def slot_rows(section: Section) -> list[Choice]:
    """A subject's page: what is mapped to what, by which row; what is missing comes first."""
    order = (Reach.MISSING, Reach.DEFAULT, Reach.SERVED, Reach.OWN, Reach.UNUSED)
    slots = sorted(section.slots, key=lambda slot: order.index(slot.reach))
    return [Choice((slot.key, slot.title, _where(slot)), slot) for slot in slots]


def _where(slot: Slot) -> str:
    if slot.value is None:
        return "MISSING" if slot.reach is Reach.MISSING else "-"
    told = f"{slot.value} {slot.target}".rstrip()
    return f"{told} ({_MARKS[slot.reach]} {_short(slot)})" if _MARKS[slot.reach] else told


def _short(slot: Slot) -> str:
    return (slot.won or "").removeprefix("defaults.")


SECTION_OF = {
    "items": "items",
    "taxes": "tax_codes",
    "subsidiaries": "subsidiaries",
    "currencies": "currencies",
    "terms": "terms",
}
"""Where the targets of a table's rows are listed in NetSuite's catalog."""


def catalog_section(slot: Slot) -> str:
    """Name the section in which a slot's target is looked for."""
    if slot.table != "defaults":
        return SECTION_OF[slot.table]
    if slot.key in ("tax", "untaxed_code"):
        return "tax_codes"
    return "subsidiaries" if slot.key == "subsidiary" else "items"


def target_rows(slot: Slot, netsuite: Catalog, suggestion: Suggestion | None) -> list[Choice]:
    """What a slot can point to: what is suggested first, with the reasons; inactive records not at all."""
    section = catalog_section(slot)
    rows = {
        str(row["id"]): row
        for row in netsuite.rows(section)
        if row.get("inactive") is not True and row.get("type") != "Discount"
    }
    suggested = {
        one.id: f"{one.score}: {'; '.join(one.reasons)}"
        for one in (suggestion.candidates if suggestion else ())
    }
    first = [rows[found] for found in suggested if found in rows]
    others = [row for found, row in rows.items() if found not in suggested]
    choices = [
        Choice(
            (
                str(row["id"]),
                row_name(row),
                _about(row, netsuite, section),
                suggested.get(str(row["id"]), ""),
            ),
            row,
        )
        for row in [*first, *others]
    ]
    if slot.reach is Reach.OWN:
        choices.append(Choice(("-", f"remove the row {slot.won}", "", ""), REMOVE))
    return choices


def _about(row: Row, netsuite: Catalog, section: str) -> str:
    if section == "items":
        return str(row.get("recognition") or "")
    if section == "tax_codes":
        place = next(
            (nexus for nexus in netsuite.rows("nexuses") if str(nexus["id"]) == str(row.get("nexus"))), {}
        )
        return f"{row.get('rate')} % {row_name(place) or place.get('country') or ''}".rstrip()
    parts = (row.get("code"), row.get("country"), row.get("number"), row.get("type"))
    return " ".join(str(part) for part in parts if part)


def named_rows(netsuite: Catalog, section: str, none: str) -> list[Choice]:
    """The active records of a section by id and name, and a row for none of them."""
    rows = [row for row in netsuite.rows(section) if row.get("inactive") is not True]
    listed = [
        Choice((str(row["id"]), row_name(row), _about(row, netsuite, section)), str(row["id"]))
        for row in rows
    ]
    return [*listed, Choice(("-", none, ""), "")]
