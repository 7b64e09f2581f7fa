"""An invoice of 108.88, 8.88 of it tax, as both sides have it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId
from lago_ns_cli.domain.periods import Period
from lago_ns_cli.domain.reconciliation.known import Account, Known
from lago_ns_cli.domain.reconciliation.rows import BilledRow, PostedRow

AT = datetime(2026, 11, 25, tzinfo=UTC)
AUGUST = Period("108", "Aug 2026", date(2026, 8, 1), date(2026, 8, 31), True)
SEPTEMBER = Period("109", "Sep 2026", date(2026, 9, 1), date(2026, 9, 30), True)
ACCOUNT = Account(currencies={"1": "USD", "4": "EUR"}, periods=(AUGUST, SEPTEMBER))


def billed(**changes: Any) -> BilledRow:
    """Lago's side."""
    row = BilledRow(
        key=Key("lago:inv:1"),
        kind="invoice",
        lago_id=LagoId("1"),
        number="ACM-1",
        customer=LagoId("c1"),
        customer_name="cust_1",
        entity="acme-us",
        currency="USD",
        currency_id="1",
        subsidiary="2",
        days=(date(2026, 8, 14),),
        total=Decimal("108.88"),
        tax=Decimal("8.88"),
        taxes={"14": Decimal("8.88")},
        due=Decimal("108.88"),
    )
    return replace(row, **changes)


def posted(**changes: Any) -> PostedRow:
    """NetSuite's side, equal to it."""
    row = PostedRow(
        id=InternalId("5012"),
        type="invoice",
        identity=Key("lago:inv:1"),
        kind="invoice",
        lago_id="1",
        external_id="lago:inv:1",
        number="ACM-1",
        customer="77",
        currency="1",
        subsidiary="2",
        day=date(2026, 8, 14),
        month="2026-08",
        period="108",
        status="open",
        total=Decimal("108.88"),
        tax=Decimal("8.88"),
        taxes={"14": Decimal("8.88")},
        open=Decimal("108.88"),
        fingerprint="f" * 64,
    )
    return replace(row, **changes)


def entry(**changes: Any) -> Entry:
    """What the ledger knows of it."""
    row = Entry(
        key=Key("lago:inv:1"),
        kind="invoice",
        lago_id=LagoId("1"),
        number="ACM-1",
        customer_id=LagoId("c1"),
        state=State.POSTED,
        netsuite_id=InternalId("5012"),
        fingerprint="f" * 64,
        created_at=AT,
        updated_at=AT,
    )
    return replace(row, **changes)


def known(**changes: Any) -> Known:
    """What else is known of it."""
    return replace(Known(entry=entry(), customer=InternalId("77")), **changes)
