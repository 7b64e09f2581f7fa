"""Finding parents: in the ledger first, and in NetSuite as they stand now."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.exchange import FindStatus, Found, RecordState
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.domain.index_lag import look_again_at
from lago_ns_cli.domain.parents import (
    RECORD_TYPES,
    Obstacle,
    Parent,
    ParentName,
    parent_in_ledger,
    parent_in_netsuite,
)
from lago_ns_cli.workflows.run import Run

_QUERIES = 200
"""The most that one ``find`` takes."""


async def find_parents(run: Run, names: Collection[ParentName]) -> dict[Key, Parent]:
    """Find what children need, and tell how it stands.

    A dry run takes what is not in the ledger yet as if it were there, since it would be.

    Raises:
        RemoteError: NetSuite cannot be asked.
    """
    by_key = {name.key: name for name in names}
    entries = run.ledger.entries(by_key)
    parents: dict[Key, Parent] = {}
    asked: list[ParentName] = []
    for key, name in by_key.items():
        entry = entries.get(key)
        told = parent_in_ledger(name, entry)
        if told is None:
            asked.append(name)
        else:
            parents[key] = Parent(name=name) if run.options.dry_run and entry is None else told
    return parents | await _ask(run, asked, entries)


async def _ask(run: Run, names: Sequence[ParentName], entries: Mapping[Key, Entry]) -> dict[Key, Parent]:
    """Ask by internal id for what we posted; by Lago id, then number, for what we skipped."""
    queries = {name.key: _queries(name, entries[name.key]) for name in names}
    found = await _find(run, [query for several in queries.values() for query in several])
    answers = iter(found)
    results = {name.key: [next(answers) for _ in queries[name.key]] for name in names}
    absent = [key for key, several in results.items() if not any(one.records for one in several)]
    seen_at = run.ledger.given_up(absent)
    now = run.clock.now()
    return {
        name.key: _judge(
            name,
            entries[name.key],
            results[name.key],
            look_again_at(entries[name.key], seen_at.get(name.key), now),
        )
        for name in names
    }


def _queries(name: ParentName, entry: Entry) -> list[dict[str, str]]:
    record_type = RECORD_TYPES[name.kind]
    if entry.state is not State.SKIPPED and entry.netsuite_id is not None:
        return [{"type": record_type, "id": entry.netsuite_id}]
    return [
        {"type": record_type, "lago_id": name.lago_id},
        {"type": record_type, "number": entry.number},
    ]


async def _find(run: Run, queries: Sequence[Mapping[str, str]]) -> list[Found]:
    found: list[Found] = []
    for start in range(0, len(queries), _QUERIES):
        found += await run.netsuite.find(queries[start : start + _QUERIES])
    return found


def _judge(name: ParentName, entry: Entry, results: Sequence[Found], again_at: datetime | None) -> Parent:
    if any(result.status == FindStatus.DENIED for result in results):
        # Not seen is never taken for not there.
        blind = Obstacle(
            "INSUFFICIENT_PERMISSION",
            f"the role may not see its {name.text}",
            final=True,
            hint="Give the role the permission that lago-ns restlet status names.",
        )
        return Parent(name=name, obstacle=blind)
    record: RecordState | None = next((one for result in results for one in result.records), None)
    return parent_in_netsuite(name, entry, record, again_at)
