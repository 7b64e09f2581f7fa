"""Two runs at once, the same document twice, lists that shift while they are read, and ids that look alike."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.identifiers import Kind, LagoId, key_of
from lago_ns_cli.errors import ConfigError
from lago_ns_cli.lago.client import LagoClient
from lago_ns_cli.simulator.app import Simulator
from lago_ns_cli.workflows.ports import LagoSource
from lago_ns_cli.workflows.sync import ORDER, sync
from tests.cli.conftest import Place, fresh
from tests.cli.terminal import QUIET_ENVIRONMENT
from tests.integration.world import EVERY_TYPE, URL, Told, Wire, World, encoded, sample

__all__ = ["fresh"]

NUMBER = "ACM-1F2E-042-008"
LAGO_ID = "00000011-0000-4000-8000-000000000011"


def ours(world: World) -> Counter[str]:
    """Count NetSuite's records by type and Lago id."""
    return Counter(
        f"{kind} {row.get('custbody_lago_id') or row.get('custentity_lago_id')}"
        for kind in EVERY_TYPE
        for row in world.records(kind)
        if (row.get("custbody_lago_id") or row.get("custentity_lago_id"))
        and not str(row["externalid"]).startswith("lago:prepaid:")
    )


def assert_once_each(world: World) -> None:
    assert {} == {name: times for name, times in ours(world).items() if times > 1}


class TwoHosts:
    """Two worlds' clients and ledgers over the account and the organization of the first."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.here, self.there = (self._world(folder / name, **options) for name in ("here", "there"))
        self.there.simulator = self.here.simulator
        self.there.clock = self.here.clock

    @staticmethod
    def _world(folder: Path, **options: Any) -> World:
        folder.mkdir()
        return World(folder, **options)

    def sync_at_once(self) -> tuple[Told, Told]:
        """Run both at the same time, call by call."""
        told = Told(), Told()

        async def one(world: World, into: Told) -> None:
            async with AsyncExitStack() as stack:
                run = await stack.enter_async_context(world._run(None, Selection(), False, None))
                async for event in sync(run, ORDER):
                    into.events.append(event)
                    into.tally.add(event)

        async def both() -> None:
            await asyncio.gather(one(self.here, told[0]), one(self.there, told[1]))

        asyncio.run(both())
        return told


def test_two_runs_at_once_on_one_ledger_leave_one_record_each(fresh: Place) -> None:
    """A13: one of them does the work; the other exits 5 and says who runs."""
    command = [sys.executable, "-m", "lago_ns_cli", "--config", str(fresh.config), "sync", "all"]
    fresh.control("faults", {"fault": [{"kind": "slow", "operation": "push", "calls": [1], "seconds": 2}]})
    runs = [
        subprocess.Popen(
            command,
            env={**fresh.environment, **QUIET_ENVIRONMENT},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    errors = [run.communicate(timeout=60)[1] for run in runs]

    codes = [run.returncode for run in runs]
    assert 1 == codes.count(5), errors
    assert "`--config" in errors[codes.index(5)]
    rows = fresh.control("netsuite/records?type=invoice")
    assert {1} == set(Counter(row["custbody_lago_id"] for row in rows).values())


def test_two_hosts_at_once_make_one_record_each(tmp_path: Path) -> None:
    """A13, A15: their leases do not know of each other; NetSuite's look-up and unique keys do, and the loser adopts."""
    hosts = TwoHosts(tmp_path, invoices=12, customers=4)

    first, second = hosts.sync_at_once()
    for world in (hosts.here, hosts.there):
        world.sync(*ORDER)

    assert_once_each(hosts.here)
    assert "adopted" in first.tally.by_outcome | second.tally.by_outcome
    posted = [
        {entry.key: entry.netsuite_id for entry in world.entries(State.POSTED)}
        for world in (hosts.here, hosts.there)
    ]
    assert posted[0] == posted[1]
    assert posted[0]
    assert [] == hosts.here.entries(State.PENDING, State.SENDING, State.IN_DOUBT)


def second_id(name: str) -> dict[str, Any]:
    """Another invoice of the same customer."""
    text = (
        json.dumps(sample()["invoice"])
        .replace("042-008", f"042-{name}")
        .replace(LAGO_ID, LAGO_ID[:-3] + name)
    )
    document: dict[str, Any] = json.loads(text)
    return document


