"""Tells Lago where its customers, invoices and credit notes stand in NetSuite."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from hashlib import sha256

from lago_ns_cli.domain.attempts import SETTLED, Entry, Fact, Subject
from lago_ns_cli.domain.catalog import Row
from lago_ns_cli.domain.documents import Tree
from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, LagoExternalId, LagoId, key_of
from lago_ns_cli.domain.lago_metadata import (
    ADDRESS_KEY,
    ID_KEY,
    SUBSIDIARY_KEY,
    URL_KEY,
    address_line,
    as_wanted,
    decide_credit_note_metadata,
    decide_customer,
    decide_invoice_metadata,
    record_url,
)
from lago_ns_cli.domain.write_back import (
    CREDIT_NOTE_BACK,
    CUSTOMER_BACK,
    INVOICE_BACK,
    BackDecision,
    back_key,
)
from lago_ns_cli.errors import DocumentError, RejectedError
from lago_ns_cli.workflows.reports import SyncEvent
from lago_ns_cli.workflows.run import chunks
from lago_ns_cli.workflows.write_back import BackRun, bring_back, hold_back

_CHUNK = 100
_TOLD = "told"
"""The fact, on the key of what Lago was told: the hash of it, so that nothing is asked where nothing changed."""

_CUSTOMERS = "lago:cus:"

Decider = Callable[[BackDecision, Tree, Mapping[str, str]], BackDecision]


async def tell_documents(run: BackRun) -> AsyncIterator[SyncEvent]:
    """Put the internal id and the page of posted invoices and credit notes into Lago's metadata."""
    kinds: list[tuple[Kind, str, Decider]] = [
        (Kind.INVOICE, INVOICE_BACK, decide_invoice_metadata),
        (Kind.CREDIT_NOTE, CREDIT_NOTE_BACK, decide_credit_note_metadata),
    ]
    for kind, back, decide in kinds:
        after: Key | None = None
        while entries := run.ledger.entries_lacking(kind, back, after=after, limit=_CHUNK):
            for entry in entries:
                async for event in _tell(run, entry, kind, back, decide):
                    yield event
            after = entries[-1].key


async def _tell(
    run: BackRun, entry: Entry, kind: Kind, back: str, decide: Decider
) -> AsyncIterator[SyncEvent]:
    if entry.netsuite_id is None:
        return
    wanted = {ID_KEY: str(entry.netsuite_id), URL_KEY: record_url(kind, entry.netsuite_id, run.account_host)}
    subject = _subject(entry, back)

    async def fetch() -> Tree:
        if kind is Kind.INVOICE:
            return (await run.lago.invoice(entry.lago_id)).tree
        return (await run.lago.credit_note(entry.lago_id)).tree

    async for event in _bring(run, subject, entry.netsuite_id, fetch, partial(_decided, decide, wanted)):
        yield event


def _decided(
    decide: Decider, wanted: Mapping[str, str], decision: BackDecision, document: Tree
) -> BackDecision:
    return decide(decision, document, wanted)


async def tell_customers(run: BackRun) -> AsyncIterator[SyncEvent]:
    """Tell Lago the internal id, the subsidiary and the address of its customers, as NetSuite has them."""
    async for rows in chunks(run.netsuite.list_rows("customer", include=("address",)), _CHUNK):
        told = {lago_id: (row, _wanted(row)) for row in rows if (lago_id := _lago_customer(row)) is not None}
        known = run.ledger.entries([key_of(Kind.CUSTOMER, lago_id) for lago_id in told])
        before = run.ledger.facts([back_key(CUSTOMER_BACK, lago_id) for lago_id in told])
        for lago_id, (row, wanted) in told.items():
            entry = known.get(key_of(Kind.CUSTOMER, lago_id))
            mark = _mark(wanted)
            if entry is None or before.get(back_key(CUSTOMER_BACK, lago_id), {}).get(_TOLD) == mark:
                continue
            async for event in _tell_customer(run, entry, InternalId(str(row["id"])), wanted):
                yield event
            _account_for(run, back_key(CUSTOMER_BACK, lago_id), mark)


async def _tell_customer(
    run: BackRun, entry: Entry, internal_id: InternalId, wanted: Mapping[str, str]
) -> AsyncIterator[SyncEvent]:
    async def fetch() -> Tree:
        return (await run.lago.customer(LagoExternalId(entry.number))).tree

    decide = partial(_decided, decide_customer, wanted)
    async for event in _bring(run, _subject(entry, CUSTOMER_BACK), internal_id, fetch, decide):
        yield event


async def _bring(
    run: BackRun,
    subject: Subject,
    internal_id: InternalId,
    fetch: Callable[[], Awaitable[Tree]],
    decide: Callable[[BackDecision, Tree], BackDecision],
) -> AsyncIterator[SyncEvent]:
    blank = BackDecision(subject=subject, netsuite_id=internal_id)

    async def looked_at() -> BackDecision:
        return decide(blank, await fetch())

    def confirm(answer: Tree) -> bool:
        return as_wanted(decide(blank, answer))

    try:
        async for event in bring_back(run, looked_at, confirm):
            yield event
    except (DocumentError, RejectedError) as error:
        yield hold_back(run, blank, error)


def _account_for(run: BackRun, key: Key, mark: str) -> None:
    entry = run.ledger.entries([key]).get(key)
    if not run.dry_run and entry is not None and entry.state in SETTLED:
        run.ledger.record_facts([Fact(key, _TOLD, mark)], run.clock.now())


def _subject(entry: Entry, back: str) -> Subject:
    return Subject(
        key=back_key(back, entry.lago_id),
        kind=back,
        lago_id=entry.lago_id,
        number=entry.number,
        customer_id=entry.customer_id,
    )


def _wanted(row: Row) -> dict[str, str]:
    told = {ID_KEY: row["id"], SUBSIDIARY_KEY: row.get("subsidiary")}
    address = row.get("address")
    told[ADDRESS_KEY] = address_line(address) if isinstance(address, Mapping) else None
    return {key: str(value) for key, value in told.items() if value not in (None, "")}


def _mark(wanted: Mapping[str, str]) -> str:
    return sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()


def _lago_customer(row: Row) -> LagoId | None:
    key = str(row.get("key") or "").lower()
    if key.startswith(_CUSTOMERS):
        return LagoId(key.removeprefix(_CUSTOMERS))
    lago_id = row.get("lago_id")
    return LagoId(str(lago_id).lower()) if lago_id else None
