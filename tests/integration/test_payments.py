"""Payments: found, waited for, split, applied, and accounted for."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.money import to_major_units
from lago_ns_cli.lago.client import LagoClient
from lago_ns_cli.workflows.ports import LagoSource
from lago_ns_cli.workflows.run import Run
from tests.integration.world import URL, Told, Wire, World, encoded, money, sample

FIRST = "00000011-0000-4000-8000-000000000011"
SECOND = "00000012-0000-4000-8000-000000000012"
MANUAL = "000000b1-0000-4000-8000-0000000000b1"
REQUESTED = "000000b2-0000-4000-8000-0000000000b2"
EVERY_KIND = ("customer", "invoice", "credit_note", "payment")


class Counting(httpx.AsyncBaseTransport):
    """Counts what is asked of Lago, by path."""

    def __init__(self, inner: httpx.AsyncBaseTransport, asked: Counter[str]) -> None:
        self._inner = inner
        self._asked = asked

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._asked[request.url.path.removeprefix("/api/v1/")] += 1
        return await self._inner.handle_async_request(request)


class PaymentWorld(World):
    """A world whose runs may sweep and begin at a go-live date.

    Attributes:
        sweep: As ``--sweep``.
        sync_from: As ``[sync] sync_from``.
        extend_customers: As ``[sync] extend_customers``.
        asked: How often each path of Lago was asked for.
    """

    sweep = False
    sync_from: date | None = None
    extend_customers = False

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(folder, **options)
        self.asked: Counter[str] = Counter()

    @asynccontextmanager
    async def _run(
        self,
        source: bytes | None,
        selection: Selection,
        dry_run: bool,
        max_changes: int | None,
        sweep: bool = False,
    ) -> AsyncIterator[Run]:
        async with super()._run(source, selection, dry_run, max_changes, sweep) as run:
            rules = replace(
                run.options.rules, sync_from=self.sync_from, extend_customers=self.extend_customers
            )
            sweep = sweep or self.sweep or source is not None
            run.options = replace(run.options, rules=rules, sweep=sweep)
            yield run

    def _lago(self, source: bytes | None) -> LagoSource:
        if source is not None:
            return super()._lago(source)
        return LagoClient(
            URL,
            self.simulator.credentials.lago_api_key,
            transport=Counting(Wire(self.simulator), self.asked),
            sleep=self.clock.sleep,
            random=lambda: 0.0,
        )

    def file(self, *documents: dict[str, Any], kinds: tuple[str, ...] = EVERY_KIND) -> Told:
        """Sync documents from a file of JSON lines."""
        return self.sync(*kinds, source=b"\n".join(map(encoded, documents)))

    def lago_payments(self) -> list[dict[str, Any]]:
        """Read Lago's payments as its API tells them."""

        async def read() -> list[dict[str, Any]]:
            headers = {"authorization": f"Bearer {self.simulator.credentials.lago_api_key}"}
            async with httpx.AsyncClient(
                transport=Wire(self.simulator), base_url=URL, headers=headers
            ) as client:
                answer = await client.get("/api/v1/payments", params={"per_page": "1000"})
                payments: list[dict[str, Any]] = answer.json()["payments"]
                return payments

        return asyncio.run(read())

    def payment(self, lago_id: str) -> dict[str, Any]:
        """The payment's record in NetSuite's own store."""
        [found] = [one for one in self.records("customerpayment") if one["custbody_lago_id"] == lago_id]
        return found

    def unpaid(self, number: str) -> Decimal:
        """What is still to be paid of an invoice."""
        [found] = [one for one in self.records("invoice") if one["tranid"] == number]
        return money(found["amountremaining"])


@pytest.fixture
def small(tmp_path: Path) -> PaymentWorld:
    """An organization without invoices; tests bring their own."""
    return PaymentWorld(tmp_path, invoices=0, customers=1)


