"""``docs/commands.md``, written from the program's own parser."""

import re
from collections.abc import Iterator
from typing import Any

from tests.cli import commands

_INTRODUCTION = """\
# Commands

Every command with its arguments and options, as `--help` tells them. `--config`, `--profile`, `-v`, `-q` and `--log-file` stand
before the command. Data goes to stdout, everything else to stderr; `--json` gives one JSON object a line, the last one a summary.
"""


def page() -> str:
    """Write the page."""
    tree = commands.tree()
    parts = [_INTRODUCTION, _section((), tree[()])]
    parts += [_section(path, tree[path]) for path in sorted(tree) if path]
    return "\n".join(parts)


def _section(path: commands.Path, command: Any) -> str:
    title = f"## `lago-ns {' '.join(path)}`" if path else "## Before every command"
    lines = [title, "", *(() if not path else _paragraphs(command.help))]
    rows = list(_rows(command))
    if rows:
        lines += ["| option or argument | meaning |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", text.replace("\b", "").strip()):
        told = " ".join(paragraph.split())
        example = re.match(r"Example: (lago-ns .*)", told)
        yield f"Example: `{example[1]}`" if example else _plain(told)
        yield ""


def _rows(command: Any) -> Iterator[str]:
    for parameter in command.params:
        if parameter.name == "help" or getattr(parameter, "hidden", False):
            continue
        yield f"| {_name(parameter)} | {_plain(parameter.help)} |"


def _name(parameter: Any) -> str:
    metavar = parameter.metavar or ""
    if parameter.param_type_name == "argument":
        return f"`{metavar or parameter.name.upper()}`"
    takes = "" if parameter.is_flag or parameter.count else f" {metavar or parameter.type.name.upper()}"
    return ", ".join(f"`{spelling}{takes}`" for spelling in (*parameter.opts, *parameter.secondary_opts))


def _plain(text: str) -> str:
    """Keep placeholders and bars from being read as markup."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
