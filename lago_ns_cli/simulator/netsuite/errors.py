"""What NetSuite throws: a code and a sentence.

Codes are NetSuite's own. Sentences follow what accounts answer where that is known, so that a client that
reads them can be tested; scripts and clients should decide by the code.
"""

from collections.abc import Sequence


class NetSuiteError(Exception):
    """An error as SuiteScript sees it: ``name`` is NetSuite's code, ``message`` its text."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message


def user_error(message: str) -> NetSuiteError:
    """The catch-all code for free text."""
    return NetSuiteError("USER_ERROR", message)


def missing_values(labels: Sequence[str]) -> NetSuiteError:
    """Mandatory fields are empty; they are named by their labels."""
    return user_error(f"Please enter value(s) for: {', '.join(labels)}")


def invalid_reference(field: str, key: str, parent: str | None = None) -> NetSuiteError:
    """A select field holds an id that does not exist, is inactive, or is not allowed for its parent.

    Args:
        parent: Field and id that forbid it, such as ``"subsidiary 2"``.
    """
    suffix = f" for {parent}" if parent else ""
    return NetSuiteError("INVALID_KEY_OR_REF", f"Invalid {field} reference key {key}{suffix}.")


def invalid_value(field: str, value: str) -> NetSuiteError:
    """A field holds a value that it cannot have."""
    return NetSuiteError(
        "INVALID_FLD_VALUE",
        f"You have entered an Invalid Field Value {value} for the following field: {field}",
    )


def out_of_range(field: str, value: str) -> NetSuiteError:
    """A number is larger than its field holds."""
    return NetSuiteError(
        "INVALID_FLD_RANGE", f"Value {value} outside of valid min/max range for field: {field}"
    )


def too_long(field: str, limit: int) -> NetSuiteError:
    """A text is longer than its field holds."""
    return user_error(
        f"The field {field} contained more than the maximum number ( {limit} ) of characters allowed."
    )


def permission_violation(label: str) -> NetSuiteError:
    """The role lacks a permission, or its level is too low."""
    return NetSuiteError(
        "INSUFFICIENT_PERMISSION",
        f"Permission Violation: You need a higher level of the '{label}' permission to access this page. "
        "Please contact your account administrator.",
    )


def field_violation(field: str) -> NetSuiteError:
    """The role, the form or the record's state does not let the field be set."""
    return NetSuiteError(
        "INSUFFICIENT_FLD_PERMISSION",
        f"You do not have permissions to set a value for element {field} due to one of the following reasons: "
        "1) The field is read-only; 2) An associated feature is disabled; "
        "3) The field is available either when a record is created or updated, but not in both cases.",
    )


def record_missing() -> NetSuiteError:
    """There is no record with that id."""
    return NetSuiteError("RCRD_DSNT_EXIST", "That record does not exist.")
