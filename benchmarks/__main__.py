"""``python -m benchmarks``: runs all of them and prints one table."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import peers, scale, sharing, startup, table, throughput, translation
from benchmarks.figures import Figure, Measure, Scale
from benchmarks.stand import BenchmarkError

MEASURES: dict[str, Measure] = {
    "throughput": throughput.measure,
    "customers": throughput.measure_few_customers,
    "peers": peers.measure,
    "competition": sharing.measure_competition,
    "limits": sharing.measure_changing_limit,
    "scale": scale.measure,
    "startup": startup.measure,
    "translation": translation.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for; 1 where a goal is missed."""
    given = _parser().parse_args(arguments)
    size = Scale(quick=given.quick, tiny=given.tiny, repeat=given.repeat)
    results: dict[str, Sequence[Figure]] = {}
    for name in given.only or MEASURES:
        started = time.monotonic()
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            results[name] = MEASURES[name](size)
        except BenchmarkError as error:
            results[name] = [Figure(name, None, 0, bound=str(error))]
        print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    print(table.render(results))
    if given.json:
        given.json.write_text(json.dumps(table.as_json(results), indent=2, default=str) + "\n", "utf-8")
    return int(any(figure.met is False for figures in results.values() for figure in figures))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=MEASURES, metavar="NAME", help="Only these: %(choices)s."
    )
    parser.add_argument("--quick", action="store_true", help="A few minutes, with smaller numbers.")
    parser.add_argument("--tiny", action="store_true", help="Seconds; shows that it works, measures nothing.")
    parser.add_argument(
        "--repeat", type=int, default=1, metavar="N", help="The median of N runs, where noise matters."
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="Write the figures and what is behind them here."
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
