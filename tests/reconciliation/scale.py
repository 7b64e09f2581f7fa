"""Compares many invoices that are made as they are read, and tells what that costs.

``python -m tests.reconciliation.scale 100000`` prints a JSON object: calls to NetSuite, CPU seconds, and the peak of
memory that the process ever held. Neither side is a simulator here, so that all of it is the comparison's own.
"""

import asyncio
import json
import resource
import sys
import time
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, cast

import httpx

from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.documents import BilledCustomer, InvoiceSummary
from lago_ns_cli.domain.exchange import Organization, Selection
from lago_ns_cli.domain.identifiers import InternalId, Key, LagoExternalId, LagoId
from lago_ns_cli.domain.mapping import Defaults, Mappings
from lago_ns_cli.netsuite.auth import TbaAuth, TbaCredentials
from lago_ns_cli.netsuite.client import NetSuiteClient
from lago_ns_cli.side_table import SideTable
from lago_ns_cli.workflows.comparing import ReconcileOptions, open_reconciliation
from lago_ns_cli.workflows.ports import LagoSource, Ledger
from lago_ns_cli.workflows.reconcile_reports import FindingReported, Scope

ACCOUNT = "1234567"
AT = datetime(2026, 11, 25, tzinfo=UTC)
DAYS = tuple(date(2026, 1 + month, 1 + day) for month in range(10) for day in range(0, 28, 3))


def lago_id(number: int) -> LagoId:
    """Name an invoice; its order is another than that of NetSuite's ids."""
    return LagoId(f"{(number * 2654435761) % 2**32:08x}-0000-4000-8000-{number:012x}")


class ManyInvoices:
    """A Lago of invoices of 12.34."""

    def __init__(self, count: int) -> None:
        self._count = count

    async def organization(self) -> Organization:
        return Organization("1", "Acme")

    async def invoices(self, _selection: Selection) -> AsyncIterator[InvoiceSummary]:
        for number in range(self._count):
            customer = BilledCustomer(
                lago_id=LagoId(f"c{number % 500}"), external_id=LagoExternalId(f"cust_{number % 500}")
            )
            yield InvoiceSummary(
                lago_id=lago_id(number),
                number=f"ACM-{number:06}",
                billing_entity_code="acme-us",
                status="finalized",
                payment_status="pending",
                currency="USD",
                issuing_date=DAYS[number % len(DAYS)],
                self_billed=False,
                fees_amount_cents=1234,
                total_amount_cents=1234,
                total_due_amount_cents=1234,
                invoice_type="subscription",
                customer=customer,
            )


