"""``lago-ns init`` by options: from nothing to a posted invoice, and what it refuses and leaves alone."""

import json
import stat
import tomllib
from datetime import date
from pathlib import Path

import pytest

from lago_ns_cli.simulator.server import RunningServer
from tests.cli.conftest import Place
from tests.cli.keyrings import MemoryKeyring
from tests.cli.terminal import Result, no_traceback, run

MEMORY = "tests.cli.keyrings.MemoryKeyring"
SET_UP = (0, 1)
"""Of the two, what ``doctor`` makes of customers that other tests left in the shared simulator."""

FAIL = "keyring.backends.fail.Keyring"


class Newcomer:
    """Somebody with two accounts and an empty folder."""

    def __init__(self, folder: Path, server: RunningServer) -> None:
        self.folder = folder
        self.server = server
        self.environment = {"PYTHON_KEYRING_BACKEND": MEMORY, "XDG_DATA_HOME": str(folder / "data")}

    @property
    def config(self) -> Path:
        return self.folder / "lago-ns.toml"

    def run(self, *arguments: str | Path, stdin: bytes = b"") -> Result:
        return run("--config", self.config, *arguments, environment=self.environment, stdin=stdin)

    def init(self, *more: str | Path, without: str = "", secrets: bytes | None = None) -> Result:
        url = self.server.url
        options = {
            "--lago": url,
            "--account": "1234567-sb1",
            "--netsuite-url": url,
            "--auth": "tba",
            "--credit-note-policy": "apply_memo",
            "--sync-from": "2026-01-01",
            "--secrets-from": "-",
        }
        for name, value in zip(more[::2], more[1::2], strict=True):
            options[str(name)] = str(value)
        options.pop(without, None)
        lines = (self.server.directory / "env").read_bytes() if secrets is None else secrets
        return self.run("init", *(part for pair in options.items() for part in pair), stdin=lines)

    def settings(self) -> dict[str, object]:
        return tomllib.loads(self.config.read_text("utf-8"))


@pytest.fixture
def newcomer(tmp_path: Path, server: RunningServer) -> Newcomer:
    return Newcomer(tmp_path, server)


MAPPED = (
    "--default-item",
    "481",
    "--subsidiary",
    "2",
    "--default-tax-code",
    "11",
    "--payment-account",
    "120",
)


def test_from_nothing_to_a_posted_invoice_by_options(fresh: Place, tmp_path: Path) -> None:
    """One call sets everything up; the next one posts."""
    newcomer = Newcomer(tmp_path, fresh.server)

    done = newcomer.init(*MAPPED)
    synced = newcomer.run("sync", "all", "--json")

    assert 0 == done.code, done.err
    assert "Lago knows the key: organization " in done.err
    assert "NetSuite knows the login: account 1234567_SB1" in done.err
    created = [one for one in synced.events if one.get("outcome") == "created" and one["kind"] == "invoice"]
    assert created
    posted = {record["tranid"] for record in fresh.control("netsuite/records?type=invoice")}
    assert {one["number"] for one in created} == posted


def test_the_files_are_private_commented_and_complete(newcomer: Newcomer) -> None:
    """The configuration says what was answered, and no secret."""
    newcomer.init(*MAPPED)

    text = newcomer.config.read_text("utf-8")
    mappings = tomllib.loads((newcomer.folder / "mappings.toml").read_text("utf-8"))
    tba = newcomer.server.credentials.tba
    assert 0o600 == stat.S_IMODE(newcomer.config.stat().st_mode)
    assert {
        "mappings": "mappings.toml",
        "lago": {"base_url": newcomer.server.url},
        "netsuite": {
            "account": "1234567_SB1",
            "auth": "tba",
            "base_url": newcomer.server.url,
            "script": "customscript_lago_service",
            "deploy": "customdeploy_lago_service",
        },
        "sync": {
            "sync_from": date(2026, 1, 1),
            "void_policy": "hold",
            "closed_period_policy": "hold",
        },
    } == newcomer.settings()
    assert text.count("\n# ") >= 7
    assert "apply_memo" == mappings["defaults"]["credit_note_policy"]
    assert {"nexus": "1", "tax_type": "3", "tax_code": "11"} == mappings["defaults"]["tax"]
    assert {"EUR", "GBP", "JPY", "USD"} == set(mappings["currencies"])
    assert [] == [secret for secret in vars(tba).values() if secret in text]


