"""One thing is wrong, and doctor names the cause and the fix: the whole of what it says, case by case.

The expected texts stand in ``golden/``, a file a case, as in ``tests/cli``.
"""

import pytest

from tests.cli.terminal import check_golden
from tests.doctor.cases import CASES, Case
from tests.doctor.patient import Patient


def test_a_set_up_that_works_has_no_complaint(patient: Patient) -> None:
    """Nothing but what is to be known."""
    assert [] == patient.complaints()


def test_a_legacy_set_up_that_works_has_no_complaint(legacy: Patient) -> None:
    """Nor with the other tax regime."""
    assert [] == legacy.complaints()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_wrong_is_named_with_its_fix(case: Case, request: pytest.FixtureRequest) -> None:
    """Every warning and failure of the case, whole; that there is one, and that each has a fix."""
    patient: Patient = request.getfixturevalue("legacy" if case.legacy else "patient")
    case.arrange(patient)

    complaints = patient.complaints()

    assert complaints
    assert [] == [one for one in complaints if one.endswith(("| None", "| "))]
    check_golden(f"doctor/{case.name}.txt", "".join(f"{one}\n" for one in complaints))
