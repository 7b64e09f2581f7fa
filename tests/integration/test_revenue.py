"""Revenue recognition, read through the RESTlet: what is planned against what was billed."""

import asyncio
from datetime import date
from typing import Any

import pytest

from lago_ns_cli.domain.catalog import Catalog, account_profile
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.domain.translation.context import Context
from lago_ns_cli.errors import AuthError, ConfigError
from lago_ns_cli.workflows.revenue import RevenueReport, RevenueSides, compare_revenue
from tests.integration.world import World


def compare(world: World, **selection: Any) -> RevenueReport:
    """Do what the command does."""

    async def whole() -> RevenueReport:
        lago, netsuite = world._lago(None), world._netsuite()
        try:
            rows = {
                name: (await netsuite.describe_section(name))[0]
                for name in ("items", "currencies", "periods")
            }
            catalog = Catalog("netsuite", world.clock.now(), rows)
            context = Context(mappings=world.mappings, account=account_profile(catalog))
            with world.open_ledger() as ledger:
                sides = RevenueSides(
                    lago=lago, netsuite=netsuite, ledger=ledger, context=context, catalog=catalog
                )
                return await compare_revenue(sides, Selection(**selection))
        finally:
            await lago.aclose()
            await netsuite.aclose()

    return asyncio.run(whole())


@pytest.fixture
def recognized(tmp_path: Any) -> World:
    """A posted organization whose revenue management has run."""
    world = World(tmp_path, invoices=25, customers=4)
    assert world.sync(*Kind).error is None
    world.person("recognize_revenue")
    return world


def rows(world: World, table: str) -> list[dict[str, Any]]:
    store = world.simulator.parts.account.store
    cursor = store.connection.execute(f'SELECT * FROM "{table}" ORDER BY id')
    return [dict(zip((column[0] for column in cursor.description), row, strict=True)) for row in cursor]


def test_what_was_billed_is_what_is_planned(recognized: World) -> None:
    """Every line of every posted invoice and note, to the cent and to the day."""
    report = compare(recognized)

    assert ((), ()) == (tuple(report.findings), tuple(report.unreadable))
    assert report.documents > 20
    assert report.lines == report.elements > 60
    assert dict(report.billed) == dict(report.recognized)


@pytest.mark.parametrize(
    ("table", "values", "code"),
    [
        ("revenueelement", {"discountedsalesamount": "1.23"}, "revenue_amount"),
        ("revenueelement", {"revrecenddate": "2030-01-31"}, "revenue_dates"),
        ("revenueelement", {}, "revenue_missing"),
        ("revenueplan", {}, "revenue_no_plan"),
        ("revenueplanplannedrevenue", {"amount": "0.01"}, "revenue_plan_amount"),
        ("revenueplanplannedrevenue", {"plannedperiod": "last"}, "revenue_plan_periods"),
    ],
)
def test_what_differs_is_found_and_named(
    recognized: World, table: str, values: dict[str, Any], code: str
) -> None:
    """Somebody changed it in NetSuite; the finding names the document and both figures."""
    element = next(
        row for row in rows(recognized, "revenueelement") if row["revrecstartdate"] != row["revrecenddate"]
    )
    plans = [row["id"] for row in rows(recognized, "revenueplan") if row["createdfrom"] == element["id"]]
    shares = [
        row["id"] for row in rows(recognized, "revenueplanplannedrevenue") if row["revenueplan"] in plans
    ]
    target = {
        "revenueelement": element["id"],
        "revenueplan": plans[0],
        "revenueplanplannedrevenue": shares[0],
    }[table]
    if values.get("plannedperiod") == "last":
        values = {
            "plannedperiod": max(
                row["id"] for row in rows(recognized, "accountingperiod") if row["isyear"] == "F"
            )
        }
    recognized.person("edit_revenue", table=table, id=target, values=values)

    report = compare(recognized)

    assert code in {finding.code.value for finding in report.findings}
    assert {element["source"].rpartition("#")[2]} == {finding.number for finding in report.findings}


def test_a_month_is_compared_alone(recognized: World) -> None:
    """A period restricts the documents, and what lies beside it is no difference."""
    whole, month = compare(recognized), compare(recognized, since=date(2026, 9, 1), until=date(2026, 9, 30))

    assert 0 < month.documents < whole.documents
    assert () == tuple(month.findings)


def test_before_revenue_management_has_run_every_line_is_missing(tmp_path: Any) -> None:
    """It runs in the background, so this is what the first look may see."""
    world = World(tmp_path, invoices=3, customers=1)
    world.sync(*Kind)
    report = compare(world)

    assert {"revenue_missing"} == {finding.code.value for finding in report.findings}


def test_an_account_without_the_feature_says_so(recognized: World) -> None:
    """Nothing is compared, and the message names where it is switched on."""
    recognized.person("set_feature", feature="ADVANCEDREVENUERECOGNITION", on=False)

    with pytest.raises(ConfigError, match="Advanced Revenue Management"):
        compare(recognized)


def test_a_role_that_may_not_look_is_named(recognized: World) -> None:
    """Not seen is not absent."""
    recognized.person("set_permission", role="1001", permission="LIST_REVENUEELEMENT", level="NONE")

    with pytest.raises(AuthError, match="revenue elements"):
        compare(recognized)


def test_columns_that_an_account_lacks_are_named_and_not_compared(recognized: World) -> None:
    """Oracle documents few of them, so the answer says which were not there."""
    store = recognized.simulator.parts.account.store
    for column in ("discountedsalesamount", "salesamount", "revrecenddate"):
        store.connection.execute(f"ALTER TABLE revenueelement DROP COLUMN {column}")

    report = compare(recognized)

    assert ["amount", "end"] == sorted(report.missing_columns)
    assert () == tuple(report.findings)
