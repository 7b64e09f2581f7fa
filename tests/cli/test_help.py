"""Help texts: whole, complete, and true to the README."""

import os
import re
from itertools import takewhile
from pathlib import Path

import pytest

from tests.cli import commands, reference
from tests.cli.terminal import UPDATE, check_golden, run

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text("utf-8")
FENCE = re.compile(r"^```(?:sh|console|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def readme_lines() -> list[str]:
    """Every call of the program within the README's fenced blocks, a line each."""
    lines = (line for block in FENCE.findall(README) for line in block.splitlines())
    parts = (part.strip().removeprefix("$ ") for line in lines for part in re.split(r"&&|;", line))
    return [part for part in parts if re.match(r"\S*\blago-ns(\s|$)", part)]


def readme_mentions() -> list[str]:
    """Calls in running text: the words of each up to an ellipsis or a placeholder."""
    found = []
    for text in re.findall(r"`(lago-ns [^`]+)`", README):
        words = takewhile(lambda word: word != "…" and not word.isupper(), text.split())
        found.append(" ".join(words))
    return found


@pytest.mark.parametrize("path", sorted(commands.tree()), ids=" ".join)
def test_help_says_what_it_always_said(path: tuple[str, ...]) -> None:
    """Each help text is compared whole; see LAGO_NS_UPDATE_GOLDEN in ``terminal`` for wanted changes."""
    result = run(*path, "--help")

    assert (0, "") == (result.code, result.err)
    check_golden(f"help/{'-'.join(path) or 'lago-ns'}.txt", result.out)


@pytest.mark.parametrize("path", sorted(commands.tree()), ids=" ".join)
def test_every_command_and_option_has_help(path: tuple[str, ...]) -> None:
    """No command, option or argument without a sentence that explains it."""
    command = commands.tree()[path]

    assert command.help
    assert [] == [parameter.name for parameter in command.params if not getattr(parameter, "help", None)]


@pytest.mark.parametrize("path", sorted(commands.leaves()), ids=" ".join)
def test_every_command_shows_an_example_that_parses(path: tuple[str, ...]) -> None:
    """The Example line of a help text names that command and options it has."""
    command = commands.tree()[path]
    example = re.search(r"^\s*Example: (lago-ns .*)$", command.help, re.MULTILINE)

    assert example is not None
    found, options = commands.parse(example[1].replace("<", "").replace(">", ""))
    assert path == found
    assert options <= commands.options_of(command)


def test_the_page_of_commands_is_what_the_program_says() -> None:
    """``docs/commands.md`` names every command, argument and option; see LAGO_NS_UPDATE_GOLDEN."""
    page = ROOT / "docs" / "commands.md"
    if UPDATE in os.environ:
        page.write_text(reference.page(), "utf-8")

    assert reference.page() == page.read_text("utf-8")


def test_every_command_stands_in_the_readme() -> None:
    """Whoever reads the README knows what there is."""
    for path in commands.leaves():
        words = [" ".join(path[:length]) for length in (len(path), 2, 1)]
        assert any(f"`{word}" in README for word in words), path


@pytest.mark.parametrize("line", readme_lines())
def test_a_call_in_the_readme_parses(line: str) -> None:
    """Commands and options in the README's blocks exist."""
    path, options = commands.parse(line)

    assert options <= commands.options_of(commands.tree()[path])
    assert 0 == run(*path, "--help").code


@pytest.mark.parametrize("line", readme_mentions())
def test_a_call_mentioned_in_the_readme_exists(line: str) -> None:
    """Also those in running text."""
    path, options = commands.parse(line)

    assert options <= commands.options_of(commands.tree()[path])


def test_the_readme_has_calls_to_look_at() -> None:
    """The two tests above are not empty."""
    assert len(readme_lines()) > 5
    assert len(readme_mentions()) > 3
