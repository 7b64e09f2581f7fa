"""Plants bugs, one at a time, and asks whether the campaign or a named test catches them.

``python -m tests.campaigns.mutants`` copies the tree for each, changes a line of the product there and runs what
must fail; a name chooses a single one. A bug that survives, or whose line is not found any more, fails the run.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SEEDS = "0-149"
"""Schedules that a bug gets to show itself; the first one that shows it ends the search."""


@dataclass(frozen=True)
class Mutant:
    """A bug.

    Attributes:
        caught_by: Tests that must fail, as pytest names them; none: the campaign's schedules must.
    """

    name: str
    file: str
    right: str
    wrong: str
    caught_by: str = ""


_PUSH = "workflows/push.py"
_CALLS = "workflows/calls.py"
_DOUBT = "domain/doubt.py"
_DOUBT_TESTS = "tests/integration/test_doubts.py"
_SCRIPT = "netsuite/suitescript/src/FileCabinet/SuiteScripts/lago"

_UNTIL_THE_CALL = """        except BaseException:
            self.pacer.give_back(was_out=False)
            raise
        call = Call(batch, [intent.payload for intent in intents])
        try:
"""

MUTANTS = (
    Mutant(
        "payments are acknowledged before they are posted",
        "workflows/sync_payments.py",
        "if some and all(key in entries and entries[key].state in SETTLED for key in some)",
        "if some",
    ),
    Mutant(
        "the time of the attempt is part of the key",
        _CALLS,
        "results = await self._netsuite.push(call.documents)",
        "results = await self._netsuite.push("
        '[{**one, "key": f"{one[\'key\']}:{self._clock.now():%H%M%S}"} for one in call.documents])',
    ),
    Mutant(
        "every 400 is taken for a final refusal",
        "netsuite/meanings.py",
        "    if meaning is Meaning.LIMIT:\n        return LimitError(",
        "    if answer.status == 400:\n"
        "        return RejectedError(message, system=SYSTEM, hint=hint, code=code, status=answer.status)\n"
        "    if meaning is Meaning.LIMIT:\n        return LimitError(",
        f"{_DOUBT_TESTS}::test_a_call_that_met_the_limit_is_deferred_and_burns_no_attempt",
    ),
    Mutant(
        "there is no quarantine",
        _DOUBT,
        "return timedelta(0) if code in ANSWERED_ENDS else quarantine",
        "return timedelta(0)",
    ),
    Mutant(
        "what may not be seen counts as absent",
        _DOUBT,
        "if found.status == FindStatus.DENIED:",
        'if found.status == "never":',
        f"{_DOUBT_TESTS}::test_what_the_role_cannot_see_is_not_created",
    ),
    Mutant(
        "money is a float",
        "domain/money.py",
        "return Decimal(minor_units).scaleb(1 - len(str(divisor)))",
        "return Decimal(repr(minor_units / divisor))",
        "tests/unit/test_money.py",
    ),
    Mutant(
        "dates are those of UTC",
        "domain/translation/periods.py",
        "return moment.astimezone(found).date()",
        "return moment.date()",
        "tests/unit/translation",
    ),
    Mutant(
        "posted without looking at what was read back",
        "workflows/judging.py",
        "differences = [] if linked_only else compare_read_back(planned.record, found.fields)",
        "differences: list[object] = []",
        "tests/integration/test_failing_calls.py",
    ),
    Mutant(
        "an entry in doubt is sent again",
        "domain/plan.py",
        "case State.IN_DOUBT | State.SENDING:",
        "case State.SENDING:",
    ),
    Mutant(
        "the limit is ignored",
        _CALLS,
        "                self._pacer.refused(departure)\n                await self._after_refusal(call, error)",
        "                self._pacer.refused(departure)\n                return []",
        f"{_DOUBT_TESTS}::test_a_call_that_met_the_limit_is_deferred_and_burns_no_attempt",
    ),
    Mutant(
        "the intent is recorded after the send",
        _PUSH,
        "            self._ledger.record_intents(intents, self._clock.now())\n"
        + _UNTIL_THE_CALL
        + "            results = await self._caller.push(call)\n",
        _UNTIL_THE_CALL + "            try:\n                results = await self._caller.push(call)\n"
        "            finally:\n                self._ledger.record_intents(intents, self._clock.now())\n",
    ),
    Mutant(
        "children go before their parents",
        "workflows/sync_customers.py",
        "return key in links or (self._run.options.dry_run and key not in self._stuck)",
        "return True",
    ),
    Mutant(
        "a lost answer is taken for a call that never left",
        "connection.py",
        'return InDoubtError(\n            f"{self._system} at {self.host} got the call',
        'return TransientError(\n            f"{self._system} at {self.host} got the call',
    ),
    Mutant(
        "what a dead process was sending counts as unsent",
        "workflows/doubts.py",
        "                kind=OutcomeKind.IN_DOUBT,\n                state=State.IN_DOUBT,\n",
        "                kind=OutcomeKind.NOT_ATTEMPTED,\n                state=State.PENDING,\n",
    ),
    Mutant(
        "a refused login is taken for real at once",
        _CALLS,
        "or not await self._login.works():",
        "or True:",
        f"{_DOUBT_TESTS}::test_a_false_login_error_slows_down_and_discards_nothing",
    ),
    Mutant(
        "a page with status 200 is taken for a call that was not executed",
        "netsuite/client.py",
        "raise not_the_contract(answer, call) from error\n        return wire.read_pushed(",
        "raise TransientError('a page', system=SYSTEM) from error\n        return wire.read_pushed(",
        f"{_DOUBT_TESTS}::test_an_answer_that_says_nothing_certain_is_unknown_and_never_unsent",
    ),
    Mutant(
        "a lease that was lost still writes",
        "ledger/lease.py",
        "if row is None or row.token != lease.token or row.owner is None:",
        "if row is None:",
    ),
    Mutant(
        "nobody asks who holds the account before a send",
        "ledger/store.py",
        "            if self._lease is not None:\n                lease.check(connection, self._lease)\n"
        "            yield connection",
        "            yield connection",
    ),
    Mutant(
        "a call is made again without asking who holds the account now",
        _CALLS,
        "                raise StoppedError\n            self._ledger.check_lease()\n",
        "                raise StoppedError\n",
        "tests/integration/test_overlapping_runs.py",
    ),
    Mutant(
        "whoever asks gets the account",
        "domain/lease.py",
        "    silence = at - lease.heartbeat_at\n    if silence > ttl:",
        "    silence = at - lease.heartbeat_at\n    if True:",
    ),
    Mutant(
        "a run does not say that it lives",
        "workflows/leasing.py",
        "            ledger.renew_lease(clock.now())",
        "            pass",
    ),
    Mutant(
        "a silent run keeps the account for ever",
        "domain/lease.py",
        "    if silence > ttl:",
        "    if False:",
    ),
    Mutant(
        "what is posted and not there any more is sent anew",
        "workflows/doubts.py",
        "[entry for entry in run.ledger.entries_in({State.IN_DOUBT}) if",
        "[entry for entry in run.ledger.entries_in({State.IN_DOUBT, State.POSTED}) if",
    ),
    Mutant(
        "a change in Lago overwrites what people wrote in NetSuite",
        "domain/customer_changes.py",
        "changed = {name: wanted.get(name) for name in names if sent.get(name) != wanted.get(name)}",
        "changed = {name: wanted.get(name) for name in names}",
    ),
    Mutant(
        "a document that a merge moved is never taken for the one that was sent",
        "workflows/looking_up.py",
        "return moved if moved.end is DoubtEnd.POSTED else verdict",
        "return verdict",
    ),
    Mutant(
        "nobody asks whether a document's customer is still there",
        "workflows/customer_books.py",
        "        if not self._known[link].is_there:\n            return self._absent",
        "        if False:\n            return self._absent",
        "tests/integration/test_merged_customers.py",
    ),
)


def main() -> int:
    """Plant the bugs; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of names; all by default")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    chosen = [
        one for one in MUTANTS if not arguments.names or any(part in one.name for part in arguments.names)
    ]
    with ThreadPoolExecutor(arguments.processes) as pool:
        survived = [name for name in pool.map(_judged, chosen) if name]
    print(f"{len(chosen) - len(survived)} of {len(chosen)} bugs were caught")
    return 1 if survived or not chosen else 0


