"""Reports of what became of documents that were pushed."""

from collections.abc import Collection

from lago_ns_cli.domain.attempts import Outcome, State
from lago_ns_cli.domain.exchange import PushResult
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.domain.plan import Action, Planned, plan_wait
from lago_ns_cli.domain.translation.context import Notice
from lago_ns_cli.workflows.reports import DocumentReported, Failure, report_on


def behind(planned: Planned, failed: Collection[Key]) -> Planned:
    """Decide that a document waits for the parent that failed."""
    parent = next((key for key in planned.parents if key in failed), planned.parents[0])
    return plan_wait(planned.subject, parent, f"what it depends on ({parent}) is not in NetSuite yet")


def report_waiting(planned: Planned) -> DocumentReported:
    """Report a document that waits for a parent."""
    failure = Failure(code=planned.code or "parent_not_posted", message=planned.reason or "")
    return report_on(planned.subject, State.WAITING, "waiting", failure=failure)


def report_held(planned: Planned, code: str, reason: str) -> DocumentReported:
    """Report a document that is held for a reason of its own."""
    failure = Failure(code=code, message=reason)
    return report_on(planned.subject, State.HELD, "held", failure=failure, notices=planned.notices)


def report_outcome(planned: Planned, outcome: Outcome, result: PushResult | None) -> DocumentReported:
    """Report what became of an attempt."""
    said = tuple(Notice(code, message) for code, message in (result.notices if result else ()))
    return report_on(
        planned.subject,
        outcome.state,
        _word(outcome, result),
        netsuite_id=planned.netsuite_id if planned.action is Action.APPLY else outcome.netsuite_id,
        failure=_failure(outcome),
        notices=planned.notices + said,
    )


def _word(outcome: Outcome, result: PushResult | None) -> str:
    if outcome.state is State.POSTED and result is not None:
        return result.outcome
    return {
        State.HELD: "held",
        State.IN_DOUBT: "in_doubt",
        State.PENDING: "not_attempted",
    }.get(outcome.state, outcome.state.value)


def _failure(outcome: Outcome) -> Failure | None:
    if outcome.state is State.POSTED:
        return None
    return Failure(code=outcome.code or "unknown", message=outcome.reason or "no reason was given")
