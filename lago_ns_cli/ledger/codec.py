"""How JSON and bytes are kept in the ledger: compressed, and back without a change."""

import zlib

from lago_ns_cli.domain import exact_json

_LEVEL = 3
"""A third of the time that zlib takes by default, for a tenth more on the disk."""


def compress(content: bytes) -> bytes:
    """Compress bytes that are kept as they came."""
    return zlib.compress(content, _LEVEL)


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
    return compress(exact_json.encode(value))


def unpack(content: bytes) -> object:
    """Read a value that ``pack`` wrote.

    Raises:
        ValueError: The bytes are damaged.
    """
    return exact_json.decode(decompress(content))
