"""Announcements over real HTTP on loopback: what arrives, how it is signed, and receivers that misbehave."""

import base64
import contextlib
import hashlib
import hmac
import json
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from lago_ns_cli import announcing
from lago_ns_cli.simulator.server import RunningServer, ServeOptions, running_server
from tests.cli.conftest import Place, place_at
from tests.cli.terminal import QUIET_ENVIRONMENT, Result, no_traceback
from tests.integration.test_announce import CUSTOMER_ID, KEY, LAGO_ID, NUMBER, broken

SECRET = "3f9c2b1e-0000-4000-8000-00000000abcd"
REASON = "canary of the receiver"


class Receiver:
    """A web server that answers as its path says, and keeps what it was sent."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, str], bytes]] = []
        self.release = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.calls.append((self.path, {n.lower(): v for n, v in self.headers.items()}, body))
                receiver.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer a call, or never."""
        if handler.path == "/silent":
            self.release.wait(20)
            return
        status = int(handler.path.strip("/"))
        handler.send_response(status)
        if status == 302:
            handler.send_header("Location", f"{self.url}/200")
        handler.end_headers()
        if handler.path == "/203":  # one byte after the other, for ever
            with contextlib.suppress(OSError):
                while not self.release.wait(0.05):
                    handler.wfile.write(b"x")
            return
        handler.wfile.write(REASON.encode())

    def close(self) -> None:
        """Let go of everything."""
        self.release.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningServer]:
    """Both sides; nothing is ever posted."""
    with running_server(ServeOptions(port=0, invoices=0, customers=1)) as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody who listens."""
    listening = Receiver()
    yield listening
    listening.close()


@pytest.fixture
def place(tmp_path: Path, simulator: RunningServer, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A place with a secret, and little patience."""
    monkeypatch.setattr(announcing, "PAUSES_SECONDS", (0.0, 0.0))
    defaults: dict[str, Any] = announcing.Announcing.__init__.__kwdefaults__ or {}
    monkeypatch.setitem(defaults, "deadline_seconds", 0.3)
    made = place_at(tmp_path, simulator)
    made.environment["LAGO_NS_ANNOUNCE__SECRET"] = SECRET
    made.write("bad.json", broken(total_amount_cents=9999))
    return made


def sync(place: Place, url: str) -> Result:
    place.environment["LAGO_NS_ANNOUNCE__URL"] = url
    return place.run("sync", "invoice", "--from", place.folder / "bad.json")


def test_what_arrives_is_lagos_own_form_and_signature(place: Place, receiver: Receiver) -> None:
    """To the letter, plus the document; signed over the bytes that arrive; once, however often cron runs."""
    results = [sync(place, f"{receiver.url}/200") for _ in range(3)]

    ((_, headers, body),) = receiver.calls
    told = json.loads(body)
    document = told["accounting_provider_customer_error"].pop("document")
    message = told["accounting_provider_customer_error"]["provider_error"].pop("message")
    assert {
        "webhook_type": "customer.accounting_provider_error",
        "object_type": "accounting_provider_customer_error",
        "organization_id": None,
        "accounting_provider_customer_error": {
            "lago_customer_id": CUSTOMER_ID,
            "external_customer_id": "cust_0042",
            "accounting_provider": "netsuite",
            "accounting_provider_code": "default",
            "provider_error": {"error_code": "inconsistent_sums"},
        },
    } == told
    assert (KEY, LAGO_ID, NUMBER, "invoice", "held") == tuple(
        document[name] for name in ("key", "lago_id", "number", "kind", "state")
    )
    assert "total" in message
    signed = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    assert (signed, "hmac", "application/json") == (
        headers["x-lago-signature"],
        headers["x-lago-signature-algorithm"],
        headers["content-type"],
    )
    assert len(headers["x-lago-unique-key"]) == 36
    assert [(1, "")] * 3 == [(one.code, one.err) for one in results]


@pytest.mark.parametrize(
    ("path", "calls", "told"),
    [
        ("500", 3, "answered HTTP 500"),
        ("302", 1, "answered HTTP 302"),
        ("401", 1, "answered HTTP 401"),
        ("silent", 3, " 0.3 s"),
        ("203", 3, "took longer than 0.3 s"),
    ],
)
def test_a_receiver_that_misbehaves_costs_a_warning_and_nothing_else(
    place: Place, receiver: Receiver, path: str, calls: int, told: str
) -> None:
    """Bounded in calls and time; the exit code is the documents' own; once it listens it is told, once."""
    began = time.monotonic()
    failed = sync(place, f"{receiver.url}/{path}")
    seconds = time.monotonic() - began

    assert calls == len(receiver.calls)
    assert {f"/{path}"} == {where for where, _, _ in receiver.calls}  # a redirect is not followed
    assert 1 == len({(headers["x-lago-unique-key"], body) for _, headers, body in receiver.calls})
    assert (1, 1) == (failed.code, failed.err.count("could not be announced"))
    assert "1 failing documents could not be announced (webhook): " in failed.err
    assert told in failed.err
    assert REASON not in failed.err + failed.out
    assert SECRET not in failed.err + failed.out
    assert seconds < 15
    assert no_traceback(failed)

    receiver.calls.clear()
    assert ["", ""] == [sync(place, f"{receiver.url}/200").err for _ in range(2)]
    assert ["/200"] == [where for where, _, _ in receiver.calls]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_does_not_wait_for_a_receiver(
    place: Place, receiver: Receiver, number: signal.Signals
) -> None:
    """The run is over by then: it ends at once, and the next one tells what was not told."""
    place.environment["LAGO_NS_ANNOUNCE__URL"] = f"{receiver.url}/silent"
    command = ("--config", place.config, "sync", "invoice", "--from", place.folder / "bad.json")
    started = subprocess.Popen(
        [sys.executable, "-m", "lago_ns_cli", *map(str, command)],
        env={**place.environment, **QUIET_ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while not receiver.calls:
        assert started.poll() is None, started.communicate()
        time.sleep(0.02)

    began = time.monotonic()
    started.send_signal(number)
    _, err = started.communicate(timeout=30)

    assert (130, True) == (started.returncode, time.monotonic() - began < 8), err
    assert b"Traceback" not in err
    receiver.calls.clear()
    assert "" == sync(place, f"{receiver.url}/200").err
    assert 1 == len(receiver.calls)


def test_a_receiver_that_is_down_is_named(place: Place, receiver: Receiver) -> None:
    """Its host, so that somebody can start it."""
    receiver.close()

    failed = sync(place, f"{receiver.url}/200")

    assert 1 == failed.code
    assert "cannot be reached at 127.0.0.1" in failed.err
    told: list[dict[str, Any]] = place.run("status", "--json").events
    assert NUMBER in {one.get("number") for one in told}


def test_what_a_program_prints_stays_with_it(place: Place) -> None:
    """Neither its output nor its errors reach ours, whether it succeeds or fails; how it ended does."""
    noise = f"import sys; print({REASON!r}); print({REASON!r}, file=sys.stderr); sys.exit(3)"
    place.environment["LAGO_NS_ANNOUNCE__COMMAND"] = shlex.join([sys.executable, "-c", noise])

    failed = place.process("sync", "invoice", "--from", place.folder / "bad.json")

    assert 1 == failed.code
    assert "ended with exit code 3" in failed.err
    assert REASON not in failed.out + failed.err
