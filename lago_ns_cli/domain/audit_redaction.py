"""Blanks what tells who a customer is: names, addresses, e-mail addresses, telephone and tax numbers.

Keys, hashes and amounts stay. A name is also blanked where free text repeats it, as NetSuite's messages do.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from lago_ns_cli.domain import exact_json
from lago_ns_cli.domain.audit import LASTING, AuditEntry

BLANK = "[redacted]"

_PERSONAL = frozenset(
    "firstname lastname middlename legal_name legalname companyname email emails phone altphone fax "
    "mobilephone homephone address_line1 address_line2 addr1 addr2 addr3 addrphone addressee attention "
    "addrtext city zipcode zip state legal_number tax_identification_number vatregnumber defaulttaxreg url "
    "logo_url billaddress shipaddress account_name".split()
)
"""Fields of Lago and of NetSuite that are blanked wherever they stand."""

_OF_A_PERSON = frozenset({"name", "altname", "display_name"})
"""Blanked in an object that is a customer; plans and items have names too."""

_MARKS_A_PERSON = _PERSONAL - {"url", "state"} | {"custentity_lago_id"}

_PROTECTED = re.compile(r"(^|_)(id|ids|key|fingerprint|amount|total|tax|rate|cents|status|type)$|^\$")
"""Fields whose text is never searched for names."""

_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+")
_SHORTEST = 4
"""Shorter names are not looked for in free text: they stand in half of all words."""


class Redactor:
    """Redacts entries in the order of the trail; what it learned of a customer it blanks later too."""

    def __init__(self) -> None:
        self._names: dict[str | None, set[str]] = defaultdict(set)

    def redact(self, entry: AuditEntry) -> AuditEntry:
        """Blank an entry's personal data; ``redacted`` names the fields that are no longer what was written."""
        if entry.event in LASTING:
            return entry
        content, original = _json(entry.content), _json(entry.original)
        known = self._names[entry.customer_id]
        known |= _names(content) | _names(original)
        names = _any_of(known)
        after = replace(
            entry,
            number=None if entry.number is None else _EMAIL.sub(BLANK, entry.number),
            content=None if entry.content is None else exact_json.encode(_blank(content, names)),
            original=None if entry.original is None else exact_json.encode(_blank(original, names)),
        )
        changed = tuple(
            name for name in ("number", "content", "original") if getattr(after, name) != getattr(entry, name)
        )
        return replace(after, redacted=changed)


def _json(content: bytes | None) -> object:
    """Read JSON; bytes that are none are blanked whole."""
    if content is None:
        return None
    try:
        return json.loads(content)
    except ValueError:
        return BLANK


def _names(value: object) -> set[str]:
    """Collect names that are long enough to be looked for in free text; numbers could be anything."""
    return {
        text.strip()
        for text in _personal(value)
        if len(text.strip()) >= _SHORTEST and any(char.isalpha() for char in text)
    }


def _any_of(names: set[str]) -> re.Pattern[str] | None:
    if not names:
        return None
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    return re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in longest_first))


def _personal(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, str) and _is_personal(name, value):
                yield item
            else:
                yield from _personal(item)
    elif isinstance(value, list):
        for item in value:
            yield from _personal(item)


def _is_personal(name: str, within: dict[str, object]) -> bool:
    return name in _PERSONAL or (name in _OF_A_PERSON and not _MARKS_A_PERSON.isdisjoint(within))


def _blank(value: object, names: re.Pattern[str] | None, field: str = "") -> object:
    if isinstance(value, dict):
        return {
            name: _blank_all(item)
            if _is_personal(name, value) or name == "metadata"
            else _blank(item, names, name)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_blank(item, names, field) for item in value]
    return _blank_text(value, names, field) if isinstance(value, str) else value


def _blank_text(text: str, names: re.Pattern[str] | None, field: str) -> str:
    text = _EMAIL.sub(BLANK, text)
    return text if names is None or _PROTECTED.search(field) else names.sub(BLANK, text)


def _blank_all(value: object) -> object:
    if isinstance(value, dict):
        return {
            name: item if name in ("key", "lago_id") else _blank_all(item) for name, item in value.items()
        }
    if isinstance(value, list):
        return [_blank_all(item) for item in value]
    return BLANK if isinstance(value, str) and value else value
