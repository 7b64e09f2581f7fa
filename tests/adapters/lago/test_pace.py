"""Lago is called as fast as it answers, and never faster than its headers allow."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from lago_ns_cli.domain.exchange import Selection, Unreadable
from lago_ns_cli.domain.recent import Recent
from lago_ns_cli.errors import LimitError
from lago_ns_cli.lago.client import LagoClient
from lago_ns_cli.lago.pace import MOST_IN_FLIGHT
from lago_ns_cli.retries import RetryPolicy
from tests.adapters.lago.organization import collect, compact, page, sample

ANSWER_SECONDS = 0.1


class Time:
    """A clock of its own: whoever sleeps longest is woken last, and nobody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._count = 0

    async def sleep(self, seconds: float) -> None:
        self._count += 1
        woken = asyncio.Event()
        self._sleepers.append((self.now + seconds, self._count, woken))
        await woken.wait()

    async def run(self, main: Any) -> Any:
        task = asyncio.ensure_future(main)
        while not task.done():
            for _ in range(20):
                await asyncio.sleep(0)
            if self._sleepers and not task.done():
                self._sleepers.sort(key=lambda one: one[:2])
                at, _, woken = self._sleepers.pop(0)
                self.now = max(self.now, at)
                woken.set()
        return task.result()


@dataclass
class Limited:
    """A Lago that counts calls a second.

    Attributes:
        limit: Calls it lets in a second.
        others: Calls of another program in each second.
        tells: Whether its answers carry the headers.
        retry_after: Whether a refusal says when to come back.
    """

    time: Time
    limit: int
    others: int = 0
    tells: bool = True
    retry_after: bool = False
    refused: int = 0
    served: list[float] = field(default_factory=list)
    most_at_once: int = 0
    _at_once: int = 0
    _second: int = -1
    _count: int = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        if int(self.time.now) != self._second:
            self._second, self._count = int(self.time.now), self.others
        self._count += 1
        status = 200 if self._count <= self.limit else 429
        headers = self._headers(status)
        await self.time.sleep(ANSWER_SECONDS)
        self._at_once -= 1
        if status == 429:
            self.refused += 1
            return httpx.Response(429, headers=headers)
        self.served.append(self.time.now)
        lago_id = request.url.path.rpartition("/")[2]
        return httpx.Response(
            200, content=compact({"invoice": sample("invoice") | {"lago_id": lago_id}}), headers=headers
        )

    def _headers(self, status: int) -> dict[str, str]:
        headers = {}
        if self.tells:
            left = max(self.limit - self._count, 0)
            headers = {
                "X-RateLimit-Limit": str(self.limit),
                "X-RateLimit-Remaining": str(left),
                "X-RateLimit-Reset": "1",
            }
        if status == 429 and self.retry_after:
            headers["Retry-After"] = "1"
        return headers


def fetch_many(lago: Limited, documents: int) -> list[Any]:
    """Fetch invoices by their ids, as many at once as the client does."""
    names = tuple(f"00000011-0000-4000-8000-{number:012}" for number in range(documents))

    async def main() -> list[Any]:
        client = LagoClient(
            "http://127.0.0.1:9",
            "key",
            transport=httpx.MockTransport(lago),
            retry=RetryPolicy(),
            sleep=lago.time.sleep,
            random=lambda: 0.5,
            now=lambda: lago.time.now,
        )
        return await collect(client.invoices(Selection(ids=names)))

    return asyncio.run(lago.time.run(main()))


def test_without_a_limit_the_places_are_all_used() -> None:
    """A self-hosted Lago says nothing of limits: ten calls are under way, never more."""
    lago = Limited(Time(), limit=10_000, tells=False)
    found = fetch_many(lago, 100)

    assert 100 == len(found)
    assert MOST_IN_FLIGHT == lago.most_at_once
    assert lago.time.now == pytest.approx(100 / MOST_IN_FLIGHT * ANSWER_SECONDS)


@pytest.mark.parametrize(("tells", "retry_after"), [(True, False), (False, True), (False, False)])
def test_one_call_a_second_slows_and_fails_nothing(tells: bool, retry_after: bool) -> None:
    """With headers, with Retry-After, and with neither."""
    lago = Limited(Time(), limit=1, tells=tells, retry_after=retry_after)
    found = fetch_many(lago, 12)

    assert [] == [one for one in found if isinstance(one, Unreadable)]
    assert 12 == len(found)
    assert lago.time.now < 40


def test_what_is_left_of_a_window_is_not_overdrawn() -> None:
    """Only what leaves before the first answer of a window may meet the limit."""
    lago = Limited(Time(), limit=20, others=12)
    found = fetch_many(lago, 80)

    assert 80 == len(found)
    assert lago.refused <= 0.25 * len(lago.served)
    assert lago.time.now < 20


def test_a_limit_that_never_lifts_ends_the_read() -> None:
    """Patience is bounded, and the error is the limit's own."""
    lago = Limited(Time(), limit=0, tells=False, retry_after=True)

    with pytest.raises(LimitError):
        fetch_many(lago, 1)
    assert lago.refused < 100


def test_only_neighbouring_rows_are_remembered() -> None:
    """The memory of a list of any length stays that of a few pages."""
    rows = Recent(3)

    assert [True, True, False, True, True] == [rows.is_new(one) for one in "abacd"]
    assert rows.is_new("a")
    assert not rows.is_new("d")


def test_pages_are_asked_for_one_after_the_other() -> None:
    """Of a list into which rows come, two pages at once could each miss what moves between them."""
    open_calls: list[str] = []
    most = 0

    async def reply(request: httpx.Request) -> httpx.Response:
        nonlocal most
        number = int(request.url.params["page"])
        open_calls.append(str(number))
        most = max(most, len(open_calls))
        await asyncio.sleep(0)
        open_calls.pop()
        row = sample("invoice") | {"lago_id": f"00000011-0000-4000-8000-{number:012}"}
        return page("invoices", [row], at=number, following=number + 1 if number < 8 else None)

    async def main() -> list[Any]:
        client = LagoClient("http://127.0.0.1:9", "key", transport=httpx.MockTransport(reply))
        return await collect(client.invoices(Selection()))

    assert 8 == len(asyncio.run(main()))
    assert 1 == most
