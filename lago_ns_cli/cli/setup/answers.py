"""What ``init`` needs to know, each with its option, what it may be, and what it means."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from lago_ns_cli.cli.prompting import Option
from lago_ns_cli.connection import check_base_url
from lago_ns_cli.domain.mapping import CreditNotePolicy
from lago_ns_cli.errors import ConfigError
from lago_ns_cli.netsuite.account import normalize_account, restlet_base_url
from lago_ns_cli.settings import Settings
from lago_ns_cli.settings.sources import nested

LAGO_URL = "lago.base_url"
ACCOUNT = "netsuite.account"
NETSUITE_URL = "netsuite.base_url"
AUTH = "netsuite.auth"
SCRIPT = "netsuite.script"
DEPLOY = "netsuite.deploy"
VOID_POLICY = "sync.void_policy"
CLOSED_PERIOD_POLICY = "sync.closed_period_policy"
SYNC_FROM = "sync.sync_from"
CREDIT_NOTE_POLICY = "credit_note_policy"
"""The one answer that goes into the mappings; the others are settings by their dotted names."""

Answers = Mapping[str, str]
"""Answers by name, as text; an empty one means: nothing is set, on purpose."""

REGIONS = {"us": "https://api.getlago.com", "eu": "https://api.eu.getlago.com"}


def read_lago(text: str) -> str:
    """Read a region or an address; gives the address.

    Raises:
        ConfigError: It is neither.
    """
    if text.lower() in REGIONS:
        return REGIONS[text.lower()]
    return check_base_url(text.removesuffix("/").removesuffix("/api/v1"), "The address of Lago")


def read_sync_from(text: str) -> str:
    """Read a go-live date, or ``none``."""
    if text.lower() in ("", "none"):
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("Write the date as 2026-01-31, or none.") from None


def read_identifier(text: str) -> str:
    """Read a script id."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise ValueError("It must be an id such as customscript_lago_service.")
    return text


def read_netsuite_url(account: str) -> Callable[[str], str]:
    """Read an address that fits an account; the account's own is left unsaid."""

    def read(text: str) -> str:
        url = restlet_base_url(account, text or None)
        return "" if url == restlet_base_url(account) else url

    return read


@dataclass(frozen=True, slots=True)
class Question:
    """A question that options can answer as well.

    Args:
        key: The answer's name.
        option: The option that answers it.
        asked: How it is asked.
        choices: What can be chosen; empty where it is typed.
        default: The usual answer; None where there is none, and it must be given.
    """

    key: str
    option: str
    asked: str
    read: Callable[[str], str] = str
    choices: tuple[Option, ...] = ()
    default: str | None = None


WAYS = Question(
    AUTH,
    "--auth",
    "How do you log in to NetSuite?",
    choices=(
        Option("oauth2", "OAuth 2.0, machine to machine: a certificate, made here (recommended)"),
        Option("tba", "Token-based authentication: for existing integrations; no new ones from 2027.1"),
    ),
    default="oauth2",
)

POLICIES = (
    Question(
        CREDIT_NOTE_POLICY,
        "--credit-note-policy",
        "When an invoice uses up a credit note, how should NetSuite show it?",
        choices=(
            Option(
                CreditNotePolicy.APPLY_MEMO.value,
                "apply_memo: the credit memo is applied to the invoice; credit counts once",
            ),
            Option(
                CreditNotePolicy.NEGATIVE_LINE.value,
                "negative_line: the invoice gets a negative line, as in Lago, and the memo stays open: "
                "credit counts twice until a person closes the memo",
            ),
        ),
    ),
    Question(
        VOID_POLICY,
        "--void-policy",
        "When an invoice is voided in Lago after it was posted?",
        choices=(
            Option("hold", "hold: it is left to a person, and status says so"),
            Option("reverse", "reverse: a credit memo takes it back, if it is still wholly open"),
        ),
        default="hold",
    ),
    Question(
        CLOSED_PERIOD_POLICY,
        "--closed-period-policy",
        "When a document's date lies in a closed accounting period?",
        choices=(
            Option("hold", "hold: it is left to a person, and status says so"),
            Option("next_open", "next_open: it keeps its date and posts to the first open period"),
        ),
        default="hold",
    ),
)

TYPED = {
    LAGO_URL: Question(LAGO_URL, "--lago", "Lago: us, eu, or your own address", read_lago),
    ACCOUNT: Question(
        ACCOUNT,
        "--account",
        "NetSuite account id (Setup > Company > Company Information)",
        normalize_account,
    ),
    SCRIPT: Question(
        SCRIPT, "--script", "Script id of the RESTlet", read_identifier, default="customscript_lago_service"
    ),
    DEPLOY: Question(
        DEPLOY, "--deploy", "Its deployment id", read_identifier, default="customdeploy_lago_service"
    ),
    SYNC_FROM: Question(
        SYNC_FROM,
        "--sync-from",
        "Go-live date: documents issued before it stay out of NetSuite; or none",
        read_sync_from,
    ),
}

ALL = (*TYPED.values(), WAYS, *POLICIES)


def read_options(given: Mapping[str, str | None]) -> dict[str, str]:
    """Check the answers that stand on the command line.

    Raises:
        ConfigError: Some are wrong; each is named.
    """
    answers: dict[str, str] = {}
    problems = []
    for question in ALL:
        text = given.get(question.key)
        if text is None:
            continue
        try:
            answers[question.key] = _chosen(question, text) if question.choices else question.read(text)
        except (ValueError, ConfigError) as error:
            said = error.message if isinstance(error, ConfigError) else str(error)
            problems.append(f"{question.option}: {said}")
    url = given.get(NETSUITE_URL)
    if url is not None and ACCOUNT in answers:
        answers[NETSUITE_URL] = read_netsuite_url(answers[ACCOUNT])(url)
    if problems:
        raise ConfigError(
            "Some answers cannot be used.", problems=problems, hint="lago-ns init --help", code="unanswered"
        )
    return answers


def complete(answers: Answers) -> dict[str, str]:
    """Fill in the usual answers where nobody can be asked.

    Raises:
        ConfigError: Some have none; each is named with its option.
    """
    full = {question.key: question.default for question in ALL if question.default is not None}
    full |= answers
    missing = [
        f"{question.option} {'|'.join(option.value for option in question.choices) or '…'}: {question.asked}"
        for question in ALL
        if question.key not in full
    ]
    if missing:
        raise ConfigError(
            "Some answers are missing, and there is no terminal to ask at.",
            problems=missing,
            hint="lago-ns init --help shows an example",
            code="unanswered",
        )
    return full


def settings_of(answers: Answers) -> Settings:
    """Make settings of the answers, for the logins that are tried before anything is written.

    Raises:
        ConfigError: They are no settings.
    """
    values: dict[str, object] = {key: text for key, text in answers.items() if "." in key and text}
    if SYNC_FROM in values:
        values[SYNC_FROM] = date.fromisoformat(str(values[SYNC_FROM]))
    sources: dict[str, object] = {"sources": [nested(values)]}
    try:
        return Settings(**sources)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise ConfigError("Some answers cannot be used.", problems=problems, code="unanswered") from None


def _chosen(question: Question, text: str) -> str:
    values = [option.value for option in question.choices]
    if text not in values:
        raise ValueError(f"must be {' or '.join(values)}")
    return text
