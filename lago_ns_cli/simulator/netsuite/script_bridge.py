"""One execution of a script, seen from Python: each method is what a call of an N/ module comes down to.

What a script is answered crosses as JSON. What it sets is a text with a letter before it: ``t`` for text, ``n`` for the
digits that JavaScript writes of a number, ``d`` for a date as ``YYYY-MM-DD``, ``b`` for a checkbox; an empty value is an
empty text. The edits of a record are one list of such texts: each begins with its kind (:data:`_EDITS`).
"""

import json
import logging
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

import msgspec

from lago_ns_cli.simulator.netsuite import suiteql
from lago_ns_cli.simulator.netsuite.account import Account
from lago_ns_cli.simulator.netsuite.errors import NetSuiteError
from lago_ns_cli.simulator.netsuite.governance import SECONDS_PER_RESTLET, Meter, ScriptKilledError
from lago_ns_cli.simulator.netsuite.values import Draft, FieldInfo, Role, Value

_LEVELS = {"debug": logging.DEBUG, "audit": logging.INFO, "error": logging.INFO, "emergency": logging.WARNING}
_NO_DATES: frozenset[str] = frozenset()
_SEPARATOR = "\x1f"
_TORN = '{"torn":true}'
_SMALLEST_PAGE = 5
_SAVED_SEARCHES = "SELECT s.internalid, s.id, s.title, s.recordtype FROM savedsearch s ORDER BY s.internalid"

logger = logging.getLogger(__name__)


