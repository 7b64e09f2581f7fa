"""The text of a configuration file: a new one, or a profile added at the end of one that is there.

What stands in a file is never changed. A profile that is there already is left as it is, and what would
have to change is named with its line.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lago_ns_cli.cli.setup.answers import (
    ACCOUNT,
    AUTH,
    CLOSED_PERIOD_POLICY,
    DEPLOY,
    LAGO_URL,
    NETSUITE_URL,
    SCRIPT,
    SYNC_FROM,
    VOID_POLICY,
    Answers,
)
from lago_ns_cli.errors import ConfigError
from lago_ns_cli.netsuite.account import restlet_base_url
from lago_ns_cli.private_files import PRIVATE_FILE, create_private_folder, replace_file
from lago_ns_cli.settings.loading import DEFAULT_PROFILE
from lago_ns_cli.toml_lines import TomlDocument, load_toml

_HEAD = """\
# lago-ns, set up by `lago-ns init`. config.example.toml shows every other setting with its default;
# `lago-ns config show` tells what is in force. Secrets never stand here: see `lago-ns auth status`.
"""

_TABLES = {
    "lago": ((LAGO_URL, "Where Lago's API is."),),
    "netsuite": (
        (ACCOUNT, "The account id, as Setup > Company > Company Information shows it."),
        (AUTH, 'How to log in: "oauth2" (a certificate) or "tba" (tokens).'),
        (NETSUITE_URL, "Where the account's RESTlets are."),
        (SCRIPT, "The RESTlet and its deployment."),
        (DEPLOY, ""),
    ),
    "sync": (
        (SYNC_FROM, "Documents issued before this date are skipped: the go-live date."),
        (VOID_POLICY, 'An invoice voided after it was posted: "hold" for a person, or "reverse".'),
        (CLOSED_PERIOD_POLICY, 'A date in a closed period: "hold" for a person, or "next_open".'),
    ),
}

_FIRST_DAY = "1970-01-01"
"""Written where a profile must not inherit a go-live date: TOML has no way to take a value back."""


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """What is to be written, and where the mappings will stand.

    Args:
        text: The whole new content; None where nothing needs to change.
        added: What is new in it, for people.
    """

    text: str | None
    added: str
    mappings: Path


def plan_config(path: Path, profile: str, answers: Answers) -> ConfigChange:
    """Decide what the file will say.

    Raises:
        ConfigError: The file cannot be read, or says something else of this profile already;
            ``problems`` names each line.
    """
    mappings = "mappings.toml" if profile == DEFAULT_PROFILE else f"mappings.{profile}.toml"
    if not path.exists():
        block = _block(profile, answers, mappings, {})
        return ConfigChange(f"{_HEAD}\n{block}", block, path.parent / mappings)
    document = load_toml(path, hint="name another file with --config")
    table = _table_of(document.data, profile)
    if table is not None:
        _refuse_differences(document, profile, table, answers)
        return ConfigChange(
            None, "", path.parent / str(table.get("mappings", document.data.get("mappings", mappings)))
        )
    block = _block(profile, answers, mappings, document.data)
    text = _joined(path.read_text("utf-8"), block)
    _check(document, profile, text, block)
    return ConfigChange(text, block, path.parent / mappings)


def write_config(path: Path, change: ConfigChange) -> None:
    """Write the file, all or nothing; a new one is private.

    Raises:
        ConfigError: It cannot be written.
    """
    if change.text is None:
        return
    try:
        create_private_folder(path.parent)
        replace_file(path, change.text.encode(), mode=PRIVATE_FILE)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}.",
            hint="Name another file: lago-ns --config FILE init",
        ) from error


def present_answers(path: Path, profile: str) -> dict[str, str]:
    """Read what the file says of a profile already, as answers.

    Raises:
        ConfigError: The file cannot be read.
    """
    if not path.exists():
        return {}
    table = _table_of(load_toml(path, hint="name another file with --config").data, profile)
    return {} if table is None else {key: text for key in _keys() if (text := _said(table, key)) is not None}


def _keys() -> list[str]:
    return [key for rows in _TABLES.values() for key, _ in rows]


def _table_of(data: Mapping[str, object], profile: str) -> Mapping[str, object] | None:
    """Find what a file says of a profile; None where it says nothing."""
    if profile == DEFAULT_PROFILE and any(table in data for table in _TABLES):
        return data
    profiles = data.get("profiles")
    table = profiles.get(profile) if isinstance(profiles, Mapping) else None
    return table if isinstance(table, Mapping) else None


def _said(table: Mapping[str, object], key: str) -> str | None:
    name, _, last = key.partition(".")
    inner = table.get(name)
    value = inner.get(last) if isinstance(inner, Mapping) else None
    return None if value is None else str(value)


def _refuse_differences(
    document: TomlDocument, profile: str, table: Mapping[str, object], answers: Answers
) -> None:
    prefix = () if table is document.data else ("profiles", profile)
    problems = []
    for key in _keys():
        wanted, said = answers.get(key, ""), _said(table, key)
        if said != (wanted or None) and not (said is None and wanted == _usual(key)):
            place = document.place((*prefix, *key.split(".")))
            line = f"{key.partition('.')[2]} = {_toml(key, wanted)}" if wanted else "nothing"
            problems.append(f"{place}: {key} is {said or 'not set'}, and should be: {line}")
    if problems:
        raise ConfigError(
            f"{document.path} holds profile {profile} already, and says something else. Nothing was changed.",
            problems=problems,
            hint="edit these lines, or choose another profile name with --profile",
            code="config_exists",
        )


def _usual(key: str) -> str | None:
    from lago_ns_cli.cli.setup.answers import ALL, REGIONS

    usual = {question.key: question.default for question in ALL}
    return REGIONS["us"] if key == LAGO_URL else usual.get(key)


def _block(profile: str, answers: Answers, mappings: str, above: Mapping[str, object]) -> str:
    """Write a profile's tables; a named one says all it needs, as it would inherit the rest from above."""
    named = profile != DEFAULT_PROFILE
    prefix = f"profiles.{_bare_or_quoted(profile)}." if named else ""
    lines = []
    if named or not above:
        lines += ["# The rows that map Lago's objects to NetSuite's; relative to this file's folder."]
        lines = ([f"[{prefix.rstrip('.')}]"] if named else []) + lines
        lines += [f"mappings = {json.dumps(mappings)}", ""]
    for table, rows in _TABLES.items():
        lines.append(f"[{prefix}{table}]")
        for key, comment in rows:
            value = answers.get(key, "") or (_instead(key, answers, above) if named else "")
            if not value:
                continue
            lines += [f"# {comment}"] if comment else []
            lines.append(f"{key.partition('.')[2]} = {_toml(key, value)}")
        lines.append("")
    return "\n".join(lines)


