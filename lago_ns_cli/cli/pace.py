"""How fast a run may be: from the settings, and from what earlier runs learned."""

from lago_ns_cli.settings.models import PushSettings
from lago_ns_cli.workflows.pacing import Pacer

MOST_CALLS = 100
"""Calls at once, where the limit is to be learned: more than any account is sold with."""


def open_pacer(settings: PushSettings, known_limit: int | None = None) -> Pacer:
    """Make what hands out the places for calls.

    Args:
        known_limit: What the last run learned; a number in the settings is where a run starts and
            what it never goes beyond.
    """
    if settings.concurrency == "auto":
        return Pacer(most=MOST_CALLS, leave_free=settings.leave_free, known_limit=known_limit)
    return Pacer(most=settings.concurrency, known_limit=settings.concurrency)
