"""Applications of memos and payments: what is offered, what is refused, and what both sides show afterwards."""

from decimal import Decimal

import pytest

from lago_ns_cli.simulator.netsuite.errors import NetSuiteError
from tests.simulator.account.bench import CUSTOMER, Bench, make_bench, refusal


def test_list_offers_open_invoices_of_customer_currency_and_account(bench: Bench) -> None:
    """Paid ones, other currencies, other customers and other receivables accounts are absent; the oldest comes first."""
    customer = bench.post_customer()
    bench.account.administrator.edit_record("customer", customer, {})
    newer = bench.post_sale(entity=customer, trandate="2026-08-02")
    older = bench.post_sale(entity=customer, trandate="2026-07-01")
    paid = bench.post_sale(entity=customer)
    bench.post_sale(entity=customer, account="122")
    bench.post_sale()
    payment = bench.payment("100", customer=customer)
    bench.tick(payment, paid, "100")
    bench.save(payment)

    offered = bench.payment("10", customer=customer).lines("apply")

    assert [older, newer] == [line["doc"] for line in offered]
    assert {"100.00"} == {line["due"] for line in offered}


def test_second_currency_of_a_customer_has_its_own_list(bench: Bench) -> None:
    """Choosing another currency rebuilds the list."""
    draft = bench.new("customer", companyname="Pied Piper", subsidiary="2")
    draft.lines("currency").append({"currency": "4"})
    customer = bench.save(draft)
    dollars, euros = (bench.post_sale(entity=customer, currency=currency) for currency in ("1", "4"))

    payment = bench.payment("10", customer=customer)
    before = [line["doc"] for line in payment.lines("apply")]
    bench.set(payment, currency="4")

    assert ([dollars], [euros]) == (before, [line["doc"] for line in payment.lines("apply")])


def test_partial_payments_close_the_invoice(bench: Bench) -> None:
    """Open amount and status follow each payment; the last one closes the invoice."""
    invoice = bench.post_sale()
    for amount, left, status in (("60.00", "40.00", "open"), ("40.00", "0.00", "paidInFull")):
        payment = bench.payment(amount)
        bench.tick(payment, invoice)
        stored = bench.record("customerpayment", bench.save(payment))
        shown = bench.record("invoice", invoice)

        assert [{"doc": invoice, "amount": amount}] == stored["apply"]
        assert (left, status) == (shown["amountremaining"], shown["statusref"])


def test_one_payment_over_two_invoices_leaves_a_rest(bench: Bench) -> None:
    """What is not applied stays unapplied on the payment."""
    first, second = bench.post_sale(), bench.post_sale()
    payment = bench.payment("250")
    bench.tick(payment, first)
    bench.tick(payment, second, "70")

    stored = bench.record("customerpayment", bench.save(payment))

    assert ("170.00", "80.00") == (stored["applied"], stored["unapplied"])
    assert "30.00" == bench.record("invoice", second)["amountremaining"]


def test_memo_is_applied_moved_and_taken_off(bench: Bench) -> None:
    """Editing a memo's ticks moves the amounts; its own share counts as open to itself."""
    first, second = bench.post_sale(), bench.post_sale()
    memo_draft = bench.sale("creditmemo", lines=[{"item": "500", "amount": "80"}])
    bench.tick(memo_draft, first, "80")
    memo = bench.save(memo_draft)

    edited = bench.load("creditmemo", memo)
    line = edited.lines("apply")[0]
    assert (True, "80.00", "100.00") == (line["apply"], line["amount"], line["due"])
    line["amount"] = "30.00"
    bench.tick(edited, second, "50")
    bench.save(edited)

    left = [bench.record("invoice", invoice)["amountremaining"] for invoice in (first, second)]
    assert (["70.00", "50.00"], "fullyApplied") == (left, bench.record("creditmemo", memo)["statusref"])
    cleared = bench.load("creditmemo", memo)
    for line in cleared.lines("apply"):
        line["apply"] = False
    bench.save(cleared)
    assert "80.00" == bench.record("creditmemo", memo)["unapplied"]
    assert "100.00" == bench.record("invoice", first)["amountremaining"]


