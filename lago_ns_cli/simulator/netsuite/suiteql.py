"""SuiteQL over the account's SQLite tables.

A query is cut into tokens and rewritten: functions to the ones registered here, ``BUILTIN.DF`` to a look-up,
``FETCH FIRST`` to ``LIMIT``, and each table to the part of it that the role may see. Amounts are exact
decimals in text, so ``SUM`` adds decimals, and ``TO_CHAR`` writes them as Oracle does: without needless zeros, also
the one before the point.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, cast

from lago_ns_cli.simulator.netsuite.errors import NetSuiteError
from lago_ns_cli.simulator.netsuite.permissions import RECORD_PERMISSIONS, TABLE_PERMISSIONS, has_permission
from lago_ns_cli.simulator.netsuite.values import Role

ROWS_AT_MOST = 5000
"""What one unpaged query returns."""

PAGE_AT_MOST = 1000

_EXACT = Context(prec=120)

_TOKEN = re.compile(
    r"""(?P<text>'(?:[^']|'')*')|(?P<quoted>"[^"]*")|(?P<word>[A-Za-z_][A-Za-z0-9_$]*)|(?P<number>\d+(?:\.\d+)?)
    |(?P<space>\s+)|(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<sign>\|\||<>|<=|>=|!=|[-+*/(),.=<>?])""",
    re.VERBOSE | re.DOTALL,
)

_FUNCTIONS = {"TO_CHAR": "ns_to_char", "TO_DATE": "ns_to_date", "SUM": "ns_sum", "NVL": "ifnull"}
_TRANSACTION_TYPES = {"invoice": "CustInvc", "creditmemo": "CustCred", "customerpayment": "CustPymt"}

_NAMES = {
    "currency": ("currency", "name"),
    "subsidiary": ("subsidiary", "name"),
    "postingperiod": ("accountingperiod", "periodname"),
    "entity": ("customer", "entityid"),
    "item": ("item", "itemid"),
    "nexus": ("nexus", "description"),
    "taxtype": ("taxtype", "name"),
    "terms": ("term", "name"),
    "revenuerecognitionrule": ("revenuerecognitionrule", "name"),
}
"""Whose names ``BUILTIN.DF`` shows, by column."""

_STATUS_NAMES = {
    ("CustInvc", "A"): "Invoice : Open",
    ("CustInvc", "B"): "Invoice : Paid In Full",
    ("CustInvc", "D"): "Invoice : Pending Approval",
    ("CustInvc", "E"): "Invoice : Rejected",
    ("CustInvc", "V"): "Invoice : Voided",
    ("CustCred", "A"): "Credit Memo : Open",
    ("CustCred", "B"): "Credit Memo : Fully Applied",
    ("CustCred", "V"): "Credit Memo : Voided",
    ("CustPymt", "A"): "Payment : Unapproved Payment",
    ("CustPymt", "B"): "Payment : Not Deposited",
    ("CustPymt", "C"): "Payment : Deposited",
    ("CustPymt", "V"): "Payment : Voided",
}

_DOUBLES = frozenset(
    {
        "exchangerate",
        "foreignamount",
        "foreignamountpaid",
        "foreignamountunpaid",
        "foreignpaymentamountunused",
        "foreigntotal",
        "netamount",
        "quantity",
    }
)
"""Columns that arrive in a script as JavaScript numbers, with what that costs in digits."""


@dataclass(frozen=True)
class Rows:
    """A query's answer: lower-case column names, and rows of text, numbers and None."""

    columns: tuple[str, ...]
    rows: list[list[Any]]


def search_error(detail: str) -> NetSuiteError:
    """The error of a query that NetSuite cannot run."""
    return NetSuiteError("SSS_SEARCH_ERROR_OCCURRED", f"Search error occurred: {detail}")


def prepare(connection: sqlite3.Connection) -> None:
    """Register the functions that translated queries call."""
    connection.create_function("ns_to_char", -1, _to_char, deterministic=True)
    connection.create_function("ns_to_date", 2, _to_date, deterministic=True)
    connection.create_function("ns_status_name", 2, _status_name, deterministic=True)
    # The stubs know only aggregates of integers.
    connection.create_aggregate("ns_sum", 1, cast("Any", _Sum))


def run(
    connection: sqlite3.Connection,
    sql: str,
    params: Sequence[str | int | float],
    role: Role,
    *,
    limit: int = ROWS_AT_MOST,
) -> Rows:
    """Run a query as a role.

    Returns:
        At most ``limit`` rows.

    Raises:
        NetSuiteError: SSS_SEARCH_ERROR_OCCURRED where the query is not understood, or names what the role cannot see.
    """
    return _fetch(connection, translate(sql, _sight(role)), params, limit)


