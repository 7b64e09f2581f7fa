"""SuiteQL over the account's tables."""

import sqlite3
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_ns_cli.simulator.netsuite import suiteql
from lago_ns_cli.simulator.netsuite.errors import NetSuiteError
from tests.restlet.service import INTEGRATION, LIMITED, Service, credit_memo, invoice


def rows(service: Service, sql: str, *params: str | int, role: str = INTEGRATION) -> list[list[object]]:
    """Run a query."""
    return suiteql.run(service.account.connection, sql, params, service.account.roles[role]).rows


def one(service: Service, expression: str) -> object:
    """The value of an expression."""
    [[value]] = rows(service, f"SELECT {expression} AS x FROM currency c WHERE c.id = 1")
    return value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("TO_CHAR('100.00')", "100"),
        ("TO_CHAR('0.50')", ".5"),
        ("TO_CHAR('-0.05')", "-.05"),
        ("TO_CHAR('10.10')", "10.1"),
        ("TO_CHAR('0.00')", "0"),
        ("TO_CHAR(NULL)", None),
        ("TO_CHAR('99999999999999999.99')", "99999999999999999.99"),
        ("TO_CHAR('2026-08-01', 'YYYY-MM-DD')", "2026-08-01"),
        ("TO_CHAR('2026-08-01 09:05:07', 'YYYY-MM-DD\"T\"HH24:MI:SS')", "2026-08-01T09:05:07"),
        ("TO_DATE('8/1/2026', 'MM/DD/YYYY')", "2026-08-01"),
        ("NVL(NULL, 'x')", "x"),
        ("BUILTIN.DF(c.id)", 1),
    ],
)
def test_functions_answer_as_oracle_does(service: Service, expression: str, value: object) -> None:
    """Oracle writes a number without needless zeros, also without the one before the point."""
    assert value == one(service, expression)


def test_sums_are_exact(service: Service) -> None:
    """No double is involved."""
    service.push(invoice("1", total="99999999999999999.98"), invoice("2", total="0.01"))

    assert [["99999999999999999.99"]] == rows(
        service, "SELECT TO_CHAR(SUM(t.foreigntotal)) AS s FROM transaction t"
    )


def test_amounts_that_are_not_written_as_text_arrive_as_doubles(service: Service) -> None:
    """As in NetSuite, where that costs digits."""
    service.push(invoice("1", total="0.10"))

    assert [[0.1]] == rows(service, "SELECT foreigntotal FROM transaction")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT t.id FROM transaction t JOIN transactionline l ON l.transaction = t.id AND l.mainline = 'T'",
        "SELECT transaction.id FROM transaction",
        "SELECT transaction.id FROM transaction WHERE transaction.type = 'CustInvc'",
        "SELECT id FROM transaction FETCH FIRST 1 ROWS ONLY",
        "SELECT id FROM transaction ORDER BY id OFFSET 0 ROWS FETCH NEXT 5 ROWS ONLY",
        "select ID from TRANSACTION -- a comment",
        "WITH mine AS (SELECT t.id FROM transaction t) SELECT id FROM mine",
        "SELECT x.id FROM (SELECT t.id FROM transaction t) x",
    ],
)
@pytest.mark.parametrize("role", [INTEGRATION, LIMITED])
def test_a_reserved_word_is_a_table_and_a_column(service: Service, sql: str, role: str) -> None:
    """``transaction`` works wherever SuiteQL allows it, for roles that see all or part."""
    made = service.push_one(invoice())

    assert [[int(made["id"])]] == rows(service, sql, role=role)


def test_rows_of_hidden_transactions_do_not_show(service: Service) -> None:
    """A role without credit memos sees none, nor their lines."""
    service.push(invoice(), credit_memo())

    assert [["CustInvc"]] == rows(service, "SELECT DISTINCT t.type FROM transaction t", role=LIMITED)
    assert [[1]] == rows(
        service, "SELECT COUNT(DISTINCT l.transaction) AS n FROM transactionline l", role=LIMITED
    )


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT x FROM nowhere",
        "SELECT nothing FROM currency",
        "SELECT id FROM currency LIMIT 1",
        "DELETE FROM currency",
        "SELECT * FROM _record",
        "SELECT * FROM sqlite_master",
        "SELECT id FROM currency; DROP TABLE currency",
        "SELECT BUILTIN.XYZ(id) FROM currency",
        "",
    ],
)
def test_what_suiteql_does_not_know_is_a_search_error(service: Service, sql: str) -> None:
    """Including the simulator's own tables and SQLite's dialect."""
    with pytest.raises(NetSuiteError, match="SSS_SEARCH_ERROR_OCCURRED"):
        rows(service, sql)


def test_an_unpaged_query_is_cut_at_five_thousand_rows(service: Service) -> None:
    """A paged one counts them all."""
    service.account.connection.executemany(
        "INSERT INTO department (id, name, isinactive) VALUES (?, 'D', 'F')",
        [(number,) for number in range(5000, 11000)],
    )
    role = service.account.roles[INTEGRATION]
    sql = "SELECT d.id FROM department d WHERE d.id >= 5000 ORDER BY d.id"

    assert 5000 == len(rows(service, sql))
    assert 6000 == suiteql.count(service.account.connection, sql, (), role)
    last = suiteql.page(service.account.connection, sql, (), role, index=5, size=1000)
    assert ([10000], [10999]) == (last.rows[0], last.rows[-1])


def test_a_table_without_permission_is_not_found(service: Service) -> None:
    """In the words of NetSuite."""
    with pytest.raises(NetSuiteError, match="Record 'account' was not found"):
        rows(service, "SELECT a.id FROM account a", role=LIMITED)


PREPARED = sqlite3.connect(":memory:")
suiteql.prepare(PREPARED)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**18), max_value=10**18))
def test_to_char_loses_no_digit(number: Decimal) -> None:
    """Whatever is written, the same number is read."""
    [[written]] = PREPARED.execute("SELECT ns_to_char(?)", (format(number, "f"),)).fetchall()

    assert number == Decimal(written)
