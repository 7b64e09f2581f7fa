"""The geometry of the page's charts: bars as rectangles, drawn by the template as inline SVG."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lago_ns_cli.domain.reconciliation.findings import TITLES, Discrepancy
from lago_ns_cli.workflows.reconcile_reports import Coverage

WIDTH = 640
_BAR_HEIGHT, _ROW_HEIGHT = 18, 26
_LABEL_WIDTH, _VALUE_WIDTH = 190, 110


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; ``role`` names its colour and pattern."""

    x: float
    y: float
    width: float
    height: float
    role: str
    hint: str


@dataclass(frozen=True, slots=True)
class Label:
    """A text beside a bar; ``end`` where it ends at ``x``."""

    x: float
    y: float
    text: str
    end: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with words: ``summary`` is what somebody hears who cannot see it."""

    title: str
    summary: str
    height: float
    bars: tuple[Bar, ...]
    labels: tuple[Label, ...]

    @property
    def width(self) -> int:
        """The width of the drawing."""
        return WIDTH


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a chart: parts that stand one behind the other, and what is written beside them."""

    name: str
    parts: tuple[tuple[str, float], ...]
    value: str
    scale: float = 1.0


def coverage_chart(coverage: Sequence[Coverage]) -> Chart | None:
    """Of the documents of each month: how many agree, are explained, or differ."""
    rows = [
        Row(
            one.month,
            (("agreeing", one.agreeing), ("explained", one.explained), ("differing", one.differing)),
            f"{_percent(one.billed - one.differing, one.billed)} of {one.billed}",
            max(one.billed, 1),
        )
        for one in coverage
    ]
    return _chart("Documents that agree or are explained, by month", rows)


def cause_chart(by_cause: Mapping[tuple[str, Discrepancy], Decimal]) -> Chart | None:
    """How much money each kind of finding moves, per currency, largest first."""
    largest: dict[str, Decimal] = {}
    for (currency, _), amount in by_cause.items():
        largest[currency] = max(largest.get(currency, Decimal(0)), amount)
    ordered = sorted(by_cause.items(), key=lambda item: (item[0][0], -item[1]))
    rows = [
        Row(
            TITLES[what],
            (("differing", float(amount)),),
            f"{amount:,f} {currency}",
            float(largest[currency]) or 1.0,
        )
        for (currency, what), amount in ordered
    ]
    return _chart("Differences by cause, in absolute amounts", rows)


_AGES = ((7, "up to a week"), (30, "up to 30 days"), (60, "31 to 60 days"), (90, "61 to 90 days"))


def age_chart(days: Iterable[date | None], today: date) -> Chart | None:
    """How old the documents are whose findings are open."""
    counts = dict.fromkeys([name for _, name in _AGES] + ["over 90 days", "without a date"], 0)
    for day in days:
        counts[_age(day, today)] += 1
    most = max(counts.values())
    if not most:
        return None
    rows = [
        Row(name, (("differing", count),), str(count), most)
        for name, count in counts.items()
        if count or name != "without a date"
    ]
    return _chart("Age of what is unresolved, from the document's date", rows)


def _age(day: date | None, today: date) -> str:
    if day is None:
        return "without a date"
    return next((name for most, name in _AGES if (today - day).days <= most), "over 90 days")


def _percent(part: int, whole: int) -> str:
    """Round down, so that only all is 100 %."""
    return f"{100 * part // whole} %" if whole else "–"


def _chart(title: str, rows: Sequence[Row]) -> Chart | None:
    if not rows:
        return None
    room = WIDTH - _LABEL_WIDTH - _VALUE_WIDTH
    bars: list[Bar] = []
    labels: list[Label] = []
    for number, row in enumerate(rows):
        y = number * _ROW_HEIGHT + 4.0
        x = float(_LABEL_WIDTH)
        labels.append(Label(_LABEL_WIDTH - 8, y + 13, _shortened(row.name), end=True))
        for role, amount in row.parts:
            width = round(room * amount / row.scale, 2)
            if width:
                bars.append(Bar(round(x, 2), y, width, _BAR_HEIGHT, role, f"{row.name}: {role} {amount:g}"))
            x += width
        labels.append(Label(round(x, 2) + 6, y + 13, row.value))
    summary = "; ".join(f"{row.name}: {row.value}" for row in rows)
    return Chart(title, summary, len(rows) * _ROW_HEIGHT + 8, tuple(bars), tuple(labels))


def _shortened(name: str) -> str:
    return name if len(name) <= 32 else name[:31] + "…"
