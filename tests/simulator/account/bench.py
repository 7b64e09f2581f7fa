"""A simulated account on a fixed day, and short ways to put documents into it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lago_ns_cli.simulator import world
from lago_ns_cli.simulator.netsuite.account import Account, TaxRegime
from lago_ns_cli.simulator.netsuite.errors import NetSuiteError
from lago_ns_cli.simulator.netsuite.permissions import INTEGRATION
from lago_ns_cli.simulator.netsuite.switches import Switches
from lago_ns_cli.simulator.netsuite.values import Draft, Role, Value

NOON = datetime(2026, 8, 15, 16, 0, tzinfo=UTC)
CUSTOMER = world.SAMPLE_CUSTOMER_ID

LINE = {"item": "500", "quantity": "1", "rate": "100", "amount": "100.00"}
TAX_ROW = {
    "taxdetailsreference": "fee-1",
    "taxtype": "3",
    "taxcode": "14",
    "taxbasis": "100.00",
    "taxrate": "8.875",
    "taxamount": "8.88",
}
OVERRIDE: Mapping[str, Value] = {"taxregoverride": True, "nexus": "1", "taxdetailsoverride": True}


@dataclass
class Bench:
    """An account and a role that works in it."""

    account: Account
    role: Role = INTEGRATION
    numbers: list[int] = field(default_factory=lambda: [0])

    def new(self, record_type: str, **values: Value) -> Draft:
        """A new record in dynamic mode with its fields set in order."""
        draft = self.account.new(record_type, self.role, dynamic=True)
        self.set(draft, **values)
        return draft

    def load(self, record_type: str, record_id: str) -> Draft:
        return self.account.load(record_type, record_id, self.role, dynamic=True)

    def set(self, draft: Draft, **values: Value) -> None:
        for name, value in values.items():
            draft.body[name] = value
            self.account.field_changed(draft, name)

    def add_line(self, draft: Draft, sublist: str, values: Mapping[str, Any]) -> None:
        lines = draft.lines(sublist)
        lines.append({})
        self.account.line_begun(draft, sublist)
        for name, value in values.items():
            lines[-1][name] = value
            self.account.field_changed(draft, name, sublist, len(lines) - 1)

    def tick(self, draft: Draft, target: str, amount: str | None = None) -> None:
        """Tick a line of the apply list, with or without an amount."""
        number = next(place for place, line in enumerate(draft.lines("apply")) if line["doc"] == target)
        draft.lines("apply")[number]["apply"] = True
        self.account.field_changed(draft, "apply", "apply", number)
        if amount is not None:
            draft.lines("apply")[number]["amount"] = amount
            self.account.field_changed(draft, "amount", "apply", number)

    def save(self, draft: Draft) -> str:
        return self.account.save(draft, self.role)

    def sale(
        self, record_type: str = "invoice", lines: Sequence[Mapping[str, Any]] = (LINE,), **values: Value
    ) -> Draft:
        """An unsaved invoice or credit memo of the sample customer without tax rows."""
        suitetax: Mapping[str, Value] = OVERRIDE if self.account.tax_regime == "suitetax" else {}
        body: dict[str, Value] = {"entity": CUSTOMER, "trandate": "2026-08-01", **suitetax, **values}
        draft = self.new(record_type, **body)
        for line in lines:
            self.add_line(draft, "item", line if suitetax else {"taxcode": "9", **line})
        return draft

    def post_sale(
        self, record_type: str = "invoice", lines: Sequence[Mapping[str, Any]] = (LINE,), **values: Value
    ) -> str:
        return self.save(self.sale(record_type, lines, **values))

    def post_customer(self, **values: Value) -> str:
        self.numbers[0] += 1
        body: dict[str, Value] = {"companyname": f"Customer {self.numbers[0]}", "subsidiary": "2", **values}
        return self.save(self.new("customer", **body))

    def payment(self, amount: str, **values: Value) -> Draft:
        """An unsaved payment of the sample customer into the bank account."""
        body: dict[str, Value] = {
            "customer": CUSTOMER,
            "payment": amount,
            "account": world.PAYMENT_ACCOUNT,
            **values,
        }
        return self.new("customerpayment", **body)

    def record(self, record_type: str, record_id: str) -> dict[str, Any]:
        return next(record for record in self.account.records(record_type) if record["id"] == record_id)


def make_bench(regime: TaxRegime = "suitetax", *, state: Path | None = None, **switches: Any) -> Bench:
    """A fresh account; keyword arguments are switches."""
    return Bench(Account(tax_regime=regime, now=lambda: NOON, state=state, switches=Switches(**switches)))


def refusal(bench: Bench, draft: Draft) -> tuple[str, str]:
    """Code and message with which a save is refused; nothing is stored."""
    before = len(bench.account.records(draft.type))
    with pytest.raises(NetSuiteError) as refused:
        bench.save(draft)
    assert before == len(bench.account.records(draft.type))
    return refused.value.name, refused.value.message
