"""Laws that hold for every document the account accepts."""

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator.account.bench import Bench, make_bench

CENT = Decimal("0.01")

amounts = st.decimals(min_value=0, max_value=10**9, places=2)
quantities = st.decimals(min_value=0, max_value=10**9, places=5)
rates = st.decimals(min_value=0, max_value=10**4, places=8)


def text(number: Decimal) -> str:
    """A number as scripts send it."""
    return format(number, "f")


@settings(max_examples=25)
@given(lines=st.lists(st.tuples(quantities, rates), min_size=1, max_size=12))
def test_total_is_the_sum_of_rounded_lines(lines: list[tuple[Decimal, Decimal]]) -> None:
    """No cent is lost between lines and total, however long the numbers."""
    bench = make_bench()
    drafted = [{"item": "500", "quantity": text(quantity), "rate": text(rate)} for quantity, rate in lines]

    posted = bench.record("invoice", bench.post_sale(lines=drafted))

    rounded = [(quantity * rate).quantize(CENT, ROUND_HALF_UP) for quantity, rate in lines]
    assert sum(rounded) == Decimal(posted["total"])


@settings(max_examples=25)
@given(
    nets=st.lists(amounts, min_size=1, max_size=8),
    taxes=st.lists(st.decimals(min_value=0, max_value=10**6, places=2), max_size=8),
)
def test_total_is_lines_plus_overridden_tax(nets: list[Decimal], taxes: list[Decimal]) -> None:
    """Whatever the rows' bases and rates say, their amounts are the tax."""
    bench = make_bench()
    lines = [
        {"item": "500", "amount": text(net), "taxdetailsreference": str(place)}
        for place, net in enumerate(nets)
    ]
    draft = bench.sale(lines=lines)
    for place, tax in enumerate(taxes):
        row = {"taxtype": "3", "taxcode": "14", "taxbasis": "1", "taxrate": "8.875", "taxamount": text(tax)}
        bench.add_line(draft, "taxdetails", {"taxdetailsreference": str(place % len(nets)), **row})

    posted = bench.record("invoice", bench.save(draft))

    assert sum(nets) + sum(taxes) == Decimal(posted["total"])
    assert sum(taxes) == Decimal(posted["taxtotal"])
    stored = bench.account.connection.execute("SELECT foreignamount FROM transactionline").fetchall()
    assert 0 == sum(Decimal(row[0]) for row in stored)


@settings(max_examples=25)
@given(
    total=st.integers(min_value=1, max_value=10**6),
    steps=st.lists(
        st.tuples(
            st.sampled_from(["customerpayment", "creditmemo"]),
            st.integers(min_value=1, max_value=10**6),
            st.sampled_from(["keep", "void", "delete"]),
        ),
        max_size=6,
    ),
)
def test_paid_and_remaining_always_make_the_total(total: int, steps: list[tuple[str, int, str]]) -> None:
    """After any payments, memos, voids and deletions: paid + remaining = total, and links sum to paid."""
    bench = make_bench()
    invoice = bench.post_sale(lines=[{"item": "500", "amount": text(Decimal(total) * CENT)}])
    for record_type, cents, ending in steps:
        settle(bench, invoice, record_type, cents, ending)

        shown = bench.record("invoice", invoice)
        links = bench.account.connection.execute(
            "SELECT foreignamount FROM previoustransactionlinelink WHERE previousdoc = ?", (invoice,)
        ).fetchall()
        paid, remaining = Decimal(shown["amountpaid"]), Decimal(shown["amountremaining"])
        assert Decimal(shown["total"]) == paid + remaining
        assert paid == sum(Decimal(row[0]) for row in links)
        assert ("paidInFull" if remaining == 0 else "open") == shown["statusref"]


def settle(bench: Bench, invoice: str, record_type: str, cents: int, ending: str) -> None:
    """Put up to so many cents on the invoice by a payment or memo, and perhaps undo it."""
    due = Decimal(bench.record("invoice", invoice)["amountremaining"])
    if due == 0:
        return
    amount = text(min(due, Decimal(cents) * CENT))
    if record_type == "customerpayment":
        draft = bench.payment(amount)
    else:
        draft = bench.sale("creditmemo", lines=[{"item": "500", "amount": amount}])
    bench.tick(draft, invoice, amount)
    record_id = bench.save(draft)
    if ending == "void" and record_type == "customerpayment":
        bench.account.void(record_type, record_id, bench.role)
    elif ending == "delete" and record_type == "customerpayment":
        bench.account.administrator.delete(record_type, record_id)


@settings(max_examples=30)
@given(nets=st.lists(amounts, min_size=1, max_size=10))
def test_legacy_tax_by_document_is_rounded_once(nets: list[Decimal]) -> None:
    """Rounded over the document, the tax is that of the sum, and the lines still add up to it."""
    bench = make_bench("legacy", tax_rounding_by_line=False)
    lines = [{"item": "500", "amount": text(net), "taxcode": "14"} for net in nets]

    posted = bench.record("invoice", bench.post_sale(lines=lines))

    wanted = (sum(nets) * Decimal("0.08875")).quantize(CENT, ROUND_HALF_UP)
    assert wanted == Decimal(posted["taxtotal"])
    assert wanted == sum(Decimal(line["tax1amt"]) for line in posted["lines"])
