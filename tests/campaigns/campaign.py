"""Runs schedules: disturbed for a while, then left in peace, then looked at."""

import asyncio
import atexit
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.errors import LeaseHeldError, LeaseLostError
from lago_ns_cli.simulator.virtual_time import VirtualClock, run_virtually
from lago_ns_cli.workflows.sync import ORDER
from tests.campaigns.books import Books, compare_books, count_documents, eligible_keys, read_store
from tests.campaigns.people import HARMLESS, Aftermath, DeedKind, is_explained
from tests.campaigns.schedules import (
    ENOUGH_FAULTS,
    FEWEST_DISTURBED_RUNS,
    DisturbedRun,
    Overlap,
    Schedule,
    Town,
    draw_schedule,
)
from tests.campaigns.stage import Ended, Stage

CALM_RUNS = 12
"""Within this many undisturbed runs, five minutes apart, nothing may be open any more."""

CALM_PAUSE_SECONDS = 300

PERIOD_CODES = frozenset({"VALID_PRD_REQD", "TRAN_PERIOD_CLOSED", "TRAN_PRD_CLOSED", "TRANS_EDIT_DISALLWD"})
"""Why a document may be held when the faults are over: only a person opens a closed period."""

_PERIODS = ("2026-08-15", "2026-09-15", "2026-10-15")


@dataclass
class Result:
    """What became of a schedule.

    Attributes:
        problems: What must not be; empty where all is well.
        digest: The hash of everything that happened.
        lines: Everything that happened.
    """

    seed: int
    problems: list[str] = field(default_factory=list)
    digest: str = ""
    lines: list[str] = field(default_factory=list)
    documents: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    deeds: Counter[str] = field(default_factory=Counter)
    overlaps: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    runs: int = 0


def run_schedule(schedule: Schedule | int) -> Result:
    """Run a schedule to its end, in virtual time."""
    drawn = draw_schedule(schedule) if isinstance(schedule, int) else schedule
    try:
        wanted = undisturbed_books(drawn.town)
    except AssertionError as error:
        return Result(drawn.seed, [f"even undisturbed: {error}"])
    return run_virtually(lambda clock: _Course(drawn, _folder(), clock).run(wanted))


def run_many(seeds: Iterable[int], processes: int = 1) -> Iterator[Result]:
    """Run seeds, as they come to their ends, without the lines of those that went well."""
    if processes == 1:
        yield from map(_brief, seeds)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_brief, seeds, chunksize=4)


def _brief(seed: int) -> Result:
    try:
        result = run_schedule(seed)
    except Exception as error:  # noqa: BLE001 (one schedule that breaks off does not hide the others)
        return Result(seed, [f"broke off: {error!r}"])
    if not result.problems:
        result.lines = []
    return result


@cache
def _folder() -> Path:
    """Make the one folder of this process; in memory where there is such a disk, since every commit waits for it."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="campaign-", dir=memory if memory.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def undisturbed_books(town: Town) -> Books:
    """Say where a world ends in which nothing goes wrong; checked against Lago's own words."""

    async def main(clock: VirtualClock) -> Books:
        stage = Stage(_folder(), clock, town.options())
        for _ in range(2):
            ended = await stage.sync()
            assert ended.error is None, ended.error
            edit_customer(stage)
        store = read_store(stage.simulator)
        eligible = eligible_keys(stage.simulator.parts.organization)
        stage.close()
        assert not store.twice, store.twice
        ours = {key for key in store.books if not key.startswith("lago:prepaid:")}
        assert eligible == ours, eligible ^ ours
        return store.books

    return run_virtually(main)


def edit_customer(stage: Stage) -> None:
    """Let Lago's customer change, once."""
    organization = stage.simulator.parts.organization
    (customer,) = organization.customers.page([], number=1, size=1).documents
    name = "Hooli Worldwide Inc."
    if customer["name"] != name:
        stamp = organization.timestamp()
        organization.store_customer(
            {
                **customer,
                "name": name,
                "legal_name": name,
                "email": "money@hooli.example",
                "updated_at": stamp,
            }
        )


