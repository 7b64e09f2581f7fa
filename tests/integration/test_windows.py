"""Whatever happened in Lago, and however runs were disturbed: one undisturbed run finds everything.

Histories are drawn; Lago is a model of its lists (pages over a live table, in Lago's order), the ledger is a real
one, and carrying out is the least that leaves an entry behind. What is tested is what a run looks at.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lago_ns_cli.domain.attempts import State, StateChange
from lago_ns_cli.domain.documents import InvoiceSummary
from lago_ns_cli.domain.exchange import Selection, Unreadable
from lago_ns_cli.domain.gate import OPEN, gate_invoice
from lago_ns_cli.domain.identifiers import InternalId, Kind, LagoId, key_of
from lago_ns_cli.domain.windows import FINAL, NOT_FINAL, Mark, read_mark, window_start
from lago_ns_cli.errors import RejectedError
from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.workflows.deciding import Rules, summary_subject
from lago_ns_cli.workflows.discovery import Discovery
from lago_ns_cli.workflows.run import Run, SyncOptions

LOOKBACK = timedelta(days=10)
PER_PAGE = 3
BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Lago:
    """Invoices in Lago's order, listed in pages; something may happen after each page."""

    rows: dict[LagoId, InvoiceSummary] = field(default_factory=dict)
    between: Callable[[], None] = lambda: None

    async def invoices(self, selection: Selection) -> AsyncIterator[InvoiceSummary | Unreadable]:
        if selection.ids:
            for one in selection.ids:
                row = self.rows.get(LagoId(one))
                yield row or Unreadable(kind=Kind.INVOICE, lago_id=LagoId(one), number=None, error=_unknown())
            return
        seen: set[LagoId] = set()
        page = 0
        while True:
            listed = sorted(
                (row for row in self.rows.values() if _meets(selection, row)),
                key=lambda row: (row.issuing_date or date.max, row.number, row.lago_id),
                reverse=True,
            )
            some = listed[page * PER_PAGE : (page + 1) * PER_PAGE]
            for row in some:
                if row.lago_id not in seen:
                    seen.add(row.lago_id)
                    yield row
            self.between()
            page += 1
            if len(some) < PER_PAGE:
                return


def _unknown() -> RejectedError:
    return RejectedError("unknown", system="Lago", code="invoice_not_found")


def _meets(selection: Selection, row: InvoiceSummary) -> bool:
    day = row.issuing_date
    return (
        (not selection.statuses or row.status in selection.statuses)
        and (selection.since is None or (day is not None and day >= selection.since))
        and (selection.until is None or (day is not None and day <= selection.until))
    )


class Organization:
    """What happens in Lago: drafts come and become final, invoices are dated back within the lookback, and voided."""

    def __init__(self, lago: Lago) -> None:
        self.lago = lago
        self.now = BEGIN
        self._count = 0

    def happen(self, event: str, number: int) -> None:
        """Let one thing happen."""
        if event in ("final", "draft", "failed"):
            self._come("finalized" if event == "final" else event, number)
            return
        drafts = [row for row in self.lago.rows.values() if row.status in NOT_FINAL]
        finals = [row for row in self.lago.rows.values() if row.status == "finalized"]
        if event == "finalize" and drafts:
            row = drafts[number % len(drafts)]
            day = row.issuing_date if number % 2 else self._day(number)
            self.lago.rows[row.lago_id] = replace(row, status="finalized", issuing_date=day)
        elif event == "delete" and drafts:
            del self.lago.rows[drafts[number % len(drafts)].lago_id]
        elif event == "void" and finals:
            row = finals[number % len(finals)]
            self.lago.rows[row.lago_id] = replace(row, status="voided")

    def _come(self, status: str, number: int) -> None:
        self._count += 1
        lago_id = LagoId(f"{self._count:04}")
        # A day shorter than the lookback: a draft may become final a little later than it came.
        self.lago.rows[lago_id] = InvoiceSummary(
            lago_id=lago_id,
            number=f"N-{number % 7}-{self._count}",
            billing_entity_code="acme",
            status=status,
            payment_status="pending",
            currency="USD",
            issuing_date=self._day(number),
            self_billed=False,
            fees_amount_cents=100,
            total_amount_cents=100,
            invoice_type="subscription",
        )

    def _day(self, number: int) -> date:
        return (self.now - timedelta(days=number % LOOKBACK.days)).date()


@cache
def _empty() -> bytes:
    with TemporaryDirectory() as folder:
        SqlLedger(f"sqlite:///{folder}/ledger.db", profile="default", account="1").close()
        return (Path(folder) / "ledger.db").read_bytes()


