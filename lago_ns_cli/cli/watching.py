"""A screen that is drawn again and again."""

import sys
import time
from collections.abc import Callable
from io import StringIO

from rich.console import Console
from rich.live import Live
from rich.text import Text


class ScreenText(StringIO):
    """Takes what is meant for a terminal, so that tables are laid out for one."""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Name the letters that the terminal behind it has."""
        return sys.__stdout__.encoding if sys.__stdout__ is not None else "ascii"

    def isatty(self) -> bool:
        """Say that this is a terminal."""
        return True


def watch(draw: Callable[[int], str], seconds: float) -> None:
    """Draw until Ctrl-C.

    Args:
        draw: Gives the text of the screen, for so many lines of room.
        seconds: Between two drawings.
    """
    console = Console(highlight=False)
    with Live(console=console, screen=True, auto_refresh=False) as live:
        try:
            while True:
                text = Text.from_ansi(draw(console.height), no_wrap=True, overflow="ellipsis")
                live.update(text, refresh=True)
                time.sleep(seconds)
        except KeyboardInterrupt:
            return
