"""A ledger in a file of its own for every test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lago_ns_cli.ledger.store import SqlLedger
from tests.adapters.ledger.builders import hold


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Name a ledger that does not exist yet."""
    return f"sqlite:///{tmp_path / 'data' / 'ledger.db'}"


@pytest.fixture
def ledger(url: str) -> Iterator[SqlLedger]:
    """Open a ledger for a run that holds its account."""
    with SqlLedger(url, profile="default", account="1234567_SB1") as opened:
        hold(opened)
        yield opened