@pytest.fixture
def world(tmp_path: Path) -> PaymentWorld:
    """An organization with invoices and payments."""
    folder = tmp_path / "many"
    folder.mkdir()
    return PaymentWorld(folder, invoices=60, customers=6)


def first_invoice(**changes: Any) -> dict[str, Any]:
    """100.00 USD, due on 31 August."""
    invoice: dict[str, Any] = sample()["invoice"]
    return {**invoice, **changes}


def second_invoice(**changes: Any) -> dict[str, Any]:
    """Another one of the same customer, due on 30 September."""
    text = json.dumps(sample()["invoice"]).replace("042-008", "042-009").replace(FIRST, SECOND)
    for fee in ("f1", "f2"):
        text = text.replace(f"0000{fee}", f"0000e{fee[1]}")
    dates = {"issuing_date": "2026-09-01", "payment_due_date": "2026-09-30"}
    return {**json.loads(text), **dates, **changes}


def manual(cents: int = 9020, lago_id: str = MANUAL, **changes: Any) -> dict[str, Any]:
    """A payment by wire on the first invoice."""
    return {**sample("hooli_payment_manual")["payment"], "amount_cents": cents, "lago_id": lago_id, **changes}


def requested(cents: int = 5000, lago_id: str = REQUESTED, **changes: Any) -> dict[str, Any]:
    """A payment by card for a payment request over both invoices."""
    return {
        **sample("hooli_payment_request")["payment"],
        "amount_cents": cents,
        "lago_id": lago_id,
        **changes,
    }


def applied(world: PaymentWorld, lago_id: str) -> dict[str, str]:
    """What a payment is applied to, by the invoice's number."""
    numbers = {one["id"]: one["tranid"] for one in world.records("invoice")}
    return {numbers[line["doc"]]: line["amount"] for line in world.payment(lago_id)["apply"]}


NUMBER, NEXT_NUMBER = "ACM-1F2E-042-008", "ACM-1F2E-042-009"
NOTE = sample("hooli_credit_note")


def test_the_samples_settle_the_invoice_exactly(small: PaymentWorld) -> None:
    """100.00, less a credit note of 9.80, less 90.20 paid on 14 August: nothing is left."""
    told = small.file({"invoice": first_invoice()}, NOTE, {"payment": manual()})
    record = small.payment(MANUAL)

    assert told.error is None
    assert ["created"] == told.outcomes("payment")
    assert ("90.20", "2026-08-14", "1", "120", "7", "WIRE-2026-0814-0017") == tuple(
        record[name] for name in ("payment", "trandate", "currency", "account", "paymentmethod", "memo")
    )
    assert {NUMBER: "90.20"} == applied(small, MANUAL)
    assert 0 == small.unpaid(NUMBER)
    assert "Paid In Full" == small.records("invoice")[0]["status"]


def test_without_the_credit_note_its_amount_stays_open(small: PaymentWorld) -> None:
    """A partial payment is applied as it is: 9.80 is still owed."""
    small.file({"invoice": first_invoice()}, {"payment": manual()})

    assert Decimal("9.80") == small.unpaid(NUMBER)


def test_one_payment_over_several_invoices_is_one_record(small: PaymentWorld) -> None:
    """A50: oldest due first, each up to what is due; one payment, one line an invoice."""
    told = small.file(
        {"invoice": second_invoice()}, {"invoice": first_invoice()}, {"payment": requested(15000)}
    )

    assert ["created"] == told.outcomes("payment")
    assert {NUMBER: "100.00", NEXT_NUMBER: "50.00"} == applied(small, REQUESTED)
    assert [0, 50] == [small.unpaid(number) for number in (NUMBER, NEXT_NUMBER)]
    assert "2026-08-13" == small.payment(REQUESTED)["trandate"]  # midnight UTC is the day before in New York


