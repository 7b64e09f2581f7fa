"""The connection caps what it reads, follows nothing, and tells whether a call may have been executed."""

import asyncio
import gzip
import re
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from lago_ns_cli import connection
from lago_ns_cli.connection import Answer, Connection, check_base_url
from lago_ns_cli.errors import CredentialError, InDoubtError, TransientError


def send(reply: httpx.Response | Exception, **options: object) -> Answer:
    """Make one call that gets this reply."""

    def handle(request: httpx.Request) -> httpx.Response:
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def scenario() -> Answer:
        line = Connection(
            "http://127.0.0.1:9",
            system="NetSuite",
            read_timeout_seconds=5,
            transport=httpx.MockTransport(handle),
        )
        try:
            return await line.send("POST", "/x", content=b"{}", **options)  # type: ignore[arg-type]
        finally:
            await line.aclose()

    return asyncio.run(scenario())


class Broken(httpx.AsyncByteStream):
    """A body that ends with an error after its first part."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"half"
        raise httpx.ReadError("connection reset by peer")


def packed(body: bytes) -> httpx.Response:
    """Answer with a body that says it is gzip, not unpacked by anybody yet."""
    return httpx.Response(200, stream=httpx.ByteStream(body), headers={"content-encoding": "gzip"})


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("[Errno 111] refused"),
        httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED]"),
        httpx.ConnectTimeout("slow"),
        httpx.PoolTimeout("busy"),
        httpx.ProxyError("no"),
    ],
)
def test_a_call_that_never_left_is_no_doubt(failure: Exception) -> None:
    """Refused, unknown, unverified or never connected: nothing was executed."""
    with pytest.raises(TransientError) as caught:
        send(failure)

    assert "127.0.0.1" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "reply",
    [
        httpx.ReadTimeout("slow"),
        httpx.WriteTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.WriteError("reset"),
        httpx.RemoteProtocolError("Server disconnected without sending a response."),
        httpx.Response(200, stream=Broken()),
        packed(b"no gzip"),
        packed(gzip.compress(b"{}" * 100)[:-9]),
        httpx.Response(200, stream=httpx.ByteStream(b"x"), headers={"content-encoding": "br"}),
    ],
)
def test_a_call_whose_answer_is_lost_is_in_doubt(reply: httpx.Response | Exception) -> None:
    """The body may have gone out whole, so the call may have been executed."""
    with pytest.raises(InDoubtError) as caught:
        send(reply)

    assert caught.value.code == "answer_lost"


def test_answers_are_read_plain_or_packed() -> None:
    """Gzip is unpacked, in as many parts as it comes."""
    body = b'{"a": 1}' * 50_000

    assert send(packed(gzip.compress(body))).body == body
    assert send(httpx.Response(404, content=b"no")) == Answer(404, {"content-length": "2"}, b"no")


@pytest.mark.parametrize("bomb", [False, True])
def test_an_answer_beyond_the_cap_is_dropped(bomb: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when it only becomes that large while it is unpacked."""
    monkeypatch.setattr(connection, "MAX_ANSWER_BYTES", 2**20)
    body = b"0" * (2**20 + 1)

    with pytest.raises(InDoubtError, match="larger than 1 MB"):
        send(packed(gzip.compress(body)) if bomb else httpx.Response(200, content=body))


def test_unpacking_stops_at_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    """However large the bomb, it fills a few hundred kilobytes beyond the cap, not the memory."""
    monkeypatch.setattr(connection, "MAX_ANSWER_BYTES", 2**20)
    body = bytearray()
    unpacker = zlib.decompressobj(wbits=31)

    with pytest.raises(connection._TooLargeError):
        connection._append(body, gzip.compress(b"0" * 2**24), unpacker)

    assert len(body) < 2**21


def test_redirects_are_not_followed() -> None:
    """They could carry a secret elsewhere."""
    assert send(httpx.Response(302, headers={"location": "https://x.example/"})).status == 302


