"""Advanced Revenue Management, as far as an integration reads it: elements, plans, planned revenue.

NetSuite makes them in the background, not with the save of a transaction, so here somebody lets it run.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from lago_ns_cli.simulator.netsuite.store import Store

RATABLE = "ratable"
"""The rule that spreads revenue over the line's service period; any other one recognizes it at once."""

_COLUMNS = {
    "revenueelement": ("discountedsalesamount", "revrecstartdate", "revrecenddate", "referenceid"),
    "revenueplan": ("amount", "revenueplantype"),
    "revenueplanplannedrevenue": ("amount", "plannedperiod"),
}
"""What a person may change by hand."""

_TYPES = {"CustInvc": "Invoice", "CustCred": "Credit Memo"}


def recognize(store: Store) -> int:
    """Make elements and plans of the lines that have none yet, as the background process does.

    Returns:
        How many elements were made.
    """
    with store.transaction():
        rows = store.rows(
            """SELECT l.uniquekey, l.foreignamount, l.item, t.id, t.type, t.tranid, t.trandate, t.currency,
                 i.revenuerecognitionrule, r.name,
                 l.custcol_service_period_date_from, l.custcol_service_period_date_to
               FROM transactionline l JOIN "transaction" t ON t.id = l."transaction"
               JOIN item i ON i.id = l.item JOIN revenuerecognitionrule r ON r.id = i.revenuerecognitionrule
               WHERE l.mainline = 'F' AND l.taxline = 'F' AND t.type IN ('CustInvc', 'CustCred') AND NOT EXISTS (
                 SELECT 1 FROM revenueelement e WHERE e.referenceid = 'TranLine_' || l.uniquekey)
               ORDER BY t.id, l.id"""
        )
        for row in rows:
            _element(store, *row)
    return len(rows)


def _element(
    store: Store,
    line: int,
    booked: str,
    item: int,
    transaction: int,
    kind: str,
    number: str,
    day: str,
    currency: int,
    rule: int,
    rule_name: str,
    start: str | None,
    end: str | None,
) -> None:
    # A sale's lines are booked as credits.
    amount = -Decimal(booked)
    first, last = (start or day, end or start or day) if rule_name == RATABLE else (day, day)
    element = store.next_in("revenueelement", first=1)
    store.put(
        "revenueelement",
        {
            "id": element,
            "referenceid": f"TranLine_{line}",
            "source": f"{_TYPES[kind]} #{number}",
            "sourcerecordtype": _TYPES[kind],
            "revenuearrangement": transaction,
            "item": item,
            "currency": currency,
            "salesamount": format(amount, "f"),
            "discountedsalesamount": format(amount, "f"),
            "revenuerecognitionrule": rule,
            "elementdate": day,
            "revrecstartdate": first,
            "revrecenddate": last,
        },
    )
    _plan(store, element, item, amount, date.fromisoformat(first), date.fromisoformat(last))


def _plan(store: Store, element: int, item: int, amount: Decimal, first: date, last: date) -> None:
    plan = store.next_in("revenueplan", first=1)
    store.put(
        "revenueplan",
        {
            "id": plan,
            "createdfrom": element,
            "item": item,
            "amount": format(amount, "f"),
            "revenueplantype": "ACTUAL",
            "revrecstartdate": first.isoformat(),
            "revrecenddate": last.isoformat(),
        },
    )
    for period, share in _shares(store, amount, first, last):
        store.put(
            "revenueplanplannedrevenue",
            {
                "id": store.next_in("revenueplanplannedrevenue", first=1),
                "revenueplan": plan,
                "plannedperiod": period,
                "amount": format(share, "f"),
                "isrecognized": "F",
            },
        )


def _shares(store: Store, amount: Decimal, first: date, last: date) -> Iterator[tuple[int, Decimal]]:
    """Spread an amount over the monthly periods by days; the last one takes what rounding leaves."""
    periods = store.rows(
        """SELECT id, startdate, enddate FROM accountingperiod WHERE isquarter = 'F' AND isyear = 'F'
           AND startdate <= ? AND enddate >= ? ORDER BY startdate""",
        (last.isoformat(), first.isoformat()),
    )
    days = (last - first + timedelta(days=1)).days
    cent, left = Decimal(1).scaleb(int(amount.as_tuple().exponent)), amount
    for number, (period, start, end) in enumerate(periods, start=1):
        covered = (
            min(last, date.fromisoformat(end)) - max(first, date.fromisoformat(start)) + timedelta(days=1)
        )
        share = (amount * covered.days / days).quantize(cent, ROUND_HALF_UP)
        share = left if number == len(periods) else share
        left -= share
        yield period, share


def edit_revenue(store: Store, table: str, row_id: int, values: Mapping[str, object]) -> None:
    """Change a row by hand, or delete it where no values are given.

    Raises:
        ValueError: It is none of the three tables, or has no such column.
    """
    columns = _COLUMNS.get(table, ())
    if not columns or not set(values) <= set(columns):
        raise ValueError(f"{table} has no such column")
    if not values:
        store.execute(f'DELETE FROM "{table}" WHERE id = ?', (row_id,))  # noqa: S608 - one of three names
        return
    changes = ", ".join(f'"{name}" = ?' for name in values)
    store.execute(f'UPDATE "{table}" SET {changes} WHERE id = ?', (*values.values(), row_id))  # noqa: S608 - own names
