"""Records of custom types, such as ``customrecord_lago_object``."""

from lago_ns_cli.simulator.netsuite.books import Books
from lago_ns_cli.simulator.netsuite.record_rules import RecordRules, Saving
from lago_ns_cli.simulator.netsuite.values import Draft, as_letter, as_text


class CustomRecordRules(RecordRules):
    """How records of one custom type are made and changed; each type has ids and external ids of its own."""

    def __init__(self, books: Books, script_id: str) -> None:
        super().__init__(books)
        self.pool = script_id

    def start(self, draft: Draft) -> None:
        """Fill in what a new record begins with."""
        draft.body["isinactive"] = False

    def save(self, saving: Saving) -> None:
        """Stamp the draft and write its row."""
        draft, stored, record_id = saving.draft, saving.stored, saving.record_id
        now = self._books.timestamp()
        draft.body["createddate"] = stored.body["createddate"] if stored else now
        draft.body["lastmodifieddate"] = now
        row: dict[str, object] = {
            name: as_text(draft.body.get(name)) for name in self._books.catalog.custom(self.pool)
        }
        row |= {
            "id": record_id,
            "scriptid": f"val_{record_id}",
            "externalid": draft.text("externalid"),
            "name": draft.text("name"),
            "isinactive": as_letter(draft.flag("isinactive")),
            "created": as_text(draft.body["createddate"]),
            "lastmodified": now,
        }
        self._books.store.put(self.pool, row)

    def erase(self, record_id: int) -> None:
        """Delete the record's row."""
        # The table is a custom record type that this program created.
        self._books.store.execute(f'DELETE FROM "{self.pool}" WHERE id = ?', (record_id,))  # noqa: S608
