"""What is printed cannot harm a terminal, a pipe or a program that reads it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from lago_ns_cli.cli.render import clean, write_json
from tests.cli.conftest import SAMPLE, Place
from tests.cli.terminal import run

EVIL = "x\x1b[31mred\x1b]0;title\x07\x9b2J [bold]markup[/bold] \u202eesrever\u2066 \x7f\x00\r\n\u2028end"
HARMFUL = [chr(code) for code in (*range(32), *range(0x7F, 0xA0), *range(0x202A, 0x202F), 0x2066, 0x2028)]


def evil_document(number: str) -> bytes:
    document: dict[str, Any] = json.loads(SAMPLE.read_text("utf-8"))
    document["invoice"] |= {"lago_id": "00000041-0000-4000-8000-000000000041", "number": number}
    document["invoice"]["customer"] |= {
        "lago_id": "000000e1-0000-4000-8000-0000000000e1",
        "external_id": EVIL,
        "name": EVIL,
        "integration_customers": [],
    }
    return json.dumps(document).encode()


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("dry_run", [True, False])
def test_names_from_data_cannot_steer_a_terminal(place: Place, terminal: bool, dry_run: bool) -> None:
    """Escape sequences, control and direction characters are dropped; markup is plain text."""
    path = place.write("evil.json", evil_document(f"N{EVIL}"))
    arguments = ["sync", "invoice", "--from", str(path), *(["--dry-run"] if dry_run else [])]

    result = place.run(*arguments, terminal=terminal)

    printed = result.out.replace("\n", "")
    assert [] == [char for char in HARMFUL if char in printed]
    assert "[bold]markup[/bold]" in printed
    assert result.code in (0, 1)


def test_json_keeps_names_escaped(place: Place) -> None:
    """A program gets the data exactly; the bytes are printable ASCII, one object a line."""
    path = place.write("evil.json", evil_document("N-1"))

    result = place.run("sync", "invoice", "--from", path, "--dry-run", "--json")

    assert result.out.replace("\n", "").isascii()
    assert result.out.replace("\n", "").isprintable()
    assert EVIL in {event.get("number") for event in result.events}


@pytest.mark.parametrize("char", HARMFUL, ids=lambda char: f"U+{ord(char):04X}")
def test_clean_lets_no_harmful_character_through(char: str) -> None:
    """Each is dropped, or becomes a space where it parted words."""
    assert clean(f"a{char}b") in ("ab", "a b")


def test_clean_keeps_letters_of_all_scripts() -> None:
    """Names stay names."""
    names = "Zoë Müller 株式会社 עברית ₿ 🙂"

    assert names == clean(names)


def test_errors_are_cleaned_too(place: Place) -> None:
    """A file name or a setting with an escape sequence reaches stderr without it."""
    result = place.run("sync", "invoice", "--from", "no\x1b[31m.json")

    assert 2 == result.code
    assert "\x1b" not in result.err


def test_tables_in_a_pipe_are_tab_separated(place: Place) -> None:
    """The same number of columns in every row, and no drawing."""
    result = place.run("map", "show")

    assert {4} == {line.count("\t") for line in result.lines}
    assert "─" not in result.out


def test_tables_on_a_terminal_are_drawn(place: Place) -> None:
    """A person gets aligned columns, and with NO_COLOR no colour."""
    result = place.run("map", "show", terminal=True)

    assert "\t" not in result.out
    assert "\x1b[3" not in result.out
    assert "…" not in result.out
    assert "custcol_" in result.out


def test_progress_is_for_terminals_only(place: Place) -> None:
    """In a pipe stderr stays empty; on a terminal a live line; with ``-q`` none."""
    piped = place.run("sync", "all", "--dry-run")
    live = place.run("sync", "all", "--dry-run", terminal=True)
    quiet = place.run("-q", "sync", "all", "--dry-run", terminal=True)

    assert ("", "") == (piped.err, quiet.err)
    assert "documents" in live.err


@pytest.mark.skipif(os.name == "nt", reason="pipes of a POSIX shell")
@pytest.mark.parametrize("flag", ["", "--json"])
def test_a_reader_that_leaves_loses_nothing(fresh: Place, flag: str) -> None:
    """``| head -1``: no traceback, and every document is carried to its end all the same."""
    command = f"'{sys.executable}' -m lago_ns_cli --config '{fresh.config}' sync all {flag} | head -1"
    ended = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        env={"PATH": os.environ["PATH"], **fresh.environment},
        capture_output=True,
        timeout=60,
        check=False,
    )
    again = fresh.run("sync", "all", "--json").events[-1]

    assert (0, b"") == (ended.returncode, ended.stderr)
    assert 1 == len(ended.stdout.splitlines())
    assert (0, 0) == (again["writes"], again["needs_attention"])


def test_a_terminal_that_lacks_a_letter_is_no_reason_to_stop(place: Place) -> None:
    """With an ASCII stdout, signs it lacks are written as escapes."""
    place.environment |= {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}

    result = place.process("sync", "all")

    assert 0 == result.code
    assert result.out.isascii()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_ends_in_words(fresh: Place) -> None:
    """Exit code 130, a sentence, no traceback; the same command then goes on."""
    fresh.control("netsuite/limits", {"latency_ms": 3000})
    arguments = [sys.executable, "-m", "lago_ns_cli", "--config", str(fresh.config), "sync", "customer"]
    with subprocess.Popen(
        arguments,
        env={"PATH": os.environ["PATH"], **fresh.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        while not fresh.control("stats")["calls_in_flight"] and running.poll() is None:
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=20)
    fresh.control("netsuite/limits", {"latency_ms": 0})

    assert 130 == running.returncode
    assert "interrupted: run the same command again" in told
    assert "Traceback" not in told
    assert fresh.run("sync", "customer").code in (0, 1)


def test_a_bug_of_ours_is_told_as_such(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 70, where it happened, and how to get the details; the log then has them."""

    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr("lago_ns_cli.cli.wiring.load_mappings", crash)
    log = place.folder / "log.jsonl"

    bare, logged = place.run("map", "show"), place.run("--log-file", log, "map", "show")

    assert (70, 70) == (bare.code, logged.code)
    assert "This is a bug of lago-ns." in bare.err
    assert "run again with --log-file FILE" in bare.err
    assert "Traceback" not in bare.err + logged.err
    assert str(log) in logged.err
    assert "ZeroDivisionError" in log.read_text("utf-8")
    assert all(json.loads(line) for line in log.read_text("utf-8").splitlines())


