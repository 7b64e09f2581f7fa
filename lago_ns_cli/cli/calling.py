"""Naming the next command so that it works when it is pasted: with the file and the profile of this one."""

import re
import sys
from collections.abc import Sequence
from shlex import quote

_CARRIED = ("--config", "--profile")
_WITH_VALUE = (*_CARRIED, "--log-file")


def as_called(text: str, arguments: Sequence[str] | None = None) -> str:
    """Put what this run was given before its command into the commands that a text names.

    Without it, a hint that is pasted would act on another profile than the one that it is about. What came
    from variables still stands in the shell.

    Args:
        arguments: Those of this run, by default.
    """
    given = _given(sys.argv[1:] if arguments is None else arguments)
    return _calls().sub(f"lago-ns {given} ".replace("\\", r"\\"), text) if given else text


def _calls() -> re.Pattern[str]:
    from lago_ns_cli.cli.app import COMMANDS

    return re.compile(rf"\blago-ns (?=(?:{'|'.join(COMMANDS)})\b)")


def _given(arguments: Sequence[str]) -> str:
    words = iter(arguments)
    found: list[str] = []
    for word in words:
        if not word.startswith("-"):
            break
        name, joined, value = word.partition("=")
        if name in _WITH_VALUE:
            value = value if joined else next(words, "")
        if name in _CARRIED:
            found += [name, quote(value)]
    return " ".join(found)
