"""Shell completion: the shipped files are what the program writes, and they complete."""

import importlib
import os
from pathlib import Path

import pytest

from lago_ns_cli.cli import completing
from lago_ns_cli.cli import outline as written
from tests.cli.outlining import outline
from tests.cli.terminal import UPDATE, process

COMPLETIONS = Path(__file__).parent.parent.parent / "completions"
OUTLINE = Path(written.__file__)
FILES = {"bash": "lago-ns.bash", "zsh": "_lago-ns", "fish": "lago-ns.fish"}


def test_the_outline_is_up_to_date() -> None:
    """To renew it: ``LAGO_NS_UPDATE_GOLDEN=1`` and the tests of this folder."""
    fresh = outline()
    if UPDATE in os.environ:
        OUTLINE.write_text(fresh, "utf-8")
        for module in (written, completing):
            importlib.reload(module)

    assert OUTLINE.read_text("utf-8") == fresh


@pytest.mark.parametrize(("shell", "name"), FILES.items())
def test_a_shipped_completion_is_up_to_date(shell: str, name: str) -> None:
    """To renew one: ``_LAGO_NS_COMPLETE=source_bash lago-ns > completions/lago-ns.bash``, and so on."""
    fresh = process(environment={"_LAGO_NS_COMPLETE": f"source_{shell}"}, program=True)

    assert 0 == fresh.code
    assert (COMPLETIONS / name).read_text("utf-8") == fresh.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("lago-ns sy", {"sync"}),
        ("lago-ns sync in", {"invoice"}),
        ("lago-ns sync invoice --max", {"--max-changes"}),
        ("lago-ns simulator serve --tax-regime ", {"suitetax", "legacy"}),
    ],
)
def test_bash_completes(words: str, expected: set[str]) -> None:
    """Commands, options and their values are offered."""
    environment = {
        "_LAGO_NS_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }

    result = process(environment=environment, program=True)

    assert expected <= set(result.lines)
