"""``lago-ns auth``: secrets into the keyring of the operating system."""

from typing import Annotated

import typer

app = typer.Typer(help="Secrets in the keyring of the operating system.", no_args_is_help=True)


@app.command("login")
def login(
    context: typer.Context,
    skip_check: Annotated[
        bool, typer.Option("--no-check", help="Store the key without trying it on Lago.")
    ] = False,
) -> None:
    """Store the Lago API key: asked for without echo, or read from standard input.

    Example: lago-ns auth login < key.txt
    """
    from datetime import UTC, datetime

    from lago_ns_cli.cli.render import clean, say
    from lago_ns_cli.cli.wiring import open_credentials
    from lago_ns_cli.domain.secrets import SecretName
    from lago_ns_cli.redaction import Secret

    credentials = open_credentials(context.obj)
    key = _read_key()
    if not skip_check:
        say(f"Lago knows the key: organization {clean(_try_key(context, key))}")
    credentials.store(SecretName.LAGO_API_KEY, Secret(key), datetime.now(UTC))
    say("the Lago API key is in the keyring")


def _read_key() -> str:
    import getpass
    import sys

    from lago_ns_cli.errors import ConfigError

    key = getpass.getpass("Lago API key: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not key.strip():
        raise ConfigError("No key was given.", hint="Type it at the prompt, or pipe it in.")
    return key.strip()


def _try_key(context: typer.Context, key: str) -> str:
    import asyncio

    from lago_ns_cli.cli.wiring import effective_settings
    from lago_ns_cli.lago.client import LagoClient

    async def ask() -> str:
        client = LagoClient(effective_settings(context.obj).settings.lago.base_url, key)
        try:
            return (await client.organization()).name
        finally:
            await client.aclose()

    return asyncio.run(ask())


@app.command("status")
def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show which secrets are there and where from, never what they are; exit 1 if one is missing.

    Example: lago-ns auth status
    """
    from lago_ns_cli.cli.exit_codes import ExitCode
    from lago_ns_cli.cli.render import write_json, write_table
    from lago_ns_cli.cli.wiring import Basics
    from lago_ns_cli.domain.secrets import SecretName

    basics = Basics(context.obj)
    needed = _needed(basics.settings.netsuite.auth)
    if basics.settings.announce.url is not None:
        needed += (SecretName.ANNOUNCE_SECRET,)
    found = [basics.credentials.status(name) for name in needed]
    missing = sum(one.where is None for one in found)
    if as_json:
        for one in found:
            write_json(
                {
                    "event": "secret",
                    "name": one.name.value,
                    "where": one.where,
                    "stored_at": one.stored_at.isoformat() if one.stored_at else None,
                }
            )
        write_json({"event": "summary", "missing": missing})
    else:
        write_table(
            ("secret", "where", "stored"),
            [
                (one.name.value, one.where or f"missing (set {one.name.variable})", one.stored_at or "")
                for one in found
            ],
        )
    if missing:
        raise typer.Exit(ExitCode.ATTENTION)


def _needed(auth: str) -> tuple:  # type: ignore[type-arg]
    from lago_ns_cli.domain.secrets import SecretName

    if auth == "tba":
        return (
            SecretName.LAGO_API_KEY,
            SecretName.CONSUMER_KEY,
            SecretName.CONSUMER_SECRET,
            SecretName.TOKEN_ID,
            SecretName.TOKEN_SECRET,
        )
    return (
        SecretName.LAGO_API_KEY,
        SecretName.CLIENT_ID,
        SecretName.CERTIFICATE_ID,
        SecretName.PRIVATE_KEY,
    )
