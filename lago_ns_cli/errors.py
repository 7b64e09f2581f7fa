"""The error tree, grouped by what to do next.

::

    LagoNsError
    ├── ConfigError            mend a file, a setting or the command line
    │   └── CredentialError    store or replace a secret
    ├── DocumentError          this document cannot be translated; the others go on
    ├── LedgerError            the ledger cannot be read or written
    │   └── LeaseHeldError     another run holds the account
    │       └── LeaseLostError and took it from this one
    └── RemoteError            Lago or NetSuite
        ├── TransientError     nothing was executed; try again later
        │   └── LimitError     too many calls at once, or too many in a second
        ├── RejectedError      understood and refused; unchanged it stays refused
        ├── AuthError          the login or a permission was refused; stop the run
        └── InDoubtError       sent, the answer lost: look it up before sending again

Exit codes and colour belong to ``cli``. Attributes carry facts, never a secret.
"""

from collections.abc import Sequence


class LagoNsError(Exception):
    """Anything that ``lago-ns`` reports to its user.

    Args:
        message: What failed, on what, and why, in one or two sentences.
        hint: The next command or step.
        code: A stable name for the cause, as ``lago-ns errors`` knows it.
    """

    default_code = "error"

    def __init__(self, message: str, *, hint: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.default_code


class ConfigError(LagoNsError):
    """A file, a setting or the command line is wrong.

    ``problems`` lists every problem of the file at once, one line each.
    """

    default_code = "config"

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        code: str | None = None,
        problems: Sequence[str] = (),
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.problems = tuple(problems)


class CredentialError(ConfigError):
    """A secret is absent, unreadable, or would be stored unsafely."""

    default_code = "credential"


class DocumentError(LagoNsError):
    """One document cannot be translated; it is held and the others go on."""

    default_code = "document"


class LedgerError(LagoNsError):
    """The ledger cannot be read or written."""

    default_code = "ledger"


class LeaseHeldError(LedgerError):
    """Another run holds the account."""

    default_code = "lease_held"


class LeaseLostError(LeaseHeldError):
    """Another run took this one for dead and holds the account now."""

    default_code = "lease_lost"


class RemoteError(LagoNsError):
    """Lago or NetSuite answered with an error, or did not answer.

    Args:
        system: ``"Lago"`` or ``"NetSuite"``.
        status: The HTTP status, where there was an answer.
    """

    default_code = "remote"

    def __init__(
        self,
        message: str,
        *,
        system: str,
        hint: str | None = None,
        code: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.system = system
        self.status = status


class TransientError(RemoteError):
    """Nothing was executed; the same call may succeed later.

    ``retry_after_seconds`` is what the server asked for, if it did.
    """

    default_code = "unreachable"

    def __init__(
        self,
        message: str,
        *,
        system: str,
        hint: str | None = None,
        code: str | None = None,
        status: int | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message, system=system, hint=hint, code=code, status=status)
        self.retry_after_seconds = retry_after_seconds


class LimitError(TransientError):
    """Too many calls at once, or too many in a second."""

    default_code = "limit"


class RejectedError(RemoteError):
    """The call was understood and refused; unchanged it stays refused."""

    default_code = "rejected"


class AuthError(RemoteError):
    """The login or a permission was refused."""

    default_code = "auth"


class InDoubtError(RemoteError):
    """The call was sent and its answer lost, so it may have been executed."""

    default_code = "in_doubt"
