"""Reading and joining many documents: few calls, flat memory, the same time for each."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent


def cost(count: int) -> dict[str, Any]:
    """Compare in a process of its own, so that its peak of memory is its own."""
    command = [sys.executable, "-m", "tests.reconciliation.scale", str(count)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=500)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize(
    "count", [10_000, pytest.param(100_000, marks=pytest.mark.campaign)], ids=["10000", "100000"]
)
def test_many_documents_cost_no_more_each(count: int) -> None:
    """At most a call for each thousand and ten more; memory and time as for a thousand."""
    few, many = cost(1000), cost(count)

    assert (1000, count) == (few["documents"], many["documents"])
    assert (0, 0) == (few["findings"], many["findings"])
    assert 10 == len(many["months"])
    assert many["calls"] <= count / 1000 + 10
    assert many["peak_kilobytes"] <= 1.25 * few["peak_kilobytes"]
    assert many["cpu_seconds"] / count <= 1.15 * few["cpu_seconds"] / 1000
