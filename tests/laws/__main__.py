"""Checks any number of documents: ``python -m tests.laws --documents 1000000 --processes 2``."""

import argparse
import sys
from time import monotonic

from tests.laws.campaign import check_many
from tests.laws.laws import Tally

_REPORT_EVERY = 60.0


def main() -> int:
    """Check, print what breaks a law and a summary; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.laws", description=__doc__)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1, help="the first organization's")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    began = told = monotonic()
    whole = Tally()
    for block, tally in check_many(arguments.documents, seed=arguments.seed, processes=arguments.processes):
        whole.join(tally)
        for problem in tally.problems:
            print(f"seed {block.seed}, customers from {block.first}: {problem}", flush=True)
        if monotonic() - told > _REPORT_EVERY:
            told = monotonic()
            print(f"{whole.count:,} documents in {told - began:.0f} s", file=sys.stderr, flush=True)
    kinds = ", ".join(f"{count:,} {kind}s" for kind, count in whole.documents.items())
    print(
        f"{whole.count:,} documents ({kinds}) in {monotonic() - began:.0f} s: {len(whole.problems)} problems"
    )
    return 1 if whole.problems else 0


if __name__ == "__main__":
    sys.exit(main())
