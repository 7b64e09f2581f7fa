"""Carries decisions about differences out: what is asked, recorded and printed."""

import asyncio
import getpass
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import uuid4

import typer

from lago_ns_cli.cli.globals import Globals
from lago_ns_cli.cli.render import clean, write_json, write_line, write_table
from lago_ns_cli.cli.wiring import SystemClock, open_ledger
from lago_ns_cli.domain.reconciliation.decisions import Decision
from lago_ns_cli.domain.reconciliation.findings import EXPLAINED, TITLES, Discrepancy, Finding, Verdict
from lago_ns_cli.domain.reconciliation.verdicts import is_dangerous
from lago_ns_cli.errors import ConfigError
from lago_ns_cli.ledger.processes import this_process
from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.workflows.decide import Asked, choose_findings, decide, undo
from lago_ns_cli.workflows.leasing import hold_account

_T = TypeVar("_T")
_MOST_SHOWN = 20
"""Findings that a question names one by one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which findings the command line names."""

    names: tuple[str, ...]
    what: str | None
    kind: str | None
    customer: str | None
    billing_entity: str | None


def run_decision(
    options: Globals,
    verdict: str,
    wanted: Wanted,
    *,
    note: str | None,
    until: date | None = None,
    assume_yes: bool = True,
    wait_seconds: float = 0.0,
    as_json: bool = False,
) -> None:
    """Record a verdict and print what was decided."""
    meant, asked = Verdict(verdict), _asked(wanted)
    with open_ledger(options) as ledger:
        findings = choose_findings(ledger, asked)
        if findings:
            note = _note(note)
            if not assume_yes:
                _ask(meant, findings)
            made = _holding(
                ledger,
                wait_seconds,
                lambda: decide(
                    ledger, SystemClock(), meant, findings, by=_user(), note=note or "", until=until
                ),
            )
        else:
            made = []
    for one in made:
        if as_json:
            write_json(decision_event(one))
        else:
            write_line(f"decided   {one.number}: {one.verdict.value} {_about(one.finding)}")
    _sum_up(meant, made, as_json=as_json)


def _sum_up(verdict: Verdict, made: Sequence[Decision], *, as_json: bool) -> None:
    if as_json:
        write_json({"event": "summary", "verdict": verdict.value, "decided": len(made)})
        return
    after = {Verdict.RESTORE: "; lago-ns sync all carries them out"}.get(verdict, "") if made else ""
    write_line(f"summary: {_count(len(made))} decided ({verdict.value}){after}")


def list_all(options: Globals, *, everything: bool, as_json: bool) -> None:
    """Print the decisions."""
    today = SystemClock().now().date()
    with open_ledger(options) as ledger:
        made = [one for one in ledger.decisions() if everything or _holds(one, today)]
    if as_json:
        for one in made:
            write_json(decision_event(one))
        write_json({"event": "summary", "decisions": len(made)})
        return
    write_table(
        ("number", "verdict", "about", "Lago", "NetSuite", "by", "at", "until", "note"),
        [
            (
                one.number,
                one.verdict.value if one.undone_by is None else f"{one.verdict.value}, taken back",
                _about(one.finding),
                one.finding.lago,
                one.finding.netsuite,
                one.by,
                f"{one.at:%Y-%m-%d}",
                one.until,
                one.note,
            )
            for one in made
        ],
    )
    write_line(f"summary: {len(made)} decisions")


def _holds(decision: Decision, today: date) -> bool:
    return decision.undone_by is None and (decision.until is None or decision.until >= today)


def run_undo(options: Globals, number: int, *, note: str | None, wait_seconds: float, as_json: bool) -> None:
    """Take a decision back."""
    why = _note(note)
    with open_ledger(options) as ledger:
        gone = _holding(
            ledger, wait_seconds, lambda: undo(ledger, SystemClock(), number, by=_user(), note=why)
        )
    if as_json:
        write_json({"event": "summary", "undone": gone.number, "verdict": gone.verdict.value})
    else:
        about = _about(gone.finding)
        write_line(f"summary: decision {gone.number} taken back: {gone.verdict.value} {about}")


