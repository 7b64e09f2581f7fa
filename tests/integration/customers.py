"""A world in which customers change: what Lago says of them, and what a person does in NetSuite."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.identifiers import InternalId, LagoExternalId
from lago_ns_cli.simulator.lago.writes import upsert_customer
from lago_ns_cli.simulator.netsuite.permissions import ADMINISTRATOR
from lago_ns_cli.simulator.netsuite.values import Draft
from lago_ns_cli.workflows.run import Run
from tests.integration.world import Tampering, Told, World

HOOLI: Mapping[str, Any] = {
    "external_id": "cust_hooli",
    "name": "Hooli Inc.",
    "email": "ap@hooli.example",
    "phone": "+1 212 555 0100",
    "currency": "USD",
    "address_line1": "1 Main St",
    "city": "New York",
    "country": "US",
}


class CustomerWorld(World):
    """A world with settings of customers.

    Attributes:
        links: As ``sync customer --link``.
        extend_customers: As ``[sync] extend_customers``.
        external_entity_ids: As ``[sync] entityid = "external_id"``.
        pushed: Every document that was pushed, in order.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.links: dict[str, str] = {}
        self.extend_customers = False
        self.external_entity_ids = False
        self.pushed: list[dict[str, Any]] = []
        self.wrap = lambda inner: Tampering(
            inner, before=lambda asked: self.pushed.extend(asked.get("documents", ()))
        )

    @asynccontextmanager
    async def _run(self, *arguments: Any) -> AsyncIterator[Run]:
        links = {LagoExternalId(one): InternalId(other) for one, other in self.links.items()}
        async with super()._run(*arguments) as run:
            rules = replace(run.options.rules, extend_customers=self.extend_customers, links=links)
            run.options = replace(run.options, rules=rules)
            run.context = replace(run.context, external_entity_ids=self.external_entity_ids)
            yield run

    def say(self, **fields: Any) -> dict[str, Any]:
        """Let Lago say something of Hooli, a second after the last time."""
        asyncio.run(self.clock.sleep(1))
        given = {"external_id": HOOLI["external_id"], **fields}
        return upsert_customer(self.simulator.parts.organization, given)

    def go(self, **options: Any) -> Told:
        """Sync the customers; ``pushed`` starts anew."""
        self.pushed.clear()
        return self.sync("customer", **options)

    def link(self, record: str, **options: Any) -> Told:
        """Sync Hooli with ``--link``."""
        self.links = {HOOLI["external_id"]: record}
        try:
            return self.go(selection=Selection(ids=(HOOLI["external_id"],)), **options)
        finally:
            self.links = {}

    def hooli(self) -> dict[str, Any]:
        """Read Hooli's record from NetSuite's own store."""
        return next(one for one in self.records("customer") if one.get("custentity_lago_id") == self.lago_id)

    @property
    def lago_id(self) -> str:
        organization = self.simulator.parts.organization
        customer = organization.customer(HOOLI["external_id"])
        assert customer is not None
        return str(customer["lago_id"])

    @property
    def key(self) -> str:
        return f"lago:cus:{self.lago_id}"

    def addresses(self) -> dict[str, dict[str, Any]]:
        """Hooli's addresses by label, with their flags."""
        return {
            line["label"]: {
                **{name: value for name, value in line["addressbookaddress"].items() if value},
                "billing": line.get("defaultbilling"),
                "shipping": line.get("defaultshipping"),
            }
            for line in self.hooli()["addressbook"]
        }

    def person_edits_lines(self, change: Callable[[Draft], None]) -> None:
        """Let somebody change the lines of Hooli's record by hand."""
        account = self.simulator.parts.account
        draft = account.load("customer", self.hooli()["id"], ADMINISTRATOR, dynamic=True)
        change(draft)
        account.save(draft, ADMINISTRATOR)

    def person_creates(self, **values: Any) -> str:
        """Let somebody create a customer by hand."""
        whole = {"subsidiary": "2", "currency": "1", **values}
        created = self.person("create_record", type="customer", values=whole)
        assert created is not None
        return created
