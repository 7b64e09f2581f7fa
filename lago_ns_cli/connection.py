"""One careful HTTP connection to one system; both adapters build on it.

TLS is always verified, ``http://`` reaches loopback only, redirects are never followed, every
call has a deadline, and an answer that grows past its cap is dropped, also while it is unpacked.
A failure says whether the call may have been executed.
"""

import ipaddress
import logging
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx

from lago_ns_cli import __version__
from lago_ns_cli.errors import ConfigError, CredentialError, InDoubtError, LagoNsError, TransientError

MAX_ANSWER_BYTES = 32 * 1024 * 1024

_CONNECT_TIMEOUT_SECONDS = 10.0
_WRITE_TIMEOUT_SECONDS = 60.0
_INFLATE_STEP_BYTES = 256 * 1024

_LOG = logging.getLogger(__name__)

_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, complete in memory; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def check_base_url(url: str, setting: str) -> str:
    """Make sure that secrets may be sent to a base URL; returns it without a final slash.

    Args:
        setting: The name of the setting, for the message.

    Raises:
        ConfigError: It is not ``https://``, or ``http://`` beyond loopback, or holds more than
            a host and a path.
    """
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if not host or parts.scheme not in ("https", "http"):
        raise ConfigError(f"{setting} is not a URL: {url!r}.", hint="Write it as https://host/path.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError(
            f"{setting} holds more than a host and a path.",
            hint="Remove the user, the query and the fragment; secrets belong in the keyring.",
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigError(
            f"{setting} would send secrets unencrypted to {host}.", hint="Use https:// in its place."
        )
    return url.strip().rstrip("/")


def is_loopback(host: str) -> bool:
    """Tell whether a host name is this machine, without asking DNS."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class Connection:
    """A pool of connections to one system.

    Args:
        base_url: As ``check_base_url`` returned it.
        system: ``"Lago"`` or ``"NetSuite"``, for errors.
        read_timeout_seconds: How long the system may stay silent.
        auth: Signs each request anew.
        transport: Stands in for the network, in tests.
        heard: Told of every answer, whatever its status.
    """

    def __init__(
        self,
        base_url: str,
        *,
        system: str,
        read_timeout_seconds: float,
        auth: httpx.Auth | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        heard: "Callable[[Answer], None] | None" = None,
    ) -> None:
        self.base_url = base_url
        self.host = urlsplit(base_url).hostname or ""
        self._system = system
        self._read_timeout_seconds = read_timeout_seconds
        self._heard = heard
        self._client = _client(base_url, read_timeout_seconds, auth, transport)

    async def aclose(self) -> None:
        """Let the connections go."""
        await self._client.aclose()

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | list[str]] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make one call and read its answer, whatever its status; what became of it is logged.

        Args:
            path: Percent-encoded already; follows the base URL.

        Raises:
            TransientError: The call never left: refused, no such host, TLS, no time to connect.
            InDoubtError: The call left, and its answer was lost, broken or too big.
            CredentialError: A secret cannot stand in an HTTP header.
        """
        began = time.monotonic()
        end = "given up"
        try:
            answer = await self._send(method, path, query, content, headers)
            end = f"HTTP {answer.status}, {len(answer.body):,} bytes"
            return answer
        except LagoNsError as error:
            end = error.message
            raise
        finally:
            asked = f"?{httpx.QueryParams(query)}" if query else ""
            _LOG.debug(
                "%s %s: %s (%.3f s)", method, self.base_url + path + asked, end, time.monotonic() - began
            )

    async def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | list[str]] | None,
        content: bytes | None,
        headers: Mapping[str, str] | None,
    ) -> Answer:
        try:
            request = self._client.build_request(
                method, self.base_url + path, params=query, content=content, headers=headers
            )
            response = await self._client.send(request, stream=True)
            try:
                answer = Answer(response.status_code, dict(response.headers), await self._read(response))
            finally:
                await response.aclose()
            if self._heard is not None:
                self._heard(answer)
            return answer
        except _NEVER_LEFT as error:
            raise self._unreachable(error) from error
        except (httpx.LocalProtocolError, UnicodeEncodeError):
            # The cause would quote the header, and with it the secret.
            raise CredentialError(
                f"A credential for {self._system} holds characters that no HTTP header can carry.",
                hint="Store it again with `lago-ns auth login`.",
            ) from None
        except httpx.HTTPError as error:
            raise self._lost(_reason(error, self._read_timeout_seconds)) from error

    async def _read(self, response: httpx.Response) -> bytes:
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip", ""):
            raise self._lost(f"the answer is packed as {encoding!r}, which was not asked for")
        # Unpacked here and not by httpx, which unpacks a chunk whole, however large it becomes.
        unpacker = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
        body = bytearray()
        stream = response.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        try:
            async for chunk in stream:
                _append(body, chunk, unpacker)
        except zlib.error as error:
            raise self._lost("the answer is not the gzip stream it says it is") from error
        except _TooLargeError as error:
            raise self._lost(f"the answer is larger than {MAX_ANSWER_BYTES // 2**20} MB") from error
        if unpacker is not None and body and not unpacker.eof:
            raise self._lost("the answer ended before its gzip stream did")
        return bytes(body)

    def _unreachable(self, error: httpx.HTTPError) -> TransientError:
        return TransientError(
            f"{self._system} cannot be reached at {self.host}: {_reason(error, _CONNECT_TIMEOUT_SECONDS)}.",
            system=self._system,
            hint="Check the network, the proxy and the base URL; then run the command again.",
        )

    def _lost(self, reason: str) -> InDoubtError:
        return InDoubtError(
            f"{self._system} at {self.host} got the call, but its answer was lost: {reason}.",
            system=self._system,
            code="answer_lost",
        )


