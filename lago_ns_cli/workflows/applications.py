"""Memos onto the invoices that consume their credit."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from lago_ns_cli.domain.applications import (
    APPLICATION,
    application_mark,
    application_subject,
    ask_again,
    consumed_notes,
    consumption_facts,
    note_number,
    wanted_applications,
)
from lago_ns_cli.domain.attempts import Entry, Fact, State, Subject
from lago_ns_cli.domain.documents import Invoice
from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, LagoId, application_key, key_of
from lago_ns_cli.domain.mapping import CreditNotePolicy
from lago_ns_cli.domain.parents import Parent, ParentName
from lago_ns_cli.domain.plan import Action, Planned, plan_hold, within_bounds
from lago_ns_cli.domain.records import Application, Record, Reference
from lago_ns_cli.domain.translation.context import AccountCurrency, account_currency, refuse
from lago_ns_cli.domain.translation.credit_note import RECORD_TYPE
from lago_ns_cli.errors import DocumentError
from lago_ns_cli.workflows.before_go_live import skip_unseen
from lago_ns_cli.workflows.deciding_credit_notes import stop_at
from lago_ns_cli.workflows.parents import find_parents
from lago_ns_cli.workflows.reports import SyncEvent
from lago_ns_cli.workflows.run import Run

_CHUNK = 50
"""Applications that are decided about at once: each asks for its memo and its invoices."""

_OPEN = frozenset({State.PENDING, State.WAITING, State.HELD})


def record_consumption(run: Run, invoices: Iterable[Invoice]) -> None:
    """Remember what invoices that are about to be posted take from which credit notes.

    Under ``apply_memo`` the memos are then to be applied; under ``negative_line`` it is only
    known that this credit is used up. Before the invoice is sent, so that nothing is forgotten
    if the run ends there.
    """
    facts: list[Fact] = []
    applied: dict[LagoId, Invoice] = {}
    for invoice in invoices:
        policy = run.context.mappings.credit_note_policy(invoice.billing_entity_code)
        facts += consumption_facts(invoice, policy)
        if policy is CreditNotePolicy.APPLY_MEMO:
            applied |= {used.note: invoice for used in consumed_notes(invoice)}
    if not facts:
        return
    now = run.clock.now()
    run.ledger.record_facts(facts, now)
    known = run.ledger.facts([key_of(Kind.CREDIT_NOTE, note) for note in applied])
    entries = run.ledger.entries([application_key(note) for note in applied])
    asked = (
        ask_again(
            _subject_of(note, invoice, known[key_of(Kind.CREDIT_NOTE, note)]),
            entries.get(application_key(note)),
            note,
            wanted_applications(known[key_of(Kind.CREDIT_NOTE, note)]),
        )
        for note, invoice in applied.items()
    )
    run.ledger.record_changes([change for change in asked if change is not None], now)


def _subject_of(note: LagoId, invoice: Invoice, facts: Mapping[str, str]) -> Subject:
    return application_subject(
        note,
        note_number(facts, note),
        invoice.customer.lago_id,
        invoice.currency,
        wanted_applications(facts),
    )


class Applications:
    """The applications that are not yet as they should be."""

    def __init__(self, run: Run) -> None:
        self._run = run

    async def sync(self, only: Collection[Key] | None = None) -> AsyncIterator[SyncEvent]:
        """Carry out what can be carried out, perhaps of some only; each is reported once."""
        entries = [
            entry
            for entry in self._run.ledger.entries_in(_OPEN, kind=APPLICATION)
            if only is None or entry.key in only
        ]
        for start in range(0, len(entries), _CHUNK):
            some = entries[start : start + _CHUNK]
            facts = self._run.ledger.facts([key_of(Kind.CREDIT_NOTE, entry.lago_id) for entry in some])
            async for event in skip_unseen(self._run, list(_memos(some, facts).values())):
                yield event
            async for event in self._run.carry_out(await self._decide(some, facts)):
                yield event

    async def _decide(
        self, entries: Sequence[Entry], facts: Mapping[Key, Mapping[str, str]]
    ) -> list[Planned]:
        wanted = {
            entry.key: wanted_applications(facts.get(key_of(Kind.CREDIT_NOTE, entry.lago_id), {}))
            for entry in entries
        }
        memos = _memos(entries, facts)
        names = [*memos.values(), *self._invoices({one for some in wanted.values() for one in some})]
        parents = await find_parents(self._run, names)
        return [self._plan(entry, memos[entry.key], wanted[entry.key], parents) for entry in entries]

    def _invoices(self, invoices: Iterable[LagoId]) -> list[ParentName]:
        entries = self._run.ledger.entries([key_of(Kind.INVOICE, invoice) for invoice in invoices])
        named = {entry.lago_id: entry.number for entry in entries.values()}
        return [
            ParentName(Kind.INVOICE, invoice, named.get(invoice, invoice)) for invoice in sorted(invoices)
        ]

    def _plan(
        self, entry: Entry, memo: ParentName, wanted: Mapping[LagoId, int], parents: Mapping[Key, Parent]
    ) -> Planned:
        subject = application_subject(
            entry.lago_id, memo.number, entry.customer_id, entry.currency or "", wanted
        )
        if not wanted:
            return _nothing_to_apply(subject)
        shares = [(parents[key_of(Kind.INVOICE, invoice)], cents) for invoice, cents in wanted.items()]
        needed = [parents[memo.key], *(invoice for invoice, _ in shares)]
        kept = [(parent, parent.obstacle) for parent in needed if parent.obstacle is not None]
        for parent, obstacle in sorted(kept, key=lambda pair: not pair[1].final):
            return stop_at(subject, parent, obstacle)
        try:
            currency = account_currency(subject.currency or "", self._run.context)
            record = _record(entry.lago_id, parents[memo.key], shares, currency)
        except DocumentError as error:
            return plan_hold(subject, error.code, error.message, error.hint)
        planned = Planned(
            subject=subject,
            action=Action.APPLY,
            record=record,
            fingerprint=application_mark(entry.lago_id, wanted),
            netsuite_id=parents[memo.key].id,
            parents=tuple(parent.name.key for parent in needed),
        )
        return self._unless_refused_before(planned, entry)

    def _unless_refused_before(self, planned: Planned, entry: Entry) -> Planned:
        """What NetSuite refused is sent again when it is asked for, or when it would be another state."""
        refused = entry.state is State.HELD and entry.fingerprint == planned.fingerprint
        if not refused or self._run.options.rules.asked_by_id:
            return within_bounds(planned)
        held = plan_hold(planned.subject, entry.code or "held", entry.reason or "", None)
        return replace(held, stored=False, netsuite_id=planned.netsuite_id)


def _memos(entries: Sequence[Entry], facts: Mapping[Key, Mapping[str, str]]) -> dict[Key, ParentName]:
    """Name the memos of applications, by the applications' keys."""
    return {
        entry.key: ParentName(
            Kind.CREDIT_NOTE,
            entry.lago_id,
            note_number(facts.get(key_of(Kind.CREDIT_NOTE, entry.lago_id), {}), entry.lago_id),
        )
        for entry in entries
    }


