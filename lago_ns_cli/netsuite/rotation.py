"""A login whose credentials may be exchanged while a run is under way."""

import asyncio
from collections.abc import AsyncGenerator, Callable

import httpx

from lago_ns_cli.errors import AuthError
from lago_ns_cli.netsuite.auth import Login

_REFUSED = (401, 403)
"""Which of the two carries a refused login is not documented; neither executes anything."""


class RotatingLogin(Login):
    """Signs with one login until it is refused, then asks whether there is a newer one.

    A refused call executed nothing, so it is made again with the newer login, and whoever
    waits for it never knows. Where nothing is newer, the refusal stands.

    Args:
        login: What to begin with.
        newer: Reads the credentials again; None where they are those that were refused. It may
            block, and runs in a thread.
    """

    def __init__(self, login: Login, newer: Callable[[], Login | None]) -> None:
        self._login = login
        self._newer = newer
        self._outworn: list[Login] = []
        self._asking = asyncio.Lock()

    async def aclose(self) -> None:
        """Let the connections go."""
        for login in (*self._outworn, self._login):
            await login.aclose()

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Sign with the present login; after a refusal once more with a newer one."""
        login: Login | None = self._login
        refusal: AuthError | None = None
        while login is not None:
            refusal, status = None, 0
            flow = login.async_auth_flow(request)
            try:
                signed = await anext(flow)
                while True:
                    response = yield signed
                    status = response.status_code
                    signed = await flow.asend(response)
            except StopAsyncIteration:
                pass
            except AuthError as error:  # a token was to be fetched, and refused
                refusal = error
            finally:
                await flow.aclose()
            refused = refusal is not None or status in _REFUSED
            login = await self._after(login) if refused else None
        if refusal is not None:
            raise refusal

    async def _after(self, refused: Login) -> Login | None:
        """Give a login that is newer than a refused one; calls that were refused together ask once."""
        async with self._asking:
            if self._login is refused:
                newer = await asyncio.to_thread(self._newer)
                if newer is None:
                    return None
                self._outworn.append(refused)
                self._login = newer
            return self._login
