"""``doctor`` and ``restlet status`` as their user sees them: on a terminal, in a pipe, as JSON; the exit codes."""

import json
import os
import re
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest

from lago_ns_cli.simulator.server import ServeOptions, running_server
from tests.cli.conftest import Place, place_at
from tests.cli.terminal import check_golden, no_traceback
from tests.cli.test_signals import Started

DEFAULT_QUARANTINE = "quarantine_seconds = 3"


@pytest.fixture
def sound(place: Place) -> Place:
    """A set-up without a complaint."""
    text = place.config.read_text("utf-8")
    assert DEFAULT_QUARANTINE in text
    place.config.write_text(text.replace(DEFAULT_QUARANTINE, "quarantine_seconds = 960"), "utf-8")
    return place


def steady(text: str, place: Place) -> str:
    """What differs from run to run, replaced: folders, ports and months."""
    text = text.replace(str(place.folder), "~/books").replace(place.server.url, "http://127.0.0.1:8321")
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8321", text)
    return re.sub(r"[A-Z][a-z]{2} 20\d\d is open", "Aug 2026 is open", text)


def test_a_sound_set_up_ends_with_0(sound: Place) -> None:
    """In a pipe: a line a check, the summary last, nothing on stderr."""
    result = sound.run("doctor")

    assert (0, "") == (result.code, result.err)
    assert {"ok", "skipped"} == {line.split("\t")[0] for line in result.lines[:-1]}
    assert re.fullmatch(r"summary: \d+ checks: \d+ ok, 0 warnings, 0 failures, \d+ skipped", result.lines[-1])


def test_json_gives_each_check_an_object(sound: Place) -> None:
    """With a summary that adds up."""
    sound.config.chmod(0o664)
    *checks, summary = sound.run("doctor", "--json").events

    levels = Counter(check["level"] for check in checks)
    assert {"event", "check", "title", "level", "why", "fix", "concern"} == {
        key for check in checks for key in check
    }
    assert {
        "event": "summary",
        "ok": levels["ok"],
        "warnings": 1,
        "failures": 0,
        "skipped": levels["skipped"],
    } == summary
    assert len({check["check"] for check in checks}) == len(checks)


def test_a_terminal_of_80_columns_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole screen: groups, cause and fix folded under each other, no colour."""
    monkeypatch.setattr("shutil.get_terminal_size", lambda *_: os.terminal_size((80, 24)))
    # Where the folder's name is long, so are lines, for a path is not cut.
    with (
        tempfile.TemporaryDirectory(dir="/tmp") as name,
        running_server(ServeOptions(port=0, invoices=12, customers=4)) as server,
    ):
        place = place_at(Path(name), server)
        place.config.chmod(0o664)
        place.environment |= dict(server.credentials.tba_limited.environment())

        short, long = place.run("doctor", terminal=True), place.run("-v", "doctor", terminal=True)

        assert max(map(len, [*short.lines, *long.lines])) <= 80
        assert "\x1b" not in short.out + long.out
        check_golden("doctor-terminal.txt", steady(short.out, place))
        check_golden("doctor-terminal-verbose.txt", steady(long.out, place))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({}, 0, id="sound"),
        pytest.param({"LAGO_NS_PUSH__TIMEOUT_SECONDS": "60"}, 1, id="warning"),
        pytest.param({"LAGO_NS_NETSUITE__SCRIPT": "customscript_nobody"}, 2, id="set-up"),
        pytest.param({"LAGO_NS_NETSUITE__TOKEN_SECRET": "wrong"}, 3, id="access"),
        pytest.param({"LAGO_NS_LAGO__BASE_URL": "http://127.0.0.1:1"}, 4, id="reach"),
        pytest.param({"LAGO_NS_LAGO__BASE_URL": "http://127.0.0.1:1", "LAGO_NS_NETSUITE__TOKEN_SECRET": "wrong"}, 3, id="access before reach"),
        pytest.param({"LAGO_NS_LAGO__API_KEY": "wrong", "LAGO_NS_NETSUITE__SCRIPT": "customscript_nobody"}, 2, id="set-up before access"),
    ],
)  # fmt: skip
def test_the_exit_code_tells_the_worst_kind(sound: Place, change: dict[str, str], code: int) -> None:
    """2 before 3 before 4 before 1."""
    sound.environment |= change

    result = sound.run("doctor")

    assert (code, True) == (result.code, no_traceback(result))


def test_nothing_is_left_behind(sound: Place) -> None:
    """Looking makes no ledger and no file."""
    before = sorted(sound.folder.iterdir())

    sound.run("doctor")

    assert before == sorted(sound.folder.iterdir())


def test_no_secret_is_told(sound: Place, tmp_path: Path) -> None:
    """Not in the most detailed log of a set-up where all logins fail."""
    for name in list(sound.environment):
        sound.environment[name] = f"canary-{name.lower().replace('_', '-')}"
    log = tmp_path / "log.jsonl"

    result = sound.run("-v", "-v", "--log-file", log, "doctor", "--json")

    told = result.out + result.err + log.read_text("utf-8")
    assert 3 == result.code
    assert [] == [value for value in sound.environment.values() if value in told]


def test_a_probe_asks_first(place: Place) -> None:
    """Where nobody can answer, the option that answers is named, and nothing is written."""
    result = place.run("doctor", "--probe")

    assert (2, "") == (result.code, result.out)
    assert "hint: Add --yes." in result.err
    assert not (place.folder / "ledger.db").exists()


def test_a_probe_that_may_not_delete_is_told_as_a_finding(place: Place) -> None:
    """And the checks are made all the same."""
    result = place.run("doctor", "--probe", "--yes", "--json")

    first, *_, summary = result.events
    assert ("probe.keys", "failure", "setup") == (first["check"], first["level"], first["concern"])
    assert summary["ok"] > 30


def grant_deletion(place: Place) -> None:
    for permission in ("LIST_CUSTJOB", "TRAN_CUSTINVC"):
        action = {"action": "set_permission", "role": "1001", "permission": permission, "level": "FULL"}
        place.control("netsuite/admin", action)


def test_a_proof_lets_the_quarantine_be_zero(tmp_path: Path) -> None:
    """Before it, sync refuses; after it, sync and doctor are content. What one account proved is not another's."""
    folder = tmp_path / "place"
    folder.mkdir()
    with running_server(ServeOptions(port=0, invoices=2, customers=1)) as running:
        place = place_at(folder, running)
        place.environment["LAGO_NS_PUSH__QUARANTINE_SECONDS"] = "0"
        grant_deletion(place)

        refused = place.run("sync", "customer")
        probed = place.run("doctor", "--probe", "--yes")
        synced = place.run("sync", "customer")

    assert (2, 0, 0) == (refused.code, probed.code, synced.code)
    assert "is not proven: it was never probed" in refused.err
    assert "hint: Remove the setting (960 is the default), or prove it: lago-ns --config " in refused.err
    assert refused.err.endswith(f"{place.config} doctor --probe\n")
    assert (
        probed.lines[0] == "ok\tprobe.keys\t1234567_SB1 refuses them; quarantine_seconds may be short, even 0"
    )
    assert probed.lines[1] == "ok\tprobe.records\ttaken away again"


