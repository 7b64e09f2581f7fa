"""OAuth 2.0 client credentials: the token endpoint and the access tokens it hands out.

A client proves itself with a JWT that it signed with the key of a registered certificate. Only PS256,
PS384, PS512 and ES256, ES384, ES512 are accepted; RS256 is not. Tokens live for an hour, and there is
no refresh token.
Source: Oracle's help ``section_162790605110`` and ``section_162686838198``; RFC 7523.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from lago_ns_cli.simulator.netsuite.logins import LoginRefusedError, RequestHead

TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 (an address)
TOKEN_LIFETIME = timedelta(hours=1)
LONGEST_ASSERTION = timedelta(minutes=60)
ALGORITHMS = ("PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
SCOPES = frozenset({"restlets", "rest_webservices", "suite_analytics"})
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

_CLOCK_SKEW = timedelta(seconds=60)
_SMALLEST_RSA_KEY = 3072  # bits
_CURVES = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class CertificateError(ValueError):
    """A certificate or key cannot be registered."""


class TokenRequestError(Exception):
    """The token endpoint refuses a request.

    Attributes:
        code: The OAuth error code of RFC 6749 section 5.2.
        reason: The login audit's text; the caller sees only the code.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class Mapped:
    """A certificate that is mapped to a user in a role; the ``kid`` of an assertion names it."""

    certificate_id: str
    key: PublicKey
    user: str
    role_id: str
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Bearer:
    """What a valid access token stands for."""

    certificate_id: str
    user: str
    role_id: str


def read_public_key(pem: str) -> PublicKey:
    """Read an X.509 certificate or a bare public key in PEM.

    Raises:
        CertificateError: It is neither, or its key is of a kind or size that NetSuite does not take.
    """
    try:
        data = pem.encode()
        if "BEGIN CERTIFICATE" in pem:
            key = x509.load_pem_x509_certificate(data).public_key()
        else:
            key = serialization.load_pem_public_key(data)  # type: ignore[assignment]
    except ValueError as error:
        raise CertificateError("This is neither a certificate nor a public key in PEM.") from error
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _SMALLEST_RSA_KEY:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, tuple(_CURVES.values())):
        return key
    raise CertificateError(
        "NetSuite takes RSA keys of 3072 bits or more and the curves P-256, P-384 and P-521."
    )