def test_the_samples_together_leave_the_payment_request_to_the_second_invoice(small: PaymentWorld) -> None:
    """The first one owes nothing: its credit note and the wire settled it."""
    settled = first_invoice(total_offsetted_credit_note_amount_cents=980, total_paid_amount_cents=9020)
    told = small.file(
        {"invoice": settled},
        NOTE,
        {"invoice": second_invoice()},
        {"payment": requested()},
        {"payment": manual()},
    )

    assert ["created", "created"] == told.outcomes("payment")
    assert {NEXT_NUMBER: "50.00"} == applied(small, REQUESTED)
    assert {NUMBER: "90.20"} == applied(small, MANUAL)


def test_what_is_more_than_the_invoices_owe_stays_unapplied_and_is_said(small: PaymentWorld) -> None:
    """250.00 for two invoices of 100.00 each."""
    told = small.file(
        {"invoice": first_invoice()}, {"invoice": second_invoice()}, {"payment": requested(25000)}
    )

    assert "50.00" == small.payment(REQUESTED)["unapplied"]
    assert ["payment_remainder"] == [notice.code for notice in told.of("pi_3Nx1").notices]


def test_a_second_request_gets_what_the_first_left(small: PaymentWorld) -> None:
    """The older payment is decided first, whatever the order in which they come."""
    later = requested(10000, "000000b3-0000-4000-8000-0000000000b3", created_at="2026-08-20T12:00:00Z")
    small.file(
        {"payment": later},
        {"payment": requested(7000)},
        {"invoice": first_invoice()},
        {"invoice": second_invoice()},
    )

    assert {NUMBER: "70.00"} == applied(small, REQUESTED)
    assert {NUMBER: "30.00", NEXT_NUMBER: "70.00"} == applied(small, later["lago_id"])


def test_a_split_is_decided_once(small: PaymentWorld) -> None:
    """A50: A run that ended before the payment was sent, then another payment: the split stays."""
    small.add(
        invoices=[
            first_invoice(total_paid_amount_cents=5000),
            second_invoice(total_paid_amount_cents=10000),
        ],
        payments=[requested(15000)],
    )
    small.sync("customer", "invoice")
    stopped = small.sync("payment", max_changes=0)
    small.add(payments=[manual(6000, created_at="2026-08-12T00:00:00Z")])
    small.sync("payment", selection=Selection(ids=(REQUESTED,)))

    assert ["not_attempted"] == stopped.outcomes("payment")
    assert {NUMBER: "100.00", NEXT_NUMBER: "50.00"} == applied(small, REQUESTED)


def test_a_payment_that_comes_before_its_invoice_waits_and_then_posts(small: PaymentWorld) -> None:
    """A48: it names what it waits for; any order ends the same."""
    small.add(invoices=[first_invoice(total_paid_amount_cents=9020)], payments=[manual()])
    early = small.sync("payment")
    waiting = small.entry(f"lago:pay:{MANUAL}")
    small.sync("customer", "invoice")
    late = small.sync("payment")

    assert ["waiting"] == early.outcomes("payment")
    assert waiting is not None
    assert (State.WAITING, f"lago:inv:{FIRST}") == (waiting.state, waiting.parent)
    assert NUMBER in str(waiting.reason)
    assert ["created"] == late.outcomes("payment")
    assert {NUMBER: "90.20"} == applied(small, MANUAL)


def test_a_payment_behind_a_held_invoice_waits_and_names_it(small: PaymentWorld) -> None:
    """Nothing is unmapped about the payment itself."""
    small.add(invoices=[first_invoice(total_paid_amount_cents=9020)], payments=[manual()])
    small.mappings = replace(small.mappings, currencies={})
    small.sync()
    told = small.sync("payment")

    report = told.of("WIRE-2026-0814-0017")
    assert report.failure is not None
    assert ("waiting", f"its invoice {NUMBER} is held (currency_unmapped)") == (
        report.outcome,
        report.failure.message,
    )


