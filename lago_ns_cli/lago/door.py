"""Lago for ``doctor``: what a key may read and write, tried by single calls that change nothing."""

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Final

import httpx

from lago_ns_cli.connection import Answer, Connection, check_base_url
from lago_ns_cli.domain.catalog import Row
from lago_ns_cli.domain.documents import Customer
from lago_ns_cli.domain.exchange import Organization, Selection, Unreadable
from lago_ns_cli.errors import InDoubtError, TransientError
from lago_ns_cli.lago.answers import SYSTEM, refusal
from lago_ns_cli.lago.api_key import ApiKeyAuth
from lago_ns_cli.lago.client import LagoClient
from lago_ns_cli.retries import RetryPolicy

_NOBODY: Final = "00000000-0000-0000-0000-000000000000"
"""An id that no object has: Lago looks at the key's permissions before it looks for the object."""

_SECONDS: Final = 30.0
_HEADERS: Final = {"accept": "application/json", "content-type": "application/json"}


class LagoDoor:
    """Lago, each call made once.

    Args:
        base_url: Of Lago's API.
        heard: Told of every answer.
        transport: Stands in for the network, in tests.

    Raises:
        ConfigError: The base URL is none, or the key cannot be one.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        heard: Callable[[Answer], None],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._client = LagoClient(
            base_url, api_key, transport=transport, retry=RetryPolicy(attempts=1), heard=heard
        )
        self._connection = Connection(
            check_base_url(base_url, "lago.base_url").removesuffix("/api/v1") + "/api/v1",
            system=SYSTEM,
            read_timeout_seconds=_SECONDS,
            auth=ApiKeyAuth(api_key),
            transport=transport,
            heard=heard,
        )

    async def aclose(self) -> None:
        """Let the connections go."""
        await self._client.aclose()
        await self._connection.aclose()

    async def organization(self) -> Organization:
        """Name the organization.

        Raises:
            RemoteError: The key is refused, or Lago cannot be reached.
        """
        return await self._client.organization()

    async def catalog_section(self, section: str) -> Sequence[Row]:
        """Fetch a section of ``catalog.LAGO_SECTIONS``.

        Raises:
            RemoteError: It is refused, or Lago cannot be reached.
        """
        return await self._client.catalog_section(section)

    async def some_customers(self, number: int) -> list[Customer]:
        """Fetch the first customers of the list; one that cannot be read is left out.

        Raises:
            RemoteError: They are refused, or Lago cannot be reached.
        """
        found: list[Customer] = []
        listed = self._client.customers(Selection())
        try:
            async for row in listed:
                if not isinstance(row, Unreadable):
                    found.append(row.document)
                if len(found) == number:
                    break
        finally:
            if isinstance(listed, AsyncGenerator):
                await listed.aclose()
        return found

    async def try_to_read(self, name: str) -> None:
        """Ask for one row of a list.

        Raises:
            RemoteError: It was refused, or Lago cannot be reached.
        """
        answer = await self._send("GET", f"/{name}?per_page=1")
        if answer.status >= 300:
            raise refusal(answer, name.replace("_", " "))

    async def try_to_write(self, name: str) -> None:
        """Ask for a change that cannot be made; any answer but a refusal by permission is the one hoped for.

        Payments cannot be changed, only made: of these an empty one is asked for.

        Raises:
            RemoteError: The key may not write there, or Lago cannot be reached.
        """
        method, path = ("POST", "/payments") if name == "payments" else ("PUT", f"/{name}/{_NOBODY}")
        answer = await self._send(method, path, b"{}")
        if answer.status in (401, 403):
            raise refusal(answer, name.replace("_", " "))

    async def _send(self, method: str, path: str, content: bytes | None = None) -> Answer:
        try:
            return await self._connection.send(method, path, content=content, headers=_HEADERS)
        except InDoubtError as error:
            raise TransientError(error.message, system=SYSTEM, hint=error.hint, code=error.code) from error