class TokenService:
    """Exchanges assertions for access tokens, and recognises these again.

    Args:
        client_id: The integration; the issuer of every assertion.
        secret: Signs access tokens, so that a restarted simulator still knows them.
    """

    def __init__(self, *, client_id: str, secret: str) -> None:
        self._client_id = client_id
        self._secret = secret
        self._mapped: dict[str, Mapped] = {}
        self._seen_assertions: dict[str, datetime] = {}

    def register(self, pem: str, *, user: str, role_id: str) -> str:
        """Map a certificate to a user in a role; returns its certificate id.

        Raises:
            CertificateError: NetSuite would not take this key.
        """
        key = read_public_key(pem)
        der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        certificate_id = f"sim-{hashlib.sha256(der).hexdigest()[:40]}"
        self._mapped[certificate_id] = Mapped(certificate_id, key, user, role_id, _end_of(pem))
        return certificate_id

    def revoke(self, certificate_id: str) -> None:
        """Take a mapping back, as a sandbox refresh does with all of them."""
        self._mapped.pop(certificate_id, None)

    def grant(self, request: RequestHead, body: bytes, now: datetime) -> tuple[Bearer, Mapping[str, str]]:
        """Answer a token request.

        Returns:
            Who logged in, and the JSON object to answer with.

        Raises:
            TokenRequestError: The request or its assertion is refused.
        """
        assertion = _assertion_of(request, body)
        mapped, claims = self._verified(assertion)
        if mapped.ends_at is not None and mapped.ends_at <= now:
            raise TokenRequestError("invalid_grant", f"the certificate ended at {mapped.ends_at.isoformat()}")
        self._check_claims(claims, audience=request.url, now=now)
        bearer = Bearer(mapped.certificate_id, mapped.user, mapped.role_id)
        return bearer, {
            "access_token": self._access_token(bearer, _scopes(claims), now),
            "expires_in": str(int(TOKEN_LIFETIME.total_seconds())),
            "token_type": "Bearer",
        }

    def recognise(self, token: str, now: datetime) -> Bearer:
        """Find out whom an access token stands for.

        Raises:
            LoginRefusedError: It is not ours, has expired, its mapping is gone, or it does not cover RESTlets.
        """
        options: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}
        try:
            claims = jwt.decode(token, self._secret, algorithms=["HS256"], options=options)
        except jwt.PyJWTError as error:
            raise LoginRefusedError("token_rejected", "the access token was not issued here") from error
        if claims["exp"] <= now.timestamp():
            raise LoginRefusedError("token_expired", "the access token is more than an hour old")
        mapped = self._mapped.get(claims["kid"])
        if mapped is None:
            raise LoginRefusedError("token_rejected", "the certificate's mapping was revoked")
        if "restlets" not in claims["scope"]:
            raise LoginRefusedError("scope_mismatch", "the access token does not cover restlets")
        return Bearer(mapped.certificate_id, mapped.user, mapped.role_id)

    def _verified(self, assertion: str) -> tuple[Mapped, dict[str, Any]]:
        try:
            header = jwt.get_unverified_header(assertion)
        except jwt.PyJWTError as error:
            raise TokenRequestError("invalid_request", "the assertion is not a JWT") from error
        mapped = self._mapped.get(str(header.get("kid")))
        if mapped is None:
            raise TokenRequestError("invalid_client", f"no certificate has the id {header.get('kid')!r}")
        algorithm = str(header.get("alg"))
        if algorithm not in ALGORITHMS or not _fits(algorithm, mapped.key):
            raise TokenRequestError("invalid_client", f"{algorithm} is not accepted for this certificate")
        try:
            payload = jwt.PyJWS().decode(assertion, mapped.key, algorithms=[algorithm])
            claims = json.loads(payload)
        except (jwt.PyJWTError, ValueError) as error:
            raise TokenRequestError("invalid_client", "the assertion's signature is wrong") from error
        if not isinstance(claims, dict):
            raise TokenRequestError("invalid_request", "the assertion's claims are not an object")
        return mapped, claims

    def _check_claims(self, claims: Mapping[str, Any], *, audience: str, now: datetime) -> None:
        issued, expires = (_seconds(claims.get(name)) for name in ("iat", "exp"))
        if claims.get("iss") != self._client_id:
            raise TokenRequestError("invalid_client", f"iss is {claims.get('iss')!r}, not the client id")
        given = claims.get("aud")
        if audience not in (given if isinstance(given, list) else [given]):
            raise TokenRequestError("invalid_grant", f"aud is {given!r}, the token URL is {audience!r}")
        if issued is None or expires is None:
            raise TokenRequestError("invalid_grant", "iat and exp are seconds since 1970")
        if not 0 < expires - issued <= LONGEST_ASSERTION.total_seconds():
            raise TokenRequestError("invalid_grant", "exp lies at most 60 minutes after iat")
        if expires <= now.timestamp() or issued > (now + _CLOCK_SKEW).timestamp():
            raise TokenRequestError("invalid_grant", "the assertion has expired or is not valid yet")
        if not _scopes(claims) or not _scopes(claims) <= SCOPES:
            raise TokenRequestError("invalid_scope", f"scope is {claims.get('scope')!r}")
        self._check_replay(claims, now)

    def _check_replay(self, claims: Mapping[str, Any], now: datetime) -> None:
        self._seen_assertions = {seen: until for seen, until in self._seen_assertions.items() if until > now}
        identifier = claims.get("jti")
        if identifier is None:
            return
        if str(identifier) in self._seen_assertions:
            raise TokenRequestError("invalid_grant", "an assertion with this jti was used before")
        self._seen_assertions[str(identifier)] = now + LONGEST_ASSERTION + _CLOCK_SKEW

    def _access_token(self, bearer: Bearer, scopes: frozenset[str], now: datetime) -> str:
        issued = int(now.timestamp())
        claims = {
            "sub": f"{bearer.role_id};{bearer.user}",
            "kid": bearer.certificate_id,
            "scope": sorted(scopes),
            "iat": issued,
            "exp": issued + int(TOKEN_LIFETIME.total_seconds()),
        }
        return jwt.encode(claims, self._secret, algorithm="HS256")


def _end_of(pem: str) -> datetime | None:
    """Until when a certificate holds; a bare public key has no end."""
    if "BEGIN CERTIFICATE" not in pem:
        return None
    return x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc


def _assertion_of(request: RequestHead, body: bytes) -> str:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        raise TokenRequestError("invalid_request", f"the body is {content_type or 'untyped'}, not a form")
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if form.get("grant_type") != "client_credentials":
        raise TokenRequestError("unsupported_grant_type", f"grant_type is {form.get('grant_type')!r}")
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise TokenRequestError("invalid_request", "client_assertion_type is not the JWT bearer type")
    if not form.get("client_assertion"):
        raise TokenRequestError("invalid_request", "client_assertion is missing")
    return form["client_assertion"]


def _fits(algorithm: str, key: PublicKey) -> bool:
    if isinstance(key, ec.EllipticCurvePublicKey):
        return algorithm in _CURVES and isinstance(key.curve, _CURVES[algorithm])
    return algorithm.startswith("PS")


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    """Read a scope in either of the forms Oracle shows: a JSON array, or one text with commas."""
    scope = claims.get("scope")
    words = scope if isinstance(scope, list) else str(scope or "").replace(",", " ").split()
    return frozenset(str(word) for word in words)


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
