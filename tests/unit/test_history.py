"""What documents of the past meet in the mappings."""

from dataclasses import replace

import pytest

from lago_ns_cli.domain.history import Gap, History
from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.domain.mapping import Defaults, GroupingRow, Mappings, PaymentRow
from lago_ns_cli.domain.mapping_findings import Severity
from lago_ns_cli.domain.translation.context import Context, FeeTaxesNeededError
from lago_ns_cli.errors import DocumentError
from tests.unit.builders import MAPPINGS, context, credit, fee, invoice, received, tax
from tests.unit.translation.test_credit_note import HOOLI
from tests.unit.translation.test_payment import payment

BARE = Mappings()
TAXED = invoice(
    [fee(1, 10000, kind="subscription", code="pro", rate="19"), fee(2, 500), fee(3, 700)],
    taxes=[tax("fr_vat", "19", 10000, 1900)],
)


def history(*documents: object, where: Context | None = None) -> History:
    told = History()
    for document in documents:
        told.invoice(received(document), where or context())  # type: ignore[arg-type]
    return told


def gaps(told: History) -> dict[str, tuple[str, int, int, dict[str, int]]]:
    return {gap.subject: (gap.code, gap.documents, gap.lines, dict(gap.amounts)) for gap in told.ordered()}


def test_every_look_up_without_a_row_is_counted_at_once() -> None:
    """Fee kinds, taxes, currency and entity; though the currency alone would end a translation."""
    assert {
        "currency:USD": ("currency_unmapped", 2, 2, {"USD": 26200}),
        "billing_entity:acme-us": ("subsidiary_unmapped", 2, 2, {"USD": 26200}),
        "plan:pro": ("item_unmapped", 2, 2, {"USD": 20000}),
        "billable_metric:api_calls": ("item_unmapped", 2, 4, {"USD": 2400}),
        "tax:fr_vat": ("tax_unmapped", 2, 2, {"USD": 3800}),
    } == gaps(history(TAXED, replace(TAXED, number="ACM-002"), where=context(mappings=BARE)))


def test_a_document_that_is_mapped_meets_nothing() -> None:
    """And is not held."""
    told = history(invoice([fee(1, 500)]))

    assert ({}, 0, {"invoice": 1}) == (gaps(told), told.held, dict(told.documents))


def test_defaults_are_worth_a_look_and_hold_nothing() -> None:
    """The Default Item and the default tax, with what went there."""
    defaults = replace(MAPPINGS.defaults, tax=MAPPINGS.taxes[0].target, item_by_type={})
    told = history(TAXED, where=context(mappings=replace(MAPPINGS, defaults=defaults)))

    assert {
        "plan:pro": ("default_item", 1, 1, {"USD": 10000}),
        "tax:fr_vat": ("default_tax", 1, 1, {"USD": 1900}),
    } == gaps(told)
    assert (0, {Severity.WARNING}) == (told.held, {gap.severity for gap in told.ordered()})


def test_credits_are_named_as_their_rows_would_be() -> None:
    """A coupon by its code, prepaid and consumed credit by their types."""
    document = invoice(
        [fee(1, 10000)],
        credits_=[credit("coupon", 1000, "LAUNCH"), credit("invoice", 500, "ACM-000")],
        prepaid=2000,
    )
    mappings = replace(MAPPINGS, defaults=Defaults())

    assert {
        "coupon:LAUNCH": ("item_unmapped", 1, 1, {"USD": -1000}),
        "item_by_type.progressive_billing": ("item_unmapped", 1, 1, {"USD": -500}),
        "item_by_type.prepaid_credit": ("item_unmapped", 1, 1, {"USD": -2000}),
    } == gaps(history(document, where=context(mappings=mappings)))


