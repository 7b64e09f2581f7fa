"""Settings: found, merged, traced to their place, and refused with every problem named."""

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic_settings import BaseSettings

from lago_ns_cli.domain.secrets import SecretName
from lago_ns_cli.errors import ConfigError
from lago_ns_cli.settings import LoadedSettings, Origin, Settings, load_settings
from lago_ns_cli.settings.loading import profile_names

CANARY = "canary-7f3a9c"


@pytest.fixture(autouse=True)
def nobodys_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the settings of whoever runs the tests out of them."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


def write(text: str, path: Path = Path("lago-ns.toml")) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path.absolute()


def load(text: str, environ: Mapping[str, str] | None = None, profile: str | None = None) -> LoadedSettings:
    return load_settings(write(text), profile, environ or {})


def problems(text: str, environ: Mapping[str, str] | None = None, profile: str | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text, environ, profile)
    folder = f"{Path.cwd()}{os.sep}"
    return [problem.replace(folder, "") for problem in caught.value.problems]


def origin(loaded: LoadedSettings, key: str) -> Origin:
    return next(found for found in loaded.origins if found.key == key)


def test_an_empty_file_means_the_defaults() -> None:
    """Nothing has to be set for the settings to load."""
    loaded = load("")

    assert loaded.profile == "default"
    assert loaded.settings.lago.base_url == "https://api.getlago.com"
    assert {found.where for found in loaded.origins} == {"default"}


def test_the_file_is_looked_for_in_four_places(tmp_path: Path) -> None:
    """--config wins over LAGO_NS_CONFIG, that over ./lago-ns.toml, that over the user's folder."""
    user = write("", tmp_path / "xdg_config_home" / "lago-ns" / "config.toml")
    assert user == load_settings(None, None, {}).path

    here = write("")
    assert here == load_settings(None, None, {}).path

    named = write("", Path("named.toml"))
    assert named == load_settings(None, None, {"LAGO_NS_CONFIG": str(named)}).path

    given = write("", Path("given.toml"))
    assert given == load_settings(given, None, {"LAGO_NS_CONFIG": str(named)}).path


def test_no_configuration_at_all_says_where_to_begin() -> None:
    """The hint names the set-up and the tour."""
    with pytest.raises(ConfigError) as caught:
        load_settings(None, None, {SecretName.LAGO_API_KEY.variable: CANARY})

    assert "lago-ns init" in str(caught.value.hint)
    assert "lago-ns demo" in str(caught.value.hint)


def test_a_named_file_that_is_absent_is_an_error_even_if_another_exists() -> None:
    """A typing mistake in --config must not fall back to another account."""
    write("")

    with pytest.raises(ConfigError, match=r"There is no file .*absent\.toml"):
        load_settings(Path("absent.toml"), None, {})


def test_variables_alone_are_a_configuration() -> None:
    """CI needs no file."""
    loaded = load_settings(None, None, {"LAGO_NS_NETSUITE__ACCOUNT": "123-sb1"})

    assert loaded.path is None
    assert loaded.account == "123_SB1"


def test_profile_overrides_file_and_variable_overrides_profile() -> None:
    """Each effective setting says where it came from and what it shadowed."""
    text = '[netsuite]\naccount = "1"\n\n[profiles.eu.netsuite]\naccount = "2"\n'

    loaded = load(text, {"LAGO_NS_PROFILE": "eu", "LAGO_NS_NETSUITE__ACCOUNT": "3"})

    found = origin(loaded, "netsuite.account")
    assert loaded.profile == "eu"
    assert ("3", "variable", "LAGO_NS_NETSUITE__ACCOUNT") == (found.value, found.source, found.where)
    assert [("2", "5"), ("1", "2")] == [(old.value, old.where[-1]) for old in found.shadowed]


