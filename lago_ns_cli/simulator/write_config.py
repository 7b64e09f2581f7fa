"""Writes what ``lago-ns`` needs to work with a running simulator: settings, mappings and credentials.

The mappings follow from the world both sides share (:mod:`.world`), in the form in which a person keeps them.
"""

import json
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from lago_ns_cli.simulator.credentials import SimulatorCredentials
from lago_ns_cli.simulator.options import TaxRegime
from lago_ns_cli.simulator.world import (
    ACCOUNT_ID,
    BILLING_ENTITIES,
    CURRENCIES,
    DEPLOYMENT_ID,
    ITEMS,
    PAYMENT_ACCOUNT,
    PAYMENT_METHOD,
    SCRIPT_ID,
    SUBSIDIARIES,
    TAX_CODES,
    TAX_TYPES,
    Item,
    TaxCode,
)

SHORTEST_QUARANTINE_SECONDS = 3
"""Enough for an account that commits at once; a real one needs minutes."""

CONFIG_NAME = "lago-ns.toml"
MAPPINGS_NAME = "mappings.toml"
ENVIRONMENT_NAME = "env"

_DEFAULT_TAX_CODE = "11"
_UNTAXED_CODE = "9"
_DEFAULT_SUBSIDIARY = BILLING_ENTITIES[0].subsidiary
_TYPE_PREFIX = "type:"

_INVOICE_HEADER = (
    ("number", "tranid", None),
    ("issuing_date", "trandate", "date"),
    ("payment_due_date", "duedate", "date"),
    ("lago_id", "custbody_lago_id", None),
    ("web_url", "custbody_lago_invoice_link", None),
)
_INVOICE_LINE = (
    ("lago_id", "custcol_lago_line_id", None),
    ("service_period.start", "custcol_service_period_date_from", "date"),
    ("service_period.end", "custcol_service_period_date_to", "date"),
)
_CUSTOMER_HEADER = (("lago_id", "custentity_lago_id", None),)


@dataclass(frozen=True)
class ConfigTarget:
    """What the written files describe.

    Attributes:
        url: The simulator's origin, without a path.
        longest_late_commit_seconds: From the fault plan; the quarantine outlasts it.
    """

    url: str
    tax_regime: TaxRegime
    credentials: SimulatorCredentials
    longest_late_commit_seconds: float = 0.0