def _instead(key: str, answers: Answers, above: Mapping[str, object]) -> str:
    """Say what takes back a value that would be inherited; nothing where none would."""
    if _said(above, key) is None:
        return ""
    return {NETSUITE_URL: restlet_base_url(answers[ACCOUNT]), SYNC_FROM: _FIRST_DAY}.get(key, "")


def _toml(key: str, value: str) -> str:
    return value if key == SYNC_FROM else json.dumps(value)  # TOML writes text as JSON does, and dates bare


def _bare_or_quoted(name: str) -> str:
    bare = name.isascii() and all(sign.isalnum() or sign in "-_" for sign in name)
    return name if bare else json.dumps(name)


def _joined(text: str, block: str) -> str:
    return (
        f"{text.rstrip()}\n\n\n# Added by `lago-ns init`.\n{block}" if text.strip() else f"{_HEAD}\n{block}"
    )


def _check(document: TomlDocument, profile: str, text: str, block: str) -> None:
    """Make sure that adding to the file changed nothing else in it.

    Raises:
        ConfigError: It would, so a person has to do it.
    """
    try:
        after = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        after = None
    before = dict(document.data)
    if after is not None:
        if profile == DEFAULT_PROFILE:
            after = {name: value for name, value in after.items() if name not in _TABLES}
        else:
            after["profiles"].pop(profile, None)
            before.setdefault("profiles", {})
    if after != before:
        raise ConfigError(
            f"{document.path} is written in a way that cannot be added to safely. Nothing was changed.",
            problems=block.splitlines(),
            hint="put these lines into the file by hand, then run lago-ns init again",
            code="config_exists",
        )
