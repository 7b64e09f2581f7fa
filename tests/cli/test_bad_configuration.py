"""Configuration and mappings that are missing or malformed: file, line and fix."""

import pytest

from tests.cli.conftest import Place
from tests.cli.terminal import no_traceback, run


@pytest.mark.parametrize(
    ("content", "line", "word"),
    [
        pytest.param('[lago\nbase_url = "x"\n', 1, "not valid TOML", id="no TOML"),
        pytest.param("[lago]\nbase_url = http\n", 2, "not valid TOML", id="no quotes"),
        pytest.param('[lago]\nbase_url = "x"\nbase_url = "y"\n', 3, "not valid TOML", id="a key twice"),
        pytest.param("\n\n[push]\nbatsh = 5\n", 4, "did you mean push.batch", id="a misspelt key"),
        pytest.param('[push]\nbatch = "many"\n', 2, "push.batch", id="a text for a number"),
        pytest.param('[netsuite]\naccount = "1"\nauth = "magic"\n', 3, "netsuite.auth", id="no such choice"),
    ],
)
def test_a_malformed_configuration_names_file_line_and_fix(
    place: Place, content: str, line: int, word: str
) -> None:
    """Exit code 2 and ``file:line``, before anything is called."""
    place.write("lago-ns.toml", content)

    result = place.run("sync", "all")

    assert no_traceback(result)
    assert 2 == result.code
    assert f"{place.config}:{line}: " in result.err
    assert word in result.err


def test_a_missing_configuration_says_how_to_get_one(place: Place) -> None:
    """The file that was looked for, and the next command."""
    result = run("--config", place.folder / "nowhere.toml", "sync", "all")

    assert 2 == result.code
    assert f"There is no file {place.folder / 'nowhere.toml'}." in result.err
    assert f"hint: run `lago-ns --config {place.folder / 'nowhere.toml'} init`" in result.err


@pytest.mark.parametrize(
    ("content", "line", "word"),
    [
        pytest.param("version = 1\n[defaults\n", 2, "TOML", id="no TOML"),
        pytest.param(
            'version = 1\n[[items]]\nlago = "nonsense"\nitem = "5"\n', 3, "billable_metric", id="no object"
        ),
        pytest.param('version = 1\n[[items]]\nlago = "add_on:a"\n', 2, "item", id="no item"),
        pytest.param("version = 1\n[currencies]\nUSD = 1\n", 3, "USD", id="a number for a text"),
        pytest.param('version = 1\n[[itemz]]\nlago = "add_on:a"\n', 2, "itemz", id="a misspelt table"),
        pytest.param("version = 2\n", 1, "version", id="another version"),
    ],
)
@pytest.mark.parametrize("command", [("sync", "all"), ("map", "show"), ("map", "seed")], ids=" ".join)
def test_malformed_mappings_name_file_line_and_fix(
    place: Place, command: tuple[str, ...], content: str, line: int, word: str
) -> None:
    """Whatever command reads them; and the file stays as it is."""
    place.write("mappings.toml", content)

    result = place.run(*command)

    assert no_traceback(result)
    assert 2 == result.code
    assert f"{place.mappings}:{line}: " in result.err
    assert word in result.err
    assert content == place.mappings.read_text("utf-8")


def test_missing_mappings_name_the_next_command(place: Place) -> None:
    """Nothing can be translated without them."""
    place.mappings.unlink()

    result = place.run("sync", "all")

    assert 2 == result.code
    assert str(place.mappings) in result.err
    assert "hint: " in result.err
    assert f"lago-ns --config {place.config} map seed" in result.err


def test_all_problems_of_a_file_are_told_at_once(place: Place) -> None:
    """One round of mending is enough."""
    place.write("lago-ns.toml", '[lagoo]\nbase_url = "x"\n[push]\nbatch = "many"\n')

    result = place.run("config", "show")

    assert f"{place.config}:1: " in result.err
    assert f"{place.config}:4: " in result.err


@pytest.mark.parametrize(
    "arguments", [("frobnicate",), ("sync", "frobnicate"), ("sync", "invoice", "--since", "yesterday")]
)
def test_a_wrong_command_line_is_explained(place: Place, arguments: tuple[str, ...]) -> None:
    """Exit code 2, and where help is."""
    result = place.run(*arguments)

    assert 2 == result.code
    assert "Try 'lago-ns" in result.err


def test_a_forgotten_variable_is_named_first(place: Place) -> None:
    """In a new terminal the variables are gone; that there is no keyring either is the lesser news."""
    del place.environment["LAGO_NS_LAGO__API_KEY"]

    told = place.run("sync", "all", "--dry-run")

    assert 2 == told.code
    assert told.err.startswith("error: LAGO_NS_LAGO__API_KEY is not set, and there is no keyring")
    assert "\nhint: set LAGO_NS_LAGO__API_KEY, or install or unlock the keyring" in told.err