def test_the_same_id_twice_in_one_page_is_one_invoice(small: World) -> None:
    """A21: in a list of Lago's, in one page and across pages, and in a file."""
    doubled = {"invoices": [sample()["invoice"], sample()["invoice"], second_id("009")]}

    from_file = small.sync("invoice", source=encoded(doubled))
    assert [NUMBER, "ACM-1F2E-042-009"] == sorted(row["tranid"] for row in small.records("invoice"))
    assert None is from_file.error

    class Twice(Lists):
        def change(self, body: dict[str, Any]) -> None:
            body["invoices"] *= 2

    told = with_lists(small, Twice).sync("invoice")

    assert None is told.error
    assert 2 == len(small.records("invoice"))


class Lists(httpx.AsyncBaseTransport):
    """Lets a test change pages of invoices that Lago answers, or act between two pages."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    def before(self, page: int) -> None:
        """Act before a page is read."""

    def change(self, body: dict[str, Any]) -> None:
        """Change a page."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        address = urlsplit(str(request.url))
        if not address.path.endswith("/invoices"):
            return await self._inner.handle_async_request(request)
        page = int(parse_qs(address.query).get("page", ["1"])[0])
        self.before(page)
        response = await self._inner.handle_async_request(request)
        body = json.loads(await response.aread())
        self.change(body)
        return httpx.Response(response.status_code, json=body)


def with_lists(world: World, lists: type[Lists], simulator: Simulator | None = None) -> World:
    """Put something between a world and Lago, perhaps that of another world."""
    known = simulator or world.simulator

    def lago(source: bytes | None) -> LagoSource:
        if source is not None:
            return World._lago(world, source)
        return LagoClient(
            URL,
            known.credentials.lago_api_key,
            transport=lists(Wire(known)),
            sleep=world.clock.sleep,
            random=lambda: 0.0,
        )

    world._lago = lago  # type: ignore[method-assign]
    return world


def many(count: int) -> list[dict[str, Any]]:
    """Invoices of one customer, newest last."""
    return [
        {**second_id(f"{number:03d}"), "issuing_date": f"2026-07-{number % 28 + 1:02d}"}
        for number in range(100, 100 + count)
    ]


@pytest.mark.parametrize("event", ["inserted", "back-dated", "removed"])
def test_nothing_is_missed_when_rows_shift_between_pages(small: World, event: str) -> None:
    """A62, A63: what was pushed over the edge of a page is found by this run or the next, whatever its date."""
    rows = many(112)
    small.add(invoices=rows)
    late = {**second_id("999"), "issuing_date": "2026-01-15" if event == "back-dated" else "2026-07-31"}
    happened: list[int] = []

    class Shifting(Lists):
        def before(self, page: int) -> None:
            if page == 2 and not happened:
                happened.append(page)
                if event == "removed":
                    small.add(invoices=[{**row, "status": "voided"} for row in rows[-20:]])
                else:
                    small.add(invoices=[late])

    with_lists(small, Shifting)
    small.sync("invoice")
    assert [2] == happened
    small.sync("invoice")

    wanted = [row for row in rows if not (event == "removed" and row in rows[-20:])]
    wanted += [] if event == "removed" else [late]
    posted = {row["tranid"] for row in small.records("invoice")}
    assert set() == {row["number"] for row in wanted} - posted
    assert_once_each(small)


def test_overlapping_windows_miss_nothing_and_repeat_nothing(small: World) -> None:
    """A47: an invoice that is finalized late, with a date within a window that was read already, is found."""
    window = Selection(since=sample_date())
    small.add(invoices=[sample()["invoice"]])
    small.sync("invoice", selection=window)
    small.add(invoices=[second_id("009")])

    told = small.sync("invoice", selection=window)

    assert ("created", 1) == (told.of("ACM-1F2E-042-009").outcome, told.tally.writes)
    assert 2 == len(small.records("invoice"))
    assert 0 == small.sync("invoice", selection=window).tally.writes


def sample_date() -> date:
    return date.fromisoformat(sample()["invoice"]["issuing_date"])


