"""The guided editor: pages that are searched in, every change saved at once, a terminal without colour."""

import asyncio
import signal
import sys
import tomllib
from collections.abc import Sequence
from typing import Any

import pexpect
import pytest
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from lago_ns_cli.cli.editor.flow import Editor
from lago_ns_cli.cli.editor.page import Choice, Page
from lago_ns_cli.cli.editor.screen import UNDO, Screen
from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.mapping import (
    CreditNotePolicy,
    Defaults,
    FieldRow,
    FieldRows,
    FieldType,
    GroupingRow,
    ItemRow,
    Mappings,
    PaymentRow,
    TaxTarget,
)
from tests.cli.conftest import Place
from tests.cli.terminal import QUIET_ENVIRONMENT
from tests.unit.builders import CREATED

ROWS = [
    Choice(("500", "API calls"), "500"),
    Choice(("501", "Input tokens"), "501"),
    Choice(("502", "Output tokens"), "502"),
]


def found(page: Page) -> list[object]:
    return [choice.value for choice in page.found]


def test_every_word_that_is_typed_narrows_the_rows() -> None:
    """In any order, in ids and names, whatever the case; the first row is marked again."""
    page = Page("Which?", ROWS)
    page.move(2)

    page.type("TOK")
    assert (["501", "502"], "501") == (found(page), page.chosen)
    page.type(" inp")
    assert ["501"] == found(page)
    page.erase(word=True)
    assert ["501", "502"] == found(page)
    page.erase()
    page.erase()
    page.erase()
    assert ["500", "501", "502"] == found(page)


def test_a_mark_stays_within_the_rows() -> None:
    """However far it is moved; with no row Enter means nothing, or what was typed."""
    page = Page("Which?", ROWS)
    marked = []
    for steps in (99, -99, -1, 1):
        page.move(steps)
        marked.append(page.chosen)
    page.type("zzz")
    page.move(1)

    assert ["502", "500", "500", "501", None] == [*marked, page.chosen]
    free = Page("Which?", ROWS, free=str.upper)
    free.type(" sek ")
    assert "SEK" == free.chosen


@pytest.mark.parametrize(("width", "height"), [(79, 24), (40, 10), (20, 6), (200, 60)])
def test_a_page_fits_its_terminal(width: int, height: int) -> None:
    """No line is too long, none too many; the marked row is shown, and names that would do harm do none."""
    rows = [
        Choice((str(number), f"Item {number} \x1b[31m" + "x" * 90, "why"), number) for number in range(100)
    ]
    page = Page("What should go where? " * 5, rows)
    page.move(70)

    lines = page.lines(width, height)

    assert len(lines) <= height
    assert max(map(len, lines)) <= width
    assert [line for line in lines if line.startswith("> 70")]
    assert not any("\x1b" in line for line in lines)


LAGO = Catalog(
    "lago",
    CREATED,
    {
        "billing_entities": [{"code": "eu", "name": "Europe", "default_currency": "EUR"}],
        "billable_metrics": [{"code": "api_calls", "name": "API calls"}],
        "plans": [{"code": "pro", "name": "Pro"}],
        "taxes": [{"code": "vat", "name": "German VAT", "rate": "19.0"}],
    },
)
NETSUITE = Catalog(
    "netsuite",
    CREATED,
    {
        "items": [
            {"id": "500", "name": "API calls", "type": "Service"},
            {"id": "511", "name": "Pro plan", "type": "Service"},
            {"id": "512", "name": "Gone", "type": "Service", "inactive": True},
        ],
        "tax_codes": [{"id": "21", "name": "VAT 19", "rate": "19.00", "tax_type": "4", "nexus": "2"}],
        "nexuses": [{"id": "2", "country": "DE", "description": "Germany"}],
        "subsidiaries": [{"id": "4", "name": "Europe GmbH"}],
        "currencies": [{"id": "4", "code": "EUR", "name": "Euro"}],
        "accounts": [{"id": "120", "name": "Bank"}],
        "payment_methods": [{"id": "7", "name": "Card"}],
        "terms": [{"id": "2", "name": "Net 30"}],
        "departments": [{"id": "3", "name": "Sales"}],
        "record_fields": [
            {"record": "invoice", "sublist": None, "id": "memo", "label": "Memo", "type": "text"},
            {"record": "invoice", "sublist": None, "id": "shipdate", "label": "Ship Date", "type": "date"},
            {"record": "invoice", "sublist": None, "id": "department", "label": "Team", "type": "select"},
            {"record": "invoice", "sublist": "item", "id": "custcol_x", "label": "Units", "type": "float"},
        ],
    },
    {"suitetax": True},
)
BACK = "<Esc>"