@pytest.mark.parametrize(
    ("payment", "applied", "code"),
    [
        ("50", "60", "INVALID_AMT"),
        ("150", "100.01", "INVALID_AMT"),
        ("50", "-1", "INVALID_AMT"),
        ("50", "0.001", "TRANS_UNBALNCD"),
    ],
)
def test_too_much_is_refused(bench: Bench, payment: str, applied: str, code: str) -> None:
    """More than the payment, more than is due, nothing, or what the currency cannot express."""
    invoice = bench.post_sale()
    draft = bench.payment(payment)
    bench.tick(draft, invoice, applied)

    assert code == refusal(bench, draft)[0]
    assert "100.00" == bench.record("invoice", invoice)["amountremaining"]


def test_target_that_is_not_offered_is_refused(bench: Bench) -> None:
    """A line for an invoice that is not open to the payment names it."""
    invoice = bench.post_sale(entity=bench.post_customer())
    draft = bench.payment("10")
    draft.lines("apply").append({"apply": True, "doc": invoice, "amount": "10"})

    wanted = ("INVALID_KEY_OR_REF", f"Invalid doc reference key {invoice} for customer {CUSTOMER}.")
    assert wanted == refusal(bench, draft)


def test_open_amount_is_checked_at_the_save(bench: Bench) -> None:
    """A list that grew old while another payment was made does not pay twice."""
    invoice = bench.post_sale()
    slow, quick = bench.payment("100"), bench.payment("100")
    bench.tick(slow, invoice)
    bench.tick(quick, invoice)
    bench.save(quick)

    assert "INVALID_KEY_OR_REF" == refusal(bench, slow)[0]


@pytest.mark.parametrize(
    ("values", "code", "message"),
    [
        (
            {"payment": "0"},
            "INVALID_FLD_VALUE",
            "You have entered an Invalid Field Value 0 for the following field: payment",
        ),
        ({"payment": "-5"}, "NEGATIVE_PAYMENT_DISALLWD", "The amount of a payment cannot be negative."),
        ({"payment": None}, "USER_ERROR", "Please enter value(s) for: Payment Amount"),
        ({"customer": None}, "USER_ERROR", "Please enter value(s) for: Customer"),
        ({"account": "54"}, "INVALID_KEY_OR_REF", "Invalid account reference key 54."),
        ({"aracct": "120"}, "INVALID_KEY_OR_REF", "Invalid aracct reference key 120."),
        ({"paymentmethod": "99"}, "INVALID_KEY_OR_REF", "Invalid paymentmethod reference key 99."),
        (
            {"currency": "4"},
            "INVALID_KEY_OR_REF",
            f"Invalid currency reference key 4 for customer {CUSTOMER}.",
        ),
    ],
)
def test_payment_is_refused(bench: Bench, values: dict[str, str | None], code: str, message: str) -> None:
    """Each bad field of a payment is refused with NetSuite's code and text."""
    draft = bench.payment("10")
    draft.body |= values

    assert (code, message) == refusal(bench, draft)


def test_undeposited_funds_win_over_an_account(bench: Bench) -> None:
    """With ``undepfunds`` the money waits for a deposit; with an account alone it is deposited."""
    waiting = bench.record("customerpayment", bench.save(bench.payment("10", undepfunds=True)))
    deposited = bench.record("customerpayment", bench.save(bench.payment("10")))

    assert ("116", "notDeposited") == (waiting["account"], waiting["statusref"])
    assert ("120", "deposited") == (deposited["account"], deposited["statusref"])


def test_automatic_application_takes_the_oldest_first() -> None:
    """Where the account applies by itself, the oldest invoices are paid unless the script says no."""
    bench = make_bench(autoapply=True)
    newer, older = bench.post_sale(trandate="2026-08-02"), bench.post_sale(trandate="2026-07-01")

    automatic = bench.record("customerpayment", bench.save(bench.payment("120")))
    by_hand = bench.record("customerpayment", bench.save(bench.payment("5", autoapply=False)))

    assert [{"doc": newer, "amount": "20.00"}, {"doc": older, "amount": "100.00"}] == automatic["apply"]
    assert [] == by_hand["apply"]


