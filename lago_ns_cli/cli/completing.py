"""Completions from the outline of the command line, for bash, zsh and fish.

What stands on the line so far is read as Typer reads it: options with their values, then a
command's name, then arguments. Nothing is loaded but the outline and, where a code of Lago's or an id of
NetSuite's stands, the index that ``fetch-catalog`` left; no network is touched.
"""

from __future__ import annotations

from lago_ns_cli.cli.outline import COMMANDS, Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Offer = tuple[str, str]
"""What may stand here, and what it means (or nothing)."""

_QUOTES = "\"'\\"

_ENTITY = {"--billing-entity": "billing_entity"}
_IN_CATALOG: dict[str, dict[str, str]] = {
    "map set item": {"": "object", "--to": "items", **_ENTITY},
    "map unset item": {"": "object", **_ENTITY},
    "map set tax": {
        "": "tax", "--tax-code": "tax_codes", "--tax-type": "tax_types", "--nexus": "nexuses", **_ENTITY
    },
    "map unset tax": {"": "tax", **_ENTITY},
    "map set subsidiary": {"": "billing_entity", "--to": "subsidiaries"},
    "map unset subsidiary": {"": "billing_entity"},
    "map set currency": {"": "currency", "--to": "currencies"},
    "map unset currency": {"": "currency"},
    "map set terms": {"--to": "terms"},
    "map set payment": {"--account": "accounts", "--method": "payment_methods", **_ENTITY},
    "map unset payment": _ENTITY,
    "map set default": {"--to": "items", **_ENTITY},
    "map unset default": _ENTITY,
    "sync invoice": _ENTITY,
    "sync credit-note": _ENTITY,
    "sync all": _ENTITY,
}  # fmt: skip
"""The section of the index that an argument (no spelling) or an option takes its values from."""


def complete_in(shell: str, environment: Mapping[str, str]) -> tuple[str, int] | None:
    """What the completion script of a shell asked for, and the exit code.

    Returns:
        None where the line needs a real parser: another shell, or quotes on the line.
    """
    if shell == "bash":
        line, position = environment.get("COMP_WORDS", ""), environment.get("COMP_CWORD", "")
        if not position.isdecimal() or _quoted(line):
            return None
        words, incomplete = _bash_words(line.split(), int(position))
        return _lines(iter(_bash(complete(words, incomplete, environment), incomplete)))
    line = environment.get("_TYPER_COMPLETE_ARGS", "")
    if shell not in ("zsh", "fish") or _quoted(line):
        return None
    words = line.split()[1:]
    incomplete = words.pop() if words and not line.endswith(" ") else ""
    offers = complete(words, incomplete, environment)
    return _zsh(offers) if shell == "zsh" else _fish(offers, environment)


def _bash_words(words: list[str], at: int) -> tuple[list[str], str]:
    """Put together what bash took apart at colons, and tell the word that is looked for."""
    whole: list[str] = []
    joined = False
    for word in [*words[: at + 1], *([""] if at >= len(words) else [])]:
        if (word == ":" or joined) and len(whole) > 1:
            whole[-1] += word
        else:
            whole.append(word)
        joined = word == ":"
    return whole[1:-1], whole[-1]


def _bash(offers: list[Offer], incomplete: str) -> list[str]:
    """What bash puts in place of the word: behind its last colon, since it took the word apart there.

    Several catalog entries are shown with their names; the shell inserts what they have in common.
    """
    behind = incomplete.rfind(":") + 1
    if len(offers) > 1 and any(value.isdecimal() for value, _ in offers):
        return [f"{value}  {meaning}" if meaning else value for value, meaning in offers]
    return [value[behind:] if value.startswith(incomplete[:behind]) else value for value, _ in offers]


def complete(
    words: Sequence[str], incomplete: str, environment: Mapping[str, str] | None = None
) -> list[Offer]:
    """What may stand after these words and begins with what is there of the next one.

    Args:
        environment: Says where the index of the catalogs is; None looks into none.
    """
    line = _Line()
    for word in words:
        if not line.read(word):
            return []
    begun = line.begun(incomplete)
    found = [offer for offer in line.offers(incomplete) if offer[0].startswith(begun)]
    section = line.section(incomplete)
    if found or section is None or environment is None:
        return found
    from lago_ns_cli.cli.catalog_index import index_file, indexed

    path = index_file(line.before.get("--config"), line.before.get("--profile"), environment)
    return indexed(path, section, begun)


