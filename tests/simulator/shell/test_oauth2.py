"""The token endpoint takes what NetSuite's takes, and nothing else."""

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from lago_ns_cli.simulator.netsuite.logins import LoginRefusedError, RequestHead
from lago_ns_cli.simulator.netsuite.oauth2 import (
    ASSERTION_TYPE,
    TOKEN_PATH,
    CertificateError,
    TokenRequestError,
    TokenService,
)

NOW = datetime(2026, 8, 3, 9, 30, tzinfo=UTC)
URL = f"http://127.0.0.1:8321{TOKEN_PATH}"
HEAD = RequestHead(
    "POST", "http", "127.0.0.1:8321", TOKEN_PATH, "", {"content-type": "application/x-www-form-urlencoded"}
)
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def private_key(kind: str) -> PrivateKey:
    if kind == "rsa":
        return rsa.generate_private_key(65537, 3072)
    return ec.generate_private_key(
        {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "p521": ec.SECP521R1()}[kind]
    )


def public_pem(kind: str) -> str:
    return (
        private_key(kind).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    )


def service() -> TokenService:
    return TokenService(client_id="sim-client", secret="s" * 40)


def claims(**changes: Any) -> dict[str, Any]:
    standard = {
        "iss": "sim-client",
        "scope": ["restlets"],
        "aud": URL,
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 3600,
        "jti": "one",
    }
    return {key: value for key, value in {**standard, **changes}.items() if value is not None}


def assertion(certificate_id: str, kind: str = "p256", algorithm: str = "ES256", **changes: Any) -> str:
    return jwt.encode(
        claims(**changes), private_key(kind), algorithm=algorithm, headers={"kid": certificate_id}
    )


def jwt_for(
    key: ec.EllipticCurvePrivateKey, registered: dict[str, str], now: datetime, *, audience: str
) -> str:
    """Make an assertion as a client does, from what the registration answered."""
    issued = int(now.timestamp())
    stated = claims(iss=registered["client_id"], aud=audience, iat=issued, exp=issued + 300)
    return jwt.encode(stated, key, algorithm="ES256", headers={"kid": registered["certificate_id"]})


def form(token: str, **changes: str) -> bytes:
    fields = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": token,
    }
    return urlencode({**fields, **changes}).encode()


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [
        ("rsa", "PS256"),
        ("rsa", "PS384"),
        ("rsa", "PS512"),
        ("p256", "ES256"),
        ("p384", "ES384"),
        ("p521", "ES512"),
    ],
)
def test_each_listed_algorithm_gets_a_token_for_an_hour(kind: str, algorithm: str) -> None:
    """The answer is a token of the certificate's user and role, and no refresh token."""
    tokens = service()
    certificate = tokens.register(public_pem(kind), user="17", role_id="1001")

    _, answer = tokens.grant(HEAD, form(assertion(certificate, kind, algorithm)), NOW)

    assert {"access_token", "expires_in", "token_type"} == set(answer)
    assert answer["expires_in"] == "3600"
    bearer = tokens.recognise(answer["access_token"], NOW + timedelta(minutes=59))
    assert (bearer.user, bearer.role_id) == ("17", "1001")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "someone"}, "invalid_client"),
        ({"aud": "https://1234567-sb1.suitetalk.api.netsuite.com/other"}, "invalid_grant"),
        ({"aud": None}, "invalid_grant"),
        ({"exp": int(NOW.timestamp()) + 3601}, "invalid_grant"),
        ({"iat": None}, "invalid_grant"),
        ({"exp": "soon"}, "invalid_grant"),
        ({"iat": int(NOW.timestamp()) - 3600, "exp": int(NOW.timestamp())}, "invalid_grant"),
        ({"iat": int(NOW.timestamp()) + 120}, "invalid_grant"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "restlets,everything"}, "invalid_scope"),
    ],
)
def test_wrong_claims_are_refused(changes: dict[str, Any], code: str) -> None:
    """Issuer, audience, times and scope are each held against the rules."""
    tokens = service()
    certificate = tokens.register(public_pem("p256"), user="17", role_id="1001")

    with pytest.raises(TokenRequestError) as refused:
        tokens.grant(HEAD, form(assertion(certificate, **changes)), NOW)

    assert code == refused.value.code


