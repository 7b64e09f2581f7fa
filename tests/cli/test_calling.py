"""Commands that are named work when they are pasted."""

import shlex

import pytest

from lago_ns_cli.cli.calling import as_called
from tests.cli.conftest import SAMPLE, Place


@pytest.mark.parametrize(
    ("arguments", "text", "called"),
    [
        ([], "lago-ns status", "lago-ns status"),
        (["-q", "sync", "--profile", "x"], "lago-ns status", "lago-ns status"),
        (["--profile", "eu", "sync"], "run `lago-ns init`", "run `lago-ns --profile eu init`"),
        (["--profile=eu", "-v", "sync"], "lago-ns status", "lago-ns --profile eu status"),
        (["--log-file", "x", "--profile", "eu"], "lago-ns status", "lago-ns --profile eu status"),
        (["--config", "a b\\1.toml"], "lago-ns status", "lago-ns --config 'a b\\1.toml' status"),
        (
            ["--profile", "eu"],
            "lago-ns map check; lago-ns sync all",
            "lago-ns --profile eu map check; lago-ns --profile eu sync all",
        ),
        (["--profile", "eu"], "/x/lago-ns.toml of lago-ns itself", "/x/lago-ns.toml of lago-ns itself"),
        (["--profile"], "lago-ns status", "lago-ns --profile '' status"),
    ],
)
def test_a_named_command_is_for_the_same_file_and_profile(
    arguments: list[str], text: str, called: str
) -> None:
    """What stands behind the command is not of all commands, and prose is left alone."""
    assert called == as_called(text, arguments)


def test_the_hint_of_a_held_document_mends_it(place: Place) -> None:
    """Pasted as it stands, with an id, it writes to the mappings of the file that was given."""
    kept = [
        row
        for row in place.mappings.read_text("utf-8").split("\n\n")
        if "billable_metric:api_calls" not in row
    ]
    place.write("mappings.toml", "\n\n".join(kept).replace('item = "481"\n', "", 1))

    told = place.run("sync", "invoice", "--from", SAMPLE, "--dry-run")
    hint = next(line for line in told.out.splitlines() if "hint: " in line).split("hint: ")[1]
    mended = place.run(*shlex.split(hint.replace("<internal id>", "500"))[3:])

    assert hint.startswith(f"lago-ns --config {place.config} map set item billable_metric:api_calls --to ")
    assert 0 == mended.code
    assert 'lago = "billable_metric:api_calls"\nitem = "500"' in place.mappings.read_text("utf-8")
