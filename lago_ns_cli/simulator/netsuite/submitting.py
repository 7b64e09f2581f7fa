"""``submitFields``: single fields set in place, without sourcing, totals or full validation."""

from collections.abc import Mapping
from dataclasses import replace

from lago_ns_cli.simulator.netsuite.books import Books
from lago_ns_cli.simulator.netsuite.errors import field_violation
from lago_ns_cli.simulator.netsuite.fields import clean_values, is_custom
from lago_ns_cli.simulator.netsuite.periods import edit_disallowed, find_period
from lago_ns_cli.simulator.netsuite.permissions import NON_GL_CHANGES, has_permission
from lago_ns_cli.simulator.netsuite.store import ENTITIES, TRANSACTIONS, StoredRecord
from lago_ns_cli.simulator.netsuite.values import Role, Value, as_text

_INLINE_EDITABLE = frozenset(
    {"memo", "email", "phone", "comments", "isinactive", "name", "url", "externalid"}
)
_TABLES = {TRANSACTIONS: "transaction", ENTITIES: "customer"}
_CHANGED_COLUMN = {TRANSACTIONS: "lastmodifieddate", ENTITIES: "lastmodifieddate"}


def submit_values(
    books: Books, pool: str, stored: StoredRecord, values: Mapping[str, Value], role: Role
) -> None:
    """Write the values into the record and its row.

    Raises:
        NetSuiteError: INSUFFICIENT_FLD_PERMISSION for a field that cannot be edited inline,
            TRANS_EDIT_DISALLWD in a closed period, and what the fields themselves refuse.
    """
    fields = books.catalog.of(stored.type)
    for name in values:
        if name in fields and not is_custom(name) and name not in _INLINE_EDITABLE:
            raise field_violation(name)
    if pool == TRANSACTIONS:
        _refuse_closed(books, stored, role)
    cleaned = clean_values(fields, dict(values), books.masters)
    if "externalid" in cleaned:
        books.require_unique_external_id(pool, as_text(cleaned["externalid"]), stored.id)
    now = books.timestamp()
    body = stored.body | cleaned | {"lastmodifieddate": now}
    books.store.write_record(pool, replace(stored, version=stored.version + 1, body=body))
    _write_row(books, pool, stored.id, cleaned, now)


def _refuse_closed(books: Books, stored: StoredRecord, role: Role) -> None:
    period = find_period(books.store, as_text(stored.body.get("postingperiod")) or "")
    if (
        period is not None
        and not period.is_open_for(role)
        and not has_permission(role, NON_GL_CHANGES, "VIEW")
    ):
        raise edit_disallowed(period)


def _write_row(books: Books, pool: str, record_id: int, values: Mapping[str, Value], now: str) -> None:
    table = _TABLES.get(pool, pool)
    present = {row[1] for row in books.store.rows(f'PRAGMA table_info("{table}")')}
    columns = {name: as_text(value) for name, value in values.items() if name in present}
    columns[_CHANGED_COLUMN.get(pool, "lastmodified")] = now
    assignments = ", ".join(f'"{name}" = ?' for name in columns)
    # Tables and columns are this program's own; the values are bound.
    books.store.execute(
        f'UPDATE "{table}" SET {assignments} WHERE id = ?',  # noqa: S608
        (*columns.values(), record_id),
    )
