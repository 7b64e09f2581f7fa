"""What completion offers of the fetched catalogs: a small text file, written by ``fetch-catalog``.

It lies in the user's cache folder, one file for each configuration and profile, so that a shell can be answered
without a configuration, a database or JSON being read. Every import here counts: see :mod:`quick`.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Offer = tuple[str, str]
"""A value and what it means."""

_MOST_OFFERS = 200
"""More than anybody looks through; a shell asks before it shows as many."""


def index_file(config: str | None, profile: str | None, environment: Mapping[str, str]) -> str:
    """Name the file for what stands before the command; found as the configuration itself is."""
    from zlib import crc32

    named = config or environment.get("LAGO_NS_CONFIG")
    if named:
        where = os.path.abspath(os.path.expanduser(named))  # noqa: PTH100, PTH111 - pathlib is a dear import here
    else:
        here = os.path.abspath("lago-ns.toml")  # noqa: PTH100
        where = here if os.path.exists(here) else "user"  # noqa: PTH110
    whose = f"{where}\n{profile or environment.get('LAGO_NS_PROFILE') or 'default'}"
    return os.path.join(_folder(environment), f"{crc32(whose.encode('utf-8', 'surrogatepass')):08x}.tsv")  # noqa: PTH118


def _folder(environment: Mapping[str, str]) -> str:
    if sys.platform == "win32":
        base = environment.get("LOCALAPPDATA") or os.path.expanduser("~")  # noqa: PTH111
    else:
        base = environment.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")  # noqa: PTH111, PTH118
    return os.path.join(base, "lago-ns", "completion")  # noqa: PTH118


def index_text(rows: Iterable[tuple[str, str, str]]) -> str:
    """Write the file's text: section, value and meaning, a line each.

    What a shell could not take as one plain word is left out. Of meanings only what no shell takes for a command is
    kept: zsh evaluates what it is offered, and names come from other people.
    """
    lines = [
        f"{section}\t{value}\t{_harmless(meaning)}\n"
        for section, value, meaning in rows
        if value and value.isprintable() and not any(mark in value for mark in " \t'\"\\`$*?[](){}<>|&;!#~")
    ]
    return "".join(lines)


def _harmless(text: str) -> str:
    kept = (char if char.isalnum() or char in "-_.,/%+()" else " " for char in text)
    return " ".join("".join(kept).split())


def indexed(path: str, section: str, begun: str) -> list[Offer]:
    """List what begins as the word does, or failing that, what has a name with such a word in it.

    Returns:
        Nothing where there is no file: a catalog was never fetched.
    """
    begins: list[Offer] = []
    named: list[Offer] = []
    wanted = begun.lower()
    start = section + "\t"
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:  # noqa: PTH123
            for line in lines:
                if not line.startswith(start):
                    continue
                _, value, meaning = line.rstrip("\n").split("\t", 2)
                if value.startswith(begun):
                    begins.append((value, meaning))
                elif wanted and wanted in meaning.lower():
                    named.append((value, meaning))
    except (OSError, ValueError):
        return []
    return (begins or named)[:_MOST_OFFERS]
