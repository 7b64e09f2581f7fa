"""Runs any seeds: ``python -m tests.campaigns --seeds 0-299 --processes 2``."""

import argparse
import sys
from collections import Counter
from time import monotonic

from tests.campaigns.campaign import Result, run_many


def main() -> int:
    """Run the seeds, print what went wrong and a summary; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns", description=__doc__)
    parser.add_argument("--seeds", default="0-299", help="FIRST-LAST, or single seeds: 7,19")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--trace", action="store_true", help="print everything that happened")
    parser.add_argument("--stop", action="store_true", help="end with the first schedule that goes wrong")
    arguments = parser.parse_args()
    began = monotonic()
    results = []
    for result in run_many(_seeds(arguments.seeds), arguments.processes):
        results.append(result)
        for problem in result.problems:
            print(f"seed {result.seed}: {problem}", flush=True)
        if arguments.trace:
            print("\n".join(result.lines))
        if arguments.stop and result.problems:
            break
    _summarize(results, monotonic() - began)
    return 1 if any(result.problems for result in results) else 0


def _seeds(text: str) -> list[int]:
    first, dash, last = text.partition("-")
    return list(range(int(first), int(last) + 1)) if dash else [int(one) for one in text.split(",")]


def _summarize(results: list[Result], seconds: float) -> None:
    counted = {
        name: sum((getattr(result, name) for result in results), Counter[str]())
        for name in ("faults", "kills", "overlaps", "deeds", "held")
    }
    failed = [result.seed for result in results if result.problems]
    print(
        f"{len(results)} schedules in {seconds:.0f} s: {len(failed)} failed; "
        f"documents {min(one.documents for one in results)} or more each; "
        f"faults {min(sum(one.faults.values()) for one in results)} or more each, {counted['faults'].total()} in all; "
        f"{counted['kills'].total()} processes killed in {sum(one.runs for one in results)} runs"
    )
    for name, counts in counted.items():
        print(f"{name}:", ", ".join(f"{what} {count}" for what, count in counts.most_common()) or "none")
    if failed:
        print("failed:", ",".join(map(str, failed)))


if __name__ == "__main__":
    sys.exit(main())
