"""Secrets that do not show, and a log filter that hides them where they show all the same."""

import hmac
import json
import logging
import traceback
from collections.abc import Iterable
from typing import NoReturn
from urllib.parse import quote

MASK = "********"
_SHORTEST = 6
"""Shorter values are not looked for: they would stand in half of all ordinary words."""


class Secret:
    """A secret; it shows as a mask wherever it is printed, and refuses to be copied by pickling.

    It is no ``str``, so that it cannot slip into a text, a URL or a JSON document unseen.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Keep a value."""
        self._value = value

    def reveal(self) -> str:
        """Give the value, to be handed to what needs it and to nothing else."""
        return self._value

    def __repr__(self) -> str:
        """Show a mask."""
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        """Show a mask."""
        return MASK

    def __format__(self, specification: str) -> str:
        """Show a mask, whatever the format."""
        return MASK

    def __eq__(self, other: object) -> bool:
        """Compare in constant time."""
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_bytes(self._value), _bytes(other._value))

    def __hash__(self) -> int:
        """Hash by value, as equality asks for."""
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled."""
        raise TypeError("a secret cannot be pickled")


class RedactSecrets(logging.Filter):
    """Masks known secrets in the message, the arguments and the exception of log records.

    It belongs on handlers: a filter on a logger does not see the records of its children.
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        """Know some secrets from the start."""
        super().__init__()
        self._forms: list[str] = []
        for secret in secrets:
            self.learn(secret)

    def learn(self, secret: Secret) -> None:
        """Know a secret from now on, also in the forms that URLs and JSON give it."""
        value = secret.reveal()
        parts = [value, *value.splitlines()] if "\n" in value else [value]
        forms = {form for part in parts for form in (part, quote(part, safe=""), json.dumps(part)[1:-1])}
        known = {*self._forms, *(form for form in forms if len(form.strip()) >= _SHORTEST)}
        self._forms = sorted(known, key=len, reverse=True)  # the longest first, or its rest would show

    def redact(self, text: str) -> str:
        """Mask the secrets in a text."""
        for form in self._forms:
            text = text.replace(form, MASK)
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask a record in place; every record passes."""
        record.msg = self.redact(_message(record))
        record.args = ()
        if record.exc_info:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
            record.exc_info = None  # a formatter that looks for it would print the original
        if record.exc_text:
            record.exc_text = self.redact(record.exc_text)
        if record.stack_info:
            record.stack_info = self.redact(record.stack_info)
        for name, value in record.__dict__.items():
            if name not in _STANDARD and isinstance(value, str):
                record.__dict__[name] = self.redact(value)
        return True


KNOWN = RedactSecrets()
"""Masks what this process came to know by any way, until it ends: a secret that was typed and refused, the
secrets of the profile that ran before."""

_STANDARD = frozenset(vars(logging.makeLogRecord({})))


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # arguments that do not fit must not stop the program
        return f"{record.msg} {record.args}"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
