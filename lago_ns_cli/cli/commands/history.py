"""``lago-ns history``: the last runs."""

from typing import Annotated

import typer


def history(
    context: typer.Context,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="The last so many.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show the last runs: when, how long, what they did, how they ended.

    Only the ledger is read. Exit 1 if the last run failed, or did not come to its end.

    Example: lago-ns history --limit 50
    """
    from lago_ns_cli.cli.basics import open_to_look
    from lago_ns_cli.cli.exit_codes import ExitCode
    from lago_ns_cli.cli.run_lines import summary_of, write_run_events, write_runs
    from lago_ns_cli.cli.writing import write_json, write_line
    from lago_ns_cli.domain.run_record import RunEnd

    with open_to_look(context.obj) as ledger:
        runs = ledger.runs(limit)
    if as_json:
        write_run_events(runs)
        write_json(
            {
                "event": "summary",
                "runs": len(runs),
                "writes": sum(run.writes for run in runs),
                "failed": sum(run.ended is RunEnd.FAILED for run in runs),
            }
        )
    else:
        if runs:
            write_runs(runs)
        write_line(summary_of(runs))
    if runs and runs[0].ended is not RunEnd.COMPLETE:
        raise typer.Exit(ExitCode.ATTENTION)
