"""What a check finds."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = (
        "warning"  # works today and will cost somebody: documents held, money counted twice, a late surprise
    )
    FAILURE = "failure"  # nothing can be carried, or would be carried wrongly
    SKIPPED = "skipped"  # not looked at: another check failed, or it does not apply


class Concern(StrEnum):
    """Whom a failure is for; decides the exit code."""

    SETUP = "setup"  # a file, a setting, or the way NetSuite is set up
    ACCESS = "access"  # a login or a permission
    REACH = "reach"  # the network, or a side that does not answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The end of one check.

    Args:
        check: Its id, ``netsuite.login``; stable, for programs.
        title: What it is called on the screen.
        why: What was found, in a sentence or two.
        fix: A command, or the place in NetSuite's or Lago's menus; None where nothing is to be done.
        concern: Of a failure.
    """

    check: str
    title: str
    level: Level
    why: str
    fix: str | None = None
    concern: Concern | None = None

    @property
    def passed(self) -> bool:
        """Tell whether checks that build on this one can be made."""
        return self.level in (Level.OK, Level.WARNING)

    @property
    def group(self) -> str:
        """Name the part of the world it is about: ``netsuite``."""
        return self.check.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judgement says; the check's name is put to it by whoever asked."""

    level: Level
    why: str
    fix: str | None = None
    concern: Concern | None = None


def fine(why: str) -> Verdict:
    """Say that all is well."""
    return Verdict(Level.OK, why)


def warn(why: str, fix: str) -> Verdict:
    """Say what will cost somebody later."""
    return Verdict(Level.WARNING, why, fix)


def fail(why: str, fix: str, concern: Concern = Concern.SETUP) -> Verdict:
    """Say what stops documents."""
    return Verdict(Level.FAILURE, why, fix, concern)


def skip(why: str, fix: str | None = None) -> Verdict:
    """Say why nothing was looked at."""
    return Verdict(Level.SKIPPED, why, fix)


def listed(names: Iterable[object], most: int = 5) -> str:
    """Write names in a row; of many, the first and how many more."""
    texts = [str(name) for name in names]
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more