def test_only_our_own_variables_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that the library would take for settings by itself, and a .env file, mean nothing."""
    monkeypatch.setenv("MAPPINGS", "elsewhere.toml")
    monkeypatch.setenv("LAGO_NS_PUSH__BATCH", "7")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("LAGO_NS_PUSH__BATCH=9\nPUSH__BATCH=9\n", encoding="utf-8")
    (tmp_path / "lago-ns.toml").write_text("", encoding="utf-8")
    settings = load_settings(tmp_path / "lago-ns.toml", None, {}).settings

    assert (20, tmp_path / "mappings.toml") == (settings.push.batch, settings.mappings)


def test_settings_are_made_by_pydantic_settings() -> None:
    """Sources are laid over each other, the strongest first, and the defaults show through."""
    strong: dict[str, Any] = {"push": {"batch": 5}}
    weak: dict[str, Any] = {"push": {"batch": 6, "leave_free": 2}, "sync": {"kinds": {"payment": False}}}
    stated: dict[str, Any] = {"sources": [strong, weak]}
    made = Settings(**stated)

    assert isinstance(made, BaseSettings)
    assert (5, 2, 330) == (made.push.batch, made.push.leave_free, made.push.timeout_seconds)
    assert (False, True) == (made.sync.kinds.payment, made.sync.kinds.invoice)


def test_a_profile_may_have_its_own_mappings() -> None:
    """Top-level settings can be overridden too."""
    loaded = load('mappings = "a.toml"\n[profiles.eu]\nmappings = "b.toml"\n', profile="eu")

    assert Path.cwd() / "b.toml" == loaded.settings.mappings


def test_a_table_of_a_profile_replaces_only_what_it_names() -> None:
    """The rest of the table stays."""
    loaded = load("[sync.kinds]\npayment = false\n[profiles.eu.sync.kinds]\ninvoice = false\n", profile="eu")

    kinds = loaded.settings.sync.kinds
    assert (True, False, True, False) == (kinds.customer, kinds.invoice, kinds.credit_note, kinds.payment)


def test_variables_are_read_as_the_type_of_their_setting() -> None:
    """Variables are text; settings are not."""
    loaded = load(
        "",
        {
            "LAGO_NS_SYNC__KINDS__INVOICE": "false",
            "LAGO_NS_SYNC__SYNC_FROM": "2026-01-31",
            "LAGO_NS_PUSH__CONCURRENCY": "4",
            "LAGO_NS_PUSH__BATCH": "7",
            "LAGO_NS_ANNOUNCE__COMMAND": "notify --to 'the team'",
            "LAGO_NS_LEDGER__URL": "",
        },
    )

    assert loaded.settings.sync.kinds.invoice is False
    assert loaded.settings.sync.sync_from == date(2026, 1, 31)
    assert (4, 7) == (loaded.settings.push.concurrency, loaded.settings.push.batch)
    assert loaded.settings.announce.command == ("notify", "--to", "the team")


def test_relative_paths_start_at_the_folder_of_the_file(tmp_path: Path) -> None:
    """Cron runs in another folder than people do."""
    file = write('mappings = "m.toml"\n[ledger]\nurl = "sqlite:///data/l.db"\n', tmp_path / "etc" / "c.toml")

    settings = load_settings(file, None, {}).settings

    assert settings.mappings == tmp_path / "etc" / "m.toml"
    assert settings.ledger.url == f"sqlite:///{tmp_path / 'etc' / 'data' / 'l.db'}"


@pytest.mark.parametrize("url", ["sqlite:////var/lib/l.db", "sqlite://", "sqlite:///:memory:"])
def test_absolute_and_memory_ledgers_stay_as_written(url: str) -> None:
    """Only relative paths are resolved."""
    assert url == load(f'[ledger]\nurl = "{url}"\n').settings.ledger.url


def test_the_ledger_is_in_the_users_data_folder_by_default(tmp_path: Path) -> None:
    """Two runs from two folders find the same ledger."""
    assert load("").settings.ledger.url == f"sqlite:///{tmp_path / 'xdg_data_home' / 'lago-ns' / 'ledger.db'}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[netsuite\n", "lago-ns.toml:1: this is not valid TOML"),
        ("[push]\nbatch = 1\nbatch = 2\n", "lago-ns.toml:3: this is not valid TOML"),
        ("[push]\n\nbatch =", "lago-ns.toml:3: this is not valid TOML"),
        (
            "[netsuite]\nacount = 'x'\n",
            "lago-ns.toml:2: netsuite.acount is no setting; did you mean netsuite.account?",
        ),
        ("account = '1'\n", "lago-ns.toml:1: account is no setting; did you mean netsuite.account?"),
        ("[pusch]\nbatch = 1\n", "lago-ns.toml:1: pusch is no setting; did you mean push?"),
        ("[push]\nbatch = '10'\n", "lago-ns.toml:2: push.batch must be a whole number, without quotes"),
        ("[push]\nbatch = true\n", "lago-ns.toml:2: push.batch must be a whole number, without quotes"),
        ("[push]\nbatch = 0\n", "lago-ns.toml:2: push.batch must be 1 or more"),
        ("[push]\nconcurrency = 0\n", 'lago-ns.toml:2: push.concurrency must be "auto" or a whole number'),
        ("[sync]\nvoid_policy = 'x'\n", 'lago-ns.toml:2: sync.void_policy must be "hold" or "reverse"'),
        ("[sync]\nsync_from = 'soon'\n", "lago-ns.toml:2: sync.sync_from must be a date such as 2026-01-31"),
        ("[sync]\nkinds = ['invoice']\n", "lago-ns.toml:2: sync.kinds must be a table of settings"),
        ("sync = { kinds = { invoice = 1 } }\n", "lago-ns.toml:1: sync.kinds.invoice must be true or false"),
        ("[netsuite]\naccount = 1234567\n", "lago-ns.toml:2: netsuite.account must be text in quotes"),
        ("[netsuite]\naccount = 'a b'\n", "lago-ns.toml:2: netsuite.account must be an account id"),
        ("[lago]\nbase_url = 'api.getlago.com'\n", "lago-ns.toml:2: lago.base_url must be a URL"),
        (
            "[lago]\nbase_url = 'http://api.getlago.com'\n",
            "lago-ns.toml:2: lago.base_url must begin with https://",
        ),
        (
            "[lago]\nbase_url = 'https://x/api/v1'\n",
            "lago-ns.toml:2: lago.base_url must be the address alone",
        ),
        ("[ledger]\nurl = 'mysql://h/d'\n", "lago-ns.toml:2: ledger.url must be an SQLite file"),
        (
            "[announce]\ncommand = []\n",
            "lago-ns.toml:2: announce.command must be a program and its arguments",
        ),
        ("profiles = 1\n", "lago-ns.toml:1: profiles must be tables"),
    ],
)
def test_a_wrong_setting_names_file_line_key_and_fix(text: str, problem: str) -> None:
    """Each mistake that a person makes has its own sentence."""
    (found,) = problems(text)

    assert found.startswith(problem)


def test_a_wrong_setting_of_a_profile_is_named_within_its_table() -> None:
    """The key is the one that stands in the file."""
    (found,) = problems("\n[profiles.eu.push]\nbatch = 0\n", profile="eu")

    assert found == "lago-ns.toml:3: profiles.eu.push.batch must be 1 or more"


def test_one_bad_profile_does_not_stop_the_others() -> None:
    """Only the profile in use is checked."""
    loaded = load("[profiles.bad.push]\nbatch = 0\n[profiles.good]\n", profile="good")

    assert ("bad", "good") == loaded.profiles


def test_all_problems_come_at_once_in_the_order_of_lines() -> None:
    """Nobody mends a file one message at a time."""
    found = problems(
        "[push]\nbatch = 0\n[netsuite]\ntoken_secret = 'x'\n[lago]\nbase = 1\n", {"LAGO_NS_PUSH__BATCH": "no"}
    )

    assert ["LAGO_NS_PUSH__BATCH", "lago-ns.toml:2", "lago-ns.toml:4", "lago-ns.toml:6"] == [
        problem.split(": ")[0] for problem in found
    ]


@pytest.mark.parametrize(
    ("variable", "problem"),
    [
        ("LAGO_NS_NETSUITE__ACOUNT", "did you mean LAGO_NS_NETSUITE__ACCOUNT?"),
        ("LAGO_NS_LAGO__APIKEY", "did you mean LAGO_NS_LAGO__API_KEY?"),
        ("LAGO_NS_PUSH__BATCH", "must be a whole number"),
    ],
)
def test_a_wrong_variable_is_named(variable: str, problem: str) -> None:
    """A misspelt variable would silently change nothing; its value may be a secret."""
    (found,) = problems("", {variable: CANARY})

    assert found.startswith(f"{variable}: ")
    assert problem in found
    assert CANARY not in found


@pytest.mark.parametrize("name", [*SecretName])
def test_a_secret_in_a_file_is_refused_without_showing_it(name: SecretName) -> None:
    """The message says where the secret belongs."""
    system, _, key = name.value.partition(".")

    (found,) = problems(f'[{system}]\n{key} = "{CANARY}"\n')

    assert name.variable in found
    assert "lago-ns.toml:2" in found
    assert CANARY not in found


@pytest.mark.parametrize(
    "text",
    [
        f'[announce]\nwebhook_secret = "{CANARY}"\n',
        f'[profiles.eu.netsuite]\ntoken_id = "{CANARY}"\n',
        f'[netsuite]\nscript = """-----BEGIN PRIVATE KEY-----{CANARY}"""\n',
        f'[[logins]]\npassword = "{CANARY}"\n',
        f'[lago]\nbase_url = "https://user:{CANARY}@api.getlago.com"\n',
        f'[push]\nbatch = "{CANARY}"\n',
        f'[sync]\nvoid_policy = "{CANARY}"\n',
    ],
)
def test_no_message_repeats_a_value_of_the_file(text: str) -> None:
    """A secret may stand in any place."""
    found = problems(text)

    assert found
    assert CANARY not in "\n".join(found)


def test_a_file_that_others_can_write_is_a_warning() -> None:
    """Whoever changes the file decides where documents go."""
    file = write("")
    assert load_settings(file, None, {}).warnings == ()

    file.chmod(0o620)

    (warning,) = load_settings(file, None, {}).warnings
    assert f"chmod go-w {file}" in warning


def test_an_unknown_profile_is_named_with_what_there_is() -> None:
    """A typing mistake must not push with the settings of another profile."""
    with pytest.raises(ConfigError, match=r"no profile sandbx; did you mean sandbox\?"):
        load("[profiles.sandbox]\n", profile="sandbx")


def test_a_missing_account_is_asked_for_when_it_is_needed() -> None:
    """Commands that do not push work without one."""
    loaded = load("")

    with pytest.raises(ConfigError, match="names no NetSuite account"):
        _ = loaded.account


def test_a_file_in_another_encoding_is_named_with_its_line() -> None:
    """Editors still write Latin-1."""
    file = write("")
    file.write_bytes(b"# fine\n# caf\xe9\n")

    with pytest.raises(ConfigError, match=r"lago-ns\.toml:2: this is not UTF-8 text"):
        load_settings(file, None, {})


def test_a_file_with_a_byte_order_mark_loads() -> None:
    """Editors on Windows write one."""
    file = write("")
    file.write_bytes(b"\xef\xbb\xbf[push]\r\nbatch = 5\r\n")

    assert load_settings(file, None, {}).settings.push.batch == 5


def test_a_folder_in_place_of_the_file_is_no_traceback(tmp_path: Path) -> None:
    """Bad input is an error with a name."""
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path, None, {})


def test_settings_do_not_load_what_they_do_not_need() -> None:
    """Adapters with heavy libraries stay out."""
    check = (
        "import sys, lago_ns_cli.settings; "
        "print([m for m in ('sqlalchemy', 'alembic', 'keyring', 'httpx') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, check=True, cwd=_ROOT
    )

    assert done.stdout.strip() == "[]"


_ROOT = Path(__file__).parents[3]


def test_secrets_of_one_profile_are_no_settings() -> None:
    """Variables with its secrets are passed over; anything else of that form is a mistake that is named."""
    path = write("[profiles.eu.netsuite]\naccount = '1234567'\n")
    secret = {"LAGO_NS_PROFILES__EU__LAGO__API_KEY": CANARY}

    assert "1234567" == load_settings(path, "eu", secret).settings.netsuite.account
    with pytest.raises(ConfigError) as caught:
        load_settings(path, "eu", {"LAGO_NS_PROFILES__EU__LAGO__BASE_URL": "https://example.com"})
    assert "LAGO_NS_PROFILES__EU__LAGO__BASE_URL" in caught.value.problems[0]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ("default",)),
        ("[netsuite]\naccount = '1'\n[profiles.eu]\n", ("default", "eu")),
        ("[push]\nbatch = 5\n[profiles.eu]\n[profiles.us]\n", ("eu", "us")),
        ("[netsuite]\naccount = '1'\n[profiles.default]\n", ("default",)),
    ],
)
def test_the_profiles_of_a_file_are_named(text: str, names: tuple[str, ...]) -> None:
    """What stands above them is one of its own only where it has an account."""
    assert names == profile_names(write(text), {})
