"""Decides who a RESTlet caller is, by either way of logging in."""

from dataclasses import dataclass

from lago_ns_cli.simulator.clock import Clock
from lago_ns_cli.simulator.netsuite.account import Account
from lago_ns_cli.simulator.netsuite.logins import (
    LoginAudit,
    LoginRefusedError,
    MalformedAuthorizationError,
    RequestHead,
    TokenLocks,
)
from lago_ns_cli.simulator.netsuite.oauth1 import TbaVerifier, Token
from lago_ns_cli.simulator.netsuite.oauth2 import TokenRequestError, TokenService
from lago_ns_cli.simulator.netsuite.permissions import has_permission
from lago_ns_cli.simulator.netsuite.values import Role

_TBA_PERMISSIONS = ("ADMI_LOGIN_OAUTH", "ADMI_MANAGE_OWN_OAUTH_TOKENS")
_OAUTH2_PERMISSIONS = ("ADMI_LOGIN_OAUTH2",)


@dataclass(frozen=True)
class Principal:
    """A user in a role."""

    user: str
    role: Role


class LoginDesk:
    """Checks the ``Authorization`` header of a call and writes the login audit.

    Args:
        account: Its roles decide whether a token may log in at all.
        clock: Tells the time that timestamps and expiry are held against.
    """

    def __init__(self, account: Account, tba: TbaVerifier, tokens: TokenService, clock: Clock) -> None:
        self.audit = LoginAudit()
        self._account = account
        self._tba = tba
        self._tokens = tokens
        self._clock = clock
        self._locks = TokenLocks()

    def authenticate(self, request: RequestHead) -> Principal:
        """Find out who calls.

        Raises:
            LoginRefusedError: Nobody who may; it is in the audit.
            MalformedAuthorizationError: The header cannot be read; it is in the audit.
        """
        header = request.headers.get("authorization", "")
        scheme = header.partition(" ")[0].lower()
        if scheme == "oauth":
            return self._by_signature(request, header)
        if scheme == "bearer":
            return self._by_access_token(header.partition(" ")[2].strip())
        refusal = LoginRefusedError("parameter_absent", "there is no OAuth or Bearer Authorization header")
        self.audit.refuse(self._clock.now(), scheme or "none", refusal, user=None, credential=None)
        raise refusal

    def issue_token(self, token: Token) -> None:
        """Let a person make another access token."""
        self._tba.issue(token)

    def revoke_token(self, token_id: str) -> None:
        """Let a person take an access token back."""
        self._tba.revoke(token_id)

    def grant(self, request: RequestHead, body: bytes) -> dict[str, str]:
        """Answer a request to the token endpoint.

        Raises:
            TokenRequestError: It is refused; it is in the audit.
        """
        now = self._clock.now()
        try:
            bearer, answer = self._tokens.grant(request, body, now)
        except TokenRequestError as error:
            refusal = LoginRefusedError(error.code, error.reason)
            self.audit.refuse(now, "oauth2", refusal, user=None, credential=None)
            raise
        self.audit.accepted(
            now, "oauth2", user=bearer.user, role=bearer.role_id, credential=bearer.certificate_id
        )
        return dict(answer)

    def _by_signature(self, request: RequestHead, header: str) -> Principal:
        now = self._clock.now()
        token = None
        try:
            token, parameters = self._tba.identify(header)
            self._locks.check(token.token_id, now)
            self._tba.verify(request, token, parameters, now)
            role = self._role(token.role_id, _TBA_PERMISSIONS)
        except LoginRefusedError as refusal:
            if token is not None and refusal.reason != "temporary_locked":
                self._locks.failed(token.token_id, now)
            user, credential = (token.user, token.token_id) if token else (None, None)
            self.audit.refuse(now, "tba", refusal, user=user, credential=credential)
            raise
        except MalformedAuthorizationError as error:
            unread = LoginRefusedError("parameter_rejected", str(error))
            self.audit.refuse(now, "tba", unread, user=None, credential=None)
            raise
        self._locks.succeeded(token.token_id)
        self.audit.accepted(now, "tba", user=token.user, role=role.id, credential=token.token_id)
        return Principal(token.user, role)

    def _by_access_token(self, access_token: str) -> Principal:
        now = self._clock.now()
        try:
            bearer = self._tokens.recognise(access_token, now)
            role = self._role(bearer.role_id, _OAUTH2_PERMISSIONS)
        except LoginRefusedError as refusal:
            self.audit.refuse(now, "bearer", refusal, user=None, credential=None)
            raise
        return Principal(bearer.user, role)

    def _role(self, role_id: str, any_of: tuple[str, ...]) -> Role:
        role = self._account.roles[role_id]
        if not any(has_permission(role, permission, "FULL") for permission in any_of):
            raise LoginRefusedError("permission_denied", f"the role {role.name} lacks {' and '.join(any_of)}")
        return role
