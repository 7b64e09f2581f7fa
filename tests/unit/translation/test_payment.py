"""A Lago payment as a NetSuite customer payment."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from lago_ns_cli.domain.documents import Payment, Received
from lago_ns_cli.domain.gate import OPEN, Passage, gate_payment, gate_payment_day
from lago_ns_cli.domain.identifiers import InternalId, Key, LagoExternalId, LagoId
from lago_ns_cli.domain.mapping import FieldRow, FieldRows, Mappings, PaymentRow, SubsidiaryRow
from lago_ns_cli.domain.records import Record, Reference
from lago_ns_cli.domain.translation.allocation import Allocation
from lago_ns_cli.domain.translation.context import Translation, TranslationError
from lago_ns_cli.domain.translation.payment import (
    Billing,
    payer_of,
    payment_date,
    payment_number,
    provider_names,
    translate_payment,
)
from tests.unit.builders import MAPPINGS, context

INVOICE = LagoId("inv-1")
OTHER = LagoId("inv-2")
BILLING = Billing(customer=LagoId("cus-1"), zone="America/New_York", entity="acme-us", currency="USD")
ROWS = (
    PaymentRow(account="120", method="7", provider="stripe"),
    PaymentRow(account="121", provider="stripe-eu", currency="EUR"),
    PaymentRow(account=None, method="8", provider="manual"),
)


def payment(**changes: object) -> Payment:
    """Build a payment of 90.20 USD by card."""
    plain = Payment(
        lago_id=LagoId("pay-1"),
        external_customer_id=LagoExternalId("cust_0042"),
        lago_customer_id=LagoId("cus-1"),
        amount_cents=9020,
        amount_currency="USD",
        created_at=datetime(2026, 8, 14, 15, 0, tzinfo=UTC),
        payable_type="Invoice",
        lago_payable_id=INVOICE,
        invoice_ids=(INVOICE,),
        invoice_numbers=("ACM-001",),
        payment_status="succeeded",
        type="provider",
        payment_provider_code="stripe-us",
        payment_provider_type="PaymentProviders::StripeProvider",
        provider_payment_id="pi_3Nx1",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def mappings(**changes: object) -> Mappings:
    """The mappings of the other tests, with payments."""
    return replace(MAPPINGS, **{"payments": ROWS, **changes})  # type: ignore[arg-type]


def translate(
    document: Payment,
    *,
    shares: Mapping[LagoId, int] | None = None,
    billings: tuple[Billing, ...] = (BILLING,),
    using: Mappings | None = None,
    tree: Mapping[str, object] | None = None,
) -> Translation:
    """Translate a payment that pays one invoice wholly, unless told otherwise."""
    split = {INVOICE: document.amount_cents} if shares is None else shares
    payer = payer_of(billings)
    assert payer is not None
    known = context(mappings=using or mappings(), links={Key("lago:cus:cus-1"): InternalId("98765")})
    return translate_payment(
        Received(document, tree or {"lago_id": document.lago_id, "reference": document.reference}, b"{}"),
        payer,
        Allocation(split, document.amount_cents - sum(split.values())),
        {
            INVOICE: Reference(Key("lago:inv:inv-1"), InternalId("11")),
            OTHER: Reference(Key("lago:inv:inv-2")),
        },
        known,
    )


def columns(document: Payment, **options: object) -> Mapping[str, object]:
    """The body fields of a payment."""
    record: Record = translate(document, **options).record  # type: ignore[arg-type]
    return record.columns


def test_a_payment_says_who_paid_what_when_and_where_it_went() -> None:
    """All of it stands on the record: nothing is left to NetSuite's defaults."""
    record = translate(payment()).record

    assert {
        "customer": Reference(Key("lago:cus:cus-1"), InternalId("98765")),
        "subsidiary": "2",
        "currency": "1",
        "trandate": "2026-08-14",
        "payment": "90.20",
        "paymentmethod": "7",
        "undepfunds": "F",
        "account": "120",
        "memo": "pi_3Nx1",
    } == dict(record.columns)
    assert [("11", "90.20")] == [(one.target.internal_id, one.amount) for one in record.apply]
    assert ("lago:pay:pay-1", "customerpayment", ("trandate",)) == (record.key, record.type, record.dates)
    assert record.expect is not None
    assert ("90.20", "0.00") == (record.expect.total, record.expect.tax)


