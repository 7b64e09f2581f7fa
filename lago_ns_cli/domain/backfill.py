"""A backfill in months, oldest first: which of them there are, and which are done."""

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta

from lago_ns_cli.domain.exchange import Selection


def months(selection: Selection, today: date) -> list[Selection]:
    """Cut a selection into one for each month of its issuing dates, the oldest first.

    The last one is open where the selection is: documents may be dated ahead.

    Args:
        selection: With ``since``.
    """
    if selection.since is None:
        raise ValueError("a backfill begins on a day")
    end = selection.until or max(today, selection.since)
    cut, first = [], selection.since
    while first <= end:
        following = (first.replace(day=1) + timedelta(days=31)).replace(day=1)
        last: date | None = min(following - timedelta(days=1), end)
        if selection.until is None and following > end:
            last = None
        cut.append(replace(selection, since=first, until=last))
        first = following
    return cut


@dataclass(frozen=True, slots=True)
class BackfillMark:
    """How far a backfill has come: everything issued up to a day was looked at and carried out.

    Args:
        asked: What the backfill is of; another selection is another backfill.
    """

    asked: Selection
    done_until: date

    def as_text(self) -> str:
        """Write it down."""
        return json.dumps({"asked": _asked(self.asked), "done_until": self.done_until.isoformat()})


def left_of(
    parts: list[Selection], asked: Selection, mark: str | None, settled_before: date
) -> list[Selection]:
    """Leave out the months that an earlier run of the same backfill has done.

    Args:
        mark: As ``BackfillMark`` was written, if there is one; one that cannot be read is none.
        settled_before: Months that reach to this day or beyond are looked at again, since
            documents may still become final in them.
    """
    try:
        content = json.loads(mark or "")
        done = date.fromisoformat(content["done_until"]) if content["asked"] == _asked(asked) else None
    except (ValueError, KeyError, TypeError):
        done = None
    if done is None:
        return list(parts)
    return [part for part in parts if part.until is None or part.until > done or part.until >= settled_before]


def _asked(selection: Selection) -> dict[str, str | None]:
    return {
        "since": selection.since.isoformat() if selection.since else None,
        "until": selection.until.isoformat() if selection.until else None,
        "customer": selection.customer,
        "billing_entity": selection.billing_entity,
    }
