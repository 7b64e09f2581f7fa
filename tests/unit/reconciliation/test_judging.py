"""From two rows to findings."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId
from lago_ns_cli.domain.reconciliation.absence import judge_missing, judge_unbilled
from lago_ns_cli.domain.reconciliation.billed import Sent
from lago_ns_cli.domain.reconciliation.dues import PaymentShare
from lago_ns_cli.domain.reconciliation.findings import EXPLAINED, TITLES, Discrepancy, Finding
from lago_ns_cli.domain.reconciliation.judging import judge
from lago_ns_cli.domain.reconciliation.known import Known
from lago_ns_cli.domain.reconciliation.rows import Applied, BilledRow, Excuse, PostedRow
from tests.unit.reconciliation.rows import ACCOUNT, billed, entry, known, posted

PAYMENT = Key("lago:pay:9")


def found(one: BilledRow, other: PostedRow, told: Known | None = None) -> list[Finding]:
    return judge(one, [other], told or known(), ACCOUNT)[0]


def names(findings: list[Finding]) -> list[str]:
    return [one.what.value for one in findings]


def test_equal_rows_have_no_finding() -> None:
    """Nothing is said where nothing is wrong."""
    assert [] == found(billed(), posted())


@pytest.mark.parametrize(
    ("change", "what", "figures"),
    [
        ({"total": Decimal("118.88"), "open": Decimal("118.88")}, "amount", ("108.88", "118.88")),
        (
            {"total": Decimal("109.88"), "tax": Decimal("9.88"), "taxes": {"14": Decimal("9.88")}, "open": Decimal("109.88")},
            "tax",
            ("8.88", "9.88"),
        ),
        ({"taxes": {"15": Decimal("8.88")}}, "tax_code", ("14: 8.88", "15: 8.88")),
        ({"currency": "4"}, "currency", ("USD", "EUR")),
        ({"subsidiary": "3"}, "subsidiary", ("2", "3")),
        ({"day": date(2026, 8, 15)}, "date", ("2026-08-14", "2026-08-15")),
        ({"period": "109", "month": "2026-09"}, "period", ("Aug 2026", "Sep 2026")),
        ({"customer": "78"}, "customer", ("cust_1 (77)", "78")),
        ({"number": "ACM-2"}, "number", ("ACM-1", "ACM-2")),
        ({"status": "pending_approval"}, "status", ("finalized", "pending_approval")),
        ({"open": Decimal("8.88")}, "amount_due", ("108.88", "8.88")),
        ({"keyed": False, "external_id": None}, "key", ("lago:inv:1", "none")),
        ({"fingerprint": None}, "fingerprint", ("f" * 64, "none")),
        ({"id": InternalId("5013")}, "link", ("record 5012", "record 5013")),
        ({"status": "voided", "total": Decimal(0), "tax": Decimal(0), "taxes": {}, "open": Decimal(0)}, "voided_in_netsuite", ("108.88", "voided")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_each_difference_is_told_alone_with_both_figures(
    change: dict[str, Any], what: str, figures: tuple[str, str]
) -> None:
    """And says what to do."""
    [one] = found(billed(), posted(**change))

    assert (what, *figures) == (one.what.value, one.lago, one.netsuite)
    assert one.cause
    assert one.action
    assert one.is_open


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (Sent(total=Decimal("108.88")), "Somebody changed it in NetSuite"),
        (Sent(total=Decimal("118.88")), "It was posted like this"),
        (None, "The ledger does not tell"),
    ],
)
def test_the_ledger_tells_who_made_a_difference(sent: Sent | None, words: str) -> None:
    """What was sent is known: so either side is told from the other."""
    [one] = found(billed(), posted(total=Decimal("118.88"), open=Decimal("118.88")), known(sent=sent))

    assert one.cause.startswith(words)


def test_a_period_that_the_policy_chose_is_explained() -> None:
    """The ledger says that it was sent so."""
    told = known(sent=Sent(fields={"postingperiod": "109"}))
    [one] = found(billed(), posted(period="109", month="2026-09"), told)

    assert (Discrepancy.PERIOD_MOVED, True) == (one.what, one.explained)
    assert {Decimal("100.00"), Decimal("-100.00"), Decimal("8.88"), Decimal("-8.88")} == {
        amount for _, amount in one.effects
    }


def test_several_records_are_told_beside_the_one_that_the_ledger_names() -> None:
    """The other one counts as posted too much."""
    findings, main = judge(billed(), [posted(id=InternalId("5013")), posted()], known(), ACCOUNT)

    assert "5012" == main.id
    assert [("duplicate", "5013")] == [(one.what.value, one.netsuite_id) for one in findings]
    assert Decimal("108.88") == sum(amount for _, amount in findings[0].effects)


def test_what_was_paid_in_netsuite_is_told_from_what_is_missing_there() -> None:
    """Both in one invoice: each with its part of the difference."""
    strange = Applied(InternalId("7"), Decimal("30.00"), None, "PYMT7")
    share = PaymentShare(PAYMENT, LagoId("9"), "payment W-9", "payment", Decimal("50.00"))
    one, other = found(
        billed(due=Decimal("58.88")),
        posted(open=Decimal("78.88"), applied_by=(strange,)),
        known(shares=[share]),
    )

    assert (Decimal("-30.00"), Decimal("50.00")) == (one.difference, other.difference)
    assert "PYMT7" in one.cause
    assert "lago-ns sync payment 9" == other.command


def test_what_follows_from_a_payment_goes_with_it() -> None:
    """The invoice shows more due because of it, and nobody has to do anything about the invoice."""
    told = known(related={PAYMENT})
    [one] = found(billed(due=Decimal("58.88")), posted(), told)

    assert ((PAYMENT,), False) == (one.follows_from, one.is_open)


def test_what_is_due_is_no_matter_where_payments_are_not_carried() -> None:
    """They reach NetSuite by another way, or not at all; the setting says so."""
    share = PaymentShare(PAYMENT, LagoId("9"), "payment W-9", "payment", Decimal("50.00"))
    account = replace(ACCOUNT, payments_carried=False)
    [one] = judge(billed(due=Decimal("58.88")), [posted()], known(shares=[share]), account)[0]

    assert (Discrepancy.SKIPPED, True) == (one.what, one.explained)
    assert "kinds.payment" in one.cause


@pytest.mark.parametrize(
    "change", [{"subsidiary": None}, {"currency": None}, {"taxes": None}, {"period": None}]
)
def test_what_an_account_does_not_tell_is_no_difference(change: dict[str, Any]) -> None:
    """One without subsidiaries, without further currencies, or whose tax lines name no code."""
    assert [] == found(billed(), posted(**change))


def test_a_total_that_differs_makes_no_second_finding_of_what_is_due() -> None:
    """The same money is told once."""
    changed = posted(total=Decimal("118.88"), open=Decimal("118.88"))

    assert ["amount"] == names(found(billed(), changed))


@pytest.mark.parametrize(("open_amount", "what"), [("108.88", ["paid_without_payment"]), ("0", [])])
def test_an_invoice_that_lago_calls_paid_is_open_or_paid_in_netsuite(
    open_amount: str, what: list[str]
) -> None:
    """Without a payment in Lago; where NetSuite has one, both sides say the same."""
    assert what == names(found(billed(paid_by_word=True), posted(open=Decimal(open_amount))))


def test_a_draft_that_has_a_record_is_told() -> None:
    """It is not billed, so all of the record is too much."""
    draft = billed(excuse=Excuse("not_final", "it is a draft", counts=False))
    [one] = found(draft, posted())

    assert (Discrepancy.STATUS, Decimal("108.88")) == (one.what, sum(amount for _, amount in one.effects))


@pytest.mark.parametrize(
    ("state", "what"),
    [
        (None, Discrepancy.MISSING_IN_NETSUITE),
        (State.POSTED, Discrepancy.MISSING_IN_NETSUITE),
        (State.HELD, Discrepancy.OPEN_IN_LEDGER),
        (State.WAITING, Discrepancy.OPEN_IN_LEDGER),
        (State.IN_DOUBT, Discrepancy.OPEN_IN_LEDGER),
        (State.SKIPPED, Discrepancy.SKIPPED),
    ],
)
def test_a_document_without_a_record_is_judged_by_the_ledger(state: State | None, what: Discrepancy) -> None:
    """Never sent, gone, or told by status; short by the whole document either way."""
    told = Known(entry=None if state is None else entry(state=state))
    [one] = judge_missing(billed(), told, ())

    assert (what, Decimal("-108.88")) == (one.what, sum(amount for _, amount in one.effects))


def test_a_number_that_a_stranger_has_is_the_reason_why_a_document_is_missing() -> None:
    """Even where the ledger holds it for that."""
    held = Known(entry=entry(state=State.HELD, netsuite_id=None, code="LAGO_NUMBER_TAKEN"))
    [one] = judge_missing(billed(), held, [posted(identity=None, id=InternalId("9"))])

    assert (Discrepancy.NUMBER_TAKEN, "9") == (one.what, one.netsuite_id)
    assert "lago-ns sync invoice 1" == one.command


def test_a_record_without_a_document_is_too_much_until_it_is_voided() -> None:
    """A voided one has no amount and needs no document."""
    nothing = posted(status="voided", total=Decimal(0), tax=Decimal(0), taxes={})
    [one] = judge_unbilled(posted(), None, ACCOUNT.currencies, other_organization=False)

    assert Decimal("108.88") == sum(amount for _, amount in one.effects)
    assert [] == judge_unbilled(nothing, None, ACCOUNT.currencies, other_organization=False)


def test_everything_that_can_be_found_has_a_name_for_people() -> None:
    """And is explained or not."""
    assert set(Discrepancy) == set(TITLES)
    assert EXPLAINED < set(Discrepancy)