ZONES = [
    # zone, moment (UTC), day there
    ("Etc/GMT+12", "2026-01-01T11:59:59", date(2025, 12, 31)),  # −12: still the old year
    ("Etc/GMT+12", "2026-01-01T12:00:00", date(2026, 1, 1)),
    ("Pacific/Kiritimati", "2025-12-31T09:59:59", date(2025, 12, 31)),
    ("Pacific/Kiritimati", "2025-12-31T10:00:00", date(2026, 1, 1)),  # +14: the new year already
    ("UTC", "2026-12-31T23:59:59", date(2026, 12, 31)),
    ("America/New_York", "2026-08-14T03:59:59", date(2026, 8, 13)),
    ("America/New_York", "2026-08-14T04:00:00", date(2026, 8, 14)),
    ("America/New_York", "2026-03-08T04:59:59", date(2026, 3, 7)),  # the night the clocks go forward
    ("America/New_York", "2026-03-09T03:59:59", date(2026, 3, 8)),
    ("America/New_York", "2026-11-01T03:59:59", date(2026, 10, 31)),  # the night they go back
    ("America/New_York", "2026-11-02T04:59:59", date(2026, 11, 1)),
    ("Europe/Berlin", "2026-03-28T22:59:59", date(2026, 3, 28)),
    ("Europe/Berlin", "2026-03-28T23:00:00", date(2026, 3, 29)),
    ("Europe/Berlin", "2026-10-25T22:59:59", date(2026, 10, 25)),
    ("Europe/Berlin", "2026-10-25T23:00:00", date(2026, 10, 26)),
    ("Australia/Lord_Howe", "2026-04-04T12:59:59", date(2026, 4, 4)),  # half an hour of summer time
    ("Asia/Kathmandu", "2026-02-28T18:15:00", date(2026, 3, 1)),  # +05:45
    ("Asia/Tokyo", "2026-02-28T14:59:59", date(2026, 2, 28)),
]


@pytest.mark.parametrize(("zone", "moment", "day"), ZONES)
def test_a_payment_is_dated_by_the_customers_calendar(zone: str, moment: str, day: date) -> None:
    """A44: from twelve hours behind to fourteen ahead, on DST nights and at the end of the year."""
    made = datetime.fromisoformat(moment).replace(tzinfo=UTC)

    assert day == payment_date(payment(created_at=made), zone)


@pytest.mark.parametrize("zone", [zone for zone, _, _ in ZONES])
def test_the_day_that_a_person_gave_stands_in_every_zone(zone: str) -> None:
    """Lago keeps ``paid_at: 2026-08-14`` as midnight UTC, which is the day before in New York."""
    by_hand = payment(type="manual", created_at=datetime(2026, 8, 14, tzinfo=UTC))

    assert date(2026, 8, 14) == payment_date(by_hand, zone)


@pytest.mark.parametrize(
    ("changes", "day"),
    [
        ({"type": "provider", "created_at": datetime(2026, 8, 14, tzinfo=UTC)}, date(2026, 8, 13)),
        ({"type": "manual", "created_at": datetime(2026, 8, 14, 0, 0, 1, tzinfo=UTC)}, date(2026, 8, 13)),
        ({"type": "manual", "created_at": datetime(2026, 8, 14, 0, 0, 0, 1, tzinfo=UTC)}, date(2026, 8, 13)),
    ],
)
def test_only_a_manual_payment_at_exactly_midnight_keeps_its_day(
    changes: dict[str, object], day: date
) -> None:
    """Any other moment is a moment, and has a day of its own where the customer is."""
    assert day == payment_date(payment(**changes), "America/New_York")


