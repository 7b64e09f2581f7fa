"""A world in which declared policies for voids and closed periods are in force."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.gate import VoidPolicy
from lago_ns_cli.domain.periods import ClosedPeriodPolicy
from lago_ns_cli.simulator.world import ACCOUNT_ID
from lago_ns_cli.workflows.opening import open_run
from lago_ns_cli.workflows.run import Run
from tests.integration.world import World, alone, sample


class PolicyWorld(World):
    """A world that opens its runs as the settings of ``[sync]`` say.

    Attributes:
        void_policy: As ``[sync] void_policy``.
        closed_periods: As ``[sync] closed_period_policy``; None leaves the run as it is.
    """

    void_policy = VoidPolicy.HOLD
    closed_periods: ClosedPeriodPolicy | None = None

    @asynccontextmanager
    async def _run(
        self,
        source: bytes | None,
        selection: Selection,
        dry_run: bool,
        max_changes: int | None,
        sweep: bool = False,
    ) -> AsyncIterator[Run]:
        async with super()._run(source, selection, dry_run, max_changes, sweep) as run:
            rules = replace(run.options.rules, void_policy=self.void_policy)
            run.options = replace(run.options, rules=rules)
            if self.closed_periods is not None:
                opening = await open_run(
                    run.lago,
                    run.netsuite,
                    run.ledger,
                    run.clock,
                    keep=not dry_run,
                    account=ACCOUNT_ID,
                    closed_periods=self.closed_periods,
                )
                run.context = replace(
                    run.context, account=opening.account, closed_periods=self.closed_periods
                )
            yield run


def hooli(**changes: Any) -> dict[str, Any]:
    """The sample invoice of a customer that NetSuite does not have yet."""
    return {"invoice": {**alone(sample()), **changes}}


def voided(**changes: Any) -> dict[str, Any]:
    """The same invoice after it was voided in Lago, late on 4 August in New York."""
    return hooli(status="voided", voided_at="2026-08-05T03:30:00Z", total_due_amount_cents=0, **changes)
