"""What Lago is told: payments that reached NetSuite first, and where documents stand there."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.errors import LagoNsError
from lago_ns_cli.lago.client import LagoClient
from lago_ns_cli.ledger.processes import this_process
from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.workflows.documents_back import tell_customers, tell_documents
from lago_ns_cli.workflows.doubts import doubt_the_abandoned
from lago_ns_cli.workflows.payments_back import PaymentsBack
from lago_ns_cli.workflows.reports import SyncEvent
from lago_ns_cli.workflows.write_back import BackRun
from tests.campaigns.processes import WRITES
from tests.integration.test_rebuild import rebuild
from tests.integration.world import URL, Told, Wire, World, alone, sample

INVOICE = "00000011-0000-4000-8000-000000000011"
NUMBER = "ACM-1F2E-042-008"
QUARANTINE = timedelta(seconds=960)


class Losing(httpx.AsyncBaseTransport):
    """Loses answers to writes, or the writes themselves, as a test says."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.lose: list[str] = []
        self.writes = 0
        self.killer = Killer(None)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return await self._inner.handle_async_request(request)
        self.writes += 1
        self.killer.boundary()
        fate = self.lose.pop(0) if self.lose else "fine"
        if fate == "before":
            raise httpx.ReadTimeout("lost on the way", request=request)
        if fate == "refused":
            raise httpx.ConnectError("nobody there", request=request)
        response = await self._inner.handle_async_request(request)
        self.killer.boundary()
        if fate == "after":
            raise httpx.ReadTimeout("lost on the way back", request=request)
        if fate == "failed":
            return httpx.Response(502, text="<html>Bad Gateway</html>")
        return response


class Gone(BaseException):
    """The process was killed: nothing of it runs any more."""


class Killer:
    """Kills a process at one of its boundaries, before and after each commit and each write to Lago."""

    def __init__(self, dies_at: int | None) -> None:
        self._dies_at = dies_at
        self.passed = 0

    def boundary(self) -> None:
        self.passed += 1
        if self._dies_at is not None and self.passed >= self._dies_at:
            raise Gone

    def watch(self, ledger: SqlLedger) -> SqlLedger:
        return cast("SqlLedger", _Watched(ledger, self))


class _Watched:
    def __init__(self, ledger: SqlLedger, killer: Killer) -> None:
        self._ledger = ledger
        self._killer = killer

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._ledger, name)
        if name not in WRITES:
            return method

        def call(*args: Any, **kwargs: Any) -> Any:
            self._killer.boundary()
            result = method(*args, **kwargs)
            self._killer.boundary()
            return result

        return call


class BackWorld(World):
    """A world with one invoice of the samples, posted and unpaid."""

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(folder, invoices=0, customers=1, **options)
        self.losing = Losing(Wire(self.simulator))
        invoice = alone(sample()) | {"total_due_amount_cents": 10000, "metadata": []}
        customer = {**sample()["invoice"]["customer"], "integration_customers": []}
        self.add(customers=[customer], invoices=[invoice])
        assert self.sync("customer", "invoice").error is None

    def pay(self, amount: str, day: str = "2026-08-20", **values: Any) -> str:
        """Let the customer's payment be entered in NetSuite, on the oldest open invoice."""
        row = self.records("invoice")[0]
        given = {"customer": row["entity"], "currency": "1", "payment": amount, "trandate": day}
        created = self.person(
            "create_record",
            type="customerpayment",
            values={**given, "autoapply": True, "account": "120", **values},
        )
        assert created is not None
        return created

    def back(self, *, dry_run: bool = False, documents: bool = False, dies_at: int | None = None) -> Told:
        """Write back as a process of its own, which may be killed at a boundary."""
        told = Told()
        self.losing.killer = killer = Killer(dies_at)

        async def whole() -> None:
            lago, netsuite = self._client(), self._netsuite()
            try:
                with self.open_ledger() as ledger:
                    if not dry_run:
                        ledger.acquire_lease(
                            this_process("back"), "back", self.clock.now(), is_alive=lambda _: False
                        )
                    watched = killer.watch(ledger)
                    if not dry_run:
                        doubt_the_abandoned(watched, self.clock)
                    run = BackRun(
                        lago=lago,
                        writer=lago,
                        netsuite=netsuite,
                        ledger=watched,
                        clock=self.clock,
                        mappings=self.mappings,
                        account_host="1234567-sb1",
                        quarantine=QUARANTINE,
                        dry_run=dry_run,
                    )
                    async for event in _events(run, documents):
                        told.events.append(event)
                        told.tally.add(event)
                    ledger.release_lease()
            finally:
                await lago.aclose()
                await netsuite.aclose()

        try:
            asyncio.run(whole())
        except LagoNsError as error:
            told.error = error
        except Gone:
            pass
        self.passed = killer.passed
        return told

    def _client(self) -> LagoClient:
        return LagoClient(
            URL,
            self.simulator.credentials.lago_api_key,
            transport=self.losing,
            sleep=self.clock.sleep,
            random=lambda: 0.0,
        )

    def lago(self) -> list[tuple[str | None, int]]:
        """The payments that Lago holds: reference and minor units."""
        payments = self.simulator.parts.organization.payments.page([], number=1, size=100).documents
        return sorted((one["reference"], one["amount_cents"]) for one in payments)

    def invoice(self) -> dict[str, Any]:
        (invoice,) = (one for one in self.lago_invoices() if one["lago_id"] == INVOICE)
        return invoice


