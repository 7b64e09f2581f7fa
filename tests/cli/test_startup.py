"""Looking around costs little: what is heavy is loaded when it is needed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lago_ns_cli.ledger.store import SqlLedger

HEAVY = (
    "alembic",
    "cryptography",
    "httpx",
    "jwt",
    "keyring",
    "msgspec",
    "oauthlib",
    "prompt_toolkit",
    "pydantic",
    "pydantic_settings",
    "quickjs",
    "rapidfuzz",
    "rich",
    "sqlalchemy",
    "starlette",
    "tomli_w",
    "uvicorn",
)

DEAR = (
    "argparse",
    "collections.abc",
    "contextlib",
    "dataclasses",
    "enum",
    "pathlib",
    "re",
    "shutil",
    "sqlite3",
    "typer",
    "typing",
)
"""Small, and still dearer than all that a quick answer does."""

PROBE = """
import sys
from pathlib import Path
before = set(sys.modules)
sys.argv = ["lago-ns", *sys.argv[1:]]
from lago_ns_cli.cli.quick import main
try:
    main()
except SystemExit:
    pass
print(" ".join(sorted(set(sys.modules) - before)), file=sys.stderr)
"""


def loaded(*arguments: str, **environment: str) -> set[str]:
    """The modules that a call of the program imports, beyond those of Python itself."""
    ended = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments],
        capture_output=True,
        check=True,
        timeout=60,
        env={**os.environ, **environment},
    )
    assert ended.stdout
    return set(ended.stderr.decode().split())


@pytest.mark.parametrize("arguments", [("sync", "--help"), ("map", "set", "item", "--help")], ids=" ".join)
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    """Neither databases nor networks, models or tables are imported to show a help text."""
    assert set() == {name.split(".")[0] for name in loaded(*arguments)} & set(HEAVY)


def test_a_command_loads_no_other_command() -> None:
    """However many there are, each pays for itself alone."""
    modules = {name for name in loaded("sync", "--help") if name.startswith("lago_ns_cli.cli.commands.")}

    assert {"lago_ns_cli.cli.commands.sync"} == modules


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (("--help",), {"COLUMNS": "100"}),
        (("--version",), {}),
        ((), {"_LAGO_NS_COMPLETE": "source_bash"}),
        ((), {"_LAGO_NS_COMPLETE": "complete_bash", "COMP_WORDS": "lago-ns sync ", "COMP_CWORD": "2"}),
        ((), {"_LAGO_NS_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "lago-ns sync in"}),
        ((), {"_LAGO_NS_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "lago-ns map set item "}),
    ],
    ids=["help", "version", "script", "bash", "zsh", "catalog"],
)
def test_a_quick_answer_loads_next_to_nothing(
    arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    """Not even the command line's own library, nor what it needs of Python's."""
    assert set() == loaded(*arguments, **environment) & {*DEAR, *HEAVY}


def test_a_status_loads_neither_database_library_nor_network(tmp_path: Path) -> None:
    """A glance at the ledger's file, with the settings that say where it is."""
    with SqlLedger(f"sqlite:///{tmp_path / 'ledger.db'}", profile="default", account="1234567"):
        pass
    config = tmp_path / "lago-ns.toml"
    config.write_text('[netsuite]\naccount = "1234567"\n[ledger]\nurl = "sqlite:///ledger.db"\n')

    found = loaded("--config", str(config), "status")

    assert {"pydantic", "pydantic_settings"} == {name.split(".")[0] for name in found} & set(HEAVY)
    assert set() == {"lago_ns_cli.cli.wiring", "lago_ns_cli.workflows.ports"} & found
