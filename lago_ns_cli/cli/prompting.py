"""Asking a person. Questions go to stderr, answers come from the terminal; where there is none, nothing is asked."""

import getpass
import shutil
import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lago_ns_cli.cli.render import clean, say
from lago_ns_cli.errors import ConfigError, LagoNsError
from lago_ns_cli.redaction import KNOWN, Secret

AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class Option:
    """One of several answers: what is kept, and a sentence that explains it."""

    value: str
    told: str


def tell(text: str, *, indent: int = 0) -> None:
    """Say something on stderr, folded to the width of the terminal; further lines are indented."""
    width = max(40, shutil.get_terminal_size().columns - 1) if sys.stderr.isatty() else 10_000
    for line in textwrap.wrap(clean(text), width, subsequent_indent=" " * indent, break_on_hyphens=False):
        say(line)


def on_terminal() -> bool:
    """Tell whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(
    question: str, read: Callable[[str], AnswerT], default: str | None = None, *, empty: str | None = None
) -> AnswerT:
    """Ask until an answer can be read; what is wrong with one is told at once.

    Args:
        read: Reads an answer; raises ``ValueError`` or ``LagoNsError`` with what is wrong.
        default: Taken where nothing is typed.
        empty: Says what an empty answer means, where it means something.

    Raises:
        ConfigError: The input ended.
    """
    shown = f" [{default}]" if default is not None else f" [{empty}]" if empty is not None else ""
    while True:
        answer = _line(f"{question}{shown}: ").strip() or default or ""
        if not answer and empty is None:
            say("  Please type an answer.")
            continue
        try:
            return read(answer)
        except (ValueError, LagoNsError) as error:
            _tell(error)


def choose(question: str, options: Sequence[Option], default: str | None = None) -> str:
    """Let one of several answers be chosen, by its number or its word."""
    tell(question)
    for number, option in enumerate(options, 1):
        tell(f"  {number}  {option.told}", indent=5)
    values = [option.value for option in options]

    def read(answer: str) -> str:
        if answer in values:
            return answer
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(values):
            return values[int(answer) - 1]
        raise ValueError(f"Type a number from 1 to {len(values)}.")

    shown = None if default not in values else str(values.index(default) + 1)
    return ask("Your choice", read, shown)


def ask_secret(label: str, *, optional: str | None = None) -> Secret | None:
    """Ask for a secret without showing what is typed.

    Args:
        optional: Says what an empty answer means, where one is allowed; None is given then.

    Raises:
        ConfigError: The input ended.
    """
    shown = f" ({optional})" if optional else ""
    while True:
        try:
            typed = getpass.getpass(f"{label}, not shown{shown}: ", stream=sys.stderr).strip()
        except EOFError as error:
            raise _ended() from error
        if typed:
            secret = Secret(typed)
            KNOWN.learn(secret)  # also one that is going to be refused
            return secret
        if optional is not None:
            return None
        say("  Nothing was typed. Paste it, then press Enter.")


def need_secret(label: str) -> Secret:
    """Ask for a secret that must be given."""
    secret = ask_secret(label)
    assert secret is not None, "without `optional` it asks on"
    return secret


def confirm(question: str, *, default: bool) -> bool:
    """Ask for yes or no."""
    words = {"y": True, "yes": True, "n": False, "no": False}

    def read(answer: str) -> bool:
        if answer.lower() not in words:
            raise ValueError("Type y or n.")
        return words[answer.lower()]

    return ask(question, read, "y" if default else "n")


def _line(prompt: str) -> str:
    print(prompt, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise _ended()
    return line


def _ended() -> ConfigError:
    return ConfigError("The input ended before all questions were answered.", code="unanswered")


def _tell(error: Exception) -> None:
    message = error.message if isinstance(error, LagoNsError) else str(error)
    tell(f"  {message}", indent=2)
    if isinstance(error, LagoNsError) and error.hint:
        tell(f"  hint: {error.hint}", indent=2)
