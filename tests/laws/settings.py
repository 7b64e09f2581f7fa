"""The accounts and mappings under which the laws hold: both tax regimes, both policies, grouped or not."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path

import tomli_w

from lago_ns_cli.domain.catalog import AccountProfile
from lago_ns_cli.domain.mapping import CreditNotePolicy, GroupingRow, Mappings
from lago_ns_cli.domain.translation.context import Context
from lago_ns_cli.mapping_file import load_mappings
from lago_ns_cli.simulator.options import TaxRegime
from lago_ns_cli.simulator.world import CURRENCIES
from lago_ns_cli.simulator.write_config import standard_mappings

_GROUPED_ITEM = "481"


@dataclass(frozen=True)
class Variant:
    """One way of keeping the books."""

    regime: TaxRegime
    policy: CreditNotePolicy
    grouped: bool

    def __str__(self) -> str:
        return f"{self.regime}, {self.policy}, {'grouped' if self.grouped else 'line by line'}"


_REGIMES: tuple[TaxRegime, ...] = ("suitetax", "legacy")
VARIANTS = tuple(Variant(*choice) for choice in product(_REGIMES, CreditNotePolicy, (False, True)))
"""All eight."""


@cache
def mappings_of(regime: TaxRegime) -> Mappings:
    """Load the mappings that the simulator writes for its own world."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mappings.toml"
        path.touch(mode=0o600)
        path.write_text(tomli_w.dumps(standard_mappings(regime)), "utf-8")
        return load_mappings(path)


@cache
def context_of(variant: Variant) -> Context:
    """Give what a translation is to know under a variant."""
    plain = mappings_of(variant.regime)
    defaults = replace(plain.defaults, credit_note_policy=variant.policy)
    grouping = (GroupingRow(item=_GROUPED_ITEM),) if variant.grouped else ()
    return Context(
        mappings=replace(plain, defaults=defaults, grouping=grouping),
        account=AccountProfile(
            suitetax=variant.regime == "suitetax",
            precisions={currency.id: currency.precision for currency in CURRENCIES},
        ),
    )


def with_currency(context: Context, currencies: Mapping[str, str], precisions: Mapping[str, int]) -> Context:
    """Let the account keep other currencies."""
    return replace(
        context,
        mappings=replace(context.mappings, currencies=currencies),
        account=replace(context.account, precisions=precisions),
    )
