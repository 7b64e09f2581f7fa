"""A test stand: a server process, a configuration and a ledger of its own; ``lago-ns`` runs on it as its users run it."""

import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import tomli_w

from benchmarks.cost_model import Cost
from benchmarks.organization import Documents, Shape, invoice_id

ROOT = Path(__file__).parent.parent
LAST_DAY = date.today() - timedelta(days=1)  # noqa: DTZ011 - any day around now will do
_START_SECONDS = 60
_LONGEST_RUN_SECONDS = 3600
_FREE = Cost(0, 0)


class BenchmarkError(Exception):
    """A run went wrong, so that there is nothing to measure."""


@dataclass(frozen=True)
class Ended:
    """A finished process.

    Attributes:
        cpu_seconds: Of the process and those it waited for, user and system.
        peak_kib: The most memory it ever held.
    """

    code: int
    out: str
    err: str
    cpu_seconds: float
    peak_kib: int
    wall_seconds: float

    @property
    def summary(self) -> dict[str, Any]:
        """The last line of a run with ``--json``."""
        lines = self.out.splitlines()
        last: dict[str, Any] = json.loads(lines[-1]) if lines else {}
        return last


@dataclass(frozen=True)
class LoggedCall:
    """A call as the account logged it."""

    arrived: datetime
    seconds: float
    operation: str
    ending: str
    saves: int
    in_flight: int
    limit: int

    @property
    def answered(self) -> datetime:
        """When it ended."""
        return self.arrived + timedelta(seconds=self.seconds)


@dataclass(frozen=True)
class Pushes:
    """The calls of a run that carried documents, by the account's own record.

    Attributes:
        server_seconds: CPU time that the simulator took for the whole run, where the system tells.
    """

    calls: tuple[LoggedCall, ...]
    server_seconds: float = 0.0

    @property
    def documents(self) -> int:
        """Records that they saved."""
        return sum(call.saves for call in self.calls)

    @property
    def first(self) -> datetime:
        """When the first one arrived, also one that found no slot."""
        return min(call.arrived for call in self.calls)

    @property
    def seconds(self) -> float:
        """From the first push to the last answer."""
        return (max(call.answered for call in self.calls) - self.first).total_seconds()

    @property
    def rate(self) -> float:
        """Documents a second."""
        return self.documents / self.seconds

    @property
    def batch(self) -> float:
        """Documents in a call that was executed, on average."""
        executed = [call.saves for call in self.calls if call.ending == "answered"]
        return sum(executed) / len(executed)

    @property
    def refused(self) -> int:
        """Calls that found no slot."""
        return sum(call.ending == "limit" for call in self.calls)

    def refused_after(self, first: int) -> float:
        """The share of refused calls, the first ones left out."""
        later = sorted(self.calls, key=lambda call: call.arrived)[first:]
        return sum(call.ending == "limit" for call in later) / len(later) if later else 0.0


class Stand:
    """A running server and a place for ``lago-ns`` to work in.

    Attributes:
        shape: The organization's.
        environment: The throwaway credentials, as variables.
    """

    def __init__(self, shape: Shape, folder: Path, server: int, url: str, token: str) -> None:
        self.shape = shape
        self._server = server
        self.folder = folder
        self.url = url
        self._token = token
        self.environment = _environment(folder / "env")

    def control(self, method: str, path: str, body: object = None) -> Any:
        """Ask one of the simulator's control endpoints."""
        request = urllib.request.Request(
            f"{self.url}/_simulator/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"authorization": f"Bearer {self._token}"},
        )
        with urllib.request.urlopen(request, timeout=_START_SECONDS) as answer:
            return json.load(answer)

    def set_cost(self, cost: Cost) -> None:
        """Let calls and records take this long from now on."""
        self.control(
            "POST", "netsuite/limits", {"latency_ms": cost.call_ms, "cost_ms_per_record": cost.record_ms}
        )

    def set_limit(self, limit: int, *, held_by_others: int = 0) -> None:
        """Let so many calls run at once from now on."""
        self.control(
            "POST", "netsuite/limits", {"concurrency_limit": limit, "held_by_others": held_by_others}
        )

    def let_compete(self, calls: int, call_seconds: float) -> None:
        """Send another program in that keeps so many calls in flight; 0 ends it."""
        self.control("POST", "netsuite/other-program", {"calls": calls, "call_seconds": call_seconds})

    def configure(self, **push: object) -> None:
        """Write settings of ``[push]`` into the configuration file."""
        path = self.folder / "lago-ns.toml"
        config = tomllib.loads(path.read_text("utf-8"))
        config["push"] = {**config.get("push", {}), **push}
        path.write_text(tomli_w.dumps(config), "utf-8")

    def lago_ns(self, *arguments: str, meanwhile: Callable[[], None] | None = None) -> Ended:
        """Run the program to its end.

        Args:
            meanwhile: Called in this process once the program runs.

        Raises:
            BenchmarkError: It took an hour.
        """
        command = [sys.executable, "-m", "lago_ns_cli", "--config", str(self.folder / "lago-ns.toml"), "-q"]
        return run([*command, *arguments], environment=self.environment, meanwhile=meanwhile)

    def post_customers(self) -> None:
        """Bring the customers over, at no cost, so that invoices find them."""
        self.set_cost(_FREE)
        self._checked("sync", "customer")

    def sync_invoices(
        self, cost: Cost, *arguments: str, meanwhile: Callable[[], None] | None = None
    ) -> tuple[Ended, Pushes]:
        """Run ``sync invoice`` under a cost model and collect what the account saw of it.

        Raises:
            BenchmarkError: It did not end well.
        """
        self.set_cost(cost)
        self.control("DELETE", "netsuite/calls")
        before = _cpu_seconds(self._server)
        ended = self._checked("sync", "invoice", *arguments, meanwhile=meanwhile)
        taken = _cpu_seconds(self._server) - before
        return ended, replace(self.pushes(), server_seconds=taken)

    def pushes(self, operation: str = "push") -> Pushes:
        """The calls with documents since the log was last emptied.

        Raises:
            BenchmarkError: There were none.
        """
        calls = [_logged(one) for one in self.control("GET", "netsuite/calls")["calls"]]
        pushes = tuple(call for call in calls if call.operation == operation)
        if not pushes:
            raise BenchmarkError("nothing was pushed")
        return Pushes(pushes)

    def check_books(self, invoices: Sequence[int]) -> None:
        """Hold the account's own store against the organization: all of these, each once, to the cent.

        Raises:
            BenchmarkError: Something is lost, doubled, or has another total.
        """
        documents = Documents(self.shape)
        expected = {f"lago:inv:{invoice_id(index)}": documents.total_cents(index) for index in invoices}
        rows = self.control("GET", "netsuite/keys?type=invoice")
        found = {key: int(Decimal(total) * 100) for _, key, total in rows}
        if len(rows) != len(found):
            raise BenchmarkError(f"{len(rows) - len(found)} invoices stand twice in the account")
        if lost := expected.keys() - found.keys():
            raise BenchmarkError(f"{len(lost)} invoices are not in the account, such as {min(lost)}")
        if foreign := found.keys() - expected.keys():
            raise BenchmarkError(f"{len(foreign)} invoices should not be in the account")
        if wrong := [key for key, total in expected.items() if found[key] != total]:
            raise BenchmarkError(f"{len(wrong)} invoices have another total, such as {wrong[0]}")

    def _checked(self, *arguments: str, meanwhile: Callable[[], None] | None = None) -> Ended:
        ended = self.lago_ns(*arguments, "--json", meanwhile=meanwhile)
        if ended.code != 0:
            said = "\n".join([*ended.err.splitlines()[-5:], *ended.out.splitlines()[-3:]])
            raise BenchmarkError(f"lago-ns {' '.join(arguments)} ended with {ended.code}:\n{said}")
        return ended


