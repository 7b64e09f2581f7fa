"""Every recipe of the mapping cookbook, run against the simulator with the rows that the page shows."""

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.mapping import FieldRows, ItemRow, Mappings
from lago_ns_cli.domain.mapping_recognition import recognition_findings
from lago_ns_cli.mapping_file import load_mappings
from tests.cli import commands
from tests.cli.terminal import run
from tests.integration.test_explain import fetch_catalog
from tests.integration.world import World, money

PAGE = (Path(__file__).parent.parent.parent / "docs" / "mapping-cookbook.md").read_text("utf-8")
RECIPES = {
    int(number): text
    for number, text in re.findall(r"^## (\d+)\. (.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
}

Document = dict[str, Any]


def block(number: int, language: str) -> str:
    """The rows or the commands of a recipe; empty where it has none."""
    found = re.search(rf"```{language}\n(.*?)```", RECIPES[number], re.DOTALL)
    return found[1] if found else ""


def recipe(number: int, folder: Path) -> Mappings:
    """The rows of a recipe, read as the program reads them."""
    path = folder / "recipe.toml"
    path.write_text("version = 1\n" + block(number, "toml"), "utf-8")
    return load_mappings(path)


def cook(base: Mappings, rows: Mappings) -> Mappings:
    """Put a recipe's rows into mappings, as a person would into a file."""

    def joined(before: tuple[Any, ...], after: tuple[Any, ...], *identity: str) -> tuple[Any, ...]:
        taken = {tuple(getattr(row, name) for name in identity) for row in after}
        kept = (row for row in before if tuple(getattr(row, name) for name in identity) not in taken)
        return (*kept, *after)

    own = {
        name: value
        for name in ("item", "tax", "untaxed_code", "subsidiary", "credit_note_policy")
        if (value := getattr(rows.defaults, name)) is not None
    }
    by_type = {**base.defaults.item_by_type, **rows.defaults.item_by_type}
    fields = {
        kind: FieldRows(
            header=joined(base.fields.get(kind, FieldRows()).header, added.header, "to"),
            line=joined(base.fields.get(kind, FieldRows()).line, added.line, "to"),
        )
        for kind, added in rows.fields.items()
    }
    return replace(
        base,
        defaults=replace(base.defaults, item_by_type=by_type, **own),
        entity_defaults={**base.entity_defaults, **rows.entity_defaults},
        items=joined(base.items, rows.items, "lago", "billing_entity"),
        taxes=joined(base.taxes, rows.taxes, "lago", "billing_entity"),
        subsidiaries=joined(base.subsidiaries, rows.subsidiaries, "billing_entity"),
        payments=rows.payments or base.payments,
        grouping=rows.grouping or base.grouping,
        fields={**base.fields, **fields},
    )


class Kitchen:
    """A world with a recipe's mappings, and its documents on both sides.

    Attributes:
        invoices: Lago's, by number, as far as they were posted.
    """

    def __init__(self, number: int, folder: Path, **options: Any) -> None:
        self.world = World(folder, **{"invoices": 30, "customers": 6, **options})
        self.rows = recipe(number, folder)
        self.world.mappings = cook(self.world.mappings, self.rows)
        self.invoices: dict[str, Document] = {}

    def without(self, *objects: str) -> None:
        """Take the rows of these kinds of objects out, as the recipe says."""
        kept = tuple(
            row
            for row in self.world.mappings.items
            if not row.lago.startswith(objects) or row in self.rows.items
        )
        self.world.mappings = replace(self.world.mappings, items=kept)

    def sync(self, *kinds: str) -> None:
        """Bring the documents over; none may be held."""
        told = self.world.sync(*(kinds or ("customer", "invoice")))
        assert told.error is None
        assert 0 == told.tally.needs_attention, [one.failure for one in told.reports if one.failure]
        posted = {record["tranid"] for record in self.records()}
        self.invoices = {one["number"]: one for one in self.world.lago_invoices() if one["number"] in posted}
        assert len(self.invoices) > 10

    def records(self) -> list[Document]:
        return self.world.records("invoice")

    def fee_lines(self) -> Iterator[tuple[Document, Document, Document]]:
        """Every line of a fee: Lago's invoice, the fee, NetSuite's line."""
        for record in self.records():
            invoice = self.invoices[record["tranid"]]
            fees = {fee["lago_id"]: fee for fee in invoice["fees"]}
            for line in record["lines"]:
                if line.get("custcol_lago_line_id") in fees:
                    yield invoice, fees[line["custcol_lago_line_id"]], line

    def items_of(self, fee_type: str) -> set[tuple[str, str, str]]:
        """(billing entity, code, item) of all lines of a type of fees."""
        return {
            (invoice["billing_entity_code"], fee["item"]["code"], line["item"])
            for invoice, fee, line in self.fee_lines()
            if fee["item"]["type"] == fee_type
        }

    def others(self) -> list[tuple[Document, Document]]:
        """Lines that no fee is behind, with Lago's invoice."""
        return [
            (self.invoices[record["tranid"]], line)
            for record in self.records()
            for line in record["lines"]
            if not line.get("custcol_lago_line_id")
        ]


def totals_agree(kitchen: Kitchen) -> bool:
    """Whether every invoice is of Lago's total, plus what memos take off it instead of lines."""
    return all(
        money(record["total"])
        == (
            Decimal(kitchen.invoices[record["tranid"]]["total_amount_cents"])
            + Decimal(kitchen.invoices[record["tranid"]]["credit_notes_amount_cents"])
        )
        / (1 if kitchen.invoices[record["tranid"]]["currency"] == "JPY" else 100)
        for record in kitchen.records()
        if kitchen.world.mappings.credit_note_policy("acme-us") == "apply_memo"
    )


def one_item_for_all_usage(kitchen: Kitchen) -> None:
    kitchen.without("billable_metric:")
    kitchen.sync()

    lines = kitchen.items_of("charge")
    assert {"510"} == {item for _, _, item in lines}
    assert len({code for _, code, _ in lines}) > 3


def an_item_for_each_billing_entity(kitchen: Kitchen) -> None:
    kitchen.sync()

    pro = {(entity, item) for entity, code, item in kitchen.items_of("subscription") if code == "pro_monthly"}
    assert {("acme-us", "511"), ("acme-eu", "522")} == pro


def ratable_or_at_a_point_in_time(kitchen: Kitchen) -> None:
    kitchen.sync()
    fetch_catalog(kitchen.world)
    with kitchen.world.open_ledger() as ledger:
        netsuite = ledger.load_catalog("netsuite")
    assert netsuite is not None

    def found(mappings: Mappings) -> list[str]:
        return [
            finding.code
            for finding in recognition_findings(mappings, Catalog("lago", netsuite.fetched_at, {}), netsuite)
        ]

    assert [] == found(kitchen.rows)
    wrong = replace(
        kitchen.rows,
        items=tuple(replace(row, item="508" if row.item == "500" else "506") for row in kitchen.rows.items),
    )
    assert ["recognition_differs", "recognition_differs"] == found(wrong)
    unsaid = Mappings(
        items=(ItemRow(lago="plan:pro_monthly", item="506"), ItemRow(lago="add_on:seats", item="508"))
    )
    assert ["recognition_unfit", "recognition_unfit"] == found(unsaid)
    periods = [
        line.get("custcol_service_period_date_from")
        for _, fee, line in kitchen.fee_lines()
        if fee["item"]["type"] == "subscription"
    ]
    assert periods
    assert all(periods)


def minimum_commitments(kitchen: Kitchen) -> None:
    kitchen.sync()

    assert {("acme-us", "enterprise_yearly", "509")} == kitchen.items_of("commitment")
    assert "483" == kitchen.world.mappings.item("commitment:other", "commitment", "acme-us").value


def coupons(kitchen: Kitchen) -> None:
    kitchen.sync()

    used = [
        {credit["item"]["code"] for credit in invoice["credits"] if credit["item"]["type"] == "coupon"}
        for invoice in kitchen.invoices.values()
    ]
    launch = sum("LAUNCH10" in codes for codes in used)
    items = [line["item"] for _, line in kitchen.others() if money(line["amount"]) < 0]
    assert launch
    assert launch == items.count("481")
    assert sum(len(codes - {"LAUNCH10"}) for codes in used) == items.count("490")


def prepaid_credit_granted_and_bought(kitchen: Kitchen) -> None:
    kitchen.sync()

    known = [one for one in kitchen.invoices.values() if one["prepaid_granted_credit_amount_cents"]]
    assert known
    for invoice in known:
        [record] = [one for one in kitchen.records() if one["tranid"] == invoice["number"]]
        amounts = {
            line["item"]: money(line["amount"]) * 100 for line in record["lines"] if money(line["amount"]) < 0
        }
        assert {
            "490": -invoice["prepaid_granted_credit_amount_cents"],
            "492": -invoice["prepaid_purchased_credit_amount_cents"],
        } == {item: amount for item, amount in amounts.items() if item in ("490", "492")}


def many_usage_lines_one_line(kitchen: Kitchen) -> None:
    kitchen.sync()

    grouped = 0
    for record in kitchen.records():
        invoice = kitchen.invoices[record["tranid"]]
        charges = [fee for fee in invoice["fees"] if fee["item"]["type"] == "charge" and fee["amount_cents"]]
        lines = [line for line in record["lines"] if line["item"] == "510"]
        meant = invoice["billing_entity_code"] == "acme-us" and invoice["invoice_type"] == "subscription"
        if meant and charges:
            subunits = 1 if invoice["currency"] == "JPY" else 100
            assert sum(fee["amount_cents"] for fee in charges) == subunits * sum(
                money(line["amount"]) for line in lines
            )
            assert {"1"} == {line["quantity"] for line in lines}
            grouped += len(lines) < len(charges)
        else:
            assert [] == lines
    assert grouped


def suitetax_a_nexus_a_type_and_a_code(kitchen: Kitchen) -> None:
    kitchen.sync()

    taxed = 0
    for record in kitchen.records():
        taxes = {
            tax["tax_code"]: tax["amount_cents"]
            for tax in kitchen.invoices[record["tranid"]]["applied_taxes"]
        }
        if taxes.keys() == {"us_nyc"}:
            rows = record["taxdetails"]
            assert ("1", {("3", "14")}) == (
                record["nexus"],
                {(row["taxtype"], row["taxcode"]) for row in rows},
            )
            subunits = 1 if kitchen.invoices[record["tranid"]]["currency"] == "JPY" else 100
            assert taxes["us_nyc"] == subunits * sum(money(row["taxamount"]) for row in rows)
            taxed += 1
    assert taxed


def legacy_tax_sets_of_taxes(kitchen: Kitchen) -> None:
    kitchen.sync()

    both = [
        line["taxcode"]
        for invoice, fee, line in kitchen.fee_lines()
        if {tax["tax_code"] for tax in invoice["applied_taxes"]} == {"us_ny_state", "us_nyc_city"}
        and fee["taxes_rate"] == 8.5
    ]
    assert both
    assert {"18"} == set(both)


def a_segment_on_lines_a_field_on_the_header(kitchen: Kitchen) -> None:
    kitchen.sync()

    for record in kitchen.records():
        assert kitchen.invoices[record["tranid"]]["customer"]["external_id"] == record["custbody_cost_center"]
    regions = {
        (invoice["billing_entity_code"], line.get("cseg_region")) for invoice, _, line in kitchen.fee_lines()
    }
    assert {("acme-us", None), ("acme-eu", "2")} == regions


def payments_by_provider_and_currency(kitchen: Kitchen) -> None:
    kitchen.sync("customer", "invoice", "payment")

    found = {
        (
            record["currency"] == "4",
            "WIRE" in str(record["memo"]),
            record["undepfunds"],
            record["paymentmethod"],
        )
        for record in kitchen.world.records("customerpayment")
    }
    assert {
        (True, False, True, "7"),
        (True, True, False, "8"),
        (False, True, False, "8"),
        (False, False, False, "7"),
    } == found


def several_billing_entities_and_subsidiaries(kitchen: Kitchen) -> None:
    without = tuple(row for row in kitchen.world.mappings.taxes if row.lago != ("de_vat",))
    kitchen.world.mappings = replace(kitchen.world.mappings, taxes=without)
    kitchen.sync()

    found = {
        (kitchen.invoices[record["tranid"]]["billing_entity_code"], record["subsidiary"])
        for record in kitchen.records()
    }
    assert {("acme-us", "2"), ("acme-eu", "4")} == found
    codes = {
        row["taxcode"]
        for record in kitchen.records()
        for row in record["taxdetails"]
        if "de_vat" in {tax["tax_code"] for tax in kitchen.invoices[record["tranid"]]["applied_taxes"]}
    }
    assert {"22"} == codes


def credit_notes_apply_the_memo_or_a_negative_line(kitchen: Kitchen) -> None:
    kitchen.sync("customer", "invoice", "credit_note")

    consuming = {number for number, one in kitchen.invoices.items() if one["credit_notes_amount_cents"]}
    assert consuming
    assert not any(line["item"] == "494" for _, line in kitchen.others())
    ids = {record["id"] for record in kitchen.records() if record["tranid"] in consuming}
    applied = {part["doc"] for memo in kitchen.world.records("creditmemo") for part in memo["apply"]}
    assert ids <= applied


TESTS: dict[int, tuple[Callable[[Kitchen], None], dict[str, Any]]] = {
    1: (one_item_for_all_usage, {}),
    2: (an_item_for_each_billing_entity, {}),
    3: (ratable_or_at_a_point_in_time, {}),
    4: (minimum_commitments, {}),
    5: (coupons, {}),
    6: (prepaid_credit_granted_and_bought, {}),
    7: (many_usage_lines_one_line, {}),
    8: (suitetax_a_nexus_a_type_and_a_code, {}),
    9: (legacy_tax_sets_of_taxes, {"tax_regime": "legacy"}),
    10: (a_segment_on_lines_a_field_on_the_header, {}),
    11: (payments_by_provider_and_currency, {}),
    12: (several_billing_entities_and_subsidiaries, {}),
    13: (credit_notes_apply_the_memo_or_a_negative_line, {}),
}


@pytest.mark.parametrize("number", TESTS)
def test_a_recipe_does_what_the_page_says(number: int, tmp_path: Path) -> None:
    """With the rows of the page, whole documents are posted, and nothing is held."""
    check, options = TESTS[number]
    kitchen = Kitchen(number, tmp_path, **options)

    check(kitchen)

    assert totals_agree(kitchen)


def test_every_recipe_is_tested_under_its_own_name() -> None:
    """And listed at the top of the page."""
    headings = {number: text.partition("\n")[0] for number, text in RECIPES.items()}

    def plain(title: str) -> str:
        return re.sub(r"[^a-z]+", "_", title.lower()).strip("_")

    assert {number: plain(title) for number, title in headings.items()} == {
        number: check.__name__ for number, (check, _) in TESTS.items()
    }
    for number, title in headings.items():
        anchor = re.sub(r"[^a-z0-9 -]", "", f"{number} {title}".lower()).replace(" ", "-")
        assert f"(#{anchor})" in PAGE, anchor


@pytest.mark.parametrize("number", [number for number in TESTS if block(number, "console")])
def test_the_commands_of_a_recipe_write_its_rows(number: int, tmp_path: Path) -> None:
    """To the letter: what the commands write is what the page shows."""
    config = tmp_path / "lago-ns.toml"
    config.write_text('[netsuite]\naccount = "1234567_SB1"\n', "utf-8")
    (tmp_path / "mappings.toml").write_text("version = 1\n", "utf-8")

    for line in block(number, "console").splitlines():
        commands.parse(line)
        done = run("--config", config, *line.split()[1:])
        assert 0 == done.code, done.err

    written = tomllib.loads((tmp_path / "mappings.toml").read_text("utf-8"))
    assert tomllib.loads("version = 1\n" + block(number, "toml")) == written