@contextmanager
def new_ledger() -> Iterator[SqlLedger]:
    """Open an empty ledger; its schema is made once for all."""
    with TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        (Path(folder) / "ledger.db").write_bytes(_empty())
        with SqlLedger(f"sqlite:///{folder}/ledger.db", profile="default", account="1") as ledger:
            yield ledger


def run_once(ledger: SqlLedger, lago: Lago, now: datetime, stop_after: int | None = None) -> None:
    """Look at what a run looks at, and leave an entry for what is final."""
    clock = SimpleNamespace(now=lambda: now)
    options = SyncOptions(
        selection=Selection(), rules=Rules(), incremental=True, lookback=LOOKBACK, started=now
    )
    run = cast("Run", SimpleNamespace(ledger=ledger, lago=lago, clock=clock, options=options))
    discovery = Discovery(run)

    async def main() -> bool:
        count = 0
        async for row in discovery.invoices():
            count += 1
            if stop_after is not None and count > stop_after:
                return False
            if isinstance(row, InvoiceSummary):
                _carry_out(ledger, row, now)
        return True

    if asyncio.run(main()):
        discovery.close()


def _carry_out(ledger: SqlLedger, row: InvoiceSummary, now: datetime) -> None:
    entry = ledger.entries([key_of(Kind.INVOICE, row.lago_id)]).get(key_of(Kind.INVOICE, row.lago_id))
    if row.status == "voided" and entry is not None and entry.state is State.POSTED:
        change = StateChange(subject=summary_subject(row), state=State.HELD, code="voided_in_lago")
    elif entry is None and row.status in FINAL:
        state = State.POSTED if gate_invoice(row, None) is OPEN else State.SKIPPED
        link = InternalId(row.lago_id) if state is State.POSTED else None
        change = StateChange(subject=summary_subject(row), state=state, netsuite_id=link)
    else:
        return
    ledger.record_changes([change], now)


# A failing history is told as it is: shrinking takes minutes, for each step runs through a ledger.
_PHASES = (Phase.explicit, Phase.reuse, Phase.generate)

EVENTS = st.tuples(
    st.sampled_from(("final", "draft", "failed", "failed", "finalize", "finalize", "delete", "void")),
    st.integers(0, 60),
)
RUNS = st.tuples(
    st.lists(EVENTS, max_size=5),  # before it
    st.lists(EVENTS, max_size=4),  # between its pages
    st.sampled_from((None, None, None, 0, 2, 5)),  # rows after which it is interrupted
    st.sampled_from((1, 24 * 20, 24 * 20)),  # hours until the next one
)


@settings(max_examples=60, phases=_PHASES, suppress_health_check=list(HealthCheck))
@given(st.lists(RUNS, min_size=1, max_size=5))
def test_after_one_undisturbed_run_everything_is_known(history: list[Any]) -> None:
    """As a sweep would have left it: each final invoice has its entry, each void of a posted one was seen."""
    lago = Lago()
    organization = Organization(lago)
    with new_ledger() as ledger:
        for before, between, stop_after, hours in history:
            for event in before:
                organization.happen(*event)
            happenings = iter(between)
            lago.between = lambda later=happenings: _next(organization, later)  # type: ignore[misc]
            run_once(ledger, lago, organization.now, stop_after)
            organization.now += timedelta(hours=hours)
        lago.between = lambda: None
        run_once(ledger, lago, organization.now)
        _check(ledger, lago)


def _next(organization: Organization, later: Any) -> None:
    event = next(later, None)
    if event is not None:
        organization.happen(*event)


def _check(ledger: SqlLedger, lago: Lago) -> None:
    entries = {entry.lago_id: entry for entry in ledger.entries_in(tuple(State))}
    final = {one for one, row in lago.rows.items() if row.status in FINAL}

    assert set() == final - entries.keys()
    assert [] == [
        one for one in final if lago.rows[one].status == "voided" and entries[one].state is State.POSTED
    ]


@given(
    st.integers(0, 600_000).map(lambda minutes: BEGIN + timedelta(minutes=minutes)),
    st.integers(0, 60),
    st.integers(-400, 400),
)
def test_a_window_never_begins_after_what_it_must_hold(began: datetime, days: int, later: int) -> None:
    """Any clock, any lookback: a document issued within the lookback of the last run is in the next one's window."""
    lookback, now = timedelta(days=days), began + timedelta(days=later)
    mark = read_mark(Mark(began).as_text())
    start = window_start(mark, now, lookback=lookback, sync_from=None)

    assert start is None or start <= (began - lookback).date()
    assert (start is None) == (now < began)
