"""Any text that Lago can hold reaches NetSuite, in the lengths and characters that it stores."""

import json
from typing import Any

import pytest

from tests.integration.test_customer_books import another
from tests.integration.world import World

FAMILY = "👩\u200d👩\u200d👧"


def document(text: str) -> bytes:
    """An invoice whose customer and fee are called by a text, written as JSON writes it."""
    invoice = another()
    invoice["customer"] = {
        **invoice["customer"],
        "lago_id": "000000c5-0000-4000-8000-0000000000c5",
        "external_id": "cust_text",
        "name": "@text@",
    }
    invoice["fees"][0]["item"] |= {"name": "@text@", "invoice_display_name": "@text@"}
    return json.dumps({"invoice": invoice}).replace("@text@", text).encode()


def stored(world: World) -> tuple[Any, Any]:
    (customer,) = [one for one in world.records("customer") if one["externalid"]]
    (invoice,) = world.records("invoice")
    return customer["companyname"], invoice["lines"][0]["description"]


@pytest.mark.parametrize(
    ("text", "name", "notices"),
    [
        ("Hooli\\u0000Inc.\\u001b", "Hooli Inc. ", {"text_replaced"}),
        ("half \\ud83d", "half \ufffd", {"text_replaced"}),
        ("\\u202eשלום\\u202c", "\u202eשלום\u202c", set()),
        ("😀 🇩🇪", "😀 🇩🇪", set()),
        ("x" * 82, "x" * 82, set()),
        ("x" * 83, "x" * 83, set()),
        ("x" * 84, "x" * 83, {"text_cut"}),
        (FAMILY * 17, FAMILY * 16, {"text_cut"}),
        ("x" * 82 + "e\u0301", "x" * 82, {"text_cut"}),
    ],
)
def test_a_name_is_stored_replaced_or_cut_with_a_notice(
    small: World, text: str, name: str, notices: set[str]
) -> None:
    """A54, A55: through the pipe into NetSuite's store; no traceback, no loop."""
    run = small.sync("invoice", source=document(text))

    told = {notice.code for notice in run.of("cust_text").notices} - {"first_of_several"}
    whole = json.loads(f'"{text}"'.replace("\\ud83d", "\\ufffd"))
    assert run.error is None
    assert (name, notices) == (stored(small)[0], told)
    assert len(whole) == len(stored(small)[1])
    assert 0 == small.sync("invoice", source=document(text)).tally.writes


def test_a_document_number_that_does_not_fit_is_held(small: World) -> None:
    """A54: A cut number would name another document."""
    number = "N" * 46
    invoice = another(number=number)

    run = small.sync("invoice", source=json.dumps({"invoice": invoice}).encode())

    failure = run.of(number).failure
    assert failure is not None
    assert "number_does_not_fit" == failure.code
    assert [] == small.records("invoice")