def _judged(mutant: Mutant) -> str | None:
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        caught, told = _hunted(mutant, Path(folder))
    print(f"{'caught' if caught else 'SURVIVED':9} {mutant.name}: {told}", flush=True)
    return None if caught else mutant.name


def times_found(mutant: Mutant) -> int:
    """Count how often the line that a bug changes stands in its file."""
    return (ROOT / "lago_ns_cli" / mutant.file).read_text("utf-8").count(mutant.right)


def _hunted(mutant: Mutant, folder: Path) -> tuple[bool, str]:
    """Say whether a bug was caught, and by what, or how it survived."""
    for name in ("lago_ns_cli", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    file = folder / "lago_ns_cli" / mutant.file
    if (found_times := times_found(mutant)) != 1:
        return False, f"its line stands {found_times} times in {mutant.file}"
    file.write_text(file.read_text("utf-8").replace(mutant.right, mutant.wrong), "utf-8")
    if mutant.caught_by:
        # 1: tests failed. Anything else, such as no test found, is no catch.
        done = _run(folder, "pytest", "-q", "-x", "-p", "no:cacheprovider", *mutant.caught_by.split())
        found = [line for line in done.stdout.splitlines() if line.startswith("FAILED ")]
    else:
        done = _run(folder, "tests.campaigns", "--seeds", SEEDS, "--processes", "1", "--stop")
        found = [line for line in done.stdout.splitlines() if line.startswith("seed ")]
    if done.returncode == 1 and found:
        return True, found[0][:160]
    return False, f"{(done.stdout + done.stderr)[-2000:]}"


def _run(folder: Path, module: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())