@pytest.mark.parametrize("option", ["--lago", "--account", "--credit-note-policy", "--sync-from"])
def test_an_answer_that_is_missing_is_named_with_its_option(newcomer: Newcomer, option: str) -> None:
    """Money and dates are never decided by a default; nothing is written."""
    result = newcomer.init(without=option)

    assert 2 == result.code
    assert f"  {option} " in result.err
    assert not newcomer.config.exists()
    assert {} == MemoryKeyring.secrets


def test_without_any_answer_all_that_are_needed_are_named_at_once(newcomer: Newcomer) -> None:
    """One error, not one after the other."""
    result = newcomer.run("init")

    assert 2 == result.code
    assert 4 == sum(line.startswith("  --") for line in result.err.splitlines())


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--lago", "http://lago.example.com", "--lago: The address of Lago would send secrets unencrypted"),
        ("--lago", "mars", "--lago: The address of Lago is not a URL"),
        ("--account", "not an account", "--account: 'not an account' is not a NetSuite account id."),
        ("--sync-from", "01/02/2026", "--sync-from: Write the date as 2026-01-31, or none."),
        ("--script", "a b", "--script: It must be an id such as customscript_lago_service."),
        ("--netsuite-url", "https://other.example.com", "is not a host of account 1234567_SB1"),
        ("--default-item", "999999", "--default-item: NetSuite shows no items with the id 999999"),
        ("--subsidiary", "acme=", "--subsidiary: 'acme=' is no id and no BILLING_ENTITY=ID."),
    ],
)
def test_an_answer_that_cannot_be_is_refused_with_its_option(
    newcomer: Newcomer, option: str, value: str, said: str
) -> None:
    """Before anything is written that would have to be corrected."""
    result = newcomer.init(option, value)

    assert 2 == result.code
    assert no_traceback(result)
    assert said in result.err


@pytest.mark.parametrize(
    ("lines", "code"),
    [(b"api_key=wrong\n", 3), (b"", 2), (b"consumer_key=a\n", 2)],
    ids=["wrong", "none", "half"],
)
def test_a_login_that_fails_writes_nothing(newcomer: Newcomer, lines: bytes, code: int) -> None:
    """A file that looks finished would be worse than none."""
    result = newcomer.init(secrets=lines)

    assert code == result.code
    assert not newcomer.config.exists()
    assert not (newcomer.folder / "mappings.toml").exists()


def test_without_a_keyring_the_variables_to_set_are_named(newcomer: Newcomer) -> None:
    """The logins are tried all the same, and the values are not shown."""
    newcomer.environment["PYTHON_KEYRING_BACKEND"] = FAIL

    result = newcomer.init(*MAPPED)

    named = [line.strip() for line in result.err.splitlines() if line.startswith("  LAGO_NS_")]
    assert result.code in SET_UP
    assert [
        "LAGO_NS_LAGO__API_KEY",
        "LAGO_NS_NETSUITE__CONSUMER_KEY",
        "LAGO_NS_NETSUITE__CONSUMER_SECRET",
        "LAGO_NS_NETSUITE__TOKEN_ID",
        "LAGO_NS_NETSUITE__TOKEN_SECRET",
    ] == named
    assert newcomer.server.credentials.lago_api_key not in result.err


def test_a_certificate_takes_two_calls(newcomer: Newcomer, place: Place) -> None:
    """The first makes it and stops; the same call with NetSuite's ids goes through."""
    key = f"api_key={newcomer.server.credentials.lago_api_key}\n".encode()

    first = newcomer.init("--auth", "oauth2", *MAPPED, secrets=key)
    ids = place.control("netsuite/certificates", {"certificate": first.out})
    lines = f"client_id={ids['client_id']}\ncertificate_id={ids['certificate_id']}\n".encode()
    second = newcomer.init("--auth", "oauth2", *MAPPED, secrets=lines)

    assert 1 == first.code
    assert second.code in SET_UP, second.err
    assert "Nothing is written yet" in first.err
    assert "-----BEGIN CERTIFICATE-----" in first.out
    assert 0 == newcomer.run("fetch-catalog").code


