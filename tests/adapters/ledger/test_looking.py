"""A glance at a ledger's file; that it sees what the ledger holds is shown wherever a status is tested."""

import sqlite3
from pathlib import Path

import pytest

from lago_ns_cli.errors import LedgerError
from lago_ns_cli.ledger.looking import look_at
from lago_ns_cli.ledger.store import SqlLedger

ACCOUNT = "1234567_SB1"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A ledger without documents."""
    path = tmp_path / "ledger.db"
    with SqlLedger(f"sqlite:///{path}", profile="eu", account=ACCOUNT):
        return path


def test_a_ledger_without_documents_is_empty(file: Path) -> None:
    """And may name the account in its other spelling."""
    view = look_at(f"sqlite:///{file}", profile="eu", account="1234567-sb1")

    assert view is not None
    with view:
        assert ({}, {}, [], {}, {}) == (
            view.counts(),
            view.unchanged_since(),
            view.entries_in([]),
            view.entries([]),
            view.given_up([]),
        )


@pytest.mark.parametrize(
    ("url", "profile", "account"),
    [
        ("sqlite:///{folder}/none.db", "eu", ACCOUNT),
        ("sqlite://", "eu", ACCOUNT),
        ("sqlite:///{folder}/ledger.db", "us", ACCOUNT),
        ("sqlite:///{folder}/ledger.db", "eu", "7654321"),
        ("sqlite:///{folder}/other.db", "eu", ACCOUNT),
        ("sqlite:///{folder}/text.db", "eu", ACCOUNT),
        ("sqlite:///{folder}/old.db", "eu", ACCOUNT),
    ],
    ids=["absent", "memory", "new profile", "other account", "no ledger", "no database", "older schema"],
)
def test_what_needs_more_than_a_glance_is_left_to_the_ledger(
    file: Path, url: str, profile: str, account: str
) -> None:
    """Which makes, upgrades or refuses it, with its own words; nothing is made here."""
    folder = file.parent
    sqlite3.connect(folder / "other.db").close()
    (folder / "text.db").write_text("dear diary" * 100)
    with sqlite3.connect(folder / "old.db") as old:
        old.execute("CREATE TABLE alembic_version (version_num TEXT)")
        old.execute("INSERT INTO alembic_version VALUES ('0001')")
    old.close()

    assert look_at(url.format(folder=folder), profile=profile, account=account) is None
    assert not (folder / "none.db").exists()


def test_a_file_that_breaks_under_the_glance_is_told(file: Path) -> None:
    """In the ledger's own kind of error."""
    view = look_at(f"sqlite:///{file}", profile="eu", account=ACCOUNT)
    assert view is not None
    with sqlite3.connect(file) as other:
        other.execute("DROP TABLE links")
    other.close()

    with view, pytest.raises(LedgerError, match="no such table"):
        view.entries_in([])
