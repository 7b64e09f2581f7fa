"""Single verdicts: what may look like a discrepancy and is none, and what must not be passed over."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lago_ns_cli.domain.mapping import CreditNotePolicy
from lago_ns_cli.domain.periods import ClosedPeriodPolicy
from lago_ns_cli.errors import AuthError
from tests.integration.world import Tampering
from tests.reconciliation.garden import Garden
from tests.reconciliation.plants import PLANTS


@pytest.fixture
def garden(tmp_path: Path) -> Garden:
    return Garden(tmp_path, invoices=0, customers=4)


def test_a_customer_that_was_merged_is_never_made_anew(garden: Garden) -> None:
    """A52: its documents tell where it went; --queue-missing leaves it alone."""
    story = PLANTS["customer_merged"](garden)
    next(story)
    garden.carry()
    next(story)
    before = len(garden.records("customer"))
    compared = garden.compare("invoice", queue_missing=True)
    gone = compared.one("customer_gone")
    garden.carry()

    assert gone.command is not None
    assert gone.command.startswith(f"lago-ns sync customer --link {gone.number}=")
    assert 0 == compared.told.queued
    assert before == len(garden.records("customer"))
    assert {"customer_gone"} == {one.what for one in compared.open}


def test_an_external_id_that_returns_is_another_customer(garden: Garden) -> None:
    """A53: the old one is told as deleted, the new one is compared with its own record."""
    old = garden.customer("cust_again")
    garden.carry()
    garden.simulator.parts.organization.customers.hide([old["lago_id"]])
    new = garden.customer("cust_again")
    garden.carry()
    compared = garden.compare("customer")

    assert [] == compared.names
    assert f"lago:cus:{old['lago_id']}" == compared.one("deleted_in_lago").key
    keys = {one["externalid"] for one in garden.records("customer")}
    assert {f"lago:cus:{old['lago_id']}", f"lago:cus:{new['lago_id']}"} <= keys


def test_what_was_rolled_back_is_sent_again_under_the_same_key(garden: Garden) -> None:
    """A12: NetSuite answered with an id and kept nothing."""
    story = PLANTS["rolled_back"](garden)
    next(story)
    garden.carry()
    next(story)
    compared = garden.compare()
    garden.follow(compared)
    found = compared.one("missing_in_netsuite")

    assert [] == garden.compare().names
    assert [found.key] == [
        one["externalid"] for one in garden.records("invoice") if one["externalid"] == found.key
    ]


def test_a_role_that_cannot_see_makes_nothing_missing(garden: Garden) -> None:
    """The run ends; it does not report what it may not see as absent."""
    garden.carry()
    garden.wrap = lambda inner: Tampering(inner, after=_blind)

    with pytest.raises(AuthError):
        garden.compare("payment")


def _blind(asked: dict[str, object], answer: dict[str, object]) -> dict[str, object]:
    return {**answer, "status": "denied", "rows": []} if asked["operation"] == "list" else answer


def test_a_document_that_moved_out_of_the_period_is_found_where_it_is(garden: Garden) -> None:
    """It is neither missing in one month nor a stranger in the other."""
    invoice = garden.bill()
    garden.carry()
    garden.edit(invoice, {"trandate": "2026-10-02"})
    august = garden.compare("invoice", since=date(2026, 8, 1), until=date(2026, 8, 31))
    october = garden.compare("invoice", since=date(2026, 10, 1), until=date(2026, 10, 31))

    assert [("date", invoice.number)] == august.names == october.names


def test_a_void_that_a_memo_took_back_is_explained(garden: Garden) -> None:
    """The invoice and the memo stay posted, and both are told."""
    garden.reverses_voids = True
    invoice = garden.bill()
    garden.carry()
    garden.void_in_lago(invoice)
    found = garden.compare("invoice")
    garden.follow(found)
    compared = garden.compare("invoice")

    assert [("voided_in_lago", invoice.number)] == found.names
    assert [] == compared.names
    taken = [one for one in compared.findings if one.what == "taken_back"]
    assert {invoice.number, f"{invoice.number}-VOID"} == {one.number for one in taken}


def test_consumed_credit_that_is_shown_as_a_line_is_explained(garden: Garden) -> None:
    """The memo stays open by what was consumed: counted twice, as Lago does it."""
    garden.choose(CreditNotePolicy.NEGATIVE_LINE)
    note = garden.credit(garden.bill(), offset=0, credit=980, consumed=500)
    garden.carry()
    found = garden.compare().one("credit_counted_twice")

    assert (note.number, "4.8", "9.80") == (found.number, str(found.lago).rstrip("0"), found.netsuite)
    assert "5.00" == str(found.difference)


def test_what_the_ledger_holds_is_explained_by_what_it_says(garden: Garden) -> None:
    """Held documents are status' to tell, and no reason to call the books wrong."""
    garden.bill(fees=[], fees_amount_cents=12)
    garden.carry()
    compared = garden.compare("invoice")

    assert [] == compared.names
    assert {"invoice", "prepaid"} == {one.kind for one in compared.findings}
    assert all("is held" in one.cause for one in compared.findings)


