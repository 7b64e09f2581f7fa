"""Laws that every generated document keeps, whatever the seed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lago_ns_cli.simulator.lago.collection import Collection
from lago_ns_cli.simulator.lago.money import subunits
from lago_ns_cli.simulator.lago.organization import Organization
from lago_ns_cli.simulator.lago.queries import Query
from tests.simulator.lago.conftest import organization_of

Document = dict[str, Any]

seeds = st.integers(0, 2**32)
sizes = st.sampled_from([(40, 8), (1, 1), (7, 3), (60, 2), (130, 60), (12, 1)])
laws = settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])


def listed(organization: Organization, collection: Collection) -> Sequence[Document]:
    return organization.page(collection, Query(), 1, 10_000).documents


def invoices_of(organization: Organization) -> Iterator[Document]:
    for row in listed(organization, organization.invoices):
        invoice = organization.invoices.get(row["lago_id"])
        assert invoice is not None
        yield invoice


def half_up(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def base_of(fee: Document) -> Decimal:
    return Decimal(fee["amount_cents"]) - Decimal(fee["precise_coupons_amount_cents"])


@laws
@given(seeds, sizes)
def test_every_invoice_adds_up(seed: int, size: tuple[int, int]) -> None:
    """Fees less credits plus tax less credit notes and prepaid credit is the total, and nothing is below zero."""
    for invoice in invoices_of(organization_of(seed, *size)):
        fees = sum(fee["amount_cents"] for fee in invoice["fees"])
        net = fees - invoice["progressive_billing_credit_amount_cents"] - invoice["coupons_amount_cents"]
        gross = net + invoice["taxes_amount_cents"]
        total = gross - invoice["credit_notes_amount_cents"] - invoice["prepaid_credit_amount_cents"]

        assert fees == invoice["fees_amount_cents"]
        assert net == invoice["sub_total_excluding_taxes_amount_cents"]
        assert gross == invoice["sub_total_including_taxes_amount_cents"]
        assert total == invoice["total_amount_cents"]
        assert min(fees, net, gross, total) >= 0


@laws
@given(seeds, sizes)
def test_due_and_payment_status_follow_from_what_was_paid(seed: int, size: tuple[int, int]) -> None:
    """Due is total less paid less offsets, and an invoice is succeeded when, and only when, nothing is due."""
    for invoice in invoices_of(organization_of(seed, *size)):
        taken = invoice["total_paid_amount_cents"] + invoice["total_offsetted_credit_note_amount_cents"]
        due = 0 if invoice["status"] == "voided" else invoice["total_amount_cents"] - taken

        assert due == invoice["total_due_amount_cents"] >= 0
        if invoice["status"] == "finalized":
            assert (due == 0) == (invoice["payment_status"] == "succeeded")


@laws
@given(seeds, sizes)
def test_tax_is_rounded_as_lago_rounds_it(seed: int, size: tuple[int, int]) -> None:
    """Each fee's tax is rounded alone, each of the invoice's taxes alone, and the invoice's tax once."""
    organization = organization_of(seed, *size)
    for invoice in invoices_of(organization):
        bases: dict[str, Decimal] = {}
        for nested in invoice["fees"]:
            fee = organization.fees.get(nested["lago_id"])
            assert fee is not None
            rates = [Decimal(str(tax["tax_rate"])) for tax in fee["applied_taxes"]]
            assert half_up(base_of(fee) * sum(rates) / 100) == fee["taxes_amount_cents"]
            assert float(sum(rates)) == fee["taxes_rate"]
            for tax in fee["applied_taxes"]:
                bases[tax["tax_code"]] = bases.get(tax["tax_code"], Decimal(0)) + base_of(fee)

        taxes = {tax["tax_code"]: tax for tax in invoice["applied_taxes"]}
        exact = {code: bases[code] * Decimal(str(taxes[code]["tax_rate"])) / 100 for code in bases}
        assert bases.keys() == taxes.keys()
        assert {code: int(base) for code, base in bases.items()} == {
            c: t["fees_amount_cents"] for c, t in taxes.items()
        }
        assert {code: half_up(one) for code, one in exact.items()} == {
            c: t["amount_cents"] for c, t in taxes.items()
        }
        assert half_up(sum(exact.values(), Decimal(0))) == invoice["taxes_amount_cents"]


@laws
@given(seeds, sizes)
def test_credits_name_what_they_took_off(seed: int, size: tuple[int, int]) -> None:
    """Credits sum up to the amounts by kind, and the fees' shares to those taken before tax."""
    for invoice in invoices_of(organization_of(seed, *size)):
        by_kind = Counter[str]()
        for credit in invoice["credits"]:
            by_kind[credit["item"]["type"]] += credit["amount_cents"]
            assert credit["before_taxes"] == (credit["item"]["type"] != "credit_note")
        shares = sum((Decimal(fee["precise_coupons_amount_cents"]) for fee in invoice["fees"]), Decimal(0))

        assert by_kind["coupon"] == invoice["coupons_amount_cents"]
        assert by_kind["invoice"] == invoice["progressive_billing_credit_amount_cents"]
        assert by_kind["credit_note"] == invoice["credit_notes_amount_cents"]
        assert abs(shares - by_kind["coupon"] - by_kind["invoice"]) < Decimal("0.001")


