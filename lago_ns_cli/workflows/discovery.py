"""What one run looks at in Lago, and what it leaves for the next one.

A run that was asked for certain documents looks at these. One that was asked for everything looks
at what is new or still open; ``domain.windows`` argues why that is enough::

    invoices       those that are not final; final ones from the window's start on; voided ones
                   before it; by id, those that ceased to be listed as not final
    credit notes   those from the window's start on; voided ones before it
    payments       those of invoices that are open in Lago, and of those that ceased to be
    each of these  by id, what is open in the ledger and was not met in a list

Marks move when a run has come to its end: every list read, and everything met in the ledger. A
run that is stopped, limited, refused or killed leaves them where they were.
"""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from datetime import date, timedelta

from lago_ns_cli.domain.attempts import SETTLED
from lago_ns_cli.domain.documents import CreditNote, InvoiceSummary, Payment, Received
from lago_ns_cli.domain.exchange import Selection, Unreadable
from lago_ns_cli.domain.gate import Passage, gate_invoice
from lago_ns_cli.domain.identifiers import Kind, LagoId, key_of
from lago_ns_cli.domain.plan import Planned
from lago_ns_cli.domain.windows import (
    FINAL,
    NOT_FINAL,
    UNPAID,
    Mark,
    NotFinal,
    oldest_not_final,
    read_mark,
    window_start,
)
from lago_ns_cli.workflows.reports import DocumentReported, SyncEvent
from lago_ns_cli.workflows.run import Run, chunks
from lago_ns_cli.workflows.unmet import Unmet

WATCHED_NOT_FINAL = "not_final"
"""The list of invoices that were seen before they were final."""

WATCHED_UNPAID = "unpaid"
"""The list of invoices whose payments are not all accounted for."""

_VOIDED = "voided"
_NOT_FOUND = "invoice_not_found"
_ONE_DAY = timedelta(days=1)


