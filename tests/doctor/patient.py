"""A set-up before a simulated world in this process, for ``doctor`` to look at.

Settings, secrets, mappings and ledger are real files and variables; calls go to the simulator over ASGI. A case
changes one thing (a role, a feature, the clock, a file), and the findings are compared whole.
"""

import asyncio
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import keyring
import tomli_w
from keyring.backend import KeyringBackend
from keyring.backends import fail

from lago_ns_cli.cli.examining import Machine
from lago_ns_cli.cli.globals import Globals
from lago_ns_cli.domain.diagnosis.facts import Reach
from lago_ns_cli.domain.diagnosis.findings import Finding, Level
from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.simulator.world import ACCOUNT_ID
from lago_ns_cli.toml_lines import load_toml
from lago_ns_cli.workflows.doctor import examine
from tests.integration.world import Wire, World


class ShiftedClock:
    """The simulator's clock as this machine sees it, perhaps wrongly."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return self._world.clock.now() + self.ahead

    async def sleep(self, seconds: float) -> None:
        await self._world.clock.sleep(seconds)


class Answering(httpx.AsyncBaseTransport):
    """Changes answers of one part of the world: their headers, their JSON, or that there is such an operation."""

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        change: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
        unknown: tuple[str, ...] = (),
    ) -> None:
        self._inner = inner
        self._path = path
        self._headers = headers or {}
        self._change = change
        self._unknown = unknown

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        if not request.url.path.startswith(self._path):
            return response
        body = await response.aread()
        if self._unknown and json.loads(request.content).get("operation") in self._unknown:
            error = {"code": "LAGO_UNKNOWN_OPERATION", "message": "There is no such operation."}
            return httpx.Response(400, json={"error": error})
        if self._change is not None and response.status_code == 200:
            body = json.dumps(self._change(json.loads(body))).encode()
        kept = {name: value for name, value in response.headers.items() if name != "content-length"}
        return httpx.Response(response.status_code, headers={**kept, **self._headers}, content=body)


class Bench(Machine):
    """This machine, with ways that lead into the simulator."""

    def __init__(self, patient: "Patient") -> None:
        self._patient = patient
        super().__init__(
            Globals(config_file=patient.config, profile=patient.profile),
            seconds=lambda: patient.clock.now().timestamp(),
            transport=patient.wrap(Wire(patient.world.simulator)),
        )

    async def reach(self, url: str) -> Reach:
        """Say that the way is free; the ways themselves have tests of their own."""
        return self._patient.reaches.get(url) or Reach(host=httpx.URL(url).host)


@dataclass
class Patient:
    """A set-up that works, until a case changes it.

    Attributes:
        environment: The variables that hold the secrets.
        reaches: Ways that are not free, by URL.
        wrap: Puts something between this machine and the simulator.
        keyring: The system's.
    """

    folder: Path
    world: World
    environment: dict[str, str] = field(default_factory=dict)
    reaches: dict[str, Reach] = field(default_factory=dict)
    wrap: Callable[[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport] = lambda transport: transport
    profile: str | None = None
    keyring: KeyringBackend = field(default_factory=fail.Keyring)

    def __post_init__(self) -> None:
        self.clock = ShiftedClock(self.world)
        self.environment.update(self.world.simulator.credentials.environment())
        self.set("push", quarantine_seconds=960)

    @property
    def account(self) -> Any:
        """The simulated account."""
        return self.world.simulator.parts.account

    @property
    def config(self) -> Path:
        return self.folder / "config" / "lago-ns.toml"

    @property
    def mappings(self) -> Path:
        return self.folder / "config" / "mappings.toml"

    @property
    def ledger(self) -> Path:
        return self.folder / "config" / "ledger.db"

    def set(self, table: str, **values: object) -> None:
        """Change settings in the file."""
        content: dict[str, Any] = dict(load_toml(self.config, hint="").data)
        content[table] = {**content.get(table, {}), **values}
        self.config.write_text(tomli_w.dumps(content), "utf-8")

    def drop(self, table: str, name: str) -> None:
        """Take a setting out of the file."""
        content: dict[str, Any] = dict(load_toml(self.config, hint="").data)
        content[table] = {key: value for key, value in content[table].items() if key != name}
        self.config.write_text(tomli_w.dumps(content), "utf-8")

    def replace_in_mappings(self, old: str, new: str) -> None:
        """Change the text of the mapping file."""
        text = self.mappings.read_text("utf-8")
        assert old in text
        self.mappings.write_text(text.replace(old, new), "utf-8")

    def open_ledger(self) -> SqlLedger:
        return SqlLedger(f"sqlite:///{self.ledger}", profile="default", account=ACCOUNT_ID)

    def findings(self) -> list[Finding]:
        """Let doctor look."""

        async def whole() -> list[Finding]:
            return [finding async for finding in examine(Bench(self), self.clock)]

        with self.in_environment():
            return asyncio.run(whole())

    def login_digest(self) -> str | None:
        """What tells this login from another."""
        with self.in_environment():
            return Bench(self).secrets().login

    @contextmanager
    def in_environment(self) -> Iterator[None]:
        """Nothing of the machine's own settings reaches a run."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LAGO_NS_")}
        before = keyring.get_keyring()
        keyring.set_keyring(self.keyring)
        try:
            with patch.dict(os.environ, {**kept, **self.environment}, clear=True):
                yield
        finally:
            keyring.set_keyring(before)

    def complaints(self) -> list[str]:
        """What is not well, a line each: ``level check: why | fix``; paths are shortened."""
        return [
            self.shortened(f"{one.level} {one.check}: {one.why} | {one.fix}")
            for one in self.findings()
            if one.level in (Level.WARNING, Level.FAILURE)
        ]

    def shortened(self, text: str) -> str:
        return re.sub(re.escape(str(self.folder)) + r"/config/", "", text)
