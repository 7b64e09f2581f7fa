"""A page of rows to search in: what it shows and what keys do to it. No terminal here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from lago_ns_cli.cli.render import clean
from lago_ns_cli.domain.suggesting import plain_words

_HEAD, _FOOT = 3, 2
"""Lines above and below the rows."""

_MEASURED = 200
"""Rows that columns are measured by, besides those that are shown: enough that they do not jump about."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A row: its cells from left to right, and what it stands for."""

    cells: tuple[str, ...]
    value: object


@dataclass
class Page:
    """What is on the screen.

    Args:
        title: What is chosen here.
        choices: The rows.
        note: Said once, below the title: what was saved, what is special.
        free: Makes a value of what was typed where no row is meant; None where a row has to be chosen.
    """

    title: str
    choices: Sequence[Choice]
    note: str = ""
    free: Callable[[str], object | None] | None = None
    typed: str = ""
    at: int = 0
    _found: list[Choice] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self._search()

    @property
    def found(self) -> Sequence[Choice]:
        """The rows that hold every word that was typed."""
        return self._found

    @property
    def chosen(self) -> object | None:
        """What Enter means: the marked row, or what was typed."""
        if self._found:
            return self._found[self.at].value
        return self.free(self.typed.strip()) if self.free is not None and self.typed.strip() else None

    def type(self, text: str) -> None:
        """Add to what is searched for."""
        self.typed += "".join(char for char in text if char.isprintable())
        self._search()

    def erase(self, *, word: bool = False) -> None:
        """Take the last character, or the last word, off what is searched for."""
        self.typed = self.typed.rstrip().rpartition(" ")[0] if word else self.typed[:-1]
        self._search()

    def move(self, steps: int) -> None:
        """Mark another row."""
        self.at = max(0, min(len(self._found) - 1, self.at + steps))

    def _search(self) -> None:
        words = plain_words(self.typed).split()
        texts = self._texts if words else [""] * len(self.choices)
        self._found = [
            choice
            for choice, text in zip(self.choices, texts, strict=True)
            if all(word in text for word in words)
        ]
        self.at = 0

    @cached_property
    def _texts(self) -> list[str]:
        """What each row is found by."""
        return [plain_words(" ".join(choice.cells)) for choice in self.choices]

    def lines(self, width: int, height: int) -> list[str]:
        """Draw the page.

        Returns:
            At most ``height`` lines of at most ``width`` characters; the mark is a sign, not a colour.
        """
        room = max(1, height - _HEAD - _FOOT)
        top = max(0, min(self.at - room // 2, len(self._found) - room))
        shown = self._found[top : top + room]
        measured = [*self._found[:_MEASURED], *shown]
        widths = _widths([choice.cells for choice in measured], width - 2)
        rows = [
            f"{'>' if top + number == self.at else ' '} {_row(choice.cells, widths)}".rstrip()
            for number, choice in enumerate(shown)
        ]
        if not rows:
            rows = ["  nothing is called so" + (": Enter takes what you typed" if self.free else "")]
        where = f"{self.at + 1}/{len(self._found)}" if len(self._found) > room else ""
        head = [self.title, self.note, f"search: {self.typed}_" + (f"  ({where})" if where else "")]
        foot = ["", "type to search  up/down  Enter choose  Esc back  Ctrl-Z undo  Ctrl-C leave"]
        filled = [*rows, *[""] * (room - len(rows))]
        return [_cut(clean(line), width) for line in [*head, *filled, *foot]][:height]


def _widths(rows: Sequence[tuple[str, ...]], width: int) -> list[int]:
    """Give each column what its longest cell needs, and cut the widest where they do not fit."""
    columns = max((len(row) for row in rows), default=0)
    widths = [
        max((len(clean(row[column])) for row in rows if column < len(row)), default=0)
        for column in range(columns)
    ]
    while sum(widths) + 2 * (columns - 1) > width and max(widths, default=0) > 8:
        widest = widths.index(max(widths))
        widths[widest] -= 1
    return widths


def _row(cells: tuple[str, ...], widths: Sequence[int]) -> str:
    padded = (_cut(clean(cell), width).ljust(width) for cell, width in zip(cells, widths, strict=False))
    return "  ".join(padded)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"
