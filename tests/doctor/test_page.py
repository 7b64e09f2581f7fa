"""The documentation says what doctor says."""

from pathlib import Path

from tests.doctor.cases import CASES
from tests.doctor.page import page

PAGE = Path(__file__).parent.parent.parent / "docs" / "doctor.md"


def test_the_page_of_checks_is_up_to_date() -> None:
    """It is made from the cases; see ``page`` for how to renew it."""
    assert page() == PAGE.read_text("utf-8")


def test_no_two_cases_have_one_name() -> None:
    """A name is a file."""
    names = [case.name for case in CASES]

    assert sorted(set(names)) == sorted(names)
