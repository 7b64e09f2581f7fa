"""What is kept of a run after it has ended: for ``history``, and for the next run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

PACE_MARK = "pace"
"""The mark under which a run leaves what it learned of the account's speed."""


class RunEnd(StrEnum):
    """How a run ended."""

    COMPLETE = "complete"  # everything was looked at
    INTERRUPTED = "interrupted"  # stopped by a signal
    FAILED = "failed"  # by an error; the code says which


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run that was allowed to write.

    Args:
        run: Its id, as the audit trail names it.
        command: As it was given.
        ended_at: None while it runs, or where its process died.
        code: Why it failed, as ``lago-ns errors`` knows it.
        outcomes: Documents by what became of them.
        documents: How many were looked at.
        writes: How many were written.
        needs_attention: How many were left to a person or a later run.
        calls: Calls to NetSuite, refused ones among them.
        refused: Calls that met the account's limit.
        most_at_once: The most calls that were in flight.
        limit: Calls that the account had for us, where that was learned.
        units: Usage units of the scripts that wrote.
    """

    run: str
    command: str
    began_at: datetime
    ended_at: datetime | None = None
    ended: RunEnd | None = None
    code: str | None = None
    outcomes: Mapping[str, int] = field(default_factory=dict)
    documents: int = 0
    writes: int = 0
    needs_attention: int = 0
    calls: int = 0
    refused: int = 0
    most_at_once: int = 0
    limit: int | None = None
    units: int = 0

    @property
    def refused_share(self) -> float:
        """Refused calls as a share of all, from 0 to 1."""
        return self.refused / self.calls if self.calls else 0.0

    @property
    def documents_a_second(self) -> float | None:
        """Documents that were written a second; None while it runs, and where nothing was written."""
        return self.writes / self.seconds if self.writes and self.seconds else None

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return None if self.ended_at is None else (self.ended_at - self.began_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Learned:
    """What one run tells the next one of the account's speed.

    Args:
        limit: Calls that the account answers at once.
        per_call_seconds: What a call takes besides its documents.
        per_weight_seconds: What a document takes, as ``batching`` weighs it.
    """

    limit: int | None = None
    per_call_seconds: float = 0.0
    per_weight_seconds: float = 0.0

    def as_text(self) -> str:
        """Write it as a mark."""
        return json.dumps(
            {
                "limit": self.limit,
                "per_call_seconds": round(self.per_call_seconds, 3),
                "per_weight_seconds": round(self.per_weight_seconds, 3),
            }
        )


def read_learned(text: str | None) -> Learned:
    """Read a mark; what cannot be read was not learned."""
    try:
        told = json.loads(text or "{}")
        limit = told.get("limit")
        return Learned(
            limit=int(limit) if limit and int(limit) > 0 else None,
            per_call_seconds=max(0.0, float(told.get("per_call_seconds", 0.0))),
            per_weight_seconds=max(0.0, float(told.get("per_weight_seconds", 0.0))),
        )
    except (ValueError, TypeError, AttributeError):
        return Learned()
