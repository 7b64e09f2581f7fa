"""Refusals, in Lago's own words."""

from collections.abc import Mapping, Sequence
from typing import Any

_REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    422: "Unprocessable Entity",
    500: "Internal Server Error",
}


class LagoError(Exception):
    """A refusal; ``body`` is the JSON that Lago answers with, ``status`` repeated in it."""

    def __init__(self, status: int, error: str | None = None, **facts: Any) -> None:
        self.status = status
        self.body: dict[str, Any] = {"status": status, "error": error or _REASONS[status], **facts}
        super().__init__(f"{status} {self.body['error']} {facts}")


def not_found(resource: str) -> LagoError:
    """Return the answer for a resource that does not exist, by its singular name."""
    return LagoError(404, code=f"{resource}_not_found")


def not_allowed(code: str) -> LagoError:
    """Return the answer for an action that the object's state forbids."""
    return LagoError(405, code=code)


def invalid(details: Mapping[str, Sequence[str]]) -> LagoError:
    """Return the answer for refused values, by field."""
    return LagoError(
        422, code="validation_errors", error_details={key: list(value) for key, value in details.items()}
    )
