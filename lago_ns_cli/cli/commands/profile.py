"""``lago-ns profile``: the profiles of the configuration."""

from typing import Annotated

import typer

app = typer.Typer(help="The profiles of the configuration.", no_args_is_help=True)


@app.command("list")
def list_(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List every profile: its Lago, its account and what kind that is, secrets, ledger, last run.

    Nothing is called and no secret is shown. A profile with a problem is listed with it, and the
    exit code says of what kind it is.

    Example: lago-ns profile list
    """
    from lago_ns_cli.cli.exit_codes import worst
    from lago_ns_cli.cli.profile_list import read_profiles
    from lago_ns_cli.cli.render import clean, say, write_json, write_table

    rows = read_profiles(context.obj)
    if as_json:
        for row in rows:
            write_json(
                {
                    "event": "profile",
                    "name": row.name,
                    "lago_host": row.lago_host,
                    "account": row.account,
                    "environment": row.environment,
                    "secrets": row.secrets,
                    "ledger": row.ledger,
                    "last_run": row.last_run.isoformat() if row.last_run else None,
                    "problem": row.problem,
                }
            )
        write_json(
            {"event": "summary", "profiles": len(rows), "problems": sum(1 for row in rows if row.problem)}
        )
    else:
        write_table(
            ("profile", "Lago", "account", "environment", "secrets", "ledger", "last run"),
            [
                (
                    row.name,
                    row.lago_host,
                    row.account,
                    row.environment,
                    row.secrets,
                    row.ledger,
                    f"{row.last_run:%Y-%m-%d %H:%M}Z" if row.last_run else "never",
                )
                for row in rows
            ],
        )
        for row in rows:
            if row.problem is not None:
                say(f"error: profile {clean(row.name)}: {clean(row.problem)}")
    if gravest := worst(row.code for row in rows):
        raise typer.Exit(gravest)
