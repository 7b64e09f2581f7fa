"""How JSON is kept in the ledger: compressed, and back without a change.

Numbers that a reader kept as ``Decimal`` come back as ``Decimal``: they stand as ``{"$decimal": "0.10"}``,
since plain JSON numbers would come back as binary fractions. Text that no encoding takes (half a surrogate
pair) survives as a JSON escape.
"""

import json
import zlib
from collections.abc import Mapping
from decimal import Decimal

_DECIMAL = "$decimal"


def compress(content: bytes) -> bytes:
    """Compress bytes that are kept as they came."""
    return zlib.compress(content)


def decompress(content: bytes) -> bytes:
    """Bring compressed bytes back.

    Raises:
        ValueError: The bytes are damaged.
    """
    try:
        return zlib.decompress(content)
    except zlib.error as error:
        raise ValueError(f"the stored bytes are damaged ({error})") from error


def pack(value: object) -> bytes:
    """Write a JSON value as compressed bytes.

    Raises:
        TypeError: The value is not JSON.
    """
    return compress(json.dumps(value, default=_plain, separators=(",", ":")).encode("ascii"))


def unpack(content: bytes) -> object:
    """Read a value that ``pack`` wrote.

    Raises:
        ValueError: The bytes are damaged.
    """
    value: object = json.loads(decompress(content), object_hook=_restore)
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
