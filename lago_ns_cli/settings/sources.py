"""The layers that settings come from, each checked on its own, so that every problem has its place.

A layer is what one source says: the file, the profile's table in it, the environment. Values never stand
in a problem: someone may have put a secret where it does not belong.
"""

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lago_ns_cli.domain.secrets import SecretName, is_secret_variable
from lago_ns_cli.settings.models import Section, SettingsTable, setting_keys
from lago_ns_cli.toml_lines import KeyPath, TomlDocument

PREFIX = "LAGO_NS_"
RESERVED = frozenset({"LAGO_NS_CONFIG", "LAGO_NS_PROFILE", *(name.variable for name in SecretName)})
"""Variables of ours that are no settings."""

Source = Literal["default", "file", "variable"]


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as one source states it; ``where`` is ``file:line`` or the variable's name."""

    value: object
    where: str


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source says, by dotted key, and what is wrong with it."""

    source: Source
    settings: Mapping[str, Setting]
    problems: tuple[str, ...] = ()

    def tables(self) -> dict[str, object]:
        """Give the values as nested tables: what ``Settings`` takes as a source."""
        return nested({key: setting.value for key, setting in self.settings.items()})


def nested(values: Mapping[str, object]) -> dict[str, object]:
    """Turn dotted keys into tables: ``sync.kinds.invoice`` stands in ``kinds`` in ``sync``."""
    data: dict[str, object] = {}
    for key, value in values.items():
        *tables, last = key.split(".")
        target = data
        for table in tables:
            target = cast("dict[str, object]", target.setdefault(table, {}))
        target[last] = value
    return data


def file_layer(document: TomlDocument, table: KeyPath = ()) -> Layer:
    """Read the settings of a file, or of a profile's table in it.

    Args:
        document: The file; its secrets and ``profiles`` are looked at elsewhere.
        table: Where the settings stand: ``()`` or ``("profiles", name)``.
    """
    data: object = document.data
    for part in table:
        data = cast("Mapping[str | int, object]", data)[part]
    if not isinstance(data, Mapping):
        return Layer("file", {}, (f"{document.place(table)}: [{dotted(table)}] must be a table",))
    plain = cast("Mapping[str, object]", without_secrets(data))
    if not table:
        plain = {name: value for name, value in plain.items() if name != "profiles"}

    def place(where: KeyPath) -> str:
        return document.place((*table, *where))

    return _layer("file", lambda: SettingsTable.model_validate(plain), place, table)


def variable_layer(environ: Mapping[str, str]) -> Layer:
    """Read the settings that the environment gives; empty variables count as absent."""
    values: dict[str, object] = {}
    problems = []
    for name in sorted(environ):
        if not name.startswith(PREFIX) or not environ[name]:
            continue
        if name in RESERVED or is_secret_variable(name):
            continue
        key = name.removeprefix(PREFIX).lower().replace("__", ".")
        if key not in setting_keys():
            problems.append(f"{name}: there is no such setting{_suggest_variable(name)}")
            continue
        values[key] = environ[name]
    data = nested(values)
    layer = _layer("variable", lambda: SettingsTable.model_validate_strings(data, strict=False), _variable)
    return Layer("variable", layer.settings, (*problems, *layer.problems))


def secret_problems(document: TomlDocument) -> list[str]:
    """Name the secrets that stand in a file, without showing them."""
    return [
        f"{document.place(where)}: {dotted(where)} looks like a secret, and secrets never stand in a file; "
        f"delete the line, then {_where_secrets_go(where)}"
        for where in _secrets(document.data)
    ]


def without_secrets(value: object) -> object:
    """Leave out what ``secret_problems`` names, so that each has one problem only."""
    if not isinstance(value, Mapping):
        return value
    return {name: without_secrets(inner) for name, inner in value.items() if not _is_secret(str(name), inner)}


def dotted(where: KeyPath) -> str:
    """Write a path as TOML does: ``netsuite.account``."""
    return ".".join(str(part) for part in where)


def _layer(
    source: Source,
    validate: Callable[[], SettingsTable],
    place: Callable[[KeyPath], str],
    table: KeyPath = (),
) -> Layer:
    try:
        settings = validate()
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        return Layer(source, {}, tuple(_problem(detail, place, table) for detail in details))
    return Layer(source, {dotted(path): Setting(value, place(path)) for path, value in _values_set(settings)})


def _values_set(model: BaseModel, prefix: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    for name in type(model).model_fields:
        if name not in model.model_fields_set:
            continue
        value = getattr(model, name)
        if isinstance(value, Section):
            yield from _values_set(value, (*prefix, name))
        else:
            yield (*prefix, name), value


def _problem(detail: ErrorDetails, place: Callable[[KeyPath], str], table: KeyPath) -> str:
    where = detail["loc"]
    name = dotted((*table, *where)) if place is not _variable else ""
    said = _explain(detail)
    return f"{place(where)}: {f'{name} {said}' if name else said}"


def _explain(detail: ErrorDetails) -> str:
    kind = detail["type"]
    context = detail.get("ctx", {})
    if kind == "extra_forbidden":
        return f"is no setting{_suggest(tuple(str(part) for part in detail['loc']))}"
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return f"must be {str(context['expected']).replace(chr(39), chr(34))}"
    if kind == "greater_than_equal":
        return f"must be {context['ge']} or more"
    for words, said in _KINDS:
        if kind.startswith(words):
            return said
    return detail["msg"][:1].lower() + detail["msg"][1:]


_KINDS = (
    ("bool", "must be true or false, without quotes"),
    ("int", "must be a whole number, without quotes"),
    ("string", "must be text in quotes"),
    ("date", "must be a date such as 2026-01-31"),
    ("path", "must be a path in quotes"),
    ("model", "must be a table of settings, not a single value"),
)


def _suggest(where: tuple[str, ...]) -> str:
    *tables, last = where
    prefix = "".join(f"{table}." for table in tables)
    here = {key.removeprefix(prefix).split(".")[0]: None for key in setting_keys() if key.startswith(prefix)}
    if close := difflib.get_close_matches(last, here, n=1):
        return f"; did you mean {prefix}{close[0]}?"
    if elsewhere := [key for key in setting_keys() if key.split(".")[-1] == last]:
        return f"; did you mean {elsewhere[0]}?"
    return f"; here may stand: {', '.join(here)}" if here else ""


def _suggest_variable(name: str) -> str:
    known = [*(_variable(tuple(key.split("."))) for key in setting_keys()), *sorted(RESERVED)]
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else "; unset it"


def _variable(where: KeyPath) -> str:
    return PREFIX + "__".join(str(part) for part in where).upper()


_SECRET_NAMES = frozenset(name.value.split(".")[1] for name in SecretName)
_SECRET_ENDINGS = ("secret", "password", "passphrase", "token", "api_key", "apikey", "private_key")


def _is_secret(name: str, value: object) -> bool:
    plain = name.lower().replace("-", "_")
    if isinstance(value, Mapping):
        return False
    if isinstance(value, str) and "PRIVATE KEY-----" in value:
        return True
    return plain in _SECRET_NAMES or plain.endswith(_SECRET_ENDINGS)


def _secrets(data: Mapping[str, object], prefix: KeyPath = ()) -> Iterator[KeyPath]:
    for name, value in data.items():
        if _is_secret(name, value):
            yield (*prefix, name)
            continue
        rows = enumerate(value) if isinstance(value, list) else [(None, value)]
        for position, row in rows:
            if isinstance(row, Mapping):
                at = (*prefix, name) if position is None else (*prefix, name, position)
                yield from _secrets(row, at)


def _where_secrets_go(where: KeyPath) -> str:
    name = str(where[-1]).lower().replace("-", "_")
    for secret in SecretName:
        if secret.value.split(".")[1] == name:
            return f"run `lago-ns auth login`, or set {secret.variable}"
    return "run `lago-ns auth login`"
