"""Who may call: what all ways of logging in share, with the audit and the lock.

A caller whose login fails learns one thing: ``INVALID_LOGIN_ATTEMPT``. The reason stands in the login
audit, where an administrator finds it (Setup > Users/Roles > View Login Audit Trail).
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

FAILURES_UNTIL_LOCKED = 5
LOCK_TIME = timedelta(minutes=30)
AUDIT_ROWS = 1000


@dataclass(frozen=True)
class RequestHead:
    """A request as it came over the wire, without its body.

    Attributes:
        host: The ``Host`` header, with a port if it has one.
        path: Percent-encoded as received, without the query.
        query: Percent-encoded as received, without the question mark.
        headers: Names in lower case.
    """

    method: str
    scheme: str
    host: str
    path: str
    query: str
    headers: Mapping[str, str]

    @property
    def url(self) -> str:
        """The address without its query."""
        return f"{self.scheme}://{self.host}{self.path}"


class MalformedAuthorizationError(Exception):
    """The ``Authorization`` header cannot be read."""


class LoginRefusedError(Exception):
    """A login failed.

    Attributes:
        reason: The login audit's word for it.
        detail: A sentence for the audit, never for the caller.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class LoginEntry:
    """A row of the login audit. Holds no secret."""

    time: str
    scheme: str
    status: str
    reason: str | None
    detail: str | None
    user: str | None
    role: str | None
    credential: str | None


class LoginAudit:
    """The last logins, refused and accepted, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[LoginEntry] = deque(maxlen=AUDIT_ROWS)
        self.refused = 0

    def accepted(self, now: datetime, scheme: str, *, user: str, role: str, credential: str) -> None:
        """Record a login."""
        self._entries.append(
            LoginEntry(now.isoformat(), scheme, "Success", None, None, user, role, credential),
        )

    def refuse(
        self,
        now: datetime,
        scheme: str,
        refusal: LoginRefusedError,
        *,
        user: str | None,
        credential: str | None,
    ) -> None:
        """Record a failed login with its reason."""
        self.refused += 1
        self._entries.append(
            LoginEntry(
                now.isoformat(), scheme, "Failure", refusal.reason, refusal.detail, user, None, credential
            )
        )

    def rows(self) -> list[dict[str, str | None]]:
        """Return the entries as plain objects."""
        return [asdict(entry) for entry in self._entries]


class TokenLocks:
    """Locks a token for half an hour after five failures in a row."""

    def __init__(self) -> None:
        self._failures: dict[str, int] = {}
        self._locked_until: dict[str, datetime] = {}

    def check(self, token_id: str, now: datetime) -> None:
        """Refuse a locked token.

        Raises:
            LoginRefusedError: The token is locked; ``temporary_locked``.
        """
        until = self._locked_until.get(token_id)
        if until is None:
            return
        if now < until:
            raise LoginRefusedError(
                "temporary_locked", f"locked until {until.isoformat()} after failed logins"
            )
        del self._locked_until[token_id]

    def failed(self, token_id: str, now: datetime) -> None:
        """Count a failure; the fifth in a row locks."""
        self._failures[token_id] = self._failures.get(token_id, 0) + 1
        if self._failures[token_id] >= FAILURES_UNTIL_LOCKED:
            self._locked_until[token_id] = now + LOCK_TIME
            del self._failures[token_id]

    def succeeded(self, token_id: str) -> None:
        """Forget earlier failures."""
        self._failures.pop(token_id, None)
