"""The world of one schedule: a simulated organization and account, one ledger file, and processes over it."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast
from unittest import mock

from sqlalchemy import Engine

from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, LagoExternalId
from lago_ns_cli.domain.lease import LEASE_TTL, Lease, Owner
from lago_ns_cli.domain.mapping import Mappings
from lago_ns_cli.domain.translation.context import Context
from lago_ns_cli.errors import LagoNsError
from lago_ns_cli.lago.client import LagoClient
from lago_ns_cli.ledger import store
from lago_ns_cli.ledger.engine import open_engine
from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.mapping_file import load_mappings
from lago_ns_cli.netsuite.auth import TbaAuth, TbaCredentials
from lago_ns_cli.netsuite.client import NetSuiteClient
from lago_ns_cli.simulator.app import create_simulator
from lago_ns_cli.simulator.faults import FaultPlan, parse_fault_plan
from lago_ns_cli.simulator.options import TaxRegime, WorldOptions
from lago_ns_cli.simulator.virtual_time import VirtualClock
from lago_ns_cli.simulator.world import ACCOUNT_ID, DEPLOYMENT_ID, SCRIPT_ID
from lago_ns_cli.simulator.write_config import ConfigTarget, write_config
from lago_ns_cli.workflows.deciding import Rules
from lago_ns_cli.workflows.leasing import hold_account
from lago_ns_cli.workflows.opening import open_run
from lago_ns_cli.workflows.pacing import Pacer
from lago_ns_cli.workflows.push import Pusher, PushSettings
from lago_ns_cli.workflows.replay import ReplayChoice, choose, replay
from lago_ns_cli.workflows.reports import DocumentReported, SyncEvent
from lago_ns_cli.workflows.run import Run, SyncOptions
from lago_ns_cli.workflows.sync import ORDER, sync
from tests.campaigns.people import Person, PlannedDeed
from tests.campaigns.processes import (
    Boundary,
    CrashError,
    Fate,
    Process,
    ProcessClock,
    Stall,
    WatchedLedger,
    Wire,
)
from tests.campaigns.trace import Trace

URL = "http://127.0.0.1:8321"
PROFILE = "default"
QUARANTINE = timedelta(seconds=960)
"""As ``[push] quarantine_seconds``."""

Events = Callable[[Run], AsyncIterator[SyncEvent]]

_EVERYTHING = SyncOptions(selection=Selection(), rules=Rules(), incremental=True)


@dataclass
class Ended:
    """How a process ended.

    Attributes:
        error: What ended the run; None where it came to its end, or was killed.
        died: The boundary where it was killed; None where it was not.
        boundaries: How many it passed.
        rival: The lease of another process that lived and was heard of when this one asked for the account.
        stalled: Whether it stood still for a while.
        sins: What it did that it must not.
    """

    reports: list[DocumentReported] = field(default_factory=list)
    error: LagoNsError | None = None
    died: Boundary | None = None
    boundaries: int = 0
    rival: Lease | None = None
    stalled: bool = False
    sins: list[str] = field(default_factory=list)

    @property
    def killed(self) -> bool:
        """Whether it was killed."""
        return self.died is not None


class Stage:
    """A world in virtual time.

    Attributes:
        trace: Everything that happened.
        push: How calls are made.
        look: Sees each push that leaves.
        kill_at: Kills every process at its first boundary of this kind.
        person: Who works in NetSuite beside us.
    """

    def __init__(
        self, folder: Path, clock: VirtualClock, options: WorldOptions, push: PushSettings | None = None
    ) -> None:
        self.clock = clock
        self.simulator = create_simulator(options, clock)
        self.push = push or PushSettings(batch=5, concurrency=2)
        self.trace = Trace()
        self.look: Callable[[dict[str, Any]], None] | None = None
        self.kill_at: Boundary | None = None
        self._mappings = _mappings(options.tax_regime)
        self._ledger = folder / "ledger.db"
        self.lose_ledger()
        self.person = Person(self.simulator)
        self._processes = 0
        self._living: set[int] = set()

    def lose_ledger(self) -> None:
        """Begin with an empty ledger: NetSuite holds what it holds, and we know of nothing."""
        for old in self._ledger.parent.glob(f"{self._ledger.name}*"):
            old.unlink()
        self._ledger.write_bytes(_empty_ledger())

    def close(self) -> None:
        """Release the account."""
        self.simulator.close()

    def open_ledger(self) -> SqlLedger:
        """Open the ledger as a new process does, but for the SQL: it is put together once a path, not a process."""
        with mock.patch.object(store, "open_engine", _engine):
            return SqlLedger(f"sqlite:///{self._ledger}", profile=PROFILE, account=ACCOUNT_ID)

    def entries(self, *states: State) -> list[Entry]:
        """Load the ledger's entries; those of all states by default."""
        with self.open_ledger() as ledger:
            return list(ledger.entries_in(states or tuple(State)))

    def plan_faults(self, plan: FaultPlan | None = None, *rules: Mapping[str, Any]) -> None:
        """Let things go wrong from now on; without plan and rules, nothing does."""
        told = plan or parse_fault_plan(json.dumps({"fault": rules}).encode())
        self.simulator.parts.faults.replace(told)

    def link_of(self, key: Key) -> str | None:
        """Read the internal id that the ledger has for a key."""
        with self.open_ledger() as ledger:
            return ledger.links([key]).get(key)

    async def sync(
        self,
        kinds: Collection[Kind] = ORDER,
        *,
        dies_at: int | None = None,
        stall: Stall | None = None,
        stalled: asyncio.Event | None = None,
        deeds: Sequence[PlannedDeed] = (),
    ) -> Ended:
        """Run ``sync`` as a new process.

        Args:
            dies_at: The boundary at which it is killed.
            stall: Where it stands still.
            stalled: Set when it does.
            deeds: What a person does meanwhile.
        """

        def at_boundary(number: int) -> None:
            for deed in deeds:
                if deed.at == number:
                    self.trace.note(
                        self.clock.now(), "a person", self.person.act(deed, self.link_of) or "idles"
                    )

        fate = Fate(dies_at, self.kill_at, stall, at_boundary)
        return await self._process(lambda run: sync(run, kinds, quarantine=QUARANTINE), fate, stalled=stalled)

    async def replay_held(self) -> Ended:
        """Run ``replay --held`` as a new process: what a person does when the cause is mended."""

        async def events(run: Run) -> AsyncIterator[SyncEvent]:
            chosen = choose(run.ledger, ReplayChoice(states=frozenset({State.HELD})))
            async for event in replay(run, chosen, as_sent=False, quarantine=QUARANTINE):
                yield event

        return await self._process(events, Fate())

    async def link_customer(self, external_id: str, record: str) -> Ended:
        """Run ``sync customer --link`` as a new process: what a person does after a merge."""
        links = {LagoExternalId(external_id): InternalId(record)}
        options = SyncOptions(selection=Selection(ids=(external_id,)), rules=Rules(links=links))
        return await self._process(lambda run: sync(run, (Kind.CUSTOMER,)), Fate(), options)

    async def _process(
        self,
        events: Events,
        fate: Fate,
        options: SyncOptions = _EVERYTHING,
        stalled: asyncio.Event | None = None,
    ) -> Ended:
        self._processes += 1
        process = Process(self._processes, self.clock, self.trace, fate)
        process.stalled = stalled or process.stalled
        self._living.add(process.number)
        ended = Ended()
        process.note("starts")
        task = asyncio.ensure_future(self._whole(process, events, options, ended))
        await asyncio.wait({task, process.death}, return_when=asyncio.FIRST_COMPLETED)
        task.cancel()
        (result,) = await asyncio.gather(task, return_exceptions=True)
        self._living.remove(process.number)
        ended.died, ended.boundaries = process.died, process.passed
        ended.stalled, ended.sins = process.stalled.is_set(), process.sins
        if isinstance(result, LagoNsError):
            ended.error = result
        elif isinstance(result, BaseException) and not (ended.killed and _is_death(result)):
            raise result
        process.note("ends", ended.error.code if ended.error else "")
        return ended

    async def _whole(self, process: Process, events: Events, options: SyncOptions, ended: Ended) -> None:
        async with self._run(process, options, ended) as run:
            async for event in events(run):
                if isinstance(event, DocumentReported):
                    ended.reports.append(event)
                    code = event.failure.code if event.failure else ""
                    process.note(event.outcome, event.kind, event.number, code)

    @asynccontextmanager
    async def _run(self, process: Process, options: SyncOptions, ended: Ended) -> AsyncIterator[Run]:
        real, clock, owner = self.open_ledger(), ProcessClock(process), _owner(process.number)
        wire = Wire(self.simulator, process, lambda: _holds(real, owner), self.look)
        pacer = Pacer(most=self.push.concurrency, known_limit=self.push.concurrency)
        lago, netsuite = self._lago(wire, clock), self._netsuite(wire, clock, pacer)
        # A watched ledger offers all that a ledger offers.
        ledger = cast("SqlLedger", WatchedLedger(real, process, self._is_alive))
        try:
            ended.rival = self._rival(real)
            async with hold_account(ledger, clock, owner, "sync all"):
                opening = await open_run(lago, netsuite, ledger, clock, keep=True, account=ACCOUNT_ID)
                yield Run(
                    lago,
                    netsuite,
                    ledger,
                    Pusher(netsuite, ledger, clock, self.push, pacer=pacer),
                    clock,
                    Context(mappings=self._mappings, account=opening.account),
                    options,
                )
        finally:
            real.close()
            await lago.aclose()
            await netsuite.aclose()

    def _is_alive(self, owner: Owner) -> bool:
        return owner.pid in self._living

    def _rival(self, ledger: SqlLedger) -> Lease | None:
        """Load the lease of a process that nobody may take for dead."""
        lease = ledger.current_lease()
        if lease is None or not self._is_alive(lease.process):
            return None
        return lease if self.clock.now() - lease.heartbeat_at <= LEASE_TTL else None

    def _lago(self, wire: Wire, clock: ProcessClock) -> LagoClient:
        return LagoClient(
            URL,
            self.simulator.credentials.lago_api_key,
            transport=wire,
            sleep=clock.sleep,
            random=lambda: 0.5,
        )

    def _netsuite(self, wire: Wire, clock: ProcessClock, gate: Pacer) -> NetSuiteClient:
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
            transport=wire,
            sleep=clock.sleep,
            random=lambda: 0.5,
            gate=gate,
        )


