"""The tables that SuiteQL reads."""

from decimal import Decimal

import pytest

from lago_ns_cli.simulator import world
from lago_ns_cli.simulator.netsuite.account import Account
from tests.simulator.account.bench import TAX_ROW, Bench, make_bench


def rows(account: Account, sql: str, *parameters: object) -> list[tuple[object, ...]]:
    """All rows of a query."""
    return account.connection.execute(sql, parameters).fetchall()


def post_taxed(bench: Bench, record_type: str) -> str:
    """A document of 100.00 and tax 8.88."""
    line = {"item": "500", "quantity": "2", "rate": "50", "amount": "100.00", "taxdetailsreference": "fee-1"}
    draft = bench.sale(record_type, lines=[line])
    bench.add_line(draft, "taxdetails", TAX_ROW)
    return bench.save(draft)


@pytest.mark.parametrize(
    ("record_type", "lines"),
    [
        ("invoice", [("T", "F", "108.88", None), ("F", "F", "-100.00", "-2"), ("F", "T", "-8.88", None)]),
        ("creditmemo", [("T", "F", "-108.88", None), ("F", "F", "100.00", "2"), ("F", "T", "8.88", None)]),
    ],
)
def test_lines_carry_the_signs_of_the_general_ledger(
    bench: Bench, record_type: str, lines: list[tuple[object, ...]]
) -> None:
    """Sales lines of an invoice are credits; receivables take the total; all lines sum to zero."""
    record_id = post_taxed(bench, record_type)

    stored = rows(
        bench.account,
        'SELECT mainline, taxline, foreignamount, quantity FROM transactionline WHERE "transaction" = ? ORDER BY id',
        record_id,
    )

    assert lines == stored
    assert 0 == sum(Decimal(str(line[2])) for line in stored)


@pytest.mark.parametrize(
    ("negative", "shown"),
    [(True, ("-108.88", "-108.88", "-108.88")), (False, ("108.88", "108.88", "108.88"))],
)
def test_sign_of_memo_totals_follows_the_switch(negative: bool, shown: tuple[str, ...]) -> None:
    """SuiteQL shows a memo's total below zero; the record itself never does."""
    bench = make_bench(negative_credit_totals=negative)
    record_id = post_taxed(bench, "creditmemo")

    columns = "foreigntotal, foreignamountunpaid, foreignpaymentamountunused"
    assert [shown] == rows(bench.account, f'SELECT {columns} FROM "transaction" WHERE id = ?', record_id)
    described = bench.record("creditmemo", record_id)
    assert ("108.88", "108.88") == (described["total"], described["unapplied"])


def test_links_name_both_sides(bench: Bench) -> None:
    """A payment's link points from the invoice to the payment."""
    invoice = bench.post_sale()
    draft = bench.payment("60")
    bench.tick(draft, invoice)
    payment = bench.save(draft)

    link = rows(
        bench.account,
        "SELECT previousdoc, previoustype, nextdoc, nexttype, linktype, foreignamount FROM previoustransactionlinelink",
    )

    assert [(int(invoice), "CustInvc", int(payment), "CustPymt", "Payment", "60.00")] == link
    header = 'SELECT status, foreignamountpaid, foreignamountunpaid FROM "transaction" WHERE id = ?'
    assert [("A", "60.00", "40.00")] == rows(bench.account, header, invoice)


def test_times_are_of_the_account_zone(bench: Bench) -> None:
    """16:00 UTC in August is noon in New York."""
    invoice = bench.post_sale()

    assert [("2026-08-15 12:00:00",)] == rows(
        bench.account, 'SELECT createddate FROM "transaction" WHERE id = ?', invoice
    )


@pytest.mark.parametrize(
    ("table", "ids"),
    [
        ("subsidiary", [row.id for row in world.SUBSIDIARIES]),
        ("currency", [row.id for row in world.CURRENCIES]),
        ("item", [row.id for row in world.ITEMS]),
        ("nexus", [row.id for row in world.NEXUSES]),
        ("taxtype", [row.id for row in world.TAX_TYPES]),
        ("salestaxitem", [row.id for row in world.TAX_CODES]),
    ],
)
def test_seed_keeps_the_ids_of_the_world(bench: Bench, table: str, ids: list[str]) -> None:
    """What the mappings name is there under the same ids, and nothing else."""
    assert sorted(ids) == sorted(str(row[0]) for row in rows(bench.account, f"SELECT id FROM {table}"))


def test_seed_has_accounts_methods_and_the_sample_customer(bench: Bench) -> None:
    """The bank account, the payment method and the customer that samples name."""
    account, method = world.PAYMENT_ACCOUNT, world.PAYMENT_METHOD
    assert [("Bank",)] == rows(bench.account, "SELECT accttype FROM account WHERE id = ?", account)
    assert [(int(method),)] == rows(bench.account, "SELECT id FROM paymentmethod WHERE id = ?", method)
    sample = "SELECT subsidiary, currency FROM customer WHERE id = ?"
    assert [(2, 1)] == rows(bench.account, sample, world.SAMPLE_CUSTOMER_ID)


def test_periods_are_months_quarters_and_years(bench: Bench) -> None:
    """Five years; 2023 and 2024 are closed; one open month is locked for receivables."""
    counted = "SELECT isquarter, isyear, COUNT(*) FROM accountingperiod GROUP BY 1, 2 ORDER BY 1, 2"
    assert [("F", "F", 60), ("F", "T", 5), ("T", "F", 20)] == rows(bench.account, counted)
    closed = "SELECT DISTINCT substr(startdate, 1, 4) FROM accountingperiod WHERE closed = 'T' ORDER BY 1"
    assert [("2023",), ("2024",)] == rows(bench.account, closed)
    locked = "SELECT periodname FROM accountingperiod WHERE closed = 'F' AND arlocked = 'T'"
    assert [("Jan 2025",)] == rows(bench.account, locked)


def test_forms_show_the_custom_fields(bench: Bench) -> None:
    """Fields of the SDF project and of the company itself, each where it is applied."""
    shown = {
        (record_type, sublist): {info.id for info in bench.account.fields(record_type, bench.role, sublist)}
        for record_type, sublist in (("invoice", None), ("invoice", "item"), ("customerpayment", None))
    }

    assert {"custbody_lago_id", "custbody_cost_center", "cseg_region"} <= shown["invoice", None]
    assert {"custcol_lago_line_id", "custcol_contract_number"} <= shown["invoice", "item"]
    assert "custbody_lago_id" in shown["customerpayment", None]
    assert "cseg_region" not in shown["customerpayment", None]


def test_rich_line_fields_reach_the_tables(bench: Bench) -> None:
    """Custom columns and segments of a line are columns of its row."""
    line = {"item": "500", "amount": "1", "custcol_lago_line_id": "fee-9", "cseg_region": "2", "class": "1"}
    record_id = bench.post_sale(lines=[line], cseg_region="1")

    stored = rows(
        bench.account,
        'SELECT custcol_lago_line_id, cseg_region, class FROM transactionline WHERE "transaction" = ? AND id = 1',
        record_id,
    )

    assert [("fee-9", "2", 1)] == stored