@laws
@given(seeds, sizes)
def test_fee_amounts_agree_in_cents_and_in_units(seed: int, size: tuple[int, int]) -> None:
    """The precise amount in currency units, times the currency's subunits, rounds to the amount in cents."""
    for invoice in invoices_of(organization_of(seed, *size)):
        divisor = subunits(invoice["currency"])
        for fee in invoice["fees"]:
            assert half_up(Decimal(fee["precise_amount"]) * divisor) == fee["amount_cents"]
            assert fee["total_amount_cents"] == fee["amount_cents"] + fee["taxes_amount_cents"]
            assert "e" not in (fee["units"] + fee["precise_unit_amount"]).lower()
            assert ("from_date" in fee) == (fee["item"]["type"] not in ("credit", "commitment"))


@laws
@given(seeds, sizes)
def test_credit_notes_add_up_and_balances_fall_by_what_was_consumed(seed: int, size: tuple[int, int]) -> None:
    """A note's parts sum up to its total, and its balance is its credit less what invoices used of it."""
    organization = organization_of(seed, *size)
    used = Counter[str]()
    invoices = {invoice["lago_id"]: invoice for invoice in invoices_of(organization)}
    for invoice in invoices.values():
        for credit in invoice["credits"]:
            if credit["item"]["type"] == "credit_note":
                used[credit["item"]["lago_item_id"]] += credit["amount_cents"]
    offsets = Counter[str]()
    for note in listed(organization, organization.credit_notes):
        parts = note["credit_amount_cents"] + note["refund_amount_cents"] + note["offset_amount_cents"]
        items = sum(item["amount_cents"] for item in note["items"])
        net = items - note["coupons_adjustment_amount_cents"]
        offsets[note["lago_invoice_id"]] += note["offset_amount_cents"]

        assert net == note["sub_total_excluding_taxes_amount_cents"]
        assert net + note["taxes_amount_cents"] == note["total_amount_cents"] == parts > 0
        assert note["balance_amount_cents"] == note["credit_amount_cents"] - used[note["lago_id"]] >= 0
        assert note["refund_amount_cents"] <= invoices[note["lago_invoice_id"]]["total_paid_amount_cents"]
        assert half_up(Decimal(note["precise_taxes_amount_cents"])) == note["taxes_amount_cents"]
        for item in note["items"]:
            assert item["amount_cents"] <= item["fee"]["amount_cents"]
    for lago_id, invoice in invoices.items():
        assert offsets[lago_id] == invoice["total_offsetted_credit_note_amount_cents"]


@laws
@given(seeds, sizes)
def test_succeeded_payments_are_what_invoices_say_was_paid(seed: int, size: tuple[int, int]) -> None:
    """Payments of one invoice sum up to its paid amount; one over several covers what they owed together."""
    organization = organization_of(seed, *size)
    paid = {
        one["lago_id"]: one["total_paid_amount_cents"] for one in listed(organization, organization.invoices)
    }
    requests = {one["lago_id"]: one for one in listed(organization, organization.payment_requests)}
    for payment in listed(organization, organization.payments):
        if payment["payment_status"] != "succeeded":
            continue
        if payment["payable_type"] == "PaymentRequest":
            assert payment["amount_cents"] == sum(paid.pop(one) for one in payment["invoice_ids"])
            assert requests[payment["lago_payable_id"]]["amount_cents"] == payment["amount_cents"]
        else:
            paid[payment["invoice_ids"][0]] -= payment["amount_cents"]
        assert (payment["reference"] is None) == (payment["type"] == "provider")

    assert not any(paid.values())


@laws
@given(seeds, sizes)
def test_wallets_hold_what_came_in_less_what_was_used(seed: int, size: tuple[int, int]) -> None:
    """Settled transactions sum up to the balance, and what went out is the invoices' prepaid credit."""
    organization = organization_of(seed, *size)
    prepaid = sum(one["prepaid_credit_amount_cents"] for one in listed(organization, organization.invoices))
    for wallet in listed(organization, organization.wallets):
        moves = organization.wallet_transactions(wallet["lago_id"], {})
        assert moves
        settled = [move for move in moves if move["status"] == "settled"]
        coming = [Decimal(move["amount"]) for move in settled if move["transaction_type"] == "inbound"]
        going = [Decimal(move["amount"]) for move in settled if move["transaction_type"] == "outbound"]
        divisor = subunits(wallet["currency"])
        prepaid -= int(sum(going) * divisor)

        assert wallet["balance_cents"] == (sum(coming) - sum(going)) * divisor >= 0

    assert prepaid == 0


@laws
@given(seeds, sizes)
def test_same_seed_same_organization(seed: int, size: tuple[int, int]) -> None:
    """Documents depend on seed and sizes alone, not on the order in which they are asked for."""
    one, other = organization_of(seed, *size), organization_of(seed, *size)
    rows = listed(one, one.invoices)
    singles = [one.invoices.get(row["lago_id"]) for row in rows]

    assert [other.invoices.get(row["lago_id"]) for row in reversed(rows)] == singles[::-1]
    assert size[0] == len(rows) == len({row["lago_id"] for row in rows})
