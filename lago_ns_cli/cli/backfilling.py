"""What a backfill shows besides its documents: time left, the tie-out, and what remains."""

from collections.abc import Sequence
from datetime import timedelta

from lago_ns_cli.cli.render import say, write_json, write_line, write_table
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.tie_out import TieOut
from lago_ns_cli.workflows.backfill import Backfill


class BackfillOutput:
    """Shows one backfill."""

    def __init__(self, backfill: Backfill, *, as_json: bool) -> None:
        self._backfill = backfill
        self._as_json = as_json

    def left(self, seconds: float) -> str:
        """Tell how much is done and about how long the rest takes, after so many seconds."""
        share = self._backfill.share_done
        if share is None:
            return ""
        told = f", {share:.0%} of about {self._backfill.expected}"
        if share < 0.01 or share == 1:
            return told
        return f"{told}, about {_duration(seconds / share - seconds)} left"

    def finish(self) -> None:
        """Print the tie-out and what remains; before the summary."""
        remaining = _describe(self._backfill.left)
        if self._as_json:
            _write_json(self._backfill.tie_out)
            write_json({"event": "backfill", "remaining": remaining, "months_left": len(self._backfill.left)})
            return
        _write_table(self._backfill.tie_out)
        if remaining:
            say(f"remaining: {remaining}; the same command goes on there")


def _describe(left: Sequence[Selection]) -> str | None:
    if not left:
        return None
    first, last = left[0].since, left[-1].until
    return f"issued from {first} on" if last is None else f"issued from {first} to {last}"


def _duration(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))


def _write_table(tie_out: TieOut) -> None:
    if not tie_out.rows:
        return
    write_table(
        ("month", "kind", "currency", "billed", "sum", "posted", "sum", "difference"),
        [
            (
                row.month,
                row.kind,
                row.currency,
                sums.billed_documents,
                sums.billed,
                sums.posted_documents,
                sums.posted,
                "" if sums.agree else sums.billed - sums.posted,
            )
            for row, sums in sorted(tie_out.rows.items())
        ],
    )
    for one in tie_out.differences:
        write_line(
            f"difference {one.row.month} {one.row.kind} {one.number} {one.amount} {one.row.currency}: {one.why}"
        )
    if tie_out.unnamed:
        write_line(f"and {tie_out.unnamed} more: lago-ns status")


def _write_json(tie_out: TieOut) -> None:
    for row, sums in sorted(tie_out.rows.items()):
        write_json(
            {
                "event": "tie_out",
                "month": row.month,
                "kind": row.kind,
                "currency": row.currency,
                "billed_documents": sums.billed_documents,
                "billed": str(sums.billed),
                "posted_documents": sums.posted_documents,
                "posted": str(sums.posted),
                "differences": [
                    {"key": one.key, "number": one.number, "amount": str(one.amount), "why": one.why}
                    for one in tie_out.differences
                    if one.row == row
                ],
            }
        )
