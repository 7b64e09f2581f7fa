"""What a simulated world is made from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lago_ns_cli.simulator.faults import FaultPlan
from lago_ns_cli.simulator.netsuite.switches import Switches

TaxRegime = Literal["suitetax", "legacy"]
"""SuiteTax, with tax details, or legacy tax, with one code a line."""


@dataclass(frozen=True)
class WorldOptions:
    """What a simulated world is made from.

    Attributes:
        state: The file that keeps the account across restarts; None keeps it in memory.
        cost_ms_per_record: How long a save takes in the account's cost model.
        latency_ms: How long each RESTlet call takes besides.
    """

    state: Path | None = None
    seed: int = 1
    invoices: int = 40
    customers: int = 12
    tax_regime: TaxRegime = "suitetax"
    concurrency_limit: int = 5
    latency_ms: int = 0
    cost_ms_per_record: int = 0
    faults: FaultPlan = FaultPlan()  # noqa: RUF009 (frozen)
    switches: Switches = Switches()  # noqa: RUF009 (frozen)