class Person:
    """Answers each page with the row that holds a text, or with a key."""

    def __init__(self, *answers: object) -> None:
        self.pages: list[Page] = []
        self._answers = list(answers)

    async def pick(self, page: Page) -> object | None:
        self.pages.append(page)
        if not self._answers:
            return None
        answer = self._answers.pop(0)
        if answer == BACK:
            return None
        if not isinstance(answer, str):
            return answer
        page.type(answer)
        assert page.chosen is not None, (answer, page.title, [choice.cells for choice in page.choices])
        return page.chosen


def edit(mappings: Mappings, *answers: object) -> tuple[Mappings, list[Mappings], list[Page]]:
    """Lead a person through the editor: what it holds then, what was saved, the pages that were seen."""
    saved: list[Mappings] = []
    person = Person(*answers)
    editor = Editor("mappings.toml", mappings, LAGO, NETSUITE, lambda _, after: saved.append(after))
    asyncio.run(editor.run(person))  # type: ignore[arg-type]
    return editor.mappings, saved, person.pages


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (("metrics", "api", "api"), Mappings(items=(ItemRow(lago="billable_metric:api_calls", item="500"),))),
        (("Currencies", "EUR", "Euro"), Mappings(currencies={"EUR": "4"})),
        (
            ("written for", "eu", "Plans", "pro", "plan"),
            Mappings(items=(ItemRow(lago="plan:pro", item="511", billing_entity="eu"),)),
        ),
        (
            ("Defaults", "subscription", "pro"),
            Mappings(defaults=Defaults(item_by_type={"subscription": "511"})),
        ),
        (("Defaults", "default tax", "VAT"), Mappings(defaults=Defaults(tax=TaxTarget("21", "4", "2")))),
        (
            ("Defaults", "policy", "apply"),
            Mappings(defaults=Defaults(credit_note_policy=CreditNotePolicy.APPLY_MEMO)),
        ),
        (
            ("Payments", "another", "stripe", "any", "Bank", "Card"),
            Mappings(payments=(PaymentRow(account="120", method="7", provider="stripe"),)),
        ),
        (("Payments", "any", "undeposited", "no method"), Mappings(payments=(PaymentRow(account=None),))),
    ],
)
def test_a_row_is_chosen_by_names_alone(answers: Sequence[str], expected: Mappings) -> None:
    """Nobody copies an id; what is chosen is saved at once, in one step."""
    after, saved, _ = edit(Mappings(), *answers)

    assert expected == after
    assert [expected] == saved


def fields(kind: str = "invoice", **rows: tuple[FieldRow, ...]) -> Mappings:
    return Mappings(fields={kind: FieldRows(**rows)})


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (
            ("Fields", "Invoices", "another", "memo", "purchase"),
            fields(header=(FieldRow(to="memo", source="purchase_order_number"),)),
        ),
        (
            ("Fields", "Invoices", "another", "ship", "issuing"),
            fields(header=(FieldRow(to="shipdate", source="issuing_date", type=FieldType.DATE),)),
        ),
        (
            ("Fields", "Invoices", "another", "team", "= Sales", "departments"),
            fields(
                header=(FieldRow(to="department", literal="Sales", type=FieldType.LIST, list="departments"),)
            ),
        ),
        (
            (
                "written for",
                "eu",
                "Fields",
                "Lines of invoices",
                "another",
                "units",
                "customer.x.y",
                "number",
            ),
            fields(
                line=(
                    FieldRow(
                        to="custcol_x", source="customer.x.y", type=FieldType.NUMBER, billing_entity="eu"
                    ),
                )
            ),
        ),
        (
            ("Fields", "become one", "another", "API", "cust_1, cust_2", "subscription"),
            Mappings(
                grouping=(
                    GroupingRow(item="500", customers=("cust_1", "cust_2"), invoice_types=("subscription",)),
                )
            ),
        ),
    ],
)
def test_a_field_is_chosen_among_those_that_netsuite_has(answers: Sequence[str], expected: Mappings) -> None:
    """And written as it takes it; where there is one way only, nobody is asked."""
    after, saved, _ = edit(Mappings(), *answers)

    assert expected == after
    assert [expected] == saved


