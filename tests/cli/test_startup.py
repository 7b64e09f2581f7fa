"""Looking around costs little: what is heavy is loaded when it is needed."""

import json
import subprocess
import sys

import pytest

HEAVY = (
    "alembic",
    "cryptography",
    "httpx",
    "jwt",
    "keyring",
    "msgspec",
    "oauthlib",
    "pydantic",
    "pydantic_settings",
    "quickjs",
    "rich",
    "sqlalchemy",
    "starlette",
    "tomli_w",
    "uvicorn",
)

PROBE = """
import json, sys
sys.argv = ["lago-ns", *sys.argv[1:]]
from lago_ns_cli.cli.app import main
try:
    main()
except SystemExit:
    pass
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("--version",), ("sync", "--help"), ("map", "set", "item", "--help")],
    ids=" ".join,
)
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    """Neither databases nor networks, models or tables are imported to show a help text."""
    ended = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], capture_output=True, check=True, timeout=60
    )

    loaded = set(json.loads(ended.stderr))
    assert ended.stdout
    assert set() == loaded & set(HEAVY)
