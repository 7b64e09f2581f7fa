"""Work that runs ahead of whoever takes its results: in order, bounded, and over with its consumer."""

import asyncio
from typing import Any

import pytest

from lago_ns_cli.ahead import done_ahead, each_ahead, read_ahead
from lago_ns_cli.errors import TransientError


def test_results_come_in_order_and_some_at_a_time() -> None:
    """The slowest is waited for, and no more than asked are under way."""

    async def main() -> tuple[list[int], int]:
        under_way, most = 0, 0

        async def square(number: int) -> int:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            for _ in range(10 - number % 10):
                await asyncio.sleep(0)
            under_way -= 1
            return number * number

        return [one async for one in each_ahead(range(30), square, 4)], most

    assert ([number * number for number in range(30)], 4) == asyncio.run(main())


def _counted(fail_at: int | None, asked: list[int]) -> Any:
    async def numbers() -> Any:
        for number in range(10):
            if number == fail_at:
                raise TransientError("gone", system="Lago")
            asked.append(number)
            yield number

    return numbers()


def test_reading_ahead_is_bounded_and_ends_with_its_consumer() -> None:
    """Two pages ahead, not the whole list; whoever leaves early leaves nothing running."""
    asked: list[int] = []

    async def main() -> int:
        ahead = read_ahead(_counted(None, asked), 2)
        first = await anext(ahead)
        for _ in range(20):
            await asyncio.sleep(0)
        await ahead.aclose()
        return int(first)

    assert 0 == asyncio.run(main())
    assert len(asked) <= 4


def test_an_error_comes_after_what_was_read_before_it() -> None:
    """Pages that came are used, also when a later one fails."""
    seen: list[int] = []

    async def main() -> None:
        async for number in read_ahead(_counted(3, []), 2):
            seen.append(number)  # noqa: PERF401 (what came before the error is looked at)

    with pytest.raises(TransientError):
        asyncio.run(main())
    assert [0, 1, 2] == seen


def test_work_begins_as_soon_as_its_item_comes() -> None:
    """The first result is taken while the next ones are under way; a slow one lets none pass it."""
    begun: list[int] = []

    async def slow_first(number: int) -> int:
        begun.append(number)
        for _ in range(30 if number == 0 else 1):
            await asyncio.sleep(0)
        return number

    async def main() -> tuple[list[int], list[int]]:
        results = done_ahead(_counted(None, []), slow_first, 2)
        first = await anext(results)
        at_first = list(begun)
        return at_first, [first, *[one async for one in results]]

    at_first, results = asyncio.run(main())
    assert [0, 1, 2, 3] == at_first
    assert list(range(10)) == results


def test_work_that_fails_says_so_in_its_turn_and_the_rest_is_given_up() -> None:
    """What comes before the failure is used; nothing runs on behind it."""
    seen: list[int] = []
    ended: list[int] = []

    async def fail_at_two(number: int) -> int:
        try:
            if number == 2:
                raise TransientError("gone", system="NetSuite")
            await asyncio.sleep(0 if number < 2 else 3600)
        finally:
            ended.append(number)
        return number

    async def main() -> None:
        async for number in done_ahead(_counted(None, []), fail_at_two, 3):
            seen.append(number)  # noqa: PERF401 (what came before the error is looked at)

    with pytest.raises(TransientError):
        asyncio.run(main())
    assert [0, 1] == seen
    assert {0, 1, 2} < set(ended)
