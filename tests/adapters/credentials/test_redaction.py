"""Secrets do not show in text, logs or exceptions."""

import json
import logging
import pickle
import sys
from collections.abc import Callable

import pytest

from lago_ns_cli.redaction import MASK, RedactSecrets, Secret

CANARY = "canary/7f3a+9c=="


@pytest.mark.parametrize("show", [str, repr, "{}".format, "{:>40}".format, "{!r}".format, "%s".__mod__])
def test_a_secret_shows_as_a_mask(show: Callable[[object], str]) -> None:
    """However it is printed."""
    assert CANARY not in show(Secret(CANARY))
    assert MASK in show(Secret(CANARY))


def test_a_secret_inside_something_shows_as_a_mask() -> None:
    """Containers print their parts."""
    assert f"{{'token': [Secret({MASK!r})]}}" == str({"token": [Secret(CANARY)]})


def test_a_secret_is_compared_by_its_value() -> None:
    """So that what was stored can be checked."""
    assert Secret(CANARY) == Secret(CANARY)
    assert Secret(CANARY) != Secret("other")
    assert Secret(CANARY) != CANARY
    assert len({Secret(CANARY), Secret(CANARY)}) == 1


def test_a_secret_is_not_copied_into_files() -> None:
    """Neither pickled nor written as JSON."""
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(Secret(CANARY))
    with pytest.raises(TypeError):
        json.dumps({"token": Secret(CANARY)})


def rendered(record: logging.LogRecord, *secrets: str) -> str:
    assert RedactSecrets(map(Secret, secrets)).filter(record)
    return logging.Formatter("%(message)s").format(record)


def record(message: str, *args: object, error: BaseException | None = None) -> logging.LogRecord:
    found = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("lago_ns_cli", logging.INFO, "f.py", 1, message, args, found)


@pytest.mark.parametrize(
    "made",
    [
        record(f"key {CANARY}"),
        record("key %s and %d", CANARY, 5),
        record("headers %s", {"Authorization": f"Bearer {CANARY}"}),
        record("url %s", "https://x/?k=canary%2F7f3a%2B9c%3D%3D"),
        record("too few %s %s", CANARY),
        record("failed", error=ValueError(f"bad {CANARY}")),
    ],
)
def test_a_log_record_shows_a_mask(made: logging.LogRecord) -> None:
    """In the message, its arguments, URLs and exceptions."""
    text = rendered(made, CANARY)

    assert "7f3a" not in text
    assert MASK in text


def test_an_exception_is_masked_with_its_cause_and_traceback() -> None:
    """The cause of an error often holds the request."""
    try:
        try:
            raise KeyError(CANARY)
        except KeyError as cause:
            raise RuntimeError("outer") from cause
    except RuntimeError as error:
        text = rendered(record("failed", error=error), CANARY)

    assert "RuntimeError: outer" in text
    assert "7f3a" not in text
    assert sys.exc_info() == (None, None, None)


def test_every_line_of_a_private_key_is_masked() -> None:
    """A traceback may show one line of it."""
    pem = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMG\nByqGSM49AgEG\n-----END PRIVATE KEY-----\n"

    assert f"line {MASK}" == rendered(record("line ByqGSM49AgEG"), pem)
    assert "MIGH" not in rendered(record(json.dumps({"key": pem})), pem)


def test_the_longest_secret_is_masked_first() -> None:
    """Or the rest of a longer one would show."""
    assert MASK == rendered(record("abcdefgh-rest"), "abcdefgh", "abcdefgh-rest")


def test_extra_fields_of_a_record_are_masked() -> None:
    """JSON formatters print them."""
    made = record("fine")
    made.__dict__["url"] = f"https://x/{CANARY}"

    rendered(made, CANARY)

    assert f"https://x/{MASK}" == made.__dict__["url"]


def test_a_filter_learns_secrets_while_it_is_in_use() -> None:
    """Access tokens come later than the handlers."""
    redact = RedactSecrets()
    assert CANARY == redact.redact(CANARY)

    redact.learn(Secret(CANARY))

    assert MASK == redact.redact(CANARY)


def test_very_short_secrets_are_not_looked_for() -> None:
    """They stand in half of all ordinary words."""
    assert "a cat" == rendered(record("a cat"), "a")