def test_a_set_of_taxes_is_named_whole_where_a_line_carries_one_code() -> None:
    """Legacy tax: the row that is missing is the set's."""
    document = invoice(
        [fee(1, 10000, rate="27")], taxes=[tax("a", "19", 10000, 1900), tax("b", "8", 10000, 800)]
    )

    assert {"tax:a+b": ("tax_unmapped", 1, 2, {"USD": 2700})} == gaps(
        history(document, where=context(suitetax=False))
    )


def test_grouped_usage_needs_no_rows_of_its_own() -> None:
    """It goes to the item of the grouping row."""
    mappings = replace(MAPPINGS, items=(), defaults=Defaults(), grouping=(GroupingRow(item="510"),))

    assert {} == gaps(history(invoice([fee(1, 500), fee(2, 700)]), where=context(mappings=mappings)))


def test_other_reasons_are_one_gap_whatever_the_number() -> None:
    """So that memory stays flat; the first document is the example."""
    broken = invoice([fee(1, 500)], total_amount_cents=400)
    told = history(broken, replace(broken, number="ACM-002"))
    [gap] = told.ordered()

    assert ("", 2, "ACM-001", 2) == (gap.subject, gap.documents, gap.example, told.held)


def test_fees_that_have_to_be_asked_for_are_asked_for() -> None:
    """Two taxes of one rate: only the fees tell which is on which; nothing is counted before."""
    document = invoice(
        [fee(1, 1000, rate="10"), fee(2, 1000, rate="10")],
        taxes=[tax("us_nyc", "10", 1000, 100), tax("us_ny_state", "10", 1000, 100)],
    )
    told = History()

    with pytest.raises(FeeTaxesNeededError):
        told.invoice(received(document), context())
    assert {} == dict(told.documents)


def test_a_credit_note_meets_what_its_fees_meet() -> None:
    """Its items and its coupon share."""
    from lago_ns_cli.domain.documents import Received

    told = History()
    told.credit_note(Received(HOOLI, {"lago_id": HOOLI.lago_id}, b"{}"), context(mappings=BARE))

    assert {
        "currency:USD",
        "billing_entity:acme-us",
        "billable_metric:api_calls",
        "item_by_type.coupon",
        "tax:us_nyc",
    } == gaps(told).keys()
    assert {"USD": 1000} == gaps(told)["billable_metric:api_calls"][3]


def test_payments_are_looked_up_by_provider_currency_and_entity() -> None:
    """A row of another billing entity does not serve them."""
    rows = (PaymentRow(account="120", provider="stripe", billing_entity="acme-eu"),)
    where = context(mappings=replace(MAPPINGS, payments=rows))
    told = History()
    told.payment(payment(), "acme-eu", where)
    told.payment(payment(), "acme-us", where)
    told.payment(payment(amount_currency="SEK"), None, where)

    assert {
        "payment:stripe-us:USD": ("payment_unmapped", 1, 1, {"USD": 9020}),
        "payment:stripe-us:SEK": ("payment_unmapped", 1, 1, {"SEK": 9020}),
        "currency:SEK": ("currency_unmapped", 1, 1, {"SEK": 9020}),
    } == gaps(told)
    assert 2 == told.held


def test_what_cannot_be_read_is_counted_as_held() -> None:
    """Under its own code, with the reason."""
    told = History()
    told.unreadable(Kind.INVOICE, "ACM-9", DocumentError("It has no fees.", code="unreadable"))
    [gap] = told.ordered()

    assert ("unreadable", "ACM-9", 1, "It has no fees.") == (gap.code, gap.example, told.held, gap.message)


def test_what_holds_documents_comes_first_and_the_frequent_before_the_rare() -> None:
    """A person begins at the top."""
    told = History()
    for code, severity, count in (
        ("w", Severity.WARNING, 9),
        ("b", Severity.ERROR, 1),
        ("a", Severity.ERROR, 5),
    ):
        told.gaps[code, ""] = Gap(
            severity=severity, code=code, subject="", message="", hint="", documents=count
        )

    assert ["a", "b", "w"] == [gap.code for gap in told.ordered()]
