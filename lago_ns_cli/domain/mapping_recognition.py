"""Does revenue go to items that recognize it as it is earned?"""

from collections.abc import Iterator, Mapping

from lago_ns_cli.domain.catalog import Catalog, Row
from lago_ns_cli.domain.mappable import ITEM_KINDS, ItemKind
from lago_ns_cli.domain.mapping import Mappings
from lago_ns_cli.domain.mapping_findings import MappingFinding, warning

POINT_IN_TIME, RATABLE = "point_in_time", "ratable"
RECOGNITIONS = (POINT_IN_TIME, RATABLE)

_OVER_TIME = ("ratabl", "straight", "even period", "over time", "exact day", "prorat", "pro-rat", "monthly")
_AT_ONCE = ("point in time", "immediate", "on billing", "when billed", "upfront", "up front")

_EARNED = {kind.name: kind for kind in ITEM_KINDS if kind.earned is not None}

_WORDS = {POINT_IN_TIME: "at a point in time", RATABLE: "ratably"}


def rule_kind(rule: object) -> str | None:
    """Tell how a revenue recognition rule recognizes, as far as its name tells; None where it does not.

    An item without a rule is recognized when it is billed.
    """
    if rule is None:
        return POINT_IN_TIME
    name = str(rule).lower().replace("_", " ")
    if any(word in name for word in _OVER_TIME):
        return RATABLE
    if any(word in name.replace("-", " ") for word in _AT_ONCE):
        return POINT_IN_TIME
    return None


def recognition_findings(mappings: Mappings, lago: Catalog, netsuite: Catalog) -> Iterator[MappingFinding]:
    """List rows whose word differs from the item's rule and, where no row has a word, what fits badly.

    Accounts without revenue management recognize nothing by rules, so nothing is said of them.
    """
    if netsuite.features.get("revenue") is False:
        return
    items = {str(row["id"]): row for row in netsuite.rows("items") if "recognition" in row}
    for row in mappings.items:
        item = items.get(row.item)
        if item is not None:
            name = f"items.{row.lago}"
            yield from _row(name, row.lago.partition(":")[0], row.recognition, item)
    yield from _defaults(mappings, lago, items)


def _row(name: str, kind: str, said: str | None, item: Row) -> Iterator[MappingFinding]:
    told = rule_kind(item["recognition"])
    if told is None:
        return
    if said is not None and said != told:
        message = f"{name} is {said}, but {_item(item)} is recognized {_how(item)}"
        hint = "Correct the row's recognition, or the item's rule in NetSuite."
        yield warning("recognition_differs", name, message, hint)
    elif said is None and kind in _EARNED and told != _EARNED[kind].earned:
        yield _unfit(name, _EARNED[kind], item)


def _defaults(mappings: Mappings, lago: Catalog, items: Mapping[str, Row]) -> Iterator[MappingFinding]:
    """Types of fees whose objects have no rows of their own, each once for every item it goes to."""
    entities = [str(row["code"]) for row in lago.rows("billing_entities")] or [""]
    for kind in _EARNED.values():
        for entity in entities:
            found = mappings.item(None, kind.item_type, entity)
            item = items.get(found.value or "")
            if item is None or found.by_default or rule_kind(item["recognition"]) in (None, kind.earned):
                continue
            yield _unfit(str(found.won), kind, item)


_TOLD = {
    "plan": "subscriptions",
    "commitment": "commitments",
    "billable_metric": "usage",
    "add_on": "add-ons",
}


def _unfit(name: str, kind: ItemKind, item: Row) -> MappingFinding:
    ratable = kind.earned == RATABLE
    expected, other = (RATABLE, POINT_IN_TIME) if ratable else (POINT_IN_TIME, RATABLE)
    message = (
        f"{name} puts {_TOLD[kind.name]}, which are mostly earned {_WORDS[expected]}, on {_item(item)}, "
        f"which is recognized {_how(item)}"
    )
    hint = "Choose another item; if it is meant so, say it in the row"
    if name.startswith("items."):
        hint += (
            f": lago-ns map set item {name.removeprefix('items.')} --to {item['id']} --recognition {other}"
        )
    else:
        hint += " of the object: lago-ns map set item … --recognition " + other
    return warning("recognition_unfit", name, message, hint)


def _item(item: Row) -> str:
    return f"item {item['id']} ({item.get('name')})"


def _how(item: Row) -> str:
    rule = item["recognition"]
    return "when it is billed" if rule is None else f"by the rule {rule}"
