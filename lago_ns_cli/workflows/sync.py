"""The pipe, kind by kind, parents first, until nothing more can go."""

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping
from datetime import timedelta
from typing import Protocol

from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.identifiers import Key, Kind
from lago_ns_cli.domain.index_lag import NOT_SEEN_YET
from lago_ns_cli.workflows.applications import Applications
from lago_ns_cli.workflows.discovery import Discovery
from lago_ns_cli.workflows.doubts import due_entries, settle_doubts
from lago_ns_cli.workflows.reports import DocumentReported, SyncEvent
from lago_ns_cli.workflows.run import Run
from lago_ns_cli.workflows.sync_credit_notes import CreditNotes
from lago_ns_cli.workflows.sync_customers import Customers
from lago_ns_cli.workflows.sync_invoices import Invoices
from lago_ns_cli.workflows.sync_payments import Payments

ORDER = (Kind.CUSTOMER, Kind.INVOICE, Kind.CREDIT_NOTE, Kind.PAYMENT)
"""Parents first."""

RESUME_ROUNDS = 3
"""How often a run comes back to what was waiting: a chain of documents is no longer than this."""


LONGEST_WAIT = timedelta(seconds=60)
"""How long a run that has nothing else to do waits for records that do not show yet."""


class Step(Protocol):
    """Brings the documents of one kind to NetSuite."""

    def sync(self) -> AsyncIterator[SyncEvent]:
        """Bring the documents of the run's selection."""


def steps_of(run: Run, discovery: Discovery) -> Mapping[Kind, Step]:
    """Give the step of each kind; customers are decided about once for all of them."""
    customers = Customers(run)
    return {
        Kind.CUSTOMER: customers,
        Kind.INVOICE: Invoices(run, customers, discovery),
        Kind.CREDIT_NOTE: CreditNotes(run, customers, discovery),
        Kind.PAYMENT: Payments(run, customers, discovery),
    }


async def sync(
    run: Run, kinds: Collection[Kind], *, quarantine: timedelta = timedelta(seconds=960)
) -> AsyncIterator[SyncEvent]:
    """Bring the selected documents of some kinds to NetSuite; one event a document.

    What was left in doubt is looked up first. What waits for a parent, or was left pending by
    an earlier run, goes as soon as it can, also where it is outside the selection.

    Args:
        quarantine: How long after a lost answer nothing may be sent again.

    Raises:
        RemoteError: One of the two sides cannot be reached or refuses as a whole; what was not
            sent stays to be sent.
        LedgerError: The ledger cannot be written.
    """
    discovery = Discovery(run)
    async for event in run.whole(_all_of(run, kinds, quarantine, discovery)):
        discovery.heard(event)
        yield event
    discovery.close()


async def _all_of(
    run: Run, kinds: Collection[Kind], quarantine: timedelta, discovery: Discovery
) -> AsyncGenerator[SyncEvent, None]:
    async for event in settle_doubts(run, quarantine):
        yield event
    steps = steps_of(run, discovery)
    for kind in ORDER:
        if kind in kinds:
            async for event in carry_out_step(run, steps[kind]):
                yield event
            async for event in run.carry_out(discovery.standing(kind)):
                yield event
    if not run.options.dry_run:
        async for event in resume(run, kinds):
            yield event
    async for event in apply_memos(run, kinds):
        yield event


async def carry_out_step(run: Run, step: Step) -> AsyncIterator[SyncEvent]:
    """Carry out a step to its end: the next one needs what it posts."""
    async for event in step.sync():
        yield event
    async for event in run.settle():
        yield event


async def apply_memos(run: Run, kinds: Collection[Kind]) -> AsyncIterator[SyncEvent]:
    """Apply memos to the invoices that consume them.

    Where the notes are not asked for, an application goes if it can, and one that still waits for
    its note is none of this run's business.
    """
    if Kind.CREDIT_NOTE in kinds:
        async for event in carry_out_step(run, Applications(run)):
            yield event
    elif Kind.INVOICE in kinds and not run.options.dry_run:
        async for event in carry_out_step(run, Applications(run)):
            if not (isinstance(event, DocumentReported) and event.outcome == "waiting"):
                yield event


async def resume(run: Run, kinds: Collection[Kind]) -> AsyncIterator[SyncEvent]:
    """Take up what is pending, and what waited for a parent that is posted by now."""
    tried: set[Key] = set()
    for _ in range(RESUME_ROUNDS):
        ready = [entry for entry in _ready(run, kinds) if entry.key not in tried]
        if not ready and await _until_seen(run, kinds):
            ready = [entry for entry in _ready(run, kinds) if entry.key not in tried]
        if not ready:
            return
        tried |= {entry.key for entry in ready}
        async for event in bring(
            run, {kind: tuple(name_of(entry) for entry in ready if entry.kind == kind) for kind in ORDER}
        ):
            yield event


async def _until_seen(run: Run, kinds: Collection[Kind]) -> bool:
    """Wait for the next look-up of records that do not show yet, where it is near; tells whether there is one."""
    now = run.clock.now()
    times = [
        entry.next_attempt_at
        for entry in run.ledger.entries_in({State.WAITING})
        if entry.kind in kinds and entry.code in NOT_SEEN_YET and entry.next_attempt_at is not None
    ]
    near = [at for at in times if timedelta(0) < at - now <= LONGEST_WAIT]
    if not near:
        return False
    await run.clock.sleep((max(near) - now).total_seconds())
    return True


async def bring(run: Run, names: Mapping[Kind, tuple[str, ...]]) -> AsyncIterator[SyncEvent]:
    """Bring single documents to NetSuite, parents first.

    Args:
        names: By kind, as a selection names them; the run's own selection does not count.
    """
    for kind in ORDER:
        if names.get(kind):
            narrowed = run.narrowed(Selection(ids=names[kind]), asked_by_id=run.options.rules.asked_by_id)
            async for event in carry_out_step(narrowed, steps_of(narrowed, Discovery(narrowed))[kind]):
                yield event


def name_of(entry: Entry) -> str:
    """Name a document as a selection does: customers by their external id."""
    return entry.number if entry.kind == Kind.CUSTOMER else entry.lago_id


def _ready(run: Run, kinds: Collection[Kind]) -> list[Entry]:
    entries = due_entries(run.ledger.entries_in({State.PENDING, State.WAITING}), run.clock.now())
    parents = run.ledger.links([entry.parent for entry in entries if entry.parent is not None])
    return [
        entry
        for entry in entries
        if entry.kind in kinds and (entry.parent is None or entry.parent in parents)
    ]


def set_free(run: Run) -> list[Entry]:
    """List what waited for a parent that is posted by now."""
    entries = [entry for entry in run.ledger.entries_in({State.WAITING}) if entry.parent is not None]
    parents = run.ledger.entries([entry.parent for entry in entries if entry.parent is not None])
    posted = {key for key, parent in parents.items() if parent.state is State.POSTED}
    return [entry for entry in due_entries(entries, run.clock.now()) if entry.parent in posted]
