"""JSON as a tree that keeps every digit, and what a decoder keeps quiet about.

Numbers with a fraction or an exponent become ``Decimal``, all others ``int``, of any size.
"""

import json
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

import msgspec

T = TypeVar("T")

_TREE = msgspec.json.Decoder(float_hook=Decimal)
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])
_VALUE = msgspec.json.Decoder(msgspec.Raw)

_HALF_CHARACTER = re.compile(
    rb"(?P<before>(?<!\\)(?:\\\\)*)"
    rb"(?P<pair>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?P<lead>(?<!\\)(?:\\\\)*)\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)


class TreeError(ValueError):
    """A text is not the JSON that was expected; the argument says why, in a few words."""


def read_tree(raw: bytes) -> object:
    """Decode any JSON value.

    Raises:
        TreeError: It is no JSON.
    """
    return decode(_TREE, raw)


def read_members(raw: bytes) -> dict[str, msgspec.Raw]:
    """Cut an object into its members, each as it came and still unread.

    Raises:
        TreeError: It is no JSON object.
    """
    return decode(_MEMBERS, raw)


def read_elements(raw: bytes | msgspec.Raw) -> list[msgspec.Raw]:
    """Cut a list into its elements, each as it came and still unread.

    Raises:
        TreeError: It is no JSON list.
    """
    return decode(_ELEMENTS, bytes(raw))


def is_json(raw: bytes) -> bool:
    """Tell whether a text is one JSON value, as far as its outer form goes."""
    try:
        _VALUE.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def decode(decoder: msgspec.json.Decoder[T], raw: bytes) -> T:
    """Decode; a text that no decoder takes is mended first.

    Raises:
        TreeError: It is no JSON, or not what the decoder is for.
    """
    try:
        try:
            return decoder.decode(raw)
        except msgspec.DecodeError:
            mended = mend(raw)
            if mended == raw:
                raise
            return decoder.decode(mended)
    except UnicodeDecodeError as error:
        raise TreeError("it is not UTF-8 text") from error
    except RecursionError as error:
        raise TreeError("it is nested too deeply") from error
    except msgspec.DecodeError as error:
        raise TreeError(str(error)) from error


def mend(raw: bytes) -> bytes:
    """Put U+FFFD for halves of characters (``"\\ud83d"`` alone), which no text can hold."""
    return _HALF_CHARACTER.sub(_whole_character, raw)


def _whole_character(match: re.Match[bytes]) -> bytes:
    return match[0] if match["pair"] else match["lead"] + rb"\ufffd"


def twin_key(raw: bytes, tree: object) -> str | None:
    """Find a key that stands twice in one object: which of the two is meant?

    Decoding kept one of them, so the tree has fewer keys than the text has ``":``. That may
    also come from a text that holds these signs, so a difference only starts the slow search.
    """
    if raw.count(b'":') == _count_keys(tree) and not _has_spaced_colons(raw):
        return None
    try:
        json.loads(raw, object_pairs_hook=_refuse_twins, parse_float=str, parse_int=str)
    except _TwinKeyError as error:
        return f"the key {error} stands twice in one object"
    except RecursionError:
        return "it is nested too deeply"
    except ValueError:
        # Half characters aside, both readers take the same texts; what only one takes is no proof.
        return None
    return None


def _has_spaced_colons(raw: bytes) -> bool:
    """Tell whether a key may stand apart from its colon, where the count would miss it."""
    # A single byte is found many times faster than two, and Lago writes no line breaks.
    if b"\n" in raw or b"\t" in raw or b"\r" in raw:
        return any(colon in raw for colon in (b" :", b"\n:", b"\t:", b"\r:"))
    return b" :" in raw


class _TwinKeyError(Exception):
    pass


def _refuse_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members: dict[str, object] = {}
    for key, value in pairs:
        if key in members:
            raise _TwinKeyError(repr(key))
        members[key] = value
    return members


def _count_keys(tree: object) -> int:
    count = 0
    open_ends: list[dict[str, object] | list[object]] = []
    if isinstance(tree, dict | list):
        open_ends.append(tree)
    while open_ends:
        part = open_ends.pop()
        values: Iterable[object] = part
        if isinstance(part, dict):
            count += len(part)
            values = part.values()
        # Faster than isinstance, and the decoder makes no subclasses.
        open_ends += [value for value in values if type(value) is dict or type(value) is list]
    return count


def is_twin(raw: bytes, key: str) -> bool:
    """Tell whether a key stands twice in the object itself, not in what it holds.

    Slow; meant for where the key's text occurs more than once.
    """
    outermost: list[str] = []

    def remember(pairs: list[tuple[str, object]]) -> None:
        # The outermost object is closed last.
        outermost[:] = [name for name, _ in pairs]

    try:
        json.loads(raw, object_pairs_hook=remember, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return outermost.count(key) > 1
