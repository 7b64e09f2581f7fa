"""What is answered before the program is loaded is what the program itself would answer."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lago_ns_cli.cli import quick
from tests.cli import commands
from tests.cli.terminal import Result, process, run


def asking(shell: str, line: str) -> dict[str, str]:
    """The environment in which a shell's completion script asks about a line."""
    return {
        "_LAGO_NS_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split()) - (0 if line.endswith(" ") else 1)),
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }


def quickly(environment: dict[str, str], *arguments: str) -> Result:
    """The answer without the program."""
    answered = quick.answer([*arguments], environment)
    assert answered is not None
    return Result(answered[1], answered[0], "")


def lines() -> list[str]:
    """Lines that end where each command, and each of its options, may begin or be complete."""
    found = ["lago-ns -vv sy", "lago-ns sync invoice a b --json -- "]
    for path, command in commands.tree().items():
        start = " ".join(["lago-ns", *path])
        found += [f"{start} ", f"{start} -", f"{start} --j", f"{start} x", f"{start} -- "]
        for option in command.params:
            *_, name = option.opts
            if option.param_type_name == "argument" or name == "--version":
                continue
            if getattr(option, "is_flag", False) or getattr(option, "count", False):
                found.append(f"{start} {name} --")
            else:
                found += [f"{start} {name} ", f"{start} {name} x --", f"{start} {name}="]
    return found


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_are_those_of_the_parser(shell: str) -> None:
    """Typer, asked about the same lines, is the oracle; in bash there are no descriptions."""
    asked = lines()
    for line in asked if shell == "fish" else asked[::5]:
        environment = asking(shell, line)

        # Typer lays descriptions out for the terminal, and breaks those that are wider.
        slow = run(environment={**environment, "COLUMNS": "1000"}).out

        assert (line, _offers(slow)) == (line, _offers(quickly(environment).out))


def _offers(text: str) -> set[str]:
    """What is offered, without Typer's order of ``-h`` and ``--help``, which is that of a set, and
    without what stands in brackets, which Typer takes for markup and drops."""
    shown = re.sub(r"^_arguments '\*: :\(\(|\)\)'$|\[[^\]]*\]", "", text.rstrip("\n"))
    return set(shown.split("\n"))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_those_of_the_parser(shell: str) -> None:
    """They name the program and its variable."""
    environment = {"_LAGO_NS_COMPLETE": f"source_{shell}"}

    assert run(environment=environment).out == quickly(environment).out


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["-h"]], ids=" ".join)
def test_answers_are_those_of_the_program(arguments: list[str]) -> None:
    """Whichever of the two answers."""
    assert run(*arguments).out == quickly({"COLUMNS": "80"}, *arguments).out


def test_a_narrow_terminal_gets_a_help_that_fits() -> None:
    """The outline's help is for 80 columns; for fewer the program lays it out."""
    assert quick.answer(["--help"], {"COLUMNS": "60"}) is None
    assert 60 > max(len(line) for line in process("--help", environment={"COLUMNS": "60"}).lines)


@pytest.mark.parametrize(
    ("shell", "line"),
    [("bash", 'lago-ns sync "in'), ("zsh", "lago-ns sync in\\"), ("powershell", "lago-ns sy")],
)
def test_what_needs_a_real_parser_is_left_to_it(shell: str, line: str) -> None:
    """Quotes on the line, and shells that are not known."""
    assert quick.answer([], asking(shell, line)) is None


@pytest.mark.parametrize(
    "arguments", [[], ["status"], ["--help", "x"], ["--version", "--help"], ["-V"]], ids=" ".join
)
def test_everything_else_goes_to_the_program(arguments: list[str]) -> None:
    """Only what is known to the letter is answered here."""
    assert quick.answer(arguments, {}) is None


def test_nothing_follows_a_word_that_is_no_command() -> None:
    """Typer would offer the commands once more."""
    assert "\n" == quickly(asking("bash", "lago-ns nothing ")).out


def test_fish_is_told_whether_there_is_anything() -> None:
    """It asks before it shows; with nothing to show it offers files."""
    asked = {"_TYPER_COMPLETE_FISH_ACTION": "is-args"}

    assert 0 == quickly({**asking("fish", "lago-ns sy"), **asked}).code
    assert 1 == quickly({**asking("fish", "lago-ns restlet export "), **asked}).code


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_an_output_that_takes_nothing_ends_in_words() -> None:
    """A full disk: one line, no traceback."""
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "lago_ns_cli", "--version"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert (1, b"error: standard output: No space left on device\n") == (ended.returncode, ended.stderr)
