"""``lago-ns map``: shows, edits and checks ``mappings.toml``."""

from typing import TYPE_CHECKING, Annotated

import typer

from lago_ns_cli.cli.commands import mapping_checking, mapping_suggesting

if TYPE_CHECKING:
    from collections.abc import Callable

    from lago_ns_cli.domain.mapping import Mappings

app = typer.Typer()
set_app = typer.Typer(help="Add or replace a row.", no_args_is_help=True)
unset_app = typer.Typer(help="Remove a row.", no_args_is_help=True)
app.add_typer(set_app, name="set")
app.add_typer(unset_app, name="unset")

To = Annotated[str, typer.Option("--to", metavar="ID", help="NetSuite's internal id.")]
Entity = Annotated[
    str | None, typer.Option("--billing-entity", metavar="CODE", help="Only for this billing entity.")
]
Note = Annotated[str | None, typer.Option(help="A remark kept with the row.")]
Lago = Annotated[str, typer.Argument(metavar="OBJECT", help="<kind>:<code>, as billable_metric:api_calls.")]
Days = Annotated[int, typer.Argument(metavar="DAYS", min=0, help="Lago's net_payment_term.")]
Taxes = Annotated[
    str, typer.Argument(metavar="TAX[+TAX]", help="A Lago tax, or a set of taxes (legacy tax).")
]


@app.callback(invoke_without_command=True)
def edit(context: typer.Context) -> None:
    """Show, edit and check mappings.toml.

    Without a command, in a terminal: a guided editor over the fetched catalogs. Type to search, Enter
    chooses, Esc goes back; each change is saved at once, Ctrl-Z takes it back, Ctrl-C leaves.

    Example: lago-ns map
    """
    if context.invoked_subcommand is not None:
        return
    from lago_ns_cli.cli.prompting import on_terminal

    if not on_terminal():
        typer.echo(context.get_help())
        raise typer.Exit(2)
    from lago_ns_cli.cli.editing import edit_mappings_in_terminal

    edit_mappings_in_terminal(context.obj)


