"""Exit codes by kind; when several apply, the first of 130, 70, 5, 2, 3, 4, 1 counts."""

from collections.abc import Iterable
from enum import IntEnum

from lago_ns_cli.errors import (
    AuthError,
    ConfigError,
    DocumentError,
    InDoubtError,
    LagoNsError,
    LeaseHeldError,
    LedgerError,
    RejectedError,
    TransientError,
)


class ExitCode(IntEnum):
    """What a run's exit code says."""

    DONE = 0  # all done
    ATTENTION = 1  # done, but something is held, waiting, in doubt or different
    CONFIG = 2  # usage or configuration
    AUTH = 3  # a login or a permission was refused
    UNREACHABLE = 4  # Lago or NetSuite cannot be reached
    LEASE = 5  # another run holds the account
    BUG = 70  # a bug of ours
    INTERRUPTED = 130  # Ctrl-C


_BY_ERROR: tuple[tuple[type[LagoNsError], ExitCode], ...] = (
    (LeaseHeldError, ExitCode.LEASE),
    (LedgerError, ExitCode.CONFIG),
    (ConfigError, ExitCode.CONFIG),
    (AuthError, ExitCode.AUTH),
    (TransientError, ExitCode.UNREACHABLE),
    (InDoubtError, ExitCode.UNREACHABLE),
    # The whole call was refused: a script that is not deployed, a field that is not there.
    (RejectedError, ExitCode.CONFIG),
    (DocumentError, ExitCode.ATTENTION),
)

_ORDER = (
    ExitCode.INTERRUPTED,
    ExitCode.BUG,
    ExitCode.LEASE,
    ExitCode.CONFIG,
    ExitCode.AUTH,
    ExitCode.UNREACHABLE,
    ExitCode.ATTENTION,
)


def exit_code_of(error: BaseException) -> ExitCode:
    """Tell the exit code of an error that ended a run."""
    if isinstance(error, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), ExitCode.BUG)


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """Choose among the codes that apply."""
    found = set(codes)
    return next((code for code in _ORDER if code in found), ExitCode.DONE)
