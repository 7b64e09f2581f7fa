"""Finds the line on which a key of a TOML file stands, so that messages can name it.

The standard parser keeps no positions. This one reads only headers, keys and what it must to skip values;
it is given text that the standard parser accepted.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from lago_ns_cli.errors import ConfigError

KeyPath = tuple[str | int, ...]
"""Keys from the root on; a number is the position in an array of tables, from 0."""

_POSITION = re.compile(r"^(?P<what>.*) \(at (?:line (?P<line>\d+), column \d+|end of document)\)$", re.DOTALL)
_KEY_PART = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*(\.?)""")
_TOKEN = re.compile(r"""\"\"\"|'''|"(?:[^"\\]|\\.)*"|'[^']*'|#.*|[\[\]{}]""")


class TomlDocument:
    """A parsed TOML file that knows where its keys stand."""

    def __init__(self, path: Path, text: str) -> None:
        """Parse a text.

        Raises:
            ConfigError: It is not TOML; the message names file and line.
        """
        self.path = path
        try:
            self.data: Mapping[str, object] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise _syntax_error(path, str(error), text) from error
        self._lines = _Scanner(text).lines

    def line(self, where: KeyPath) -> int | None:
        """Find the line of a key, or of the table it stands in; None for the root."""
        while where:
            if where in self._lines:
                return self._lines[where]
            where = where[:-1]
        return None

    def place(self, where: KeyPath) -> str:
        """Name the place of a key: ``config.toml:12``."""
        line = self.line(where)
        return str(self.path) if line is None else f"{self.path}:{line}"


def load_toml(path: Path, *, hint: str) -> TomlDocument:
    """Read a TOML file.

    Args:
        path: The file.
        hint: What to do where there is no such file.

    Raises:
        ConfigError: It is absent, unreadable, not UTF-8, or not TOML.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise ConfigError(f"There is no file {path}.", hint=hint, code="file_absent") from error
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}.",
            hint="name a file that you may read",
            code="file_unreadable",
        ) from error
    return parse_toml(path, content)


def parse_toml(path: Path, content: bytes) -> TomlDocument:
    """Parse the content of a TOML file.

    Raises:
        ConfigError: It is not UTF-8, or not TOML.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = f"{path}:{line}: this is not UTF-8 text; save the file as UTF-8"
        raise ConfigError(problem, problems=[problem], code="file_malformed") from error
    return TomlDocument(path, text)


def _syntax_error(path: Path, message: str, text: str) -> ConfigError:
    found = _POSITION.match(message)
    what = found["what"] if found else message
    line = int(found["line"]) if found and found["line"] else text.rstrip().count("\n") + 1
    problem = f"{path}:{line}: this is not valid TOML: {what[:1].lower()}{what[1:]}"
    return ConfigError(
        problem,
        hint='text stands in quotes (key = "text"), a table begins with [name], each key stands once',
        problems=[problem],
        code="file_malformed",
    )


class _Scanner:
    """Goes through the lines, keeping the table they belong to and the value they may continue."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._table: KeyPath = ()
        self._counts: dict[KeyPath, int] = {}
        self._depth = 0
        self._quote: str | None = None  # the delimiter of a string that goes over lines
        for number, line in enumerate(text.split("\n"), 1):
            self._read(line, number)

    def _read(self, line: str, number: int) -> None:
        if self._quote is not None or self._depth:
            self._skip_value(line)
            return
        stripped = line.strip()
        if stripped.startswith("["):
            self._header(stripped, number)
        elif stripped and not stripped.startswith("#"):
            self._pair(stripped, number)

    def _header(self, line: str, number: int) -> None:
        array = line.startswith("[[")
        keys, _ = _keys(line[2 if array else 1 :])
        path = self._absolute(keys[:-1])
        last: KeyPath = (*path, keys[-1])
        if array:
            position = self._counts.get(last, 0)
            self._counts[last] = position + 1
            self.lines.setdefault(last, number)
            last = (*last, position)
        self._table = last
        self.lines.setdefault(last, number)

    def _absolute(self, keys: list[str]) -> KeyPath:
        path: KeyPath = ()
        for key in keys:
            path = (*path, key)
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
        return path

    def _pair(self, line: str, number: int) -> None:
        keys, rest = _keys(line)
        path = self._table
        for key in keys:
            path = (*path, key)
            self.lines.setdefault(path, number)
        self._skip_value(rest)

    def _skip_value(self, text: str) -> None:
        while text:
            if self._quote is not None:
                text = self._leave_string(text)
                continue
            token = _TOKEN.search(text)
            if token is None or token[0].startswith("#"):
                return
            if token[0] in ('"""', "'''"):
                self._quote = token[0]
            elif token[0] in "[{":
                self._depth += 1
            elif token[0] in "]}":
                self._depth -= 1
            text = text[token.end() :]

    def _leave_string(self, text: str) -> str:
        quote = self._quote or ""
        pattern = r'(?:[^"\\]|\\.?|"(?!""))*"""' if quote == '"""' else r"(?:[^']|'(?!''))*'''"
        end = re.match(pattern, text)
        if end is None:
            return ""
        self._quote = None
        return text[end.end() :].lstrip(quote[0])


def _keys(text: str) -> tuple[list[str], str]:
    """Read a dotted key; give its parts and what follows."""
    keys = []
    at = 0
    while part := _KEY_PART.match(text, at):
        basic, literal, bare = part[1], part[2], part[3]
        keys.append(_unescaped(basic) if basic is not None else literal if literal is not None else bare)
        at = part.end()
        if not part[4]:
            break
    return keys, text[at:]


def _unescaped(basic: str) -> str:
    if "\\" not in basic:
        return basic
    (value,) = tomllib.loads(f'v = "{basic}"').values()
    return str(value)
