"""``lago-ns map suggest``: proposals for rows that are missing; a person decides."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lago_ns_cli.cli.globals import Globals
    from lago_ns_cli.domain.suggesting import Candidate, Suggestion


def suggest(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Also for objects that an item by type serves.")
    ] = False,
    most: Annotated[int, typer.Option("--most", metavar="N", min=1, max=20, help="Candidates for each.")] = 3,
    min_score: Annotated[
        int | None,
        typer.Option(
            "--min-score", metavar="N", min=0, max=100, help="Leave out candidates below this score."
        ),
    ] = None,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes", help="Write what is exact and unambiguous; needs --min-score, never writes taxes."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line; asks nothing.")] = False,
) -> None:
    """Propose rows by code, name and history, with a score and reasons.

    On a terminal each is asked about; elsewhere they are only listed. With --yes, what is the same
    to the letter is written; what merely resembles, and every tax, is left to a person.

    Example: lago-ns map suggest --all
    """
    from dataclasses import replace

    from lago_ns_cli.cli.prompting import on_terminal
    from lago_ns_cli.cli.wiring import load_catalogs, open_mappings
    from lago_ns_cli.domain.suggesting import suggest as propose

    if yes and min_score is None:
        raise typer.BadParameter("--yes needs --min-score: say how sure is sure enough, as --min-score 100")
    mappings = open_mappings(context.obj).mappings
    lago, netsuite = load_catalogs(context.obj)
    least = 0 if yes or min_score is None else min_score
    suggestions = [
        replace(one, candidates=tuple(found for found in one.candidates if found.score >= least))
        for one in propose(mappings, lago, netsuite, everything=everything, most=most)
    ]
    written: list[tuple[Suggestion, Candidate]] = []
    if yes:
        chosen = [(one, sure) for one in suggestions if (sure := one.sure(min_score or 0)) is not None]
        written = _write(context.obj, chosen)
        _list([one for one in suggestions if one not in [done for done, _ in written]], as_json=as_json)
    elif as_json or not on_terminal():
        _list(suggestions, as_json=as_json)
    else:
        for one in suggestions:
            picked = _ask(one)
            written += _write(context.obj, [] if picked is None else [(one, picked)])
    _tell(written, suggestions, as_json=as_json)


def _write(
    options: "Globals", chosen: "list[tuple[Suggestion, Candidate]]"
) -> "list[tuple[Suggestion, Candidate]]":
    from lago_ns_cli.cli.wiring import edit_mappings
    from lago_ns_cli.domain.mapping import Mappings
    from lago_ns_cli.domain.suggesting import accept

    def change(mappings: Mappings) -> Mappings:
        for suggestion, candidate in chosen:
            mappings = accept(mappings, suggestion, candidate)
        return mappings

    if chosen:
        edit_mappings(options, change)
    return chosen


def _ask(suggestion: "Suggestion") -> "Candidate | None":
    """Let a person choose; nothing is the default."""
    from lago_ns_cli.cli.prompting import Option, choose
    from lago_ns_cli.cli.render import clean, say

    question = f"{suggestion.table}: {clean(suggestion.lago)} ({clean(suggestion.name)})"
    if not suggestion.candidates:
        say(f"{question}: nothing in NetSuite resembles it")
        return None
    say("")
    skip = Option("skip", "none of these")
    options = [
        Option(one.id, f"{one.id} {clean(one.name)}: {one.score}, {clean('; '.join(one.reasons))}")
        for one in suggestion.candidates
    ]
    answer = choose(question, [*options, skip], "skip")
    return next((one for one in suggestion.candidates if one.id == answer), None)


def _list(suggestions: "list[Suggestion]", *, as_json: bool) -> None:
    from dataclasses import asdict

    from lago_ns_cli.cli.render import write_json, write_table

    if as_json:
        for one in suggestions:
            write_json({"event": "suggestion", **asdict(one)})
        return
    rows: list[tuple[object, ...]] = []
    for one in suggestions:
        rows += [
            (one.table, one.lago, found.id, found.name, found.score, "; ".join(found.reasons))
            for found in one.candidates
        ] or [(one.table, one.lago, "–", "", "", "nothing resembles it")]
    if rows:
        write_table(("table", "lago", "netsuite", "name", "score", "why"), rows)


def _tell(
    written: "list[tuple[Suggestion, Candidate]]", suggestions: "list[Suggestion]", *, as_json: bool
) -> None:
    from lago_ns_cli.cli.render import clean, say, write_json, write_line

    for suggestion, candidate in written:
        told = f"{clean(suggestion.lago)} → {candidate.id} {clean(candidate.name)}"
        if as_json:
            write_json(
                {"event": "row", "table": suggestion.table, "lago": suggestion.lago, "to": candidate.id}
            )
        else:
            say(f"written: {told} ({clean('; '.join(candidate.reasons))})")
    left = len(suggestions) - len(written)
    if as_json:
        write_json(
            {"event": "summary", "suggestions": len(suggestions), "written": len(written), "left": left}
        )
    else:
        write_line(
            f"summary: {len(suggestions)} rows missing, {len(written)} written, {left} left to a person"
        )
