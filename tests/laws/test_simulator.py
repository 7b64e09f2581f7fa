"""What NetSuite makes of the records: its own totals are those that Lago billed."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.integration.test_books import KINDS, everything
from tests.integration.world import World, money
from tests.laws.figures import major

INVOICES = 340
CUSTOMERS = 34
SEED = 77
FEWEST_DOCUMENTS = 600


@pytest.mark.parametrize("regime", ["suitetax", "legacy"])
def test_the_accounts_own_totals_are_lagos(tmp_path: Path, regime: str) -> None:
    """Every document: NetSuite adds lines and taxes up by itself and comes to Lago's figures."""
    share = 2 if regime == "legacy" else 1
    world = World(
        tmp_path, seed=SEED, invoices=INVOICES // share, customers=CUSTOMERS // share, tax_regime=regime
    )
    run = world.sync(*KINDS)
    invoices, notes, payments = told(world)
    expected = {
        **{one["lago_id"]: _invoice(one) for one in invoices},
        **{one["lago_id"]: _note(one) for one in notes},
        **{one["lago_id"]: (_in(one["amount_cents"], one), money(0)) for one in payments},
    }
    kept = posted(world)

    assert run.error is None
    assert 0 == run.tally.needs_attention
    assert expected == kept
    assert FEWEST_DOCUMENTS // share <= len(expected)


Document = dict[str, Any]
Figures = tuple[Decimal, Decimal]


def posted(world: World) -> dict[str, Figures]:
    """Total and tax by Lago id, in NetSuite's own store; a memo of prepaid credit belongs to its invoice."""
    figures: dict[str, Figures] = {}
    for kind in ("invoice", "creditmemo", "customerpayment"):
        for row in world.records(kind):
            sign = -1 if str(row["externalid"]).startswith("lago:prepaid:") else 1
            total, tax = figures.get(row["custbody_lago_id"], (Decimal(0), Decimal(0)))
            total, tax = total + sign * money(row["total"]), tax + sign * money(row.get("taxtotal") or 0)
            figures[row["custbody_lago_id"]] = (total, tax)
    return figures


def told(world: World) -> tuple[list[Document], list[Document], list[Document]]:
    """What Lago says has to be posted."""
    return (
        [one for one in everything(world, "invoices") if _is_billed(one)],
        [one for one in everything(world, "credit_notes") if not one["self_billed"]],
        [one for one in everything(world, "payments") if one["payment_status"] == "succeeded"],
    )


def _is_billed(invoice: Document) -> bool:
    amounts = invoice["fees_amount_cents"] or invoice["total_amount_cents"]
    return invoice["status"] == "finalized" and not invoice["self_billed"] and bool(amounts)


def _invoice(one: Document) -> Figures:
    """Under ``apply_memo`` consumed credit stays on its memo, and the invoice is that much more."""
    total = one["total_amount_cents"] + one["credit_notes_amount_cents"]
    return _in(total, one), _in(one["taxes_amount_cents"], one)


def _note(one: Document) -> Figures:
    return _in(one["total_amount_cents"], one), _in(one["taxes_amount_cents"], one)


def _in(cents: int, one: Document) -> Decimal:
    return major(cents, one.get("currency") or one["amount_currency"])