def test_an_env_file_keeps_everything_for_cron(newcomer: Newcomer) -> None:
    """No keyring is touched; the file's variables are all that a run needs."""
    newcomer.environment["PYTHON_KEYRING_BACKEND"] = FAIL
    path = newcomer.folder / "secrets.env"

    done = newcomer.init("--env-file", path, *MAPPED)
    variables = dict(line.split("=", 1) for line in path.read_text("utf-8").splitlines())
    newcomer.environment |= variables

    assert done.code in SET_UP, done.err
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert 0 == newcomer.run("fetch-catalog").code


def test_a_second_run_changes_nothing(newcomer: Newcomer) -> None:
    """Neither the configuration nor mappings, nor the comments that somebody added."""
    newcomer.init(*MAPPED)
    newcomer.config.write_text(newcomer.config.read_text("utf-8") + "\n# mine\n[push]\nbatch = 7\n", "utf-8")
    newcomer.run("map", "set", "item", "add_on:setup_fee", "--to", "506")
    before = newcomer.config.read_bytes(), (newcomer.folder / "mappings.toml").read_bytes()

    again = newcomer.init(*MAPPED)

    assert again.code in SET_UP, again.err
    assert before == (newcomer.config.read_bytes(), (newcomer.folder / "mappings.toml").read_bytes())


def test_an_answer_that_differs_from_the_file_is_named_with_its_line(newcomer: Newcomer) -> None:
    """The file belongs to people: it is not changed under their hands."""
    newcomer.init(*MAPPED)
    before = newcomer.config.read_bytes()

    result = newcomer.init("--void-policy", "reverse")

    [line] = [line for line in result.err.splitlines() if "void_policy" in line]
    number = 1 + before.decode().splitlines().index('void_policy = "hold"')
    assert 2 == result.code
    assert (
        f'{newcomer.config}:{number}: sync.void_policy is hold, and should be: void_policy = "reverse"'
        in line
    )
    assert before == newcomer.config.read_bytes()


def test_a_second_profile_is_added_at_the_end(newcomer: Newcomer) -> None:
    """What is there stays byte for byte; the new profile inherits nothing that it should not."""
    newcomer.init(*MAPPED)
    before = newcomer.config.read_text("utf-8")

    result = newcomer.init("--profile", "books-2", "--sync-from", "none", *MAPPED)

    settings = newcomer.settings()
    assert result.code in SET_UP, result.err
    assert newcomer.config.read_text("utf-8").startswith(before.rstrip())
    assert (newcomer.folder / "mappings.books-2.toml").exists()
    shown = newcomer.run("--profile", "books-2", "config", "show", "--json").events
    assert {"1970-01-01"} == {one["value"] for one in shown if one.get("key") == "sync.sync_from"}
    assert {"books-2"} == set(settings["profiles"])  # type: ignore[call-overload]
    assert {"default", "books-2"} == {entry.split("/")[0] for _, entry in MemoryKeyring.secrets}


@pytest.mark.parametrize(
    "content",
    ['profiles = { eu = { netsuite = { account = "1" } } }\n', '[profiles]\nus.netsuite.account = "1"\n'],
)
def test_a_file_that_cannot_be_added_to_is_left_alone(newcomer: Newcomer, content: str) -> None:
    """The lines to paste are printed instead; where adding is safe, the rest still says what it said."""
    newcomer.config.write_text(content, "utf-8")

    result = newcomer.init("--profile", "books-2", *MAPPED)

    if result.code in SET_UP:
        assert tomllib.loads(content)["profiles"].items() <= newcomer.settings()["profiles"].items()  # type: ignore[attr-defined]
    else:
        assert content == newcomer.config.read_text("utf-8")
        assert 'account = "1234567_SB1"' in result.err


def test_an_unreadable_file_is_left_alone(newcomer: Newcomer) -> None:
    """It is no TOML, so nobody knows what would be lost."""
    newcomer.config.write_text("[netsuite\n", "utf-8")

    result = newcomer.init()

    assert 2 == result.code
    assert "this is not valid TOML" in result.err
    assert "[netsuite\n" == newcomer.config.read_text("utf-8")


def test_what_the_simulator_prints_is_what_init_asks_for(newcomer: Newcomer) -> None:
    """Addresses, account and credentials, all of them."""
    from lago_ns_cli.simulator.introduction import introduction

    credentials = newcomer.server.credentials
    told = introduction(newcomer.server.url, credentials)

    expected = [newcomer.server.url, "1234567_SB1", credentials.lago_api_key, credentials.client_id]
    expected += json.loads(json.dumps(vars(credentials.tba))).values()
    assert [] == [value for value in expected if value not in told]
