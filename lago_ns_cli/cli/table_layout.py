"""Laying a table out for a terminal: numbers to the right, and no word cut while a line can hold it."""

import os
import re
from collections.abc import Sequence
from typing import Literal, TextIO

_BETWEEN = 2
"""Columns are this far apart, as Rich sets them in ``SIMPLE_HEAD``; it also keeps one at each edge."""
_INDENT = "   "
"""Before what goes on of a row that stands by itself."""

_NUMBER = re.compile(r"[+-]?[\d,]+(\.\d+)?( [A-Z]{3}| s)?|–?")


def print_table(headers: Sequence[str], rows: Sequence[Sequence[str]], stream: TextIO) -> None:
    """Print rows below their headers; where the words have no room side by side, a row after the other.

    A document number or an amount that is cut in two is of no use to who wants to copy it.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(no_color="NO_COLOR" in os.environ, highlight=False, file=stream)
    columns = [[row[place] if place < len(row) else "" for row in rows] for place in range(len(headers))]
    widths = fitting(headers, columns, console.width)
    if widths is None:
        for row in (headers, *rows):
            for line in row_lines(row, console.width):
                print(line, file=stream)
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for header, cells, width in zip(headers, columns, widths, strict=True):
        justify: Literal["left", "right"] = "right" if _numbers(cells) else "left"
        table.add_column(header, overflow="fold", justify=justify, width=width)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _numbers(cells: Sequence[str]) -> bool:
    return any(cells) and all(_NUMBER.fullmatch(cell) for cell in cells)


def fitting(headers: Sequence[str], columns: Sequence[Sequence[str]], room: int) -> tuple[int, ...] | None:
    """Find widths with which no word is cut.

    Args:
        columns: The cells of each column.
        room: Characters in a line.

    Returns:
        The width of each column; None where the longest words do not fit beside each other.
    """
    from rich.cells import cell_len

    room -= _BETWEEN * (len(headers) - 1) + 2
    texts = [(header, *cells) for header, cells in zip(headers, columns, strict=True)]
    least = [max(cell_len(word) for text in column for word in text.split(" ")) for column in texts]
    wanted = [max(cell_len(text) for text in column) for column in texts]
    spare = room - sum(least)
    if spare < 0:
        return None
    widths = list(least)
    # The narrowest wishes first: most columns then stand in one line, and the longest texts wrap.
    for place in sorted(range(len(widths)), key=lambda one: wanted[one] - least[one]):
        given = min(spare, wanted[place] - least[place])
        widths[place] += given
        spare -= given
    return tuple(widths)


def row_lines(row: Sequence[str], room: int) -> list[str]:
    """Set a row by itself, its cells in the order of the headers, broken between cells where that can be."""
    from textwrap import wrap

    cells = [cell or "–" for cell in row]
    while len(cells) > 1 and cells[-1] == "–":
        cells.pop()
    lines: list[str] = []
    for cell in cells:
        if lines and len(lines[-1]) + len("  ") + len(cell) <= room:
            lines[-1] += f"  {cell}"
        else:
            lines += wrap(
                cell,
                max(room, len(_INDENT) + 1),
                initial_indent=_INDENT if lines else "",
                subsequent_indent=_INDENT,
                break_on_hyphens=False,
            )
    return lines
