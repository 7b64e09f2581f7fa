"""A Lago organization for tests: canned answers by path, and a record of the calls."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx

from lago_ns_cli.lago.client import LagoClient
from lago_ns_cli.retries import RetryPolicy

T = TypeVar("T")
Reply = httpx.Response | Exception
SAMPLES = Path(__file__).parents[2] / "samples"
BASE = "/api/v1"


def sample(name: str) -> dict[str, Any]:
    """Load a sample document without its root key, free to be changed."""
    whole: dict[str, Any] = json.loads((SAMPLES / f"hooli_{name}.json").read_text("utf-8"))
    [document] = whole.values()
    return dict(document)


def compact(value: object) -> bytes:
    """Write JSON as Lago does."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def page(root: str, rows: list[Any], *, at: int = 1, following: int | None = None) -> httpx.Response:
    """Build one page of a list."""
    meta = {"current_page": at, "next_page": following, "prev_page": None, "total_pages": 9, "total_count": 9}
    return httpx.Response(200, content=compact({root: rows, "meta": meta}))


class Organization:
    """Answers calls one after the other, or by a function, and remembers them."""

    def __init__(self, *replies: Reply, by: Callable[[httpx.Request], httpx.Response] | None = None) -> None:
        self.calls: list[httpx.Request] = []
        self.waits: list[float] = []
        self._replies = list(replies)
        self._by = by

    def client(self, **options: Any) -> LagoClient:
        """Build a client whose waits are only written down."""
        settings: dict[str, Any] = {
            "transport": httpx.MockTransport(self._answer),
            "retry": RetryPolicy(attempts=3, first_delay_seconds=1.0, max_delay_seconds=8.0),
            "sleep": self._wait,
            "random": lambda: 0.5,
            "now": lambda: 0.0,
        }
        return LagoClient("http://127.0.0.1:9", "key-of-hooli", **settings | options)

    @property
    def targets(self) -> list[str]:
        """Paths and queries of the calls, decoded."""
        return [str(httpx.URL(call.url).raw_path, "ascii").removeprefix(BASE) for call in self.calls]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request)
        if self._by is not None:
            return self._by(request)
        reply = self._replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)


async def collect(rows: AsyncIterator[T]) -> list[T]:
    """Read a list to its end."""
    return [row async for row in rows]
