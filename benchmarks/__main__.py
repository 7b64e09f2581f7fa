"""``python -m benchmarks``: runs all of them and prints one table."""

import argparse
import json
import subprocess
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
        _say(f"{name} …")
        results[name] = _measured(name, size)
        for figure in results[name]:
            _say(f"  {table.line(figure)}")
        _say(f"{name}: {time.monotonic() - started:.0f} s")
        if given.json:  # after each, so that a run that is cut short leaves what it found
            given.json.write_text(json.dumps(table.as_json(results), indent=2, default=str) + "\n", "utf-8")
    print(table.render(results))
    return int(any(figure.met is False for figures in results.values() for figure in figures))


def _measured(name: str, size: Scale) -> Sequence[Figure]:
    """The figures, or what went wrong in their place."""
    try:
        return MEASURES[name](size)
    except (BenchmarkError, OSError, subprocess.SubprocessError) as error:
        return [Figure(name, None, 0, bound=f"{type(error).__name__}: {error}")]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Runs the benchmarks and prints one table."
    )
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
