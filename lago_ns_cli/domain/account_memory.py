"""What is remembered about an account itself: facts in the ledger under a key that is no document's."""

from dataclasses import dataclass
from datetime import datetime

from lago_ns_cli.domain import exact_json
from lago_ns_cli.domain.accounts import canonical_account
from lago_ns_cli.domain.attempts import Fact
from lago_ns_cli.domain.identifiers import Key

UNIQUE_KEYS = "unique_keys"
LOGIN = "login"


@dataclass(frozen=True, slots=True)
class UniqueKeys:
    """What a probe proved of an account: whether repeated keys are refused, and when it was made."""

    refused: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class AcceptedLogin:
    """A login that NetSuite accepted, by a digest of its identifiers, and when."""

    digest: str
    at: datetime


def account_key(account: str) -> Key:
    """Name an account among the keys of documents."""
    return Key(f"account:{canonical_account(account)}")


def unique_keys_fact(account: str, proof: UniqueKeys) -> Fact:
    """Write down what a probe proved."""
    return _fact(account, UNIQUE_KEYS, {"refused": proof.refused, "at": proof.at.isoformat()})


def login_fact(account: str, login: AcceptedLogin) -> Fact:
    """Write down a login that was accepted."""
    return _fact(account, LOGIN, {"login": login.digest, "at": login.at.isoformat()})


def fix_fact(account: str, check: str, what: str, at: datetime) -> Fact:
    """Write down what ``doctor --fix`` mended."""
    return _fact(account, f"fixed:{check}", {"what": what, "at": at.isoformat()})


def read_unique_keys(value: str | None) -> UniqueKeys | None:
    """Read what a probe proved; None where nothing is remembered."""
    told = _object(value)
    return (
        None if told is None else UniqueKeys(told["refused"] is True, datetime.fromisoformat(str(told["at"])))
    )


def read_login(value: str | None) -> AcceptedLogin | None:
    """Read the login that was accepted last; None where nothing is remembered."""
    told = _object(value)
    return (
        None if told is None else AcceptedLogin(str(told["login"]), datetime.fromisoformat(str(told["at"])))
    )


def _fact(account: str, name: str, value: dict[str, object]) -> Fact:
    return Fact(account_key(account), name, exact_json.encode(value).decode())


def _object(value: str | None) -> dict[str, object] | None:
    if value is None:
        return None
    decoded = exact_json.decode(value.encode())
    return decoded if isinstance(decoded, dict) else None
