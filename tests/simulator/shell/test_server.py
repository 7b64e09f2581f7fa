"""The server on a real socket: the ready line, the written files, resets, a clean end."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from lago_ns_cli.simulator.errors import FaultPlanError, ServeError
from lago_ns_cli.simulator.server import RunningServer, ServeOptions, running_server, serve

SERVE = """
import sys
from pathlib import Path
from lago_ns_cli.simulator.server import ServeOptions, serve
serve(ServeOptions(port=0, invoices=2, customers=1, write_config=Path(sys.argv[1])))
"""


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server(ServeOptions(port=0, invoices=2, customers=1)) as running:
        yield running


def plan(server: RunningServer, *faults: dict[str, object]) -> None:
    headers = {"authorization": f"Bearer {server.control_token}"}
    httpx.post(f"{server.url}/_simulator/faults", headers=headers, json={"fault": faults}).raise_for_status()


def invoices(server: RunningServer, timeout: float = 5.0) -> httpx.Response:
    headers = {"authorization": f"Bearer {server.credentials.lago_api_key}"}
    return httpx.get(f"{server.url}/api/v1/invoices", headers=headers, timeout=timeout)


def test_a_running_server_answers_and_its_files_are_there(server: RunningServer) -> None:
    """The port is free, the configuration written, Lago's side alive."""
    assert {"lago-ns.toml", "mappings.toml", "env"} == {path.name for path in server.directory.iterdir()}
    assert server.url in (server.directory / "lago-ns.toml").read_text()
    assert invoices(server).status_code == 200


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "reset", "when": "before_body"}, httpx.ReadError),
        ({"kind": "reset"}, httpx.ReadError),
        ({"kind": "half_answer"}, httpx.RemoteProtocolError),
        ({"kind": "commit_then_silence"}, httpx.ReadTimeout),
    ],
)
def test_a_dropped_connection_is_a_real_one(
    server: RunningServer, fault: dict[str, object], error: type[httpx.TransportError]
) -> None:
    """A client sees what it would see from a broken network; the server goes on."""
    plan(server, {**fault, "target": "lago", "count": 1})

    with pytest.raises(error):
        invoices(server, timeout=0.5)
    assert invoices(server).status_code == 200


def test_a_reset_in_the_middle_of_a_large_request_reaches_the_writer(server: RunningServer) -> None:
    """The client is still sending when the connection breaks; it notices while writing or when it looks for an answer."""
    plan(server, {"kind": "reset", "when": "during_body", "target": "lago", "count": 1})

    with pytest.raises((httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError)):
        httpx.post(f"{server.url}/api/v1/customers", content=b"x" * 20_000_000)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_says_when_it_is_ready_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    """One JSON line, and for a person what init asks for; then a signal, no traceback and exit code 0."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    with process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        health = httpx.get(f"{ready['url']}/health")
        process.send_signal(number)
        rest, errors = process.communicate(timeout=20)

    assert ({"event", "url", "control_token"}, "ready", 200) == (
        set(ready),
        ready["event"],
        health.status_code,
    )
    assert (process.returncode, rest) == (0, "")
    assert errors.startswith("What `lago-ns init` asks for, for this simulator:\n")
    assert "Traceback" not in errors


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.com"])
def test_other_interfaces_are_refused(host: str) -> None:
    """Only loopback, unless somebody says otherwise by name."""
    with pytest.raises(ServeError) as refused:
        serve(ServeOptions(host=host, port=0))

    assert refused.value.hint


def test_any_interface_can_be_allowed() -> None:
    """The flag is named for the danger."""
    options = ServeOptions(host="0.0.0.0", port=0, invoices=1, customers=1, allow_any_interface=True)
    with running_server(options) as running:
        assert httpx.get(running.url.replace("0.0.0.0", "127.0.0.1") + "/health").status_code == 200


def test_a_port_in_use_is_named() -> None:
    """No traceback from deep inside."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ServeError, match="cannot be used"):
        serve(ServeOptions(port=taken.getsockname()[1]))


def test_what_fails_in_the_background_rises_in_front(tmp_path: Path) -> None:
    """A world that cannot be made and a plan that cannot be read stop ``running_server``."""
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")

    with (
        pytest.raises(ServeError),
        running_server(ServeOptions(port=0, invoices=1, write_config=in_the_way / "no")),
    ):
        pass
    with pytest.raises(FaultPlanError), running_server(ServeOptions(port=0, faults=tmp_path / "none.toml")):
        pass


@pytest.mark.parametrize(
    "options",
    [ServeOptions(port=0, customers=0), ServeOptions(port=0, concurrency_limit=0)],
)
def test_a_world_that_cannot_be_is_refused(options: ServeOptions) -> None:
    """Sizes that make no sense end before the ready line."""
    with pytest.raises(ServeError):
        serve(options)


def test_a_file_that_is_no_account_is_named(tmp_path: Path) -> None:
    """A state file of something else is not touched."""
    path = tmp_path / "notes.txt"
    path.write_text("not an account " * 100)

    with pytest.raises(ServeError, match=r"notes\.txt"):
        serve(ServeOptions(port=0, state=path))


def test_a_state_file_keeps_its_tax_regime(tmp_path: Path) -> None:
    """An account cannot change between SuiteTax and legacy tax."""
    options = ServeOptions(port=0, invoices=1, customers=1, state=tmp_path / "account.db")
    with running_server(options):
        pass

    with pytest.raises(ServeError, match="cannot be made"):
        serve(replace(options, tax_regime="legacy"))


def test_an_account_outlives_its_server(tmp_path: Path) -> None:
    """With a state file, what was there is there after a restart."""
    options = ServeOptions(port=0, invoices=1, customers=1, state=tmp_path / "account.db")
    body = {
        "action": "create_record",
        "type": "customer",
        "values": {"companyname": "Example AG", "subsidiary": "2"},
    }
    with running_server(options) as running:
        headers = {"authorization": f"Bearer {running.control_token}"}
        httpx.post(f"{running.url}/_simulator/netsuite/admin", headers=headers, json=body).raise_for_status()
    with running_server(options) as running:
        records = httpx.get(
            f"{running.url}/_simulator/netsuite/records?type=customer", headers=headers
        ).json()

    assert "Example AG" in [record["companyname"] for record in records]
