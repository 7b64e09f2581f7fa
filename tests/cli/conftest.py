"""One simulator for all tests of a worker, and a place of its own for each test."""

import json
import shlex
import shutil
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lago_ns_cli.simulator.server import RunningServer, ServeOptions, running_server
from tests.cli.keyrings import MemoryKeyring
from tests.cli.terminal import Result, process, run

SAMPLE = Path(__file__).parent.parent / "samples" / "hooli_invoice.json"


@dataclass
class Place:
    """A folder with a configuration for the simulator, mappings, and a ledger to come.

    Attributes:
        environment: The throwaway credentials; a test may change them.
    """

    folder: Path
    server: RunningServer
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "lago-ns.toml"

    @property
    def mappings(self) -> Path:
        return self.folder / "mappings.toml"

    def run(self, *arguments: str | Path, stdin: bytes = b"", terminal: bool = False) -> Result:
        """Run a command with this configuration, in this process."""
        return run(
            "--config",
            self.config,
            *arguments,
            environment=self.environment,
            stdin=stdin,
            terminal=terminal,
        )

    def process(self, *arguments: str | Path, stdin: bytes = b"") -> Result:
        """Run a command with this configuration, as a process."""
        return process("--config", self.config, *arguments, environment=self.environment, stdin=stdin)

    def write(self, name: str, content: str | bytes) -> Path:
        """Put a file into the folder."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def control(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask a control endpoint of the simulator; with a body, by POST."""
        request = urllib.request.Request(
            f"{self.server.url}/_simulator/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"authorization": f"Bearer {self.server.control_token}"},
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)


def written_environment(directory: Path) -> dict[str, str]:
    """Read the ``env`` file as a shell would."""
    lines = shlex.split((directory / "env").read_text("utf-8"))
    return dict(line.split("=", 1) for line in lines)


def place_at(folder: Path, server: RunningServer) -> Place:
    """Make a place for a server's configuration."""
    for name in ("lago-ns.toml", "mappings.toml"):
        shutil.copy(server.directory / name, folder / name)
    return Place(folder, server, written_environment(server.directory))


@pytest.fixture(autouse=True)
def _no_keyring_is_open(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each run chooses its back end anew; the package keeps its choice for a whole process."""
    monkeypatch.setattr("keyring.core._keyring_backend", None)
    yield
    MemoryKeyring.secrets.clear()


@pytest.fixture(scope="session")
def server() -> Iterator[RunningServer]:
    """A simulator that many tests share; what they post stays there."""
    with running_server(ServeOptions(port=0, invoices=12, customers=4)) as running:
        yield running


@pytest.fixture
def place(tmp_path: Path, server: RunningServer) -> Place:
    """A place of its own, before the shared simulator."""
    folder = tmp_path / "place"
    folder.mkdir()
    return place_at(folder, server)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Place]:
    """A place before a simulator that nobody used before."""
    folder = tmp_path / "place"
    folder.mkdir()
    with running_server(ServeOptions(port=0, invoices=12, customers=4)) as running:
        yield place_at(folder, running)
