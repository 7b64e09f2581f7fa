"""Lago's API key, which somebody may exchange while a run is under way."""

import asyncio
from collections.abc import AsyncGenerator, Callable

import httpx

from lago_ns_cli.errors import CredentialError

_REFUSED = 401


class ApiKeyAuth(httpx.Auth):
    """Sends the key as a bearer; after a refusal once more with a newer one, if there is one.

    Args:
        api_key: Opens the organization.
        newer: Reads the key again; None where it is the one that was refused. It may block, and
            runs in a thread.

    Raises:
        CredentialError: The key cannot be one.
    """

    def __init__(self, api_key: str, newer: Callable[[], str | None] = lambda: None) -> None:
        self._key = _checked(api_key)
        self._newer = newer
        self._asking = asyncio.Lock()

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send the key along."""
        key = self._key
        request.headers["authorization"] = f"Bearer {key}"
        response = yield request
        if response.status_code == _REFUSED and await self._is_outworn(key):
            request.headers["authorization"] = f"Bearer {self._key}"
            yield request

    async def _is_outworn(self, refused: str) -> bool:
        """Tell whether there is a newer key; calls that were refused together ask once."""
        async with self._asking:
            if self._key == refused:
                newer = await asyncio.to_thread(self._newer)
                if newer is not None:
                    self._key = _checked(newer)
            return self._key != refused


def _checked(api_key: str) -> str:
    if not api_key or not api_key.isascii() or any(not sign.isprintable() or sign == " " for sign in api_key):
        raise CredentialError(
            "The Lago API key is empty or holds spaces or signs that no key has.",
            hint="Store it again with `lago-ns auth login lago`.",
        )
    return api_key
