"""A page to read or print: one file, no script, nothing fetched, hostile names harmless.

Everything that comes from data is escaped by the template and cleaned of control and direction-changing characters;
the content security policy allows the one style sheet, by its hash, and nothing else.
"""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from lago_ns_cli.cli.reconciling.charts import Chart, age_chart, cause_chart, coverage_chart
from lago_ns_cli.cli.reconciling.lines import decided, settled_part, signed
from lago_ns_cli.cli.render import clean
from lago_ns_cli.domain.reconciliation.findings import TITLES, Discrepancy, Finding
from lago_ns_cli.domain.reconciliation.mending import decide_commands
from lago_ns_cli.domain.reconciliation.tie_out import TieOutLine
from lago_ns_cli.errors import ConfigError
from lago_ns_cli.private_files import PRIVATE_FILE, replace_file
from lago_ns_cli.workflows.reconcile_reports import KindCount, Reconciled, Scope

MOST_ROWS = 1000
"""Findings and lines that the page shows; the files have all of them."""

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class _Shown:
    """A finding as the page shows it."""

    title: str
    kind: str
    number: str
    netsuite_id: str
    day: str
    lago: str
    netsuite: str
    difference: str
    cause: str
    action: str
    command: str
    otherwise: tuple[str, ...] = ()
    decided: str = ""


@dataclass(frozen=True, slots=True)
class _Total:
    """Both sums of a kind and currency, or of one line."""

    entity: str
    subsidiary: str
    kind: str
    month: str
    tax_code: str
    currency: str
    billed: str
    posted: str
    difference: str
    because: str = ""
    off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """All that the template writes."""

    scope: str
    account: str
    profile: str
    made_at: str
    needs_attention: int
    verdict: str
    explanation: str
    kinds: list[tuple[str, KindCount]]
    charts: list[Chart]
    groups: list[tuple[str, list[_Shown]]]
    hidden: int
    followers: list[_Shown]
    decided: list[_Shown]
    hidden_decided: int
    totals: list[_Total]
    lines: list[_Total]
    hidden_lines: int
    explained: list[tuple[str, int]]


class Page:
    """Gathers findings as they come, and writes the page at the end; 0600, since it holds what invoices hold.

    Raises:
        ConfigError: The file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        if not path.parent.is_dir():
            raise ConfigError(
                f"{path} cannot be written: there is no such folder.", hint="Name another file."
            )
        self._path = path
        self._open: dict[Discrepancy, list[_Shown]] = defaultdict(list)
        self._followers: list[_Shown] = []
        self._decided: list[_Shown] = []
        self._days: list[date | None] = []

    def add(self, finding: Finding) -> None:
        """Keep a finding, up to as many as the page shows."""
        if finding.is_open:
            if len(self._days) < MOST_ROWS:
                self._open[finding.what].append(_shown(finding))
            self._days.append(finding.day)
        elif finding.decision is not None:
            if len(self._decided) < MOST_ROWS:
                self._decided.append(_shown(finding))
        elif finding.is_consequence and len(self._followers) < MOST_ROWS:
            self._followers.append(_shown(finding))

    def write(self, result: Reconciled, *, made_at: datetime, account: str, profile: str) -> None:
        """Write the page.

        Raises:
            ConfigError: The file cannot be written.
        """
        lines = [line for line in result.tie_out if line.difference or line.by_cause]
        view = _View(
            scope=_cut(_scope(result.scope)),
            account=_cut(account),
            profile=_cut(profile),
            made_at=f"{made_at:%Y-%m-%d %H:%M} UTC",
            needs_attention=result.needs_attention,
            verdict=_verdict(result),
            explanation=_explanation(result),
            kinds=[(_word(kind), count) for kind, count in result.by_kind.items()],
            charts=self._charts(result, made_at.date()),
            groups=[
                (TITLES[what], self._open[what])
                for what in sorted(self._open, key=lambda what: -len(self._open[what]))
            ],
            hidden=max(0, len(self._days) - MOST_ROWS),
            followers=self._followers,
            decided=self._decided,
            hidden_decided=sum(result.decided.values()) - len(self._decided),
            totals=_totals(result.tie_out),
            lines=[_line(line) for line in lines[:MOST_ROWS]],
            hidden_lines=max(0, len(lines) - MOST_ROWS),
            explained=[(TITLES[what], number) for what, number in result.explained.items()],
        )
        try:
            replace_file(self._path, render_page(view).encode("utf-8", "replace"), mode=PRIVATE_FILE)
        except OSError as error:
            raise ConfigError(
                f"{self._path} cannot be written: {error.strerror}.", hint="Name another file."
            ) from error

    def _charts(self, result: Reconciled, today: date) -> list[Chart]:
        drawn = (
            coverage_chart(result.coverage),
            cause_chart(result.by_cause),
            age_chart(self._days, today),
        )
        return [chart for chart in drawn if chart is not None]


def render_page(view: _View) -> str:
    """Fill the template; every value is escaped."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    folder = files("lago_ns_cli.cli.reconciling")
    style = (folder / "page.css").read_text("utf-8")
    template = (folder / "page.html.j2").read_text("utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.from_string(template).render(
        view=view,
        style=Markup(style),  # noqa: S704 - our own file
        style_hash=f"sha256-{digest}",
    )


