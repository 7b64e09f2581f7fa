"""Our clock against another's: logins to NetSuite carry the time and are refused where it is wrong."""

from lago_ns_cli.domain.diagnosis.facts import Clocks
from lago_ns_cli.domain.diagnosis.findings import Verdict, fail, fine, skip, warn

TOLERANCE_SECONDS = 300
"""Beyond it NetSuite refuses every signed call. Source: Oracle's help on token-based authentication."""

_WORTH_SAYING_SECONDS = 60
_FIX = "Let the machine set its clock by itself: timedatectl set-ntp true (or chrony, w32time)."


def judge_clock(clocks: Clocks | None, whose: str, *, login: bool) -> Verdict:
    """Judge the difference.

    Args:
        login: Whether logins there depend on the time.
    """
    if clocks is None:
        return skip(f"{whose} did not tell the time")
    ahead = clocks.ahead_seconds
    said = f"This machine's clock is {_spoken(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} {whose}'s"
    if abs(ahead) > TOLERANCE_SECONDS and login:
        return fail(f"{said}; beyond 5 minutes every login is refused.", _FIX)
    if abs(ahead) > TOLERANCE_SECONDS:
        return warn(f"{said}; NetSuite refuses logins beyond 5 minutes.", _FIX)
    if abs(ahead) > _WORTH_SAYING_SECONDS:
        return warn(f"{said}; from 5 minutes on NetSuite refuses every login.", _FIX)
    return fine(f"within {max(int(abs(ahead)) + 1, 2)} s of {whose}'s")


def is_off(clocks: Clocks | None) -> bool:
    """Tell whether the time alone makes a login fail."""
    return clocks is not None and abs(clocks.ahead_seconds) > TOLERANCE_SECONDS


def _spoken(seconds: float) -> str:
    if seconds >= 120 * 60:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"
