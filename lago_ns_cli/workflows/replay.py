"""Takes entries up again: held, waiting, pending or in doubt."""

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lago_ns_cli.domain.applications import APPLICATION
from lago_ns_cli.domain.attempts import Entry, State, subject_of
from lago_ns_cli.domain.carrying_on import CARRIED_ON_BY
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.identifiers import Key, Kind
from lago_ns_cli.domain.plan import Action, Planned, plan_settled, within_bounds
from lago_ns_cli.domain.records import record_from_json
from lago_ns_cli.errors import ConfigError
from lago_ns_cli.workflows.applications import Applications
from lago_ns_cli.workflows.deciding import PREPAID
from lago_ns_cli.workflows.doubts import doubt_the_abandoned, look_up_now
from lago_ns_cli.workflows.ports import Ledger
from lago_ns_cli.workflows.reports import SyncEvent
from lago_ns_cli.workflows.run import CHUNK, Run
from lago_ns_cli.workflows.sync import RESUME_ROUNDS, bring, name_of, set_free
from lago_ns_cli.workflows.voids import VOID

OPEN_STATES = frozenset({State.HELD, State.WAITING, State.PENDING, State.IN_DOUBT, State.SENDING})
"""What a replay may take up; posted and skipped entries are final."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayChoice:
    """Which entries to take up again; what is given must all hold.

    Args:
        names: Numbers, Lago ids or keys.
        states: Empty means all open states.
        codes: Why they are open, as ``lago-ns errors`` knows it.
        since: Moved to their state at this moment or later.
        as_sent: Send again what was sent, instead of translating anew.
    """

    names: tuple[str, ...] = ()
    states: frozenset[State] = frozenset()
    codes: frozenset[str] = frozenset()
    since: datetime | None = None
    as_sent: bool = False


def choose(ledger: Ledger, choice: ReplayChoice) -> list[Entry]:
    """List the entries that a replay would take up, oldest first.

    Raises:
        ConfigError: A name is not known to the ledger.
    """
    states = choice.states or OPEN_STATES
    if choice.names:
        entries = ledger.entries_named(choice.names)
        _refuse_unknown(choice.names, entries)
    else:
        entries = ledger.entries_in(states)
    return [
        entry
        for entry in entries
        if entry.state in states
        and entry.kind not in CARRIED_ON_BY
        and (not choice.codes or entry.code in choice.codes)
        and (choice.since is None or entry.updated_at >= choice.since)
    ]


def _refuse_unknown(names: Collection[str], entries: Sequence[Entry]) -> None:
    known = {name for entry in entries for name in (entry.number, entry.lago_id, entry.key)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ConfigError(
            f"The ledger does not know {', '.join(unknown)}.",
            hint="Give a number, a Lago id or a key, as lago-ns status shows them.",
        )


async def replay(
    run: Run, entries: Sequence[Entry], *, as_sent: bool, quarantine: timedelta
) -> AsyncIterator[SyncEvent]:
    """Take entries up again, and what waits for them as soon as it can go.

    What may be in NetSuite already is looked up first: an entry in doubt is sent again only after
    look-up and quarantine, a held one with a link is posted if its record is now as meant.

    Raises:
        RemoteError: One of the two sides cannot be reached or refuses as a whole.
    """
    async for event in run.whole(_events(run, entries, quarantine, as_sent=as_sent)):
        yield event


async def _events(
    run: Run, entries: Sequence[Entry], quarantine: timedelta, *, as_sent: bool
) -> AsyncGenerator[SyncEvent, None]:
    doubt_the_abandoned(run.ledger, run.clock)
    ready_before = {entry.key for entry in set_free(run)}
    linked = [entry for entry in _as_they_stand(run, entries) if _needs_look_up(entry)]
    async for event in look_up_now(run, linked, quarantine):
        yield event
    rest = [entry for entry in _as_they_stand(run, entries) if _can_be_sent(entry)]
    by_id = run.narrowed(Selection(), asked_by_id=True)
    async for event in _send_again(by_id, rest) if as_sent else _bring_again(by_id, rest):
        yield event
    async for event in run.settle():
        yield event
    async for event in _resume_children(run, ready_before | {entry.key for entry in entries}):
        yield event


async def _resume_children(run: Run, seen: set[Key]) -> AsyncIterator[SyncEvent]:
    """Take up what this replay has set free, and then what that sets free."""
    for _ in range(RESUME_ROUNDS):
        children = [entry for entry in set_free(run) if entry.key not in seen]
        if not children:
            return
        seen |= {entry.key for entry in children}
        async for event in _bring_again(run, children):
            yield event
        async for event in run.settle():
            yield event


async def _send_again(run: Run, entries: Sequence[Entry]) -> AsyncIterator[SyncEvent]:
    for start in range(0, len(entries), CHUNK):
        async for event in run.carry_out([_as_sent(run, entry) for entry in entries[start : start + CHUNK]]):
            yield event


async def _bring_again(run: Run, entries: Sequence[Entry]) -> AsyncIterator[SyncEvent]:
    async for event in bring(run, _documents_of(entries)):
        yield event
    applications = {entry.key for entry in entries if entry.kind == APPLICATION}
    if applications:
        async for event in Applications(run).sync(applications):
            yield event


def _as_they_stand(run: Run, entries: Sequence[Entry]) -> list[Entry]:
    fresh = run.ledger.entries([entry.key for entry in entries])
    return [fresh[entry.key] for entry in entries if entry.key in fresh]


def _documents_of(entries: Sequence[Entry]) -> dict[Kind, tuple[str, ...]]:
    """Name Lago's documents by kind: a memo that an invoice brings along is made from the invoice."""
    names: dict[Kind, dict[str, None]] = {kind: {} for kind in Kind}
    for entry in entries:
        if entry.kind != APPLICATION:
            names[_BROUGHT_BY.get(entry.kind) or Kind(entry.kind)][name_of(entry)] = None
    return {kind: tuple(some) for kind, some in names.items()}


_BROUGHT_BY = {PREPAID: Kind.INVOICE, VOID: Kind.INVOICE}


def _needs_look_up(entry: Entry) -> bool:
    return entry.state is State.IN_DOUBT or (entry.state is State.HELD and entry.netsuite_id is not None)


def _can_be_sent(entry: Entry) -> bool:
    return plan_settled(subject_of(entry), entry) is None


def _as_sent(run: Run, entry: Entry) -> Planned:
    """Rebuild a decision from what was sent; a document that was never sent cannot be sent as it was."""
    attempt = run.ledger.last_attempts([entry.key]).get(entry.key)
    subject = subject_of(entry)
    if attempt is None:
        return Planned(
            subject=subject,
            action=Action.HOLD,
            code="never_sent",
            reason="it was never sent, so there is nothing to send as it was",
            hint=f"lago-ns replay {entry.number}",
            stored=False,
        )
    planned = Planned(
        subject=subject,
        action=Action(str(attempt.payload["action"])),
        record=record_from_json(attempt.payload),
        fingerprint=str(attempt.payload["fingerprint"]),
        payload=attempt.payload,
        original=_archived(attempt.payload),
        archived=False,  # the payload has it already
    )
    return within_bounds(planned)


def _archived(payload: Mapping[str, object]) -> bytes | None:
    """Read Lago's original from what was sent, so that it is known of this attempt too."""
    archive = payload.get("archive")
    return str(archive["content"]).encode() if isinstance(archive, Mapping) else None