class _TooLargeError(Exception):
    pass


def _append(body: bytearray, chunk: bytes, unpacker: "zlib._Decompress | None") -> None:
    if unpacker is None:
        body += chunk
    while unpacker is not None and chunk:
        body += unpacker.decompress(chunk, _INFLATE_STEP_BYTES)
        chunk = unpacker.unconsumed_tail
        if len(body) > MAX_ANSWER_BYTES:
            break
    if len(body) > MAX_ANSWER_BYTES:
        raise _TooLargeError


def _client(
    base_url: str,
    read_timeout_seconds: float,
    auth: httpx.Auth | None,
    transport: httpx.AsyncBaseTransport | None,
) -> httpx.AsyncClient:
    parts = urlsplit(base_url)
    loopback = is_loopback(parts.hostname or "")
    tls = _tls(needed=parts.scheme == "https" and transport is None)
    if transport is None and (loopback or not getproxies()):
        transport = _ConnectionEach(tls)  # httpx gives no proxy of the environment to a transport of ours
    timeout = httpx.Timeout(
        read_timeout_seconds, connect=_CONNECT_TIMEOUT_SECONDS, write=_WRITE_TIMEOUT_SECONDS
    )
    try:
        return httpx.AsyncClient(
            auth=auth,
            transport=transport,
            timeout=timeout,
            follow_redirects=False,
            # How many calls there are at once is decided elsewhere, and each keeps its connection.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=None),
            # A proxy of the environment could not reach this machine's own loopback.
            trust_env=not loopback,
            verify=tls,
            headers={"user-agent": f"lago-ns/{__version__}", "accept-encoding": "gzip"},
        )
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise ConfigError(
            f"The proxy that the environment names cannot be used: {error}",
            hint="Correct HTTPS_PROXY, or list the host in NO_PROXY.",
        ) from error


class _ConnectionEach(httpx.AsyncBaseTransport):
    """Gives each call a connection to itself, one that idles where there is one.

    A pool of httpx's looks at each of its connections, down to the socket, whenever a call comes or goes:
    with ten of them, that is half of the CPU time of a call.
    """

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._idle: list[httpx.AsyncHTTPTransport] = []
        self._all: list[httpx.AsyncHTTPTransport] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Make a call; its connection idles again once the answer was read or given up."""
        one = self._idle.pop() if self._idle else self._new()
        try:
            response = await one.handle_async_request(request)
        except BaseException:
            self._idle.append(one)
            raise
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Lent(response.stream, lambda: self._idle.append(one))
        return response

    def _new(self) -> httpx.AsyncHTTPTransport:
        one = httpx.AsyncHTTPTransport(verify=self._tls, limits=httpx.Limits(max_connections=1))
        self._all.append(one)
        return one

    async def aclose(self) -> None:
        """Let the connections go."""
        for one in self._all:
            await one.aclose()


class _Lent(httpx.AsyncByteStream):
    """An answer on its way, over a connection that is given back with it."""

    def __init__(self, stream: httpx.AsyncByteStream, give_back: Callable[[], None]) -> None:
        self._stream = stream
        self._give_back: Callable[[], None] | None = give_back

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._stream)

    async def aclose(self) -> None:
        try:
            await self._stream.aclose()
        finally:
            give_back, self._give_back = self._give_back, None
            if give_back is not None:
                give_back()


@cache
def _tls(*, needed: bool) -> ssl.SSLContext:
    if needed:
        return httpx.create_ssl_context()
    # Trusts nobody, and spares the 70 ms that loading the authorities takes.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _reason(error: httpx.HTTPError, timeout_seconds: float) -> str:
    if isinstance(error, httpx.TimeoutException):
        return f"no answer within {timeout_seconds:g} s"
    text = " ".join(str(error).split())[:200]
    return text.rstrip(".") or type(error).__name__
