"""The one place where codes get their meaning: code → meaning → what to do → how it is treated.

Every code that ``lago-ns`` can show is here: NetSuite's own, the RESTlet's, Lago's, and this
program's. A test reads the sources and names a code that is not.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.error_codes import documents, lago, mapping, netsuite, program, restlet, write_back
from lago_ns_cli.domain.error_codes.form import TREATMENTS, Disposition, Family, Group

__all__ = [
    "CatalogueRow",
    "Disposition",
    "Family",
    "Origin",
    "advice",
    "catalogue",
    "cause_of",
    "find",
    "lookup",
    "suggest",
]


class Origin(StrEnum):
    """Who gives a code."""

    NETSUITE = "NetSuite"
    RESTLET = "RESTlet"
    LAGO = "Lago"
    PROGRAM = "lago-ns"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueRow:
    """What is known of a code.

    Args:
        meaning: What the code says, in a sentence.
        action: What to do about it.
        command: The next command; ``{id}`` stands for the document. None where there is nothing
            to do.
        burns_attempt: Whether it counts against the document's bounded number of attempts.
        resend_safe: Whether sending again cannot make a second record. Where it is false, the
            document is looked up first.
    """

    code: str
    origin: Origin
    family: Family
    meaning: str
    action: str
    command: str | None
    disposition: Disposition
    burns_attempt: bool
    resend_safe: bool

    def command_for(self, document: str) -> str | None:
        """Name the next command for one document, by its id."""
        return None if self.command is None else self.command.replace("{id}", document)


_STATE_CODES = {State.WAITING: "parent_not_posted"}
"""Codes of states that are not called as their code is."""

_SOURCES: tuple[tuple[Origin, tuple[Group, ...]], ...] = (
    (Origin.NETSUITE, netsuite.GROUPS),
    (Origin.RESTLET, restlet.GROUPS),
    (Origin.LAGO, lago.GROUPS),
    (Origin.PROGRAM, documents.GROUPS),
    (Origin.PROGRAM, write_back.GROUPS),
    (Origin.PROGRAM, mapping.GROUPS),
    (Origin.PROGRAM, program.GROUPS),
)

_FOREIGN = Group(
    Family.REFUSED,
    "",
    "A script or bundle of the account, or a newer NetSuite, refused the document with a code of its own.",
    "Do what the message says; whoever looks after the account knows the script. Then replay the document.",
)
_UNHEARD_OF = Group(
    Family.UNSENT,
    "",
    "This version has nothing on this code.",
    "Do what the message says; then replay the document.",
)


@cache
def catalogue() -> tuple[CatalogueRow, ...]:
    """Give every row, in the order of the sources; codes with a ``*`` stand for many."""
    return tuple(
        _row(code, origin, group)
        for origin, groups in _SOURCES
        for group in groups
        for code in group.codes.split()
    )


def lookup(code: str | None) -> CatalogueRow:
    """Tell what a code means.

    Bundles in the account bring names of their own, so every code has a row: one that the
    catalogue does not know is taken for a refusal of the document.
    """
    return find(code or "") or _fallback(code or "unknown")


def cause_of(state: State, code: str | None) -> str:
    """Name the code that explains an entry: its own, or one for the state where it has none."""
    return code or _STATE_CODES.get(state, state.value)


def advice(state: State, code: str | None) -> CatalogueRow:
    """Tell what to do about an entry; in doubt, it is the doubt that counts, not what led to it."""
    row = lookup(cause_of(state, code))
    if state in (State.IN_DOUBT, State.SENDING) and row.family not in (Family.UNKNOWN, Family.PERMISSION):
        return lookup(cause_of(state, None))
    return row


def find(code: str) -> CatalogueRow | None:
    """Find the row of a code as it is spelled; a row with a ``*`` answers for what fits it."""
    exact = _by_code().get(code)
    if exact is not None:
        return exact
    fitting = next((row for pattern, row in _patterns() if pattern.fullmatch(code)), None)
    return None if fitting is None else replace(fitting, code=code)


def suggest(text: str, limit: int = 5) -> Sequence[str]:
    """Name the known codes that come nearest to a text; case does not matter.

    First those that hold every word of it, then those that are spelled alike.
    """
    from difflib import get_close_matches

    words = re.findall(r"[a-z0-9]+", text.casefold())
    spelled = {code.casefold(): code for code in _by_code()}
    holding = [one for one in spelled if words and all(word in one for word in words)]
    alike = get_close_matches(text.casefold(), spelled, n=limit, cutoff=0.6)
    nearest = dict.fromkeys([*sorted(holding, key=len), *alike])
    return [spelled[one] for one in nearest][:limit]


@cache
def _by_code() -> dict[str, CatalogueRow]:
    return {row.code: row for row in catalogue()}


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], CatalogueRow], ...]:
    return tuple(
        (re.compile(re.escape(row.code).replace(r"\*", r"\w+"), re.ASCII), row)
        for row in catalogue()
        if "*" in row.code
    )


def _fallback(code: str) -> CatalogueRow:
    """Take capitals for a name from the account, and anything else for one of ours."""
    if code.isupper():
        return _row(code, Origin.NETSUITE, _FOREIGN)
    return _row(code, Origin.PROGRAM, _UNHEARD_OF)


def _row(code: str, origin: Origin, group: Group) -> CatalogueRow:
    treatment = TREATMENTS[group.family]
    return CatalogueRow(
        code=code,
        origin=origin,
        family=group.family,
        meaning=group.meaning,
        action=group.action,
        command=group.command or treatment.command,
        disposition=treatment.disposition,
        burns_attempt=treatment.burns_attempt,
        resend_safe=treatment.resend_safe,
    )
