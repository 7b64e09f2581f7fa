"""Where a run begins to look in Lago's lists, so that its cost follows what is new or still open.

Lago has no list of what changed. It lists invoices and credit notes by issuing date, and a document
may be issued, on paper, long before Lago shows it as final: a grace period, a tax that is computed
elsewhere, a date that somebody chose. So a run looks again at all that was issued since the last run
began, less a *lookback*. What makes that enough:

* Of final documents (finalized or voided) neither status nor dates change back, so into their lists
  rows are only inserted, and a list that is read page after page to its end misses none that stood
  in it before.
* A document that becomes final after a run began is issued no longer before that moment than the
  lookback, or it was seen before it was final, is watched since then, and is asked for by its id.
* A document that a run has seen is in the ledger, whatever became of it; open ones are taken up by id.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

NOT_FINAL = ("draft", "pending", "failed")
"""The statuses of invoices that Lago shows before they are final."""

FINAL = ("finalized", "voided")

ON_THEIR_WAY = frozenset({"draft", "pending"})
"""Statuses that end by themselves. A failed tax may stay failed for ever, and must not hold the window open."""

UNPAID = ("pending", "failed")
"""The payment statuses of invoices that are still open."""

_ZONES = timedelta(days=1)
"""Issuing dates are the customer's own days: at the same moment, up to a day apart from UTC's."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a run that read the lists of a kind to their end leaves for the next one.

    Args:
        started: When it began (UTC).
        sync_from: The go-live date it knew; what was issued before was not looked at.
        oldest_open: The issuing date of the oldest invoice that was not final then.
    """

    started: datetime
    sync_from: date | None = None
    oldest_open: date | None = None

    def as_text(self) -> str:
        """Write it down."""
        return json.dumps(
            {
                "started": self.started.astimezone(UTC).isoformat(),
                "sync_from": None if self.sync_from is None else self.sync_from.isoformat(),
                "oldest_open": None if self.oldest_open is None else self.oldest_open.isoformat(),
            }
        )


def read_mark(text: str | None) -> Mark | None:
    """Read a mark; one that cannot be read is none, which costs a full look and misses nothing."""
    try:
        content = json.loads(text or "")
        started = datetime.fromisoformat(content["started"])
        return (
            Mark(started, _day(content["sync_from"]), _day(content["oldest_open"]))
            if started.tzinfo
            else None
        )
    except (ValueError, KeyError, TypeError):
        return None


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def window_start(
    mark: Mark | None,
    now: datetime,
    *,
    lookback: timedelta,
    sync_from: date | None,
    oldest_open: date | None = None,
) -> date | None:
    """Tell from which issuing date on a list is to be read; None is from its beginning.

    Everything from the go-live date on is looked at where no mark can be trusted: there is none, it
    lies in the future (a clock was wrong, then or now), or the go-live date was moved back since.

    Args:
        now: When this run began.
        oldest_open: The issuing date of the oldest document that is on its way to being final.
    """
    if mark is None or mark.started > now or _reaches_further(sync_from, mark.sync_from):
        return sync_from
    start = (mark.started - lookback - _ZONES).date()
    for oldest in (oldest_open, mark.oldest_open):
        start = start if oldest is None else min(start, oldest)
    return start if sync_from is None else max(start, sync_from)


def _reaches_further(sync_from: date | None, known: date | None) -> bool:
    return known is not None and (sync_from is None or sync_from < known)


@dataclass(frozen=True, slots=True)
class NotFinal:
    """An invoice that was seen before it was final."""

    status: str
    issued: date | None

    def as_text(self) -> str:
        """Write it down: ``draft 2026-08-31``."""
        return f"{self.status} {self.issued.isoformat() if self.issued else ''}".rstrip()


def oldest_not_final(notes: Iterable[str], *, or_failed: bool = False) -> date | None:
    """Find the oldest issuing date among invoices that are on their way to being final.

    Args:
        notes: What ``NotFinal`` wrote of each.
        or_failed: Count also those that do not become final by themselves.
    """
    days = []
    for status, _, day in (note.partition(" ") for note in notes):
        if day and (or_failed or status in ON_THEIR_WAY):
            days.append(date.fromisoformat(day))
    return min(days, default=None)