def decision_event(decision: Decision) -> dict[str, object]:
    """Give a decision its JSON form."""
    finding, undone = decision.finding, decision.undone_at
    return {
        "event": "decision",
        "number": decision.number,
        "verdict": decision.verdict.value,
        "id": finding.id,
        "finding": finding.what.value,
        "kind": finding.kind,
        "document": finding.number,
        "netsuite_id": finding.netsuite_id,
        "lago": finding.lago,
        "netsuite": finding.netsuite,
        "by": decision.by,
        "at": decision.at.isoformat(),
        "note": decision.note,
        "until": decision.until.isoformat() if decision.until else None,
        "undone_by": decision.undone_by,
        "undone_at": None if undone is None else undone.isoformat(),
        "undone_note": decision.undone_note,
    }


def _asked(wanted: Wanted) -> Asked:
    if not any((wanted.names, wanted.what, wanted.customer)):
        raise ConfigError(
            "Which findings are meant?",
            hint="Name their ids, as lago-ns reconcile shows them, or choose with --finding or --customer.",
        )
    known = [one.value for one in Discrepancy if one not in EXPLAINED]
    if wanted.what is not None and wanted.what not in known:
        raise ConfigError(
            f"reconcile finds nothing called {wanted.what!r}.", hint=f"It finds {', '.join(known)}."
        )
    return Asked(
        names=wanted.names,
        what=wanted.what,
        kind=None if wanted.kind is None else wanted.kind.replace("-", "_"),
        customer=wanted.customer,
        billing_entity=wanted.billing_entity,
    )


def _note(given: str | None) -> str:
    if given is None and sys.stdin.isatty():
        given = typer.prompt("Why", err=True)
    if given is None or not given.strip():
        raise ConfigError("A decision needs its reason.", hint='Add --note "why".')
    return given.strip()


def _ask(verdict: Verdict, findings: Sequence[Finding]) -> None:
    """Ask before what somebody did is written over, or other money is agreed to."""
    dangerous = [one for one in findings if is_dangerous(verdict, one)]
    if not dangerous:
        return
    for one in dangerous[:_MOST_SHOWN]:
        both = f"Lago {one.lago or 'nothing'}, NetSuite {one.netsuite or 'nothing'}"
        typer.echo(clean(f"{_about(one)}: {both}"), err=True)
    what = {
        Verdict.RESTORE: "Write Lago's state over what is in NetSuite",
        Verdict.ADOPT: "Agree to NetSuite's state, though it is other money than Lago billed",
    }[verdict]
    question = f"{what}, for {_count(len(dangerous))}?"
    if not sys.stdin.isatty():
        raise ConfigError(f"{question} There is no terminal to ask on.", hint="Add --yes if you mean it.")
    if not typer.confirm(question, err=True):
        raise typer.Exit


def _holding(ledger: SqlLedger, wait_seconds: float, act: Callable[[], _T]) -> _T:
    """Hold the account meanwhile, so that no run sends what is being decided about."""

    async def held() -> _T:
        owner = this_process(uuid4().hex[:12])
        doing = shlex.join(sys.argv[1:])
        async with hold_account(ledger, SystemClock(), owner, doing, wait_seconds=wait_seconds):
            return act()

    return asyncio.run(held())


def _user() -> str:
    """Name the user of the operating system; the environment could say anything."""
    try:
        import pwd
    except ImportError:
        return getpass.getuser()
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def _about(finding: Finding) -> str:
    record = "" if finding.netsuite_id is None else f" → {finding.netsuite_id}"
    return clean(f"{TITLES[finding.what]}: {finding.kind.replace('_', ' ')} {finding.number}{record}")


def _count(number: int) -> str:
    return "1 finding" if number == 1 else f"{number} findings"
