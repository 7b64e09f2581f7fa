"""Signatures of token-based authentication: Oracle's own examples, and a second implementation."""

import base64
import hashlib
import hmac
import re
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lago_ns_cli.errors import CredentialError
from lago_ns_cli.netsuite.auth import TbaAuth, TbaCredentials, fresh_nonce

# Oracle's published sample, help page section_1534941088.
CREDENTIALS = TbaCredentials(
    consumer_key="ef40afdd8abaac111b13825dd5e5e2ddddb44f86d5a0dd6dcf38c20aae6b67e4",
    consumer_secret="d26ad321a4b2f23b0741c8d38392ce01c3e23e109df6c96eac6d099e9ab9e8b5",
    token_id="2b0ce516420110bcbd36b69e99196d1b7f6de3c6234c5afb799b73d87569f5cc",
    token_secret="c29a677df7d5439a458c063654187e3d678d73aca8e3c9d8bea1478a3eb0d295",
)
QUERY = "script=6&deploy=1&customParam=someValue&testParam=someOtherValue"


def login(account: str = "123456", credentials: TbaCredentials = CREDENTIALS) -> TbaAuth:
    return TbaAuth(account, credentials, clock=lambda: 1508242306.9, nonce=lambda: "fjaLirsIcCGVZWzBX0pg")


def sign(
    method: str, url: str | httpx.URL, auth: TbaAuth | None = None, content: bytes = b""
) -> dict[str, str]:
    """Sign a request and take its header apart."""
    request = httpx.Request(method, url, content=content)
    next((auth or login()).auth_flow(request))
    header = request.headers["authorization"]
    assert header.startswith("OAuth realm=")
    return {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', header)}


def expected_signature(method: str, url: str, parameters: dict[str, str], credentials: TbaCredentials) -> str:
    """Sign by our own reading of RFC 5849, section 3.4."""

    def encode(text: str) -> str:
        return quote(text, safe="-._~")

    parts = urlsplit(url)
    signed = [(name, value) for name, value in parameters.items() if name not in ("realm", "oauth_signature")]
    signed += parse_qsl(parts.query, keep_blank_values=True)
    listed = "&".join(f"{name}={value}" for name, value in sorted((encode(n), encode(v)) for n, v in signed))
    text = "&".join(
        encode(part) for part in (method, f"{parts.scheme}://{parts.netloc}{parts.path}".lower(), listed)
    )
    key = f"{encode(credentials.consumer_secret)}&{encode(credentials.token_secret)}"
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), hashlib.sha256)).decode()


@pytest.mark.parametrize(
    ("method", "url", "signature"),
    [
        (
            "POST",
            f"https://123456.restlets.api.netsuite.com/app/site/hosting/restlet.nl?{QUERY}",
            "+KK4SKNgz4ZiILGLwOMtfYlgcXSy1eis8ldE9X90azQ=",
        ),
        (
            "GET",
            "https://123456.suitetalk.api.netsuite.com/services/rest/record/v1/employee/40",
            "B5OIWznZ2YP0OB7VrJrGkYsTh+8H+5T9Hag+o92q0zY=",
        ),
        (
            "POST",
            f"https://rest.netsuite.com/app/site/hosting/restlet.nl?{QUERY}",
            "7mpNx1RdQn4VLSyeEwCK7jFBjGQ0blzwDSMU9Kg5Rmg=",
        ),
    ],
)
def test_oracles_own_examples_are_signed_alike(method: str, url: str, signature: str) -> None:
    """Three requests, as Oracle publishes them; the body is never signed."""
    parameters = sign(method, url)

    assert parameters["oauth_signature"] == signature
    assert sign(method, url, content=b'{"a": 1}')["oauth_signature"] == signature
    assert {**parameters, "oauth_signature": ""} == {
        "realm": "123456",
        "oauth_consumer_key": CREDENTIALS.consumer_key,
        "oauth_token": CREDENTIALS.token_id,
        "oauth_nonce": "fjaLirsIcCGVZWzBX0pg",
        "oauth_timestamp": "1508242306",
        "oauth_signature_method": "HMAC-SHA256",
        "oauth_version": "1.0",
        "oauth_signature": "",
    }


@settings(max_examples=60)
@given(
    script=st.text(max_size=12),
    secret=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1),
)
def test_any_query_and_secret_is_signed_as_the_rfc_says(script: str, secret: str) -> None:
    """Spaces, signs and letters of any alphabet, by a second implementation."""
    credentials = TbaCredentials("ck", secret, "tid", secret[::-1])
    encoded = quote(script.encode("utf-8", "replace"), safe="")
    url = httpx.URL(f"http://127.0.0.1:8321/app/site/hosting/restlet.nl?script={encoded}&deploy=a%2Bb%20c%21")
    parameters = sign("POST", url, login("1_SB1", credentials))

    assert parameters["oauth_signature"] == expected_signature("POST", str(url), parameters, credentials)


@pytest.mark.parametrize("account", ["1234567_SB1", "1234567-sb1"])
def test_realm_is_upper_case_with_an_underscore(account: str) -> None:
    """Any other spelling is an invalid login."""
    assert sign("POST", "https://a.example/", login(account))["realm"] == "1234567_SB1"


def test_every_attempt_is_signed_by_itself() -> None:
    """A nonce that is used twice is refused."""
    nonces = iter(["a" * 20, "b" * 20])
    auth = TbaAuth("1", CREDENTIALS, clock=lambda: 1.0, nonce=lambda: next(nonces))
    first, second = sign("POST", "https://a.example/", auth), sign("POST", "https://a.example/", auth)

    assert (first["oauth_nonce"], second["oauth_nonce"]) == ("a" * 20, "b" * 20)
    assert first["oauth_signature"] != second["oauth_signature"]


def test_nonces_are_long_and_never_the_same() -> None:
    """NetSuite takes 6 to 64 letters and digits and recommends 20."""
    drawn = {fresh_nonce() for _ in range(100)}

    assert len(drawn) == 100
    assert all(nonce.isalnum() and 20 <= len(nonce) <= 64 for nonce in drawn)


@pytest.mark.parametrize("value", ["", "two words", "line\n", "kéy"])
def test_unusable_credentials_are_refused_unquoted(value: str) -> None:
    """The setting is named, the secret is not."""
    with pytest.raises(CredentialError) as caught:
        TbaAuth("1", TbaCredentials("a", "b", "c", value), clock=lambda: 1.0)

    assert "netsuite.token_secret" in caught.value.message
    assert not value or value.strip() not in caught.value.message


def test_credentials_do_not_show_themselves() -> None:
    """Neither in a log nor in a traceback."""
    assert repr(CREDENTIALS) == "TbaCredentials()"
