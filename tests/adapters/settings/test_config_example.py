"""``config.example.toml`` teaches the settings, so it must be true."""

import re
import tomllib
from pathlib import Path

from lago_ns_cli.settings import Settings, load_settings
from lago_ns_cli.settings.models import setting_keys

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"


def flat(table: dict[str, object], prefix: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = value
    return found


def uncommented() -> str:
    return re.sub(r"^# (?=[a-z_]+ = |\[)", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_the_example_loads() -> None:
    """It is a working configuration as it stands."""
    loaded = load_settings(EXAMPLE, None, {})

    assert EXAMPLE.parent / "mappings.toml" == loaded.settings.mappings


def test_the_example_names_every_setting_and_no_other() -> None:
    """A setting that is not in it will not be found by anyone."""
    named = flat(tomllib.loads(uncommented()))

    assert set(setting_keys()) == {name for name in named if not name.startswith("profiles.")}


def test_what_the_example_sets_is_the_default() -> None:
    """Copying the file changes nothing."""
    said = flat(tomllib.loads(EXAMPLE.read_text(encoding="utf-8")))
    defaults = flat(Settings().model_dump(mode="json"))

    assert said == {name: defaults[name] for name in said}


def test_what_the_example_leaves_out_has_no_default_of_its_own() -> None:
    """Only settings that are off, or that depend on the machine, stand as comments."""
    said = flat(tomllib.loads(EXAMPLE.read_text(encoding="utf-8")))
    defaults = flat(Settings().model_dump(mode="json"))

    assert {name for name in defaults if name not in said and defaults[name] is not None} == {"ledger.url"}


def test_the_settings_that_stand_as_comments_are_valid(tmp_path: Path) -> None:
    """Taking the comment sign away gives a working file, profile included."""
    file = tmp_path / "all.toml"
    file.write_text(uncommented(), encoding="utf-8")

    loaded = load_settings(file, "sandbox", {})

    assert loaded.account == "1234567_SB2"
    assert loaded.settings.announce.command == ("/usr/local/bin/notify-finance", "--quiet")
