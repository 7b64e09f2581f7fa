"""What others do to the account around a call: month-end, people, rollbacks, stale indexes.

These faults concern the account itself rather than the wire. They work on its store from outside, so the rules
of records know nothing of them.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from lago_ns_cli.simulator.clock import Clock
from lago_ns_cli.simulator.faults import (
    ClosedPeriod,
    Fault,
    Faults,
    LateCommit,
    OkWithoutCommit,
    Person,
    RecordChanged,
    StaleLookup,
)
from lago_ns_cli.simulator.netsuite import suiteql
from lago_ns_cli.simulator.netsuite.account import Account
from lago_ns_cli.simulator.netsuite.errors import NetSuiteError
from lago_ns_cli.simulator.netsuite.people import ActionError, People
from lago_ns_cli.simulator.netsuite.values import Draft, Role


class ContestedAccount(Account):
    """An account in which somebody else may save a record between a script's look-up or load and its save.

    Attributes:
        contested_saves: How many of the next saves of existing records lose the optimistic lock.
    """

    contested_saves = 0

    def search_in(self, past: sqlite3.Connection) -> None:
        """Let searches answer from a copy, until a record is saved or ``search_in_present``."""
        self.connection = past

    def search_in_present(self) -> None:
        """Let searches see what there is."""
        self.connection = self.store.connection

    def save(self, draft: Draft, role: Role, *, ignore_mandatory: bool = False) -> str:
        """Save a record, unless somebody else was faster."""
        self.search_in_present()
        if draft.id is not None and self.contested_saves > 0:
            self.contested_saves -= 1
            raise NetSuiteError("RCRD_HAS_BEEN_CHANGED", "Record has been changed")
        return super().save(draft, role, ignore_mandatory=ignore_mandatory)


class Disturbances:
    """Applies the faults that concern the account's data around the run of a script."""

    def __init__(self, account: ContestedAccount, people: People, faults: Faults, clock: Clock) -> None:
        self._account = account
        self._people = people
        self._faults = faults
        self._clock = clock
        self._history: list[tuple[datetime, sqlite3.Connection]] = []
        self._reopenings: list[tuple[datetime, str]] = []

    @contextmanager
    def around(self, fault: Fault | None, arrival: sqlite3.Connection | None = None) -> Iterator[None]:
        """Run a script in the block, under a fault or none.

        Args:
            arrival: The account when the call came, for a script that ends much later.
        """
        self._reopen_periods()
        self._remember()
        rule = fault.rule if fault else None
        match rule:
            case OkWithoutCommit():
                with self._rolled_back():
                    yield
            case LateCommit() if arrival is not None:
                with self._begun_in(arrival):
                    yield
            case StaleLookup() if fault is not None:
                with self._as_of(self._clock.now() - timedelta(seconds=fault.seconds)):
                    yield
            case RecordChanged():
                self._account.contested_saves = rule.times
                try:
                    yield
                finally:
                    self._account.contested_saves = 0
            case ClosedPeriod() if fault is not None:
                self._people.perform("close_period", {"date": rule.date.isoformat()})
                if rule.reopen_after_seconds is not None:
                    self._reopenings.append(
                        (self._clock.now() + timedelta(seconds=fault.seconds), rule.date.isoformat())
                    )
                yield
            case Person(when="before"):
                self._meddle(rule)
                yield
            case Person():
                yield
                self._meddle(rule)
            case _:
                yield

    def arrival(self) -> sqlite3.Connection:
        """Copy the account as a call finds it."""
        copy = self._copy()
        suiteql.prepare(copy)
        return copy

    @contextmanager
    def _begun_in(self, arrival: sqlite3.Connection) -> Iterator[None]:
        """Let a script save now what it looked up long ago: what came in between, it has not seen."""
        self._account.search_in(arrival)
        try:
            yield
        finally:
            self._account.search_in_present()
            arrival.close()

    def _meddle(self, rule: Person) -> None:
        """Let a person act; what cannot be done, because a record is not there or is in use, does not happen."""
        try:
            self._people.perform(rule.action, rule.arguments)
        except (ActionError, NetSuiteError):
            pass

    def _reopen_periods(self) -> None:
        # Due times are looked at when a call comes: nothing can tell the difference, and no timer has to run.
        now = self._clock.now()
        for due, date in self._reopenings:
            if due <= now:
                self._people.perform("open_period", {"date": date})
        self._reopenings = [(due, date) for due, date in self._reopenings if due > now]

    @contextmanager
    def _rolled_back(self) -> Iterator[None]:
        before = self._copy()
        try:
            yield
        finally:
            # Ids that were given out are not given again: a rollback leaves gaps.
            numbers = self._account.connection.execute("SELECT name, last FROM _sequence").fetchall()
            before.backup(self._account.connection)
            before.close()
            self._account.connection.executemany(
                "INSERT OR REPLACE INTO _sequence (name, last) VALUES (?, ?)", numbers
            )

    @contextmanager
    def _as_of(self, moment: datetime) -> Iterator[None]:
        """Show the state of an earlier moment; only for scripts that read."""
        past = next((copy for taken, copy in self._history if taken >= moment), None)
        if past is None:
            yield
            return
        present = self._copy()
        past.backup(self._account.connection)
        try:
            yield
        finally:
            present.backup(self._account.connection)
            present.close()

    def _remember(self) -> None:
        """Copy the account before each call, if the plan has look-ups that answer from the past.

        A copy taken at a moment holds the state since the call before it.
        """
        now = self._clock.now()
        horizon = now - timedelta(seconds=self._faults.plan.longest_stale_seconds())
        while self._history and self._history[0][0] < horizon:
            self._history.pop(0)[1].close()
        if horizon < now:
            self._history.append((now, self._copy()))

    def _copy(self) -> sqlite3.Connection:
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        self._account.connection.backup(copy)
        return copy