@app.command("show")
def show(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List every row, with names from the fetched catalogs.

    Example: lago-ns map show
    """
    from lago_ns_cli.cli.render import write_json, write_table
    from lago_ns_cli.cli.wiring import open_ledger, open_mappings
    from lago_ns_cli.domain.mapping_rows import mapping_rows

    mappings = open_mappings(context.obj).mappings
    with open_ledger(context.obj) as ledger:
        netsuite = ledger.load_catalog("netsuite")
    rows = mapping_rows(mappings, netsuite)
    if as_json:
        for row in rows:
            write_json({"event": "row", **row._asdict()})
        write_json({"event": "summary", "rows": len(rows)})
        return
    write_table(("table", "lago", "netsuite", "name", "note"), rows)


@set_app.command("item")
def set_item(
    context: typer.Context,
    lago: Lago,
    to: To,
    entity: Entity = None,
    recognition: Annotated[
        str | None, typer.Option(help="How revenue is recognized: point_in_time or ratable.")
    ] = None,
    note: Note = None,
) -> None:
    """Map a Lago object to a NetSuite item.

    Example: lago-ns map set item billable_metric:api_calls --to 500
    """
    from lago_ns_cli.domain import mapping_edit
    from lago_ns_cli.domain.mapping import ItemRow

    row = ItemRow(lago=lago, item=to, billing_entity=entity, recognition=recognition, note=note)
    _edit(context, lambda mappings: mapping_edit.set_item(mappings, row), f"{lago} → item {to}")


@set_app.command("tax")
def set_tax(
    context: typer.Context,
    taxes: Taxes,
    tax_code: Annotated[str, typer.Option(metavar="ID", help="The tax code.")],
    tax_type: Annotated[str | None, typer.Option(metavar="ID", help="The tax type (SuiteTax).")] = None,
    nexus: Annotated[str | None, typer.Option(metavar="ID", help="The nexus (SuiteTax).")] = None,
    entity: Entity = None,
    note: Note = None,
) -> None:
    """Map a Lago tax to a NetSuite tax code; `default` sets the one for all others.

    Example: lago-ns map set tax us_nyc --nexus 1 --tax-type 3 --tax-code 14
    """
    from lago_ns_cli.domain import mapping_edit
    from lago_ns_cli.domain.mapping import TaxRow, TaxTarget

    target = TaxTarget(tax_code, tax_type, nexus)
    if taxes == "default":
        _edit(
            context,
            lambda mappings: mapping_edit.set_default_tax(mappings, target, entity),
            f"default tax → {tax_code}",
        )
        return
    row = TaxRow(lago=tuple(taxes.split("+")), target=target, billing_entity=entity, note=note)
    _edit(context, lambda mappings: mapping_edit.set_tax(mappings, row), f"{taxes} → tax code {tax_code}")


@set_app.command("subsidiary")
def set_subsidiary(
    context: typer.Context,
    billing_entity: Annotated[str, typer.Argument(metavar="CODE", help="A billing entity.")],
    to: To,
    note: Note = None,
) -> None:
    """Map a billing entity to a subsidiary.

    Example: lago-ns map set subsidiary acme-eu --to 4
    """
    from lago_ns_cli.domain import mapping_edit
    from lago_ns_cli.domain.mapping import SubsidiaryRow

    row = SubsidiaryRow(billing_entity=billing_entity, subsidiary=to, note=note)
    _edit(
        context,
        lambda mappings: mapping_edit.set_subsidiary(mappings, row),
        f"{billing_entity} → subsidiary {to}",
    )


@set_app.command("currency")
def set_currency(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="A currency code, as USD.")],
    to: To,
) -> None:
    """Map a currency to NetSuite's currency record.

    Example: lago-ns map set currency USD --to 1
    """
    from lago_ns_cli.domain import mapping_edit

    _edit(context, lambda mappings: mapping_edit.set_currency(mappings, code, to), f"{code} → currency {to}")


@set_app.command("terms")
def set_terms(context: typer.Context, days: Days, to: To) -> None:
    """Map a net payment term of Lago to NetSuite's terms.

    Example: lago-ns map set terms 30 --to 2
    """
    from lago_ns_cli.domain import mapping_edit

    _edit(context, lambda mappings: mapping_edit.set_terms(mappings, days, to), f"{days} days → terms {to}")


@set_app.command("payment")
def set_payment(
    context: typer.Context,
    account: Annotated[str | None, typer.Option(metavar="ID", help="The bank account.")] = None,
    method: Annotated[str | None, typer.Option(metavar="ID", help="The payment method.")] = None,
    provider: Annotated[str | None, typer.Option(help="Of this provider, as stripe.")] = None,
    currency: Annotated[str | None, typer.Option(help="In this currency.")] = None,
    entity: Entity = None,
    note: Note = None,
) -> None:
    """Say where payments go; provider and currency are optional.

    Example: lago-ns map set payment --provider stripe --account 120 --method 7
    """
    from lago_ns_cli.domain import mapping_edit
    from lago_ns_cli.domain.mapping import PaymentRow

    row = PaymentRow(
        account=account, method=method, provider=provider, currency=currency, billing_entity=entity, note=note
    )
    told = f"payments of {provider or 'any provider'} in {currency or 'any currency'} → account {account or 'undeposited funds'}"
    _edit(context, lambda mappings: mapping_edit.set_payment(mappings, row), told)


@set_app.command("default")
def set_default(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="item, item_by_type.<type>, subsidiary, credit_note_policy, …")],
    to: Annotated[str, typer.Option("--to", metavar="VALUE", help="An internal id, or a policy's name.")],
    entity: Entity = None,
) -> None:
    """Set what holds where no row is more exact.

    Example: lago-ns map set default item --to 481
    """
    from lago_ns_cli.domain import mapping_edit

    _edit(
        context,
        lambda mappings: mapping_edit.set_default(mappings, name, to, entity),
        f"default {name} → {to}",
    )


@unset_app.command("item")
def unset_item(context: typer.Context, lago: Lago, entity: Entity = None) -> None:
    """Remove an item row.

    Example: lago-ns map unset item billable_metric:api_calls
    """
    from lago_ns_cli.domain import mapping_edit

    _edit(context, lambda mappings: mapping_edit.unset_item(mappings, lago, entity), f"{lago} removed")


@unset_app.command("tax")
def unset_tax(context: typer.Context, taxes: Taxes, entity: Entity = None) -> None:
    """Remove a tax row; `default` removes the default tax.

    Example: lago-ns map unset tax us_nyc
    """
    from lago_ns_cli.domain import mapping_edit

    def change(mappings: "Mappings") -> "Mappings":
        if taxes == "default":
            return mapping_edit.set_default_tax(mappings, None, entity)
        return mapping_edit.unset_tax(mappings, tuple(taxes.split("+")), entity)

    _edit(context, change, f"{taxes} removed")


@unset_app.command("subsidiary")
def unset_subsidiary(
    context: typer.Context,
    billing_entity: Annotated[str, typer.Argument(metavar="CODE", help="A billing entity.")],
) -> None:
    """Remove a subsidiary row.

    Example: lago-ns map unset subsidiary acme-eu
    """
    from lago_ns_cli.domain import mapping_edit

    _edit(
        context,
        lambda mappings: mapping_edit.unset_subsidiary(mappings, billing_entity),
        f"{billing_entity} removed",
    )


@unset_app.command("currency")
def unset_currency(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="A currency code, as USD.")],
) -> None:
    """Remove a currency.

    Example: lago-ns map unset currency GBP
    """
    from lago_ns_cli.domain import mapping_edit

    _edit(context, lambda mappings: mapping_edit.unset_currency(mappings, code), f"{code} removed")


@unset_app.command("terms")
def unset_terms(context: typer.Context, days: Days) -> None:
    """Remove the terms of a number of days.

    Example: lago-ns map unset terms 30
    """
    from lago_ns_cli.domain import mapping_edit

    _edit(context, lambda mappings: mapping_edit.unset_terms(mappings, days), f"{days} days removed")


@unset_app.command("payment")
def unset_payment(
    context: typer.Context,
    provider: Annotated[str | None, typer.Option(help="Of this provider.")] = None,
    currency: Annotated[str | None, typer.Option(help="In this currency.")] = None,
    entity: Entity = None,
) -> None:
    """Remove a payment row.

    Example: lago-ns map unset payment --provider stripe
    """
    from lago_ns_cli.domain import mapping_edit

    _edit(
        context,
        lambda mappings: mapping_edit.unset_payment(mappings, provider, currency, entity),
        "payment row removed",
    )


@unset_app.command("default")
def unset_default(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="As in `map set default`.")],
    entity: Entity = None,
) -> None:
    """Remove a default.

    Example: lago-ns map unset default item_by_type.coupon
    """
    from lago_ns_cli.domain import mapping_edit

    _edit(
        context,
        lambda mappings: mapping_edit.set_default(mappings, name, None, entity),
        f"default {name} removed",
    )


@app.command("seed")
def seed(context: typer.Context) -> None:
    """Add the standard header and line rows that are not there yet.

    Example: lago-ns map seed
    """
    from lago_ns_cli.domain import mapping_edit

    _edit(context, mapping_edit.seed, "standard rows are in place", may_create=True)


app.command("suggest")(mapping_suggesting.suggest)
app.command("check")(mapping_checking.check)
app.command("explain")(mapping_checking.explain)


def _edit(
    context: typer.Context, change: "Callable[[Mappings], Mappings]", told: str, *, may_create: bool = False
) -> None:
    from lago_ns_cli.cli.render import clean, say
    from lago_ns_cli.cli.wiring import edit_mappings

    path, changed = edit_mappings(context.obj, change, may_create=may_create)
    say(f"{path}: {clean(told)}" if changed else f"{path}: nothing to change")
