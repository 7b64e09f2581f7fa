"""The page: complete without a script, harmless whatever the names are, and readable on paper."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from lago_ns_cli.cli.reconciling.charts import age_chart, coverage_chart
from lago_ns_cli.cli.reconciling.page import MOST_ROWS, Page
from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId
from lago_ns_cli.domain.reconciliation.findings import NET, Cell, Discrepancy, Finding
from lago_ns_cli.domain.reconciliation.tie_out import TieOutLine
from lago_ns_cli.workflows.reconcile_reports import Coverage, KindCount, Reconciled, Scope
from tests.reconciliation import browser

AT = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
HOSTILE = (
    "<script>document.title='taken'</script>",
    "<img src=x onerror=\"document.title='taken'\">",
    "\"><svg onload=document.title='taken'>",
    "{{ 7 * 7 }}{% raw %}",
    '=HYPERLINK("http://example.test")',
    "javascript:document.title='taken'",
    "\u202egnp.exe\u2066",
    "bell\x07 escape\x1b[31m null\x00",
    "half \ud83d letter",
    "long " + "x" * 10_000,
    "</style><style>body{display:none}</style>",
    "<base href=//example.test><meta http-equiv=refresh content=0;url=//example.test>",
)


def finding(number: str = "ACM-1", **changes: object) -> Finding:
    """An amount that differs by 1.50."""
    made = Finding(
        what=Discrepancy.AMOUNT,
        kind="invoice",
        key=Key("lago:inv:1"),
        lago_id=LagoId("1"),
        number=number,
        entity="acme-us",
        currency="USD",
        netsuite_id=InternalId("5012"),
        lago="100.00",
        netsuite="101.50",
        difference=Decimal("1.50"),
        cause="Somebody changed it.",
        action="Set it back.",
        command="lago-ns status",
        day=date(2026, 10, 3),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def result(**changes: object) -> Reconciled:
    """A month with one difference."""
    cell = Cell("acme-us", "2", "USD", NET, "invoice", "2026-10")
    made = Reconciled(
        scope=Scope(kinds=("invoice",), since=date(2026, 10, 1), until=date(2026, 10, 31)),
        by_kind={"invoice": KindCount(10, 10, 8, 1, 1)},
        findings={Discrepancy.AMOUNT: 1},
        consequences=0,
        explained={Discrepancy.SELF_BILLED: 1},
        tie_out=(
            TieOutLine(cell, Decimal("1000.00"), Decimal("1001.50"), {Discrepancy.AMOUNT: Decimal("1.50")}),
        ),
        by_cause={("USD", Discrepancy.AMOUNT): Decimal("1.50")},
        coverage=(Coverage("2026-10", 10, 8, 1, 1),),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def write(path: Path, *findings: Finding, told: Reconciled | None = None) -> str:
    page = Page(path)
    for one in findings:
        page.add(one)
    page.write(told or result(), made_at=AT, account="1234567_SB1", profile="default")
    return path.read_text("utf-8")


def test_the_page_shows_both_figures_the_cause_and_what_mends_it(tmp_path: Path) -> None:
    """And the tie-out, with what accounts for the difference."""
    text = write(tmp_path / "page.html", finding())

    for told in ("100.00", "101.50", "+1.50 USD", "Somebody changed it.", "Set it back.", "lago-ns status"):
        assert told in text
    assert "amount differs +1.50" in text
    assert "2026-10-01 to 2026-10-31" in text
    assert "1 finding needs attention." in text


def test_the_page_asks_for_nothing_and_runs_nothing(tmp_path: Path) -> None:
    """No script, no address, no style beside the one whose hash the policy names."""
    text = write(tmp_path / "page.html", finding())

    assert re.search(r"default-src 'none'; style-src 'sha256-[\w+/=]+'", text)
    assert [] == re.findall(r"<script|<link|<img|<iframe|https?://|//\w|style=|\son\w+=|src=|href=", text)
    assert 1 == text.count("<style>")
    assert 0o600 == (tmp_path / "page.html").stat().st_mode & 0o777


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_is_text(tmp_path: Path, name: str) -> None:
    """Escaped, cut, and without signs that steer."""
    text = write(
        tmp_path / "page.html",
        finding(
            name, lago=name, netsuite=name, cause=name, action=name, command=name, entity=name, currency=name
        ),
        told=result(scope=Scope(kinds=("invoice",), billing_entity=name)),
    )

    for part in ("<script", "<img", "<svg onload", "<base", "<meta http-equiv=refresh", "</style><style>"):
        assert part not in text
    assert [] == re.findall("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert "x" * 400 not in text


def test_a_page_of_many_findings_stays_a_page(tmp_path: Path) -> None:
    """The first thousand are shown, and how many there are besides."""
    text = write(tmp_path / "page.html", *(finding(f"ACM-{one}") for one in range(MOST_ROWS + 5)))

    assert "And 5 more" in text
    assert len(text) < 2_000_000


def test_coverage_is_complete_only_if_all_is(tmp_path: Path) -> None:
    """One of a thousand that differs is not rounded away."""
    chart = coverage_chart([Coverage("2026-10", 1000, 999, 0, 1)])
    assert chart is not None

    assert "2026-10: 99 % of 1000" == chart.summary
    assert coverage_chart([]) is None


def test_ages_count_from_the_documents_date() -> None:
    """In steps that a controller knows."""
    days = [date(2026, 11, 24), date(2026, 11, 1), date(2026, 8, 1), None]
    chart = age_chart(days, date(2026, 11, 25))
    assert chart is not None

    assert "up to a week: 1" in chart.summary
    assert "up to 30 days: 1" in chart.summary
    assert "over 90 days: 1" in chart.summary
    assert "without a date: 1" in chart.summary


@pytest.mark.skipif(browser.CHROMIUM is None, reason="no Chromium here; .ci/run installs it")
def test_nothing_runs_in_a_real_browser(tmp_path: Path) -> None:
    """Every hostile name at once: the title stays, nothing is fetched, and all of the page is there."""
    path = tmp_path / "page.html"
    names = [finding(name, cause=name, lago=name, command=name, entity=name) for name in HOSTILE]
    write(path, *names, told=result(scope=Scope(kinds=("invoice",), billing_entity=HOSTILE[0])))
    seen, console = browser.document(tmp_path, path)
    control = tmp_path / "control.html"
    control.write_text(f"<title>untouched</title>{HOSTILE[0]}", "utf-8")
    browser.printed(tmp_path, path, tmp_path / "page.pdf")
    pages = len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "page.pdf").read_bytes()))

    assert "<title>taken</title>" in browser.document(tmp_path, control)[0]
    assert "<title>Reconciliation of Lago and NetSuite" in seen
    assert "taken</title>" not in seen
    assert len(HOSTILE) == seen.count('<td class="short">2026-10-03</td>')
    assert "Explained" in seen
    assert "Content Security Policy" not in console
    assert 1 <= pages <= 6


@pytest.mark.skipif(browser.CHROMIUM is None, reason="no Chromium here; .ci/run installs it")
def test_no_amount_is_broken_over_two_lines(tmp_path: Path) -> None:
    """On a screen that long causes and commands fill, each figure up to eleven digits stands on one line."""
    path = tmp_path / "page.html"
    text = write(path, finding(lago="123456789.00", netsuite="–", cause="why " * 60, command="lago-ns " * 40))
    measured = """<script>document.title = "lines " + [...document.querySelectorAll("td bdi")]
        .filter(one => one.textContent.startsWith("123456789")).map(one => one.getClientRects().length)</script>"""
    policy = re.compile(r"<meta http-equiv=.?Content-Security-Policy[^>]*>", re.IGNORECASE)
    path.write_text(policy.sub("", text).replace("</body>", f"{measured}</body>"), "utf-8")

    assert "<title>lines 1</title>" in browser.document(tmp_path, path)[0]
