"""What ``map check`` finds."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"  # documents will be held, or money would go to the wrong place
    WARNING = "warning"  # documents go through, by a default or with a row that does nothing


@dataclass(frozen=True, slots=True)
class MappingFinding:
    """Something in the mappings that does not fit; ``row`` as a person would name it."""

    severity: Severity
    code: str
    row: str
    message: str
    hint: str


def error(code: str, row: str, message: str, hint: str) -> MappingFinding:
    """Make a finding that stops documents."""
    return MappingFinding(Severity.ERROR, code, row, message, hint)


def warning(code: str, row: str, message: str, hint: str) -> MappingFinding:
    """Make a finding that stops nothing."""
    return MappingFinding(Severity.WARNING, code, row, message, hint)
