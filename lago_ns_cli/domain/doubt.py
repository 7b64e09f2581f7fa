"""What to do with an entry whose answer was lost.

NetSuite may go on and commit for as long as a script can run, however early our side gave up.
So a look-up that finds nothing proves nothing until a quarantine, longer than that, has passed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from zlib import crc32

from lago_ns_cli.domain.exchange import FindStatus, Found, RecordState
from lago_ns_cli.domain.identifiers import InternalId
from lago_ns_cli.domain.read_back import compare_read_back
from lago_ns_cli.domain.records import Record

LOOK_UPS = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=6), timedelta(minutes=16))
"""When to look, counted from when our side gave up."""

ANSWERED_ENDS = frozenset(
    {
        "SSS_USAGE_LIMIT_EXCEEDED",
        "SSS_TIME_LIMIT_EXCEEDED",
        "SSS_INSTRUCTION_COUNT_EXCEEDED",
        "SSS_MEMORY_USAGE_EXCEEDED",
    }
)
"""NetSuite said that the script was ended: what it had saved stands, nothing more will come."""


PERMISSIONS = MappingProxyType(
    {
        "customer": "Lists > Customers",
        "invoice": "Transactions > Invoice",
        "creditmemo": "Transactions > Credit Memo",
        "customerpayment": "Transactions > Customer Payment",
    }
)
"""What a role needs in order to see records of a type, as NetSuite's own pages call it."""


class DoubtEnd(StrEnum):
    """How a doubt may end, or go on."""

    POSTED = "posted"  # it is there, and as meant
    DIFFERS = "differs"  # it is there, but not as meant
    NOT_THERE = "not_there"  # it is not there and will not come: it may be sent again
    GOES_ON = "goes_on"  # not seen, which proves nothing yet
    BLIND = "blind"  # the role may not look


@dataclass(frozen=True, slots=True)
class DoubtVerdict:
    """What a look-up says; ``look_again_at`` only where the doubt goes on."""

    end: DoubtEnd
    netsuite_id: InternalId | None = None
    reason: str | None = None
    look_again_at: datetime | None = None


def next_look_up(gave_up_at: datetime, now: datetime, quarantine: timedelta) -> datetime:
    """Plan the next look-up: on the schedule, and at the end of the quarantine at the latest."""
    ends_at = gave_up_at + quarantine
    for step in LOOK_UPS:
        if now < gave_up_at + step < ends_at:
            return gave_up_at + step
    return max(ends_at, now)


def judge_look_up(
    found: Found,
    meant: Record,
    fingerprint: str,
    *,
    gave_up_at: datetime,
    now: datetime,
    quarantine: timedelta,
) -> DoubtVerdict:
    """Decide about an entry in doubt after a look-up by its key.

    Args:
        found: What the look-up returned.
        meant: The record that was sent.
        fingerprint: Its fingerprint; a record with the key and another one is not what was meant.
        quarantine: Zero where nothing can come any more.
    """
    if found.status == FindStatus.DENIED:
        lacking = PERMISSIONS.get(meant.type, "the one to view them")
        return DoubtVerdict(
            DoubtEnd.BLIND,
            reason=f"the role may not see {meant.type} records, so absence proves nothing; "
            f"it lacks the permission {lacking}",
        )
    if found.records:
        return _there(found.records[0], meant, fingerprint)
    if now >= gave_up_at + quarantine:
        return DoubtVerdict(DoubtEnd.NOT_THERE)
    return DoubtVerdict(DoubtEnd.GOES_ON, look_again_at=next_look_up(gave_up_at, now, quarantine))


def _there(record: RecordState, meant: Record, fingerprint: str) -> DoubtVerdict:
    stored = record.fields.get("fingerprint")
    if stored != fingerprint:
        reason = f"record {record.id} has the key, but was made from something else"
        return DoubtVerdict(DoubtEnd.DIFFERS, record.id, reason)
    differences = compare_read_back(meant, record.fields)
    if differences:
        return DoubtVerdict(DoubtEnd.DIFFERS, record.id, "; ".join(map(str, differences)))
    return DoubtVerdict(DoubtEnd.POSTED, record.id)


def backoff(key: str, attempts: int, *, base: timedelta, longest: timedelta) -> timedelta:
    """Plan the wait before another attempt: doubled each time, spread by the key.

    The spread is a function of key and attempt, so that a run can be repeated exactly and
    documents that failed together do not come back together.
    """
    whole = min(base * (1 << min(attempts, 20)), longest)
    return whole * (0.5 + 0.5 * spread_of(f"{key}#{attempts}"))


def spread_of(text: str) -> float:
    """Make a number from 0 up to 1 of a text, so that what waits together comes back apart."""
    return crc32(text.encode()) / 2**32


def quarantine_of(code: str | None, quarantine: timedelta) -> timedelta:
    """Tell how long nothing may be sent again; an end that NetSuite answered needs no wait."""
    return timedelta(0) if code in ANSWERED_ENDS else quarantine
