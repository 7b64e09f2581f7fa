"""The way to a host, step by step: its name, a connection, its certificate.

A call tells only that it failed; these steps tell where. With a proxy in the environment the way leads there,
and only the first two steps, to the proxy, can be told from here.
"""

import asyncio
import os
import socket
import ssl
from datetime import UTC, datetime
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from lago_ns_cli.connection import is_loopback
from lago_ns_cli.domain.diagnosis.facts import Reach

_SECONDS = 10.0
_PORTS = {"https": 443, "http": 80}


async def try_to_reach(url: str) -> Reach:
    """Go towards a URL until a step fails; nothing is sent."""
    parts = urlsplit(url)
    host, scheme = parts.hostname or "", parts.scheme
    shown = parts.netloc if parts.port else host
    proxy = _proxy_of(host, scheme)
    if proxy is not None:
        way = urlsplit(proxy)
        target, port = way.hostname or "", way.port or _PORTS.get(way.scheme, 80)
        stage, error = await _try_to_connect(target, port)
        return Reach(host=shown, stage=stage, error=error, proxy=f"{target}:{port}")
    port = parts.port or _PORTS[scheme]
    stage, error = await _try_to_connect(host, port)
    if stage is not None or scheme == "http":
        return Reach(host=shown, stage=stage, error=error)
    ends_at, error = await _try_to_encrypt(host, port)
    stage = None if error is None else "encryption"
    return Reach(host=shown, stage=stage, error=error, certificate_ends_at=ends_at)


def _proxy_of(host: str, scheme: str) -> str | None:
    if is_loopback(host) or proxy_bypass(host):
        return None
    proxies = getproxies()
    return proxies.get(scheme) or proxies.get("all")


async def _try_to_connect(host: str, port: int) -> tuple[str | None, str | None]:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_SECONDS):
            await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError) as error:
        return "name", _reason(error)
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError) as error:
        return "connection", _reason(error)
    writer.close()
    return None, None


async def _try_to_encrypt(host: str, port: int) -> tuple[datetime | None, str | None]:
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=httpx.create_ssl_context())
    except ssl.SSLCertVerificationError as error:
        return None, error.verify_message
    except (OSError, TimeoutError) as error:
        return None, _reason(error)
    certificate = writer.get_extra_info("peercert") or {}
    writer.close()
    ends = certificate.get("notAfter")
    return (datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends)), UTC) if ends else None), None


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {_SECONDS:g} s"
    if isinstance(error, OSError) and not isinstance(error, socket.gaierror | ssl.SSLError) and error.errno:
        return os.strerror(error.errno)  # asyncio puts words of its own in the place of the system's
    text = getattr(error, "strerror", None) or str(error)
    return str(text).strip().rstrip(".") or type(error).__name__
