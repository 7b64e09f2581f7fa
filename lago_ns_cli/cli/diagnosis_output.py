"""What ``doctor`` prints: a line a check, the cause and the fix under what is not well, and the summary."""

import shutil
import sys
from textwrap import wrap

from lago_ns_cli.cli.exit_codes import ExitCode, worst
from lago_ns_cli.cli.fixing import Fix
from lago_ns_cli.cli.render import clean, write_json, write_line
from lago_ns_cli.domain.diagnosis.findings import Concern, Finding, Level

_GROUPS = {
    "probe": "Probe",
    "config": "Configuration",
    "ledger": "Ledger",
    "mappings": "Mappings",
    "lago": "Lago",
    "netsuite": "NetSuite",
}
_CODES = {Concern.SETUP: ExitCode.CONFIG, Concern.ACCESS: ExitCode.AUTH, Concern.REACH: ExitCode.UNREACHABLE}
_LABELS = {Level.OK: "ok", Level.WARNING: "WARNING", Level.FAILURE: "FAILURE", Level.SKIPPED: "skipped"}
_TITLE_WIDTH = 21
_LABEL_WIDTH = 8
_NARROWEST = 60
_WIDEST = 110


class DiagnosisPrinter:
    """Prints findings as they come: on a terminal in columns, in a pipe a line each, or as JSON."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._group = ""
        self._findings: list[Finding] = []

    def finding(self, finding: Finding) -> None:
        """Print one finding."""
        self._findings.append(finding)
        if self._as_json:
            write_json(finding_event(finding))
        elif sys.stdout.isatty():
            self._columns(finding)
        else:
            cells = (finding.level.value, finding.check, finding.why, finding.fix or "")
            write_line("\t".join(clean(cell) for cell in cells).rstrip("\t"))

    def fix(self, fix: Fix) -> None:
        """Print a step that was made on this machine, or why it could not be."""
        if self._as_json:
            write_json({"event": "fix", "check": fix.check, "what": fix.what, "error": fix.error})
        elif fix.error is None:
            write_line(f"fixed: {clean(fix.what)}")
        else:
            write_line(f"not fixed: {clean(fix.what)}: {clean(fix.error)}")

    def _columns(self, finding: Finding) -> None:
        if finding.group != self._group:
            if self._group:
                write_line()
            write_line(_GROUPS[finding.group])
            self._group = finding.group
        width = min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)
        head = f"  {_LABELS[finding.level]:<{_LABEL_WIDTH}}{finding.title:<{_TITLE_WIDTH}}"
        margin = " " * len(head)
        for line in _wrapped(clean(finding.why), head, margin, width):
            write_line(line)
        if finding.fix is not None and finding.level is not Level.OK:
            for line in _wrapped(clean(finding.fix), f"{margin}fix: ", f"{margin}     ", width):
                write_line(line)

    def summary(self) -> None:
        """Print the last line, fit for grep."""
        counts = {level: sum(one.level is level for one in self._findings) for level in Level}
        if self._as_json:
            names = {
                Level.OK: "ok",
                Level.WARNING: "warnings",
                Level.FAILURE: "failures",
                Level.SKIPPED: "skipped",
            }
            write_json({"event": "summary", **{names[level]: number for level, number in counts.items()}})
            return
        if sys.stdout.isatty():
            write_line()
        write_line(
            f"summary: {len(self._findings)} checks: {counts[Level.OK]} ok, {counts[Level.WARNING]} warnings, "
            f"{counts[Level.FAILURE]} failures, {counts[Level.SKIPPED]} skipped"
        )

    @property
    def exit_code(self) -> ExitCode:
        """The code of the worst that was found; a warning is something that needs attention."""
        codes = [_CODES[one.concern] for one in self._findings if one.concern is not None]
        warned = any(one.level is Level.WARNING for one in self._findings)
        return worst([*codes, *([ExitCode.ATTENTION] if warned else [])])


def finding_event(finding: Finding) -> dict[str, object]:
    """Give a finding its JSON form."""
    return {
        "event": "check",
        "check": finding.check,
        "title": finding.title,
        "level": finding.level.value,
        "why": finding.why,
        "fix": finding.fix,
        "concern": None if finding.concern is None else finding.concern.value,
    }


def _wrapped(text: str, first: str, others: str, width: int) -> list[str]:
    return wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]
