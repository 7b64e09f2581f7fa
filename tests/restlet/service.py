"""The RESTlet as its caller sees it, over a simulated account; and the documents that the tests send."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from lago_ns_cli.simulator import world
from lago_ns_cli.simulator.netsuite.account import Account
from lago_ns_cli.simulator.netsuite.script_host import ScriptAnswer, ScriptFailure, ScriptHost

Json = dict[str, Any]

INTEGRATION = "1001"
LIMITED = "1002"
FINGERPRINT = "a" * 64
OTHER_FINGERPRINT = "b" * 64


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.time = datetime(2026, 8, 20, 15, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time."""
        return self.time

    def advance(self, **duration: float) -> None:
        """Move on."""
        self.time += timedelta(**duration)


@dataclass
class Service:
    """Calls the RESTlet under a role."""

    account: Account
    host: ScriptHost
    role: str = INTEGRATION
    answers: list[ScriptAnswer] = field(default_factory=list)

    def post(self, body: object, *, content_type: str = "application/json") -> ScriptAnswer:
        """Make a call, whatever comes of it."""
        text = body if isinstance(body, str) else json.dumps(body)
        answer = self.host.run(
            role=self.account.roles[self.role],
            user="7",
            method="POST",
            body=text,
            content_type=content_type,
        )
        self.answers.append(answer)
        return answer

    def call(self, operation: str, **arguments: object) -> Json:
        """Make a call that must be answered."""
        answer = self.post({"contract": 1, "operation": operation, **arguments})
        assert answer.error is None, answer.error
        assert answer.content is not None
        decoded: Json = json.loads(answer.content)
        return decoded

    def failure(self, body: object) -> ScriptFailure:
        """Make a call that must fail."""
        answer = self.post(body)
        assert answer.error is not None, answer.content
        return answer.error

    def push(self, *documents: Json, **arguments: object) -> list[Json]:
        """Push documents and return their outcomes."""
        outcomes: list[Json] = self.call("push", documents=list(documents), **arguments)["documents"]
        return outcomes

    def push_one(self, document: Json) -> Json:
        """Push one document."""
        [outcome] = self.push(document)
        return outcome

    def find(self, **query: str) -> Json:
        """Look one thing up."""
        [result] = self.call("find", queries=[query])["results"]
        found: Json = result
        return found

    def as_role(self, role: str) -> "Service":
        """The same RESTlet under another role."""
        return Service(self.account, self.host, role)


def item_line(amount: str, **fields: object) -> Json:
    """One unit of the default item."""
    return {"item": "481", "quantity": "1", "rate": amount, "amount": amount, **fields}


def document(kind: str, key: str, **fields: object) -> Json:
    """A document with what every kind has."""
    return {
        "key": key,
        "lago_id": key.rpartition(":")[2],
        "type": kind,
        "action": "create",
        "fingerprint": FINGERPRINT,
        "dates": [
            "trandate",
            "duedate",
            "custcol_service_period_date_from",
            "custcol_service_period_date_to",
        ],
    } | fields


def invoice(
    name: str = "1",
    *lines: Json,
    total: str = "100.00",
    tax: str = "0.00",
    taxdetails: list[Json] | None = None,
    columns: Json | None = None,
    **fields: object,
) -> Json:
    """An invoice of the sample customer over one line of 100.00, unless told otherwise."""
    own = {
        "tranid": f"ACM-{name}",
        "entity": world.SAMPLE_CUSTOMER_ID,
        "currency": "1",
        "trandate": "2026-08-01",
        "taxregoverride": True,
        "nexus": "1",
        "taxdetailsoverride": True,
    }
    return (
        document(
            "invoice",
            f"lago:inv:{name}",
            columns=own | (columns or {}),
            lines=[{"sublistId": "item", "lineItems": list(lines) or [item_line(total)]}],
            taxdetails=[{"sublistId": "taxdetails", "lineItems": taxdetails}] if taxdetails else [],
            expect={"total": total, "tax": tax},
        )
        | fields
    )


def credit_memo(name: str = "1", *, total: str = "40.00", **fields: object) -> Json:
    """A credit memo of the sample customer."""
    memo = invoice(name, total=total, columns={"tranid": f"ACM-{name}-CN001"})
    return memo | {"type": "creditmemo", "key": f"lago:cn:{name}", "lago_id": f"cn-{name}"} | fields


def payment(
    name: str = "1", *, amount: str = "100.00", columns: Json | None = None, **fields: object
) -> Json:
    """A payment by the sample customer."""
    own = {
        "customer": world.SAMPLE_CUSTOMER_ID,
        "currency": "1",
        "trandate": "2026-08-14",
        "payment": amount,
        "account": world.PAYMENT_ACCOUNT,
        "paymentmethod": world.PAYMENT_METHOD,
    }
    return (
        document(
            "customerpayment",
            f"lago:pay:{name}",
            columns=own | (columns or {}),
            expect={"total": amount, "tax": "0.00"},
        )
        | fields
    )


def customer(name: str = "1", *, columns: Json | None = None, **fields: object) -> Json:
    """A company of subsidiary 2."""
    own = {"isperson": "F", "companyname": f"Hooli {name}", "subsidiary": "2", "currency": "1"}
    return document("customer", f"lago:cus:{name}", columns=own | (columns or {})) | fields


SAMPLE_LINES = [
    {
        "item": "482",
        "quantity": "1",
        "rate": "100.00",
        "amount": "100.00",
        "taxdetailsreference": "fee-1",
        "custcol_lago_line_id": "fee-1",
        "custcol_service_period_date_from": "2026-07-01",
        "custcol_service_period_date_to": "2026-07-31",
    },
    {"item": "500", "quantity": "2500", "rate": "0.012", "amount": "30.00", "taxdetailsreference": "fee-2"},
    {"item": "490", "quantity": "1", "rate": "-13.00", "amount": "-13.00", "taxdetailsreference": "coupon"},
    {"item": "491", "quantity": "1", "rate": "-27.38", "amount": "-27.38", "taxdetailsreference": "prepaid"},
]

SAMPLE_TAXES = [
    {
        "taxdetailsreference": "fee-1",
        "taxtype": "3",
        "taxcode": "14",
        "taxbasis": "90.00",
        "taxrate": "8.875",
        "taxamount": "7.99",
    },
    {
        "taxdetailsreference": "fee-2",
        "taxtype": "3",
        "taxcode": "14",
        "taxbasis": "27.00",
        "taxrate": "8.875",
        "taxamount": "2.39",
    },
]


def sample_invoice(**fields: object) -> Json:
    """A subscription and usage, a coupon, prepaid credit and 8.875 % tax: 100.00 in all, 10.38 of it tax."""
    return (
        invoice(
            "sample",
            *SAMPLE_LINES,
            total="100.00",
            tax="10.38",
            taxdetails=SAMPLE_TAXES,
            columns={"duedate": "2026-08-31"},
        )
        | fields
    )
