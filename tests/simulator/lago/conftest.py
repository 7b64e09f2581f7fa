"""A small organization behind its HTTP interface, called without a network."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from lago_ns_cli.simulator.lago.app import create_lago_app
from lago_ns_cli.simulator.lago.organization import Organization

KEY = "a-key"
NOW = datetime(2026, 11, 5, 10, 30, tzinfo=UTC)
Document = dict[str, Any]


@dataclass
class Lago:
    """Calls an app's routes under ``/api/v1/`` with the right key."""

    app: Starlette
    key: str | None = KEY
    last: httpx.Response = field(init=False)

    def call(self, method: str, path: str, body: Any = None, *, base: str = "/api/v1/") -> httpx.Response:
        """Return the answer to one call."""

        async def send() -> httpx.Response:
            headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://lago.test") as client:
                return await client.request(method, f"{base}{path}", json=body, headers=headers)

        self.last = asyncio.run(send())
        return self.last

    def get(self, path: str) -> Any:
        """Return the JSON of a GET that must succeed."""
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def all(self, name: str, filters: str = "") -> Sequence[Document]:
        """Return a whole list."""
        documents: Sequence[Document] = self.get(f"{name}?per_page=1000&{filters}")[name]
        return documents


def lago_of(organization: Organization, **options: Any) -> Lago:
    """Serve an organization."""
    return Lago(create_lago_app(organization, api_key=KEY, **options))


def organization_of(seed: int = 1, invoices: int = 40, customers: int = 8) -> Organization:
    """Return an organization whose clock stands still."""
    return Organization(seed=seed, invoices=invoices, customers=customers, now=lambda: NOW)


@pytest.fixture
def organization() -> Organization:
    """The organization that a default start generates."""
    return organization_of()


@pytest.fixture
def lago(organization: Organization) -> Lago:
    """The same, behind HTTP."""
    return lago_of(organization)
