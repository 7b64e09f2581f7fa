"""Announcements reach a webhook and a program, and never keep anybody waiting."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from lago_ns_cli.announcing import Announcing, signed_headers
from lago_ns_cli.errors import CredentialError

SECRET = "3f9c2b1e-0000-4000-8000-00000000abcd"
URL = "https://hooks.example/lago?team=finance"
TOLD = {"webhook_type": "customer.accounting_provider_error", "text": "Zürich ☃"}
PYTHON = sys.executable

Reply = httpx.Response | Exception


class Receiver:
    """Answers calls one after the other, the last answer again and again, and keeps the requests."""

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies)
        self.requests: list[httpx.Request] = []
        self.slept: list[float] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        return httpx.Response(reply.status_code)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def deliver(self, *, secret: Callable[[], str] = lambda: SECRET) -> str | None:
        announcing = Announcing(
            url=URL,
            secret=secret,
            command=None,
            environ={},
            transport=httpx.MockTransport(self.handle),
            sleep=self.sleep,
        )
        return asyncio.run(announcing.deliver("webhook", TOLD, "key-1"))


def run_program(
    code: str,
    *,
    environ: dict[str, str] | None = None,
    deadline_seconds: float = 10,
    arguments: tuple[str, ...] = (),
) -> str | None:
    """Deliver to a Python program."""
    announcing = Announcing(
        url=None,
        secret=lambda: SECRET,
        command=(PYTHON, "-c", code, *arguments),
        environ=environ or {},
        deadline_seconds=deadline_seconds,
    )
    return asyncio.run(announcing.deliver("command", TOLD, "key-1"))


def test_the_webhook_is_signed_as_lago_signs() -> None:
    """Base64 of HMAC-SHA256 over the very bytes that are sent; a receiver of Lago's verifies it."""
    receiver = Receiver(httpx.Response(200))

    assert receiver.deliver() is None

    (request,) = receiver.requests
    expected = base64.b64encode(hmac.new(SECRET.encode(), request.content, hashlib.sha256).digest())
    assert ("POST", URL) == (request.method, str(request.url))
    assert expected.decode() == request.headers["X-Lago-Signature"]
    assert "hmac" == request.headers["X-Lago-Signature-Algorithm"]
    assert "key-1" == request.headers["X-Lago-Unique-Key"]
    assert "application/json" == request.headers["Content-Type"]
    assert TOLD == json.loads(request.content)


def test_the_signature_is_the_known_one() -> None:
    """A vector, computed with OpenSSL: ``printf '{}' | openssl dgst -sha256 -hmac secret -binary | base64``."""
    headers = signed_headers(b"{}", "secret", "key-1")

    assert "dzJZAsrKgS3CWXM6rNBGtzgXNyx3e42VtAJkdHRRbhM=" == headers["X-Lago-Signature"]


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_success_is_one(status: int) -> None:
    """As Lago counts them."""
    assert Receiver(httpx.Response(status)).deliver() is None


@pytest.mark.parametrize(
    "passing",
    [
        httpx.Response(500),
        httpx.Response(429),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("half"),
    ],
    ids=str,
)
def test_what_may_pass_is_tried_three_times(passing: Reply) -> None:
    """The same body, signature and key each time."""
    receiver = Receiver(passing)

    failure = receiver.deliver()

    assert failure is not None
    assert "hooks.example" in failure
    assert [1.0, 3.0] == receiver.slept
    assert 3 == len(receiver.requests)
    assert 1 == len({(request.content, request.headers["X-Lago-Signature"]) for request in receiver.requests})


def test_a_second_call_may_succeed() -> None:
    """Then nothing is wrong."""
    receiver = Receiver(httpx.Response(503), httpx.Response(200))

    assert receiver.deliver() is None
    assert 2 == len(receiver.requests)


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410])
def test_a_refusal_is_not_tried_again(status: int) -> None:
    """Redirects are refusals too: they could take the announcement elsewhere."""
    receiver = Receiver(httpx.Response(status))

    failure = receiver.deliver()

    assert failure is not None
    assert str(status) in failure
    assert 1 == len(receiver.requests)


