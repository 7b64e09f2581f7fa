"""JSON that comes back exactly as it went in.

Numbers that a reader kept as ``Decimal`` stand as ``{"$decimal": "0.10"}``, since plain JSON numbers would
come back as binary fractions. Text that no encoding takes (half a surrogate pair) survives as a JSON escape.
"""

import json
from collections.abc import Mapping
from decimal import Decimal

_DECIMAL = "$decimal"


def encode(value: object) -> bytes:
    """Write a JSON value; equal values in equal order make equal bytes.

    Raises:
        TypeError: The value is not JSON.
    """
    return json.dumps(value, default=_plain, separators=(",", ":")).encode("ascii")


def decode(content: bytes) -> object:
    """Read a value that ``encode`` wrote.

    Raises:
        ValueError: The bytes are damaged.
    """
    value: object = json.loads(content, object_hook=_restore)
    return value


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return {_DECIMAL: str(value)}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _restore(value: dict[str, object]) -> object:
    if len(value) == 1 and isinstance(number := value.get(_DECIMAL), str):
        return Decimal(number)
    return value