def count(connection: sqlite3.Connection, sql: str, params: Sequence[str | int | float], role: Role) -> int:
    """How many rows a query has."""
    counted = f"SELECT COUNT(*) FROM ({translate(sql, _sight(role))})"  # noqa: S608 - translated, values bound
    return int(_fetch(connection, counted, params, 1).rows[0][0])


def page(
    connection: sqlite3.Connection,
    sql: str,
    params: Sequence[str | int | float],
    role: Role,
    *,
    index: int,
    size: int,
) -> Rows:
    """One page of a query, counted from 0."""
    limited = f"SELECT * FROM ({translate(sql, _sight(role))}) LIMIT {size} OFFSET {index * size}"  # noqa: S608 - as above
    return _fetch(connection, limited, params, size)


def _fetch(connection: sqlite3.Connection, sql: str, params: Sequence[str | int | float], limit: int) -> Rows:
    try:
        cursor = connection.execute(sql, list(params))
        rows = cursor.fetchmany(limit)
    except (sqlite3.Error, InvalidOperation) as error:
        raise search_error(f"Invalid or unsupported search. {error}") from error
    columns = tuple(description[0].lower() for description in cursor.description)
    doubles = [index for index, column in enumerate(columns) if column in _DOUBLES]
    shown = [list(row) for row in rows]
    for row in shown:
        for index in doubles:
            row[index] = None if row[index] is None else float(row[index])
    return Rows(columns, shown)


@dataclass(frozen=True)
class Sight:
    """What a role may see: the permission keys it lacks among those that guard tables and transaction types."""

    hidden_tables: frozenset[str]
    visible_types: tuple[str, ...]


def _sight(role: Role) -> Sight:
    return _sight_with(frozenset(role.permissions.items()), role.all_permissions)


@lru_cache(maxsize=64)
def _sight_with(permissions: frozenset[tuple[str, str]], all_permissions: bool) -> Sight:
    role = Role("", "", dict(permissions), all_permissions=all_permissions)
    hidden = frozenset(
        table for table, key in TABLE_PERMISSIONS.items() if not has_permission(role, key, "VIEW")
    )
    visible = tuple(
        code
        for record_type, code in _TRANSACTION_TYPES.items()
        if has_permission(role, RECORD_PERMISSIONS[record_type], "VIEW")
    )
    return Sight(hidden, visible)


@lru_cache(maxsize=512)
def translate(sql: str, sight: Sight) -> str:
    """Rewrite SuiteQL into SQLite's dialect, with each table as the role sees it.

    Raises:
        NetSuiteError: SSS_SEARCH_ERROR_OCCURRED.
    """
    tokens = list(_tokens(sql))
    if not tokens or tokens[0].upper() not in ("SELECT", "WITH"):
        raise search_error("Invalid or unsupported search")
    return "".join(_rewritten(tokens, sight))


def _tokens(sql: str) -> Iterator[str]:
    position = 0
    while position < len(sql):
        match = _TOKEN.match(sql, position)
        if match is None:
            raise search_error(f"Invalid or unsupported search near '{sql[position : position + 20]}'")
        position = match.end()
        if match.lastgroup not in ("space", "comment"):
            yield match.group()


def _rewritten(tokens: list[str], sight: Sight) -> Iterator[str]:
    position = 0
    own_names = {
        tokens[i].lower()
        for i, after in enumerate(tokens[1:])
        if after.upper() == "AS" and tokens[0].upper() == "WITH"
    }
    while position < len(tokens):
        word = tokens[position].upper()
        before = tokens[position - 1].upper() if position else ""
        after = tokens[position + 1] if position + 1 < len(tokens) else ""
        if word == "BUILTIN" and after == ".":
            text, position = _display_name(tokens, position)
            yield text
            continue
        if word in ("OFFSET", "FETCH"):
            yield _limit(tokens[position:])
            return
        if word == "LIMIT":
            raise search_error("Invalid or unsupported search: LIMIT is not part of SuiteQL")
        if before in ("FROM", "JOIN") and tokens[position] != "(":
            yield _table(tokens, position, sight, own_names)
        elif word in _FUNCTIONS and after == "(":
            yield f" {_FUNCTIONS[word]}"
        elif word == "TRANSACTION":
            # A reserved word of SQLite, and a table and a column of SuiteQL.
            yield _spaced('"transaction"', before)
        else:
            yield _spaced(tokens[position], before)
        position += 1


def _spaced(token: str, before: str) -> str:
    return token if before == "." or token in (".", "(") else f" {token}"