def test_without_a_secret_nothing_is_sent() -> None:
    """An unsigned announcement could be anybody's; the failure names the way to the secret."""

    def absent() -> str:
        raise CredentialError("There is no secret.", hint="set LAGO_NS_ANNOUNCE__SECRET")

    receiver = Receiver(httpx.Response(200))
    failure = receiver.deliver(secret=absent)

    assert failure is not None
    assert "LAGO_NS_ANNOUNCE__SECRET" in failure
    assert [] == receiver.requests


def test_the_program_gets_the_announcement_on_stdin(tmp_path: Path) -> None:
    """Its arguments are its own: no shell reads them."""
    out = tmp_path / "out"
    code = (
        "import sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read()); assert sys.argv[2] == '$HOME; x'"
    )

    assert run_program(code, arguments=(str(out), "$HOME; x")) is None
    assert TOLD == json.loads(out.read_bytes())


def test_the_program_gets_no_secrets_of_ours(tmp_path: Path) -> None:
    """Its environment is that of the run without them."""
    out = tmp_path / "out"
    environ = {"LAGO_NS_NETSUITE__TOKEN_SECRET": "x", "LAGO_NS_PROFILE": "default", "HOME": "/home/finance"}
    code = "import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1], 'w'))"

    assert run_program(code, environ=environ, arguments=(str(out),)) is None

    seen = json.loads(out.read_text("utf-8"))
    assert {"LAGO_NS_PROFILE": "default", "HOME": "/home/finance"}.items() <= seen.items()
    assert "LAGO_NS_NETSUITE__TOKEN_SECRET" not in seen


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("raise SystemExit(3)", "exit code 3"),
        ("import os; os.close(0); raise SystemExit(1)", "exit code 1"),
        ("import time; time.sleep(60)", "took longer than 0.3 s"),
    ],
)
def test_a_program_that_fails_or_hangs_is_told_of(code: str, told: str) -> None:
    """One that hangs is ended."""
    failure = run_program(code, deadline_seconds=0.3 if "sleep" in code else 10)

    assert failure is not None
    assert told in failure


def test_what_a_hanging_program_started_ends_with_it(tmp_path: Path) -> None:
    """Its whole process group goes, so that nothing is left behind at every run."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    # The child holds the pipe open for as long as it lives.
    code = (
        "import os, subprocess, sys, time; pipe = os.open(sys.argv[1], os.O_WRONLY); os.write(pipe, b'x'); "
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(20)'], pass_fds=[pipe]); time.sleep(20)"
    )

    assert run_program(code, deadline_seconds=0.5, arguments=(str(pipe),)) is not None

    os.set_blocking(reading, True)
    assert b"x" == os.read(reading, 10)
    before = time.monotonic()
    assert b"" == os.read(reading, 10)
    assert time.monotonic() - before < 10
    os.close(reading)


def test_a_program_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    """By its name, without a traceback."""
    absent = str(tmp_path / "absent")
    announcing = Announcing(url=None, secret=lambda: SECRET, command=(absent,), environ={})

    failure = asyncio.run(announcing.deliver("command", TOLD, "key-1"))

    assert failure is not None
    assert absent in failure


@pytest.mark.parametrize(
    ("url", "command", "channels"),
    [
        (None, None, ()),
        (URL, None, ("webhook",)),
        (None, ("notify",), ("command",)),
        (URL, ("notify",), ("webhook", "command")),
    ],
)
def test_channels_are_what_the_settings_name(
    url: str | None, command: tuple[str, ...] | None, channels: tuple[str, ...]
) -> None:
    """None of them is a channel by default."""
    assert channels == Announcing(url=url, secret=lambda: SECRET, command=command, environ={}).channels
