"""``lago-ns restlet``: the script that runs in NetSuite."""

from pathlib import Path
from typing import Annotated

import typer

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