def write_config(directory: Path, target: ConfigTarget) -> None:
    """Write ``lago-ns.toml``, ``mappings.toml`` and ``env`` (mode 0600), replacing earlier ones.

    Raises:
        OSError: The directory cannot be made or written.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_private(directory / CONFIG_NAME, tomli_w.dumps(_config(target)))
    _write_private(directory / MAPPINGS_NAME, _render(standard_mappings(target.tax_regime)))
    _write_private(directory / ENVIRONMENT_NAME, _environment(target.credentials.environment()))


def standard_mappings(tax_regime: TaxRegime) -> dict[str, Any]:
    """Map everything the simulated organization can bill to the simulated account."""
    return {
        "version": 1,
        "defaults": _defaults(tax_regime),
        "billing_entities": _entity_defaults(tax_regime),
        "items": [
            {"lago": item.lago, "item": item.id, "recognition": item.recognition}
            for item in ITEMS
            if _is_row(item)
        ],
        "taxes": [_tax_row(code) for code in TAX_CODES if _is_mapped(code, tax_regime)],
        "subsidiaries": [
            {"billing_entity": entity.code, "subsidiary": entity.subsidiary} for entity in BILLING_ENTITIES
        ],
        "currencies": {currency.code: currency.id for currency in CURRENCIES},
        "payments": [{"account": PAYMENT_ACCOUNT, "method": PAYMENT_METHOD}],
        "invoice": {"header": _field_rows(_INVOICE_HEADER), "line": _field_rows(_INVOICE_LINE)},
        "customer": {"header": _field_rows(_CUSTOMER_HEADER)},
    }


def quarantine_seconds(longest_late_commit_seconds: float) -> int:
    """Say how long a lost call must be left alone: a second longer than any late commit, at least 3."""
    if not longest_late_commit_seconds:
        return SHORTEST_QUARANTINE_SECONDS
    whole = int(-(-longest_late_commit_seconds // 1))
    return max(SHORTEST_QUARANTINE_SECONDS, whole + 1)


def _config(target: ConfigTarget) -> dict[str, Any]:
    return {
        "lago": {"base_url": target.url},
        "netsuite": {
            "account": ACCOUNT_ID,
            "auth": "tba",
            "base_url": target.url,
            "script": SCRIPT_ID,
            "deploy": DEPLOYMENT_ID,
        },
        "sync": {},
        "push": {"quarantine_seconds": quarantine_seconds(target.longest_late_commit_seconds)},
        "ledger": {"url": "sqlite:///ledger.db"},
    }


def _defaults(tax_regime: TaxRegime) -> dict[str, Any]:
    by_type = {
        item.lago.removeprefix(_TYPE_PREFIX): item.id for item in ITEMS if item.lago and _is_for_type(item)
    }
    code = next(code for code in TAX_CODES if code.id == _DEFAULT_TAX_CODE)
    return {
        "item": next(item.id for item in ITEMS if item.lago == "default"),
        "item_by_type": by_type,
        "tax": _tax_target(code),
        **({"untaxed_code": _UNTAXED_CODE} if tax_regime == "legacy" else {}),
        "subsidiary": _DEFAULT_SUBSIDIARY,
        "credit_note_policy": "apply_memo",
    }


def _entity_defaults(tax_regime: TaxRegime) -> dict[str, Any]:
    """Give each billing entity that files tax elsewhere a code without tax of its own nexus."""
    nexus_of = {subsidiary.id: subsidiary.nexus for subsidiary in SUBSIDIARIES}
    defaults: dict[str, Any] = {}
    for entity in BILLING_ENTITIES:
        nexus = nexus_of[entity.subsidiary]
        if nexus != nexus_of[_DEFAULT_SUBSIDIARY]:
            code = next(
                code for code in TAX_CODES if code.rate == "0" and _tax_target(code)["nexus"] == nexus
            )
            defaults[entity.code] = {
                "tax": _tax_target(code),
                **({"untaxed_code": code.id} if tax_regime == "legacy" else {}),
                "subsidiary": entity.subsidiary,
            }
    return defaults


def _is_for_type(item: Item) -> bool:
    return bool(item.lago and item.lago.startswith(_TYPE_PREFIX))


def _is_row(item: Item) -> bool:
    return bool(item.lago and item.lago != "default" and not _is_for_type(item))


def _is_mapped(code: TaxCode, tax_regime: TaxRegime) -> bool:
    """Sets of taxes have rows of their own only where a line carries one code."""
    return len(code.lago) == 1 or (len(code.lago) > 1 and tax_regime == "legacy")


def _tax_row(code: TaxCode) -> dict[str, Any]:
    lago = code.lago[0] if len(code.lago) == 1 else list(code.lago)
    return {"lago": lago, **_tax_target(code)}


def _tax_target(code: TaxCode) -> dict[str, str]:
    nexus = next(kind.nexus for kind in TAX_TYPES if kind.id == code.tax_type)
    return {"nexus": nexus, "tax_type": code.tax_type, "tax_code": code.id}


def _field_rows(rows: tuple[tuple[str, str, str | None], ...]) -> list[dict[str, str]]:
    return [{"from": source, "to": field} | ({"type": kind} if kind else {}) for source, field, kind in rows]


def _render(mappings: dict[str, Any]) -> str:
    """Write mappings as people do: a table a row, small tables in line."""
    blocks = [f"version = {mappings['version']}\n", _table("[defaults]", mappings["defaults"])]
    for code, defaults in mappings["billing_entities"].items():
        blocks.append(_table(f"[billing_entities.{code}]", defaults))
    for name in ("items", "taxes", "subsidiaries"):
        blocks += [_table(f"[[{name}]]", row) for row in mappings[name]]
    blocks.append(_table("[currencies]", mappings["currencies"]))
    blocks += [_table("[[payments]]", row) for row in mappings["payments"]]
    for kind in ("customer", "invoice"):
        for place, rows in mappings[kind].items():
            blocks += [_table(f"[[{kind}.{place}]]", row) for row in rows]
    return "\n".join(blocks)


def _table(header: str, row: Mapping[str, Any]) -> str:
    return "".join([f"{header}\n", *(f"{key} = {_value(value)}\n" for key, value in row.items())])


def _value(value: str | list[str] | dict[str, str]) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(part)}" for key, part in value.items()) + " }"
    return json.dumps(value)  # TOML writes texts and lists of texts as JSON does


def _environment(values: Mapping[str, str]) -> str:
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items())


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        path.chmod(0o600)  # an earlier file may have been wider
        file.write(text)
