"""What a person does in the account: closes periods, edits, merges and deletes records.

Tests and faults use it to let the world change while an integration is at work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lago_ns_cli.simulator.netsuite.customers import find_customer
from lago_ns_cli.simulator.netsuite.errors import record_missing
from lago_ns_cli.simulator.netsuite.permissions import ADMINISTRATOR
from lago_ns_cli.simulator.netsuite.store import ENTITIES, TRANSACTIONS, StoredRecord
from lago_ns_cli.simulator.netsuite.values import Draft, Value

if TYPE_CHECKING:
    from lago_ns_cli.simulator.netsuite.account import Account


class Administrator:
    """A person with every permission."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._store = account.store

    def close_period(self, name: str) -> None:
        """Close a monthly period, such as ``Aug 2026``, for good."""
        self._set_period(name, closed="T", all_locked="T", receivables_locked="T")

    def lock_receivables(self, name: str) -> None:
        """Lock a monthly period for receivables; it stays open for the rest."""
        self._set_period(name, closed="F", all_locked="F", receivables_locked="T")

    def open_period(self, name: str) -> None:
        """Open a monthly period again, and unlock it."""
        self._set_period(name, closed="F", all_locked="F", receivables_locked="F")

    def set_precision(self, currency_code: str, decimals: int) -> None:
        """Give a currency another number of decimals."""
        self._update(
            "UPDATE currency SET currencyprecision = ? WHERE symbol = ?",
            (decimals, currency_code),
            currency_code,
        )
        self._account.books.masters.reload()

    def deactivate(self, record_type: str, record_id: str) -> None:
        """Make a customer or a master record (``item``, ``account``, ``term``, …) inactive."""
        self._set_inactive(record_type, record_id, inactive=True)

    def activate(self, record_type: str, record_id: str) -> None:
        """Make an inactive customer or master record active again."""
        self._set_inactive(record_type, record_id, inactive=False)

    def edit_record(
        self,
        record_type: str,
        record_id: str,
        values: Mapping[str, Value],
        lines: Mapping[str, Sequence[Mapping[str, Value]]] | None = None,
    ) -> None:
        """Load a record, set body fields and lines as on a form, and save it.

        Args:
            lines: By sublist. A line names its number, from 0, as ``line``, and what is set on it; the
                number after the last makes a new one.
                Of ``apply`` the whole state is given: ``doc`` and ``amount``; all else is unticked.

        Raises:
            NetSuiteError: What NetSuite refuses.
        """
        draft = self._account.load(record_type, record_id, ADMINISTRATOR, dynamic=True)
        for name, value in values.items():
            draft.body[name] = value
            self._account.field_changed(draft, name)
        for sublist, changes in (lines or {}).items():
            for number, name, value in _settings(draft, sublist, changes):
                if number == len(draft.lines(sublist)):
                    draft.lines(sublist).append({})
                draft.lines(sublist)[number][name] = value
                self._account.field_changed(draft, name, sublist, number)
        self._account.save(draft, ADMINISTRATOR)

    def delete(self, record_type: str, record_id: str) -> None:
        """Delete a record.

        Raises:
            NetSuiteError: TRANS_IN_USE and its like while others depend on it.
        """
        self._account.delete(record_type, record_id, ADMINISTRATOR)

    def merge_customers(self, duplicate_id: str, kept_id: str) -> None:
        """Move everything of one customer to another; the first is gone afterwards.

        Raises:
            NetSuiteError: RCRD_DSNT_EXIST for an unknown customer.
        """
        if find_customer(self._store, duplicate_id) is None or find_customer(self._store, kept_id) is None:
            raise record_missing()
        with self._store.transaction():
            self._move_documents(duplicate_id, kept_id)
            self._store.execute("UPDATE customer SET parent = ? WHERE parent = ?", (kept_id, duplicate_id))
            self._take_over(duplicate_id, kept_id)
            self._account.delete("customer", duplicate_id, ADMINISTRATOR)

    def _move_documents(self, duplicate_id: str, kept_id: str) -> None:
        moved = self._store.rows('SELECT id FROM "transaction" WHERE entity = ?', (duplicate_id,))
        for (record_id,) in moved:
            stored = self._store.read_record(TRANSACTIONS, record_id)
            if stored is not None:
                name = "customer" if stored.type == "customerpayment" else "entity"
                self._replace_body(TRANSACTIONS, stored, {name: kept_id})
        for table in ("transaction", "transactionline"):
            self._store.execute(
                f'UPDATE "{table}" SET entity = ? WHERE entity = ?',  # noqa: S608 - one of two constants
                (kept_id, duplicate_id),
            )

    def _take_over(self, duplicate_id: str, kept_id: str) -> None:
        """The kept customer gains the other's currencies and subsidiaries."""
        duplicate = self._account.load("customer", duplicate_id, ADMINISTRATOR, dynamic=False)
        kept = self._account.load("customer", kept_id, ADMINISTRATOR, dynamic=False)
        for sublist in ("currency", "submachine"):
            kept.lines(sublist).extend(duplicate.lines(sublist))
        self._account.save(kept, ADMINISTRATOR)

    def _replace_body(self, pool: str, stored: StoredRecord, values: Mapping[str, Value]) -> None:
        changed = StoredRecord(
            stored.type, stored.id, stored.version + 1, stored.body | dict(values), stored.sublists
        )
        self._store.write_record(pool, changed)

    def _set_inactive(self, record_type: str, record_id: str, *, inactive: bool) -> None:
        if record_type == "customer":
            stored = self._store.read_record(ENTITIES, int(record_id))
            if stored is None:
                raise record_missing()
            self._replace_body(ENTITIES, stored, {"isinactive": inactive})
        if record_type != "customer" and record_type not in self._account.books.masters.active | {"item": ()}:
            raise ValueError(f"not a master record type: {record_type}")
        self._update(
            f'UPDATE "{record_type}" SET isinactive = ? WHERE id = ?',  # noqa: S608 - checked above
            ("T" if inactive else "F", record_id),
            record_id,
        )
        self._account.books.masters.reload()

    def _set_period(self, name: str, *, closed: str, all_locked: str, receivables_locked: str) -> None:
        self._update(
            "UPDATE accountingperiod SET closed = ?, alllocked = ?, arlocked = ? "
            "WHERE periodname = ? AND isposting = 'T'",
            (closed, all_locked, receivables_locked, name),
            name,
        )

    def _update(self, sql: str, parameters: tuple[object, ...], what: str) -> None:
        if self._store.connection.execute(sql, parameters).rowcount == 0:
            raise ValueError(f"the account has no such record: {what}")


def _settings(
    draft: Draft, sublist: str, changes: Sequence[Mapping[str, Value]]
) -> Iterator[tuple[int, str, Value]]:
    """Line number, field and value of everything that is set."""
    if sublist != "apply":
        for change in changes:
            yield from (
                (int(str(change["line"])), name, value) for name, value in change.items() if name != "line"
            )
        return
    numbers = {str(line["doc"]): number for number, line in enumerate(draft.lines(sublist))}
    yield from ((number, "apply", False) for number in numbers.values())
    for change in changes:
        number = numbers[str(change["doc"])]
        yield number, "apply", True
        yield number, "amount", change["amount"]