def _nothing_to_apply(subject: Subject) -> Planned:
    return Planned(
        subject=subject,
        action=Action.SKIP,
        code="nothing_to_apply",
        reason="no invoice that is posted under apply_memo consumes it any more",
    )


def _record(
    note: LagoId, memo: Parent, shares: Sequence[tuple[Parent, int]], currency: AccountCurrency
) -> Record:
    """State the whole of a memo's applications: ours, and those that people made.

    Raises:
        TranslationError: An invoice, or the memo, has less open than is wanted of it.
    """
    ours = [Application(Reference(one.name.key, one.id), currency.amount(cents)) for one, cents in shares]
    for (invoice, _), application in zip(shares, ours, strict=True):
        _check_invoice(invoice, memo, Decimal(application.amount))
    known = {application.target.internal_id for application in ours}
    theirs = {id_: amount for id_, amount in memo.applied.items() if id_ not in known}
    _check_memo(memo, sum((Decimal(one.amount) for one in ours), Decimal(0)), theirs)
    kept = [Application(Reference(Key(""), id_), format(amount, "f")) for id_, amount in theirs.items()]
    return Record(key=memo.name.key, lago_id=note, type=RECORD_TYPE, columns={}, apply=(*ours, *kept))


def _check_invoice(invoice: Parent, memo: Parent, wanted: Decimal) -> None:
    if invoice.open_amount is None or invoice.id is None:
        return
    usable = invoice.open_amount + memo.applied.get(invoice.id, Decimal(0))
    if wanted > usable:
        refuse(
            "over_applied",
            invoice.name.number,
            f"{wanted} of {memo.name.text} are to be applied to {invoice.name.text} "
            f"(internal id {invoice.id}), which has {usable} open in NetSuite",
            f"Take off in NetSuite what was put on {invoice.name.number} there, then run the command again.",
        )


def _check_memo(memo: Parent, wanted: Decimal, theirs: Mapping[InternalId, Decimal]) -> None:
    if memo.open_amount is None or not theirs:
        return
    usable = memo.open_amount + sum(memo.applied.values(), Decimal(0)) - sum(theirs.values(), Decimal(0))
    if wanted > usable:
        refuse(
            "over_applied",
            memo.name.number,
            f"{wanted} of {memo.name.text} (internal id {memo.id}) are to be applied, but only {usable} are "
            f"left beside what was applied in NetSuite to {', '.join(sorted(theirs))}",
            "Take that off in NetSuite, then run the command again.",
        )