class Discovery:
    """What one run looks at, kind by kind; ``close`` it when all of that was carried out.

    Args:
        witness: Sees each row of what a run was asked for by dates, and each payment.
    """

    def __init__(self, run: Run, *, witness: Callable[[object], None] = lambda _: None) -> None:
        self._run = run
        self._witness = witness
        self._started = run.options.started or run.clock.now()
        self._unmet: dict[Kind, Unmet] = {}
        self._read: dict[Kind, Mark] = {}
        self._ceased: set[LagoId] = set()
        self._gone: set[LagoId | None] = set()
        self.left_out = False

    @property
    def is_incremental(self) -> bool:
        """Whether the run was asked for everything, so that it looks at what may have changed."""
        return self._run.options.incremental and self._run.options.selection == Selection()

    def is_first(self, kind: Kind) -> bool:
        """Whether no run has read the lists of a kind to their end yet, or all is to be read again."""
        return self._mark(kind) is None

    async def invoices(self) -> AsyncIterator[InvoiceSummary | Unreadable]:
        """List the invoices to look at."""
        if not self.is_incremental:
            async for row in self._run.lago.invoices(self._run.options.selection):
                self._witness(row)
                yield row
            return
        unmet = self._unmet[Kind.INVOICE] = Unmet(self._run.ledger, Kind.INVOICE)
        watch = _UnpaidWatch(self._run)
        async for some in chunks(self._listed_invoices()):
            watch.add_new(some)
            for row in some:
                unmet.meet(row.lago_id)
                yield row
        async for row in self._invoices_named(unmet.names()):
            yield row
        self._read[Kind.INVOICE] = Mark(self._started, self._sync_from)

    async def _listed_invoices(self) -> AsyncIterator[InvoiceSummary | Unreadable]:
        """List each invoice once: what is final by the time the lists are read comes as that."""
        open_now = [row async for row in self._run.lago.invoices(Selection(statuses=NOT_FINAL))]
        known, notes = self._watch_not_final(open_now)
        start = self._window_start(Kind.INVOICE, oldest_not_final([*known.values(), *notes.values()]))
        self._ceased = known.keys() - notes.keys()
        missing, final_by_now = set(self._ceased), set()
        async for row in self._final_invoices(start):
            if row.lago_id is not None:
                missing.discard(row.lago_id)
                final_by_now |= {row.lago_id} & notes.keys()
            yield row
        for row in open_now:
            if row.lago_id not in final_by_now:
                yield row
        async for row in self._invoices_named(missing):
            if isinstance(row, Unreadable) and row.error.code == _NOT_FOUND:
                self._gone |= {row.lago_id}  # a draft that was deleted, or closed without an amount
            else:
                yield row

    def _watch_not_final(
        self, rows: Collection[InvoiceSummary | Unreadable]
    ) -> tuple[Mapping[LagoId, str], Mapping[LagoId, str]]:
        """Remember what is not final; returns what was remembered before, and what is to be from now on."""
        known = self._run.ledger.watched(WATCHED_NOT_FINAL)
        notes = {
            row.lago_id: NotFinal(row.status, row.issuing_date).as_text()
            for row in rows
            if isinstance(row, InvoiceSummary)
        }
        if not self._run.options.dry_run:
            fresh = {one: note for one, note in notes.items() if known.get(one) != note}
            self._run.ledger.record_watched(WATCHED_NOT_FINAL, fresh, self._run.clock.now())
        return known, notes

    async def _final_invoices(self, start: date | None) -> AsyncIterator[InvoiceSummary | Unreadable]:
        async for row in self._run.lago.invoices(Selection(statuses=FINAL, since=start)):
            yield row
        if before := self._voided_before(start):
            async for row in self._run.lago.invoices(before):
                yield row

    def _voided_before(self, start: date | None) -> Selection | None:
        """Select what may have been voided since it was posted, outside the window."""
        if start is None or start == self._sync_from:
            return None
        return Selection(statuses=(_VOIDED,), since=self._sync_from, until=start - _ONE_DAY)

    async def _invoices_named(self, ids: Collection[LagoId]) -> AsyncIterator[InvoiceSummary | Unreadable]:
        if ids:  # a selection without ids would be one of everything
            async for row in self._run.lago.invoices(Selection(ids=tuple(sorted(ids)))):
                yield row

    async def credit_notes(self) -> AsyncIterator[Received[CreditNote] | Unreadable]:
        """List the credit notes to look at."""
        if not self.is_incremental:
            async for row in self._run.lago.credit_notes(self._run.options.selection):
                self._witness(row)
                yield row
            return
        unmet = self._unmet[Kind.CREDIT_NOTE] = Unmet(self._run.ledger, Kind.CREDIT_NOTE)
        # A note on a draft is hidden until its invoice is final, and then keeps its date.
        oldest = oldest_not_final(self._run.ledger.watched(WATCHED_NOT_FINAL).values(), or_failed=True)
        start = self._window_start(Kind.CREDIT_NOTE, oldest)
        looks = [Selection(since=start)]
        if start is not None and start != self._sync_from:
            looks.append(Selection(since=self._sync_from, until=start - _ONE_DAY, credit_status=_VOIDED))
        for look in looks:
            async for row in self._run.lago.credit_notes(look):
                unmet.meet(row.lago_id if isinstance(row, Unreadable) else row.document.lago_id)
                yield row
        if names := unmet.names():
            async for row in self._run.lago.credit_notes(Selection(ids=names)):
                yield row
        self._read[Kind.CREDIT_NOTE] = Mark(self._started, self._sync_from, oldest)

    async def invoices_to_be_paid(self) -> AsyncIterator[InvoiceSummary | Unreadable]:
        """List the invoices that are open in Lago, then those that were and ceased to be."""
        left = set(self._run.ledger.watched(WATCHED_UNPAID))
        async for row in self._run.lago.invoices(_OPEN_IN_LAGO):
            left.discard(row.lago_id or LagoId(""))
            yield row
        async for row in self._invoices_named(left):
            if isinstance(row, Unreadable) and row.error.code == _NOT_FOUND and row.lago_id is not None:
                self.account_for(row.lago_id)
            else:
                yield row

    async def all_payments(self) -> AsyncIterator[Received[Payment] | Unreadable]:
        """List all payments, newest first, down to the go-live date; before that, note what is open in Lago.

        What is paid while the list is read is then either in the list or on an invoice that is watched.
        """
        watch = _UnpaidWatch(self._run)
        async for some in chunks(self._run.lago.invoices(_OPEN_IN_LAGO)):
            watch.add([row.lago_id for row in some if row.lago_id is not None])
        earliest = None if self._sync_from is None else self._sync_from - 2 * _ONE_DAY  # in any time zone
        async for row in self._run.lago.payments(Selection()):
            if isinstance(row, Received) and earliest and row.document.created_at.date() < earliest:
                return
            yield row

    def meet_payments(self, payments: Iterable[Received[Payment]]) -> None:
        """Learn of payments that were found."""
        for one in payments:
            self._witness(one)
            if self.is_incremental:
                self.unmet_payments().meet(one.document.lago_id)

    def unmet_payments(self) -> Unmet:
        """Open payments that were not met."""
        if Kind.PAYMENT not in self._unmet:
            self._unmet[Kind.PAYMENT] = Unmet(self._run.ledger, Kind.PAYMENT)
        return self._unmet[Kind.PAYMENT]

    async def payments_named(self) -> AsyncIterator[Received[Payment] | Unreadable]:
        """List by id the open payments that were not met; with them the payments are read to their end."""
        if names := self.unmet_payments().names():
            async for row in self._run.lago.payments(Selection(ids=names)):
                yield row
        self._read[Kind.PAYMENT] = Mark(self._started, self._sync_from)

    def watch_unpaid(self, invoices: Collection[LagoId]) -> None:
        """Keep invoices in view until their payments are accounted for."""
        _UnpaidWatch(self._run).add(invoices)

    def account_for(self, *invoices: LagoId) -> None:
        """Stop watching invoices: they are not open any more, and their payments are all settled."""
        if not self._run.options.dry_run:
            now = self._run.clock.now()
            self._run.ledger.record_watched(WATCHED_UNPAID, dict.fromkeys(invoices), now)

    def standing(self, kind: Kind) -> list[Planned]:
        """Tell of open documents that were not met and stay as they are."""
        return self._unmet[kind].standing() if kind in self._unmet else []

    def heard(self, event: SyncEvent) -> None:
        """Learn of what was met and is not in the ledger: such a run moves no mark."""
        if isinstance(event, DocumentReported) and event.state is None and event.outcome != "not_final":
            self.left_out = True

    def close(self) -> None:
        """Move the marks: every list was read to its end, and everything met was carried out."""
        if self._run.options.dry_run or self.left_out:
            return
        now = self._run.clock.now()
        if Kind.INVOICE in self._read:
            # What is in the ledger is taken up by id as long as it is open.
            entries = self._run.ledger.entries([key_of(Kind.INVOICE, one) for one in self._ceased])
            done = [one for one in self._ceased if one in self._gone or key_of(Kind.INVOICE, one) in entries]
            self._run.ledger.record_watched(WATCHED_NOT_FINAL, dict.fromkeys(done), now)
        for kind, mark in self._read.items():
            self._run.ledger.record_mark(_mark_name(kind), mark.as_text(), now)

    @property
    def _sync_from(self) -> date | None:
        return self._run.options.rules.sync_from

    def _mark(self, kind: Kind) -> Mark | None:
        return None if self._run.options.sweep else read_mark(self._run.ledger.mark(_mark_name(kind)))

    def _window_start(self, kind: Kind, oldest: date | None) -> date | None:
        return window_start(
            self._mark(kind),
            self._started,
            lookback=self._run.options.lookback,
            sync_from=self._sync_from,
            oldest_open=oldest,
        )


