"""Accounting periods: which one a document posts to, and when that is refused."""

from dataclasses import dataclass

from lago_ns_cli.simulator.netsuite.books import Books
from lago_ns_cli.simulator.netsuite.errors import NetSuiteError, field_violation, invalid_reference
from lago_ns_cli.simulator.netsuite.permissions import CHOOSE_PERIOD, PERIOD_OVERRIDE, has_permission
from lago_ns_cli.simulator.netsuite.store import Store
from lago_ns_cli.simulator.netsuite.values import Role

_COLUMNS = "id, periodname, startdate, enddate, closed, alllocked, arlocked"


@dataclass(frozen=True)
class Period:
    """A monthly posting period."""

    id: str
    name: str
    start: str
    end: str
    closed: bool
    locked: bool
    """For receivables, or altogether."""

    def is_open_for(self, role: Role) -> bool:
        """Whether the role may post receivables into it: locked ones need an override, closed ones never open."""
        return not self.closed and (not self.locked or has_permission(role, PERIOD_OVERRIDE, "VIEW"))


def find_period(store: Store, period_id: str) -> Period | None:
    """The posting period with that id; None for quarters, years and unknown ids."""
    return _read(store, "id = ?", period_id)


def period_of(store: Store, day: str) -> Period | None:
    """The posting period that a date lies in."""
    return _read(store, "startdate <= ?1 AND enddate >= ?1", day)


def edit_disallowed(period: Period) -> NetSuiteError:
    """A document in a closed period is edited by a role that may not."""
    return NetSuiteError(
        "TRANS_EDIT_DISALLWD",
        f"This transaction cannot be edited because its posting period {period.name} is closed.",
    )


def require_open_books(books: Books, period_id: str | None, role: Role) -> None:
    """Refuse to void or delete a document of a closed period.

    Raises:
        NetSuiteError: TRAN_PERIOD_CLOSED.
    """
    period = find_period(books.store, period_id or "")
    if period is not None and not period.is_open_for(role):
        raise NetSuiteError("TRAN_PERIOD_CLOSED", f"The posting period {period.name} is closed.")


def require_posting_period(books: Books, day: str, period_id: str | None, role: Role) -> str:
    """The period that a new or changed document posts to.

    Args:
        day: The document's date.
        period_id: What the document asks for; None takes the period of the date.

    Raises:
        NetSuiteError: VALID_PRD_REQD where the date has no open period, TRAN_PERIOD_CLOSED where the chosen one is
            closed, DATE_PRD_MISMATCH where it is another than the date's and the preference forbids that,
            INSUFFICIENT_FLD_PERMISSION where the role may not choose one.
    """
    of_date = period_of(books.store, day)
    if period_id is None or (of_date is not None and period_id == of_date.id):
        return _require_open_period_of(books, day, of_date, role)
    chosen = find_period(books.store, period_id)
    if chosen is None:
        raise invalid_reference("postingperiod", period_id)
    if not has_permission(role, CHOOSE_PERIOD, "EDIT"):
        raise field_violation("postingperiod")
    if not chosen.is_open_for(role):
        raise NetSuiteError("TRAN_PERIOD_CLOSED", f"The posting period {chosen.name} is closed.")
    if not books.switches.date_outside_period:
        raise NetSuiteError(
            "DATE_PRD_MISMATCH", f"The date {day} is not within the posting period {chosen.name}."
        )
    return chosen.id


def _require_open_period_of(books: Books, day: str, period: Period | None, role: Role) -> str:
    if period is None:
        raise NetSuiteError(
            "VALID_PRD_REQD", f"Please set up an accounting period that contains the date {day}."
        )
    if period.is_open_for(role):
        return period.id
    later = _next_open(books.store, day, role) if books.switches.closed_period_moves else None
    if later is None:
        raise NetSuiteError(
            "VALID_PRD_REQD", f"The transaction date {day} is not in an open posting period: {period.name}."
        )
    return later.id


def _next_open(store: Store, day: str, role: Role) -> Period | None:
    rows = store.rows(
        f"SELECT {_COLUMNS} FROM accountingperiod WHERE isposting = 'T' AND enddate >= ? ORDER BY startdate",  # noqa: S608
        (day,),
    )
    return next((period for period in map(_period, rows) if period.is_open_for(role)), None)


def _read(store: Store, condition: str, value: str) -> Period | None:
    row = store.one(
        f"SELECT {_COLUMNS} FROM accountingperiod WHERE isposting = 'T' AND {condition}",  # noqa: S608
        (value,),
    )
    return None if row is None else _period(row)


def _period(row: tuple[object, ...]) -> Period:
    key, name, start, end, closed, all_locked, receivables_locked = row
    return Period(
        str(key), str(name), str(start), str(end), closed == "T", "T" in (all_locked, receivables_locked)
    )
