"""Findings as CSV, safe to open: no cell is taken for a formula, and amounts stay numbers."""

import csv
import os
import re
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TextIO

from lago_ns_cli.cli.reconciling.lines import decided
from lago_ns_cli.domain.reconciliation.findings import TITLES, Finding
from lago_ns_cli.errors import ConfigError
from lago_ns_cli.private_files import PRIVATE_FILE

COLUMNS = (
    "finding",
    "what",
    "explained",
    "kind",
    "number",
    "date",
    "billing_entity",
    "lago",
    "netsuite",
    "difference",
    "currency",
    "cause",
    "action",
    "command",
    "follows_from",
    "lago_id",
    "netsuite_id",
    "key",
    "id",
    "decision",
)

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
_LONGEST = 32_000
"""A spreadsheet's cell holds 32,767 characters."""


def safe_cell(value: object) -> str:
    """Write a value so that a spreadsheet shows it and runs nothing.

    What begins as a formula does gets an apostrophe before it; a number, a negative one too, stays
    one. Full-width signs count: some programs normalize them.
    """
    text = "" if value is None else str(value)
    text = "".join(char if char in "\t\r\n" or char.isprintable() else "" for char in text)[:_LONGEST]
    if _NUMBER.fullmatch(text):
        return text
    first = text.lstrip(" ")[:1]
    return "'" + text if first in _DANGEROUS or (first in "＝＋－＠" and first) else text


class FindingsCsv:
    """A file of findings, written as they come; 0600, since it holds what invoices hold.

    Raises:
        ConfigError: The file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._stream = _create(path)
        self._writer = csv.writer(self._stream)
        self._writer.writerow(COLUMNS)

    def __enter__(self) -> "FindingsCsv":
        """Give the open file."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._stream.close()

    def add(self, finding: Finding) -> None:
        """Write a finding."""
        self._writer.writerow([safe_cell(cell) for cell in _cells(finding)])


def _cells(finding: Finding) -> Sequence[object]:
    return (
        finding.what.value,
        TITLES[finding.what],
        "yes" if finding.explained else "no",
        finding.kind,
        finding.number,
        finding.day,
        finding.entity,
        finding.lago,
        finding.netsuite,
        None if finding.difference is None else format(finding.difference, "f"),
        finding.currency,
        finding.cause,
        finding.action,
        finding.command,
        " ".join(finding.follows_from),
        finding.lago_id,
        finding.netsuite_id,
        finding.key,
        finding.id,
        None if finding.decision is None else decided(finding.decision),
    )


def _create(path: Path) -> TextIO:
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, PRIVATE_FILE)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}.", hint="Name another file."
        ) from error
    # The mark tells spreadsheets that the letters are UTF-8.
    return os.fdopen(descriptor, "w", encoding="utf-8-sig", errors="backslashreplace", newline="")
