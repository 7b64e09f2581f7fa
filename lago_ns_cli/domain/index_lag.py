"""Records that a look-up does not show although NetSuite has just had them.

What NetSuite searches may be behind what it stores: for a while after a record was saved, a look-up may tell
that it is not there. Absence counts only after the last look-up of the schedule.
"""

from datetime import datetime

from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.doubt import LOOK_UPS, next_look_up

CUSTOMER_NOT_SEEN = "customer_not_seen_yet"
PARENT_NOT_SEEN = "parent_not_seen_yet"
NOT_SEEN_YET = frozenset({CUSTOMER_NOT_SEEN, PARENT_NOT_SEEN})
"""Codes of documents that wait until a record of ours shows."""


def look_again_at(entry: Entry | None, seen_at: datetime | None, now: datetime) -> datetime | None:
    """Plan the next look-up of a record that should be there and does not show.

    Args:
        entry: The document whose record it is; only a posted one was read back by NetSuite when it was sent last.
        seen_at: When NetSuite last answered a call about it.

    Returns:
        None where the record is gone: it was not there at the last look-up either, or never answered for.
    """
    if entry is None or entry.state is not State.POSTED or seen_at is None:
        return None
    return next_look_up(seen_at, now, LOOK_UPS[-1]) if now < seen_at + LOOK_UPS[-1] else None