def test_an_unknown_time_zone_holds_the_payment() -> None:
    """No date is better than a wrong one."""
    with pytest.raises(TranslationError, match="Mars/Base"):
        payment_date(payment(), "Mars/Base")


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, ("stripe-us", "stripe")),
        ({"payment_provider_type": "PaymentProviders::GocardlessProvider"}, ("stripe-us", "gocardless")),
        ({"payment_provider_type": "adyen", "payment_provider_code": None}, ("adyen",)),
        ({"payment_provider_type": "adyen", "payment_provider_code": "adyen"}, ("adyen",)),
        ({"payment_provider_type": None, "payment_provider_code": None}, ()),
        ({"type": "manual"}, ("manual",)),
    ],
)
def test_a_row_may_mean_a_provider_by_its_code_or_its_family(
    changes: dict[str, object], names: tuple[str, ...]
) -> None:
    """Lago names providers by a class of its own code."""
    assert names == provider_names(payment(**changes))


@pytest.mark.parametrize(
    ("rows", "account"),
    [
        ([("stripe-us", "USD", "1"), ("stripe-us", None, "2"), ("stripe", "USD", "3")], "1"),
        ([("stripe-us", None, "2"), ("stripe", "USD", "3"), (None, "USD", "5")], "2"),
        ([("stripe", "USD", "3"), ("stripe", None, "4"), (None, "USD", "5")], "3"),
        ([("stripe", None, "4"), (None, "USD", "5"), (None, None, "6")], "4"),
        ([("stripe-eu", None, "0"), (None, "USD", "5"), (None, None, "6")], "5"),
        ([("manual", None, "0"), (None, "EUR", "0"), (None, None, "6")], "6"),
    ],
)
def test_the_most_exact_payment_row_wins(
    rows: list[tuple[str | None, str | None, str]], account: str
) -> None:
    """Code before family before no provider, and within each the currency's own row first."""
    some = tuple(PaymentRow(account=to, provider=who, currency=coin) for who, coin, to in reversed(rows))

    assert account == columns(payment(), using=mappings(payments=some))["account"]


def test_a_row_without_an_account_means_undeposited_funds() -> None:
    """Named as such, so that no default account of the form is taken."""
    found = columns(payment(type="manual", reference="WIRE-17"))

    assert ("T", "8", False) == (found["undepfunds"], found["paymentmethod"], "account" in found)


def test_an_unmapped_payment_is_held_with_the_command_that_maps_it() -> None:
    """Money must not go to whatever account NetSuite would choose."""
    with pytest.raises(TranslationError) as held:
        translate(payment(), using=mappings(payments=()))

    assert ("payment_unmapped", "payment:stripe-us:USD") == (held.value.code, held.value.problems[0].subject)
    assert held.value.hint == "lago-ns map set payment --provider stripe-us --account <internal id>"


def test_everything_that_is_unmapped_is_named_at_once() -> None:
    """One run shows all that is to be mended."""
    with pytest.raises(TranslationError) as held:
        translate(payment(amount_currency="EUR"), using=mappings(payments=()))

    assert ["currency_differs", "payment_unmapped"] == [one.code for one in held.value.problems]


@pytest.mark.parametrize(
    ("code", "cents", "amount"),
    [("USD", 9020, "90.20"), ("EUR", 1, "0.01"), ("JPY", 12345, "12345"), ("KWD", 12340, "12.34")],
)
def test_a_payment_is_in_its_own_currency(code: str, cents: int, amount: str) -> None:
    """A41: a EUR payment of a USD customer is EUR; amounts are exact in each currency's units."""
    record = translate(
        payment(amount_cents=cents, amount_currency=code),
        billings=(replace(BILLING, currency=code),),
        using=mappings(payments=(PaymentRow(account="120"),)),
    ).record

    assert (mappings().currencies[code], amount) == (record.columns["currency"], record.columns["payment"])
    assert [amount] == [one.amount for one in record.apply]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (payment(amount_currency="SEK"), "currency_unmapped"),
        (payment(amount_currency="KWD", amount_cents=1), "currency_precision"),
        (payment(amount_cents=-1), "negative_payment"),
    ],
)
def test_what_netsuite_cannot_hold_is_held(document: Payment, code: str) -> None:
    """An unmapped currency, a thousandth of a dinar, a payment below zero."""
    with pytest.raises(TranslationError) as held:
        translate(document, shares={}, billings=(replace(BILLING, currency=document.amount_currency),))

    assert code == held.value.code