def test_records_of_another_organization_are_told_apart(garden: Garden) -> None:
    """Two profiles may post to one account."""
    stranger = garden.person(
        "create_record",
        type="customer",
        values={
            "companyname": "Other Org's",
            "subsidiary": "2",
            "currency": "1",
            "externalid": f"lago:cus:{garden.new_id(7)}",
        },
    )
    garden.enter("invoice", entity=stranger, tranid="OTHER-1", externalid=f"lago:inv:{garden.new_id(7)}")
    compared = garden.compare("invoice")

    assert "OTHER-1" == compared.one("other_organization").number
    assert [] == [one for one in compared.open if one.number == "OTHER-1"]
    assert all(0 == line.posted for line in compared.told.tie_out)


def test_a_record_adopted_with_another_programs_external_id_agrees(garden: Garden) -> None:
    """That id is never overwritten, so it is no sign that ours was."""
    invoice = garden.bill()
    garden.carry()
    before = garden.record(invoice)["id"]
    garden.edit(invoice, {"externalid": "csv-1"})
    garden.lose_ledger()
    garden.carry()
    compared = garden.compare("invoice")

    assert before == next(one["id"] for one in garden.records("invoice") if one["externalid"] == "csv-1")
    assert [] == compared.names


def test_a_payment_is_of_its_invoices_billing_entity(garden: Garden) -> None:
    """Payments name none, and their customer may belong to another by now."""
    customer = garden.customer()
    invoice = garden.bill(customer=customer)
    garden.pay(invoice)
    garden.carry()
    garden.add(customers=[{**customer, "billing_entity_code": "acme-eu"}])

    assert [] == garden.compare("payment").names
    assert [] == garden.compare("payment", "invoice").names


def test_a_period_that_was_moved_by_policy_is_explained(garden: Garden) -> None:
    """The posting is a month late, and the tie-out says why."""
    garden.closed_periods = ClosedPeriodPolicy.NEXT_OPEN
    invoice = garden.bill()
    garden.person("close_period", date="2026-08-01")
    garden.carry()
    compared = garden.compare("invoice")

    assert [] == compared.names
    assert invoice.number in {one.number for one in compared.findings if one.what == "period_moved"}
    assert {"2026-08", "2026-09"} == {line.cell.month for line in compared.told.tie_out}


def test_a_memo_that_should_be_on_a_later_invoice_is_put_there_again(garden: Garden) -> None:
    """apply_memo: what a later invoice consumed is an application like any other."""
    garden.choose(CreditNotePolicy.APPLY_MEMO)
    note = garden.credit(garden.bill(), offset=0, credit=980, consumed=500)
    garden.consume(note, 500)
    garden.carry()
    sound = garden.compare()
    garden.edit(note, apply=[])
    found = garden.compare()
    garden.follow(found)

    assert ([], [("applied", note.number)], []) == (sound.names, found.names, garden.compare().names)


def test_prepaid_credit_that_an_invoice_cannot_carry_is_compared_with_its_memo(garden: Garden) -> None:
    """The memo was deleted; the invoice shows it as due, and both are right again once it is sent."""
    paid: dict[str, Any] = {
        "prepaid_credit_amount_cents": 12738,
        "prepaid_granted_credit_amount_cents": None,
        "prepaid_purchased_credit_amount_cents": None,
        "total_amount_cents": 0,
        "total_due_amount_cents": 0,
    }
    invoice = garden.bill(**paid)
    garden.carry()
    sound = garden.compare()
    [memo] = [
        one for one in garden.records("creditmemo") if one["externalid"] == f"lago:prepaid:{invoice.lago_id}"
    ]
    garden.person("edit_record", type="creditmemo", id=memo["id"], lines={"apply": []})
    garden.person("delete_record", type="creditmemo", id=memo["id"])
    found = garden.compare()
    garden.follow(found)

    assert [] == sound.names
    assert [("missing_in_netsuite", f"{invoice.number}-PREPAID")] == found.names
    assert [invoice.number] == [one.number for one in found.findings if one.is_consequence]
    assert [] == garden.compare().names


def test_a_document_that_cannot_be_read_is_told_once_with_its_record(garden: Garden) -> None:
    """What NetSuite has of it counts as posted, and nobody knows what was billed."""
    invoice = garden.bill()
    garden.carry()
    garden.add(invoices=[{**invoice.body, "total_amount_cents": "100.00"}])
    compared = garden.compare("invoice")
    found = compared.one("unreadable")

    assert ("unreadable", invoice.number) in compared.names
    assert f"lago-ns sync invoice {invoice.lago_id}" == found.command
    assert 100 == sum(amount for _, amount in found.effects)


def test_numbers_that_netsuite_gives_are_not_compared(tmp_path: Path) -> None:
    """An account that does not let us number is told of once."""
    from lago_ns_cli.simulator.netsuite.switches import Switches

    garden = Garden(tmp_path, invoices=6, customers=3, switches=Switches(tranid_override=False))
    garden.carry()
    compared = garden.compare("invoice")

    assert [] == compared.names
    assert "invoice" == compared.one("numbered_by_netsuite").kind
