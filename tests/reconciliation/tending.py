"""Plants discrepancies, compares, and mends them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.reconciliation.comparing import Compared
from tests.reconciliation.garden import Garden
from tests.reconciliation.plants import PLANTS


@dataclass
class Season:
    """What came of some plants.

    Attributes:
        expected: What had to be found.
        sound: The comparison before anything was planted.
        planted: The one after; ``mended``: the one after what it says was done.
    """

    expected: list[tuple[str, str]]
    sound: Compared
    planted: Compared
    mended: Compared


def grow(
    folder: Path, names: Sequence[str], *, seed: int = 1, invoices: int = 12, **options: object
) -> Season:
    """Plant discrepancies beside each other, in a seeded order, and mend them as the findings say."""
    garden = Garden(folder, seed=seed, invoices=invoices, customers=max(4, invoices // 5), **options)
    order = list(names)
    random.Random(seed).shuffle(order)
    stories = [PLANTS[name](garden) for name in order]
    for story in stories:
        next(story)
    garden.carry()
    sound = garden.compare()
    garden.wait()
    expected = sorted(found for story in stories for found in next(story) or ())
    planted = garden.compare()
    for story in stories:
        next(story, None)
    garden.follow(planted)
    return Season(expected, sound, planted, garden.compare())
