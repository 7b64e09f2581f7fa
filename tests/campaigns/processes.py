"""A process of ours that can die at any boundary or stand still, and the network between it and the simulator."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import httpx

from lago_ns_cli.domain.lease import Lease, Owner
from lago_ns_cli.ledger.lease import IsAlive
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
        "record_command",
        "record_decisions",
        "record_facts",
        "record_findings",
        "record_intents",
        "record_mark",
        "record_outcomes",
        "record_run",
        "record_undo",
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


class StallPoint(StrEnum):
    """Where a process may come to a standstill."""

    BEFORE_READ = "before a call that writes nothing"
    BEFORE_PUSH = "when a push is signed and about to leave"
    AFTER_PUSH = "when the answer to a push has come"
    ASLEEP = "while it waits for its time"


@dataclass(frozen=True)
class Stall:
    """A standstill, as after SIGSTOP: nothing of the process runs, and then it goes on as if nothing had been.

    Attributes:
        number: At which such point of the process, counted from 1.
    """

    point: StallPoint
    number: int
    seconds: float


@dataclass(frozen=True)
class Fate:
    """What happens to a process.

    Attributes:
        dies_at: The boundary at which it dies, counted from 1; None lets it live.
        dies_first: Or at the first boundary of this kind.
        at_boundary: Called at each boundary with its number.
    """

    dies_at: int | None = None
    dies_first: Boundary | None = None
    stall: Stall | None = None
    at_boundary: Callable[[int], None] = lambda _: None


class Process:
    """What all parts of one process share: whether it lives, where it dies, and whether it stands still.

    Args:
        number: Which process of the schedule it is, from 1.

    Attributes:
        passed: Boundaries that were passed.
        died: Where it died, None while it lives.
        death: Done when it dies.
        stalled: Set when it comes to a standstill, for good.
        sins: What it did that it must not.
    """

    def __init__(self, number: int, clock: VirtualClock, trace: Trace, fate: Fate) -> None:
        self.number = number
        self.clock = clock
        self.passed = 0
        self.died: Boundary | None = None
        self.death: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.stalled = asyncio.Event()
        self.sins: list[str] = []
        self._trace = trace
        self._fate = fate
        self._reached = Counter[StallPoint]()
        self._runs = asyncio.Event()
        self._runs.set()

    def note(self, what: str, *details: object) -> None:
        """Add to the trace."""
        self._trace.note(self.clock.now(), f"{self.number}:", what, *details)

    def boundary(self, which: Boundary) -> None:
        """Pass a boundary, or die there.

        Raises:
            CrashError: The process is dead.
        """
        self.must_live()
        self.passed += 1
        self._fate.at_boundary(self.passed)
        if self.passed == self._fate.dies_at or which is self._fate.dies_first:
            self.died = which
            self.death.set_result(None)
            self.note("killed", which)
            raise CrashError(which)

    def must_live(self) -> None:
        """Let nothing happen after death: the handlers of a killed process do not run.

        Raises:
            CrashError: The process is dead.
        """
        if self.died is not None:
            raise CrashError(self.died)

    async def reach(self, point: StallPoint) -> bool:
        """Go past a point, or stand still there first; tells whether it did.

        At a standstill whatever comes to a point of its own waits there too.
        """
        stood_still = not self._runs.is_set()
        await self.awake()
        self._reached[point] += 1
        stall = self._fate.stall
        if stall is None or (stall.point, stall.number) != (point, self._reached[point]):
            return stood_still
        self.note("stands still", point)
        self.stalled.set()
        self._runs.clear()
        await self.clock.sleep(stall.seconds)
        self._runs.set()
        self.note("goes on")
        return True

    async def awake(self) -> None:
        """Wait for the end of a standstill."""
        await self._runs.wait()


class ProcessClock:
    """The clock of one process: who sleeps in it wakes only while the process runs."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def now(self) -> datetime:
        """Tell the time, which passes for everybody."""
        return self._process.clock.now()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._process.clock.sleep(seconds)
        await self._process.reach(StallPoint.ASLEEP)


class WatchedLedger:
    """A ledger whose commits are boundaries. It is passed for a ``SqlLedger``."""

    def __init__(self, ledger: SqlLedger, process: Process, is_alive: IsAlive) -> None:
        self._ledger = ledger
        self._process = process
        self._is_alive = is_alive

    def acquire_lease(self, owner: Owner, doing: str, at: datetime) -> Lease:
        """Take the account, by what is known here of the processes."""
        lease: Lease = self._watched("acquire_lease", self._acquire)(owner, doing, at)
        return lease

    def _acquire(self, owner: Owner, doing: str, at: datetime) -> Lease:
        return self._ledger.acquire_lease(owner, doing, at, is_alive=self._is_alive)

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
            self._process.note(name, _keys(args))
            self._process.boundary(Boundary.AFTER_COMMIT)
            return result

        return call


class Wire(httpx.AsyncBaseTransport):
    """The network of one process: it gives up in time, and its calls end with the process.

    What the simulator has begun goes on, as a server does when its caller is gone.

    Args:
        owns_account: Tells whether the account is still this process's.
        look: Sees each push that leaves.
    """

    def __init__(
        self,
        simulator: Simulator,
        process: Process,
        owns_account: Callable[[], bool],
        look: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        self._inner = httpx.ASGITransport(app=simulator)
        self._process = process
        self._owns_account = owns_account
        self._look = look or (lambda _: None)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a call to the simulator and its answer back."""
        asked = await request.aread()
        operation = _operation(asked)
        if operation == "push":
            return await self._push(request, asked)
        await self._process.reach(StallPoint.BEFORE_READ)
        self._process.must_live()
        return await self._carried(request, operation, asked)

    async def _push(self, request: httpx.Request, asked: bytes) -> httpx.Response:
        self._process.boundary(Boundary.BEFORE_SEND)
        self._look(json.loads(asked))
        stood_still = await self._process.reach(StallPoint.BEFORE_PUSH)
        self._process.must_live()
        overtaken = not self._owns_account()
        if overtaken and not stood_still:
            self._process.sins.append("a push left a process whose account another one had taken over")
        response = await self._carried(request, "push", asked, die=self._die_in_flight)
        if overtaken and response.is_success:
            self._process.sins.append("NetSuite executed a push of a process that another one had replaced")
        self._process.boundary(Boundary.AFTER_SEND)
        await self._process.reach(StallPoint.AFTER_PUSH)
        return response

    async def _carried(
        self,
        request: httpx.Request,
        operation: str,
        asked: bytes,
        die: "Callable[[asyncio.Future[httpx.Response]], Awaitable[None]] | None" = None,
    ) -> httpx.Response:
        self._tell("call", request, operation, short(asked))
        exchange = asyncio.ensure_future(self._exchange(request))
        if die is not None:
            await die(exchange)
        try:
            response = await exchange
        except httpx.TransportError as error:
            await self._process.awake()
            self._process.must_live()
            self._tell("lost", request, operation, type(error).__name__)
            raise
        await self._process.awake()
        self._process.must_live()
        self._tell("answer", request, operation, response.status_code, short(await response.aread()))
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
        self._process.note(what, request.url.raw_path.decode(), *details)


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
