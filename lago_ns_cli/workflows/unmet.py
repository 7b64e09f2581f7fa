"""Open documents that a run has not met in Lago's lists: none of them is forgotten."""

from collections.abc import Mapping

from lago_ns_cli.domain.attempts import SETTLED, Entry, State, subject_of
from lago_ns_cli.domain.identifiers import Kind, LagoId
from lago_ns_cli.domain.plan import Action, Planned, plan_settled
from lago_ns_cli.workflows.deciding import PREPAID
from lago_ns_cli.workflows.ports import Ledger
from lago_ns_cli.workflows.voids import VOID

_OPEN = frozenset({State.HELD, State.WAITING, State.PENDING})
"""What is in doubt is looked up at the beginning of a run, and told there."""

_BROUGHT_ALONG: Mapping[Kind, tuple[str, ...]] = {Kind.INVOICE: (Kind.INVOICE, PREPAID, VOID)}


class Unmet:
    """The documents of a kind that were open when a run came to it, less those it met.

    As many as are open are in memory, however many are known.
    """

    def __init__(self, ledger: Ledger, kind: Kind) -> None:
        self._ledger = ledger
        self._entries: dict[LagoId, list[Entry]] = {}
        for some in _BROUGHT_ALONG.get(kind, (kind,)):
            for entry in ledger.entries_in(_OPEN, kind=some):
                self._entries.setdefault(entry.lago_id, []).append(entry)

    def meet(self, lago_id: LagoId | None) -> None:
        """Strike out a document that came in a list."""
        if lago_id is not None:
            self._entries.pop(lago_id, None)

    def names(self) -> tuple[LagoId, ...]:
        """Name the documents that only another look at Lago can bring forward."""
        standing = {planned.subject.lago_id for planned in self.standing()}
        return tuple(lago_id for lago_id in self._entries if lago_id not in standing)

    def standing(self) -> list[Planned]:
        """Tell, from the ledger alone, of those that stay as they are whatever Lago says.

        That is what has a record and is held, which needs a person, and what waits for a parent
        that is itself open: when that one is posted, the child goes in the same run.
        """
        entries = [entry for some in self._entries.values() for entry in some]
        parents = self._ledger.entries([entry.parent for entry in entries if entry.parent is not None])
        found = []
        for entry in entries:
            parent = None if entry.parent is None else parents.get(entry.parent)
            if entry.state is State.HELD and entry.netsuite_id is not None:
                settled = plan_settled(subject_of(entry), entry)
                found += [] if settled is None else [settled]
            elif entry.state is State.WAITING and parent is not None and parent.state not in SETTLED:
                found.append(_waiting_still(entry))
        return found


def _waiting_still(entry: Entry) -> Planned:
    return Planned(
        subject=subject_of(entry),
        action=Action.WAIT,
        code=entry.code,
        reason=entry.reason,
        parents=() if entry.parent is None else (entry.parent,),
        stored=False,
    )
