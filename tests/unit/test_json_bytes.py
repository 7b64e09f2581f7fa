"""Fingerprints are hashes of these bytes, so they must never change."""

import json

from hypothesis import given
from hypothesis import strategies as st

from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId
from lago_ns_cli.domain.json_bytes import json_bytes
from lago_ns_cli.domain.records import Record, Reference, fingerprint

_TEXTS = st.text(st.characters())  # half surrogate pairs among them
_VALUES = st.recursive(
    st.none() | st.booleans() | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(_VALUES)
def test_bytes_are_those_of_the_standard_library(value: object) -> None:
    """Keys in the order of their characters, nothing escaped that need not be, no spaces."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    assert text.encode("utf-8", "surrogatepass") == json_bytes(value, in_order=True)


def test_every_character_is_written_as_ever() -> None:
    """All of Unicode, once."""
    for start in range(0, 0x110000, 0x1000):
        text = "".join(map(chr, range(start, start + 0x1000)))
        written = json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogatepass")

        assert written == json_bytes(text)


def test_a_fingerprint_is_what_it_was() -> None:
    """A ledger compares it with those of earlier versions; another one would hold documents again."""
    record = Record(
        key=Key("lago:inv:1"),
        lago_id=LagoId("1"),
        type="invoice",
        columns={"entity": Reference(Key("lago:cus:1"), InternalId("5")), "tranid": "Ü-1", "memo": None},
        lines={"item": ({"item": "500", "amount": "10.00", "taxable": True},)},
        taxdetails=({"taxcode": "14", "taxamount": "0.89"},),
        volatile=frozenset({"memo"}),
    )

    assert "5432759c7c0eae8c208d626c9808a2a691e2116f558b45b33836e06fab226eb5" == fingerprint(record)
