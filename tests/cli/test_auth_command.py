"""``lago-ns auth``: into a keyring that is safe, or the variable's name."""

import sys
from pathlib import Path

import pexpect
import pytest

from tests.cli.conftest import Place
from tests.cli.keyrings import MemoryKeyring
from tests.cli.terminal import no_traceback

ROOT = Path(__file__).parent.parent.parent
VARIABLE = "LAGO_NS_LAGO__API_KEY"
MEMORY = "tests.cli.keyrings.MemoryKeyring"


@pytest.fixture
def keyless(place: Place) -> Place:
    """A place whose Lago key is in no variable, with a keyring that works."""
    del place.environment[VARIABLE]
    place.environment["PYTHON_KEYRING_BACKEND"] = MEMORY
    return place


def test_a_key_from_standard_input_is_tried_and_stored(keyless: Place) -> None:
    """Lago knows it, the keyring has it, and a command then works without the variable."""
    key = keyless.server.credentials.lago_api_key

    login = keyless.run("auth", "login", "lago", stdin=f"{key}\n".encode())
    fetched = keyless.run("fetch-catalog", "--side", "lago")

    assert (0, "") == (login.code, login.out)
    assert "Lago knows the key: organization " in login.err
    assert "the Lago API key is in the keyring" in login.err
    assert key in MemoryKeyring.secrets.values()
    assert key not in login.err
    assert 0 == fetched.code


def test_a_wrong_key_is_not_stored(keyless: Place) -> None:
    """What Lago refuses never reaches the keyring."""
    login = keyless.run("auth", "login", "lago", stdin=b"not-the-key\n")

    assert 3 == login.code
    assert "hint: " in login.err
    assert "not-the-key" not in login.err + login.out
    assert {} == MemoryKeyring.secrets


def test_without_a_check_a_key_is_stored_unseen(keyless: Place) -> None:
    """``--no-check`` calls nobody."""
    keyless.environment["LAGO_NS_LAGO__BASE_URL"] = "http://127.0.0.1:1"

    login = keyless.run("auth", "login", "lago", "--no-check", stdin=b"a-key-for-later\n")

    assert 0 == login.code
    assert "a-key-for-later" in MemoryKeyring.secrets.values()


@pytest.mark.parametrize("typed", [b"", b"\n", b"   \n"])
def test_no_key_is_no_key(keyless: Place, typed: bytes) -> None:
    """An empty pipe ends with a hint."""
    login = keyless.run("auth", "login", "lago", stdin=typed)

    assert 2 == login.code
    assert "No key was given." in login.err
    assert "hint: " in login.err


def test_the_prompt_does_not_show_what_is_typed(keyless: Place) -> None:
    """On a terminal the key is asked for without echo."""
    child = pexpect.spawn(
        sys.executable,
        ["-m", "lago_ns_cli", "--config", str(keyless.config), "auth", "login", "lago", "--no-check"],
        env={"PATH": "", "PYTHONPATH": str(ROOT), **keyless.environment},
        cwd=str(ROOT),
        timeout=20,
        encoding="utf-8",
    )
    child.expect("Lago API key, not shown: ")
    child.sendline("typed-in-secret")
    child.expect(pexpect.EOF)
    child.close()

    assert 0 == child.exitstatus
    assert "the Lago API key is in the keyring" in child.before
    assert "typed-in-secret" not in child.before


def test_status_tells_where_secrets_are_and_never_what(keyless: Place) -> None:
    """Names, places and times; a missing one makes the exit code 1 and names its variable."""
    missing = keyless.run("auth", "status")
    keyless.run("auth", "login", "lago", "--no-check", stdin=b"stored-secret\n")
    stored = keyless.run("auth", "status")
    as_json = keyless.run("auth", "status", "--json")

    told = missing.out + stored.out + as_json.out + missing.err + stored.err
    assert (1, 0, 0) == (missing.code, stored.code, as_json.code)
    assert f"lago.api_key\tmissing (set {VARIABLE})" in missing.out
    assert "lago.api_key\tkeyring\t20" in stored.out
    assert "netsuite.token_secret\tvariable" in stored.out
    assert {"event": "summary", "missing": 0, "expired": False, "certificate_waits": False} == as_json.events[
        -1
    ]
    assert "keyring" == as_json.events[0]["where"]
    assert [] == [
        value
        for value in (*keyless.environment.values(), "stored-secret")
        if len(value) > 30 and value in told and value != MEMORY
    ]


@pytest.mark.parametrize(
    "backend",
    [
        "keyring.backends.null.Keyring",
        "keyring.backends.fail.Keyring",
        "tests.cli.keyrings.PlaintextKeyring",
        "no.such.Backend",
    ],
)
@pytest.mark.parametrize("command", ["login", "status"])
def test_an_unsafe_keyring_is_refused_with_the_variable_as_way_out(
    keyless: Place, backend: str, command: str
) -> None:
    """Nothing is stored where it would be lost or lie open."""
    keyless.environment["PYTHON_KEYRING_BACKEND"] = backend
    arguments = ("login", "lago", "--no-check") if command == "login" else ("status",)

    result = keyless.run("auth", *arguments, stdin=b"some-secret\n")

    assert no_traceback(result)
    assert 2 == result.code
    assert VARIABLE in result.err
    assert "some-secret" not in result.err + result.out
    assert {} == MemoryKeyring.secrets


def test_a_command_without_a_key_names_the_way_out(keyless: Place) -> None:
    """Also where a key is needed for the work itself."""
    keyless.environment["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

    result = keyless.run("fetch-catalog", "--side", "lago")

    assert 2 == result.code
    assert VARIABLE in result.err
