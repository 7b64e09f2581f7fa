"""A world of credit notes, and short ways to say which documents are in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from lago_ns_cli.domain.mapping import CreditNotePolicy
from lago_ns_cli.workflows.run import Run
from tests.integration.world import Tampering, Told, World, money, sample

Document = dict[str, Any]

KINDS = ("customer", "invoice", "credit_note")
INVOICE = "00000011-0000-4000-8000-000000000011"
NOTE = "000000c9-0000-4000-8000-0000000000c9"
NUMBER = "ACM-1F2E-042-008"
NOTE_NUMBER = f"{NUMBER}-CN001"


class NoteWorld(World):
    """A world whose settings and policy a test may choose.

    Attributes:
        sync_from: As ``[sync] sync_from``.
        extend_customers: As ``[sync] extend_customers``.
        pushed: Every document that was pushed, in order.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.sync_from: date | None = None
        self.extend_customers = False
        self.pushed: list[Document] = []
        self.wrap = lambda inner: Tampering(
            inner, before=lambda asked: self.pushed.extend(asked.get("documents", ()))
        )

    @asynccontextmanager
    async def _run(self, *arguments: Any) -> AsyncIterator[Run]:
        async with super()._run(*arguments) as run:
            rules = replace(
                run.options.rules, sync_from=self.sync_from, extend_customers=self.extend_customers
            )
            run.options = replace(run.options, rules=rules)
            yield run

    def choose(self, policy: CreditNotePolicy) -> None:
        """Set ``credit_note_policy``."""
        defaults = replace(self.mappings.defaults, credit_note_policy=policy)
        self.mappings = replace(self.mappings, defaults=defaults)

    def go(self, *kinds: str, **options: Any) -> Told:
        """Sync; ``pushed`` starts anew."""
        self.pushed.clear()
        return self.sync(*(kinds or KINDS), **options)

    def memo(self, number: str = NOTE_NUMBER) -> Document:
        """Read a memo from NetSuite's own store."""
        [found] = [one for one in self.records("creditmemo") if one["tranid"] == number]
        return found

    def invoice(self, number: str = NUMBER) -> Document:
        """Read an invoice from NetSuite's own store."""
        [found] = [one for one in self.records("invoice") if one["tranid"] == number]
        return found

    def unpaid(self, number: str = NUMBER) -> Decimal:
        """What is still to be paid of an invoice."""
        return money(self.invoice(number)["amountremaining"])

    def applied(self, number: str = NOTE_NUMBER) -> dict[str, Decimal]:
        """What a memo is applied to, by the invoice's number."""
        numbers = {one["id"]: one["tranid"] for one in self.records("invoice")}
        return {numbers[line["doc"]]: money(line["amount"]) for line in self.memo(number).get("apply", ())}

    def pay_by_hand(self, amount: str) -> str:
        """Let somebody enter a payment, which NetSuite puts on the oldest invoices."""
        values = {
            "customer": "98765",
            "currency": "1",
            "payment": amount,
            "autoapply": True,
            "account": "120",
        }
        made = self.person("create_record", type="customerpayment", values=values)
        assert made is not None
        return made


def invoice(**changes: Any) -> Document:
    """The sample invoice: 100.00 USD."""
    return {**sample()["invoice"], **changes}


def note(*, credit: int = 0, refund: int = 0, **changes: Any) -> Document:
    """The sample note of 9.80; what is neither credit nor refund is taken off its invoice."""
    parts = {
        "credit_amount_cents": credit,
        "balance_amount_cents": credit,
        "refund_amount_cents": refund,
        "offset_amount_cents": 980 - credit - refund,
    }
    return {**sample("hooli_credit_note")["credit_note"], **parts, **changes}


def consumer(cents: int, name: str = "12", *, of: str = NOTE, code: str = NOTE_NUMBER) -> Document:
    """A later invoice of 100.00 that consumes credit of a note."""
    credit = {
        "lago_id": f"000000cc-0000-4000-8000-0000000000{name}",
        "amount_cents": cents,
        "amount_currency": "USD",
        "before_taxes": False,
        "item": {"lago_item_id": of, "type": "credit_note", "code": code, "name": NUMBER},
        "invoice": {"lago_id": INVOICE, "payment_status": "pending"},
    }
    plain = invoice()
    return {
        **plain,
        "lago_id": f"00000011-0000-4000-8000-0000000000{name}",
        "number": f"ACM-1F2E-042-0{name}",
        "issuing_date": "2026-09-01",
        "credits": [*plain["credits"], credit],
        "credit_notes_amount_cents": cents,
        "total_amount_cents": 10000 - cents,
        "total_due_amount_cents": 10000 - cents,
    }
