"""Worlds for the workflows: a billed organization, and an empty one for single documents."""

from pathlib import Path

import pytest

from tests.integration.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An organization with some invoices."""
    return World(tmp_path, invoices=12, customers=4)


@pytest.fixture
def small(tmp_path: Path) -> World:
    """An organization without invoices; tests bring their own."""
    return World(tmp_path, invoices=0, customers=1)
