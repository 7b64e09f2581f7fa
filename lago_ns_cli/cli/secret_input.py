"""Secrets as they come in: lines of ``NAME=value``, or typed unseen. Never an argument of the command line."""

import shlex
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from lago_ns_cli.domain.secrets import SecretName
from lago_ns_cli.errors import ConfigError
from lago_ns_cli.redaction import KNOWN, Secret

LABELS = {
    SecretName.LAGO_API_KEY: "Lago API key",
    SecretName.CONSUMER_KEY: "Consumer key",
    SecretName.CONSUMER_SECRET: "Consumer secret",
    SecretName.TOKEN_ID: "Token id",
    SecretName.TOKEN_SECRET: "Token secret",
    SecretName.CLIENT_ID: "Client id",
    SecretName.CERTIFICATE_ID: "Certificate id",
    SecretName.PRIVATE_KEY: "Private key",
    SecretName.CERTIFICATE: "Certificate",
    SecretName.ANNOUNCE_SECRET: "Announcement secret",
}
"""What people call them, as NetSuite and Lago show them."""


def load_secrets(source: str, *, alone: SecretName | None = None) -> dict[SecretName, Secret]:
    """Read secrets from a file, or from standard input where the source is ``-``.

    Args:
        alone: What a single line without a name is.

    Raises:
        ConfigError: It cannot be read, holds something else, or nothing.
    """
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(
            f"{source} cannot be read: {reason}.", hint="Name a file, or - for standard input."
        ) from error
    found = parse_secrets(text, alone=alone)
    for secret in found.values():
        KNOWN.learn(secret)
    if not found:
        raise ConfigError(
            "No key was given." if alone else "No secret was given.", hint=_form(alone), code="secret_input"
        )
    return found


def parse_secrets(text: str, *, alone: SecretName | None = None) -> dict[SecretName, Secret]:
    """Read lines of ``NAME=value``, as a file of variables holds them.

    A name is a variable of ours or its last part (``api_key``). A value may be quoted as a shell
    does; a key in PEM may go over several lines, or hold ``\\n``.

    Raises:
        ConfigError: A line is none of that; it is named by its number and not shown.
    """
    lines = [line.strip() for line in text.splitlines()]
    told = [line for line in lines if line and not line.startswith("#")]
    if alone is not None and len(told) == 1 and _name(told[0].partition("=")[0]) is None:
        return {alone: Secret(told[0])}
    found = {}
    for number, line in _joined(lines):
        name = _name(line.removeprefix("export ").partition("=")[0])
        if name is None or "=" not in line:
            raise ConfigError(
                f"Line {number} of the secrets is no NAME=value with a name that is known.",
                hint=_form(alone),
                code="secret_input",
            )
        value = _value(line.partition("=")[2], number)
        if value:
            found[name] = Secret(value)
    return found


def check_wanted(found: Collection[SecretName], wanted: Collection[SecretName]) -> None:
    """Refuse secrets that are not asked for: they would be lost unseen.

    Raises:
        ConfigError: There is one.
    """
    if other := [name.value for name in found if name not in wanted]:
        raise ConfigError(
            f"{', '.join(other)} is not asked for here.",
            hint=f"Give: {', '.join(name.value.partition('.')[2] for name in wanted)}.",
            code="secret_input",
        )


def _joined(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Put a value in PEM that goes over lines back together; gives each line with its number."""
    pending: list[str] = []
    start = 0
    for number, line in enumerate(lines, 1):
        if pending or ("-----BEGIN" in line and "-----END" not in line):
            start = start or number
            pending.append(line)
            if "-----END" in line:
                yield start, "\n".join(pending)
                pending, start = [], 0
        elif line and not line.startswith("#"):
            yield number, line
    if pending:
        yield start, "\n".join(pending)


def _name(text: str) -> SecretName | None:
    wanted = text.strip().lower().removeprefix("lago_ns_").replace("__", ".")
    for name in SecretName:
        if wanted in (name.value, name.value.partition(".")[2]):
            return name
    return None


def _value(text: str, number: int) -> str:
    value = text.strip()
    if value[:1] in ("'", '"'):
        try:
            parts = shlex.split(value)
        except ValueError as error:
            raise ConfigError(
                f"Line {number} of the secrets has a quotation mark that is not closed.", code="secret_input"
            ) from error
        value = parts[0] if len(parts) == 1 else ""
    return value.replace("\\n", "\n") if "-----BEGIN" in value else value


def _form(alone: SecretName | None) -> str:
    if alone is not None:
        return "Type it at the prompt, or pipe it in."
    return "Write each as NAME=value, such as token_id=…, on a line of its own."
