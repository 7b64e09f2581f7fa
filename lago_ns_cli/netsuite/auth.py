"""The two ways to log in: OAuth 2.0 client credentials (M2M), and token-based authentication (TBA).

Both are ``httpx.Auth``, so every attempt, the first or a repeated one, is signed by itself.
Source: Oracle's help ``section_162790605110`` (M2M), ``section_1534941088`` (TBA); RFC 5849, RFC 7523.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

import httpx
import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from oauthlib import oauth1

from lago_ns_cli.connection import Answer, Connection
from lago_ns_cli.errors import AuthError, CredentialError, InDoubtError, TransientError
from lago_ns_cli.netsuite.account import normalize_account
from lago_ns_cli.netsuite.meanings import SYSTEM, Call, failure

TOKEN_PATH: Final = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 (an address)

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_SECONDS = 300
_RENEW_AFTER_SECONDS = 55 * 60
_TOKEN_TIMEOUT_SECONDS = 30.0
_SMALLEST_RSA_KEY = 3072  # bits
_ALGORITHM_BY_CURVE = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}

Clock = Callable[[], float]
"""Seconds since 1970, as ``time.time`` tells them."""


def fresh_nonce() -> str:
    """Draw a nonce of 32 letters and digits; NetSuite takes 6 to 64."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class TbaCredentials:
    """The four parts of a token-based login."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    token_id: str = field(repr=False)
    token_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class M2mCredentials:
    """An integration's client id, and the key of a certificate that is mapped to it.

    ``private_key`` is PEM, unencrypted: RSA of 3072 bits or more, or EC P-256, P-384, P-521.
    """

    client_id: str = field(repr=False)
    certificate_id: str = field(repr=False)
    private_key: str = field(repr=False)


class Login(httpx.Auth):
    """A way to log in; what it holds open is closed with the client that uses it."""

    async def aclose(self) -> None:
        """Let the connections go."""


class TbaAuth(Login):
    """Signs requests with HMAC-SHA256 as OAuth 1.0a says; a JSON body is not signed.

    Args:
        account: In any spelling; the realm is written as NetSuite wants it.
        clock: Must be within five minutes of NetSuite's.
        nonce: Gives 20 or more letters and digits, never the same twice.

    Raises:
        CredentialError: A part is empty, or holds signs that no credential has.
    """

    def __init__(
        self,
        account: str,
        credentials: TbaCredentials,
        *,
        clock: Clock,
        nonce: Callable[[], str] = fresh_nonce,
    ) -> None:
        for name in ("consumer_key", "consumer_secret", "token_id", "token_secret"):
            _check_secret(getattr(credentials, name), f"netsuite.{name}")
        self._realm = normalize_account(account)
        self._credentials = credentials
        self._clock = clock
        self._nonce = nonce

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign a request; each attempt comes here anew."""
        request.headers["authorization"] = self._authorization(request.method, str(request.url))
        yield request

    def _authorization(self, method: str, url: str) -> str:
        client = oauth1.Client(
            self._credentials.consumer_key,
            client_secret=self._credentials.consumer_secret,
            resource_owner_key=self._credentials.token_id,
            resource_owner_secret=self._credentials.token_secret,
            signature_method=oauth1.SIGNATURE_HMAC_SHA256,
            realm=self._realm,
            nonce=self._nonce(),
            timestamp=str(int(self._clock())),
        )
        _, headers, _ = client.sign(url, http_method=method)
        return str(headers["Authorization"])


