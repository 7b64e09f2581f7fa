"""A patient for each test."""

from pathlib import Path

import pytest

from tests.doctor.patient import Patient
from tests.integration.world import World


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    """A set-up with SuiteTax that works."""
    return Patient(tmp_path, World(tmp_path, invoices=0, customers=2))


@pytest.fixture
def legacy(tmp_path: Path) -> Patient:
    """A set-up with legacy tax that works."""
    return Patient(tmp_path, World(tmp_path, invoices=0, customers=2, tax_regime="legacy"))
