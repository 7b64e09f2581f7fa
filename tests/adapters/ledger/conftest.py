"""A ledger in a file of its own for every test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lago_ns_cli.ledger.store import SqlLedger


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Name a ledger that does not exist yet."""
    return f"sqlite:///{tmp_path / 'data' / 'ledger.db'}"


@pytest.fixture
def ledger(url: str) -> Iterator[SqlLedger]:
    """Open a ledger."""
    with SqlLedger(url, profile="default", account="1234567_SB1") as opened:
        yield opened
