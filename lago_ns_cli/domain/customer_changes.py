"""What to write on a NetSuite customer after a change in Lago: three versions compared, two at a time.

What we sent last and what Lago says today are two records of one translation; their difference is
what Lago changed, and nothing else is written. The third version, NetSuite's own, is never read:
a field that a person changed there is overwritten only if Lago changed the same field.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lago_ns_cli.domain.records import Line, Record, Value
from lago_ns_cli.domain.translation.customer import ADDRESS, ADDRESSES

FIXED = {
    "isperson": "customer_type_changed",
    "subsidiary": "customer_subsidiary_changed",
    "currency": "customer_currency_changed",
}
"""Fields that NetSuite does not let change once a customer has transactions, and the code of a hold."""

CHANGED = "changed"
"""On a line of an update: the fields that are to be set where the line is there already."""

_NAMES = frozenset({"companyname", "firstname", "lastname"})
_FLAGS = ("defaultbilling", "defaultshipping")


@dataclass(frozen=True, slots=True)
class FixedChange:
    """A change in Lago that NetSuite cannot follow; None stands for a value that is not mapped."""

    field: str
    before: str | None
    after: str

    @property
    def code(self) -> str:
        """Why the customer is held."""
        return FIXED[self.field]


def fixed_changes(sent: Record, wanted: Record) -> list[FixedChange]:
    """List the changes that NetSuite cannot follow.

    A currency that Lago did not know before is no change: NetSuite gave the customer one of its own.
    """
    changes = []
    for name in FIXED:
        before, after = sent.columns.get(name), wanted.columns.get(name)
        unknown = after is None or (before is None and name == "currency")
        if before != after and not unknown:
            changes.append(FixedChange(name, None if before is None else str(before), str(after)))
    return changes


def changed_record(sent: Record, wanted: Record) -> Record | None:
    """Make the update that carries what Lago changed, and only that.

    A field that became blank is sent as None. Address lines are those of ours, known by their
    label; one that Lago no longer has is emptied, but for the country that its form depends on,
    and is no longer a default.

    Returns:
        None where nothing changed that can be written.
    """
    columns = _changed_columns(sent.columns, wanted.columns)
    addresses = _changed_addresses(_by_label(sent), _by_label(wanted))
    if not columns and not addresses:
        return None
    return Record(
        key=wanted.key,
        lago_id=wanted.lago_id,
        type=wanted.type,
        columns=columns,
        lines={ADDRESSES: addresses} if addresses else {},
        dates=tuple(name for name in wanted.dates if name in columns),
    )


def _changed_columns(sent: Mapping[str, Value], wanted: Mapping[str, Value]) -> dict[str, Value]:
    names = [name for name in dict.fromkeys((*wanted, *sent)) if name not in FIXED]
    if sent.get("isperson") != wanted.get("isperson"):
        # The names of a person have no place on a company's record, and the other way round.
        names = [name for name in names if name not in _NAMES]
    changed = {name: wanted.get(name) for name in names if sent.get(name) != wanted.get(name)}
    if "entityid" in changed and "autoname" in wanted:
        changed = {"autoname": wanted["autoname"], **changed}
    return changed


def _by_label(record: Record) -> dict[str, Line]:
    return {str(line["label"]): line for line in record.lines.get(ADDRESSES, ())}


def _changed_addresses(sent: Mapping[str, Line], wanted: Mapping[str, Line]) -> tuple[Line, ...]:
    """Removed lines first: a default that moves must leave one line before it comes to another."""
    removed = [_removed_line(line) for label, line in sent.items() if label not in wanted]
    kept = [_changed_line(sent.get(label, {}), line) for label, line in wanted.items()]
    return (*removed, *(line for line in kept if line is not None))


def _removed_line(line: Line) -> Line:
    blank = {name: None for name in _address(line) if name != "country"}
    flags = {name: False for name in _FLAGS if line.get(name) is True}
    return {
        "label": line["label"],
        **flags,
        ADDRESS: blank,
        CHANGED: dict.fromkeys((*flags, *blank), True),
    }


def _changed_line(sent: Line, wanted: Line) -> Line | None:
    before, after = _address(sent), _address(wanted)
    flags = [name for name in _FLAGS if sent.get(name) != wanted.get(name)]
    fields = [name for name in dict.fromkeys((*after, *before)) if before.get(name) != after.get(name)]
    if not flags and not fields:
        return None
    whole = dict.fromkeys((*after, *fields))
    return {
        **wanted,
        ADDRESS: {name: after.get(name) for name in whole},
        CHANGED: dict.fromkeys((*flags, *fields), True),
    }


def _address(line: Line) -> Mapping[str, str | bool | None]:
    address = line.get(ADDRESS)
    return address if isinstance(address, Mapping) else {}
