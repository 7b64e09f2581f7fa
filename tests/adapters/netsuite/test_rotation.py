"""Credentials that are exchanged during a run are taken up, and nobody who waits for an answer notices."""

import asyncio
from collections.abc import Callable

import httpx
import pytest

from lago_ns_cli.errors import AuthError
from lago_ns_cli.lago.api_key import ApiKeyAuth
from lago_ns_cli.netsuite.auth import Login
from lago_ns_cli.netsuite.rotation import RotatingLogin

URL = "https://1234567.restlets.api.netsuite.com/"


class Named(Login):
    """A login that sends its name along; one called ``no token`` fails before it sends anything."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.closed = False

    async def aclose(self) -> None:
        self.closed = True

    def auth_flow(self, request: httpx.Request):  # type: ignore[no-untyped-def]
        if self.name == "no token":
            raise AuthError("the certificate was revoked", system="NetSuite")
        request.headers["authorization"] = self.name
        yield request


def send(auth: httpx.Auth, accepts: Callable[[str], bool], *, calls: int = 1) -> tuple[list[int], list[str]]:
    """Make calls at the same time; gives their statuses, and what the server was shown, in order."""
    shown: list[str] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        assert b"the document" == await request.aread()
        await asyncio.sleep(0)
        shown.append(request.headers["authorization"].removeprefix("Bearer "))
        return httpx.Response(200 if accepts(shown[-1]) else 401)

    async def scenario() -> list[int]:
        async with httpx.AsyncClient(auth=auth, transport=httpx.MockTransport(answer)) as client:
            sent = [client.post(URL, content=b"the document") for _ in range(calls)]
            return [response.status_code for response in await asyncio.gather(*sent)]

    return asyncio.run(scenario()), shown


def test_a_refused_login_is_replaced_by_a_newer_one() -> None:
    """The call is made again, and the next calls begin with the newer login."""
    login = RotatingLogin(Named("old"), lambda: Named("new"))

    statuses, shown = send(login, lambda name: name == "new")
    later, shown_later = send(login, lambda name: name == "new")

    assert ([200], ["old", "new"]) == (statuses, shown)
    assert ([200], ["new"]) == (later, shown_later)


def test_calls_that_are_refused_together_ask_once() -> None:
    """The keyring is not asked once a call, and all calls succeed."""
    asked = []

    def newer() -> Login:
        asked.append(1)
        return Named(f"new {len(asked)}")

    statuses, shown = send(RotatingLogin(Named("old"), newer), lambda name: name == "new 1", calls=3)

    assert [200, 200, 200] == statuses
    assert [1] == asked
    assert {"old", "new 1"} == set(shown)


def test_without_a_newer_login_the_refusal_stands() -> None:
    """One call, one refusal: failures lock a token for half an hour."""
    statuses, shown = send(RotatingLogin(Named("old"), lambda: None), lambda _name: False)

    assert ([401], ["old"]) == (statuses, shown)


def test_a_token_that_cannot_be_fetched_is_a_refusal_too() -> None:
    """A revoked certificate shows where the token is asked for."""
    statuses, _ = send(RotatingLogin(Named("no token"), lambda: Named("new")), lambda _name: True)

    assert [200] == statuses
    with pytest.raises(AuthError, match="revoked"):
        send(RotatingLogin(Named("no token"), lambda: None), lambda _name: True)


def test_every_login_is_closed() -> None:
    """Also those that are no longer used."""
    old, new = Named("old"), Named("new")
    login = RotatingLogin(old, lambda: new)
    send(login, lambda name: name == "new")

    asyncio.run(login.aclose())

    assert (True, True) == (old.closed, new.closed)


def test_a_lago_key_is_replaced_by_a_newer_one() -> None:
    """Once for all calls that were refused together; an unchanged key is not tried again."""
    asked = []

    def newer() -> str:
        asked.append(1)
        return "new"

    statuses, shown = send(ApiKeyAuth("old", newer), lambda key: key == "new", calls=2)
    refused, shown_refused = send(ApiKeyAuth("old"), lambda _key: False)

    assert [200, 200] == statuses
    assert [1] == asked
    assert {"old", "new"} == set(shown)
    assert ([401], ["old"]) == (refused, shown_refused)
