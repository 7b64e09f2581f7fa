"""Telling a refused login from an account that only says so because it is overloaded."""

import asyncio

from lago_ns_cli.errors import AuthError, TransientError
from lago_ns_cli.workflows.ports import Clock, NetSuite

MOST_PROBES = 2
"""Five real refusals lock the token for 30 minutes; the calls that were in flight count too."""

_PROBE_AFTER_SECONDS = 5


class LoginWatch:
    """Probes the login with single calls, while no new call leaves.

    One probe answers for all calls that were refused before it; once the login has proved bad,
    nobody probes it again.
    """

    def __init__(self, netsuite: NetSuite, clock: Clock) -> None:
        self._netsuite = netsuite
        self._clock = clock
        self._alone = asyncio.Lock()
        self._asking = 0
        self._proofs = 0
        self._is_bad = False

    @property
    def probing(self) -> bool:
        """Whether a probe is under way: no new call may leave."""
        return self._asking > 0

    async def works(self) -> bool:
        """Find out, slowly, whether a login that was refused is good after all."""
        before = self._proofs
        self._asking += 1
        try:
            async with self._alone:
                return self._proofs > before or (not self._is_bad and await self._probe())
        finally:
            self._asking -= 1

    async def quiet(self) -> None:
        """Wait until no probe is under way."""
        async with self._alone:
            pass

    async def _probe(self) -> bool:
        for number in range(MOST_PROBES):
            await self._clock.sleep(_PROBE_AFTER_SECONDS * 6**number)
            try:
                await self._netsuite.ping()
            except (AuthError, TransientError):
                continue
            self._proofs += 1
            return True
        self._is_bad = True
        return False