class _Course:
    """One schedule on its way."""

    def __init__(self, schedule: Schedule, folder: Path, clock: VirtualClock) -> None:
        self._schedule = schedule
        self._stage = Stage(folder, clock, schedule.options(), schedule.push)
        self._result = Result(schedule.seed)

    async def run(self, wanted: Books) -> Result:
        stage, result = self._stage, self._result
        result.documents = count_documents(stage.simulator.parts.organization)
        try:
            await self._disturbed()
            await self._calm()
            await self._mended_by_a_person(wanted)
            await self._check(wanted)
        finally:
            result.faults = Counter(stage.simulator.parts.faults.injected)
            result.digest, result.lines = stage.trace.digest(), stage.trace.lines
            stage.close()
        return result

    async def _disturbed(self) -> None:
        for number, planned in enumerate(self._schedule.runs, start=1):
            await self._one_disturbed(planned)
            if number == self._schedule.edit_after:
                edit_customer(self._stage)
            if number >= FEWEST_DISTURBED_RUNS and self._troubles() >= ENOUGH_FAULTS:
                return

    def _troubles(self) -> int:
        return sum(self._stage.simulator.parts.faults.injected.values())

    async def _one_disturbed(self, planned: DisturbedRun) -> None:
        self._stage.plan_faults(planned.plan)
        self._stage.kill_at = planned.dies_first
        if planned.overlap is None:
            await self._sync(planned.kinds, dies_at=planned.dies_at, deeds=planned.deeds)
        else:
            await self._overlapping(planned, planned.overlap)
        self._stage.kill_at = None
        await asyncio.sleep(planned.pause_seconds)

    async def _overlapping(self, planned: DisturbedRun, overlap: Overlap) -> None:
        """Let cron start a second run beside the first, which may stand still."""
        stalled = asyncio.Event()
        first = asyncio.ensure_future(
            self._sync(
                planned.kinds,
                dies_at=planned.dies_at,
                stall=overlap.stall,
                stalled=stalled,
                deeds=planned.deeds,
            )
        )
        if overlap.stall is not None:
            standstill = asyncio.ensure_future(stalled.wait())
            await asyncio.wait({first, standstill}, return_when=asyncio.FIRST_COMPLETED)
            standstill.cancel()
        await asyncio.sleep(overlap.after_seconds)
        second = await self._sync(planned.kinds)
        self._result.overlaps[_told(await first, second)] += 1

    async def _sync(self, kinds: tuple[Kind, ...] = ORDER, **more: Any) -> Ended:
        self._result.runs += 1
        ended = await self._stage.sync(kinds, **more)
        self._judge(ended)
        return ended

    def _judge(self, ended: Ended) -> None:
        """A run ends well, or with a system's failure, or because of another run: and only where that is so."""
        error, problems = ended.error, self._result.problems
        if ended.died is not None:
            self._result.kills[ended.died] += 1
        problems += ended.sins
        if isinstance(error, LeaseLostError):
            if not ended.stalled:
                problems.append(f"a run that worked lost its account: {error.message}")
        elif isinstance(error, LeaseHeldError):
            if ended.rival is None:
                problems.append(f"a run was refused although nobody held the account: {error.message}")
        elif ended.rival is not None:
            problems.append(f"a run went beside a living one: {ended.rival}")
        elif error is not None and not hasattr(error, "system"):
            problems.append(f"a run ended with {error!r}")

    async def _calm(self) -> None:
        edit_customer(self._stage)
        self._stage.plan_faults()
        for _ in range(CALM_RUNS):
            ended = await self._sync()
            if ended.error is None and not self._open():
                return
            await asyncio.sleep(CALM_PAUSE_SECONDS)
        self._result.problems += [f"still open: {_described(entry)}" for entry in self._open()]
        if ended.error is not None:
            self._result.problems.append(f"an undisturbed run ended with {ended.error!r}")

    def _open(self) -> list[Entry]:
        """Entries that are not settled, except those that wait for a held one: a person sees that one."""
        entries = {entry.key: entry for entry in self._stage.entries()}
        stuck = {key for key, entry in entries.items() if entry.state is State.HELD}
        waiting = [entry for entry in entries.values() if entry.state is State.WAITING]
        for _ in waiting:
            stuck |= {entry.key for entry in waiting if entry.parent in stuck}
        settled = (State.POSTED, State.SKIPPED)
        return [one for key, one in entries.items() if one.state not in settled and key not in stuck]

    async def _mended_by_a_person(self, wanted: Books) -> None:
        """Open the books again, take back or tell what people did, and send what is held.

        Only what a closed period explains, or a person's deed, may be held.
        """
        for day in _PERIODS:
            self._stage.simulator.parts.people.perform("open_period", {"date": day})
        held = self._stage.entries(State.HELD)
        self._result.held.update(entry.code or "" for entry in held)
        touched = {str(deed.key) for deed in self._stage.person.deeds if deed.kind not in HARMLESS}
        self._result.problems += [
            f"held: {_described(entry)}"
            for entry in held
            if entry.code not in PERIOD_CODES
            and not self._schedule.lies
            and not is_explained(entry, touched, wanted)
        ]
        await self._after_people()
        if held:
            await self._stage.replay_held()
            await self._sync()

    async def _after_people(self) -> None:
        """What people wrote must still stand; then they mend what keeps documents from going on."""
        person = self._stage.person
        self._result.deeds.update(deed.kind for deed in person.deeds)
        last = {(deed.record_type, deed.record_id, deed.field): deed for deed in person.deeds if deed.field}
        for deed in last.values():
            if person.value_of(deed) not in (None, deed.value):
                self._result.problems.append(f"overwritten: {deed.field} of {deed.key}, where a person wrote")
        by_key = {entry.key: entry for entry in self._stage.entries()}
        for deed in reversed(list(person.deeds)):
            entry = by_key.get(deed.key)
            is_there = bool(deed.field) and person.value_of(deed) is not None
            if deed.kind is DeedKind.MERGE and entry is not None and entry.netsuite_id == deed.record_id:
                self._judge(await self._stage.link_customer(entry.number, deed.into))
            elif deed.kind is DeedKind.DATE and entry is not None and entry.state is State.HELD and is_there:
                person.take_back(deed)

    async def _check(self, wanted: Books) -> None:
        problems = self._result.problems
        await self._stage.simulator.settle()
        store = read_store(self._stage.simulator)
        problems += [f"twice: {name}" for name in store.twice]
        if not self._schedule.lies:
            problems += self._compared(wanted, store.books)
        saves = self._stage.simulator.parts.restlet.stats.saves
        await self._sync()
        if not self._schedule.lies and saves != self._stage.simulator.parts.restlet.stats.saves:
            problems.append("a run without changes wrote to NetSuite")

    def _compared(self, wanted: Books, found: Books) -> list[str]:
        deeds = self._stage.person.deeds
        if not deeds:
            return compare_books(wanted, found) + [
                f"not settled: {_described(entry)}" for entry in self._unsettled()
            ]
        entries = {str(entry.key): entry for entry in self._stage.entries()}
        return Aftermath(wanted, found, entries, deeds).problems()

    def _unsettled(self) -> list[Entry]:
        return [one for one in self._stage.entries() if one.state not in (State.POSTED, State.SKIPPED)]


def _told(first: Ended, second: Ended) -> str:
    """Say how two runs got on with each other."""
    if second.rival is not None:
        return "refused"
    return "overtaken" if isinstance(first.error, LeaseLostError) else "one after the other"


def _described(entry: Entry) -> str:
    return f"{entry.kind} {entry.number} is {entry.state} ({entry.code}: {entry.reason})"
