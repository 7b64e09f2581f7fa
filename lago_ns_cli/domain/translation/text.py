"""Text within NetSuite's lengths, cut only where a reader would cut it.

Lengths are counted in code points. What cannot be stored is replaced, what is too long is cut,
each with a notice; a text that tells one document from another is never changed, so it is a
problem instead.
"""

import unicodedata
from collections.abc import Mapping

from lago_ns_cli.domain.records import Value
from lago_ns_cli.domain.translation.context import Findings

LIMITS = {
    "tranid": 45,
    "otherrefnum": 45,
    "checknum": 45,
    "companyname": 83,
    "firstname": 32,
    "lastname": 32,
    "entityid": 80,
    "email": 254,
    "phone": 32,
    "memo": 999,
    "description": 4000,
    "addressee": 83,
    "attention": 83,
    "addr1": 150,
    "addr2": 150,
    "addr3": 150,
    "city": 50,
    "state": 30,
    "zip": 36,
}
"""Longest values by field; from runtime errors and Oracle's schema."""

IDENTITIES = frozenset({"tranid", "entityid"})
"""Fields by which people find a record: one that was cut would name another."""

_LOST = "\ufffd"
"""What a decoder, too, puts in the place of a character that it could not read."""

_JOINER = "\u200d"
_NOT_XML = "\ufffe\uffff"
_KEPT_CONTROLS = "\n\r\t"
_MARKS = frozenset({"Mn", "Me", "Mc"})


def fit(text: str, limit: int) -> str:
    """Cut a text to at most ``limit`` characters without splitting a character as people see it.

    Combining marks, variation selectors, emoji modifiers, joined emoji, flags and Hangul syllables
    stay whole. Only where the very first of them is longer than ``limit``, it is cut through:
    something is better than nothing.

    Source: the rules for extended grapheme clusters of Unicode Standard Annex 29, kept on the
    safe side: whatever follows a joiner stays with it.
    """
    if len(text) <= limit:
        return text
    end = limit
    while end > 0 and _continues(text, end):
        end -= 1
    return text[: end or limit].rstrip()


def _continues(text: str, index: int) -> bool:
    """Tell whether the character at ``index`` belongs to the one before it."""
    char, before = text[index], text[index - 1]
    if before == "\r":
        return char == "\n"
    if _joins(char) or before == _JOINER:
        return True
    if _is_flag(char):
        return _flags_before(text, index) % 2 == 1
    return _hangul(before) + _hangul(char) in _SYLLABLES


def _joins(char: str) -> bool:
    """Combining marks, joiners, emoji modifiers, and the tags that spell a region's flag."""
    return (
        unicodedata.category(char) in _MARKS
        or char in ("\u200c", _JOINER)
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
        or char in ("\uff9e", "\uff9f")
    )


def _is_flag(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _flags_before(text: str, index: int) -> int:
    count = 0
    while index - count > 0 and _is_flag(text[index - count - 1]):
        count += 1
    return count


_SYLLABLES = frozenset({"LL", "LV", "L2", "L3", "VV", "VT", "2V", "2T", "TT", "3T"})
"""Pairs of Hangul letters that make one syllable; 2 and 3: whole syllables without and with a final."""


def _hangul(char: str) -> str:
    if "\u1100" <= char <= "\u115f" or "\ua960" <= char <= "\ua97c":
        return "L"
    if "\u1160" <= char <= "\u11a7" or "\ud7b0" <= char <= "\ud7c6":
        return "V"
    if "\u11a8" <= char <= "\u11ff" or "\ud7cb" <= char <= "\ud7fb":
        return "T"
    if "\uac00" <= char <= "\ud7a3":
        return "2" if (ord(char) - 0xAC00) % 28 == 0 else "3"
    return "-"


def storable(text: str) -> str:
    """Replace what NetSuite cannot store: control characters become spaces, lone surrogates U+FFFD.

    Line breaks and tabs stay, and so do the invisible characters of right-to-left text. The
    result equals the input where nothing had to be replaced.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_storable_char, text))


def _storable_char(char: str) -> str:
    if char in _KEPT_CONTROLS:
        return char
    category = unicodedata.category(char)
    if category == "Cc":
        return " "
    return _LOST if category == "Cs" or char in _NOT_XML else char


def fit_text(field: str, text: str, findings: Findings) -> str:
    """Make a text one that its field can hold.

    What was replaced or cut is a notice. A number or name that identifies the record is never
    changed: where it does not fit, that is a problem.
    """
    limit = LIMITS.get(field)
    if (limit is None or len(text) <= limit) and text.isascii() and text.isprintable():
        return text
    clean = storable(text)
    too_long = limit is not None and len(clean) > limit
    replaced = clean != text or _LOST in text
    if field in IDENTITIES and (replaced or too_long):
        _refuse_number(field, text, limit, findings)
        return text
    if replaced:
        findings.notice("text_replaced", f"{field} held characters that NetSuite cannot store")
    if limit is None or not too_long:
        return clean
    findings.notice("text_cut", f"{field} was cut from {len(clean)} to {limit} characters")
    return fit(clean, limit)


def _refuse_number(field: str, text: str, limit: int | None, findings: Findings) -> None:
    findings.problem(
        "number_does_not_fit",
        field,
        f"{field} {storable(text)!r} has {len(text)} characters or some that NetSuite cannot store; "
        f"it holds {limit}, and a changed one would name another record",
        "Give it a shorter number in Lago, or post it by hand.",
    )


def fit_fields(fields: Mapping[str, Value], findings: Findings) -> dict[str, Value]:
    """Make all texts of a record's body or line such that their fields can hold them."""
    return {
        name: fit_text(name, value, findings) if isinstance(value, str) else value
        for name, value in fields.items()
    }