class Execution:
    """What one execution has used, opened and saved.

    Attributes:
        killed: The end that NetSuite put to the script, or None.
        crash: A fault of the simulator itself, which ended the script too.
        saves: How many records were saved.
        elapsed_ms: Time by the cost model.
    """

    def __init__(self, account: Account, role: Role, *, cost_ms_per_record: int) -> None:
        self._account = account
        self._role = role
        self._cost_ms = cost_ms_per_record
        self._drafts: list[Draft] = []
        self._date_fields: dict[tuple[str, str | None], frozenset[str]] = {}
        self.meter = Meter()
        self.killed: ScriptKilledError | None = None
        self.crash: Exception | None = None
        self.saves = 0
        self.elapsed_ms = 0

    def call(
        self, operation: str, argument: str, texts: str | None = None, count: int = 0, length: int = 0
    ) -> str:
        """Answer a call of the script with ``{"value": …}`` or ``{"error": {"name", "message"}}``.

        A script that was killed can still run code of its own, but no call does anything any more.

        Args:
            argument: JSON.
            texts: What goes with it, joined; they count as ``texts`` of the argument. Where they are not ``count`` texts of
                ``length`` signs (as JavaScript counts them), the answer is ``{"torn": true}`` and nothing is done.
        """
        try:
            if self.killed is not None:
                raise self.killed
            given = read_json(argument)
            if texts is not None:
                given["texts"] = _apart(texts, count, length)
                if given["texts"] is None:
                    return _TORN
            return _written({"value": _OPERATIONS[operation](self, given)})
        except ScriptKilledError as end:
            self.killed = end
            return _error(end.name, end.message)
        except NetSuiteError as error:
            return _error(error.name, error.message)
        except Exception as fault:  # noqa: BLE001 - an exception must not cross the engine; the host raises it again
            self.crash = fault
            self.killed = ScriptKilledError("UNEXPECTED_ERROR", "An unexpected error occurred.")
            return _error(self.killed.name, self.killed.message)

    def create(self, argument: Mapping[str, Any]) -> object:
        """``record.create``."""
        kind = str(argument["type"])
        self.meter.charge("create", kind)
        defaults = {field: _default(value) for field, value in argument["defaultValues"].items()}
        return self._opened(
            self._account.new(kind, self._role, dynamic=bool(argument["isDynamic"]), defaults=defaults)
        )

    def load(self, argument: Mapping[str, Any]) -> object:
        """``record.load``."""
        kind = str(argument["type"])
        self.meter.charge("load", kind)
        return self._opened(
            self._account.load(kind, str(argument["id"]), self._role, dynamic=bool(argument["isDynamic"]))
        )

    def read(self, argument: Mapping[str, Any]) -> object:
        """What a record holds once the edits that it kept back are applied: its body, or a column of a sublist."""
        draft = self._drafts[argument["draft"]]
        self._apply(draft, argument["texts"])
        if argument["sublist"] is None:
            return draft.body
        field = argument["field"]
        return [line.get(field) for line in draft.sublists.get(argument["sublist"], ())]

    def state(self, argument: Mapping[str, Any]) -> object:
        """All that a record holds; the edits that it kept back are applied first."""
        draft = self._drafts[argument["draft"]]
        self._apply(draft, argument["texts"])
        return {"body": draft.body, "sublists": draft.sublists}

    def save(self, argument: Mapping[str, Any]) -> str:
        """``Record.save``."""
        draft = self._drafts[argument["draft"]]
        self.meter.charge("save", draft.type)
        self._apply(draft, argument["texts"])
        saved = self._account.save(
            draft, self._role, ignore_mandatory=bool(argument["ignoreMandatoryFields"])
        )
        self._count_save()
        return saved

    def submit_fields(self, argument: Mapping[str, Any]) -> str:
        """``record.submitFields``."""
        kind = str(argument["type"])
        self.meter.charge("submitFields", kind)
        dates = self._dates_of(kind, None)
        values = {field: _value(value, field, dates) for field, value in argument["values"].items()}
        saved = self._account.submit_fields(kind, str(argument["id"]), values, self._role)
        self._count_save()
        return saved

    def delete(self, argument: Mapping[str, Any]) -> str:
        """``record.delete``."""
        self.meter.charge("delete", str(argument["type"]))
        self._account.delete(str(argument["type"]), str(argument["id"]), self._role)
        return str(argument["id"])

    def fields(self, argument: Mapping[str, Any]) -> object:
        """The fields of a record type, of its body and of its sublists."""
        return [
            {
                "id": field.id,
                "label": field.label,
                "type": field.type,
                "mandatory": field.mandatory,
                "sublist": field.sublist,
                "readOnly": field.read_only,
            }
            for field in self._fields_of(str(argument["type"]))
        ]

    def run_query(self, argument: Mapping[str, Any]) -> object:
        """``query.runSuiteQL``."""
        self.meter.charge("query")
        rows = suiteql.run(
            self._account.connection, argument["sql"], _parameters(argument["params"]), self._role
        )
        return {"columns": rows.columns, "rows": rows.rows}

    def count_query(self, argument: Mapping[str, Any]) -> object:
        """``query.runSuiteQLPaged``; the pages themselves cost nothing more."""
        if not _SMALLEST_PAGE <= argument["pageSize"] <= suiteql.PAGE_AT_MOST:
            raise NetSuiteError(
                "INVALID_PAGE_SIZE", f"Page size must be {_SMALLEST_PAGE} to {suiteql.PAGE_AT_MOST}."
            )
        self.meter.charge("query")
        params = _parameters(argument["params"])
        return {"count": suiteql.count(self._account.connection, argument["sql"], params, self._role)}

    def query_page(self, argument: Mapping[str, Any]) -> object:
        """``PagedData.fetch`` of N/query."""
        rows = suiteql.page(
            self._account.connection,
            argument["sql"],
            _parameters(argument["params"]),
            self._role,
            index=int(argument["index"]),
            size=int(argument["pageSize"]),
        )
        return {"columns": rows.columns, "rows": rows.rows}

    def count_search(self, argument: Mapping[str, Any]) -> int:
        """``Search.runPaged``."""
        self.meter.charge("search.runPaged")
        return len(self._saved_searches(argument["type"]))

    def search_page(self, argument: Mapping[str, Any]) -> object:
        """``PagedData.fetch`` of N/search."""
        self.meter.charge("search.fetch")
        size, index = int(argument["pageSize"]), int(argument["index"])
        return self._saved_searches(argument["type"])[index * size : (index + 1) * size]

    def save_file(self, argument: Mapping[str, Any]) -> str:
        """``File.save``."""
        self.meter.charge("file.save")
        if argument["folder"] is None:
            raise NetSuiteError("SSS_MISSING_REQD_ARGUMENT", "Please enter value(s) for: Folder")
        (contents,) = argument["texts"]
        return self._account.save_file(argument["name"], argument["folder"], contents, self._role)

    def load_file(self, argument: Mapping[str, Any]) -> object:
        """``file.load`` by internal id or path; names are found whatever their case."""
        self.meter.charge("file.load")
        row = self._account.connection.execute(_FILE, {"wanted": str(argument["id"]).strip("/")}).fetchone()
        if row is None:
            raise NetSuiteError("RCRD_DSNT_EXIST", f"That record does not exist. path: {argument['id']}")
        contents = self._account.load_file(str(row[0]), self._role)
        return {"id": row[0], "name": row[1], "folder": row[2], "path": row[3], "contents": contents}

    def remaining(self, _: object) -> int:
        """``Script.getRemainingUsage``."""
        return self.meter.remaining

    def log(self, argument: Mapping[str, Any]) -> None:
        """N/log."""
        logger.log(_LEVELS[argument["level"]], "script: %s: %s", argument["title"], argument["details"])

    def _opened(self, draft: Draft) -> object:
        self._drafts.append(draft)
        return {
            "draft": len(self._drafts) - 1,
            "type": draft.type,
            "id": draft.id,
            "isDynamic": draft.dynamic,
        }

    def _count_save(self) -> None:
        self.saves += 1
        self.elapsed_ms += self._cost_ms
        if self.elapsed_ms > SECONDS_PER_RESTLET * 1000:
            raise ScriptKilledError("SSS_TIME_LIMIT_EXCEEDED", "Script Execution Time Exceeded.")

    def _apply(self, draft: Draft, texts: Iterable[str]) -> None:
        given = iter(texts)
        for kind in given:
            _EDITS[kind](self, draft, given)

    def _set_body(self, draft: Draft, given: Iterator[str]) -> None:
        field, value = next(given), next(given)
        draft.body[field] = _value(value, field, self._dates_of(draft.type, None))
        if draft.dynamic:
            self._account.field_changed(draft, field)

    def _commit_line(self, draft: Draft, given: Iterator[str]) -> None:
        """Set a line's fields in the order in which the script set them."""
        sublist, place, subrecords, count = next(given), next(given), next(given), int(next(given))
        values = list(islice(given, count))
        lines = draft.lines(sublist)
        line = int(place) if place else len(lines)
        if not place:
            lines.append({})
        self._account.line_begun(draft, sublist)
        for name, subrecord in read_json(subrecords or "{}").items():
            inner = {field: _value(value, field, _NO_DATES) for field, value in subrecord.items()}
            lines[line][name] = {**(lines[line].get(name) or {}), **inner}
        dates, sources = self._dates_of(draft.type, sublist), self._account.line_sources(draft.type, sublist)
        row = lines[line]
        for field, value in zip(values[::2], values[1::2], strict=True):
            row[field] = _value(value, field, dates)
            if sources is None or field in sources:
                self._account.field_changed(draft, field, sublist, line)
                # What follows from a field may put other lines in place of these.
                row = draft.sublists[sublist][line]

    def _insert_line(self, draft: Draft, given: Iterator[str]) -> None:
        sublist, line = next(given), next(given)
        draft.lines(sublist).insert(int(line), {})

    def _set_cell(self, draft: Draft, given: Iterator[str]) -> None:
        sublist, line, field, value = next(given), int(next(given)), next(given), next(given)
        lines = draft.lines(sublist)
        if line == len(lines):
            lines.append({})
        if line > len(lines):
            raise NetSuiteError("SSS_INVALID_SUBLIST_OPERATION", f"Line {line} of {sublist} does not exist.")
        lines[line][field] = _value(value, field, self._dates_of(draft.type, sublist))

    def _remove_line(self, draft: Draft, given: Iterator[str]) -> None:
        sublist, line = next(given), next(given)
        del draft.lines(sublist)[int(line)]

    def _dates_of(self, kind: str, sublist: str | None) -> frozenset[str]:
        where = (kind, sublist)
        if where not in self._date_fields:
            fields = self._account.fields(kind, self._role, sublist)
            self._date_fields[where] = frozenset(field.id for field in fields if field.type == "date")
        return self._date_fields[where]

    def _fields_of(self, kind: str) -> list[FieldInfo]:
        sublists = [
            replace(field, sublist=sublist)
            for sublist in self._account.sublists(kind)
            for field in self._account.fields(kind, self._role, sublist)
        ]
        return [*self._account.fields(kind, self._role), *sublists]

    def _saved_searches(self, kind: str) -> list[dict[str, object]]:
        if kind.lower() != "savedsearch":
            raise NetSuiteError(
                "SSS_INVALID_SRCH_TYPE", f"The simulator does not search records of type {kind}."
            )
        found = suiteql.run(self._account.connection, _SAVED_SEARCHES, (), self._role)
        return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