def test_ids_that_differ_only_by_case_are_one_document(small: World) -> None:
    """A23: NetSuite compares external ids without case, and so does the key."""
    letters = LAGO_ID.replace("4000", "4abc")
    for lago_id in (letters, letters.upper()):
        told = small.sync("invoice", source=encoded({"invoice": {**sample()["invoice"], "lago_id": lago_id}}))
        assert None is told.error

    assert key_of(Kind.INVOICE, LagoId(letters)) == key_of(Kind.INVOICE, LagoId(letters.upper()))
    assert 1 == len(small.records("invoice"))


@pytest.mark.parametrize(
    "external_id",
    [
        pytest.param(LAGO_ID, id="the Lago id alone"),
        pytest.param(f"lago:inv:{LAGO_ID}|2", id="our key with something behind"),
        pytest.param(f"lago:pay:{LAGO_ID}", id="the key of another type"),
    ],
)
@pytest.mark.parametrize("record_type", ["customer", "customerpayment"])
def test_a_strangers_record_with_a_like_id_is_never_linked(
    small: World, record_type: str, external_id: str
) -> None:
    """A23: whoever uses such an id keeps it, and ours is made beside it."""
    values = {
        "customer": {"companyname": "A vendor", "subsidiary": "2", "currency": "1"},
        "customerpayment": {"customer": "98765", "currency": "1", "payment": "1.00", "account": "120"},
    }[record_type]
    made = small.person("create_record", type=record_type, values={**values, "externalid": external_id})
    before = [row for row in small.records(record_type) if row["id"] == made]

    told = small.sync("invoice", source=encoded(sample()))

    assert "created" == told.of(NUMBER).outcome
    assert 1 == ours(small)[f"invoice {LAGO_ID}"]
    assert before == [row for row in small.records(record_type) if row["id"] == made]


@pytest.mark.parametrize("bad", [1, 2, 3])
def test_a_failure_in_the_middle_takes_nothing_back(small: World, bad: int) -> None:
    """A60: what is before the one that fails stays posted, what is behind it goes on, and nothing is deleted."""
    rows = [second_id(f"00{number}") for number in (1, 2, 3)]
    rows[bad - 1]["issuing_date"] = "2026-05-10"
    small.person("close_period", date="2026-05-10")
    small.add(invoices=rows)

    told = small.sync("invoice")

    outcomes = {report.number: report.outcome for report in told.reports if report.kind == Kind.INVOICE}
    assert "held" == outcomes.pop(rows[bad - 1]["number"])
    assert ["created", "created"] == list(outcomes.values())
    assert set(outcomes) == {row["tranid"] for row in small.records("invoice")}


def test_two_organizations_never_share_a_profile(tmp_path: Path) -> None:
    """A61: a ledger that knows one organization refuses the documents of another."""
    hosts = TwoHosts(tmp_path, invoices=3, customers=1)
    stranger = World(_made(tmp_path / "stranger"), invoices=3, customers=1, seed=2)
    hosts.here.sync("customer", "invoice")
    before = hosts.here.store()
    hosts.here._lago = stranger._lago  # type: ignore[method-assign]

    told = hosts.here.sync("customer", "invoice")

    assert isinstance(told.error, ConfigError)
    assert "organization" in told.error.message
    assert before == hosts.here.store()


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_two_organizations_over_one_account_never_cross_post(tmp_path: Path) -> None:
    """A61: each with its profile; every record belongs to one of them, and neither touches the other's."""
    here = World(_made(tmp_path / "here"), invoices=6, customers=2)
    there = World(_made(tmp_path / "there"), invoices=6, customers=2, seed=2)
    there.simulator, own = here.simulator, there.simulator
    with_lists(there, Lists, own)

    here.sync("customer", "invoice")
    of_here = ours(here)
    there.sync("customer", "invoice")

    assert_once_each(here)
    links = [
        {entry.netsuite_id for entry in world.entries(State.POSTED) if entry.kind == Kind.INVOICE}
        for world in (here, there)
    ]
    assert links[0]
    assert links[1]
    assert set() == links[0] & links[1]
    assert of_here == Counter({name: 1 for name in ours(here) if name in of_here})
    assert 0 == here.sync("customer", "invoice").tally.writes
