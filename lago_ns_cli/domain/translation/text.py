"""Text within NetSuite's lengths, cut only where a reader would cut it."""

import unicodedata

LIMITS = {
    "tranid": 45,
    "otherrefnum": 45,
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
"""Longest values by field, in characters; from runtime errors and Oracle's schema."""

_JOINER = "\u200d"


def fit(text: str, limit: int) -> str:
    """Cut a text to at most ``limit`` characters without splitting a character as people see it.

    Combining marks, variation selectors, emoji modifiers and joined emoji stay with what they
    belong to.
    """
    if len(text) <= limit:
        return text
    end = limit
    while end > 0 and _continues(text, end):
        end -= 1
    return text[:end].rstrip()


def _continues(text: str, index: int) -> bool:
    """Tell whether the character at ``index`` belongs to the one before it."""
    char = text[index]
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Mc"):
        return True
    if char == _JOINER or text[index - 1] == _JOINER:
        return True
    if "\U0001f3fb" <= char <= "\U0001f3ff":
        return True
    return _is_flag(char) and _flags_before(text, index) % 2 == 1


def _is_flag(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _flags_before(text: str, index: int) -> int:
    count = 0
    while index - count > 0 and _is_flag(text[index - count - 1]):
        count += 1
    return count


def storable(text: str) -> str:
    """Replace what NetSuite cannot store: control characters become spaces, lone surrogates U+FFFD.

    Line breaks and tabs stay. The result equals the input where nothing had to be replaced.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_storable_char, text))


def _storable_char(char: str) -> str:
    if char in "\n\r\t":
        return char
    category = unicodedata.category(char)
    if category == "Cc":
        return " "
    return "\ufffd" if category == "Cs" else char
