"""Runs the simulated world on loopback.

:func:`serve` is the command ``lago-ns simulator serve``; :func:`running_server` keeps a server beside a program
that talks to it. Both build the world inside the thread that serves it, because a script engine belongs to its thread.
"""

import asyncio
import contextlib
import ipaddress
import json
import logging
import os
import signal
import socket
import sqlite3
import struct
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from lago_ns_cli.simulator.app import Simulator, create_simulator
from lago_ns_cli.simulator.credentials import SimulatorCredentials
from lago_ns_cli.simulator.errors import ServeError
from lago_ns_cli.simulator.exchange import RESET_EXTENSION
from lago_ns_cli.simulator.faults import FaultPlan, load_fault_plan
from lago_ns_cli.simulator.introduction import introduction
from lago_ns_cli.simulator.options import TaxRegime, WorldOptions
from lago_ns_cli.simulator.write_config import ConfigTarget, write_config

if TYPE_CHECKING:
    from types import FrameType

logger = logging.getLogger(__name__)

_SHUTDOWN_SECONDS = 2
_START_SECONDS = 60
_END_SECONDS = 10
_KEEP_ALIVE_SECONDS = 75
_NO_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
"""``struct linger`` on, zero seconds: closing sends a reset instead of an orderly end."""


@dataclass(frozen=True)
class ServeOptions:
    """The options of ``simulator serve``.

    Attributes:
        port: 0 takes a free one.
        state: The file that keeps the account; None keeps it in memory.
        faults: A fault plan (:mod:`.faults`).
        write_config: A folder for ``lago-ns.toml``, ``mappings.toml`` and ``env``.
        other_calls: Calls that another program keeps in flight.
        allow_any_interface: Serve others than this machine. Anyone who reaches the port can read and change the
            simulated books, and the credentials follow from the seed.
    """

    host: str = "127.0.0.1"
    port: int = 8321
    state: Path | None = None
    seed: int = 1
    invoices: int = 40
    customers: int = 12
    tax_regime: TaxRegime = "suitetax"
    concurrency_limit: int = 5
    latency_ms: int = 0
    cost_ms_per_record: int = 0
    other_calls: int = 0
    faults: Path | None = None
    write_config: Path | None = None
    allow_any_interface: bool = False


@dataclass(frozen=True)
class RunningServer:
    """A server that accepts calls.

    Attributes:
        url: Its origin, without a path.
        directory: Where its configuration was written.
    """

    url: str
    control_token: str
    credentials: SimulatorCredentials
    directory: Path


Create = Callable[[ServeOptions, FaultPlan], Simulator]


def serve(options: ServeOptions, out: IO[str] | None = None, *, create: Create | None = None) -> None:
    """Serve until SIGINT or SIGTERM, after one JSON line that says where, and on stderr how to log in.

    What an account has not committed by then (``late_commit``), it never commits.

    Args:
        create: Makes the world that is served; by default one as the options say.

    Raises:
        ServeError: The address is not loopback or not free, or the configuration cannot be written.
        FaultPlanError: The fault plan cannot be read.
    """
    stream = out or sys.stdout

    def announce(simulator: Simulator, url: str) -> None:
        sys.stderr.write(f"{introduction(url, simulator.credentials)}\n")
        ready = {"event": "ready", "url": url, "control_token": simulator.credentials.control_token}
        print(json.dumps(ready), file=stream, flush=True)

    prepared = _prepare(options)
    with prepared.listener:
        asyncio.run(_run(prepared, announce, _stop_on_signals, create or create_world))


@contextlib.contextmanager
def running_server(options: ServeOptions | None = None) -> Iterator[RunningServer]:
    """Keep a server running in a background thread while the block runs.

    Args:
        options: By default a free port, a world in memory, and the configuration in a temporary folder.

    Raises:
        ServeError: It cannot start.
        FaultPlanError: The fault plan cannot be read.
    """
    options = options or ServeOptions(port=0)
    with contextlib.ExitStack() as stack:
        if options.write_config is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="lago-ns-simulator-"))
            options = replace(options, write_config=Path(folder))
        prepared = _prepare(options)
        stack.enter_context(prepared.listener)
        background = _Background(prepared)
        stack.callback(background.stop)
        yield background.started()


@dataclass(frozen=True)
class _Prepared:
    """Options that were checked, with what only this process can hold."""

    options: ServeOptions
    plan: FaultPlan
    listener: socket.socket

    @property
    def url(self) -> str:
        host, port = self.listener.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _prepare(options: ServeOptions) -> _Prepared:
    plan = load_fault_plan(options.faults) if options.faults else FaultPlan()
    if options.concurrency_limit < 1:
        raise ServeError(
            "An account answers at least one call at a time.", hint="Use --concurrency-limit 1 or more."
        )
    address = _address(options)
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        listener = socket.create_server((str(address), options.port), family=family, backlog=512)
    except OSError as error:
        raise ServeError(
            f"{options.host}:{options.port} cannot be used: {error.strerror}",
            hint="Use --port 0 for any free port.",
        ) from error
    return _Prepared(options, plan, listener)


def _address(options: ServeOptions) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    name = "127.0.0.1" if options.host == "localhost" else options.host
    try:
        address = ipaddress.ip_address(name)
    except ValueError as error:
        raise ServeError(f"{options.host} is not an IP address.", hint="Use --host 127.0.0.1.") from error
    if not address.is_loopback and not options.allow_any_interface:
        raise ServeError(
            f"{options.host} can be reached from other machines, and anyone there could use the simulator.",
            hint="Use --host 127.0.0.1, or allow it explicitly.",
        )
    return address


