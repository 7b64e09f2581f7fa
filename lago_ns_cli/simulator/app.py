"""One ASGI application for the whole simulated world.

==============================================  =================================================
``/app/site/hosting/restlet.nl?script=&deploy=``  the RESTlet
``/services/rest/auth/oauth2/v1/token``           the OAuth 2.0 token endpoint
``/_simulator/…``                                 the control endpoints (:mod:`.control`)
everything else                                   the Lago organization (``/api/v1/…``, ``/health``)
==============================================  =================================================

It runs under our server (:mod:`.server`) and in process, on any event loop and any :class:`.Clock`:
nothing here starts a thread or looks at the machine's time.
"""

from email.utils import format_datetime

from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, Router
from starlette.types import Message, Receive, Scope, Send

from lago_ns_cli.simulator.clock import Clock, SystemClock
from lago_ns_cli.simulator.control import create_control_app
from lago_ns_cli.simulator.credentials import SimulatorCredentials, derive_credentials
from lago_ns_cli.simulator.exchange import Exchange, ResettingApp
from lago_ns_cli.simulator.netsuite.http import RESTLET_PATH, TokenEndpoint
from lago_ns_cli.simulator.netsuite.oauth2 import TOKEN_PATH
from lago_ns_cli.simulator.options import WorldOptions
from lago_ns_cli.simulator.parts import Parts, build_parts


class Simulator:
    """A simulated NetSuite account and Lago organization as an ASGI application.

    In process, a connection that a fault drops surfaces as
    :class:`~lago_ns_cli.simulator.exchange.ConnectionDroppedError`.

    Attributes:
        parts: What the world consists of, for tests that look inside.
    """

    def __init__(self, parts: Parts, clock: Clock) -> None:
        self.parts = parts
        restlet = Exchange(parts.restlet, parts.faults, clock, parts.work)
        lago = Exchange(parts.lago, parts.faults, clock, parts.work)
        # A Router, not a Starlette: its error middleware would answer 500 where a connection is to be dropped.
        router = Router(
            [
                Route(RESTLET_PATH, restlet, methods=None),
                Route(TOKEN_PATH, TokenEndpoint(parts.desk).answer, methods=["POST"]),
                Mount("/_simulator", create_control_app(parts, parts.credentials.control_token)),
                Mount("/app", _not_found),
                Mount("/services", _not_found),
                Mount("/", lago),
            ]
        )
        self._app = ResettingApp(router)
        self._clock = clock

    @property
    def credentials(self) -> SimulatorCredentials:
        """What callers log in with."""
        return self.parts.credentials

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; like every server, it tells the time."""

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self._clock.now(), usegmt=True).encode("ascii")
                message = {**message, "headers": [*message["headers"], (b"date", date)]}
            await send(message)

        await self._app(scope, receive, send_dated)

    def close(self) -> None:
        """Release the account's state file."""
        self.parts.account.close()

    async def settle(self) -> None:
        """Wait until calls that go on without their caller are done, late commits included."""
        await self.parts.work.settle()


def create_simulator(options: WorldOptions = WorldOptions(), clock: Clock | None = None) -> Simulator:  # noqa: B008 (frozen)
    """Make a simulated world.

    Args:
        options: What it is made from; credentials follow from its seed.
        clock: The machine's clock by default.
    """
    clock = clock or SystemClock()
    return Simulator(build_parts(options, clock, derive_credentials(options.seed)), clock)


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("Not Found", status_code=404)(scope, receive, send)