async def _events(run: BackRun, documents: bool) -> AsyncIterator[SyncEvent]:
    if documents:
        async for event in tell_documents(run):
            yield event
        async for event in tell_customers(run):
            yield event
    else:
        async for event in PaymentsBack(run).bring():
            yield event


@pytest.fixture
def back(tmp_path: Path) -> BackWorld:
    return BackWorld(tmp_path)


def test_a_payment_in_netsuite_becomes_a_manual_payment_in_lago(back: BackWorld) -> None:
    """Amount, day and invoice are NetSuite's, the reference names the record, and it is done once."""
    payment = back.pay("40.00")
    told = back.back()
    again = back.back()

    assert (None, ["created"]) == (told.error, told.outcomes("payment_back"))
    assert [(f"netsuite:{payment}", 4000)] == back.lago()
    assert (4000, 6000) == (
        back.invoice()["total_paid_amount_cents"],
        back.invoice()["total_due_amount_cents"],
    )
    assert ([], 1) == (again.events, back.losing.writes)


def test_what_was_brought_back_is_never_pushed(back: BackWorld) -> None:
    """The payment in Lago is linked to NetSuite's own record; no second record is made."""
    payment = back.pay("40.00")
    back.back()
    told = back.sync("customer", "invoice", "credit_note", "payment")

    (report,) = (one for one in told.reports if one.kind == "payment")
    assert ("skipped", "from_netsuite") == (report.outcome, report.failure and report.failure.code)
    assert [payment] == [record["id"] for record in back.records("customerpayment")]
    (linked,) = (entry for entry in back.entries(State.SKIPPED) if entry.kind == "payment")
    assert payment == linked.netsuite_id


def test_both_hold_after_the_ledger_was_lost_and_rebuilt(back: BackWorld) -> None:
    """Neither is a payment of ours written back, nor one of theirs recorded or pushed again."""
    payment = back.pay("40.00")
    back.back()
    back.lose_ledger()
    rebuild(back)
    told = back.back()
    synced = back.sync("customer", "invoice", "credit_note", "payment")

    assert ["unchanged"] == told.outcomes("payment_back")
    assert ["skipped"] == synced.outcomes("payment")
    assert ([(f"netsuite:{payment}", 4000)], 1) == (back.lago(), len(back.records("customerpayment")))


def test_a_payment_of_ours_is_never_written_back(back: BackWorld) -> None:
    """What Lago pays goes one way, also when no ledger remembers it."""
    paid = {"invoice_id": INVOICE, "amount_cents": 2500, "reference": "WIRE-1"}
    _post(back, paid)
    back.sync("payment")
    back.lose_ledger()
    rebuild(back)
    told = back.back()

    assert (1, []) == (len(back.records("customerpayment")), told.events)
    assert [("WIRE-1", 2500)] == back.lago()


@pytest.mark.parametrize("fate", ["before", "after", "failed"])
def test_a_lost_answer_is_looked_up_before_anything_is_sent_again(back: BackWorld, fate: str) -> None:
    """In doubt until Lago shows it or the quarantine has passed; one payment in the end."""
    payment = back.pay("40.00")
    back.losing.lose = [fate]
    lost = back.back()
    soon = back.back()
    back.clock._now += QUARANTINE
    later = back.back()
    last = back.back()

    assert ["in_doubt"] == lost.outcomes("payment_back")
    assert [["in_doubt"] if fate == "before" else ["found"]] == [soon.outcomes("payment_back")]
    assert [["created"] if fate == "before" else []] == [later.outcomes("payment_back")]
    assert [(f"netsuite:{payment}", 4000)] == back.lago()
    assert [] == last.events


