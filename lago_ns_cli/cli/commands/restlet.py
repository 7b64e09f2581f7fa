"""``lago-ns restlet``: the script that runs in NetSuite."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lago_ns_cli.cli.exit_codes import ExitCode
    from lago_ns_cli.domain.exchange import Ping

app = typer.Typer(help="The RESTlet that runs in NetSuite.", no_args_is_help=True)


@app.command("export")
def export(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where the SDF project goes.")],
    force: Annotated[bool, typer.Option(help="Write into a folder that is not empty.")] = False,
) -> None:
    """Write the SDF project out, ready for `suitecloud project:deploy`.

    Example: lago-ns restlet export lago-netsuite
    """
    from lago_ns_cli.cli.render import say, write_line
    from lago_ns_cli.netsuite.suitescript import export_project

    for path in export_project(directory, force=force):
        write_line(str(path))
    say(f"next: cd {directory}, then follow README.md there (suitecloud project:deploy)")


@app.command("status")
def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Ask the deployed script who it is, and what its role and the account lack.

    Exit 1 if an older script is deployed than this program brings, 3 if permissions are missing, 2 if fields are.

    Example: lago-ns restlet status
    """
    import asyncio

    from lago_ns_cli.cli.exit_codes import worst
    from lago_ns_cli.cli.wiring import open_netsuite_alone
    from lago_ns_cli.netsuite.suitescript import script_version

    async def run() -> "Ping":
        async with open_netsuite_alone(context.obj) as netsuite:
            return await netsuite.ping()

    ping, packaged = asyncio.run(run()), script_version()
    _tell(ping, packaged, as_json=as_json)
    if code := worst(_codes(ping, packaged)):
        raise typer.Exit(code)


def _codes(ping: "Ping", packaged: str) -> "Iterator[ExitCode]":
    from lago_ns_cli.cli.exit_codes import ExitCode
    from lago_ns_cli.domain.diagnosis.netsuite_access import version_of

    if ping.missing_fields:
        yield ExitCode.CONFIG
    if ping.missing_permissions:
        yield ExitCode.AUTH
    if version_of(ping.script_version) < version_of(packaged):
        yield ExitCode.ATTENTION


def _tell(ping: "Ping", packaged: str, *, as_json: bool) -> None:
    from lago_ns_cli.cli.render import write_json, write_line, write_table

    lacking = {"missing_permissions": ping.missing_permissions, "missing_fields": ping.missing_fields}
    facts: dict[str, object] = {
        "account": ping.account,
        "environment": ping.environment,
        "role": ping.role,
        "script_version": ping.script_version,
        "packaged_version": packaged,
        "features": dict(ping.features),
        **lacking,
    }
    if as_json:
        write_json({"event": "summary", **facts})
        return
    features = [name for name, on in ping.features.items() if on]
    rows = {
        **facts,
        "features": ", ".join(features),
        **{name: ", ".join(names) or "none" for name, names in lacking.items()},
    }
    write_table(("what", "is"), [(name.replace("_", " "), value) for name, value in rows.items()])
    missing = sum(map(len, lacking.values()))
    write_line(f"summary: script {ping.script_version} in {ping.account}; {missing} missing")