def test_no_event_loop_is_left_open() -> None:
    """A run closes what it opened, so that another can follow in the same process."""
    assert 0 == run("--version").code
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()


@pytest.mark.skipif(os.name == "nt", reason="descriptors of a POSIX shell")
@pytest.mark.parametrize(("closed", "code"), [("<&-", 0), (">&-", 0), ("2>&-", 0), ("<&- >&- 2>&-", 0)])
def test_closed_streams_are_no_bug(place: Place, closed: str, code: int) -> None:
    """As some supervisors start their jobs: the run works, and its ledger gets no line that was meant for a screen."""
    shell = f'exec {sys.executable} -m lago_ns_cli --config "{place.config}" status {closed}'

    ended = subprocess.run(["/bin/sh", "-c", shell], capture_output=True, env=dict(os.environ), timeout=30)

    assert (code, b"") == (ended.returncode, ended.stderr)
    assert 0 == place.run("status").code


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_is_told_and_no_bug(place: Place) -> None:
    """Output that finds no room ends with the reason and a hint, not with a bug of the program."""
    shell = f'exec {sys.executable} -m lago_ns_cli --config "{place.config}" errors > /dev/full'

    ended = subprocess.run(["/bin/sh", "-c", shell], capture_output=True, text=True, timeout=30)

    assert 2 == ended.returncode
    assert "error: The output cannot be written: No space left on device.\nhint: " in ended.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_file_that_finds_no_room_is_not_called_written() -> None:
    """What goes to a file of its own fails where it was opened."""
    with (
        pytest.raises(OSError, match="space"),
        Path("/dev/full").open("w", encoding="utf-8", buffering=1) as stream,
    ):
        write_json({"event": "entry"}, stream)
