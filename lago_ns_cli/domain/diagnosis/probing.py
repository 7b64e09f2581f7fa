"""What a probe found, as findings."""

from collections.abc import Sequence

from lago_ns_cli.domain.diagnosis.facts import Problem
from lago_ns_cli.domain.diagnosis.findings import Concern, Finding, Verdict, fail, fine, listed, warn
from lago_ns_cli.domain.diagnosis.local import of_problem


def probe_findings(
    account: str, *, refused: bool | None, why: str | None, left: Sequence[str]
) -> list[Finding]:
    """Judge how a probe ended.

    Args:
        refused: Whether a repeated key was refused; None where that could not be told.
        why: Where it could not, why.
        left: Keys of trial records that may still be there.
    """
    return [
        _finding("probe.keys", "repeated keys", _keys(account, refused, why)),
        _finding("probe.records", "trial records", _records(account, left)),
    ]


def failed_probe(problem: Problem) -> Finding:
    """Say why no probe was made."""
    return _finding("probe.keys", "repeated keys", of_problem(problem))


def _finding(check: str, title: str, verdict: Verdict) -> Finding:
    return Finding(
        check=check,
        title=title,
        level=verdict.level,
        why=verdict.why,
        fix=verdict.fix,
        concern=verdict.concern,
    )


def _keys(account: str, refused: bool | None, why: str | None) -> Verdict:
    if refused is None:
        return fail(
            f"Whether {account} refuses a repeated key could not be told: {why}",
            "Mend what is named and probe again; until then the quarantine stays.",
            Concern.SETUP,
        )
    if refused:
        return fine(f"{account} refuses them; quarantine_seconds may be short, even 0")
    return warn(
        f"{account} stores a second record under the same key: only look-ups and the quarantine keep a lost document from "
        "being doubled.",
        "Leave [push] quarantine_seconds at 960.",
    )


def _records(account: str, left: Sequence[str]) -> Verdict:
    if not left:
        return fine("taken away again")
    return fail(
        f"Trial records may still be in {account}, with the external ids {listed(left)}.",
        "lago-ns doctor --probe takes them away first; or delete them in NetSuite.",
        Concern.SETUP,
    )
