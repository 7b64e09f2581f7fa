"""``--period``: a month, a quarter or a year as its first and last day."""

import re
from datetime import date, timedelta

from lago_ns_cli.errors import ConfigError

_PERIOD = re.compile(r"(?P<year>\d{4})(-(?P<month>0[1-9]|1[0-2])|-[Qq](?P<quarter>[1-4]))?")


def days_of(period: str | None, since: date | None, until: date | None) -> tuple[date | None, date | None]:
    """Tell the first and the last day that are meant.

    Raises:
        ConfigError: The period is none, stands beside --since or --until, or ends before it begins.
    """
    if period is None:
        if since is not None and until is not None and until < since:
            raise ConfigError(f"--until {until} is before --since {since}.", hint="Turn them round.")
        return since, until
    if since is not None or until is not None:
        raise ConfigError("--period says the same as --since and --until.", hint="Give one or the other.")
    match = _PERIOD.fullmatch(period)
    if match is None or not int(match["year"]):
        raise ConfigError(
            f"--period {period} is neither a month, a quarter nor a year.",
            hint="Write 2026-10, 2026-Q3 or 2026.",
        )
    year = int(match["year"])
    first, months = 1, 12
    if match["month"]:
        first, months = int(match["month"]), 1
    elif match["quarter"]:
        first, months = 3 * int(match["quarter"]) - 2, 3
    return date(year, first, 1), _last_day(year, first + months - 1)


def _last_day(year: int, month: int) -> date:
    if month == 12:
        return date(year, 12, 31)
    return date(year, month + 1, 1) - timedelta(days=1)
