"""Writes ``lago_ns_cli/cli/outline.py`` from the program's own parser."""

import re
from collections.abc import Iterator
from typing import Any

from tests.cli import commands
from tests.cli.terminal import run

SHELLS = ("bash", "zsh", "fish")

HEAD = '''"""The command line in outline: what is answered before the program is loaded.

Generated from the program's own parser, and held equal to it by ``tests/cli/test_completions.py``, which
also writes it anew (see LAGO_NS_UPDATE_GOLDEN in CONTRIBUTING.md).
"""

Parameter = tuple[str, str, str, str]
"""Spellings of an option (none: an argument), what it takes (``flag``, ``value``, ``values``: given
more than once), the choices there are, what it means."""

'''


def outline() -> str:
    """The module's text."""
    parts = [HEAD, f'HELP = """\\\n{run("--help").out}"""\n', "\nSCRIPTS = {\n"]
    parts += [f"    {shell!r}: {_script(shell)!r},\n" for shell in SHELLS]
    parts += ["}\n\nCOMMANDS: dict[str, tuple[str, tuple[Parameter, ...]]] = {\n"]
    for path, command in commands.tree().items():
        parts += [f"    {' '.join(path)!r}: (\n        {command.get_short_help_str()!r},\n        (\n"]
        parts += [f"            {parameter!r},\n" for parameter in _parameters(command)]
        parts += ["        ),\n    ),\n"]
    return "".join([*parts, "}\n"])


def _script(shell: str) -> str:
    return run(environment={"_LAGO_NS_COMPLETE": f"source_{shell}"}).out


def _parameters(command: Any) -> Iterator[tuple[str, str, str, str]]:
    context = command.make_context("lago-ns", [], resilient_parsing=True, help_option_names=["-h", "--help"])
    for one in command.get_params(context):
        if getattr(one, "hidden", False):
            continue
        spellings = (
            sorted([*one.opts, *one.secondary_opts], key=len) if one.param_type_name == "option" else []
        )
        yield " ".join(spellings), _takes(one), " ".join(_choices(one)), _meaning(one)


def _takes(one: Any) -> str:
    if getattr(one, "is_flag", False) or getattr(one, "count", False):
        return "flag"
    return "values" if one.multiple or one.nargs == -1 else "value"


def _choices(one: Any) -> list[str]:
    return [str(choice) for choice in getattr(one.type, "choices", ())]


def _meaning(one: Any) -> str:
    return re.sub(r"\s", " ", one.help or "").strip()
