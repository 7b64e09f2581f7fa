"""A TOML table as it is being read: typed access that collects problems instead of stopping at the first."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from lago_ns_cli.toml_lines import KeyPath, TomlDocument


@dataclass
class Problems:
    """What is wrong with a document, in the order of its lines."""

    document: TomlDocument
    _found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, where: KeyPath, what: str) -> None:
        """Note a problem at a key."""
        self._found.append(
            (self.document.line(where) or 0, f"{self.document.place(where)}: {table_name(where)}{what}")
        )

    def lines(self) -> list[str]:
        """List the problems, one line each."""
        return [text for _, text in sorted(self._found, key=lambda problem: problem[0])]


class Table:
    """One table; ``done`` names the keys that nobody asked for.

    A getter gives None where the key is absent or wrong; what is wrong is noted.
    """

    def __init__(self, data: Mapping[str, object], where: KeyPath, problems: Problems) -> None:
        """Wrap a table that stands at ``where``."""
        self._data = data
        self._asked: dict[str, None] = {}
        self.where = where
        self.problems = problems

    def __contains__(self, key: str) -> bool:
        """Tell whether the table has a key."""
        return key in self._data

    def problem(self, what: str, key: str | None = None) -> None:
        """Note a problem with the row, or with one of its keys."""
        where = self.where if key is None else (*self.where, key)
        self.problems.add(where, what)

    def keys(self) -> list[str]:
        """List the keys, where they are free (currencies, billing entities)."""
        return list(self._data)

    def text(self, key: str) -> str | None:
        """Read text that has at least one character."""
        value = self._get(key)
        if value is None:
            return None
        if isinstance(value, str) and value.strip():
            return value
        if isinstance(value, str):
            self.problem("must not be empty", key)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            self.problem(f'must be text; put it in quotes: {key} = "{value}"', key)
        else:
            self.problem("must be text in quotes", key)
        return None

    def required(self, key: str, example: str) -> str | None:
        """Read text that must be there."""
        if key not in self._data:
            self._asked[key] = None
            self.problem(f'lacks {key}; add {key} = "{example}"')
            return None
        return self.text(key)

    def choice(self, key: str, allowed: tuple[str, ...]) -> str | None:
        """Read text that is one of a few words."""
        value = self.text(key)
        if value is None or value in allowed:
            return value
        close = difflib.get_close_matches(value, allowed, n=1)
        hint = f'; did you mean "{close[0]}"?' if close else ""
        self.problem(f"must be {_either(allowed)}{hint}", key)
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        """Read a list of text, each value once."""
        value = self._get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(part, str) and part.strip() for part in value):
            self.problem('must be a list of text, such as ["one", "two"]', key)
            return ()
        if len(set(value)) < len(value):
            self.problem("names a value twice", key)
        return tuple(dict.fromkeys(value))

    def text_or_texts(self, key: str) -> tuple[str, ...]:
        """Read text or a list of text; a single text is a list of one."""
        if isinstance(self._data.get(key), list):
            return self.texts(key)
        value = self.text(key)
        return () if value is None else (value,)

    def number(self, key: str) -> int | None:
        """Read a whole number."""
        value = self._get(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        self.problem("must be a whole number, without quotes", key)
        return None

    def literal(self, key: str) -> str | bool | None:
        """Read text, which may be empty, or true or false."""
        value = self._get(key)
        if value is None or isinstance(value, str | bool):
            return value
        self.problem("must be text in quotes, true or false", key)
        return None

    def table(self, key: str) -> "Table | None":
        """Read a table."""
        value = self._get(key)
        if value is None:
            return None
        if isinstance(value, Mapping):
            return Table(cast("Mapping[str, object]", value), (*self.where, key), self.problems)
        self.problem(f"must be a table, such as [{table_name((*self.where, key)).rstrip(': ')}]", key)
        return None

    def rows(self, key: str) -> Iterator["Table"]:
        """Read an array of tables."""
        value = self._get(key)
        if value is None:
            return
        if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
            self.problem(
                f"must be rows, each beginning with [[{'.'.join(map(str, (*self.where, key)))}]]", key
            )
            return
        for position, row in enumerate(value):
            yield Table(cast("Mapping[str, object]", row), (*self.where, key, position), self.problems)

    def done(self) -> None:
        """Note the keys that are not known."""
        for key in self._data:
            if key in self._asked:
                continue
            close = difflib.get_close_matches(key, self._asked, n=1)
            hint = f"did you mean {close[0]}?" if close else f"here may stand: {', '.join(self._asked)}"
            self.problem(f"is not known; {hint}", key)

    def _get(self, key: str) -> object:
        self._asked[key] = None
        return self._data.get(key)


def table_name(where: KeyPath) -> str:
    """Name a key as a person would: ``items row 3, item: ``; the root has no name."""
    name = ""
    for part in where:
        if isinstance(part, int):
            name += f" row {part + 1}"
        elif not name:
            name = part
        elif " row " in name:
            name += f", {part}"
        else:
            name += f".{part}"
    return f"{name}: " if name else ""


def _either(words: tuple[str, ...]) -> str:
    quoted = [f'"{word}"' for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