_FILE = """
WITH RECURSIVE folder (id, path) AS (
  SELECT id, name FROM mediaitemfolder WHERE parent IS NULL
  UNION ALL SELECT f.id, folder.path || '/' || f.name FROM mediaitemfolder f JOIN folder ON f.parent = folder.id)
SELECT file.id, file.name, file.folder, folder.path || '/' || file.name AS path
FROM file JOIN folder ON folder.id = file.folder
WHERE CAST(file.id AS TEXT) = :wanted OR lower(folder.path || '/' || file.name) = lower(:wanted)
"""

_OPERATIONS: Mapping[str, Callable[[Execution, Any], object]] = {
    "record.create": Execution.create,
    "record.load": Execution.load,
    "record.read": Execution.read,
    "record.state": Execution.state,
    "record.save": Execution.save,
    "record.submitFields": Execution.submit_fields,
    "record.delete": Execution.delete,
    "record.fields": Execution.fields,
    "query.run": Execution.run_query,
    "query.count": Execution.count_query,
    "query.page": Execution.query_page,
    "search.count": Execution.count_search,
    "search.page": Execution.search_page,
    "file.save": Execution.save_file,
    "file.load": Execution.load_file,
    "runtime.remaining": Execution.remaining,
    "log": Execution.log,
}

