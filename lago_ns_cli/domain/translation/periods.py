"""Service periods as calendar dates in the customer's time zone."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from lago_ns_cli.domain.documents import BillingPeriod, Fee
from lago_ns_cli.domain.translation.context import refuse


@dataclass(frozen=True, slots=True)
class ServicePeriod:
    """The first and the last day of a service, both inclusive."""

    start: date
    end: date


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def local_date(moment: datetime, zone: str) -> date:
    """Tell the calendar date of a moment in a time zone.

    Raises:
        TranslationError: The time zone does not exist.
    """
    found = _zone(zone)
    if found is None:
        refuse(
            "unknown_time_zone",
            f"time_zone:{zone}",
            f"the customer's time zone {zone!r} is not known, so dates cannot be told",
            "Correct the customer's time zone in Lago.",
        )
    return moment.astimezone(found).date()


def service_period(fee: Fee, periods: tuple[BillingPeriod, ...], zone: str) -> ServicePeriod | None:
    """Find the period a fee is for.

    Lago stores bounds as customer-local midnights in UTC. Commitment fees carry none of their
    own and take those of their subscription's billing period.
    """
    start, end = fee.from_date, fee.to_date
    if start is None and fee.item.type == "commitment":
        for period in periods:
            if period.lago_subscription_id == fee.lago_subscription_id:
                start, end = period.subscription_from_datetime, period.subscription_to_datetime
                break
    if start is None or end is None:
        return None
    return ServicePeriod(local_date(start, zone), local_date(end, zone))