def test_scope_may_be_one_text_with_commas() -> None:
    """Oracle's text shows commas, its sample an array."""
    tokens = service()
    certificate = tokens.register(public_pem("p256"), user="17", role_id="1001")

    _, answer = tokens.grant(HEAD, form(assertion(certificate, scope="restlets,rest_webservices")), NOW)

    assert tokens.recognise(answer["access_token"], NOW)


def test_an_assertion_serves_once() -> None:
    """The same jti again is a replay."""
    tokens = service()
    certificate = tokens.register(public_pem("p256"), user="17", role_id="1001")
    body = form(assertion(certificate))
    tokens.grant(HEAD, body, NOW)

    with pytest.raises(TokenRequestError, match="jti"):
        tokens.grant(HEAD, body, NOW + timedelta(minutes=5))


def test_algorithm_and_key_belong_together() -> None:
    """RS256, HS256 with the public key, another curve, another key and an unknown certificate are all refused."""
    tokens = service()
    certificate = tokens.register(public_pem("rsa"), user="17", role_id="1001")
    elliptic = tokens.register(public_pem("p256"), user="17", role_id="1001")
    unsigned = jwt.encode(claims(), "", algorithm="none", headers={"kid": certificate})
    attempts = [
        assertion(certificate, "rsa", "RS256"),
        assertion(certificate, "p256", "ES256"),
        assertion(elliptic, "p384", "ES384"),
        assertion("unknown"),
        unsigned,
        "no.jwt.at-all",
    ]

    for attempt in attempts:
        with pytest.raises(TokenRequestError):
            tokens.grant(HEAD, form(attempt), NOW)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ({"client_assertion_type": "saml"}, "invalid_request"),
        ({"client_assertion": ""}, "invalid_request"),
    ],
)
def test_the_form_must_be_complete(changes: dict[str, str], code: str) -> None:
    """Each field is asked for by RFC 7523."""
    with pytest.raises(TokenRequestError) as refused:
        service().grant(HEAD, form("x", **changes), NOW)

    assert code == refused.value.code


def test_json_is_no_form() -> None:
    """The endpoint takes form fields only."""
    head = RequestHead("POST", "http", "localhost", TOKEN_PATH, "", {"content-type": "application/json"})

    with pytest.raises(TokenRequestError, match="not a form"):
        service().grant(head, json.dumps({}).encode(), NOW)


def test_access_tokens_end_with_the_hour_and_with_their_mapping() -> None:
    """Expiry and revocation are told apart in the audit; a foreign token is neither."""
    tokens = service()
    certificate = tokens.register(public_pem("p256"), user="17", role_id="1001")
    _, answer = tokens.grant(HEAD, form(assertion(certificate)), NOW)

    with pytest.raises(LoginRefusedError, match="token_expired"):
        tokens.recognise(answer["access_token"], NOW + timedelta(hours=1))
    tokens.revoke(certificate)
    with pytest.raises(LoginRefusedError, match="revoked"):
        tokens.recognise(answer["access_token"], NOW)
    with pytest.raises(LoginRefusedError, match="not issued here"):
        tokens.recognise("sim-something", NOW)


def test_a_token_without_the_restlets_scope_opens_no_restlet() -> None:
    """A scope covers what it names."""
    tokens = service()
    certificate = tokens.register(public_pem("p256"), user="17", role_id="1001")
    _, answer = tokens.grant(HEAD, form(assertion(certificate, scope=["rest_webservices"])), NOW)

    with pytest.raises(LoginRefusedError, match="scope_mismatch"):
        tokens.recognise(answer["access_token"], NOW)


def test_small_and_foreign_keys_cannot_be_registered() -> None:
    """2048 bits are too few, and a private key is no certificate."""
    small = rsa.generate_private_key(65537, 2048).public_key()
    private = private_key("p256").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    pems = [small.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(), private, "nothing"]

    for pem in pems:
        with pytest.raises(CertificateError):
            service().register(pem, user="17", role_id="1001")
