"""Who holds credentials of the account: one user in the integration's role, one in a role that lacks permissions."""

from dataclasses import replace
from secrets import token_hex

from lago_ns_cli.simulator.credentials import SimulatorCredentials, TbaCredentials
from lago_ns_cli.simulator.netsuite.oauth1 import TbaVerifier, Token
from lago_ns_cli.simulator.netsuite.oauth2 import CertificateError, TokenService
from lago_ns_cli.simulator.netsuite.permissions import INTEGRATION, LIMITED
from lago_ns_cli.simulator.world import ACCOUNT_ID

FULL_USER = "17"
LIMITED_USER = "18"

_HOLDERS = {"full": (FULL_USER, INTEGRATION.id), "limited": (LIMITED_USER, LIMITED.id)}


def tba_verifier(credentials: SimulatorCredentials) -> TbaVerifier:
    """Make the verifier that knows both tokens of the credentials."""
    both = {"full": credentials.tba, "limited": credentials.tba_limited}
    return TbaVerifier(
        ACCOUNT_ID,
        consumers={tba.consumer_key: tba.consumer_secret for tba in both.values()},
        tokens=[_token(tba, holder) for holder, tba in both.items()],
    )


def register_certificate(tokens: TokenService, pem: str, *, role: str) -> str:
    """Map a certificate for OAuth 2.0 to one of the two users; returns its id.

    Raises:
        CertificateError: NetSuite would not take the key, or the role is neither ``full`` nor ``limited``.
    """
    if role not in _HOLDERS:
        raise CertificateError(f"There is no role {role!r}; there are {', '.join(_HOLDERS)}.")
    user, role_id = _HOLDERS[role]
    return tokens.register(pem, user=user, role_id=role_id)


def new_token(credentials: SimulatorCredentials) -> Token:
    """Make another token of the integration's user, as a person does on the page of access tokens."""
    made = replace(credentials.tba, token_id=token_hex(32), token_secret=token_hex(32))
    return _token(made, "full")


def _token(tba: TbaCredentials, holder: str) -> Token:
    user, role_id = _HOLDERS[holder]
    return Token(tba.token_id, tba.token_secret, tba.consumer_key, user, role_id)
