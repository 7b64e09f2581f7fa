"""The terminal: draws pages in place and reads keys; one application for all pages, so that nothing flickers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from prompt_toolkit.application import Application
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import FormattedTextControl, Layout, Window
from prompt_toolkit.output import ColorDepth, Output

from lago_ns_cli.cli.editor.page import Page


class Undo:
    """What ``pick`` gives where a person takes the last change back."""


UNDO = Undo()


class Screen:
    """Shows pages, one after the other.

    Args:
        keys: Where keys come from; the terminal where None.
        output: Where pages go; the terminal where None.
    """

    def __init__(self, keys: Input | None = None, output: Output | None = None) -> None:
        self.page = Page("", ())
        self._answer: asyncio.Future[object | None] | None = None
        # Nothing is coloured: the terminal may have none, and a mark can be read by everyone.
        self._application: Application[None] = Application(
            layout=Layout(Window(FormattedTextControl(self._text, show_cursor=False), wrap_lines=False)),
            key_bindings=_bindings(self),
            full_screen=True,
            color_depth=ColorDepth.MONOCHROME,
            input=keys,
            output=output,
        )
        # A lone Esc is told from the beginning of an arrow key by waiting this long.
        self._application.ttimeoutlen = 0.05
        self._application.timeoutlen = 0.05

    async def run(self, flow: Callable[["Screen"], Awaitable[None]]) -> None:
        """Show pages until the flow ends.

        Raises:
            KeyboardInterrupt: A person pressed Ctrl-C.
        """
        drawing = asyncio.ensure_future(self._application.run_async())
        going = asyncio.ensure_future(flow(self))
        try:
            await asyncio.wait((drawing, going), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _ended(going)
            if not drawing.done():
                self._application.exit()
        await drawing
        if not going.cancelled():
            going.result()

    async def pick(self, page: Page) -> object | None:
        """Show a page until a row is chosen; None for Esc, ``UNDO`` for Ctrl-Z."""
        self.page = page
        self._answer = asyncio.get_running_loop().create_future()
        # Drawn whole: what another program wrote over the page before is gone with it.
        self._application.renderer.erase(leave_alternate_screen=False)
        self._application.invalidate()
        return await self._answer

    def answer(self, value: object | None) -> None:
        """Settle the page that is shown."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(value)

    def interrupt(self) -> None:
        """End everything: what is saved is saved."""
        self._application.exit(exception=KeyboardInterrupt())

    def _text(self) -> str:
        if self._answer is None:
            return ""
        size = self._application.output.get_size()
        return "\n".join(self.page.lines(size.columns - 1, size.rows))


async def _ended(task: "asyncio.Future[Any]") -> None:
    if not task.done():
        task.cancel()
        await asyncio.wait((task,))


def _bindings(screen: Screen) -> KeyBindings:
    keys = KeyBindings()

    def on(*names: str) -> Callable[[Callable[[KeyPressEvent], None]], object]:
        def bind(act: Callable[[KeyPressEvent], None]) -> object:
            for name in names:
                keys.add(name)(act)
            return act

        return bind

    on("enter")(lambda _: None if screen.page.chosen is None else screen.answer(screen.page.chosen))
    on("escape")(lambda _: screen.answer(None))
    on("c-c", "c-d", "<sigint>")(lambda _: screen.interrupt())
    on("c-z")(lambda _: screen.answer(UNDO))
    on("up", "c-p")(lambda _: screen.page.move(-1))
    on("down", "c-n", "tab")(lambda _: screen.page.move(1))
    on("pageup")(lambda _: screen.page.move(-15))
    on("pagedown")(lambda _: screen.page.move(15))
    on("home")(lambda _: screen.page.move(-(10**9)))
    on("end")(lambda _: screen.page.move(10**9))
    on("backspace")(lambda _: screen.page.erase())
    on("c-w", "c-u")(lambda _: screen.page.erase(word=True))
    on("<any>", "<bracketed-paste>")(lambda event: screen.page.type(event.data))
    return keys
