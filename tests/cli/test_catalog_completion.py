"""Completion of Lago's codes and NetSuite's ids, from what ``fetch-catalog`` left behind."""

import stat
from pathlib import Path

import pytest

from lago_ns_cli.cli.catalog_index import index_file, index_text, indexed
from lago_ns_cli.cli.quick import answer
from tests.cli.conftest import Place


@pytest.fixture
def fetched(place: Place, tmp_path: Path) -> Place:
    """A place whose catalogs were fetched, with a cache folder of its own."""
    place.environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    assert 0 == place.run("fetch-catalog").code
    return place


def offers(place: Place, line: str, shell: str = "fish", **environment: str) -> list[str]:
    """Ask as a shell's script does; the last word is the one that is looked for."""
    words = line.replace("lago-ns", f"lago-ns --config {place.config}", 1)
    asked = {
        "_LAGO_NS_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": words,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - (0 if words.endswith(" ") else 1)),
        **place.environment,
        **environment,
    }
    answered = answer([], asked)
    assert answered is not None
    return [offer for offer in answered[0].splitlines() if offer]


CASES = [
    ("lago-ns map set item add_on:s", ["add_on:seats\tSeats", "add_on:setup\tSetup"]),
    ("lago-ns map unset item plan:", ["plan:enterprise_yearly\tEnterprise", "plan:pro_monthly\tPro"]),
    ("lago-ns map set item commitment:pro", ["commitment:pro_monthly\tPro"]),
    (
        "lago-ns map set item add_on:setup --to 48",
        ["481\tLAGO Default", "482\tLAGO Subscription", "483\tLAGO Minimum commitment"],
    ),
    ("lago-ns map set item add_on:setup --to=onboard", ["507\tOnboarding"]),
    (
        "lago-ns map set item add_on:setup --billing-entity acme-",
        ["acme-eu\tAcme Europe", "acme-us\tAcme US"],
    ),
    ("lago-ns map set tax us_nyc --tax-code 14", ["14\tNYC sales tax"]),
    ("lago-ns map set tax us_nyc --nexus ", ["1\tNew York", "2\tGermany", "3\tJapan"]),
    ("lago-ns map set subsidiary acme-e", ["acme-eu\tAcme Europe"]),
    ("lago-ns map set currency E", ["EUR"]),
    ("lago-ns map set currency EUR --to euro", ["4\tEUR Euro"]),
    ("lago-ns map set terms 30 --to net", ["2\tNet 15", "3\tNet 30", "4\tNet 60"]),
    ("lago-ns sync invoice --billing-entity acme-u", ["acme-us\tAcme US"]),
    ("lago-ns map set item x --to retired", []),
    ("lago-ns map set item x y", []),
    ("lago-ns map set item x --note ", []),
]


@pytest.mark.parametrize(("line", "expected"), CASES, ids=[line for line, _ in CASES])
def test_codes_and_ids_are_offered_with_their_names(fetched: Place, line: str, expected: list[str]) -> None:
    """By how they begin or, failing that, by a word of their names; nothing that is inactive."""
    assert expected == sorted(offers(fetched, line))


def test_bash_gets_what_stands_behind_its_colon(fetched: Place) -> None:
    """Bash takes a word apart at colons; several ids are shown with their names, one is inserted plain."""
    assert ["seats", "setup"] == sorted(offers(fetched, "lago-ns map set item add_on : s", "bash"))
    assert "setup" in offers(fetched, "lago-ns map set item add_on :", "bash")
    assert ["500  API calls", "501  Input tokens"] == offers(
        fetched, "lago-ns map set item add_on : setup --to 50", "bash"
    )[:2]
    assert ["506"] == offers(fetched, "lago-ns map set item add_on : setup --to setup", "bash")


def test_nothing_is_offered_before_a_fetch_or_for_another_profile(fetched: Place, tmp_path: Path) -> None:
    """Each configuration and profile has its own."""
    line = "lago-ns map set item add_on:s"

    assert [] == offers(fetched, line, LAGO_NS_PROFILE="other")
    assert [] == offers(fetched, line.replace("lago-ns", "lago-ns --profile other", 1))
    assert [] == offers(fetched, line, XDG_CACHE_HOME=str(tmp_path / "nowhere"))
    assert [] != offers(fetched, line)


def test_the_index_is_private_and_follows_the_catalog(fetched: Place, tmp_path: Path) -> None:
    """0600 in 0700, written anew by each fetch, of both sides even where one was fetched."""
    [path] = (tmp_path / "cache" / "lago-ns" / "completion").iterdir()

    assert (0o600, 0o700) == (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode))
    path.unlink()
    fetched.run("fetch-catalog", "--side", "lago")
    assert {"object", "items"} <= {line.split("\t")[0] for line in path.read_text("utf-8").splitlines()}


def test_names_cannot_say_anything_to_a_shell() -> None:
    """zsh evaluates what it is offered, and names come from other people."""
    text = index_text(
        [
            ("items", "1", "x\\\" $(touch a) `b` ; <(c) 'd' \x1b[31m\u202e e\tf\ng"),
            ("items", "$(a)", "left out"),
            ("items", "a b", "left out"),
            ("items", "", "left out"),
        ]
    )

    assert "items\t1\tx (touch a) b (c) d 31m e f g\n" == text


def test_a_damaged_index_offers_nothing(tmp_path: Path) -> None:
    """And no traceback lands on the line that somebody types."""
    path = tmp_path / "index.tsv"
    path.write_bytes(b"items\t1\n\xff\xfe")

    assert [] == indexed(str(path), "items", "")


def test_the_configuration_is_named_as_the_program_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``--config``, the variable, ./lago-ns.toml, the user's own; the profile likewise."""
    monkeypatch.chdir(tmp_path)
    environment = {"XDG_CACHE_HOME": "/cache"}
    own = index_file(None, None, environment)
    (tmp_path / "lago-ns.toml").touch()
    here = index_file(None, None, environment)

    assert own != here
    assert here == index_file("lago-ns.toml", None, environment)
    assert here == index_file(str(tmp_path / "lago-ns.toml"), "default", environment)
    assert here == index_file(None, None, {**environment, "LAGO_NS_CONFIG": "lago-ns.toml"})
    assert here != index_file(None, "other", environment)
    assert index_file(None, "other", environment) == index_file(
        None, None, {**environment, "LAGO_NS_PROFILE": "other"}
    )