class _Line:
    """How far the words on the line have led."""

    def __init__(self) -> None:
        self._path = ""
        self._given: set[str] = set()
        self._arguments = 0
        self._only_arguments = False
        self._option: Parameter | None = None
        """The option whose value comes next."""
        self.before: dict[str, str] = {}
        """Values of options that stand before the command."""

    @property
    def _parameters(self) -> tuple[Parameter, ...]:
        return COMMANDS[self._path][1]

    def read(self, word: str) -> bool:
        """Take a whole word in; False where nothing of ours can follow it."""
        if self._option is not None:
            self._remember(self._option, word)
            self._option = None
            return True
        if word == "--" and not self._only_arguments:
            self._only_arguments = True
            return True
        if word.startswith("-") and len(word) > 1 and not self._only_arguments:
            return self._read_option(word)
        if self._children():
            self._path = f"{self._path} {word}".lstrip()
            self._given.clear()
            return self._path in COMMANDS
        self._arguments += 1
        return True

    def _read_option(self, word: str) -> bool:
        name, joined, value = word.partition("=")
        option = self._find(name)
        if option is None and not name.startswith("--"):
            # Short flags may stand together: -vv.
            return all(self._read_option(f"-{letter}") for letter in name[1:]) if len(name) > 2 else False
        if option is None:
            return False
        self._given.add(option[0])
        if option[1] != "flag" and not joined:
            self._option = option
        elif joined:
            self._remember(option, value)
        return True

    def _remember(self, option: Parameter, value: str) -> None:
        if not self._path:
            self.before[option[0].split()[-1]] = value

    def section(self, incomplete: str) -> str | None:
        """The section of the index for what may stand here; None where it is of no catalog."""
        known = _IN_CATALOG.get(self._path, {})
        if self._option is not None:
            return known.get(self._option[0].split()[-1])
        if incomplete.startswith("-") and not self._only_arguments:
            name, joined, _ = incomplete.partition("=")
            return known.get(name) if joined else None
        return known.get("") if not self._arguments else None

    def _find(self, name: str) -> Parameter | None:
        return next((one for one in self._parameters if name in one[0].split()), None)

    def _children(self) -> list[str]:
        """The commands within the one that was reached."""
        start = f"{self._path} ".lstrip()
        return [
            path for path in COMMANDS if path and path.startswith(start) and " " not in path[len(start) :]
        ]

    def begun(self, incomplete: str) -> str:
        """What there is of the word that is looked for: of ``--option=va``, the ``va``."""
        if incomplete == "=":
            return ""
        if incomplete.startswith("-") and "=" in incomplete and not self._only_arguments:
            return incomplete.partition("=")[2]
        return incomplete

    def offers(self, incomplete: str) -> list[Offer]:
        """All that may stand here, whatever there is of it so far."""
        if incomplete.startswith("-") and not self._only_arguments:
            name, joined, _ = incomplete.partition("=")
            option = self._find(name) if joined else None
            return self._options() if not joined else _choices(option)
        if self._option is not None:
            return _choices(self._option)
        children = self._children()
        if children:
            return [(path.rpartition(" ")[2], COMMANDS[path][0]) for path in children]
        places = [one for one in self._parameters if not one[0]]
        if not places or (self._arguments >= len(places) and places[-1][1] != "values"):
            return []
        return _choices(places[min(self._arguments, len(places) - 1)])

    def _options(self) -> list[Offer]:
        return [
            (spelling, one[3])
            for one in self._parameters
            if one[1] == "values" or one[0] not in self._given
            for spelling in one[0].split()
        ]


def _choices(parameter: Parameter | None) -> list[Offer]:
    return [(choice, "") for choice in parameter[2].split()] if parameter is not None else []


def _quoted(line: str) -> bool:
    return any(mark in line for mark in _QUOTES)


def _lines(values: Iterator[str]) -> tuple[str, int]:
    return "\n".join(values) + "\n", 0


def _fish(offers: list[Offer], environment: Mapping[str, str]) -> tuple[str, int]:
    if environment.get("_TYPER_COMPLETE_FISH_ACTION") == "is-args":
        return "", 0 if offers else 1
    return _lines(f"{value}\t{meaning}" if meaning else value for value, meaning in offers)


def _zsh(offers: list[Offer]) -> tuple[str, int]:
    """What the script evaluates: descriptions for ``_arguments``, or files where nothing is known."""
    if not offers:
        return "_files\n", 0
    described = (
        f'"{_escape(value)}":"{_escape(meaning)}"' if meaning else f'"{_escape(value)}"'
        for value, meaning in offers
    )
    joined = "\n".join(described)
    return f"_arguments '*: :(({joined}))'\n", 0


def _escape(text: str) -> str:
    for mark, escaped in (('"', '""'), ("'", "''"), ("$", "\\$"), ("`", "\\`"), (":", "\\\\:")):
        text = text.replace(mark, escaped)
    return text
