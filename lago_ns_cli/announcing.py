"""Tells others of failing documents: a webhook as Lago would send it, and a program that is run.

Neither may keep a run waiting: each delivery has a deadline and few attempts, and how it went is
returned, never raised.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

import httpx

from lago_ns_cli.connection import Answer, Connection
from lago_ns_cli.domain.secrets import is_secret_variable
from lago_ns_cli.errors import InDoubtError, LagoNsError, TransientError

WEBHOOK: Final = "webhook"
COMMAND: Final = "command"

DEADLINE_SECONDS = 10.0
"""For one call of the webhook, and for the program."""

PAUSES_SECONDS = (1.0, 3.0)
"""Before the second and the third call. Lago itself makes three, over half a minute."""


class Announcing:
    """The channels that the settings name; implements the workflows' ``Announcer``.

    Args:
        url: Where the webhook goes; None: nowhere.
        secret: Reads the secret that signs the webhook, when it is first needed.
        command: A program and its arguments; None: none is run.
        environ: What the program's environment is made of; our secrets are left out of it.
        transport: Stands in for the network, in tests.
        sleep: Waits between calls.
    """

    def __init__(
        self,
        *,
        url: str | None,
        secret: Callable[[], str],
        command: Sequence[str] | None,
        environ: Mapping[str, str],
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        """Remember the channels; nothing is opened yet."""
        self._url = url
        self._secret = secret
        self._command = command
        self._environment = {name: value for name, value in environ.items() if not is_secret_variable(name)}
        self._transport = transport
        self._sleep = sleep
        self._deadline_seconds = deadline_seconds

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels there are: ``webhook``, ``command``."""
        present = ((WEBHOOK, self._url), (COMMAND, self._command))
        return tuple(name for name, target in present if target)

    async def deliver(self, channel: str, announcement: Mapping[str, object], unique_key: str) -> str | None:
        """Deliver an announcement over one channel.

        Args:
            unique_key: The same whenever this announcement is delivered again.

        Returns:
            Why it could not be delivered; None where it was.
        """
        body = json.dumps(announcement).encode()
        try:
            if channel == WEBHOOK:
                return await self._post(body, unique_key)
            return await self._run(body)
        except LagoNsError as error:
            return f"{error.message} {error.hint or ''}".strip()

    async def _post(self, body: bytes, unique_key: str) -> str | None:
        parts = urlsplit(self._url or "")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = signed_headers(body, self._secret(), unique_key)
        connection = Connection(
            f"{parts.scheme}://{parts.netloc}",
            system="The receiver of announcements",
            read_timeout_seconds=self._deadline_seconds,
            transport=self._transport,
        )
        try:
            for pause in PAUSES_SECONDS:
                failure = await self._post_once(connection, path, body, headers)
                if failure is None or not failure.passing:
                    break
                await self._sleep(pause)
            else:
                failure = await self._post_once(connection, path, body, headers)
            return None if failure is None else failure.reason
        finally:
            await connection.aclose()

    async def _post_once(
        self, connection: Connection, path: str, body: bytes, headers: Mapping[str, str]
    ) -> "_Failure | None":
        try:
            async with asyncio.timeout(self._deadline_seconds):
                answer = await connection.send("POST", path, content=body, headers=headers)
        except (TransientError, InDoubtError) as error:
            return _Failure(error.message, passing=True)
        except TimeoutError:
            return _Failure(f"{connection.host} took longer than {self._deadline_seconds:g} s.", passing=True)
        return _judged(answer, connection.host)

    async def _run(self, body: bytes) -> str | None:
        command = self._command or ()
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env=self._environment,
                # A group of its own, so that what it starts ends with it.
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            return f"{command[0]} could not be run: {error}."
        try:
            async with asyncio.timeout(self._deadline_seconds):
                await process.communicate(body)
        except TimeoutError:
            return f"{command[0]} took longer than {self._deadline_seconds:g} s and was ended."
        finally:
            await _end(process)
        return f"{command[0]} ended with exit code {process.returncode}." if process.returncode else None


class _Failure:
    """Why a call did not deliver, and whether another one may."""

    __slots__ = ("passing", "reason")

    def __init__(self, reason: str, *, passing: bool) -> None:
        self.reason = reason
        self.passing = passing


def signed_headers(body: bytes, secret: str, unique_key: str) -> Mapping[str, str]:
    """Give the headers of a webhook as Lago signs it.

    The signature is standard base64 of HMAC-SHA256 over the bytes of the body, with the secret
    as text for its key.

    Source: Lago's documentation on webhook signatures, algorithm ``hmac``.
    """
    signature = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "X-Lago-Signature": base64.b64encode(signature).decode("ascii"),
        "X-Lago-Signature-Algorithm": "hmac",
        "X-Lago-Unique-Key": unique_key,
    }


def _judged(answer: Answer, host: str) -> _Failure | None:
    if 200 <= answer.status < 300:
        return None
    return _Failure(
        f"{host} answered HTTP {answer.status}.", passing=answer.status >= 500 or answer.status == 429
    )


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except ProcessLookupError:
        pass
    await process.wait()
