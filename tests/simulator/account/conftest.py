"""Accounts in both tax regimes."""

import pytest

from tests.simulator.account.bench import Bench, make_bench


@pytest.fixture
def bench() -> Bench:
    """A SuiteTax account with the integration's role."""
    return make_bench()


@pytest.fixture
def legacy() -> Bench:
    """An account in the legacy tax regime."""
    return make_bench("legacy")