class _Background:
    """The one place with a thread: a server beside the program that uses it."""

    def __init__(self, prepared: _Prepared) -> None:
        self._prepared = prepared
        self._ready: Future[RunningServer] = Future()
        self._stop: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._main, name="lago-ns-simulator", daemon=True)
        self._thread.start()

    def started(self) -> RunningServer:
        """Wait until calls are accepted; what went wrong on the way rises here."""
        return self._ready.result(timeout=_START_SECONDS)

    def stop(self) -> None:
        """End the server and wait for it."""
        self._stop()
        self._thread.join(timeout=_END_SECONDS)

    def _main(self) -> None:
        try:
            asyncio.run(_run(self._prepared, self._announce, self._keep_stop, create_world))
        except BaseException as error:
            if self._ready.done():
                logger.exception("the simulator ended")
            else:
                self._ready.set_exception(error)

    def _announce(self, simulator: Simulator, url: str) -> None:
        directory = self._prepared.options.write_config
        assert directory is not None, "running_server always names a folder"
        credentials = simulator.credentials
        self._ready.set_result(RunningServer(url, credentials.control_token, credentials, directory))

    def _keep_stop(self, stop: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()

        def stop_from_outside() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                loop.call_soon_threadsafe(stop)

        self._stop = stop_from_outside


async def _run(
    prepared: _Prepared,
    announce: Callable[[Simulator, str], None],
    arrange_stop: Callable[[Callable[[], None]], None],
    create: Create,
) -> None:
    """Build the world and serve it until asked to stop."""
    options = prepared.options
    simulator = create(options, prepared.plan)
    if options.other_calls:
        simulator.parts.others.change(calls=options.other_calls)
    if options.write_config is not None:
        _write_config(options.write_config, prepared, simulator)
    server = _Server(_uvicorn_config(simulator), lambda: announce(simulator, prepared.url))
    arrange_stop(server.stop)
    try:
        await server.serve(sockets=[prepared.listener])
    finally:
        simulator.close()


def create_world(options: ServeOptions, plan: FaultPlan) -> Simulator:
    """Make the world of the options.

    Raises:
        ServeError: They contradict each other, or the state file is of no use.
    """
    try:
        return create_simulator(_world(options, plan))
    except ValueError as error:
        raise ServeError(f"The world cannot be made: {error}") from error
    except sqlite3.Error as error:
        raise ServeError(
            f"{options.state}: the account cannot be kept there: {error}",
            hint="Name a file that does not exist yet, or one that an earlier simulator wrote.",
        ) from error


def _world(options: ServeOptions, plan: FaultPlan) -> WorldOptions:
    return WorldOptions(
        state=options.state,
        seed=options.seed,
        invoices=options.invoices,
        customers=options.customers,
        tax_regime=options.tax_regime,
        concurrency_limit=options.concurrency_limit,
        latency_ms=options.latency_ms,
        cost_ms_per_record=options.cost_ms_per_record,
        faults=plan,
    )


def _write_config(directory: Path, prepared: _Prepared, simulator: Simulator) -> None:
    target = ConfigTarget(
        url=prepared.url,
        tax_regime=prepared.options.tax_regime,
        credentials=simulator.credentials,
        longest_late_commit_seconds=prepared.plan.longest_late_commit_seconds(),
    )
    try:
        write_config(directory, target)
    except OSError as error:
        raise ServeError(f"{directory}: the configuration cannot be written: {error.strerror}") from error


class _Server(uvicorn.Server):
    """A server that says when it accepts calls and leaves signals to its caller."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # The original raises the signal again after a clean end, so that the process seems to have crashed.
        yield

    def stop(self) -> None:
        """End in good order; asked twice, at once."""
        self.force_exit = self.should_exit
        self.should_exit = True


def _stop_on_signals(stop: Callable[[], None]) -> None:
    def handle(_signal: int, _frame: "FrameType | None") -> None:
        stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)


def _uvicorn_config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_protocol(),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,  # the simulated world has a clock of its own
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )


def _protocol() -> type[asyncio.Protocol]:
    """Choose the faster of uvicorn's protocols that is installed, with a way to reset connections."""
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as Fast
    except ImportError:
        from uvicorn.protocols.http.h11_impl import H11Protocol

        return _resettable(H11Protocol)
    return _resettable(Fast)


def _resettable(base: type[asyncio.Protocol]) -> type[asyncio.Protocol]:
    class ResettableProtocol(base):  # type: ignore[valid-type,misc]
        """Offers each request a function that ends its connection."""

        app: ASGIApp

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            # asyncio does this itself only for sockets that name their protocol, which create_server does not;
            # without it each answer waits 40 ms for the acknowledgement of its headers.
            connection = transport.get_extra_info("socket")
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            inner = self.app

            def drop(reset: bool) -> None:
                if reset:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
                    transport.abort()
                else:
                    transport.close()

            async def app(scope: Scope, receive: Receive, send: Send) -> None:
                scope["extensions"] = {**scope.get("extensions", {}), RESET_EXTENSION: drop}
                await inner(scope, receive, send)

            self.app = app

    return ResettableProtocol
