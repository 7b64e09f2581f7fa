"""Waiting for a login that worked and is refused: it is being exchanged, or the account is overloaded and says so."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from lago_ns_cli.errors import AuthError
from lago_ns_cli.retries import Sleep

T = TypeVar("T")

_WAITS_SECONDS = (5.0, 30.0)
"""Two more tries and no more: five real refusals lock a token for half an hour."""

_LOGIN_REFUSED = 401


class Patience:
    """Makes a read again whose login was refused, if that login has worked before.

    Reads that are refused together wait for one of them to find out. Once that was in vain, nobody waits again.

    Args:
        sleep: Waits before another try.
    """

    def __init__(self, sleep: Sleep) -> None:
        self._sleep = sleep
        self._alone = asyncio.Lock()
        self._came_back = 0
        self._in_vain = False
        self.worked = False

    async def read(self, read: Callable[[], Awaitable[T]]) -> T:
        """Make a call that changes nothing.

        Raises:
            AuthError: The login is refused for good, or a permission is.
        """
        before = self._came_back
        try:
            return await read()
        except AuthError as error:
            if error.status != _LOGIN_REFUSED or not self.worked:
                raise
            refusal = error
        async with self._alone:
            if self._came_back > before:
                return await read()
            if self._in_vain:
                raise refusal
            return await self._wait(read, refusal)

    async def _wait(self, read: Callable[[], Awaitable[T]], refusal: AuthError) -> T:
        for seconds in _WAITS_SECONDS:
            await self._sleep(seconds)
            try:
                found = await read()
            except AuthError as error:
                if error.status != _LOGIN_REFUSED:
                    raise
                refusal = error
                continue
            self._came_back += 1
            return found
        self._in_vain = True
        raise refusal
