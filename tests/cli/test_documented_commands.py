"""Every call that README and docs show is run against the simulator, as it stands there.

Commands are run in the folder of a place, page after page and line after line; a name that only stands for a
document, a file or an id is replaced by one that is there. What cannot be run here says why.
"""

import re
import shlex
from pathlib import Path

import pytest

from tests.cli import commands
from tests.cli.conftest import Place
from tests.cli.terminal import Result, no_traceback

ROOT = Path(__file__).parent.parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
FENCE = re.compile(r"^```(?:sh|console|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEAD = re.compile(r"\d+:[0-9a-f]{40,}")
CALL = re.compile(r"\S*\blago-ns(?=\s|$)(.*)")

ELSEWHERE = {
    "demo": "test_demo.py runs it whole",
    "init": "test_init_command.py and test_init_terminal.py run what it asks for",
    "auth login": "asks for secrets: test_auth_netsuite.py",
    "auth rotate": "asks for secrets: test_auth_netsuite.py",
    "auth logout": "takes the secrets that the rest needs: test_auth_netsuite.py",
    "simulator serve": "does not end by itself: the place is served by it",
    "ledger rebuild": "wants an empty ledger: test_rebuild.py",
    "decide adopt": "names a finding: test_decide_command.py",
    "decide restore": "names a finding: test_decide_command.py",
    "decide ignore": "names a finding: test_decide_command.py",
    "decide undo": "names a decision: test_decide_command.py",
    "map": "is an editor on a terminal: test_map_editor.py",
    "map suggest": "asks on a terminal: test_map_command.py",
}
"""Commands that are run by tests of their own, and why not here."""

MAY_FAIL = {
    "map unset": "the row that the example names need not be there",
    "replay": "nothing may be open",
    "errors": "CODE stands for any code",
    "audit prune": "asks, and says so without a terminal",
    "doctor": "the place's configuration is readable by others, and probing needs a quarantine",
    "map set tax": "a set of taxes is a row of the legacy regime",
}
"""Commands that may end with 2, 3 or another code of theirs here; in words all the same."""


def calls(page: Path) -> list[list[str]]:
    """The calls of a page, as words behind the program's name.

    Those with an ellipsis only outline one, and those in headings only name a command.
    """
    text = re.sub(r"^## .*$", "", page.read_text("utf-8"), flags=re.MULTILINE)
    lines = [
        part
        for block in FENCE.findall(text)
        for line in block.splitlines()
        for part in re.split(r"&&|;", line)
    ]
    lines += re.findall(r"`(lago-ns [^`]+)`", text)
    found = []
    for line in lines:
        match = CALL.match(line.strip().removeprefix("$ "))
        if match is None or any(mark in line for mark in "…⇥"):
            continue
        words = shlex.split(re.split(r"\s(?:>>|\|\|)", match[1])[0], comments=True)
        if words and words not in found:
            found.append(words)
    return found


def path_of(words: list[str]) -> str:
    """The command that words name: ``map set item``."""
    path, _ = commands.parse(shlex.join(["lago-ns", *words]))
    return " ".join(path)


def is_elsewhere(words: list[str]) -> bool:
    """Whether a test of its own runs the command, or words only name a group or ask for something."""
    path = path_of(words)
    command = commands.tree()[tuple(path.split())]
    names_it_only = any(
        one.required and len(words) == len(path.split())
        if one.param_type_name == "argument"
        else one.required and set(words).isdisjoint(one.opts)
        for one in command.params
    )
    wants_a_value = [one for one in command.params if one.param_type_name == "option" and not one.is_flag]
    unfinished = any(words[-1] in one.opts for one in wants_a_value) if words else True
    group = not path or hasattr(command, "commands")
    asks_for_help = not set(words).isdisjoint({"--help", "--install-completion"})
    return group or names_it_only or unfinished or asks_for_help or path in ELSEWHERE


def filled(words: list[str], place: Place, number: str, customer: str) -> list[str]:
    """Put names that are there in place of those that only stand for one."""
    stands_for = {
        "HOO-2026-001": number, "ACM-1F2E-042-008": number, "DOCUMENT": number, "ID": number, "CODE": "item_unmapped",
        "DIR": str(place.folder / "exported"), "42": "1", "ID=INTERNAL_ID": f"{customer}=98765",
        "cust_0042=98765": f"{customer}=98765", "/var/log/lago-ns/sync.log": "/dev/null",
    }  # fmt: skip
    if "COUNT:HASH" in words:
        stands_for["COUNT:HASH"] = HEAD.findall(place.run("audit", "verify").out)[-1]
    plain = [word for at, word in enumerate(words) if not _is_config(words, at)]
    return [stands_for.get(word, word) for word in plain]


def _is_config(words: list[str], at: int) -> bool:
    """Whether a word is ``--config`` or its value: the place has its own."""
    return words[at] == "--config" or (at > 0 and words[at - 1] == "--config")


def run_page(page: Path, place: Place, number: str, customer: str) -> list[tuple[str, Result]]:
    return [
        (shlex.join(words), place.run(*filled(words, place, number, customer)))
        for words in calls(page)
        if not is_elsewhere(words)
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_shows_can_be_run(page: Path, fresh: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 0, or 1 where something needs attention; a code that says more only where the table says so."""
    monkeypatch.chdir(fresh.folder)
    assert 0 == fresh.run("fetch-catalog").code
    synced = fresh.run("sync", "all", "--json")
    invoice = next(
        one for one in synced.events if one.get("kind") == "invoice" and one["outcome"] == "created"
    )
    customer = next(
        one for one in synced.events if one.get("kind") == "customer" and one["outcome"] == "created"
    )

    for line, result in run_page(page, fresh, str(invoice["number"]), str(customer["number"])):
        assert no_traceback(result), (line, result.err)
        allowed = (
            (0, 1, 2, 3, 4) if any(path_of(shlex.split(line)).startswith(one) for one in MAY_FAIL) else (0, 1)
        )
        assert result.code in allowed, (line, result.code, result.err)


def test_the_pages_show_most_of_the_program() -> None:
    """The test above is not empty: of the commands that are not run elsewhere, every one stands on a page."""
    shown = {path_of(words) for page in PAGES for words in calls(page) if not is_elsewhere(words)}
    wanted = {" ".join(path) for path in commands.leaves()} - ELSEWHERE.keys()

    assert set() == wanted - shown