def test_a_call_that_never_left_is_simply_made_again(back: BackWorld) -> None:
    """No doubt and no quarantine where nothing was executed."""
    payment = back.pay("40.00")
    back.losing.lose = ["refused"] * 10
    told = back.back()
    back.losing.lose = []
    again = back.back()

    assert "Lago" in str(told.error)
    assert ["created"] == again.outcomes("payment_back")
    assert [(f"netsuite:{payment}", 4000)] == back.lago()


def test_a_process_killed_at_any_boundary_records_a_payment_once(back: BackWorld) -> None:
    """No payment twice in Lago, none lost, and none echoed, wherever the process dies."""
    paid: list[tuple[str | None, int]] = []
    dies_at = boundaries = 0
    while dies_at <= boundaries:
        payment = back.pay("1.00")
        back.back(dies_at=dies_at or None)
        boundaries = boundaries or back.passed
        _run_until_settled(back)

        paid = sorted([*paid, (f"netsuite:{payment}", 100)])
        assert paid == back.lago(), dies_at
        dies_at += 1
    assert boundaries >= 8
    synced = back.sync("customer", "invoice", "credit_note", "payment")
    assert (None, 0, len(paid)) == (synced.error, synced.tally.writes, len(back.records("customerpayment")))


def test_a_process_killed_at_any_boundary_tells_each_document(back: BackWorld) -> None:
    """Every invoice ends with its id in Lago, wherever the process dies."""
    back.back(documents=True)
    dies_at = boundaries = 0
    while dies_at <= boundaries:
        lago_id = f"{dies_at:08}-0000-4000-8000-000000000099"
        back.add(invoices=[{**alone(sample()), "lago_id": lago_id, "number": f"N-{dies_at}", "metadata": []}])
        back.sync("invoice")
        back.back(documents=True, dies_at=dies_at or None)
        boundaries = boundaries or back.passed
        _run_until_settled(back, documents=True)
        dies_at += 1

    assert boundaries >= 8
    told = {
        one["number"]: {entry["key"]: entry["value"] for entry in one["metadata"]}
        for one in back.lago_invoices()
    }
    assert {row["tranid"]: row["id"] for row in back.records("invoice")} == {
        number: metadata["netsuite_id"] for number, metadata in told.items()
    }


def _run_until_settled(back: BackWorld, *, documents: bool = False) -> None:
    for _ in range(6):
        back.back(documents=documents)
        if not back.entries(State.PENDING, State.SENDING, State.IN_DOUBT):
            return
        back.clock._now += timedelta(minutes=5)
    raise AssertionError(back.entries(State.PENDING, State.SENDING, State.IN_DOUBT))


def test_one_payment_over_two_invoices_becomes_one_for_each(back: BackWorld) -> None:
    """Lago's payments are for one invoice each; both carry the same reference."""
    second = {
        **alone(sample()),
        "lago_id": "00000012-0000-4000-8000-000000000012",
        "number": "ACM-1F2E-042-009",
        "total_due_amount_cents": 10000,
    }
    back.add(invoices=[second])
    back.sync("invoice")
    payment = back.pay("150.00")
    told = back.back()

    assert ["created", "created"] == told.outcomes("payment_back")
    assert [(f"netsuite:{payment}", 5000), (f"netsuite:{payment}", 10000)] == back.lago()


def test_what_is_put_on_the_invoice_later_is_added(back: BackWorld) -> None:
    """Lago gets the difference; what was taken off again in NetSuite is told to a person."""
    payment = back.pay("40.00")
    back.back()
    _edit(back, payment, "65.00")
    more = back.back()
    _edit(back, payment, "50.00")
    less = back.back()

    assert ["updated"] == more.outcomes("payment_back")
    assert [(f"netsuite:{payment}", 2500), (f"netsuite:{payment}", 4000)] == back.lago()
    assert "receipt_shrank" == _code(less)


def test_money_that_may_be_the_same_is_left_to_a_person(back: BackWorld) -> None:
    """Somebody entered it on both sides: no program can tell, so nothing is recorded twice."""
    _post(back, {"invoice_id": INVOICE, "amount_cents": 4000, "reference": "bank transfer"})
    back.pay("40.00")
    told = back.back()

    assert ("receipt_ambiguous", True) == (_code(told), "bank transfer" in _message(told))
    assert [("bank transfer", 4000)] == back.lago()


