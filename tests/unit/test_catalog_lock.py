"""What changed between two catalogs, and the lock that keeps one under version control."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from lago_ns_cli.domain.catalog import Catalog, compare_catalogs
from lago_ns_cli.domain.catalog_lock import drift, read_lock, render_lock
from tests.unit.builders import CREATED

Sections = Mapping[str, Sequence[Mapping[str, Any]]]

SECTIONS: Sections = {
    "items": [
        {"id": "9", "name": "Setup", "type": "Service", "inactive": False},
        {"id": "10", "name": "Calls", "type": "Service", "inactive": False},
    ],
    "tax_codes": [{"id": "14", "name": "VAT 19", "rate": "19.00", "inactive": False}],
    "record_fields": [
        {"record": "invoice", "sublist": None, "id": "custbody_a", "type": "text", "mandatory": False},
        {"record": "creditmemo", "sublist": None, "id": "custbody_a", "type": "text", "mandatory": False},
    ],
    "periods": [{"id": "1", "name": "Nov 2026", "closed": False}],
}


def netsuite(
    unavailable: Mapping[str, str] | None = None, *, suitetax: bool = True, **sections: Any
) -> Catalog:
    offered = {name: rows for name, rows in {**SECTIONS, **sections}.items() if rows is not None}
    return Catalog("netsuite", CREATED, offered, {"suitetax": suitetax}, unavailable or {})


def changed(section: str, number: int, **fields: Any) -> dict[str, Any]:
    rows = [dict(row) for row in SECTIONS[section]]
    rows[number] |= fields
    return {section: rows}


DRIFTS: list[tuple[str, Catalog, list[str]]] = [
    ("field gone", netsuite(record_fields=SECTIONS["record_fields"][1:]), ["gone invoice.custbody_a "]),
    (
        "type changed",
        netsuite(**changed("record_fields", 0, type="select")),
        ["changed invoice.custbody_a type changed from text to select"],
    ),
    (
        "mandatory",
        netsuite(**changed("record_fields", 1, mandatory=True)),
        ["changed creditmemo.custbody_a mandatory now"],
    ),
    ("item inactive", netsuite(**changed("items", 1, inactive=True)), ["changed 10 inactive now"]),
    (
        "tax code renamed",
        netsuite(**changed("tax_codes", 0, name="VAT 21", rate="21.00")),
        ["changed 14 renamed from VAT 19 to VAT 21; rate changed from 19.00 to 21.00"],
    ),
    ("new item", netsuite(items=[*SECTIONS["items"], {"id": "11", "name": "More"}]), ["new 11 "]),
    ("a feature", netsuite(suitetax=False), ["changed suitetax suitetax changed from yes to no"]),
    ("no permission", netsuite({"tax_codes": "denied"}, tax_codes=None), ["gone  "]),
    ("a period closed", netsuite(periods=[]), []),
    ("nothing", netsuite(), []),
]


@pytest.mark.parametrize(("fetched", "expected"), [one[1:] for one in DRIFTS], ids=[one[0] for one in DRIFTS])
def test_drift_says_how_the_tenant_differs(fetched: Catalog, expected: list[str]) -> None:
    """Through the text of the lock, as a checkout would bring it."""
    lock = read_lock(render_lock([netsuite()], "123_SB1"))

    assert expected == [f"{one.change} {one.id} {one.how}" for one in drift(lock, fetched)]


def test_a_lock_is_the_same_whatever_the_order() -> None:
    """Rows by the size of their ids, keys by name; one line a row, so that a change is a diff of a line."""
    shuffled: Any = {
        name: [dict(reversed(list(row.items()))) for row in reversed(rows)] for name, rows in SECTIONS.items()
    }
    text = render_lock([netsuite()], "123_SB1")

    assert text == render_lock([netsuite(**shuffled)], "123_SB1")
    assert {"version", "account", "netsuite"} == json.loads(text).keys()
    assert ['"name": "Setup"' in line for line in text.splitlines() if '"Service"' in line] == [True, False]
    other = render_lock([netsuite(**changed("items", 0, inactive=True))], "123_SB1")
    assert 2 == len(set(text.splitlines()) ^ set(other.splitlines()))


def test_an_empty_section_and_both_sides_are_json() -> None:
    """Commas stand where JSON wants them."""
    lago = Catalog("lago", CREATED, {"plans": [], "taxes": [{"code": "b"}, {"code": "a"}]})
    text = render_lock([netsuite(items=[]), lago], "1")

    assert ["a", "b"] == [row["code"] for row in json.loads(text)["lago"]["sections"]["taxes"]]
    assert {"lago", "netsuite"} == read_lock(text).catalogs.keys()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"version": 2, "account": "1"}',
        '{"version": 1}',
        '{"version": 1, "account": "1", "lago": {}}',
        '{"version": 1, "account": "1", "lago": {"sections": {"taxes": [{"id": "1"}]}}}',
        '{"version": 1, "account": "1", "lago": {"sections": {"taxes": 1}}}',
    ],
)
def test_what_is_no_lock_is_refused(text: str) -> None:
    """By an error of its own, not by a traceback."""
    with pytest.raises(ValueError, match=r"."):
        read_lock(text)


def test_what_lago_counts_is_no_change() -> None:
    """A plan that one more customer uses is the plan it was."""
    before = Catalog(
        "lago", CREATED, {"plans": [{"code": "pro", "customers_count": 1, "charges": [{"created_at": "1"}]}]}
    )
    after = Catalog(
        "lago", CREATED, {"plans": [{"code": "pro", "customers_count": 2, "charges": [{"created_at": "2"}]}]}
    )
    renamed = Catalog("lago", CREATED, {"plans": [{"code": "pro", "name": "Pro+"}]})

    assert ([], after.fingerprint) == (compare_catalogs(before, after), before.fingerprint)
    assert after.fingerprint != renamed.fingerprint


def test_a_section_that_is_offered_again_is_one_change() -> None:
    """Its rows are not new."""
    denied = netsuite({"tax_codes": "denied"}, tax_codes=None)

    assert [("new", "tax_codes", "")] == [
        (one.change, one.section, one.id) for one in compare_catalogs(denied, netsuite())
    ]
    assert ["the whole section: denied"] == [one.name for one in compare_catalogs(netsuite(), denied)]
