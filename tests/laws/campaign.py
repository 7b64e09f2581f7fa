"""Any number of generated documents, block by block, over several processes."""

from collections.abc import Iterator
from itertools import cycle
from multiprocessing import get_context
from typing import NamedTuple

from tests.laws.documents import billing
from tests.laws.laws import Tally, check_billing
from tests.laws.settings import VARIANTS

CUSTOMERS = 1150
"""How many customers an organization has."""

BLOCK = 46
"""How many customers are checked in one go: some thousand documents."""


class Block(NamedTuple):
    """Some customers, in a row, of the organization of a seed."""

    seed: int
    first: int


def blocks(seed: int) -> Iterator[Block]:
    """Count blocks off without end; after one organization comes the next."""
    while True:
        for first in range(0, CUSTOMERS, BLOCK):
            yield Block(seed, first)
        seed += 1


def check_block(block: Block) -> Tally:
    """Check every document of a block."""
    tally, turn = Tally(), cycle(VARIANTS)
    for customer in range(block.first, block.first + BLOCK):
        tally.join(check_billing(billing(block.seed, customer, CUSTOMERS), turn))
    return tally


def check_many(documents: int, *, seed: int, processes: int) -> Iterator[tuple[Block, Tally]]:
    """Check blocks until there were so many documents; gives each block as it is done."""
    done, following = 0, blocks(seed)
    with get_context("spawn").Pool(processes) as pool:
        while done < documents:
            some = [next(following) for _ in range(2 * processes)]
            for block, tally in zip(some, pool.imap(check_block, some), strict=True):
                done += tally.count
                yield block, tally
