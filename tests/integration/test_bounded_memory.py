"""Memory and CPU time follow what is under way, not how many documents there are."""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import pytest

from lago_ns_cli.domain.attempts import Entry, Intent, Outcome, State, StateChange, Subject
from lago_ns_cli.domain.exchange import PushResult, RecordState
from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId
from lago_ns_cli.domain.plan import Action, Planned
from lago_ns_cli.domain.records import Record
from lago_ns_cli.simulator.virtual_time import VirtualClock, run_virtually
from lago_ns_cli.workflows.ports import Ledger, NetSuite
from lago_ns_cli.workflows.push import Pusher, PushSettings
from lago_ns_cli.workflows.reports import DocumentReported

PAGE = 100
SETTINGS = PushSettings(batch=20, concurrency=5)


class Account:
    """Takes everything: half a second a call and half a second a document."""

    def __init__(self) -> None:
        self.in_flight: set[str] = set()
        self.most_at_once = 0
        self.calls = 0
        self.order: dict[str, int] = {}
        self.began = 0.0

    async def push(self, documents: Sequence[Mapping[str, Any]]) -> Sequence[PushResult]:
        self.began = self.began or asyncio.get_running_loop().time()
        self.calls += 1
        customers = {str(document["columns"]["entity"]) for document in documents}
        assert not customers & self.in_flight
        self.in_flight |= customers
        self.most_at_once = max(self.most_at_once, len(self.in_flight))
        await asyncio.sleep(0.5 + 0.5 * len(documents))
        self.in_flight -= customers
        return [self._created(document) for document in documents]

    def _created(self, document: Mapping[str, Any]) -> PushResult:
        customer, number = str(document["columns"]["entity"]), int(document["columns"]["memo"])
        assert self.order.get(customer, -1) < number
        self.order[customer] = number
        key = Key(str(document["key"]))
        record = RecordState(id=InternalId("1"), type="invoice", key=key, fields={"fingerprint": "f"})
        return PushResult(
            key=key,
            outcome="created",
            id=InternalId("1"),
            record=record,
            code=None,
            message=None,
            units=90,
            answer={},
        )


class Book:
    """A ledger that checks what is sent and remembers nothing of what was answered."""

    def __init__(self) -> None:
        self.sending: set[Key] = set()
        self.commits = 0

    def entries(self, _keys: Collection[Key]) -> Mapping[Key, Entry]:
        return {}

    def check_lease(self) -> None:
        pass

    def record_intents(self, intents: Sequence[Intent], _at: datetime) -> None:
        self.commits += 1
        self.sending |= {intent.subject.key for intent in intents}

    def record_outcomes(self, outcomes: Sequence[Outcome], _at: datetime) -> None:
        self.commits += 1
        assert self.sending >= {outcome.key for outcome in outcomes}
        self.sending -= {outcome.key for outcome in outcomes}

    def record_changes(self, changes: Sequence[StateChange], _at: datetime) -> None:
        assert not changes


def invoice(number: int) -> Planned:
    key, customer = Key(f"lago:inv:{number}"), f"customer {number % 331}"
    return Planned(
        subject=Subject(
            key=key,
            kind="invoice",
            lago_id=LagoId(str(number)),
            number=str(number),
            customer_id=LagoId(customer),
        ),
        action=Action.ADOPT,
        record=Record(
            key=key,
            lago_id=LagoId(str(number)),
            type="invoice",
            columns={"entity": customer, "memo": str(number)},
        ),
        fingerprint="f",
        netsuite_id=InternalId("1"),
        size=500,
    )


class Stream:
    """Documents by the page, made as they are asked for.

    Attributes:
        most: The most that were kept anywhere at once: documents under way, calls, reports not taken.
        seconds: CPU time of all.
        rate: Documents a second, from the first push to the last answer, in virtual time.
    """

    def __init__(self, documents: int) -> None:
        self.account, self.book = Account(), Book()
        self.most = 0
        self.reported = 0
        self.seconds = 0.0
        self.rate = 0.0
        self._documents = documents

    def run(self) -> "Stream":
        before = time.process_time()
        run_virtually(self._whole)
        self.seconds = time.process_time() - before
        return self

    async def _whole(self, clock: VirtualClock) -> None:
        pusher = Pusher(cast("NetSuite", self.account), cast("Ledger", self.book), clock, SETTINGS)
        async with pusher:
            for start in range(0, self._documents, PAGE):
                pusher.offer(map(invoice, range(start, min(start + PAGE, self._documents))))
                async for report in pusher.reports():
                    self._take(pusher, report)
            async for report in pusher.settle():
                self._take(pusher, report)
            took = asyncio.get_running_loop().time() - self.account.began
            self.rate = self._documents / took
        assert not self.book.sending

    def _take(self, pusher: Pusher, report: DocumentReported) -> None:
        assert State.POSTED is report.state
        self.reported += 1
        self.most = max(self.most, kept(pusher))


def kept(pusher: Pusher) -> int:
    """Count what a pusher holds on to, whatever it is called."""
    parts = [pusher, *(vars(pusher)[name] for name in ("_batches", "_backlog", "_caller"))]
    return sum(len(value) for part in parts for value in vars(part).values() if hasattr(value, "__len__"))


def test_what_is_kept_is_bounded() -> None:
    """Ten times the documents keep no more at once; every one is reported once, and nothing is left over."""
    few, many = Stream(1_000).run(), Stream(10_000).run()

    assert (1_000, 10_000) == (few.reported, many.reported)
    assert many.most <= few.most * 1.1
    assert many.most < 2_000


def test_places_are_never_idle() -> None:
    """Five places of an account, full calls: at least 0.97 of what it can take; a commit before and after each."""
    stream = Stream(5 * 20 * 20).run()

    assert 0.97 <= stream.rate / (5 * 20 / 10.5)
    assert 2 * stream.account.calls == stream.book.commits


def test_the_last_place_is_for_look_ups_until_there_is_enough_for_all() -> None:
    """What comes next is looked up in it; without that, all places would be empty together and wait for it."""

    async def main(clock: VirtualClock) -> None:
        pusher = Pusher(cast("NetSuite", Account()), cast("Ledger", Book()), clock, SETTINGS)
        async with pusher:
            pusher.offer(map(invoice, range(100)))
            assert 1 == pusher.pacer.free
            pusher.offer(map(invoice, range(100, 250)))
            assert 0 == pusher.pacer.free
            assert 250 == len([report async for report in pusher.settle()])

    run_virtually(main)


@pytest.mark.campaign
def test_a_hundred_thousand_documents_cost_as_much_each_as_a_thousand() -> None:
    """CPU time of the engine alone, a document."""
    few, many = Stream(1_000).run(), Stream(100_000).run()

    assert many.seconds / 100_000 <= 1.15 * few.seconds / 1_000
    assert many.most <= few.most * 1.1
