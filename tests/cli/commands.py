"""The program's commands, as its own parser knows them."""

import shlex
from collections.abc import Iterator
from typing import Any

import typer.main

from lago_ns_cli.cli.app import app

Path = tuple[str, ...]


def tree() -> dict[Path, Any]:
    """Every command and group by the words that lead to it, the root included."""
    return dict(_walk((), typer.main.get_command(app)))


def _walk(path: Path, command: Any) -> Iterator[tuple[Path, Any]]:
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from _walk((*path, name), child)


def leaves() -> list[Path]:
    """The commands that do something."""
    return [path for path, command in tree().items() if not hasattr(command, "commands")]


def options_of(command: Any) -> set[str]:
    """The spellings of a command's options."""
    return {
        spelling
        for parameter in command.params
        for spelling in (*parameter.opts, *parameter.secondary_opts)
        if spelling.startswith("-")
    } | {"--help", "-h"}


def parse(line: str) -> tuple[Path, set[str]]:
    """Find the command in a line of shell, and the options that stand behind it.

    Raises:
        KeyError: There is no such command, or no such option before it.
    """
    known = tree()
    words = shlex.split(line, comments=True)
    words = words[next(at for at, word in enumerate(words) if word.endswith("lago-ns")) + 1 :]
    path: Path = ()
    while words and hasattr(known[path], "commands"):
        word = words.pop(0)
        if word.startswith("-"):
            option = next(one for one in known[path].params if word in one.opts)
            if not (option.is_flag or option.count):
                words.pop(0)
            continue
        path = (*path, word)
    return path, {word.split("=", 1)[0] for word in words if word.startswith("-") and word != "-"}