_EDITS: Mapping[str, Callable[..., None]] = {
    "body": Execution._set_body,
    "line": Execution._commit_line,
    "insert": Execution._insert_line,
    "cell": Execution._set_cell,
    "remove": Execution._remove_line,
}


def read_json(text: str) -> Any:
    """Read what a script wrote."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return json.loads(text)  # half a surrogate pair, which the faster reader refuses


def _written(value: object) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:
        return json.dumps(value)  # as above


def _error(name: str, message: str) -> str:
    return json.dumps({"error": {"name": name, "message": message}})


def _apart(joined: str, count: int, length: int) -> list[str] | None:
    """The texts that were joined; None where they did not arrive as they left."""
    texts = joined.split(_SEPARATOR) if count else []
    arrived = len(joined) if joined.isascii() else len(joined.encode("utf-16-le")) // 2
    return texts if len(texts) == count and arrived == length else None


def _value(value: str, field: str, dates: Container[str]) -> Value:
    """A value as it crossed from the script, as a draft holds it; a text for one of ``dates`` is read as a date."""
    if not value:
        return None
    kind, text = value[0], value[1:]
    if kind == "t":
        return _date_from_text(text, field) if field in dates else text
    if kind == "n":
        return _digits(text)
    return text == "T" if kind == "b" else text


def _default(value: object) -> Value:
    """A value that a new record is to begin with, which crosses as plain JSON."""
    return value if value is None or isinstance(value, bool) else str(value)


def _digits(number: str) -> str:
    """What JavaScript wrote (``1e-7``) without its exponent."""
    if number[-1].isdigit() and "e" not in number:
        return number
    decimal = Decimal(number)
    if not decimal.is_finite():
        raise NetSuiteError("INVALID_NUMBER", f"Invalid number (must be a valid number): {number}")
    return format(decimal, "f")


def _date_from_text(text: str, field: str) -> str:
    """A date given as text, which NetSuite reads in the caller's preferred form: here ``M/D/YYYY``."""
    try:
        # A calendar date has no zone.
        return datetime.strptime(text, "%m/%d/%Y").strftime("%Y-%m-%d")  # noqa: DTZ007
    except ValueError:
        raise NetSuiteError(
            "INVALID_DATE_FORMAT", f"Invalid date value {text} for {field} (must be M/D/YYYY)."
        ) from None


def _parameters(params: Sequence[object]) -> list[str | int | float]:
    return [("T" if one else "F") if isinstance(one, bool) else one for one in params]  # type: ignore[misc]
