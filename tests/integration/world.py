"""Both sides in this process, and a run of the pipe between them.

The simulator answers over an ASGI transport, time is a fake, and the ledger is a real file. What
NetSuite holds is read from the simulator's own store, never from what the RESTlet says.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.identifiers import Key, Kind
from lago_ns_cli.domain.lease import Owner
from lago_ns_cli.domain.mapping import Mappings
from lago_ns_cli.domain.translation.context import Context
from lago_ns_cli.errors import LagoNsError
from lago_ns_cli.lago.client import LagoClient
from lago_ns_cli.lago.file import FileSource
from lago_ns_cli.ledger.processes import this_process
from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.mapping_file import load_mappings
from lago_ns_cli.netsuite.auth import TbaAuth, TbaCredentials
from lago_ns_cli.netsuite.client import NetSuiteClient
from lago_ns_cli.simulator.app import Simulator, create_simulator
from lago_ns_cli.simulator.exchange import ConnectionDroppedError
from lago_ns_cli.simulator.faults import parse_fault_plan
from lago_ns_cli.simulator.options import WorldOptions
from lago_ns_cli.simulator.world import ACCOUNT_ID, DEPLOYMENT_ID, SCRIPT_ID
from lago_ns_cli.simulator.write_config import ConfigTarget, write_config
from lago_ns_cli.workflows.deciding import Rules
from lago_ns_cli.workflows.opening import open_run
from lago_ns_cli.workflows.ports import LagoSource
from lago_ns_cli.workflows.push import Pusher, PushSettings
from lago_ns_cli.workflows.reports import DocumentReported, PlanReported, SyncEvent, Tally
from lago_ns_cli.workflows.run import Run, SyncOptions
from lago_ns_cli.workflows.sync import sync

URL = "http://127.0.0.1:8321"
SAMPLES = Path(__file__).parent.parent / "samples"
EVERY_TYPE = ("customer", "invoice", "creditmemo", "customerpayment")

Wrap = Callable[[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport]


class FixedClock:
    """A clock that moves only when somebody sleeps; sleepers return at once.

    Attributes:
        slept: How long each sleep was, in seconds.
    """

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    def go(self, delta: timedelta) -> None:
        """Let time pass, or be set otherwise."""
        self._now += delta

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += timedelta(seconds=seconds)
        await asyncio.sleep(0)


class Wire(httpx.AsyncBaseTransport):
    """The network: a connection that the simulator drops surfaces as httpx tells it."""

    def __init__(self, simulator: Simulator) -> None:
        self._inner = httpx.ASGITransport(app=simulator)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._inner.handle_async_request(request)
        except ConnectionDroppedError as error:
            raise httpx.ReadError(str(error), request=request) from error


class Noting(httpx.AsyncBaseTransport):
    """Notes what is asked for: paths with their queries."""

    def __init__(self, inner: httpx.AsyncBaseTransport, calls: list[str]) -> None:
        self._inner = inner
        self._calls = calls

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._calls.append(request.url.raw_path.decode().removeprefix("/api/v1"))
        return await self._inner.handle_async_request(request)


class Tampering(httpx.AsyncBaseTransport):
    """Passes RESTlet calls on, and lets a test look at a request and change an answer.

    Attributes:
        pushes: The documents of every push that was sent, a list a call.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        *,
        before: Callable[[dict[str, Any]], None] | None = None,
        after: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]] | None = None,
    ) -> None:
        self._inner = inner
        self._before = before
        self._after = after
        self.pushes: list[list[dict[str, Any]]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(await request.aread())
        if asked["operation"] == "push":
            self.pushes.append(asked["documents"])
        if self._before is not None:
            self._before(asked)
        response = await self._inner.handle_async_request(request)
        if self._after is None:
            return response
        answer = self._after(asked, json.loads(await response.aread()))
        return httpx.Response(response.status_code, json=answer)


@dataclass
class Told:
    """What a run reported."""

    events: list[SyncEvent] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    error: LagoNsError | None = None

    @property
    def reports(self) -> list[DocumentReported]:
        return [event for event in self.events if isinstance(event, DocumentReported)]

    @property
    def plans(self) -> list[PlanReported]:
        return [event for event in self.events if isinstance(event, PlanReported)]

    def outcomes(self, kind: str) -> list[str]:
        return sorted(report.outcome for report in self.reports if report.kind == kind)

    def of(self, number: str) -> DocumentReported:
        return next(report for report in self.reports if report.number == number)


class World:
    """A simulated world, mappings for it, and one ledger file.

    Attributes:
        wrap: Puts something between us and NetSuite.
        push: How calls are made.
        create_customers: As ``[sync] kinds.customer``.
        sync_from: As ``[sync] sync_from``.
        incremental: Whether a run without a selection looks at what is new or still open.
        rows_per_page: Rows of Lago's lists in one call.
        wrap_lago: Puts something between us and Lago.
        lago_calls: What Lago was asked for by the last run: paths with their queries.
        folder: Holds nothing but the ledger's files.
    """

    def __init__(self, folder: Path, **options: Any) -> None:
        self.clock = FixedClock()
        self.simulator: Simulator = create_simulator(WorldOptions(**options), self.clock)
        self.wrap: Wrap = lambda transport: transport
        self.folder = folder / "ledger"
        self.folder.mkdir()
        target = ConfigTarget(URL, options.get("tax_regime", "suitetax"), self.simulator.credentials)
        write_config(folder / "config", target)
        self.mappings: Mappings = load_mappings(folder / "config" / "mappings.toml")
        self.push = PushSettings(batch=10, concurrency=2)
        self.create_customers = True
        self.sync_from: date | None = None
        self.incremental = False
        self.rows_per_page = 100
        self.lago_calls: list[str] = []
        self.wrap_lago: Wrap = lambda transport: transport

    @property
    def ledger_url(self) -> str:
        return f"sqlite:///{self.folder / 'ledger.db'}"

    def open_ledger(self) -> SqlLedger:
        return SqlLedger(self.ledger_url, profile="default", account=ACCOUNT_ID)

    def entries(self, *states: State) -> list[Entry]:
        with self.open_ledger() as ledger:
            return list(ledger.entries_in(states or tuple(State)))

    def entry(self, key: str) -> Entry | None:
        with self.open_ledger() as ledger:
            return ledger.entries([Key(key)]).get(Key(key))

    def records(self, record_type: str) -> list[dict[str, Any]]:
        """Read NetSuite's own store."""
        return [dict(row) for row in self.simulator.parts.account.records(record_type)]

    def store(self) -> str:
        """Everything that NetSuite holds, to compare with later."""
        return json.dumps([self.records(kind) for kind in EVERY_TYPE], default=str)

    def lose_ledger(self) -> None:
        """Begin anew, as after a disk was lost: NetSuite holds the records, and we know of none."""
        for path in self.folder.iterdir():
            path.unlink()

    def ledger_files(self) -> dict[str, bytes]:
        """The ledger's files, byte for byte."""
        return {path.name: path.read_bytes() for path in sorted(self.folder.iterdir())}

    def person(self, action: str, **arguments: Any) -> str | None:
        """Let somebody do something in NetSuite's own pages."""
        return self.simulator.parts.people.perform(action, arguments)

    def plan_faults(self, *rules: Mapping[str, Any]) -> None:
        """Let things go wrong from now on; without rules, nothing does."""
        self.simulator.parts.faults.replace(parse_fault_plan(json.dumps({"fault": rules}).encode()))

    def add(self, **documents: Sequence[Mapping[str, Any]]) -> None:
        """Let Lago serve more documents."""
        self.simulator.parts.organization.add_documents(
            {kind: [dict(one) for one in some] for kind, some in documents.items()}
        )

    def lago_invoices(self) -> list[dict[str, Any]]:
        """Read Lago's invoices as its API tells them, with their fees."""
        return asyncio.run(self._lago_invoices())

    async def _lago_invoices(self) -> list[dict[str, Any]]:
        headers = {"authorization": f"Bearer {self.simulator.credentials.lago_api_key}"}
        transport = httpx.ASGITransport(app=self.simulator)
        async with httpx.AsyncClient(transport=transport, base_url=URL, headers=headers) as client:
            listed = (await client.get("/api/v1/invoices", params={"per_page": "1000"})).json()["invoices"]
            return [
                (await client.get(f"/api/v1/invoices/{one['lago_id']}")).json()["invoice"] for one in listed
            ]

    def sync(
        self,
        *kinds: str,
        source: bytes | None = None,
        selection: Selection | None = None,
        dry_run: bool = False,
        max_changes: int | None = None,
        sweep: bool = False,
    ) -> Told:
        """Run the pipe; an error that ends the run is kept with what was reported before it."""
        told = Told()
        self.lago_calls.clear()
        wanted = [Kind(kind) for kind in kinds or ("customer", "invoice")]

        async def whole() -> None:
            async with self._run(source, selection or Selection(), dry_run, max_changes, sweep) as run:
                async for event in sync(run, wanted):
                    told.events.append(event)
                    told.tally.add(event)

        try:
            asyncio.run(whole())
        except LagoNsError as error:
            told.error = error
        return told

    @asynccontextmanager
    async def _run(
        self,
        source: bytes | None,
        selection: Selection,
        dry_run: bool,
        max_changes: int | None,
        sweep: bool = False,
    ) -> AsyncIterator[Run]:
        lago, netsuite = self._lago(source), self._netsuite()
        try:
            with self.open_ledger() as ledger:
                if not dry_run:
                    ledger.acquire_lease(this_process("run"), "sync", self.clock.now(), is_alive=_is_dead)
                opening = await open_run(
                    lago, netsuite, ledger, self.clock, keep=not dry_run, account=ACCOUNT_ID
                )
                yield Run(
                    lago,
                    netsuite,
                    ledger,
                    Pusher(netsuite, ledger, self.clock, self.push),
                    self.clock,
                    Context(mappings=self.mappings, account=opening.account),
                    SyncOptions(
                        selection=selection,
                        rules=Rules(
                            asked_by_id=bool(selection.ids),
                            create_customers=self.create_customers,
                            sync_from=self.sync_from,
                        ),
                        dry_run=dry_run,
                        max_changes=max_changes,
                        sweep=sweep,
                        incremental=self.incremental and source is None,
                    ),
                )
                ledger.release_lease()
        finally:
            await lago.aclose()
            await netsuite.aclose()

    def _lago(self, source: bytes | None) -> LagoSource:
        if source is not None:
            return FileSource(source, kind=Kind.INVOICE)
        return LagoClient(
            URL,
            self.simulator.credentials.lago_api_key,
            transport=self.wrap_lago(Noting(Wire(self.simulator), self.lago_calls)),
            sleep=self.clock.sleep,
            random=lambda: 0.0,
            rows_per_page=self.rows_per_page,
        )

    def _netsuite(self) -> NetSuiteClient:
        tba = self.simulator.credentials.tba
        login = TbaAuth(
            ACCOUNT_ID,
            TbaCredentials(tba.consumer_key, tba.consumer_secret, tba.token_id, tba.token_secret),
            clock=lambda: self.clock.now().timestamp(),
        )
        return NetSuiteClient(
            ACCOUNT_ID,
            login,
            script=SCRIPT_ID,
            deploy=DEPLOYMENT_ID,
            base_url=URL,
            transport=self.wrap(Wire(self.simulator)),
            sleep=self.clock.sleep,
            random=lambda: 0.0,
        )


def _is_dead(_owner: Owner) -> bool:
    """Every run of a test is a process of its own, and the one before it has ended."""
    return False


def sample(name: str = "hooli_invoice") -> dict[str, Any]:
    """Load a document of the samples, to be changed by a test."""
    content: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    return content


def encoded(document: Mapping[str, Any]) -> bytes:
    """Write a document as a file holds it."""
    return json.dumps(document).encode()


def alone(document: Mapping[str, Any]) -> dict[str, Any]:
    """The invoice within a sample, without the customer's link to NetSuite."""
    invoice: dict[str, Any] = dict(document["invoice"])
    return {**invoice, "customer": {**invoice["customer"], "integration_customers": []}}


def money(value: object) -> Decimal:
    """Read an amount of the store."""
    return Decimal(str(value))
