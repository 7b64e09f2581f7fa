"""What happened in a schedule, in order: the same seed must tell the same story."""

import hashlib
from datetime import datetime


class Trace:
    """A sequence of events, kept whole for people and as a hash for comparison."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, at: datetime, what: str, *details: object) -> None:
        """Add an event.

        Args:
            details: Anything whose text is the same each time.
        """
        self.lines.append(" ".join([f"{at:%H:%M:%S.%f}", what, *map(str, details)]))

    def digest(self) -> str:
        """Hash the whole sequence."""
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()


def short(content: bytes) -> str:
    """Stand for a body in a line."""
    return hashlib.sha256(content).hexdigest()[:12]
