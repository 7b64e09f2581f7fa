"""What every record type's rules answer to, and what they are handed."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from lago_ns_cli.simulator.netsuite.books import Books
from lago_ns_cli.simulator.netsuite.errors import NetSuiteError
from lago_ns_cli.simulator.netsuite.store import StoredRecord
from lago_ns_cli.simulator.netsuite.values import Draft, Line, Role


class Change(NamedTuple):
    """A field that a script just set; ``sublist`` and ``line`` are None for a body field."""

    draft: Draft
    field: str
    sublist: str | None = None
    line: int | None = None

    def changed_line(self, sublist: str) -> Line | None:
        """The line that changed, where it is one of that sublist."""
        if self.sublist != sublist or self.line is None:
            return None
        return self.draft.lines(sublist)[self.line]


@dataclass(frozen=True)
class Saving:
    """A save under way.

    Attributes:
        draft: Cleaned values; the rules complete them in place.
        stored: The record as it was; None for a new one.
        record_id: The internal id it has or will have.
    """

    draft: Draft
    stored: StoredRecord | None
    role: Role
    record_id: int


class RecordRules:
    """The rules of one record type.

    Attributes:
        pool: The group whose ids it shares.
        line_sources: By sublist, the fields of its lines from which others follow; of a sublist that is not named, any.
    """

    pool: str
    line_sources: Mapping[str, frozenset[str]] = MappingProxyType({})

    def __init__(self, books: Books) -> None:
        self._books = books

    def start(self, draft: Draft) -> None:
        """Fill in what a new record begins with."""

    def refresh(self, draft: Draft) -> None:
        """Bring what other records change up to date in a loaded draft."""

    def list_open_invoices(self, draft: Draft) -> None:
        """Fill the static sublist of what the record may be applied to, where it has one."""

    def line_begun(self, draft: Draft, sublist: str) -> None:
        """Refuse a line of a sublist that is not open yet."""

    def field_changed(self, change: Change) -> None:
        """Fill in what follows from a changed field, as a form does."""

    def missing(self, draft: Draft) -> list[str]:
        """Labels of mandatory custom fields that are empty."""
        fields = self._books.catalog.of(draft.type)
        names = self._books.catalog.custom(draft.type)
        return [fields[name].label for name in names if fields[name].mandatory and draft.text(name) is None]

    def save(self, saving: Saving) -> None:
        """Complete and validate the draft, then write its rows.

        Raises:
            NetSuiteError: What NetSuite refuses.
        """
        raise NotImplementedError

    def void(self, draft: Draft) -> None:
        """Bring a document's amounts to zero; what is no document refuses.

        Raises:
            NetSuiteError: INVALID_RCRD_TYPE, or TRANS_IN_USE while the document is applied.
        """
        raise NetSuiteError("INVALID_RCRD_TYPE", f"The record type is invalid: {draft.type}.")

    def erase(self, record_id: int) -> None:
        """Delete the record's rows.

        Raises:
            NetSuiteError: Other records depend on it.
        """
        raise NotImplementedError
