"""The figures as a table for people and as JSON for programs."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from benchmarks.figures import Figure

_SIGNS = {"at least": "≥", "at most": "≤"}
_MET = {True: "yes", False: "NO", None: ""}
_HEAD = ("figure", "measured", "goal", "met", "what bounds it")


def render(results: Mapping[str, Sequence[Figure]]) -> str:
    """Write a table in Markdown, its columns aligned, and the machine under it."""
    rows = [_row(figure) for figures in results.values() for figure in figures]
    widths = [max(map(len, column)) for column in zip(_HEAD, *rows, strict=True)]
    lines = [_HEAD, tuple("-" * width for width in widths), *rows]
    table = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines]
    return "\n".join([*table, "", machine()])


def line(figure: Figure) -> str:
    """A figure on a line of its own, while others are still measured."""
    name, measured, goal, met, bound = _row(figure)
    return " ".join(part for part in (f"{name}:", measured, goal and f"({goal})", met, bound) if part)


def as_json(results: Mapping[str, Sequence[Figure]]) -> dict[str, object]:
    """The same, with the numbers behind each figure."""
    told = {
        name: [{**asdict(figure), "met": figure.met} for figure in figures]
        for name, figures in results.items()
    }
    return {"machine": machine(), "figures": told}


def machine() -> str:
    """Say on what the figures were measured."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, {python}"


def _row(figure: Figure) -> tuple[str, ...]:
    measured = "" if figure.measured is None else _number(figure.measured)
    goal = "" if figure.goal is None else f"{_SIGNS[figure.sense]} {_number(figure.goal)}"
    return figure.name, measured, goal, _MET[figure.met], figure.bound.replace("|", "/").replace("\n", " ")


def _number(value: float) -> str:
    if isinstance(value, int) or (value == round(value) and abs(value) >= 1):
        return f"{value:.0f}"
    return f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"