def test_a_payment_behind_an_invoice_that_is_not_approved_waits_and_says_so(small: PaymentWorld) -> None:
    """It posts once somebody approved the invoice."""
    small.add(invoices=[first_invoice(total_paid_amount_cents=9020)], payments=[manual()])
    small.sync("customer", "invoice")
    key = f"lago:inv:{FIRST}"
    small.person("edit_record", type="invoice", key=key, values={"approvalstatus": "1"})
    told = small.sync("payment")
    small.person("edit_record", type="invoice", key=key, values={"approvalstatus": "2"})
    later = small.sync("payment")

    failure = told.of("WIRE-2026-0814-0017").failure
    assert failure is not None
    assert ("parent_pending_approval", True) == (failure.code, NUMBER in failure.message)
    assert ["created"] == later.outcomes("payment")


def test_euros_of_a_dollar_customer_stay_euros(small: PaymentWorld) -> None:
    """A41: invoice and payment carry the document's currency, never the customer's."""
    small.extend_customers = True
    euros = json.loads(json.dumps(first_invoice(total_paid_amount_cents=9020)).replace('"USD"', '"EUR"'))
    euros["customer"]["currency"] = "USD"
    small.add(invoices=[euros], payments=[manual(amount_currency="EUR")])
    told = small.sync("customer", "invoice", "payment")

    assert (["created"], ["created"]) == (told.outcomes("invoice"), told.outcomes("payment"))
    assert ["4", "4"] == [small.records(kind)[0]["currency"] for kind in ("invoice", "customerpayment")]
    assert {NUMBER: "90.20"} == applied(small, MANUAL)


@pytest.mark.parametrize(
    ("by_hand", "code", "figures"),
    [("100.00", "LAGO_TARGET_NOT_OPEN", ("0", "90.20")), ("20.00", "LAGO_OVER_APPLIED", ("80", "90.20"))],
)
def test_an_invoice_that_is_paid_in_netsuite_already_holds_the_payment(
    small: PaymentWorld, by_hand: str, code: str, figures: tuple[str, str]
) -> None:
    """A49: somebody entered it by hand; both figures are said, and nothing is paid twice."""
    small.file({"invoice": first_invoice()})
    values = {"customer": "98765", "currency": "1", "payment": by_hand, "autoapply": True, "account": "120"}
    small.person("create_record", type="customerpayment", values=values)
    told = small.file({"invoice": first_invoice()}, {"payment": manual()})

    failure = told.of("WIRE-2026-0814-0017").failure
    assert failure is not None
    assert (code, True) == (failure.code, all(figure in failure.message for figure in figures))
    assert 1 == len(small.records("customerpayment"))


def test_only_invoices_whose_paid_amount_changed_are_asked_about(small: PaymentWorld) -> None:
    """A partial payment, then the rest; in between, nothing is asked."""
    small.add(
        invoices=[first_invoice(total_paid_amount_cents=4000), second_invoice()], payments=[manual(4000)]
    )
    first = small.sync(*EVERY_KIND)
    small.asked.clear()
    idle = small.sync("payment")
    asked = dict(small.asked)
    rest = manual(5000, "000000b4-0000-4000-8000-0000000000b4", reference="WIRE-2")
    small.add(invoices=[first_invoice(total_paid_amount_cents=9000)], payments=[rest])
    small.asked.clear()
    second = small.sync("payment")

    assert ["created"] == first.outcomes("payment")
    assert ([], {"organizations": 1, "invoices": 1}) == (idle.outcomes("payment"), asked)
    assert ["created", "unchanged"] == second.outcomes("payment")
    assert 1 == small.asked["payments"]
    assert 10 == small.unpaid(NUMBER)


def test_payments_that_did_not_succeed_are_reported_and_never_stored(small: PaymentWorld) -> None:
    """They are looked at again: once one succeeds, it posts."""
    small.sweep = True
    small.add(invoices=[first_invoice()], payments=[manual(payment_status="failed")])
    small.sync("customer", "invoice")
    told = small.sync("payment")
    small.add(payments=[manual(payment_status="succeeded")])
    later = small.sync("payment")

    assert ["not_final"] == told.outcomes("payment")
    assert ["created"] == later.outcomes("payment")


