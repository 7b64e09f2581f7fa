"""The way to a host, step by step, against real sockets on loopback."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lago_ns_cli.domain.diagnosis.facts import Reach
from lago_ns_cli.netsuite.certificate import KeyKind, make_key_pair
from lago_ns_cli.reachability import try_to_reach


@asynccontextmanager
async def listening(context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Accept connections and say nothing."""
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


def reached(url: str, context: ssl.SSLContext | None = None) -> tuple[Reach, int]:
    """Go towards a server of ours; ``{port}`` stands for its port."""

    async def ask() -> tuple[Reach, int]:
        async with listening(context) as port:
            return await try_to_reach(url.format(port=port)), port

    return asyncio.run(ask())


def closed_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def test_an_open_way() -> None:
    """Plain HTTP has no encryption to try."""
    reach, port = reached("http://127.0.0.1:{port}/api/v1")

    assert Reach(host=f"127.0.0.1:{port}") == reach


def test_a_name_that_nobody_knows() -> None:
    """RFC 6761 keeps ``invalid`` free of hosts."""
    reach = asyncio.run(try_to_reach("https://lago.invalid"))

    assert ("lago.invalid", "name") == (reach.host, reach.stage)
    assert reach.error


def test_a_closed_port() -> None:
    """The system's own words are kept."""
    reach = asyncio.run(try_to_reach(f"http://127.0.0.1:{closed_port()}"))

    assert "connection" == reach.stage
    assert "Connection refused" == reach.error


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    """Verification is what fails, and it says so."""
    pair = make_key_pair("127.0.0.1", KeyKind.EC, datetime.now(UTC))
    chain = tmp_path / "chain.pem"
    chain.write_text(pair.private_key.reveal() + pair.certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)

    reach, _ = reached("https://127.0.0.1:{port}", context)

    assert "encryption" == reach.stage
    assert "self-signed certificate" == reach.error


def test_a_server_that_speaks_no_tls() -> None:
    """As where a port is wrong."""
    reach, _ = reached("https://127.0.0.1:{port}")

    assert "encryption" == reach.stage
    assert reach.error


def test_a_proxy_of_the_environment_is_tried_in_the_hosts_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its password is not told."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    async def ask() -> tuple[Reach, int]:
        async with listening() as port:
            monkeypatch.setenv("HTTPS_PROXY", f"http://user:secret@127.0.0.1:{port}")
            return await try_to_reach("https://lago.invalid"), port

    reach, port = asyncio.run(ask())

    assert Reach(host="lago.invalid", proxy=f"127.0.0.1:{port}") == reach