def test_more_than_is_due_in_lago_is_held_with_both_figures(back: BackWorld) -> None:
    """The amounts are said; Lago would refuse it anyway."""
    _post(back, {"invoice_id": INVOICE, "amount_cents": 8000, "reference": "WIRE-1"})
    back.sync("payment")
    back.person("edit_record", type="customerpayment", id=back.records("customerpayment")[0]["id"], values={})
    back.simulator.parts.organization.store_invoice({**back.invoice(), "total_due_amount_cents": 500})
    back.pay("20.00")
    told = back.back()

    assert ("receipt_over_due", True) == (_code(told), all(text in _message(told) for text in ("20", "5")))


def test_a_payment_that_was_voided_before_is_no_payment(back: BackWorld) -> None:
    """Nothing is written for it, and nothing was."""
    payment = back.pay("40.00")
    back.person("void_record", type="customerpayment", id=payment)
    told = back.back()

    assert ([], []) == (told.outcomes("payment_back"), back.lago())


def test_a_dry_run_shows_the_request_and_writes_nothing(back: BackWorld) -> None:
    """Neither Lago nor the ledger changes."""
    payment = back.pay("40.00")
    files = {entry.key for entry in back.entries()}
    told = back.back(dry_run=True)

    (plan,) = told.plans
    assert plan.planned.payload is not None
    assert {
        "payment": {
            "invoice_id": INVOICE,
            "amount_cents": 4000,
            "reference": f"netsuite:{payment}",
            "paid_at": "2026-08-20",
        }
    } == plan.planned.payload["body"]
    assert (0, files) == (back.losing.writes, {entry.key for entry in back.entries()})


def test_a_reference_that_names_no_such_payment_is_held(back: BackWorld) -> None:
    """Anybody may type a reference: what hides behind it must be there, or money would be lost."""
    _post(back, {"invoice_id": INVOICE, "amount_cents": 4000, "reference": "netsuite:1"})
    told = back.sync("payment")

    assert ("repeats_nothing", 0) == (_code(told), len(back.records("customerpayment")))


def test_documents_tell_lago_where_they_are(back: BackWorld) -> None:
    """Id and page stand beside what others wrote; the second time nothing is asked of Lago."""
    others = [{"key": "crm", "value": "42"}]
    _put(back, f"invoices/{INVOICE}", {"invoice": {"metadata": others}})
    before = back.losing.writes
    told = back.back(documents=True)
    writes = back.losing.writes - before
    again = back.back(documents=True)

    (record,) = back.records("invoice")
    metadata = {one["key"]: one["value"] for one in back.invoice()["metadata"]}
    assert ["created"] == told.outcomes("invoice_back")
    assert {
        "crm": "42",
        "netsuite_id": record["id"],
        "netsuite_url": "https://1234567-sb1.app.netsuite.com/app/accounting/transactions/custinvc.nl?id="
        + str(record["id"]),
    } == metadata
    assert [] == again.events
    assert writes == back.losing.writes - before


def test_a_document_whose_metadata_is_full_is_left_alone(back: BackWorld) -> None:
    """Lago keeps five entries; those of others are never dropped for ours."""
    others = [{"key": f"k{number}", "value": "v"} for number in range(5)]
    _put(back, f"invoices/{INVOICE}", {"invoice": {"metadata": others}})
    told = back.back(documents=True)

    (report,) = (one for one in told.reports if one.kind == "invoice_back")
    assert ("skipped", "metadata_full") == (report.outcome, report.failure and report.failure.code)
    assert 5 == len(back.invoice()["metadata"])


def test_a_customer_tells_lago_its_id_and_subsidiary(back: BackWorld) -> None:
    """In metadata where Lago has no link to NetSuite of its own; unchanged, nothing is asked again."""
    told = back.back(documents=True)
    again = back.back(documents=True)

    (customer,) = _customers(back)
    record = _own_customer(back)
    metadata = {one["key"]: one["value"] for one in customer["metadata"]}
    assert {"created"} == set(told.outcomes("customer_back"))
    assert record["id"] == metadata["netsuite_id"]
    assert "netsuite_subsidiary" in metadata
    assert [] == again.events


