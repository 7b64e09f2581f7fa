"""Several profiles in one file: listed, kept apart, and run one after the other."""

import pytest

from lago_ns_cli.domain.accounts import environment_of
from tests.cli.conftest import Place
from tests.cli.terminal import no_traceback

PROFILES = """
[profiles.bad.lago]
base_url = "http://127.0.0.1:1"

[profiles.eu]
mappings = "mappings.toml"
"""


@pytest.fixture
def several(place: Place) -> Place:
    """Three profiles of one ledger: the default one, one whose Lago is not there, and one more."""
    place.write("lago-ns.toml", place.config.read_text("utf-8") + PROFILES)
    secrets = {name.removeprefix("LAGO_NS_"): value for name, value in place.environment.items()}
    place.environment = {
        f"LAGO_NS_PROFILES__{profile}__{name}": value
        for profile in ("DEFAULT", "BAD", "EU")
        for name, value in secrets.items()
    }
    return place


@pytest.mark.parametrize(
    ("account", "environment"),
    [
        ("1234567", "production"),
        ("1234567_SB1", "sandbox"),
        ("1234567-sb12", "sandbox"),
        ("1234567_RP", "release preview"),
        ("TSTDRV1234567", "test drive"),
    ],
)
def test_an_account_tells_what_kind_it_is(account: str, environment: str) -> None:
    """By its spelling, in either form."""
    assert environment == environment_of(account)


def test_profiles_are_listed_with_what_belongs_to_them(several: Place) -> None:
    """Nothing is called: the profile whose Lago is not there looks like the others."""
    del several.environment["LAGO_NS_PROFILES__EU__LAGO__API_KEY"]
    several.run("--profile", "default", "fetch-catalog")
    several.run("sync", "customer")

    result = several.run("profile", "list", "--json")

    rows = {row["name"]: row for row in result.events[:-1]}
    assert 0 == result.code
    assert ["default", "bad", "eu"] == list(rows)
    assert {"1234567_SB1"} == {row["account"] for row in rows.values()}
    assert {"simulator"} == {row["environment"] for row in rows.values()}
    assert "127.0.0.1:1" == rows["bad"]["lago_host"]
    assert ["present", "present", "missing: lago.api_key"] == [row["secrets"] for row in rows.values()]
    assert [True, False, False] == [row["last_run"] is not None for row in rows.values()]
    assert str(several.folder / "ledger.db") == rows["eu"]["ledger"]


def test_on_a_terminal_each_profile_is_a_block(place: Place) -> None:
    """A table of seven columns would be folded beyond recognition at 80."""
    result = place.run("profile", "list", terminal=True)

    assert "default" == result.lines[0]
    assert "  account      1234567_SB1" in result.lines
    assert "  environment  simulator" in result.lines


def test_a_profile_with_a_problem_is_listed_with_it(place: Place) -> None:
    """And the exit code is that of the problem."""
    place.write(
        "lago-ns.toml", place.config.read_text("utf-8") + "[profiles.eu.netsuite]\naccount = 'no account!'\n"
    )

    result = place.run("profile", "list")

    assert 2 == result.code
    assert no_traceback(result)
    assert "default\t127.0.0.1:" in result.out
    assert "error: profile eu: " in result.err


def test_two_profiles_of_one_ledger_see_nothing_of_each_other(several: Place) -> None:
    """Entries and catalogs are apart, though both stand in one file."""
    several.run("fetch-catalog")
    posted = several.run("sync", "all")

    mine, other = several.run("status", "--json"), several.run("--profile", "eu", "status", "--json")
    check = several.run("--profile", "eu", "map", "check")

    assert posted.code in (0, 1)
    assert 0 < mine.events[-1]["documents"]
    assert 0 == other.events[-1]["documents"]
    assert 2 == check.code
    assert "was never fetched" in check.err


def test_a_profile_cannot_read_the_secrets_of_another(place: Place) -> None:
    """A sandbox's profile has no way to production's entries, of either system."""
    place.write("lago-ns.toml", place.config.read_text("utf-8") + "[profiles.sandbox]\n")
    lines = (place.server.directory / "env").read_bytes()
    place.environment = {"PYTHON_KEYRING_BACKEND": "tests.cli.keyrings.MemoryKeyring"}

    login = place.run("auth", "login", "--secrets-from", "-", stdin=lines)
    other = place.run("--profile", "sandbox", "fetch-catalog")
    status = place.run("--profile", "sandbox", "auth", "status")

    assert (0, 2, 1) == (login.code, other.code, status.code)
    assert "Profile sandbox has no Lago api key" in other.err
    assert 5 == status.out.count("\tmissing ")


def test_one_bad_profile_does_not_stop_the_others(several: Place) -> None:
    """Each has a summary of its own; the gravest exit code counts."""
    result = several.run("sync", "all", "--all-profiles", "--json")

    summaries = [event for event in result.events if event["event"] == "summary"]
    ends = result.events[-1]["profiles"]
    assert 4 == result.code == result.events[-1]["exit_code"]
    assert 4 == ends["bad"]
    assert {ends["default"], ends["eu"]} <= {0, 1}
    assert ["default", "bad", "eu"] == [event["profile"] for event in summaries[:-1]]
    assert [True, False, True] == [event["complete"] for event in summaries[:-1]]
    assert {"default", "eu"} == {event["profile"] for event in result.events if event["event"] == "result"}


def test_the_end_of_each_profile_is_told_in_words(several: Place) -> None:
    """The last line is fit for grep."""
    several.write("mappings.toml", "what is this")

    result = several.run("sync", "all", "--all-profiles")

    assert 2 == result.code
    assert (
        "summary: 3 profiles: default not configured, bad not configured, eu not configured"
        == result.lines[-1]
    )
    assert ["profile default", "profile bad", "profile eu"] == [
        line for line in result.err.splitlines() if line.startswith("profile ")
    ]


def test_a_bug_in_one_profile_does_not_stop_the_others(
    several: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """70 goes before all but an interruption."""
    from lago_ns_cli.cli import running

    run = running.run_events

    def failing(options, *arguments, **named):  # type: ignore[no-untyped-def]
        if options.profile == "bad":
            raise ZeroDivisionError
        run(options, *arguments, **named)

    monkeypatch.setattr(running, "run_events", failing)
    result = several.run("sync", "all", "--all-profiles", "--json")

    assert 70 == result.code
    assert {"default", "bad", "eu"} == set(result.events[-1]["profiles"])
    assert 70 == result.events[-1]["profiles"]["bad"]


@pytest.mark.parametrize(
    "variable", ["LAGO_NS_LAGO__API_KEY", "LAGO_NS_NETSUITE__ACCOUNT", "LAGO_NS_MAPPINGS"]
)
def test_a_variable_that_would_serve_every_profile_is_refused(several: Place, variable: str) -> None:
    """One organization's key would carry its documents into every account."""
    several.environment[variable] = "1234567"

    result = several.run("sync", "all", "--all-profiles")

    assert 2 == result.code
    assert f"{variable} would serve each of the 3 profiles." in result.err
    assert "LAGO_NS_PROFILES__EU__LAGO__API_KEY" in result.err


def test_one_profile_and_all_of_them_do_not_go_together(several: Place) -> None:
    """What is meant cannot be guessed."""
    assert 2 == several.run("--profile", "eu", "sync", "all", "--all-profiles").code
