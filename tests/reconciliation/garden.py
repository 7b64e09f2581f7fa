"""Documents of Lago's that discrepancies can be planted on, and what people then do to their records."""

import asyncio
import copy
import shlex
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.gate import VoidPolicy
from lago_ns_cli.domain.identifiers import InternalId, LagoExternalId
from lago_ns_cli.domain.periods import ClosedPeriodPolicy, read_periods
from lago_ns_cli.domain.reconciliation.findings import Verdict
from lago_ns_cli.simulator.lago.writes import update_invoice, void_invoice
from lago_ns_cli.workflows.decide import Asked, choose_findings, decide, undo
from lago_ns_cli.workflows.run import Run
from tests.integration.world import sample
from tests.reconciliation.comparing import Compared, CompareWorld

Document = dict[str, Any]

HOOLI_ID = "98765"
"""The NetSuite record of the customer that most documents are of."""

_ENVELOPES = {
    "invoice": "lago:inv:",
    "creditmemo": "lago:cn:",
    "customerpayment": "lago:pay:",
    "customer": "lago:cus:",
}


@dataclass(frozen=True)
class Planted:
    """A document of Lago's with its record's type.

    Attributes:
        key: Its record's external id.
        number: What a finding calls it.
    """

    type: str
    lago_id: str
    number: str
    body: Document

    @property
    def key(self) -> str:
        return _ENVELOPES[self.type] + self.lago_id


