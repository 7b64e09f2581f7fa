"""Revenue recognition: what NetSuite plans to recognize against what Lago billed, line by line."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.documents import CreditNote, FeeTax, Invoice, Received
from lago_ns_cli.domain.exchange import Selection, Unreadable
from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, LagoId, key_of
from lago_ns_cli.domain.mapping_recognition import rule_kind
from lago_ns_cli.domain.revenue import (
    BilledLine,
    RevenueElement,
    RevenueFinding,
    compare_document,
)
from lago_ns_cli.domain.translation.context import Context, FeeTaxesNeededError, Findings
from lago_ns_cli.domain.translation.credit_note import take_credit_note_apart
from lago_ns_cli.domain.translation.invoice import take_invoice_apart
from lago_ns_cli.domain.translation.lines import PlannedLine
from lago_ns_cli.domain.translation.sales import Sale
from lago_ns_cli.errors import AuthError, ConfigError, DocumentError, RejectedError
from lago_ns_cli.workflows.ports import LagoSource, Ledger, NetSuite
from lago_ns_cli.workflows.run import chunks, readable

_BESIDE = timedelta(days=45)
"""How far from its document an element may be dated: revenue management may take the day it ran."""

_CHUNK = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueReport:
    """What was compared, and what differs.

    Args:
        documents: Posted invoices and credit notes that were compared.
        lines: Their lines.
        elements: Elements that speak of them.
        billed: What lines with a recognition rule were billed with, by currency, in major units.
        recognized: What the elements of these documents add up to.
        unreadable: Documents that could not be taken apart, with the reason.
        missing_columns: What the account does not tell of elements.
    """

    documents: int
    lines: int
    elements: int
    billed: Mapping[str, Decimal]
    recognized: Mapping[str, Decimal]
    findings: Sequence[RevenueFinding]
    unreadable: Sequence[tuple[str, str]]
    missing_columns: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueSides:
    """Both sides, and what is known of the account."""

    lago: LagoSource
    netsuite: NetSuite
    ledger: Ledger
    context: Context
    catalog: Catalog


async def compare_revenue(sides: RevenueSides, selection: Selection) -> RevenueReport:
    """Compare the revenue of the posted documents of a period.

    All elements of the period are in memory, so a month at a time is meant.

    Raises:
        ConfigError: The account does without revenue management.
        AuthError: The role may not see its tables.
        RemoteError: One of the sides cannot be reached.
    """
    elements, missing = await _elements(sides.netsuite, selection)
    report = _Counted(missing)
    async for kind, number, key, currency, lines in _billed(sides, selection, report):
        mine = elements.get(key, [])
        report.count(currency, lines, mine)
        report.findings += compare_document(lines, mine, kind, number)
    return report.frozen()


class _Counted:
    def __init__(self, missing: Sequence[str]) -> None:
        self.missing = missing
        self.documents = self.lines = self.elements = 0
        self.billed: dict[str, Decimal] = {}
        self.recognized: dict[str, Decimal] = {}
        self.findings: list[RevenueFinding] = []
        self.unreadable: list[tuple[str, str]] = []

    def skip(self, unreadable: Iterable[Unreadable]) -> None:
        self.unreadable += [
            (one.number or one.lago_id or "a document", one.error.message) for one in unreadable
        ]

    def count(self, currency: str, lines: Sequence[BilledLine], elements: Sequence[RevenueElement]) -> None:
        self.documents += 1
        self.lines += len(lines)
        self.elements += len(elements)
        with_rule = [line.amount for line in lines if line.has_rule is not False]
        told = [element.amount for element in elements if element.amount is not None]
        self.billed[currency] = self.billed.get(currency, Decimal(0)) + sum(with_rule, Decimal(0))
        self.recognized[currency] = self.recognized.get(currency, Decimal(0)) + sum(told, Decimal(0))

    def frozen(self) -> RevenueReport:
        return RevenueReport(
            documents=self.documents,
            lines=self.lines,
            elements=self.elements,
            billed=self.billed,
            recognized=self.recognized,
            findings=self.findings,
            unreadable=self.unreadable,
            missing_columns=self.missing,
        )


async def _elements(
    netsuite: NetSuite, selection: Selection
) -> tuple[dict[Key, list[RevenueElement]], Sequence[str]]:
    since = selection.since and selection.since - _BESIDE
    until = selection.until and selection.until + _BESIDE
    found: dict[Key, list[RevenueElement]] = {}
    missing: Sequence[str] = ()
    async for page in netsuite.revenue_pages(since=since, until=until):
        if page.status == "off":
            raise ConfigError(
                "The account does without Advanced Revenue Management, so there is no revenue to compare.",
                hint="Switch the feature on in Setup > Company > Enable Features > Accounting, if it is meant to be.",
                code="revenue_off",
            )
        if page.status != "ok":
            raise AuthError(
                "The role may not see revenue elements.",
                system="NetSuite",
                hint="Give the role Lists > Revenue Element, Revenue Plan and Revenue Recognition Rule (View).",
                code="INSUFFICIENT_PERMISSION",
            )
        missing = page.missing_columns
        for element in page.elements:
            if element.key is not None:
                found.setdefault(element.key, []).append(element)
    return found, missing


_Billed = tuple[str, str, Key, str, list[BilledLine]]


async def _billed(sides: RevenueSides, selection: Selection, report: _Counted) -> AsyncIterator[_Billed]:
    """Take the posted documents of the selection apart, as they were translated."""
    recognition = _Recognition(sides)
    async for page in chunks(sides.lago.invoices(selection), _CHUNK):
        report.skip(one for one in page if isinstance(one, Unreadable))
        for lago_id in _posted(sides.ledger, Kind.INVOICE, [one.lago_id for one in readable(page)]):
            received = await sides.lago.invoice(lago_id)
            for sale in await _apart(sides, received, report):
                yield recognition.lines_of(sale, Kind.INVOICE, received.document)
    async for notes in chunks(sides.lago.credit_notes(selection), _CHUNK):
        report.skip(one for one in notes if isinstance(one, Unreadable))
        by_id = {note.document.lago_id: note for note in readable(notes)}
        for lago_id in _posted(sides.ledger, Kind.CREDIT_NOTE, list(by_id)):
            for sale in await _apart(sides, by_id[lago_id], report):
                yield recognition.lines_of(sale, Kind.CREDIT_NOTE, by_id[lago_id].document)


def _posted(ledger: Ledger, kind: Kind, ids: Sequence[LagoId]) -> list[LagoId]:
    """Keep the documents that are in NetSuite."""
    entries = ledger.entries([key_of(kind, lago_id) for lago_id in ids])
    posted = {key for key, entry in entries.items() if entry.state is State.POSTED}
    return [lago_id for lago_id in ids if key_of(kind, lago_id) in posted]


async def _apart(
    sides: RevenueSides, received: Received[Invoice] | Received[CreditNote], report: _Counted
) -> Sequence[Sale]:
    try:
        return await _taken_apart(sides, received)
    except (DocumentError, RejectedError) as error:
        report.unreadable.append((received.document.number, error.message))
        return ()


async def _taken_apart(
    sides: RevenueSides, received: Received[Invoice] | Received[CreditNote]
) -> Sequence[Sale]:
    try:
        return _sales(received, sides.context)
    except FeeTaxesNeededError as needed:
        taxes: dict[LagoId, tuple[FeeTax, ...]] = {
            fee: (await sides.lago.fee(fee)).applied_taxes or () for fee in needed.fees
        }
        return _sales(received, replace(sides.context, fee_taxes=taxes))


def _sales(received: Received[Invoice] | Received[CreditNote], context: Context) -> Sequence[Sale]:
    findings = Findings()
    if isinstance(received.document, Invoice):
        return take_invoice_apart(received, context, findings).sales
    return (take_credit_note_apart(received, context, findings),)


class _Recognition:
    """How the lines of documents are recognized, by mapping row and by the item's rule."""

    def __init__(self, sides: RevenueSides) -> None:
        self._rules = {
            str(row["id"]): row["recognition"] for row in sides.catalog.rows("items") if "recognition" in row
        }
        self._words = {row.item: row.recognition for row in sides.context.mappings.items if row.recognition}

    def lines_of(self, sale: Sale, kind: Kind, document: Invoice | CreditNote) -> _Billed:
        sign = -1 if sale.record_type == "creditmemo" else 1
        lines = [
            BilledLine(
                kind=kind,
                number=document.number,
                key=sale.key,
                line_id=_line_id(line),
                item=None if line.item.value is None else InternalId(line.item.value),
                description=line.description,
                amount=Decimal(sale.currency.amount(line.amount)) * sign,
                period=None if line.period is None else (line.period.start, line.period.end),
                recognition=self._word(line.item.value),
                has_rule=self._has_rule(line.item.value),
            )
            for line in sale.lines
        ]
        return kind, document.number, sale.key, document.currency, lines

    def _word(self, item: str | None) -> str | None:
        if item is None:
            return None
        return self._words.get(item) or (rule_kind(self._rules[item]) if item in self._rules else None)

    def _has_rule(self, item: str | None) -> bool | None:
        return self._rules[item] is not None if item is not None and item in self._rules else None


def _line_id(line: PlannedLine) -> str | None:
    """Name a line as ``custcol_lago_line_id`` does; only fees and credited items have a name there."""
    lago_id = line.tree.get("lago_id")
    return str(lago_id) if line.fee is not None and lago_id is not None else None
