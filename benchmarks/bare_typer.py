"""A Typer program that does nothing, with plain help as ours has: what no Typer program's start can be below."""

import typer

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def hello(name: str) -> None:
    """Say hello."""
    typer.echo(f"Hello, {name}.")


@app.command()
def goodbye(name: str) -> None:
    """Say goodbye."""
    typer.echo(f"Goodbye, {name}.")


if __name__ == "__main__":
    app()
