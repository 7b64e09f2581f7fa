"""Keeps a run in the ledger: that it began, and what came of it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from lago_ns_cli.domain.run_record import PACE_MARK, Learned, RunEnd, RunRecord
from lago_ns_cli.errors import LagoNsError, LedgerError
from lago_ns_cli.workflows.calls import StoppedError
from lago_ns_cli.workflows.ports import Clock
from lago_ns_cli.workflows.push import Pusher
from lago_ns_cli.workflows.reports import SyncEvent, Tally

_OF_A_BUG = "bug"


class RunKeeper(Protocol):
    """The ledger, as far as it keeps runs."""

    def record_run(self, record: RunRecord) -> None:
        """Keep a run, in place of what is known of it."""

    def record_mark(self, name: str, value: str | None, at: datetime) -> None:
        """Leave something for the next run."""


class RunLog:
    """The record of one run.

    Args:
        run: The run's id.
        command: As it was given.
    """

    def __init__(self, ledger: RunKeeper, clock: Clock, *, run: str, command: str) -> None:
        self._ledger = ledger
        self._clock = clock
        self._tally = Tally()
        self._record = RunRecord(run=run, command=command, began_at=clock.now())

    def add(self, event: SyncEvent) -> None:
        """Count an event."""
        self._tally.add(event)

    def could_not_begin(self, error: LagoNsError) -> None:
        """Keep a run that a side refused before its first document."""
        record = replace(self._record, ended_at=self._clock.now(), ended=RunEnd.FAILED, code=error.code)
        with suppress(LedgerError):
            self._ledger.record_run(record)

    @contextmanager
    def kept(self, pusher: Pusher) -> Iterator[None]:
        """Keep the run that happens meanwhile; that this cannot be written fails no run."""
        self._ledger.record_run(self._record)
        try:
            yield
        except (Exception, GeneratorExit) as error:
            self._end(pusher, *_ending(error))
            raise
        except BaseException:
            self._end(pusher, RunEnd.INTERRUPTED, None)
            raise
        self._end(pusher, RunEnd.COMPLETE, None)

    def _end(self, pusher: Pusher, ended: RunEnd, code: str | None) -> None:
        pace, learned = pusher.pacer.pace, pusher.learned()
        record = replace(
            self._record,
            ended_at=self._clock.now(),
            ended=ended,
            code=code,
            outcomes=self._tally.as_mapping(),
            documents=self._tally.documents,
            writes=self._tally.writes,
            needs_attention=self._tally.needs_attention,
            calls=pace.calls,
            refused=pace.refused,
            most_at_once=pace.most_at_once,
            limit=learned.limit,
            units=pusher.figures.units,
        )
        with suppress(LedgerError):
            self._ledger.record_run(record)
            if learned != Learned():
                self._ledger.record_mark(PACE_MARK, learned.as_text(), self._clock.now())


def _ending(error: BaseException) -> tuple[RunEnd, str | None]:
    if isinstance(error, LagoNsError):
        return RunEnd.FAILED, error.code
    if isinstance(error, StoppedError | GeneratorExit):
        return RunEnd.INTERRUPTED, None
    return RunEnd.FAILED, _OF_A_BUG
