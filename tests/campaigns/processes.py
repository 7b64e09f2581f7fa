"""A process of ours that can die at any boundary, and the network between it and the simulator."""

import asyncio
import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import httpx

from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.simulator.app import Simulator
from lago_ns_cli.simulator.exchange import ConnectionDroppedError
from lago_ns_cli.simulator.virtual_time import VirtualClock
from tests.campaigns.trace import Trace, short

WRITES = frozenset(
    {
        "acquire_lease",
        "bind_organization",
        "record_catalog",
        "record_changes",
        "record_facts",
        "record_intents",
        "record_mark",
        "record_outcomes",
        "record_run",
        "record_watched",
        "release_lease",
        "renew_lease",
        "restore",
    }
)
"""The ledger's methods that commit; a test holds the list against the class."""


class CrashError(BaseException):
    """The process is gone: nothing of it may run any more, not even what cleans up."""


class Boundary(StrEnum):
    """Where a process may be killed."""

    BEFORE_COMMIT = "before a commit of the ledger"
    AFTER_COMMIT = "after a commit of the ledger"
    BEFORE_SEND = "before a push leaves"
    IN_FLIGHT = "while NetSuite works on a push"
    AFTER_SEND = "when the answer to a push has come"


class Process:
    """What all parts of one process share: whether it lives, and where it dies.

    Args:
        number: Which process of the schedule it is, from 1.
        dies_at: The boundary at which it dies, counted from 1; None lets it live.
        dies_first: Or at the first boundary of this kind.

    Attributes:
        passed: Boundaries that were passed.
        died: Where it died, None while it lives.
        death: Done when it dies.
    """

    def __init__(
        self,
        number: int,
        clock: VirtualClock,
        trace: Trace,
        dies_at: int | None = None,
        dies_first: Boundary | None = None,
    ) -> None:
        self.number = number
        self.clock = clock
        self.trace = trace
        self.passed = 0
        self.died: Boundary | None = None
        self.death: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._dies_at = dies_at
        self._dies_first = dies_first

    def boundary(self, which: Boundary) -> None:
        """Pass a boundary, or die there.

        Raises:
            CrashError: The process is dead.
        """
        self.must_live()
        self.passed += 1
        if self.passed == self._dies_at or which is self._dies_first:
            self.died = which
            self.death.set_result(None)
            self.trace.note(self.clock.now(), "killed", which)
            raise CrashError(which)

    def must_live(self) -> None:
        """Let nothing happen after death: the handlers of a killed process do not run.

        Raises:
            CrashError: The process is dead.
        """
        if self.died is not None:
            raise CrashError(self.died)


class WatchedLedger:
    """A ledger whose commits are boundaries. It is passed for a ``SqlLedger``."""

    def __init__(self, ledger: SqlLedger, process: Process) -> None:
        self._ledger = ledger
        self._process = process

    def __getattr__(self, name: str) -> Any:
        """Pass a method on, between boundaries where it commits."""
        self._process.must_live()
        method = getattr(self._ledger, name)
        return self._watched(name, method) if name in WRITES else method

    def _watched(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if (args and args[0] == []) or (name == "record_watched" and not args[1]):
                return method(*args, **kwargs)  # nothing is committed
            self._process.boundary(Boundary.BEFORE_COMMIT)
            result = method(*args, **kwargs)
            self._process.trace.note(self._process.clock.now(), name, _keys(args))
            self._process.boundary(Boundary.AFTER_COMMIT)
            return result

        return call


class Wire(httpx.AsyncBaseTransport):
    """The network of one process: it gives up in time, and its calls end with the process.

    What the simulator has begun goes on, as a server does when its caller is gone.

    Args:
        look: Sees each push that leaves.
    """

    def __init__(
        self, simulator: Simulator, process: Process, look: Callable[[dict[str, Any]], None] | None = None
    ) -> None:
        self._inner = httpx.ASGITransport(app=simulator)
        self._process = process
        self._look = look or (lambda _: None)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a call to the simulator and its answer back."""
        asked = await request.aread()
        operation = _operation(asked)
        pushes = operation == "push"
        if pushes:
            self._process.boundary(Boundary.BEFORE_SEND)
            self._look(json.loads(asked))
        self._process.must_live()
        self._tell("call", request, operation, short(asked))
        exchange = asyncio.ensure_future(self._exchange(request))
        if pushes:
            await self._die_in_flight(exchange)
        try:
            response = await exchange
        except httpx.TransportError as error:
            self._process.must_live()
            self._tell("lost", request, operation, type(error).__name__)
            raise
        self._process.must_live()
        self._tell("answer", request, operation, response.status_code, short(await response.aread()))
        if pushes:
            self._process.boundary(Boundary.AFTER_SEND)
        return response

    async def _die_in_flight(self, exchange: "asyncio.Future[httpx.Response]") -> None:
        try:
            self._process.boundary(Boundary.IN_FLIGHT)
        except CrashError:
            try:
                await asyncio.sleep(0)  # the call has left
            finally:
                exchange.cancel()
            raise

    async def _exchange(self, request: httpx.Request) -> httpx.Response:
        seconds = request.extensions["timeout"]["read"]
        try:
            async with asyncio.timeout(seconds):
                return await self._inner.handle_async_request(request)
        except ConnectionDroppedError as error:
            raise httpx.ReadError(str(error), request=request) from error
        except TimeoutError as error:
            raise httpx.ReadTimeout("no answer", request=request) from error

    def _tell(self, what: str, request: httpx.Request, *details: object) -> None:
        self._process.trace.note(self._process.clock.now(), what, request.url.raw_path.decode(), *details)


def _operation(body: bytes) -> str:
    return str(json.loads(body).get("operation", "")) if body else ""


def _keys(args: tuple[Any, ...]) -> list[str]:
    """Name what a commit was about, and where it went."""
    items = args[0] if args and isinstance(args[0], list | tuple) else ()
    return [f"{_key(item)}{_state(item)}" for item in items]


def _key(item: Any) -> str:
    return str(item.subject.key if hasattr(item, "subject") else item.key)


def _state(item: Any) -> str:
    return f"={item.state}" if hasattr(item, "state") else ""
