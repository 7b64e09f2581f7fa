"""Values as JSON bytes: compact, UTF-8, the same bytes for the same value."""

import json

import msgspec

_AS_IT_STANDS = msgspec.json.Encoder()
_SORTED = msgspec.json.Encoder(order="sorted")


def json_bytes(value: object, *, in_order: bool = False) -> bytes:
    """Write a value as it leaves for NetSuite; ``in_order`` sorts the keys of every object.

    Half a surrogate pair, which is no text, is written all the same, so that everything that a
    document may hold can be measured and hashed.
    """
    try:
        return (_SORTED if in_order else _AS_IT_STANDS).encode(value)
    except UnicodeEncodeError:
        text = json.dumps(value, sort_keys=in_order, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "surrogatepass")