def test_rows_that_lead_nowhere_say_so_and_are_removed() -> None:
    """A field that is not there, and one of another type."""
    before = fields(
        header=(FieldRow(to="custbody_gone", source="number"), FieldRow(to="shipdate", source="number"))
    )
    after, _, pages = edit(before, "Fields", "Invoices", "gone", "remove", BACK)

    told = [choice.cells[-1] for choice in pages[2].choices]
    assert ["NO SUCH FIELD", "FIELD IS date"] == told[:2]
    assert fields(header=before.fields["invoice"].header[1:]) == after


def test_a_field_that_is_filled_already_is_changed_not_added() -> None:
    """Its place and its note stay."""
    before = fields(header=(FieldRow(to="memo", source="number", note="for Ann"),))
    after, _, pages = edit(before, "Fields", "Invoices", "memo", "change", "purchase", "another")

    assert fields(header=(FieldRow(to="memo", source="purchase_order_number", note="for Ann"),)) == after
    assert "memo" not in [choice.cells[0] for choice in pages[-1].choices]


def test_the_more_exact_grouping_goes_first() -> None:
    """The first row whose restrictions hold wins."""
    general = GroupingRow(item="511")
    after, _, _ = edit(
        Mappings(grouping=(general,)), "Fields", "become one", "another", "API", "cust_1", "all"
    )

    assert (GroupingRow(item="500", customers=("cust_1",)), general) == after.grouping


def test_a_tax_brings_its_type_and_nexus_along() -> None:
    """They are known from the tax code."""
    after, _, pages = edit(Mappings(), "Taxes", "vat", "VAT")

    assert TaxTarget("21", "4", "2") == after.taxes[0].target
    assert "19.00 % Germany" in pages[2].choices[0].cells


def test_suggestions_come_first_and_inactive_records_not_at_all() -> None:
    """With their score and reasons; nothing is chosen by itself."""
    _, saved, pages = edit(Mappings(), "Plans", "pro", BACK, BACK)

    assert [] == saved
    assert ("511", "Pro plan") == pages[2].choices[0].cells[:2]
    assert "resembles" in pages[2].choices[0].cells[3]
    assert not any("Gone" in choice.cells for choice in pages[2].choices)


def test_a_change_is_taken_back_and_the_file_with_it() -> None:
    """As often as there were changes."""
    after, saved, pages = edit(Mappings(), "metrics", "api", "api", UNDO, UNDO, BACK)

    assert (Mappings(), 2, Mappings()) == (after, len(saved), saved[-1])
    assert ["undone and saved", "nothing to undo"] == [page.note for page in pages if "und" in page.note]


def test_a_row_is_removed() -> None:
    """What a type or a default then serves is shown instead."""
    mapped = Mappings(items=(ItemRow(lago="plan:pro", item="511"),), payments=(PaymentRow(account="120"),))

    assert () == edit(mapped, "Plans", "pro", "remove")[0].items
    assert () == edit(mapped, "Payments", "any", "remove")[0].payments


def test_what_is_missing_stands_at_the_top() -> None:
    """The first page counts it, the next begins with it."""
    half = Mappings(items=(ItemRow(lago="billable_metric:api_calls", item="500"),))
    _, _, pages = edit(half, "Plans", BACK)

    told = {choice.cells[0]: choice.cells[1] for choice in pages[0].choices}
    assert ("1 of 1 mapped", "0 of 1 mapped, 1 missing") == (told["Billable metrics"], told["Plans"])
    assert "MISSING" == pages[1].choices[0].cells[2]


def test_keys_reach_the_page() -> None:
    """Letters, arrows, backspace, Enter, Esc and Ctrl-Z, as a terminal sends them."""
    told: list[object] = []

    async def flow(screen: Screen) -> None:
        for keys in ("tokx\x7f\x1b[B\r", "\x1b", "\x1a", "501\r"):
            page = Page("Which?", ROWS)
            answer = asyncio.ensure_future(screen.pick(page))
            await asyncio.sleep(0)
            pipe.send_text(keys)
            told.append(await asyncio.wait_for(answer, 5))

    with create_pipe_input() as pipe:
        asyncio.run(Screen(pipe, DummyOutput()).run(flow))

    assert ["502", None, UNDO, "501"] == told


