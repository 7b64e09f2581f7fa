"""What a run leaves behind for ``history`` and for the next run."""

from lago_ns_cli.domain.run_record import PACE_MARK, RunEnd, read_learned
from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.simulator.world import ACCOUNT_ID
from tests.cli.conftest import Place


def ledger_of(place: Place) -> SqlLedger:
    url = f"sqlite:///{place.folder / 'ledger.db'}"
    return SqlLedger(url, profile="default", account=ACCOUNT_ID)


def test_a_run_is_kept_with_its_figures(fresh: Place) -> None:
    """Documents by outcome, calls, units, and the limit that the next run begins with; a dry run leaves nothing."""
    fresh.run("sync", "all", "--dry-run")
    done = fresh.run("sync", "all")
    fresh.run("sync", "all")

    with ledger_of(fresh) as ledger:
        second, first = ledger.runs()
        learned = read_learned(ledger.mark(PACE_MARK))

    assert 0 == done.code, done.err
    assert (RunEnd.COMPLETE, None) == (first.ended, first.code)
    assert first.command.endswith("sync all")
    assert first.writes == first.outcomes["created"] + first.outcomes.get("updated", 0) > 20
    assert 0 < first.calls - first.refused <= first.documents
    assert 1 <= first.most_at_once
    assert 20 * first.writes < first.units
    assert 0 == second.writes
    assert learned.limit is None or 1 <= learned.limit <= 5
    assert 0 < learned.per_call_seconds + learned.per_weight_seconds


def test_a_run_that_fails_says_why(fresh: Place) -> None:
    """The code is the error's own."""
    fault = {"kind": "status", "status": 503, "operation": "push"}
    fresh.control("faults", {"fault": [fault]})
    done = fresh.run("sync", "customer")

    with ledger_of(fresh) as ledger:
        [run] = ledger.runs()

    assert 4 == done.code
    assert (RunEnd.FAILED, "ACCT_TEMP_UNAVAILABLE") == (run.ended, run.code)
    assert 0 == run.writes
