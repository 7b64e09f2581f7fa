"""The posting period of a transaction, where its date alone does not settle it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from lago_ns_cli.domain.periods import ClosedPeriodPolicy, Period, next_open, period_of
from lago_ns_cli.domain.records import Value
from lago_ns_cli.domain.translation.context import Context, Findings

VOLATILE = frozenset({"postingperiod"})
"""The same document, sent a month later, may have to go to another period: it means the same."""


@dataclass(frozen=True, slots=True)
class Posting:
    """Where a transaction posts.

    Args:
        columns: ``postingperiod``, where it is not the period of the date.
        periods: The periods it may be found in afterwards; empty where nothing is known.
    """

    columns: Mapping[str, Value] = field(default_factory=dict)
    periods: tuple[str, ...] = ()


def posting_period(day: date | None, number: str, context: Context, findings: Findings) -> Posting:
    """Choose the posting period of a transaction; the date itself always stays Lago's.

    A closed or locked period is a problem, or with the policy ``next_open`` a notice, and the
    first period after it that is open for receivables is chosen.
    """
    periods = context.account.periods
    if day is None or not periods:
        return Posting()
    own = period_of(periods, day)
    if own is not None and own.is_open:
        return Posting(periods=(own.id,))
    later = next_open(periods, day) if context.closed_periods is ClosedPeriodPolicy.NEXT_OPEN else None
    if later is None:
        _refuse(day, number, own, context.closed_periods, findings)
        return Posting()
    told = f"{number} of {day} posts to {later.name}, since {own.name if own else 'its own period'} is closed"
    findings.notice("period_moved", told)
    return Posting({"postingperiod": later.id}, (later.id, *((own.id,) if own else ())))


def _refuse(
    day: date, number: str, own: Period | None, policy: ClosedPeriodPolicy, findings: Findings
) -> None:
    where = (
        "no posting period of NetSuite's"
        if own is None
        else f"the period {own.name}, which is closed for receivables"
    )
    if policy is ClosedPeriodPolicy.NEXT_OPEN:
        hint = "Open a later period in NetSuite, then run the command again."
    else:
        hint = 'Open the period in NetSuite, or set [sync] closed_period_policy = "next_open".'
    findings.problem("closed_period", number, f"{number} is dated {day}, in {where}", hint)