class Garden(CompareWorld):
    """A world that documents are added to one by one."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._made = 0x10000  # beyond the ids of the samples
        self._links: dict[str, str] = {}
        self.closed_periods: ClosedPeriodPolicy | None = None
        self.bill()  # so that Lago knows the customer from the start

    @asynccontextmanager
    async def _run(self, *arguments: Any) -> AsyncIterator[Run]:
        links = {LagoExternalId(one): InternalId(other) for one, other in self._links.items()}
        async with super()._run(*arguments) as run:
            policy = VoidPolicy.REVERSE if self.reverses_voids else VoidPolicy.HOLD
            rules = replace(run.options.rules, links=links, void_policy=policy)
            run.options = replace(run.options, rules=rules)
            if self.closed_periods is not None:
                rows, _ = await run.netsuite.describe_section("periods")
                account = replace(run.context.account, periods=read_periods(rows))
                run.context = replace(run.context, account=account, closed_periods=self.closed_periods)
            yield run

    def new_id(self, kind: int = 0) -> str:
        """Make an id that nothing else has."""
        self._made += 1
        return f"{kind:08x}-0000-4000-8000-{self._made:012x}"

    def customer(self, name: str = "") -> Document:
        """Add a customer that NetSuite does not know yet."""
        number = self._made
        body = {
            **copy.deepcopy(sample()["invoice"]["customer"]),
            "lago_id": self.new_id(0xC1),
            "external_id": name or f"cust_p{number}",
            "name": f"Planted {number}",
            "email": f"ap{number}@planted.example",
            "integration_customers": [],
        }
        self.add(customers=[body])
        return body

    def bill(self, *, customer: Document | None = None, taxed: bool = True, **changes: Any) -> Planted:
        """Add an invoice of 100.00, or of 89.62 without tax."""
        body = copy.deepcopy(sample()["invoice"])
        lago_id = self.new_id(0x11)
        body |= {"lago_id": lago_id, "number": f"PLANT-{self._made}", "issuing_date": "2026-08-01"}
        if customer is not None:
            body["customer"] = customer
        for fee in body["fees"]:
            fee |= {"lago_id": self.new_id(0xF1), "lago_invoice_id": lago_id}
        if not taxed:
            body |= {"taxes_amount_cents": 0, "applied_taxes": [], "total_amount_cents": 8962}
            body |= {"total_due_amount_cents": 8962, "sub_total_including_taxes_amount_cents": 11700}
            for fee in body["fees"]:
                fee |= {"taxes_amount_cents": 0, "taxes_rate": 0}
        body |= changes
        self.add(invoices=[body])
        return Planted("invoice", lago_id, body["number"], body)

    def credit(self, invoice: Planted, *, offset: int = 980, credit: int = 0, consumed: int = 0) -> Planted:
        """Add a credit note of 9.80 on an invoice, by default taken off it."""
        body = copy.deepcopy(sample("hooli_credit_note")["credit_note"])
        lago_id = self.new_id(0xC9)
        body |= {
            "lago_id": lago_id,
            "number": f"{invoice.number}-CN{self._made}",
            "lago_invoice_id": invoice.lago_id,
            "invoice_number": invoice.number,
            "customer": invoice.body["customer"],
            "offset_amount_cents": offset,
            "credit_amount_cents": credit,
            "balance_amount_cents": credit - consumed,
        }
        body["items"][0] |= {"lago_id": self.new_id(0xCA), "fee": invoice.body["fees"][1]}
        self.add(credit_notes=[body])
        self._settle(invoice, total_offsetted_credit_note_amount_cents=offset)
        return Planted("creditmemo", lago_id, body["number"], body)

    def consume(self, note: Planted, cents: int) -> Planted:
        """Add a later invoice that consumes credit of a note."""
        credit = {
            "lago_id": self.new_id(0xCC),
            "amount_cents": cents,
            "amount_currency": "USD",
            "before_taxes": False,
            "item": {"lago_item_id": note.lago_id, "type": "credit_note", "code": note.number, "name": "x"},
            "invoice": {"lago_id": note.body["lago_invoice_id"], "payment_status": "pending"},
        }
        changes: Document = {
            "issuing_date": "2026-09-01",
            "credits": [*sample()["invoice"]["credits"], credit],
            "credit_notes_amount_cents": cents,
            "total_amount_cents": 10000 - cents,
            "total_due_amount_cents": 10000 - cents,
        }
        return self.bill(**changes)

    def pay(self, invoice: Planted, cents: int = 5000, **changes: Any) -> Planted:
        """Add a manual payment on an invoice."""
        body = copy.deepcopy(sample("hooli_payment_manual")["payment"])
        lago_id = self.new_id(0xB1)
        body |= {
            "lago_id": lago_id,
            "lago_customer_id": invoice.body["customer"]["lago_id"],
            "external_customer_id": invoice.body["customer"]["external_id"],
            "invoice_ids": [invoice.lago_id],
            "invoice_numbers": [invoice.number],
            "lago_payable_id": invoice.lago_id,
            "amount_cents": cents,
            "reference": f"WIRE-{self._made}",
        } | changes
        self.add(payments=[body])
        self._settle(invoice, total_paid_amount_cents=cents)
        return Planted("customerpayment", lago_id, body["reference"], body)

    def _settle(self, invoice: Planted, **parts: int) -> None:
        body = invoice.body
        body |= {name: body[name] + cents for name, cents in parts.items()}
        due = body["total_amount_cents"] - body["total_paid_amount_cents"]
        body["total_due_amount_cents"] = due - body["total_offsetted_credit_note_amount_cents"]
        if not body["total_due_amount_cents"]:
            body["payment_status"] = "succeeded"
        self.add(invoices=[body])

    def void_in_lago(self, invoice: Planted) -> None:
        """Void an invoice in Lago."""
        void_invoice(self.simulator.parts.organization, invoice.lago_id)

    def call_paid(self, invoice: Planted) -> None:
        """Set an invoice's payment status in Lago by hand."""
        update_invoice(self.simulator.parts.organization, invoice.lago_id, {"payment_status": "succeeded"})

    def record(self, planted: Planted) -> Document:
        """Read a document's record from NetSuite's own store."""
        [found] = [one for one in self.records(planted.type) if one["externalid"] == planted.key]
        return found

    def edit(
        self, planted: Planted, values: Mapping[str, Any] | None = None, **lines: Sequence[Mapping[str, Any]]
    ) -> None:
        """Let a person edit a record's fields and lines."""
        self.person(
            "edit_record", type=planted.type, id=self.record(planted)["id"], values=values or {}, lines=lines
        )

    def rewrite(self, planted: Planted, **values: Any) -> None:
        """Let a person edit fields, of a record that may have lost its key since."""
        [found] = [
            one for one in self.records(planted.type) if one.get("custbody_lago_id") == planted.lago_id
        ]
        self.person("edit_record", type=planted.type, id=found["id"], values=values)

    def enter(self, record_type: str, **values: Any) -> str:
        """Let a person enter a document of 25.00 without tax."""
        body = {
            "entity": HOOLI_ID,
            "currency": "1",
            "subsidiary": "2",
            "trandate": "2026-08-01",
            "nexus": "1",
        }
        body |= {"taxregoverride": "T", "taxdetailsoverride": "T"}
        line = {"item": "481", "quantity": "1", "price": "-1", "rate": "25.00", "amount": "25.00"}
        made = self.person(
            "create_record", type=record_type, values={**body, **values}, lines={"item": [line]}
        )
        assert made is not None
        return made

    def period(self, day: date) -> str:
        """The internal id of the month that a day lies in."""
        rows = self.simulator.parts.account.store.rows(
            "SELECT id FROM accountingperiod WHERE isposting = 'T' AND startdate <= ? AND enddate >= ?",
            (day.isoformat(), day.isoformat()),
        )
        return str(rows[0][0])

    def follow(self, compared: Compared) -> None:
        """Run the commands that findings name, each once."""
        commands = [part.strip() for one in compared.open if one.command for part in one.command.split(";")]
        for command in dict.fromkeys(commands):
            self.type(command)

    def decide(self, verdict: str, *names: str, note: str = "agreed", until: date | None = None) -> None:
        """Let a person decide about findings that the last comparison reported."""
        with self.open_ledger() as ledger:
            findings = choose_findings(ledger, Asked(names=names))
            decide(ledger, self.clock, Verdict(verdict), findings, by="controller", note=note, until=until)

    def undo(self, number: int) -> None:
        """Take a decision back."""
        with self.open_ledger() as ledger:
            undo(ledger, self.clock, number, by="controller", note="a mistake")

    def type(self, command: str) -> None:
        """Do what a command line does."""
        program, verb, kind, *rest = shlex.split(command)
        assert "lago-ns" == program
        if verb == "decide":
            self.decide(kind, *rest)
            return
        if verb == "reconcile":
            assert {"--queue-missing", "--yes"} <= set(rest)
            days = {
                name: date.fromisoformat(rest[rest.index(name) + 1])
                for name in ("--since", "--until")
                if name in rest
            }
            self.compare(
                kind.replace("-", "_"),
                since=days.get("--since"),
                until=days.get("--until"),
                queue_missing=True,
            )
            return
        assert "sync" == verb
        if rest[:1] == ["--link"]:
            name, record = rest[1].rsplit("=", 1)
            self._links = {name: record}
            rest = [name]
        told = self.sync(kind.replace("-", "_"), selection=Selection(ids=tuple(rest)))
        self._links = {}
        assert told.error is None, told.error

    def wait(self, seconds: float = 1) -> None:
        """Let time pass."""
        asyncio.run(self.clock.sleep(seconds))
