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
_COUNTED = {Level.OK: "ok", Level.WARNING: "warnings", Level.FAILURE: "failures", Level.SKIPPED: "skipped"}
_TITLE_WIDTH = 21
_LABEL_WIDTH = 8
_NARROWEST = 60
_WIDEST = 110


class DiagnosisPrinter:
    """Prints findings as they come: on a terminal by group, in a pipe a line each, or as JSON.

    Args:
        verbose: On a terminal, tell what was found also where all is well.
    """

    def __init__(self, *, as_json: bool, verbose: bool = False) -> None:
        self._as_json = as_json
        self._verbose = verbose
        self._findings: list[Finding] = []
        self._group: list[Finding] = []

    def finding(self, finding: Finding) -> None:
        """Print one finding; on a terminal when its group is complete."""
        self._findings.append(finding)
        if self._as_json:
            write_json(finding_event(finding))
        elif not sys.stdout.isatty():
            cells = (finding.level.value, finding.check, finding.why, finding.fix or "")
            write_line("\t".join(clean(cell) for cell in cells).rstrip("\t"))
        else:
            if self._group and self._group[0].group != finding.group:
                self._end_group()
            self._group.append(finding)

    def fix(self, fix: Fix) -> None:
        """Print a step that was made on this machine, or why it could not be."""
        if self._as_json:
            write_json({"event": "fix", "check": fix.check, "what": fix.what, "error": fix.error})
        elif fix.error is None:
            write_line(f"fixed: {clean(fix.what)}")
        else:
            write_line(f"not fixed: {clean(fix.what)}: {clean(fix.error)}")

    def _end_group(self) -> None:
        """Print a group: what is well in a few words, what is not with its cause and fix."""
        if not self._group:
            return
        write_line(_GROUPS[self._group[0].group])
        told = [one for one in self._group if self._verbose or one.level in (Level.WARNING, Level.FAILURE)]
        if not self._verbose:
            for level in (Level.OK, Level.SKIPPED):
                titles = [one.title for one in self._group if one.level is level]
                if titles:
                    _write_columns(_LABELS[level], "", ", ".join(titles))
        for finding in told:
            _write_columns(_LABELS[finding.level], finding.title, clean(finding.why), _shown_fix(finding))
        self._group.clear()

    def summary(self) -> None:
        """Print the last line, fit for grep."""
        self._end_group()
        counts = {level: sum(one.level is level for one in self._findings) for level in Level}
        if self._as_json:
            write_json({"event": "summary", **{_COUNTED[level]: number for level, number in counts.items()}})
            return
        told = ", ".join(f"{counts[level]} {word}" for level, word in _COUNTED.items())
        write_line(f"summary: {len(self._findings)} checks: {told}")

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


def _shown_fix(finding: Finding) -> str | None:
    return None if finding.fix is None or finding.level is Level.OK else clean(finding.fix)


def _write_columns(label: str, title: str, text: str, fix: str | None = None) -> None:
    """Print text folded in a column of its own, and the fix under it."""
    width = min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)
    head = f"  {label:<{_LABEL_WIDTH}}" + (f"{title:<{_TITLE_WIDTH}}" if title else "")
    margin = " " * len(head)
    for line in _wrapped(text, head, margin, width):
        write_line(line)
    if fix is not None:
        for line in _wrapped(fix, f"{margin}fix: ", f"{margin}     ", width):
            write_line(line)


def _wrapped(text: str, first: str, others: str, width: int) -> list[str]:
    return wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]
