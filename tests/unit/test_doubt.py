"""A lost answer is a question: looked up on a schedule, and answered by absence only after a quarantine."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_ns_cli.domain.doubt import (
    ANSWERED_ENDS,
    LOOK_UPS,
    DoubtEnd,
    backoff,
    judge_look_up,
    next_look_up,
    quarantine_of,
)
from lago_ns_cli.domain.exchange import FindStatus, Found, RecordState
from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId
from lago_ns_cli.domain.records import Expectation, Record

GAVE_UP = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
QUARANTINE = timedelta(seconds=960)
MEANT = Record(
    key=Key("lago:inv:1"),
    lago_id=LagoId("1"),
    type="invoice",
    columns={"trandate": "2026-08-01", "currency": "1"},
    expect=Expectation("100.00", "10.38"),
)


def seen(**fields: object) -> Found:
    told = {"fingerprint": "f" * 64, "total": "100.00", "tax": "10.38", "date": "2026-08-01", "currency": "1"}
    record = RecordState(id=InternalId("7"), type="invoice", key=MEANT.key, fields={**told, **fields})
    return Found(FindStatus.FOUND, (record,))


def judge(found: Found, after: timedelta, quarantine: timedelta = QUARANTINE) -> DoubtEnd:
    verdict = judge_look_up(
        found, MEANT, "f" * 64, gave_up_at=GAVE_UP, now=GAVE_UP + after, quarantine=quarantine
    )
    return verdict.end


ABSENT = Found(FindStatus.ABSENT)
DENIED = Found(FindStatus.DENIED)


@pytest.mark.parametrize(
    ("found", "seconds", "end"),
    [
        (seen(), 30, DoubtEnd.POSTED),
        (seen(), 100_000, DoubtEnd.POSTED),
        (seen(total="100.01"), 30, DoubtEnd.DIFFERS),
        (seen(date="2026-08-02"), 30, DoubtEnd.DIFFERS),
        (seen(fingerprint="0" * 64), 30, DoubtEnd.DIFFERS),
        (seen(fingerprint=None), 30, DoubtEnd.DIFFERS),
        (ABSENT, 0, DoubtEnd.GOES_ON),
        (ABSENT, 959, DoubtEnd.GOES_ON),
        (ABSENT, 960, DoubtEnd.NOT_THERE),
        (DENIED, 100_000, DoubtEnd.BLIND),  # not seen is not: not there
    ],
)
def test_a_look_up_answers_only_what_it_can(found: Found, seconds: int, end: DoubtEnd) -> None:
    """Presence answers at once, absence after the quarantine, a missing permission never."""
    assert end == judge(found, timedelta(seconds=seconds))


def test_look_ups_follow_the_schedule_and_end_with_the_quarantine() -> None:
    """After 30 s, 2, 6 and 16 minutes; then when absence begins to count."""
    times, now = [], GAVE_UP
    while now < GAVE_UP + QUARANTINE:
        now = next_look_up(GAVE_UP, now, QUARANTINE)
        times.append((now - GAVE_UP).total_seconds())

    assert [30, 120, 360, 960] == times


@given(st.integers(0, 3000), st.integers(0, 2000))
def test_the_next_look_up_is_never_in_the_past(seconds: int, quarantine: int) -> None:
    """And never later than the end of the quarantine, unless that has passed."""
    now, ends = GAVE_UP + timedelta(seconds=seconds), GAVE_UP + timedelta(seconds=quarantine)
    planned = next_look_up(GAVE_UP, now, timedelta(seconds=quarantine))

    assert now <= planned <= max(ends, now)


@pytest.mark.parametrize("code", sorted(ANSWERED_ENDS))
def test_an_answered_end_needs_no_quarantine(code: str) -> None:
    """NetSuite said that it ended the script: nothing more will come."""
    assert timedelta(0) == quarantine_of(code, QUARANTINE)
    assert judge(ABSENT, timedelta(0), quarantine_of(code, QUARANTINE)) is DoubtEnd.NOT_THERE


def test_other_ends_keep_the_quarantine() -> None:
    """A timeout says nothing about the server."""
    assert quarantine_of("in_doubt", QUARANTINE) == quarantine_of(None, QUARANTINE) == QUARANTINE


@given(st.text(max_size=40), st.integers(0, 200))
def test_waits_are_bounded_spread_and_repeatable(key: str, attempts: int) -> None:
    """Between half and all of the doubled wait, never beyond the longest, the same each time."""
    base, longest = timedelta(seconds=30), timedelta(minutes=15)
    wait = backoff(key, attempts, base=base, longest=longest)
    whole = min(base * 2 ** min(attempts, 20), longest)

    assert whole / 2 <= wait <= whole
    assert wait == backoff(key, attempts, base=base, longest=longest)


def test_the_schedule_reaches_past_the_longest_script() -> None:
    """NetSuite lets a script run 300 s and sometimes longer; the last look-up is far beyond."""
    assert timedelta(minutes=15) < LOOK_UPS[-1]