def test_a_sweep_finds_what_no_paid_amount_tells(small: PaymentWorld) -> None:
    """Lago's paid amount says nothing here, and the payment is back-dated."""
    small.add(invoices=[first_invoice()], payments=[manual(created_at="2026-06-01T00:00:00Z")])
    small.sync("customer", "invoice")
    found = small.sync("payment")
    small.sweep = True
    swept = small.sync("payment")

    assert ([], ["created"]) == (found.outcomes("payment"), swept.outcomes("payment"))
    assert "2026-06-01" == small.payment(MANUAL)["trandate"]


def test_payments_from_before_the_go_live_date_are_skipped_for_good(small: PaymentWorld) -> None:
    """With the reason; the invoice counts as accounted for, so nobody asks again."""
    small.sync_from = date(2026, 8, 15)
    paid = first_invoice(issuing_date="2026-08-15", total_paid_amount_cents=9020)
    small.add(invoices=[paid], payments=[manual()])
    told = small.sync(*EVERY_KIND)
    small.asked.clear()
    small.sync("payment")

    failure = told.of("WIRE-2026-0814-0017").failure
    assert failure is not None
    assert ("before_go_live", "made on 2026-08-14") == (failure.code, failure.message[7:25])
    assert 0 == small.asked["payments"]


@pytest.mark.parametrize("known_by", ["number", "custbody_lago_id"])
def test_a_payment_on_an_invoice_from_before_go_live_finds_it_in_netsuite(
    small: PaymentWorld, known_by: str
) -> None:
    """Somebody else posted it, under its number or with its Lago id."""
    values = {"entity": "98765", "currency": "1", "trandate": "2026-08-01", "tranid": NUMBER}
    if known_by == "custbody_lago_id":
        values |= {"tranid": "OLD-1", "custbody_lago_id": FIRST}
    lines = {"item": [{"item": "481", "quantity": "1", "amount": "100.00"}]}
    small.person("create_record", type="invoice", values=values, lines=lines)
    small.sync_from = date(2026, 8, 10)
    small.add(invoices=[first_invoice(total_paid_amount_cents=9020)], payments=[manual()])
    told = small.sync(*EVERY_KIND)

    assert (["skipped"], ["created"]) == (told.outcomes("invoice"), told.outcomes("payment"))
    assert {values["tranid"]: "90.20"} == applied(small, MANUAL)


def test_a_payment_on_an_invoice_that_nobody_posted_is_held_and_never_waits(small: PaymentWorld) -> None:
    """It would wait for ever: the invoice is from before the go-live date."""
    small.sync_from = date(2026, 8, 10)
    small.add(invoices=[first_invoice(total_paid_amount_cents=9020)], payments=[manual()])
    told = small.sync(*EVERY_KIND)

    failure = told.of("WIRE-2026-0814-0017").failure
    assert failure is not None
    assert ("parent_before_go_live", True) == (failure.code, NUMBER in failure.message)


@pytest.mark.parametrize(
    ("invoice", "outcome", "code"),
    [
        (first_invoice(self_billed=True), "skipped", "self_billed"),
        (first_invoice(status="voided"), "held", "parent_skipped"),
    ],
)
def test_payments_on_invoices_that_are_never_posted_do_not_wait(
    small: PaymentWorld, invoice: dict[str, Any], outcome: str, code: str
) -> None:
    """A self-billed one is a bill; one that was voided and yet paid needs a person."""
    small.add(invoices=[{**invoice, "total_paid_amount_cents": 9020}], payments=[manual()])
    told = small.sync("invoice", "payment")

    report = told.of("WIRE-2026-0814-0017")
    assert report.failure is not None
    assert (outcome, code) == (report.outcome, report.failure.code)


def test_a_file_with_the_payment_alone_goes_by_the_ledger(small: PaymentWorld) -> None:
    """The invoice was posted by an earlier run; Lago is not called."""
    small.file({"invoice": first_invoice()})
    told = small.file({"payment": manual()}, kinds=("payment",))

    assert ["created"] == told.outcomes("payment")
    assert ("2026-08-14", {NUMBER: "90.20"}) == (
        small.payment(MANUAL)["trandate"],
        applied(small, MANUAL),
    )


