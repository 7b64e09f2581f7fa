"""A world that can be reconciled, and short ways to say what was found."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from lago_ns_cli.domain.reconciliation.findings import Finding
from lago_ns_cli.side_table import SideTable
from lago_ns_cli.simulator.world import ACCOUNT_ID
from lago_ns_cli.workflows.comparing import ReconcileOptions, open_reconciliation
from lago_ns_cli.workflows.queue_missing import queue
from lago_ns_cli.workflows.reconcile_reports import FindingReported, Reconciled, Scope
from tests.integration.notes import NoteWorld

KINDS = ("customer", "invoice", "credit_note", "payment")


@dataclass
class Compared:
    """What a reconciliation reported."""

    findings: list[Finding] = field(default_factory=list)
    result: Reconciled | None = None

    @property
    def open(self) -> list[Finding]:
        """What somebody has to do something about."""
        return [one for one in self.findings if one.is_open]

    @property
    def names(self) -> list[tuple[str, str]]:
        """What is open: what differs, and on which document."""
        return sorted((one.what.value, one.number) for one in self.open)

    def one(self, what: str) -> Finding:
        """The one finding of a kind."""
        [found] = [one for one in self.findings if one.what == what]
        return found

    @property
    def told(self) -> Reconciled:
        """The result."""
        assert self.result is not None
        return self.result


class CompareWorld(NoteWorld):
    """A world of documents, carried over and compared."""

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(folder, **options)
        self.reverses_voids = False

    def carry(self) -> None:
        """Bring everything over."""
        self.go(*KINDS)

    def compare(
        self,
        *kinds: str,
        since: date | None = None,
        until: date | None = None,
        billing_entity: str | None = None,
        queue_missing: bool = False,
        watch: Callable[[object], None] | None = None,
    ) -> Compared:
        """Reconcile."""
        told = Compared()
        scope = Scope(kinds=kinds or KINDS, since=since, until=until, billing_entity=billing_entity)

        async def whole() -> None:
            async with AsyncExitStack() as stack:
                lago, netsuite = self._lago(None), self._netsuite()
                stack.push_async_callback(lago.aclose)
                stack.push_async_callback(netsuite.aclose)
                ledger = stack.enter_context(self.open_ledger())
                sides = stack.enter_context(SideTable())
                options = ReconcileOptions(
                    scope=scope,
                    mappings=self.mappings,
                    account=ACCOUNT_ID,
                    sync_from=self.sync_from,
                    reverses_voids=self.reverses_voids,
                    keep_missing=queue_missing,
                )
                run = await open_reconciliation(lago, netsuite, ledger, self.clock, sides, options)
                async for event in run.run():
                    if watch is not None:
                        watch(event)
                    if isinstance(event, FindingReported):
                        told.findings.append(event.finding)
                queued = queue(ledger, self.clock, run.books.missing) if queue_missing else 0
                told.result = run.reconciled(queued)

        asyncio.run(whole())
        return told
