"""How a request becomes an answer, and what can happen to the wire in between.

Both sides of the simulator answer through an :class:`Exchange`. It reads the request, asks the fault plan,
lets the service do its work and delivers the answer, or does not. The work runs in a task of its own: a
server goes on when its caller has hung up, and that is the failure most worth rehearsing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.types import Message, Receive, Scope, Send

from lago_ns_cli.simulator.clock import Clock
from lago_ns_cli.simulator.faults import (
    CommitThenSilence,
    Fault,
    Faults,
    HalfAnswer,
    Html,
    LateCommit,
    Latency,
    Reset,
    Status,
    Target,
)
from lago_ns_cli.simulator.netsuite.envelopes import Answer, html_answer
from lago_ns_cli.simulator.netsuite.logins import RequestHead

LONGEST_SILENCE_SECONDS = 3600.0
"""A connection nobody answers is dropped after this time, should its caller wait so long."""

RESET_EXTENSION = "lago_ns_cli.reset"
"""ASGI extension of our own server: a function that resets the connection."""


class ConnectionDroppedError(ConnectionResetError):
    """The connection ends here. Our server resets it; in process the caller sees this error.

    Attributes:
        reset: True for a reset, False where the other side hung up in good order.
    """

    def __init__(self, reason: str, *, reset: bool = True) -> None:
        super().__init__(reason)
        self.reset = reset


@dataclass(frozen=True)
class Call:
    """A request that has arrived completely."""

    head: RequestHead
    body: bytes


class Service(Protocol):
    """One side of the simulator, seen from the wire."""

    target: Target

    def operation_of(self, call: Call) -> str:
        """Name the operation that a fault rule may ask for."""
        ...

    async def perform(self, call: Call, fault: Fault | None) -> Answer:
        """Do the work, under a fault that concerns the work itself."""
        ...

    def refusal(self, call: Call, fault: Fault) -> Answer | None:
        """Give the answer of a fault that refuses a call without work, if it is one of this side's own."""
        ...

    def status_answer(self, call: Call, rule: Status) -> Answer:
        """Give an error answer with a status, in this side's own form."""
        ...


class BackgroundWork:
    """Work that goes on although nobody waits for it."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, Answer]) -> "asyncio.Task[Answer]":
        """Run work to its end, whatever happens to who started it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def settle(self) -> None:
        """Wait until all of it is done."""
        while self._tasks:
            await asyncio.gather(*self._tasks)


class Exchange:
    """An ASGI application around a service."""

    def __init__(self, service: Service, faults: Faults, clock: Clock, work: BackgroundWork) -> None:
        self._service = service
        self._faults = faults
        self._clock = clock
        self._work = work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        early = self._faults.at_headers(self._service.target)
        if early is not None:
            await self._reset_early(early, receive)
        call = Call(request_head(scope), await read_body(receive))
        fault = self._faults.at_body(self._service.target, self._service.operation_of(call))
        deliver = _Delivery(receive, send, self._clock)
        if fault is None:
            await deliver.whole(await self._performed(call, None))
        else:
            await self._under_fault(call, fault, deliver)

    async def _reset_early(self, fault: Fault, receive: Receive) -> None:
        if isinstance(fault.rule, Reset) and fault.rule.when == "during_body":
            await receive()
        raise ConnectionDroppedError("reset before the whole request had come")

    async def _under_fault(self, call: Call, fault: Fault, deliver: "_Delivery") -> None:
        match fault.rule:
            case Latency():
                await self._clock.sleep(fault.seconds)
                await deliver.whole(await self._performed(call, None))
            case Status() as rule:
                await self._performed_if(rule.executed, call)
                await deliver.whole(self._service.status_answer(call, rule))
            case Html() as rule:
                await self._performed_if(rule.executed, call)
                await deliver.whole(html_answer(rule.status))
            case Reset() as rule:
                await self._performed_if(rule.executed, call)
                raise ConnectionDroppedError("reset after the request had come")
            case HalfAnswer():
                await deliver.half(await self._performed(call, None))
            case CommitThenSilence():
                await self._performed(call, None)
                await deliver.silence()
            case LateCommit() as rule:
                self._work.start(self._service.perform(call, fault))
                await deliver.meanwhile(rule)
            case _:
                refusal = self._service.refusal(call, fault)
                if refusal is not None and fault.seconds:
                    await self._clock.sleep(fault.seconds)
                await deliver.whole(refusal or await self._performed(call, fault))

    async def _performed_if(self, executed: bool, call: Call) -> None:
        if executed:
            await self._performed(call, None)

    async def _performed(self, call: Call, fault: Fault | None) -> Answer:
        return await asyncio.shield(self._work.start(self._service.perform(call, fault)))


@dataclass(frozen=True)
class _Delivery:
    """Ways for an answer to reach the caller, or not."""

    receive: Receive
    send: Send
    clock: Clock

    async def whole(self, answer: Answer) -> None:
        await self._start(answer)
        await self.send({"type": "http.response.body", "body": answer.body})

    async def half(self, answer: Answer) -> None:
        await self._start(answer)
        half = answer.body[: len(answer.body) // 2]
        await self.send({"type": "http.response.body", "body": half, "more_body": True})
        raise ConnectionDroppedError("the answer ended in the middle", reset=False)

    async def meanwhile(self, rule: LateCommit) -> None:
        if rule.answer == "timeout":
            await self.whole(html_answer(504))
        elif rule.answer == "reset":
            raise ConnectionDroppedError("reset while NetSuite went on")
        else:
            await self.silence()

    async def silence(self) -> None:
        """Keep the connection open and say nothing until the caller leaves."""
        left = asyncio.ensure_future(self._caller_left())
        enough = asyncio.ensure_future(self.clock.sleep(LONGEST_SILENCE_SECONDS))
        try:
            await asyncio.wait({left, enough}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            left.cancel()
            enough.cancel()
        raise ConnectionDroppedError("no answer came", reset=False)

    async def _caller_left(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def _start(self, answer: Answer) -> None:
        headers = {**answer.headers, "content-length": str(len(answer.body))}
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await self.send({"type": "http.response.start", "status": answer.status, "headers": encoded})


class ResettingApp:
    """Turns dropped connections into real ones where the server can, and lets them rise where it cannot."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; reset the connection when it is to be dropped."""
        try:
            await self._app(scope, receive, send)
        except ConnectionDroppedError as dropped:
            reset = scope.get("extensions", {}).get(RESET_EXTENSION)
            if reset is None:
                raise
            reset(dropped.reset)
            # The server takes an application that returns before the connection is gone for broken.
            while (await receive())["type"] != "http.disconnect":
                pass


def request_head(scope: Scope) -> RequestHead:
    """Read what came before the body, exactly as it was encoded."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    return RequestHead(
        method=scope["method"],
        scheme=scope.get("scheme", "http"),
        host=headers.get("host", ""),
        path=raw_path.decode("latin-1"),
        query=scope.get("query_string", b"").decode("latin-1"),
        headers=headers,
    )


async def read_body(receive: Receive) -> bytes:
    """Read a whole request body.

    Raises:
        ConnectionDroppedError: The caller left before it was complete.
    """
    parts: list[bytes] = []
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionDroppedError("the caller left before its request was complete")
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)
