"""One kind of document: what is generated, overlaid by what was added or changed, as one list."""

from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import merge
from typing import Any, NamedTuple

from lago_ns_cli.simulator.lago.generator import Generator
from lago_ns_cli.simulator.lago.index import Rows, build_rows
from lago_ns_cli.simulator.lago.queries import Condition
from lago_ns_cli.simulator.lago.source import Kind

Document = dict[str, Any]

_SELECTIONS_KEPT = 8


class Page(NamedTuple):
    """A page of a list and how many documents the whole list has."""

    documents: Sequence[Document]
    total: int


class Collection:
    """The documents of a kind.

    Args:
        kind: Which kind of generated documents it overlays.
        generator: Computes those.
        sort_key: The sort key of a document that was added; the index orders generated ones by the same.
    """

    def __init__(self, kind: Kind, generator: Generator, sort_key: Callable[[Document], int]) -> None:
        self._kind = kind
        self._generator = generator
        self._sort_key = sort_key
        self._stored: dict[str, Document] = {}
        self._hidden: set[str] = set()
        self._rows: Rows | None = None
        self._selections: OrderedDict[tuple[Any, ...], Sequence[int]] = OrderedDict()
        self.version = 0

    @property
    def stored(self) -> Mapping[str, Document]:
        """The documents that were added or changed, by id."""
        return self._stored

    def store(self, document: Document) -> None:
        """Add a document, or put it in the place of the one with its id.

        Raises:
            ValueError: It lacks the dates it is ordered by, or they cannot be read.
        """
        try:
            self._sort_key(document)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{document['lago_id']} cannot be listed: {error!r}") from error
        self._stored[document["lago_id"]] = document
        self._changed()

    def hide(self, lago_ids: Iterable[str]) -> None:
        """Take documents out of the list."""
        for lago_id in lago_ids:
            self._hidden.add(lago_id)
            self._stored.pop(lago_id, None)
        self._changed()

    def get(self, lago_id: str) -> Document | None:
        """Return a document by its id, as a single GET shows it."""
        if lago_id in self._stored:
            return self._stored[lago_id]
        place = self._generator.find(self._kind, lago_id)
        if place is None or lago_id in self._hidden:
            return None
        return self._generator.document(place)

    def page(
        self,
        conditions: Sequence[Condition],
        *,
        number: int,
        size: int,
        customers: Sequence[int] | None = None,
        cache_key: tuple[Any, ...] = (),
    ) -> Page:
        """Return a page of the documents that meet all conditions, in Lago's order.

        Args:
            conditions: Which documents are wanted.
            number: The page, from 1.
            size: How many documents a page has.
            customers: The generated customers to look at, by index; all of them by default.
            cache_key: Two calls of equal keys ask for the same documents; what was found for the last few
                keys is remembered until a document changes.
        """
        rows = self._all_rows() if customers is None else build_rows(self._generator, self._kind, customers)
        added = sorted(self._stored.values(), key=lambda one: (self._sort_key(one), one["lago_id"]))
        selected = self._selected(rows, added, conditions, cache_key if customers is None else ())
        wanted = selected[(number - 1) * size : number * size]
        documents = [self._document(rows, added, entry) for entry in wanted]
        return Page(documents, len(selected))

    def _all_rows(self) -> Rows:
        if self._rows is None:
            self._rows = build_rows(self._generator, self._kind, range(self._generator.customers))
        return self._rows

    def _changed(self) -> None:
        self.version += 1
        self._selections.clear()

    def _selected(
        self,
        rows: Rows,
        added: Sequence[Document],
        conditions: Sequence[Condition],
        cache_key: tuple[Any, ...],
    ) -> Sequence[int]:
        """Return what meets the conditions: positions of rows, and ``-1 - position`` in ``added``."""
        if cache_key and cache_key in self._selections:
            self._selections.move_to_end(cache_key)
            return self._selections[cache_key]
        selected: Sequence[int] = self._matching_rows(rows, conditions)
        if added:
            selected = self._merged(rows, selected, added, conditions)
        if cache_key:
            self._selections[cache_key] = selected
            if len(self._selections) > _SELECTIONS_KEPT:
                self._selections.popitem(last=False)
        return selected

    def _matching_rows(self, rows: Rows, conditions: Sequence[Condition]) -> Sequence[int]:
        judged_by_row = [condition.of_row for condition in conditions if condition.of_row]
        judged_whole = [condition.of_document for condition in conditions if not condition.of_row]
        replaced = self._replaced_positions(rows)
        if not conditions and not replaced:
            return range(len(rows))
        passing = [all(judge(known) for judge in judged_by_row) for known in rows.attributes]
        found = (
            position
            for position in range(len(rows))
            if passing[rows.attribute_number(position)] and position not in replaced
        )
        if judged_whole:
            found = (one for one in found if _meets(self._generator.document(rows.place(one)), judged_whole))
        return array("q", found)

    def _replaced_positions(self, rows: Rows) -> set[int]:
        replaced: set[int] = set()
        for lago_id in (*self._stored, *self._hidden):
            place = self._generator.find(self._kind, lago_id)
            if place is None:
                continue
            key = self._sort_key(self._generator.document(place))
            position = rows.position(key, place)
            if position is not None:
                replaced.add(position)
        return replaced

    def _merged(
        self, rows: Rows, selected: Sequence[int], added: Sequence[Document], conditions: Sequence[Condition]
    ) -> Sequence[int]:
        judges = [condition.of_document for condition in conditions]
        ours = (-1 - position for position, document in enumerate(added) if _meets(document, judges))

        def key(entry: int) -> int:
            return rows.keys[entry] if entry >= 0 else self._sort_key(added[-1 - entry])

        return array("q", merge(selected, ours, key=key))

    def _document(self, rows: Rows, added: Sequence[Document], entry: int) -> Document:
        if entry < 0:
            return added[-1 - entry]
        place = rows.place(entry)
        if self._kind == Kind.INVOICE:
            return self._generator.listed_invoice(place)
        return self._generator.document(place)


def _meets(document: Document, judges: Sequence[Callable[[Document], bool]]) -> bool:
    return all(judge(document) for judge in judges)
