"""What a row of the catalogue is made of."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Disposition(StrEnum):
    """What happens to a document, or to the run, that meets a code."""

    RETRY = "retry"  # the program tries again by itself, a bounded number of times
    WAIT = "wait"  # the program looks again when something else has happened
    HOLD = "hold"  # a person has to mend something; the other documents go on
    STOP = "stop"  # every call or command would fail alike, so the run ends
    NOTE = "note"  # nothing is wrong: a notice, or a document that is not to be posted


class Family(StrEnum):
    """What kind of trouble a code is."""

    LIMIT = "limit"  # too many calls at once; nothing was executed
    UNAVAILABLE = "unavailable"  # nobody was there to execute anything
    LOGIN = "login"  # the login was refused; nothing was executed
    PERMISSION = "permission"  # the role may not; nothing was executed
    SETUP = "setup"  # not understood or not found: the deployment is not what it should be
    UNKNOWN = "unknown"  # perhaps executed
    CHANGED = "changed"  # somebody else saved the record in between; nothing was saved
    EXISTS = "exists"  # something that must be unique is there already
    REFUSED = "refused"  # NetSuite does not take the document as it is; nothing was saved
    CONFLICT = "conflict"  # a record is there, and it is not what was meant
    UNSENT = "unsent"  # the document was held before anything was sent
    WAITING = "waiting"  # something else has to happen first
    ENDED = "ended"  # the run or the command could not go on
    NOTICE = "notice"  # worth a look; nothing is wrong
    SKIPPED = "skipped"  # there is nothing to post


@dataclass(frozen=True, slots=True)
class Treatment:
    """How the codes of a family are treated.

    Args:
        burns_attempt: Whether it counts against the document's bounded number of attempts.
        resend_safe: Whether sending again cannot make a second record: nothing was saved.
        command: The next command; ``{id}`` stands for the document.
    """

    disposition: Disposition
    burns_attempt: bool
    resend_safe: bool
    command: str | None


_AGAIN = "lago-ns sync all"
_REPLAY = "lago-ns replay {id}"

TREATMENTS = MappingProxyType(
    {
        Family.LIMIT: Treatment(Disposition.RETRY, False, True, _AGAIN),
        Family.UNAVAILABLE: Treatment(Disposition.RETRY, False, True, _AGAIN),
        Family.LOGIN: Treatment(Disposition.STOP, False, True, "lago-ns auth status"),
        Family.PERMISSION: Treatment(Disposition.HOLD, False, True, _REPLAY),
        Family.SETUP: Treatment(Disposition.STOP, False, True, "lago-ns restlet export DIR"),
        Family.UNKNOWN: Treatment(Disposition.RETRY, True, False, _AGAIN),
        Family.CHANGED: Treatment(Disposition.RETRY, True, True, _AGAIN),
        Family.EXISTS: Treatment(Disposition.HOLD, True, False, _REPLAY),
        Family.REFUSED: Treatment(Disposition.HOLD, True, True, _REPLAY),
        Family.CONFLICT: Treatment(Disposition.HOLD, True, False, _REPLAY),
        Family.UNSENT: Treatment(Disposition.HOLD, False, True, _REPLAY),
        Family.WAITING: Treatment(Disposition.WAIT, False, True, _AGAIN),
        Family.ENDED: Treatment(Disposition.STOP, False, True, "lago-ns config show"),
        Family.NOTICE: Treatment(Disposition.NOTE, False, True, None),
        Family.SKIPPED: Treatment(Disposition.NOTE, False, True, None),
    }
)


@dataclass(frozen=True, slots=True)
class Group:
    """Codes that share a meaning and a remedy.

    Args:
        codes: Separated by spaces. A ``*`` stands for any text: ``netsuite_http_*``.
        meaning: What it says, in a sentence.
        action: What to do about it, in a sentence or two.
        command: The next command, where it is not the family's.
    """

    family: Family
    codes: str
    meaning: str
    action: str
    command: str | None = None