def _holds(ledger: SqlLedger, owner: Owner) -> bool:
    lease = ledger.current_lease()
    return lease is not None and lease.process == owner


def _is_death(error: BaseException) -> bool:
    return isinstance(error, CrashError | asyncio.CancelledError)


def _owner(number: int) -> Owner:
    return Owner(run=f"run-{number}", host="here", pid=number, pid_scope="stage", process_start="0")


@cache
def _engine(url: str) -> Engine:
    """Open a path once: a closed engine connects anew, and keeps the SQL that it has compiled."""
    return open_engine(url)


@cache
def _mappings(regime: TaxRegime) -> Mappings:
    with tempfile.TemporaryDirectory() as folder:
        simulator = create_simulator(WorldOptions(invoices=0, customers=1, tax_regime=regime))
        write_config(Path(folder), ConfigTarget(URL, regime, simulator.credentials))
        simulator.close()
        return load_mappings(Path(folder) / "mappings.toml")


@cache
def _empty_ledger() -> bytes:
    """Make a ledger once; its schema takes longer than a schedule."""
    folder = Path(tempfile.mkdtemp())
    try:
        path = folder / "ledger.db"
        SqlLedger(f"sqlite:///{path}", profile=PROFILE, account=ACCOUNT_ID).close()
        return path.read_bytes()
    finally:
        shutil.rmtree(folder)
