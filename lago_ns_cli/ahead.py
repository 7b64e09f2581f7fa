"""Work done ahead of whoever consumes it, by a bounded amount, and in order."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")


async def read_ahead(items: AsyncGenerator[T, None], most: int) -> AsyncGenerator[T, None]:
    """Give the items of a stream, which is read on meanwhile, by at most ``most`` items.

    One item is asked for after the other, never two at once. An error of the stream is raised
    after what came before it.
    """
    ready: asyncio.Queue[tuple[T] | None] = asyncio.Queue()
    places = asyncio.Semaphore(most)

    async def fill() -> None:
        async with aclosing(items):
            async for item in items:
                await places.acquire()
                ready.put_nowait((item,))

    filling = asyncio.create_task(fill())
    filling.add_done_callback(lambda _: ready.put_nowait(None))
    try:
        while (found := await ready.get()) is not None:
            places.release()
            yield found[0]
        await filling
    finally:
        await _cancel([filling])


async def each_ahead(
    items: Iterable[S], do: Callable[[S], Awaitable[T]], most: int
) -> AsyncGenerator[T, None]:
    """Do something for each item, for at most ``most`` at once; results come in the items' order."""
    under_way: deque[asyncio.Task[T]] = deque()

    try:
        for item in items:
            if len(under_way) >= most:
                yield await under_way[0]
                under_way.popleft()
            under_way.append(asyncio.create_task(_done(do, item)))
        while under_way:
            yield await under_way[0]
            under_way.popleft()
    finally:
        await _cancel(under_way)


async def done_ahead(
    items: AsyncGenerator[S, None], do: Callable[[S], Awaitable[T]], most: int
) -> AsyncGenerator[T, None]:
    """Begin something for each item as soon as the stream gives it; results come in the items' order.

    The stream is read on meanwhile, by at most ``most`` items. An error is raised in its item's turn.
    """
    under_way: set[asyncio.Task[T]] = set()

    async def begun() -> AsyncGenerator[asyncio.Task[T], None]:
        async with aclosing(items):
            async for item in items:
                task = asyncio.create_task(_done(do, item))
                under_way.add(task)
                yield task

    try:
        async with aclosing(read_ahead(begun(), most)) as tasks:
            async for task in tasks:
                yield await task
                under_way.discard(task)
    finally:
        await _cancel(under_way)


async def _done(do: Callable[[S], Awaitable[T]], item: S) -> T:
    return await do(item)


async def _cancel(tasks: Iterable[asyncio.Task[T]]) -> None:
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
