"""Asking for the answers, one after the other; each is kept as soon as it is given."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from lago_ns_cli.cli.prompting import ask, choose
from lago_ns_cli.cli.render import say
from lago_ns_cli.cli.setup.answers import (
    ACCOUNT,
    DEPLOY,
    LAGO_URL,
    NETSUITE_URL,
    POLICIES,
    REGIONS,
    SCRIPT,
    SYNC_FROM,
    TYPED,
    WAYS,
    Question,
    read_netsuite_url,
)
from lago_ns_cli.connection import is_loopback


class Asked:
    """The answers so far.

    Args:
        fixed: Answers of the command line; these are not asked for.
        offered: Answers to offer as the usual ones: of an earlier attempt, or of the file.
        keep: Told of the answers whenever there is a new one.
    """

    def __init__(
        self, fixed: Mapping[str, str], offered: Mapping[str, str], keep: Callable[[Mapping[str, str]], None]
    ) -> None:
        self._fixed = fixed
        self._offered = offered
        self._keep = keep
        self.answers: dict[str, str] = dict(fixed)

    def lago(self) -> None:
        """Ask where Lago is."""
        self._ask(LAGO_URL)

    def netsuite(self) -> None:
        """Ask which account, and how to log in to it."""
        self._ask(ACCOUNT)
        self._netsuite_url()
        self._choose(WAYS)
        self._ask(SCRIPT)
        self._ask(DEPLOY)

    def policies(self) -> None:
        """Ask what becomes of what is not plain sailing, and from when on."""
        for question in POLICIES:
            self._choose(question)
        self._ask(SYNC_FROM)

    def _netsuite_url(self) -> None:
        """Ask for an address only where Lago stands on this machine: a simulator serves both sides."""
        if NETSUITE_URL in self._fixed:
            return
        lago, offered = self.answers[LAGO_URL], self._offered.get(NETSUITE_URL, "")
        answer = offered
        if is_loopback(urlsplit(lago).hostname or ""):
            read = read_netsuite_url(self.answers[ACCOUNT])
            answer = ask("NetSuite's address (a simulator's is that of Lago)", read, offered or lago)
        elif offered and is_loopback(urlsplit(offered).hostname or ""):
            answer = ""
        self._put(NETSUITE_URL, answer)

    def _ask(self, key: str) -> None:
        if key in self._fixed:
            return
        question = TYPED[key]
        offered = self._offered.get(key, question.default)
        self._put(key, ask(question.asked, question.read, _shown(key, offered)))

    def _choose(self, question: Question) -> None:
        if question.key in self._fixed:
            return
        say("")
        offered = self._offered.get(question.key, question.default)
        self._put(question.key, choose(question.asked, question.choices, offered))

    def _put(self, key: str, answer: str) -> None:
        self.answers[key] = answer
        self._keep(self.answers)


def _shown(key: str, offered: str | None) -> str | None:
    """Show an answer as a person would type it."""
    if key == SYNC_FROM and offered == "":
        return "none"
    if key == LAGO_URL:
        return next((region for region, url in REGIONS.items() if url == offered), offered)
    return offered
