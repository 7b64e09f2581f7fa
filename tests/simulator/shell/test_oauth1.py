"""Signatures are checked as RFC 5849 and NetSuite's help say."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oauthlib import oauth1

from lago_ns_cli.simulator.netsuite.logins import LoginRefusedError, MalformedAuthorizationError, RequestHead
from lago_ns_cli.simulator.netsuite.oauth1 import (
    TbaVerifier,
    Token,
    base_string,
    parse_authorization,
    signature,
)

# Oracle's published sample: credentials, nonce, timestamp and what comes out.
CONSUMER_KEY = "ef40afdd8abaac111b13825dd5e5e2ddddb44f86d5a0dd6dcf38c20aae6b67e4"
CONSUMER_SECRET = "d26ad321a4b2f23b0741c8d38392ce01c3e23e109df6c96eac6d099e9ab9e8b5"
TOKEN_ID = "2b0ce516420110bcbd36b69e99196d1b7f6de3c6234c5afb799b73d87569f5cc"
TOKEN_SECRET = "c29a677df7d5439a458c063654187e3d678d73aca8e3c9d8bea1478a3eb0d295"
TIMESTAMP = 1508242306
NOW = datetime.fromtimestamp(TIMESTAMP, UTC)
RESTLET_QUERY = "script=6&deploy=1&customParam=someValue&testParam=someOtherValue"

SAMPLE = {
    "realm": "123456",
    "oauth_consumer_key": CONSUMER_KEY,
    "oauth_token": TOKEN_ID,
    "oauth_nonce": "fjaLirsIcCGVZWzBX0pg",
    "oauth_timestamp": str(TIMESTAMP),
    "oauth_signature_method": "HMAC-SHA256",
    "oauth_version": "1.0",
}


def request(
    method: str = "POST",
    host: str = "123456.restlets.api.netsuite.com",
    path: str = "/app/site/hosting/restlet.nl",
    query: str = RESTLET_QUERY,
    scheme: str = "https",
) -> RequestHead:
    return RequestHead(method, scheme, host, path, query, {})


def sign(head: RequestHead, parameters: dict[str, str]) -> str:
    return signature(
        base_string(head, parameters), consumer_secret=CONSUMER_SECRET, token_secret=TOKEN_SECRET
    )


def header(head: RequestHead, **changes: str) -> str:
    """Make a signed header; a change of ``oauth_signature`` replaces the right one."""
    parameters = {**SAMPLE, **changes}
    parameters.setdefault("oauth_signature", sign(head, parameters))
    return "OAuth " + ", ".join(f'{key}="{quote(value, safe="")}"' for key, value in parameters.items())


def verifier() -> TbaVerifier:
    token = Token(TOKEN_ID, TOKEN_SECRET, CONSUMER_KEY, user="17", role_id="1001")
    return TbaVerifier("123456", {CONSUMER_KEY: CONSUMER_SECRET, "other": "secret"}, [token])


def verify(tba: TbaVerifier, head: RequestHead, authorization: str, now: datetime = NOW) -> Token:
    token, parameters = tba.identify(authorization)
    tba.verify(head, token, parameters, now)
    return token


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (request(), "+KK4SKNgz4ZiILGLwOMtfYlgcXSy1eis8ldE9X90azQ="),
        (
            request("GET", "123456.suitetalk.api.netsuite.com", "/services/rest/record/v1/employee/40", ""),
            "B5OIWznZ2YP0OB7VrJrGkYsTh+8H+5T9Hag+o92q0zY=",
        ),
        (request(host="rest.netsuite.com"), "7mpNx1RdQn4VLSyeEwCK7jFBjGQ0blzwDSMU9Kg5Rmg="),
    ],
)
def test_oracles_sample_signatures_come_out(head: RequestHead, expected: str) -> None:
    """The three samples of Oracle's help give their published signatures."""

    assert expected == sign(head, SAMPLE)
    assert verify(verifier(), head, header(head)).user == "17"


def test_base_string_has_the_published_beginning_and_end() -> None:
    """The query is sorted in among the oauth parameters; realm and signature stay out."""
    text = base_string(request(), {**SAMPLE, "oauth_signature": "x"})

    assert text.startswith(
        "POST&https%3A%2F%2F123456.restlets.api.netsuite.com%2Fapp%2Fsite%2Fhosting%2Frestlet.nl"
        "&customParam%3DsomeValue%26deploy%3D1%26oauth_consumer_key%3Def40"
    )
    assert text.endswith("%26oauth_version%3D1.0%26script%3D6%26testParam%3DsomeOtherValue")


def test_base_string_of_the_rfcs_own_example() -> None:
    """Section 3.4.1.1 of RFC 5849: repeated names, empty values, plus signs, escapes and a form body."""
    head = RequestHead(
        "POST", "http", "EXAMPLE.COM:80", "/request", "b5=%3D%253D&a3=a&c%40=&a2=r%20b&c2&a3=2+q", {}
    )
    oauth = {
        "realm": "Example",
        "oauth_consumer_key": "9djdj82h48djs9d2",
        "oauth_token": "kkk9d7dh3k39sjv7",
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": "137131201",
        "oauth_nonce": "7d8f3e4a",
        "oauth_signature": "bYT5CMsGcbgUdFHObYMEfcx6bsw=",
    }

    assert base_string(head, oauth) == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D"
        "%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a"
        "%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    )