class Script:
    """A RESTlet that makes its rows as they are asked for."""

    def __init__(self, count: int) -> None:
        self.calls = 0
        self._count = count

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        asked = json.loads(request.content)
        answer = getattr(self, f"_{asked['operation']}")(asked)
        return httpx.Response(200, json={"contract": 1, "operation": asked["operation"], **answer})

    def _ping(self, _asked: Mapping[str, Any]) -> dict[str, Any]:
        role = {"id": "1", "name": "Lago"}
        return {"account": ACCOUNT, "script_version": "1.0.0", "role": role, "features": {"suitetax": True}}

    def _describe(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        rows = {"currencies": [{"id": "1", "code": "USD", "name": "USD", "precision": 2}]}
        sections = {
            name: {"status": "ok", "rows": rows.get(name, []), "cursor": None} for name in asked["sections"]
        }
        return {"sections": sections}

    def _list(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        if asked["type"] != "invoice":
            return {"rows": [], "cursor": None, "status": "ok"}
        start = int(asked["cursor"] or 0)
        numbers = range(start, min(start + asked["limit"], self._count))
        cursor = str(numbers.stop) if numbers.stop < self._count else None
        return {"rows": [_row(number) for number in numbers], "cursor": cursor, "status": "ok"}

    def _find(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return {"results": [{"status": "absent", "records": []} for _ in asked["queries"]]}


def _row(number: int) -> dict[str, Any]:
    return {
        "id": str(number + 1),
        "type": "invoice",
        "key": f"lago:inv:{lago_id(number)}",
        "lago_id": lago_id(number),
        "fingerprint": "f" * 64,
        "number": f"ACM-{number:06}",
        "currency": "1",
        "subsidiary": "2",
        "last_modified": "2026-11-01T10:00:00",
        "entity": str(number % 500 + 1),
        "date": DAYS[number % len(DAYS)].isoformat(),
        "period": None,
        "status": "open",
        "total": "12.34",
        "tax": "0",
        "unpaid": "12.34",
        "taxes": [],
    }


class ManyEntries:
    """A ledger that knows each of them as posted."""

    def organization(self) -> str:
        return "1"

    def load_catalog(self, _side: str) -> None:
        return None

    def entries(self, keys: Collection[Key]) -> dict[Key, Entry]:
        return {key: _entry(key) for key in keys if key.startswith("lago:inv:")}

    def links(self, keys: Collection[Key]) -> dict[Key, InternalId]:
        owners = (key for key in keys if key.startswith("lago:cus:c"))
        return {key: InternalId(str(int(key.removeprefix("lago:cus:c")) + 1)) for key in owners}

    def facts(self, _keys: Collection[Key]) -> dict[Key, dict[str, str]]:
        return {}

    def last_attempts(self, _keys: Collection[Key]) -> dict[Key, Any]:
        return {}

    def decisions(self) -> list[Any]:
        return []

    def record_findings(self, _findings: object, _at: object) -> None:
        pass

    def forget_findings(self, _kinds: object, **_which: object) -> None:
        pass


def _entry(key: Key) -> Entry:
    number = int(key[-12:], 16)
    return Entry(
        key=key,
        kind="invoice",
        lago_id=LagoId(key.removeprefix("lago:inv:")),
        number=f"ACM-{number:06}",
        customer_id=LagoId(f"c{number % 500}"),
        state=State.POSTED,
        netsuite_id=InternalId(str(number + 1)),
        fingerprint="f" * 64,
        created_at=AT,
        updated_at=AT,
    )


class Clock:
    """A clock that stands still."""

    def now(self) -> datetime:
        return AT

    async def sleep(self, _seconds: float) -> None:
        """Return at once."""


@dataclass
class Cost:
    """What a comparison cost."""

    documents: int
    calls: int = 0
    findings: int = 0
    cpu_seconds: float = 0.0
    peak_kilobytes: int = 0
    months: list[str] = field(default_factory=list)


async def compare(count: int) -> Cost:
    """Compare as many invoices; all of them agree."""
    script = Script(count)
    login = TbaAuth(ACCOUNT, TbaCredentials("a", "b", "c", "d"), clock=time.time)
    netsuite = NetSuiteClient(
        ACCOUNT,
        login,
        script="customscript_lago_service",
        deploy="customdeploy_lago_service",
        base_url="http://127.0.0.1:1",
        transport=httpx.MockTransport(script),
    )
    mappings = Mappings(defaults=Defaults(subsidiary="2"), currencies={"USD": "1"})
    options = ReconcileOptions(scope=Scope(kinds=("invoice",)), mappings=mappings, account=ACCOUNT)
    cost = Cost(count)
    started = time.process_time()
    with SideTable() as sides:
        run = await open_reconciliation(
            cast(LagoSource, ManyInvoices(count)),
            netsuite,
            cast(Ledger, ManyEntries()),
            Clock(),
            sides,
            options,
        )
        async for event in run.run():
            cost.findings += isinstance(event, FindingReported)
        result = run.reconciled()
    await netsuite.aclose()
    cost.cpu_seconds = time.process_time() - started
    cost.calls = script.calls
    cost.months = sorted({line.cell.month for line in result.tie_out})
    cost.documents = result.by_kind["invoice"].agreeing
    cost.peak_kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return cost


if __name__ == "__main__":
    print(json.dumps(asyncio.run(compare(int(sys.argv[1]))).__dict__))
