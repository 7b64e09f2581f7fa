"""Serves both sides to the benchmarks: the simulator, with an organization of any size as its Lago.

Run as ``python -m benchmarks.server``, in a process of its own; it says where it listens in one JSON line.
"""

import argparse
from dataclasses import replace
from datetime import date
from pathlib import Path

from benchmarks.organization import Shape, UniformLago, today
from lago_ns_cli.simulator.app import Simulator
from lago_ns_cli.simulator.clock import SystemClock
from lago_ns_cli.simulator.faults import FaultPlan
from lago_ns_cli.simulator.server import ServeOptions, create_world, serve


def main() -> None:
    """Serve until asked to stop."""
    given = _parser().parse_args()
    shape = Shape(
        invoices=given.invoices,
        customers=given.customers,
        last_day=given.last_day,
        days=given.days,
        fees=given.fees,
    )

    def create(options: ServeOptions, plan: FaultPlan) -> Simulator:
        parts = create_world(options, plan).parts
        lago = UniformLago(parts.lago, shape, parts.credentials.lago_api_key)
        return Simulator(replace(parts, lago=lago), SystemClock())

    options = ServeOptions(
        port=0,
        invoices=0,
        customers=1,
        concurrency_limit=given.concurrency_limit,
        write_config=given.write_config,
        state=given.state,
    )
    serve(options, create=create)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, required=True)
    parser.add_argument("--customers", type=int, required=True)
    parser.add_argument("--days", type=int, default=1)
    parser.add_argument("--fees", type=int, default=10)
    parser.add_argument("--last-day", type=date.fromisoformat, default=today())
    parser.add_argument("--concurrency-limit", type=int, default=5)
    parser.add_argument("--write-config", type=Path, required=True)
    parser.add_argument("--state", type=Path)
    return parser


if __name__ == "__main__":
    main()