@pytest.mark.parametrize(
    ("scheme", "host", "signed"),
    [
        ("https", "Example.com:443", "https://example.com/r"),
        ("http", "example.com:80", "http://example.com/r"),
        ("http", "127.0.0.1:8321", "http://127.0.0.1:8321/r"),
        ("https", "example.com:80", "https://example.com:80/r"),
        ("http", "[::1]:8321", "http://[::1]:8321/r"),
    ],
)
def test_only_a_port_that_is_not_the_schemes_own_is_signed(scheme: str, host: str, signed: str) -> None:
    """Section 3.4.1.2: default ports are left out, all others stay."""
    text = base_string(RequestHead("GET", scheme, host, "/r", "", {}), {})

    assert quote(signed, safe="") == text.split("&")[1]


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=4))
def test_any_query_is_signed_the_same_however_it_is_encoded(query: dict[str, str]) -> None:
    """Decoding and encoding again removes every freedom a client has in writing a query."""
    clean = {k: v for k, v in query.items() if k.isprintable() and v.isprintable()}
    strict = "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in clean.items())
    loose = "&".join(
        f"{quote(key, safe='!*')}={quote(value, safe='!*').replace('%20', '+')}"
        for key, value in clean.items()
    )

    assert base_string(request(query=strict), SAMPLE) == base_string(request(query=loose), SAMPLE)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"realm": "123456_sb1"}, "InvalidRealm"),
        ({"oauth_version": "1.1"}, "version_rejected"),
        ({"oauth_signature_method": "HMAC-SHA1"}, "signature_method_rejected"),
        ({"oauth_nonce": "short"}, "nonce_rejected"),
        ({"oauth_nonce": "n" * 65}, "nonce_rejected"),
        ({"oauth_timestamp": str(TIMESTAMP - 301)}, "InvalidTimestamp"),
        ({"oauth_timestamp": str(TIMESTAMP + 301)}, "InvalidTimestamp"),
        ({"oauth_timestamp": "today"}, "InvalidTimestamp"),
        ({"oauth_signature": "AAAA"}, "InvalidSignature"),
        ({"oauth_signature": "ü\udce9"}, "InvalidSignature"),
        ({"oauth_consumer_key": "nobody"}, "consumer_key_unknown"),
        ({"oauth_consumer_key": "other"}, "token_rejected"),
        ({"oauth_token": "nobody"}, "token_rejected"),
    ],
)
def test_each_flaw_has_its_word_in_the_audit(changes: dict[str, str], reason: str) -> None:
    """Every way to fail is told apart, though never to the caller."""
    head = request()
    changes = {key: value.encode("utf-8", "replace").decode() for key, value in changes.items()}

    with pytest.raises(LoginRefusedError) as refused:
        verify(verifier(), head, header(head, **changes))

    assert reason == refused.value.reason


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_clock_may_be_five_minutes_off(seconds: int) -> None:
    """Both ends of the window count."""
    head = request()

    assert verify(verifier(), head, header(head), NOW + timedelta(seconds=seconds))


def test_a_nonce_serves_once_per_timestamp() -> None:
    """The same nonce again is refused, also after other calls; with a new timestamp it is a new one."""
    tba, head = verifier(), request()
    verify(tba, head, header(head))
    verify(tba, head, header(head, oauth_timestamp=str(TIMESTAMP + 1)))

    with pytest.raises(LoginRefusedError, match="nonce_used"):
        verify(tba, head, header(head), NOW + timedelta(minutes=4))


@pytest.mark.parametrize(
    "text",
    [
        "OAuth",
        "OAuth realm=123456",
        'OAuth realm="a", realm="a"',
        'OAuth realm="%zz"',
        'OAuth realm="a" oauth_token="b"',
        'OAuth realm="123456"',
    ],
)
def test_a_header_that_cannot_be_read_is_malformed(text: str) -> None:
    """Neither a guess nor a traceback comes of a broken header."""
    with pytest.raises(MalformedAuthorizationError):
        verifier().identify(text)


@given(
    st.dictionaries(
        st.sampled_from("abcdeABC!*'()~ +%&=äß日"), st.text("xyz!*'() +%&=/:ü", max_size=6), max_size=4
    )
)
def test_another_library_signs_the_same(query: dict[str, str]) -> None:
    """What oauthlib, which knows nothing of this reading, signs is accepted."""
    head = request(query=urlencode(query))
    client = oauth1.Client(
        CONSUMER_KEY,
        CONSUMER_SECRET,
        TOKEN_ID,
        TOKEN_SECRET,
        signature_method=oauth1.SIGNATURE_HMAC_SHA256,
        realm="123456",
        nonce="fjaLirsIcCGVZWzBX0pg",
        timestamp=str(TIMESTAMP),
    )
    _, headers, _ = client.sign(f"{head.url}?{head.query}", http_method="POST")

    assert verify(verifier(), head, headers["Authorization"]).user == "17"


@given(st.text())
def test_any_text_is_either_read_or_malformed(text: str) -> None:
    """No header makes the parser fail in another way."""
    try:
        parse_authorization(f"OAuth {text}")
    except MalformedAuthorizationError:
        pass
