"""A screen that is drawn again and again."""

import time
from collections.abc import Callable

from rich.console import Console
from rich.live import Live
from rich.text import Text


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
                live.update(Text(draw(console.height), no_wrap=True, overflow="ellipsis"), refresh=True)
                time.sleep(seconds)
        except KeyboardInterrupt:
            return
