"""One call with documents, made again where it was refused before anything of it was executed."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass

from lago_ns_cli.domain.doubt import spread_of
from lago_ns_cli.domain.exchange import PushResult
from lago_ns_cli.domain.pacing import waits_seconds
from lago_ns_cli.domain.plan import Planned
from lago_ns_cli.errors import AuthError, LimitError
from lago_ns_cli.workflows.login_watch import MOST_PROBES, LoginWatch
from lago_ns_cli.workflows.pacing import Pacer
from lago_ns_cli.workflows.ports import Clock, Ledger, NetSuite


class StoppedError(Exception):
    """The run was asked to stop; what was not sent stays as it was."""


@dataclass(slots=True)
class Call:
    """A batch on its way.

    Attributes:
        is_out: Whether it was sent and not answered.
        refusals: How often it was refused since any call of the run got through.
        answered_before: Calls that had got through at its last refusal.
        seconds: How long it took to be answered.
    """

    batch: Sequence[Planned]
    documents: Sequence[Mapping[str, object]]
    is_out: bool = False
    refusals: int = 0
    answered_before: int = -1
    login_errors: int = 0
    seconds: float = 0.0


class Caller:
    """Makes calls, each from its place to its answer.

    Args:
        patience: How often a call that met the account's limit is made again, while no other call
            gets through either.
        is_over: Whether nothing is to leave any more.
    """

    def __init__(
        self,
        netsuite: NetSuite,
        ledger: Ledger,
        clock: Clock,
        pacer: Pacer,
        *,
        patience: int,
        stop: asyncio.Event,
        is_over: Callable[[], bool],
    ) -> None:
        self._netsuite = netsuite
        self._ledger = ledger
        self._clock = clock
        self._pacer = pacer
        self._patience = patience
        self._stop = stop
        self._is_over = is_over
        self._login = LoginWatch(netsuite, clock)

    @property
    def is_probing(self) -> bool:
        """Whether it is being found out if the login is good: no new call may leave."""
        return self._login.probing

    async def push(self, call: Call) -> Sequence[PushResult]:
        """Make a call; its place is given back, unless it was answered.

        Raises:
            InDoubtError: Nobody knows whether it was executed.
            RemoteError: It was refused, and so it will be.
            StoppedError: The run ended before it could be made again.
        """
        while True:
            call.is_out = True
            departure = self._pacer.leave()
            began = asyncio.get_running_loop().time()
            try:
                results = await self._netsuite.push(call.documents)
            except LimitError as error:
                call.is_out = False
                self._pacer.refused(departure)
                await self._after_refusal(call, error)
            except AuthError as error:
                call.is_out = False
                self._pacer.give_back()
                await self._after_login_error(call, error)
            except BaseException:
                self._pacer.give_back()
                raise
            else:
                call.seconds = asyncio.get_running_loop().time() - began
                return results
            await self._place_again()

    async def _after_refusal(self, call: Call, error: LimitError) -> None:
        answered = self._pacer.pace.calls - self._pacer.pace.refused
        call.refusals = call.refusals + 1 if answered == call.answered_before else 1
        call.answered_before = answered
        if call.refusals > self._patience:
            raise error
        spread = spread_of(f"{call.batch[0].subject.key}#{self._pacer.pace.refused}")
        await self._pause(error.retry_after_seconds or waits_seconds(call.refusals, spread))

    async def _after_login_error(self, call: Call, error: AuthError) -> None:
        # A run that stood still until another one replaced it signed too long ago; no login is to be probed.
        self._ledger.check_lease()
        call.login_errors += 1
        if call.login_errors > MOST_PROBES or not await self._login.works():
            raise error
        self._pacer.overloaded()
        self._pacer.on_free()

    async def _place_again(self) -> None:
        await self._login.quiet()
        await self._pacer.acquire()
        try:
            if self._is_over():
                raise StoppedError
            self._ledger.check_lease()
        except BaseException:
            self._pacer.give_back(was_out=False)
            raise

    async def _pause(self, seconds: float) -> None:
        await first_of(self._clock.sleep(seconds), self._stop.wait())
        if self._is_over():
            raise StoppedError


async def first_of(*waits: Coroutine[object, object, object]) -> None:
    """Wait for the first of some events; the others are not waited for any more."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
