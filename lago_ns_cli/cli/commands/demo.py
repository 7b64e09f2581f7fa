"""``lago-ns demo``: the five-minute tour, on this machine alone."""

from typing import Annotated

import typer


def demo(
    invoices: Annotated[int, typer.Option(help="How many invoices the organization has.", min=1)] = 40,
    seed: Annotated[int, typer.Option(help="Which organization to make up.")] = 1,
) -> None:
    """Start the simulator, fetch, map, sync, sync again, and compare both sides' totals.

    Example: lago-ns demo
    """
    from lago_ns_cli.cli.demo_tour import run_tour
    from lago_ns_cli.cli.wiring import need_simulator

    need_simulator()
    run_tour(invoices=invoices, seed=seed)
