"""What a run tells, as lines for people or as JSON; :mod:`.writing` says how text reaches the terminal."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from lago_ns_cli.cli.calling import as_called
from lago_ns_cli.cli.writing import clean, say, write_error, write_json, write_line, write_table
from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.error_catalogue import advice, lookup
from lago_ns_cli.domain.plan import Action, Planned
from lago_ns_cli.domain.records import Record, record_as_json
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
        "hint": _hint_of_hold(planned) if planned.action is Action.HOLD else planned.hint,
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


def _hint_of_hold(planned: Planned) -> str:
    return planned.hint or advice(State.HELD, planned.code).action


def _write_why(code: str | None, message: str | None, hint: str | None) -> None:
    """Say below a document why it needs somebody, and what to do."""
    write_line(f"          {clean(code)}: {clean(message)}")
    if hint:
        write_line(f"          hint: {clean(as_called(hint))}")


def _write_record(record: Record) -> None:
    """Show a record as it would be sent: a line for each field, line, tax row and application."""
    told: dict[str, Any] = record_as_json(record)
    for name, value in told["columns"].items():
        write_line(f"          {_field(name, value)}")
    for sublist in (*told["lines"], *told["taxdetails"]):
        for line in sublist["lineItems"]:
            write_line(f"          {clean(sublist['sublistId'])}: {_fields(line)}")
    for application in told["apply"]:
        write_line(f"          apply: {_fields(application)}")
    if "expect" in told:
        write_line(f"          expected: {_fields(told['expect'])}")


def _fields(fields: Mapping[str, object]) -> str:
    return ", ".join(_field(name, value) for name, value in fields.items())


def _field(name: str, value: object) -> str:
    if isinstance(value, dict):  # a record that has no internal id yet goes by its key; an address has parts
        value = value["key"] if "key" in value else f"({_fields(value)})"
    return f"{clean(name)} {clean(str(value).lower() if isinstance(value, bool) else value)}"


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
        held = planned.action is Action.HOLD
        if planned.reason and not held:
            words.append(f"({clean(planned.reason)})")
        write_line(" ".join(word for word in words if word))
        if held:
            _write_why(planned.code, planned.reason, _hint_of_hold(planned))
        for notice in planned.notices:
            write_line(f"          notice: {clean(notice.message)}")
        if self._verbose and planned.record is not None:
            _write_record(planned.record)

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
            _write_why(report.failure.code, report.failure.message, _hint(report))
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