def test_an_error_ends_the_screen_and_is_told() -> None:
    """As where somebody else changed the file meanwhile."""

    async def flow(_screen: Screen) -> None:
        raise ValueError("changed meanwhile")

    with create_pipe_input() as pipe, pytest.raises(ValueError, match="changed meanwhile"):
        asyncio.run(Screen(pipe, DummyOutput()).run(flow))


@pytest.fixture
def session(place: Place) -> Any:
    """The editor in a real terminal of 80 by 24, without colour."""
    place.run("fetch-catalog")
    for row in (("item", "add_on:setup"), ("item", "plan:pro_monthly")):
        place.run("map", "unset", *row)
    child = pexpect.spawn(
        sys.executable,
        ["-m", "lago_ns_cli", "--config", str(place.config), "map"],
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(place.folder),
            "TERM": "xterm",
            **QUIET_ENVIRONMENT,
            **place.environment,
        },
        dimensions=(24, 80),
        encoding="utf-8",
        timeout=20,
    )
    yield child
    child.close(force=True)


def test_a_person_maps_a_plan_in_a_terminal(place: Place, session: Any) -> None:
    """By typing its name and the item's; the file is canonical, and no colour was asked for."""
    seen = ""
    for expected, keys in (
        ("Subsidiaries", "plans\r"),
        ("pro_monthly", "pro\r"),
        ("Pro plan", "pro plan\r"),
        ("saved: plan:pro_monthly", "\x1b"),
        ("Subsidiaries", "\x1b"),
    ):
        session.expect_exact(expected)
        seen += session.before + session.after
        session.send(keys)
    session.expect_exact("1 changes saved")
    session.expect(pexpect.EOF)
    session.wait()

    assert 0 == session.exitstatus
    assert {"lago": "plan:pro_monthly", "item": "511"} in tomllib.loads(place.mappings.read_text())["items"]
    assert place.run("map", "check").code == 0
    assert not any(f"\x1b[{colour}m" in seen for colour in range(30, 48))


def test_a_person_fills_a_field_in_a_terminal(place: Place, session: Any) -> None:
    """By the field's name, with what fits it, on a screen of 80 by 24."""
    session.expect_exact("Fields and grouping")
    for title, keys in (
        ("", "fields\r"),
        ("Fields and grouping of", "\r"),
        ("invoice.header: what goes where?", "another\r"),
        ("Which field of invoice records?", "memo\r"),
        ("What goes to memo?", "purchase_order\r"),
        ("saved: memo", "\x03"),
    ):
        session.expect_exact(title)
        session.send(keys)
    session.expect_exact("1 changes saved")
    session.expect(pexpect.EOF)
    session.wait()

    written = tomllib.loads(place.mappings.read_text())["invoice"]["header"]
    assert {"from": "purchase_order_number", "to": "memo"} in written
    assert place.run("map", "check").code == 0


@pytest.mark.parametrize("how", ["key", "signal"])
def test_ctrl_c_leaves_the_file_as_it_was_saved_last(place: Place, session: Any, how: str) -> None:
    """In the middle of a choice nothing is half done."""
    before = place.mappings.read_bytes()
    session.expect_exact("Subsidiaries")
    session.send("plans\r")
    session.expect_exact("pro_monthly")
    session.send("pro")
    if how == "key":
        session.send("\x03")
    else:
        session.kill(signal.SIGINT)
    session.expect(pexpect.EOF)
    session.wait()

    assert 130 == session.exitstatus
    assert before == place.mappings.read_bytes()


def test_where_nobody_can_answer_the_help_is_shown(place: Place) -> None:
    """In a pipe the editor is not opened."""
    told = place.run("map")

    assert (2, True) == (told.code, "suggest" in told.out)


def test_a_catalog_that_was_never_fetched_is_named(fresh: Place) -> None:
    """Before any page is drawn."""
    told = fresh.run("map", terminal=True)

    assert (2, True) == (told.code, f"hint: lago-ns --config {fresh.config} fetch-catalog" in told.err)
