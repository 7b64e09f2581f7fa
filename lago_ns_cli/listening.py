"""What the headers of answers tell: the time on the other side, and how many calls it takes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from lago_ns_cli.connection import Answer
from lago_ns_cli.domain.diagnosis.facts import Heard


class Ear:
    """Listens to a connection and keeps what the last answer told.

    Attributes:
        heard: Empty before the first answer.
    """

    def __init__(self) -> None:
        self.heard = Heard()

    def __call__(self, answer: Answer) -> None:
        """Take note of an answer."""
        self.heard = Heard(time=_date(answer.headers), rate=_rate(answer.headers))


def _date(headers: Mapping[str, str]) -> datetime | None:
    try:
        date = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


def _rate(headers: Mapping[str, str]) -> tuple[int, int] | None:
    limit, left = headers.get("x-ratelimit-limit", ""), headers.get("x-ratelimit-remaining", "")
    if limit.isascii() and limit.isdigit() and left.isascii() and left.isdigit():
        return int(limit), int(left)
    return None