def test_automatic_application_excludes_ticks() -> None:
    """Both at once are refused."""
    bench = make_bench(autoapply=True)
    invoice = bench.post_sale()
    draft = bench.payment("50")
    bench.tick(draft, invoice)

    assert "INVALID_AUTOAPPLY_VALUE" == refusal(bench, draft)[0]


def test_zero_invoice_is_paid_at_once(bench: Bench) -> None:
    """Nothing is due, so it is paid and never offered."""
    invoice = bench.post_sale(lines=[{"item": "500", "amount": "0"}])

    assert "paidInFull" == bench.record("invoice", invoice)["statusref"]
    assert [] == bench.payment("1").lines("apply")


def test_pending_invoice_is_offered_after_approval() -> None:
    """An invoice that waits for approval takes no payment until a person approves it."""
    bench = make_bench(invoice_approval=True)
    invoice = bench.post_sale()

    assert "pendingApproval" == bench.record("invoice", invoice)["statusref"]
    assert [] == bench.payment("1").lines("apply")
    bench.account.administrator.edit_record("invoice", invoice, {"approvalstatus": "2"})
    assert [invoice] == [line["doc"] for line in bench.payment("1").lines("apply")]


def test_applied_documents_cannot_be_voided_or_deleted(bench: Bench) -> None:
    """What is linked must be taken apart first; a payment gives its invoices back by itself."""
    invoice = bench.post_sale()
    draft = bench.payment("100")
    bench.tick(draft, invoice)
    payment = bench.save(draft)

    with pytest.raises(NetSuiteError, match="TRANS_IN_USE"):
        bench.account.void("invoice", invoice, bench.role)
    with pytest.raises(NetSuiteError, match="TRANS_IN_USE"):
        bench.account.administrator.delete("invoice", invoice)
    bench.account.void("customerpayment", payment, bench.role)
    assert "100.00" == bench.record("invoice", invoice)["amountremaining"]
    bench.account.void("invoice", invoice, bench.role)

    voided = bench.record("invoice", invoice)
    assert ("0.00", "voided", True) == (voided["total"], voided["statusref"], voided["voided"])


def test_voided_invoice_cannot_be_edited(bench: Bench) -> None:
    """A voided document stays as it is."""
    invoice = bench.post_sale()
    bench.account.void("invoice", invoice, bench.role)

    with pytest.raises(NetSuiteError, match="RCRD_UNEDITABLE"):
        bench.account.administrator.edit_record("invoice", invoice, {"memo": "x"})


def test_deleted_payment_opens_its_invoice_again(bench: Bench) -> None:
    """Deleting gives the amount back."""
    invoice = bench.post_sale()
    draft = bench.payment("100")
    bench.tick(draft, invoice)

    bench.account.administrator.delete("customerpayment", bench.save(draft))

    shown = bench.record("invoice", invoice)
    assert ("100.00", "open") == (shown["amountremaining"], shown["statusref"])


def test_total_cannot_fall_below_what_is_applied(bench: Bench) -> None:
    """An invoice that is partly paid keeps at least that total; its customer stays too."""
    invoice = bench.post_sale()
    draft = bench.payment("60")
    bench.tick(draft, invoice)
    bench.save(draft)

    shrunk = bench.load("invoice", invoice)
    shrunk.lines("item")[0]["amount"] = "50"
    with pytest.raises(NetSuiteError, match="TRANS_APPLIED_AMTS_UNBALNCD"):
        bench.save(shrunk)
    grown = bench.load("invoice", invoice)
    grown.lines("item")[0]["amount"] = "150"
    bench.save(grown)

    assert Decimal("90") == Decimal(bench.record("invoice", invoice)["amountremaining"])