def test_a_customer_tells_lago_its_address_as_netsuite_has_it(back: BackWorld) -> None:
    """From NetSuite's address tables to Lago's metadata; told again when somebody corrects it, and only then."""
    back.back(documents=True)
    first = _metadata(back)
    address = {"addr1": "1 Corrected Way", "city": "Oslo", "zip": "0150", "country": "NO", "addrtext": None}
    line = {"line": 0, "addressbookaddress": address, "defaultbilling": True}
    back.person("edit_record", type="customer", id=_own_customer(back)["id"], lines={"addressbook": [line]})
    told = back.back(documents=True)
    again = back.back(documents=True)

    lago = back.simulator.parts.organization.customers.page([], number=1, size=1).documents[0]
    assert str(lago["address_line1"]) in first["netsuite_address"]
    assert str(lago["city"]) in first["netsuite_address"]
    assert "1 Corrected Way, Oslo 0150, NO" == _metadata(back)["netsuite_address"]
    assert ({"updated"}, []) == (set(told.outcomes("customer_back")), again.events)
    assert first.keys() == _metadata(back).keys()


def test_an_account_that_hides_its_address_tables_is_told_the_rest(back: BackWorld) -> None:
    """Which columns an account shows is not documented: nothing but the address is missing."""
    connection = back.simulator.parts.account.connection
    connection.execute("ALTER TABLE customeraddressbookentityaddress RENAME COLUMN state TO dropdownstate")
    back.back(documents=True)
    other = _metadata(back)
    connection.execute("ALTER TABLE customeraddressbook RENAME TO elsewhere")
    back.back(documents=True)

    assert "netsuite_address" in other
    assert other["netsuite_id"] == _metadata(back)["netsuite_id"]


def _metadata(back: BackWorld) -> dict[str, Any]:
    (customer,) = _customers(back)
    return {one["key"]: one["value"] for one in customer["metadata"]}


def test_a_link_of_lagos_own_is_filled_and_no_other_is_lost(tmp_path: Path) -> None:
    """The trap of Lago's API: what is not repeated with its id is destroyed."""
    back = BackWorld(tmp_path)
    (customer,) = _customers(back)
    links = [
        {"lago_id": "l1", "type": "netsuite", "integration_code": "ns", "code": "ns", "external_customer_id": None,
         "subsidiary_id": None, "sync_with_provider": False, "is_default": True, "category": "accounting"},
        {"lago_id": "l2", "type": "hubspot", "integration_code": "hs", "code": "hs", "external_customer_id": "h-9",
         "targeted_object": "companies", "sync_with_provider": True, "is_default": True, "category": "crm"},
    ]  # fmt: skip
    back.add(customers=[{**customer, "integration_customers": links}])
    told = back.back(documents=True)

    (customer,) = _customers(back)
    record = _own_customer(back)
    assert ({"created"}, []) == (set(told.outcomes("customer_back")), customer["metadata"])
    assert [("l1", record["id"]), ("l2", "h-9")] == [
        (link["lago_id"], link["external_customer_id"]) for link in customer["integration_customers"]
    ]


def _customers(back: BackWorld) -> list[dict[str, Any]]:
    documents = back.simulator.parts.organization.customers.page([], number=1, size=10).documents
    return [dict(one) for one in documents if one["external_id"] == "cust_0042"]


def _own_customer(back: BackWorld) -> dict[str, Any]:
    (record,) = (one for one in back.records("customer") if one["id"] == back.records("invoice")[0]["entity"])
    return record


def _code(told: Told) -> str | None:
    (report,) = (one for one in told.reports if one.outcome == "held")
    return report.failure.code if report.failure else None


def _message(told: Told) -> str:
    (report,) = (one for one in told.reports if one.outcome == "held")
    return report.failure.message if report.failure else ""


def _edit(back: BackWorld, payment: str, amount: str) -> None:
    """Let somebody change how much a payment is, and with it what is put on the invoice."""
    back.clock._now += timedelta(minutes=1)
    back.person("edit_record", type="customerpayment", id=payment, values={"payment": amount})


def _post(back: BackWorld, payment: dict[str, Any]) -> None:
    _call(back, lambda client: client.post("/api/v1/payments", json={"payment": payment}))


def _put(back: BackWorld, path: str, body: dict[str, Any]) -> None:
    _call(back, lambda client: client.put(f"/api/v1/{path}", json=body))


def _call(back: BackWorld, make: Callable[[httpx.AsyncClient], Any]) -> None:
    async def whole() -> None:
        headers = {"authorization": f"Bearer {back.simulator.credentials.lago_api_key}"}
        transport = httpx.ASGITransport(app=back.simulator)
        async with httpx.AsyncClient(transport=transport, base_url=URL, headers=headers) as client:
            (await make(client)).raise_for_status()

    asyncio.run(whole())
