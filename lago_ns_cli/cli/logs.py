"""Logging: one record a line, secrets masked, also in exceptions."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

from lago_ns_cli.cli.globals import Globals
from lago_ns_cli.cli.writing import clean
from lago_ns_cli.private_files import create_private_file
from lago_ns_cli.redaction import RedactSecrets


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record."""
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_text:  # the filter that masks secrets has put it there
            told["exception"] = record.exc_text
        return json.dumps(told)


class PlainLines(logging.Formatter):
    """Formats a record as one line for people."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Format a record; line breaks in it are escaped, and nothing in it steers the terminal."""
        return clean(super().format(record).replace("\r", "\\r").replace("\n", "\\n"))


_LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)


def set_up_logging(options: Globals, redact: RedactSecrets) -> None:
    """Send log records to stderr and, where asked, to a private file."""
    logger = logging.getLogger("lago_ns_cli")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    for earlier in logger.handlers[:]:
        logger.removeHandler(earlier)
        earlier.close()
    screen = logging.StreamHandler(sys.stderr)
    screen.setLevel(_LEVELS[min(options.verbosity, 2)])
    screen.setFormatter(PlainLines())
    _add(logger, screen, redact)
    if options.log_file is not None:
        create_private_file(options.log_file)
        lines = logging.FileHandler(options.log_file, encoding="utf-8", errors="backslashreplace")
        lines.setFormatter(JsonLines())
        _add(logger, lines, redact)


def _add(logger: logging.Logger, handler: logging.Handler, redact: RedactSecrets) -> None:
    handler.addFilter(redact)
    logger.addHandler(handler)


def log_crash(error: BaseException) -> str:
    """Keep the traceback of an unforeseen error for a report; secrets are masked.

    Returns:
        Where it is, or how to get it.
    """
    logger = logging.getLogger("lago_ns_cli")
    if logger.handlers:
        logger.debug("crash", exc_info=(type(error), error, error.__traceback__))
        files = [one for one in logger.handlers if isinstance(one, logging.FileHandler)]
        if files:
            return f"hint: the details are in {files[0].baseFilename}; add them to your report."
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"hint: it happened at {Path(where.filename).name}:{where.lineno}; run again with --log-file FILE for the details."