@contextmanager
def open_stand(shape: Shape, *, limit: int = 5, on_disk: bool = False, **push: object) -> Iterator[Stand]:
    """Serve an organization for as long as the block runs.

    Args:
        on_disk: Keep the account's records in a file, which spares memory where there are many.
        push: Settings of ``[push]``.
    """
    with tempfile.TemporaryDirectory(prefix="lago-ns-benchmark-") as name:
        folder = Path(name)
        command = [sys.executable, "-m", "benchmarks.server", "--write-config", str(folder)]
        command += ["--invoices", str(shape.invoices), "--customers", str(shape.customers)]
        command += ["--days", str(shape.days), "--fees", str(shape.fees)]
        command += ["--last-day", shape.last_day.isoformat(), "--concurrency-limit", str(limit)]
        command += ["--state", str(folder / "account.db")] if on_disk else []
        log = folder / "server.log"
        with log.open("wb") as told, _served(command, told) as server:
            stand = Stand(shape, folder, server.pid, *_ready(server, log))
            stand.configure(leave_free=0, **push)
            yield stand


@contextmanager
def _served(command: Sequence[str], log: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=log, cwd=ROOT, env=clean_environment()
    ) as server:
        try:
            yield server
        finally:
            server.terminate()


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    meanwhile: Callable[[], None] | None = None,
) -> Ended:
    """Run a process to its end and measure it.

    Raises:
        BenchmarkError: It took an hour.
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        started = time.monotonic()
        process = subprocess.Popen(
            command, stdout=out, stderr=err, stdin=given, cwd=ROOT, env=clean_environment(environment)
        )
        if meanwhile is not None:
            meanwhile()
        code, usage = _waited(process, started)
        wall = time.monotonic() - started
        out.seek(0)
        err.seek(0)
        return Ended(
            code=code,
            out=out.read().decode("utf-8", "replace"),
            err=err.read().decode("utf-8", "replace"),
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            peak_kib=usage.ru_maxrss,
            wall_seconds=wall,
        )


def clean_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without settings of the machine's own that would change a figure."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LAGO_NS_", "PYTHON", "_TYPER")) and name not in ("FORCE_COLOR", "COLUMNS")
    }
    return {
        **kept,
        "NO_COLOR": "1",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        **(more or {}),
    }


def _waited(process: subprocess.Popen[bytes], started: float) -> tuple[int, Any]:
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, usage
        if time.monotonic() - started > _LONGEST_RUN_SECONDS:
            process.kill()
            os.wait4(process.pid, 0)
            raise BenchmarkError("a run took more than an hour")
        time.sleep(0.002)


def _ready(server: subprocess.Popen[bytes], log: Path) -> tuple[str, str]:
    assert server.stdout is not None
    line = server.stdout.readline()
    if not line:
        raise BenchmarkError(f"the server did not start:\n{log.read_text()[-2000:]}")
    told = json.loads(line)
    return told["url"], told["control_token"]


def _cpu_seconds(process: int) -> float:
    """The CPU time of a process that runs; 0 where there is no ``/proc``."""
    try:
        words = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _environment(path: Path) -> dict[str, str]:
    lines = (line.partition("=") for line in path.read_text("utf-8").splitlines())
    return {name: shlex.split(value)[0] for name, _, value in lines}


def _logged(row: Mapping[str, Any]) -> LoggedCall:
    return LoggedCall(**{**row, "arrived": datetime.fromisoformat(row["arrived"])})