_OPEN_IN_LAGO = Selection(statuses=("finalized",), payment_statuses=UNPAID)


class _UnpaidWatch:
    """Puts invoices on the list of those whose payments are to be accounted for."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._is_kept = not run.options.dry_run
        # The first look at payments is one at all of them, and makes the list.
        self._new_count = self._is_kept and run.ledger.mark(_mark_name(Kind.PAYMENT)) is not None
        self._known: set[LagoId] | None = None

    def add_new(self, rows: Collection[InvoiceSummary | Unreadable]) -> None:
        """Watch the invoices that the ledger does not know as settled: they may be paid already."""
        if not self._new_count:
            return
        final = [
            row.lago_id
            for row in rows
            if isinstance(row, InvoiceSummary) and gate_invoice(row, None).passage is not Passage.LATER
        ]
        entries = self._run.ledger.entries([key_of(Kind.INVOICE, one) for one in final])
        settled = {entry.lago_id for entry in entries.values() if entry.state in SETTLED}
        self.add([one for one in final if one not in settled])

    def add(self, invoices: Collection[LagoId]) -> None:
        """Watch invoices, those that are not yet watched."""
        if not self._is_kept or not invoices:
            return
        if self._known is None:
            self._known = set(self._run.ledger.watched(WATCHED_UNPAID))
        fresh = [one for one in invoices if one not in self._known]
        self._known.update(fresh)
        self._run.ledger.record_watched(WATCHED_UNPAID, dict.fromkeys(fresh, ""), self._run.clock.now())


def _mark_name(kind: Kind) -> str:
    return f"read:{kind.value}"
