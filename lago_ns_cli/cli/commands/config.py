"""``lago-ns config``: the effective settings."""

from typing import Annotated

import typer

app = typer.Typer(help="The effective settings.", no_args_is_help=True)


@app.command("show")
def show(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List every setting, its value, and where it came from; never a secret.

    Example: lago-ns config show
    """
    from lago_ns_cli.cli.render import say, write_json, write_table
    from lago_ns_cli.cli.wiring import effective_settings

    loaded = effective_settings(context.obj)
    if as_json:
        for origin in loaded.origins:
            write_json(
                {
                    "event": "setting",
                    "key": origin.key,
                    "value": origin.value,
                    "source": origin.source,
                    "where": origin.where,
                    "shadowed": [{"value": lost.value, "where": lost.where} for lost in origin.shadowed],
                }
            )
        write_json({"event": "summary", "profile": loaded.profile, "path": loaded.path})
        return
    say(f"profile {loaded.profile}, {loaded.path or 'no file'}")
    write_table(
        ("setting", "value", "from", "shadows"),
        [
            (
                origin.key,
                _spelt(origin.value),
                origin.where,
                ", ".join(f"{_spelt(lost.value)} ({lost.where})" for lost in origin.shadowed),
            )
            for origin in loaded.origins
        ],
    )


def _spelt(value: object) -> object:
    """Write a value as the file does, where Python has another word for it."""
    if value is None:
        return "–"
    return str(value).lower() if isinstance(value, bool) else value