class Listening:
    """A server on loopback that answers any call a little later.

    Attributes:
        connections: How many were opened.
        heard: The first line of each call.
    """

    def __init__(self) -> None:
        self.connections = 0
        self.heard: list[str] = []
        self._tasks: list[asyncio.Task[None] | None] = []

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        """Serve for as long as the block runs; gives host and port."""
        server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        server.close()
        await asyncio.gather(*(task for task in self._tasks if task is not None))

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._tasks.append(asyncio.current_task())
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                self.heard.append((await reader.readuntil(b"\r\n\r\n")).decode().partition("\r\n")[0])
                await asyncio.sleep(0.02)
                status = b"200 OK" if self.heard[-1].startswith("GET ") else b"403 Forbidden"
                writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 2\r\n\r\nok")
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def test_calls_at_once_have_a_connection_each_and_later_ones_use_these() -> None:
    """A call that was given up costs its connection, and no other call."""

    async def scenario() -> tuple[list[int], Listening]:
        listening, seen = Listening(), []
        async with listening.served() as where:
            line = Connection(f"http://{where}", system="Lago", read_timeout_seconds=5)
            for at_once in (1, 4, 4, 1):
                answers = await asyncio.gather(*(line.send("GET", "/") for _ in range(at_once)))
                assert {b"ok"} == {answer.body for answer in answers}
                seen.append(listening.connections)
            given_up = asyncio.ensure_future(line.send("GET", "/slow"))
            await asyncio.sleep(0.01)
            given_up.cancel()
            await asyncio.gather(given_up, return_exceptions=True)
            await asyncio.gather(*(line.send("GET", "/") for _ in range(4)))
            seen.append(listening.connections)
            await line.aclose()
        return seen, listening

    seen, listening = asyncio.run(scenario())

    assert [1, 4, 4, 4, 5] == seen
    assert 15 == len(listening.heard)


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A company's network may have no other way out."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    async def scenario() -> list[str]:
        proxy = Listening()
        async with proxy.served() as where:
            monkeypatch.setenv("HTTPS_PROXY", f"http://{where}")
            line = Connection("https://lago.invalid", system="Lago", read_timeout_seconds=5)
            with pytest.raises((TransientError, InDoubtError)):
                await line.send("GET", "/")
            await line.aclose()
        return proxy.heard

    assert ["CONNECT lago.invalid:443 HTTP/1.1"] == asyncio.run(scenario())[:1]


@pytest.mark.parametrize("header", ["kéy", "key\r\nx-other: 1"])
def test_a_secret_that_fits_no_header_is_not_quoted(header: str) -> None:
    """Neither in the message nor in a chained exception."""

    async def scenario() -> None:
        line = Connection("http://127.0.0.1:1", system="Lago", read_timeout_seconds=1)
        await line.send("GET", "/", headers={"authorization": header})

    with pytest.raises((CredentialError, TransientError)) as caught:
        asyncio.run(scenario())

    assert "kéy" not in f"{caught.value}{caught.value.__cause__}"
    assert "x-other" not in f"{caught.value}{caught.value.__cause__}"


@pytest.mark.parametrize(
    "url", ["http://localhost:1", "http://127.8.8.8", "http://[::1]:80/x", "https://a.b/c/"]
)
def test_safe_addresses_are_taken(url: str) -> None:
    """TLS anywhere, plain HTTP on this machine; the final slash goes."""
    assert check_base_url(url, "lago.base_url") == url.rstrip("/")


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (httpx.Response(200, content=b"{}"), "POST http://127.0.0.1:9/x?page=2: HTTP 200, 2 bytes"),
        (httpx.Response(503, content=b"later"), "POST http://127.0.0.1:9/x?page=2: HTTP 503, 5 bytes"),
        (httpx.ReadTimeout(""), "POST http://127.0.0.1:9/x?page=2: NetSuite at 127.0.0.1 got the call"),
        (httpx.ConnectError("refused"), "POST http://127.0.0.1:9/x?page=2: NetSuite cannot be reached"),
    ],
    ids=["answered", "failed", "lost", "unreachable"],
)
def test_every_call_is_logged_for_who_asks(
    reply: httpx.Response | Exception, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    """One line a call, whatever became of it: what -vv and a log file show."""
    caplog.set_level("DEBUG", logger="lago_ns_cli.connection")
    with suppress(InDoubtError, TransientError):
        send(reply, query={"page": "2"})

    [record] = caplog.records
    assert "DEBUG" == record.levelname
    assert record.getMessage().startswith(told)
    assert re.search(r" \(\d+\.\d{3} s\)$", record.getMessage())
