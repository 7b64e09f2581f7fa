"""Billed = posted, in every cell, with every cent of difference accounted for by a finding."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from lago_ns_cli.domain.money import in_digits
from lago_ns_cli.domain.reconciliation.findings import (
    NET,
    UNTOLD_TAX,
    Amounts,
    Cell,
    Discrepancy,
    Finding,
)
from lago_ns_cli.domain.reconciliation.rows import CREDIT_NOTE, CUSTOMER, ZERO, BilledRow, PostedRow


class UnaccountedError(AssertionError):
    """The findings do not add up to the differences: a bug of this program, never of the books."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What of a document goes into which cell."""

    entity: str
    subsidiary: str
    currency: str
    kind: str
    month: str
    net: Decimal
    taxes: Mapping[str, Decimal]

    def amounts(self) -> dict[Cell, Decimal]:
        """Spread it over its cells; nought is left out."""
        parts = {NET: self.net, **self.taxes}
        return {
            Cell(self.entity, self.subsidiary, self.currency, code, self.kind, self.month): amount
            for code, amount in parts.items()
            if amount
        }


def billed_shape(billed: BilledRow, posted: PostedRow | None = None) -> Shape:
    """Say into which cells a billed document goes.

    What the mappings do not tell of it (its subsidiary) is taken from its record.
    """
    taxes = billed.taxes if posted is None or posted.taxes is not None else None
    return Shape(
        entity=billed.entity,
        subsidiary=billed.subsidiary or (posted.subsidiary if posted else None) or "",
        currency=billed.currency,
        kind=billed.kind,
        month=f"{billed.day:%Y-%m}" if billed.day else "",
        net=billed.total - billed.tax,
        taxes={UNTOLD_TAX: billed.tax} if taxes is None else taxes,
    )


def posted_shape(posted: PostedRow, billed: BilledRow | None, currencies: Mapping[str, str]) -> Shape:
    """Say into which cells a record goes.

    Args:
        currencies: ISO codes by NetSuite's internal id.
    """
    told = posted.taxes if billed is None or billed.taxes is not None else None
    # What an account without subsidiaries or further currencies does not tell is no difference.
    same_currency = billed is not None and posted.currency in (None, billed.currency_id)
    return Shape(
        entity=billed.entity if billed else "",
        subsidiary=posted.subsidiary or (billed.subsidiary if billed else None) or "",
        currency=billed.currency
        if billed is not None and same_currency
        else currencies.get(posted.currency or "", posted.currency or ""),
        kind=posted.kind if billed is None else billed.kind,
        month=posted.month,
        net=posted.total - posted.tax,
        taxes={UNTOLD_TAX: posted.tax} if told is None else told,
    )


def billed_amounts(billed: BilledRow, posted: PostedRow | None = None) -> Amounts:
    """What Lago billed with a document; nothing for one that does not count."""
    if billed.kind == CUSTOMER:
        return {}
    # Lago voids what is left of a note's credit; what was posted of it stays billed.
    voided_later = billed.kind == CREDIT_NOTE and billed.voided and posted is not None
    if not billed.counts and not voided_later:
        return {}
    return billed_shape(billed, posted).amounts()


def posted_amounts(posted: PostedRow, billed: BilledRow | None, currencies: Mapping[str, str]) -> Amounts:
    """What NetSuite has posted with a record."""
    if posted.kind == CUSTOMER:
        return {}
    return posted_shape(posted, billed, currencies).amounts()


def step_effects(
    billed: BilledRow, posted: PostedRow, currencies: Mapping[str, str]
) -> dict[Discrepancy, dict[Cell, Decimal]]:
    """Walk from what was billed to what is posted, one kind of difference at a time.

    Each step's effect is what it changes in the cells, so that all of them together are the
    whole difference, whatever they are.
    """
    start, end = billed_shape(billed, posted), posted_shape(posted, billed, currencies)
    tax = Discrepancy.TAX if billed.tax != posted.tax else Discrepancy.TAX_CODE
    date_month = f"{posted.day:%Y-%m}" if posted.day and posted.day != billed.day else start.month
    steps = (
        (Discrepancy.AMOUNT, {"net": end.net}),
        (tax, {"taxes": end.taxes}),
        (Discrepancy.CURRENCY, {"currency": end.currency}),
        (Discrepancy.SUBSIDIARY, {"subsidiary": end.subsidiary}),
        (Discrepancy.DATE, {"month": date_month}),
        (Discrepancy.PERIOD, {"month": end.month}),
    )
    effects: dict[Discrepancy, dict[Cell, Decimal]] = {}
    now = start
    for what, change in steps:
        following = replace(now, **change)
        moved = difference(following.amounts(), now.amounts())
        if moved:
            effects[what] = moved
        now = following
    return effects


def difference(after: Amounts, before: Amounts) -> dict[Cell, Decimal]:
    """Subtract cell by cell; cells that agree are left out."""
    cells = after.keys() | before.keys()
    changes = {cell: after.get(cell, ZERO) - before.get(cell, ZERO) for cell in cells}
    return {cell: change for cell, change in changes.items() if change}


@dataclass(frozen=True, slots=True)
class TieOutLine:
    """A cell with both sums, and what accounts for the difference.

    ``by_decision`` is the part of it that decisions and rules cover, by their names.
    """

    cell: Cell
    billed: Decimal
    posted: Decimal
    by_cause: Mapping[Discrepancy, Decimal]
    by_decision: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def difference(self) -> Decimal:
        """What NetSuite has more than Lago."""
        return self.posted - self.billed


class TieOut:
    """Sums of both sides, and apart from them the effects of the findings."""

    def __init__(self) -> None:
        self._billed: dict[Cell, Decimal] = defaultdict(Decimal)
        self._posted: dict[Cell, Decimal] = defaultdict(Decimal)
        self._effects: dict[Cell, dict[Discrepancy, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        self._decided: dict[Cell, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))

    def add_billed(self, amounts: Amounts) -> None:
        """Count what was billed."""
        _add(self._billed, amounts)

    def add_posted(self, amounts: Amounts) -> None:
        """Count what is posted."""
        _add(self._posted, amounts)

    def add_findings(self, findings: Iterable[Finding]) -> None:
        """Count what findings account for."""
        for finding in findings:
            for cell, amount in finding.effects:
                self._effects[cell][finding.what] += amount
                if finding.decision is not None:
                    self._decided[cell][finding.decision.name] += amount

    def lines(self) -> tuple[TieOutLine, ...]:
        """Close the tie-out.

        Raises:
            UnaccountedError: A cent of difference has no finding.
        """
        cells = sorted(self._billed.keys() | self._posted.keys() | self._effects.keys())
        lines = [self._line(cell) for cell in cells]
        wrong = [line for line in lines if line.difference != sum(line.by_cause.values(), ZERO)]
        if wrong:
            line = wrong[0]
            raise UnaccountedError(
                f"{line.cell}: {line.difference} apart, findings account for {sum(line.by_cause.values(), ZERO)}"
            )
        return tuple(line for line in lines if line.billed or line.posted or line.by_cause)

    def _line(self, cell: Cell) -> TieOutLine:
        causes = self._effects.get(cell, {})
        return TieOutLine(
            cell,
            in_digits(self._billed.get(cell, ZERO), cell.currency),
            in_digits(self._posted.get(cell, ZERO), cell.currency),
            {what: amount for what, amount in causes.items() if amount},
            {name: amount for name, amount in self._decided.get(cell, {}).items() if amount},
        )


def _add(sums: dict[Cell, Decimal], amounts: Amounts) -> None:
    for cell, amount in amounts.items():
        sums[cell] += amount
