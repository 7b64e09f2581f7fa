"""Dates and times: customers' months, and how Lago writes instants."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 86_400
"""Seconds."""


@lru_cache(maxsize=4096)
def local_midnight(time_zone: str, day: date) -> int:
    """Return when a day begins in a time zone, in seconds since 1970 (UTC)."""
    return int(datetime.combine(day, time(), ZoneInfo(time_zone)).timestamp())


def local_date(time_zone: str, seconds: int) -> date:
    """Return the date of an instant in a time zone."""
    return datetime.fromtimestamp(seconds, ZoneInfo(time_zone)).date()


@lru_cache(maxsize=1024)
def month_before(day: date) -> date:
    """Return the same day one month earlier, or the last of that month."""
    year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def month_start(first: date, months: int) -> date:
    """Return the first day of the month ``months`` after that of ``first``."""
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def instant(seconds: int) -> str:
    """Write an instant as Lago's timestamps do: ``2026-08-01T00:01:05Z``."""
    return f"{_utc(seconds):%Y-%m-%dT%H:%M:%SZ}"


def instant_with_milliseconds(seconds: int) -> str:
    """Write an instant as ``subscription.started_at`` does."""
    return f"{_utc(seconds):%Y-%m-%dT%H:%M:%S}.000Z"


def instant_with_offset(seconds: int) -> str:
    """Write an instant as ``from_date`` and ``to_date`` of fees do."""
    return f"{_utc(seconds):%Y-%m-%dT%H:%M:%S}+00:00"


def utc_midnight(day: date) -> int:
    """Return when a day begins in UTC."""
    return int(datetime.combine(day, time(), UTC).timestamp())


def days_after(day: date, days: int) -> date:
    """Return the date some days later."""
    return day + timedelta(days=days)


def _utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