def test_fixes_are_named_and_the_checks_see_them(sound: Place) -> None:
    """Mended first, then checked."""
    sound.config.chmod(0o666)

    result = sound.run("doctor", "--fix")

    assert 0 == result.code
    assert f"fixed: others may no longer change {sound.config}" == result.lines[0]
    assert {"event": "fix", "check": "config.permissions", "error": None} == fix_event(sound)


def fix_event(place: Place) -> dict[str, object]:
    place.config.chmod(0o666)
    event = place.run("doctor", "--fix", "--json").events[0]
    assert "others may no longer change" in event.pop("what")
    return event


def test_restlet_status_tells_what_is_deployed(sound: Place) -> None:
    """Who answers, and whether anything lacks."""
    result = sound.run("restlet", "status")

    assert (0, "") == (result.code, result.err)
    assert "script version\t1.2.0" in result.lines
    assert "missing permissions\tnone" in result.lines
    assert "summary: script 1.2.0 in 1234567_SB1; 0 missing" == result.lines[-1]


def test_restlet_status_ends_with_the_kind_of_what_lacks(sound: Place) -> None:
    """A permission is 3; the JSON names each."""
    sound.environment |= dict(sound.server.credentials.tba_limited.environment())

    result = sound.run("restlet", "status", "--json")

    (event,) = result.events
    assert 3 == result.code
    assert "Transactions > Credit Memo (Edit)" in event["missing_permissions"]
    assert event == json.loads(result.out)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_probe_clears_up_before_it_ends(tmp_path: Path, number: signal.Signals) -> None:
    """A real process, a real signal, in the middle of the trial: nothing of it stays in the account."""
    folder = tmp_path / "place"
    folder.mkdir()
    with running_server(ServeOptions(port=0, invoices=0, customers=1)) as running:
        place = place_at(folder, running)
        grant_deletion(place)
        place.control("faults", {"fault": [{"kind": "slow", "operation": "probe", "seconds": 0.4}]})
        started = Started(place, "doctor", "--probe", "--yes")
        until = time.monotonic() + 30
        while place.control("stats")["operations"].get("probe", 0) < 3:  # cleared, customers, now invoices
            assert started.process.poll() is None, started.process.communicate()
            assert time.monotonic() < until
            time.sleep(0.02)
        started.process.send_signal(number)
        code, _, err = started.end()
        left = [
            record["externalid"]
            for kind in ("customer", "invoice")
            for record in place.control(f"netsuite/records?type={kind}")
            if str(record["externalid"]).startswith("lago:probe:")
        ]

    assert (130, []) == (code, left)
    assert "stopping: the trial records are taken away first" in err
