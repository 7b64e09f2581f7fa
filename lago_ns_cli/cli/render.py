"""What a run tells, as lines for people or as JSON; :mod:`.writing` says how text reaches the terminal."""

from dataclasses import asdict

from lago_ns_cli.cli.writing import clean, say, write_error, write_json, write_line, write_table
from lago_ns_cli.domain.error_catalogue import advice, lookup
from lago_ns_cli.domain.plan import Planned
from lago_ns_cli.domain.records import record_as_json
from lago_ns_cli.workflows.reports import ATTENTION, DocumentReported, Failure, PlanReported, SyncEvent, Tally

__all__ = [
    "SyncPrinter",
    "clean",
    "plan_event",
    "result_event",
    "say",
    "write_error",
    "write_json",
    "write_line",
    "write_table",
]


def plan_event(planned: Planned) -> dict[str, object]:
    """Give a decision the JSON form of a dry run."""
    subject = planned.subject
    action = "create" if planned.action == "adopt" else planned.action.value
    return {
        "event": "plan",
        "kind": str(subject.kind),
        "lago_id": subject.lago_id,
        "number": subject.number,
        "action": action,
        "adopts": planned.netsuite_id if planned.action == "adopt" else None,
        "code": planned.code,
        "reason": planned.reason,
        "record": planned.payload if planned.record is None else record_as_json(planned.record),
        "notices": [asdict(notice) for notice in planned.notices],
    }


def result_event(report: DocumentReported) -> dict[str, object]:
    """Give a document's outcome its JSON form."""
    return {
        "event": "result",
        "kind": str(report.kind),
        "lago_id": report.lago_id,
        "number": report.number,
        "state": None if report.state is None else report.state.value,
        "outcome": report.outcome,
        "netsuite_id": report.netsuite_id,
        "error": None if report.failure is None else _failure_json(report.failure, _hint(report)),
        "notices": [asdict(notice) for notice in report.notices],
    }


def _failure_json(failure: Failure, hint: str | None) -> dict[str, object]:
    return {"code": failure.code, "message": failure.message, "hint": hint}


def _hint(report: DocumentReported) -> str | None:
    """Give the failure's own hint, else the catalogue's; documents that are settled need none."""
    failure = report.failure
    if failure is None or failure.hint or report.outcome not in ATTENTION:
        return None if failure is None else failure.hint
    return (advice(report.state, failure.code) if report.state else lookup(failure.code)).action


class SyncPrinter:
    """Prints the events of a sync, as lines for people or as JSON.

    Args:
        profile: Named in every JSON event and in the summary, where several profiles run.
    """

    def __init__(self, *, as_json: bool, verbose: bool, profile: str | None = None) -> None:
        self._as_json = as_json
        self._verbose = verbose
        self._named = {} if profile is None else {"profile": profile}
        self.tally = Tally()

    def event(self, event: SyncEvent) -> None:
        """Print one event; unchanged documents only with ``-v``."""
        self.tally.add(event)
        if self._as_json:
            told = plan_event(event.planned) if isinstance(event, PlanReported) else result_event(event)
            write_json({**told, **self._named})
        elif isinstance(event, PlanReported):
            self._plan_line(event.planned)
        else:
            self._result_line(event)

    def _plan_line(self, planned: Planned) -> None:
        subject = planned.subject
        amount = f"{subject.amount} {subject.currency}" if subject.amount is not None else ""
        words = [f"{planned.action.value:<7}", str(subject.kind), clean(subject.number), amount]
        if planned.reason:
            words.append(f"({clean(planned.reason)})")
        write_line(" ".join(word for word in words if word))

    def _result_line(self, report: DocumentReported) -> None:
        if report.outcome == "unchanged" and not self._verbose:
            return
        words = [f"{report.outcome:<9}", str(report.kind), clean(report.number or report.lago_id or "?")]
        if report.amount is not None:
            words.append(f"{report.amount} {report.currency}")
        if report.netsuite_id is not None:
            words.append(f"→ {report.netsuite_id}")
        write_line(" ".join(words))
        if report.failure is not None:
            write_line(f"          {clean(report.failure.code)}: {clean(report.failure.message)}")
            if hint := _hint(report):
                write_line(f"          hint: {clean(hint)}")
        for notice in report.notices:
            write_line(f"          notice: {clean(notice.message)}")

    def summary(
        self, *, seconds: float, dry_run: bool, complete: bool = True, stopped_by: str = "an error"
    ) -> None:
        """Print the last line, fit for grep.

        Args:
            complete: Whether the run came to its end; where not, ``stopped_by`` is what ended it.
        """
        counts = self.tally.as_mapping()
        if self._as_json:
            write_json(
                {
                    "event": "summary",
                    "dry_run": dry_run,
                    "complete": complete,
                    "documents": self.tally.documents,
                    "outcomes": counts,
                    "writes": self.tally.writes,
                    "needs_attention": self.tally.needs_attention,
                    "seconds": round(seconds, 3),
                    **self._named,
                }
            )
            return
        parts = [f"{count} {name}" for name, count in counts.items()] or ["nothing to do"] * complete
        parts += [f"stopped by {stopped_by}"] * (not complete)
        whose = "".join(f"profile {clean(name)}: " for name in self._named.values())
        write_line(
            f"summary: {whose}{self.tally.documents} documents: {', '.join(parts)}; "
            f"{self.tally.writes} writes; {self.tally.needs_attention} need attention; {seconds:.1f} s"
        )
