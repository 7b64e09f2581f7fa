"""The trial by which ``doctor --probe`` learns whether an account refuses a repeated key.

NetSuite wants external ids to be unique within a group: all customers and their like are one, all transactions
another. So a customer and an invoice are tried, each twice under one key; the two differ in their names, which
an account may want to be unique as well. The keys are fixed: whatever an interrupted probe left is found by them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from lago_ns_cli.domain.error_catalogue import Family, find
from lago_ns_cli.domain.exchange import Trial
from lago_ns_cli.domain.identifiers import InternalId
from lago_ns_cli.domain.mapping import Mappings

TRIAL_KEYS = MappingProxyType({"invoice": "lago:probe:invoice", "customer": "lago:probe:customer"})

Document = Mapping[str, object]
_NUMBERS = (1, 2)


@dataclass(frozen=True, slots=True)
class TrialGround:
    """What a trial record needs of the mappings.

    Args:
        tax_code: Of a line without tax; None under SuiteTax.
    """

    subsidiary: str
    currency: str
    item: str
    tax_code: str | None
    mappings: Mappings


def find_ground(mappings: Mappings, *, suitetax: bool) -> TrialGround | str:
    """Choose what trial records are made of, or say what the mappings lack."""
    defaults = mappings.defaults
    subsidiary = defaults.subsidiary or next((row.subsidiary for row in mappings.subsidiaries), None)
    items = [*defaults.item_by_type.values(), *(row.item for row in mappings.items)]
    item = defaults.item or next(iter(items), None)
    currency = mappings.currencies.get("USD") or next(iter(mappings.currencies.values()), None)
    for name, value in (("subsidiary", subsidiary), ("currency", currency), ("item", item)):
        if value is None:
            return f"the mappings name no {name} that a trial record could have"
    if not suitetax and defaults.untaxed_code is None:
        return "the mappings name no untaxed_code, which a line without tax has"
    assert subsidiary
    assert currency
    assert item
    return TrialGround(subsidiary, currency, item, None if suitetax else defaults.untaxed_code, mappings)


def trial_customers(ground: TrialGround) -> list[Document]:
    """Make two customers with one key."""
    return [
        {
            "type": "customer",
            "action": "create",
            "key": TRIAL_KEYS["customer"],
            "columns": {
                "isperson": "F",
                "companyname": f"lago-ns probe {number}, may be deleted",
                "subsidiary": ground.subsidiary,
                "currency": ground.currency,
                **_literals(ground.mappings, "customer", "header"),
            },
        }
        for number in _NUMBERS
    ]


def trial_invoices(ground: TrialGround, customer: InternalId, day: date) -> list[Document]:
    """Make two invoices over nothing with one key."""
    tax = {} if ground.tax_code is None else {"taxcode": ground.tax_code}
    line = {"item": ground.item, "quantity": "1", "rate": "0", "amount": "0.00", **tax}
    return [
        {
            "type": "invoice",
            "action": "create",
            "key": TRIAL_KEYS["invoice"],
            "columns": {
                "entity": customer,
                "subsidiary": ground.subsidiary,
                "currency": ground.currency,
                "trandate": day.isoformat(),
                "memo": f"lago-ns probe {number}, may be deleted",
                **_literals(ground.mappings, "invoice", "header"),
            },
            "lines": [
                {
                    "sublistId": "item",
                    "lineItems": [{**line, **_literals(ground.mappings, "invoice", "line")}],
                }
            ],
            "dates": ["trandate"],
        }
        for number in _NUMBERS
    ]


def _literals(mappings: Mappings, kind: str, place: str) -> dict[str, object]:
    """The fixed values that rows give every record: an account may require them."""
    rows = mappings.fields.get(kind)
    if rows is None:
        return {}
    chosen = rows.header if place == "header" else rows.line
    return {row.to: row.literal for row in chosen if row.literal is not None and row.billing_entity is None}


def judge_trial(trial: Trial) -> bool | str:
    """Tell whether a repeated key was refused, or why that cannot be told.

    Which code NetSuite gives is not documented, so any of those that say "there already" counts.
    """
    if trial.second is not None:
        return False
    row = find(trial.code or "")
    if row is not None and row.family is Family.EXISTS:
        return True
    return f"the second record was refused for another reason: {trial.code}: {trial.message}"