def test_a_file_cannot_tell_the_split_of_a_payment_request(small: PaymentWorld) -> None:
    """What is due of each invoice is not in it; the hint says how to go on."""
    small.file({"invoice": first_invoice()}, {"invoice": second_invoice()})
    told = small.file({"payment": requested()}, kinds=("payment",))

    failure = told.of("pi_3Nx1").failure
    assert failure is not None
    assert "payment_split_unknown" == failure.code
    assert f"lago-ns sync payment {REQUESTED}" in str(failure.hint)


def test_an_unmapped_payment_is_held_until_it_is_mapped(small: PaymentWorld) -> None:
    """The code names the row; the next run posts it without being asked by id."""
    mappings = small.mappings
    small.mappings = replace(mappings, payments=())
    small.add(invoices=[first_invoice(total_paid_amount_cents=9020)], payments=[manual()])
    held = small.sync(*EVERY_KIND)
    small.mappings = mappings
    mended = small.sync("payment")

    failure = held.of("WIRE-2026-0814-0017").failure
    assert failure is not None
    assert ("payment_unmapped", "lago-ns map set payment --provider manual --account <internal id>") == (
        failure.code,
        failure.hint,
    )
    assert ["created"] == mended.outcomes("payment")


def test_a_dry_run_of_payments_shows_records_and_writes_nothing(small: PaymentWorld) -> None:
    """Neither in NetSuite nor in the ledger, not even the split."""
    small.add(
        invoices=[first_invoice(total_paid_amount_cents=5000), second_invoice()], payments=[requested()]
    )
    small.sync("customer", "invoice")
    before = (small.store(), small.ledger_files())
    told = small.sync("payment", dry_run=True)

    [plan] = told.plans
    assert plan.planned.record is not None
    assert ["50.00"] == [one.amount for one in plan.planned.record.apply]
    assert before == (small.store(), small.ledger_files())


def test_a_dry_run_of_everything_shows_payments_on_invoices_that_would_be_there(small: PaymentWorld) -> None:
    """Their invoices are named by key, since they have no internal id yet."""
    small.add(invoices=[first_invoice(total_paid_amount_cents=9020)], payments=[manual()])
    told = small.sync(*EVERY_KIND, dry_run=True)

    [payment] = [plan.planned for plan in told.plans if plan.planned.subject.kind == "payment"]
    assert payment.record is not None
    assert [(f"lago:inv:{FIRST}", None)] == [
        (one.target.key, one.target.internal_id) for one in payment.record.apply
    ]


def test_every_payment_of_an_organization_is_posted_once_or_visibly_held(world: PaymentWorld) -> None:
    """Dollars and euros; wires, cards and payment requests; the second run asks and writes nothing."""
    first = world.sync(*EVERY_KIND)
    succeeded = {one["lago_id"]: one for one in world.lago_payments() if one["payment_status"] == "succeeded"}
    posted = {one["custbody_lago_id"]: one for one in world.records("customerpayment")}
    held = [one for one in first.reports if one.kind == "payment" and one.outcome == "held"]
    world.asked.clear()
    second = world.sync(*EVERY_KIND)

    assert first.error is None
    assert len(succeeded) > 30
    assert succeeded.keys() == posted.keys() | {one.lago_id for one in held}
    assert all(
        money(posted[lago_id]["payment"]) == to_major_units(one["amount_cents"], one["amount_currency"])
        for lago_id, one in succeeded.items()
        if lago_id in posted
    )
    assert {"USD", "EUR"} <= {one["amount_currency"] for one in succeeded.values()}
    assert [] == held
    assert 0 == second.tally.writes
    assert 0 == world.asked["payments"]
    assert not [path for path in world.asked if path.startswith("invoices/")]
