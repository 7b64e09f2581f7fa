"""``lago-ns decide``: what a person decides about the differences that ``reconcile`` found."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

app = typer.Typer(help="Settle the differences that reconcile found.", no_args_is_help=True)


class Kind(StrEnum):
    """Kinds of documents."""

    CUSTOMER = "customer"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit-note"
    PAYMENT = "payment"
    PREPAID = "prepaid"
    VOID = "void"


Findings = Annotated[
    list[str] | None,
    typer.Argument(metavar="[FINDING]...", help="Ids as reconcile shows them; the first digits are enough."),
]
What = Annotated[
    str | None, typer.Option("--finding", metavar="NAME", help="All that differ in this (amount, date …).")
]
OfKind = Annotated[Kind | None, typer.Option("--kind", help="Only documents of this kind.")]
Customer = Annotated[str | None, typer.Option(metavar="ID", help="Only of this customer (external id).")]
Entity = Annotated[
    str | None, typer.Option("--billing-entity", metavar="CODE", help="Only of this billing entity.")
]
Note = Annotated[str | None, typer.Option(metavar="TEXT", help="Why; it is asked for on a terminal.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Wait = Annotated[
    float,
    typer.Option("--wait", metavar="SECONDS", min=0, help="Wait this long for a run that holds the account."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@app.command("adopt")
def adopt(
    context: typer.Context,
    findings: Findings = None,
    what: What = None,
    kind: OfKind = None,
    customer: Customer = None,
    billing_entity: Entity = None,
    note: Note = None,
    yes: Yes = False,
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """NetSuite's state is right: it is the agreed one from now on.

    Nothing is written to either side. The difference stays in the tie-out, under the decision. When the record
    changes again, the finding is back.

    Example: lago-ns decide adopt 68476e48345f --note "credited by the controller, ticket 4711"
    """
    from lago_ns_cli.cli.deciding import Wanted, run_decision

    wanted = Wanted(tuple(findings or ()), what, kind, customer, billing_entity)
    run_decision(context.obj, "adopt", wanted, note=note, assume_yes=yes, wait_seconds=wait, as_json=as_json)


@app.command("restore")
def restore(
    context: typer.Context,
    findings: Findings = None,
    what: What = None,
    kind: OfKind = None,
    customer: Customer = None,
    billing_entity: Entity = None,
    note: Note = None,
    yes: Yes = False,
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """Lago's state is right: the next sync states the record anew.

    What was changed in NetSuite is overwritten, what was deleted there is sent again under the same key. Where
    NetSuite does not permit it, the command says why and what to do by hand.

    Example: lago-ns decide restore 68476e48345f --note "edited by mistake"
    """
    from lago_ns_cli.cli.deciding import Wanted, run_decision

    wanted = Wanted(tuple(findings or ()), what, kind, customer, billing_entity)
    run_decision(
        context.obj, "restore", wanted, note=note, assume_yes=yes, wait_seconds=wait, as_json=as_json
    )


@app.command("ignore")
def ignore(
    context: typer.Context,
    findings: Findings = None,
    what: What = None,
    kind: OfKind = None,
    customer: Customer = None,
    billing_entity: Entity = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Up to this day.")
    ] = None,
    note: Note = None,
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """The difference is known and accepted, perhaps for a while.

    It stays in the tie-out, under the decision. When a figure changes, the finding is back. Differences that are
    accepted for good and come again are rows under [[ignore]] in mappings.toml.

    Example: lago-ns decide ignore 68476e48345f --until 2026-12-31 --note "mended with the next invoice"
    """
    from lago_ns_cli.cli.deciding import Wanted, run_decision

    wanted = Wanted(tuple(findings or ()), what, kind, customer, billing_entity)
    run_decision(
        context.obj,
        "ignore",
        wanted,
        note=note,
        until=until.date() if until else None,
        wait_seconds=wait,
        as_json=as_json,
    )


@app.command("list")
def list_decisions(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Also those that were taken back or ran out.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List what was decided, by whom and why.

    Example: lago-ns decide list
    """
    from lago_ns_cli.cli.deciding import list_all

    list_all(context.obj, everything=everything, as_json=as_json)


@app.command("undo")
def undo(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="As list shows it.")],
    note: Note = None,
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """Take a decision back: the finding is open again.

    What a restoration has written to NetSuite already stays there.

    Example: lago-ns decide undo 3 --note "the wrong invoice"
    """
    from lago_ns_cli.cli.deciding import run_undo

    run_undo(context.obj, number, note=note, wait_seconds=wait, as_json=as_json)