def _shown(finding: Finding) -> _Shown:
    return _Shown(
        title=TITLES[finding.what],
        kind=_word(finding.kind),
        number=_cut(finding.number),
        netsuite_id=_cut(finding.netsuite_id or ""),
        day=finding.day.isoformat() if finding.day else "",
        lago=_cut(finding.lago or "–"),
        netsuite=_cut(finding.netsuite or "–"),
        difference=""
        if finding.difference is None
        else f"{signed(finding.difference)} {_cut(finding.currency)}",
        cause=_cut(finding.cause),
        action=_cut(finding.action),
        command=_cut(finding.command or ""),
        otherwise=tuple(map(_cut, decide_commands(finding))),
        decided="" if finding.decision is None else _cut(decided(finding.decision)),
    )


def _cut(text: str) -> str:
    told = clean(text)
    return told if len(told) <= _LONGEST else told[: _LONGEST - 1] + "…"


def _word(kind: str) -> str:
    return kind.replace("_", " ")


def _scope(scope: Scope) -> str:
    days = {
        (True, True): "all dates",
        (False, True): f"from {scope.since}",
        (True, False): f"until {scope.until}",
        (False, False): f"{scope.since} to {scope.until}",
    }[scope.since is None, scope.until is None]
    entity = f", billing entity {scope.billing_entity}" if scope.billing_entity else ""
    return days + entity


def _verdict(result: Reconciled) -> str:
    if not result.needs_attention:
        return "Both sides agree: every difference is explained."
    if result.needs_attention == 1:
        return "1 finding needs attention."
    return f"{result.needs_attention:,} findings need attention."


def _explanation(result: Reconciled) -> str:
    documents = sum(count.documents for count in result.by_kind.values())
    explained = sum(result.explained.values())
    return (
        f"{documents} documents of Lago's were compared with their records in NetSuite. {explained} findings are explained, "
        f"{sum(result.decided.values())} are decided, and {result.consequences} follow from others."
    )


def _totals(lines: Iterable[TieOutLine]) -> list[_Total]:
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for line in lines:
        total = sums[line.cell.kind, line.cell.currency]
        total[0] += line.billed
        total[1] += line.posted
    return [
        _Total(
            entity="",
            subsidiary="",
            kind=_word(kind),
            month="",
            tax_code="",
            currency=_cut(currency),
            billed=f"{billed:,f}",
            posted=f"{posted:,f}",
            difference=f"{posted - billed:+,f}" if posted != billed else "0",
            off=posted != billed,
        )
        for (kind, currency), (billed, posted) in sorted(sums.items())
    ]


def _line(line: TieOutLine) -> _Total:
    cell = line.cell
    return _Total(
        entity=_cut(cell.entity or "–"),
        subsidiary=_cut(cell.subsidiary or "–"),
        kind=_word(cell.kind),
        month=cell.month or "–",
        tax_code=_cut(cell.tax_code),
        currency=_cut(cell.currency),
        billed=f"{line.billed:,f}",
        posted=f"{line.posted:,f}",
        difference=f"{line.difference:+,f}" if line.difference else "0",
        because=", ".join(f"{TITLES[what]} {amount:+,f}" for what, amount in line.by_cause.items())
        + (f" ({settled_part(line)})" if line.by_decision else ""),
    )