def _table(tokens: list[str], position: int, sight: Sight, own_names: set[str]) -> str:
    name = tokens[position].lower()
    if name in own_names:
        return f" {name}"
    if name.startswith(("_", "sqlite")) or name in sight.hidden_tables:
        raise search_error(f"Record '{tokens[position]}' was not found.")
    visible = _visible(name, sight)
    if visible == f'"{name}"':
        return f" {visible}"
    following = tokens[position + 1].upper() if position + 1 < len(tokens) else ""
    named = following and re.fullmatch(r"[A-Z_][A-Z0-9_]*", following) and following not in _AFTER_TABLE
    return f" {visible}" if named else f' {visible} AS "{name}"'


_AFTER_TABLE = frozenset(
    {
        "WHERE",
        "JOIN",
        "LEFT",
        "RIGHT",
        "INNER",
        "OUTER",
        "CROSS",
        "ON",
        "GROUP",
        "ORDER",
        "UNION",
        "FETCH",
        "OFFSET",
    }
)


def _visible(table: str, sight: Sight) -> str:
    """The table, or the rows of it that belong to transactions the role may see."""
    if len(sight.visible_types) == len(_TRANSACTION_TYPES):
        return f'"{table}"'
    types = ", ".join(f"'{code}'" for code in sight.visible_types)
    seen = f'SELECT id FROM "transaction" WHERE type IN ({types})'  # noqa: S608 - codes of this module
    conditions = {
        "transaction": f"type IN ({types})",
        "transactionline": f'"transaction" IN ({seen})',
        "previoustransactionlinelink": f"previousdoc IN ({seen}) AND nextdoc IN ({seen})",
    }
    condition = conditions.get(table)
    return f'(SELECT * FROM "{table}" WHERE {condition})' if condition else f'"{table}"'  # noqa: S608 - as above


def _display_name(tokens: list[str], position: int) -> tuple[str, int]:
    """``BUILTIN.DF ( [alias .] column )`` as a look-up, and where the query goes on."""
    if tokens[position + 2 : position + 4] and tokens[position + 2].upper() != "DF":
        raise search_error(f"Invalid or unsupported search: BUILTIN.{tokens[position + 2]}")
    end = tokens.index(")", position)
    inner = tokens[position + 4 : end]
    prefix = "".join('"transaction"' if token.upper() == "TRANSACTION" else token for token in inner[:-1])
    column = inner[-1].lower()
    if column == "status":
        return f" ns_status_name({prefix}type, {prefix}status)", end + 1
    if column not in _NAMES:
        return f" {prefix}{column}", end + 1
    table, name = _NAMES[column]
    return f' (SELECT df."{name}" FROM "{table}" df WHERE df.id = {prefix}{column})', end + 1  # noqa: S608 - as above


def _limit(tokens: list[str]) -> str:
    """``OFFSET n ROWS FETCH FIRST m ROWS ONLY``, either part alone too."""
    words = " ".join(tokens).upper()
    match = re.fullmatch(r"(?:OFFSET (\d+) ROWS?)? ?(?:FETCH (?:FIRST|NEXT) (\d+) ROWS? ONLY)?", words)
    if match is None:
        raise search_error(f"Invalid or unsupported search near '{words}'")
    offset, rows = match.groups()
    return f" LIMIT {rows or -1} OFFSET {offset or 0}"


def _to_char(value: object, *formats: str) -> str | None:
    if value is None:
        return None
    if formats:
        return _date_text(str(value), formats[0])
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if number == 0:
        return "0"
    text = format(number.normalize(_EXACT), "f")
    return text.replace("0.", ".", 1) if abs(number) < 1 else text


_DATE_PARTS = (
    ("YYYY", "%Y"),
    ("MM", "%m"),
    ("DD", "%d"),
    ("HH24", "%H"),
    ("MI", "%M"),
    ("SS", "%S"),
    ('"', ""),
)


@lru_cache(maxsize=4096)
def _date_text(value: str, pattern: str) -> str:
    moment = datetime.fromisoformat(value)
    for part, directive in _DATE_PARTS:
        pattern = pattern.replace(part, directive)
    return moment.strftime(pattern)


def _to_date(value: str, pattern: str) -> str:
    for part, directive in _DATE_PARTS:
        pattern = pattern.replace(part, directive)
    # A calendar date has no zone; SQLite compares it as text with the tables' own dates.
    return datetime.strptime(value, pattern).strftime("%Y-%m-%d")  # noqa: DTZ007


def _status_name(kind: str, status: str) -> str:
    return _STATUS_NAMES.get((kind, status), status)


class _Sum:
    """SUM over exact decimals in text."""

    def __init__(self) -> None:
        self._total: Decimal | None = None

    def step(self, value: str | int | None) -> None:
        if value is not None:
            self._total = _EXACT.add(self._total or Decimal(0), Decimal(value))

    def finalize(self) -> str | None:
        return None if self._total is None else format(self._total, "f")