def test_a_payment_over_invoices_of_two_subsidiaries_is_held() -> None:
    """A57: a NetSuite payment belongs to one; both are named."""
    two = mappings(
        subsidiaries=(
            SubsidiaryRow(billing_entity="acme-us", subsidiary="2"),
            SubsidiaryRow(billing_entity="acme-eu", subsidiary="4"),
        )
    )
    with pytest.raises(TranslationError, match=r"acme-us \(subsidiary 2\), acme-eu \(subsidiary 4\)") as held:
        translate(payment(), billings=(BILLING, replace(BILLING, entity="acme-eu")), using=two)

    assert "payment_two_subsidiaries" == held.value.code


def test_what_stays_unapplied_is_said() -> None:
    """With the amount, as a notice: nothing is dropped silently."""
    translation = translate(payment(), shares={INVOICE: 5000, OTHER: 3000})

    assert ["50.00", "30.00"] == [one.amount for one in translation.record.apply]
    assert [("payment_remainder", "10.20 of 90.20 USD")] == [
        (one.code, one.message[:18]) for one in translation.notices
    ]


def test_header_rows_fill_further_fields_and_are_cut_to_fit() -> None:
    """The standard rows put the reference into the check number, which holds 45 characters."""
    rows = FieldRows(
        header=(
            FieldRow(source="reference", to="checknum"),
            FieldRow(source="payment.lago_id", to="custbody_lago_id"),
        )
    )
    translation = translate(
        payment(type="manual", reference="W" * 46), using=mappings(fields={"payment": rows})
    )

    assert ("W" * 45, "pay-1") == (
        translation.record.columns["checknum"],
        translation.record.columns["custbody_lago_id"],
    )
    assert ["text_cut"] == [one.code for one in translation.notices]


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"reference": "WIRE-17", "provider_payment_id": None}, "WIRE-17"),
        ({"reference": None}, "pi_3Nx1"),
        ({"reference": "", "provider_payment_id": None}, "pay-1"),
    ],
)
def test_a_payment_is_called_by_what_people_know_of_it(changes: dict[str, object], number: str) -> None:
    """Its reference, else the provider's id, else Lago's."""
    assert number == payment_number(payment(**changes))


@pytest.mark.parametrize(
    ("changes", "passage", "code"),
    [
        ({}, Passage.OPEN, None),
        ({"payment_status": "pending"}, Passage.LATER, "not_final"),
        ({"payment_status": "processing"}, Passage.LATER, "not_final"),
        ({"payment_status": "failed"}, Passage.LATER, "not_final"),
        ({"payment_status": None}, Passage.LATER, "not_final"),
        ({"payment_status": "refunded"}, Passage.LATER, "unknown_status"),
        ({"amount_cents": 0}, Passage.NEVER, "zero"),
        ({"amount_cents": 0, "payment_status": "failed"}, Passage.LATER, "not_final"),
    ],
)
def test_only_succeeded_payments_pass(changes: dict[str, object], passage: Passage, code: str | None) -> None:
    """The others are looked at again: a failed one may be tried anew by its provider."""
    verdict = gate_payment(payment(**changes))

    assert (passage, code) == (verdict.passage, verdict.code)


def test_payments_from_before_the_go_live_date_are_skipped() -> None:
    """On the date itself they pass."""
    go_live = date(2026, 8, 14)

    assert OPEN == gate_payment_day(go_live, go_live)
    assert "before_go_live" == gate_payment_day(date(2026, 8, 13), go_live).code
    assert OPEN == gate_payment_day(date(2026, 8, 13), None)
