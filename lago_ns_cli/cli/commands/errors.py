"""``lago-ns errors``: what a code means and what to do about it."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lago_ns_cli.domain.error_catalogue import CatalogueRow

_CLASSES = {
    "retry": "the program tries again by itself, a bounded number of times",
    "wait": "the program looks again by itself when something else has happened",
    "hold": "a person has to mend something; the other documents go on",
    "stop": "every call would fail alike, so the run ends",
    "note": "nothing is wrong",
}


def errors(
    codes: Annotated[
        list[str] | None, typer.Argument(metavar="[CODE]...", help="Only these codes, in full.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="The whole catalogue as a page of Markdown.")
    ] = False,
) -> None:
    """Tell what an error code means, what to do, and whether the program tries again by itself.

    Example: lago-ns errors INVALID_KEY_OR_REF
    """
    from lago_ns_cli.cli.render import write_json, write_line, write_table
    from lago_ns_cli.domain.error_catalogue import catalogue

    if markdown:
        write_line(markdown_page().rstrip("\n"))
        return
    rows = [_known(code) for code in codes] if codes else list(catalogue())
    if as_json:
        for row in rows:
            write_json(_event(row))
        write_json({"event": "summary", "codes": len(rows)})
    elif codes:
        write_line("\n\n".join(_whole(row) for row in rows))
    else:
        write_table(
            ("code", "from", "class", "meaning"),
            [(row.code, row.origin, row.disposition, row.meaning) for row in rows],
        )


def _known(code: str) -> "CatalogueRow":
    from lago_ns_cli.domain.error_catalogue import find, suggest
    from lago_ns_cli.errors import ConfigError

    row = find(code) or find(code.upper()) or find(code.lower())
    if row is not None:
        return row
    near = suggest(code)
    raise ConfigError(
        f"The catalogue has no code {code!r}" + (f"; did you mean {', '.join(near)}?" if near else "."),
        hint=f"lago-ns errors {near[0]}"
        if near
        else "lago-ns errors lists all codes; a bundle in the account "
        "may bring names of its own, and their messages say what is wrong.",
        code="code_unknown",
    )


def _event(row: "CatalogueRow") -> dict[str, object]:
    return {
        "event": "error_code",
        "code": row.code,
        "origin": row.origin.value,
        "family": row.family.value,
        "meaning": row.meaning,
        "action": row.action,
        "command": row.command,
        "class": row.disposition.value,
        "burns_attempt": row.burns_attempt,
        "resend_safe": row.resend_safe,
    }


def _whole(row: "CatalogueRow") -> str:
    from lago_ns_cli.cli.render import clean

    parts = (
        ("code", f"{clean(row.code)} ({row.origin})"),
        ("meaning", row.meaning),
        ("to do", row.action),
        ("next", row.command_for("ID") or "–"),
        ("class", f"{row.disposition}: {_CLASSES[row.disposition]}"),
        ("attempts", _attempts(row)),
        ("re-sending", _resending(row)),
    )
    return "\n".join(f"{name + ':':<12}{text}" for name, text in parts)


def _attempts(row: "CatalogueRow") -> str:
    return "counts against the document's attempts" if row.burns_attempt else "does not count as an attempt"


def _resending(row: "CatalogueRow") -> str:
    return "safe: nothing was saved" if row.resend_safe else "only after a look-up: a record may be there"


def markdown_page() -> str:
    """Write the catalogue as a page: a section for each source, a row for each group of codes."""
    from lago_ns_cli.domain.error_catalogue import Origin, catalogue

    parts = [_HEAD]
    for origin in Origin:
        rows = [row for row in catalogue() if row.origin is origin]
        parts.append(f"\n## {_TITLES[origin.value]}\n\n{_TABLE_HEAD}\n")
        parts += [f"{line}\n" for line in _markdown_rows(rows)]
    return "".join(parts)


_HEAD = f"""# Error codes

Every code that `lago-ns` can show, what it means and what to do. `lago-ns errors CODE` prints one of them, and
`lago-ns errors --markdown` this page. `lago-ns status` shows which documents are concerned.

The class says what happens by itself:

{"".join(f"- **{name}**: {text}{chr(10)}" for name, text in _CLASSES.items())}
Attempts: whether the failure counts against the bounded number of attempts of a document. Re-sending: whether
sending the document again cannot make a second record; where it could, it is looked up first. In the commands,
`ID` stands for the document's id. A `*` in a code stands for any text.
"""
_TITLES = {
    "NetSuite": "NetSuite's codes",
    "RESTlet": "The RESTlet's codes",
    "Lago": "Lago's codes",
    "lago-ns": "This program's codes",
}
_TABLE_HEAD = (
    "| codes | meaning | what to do | next command | class | counts as attempt | re-sending safe |\n"
    "|---|---|---|---|---|---|---|"
)


def _markdown_rows(rows: "Iterable[CatalogueRow]") -> list[str]:
    groups: dict[tuple[object, ...], list[str]] = {}
    for row in rows:
        next_command = row.command_for("ID")
        told = (
            row.meaning,
            row.action,
            f"`{next_command}`" if next_command else "–",
            row.disposition,
            "yes" if row.burns_attempt else "no",
            "yes" if row.resend_safe else "look up first",
        )
        groups.setdefault(told, []).append(f"`{row.code}`")
    return [
        "| " + " | ".join((" ".join(codes), *(str(part).replace("|", "\\|") for part in told))) + " |"
        for told, codes in groups.items()
    ]
