"""``lago-ns simulator``: a NetSuite account and a Lago organization on this machine."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lago_ns_cli.simulator.app import Simulator
    from lago_ns_cli.simulator.faults import FaultPlan
    from lago_ns_cli.simulator.server import ServeOptions

app = typer.Typer(help="A NetSuite account and a Lago organization on this machine.", no_args_is_help=True)


class TaxRegime(StrEnum):
    """NetSuite's two ways to compute tax."""

    SUITETAX = "suitetax"
    LEGACY = "legacy"


@app.command("serve")
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.", min=0, max=65535)] = 8321,
    state: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep NetSuite's records in this file.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Which organization to make up.")] = 1,
    invoices: Annotated[int, typer.Option(help="How many invoices it has.", min=0)] = 40,
    customers: Annotated[int, typer.Option(help="How many customers it has.", min=1)] = 8,
    tax_regime: Annotated[TaxRegime, typer.Option(help="How the account computes tax.")] = TaxRegime.SUITETAX,
    concurrency_limit: Annotated[int, typer.Option(help="Calls that NetSuite takes at once.", min=1)] = 5,
    latency_ms: Annotated[int, typer.Option(help="How long each call takes, at least.", min=0)] = 0,
    cost_ms_per_record: Annotated[int, typer.Option(help="How long each saved record takes.", min=0)] = 0,
    other_calls: Annotated[
        int, typer.Option(help="Calls that another program keeps in flight, within the same limit.", min=0)
    ] = 0,
    faults: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A plan of faults, in TOML.", exists=True)
    ] = None,
    write_config: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write lago-ns.toml, mappings.toml and env for this simulator."),
    ] = None,
    allow_any_interface: Annotated[
        bool,
        typer.Option(
            "--dangerously-allow-any-interface", help="Listen beyond this machine, with no real security."
        ),
    ] = False,
) -> None:
    """Serve until Ctrl-C; prints one JSON line when calls are accepted.

    Example: lago-ns simulator serve --invoices 200 --write-config try
    """
    from lago_ns_cli.cli.wiring import need_simulator

    need_simulator()
    from lago_ns_cli.errors import ConfigError
    from lago_ns_cli.simulator.errors import SimulatorError
    from lago_ns_cli.simulator.server import ServeOptions, create_world, serve

    options = ServeOptions(
        host=host,
        port=port,
        state=state,
        seed=seed,
        invoices=invoices,
        customers=customers,
        tax_regime=tax_regime.value,
        concurrency_limit=concurrency_limit,
        latency_ms=latency_ms,
        cost_ms_per_record=cost_ms_per_record,
        other_calls=other_calls,
        faults=faults,
        write_config=write_config,
        allow_any_interface=allow_any_interface,
    )

    def create(options: "ServeOptions", plan: "FaultPlan") -> "Simulator":
        world = create_world(options, plan)
        if write_config is not None:  # the address is free, or this would not be asked for
            _say_how_to_use(write_config, keeps_records=state is not None)
        return world

    try:
        serve(options, create=create)
    except SimulatorError as error:
        raise ConfigError(str(error), hint=error.hint, code="simulator") from error


def _say_how_to_use(folder: Path, *, keeps_records: bool) -> None:
    """Tell what to type in another terminal; and of a ledger that remembers another account."""
    from shlex import quote

    from lago_ns_cli.cli.writing import say

    ledger = folder / "ledger.db"
    if ledger.exists() and not keeps_records:
        say(f"notice: {ledger} tells of records that this new, empty account does not have.")
        say(
            f"hint: rm {quote(str(ledger))}*, or keep the account too: --state {quote(str(folder / 'netsuite.db'))}"
        )
    say("To use it, in another terminal in this folder (Ctrl-C here ends it):")
    say(f"  set -a; . {quote(str(folder / 'env'))}; set +a")
    say(f"  lago-ns --config {quote(str(folder / 'lago-ns.toml'))} sync all --dry-run")