class M2mAuth(Login):
    """Carries an access token, fetched when it is first needed and renewed before it expires.

    Args:
        base_url: As ``token_base_url`` chose it.
        clock: Must be close to NetSuite's.
        nonce: Makes each assertion's ``jti``.
        transport: Stands in for the network, in tests.
        heard: Told of every answer of the token service.

    Raises:
        CredentialError: The key is none that NetSuite takes, or a part is empty.
    """

    def __init__(
        self,
        base_url: str,
        credentials: M2mCredentials,
        *,
        clock: Clock,
        nonce: Callable[[], str] = fresh_nonce,
        transport: httpx.AsyncBaseTransport | None = None,
        heard: Callable[[Answer], None] | None = None,
    ) -> None:
        _check_secret(credentials.client_id, "netsuite.client_id")
        _check_secret(credentials.certificate_id, "netsuite.certificate_id")
        self._credentials = credentials
        self._key, self._algorithm = _signing_key(credentials.private_key)
        self._clock = clock
        self._nonce = nonce
        self._connection = Connection(
            base_url,
            system=SYSTEM,
            read_timeout_seconds=_TOKEN_TIMEOUT_SECONDS,
            transport=transport,
            heard=heard,
        )
        self._token: str | None = None
        self._renew_at = 0.0
        self._renewal = asyncio.Lock()

    async def aclose(self) -> None:
        """Let the connections go."""
        await self._connection.aclose()

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send the token along; after a 401, which executes nothing, once more with a new one."""
        token = await self._current(refused=None)
        request.headers["authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == 401:
            request.headers["authorization"] = f"Bearer {await self._current(refused=token)}"
            yield request

    async def _current(self, *, refused: str | None) -> str:
        """Give the token; calls that need a new one at the same time share one renewal."""
        async with self._renewal:
            if self._token is None or self._token == refused or self._clock() >= self._renew_at:
                asked_at = self._clock()
                self._token, lifetime_seconds = await self._fetch()
                self._renew_at = asked_at + min(_RENEW_AFTER_SECONDS, lifetime_seconds * 11 / 12)
            return self._token

    async def _fetch(self) -> tuple[str, float]:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": self._assertion(),
        }
        try:
            answer = await self._connection.send(
                "POST",
                TOKEN_PATH,
                content=urlencode(form).encode(),
                headers={"content-type": "application/x-www-form-urlencoded"},
            )
        except InDoubtError as error:
            # No call was made with this token yet, so nothing is in doubt.
            raise TransientError(error.message, system=SYSTEM, hint=error.hint, code=error.code) from error
        return _granted(answer)

    def _assertion(self) -> str:
        now = int(self._clock())
        claims = {
            "iss": self._credentials.client_id,
            "scope": ["restlets"],  # what is not ticked on the integration record may be refused
            "aud": self._connection.base_url + TOKEN_PATH,
            "iat": now,
            "exp": now + _ASSERTION_SECONDS,
            "jti": self._nonce(),
        }
        headers = {"kid": self._credentials.certificate_id}
        return jwt.encode(claims, self._key, algorithm=self._algorithm, headers=headers)


class _Grant(msgspec.Struct):
    access_token: str
    # Documented as a number; real answers carry a text.
    expires_in: int | str = 3600


def _granted(answer: Answer) -> tuple[str, float]:
    if answer.status != 200:
        raise failure(answer, Call("the login", writes=False, login=True))
    try:
        grant = msgspec.json.decode(answer.body, type=_Grant)
        lifetime_seconds = float(grant.expires_in)
    except (ValueError, RecursionError) as error:
        raise TransientError(
            "NetSuite's answer to the login holds no access token.",
            system=SYSTEM,
            hint="Run the command again in a while; check netsuite.account and netsuite.base_url.",
            code="netsuite_login_unreadable",
            status=answer.status,
        ) from error
    if not grant.access_token or not grant.access_token.isascii() or not grant.access_token.isprintable():
        raise AuthError(
            "NetSuite granted an access token that is none.", system=SYSTEM, code="netsuite_login"
        )
    return grant.access_token, lifetime_seconds


def _signing_key(pem: str) -> tuple[rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, str]:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnicodeEncodeError):
        # The cause could quote the key.
        raise CredentialError(
            "netsuite.private_key is not an unencrypted private key in PEM.",
            hint="Store the key of the certificate again with `lago-ns auth login`.",
        ) from None
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _SMALLEST_RSA_KEY:
        return key, "PS256"
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _ALGORITHM_BY_CURVE:
        return key, _ALGORITHM_BY_CURVE[key.curve.name]
    raise CredentialError(
        "netsuite.private_key is of a kind or size that NetSuite does not take.",
        hint="Use RSA of 3072 or 4096 bits, or EC P-256, P-384 or P-521.",
    )


def _check_secret(value: str, name: str) -> None:
    if not value or not value.isascii() or any(sign.isspace() or not sign.isprintable() for sign in value):
        raise CredentialError(
            f"{name} is empty or holds spaces or signs that no credential has.",
            hint="Store it again with `lago-ns auth login`.",
        )
