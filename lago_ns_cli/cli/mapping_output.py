"""Shows what ``map check`` finds."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from lago_ns_cli.cli.calling import as_called
from lago_ns_cli.cli.render import clean, write_json, write_line
from lago_ns_cli.domain.history import Gap, History
from lago_ns_cli.domain.mapping_findings import MappingFinding, Severity
from lago_ns_cli.domain.money import to_major_units

_KINDS = {"invoice": "invoices", "credit_note": "credit notes", "payment": "payments"}


class CheckPrinter:
    """Prints findings as they come, and counts them.

    Args:
        name: The file that is checked.
    """

    def __init__(self, name: str, *, as_json: bool) -> None:
        self._name = name
        self._as_json = as_json
        self._history: dict[str, object] | None = None
        self.errors = 0
        self.warnings = 0

    def findings(self, findings: Sequence[MappingFinding]) -> None:
        """Print what does not fit the catalogs."""
        for finding in findings:
            self._count(finding.severity)
            if self._as_json:
                write_json({"event": "finding", **asdict(finding)})
                continue
            write_line(f"{finding.severity.value:<8}{clean(finding.message)}")
            write_line(f"        hint: {clean(as_called(finding.hint))}")

    def history(self, history: History, since: date | None) -> None:
        """Print what documents of the past would meet."""
        for gap in history.ordered():
            self._count(gap.severity)
            if self._as_json:
                write_json(_gap_event(gap))
            else:
                self._gap(gap)
        documents = {kind: history.documents[kind] for kind in _KINDS}
        if self._as_json:
            self._history = {"since": since, "documents": documents, "held": history.held}
            return
        told = ", ".join(f"{count} {_KINDS[kind]}" for kind, count in documents.items())
        when = f" since {since}" if since is not None else ""
        write_line(f"history: {told}{when}; {history.held} would be held")

    def _gap(self, gap: Gap) -> None:
        write_line(f"{gap.severity.value:<8}{clean(gap.message)}")
        amounts = ", ".join(f"{amount} {clean(currency)}" for currency, amount in _amounts(gap).items())
        told = f"{_number(gap.documents, 'document')}, {_number(gap.lines, 'line')}"
        write_line(f"        in {told}{': ' if amounts else ''}{amounts}; first in {clean(gap.example)}")
        if gap.hint:
            write_line(f"        hint: {clean(as_called(gap.hint))}")

    def summary(self) -> None:
        """Print the last line, fit for grep."""
        if not self._as_json:
            write_line(f"summary: {self._name}: {self.errors} errors, {self.warnings} warnings")
            return
        event: dict[str, object] = {"event": "summary", "errors": self.errors, "warnings": self.warnings}
        write_json(event if self._history is None else {**event, "history": self._history})

    def _count(self, severity: Severity) -> None:
        if severity is Severity.ERROR:
            self.errors += 1
        else:
            self.warnings += 1


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _amounts(gap: Gap) -> dict[str, str]:
    """Amounts in major units; those of currencies that Lago has no subunit for are left out."""
    from lago_ns_cli.errors import DocumentError

    told: dict[str, str] = {}
    for currency, minor_units in sorted(gap.amounts.items()):
        try:
            told[currency] = format(to_major_units(minor_units, currency), "f")
        except DocumentError:
            continue
    return told


def _gap_event(gap: Gap) -> dict[str, object]:
    return {
        "event": "gap",
        "severity": gap.severity.value,
        "code": gap.code,
        "subject": gap.subject,
        "message": gap.message,
        "hint": gap.hint,
        "documents": gap.documents,
        "lines": gap.lines,
        "amounts": _amounts(gap),
        "example": gap.example,
    }
