"""Books that agree: nothing is found that is not there, and every cent is accounted for."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lago_ns_cli.domain.mapping import CreditNotePolicy
from lago_ns_cli.workflows.reconcile_reports import ReadReported
from tests.integration.world import Tampering
from tests.reconciliation.comparing import CompareWorld


@pytest.mark.parametrize(
    ("regime", "policy"),
    [("suitetax", CreditNotePolicy.NEGATIVE_LINE), ("legacy", CreditNotePolicy.APPLY_MEMO)],
)
def test_what_was_carried_over_agrees(tmp_path: Path, regime: str, policy: CreditNotePolicy) -> None:
    """Both tax regimes, both ways to show consumed credit; sums are taken from the two stores themselves."""
    world = CompareWorld(tmp_path, seed=3, invoices=36, customers=8, tax_regime=regime)
    world.choose(policy)
    world.carry()
    compared = world.compare()
    lines = compared.told.tie_out

    assert [] == compared.names
    assert [] == [one for one in compared.findings if one.is_consequence]
    for record_type, kinds in (
        ("invoice", {"invoice"}),
        ("customerpayment", {"payment"}),
        ("creditmemo", {"credit_note", "prepaid"}),
    ):
        stored = sum(Decimal(one["total"]) for one in world.records(record_type))
        assert stored == sum(line.posted for line in lines if line.cell.kind in kinds)


def test_before_anything_was_carried_all_is_missing_and_tied_out(tmp_path: Path) -> None:
    """Each missing document names the command that sends it; the tie-out is short by exactly these."""
    world = CompareWorld(tmp_path, seed=3, invoices=12, customers=4)
    compared = world.compare()

    assert {"missing_in_netsuite"} == {one.what.value for one in compared.open}
    assert all(one.command and one.command.startswith("lago-ns sync ") for one in compared.open)
    assert all(Decimal(0) == line.posted for line in compared.told.tie_out)


def test_a_period_reads_and_compares_only_its_own(tmp_path: Path) -> None:
    """Both days belong to it, on both sides."""
    world = CompareWorld(tmp_path, seed=3, invoices=20, customers=6)
    world.carry()
    asked: list[dict[str, Any]] = []
    world.wrap = lambda inner: Tampering(inner, before=asked.append)
    compared = world.compare("invoice", since=date(2026, 9, 1), until=date(2026, 9, 30))

    assert [] == compared.names
    assert {"2026-09"} == {line.cell.month for line in compared.told.tie_out}
    assert {("2026-09-01", "2026-09-30")} == {
        (call["since"], call["until"]) for call in asked if call["operation"] == "list"
    }


def test_a_billing_entity_is_compared_alone(tmp_path: Path) -> None:
    """The records of the other entity are not taken for strangers of Lago's."""
    world = CompareWorld(tmp_path, seed=3, invoices=20, customers=6)
    world.carry()
    compared = world.compare(billing_entity="acme-eu")

    assert [] == compared.names
    assert {"acme-eu"} == {line.cell.entity for line in compared.told.tie_out}
    assert 0 < compared.told.by_kind["invoice"].documents < 20


def test_reading_tells_how_far_it_is_and_writes_nothing(tmp_path: Path) -> None:
    """Neither side changes, nor the ledger."""
    world = CompareWorld(tmp_path, seed=3, invoices=12, customers=4)
    world.carry()
    before = (world.store(), world.ledger_files())
    rows: list[int] = []
    world.compare(watch=lambda event: rows.append(event.rows) if isinstance(event, ReadReported) else None)

    assert before == (world.store(), world.ledger_files())
    assert sum(rows) > 12


def test_legacy_tax_is_compared_by_code_also_where_a_line_has_several_taxes(tmp_path: Path) -> None:
    """Lago's list does not tell which taxes are on one line; what was sent does."""
    world = CompareWorld(tmp_path, seed=3, invoices=36, customers=8, tax_regime="legacy")
    world.carry()
    codes = {line.cell.tax_code for line in world.compare("invoice").told.tie_out if line.posted}
    group = next(
        one for one in world.records("invoice") if any(row["taxcode"] == "18" for row in one["lines"])
    )
    number = next(place for place, row in enumerate(group["lines"]) if row["taxcode"] == "18")
    amount = group["lines"][number]["tax1amt"]
    change = {"line": number, "taxcode": "14", "tax1amt": amount}
    world.person("edit_record", type="invoice", id=group["id"], lines={"item": [change]})
    found = world.compare("invoice")

    assert {"18", "net"} <= codes
    assert "tax" not in codes
    assert [("tax_code", group["tranid"])] == found.names
