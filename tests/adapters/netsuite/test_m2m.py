"""OAuth 2.0 client credentials: what is asserted, and when a token is fetched."""

import asyncio
from typing import Any
from urllib.parse import parse_qs

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from lago_ns_cli.errors import AuthError, CredentialError, LimitError, RemoteError, TransientError
from lago_ns_cli.netsuite.auth import TOKEN_PATH, M2mAuth, M2mCredentials

BASE = "http://127.0.0.1:8321"
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(65537, 3072)


def pem(key: Any, password: bytes | None = None) -> str:
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    encoded: bytes = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )
    return encoded.decode()


class Account:
    """A token endpoint and a RESTlet, and what they were sent."""

    def __init__(self, *token_replies: httpx.Response | Exception) -> None:
        self.now = 1_000_000.0
        self.assertions: list[str] = []
        self.bearers: list[str] = []
        self.refused: set[str] = set()
        self._replies = list(token_replies)

    def login(self, key: Any = EC_KEY) -> M2mAuth:
        return M2mAuth(
            BASE,
            M2mCredentials("client-1", "cert-1", pem(key)),
            clock=lambda: self.now,
            transport=httpx.MockTransport(self._answer),
        )

    async def call(self, client: httpx.AsyncClient) -> int:
        return (await client.post(f"{BASE}/restlet")).status_code

    def client(self, login: M2mAuth) -> httpx.AsyncClient:
        return httpx.AsyncClient(auth=login, transport=httpx.MockTransport(self._answer))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == TOKEN_PATH:
            await asyncio.sleep(0)
            self.assertions.append(parse_qs(request.content.decode())["client_assertion"][0])
            if self._replies:
                reply = self._replies.pop(0)
                if isinstance(reply, Exception):
                    raise reply
                return reply
            token = f"token-{len(self.assertions)}"
            return httpx.Response(
                200, json={"access_token": token, "expires_in": "3600", "token_type": "bearer"}
            )
        bearer = request.headers["authorization"].removeprefix("Bearer ")
        self.bearers.append(bearer)
        return httpx.Response(401 if bearer in self.refused else 200, json={})


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (RSA_KEY, "PS256"),
        (EC_KEY, "ES256"),
        (ec.generate_private_key(ec.SECP384R1()), "ES384"),
        (ec.generate_private_key(ec.SECP521R1()), "ES512"),
    ],
)
def test_the_assertion_is_signed_as_its_key_demands(key: Any, algorithm: str) -> None:
    """Claims and header are those that NetSuite asks for; it lives for minutes."""
    account = Account()
    login = account.login(key)

    async def scenario() -> int:
        async with account.client(login) as client:
            return await account.call(client)

    assert asyncio.run(scenario()) == 200
    [assertion] = account.assertions
    claims = jwt.decode(
        assertion,
        key.public_key(),
        [algorithm],
        audience=BASE + TOKEN_PATH,
        options={"verify_exp": False, "verify_iat": False},
    )
    assert jwt.get_unverified_header(assertion) == {"typ": "JWT", "alg": algorithm, "kid": "cert-1"}
    assert claims["iss"] == "client-1"
    assert claims["scope"] == ["restlets"]
    assert claims["iat"] == 1_000_000
    assert 0 < claims["exp"] - claims["iat"] < 3600
    assert account.bearers == ["token-1"]


def test_a_token_is_kept_for_55_minutes() -> None:
    """It lives for 60; every assertion is another one."""
    account = Account()
    login = account.login()

    async def scenario() -> None:
        async with account.client(login) as client:
            for now in (0, 55 * 60 - 1, 55 * 60, 55 * 60 + 1):
                account.now = 1_000_000.0 + now
                await account.call(client)

    asyncio.run(scenario())

    assert account.bearers == ["token-1", "token-1", "token-2", "token-2"]
    assert len(set(account.assertions)) == 2


def test_a_refused_token_is_renewed_once() -> None:
    """A 401 executes nothing, so the call is made again; a second 401 is an answer."""
    account = Account()
    account.refused = {"token-1"}
    login = account.login()

    async def scenario() -> list[int]:
        async with account.client(login) as client:
            first = await account.call(client)
            account.refused = {"token-2", "token-3"}
            return [first, await account.call(client)]

    assert asyncio.run(scenario()) == [200, 401]
    assert account.bearers == ["token-1", "token-2", "token-2", "token-3"]


def test_calls_at_the_same_time_share_one_renewal() -> None:
    """At the start, and when all of them are refused at once."""
    account = Account()
    login = account.login()

    async def scenario() -> None:
        async with account.client(login) as client:
            await asyncio.gather(*(account.call(client) for _ in range(5)))
            account.refused = {"token-1"}
            await asyncio.gather(*(account.call(client) for _ in range(5)))

    asyncio.run(scenario())

    assert len(account.assertions) == 2
    assert account.bearers.count("token-2") == 5


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (httpx.Response(400, json={"error": "invalid_grant"}), AuthError, "invalid_grant"),
        (httpx.Response(401, json={"error": "invalid_client"}), AuthError, "invalid_client"),
        (httpx.Response(400, json={"error": "server_mood"}), AuthError, "server_mood"),
        (httpx.Response(404, text="<html></html>"), AuthError, "netsuite_http_404"),
        (httpx.Response(429, text=""), LimitError, "netsuite_http_429"),
        (httpx.Response(503, text="<html></html>"), TransientError, "netsuite_http_503"),
        (httpx.Response(200, text="<html></html>"), TransientError, "netsuite_login_unreadable"),
        (httpx.Response(200, json={"expires_in": 3600}), TransientError, "netsuite_login_unreadable"),
        (
            httpx.Response(200, json={"access_token": "a", "expires_in": "soon"}),
            TransientError,
            "netsuite_login_unreadable",
        ),
        (httpx.Response(200, json={"access_token": "a\nb"}), AuthError, "netsuite_login"),
        (httpx.ConnectError("refused"), TransientError, "unreachable"),
        (httpx.ReadTimeout("slow"), TransientError, "answer_lost"),
    ],
)
def test_a_failed_login_is_told(
    reply: httpx.Response | Exception, kind: type[RemoteError], code: str
) -> None:
    """No call was made, so nothing is in doubt; the hint says where to look."""
    account = Account(reply)
    login = account.login()

    async def scenario() -> None:
        async with account.client(login) as client:
            await account.call(client)

    with pytest.raises(RemoteError) as caught:
        asyncio.run(scenario())

    assert (type(caught.value), caught.value.code) == (kind, code)
    assert account.assertions[0] not in str(caught.value)
    assert account.bearers == []


@pytest.mark.parametrize(
    "private_key",
    [
        "",
        "no key at all",
        pem(EC_KEY, b"password"),
        pem(rsa.generate_private_key(65537, 2048)),
        pem(ec.generate_private_key(ec.SECP256K1())),
    ],
)
def test_keys_that_netsuite_does_not_take_are_refused(private_key: str) -> None:
    """Before any call, and without quoting them."""
    with pytest.raises(CredentialError) as caught:
        M2mAuth(BASE, M2mCredentials("client-1", "cert-1", private_key), clock=lambda: 0.0)

    assert caught.value.__cause__ is None
    assert caught.value.hint


def test_credentials_do_not_show_themselves() -> None:
    """Neither in a log nor in a traceback."""
    assert repr(M2mCredentials("a", "b", "c")) == "M2mCredentials()"
