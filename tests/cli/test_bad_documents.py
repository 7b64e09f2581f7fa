"""Bad input for ``--from``: named in words, with its place, and never a traceback."""

import json
from typing import Any

import pytest

from tests.cli.conftest import SAMPLE, Place
from tests.cli.terminal import no_traceback

INVOICE = json.loads(SAMPLE.read_text("utf-8"))["invoice"]


def changed(**fields: Any) -> bytes:
    return json.dumps(
        {"invoice": {**INVOICE, "lago_id": "00000031-0000-4000-8000-000000000031", **fields}}
    ).encode()


UNREADABLE = [
    pytest.param(b'{"invoice": {"lago_id": "x"', "line 1, column 28", id="truncated"),
    pytest.param(b'{"invoice": {}}\n{"invoice": ', "line 2", id="a truncated line"),
    pytest.param(changed().replace(b"13000", b"NaN"), "NaN", id="NaN"),
    pytest.param(changed().replace(b"13000", b"1e999999"), "", id="beyond every number"),
    pytest.param(b"", "empty", id="empty"),
    pytest.param(b" \n\n", "empty", id="blank"),
    pytest.param(bytes(range(256)), "UTF-8", id="binary"),
    pytest.param("{}".encode("utf-16"), "UTF-8", id="UTF-16"),
    pytest.param(b"[1, 2]", "no document of Lago", id="not documents"),
    pytest.param(b'{"hello": 1}', "no document of Lago", id="something else"),
    pytest.param(b"[" * 100_000, "nested too deeply", id="deep"),
    pytest.param(b"<html>no</html>", "no JSON", id="a page"),
]


@pytest.mark.parametrize(("content", "word"), UNREADABLE)
def test_a_file_that_cannot_be_read_is_named(place: Place, content: bytes, word: str) -> None:
    """Exit code 2 or 1, the file's name, what is wrong with it, and what to give instead."""
    path = place.write("bad.json", content)

    result = place.run("sync", "invoice", "--from", path, "--dry-run")

    assert no_traceback(result)
    assert result.code in (1, 2)
    assert word in result.err + result.out
    assert "hint:" in result.err + result.out
    if result.code == 2:
        assert str(path) in result.err


@pytest.mark.parametrize(("content", "word"), UNREADABLE)
def test_standard_input_is_named_as_such(place: Place, content: bytes, word: str) -> None:
    """A pipe has no file name."""
    result = place.run("sync", "invoice", "--from", "-", "--dry-run", stdin=content)

    assert no_traceback(result)
    assert result.code in (1, 2)
    if result.code == 2:
        assert "standard input" in result.err


@pytest.mark.parametrize(
    ("content", "word"),
    [
        pytest.param(changed(total_amount_cents="10000"), "total_amount_cents", id="a text for a number"),
        pytest.param(changed(total_amount_cents=100.5), "total_amount_cents", id="half a cent"),
        pytest.param(changed(total_amount_cents=10**30), "total", id="too much money"),
        pytest.param(changed(fees="none"), "fees", id="a text for a list"),
        pytest.param(changed(issuing_date="2026-02-30"), "issuing_date", id="no such day"),
        pytest.param(changed(customer=None), "customer", id="nobody"),
        pytest.param(
            changed().replace(b'"currency": "USD"', b'"currency": "USD", "currency": "EUR"', 1),
            "stands twice",
            id="a key twice",
        ),
        pytest.param(changed(number=None), "number", id="no number"),
    ],
)
def test_a_malformed_document_is_held(place: Place, content: bytes, word: str) -> None:
    """Exit code 1: the document is named, and what is wrong with it; nothing of it is sent."""
    path = place.write("bad.json", content)

    result = place.run("sync", "invoice", "--from", path)

    assert no_traceback(result)
    assert 1 == result.code
    assert "held" in result.out
    assert word in result.out


@pytest.mark.parametrize("name", ["nowhere.json", "."])
def test_a_missing_file_is_named(place: Place, name: str) -> None:
    """Exit code 2, before anything is called."""
    result = place.run("sync", "invoice", "--from", place.folder / name)

    assert 2 == result.code
    assert f"{place.folder / name} cannot be read" in result.err
    assert "hint: Name a file, or - for standard input." in result.err
