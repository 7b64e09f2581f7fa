"""``lago-ns profile``: the profiles of the configuration."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lago_ns_cli.cli.profile_list import ProfileRow

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
    from lago_ns_cli.cli.render import clean, say, write_json

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
        _write(rows)
        for row in rows:
            if row.problem is not None:
                say(f"error: profile {clean(row.name)}: {clean(row.problem)}")
    if gravest := worst(row.code for row in rows):
        raise typer.Exit(gravest)


def _write(rows: "list[ProfileRow]") -> None:
    """Print a block a profile on a terminal, where a table of these columns would not fit; a table in a pipe."""
    import sys

    from lago_ns_cli.cli.render import clean, write_line, write_table

    headers = ("profile", "Lago", "account", "environment", "secrets", "ledger", "last run")
    cells = [
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
    ]
    if not sys.stdout.isatty():
        write_table(headers, cells)
        return
    for name, *values in cells:
        write_line(clean(name))
        for header, value in zip(headers[1:], values, strict=True):
            write_line(f"  {header:<13}{clean(value)}".rstrip())
