"""``fetch-catalog``, ``config show``, ``restlet export`` and ``simulator serve``."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.conftest import Place
from tests.cli.terminal import run


def test_a_fetch_tells_what_changed_since_the_last(fresh: Place) -> None:
    """First fetch, no change, and a change that a person made in NetSuite."""
    first = fresh.run("fetch-catalog")
    second = fresh.run("fetch-catalog", "--json")
    fresh.control("netsuite/admin", {"action": "deactivate", "type": "item", "id": "507"})
    third = fresh.run("fetch-catalog", "--side", "netsuite")

    assert [0, 0, 0] == [first.code, second.code, third.code]
    assert "lago\tplans\t2\t" in first.lines
    assert any(line.startswith("netsuite\titems\t") for line in first.lines)
    assert first.lines[-1].startswith("summary: netsuite: ")
    assert first.lines[-1].endswith(", first fetch")
    assert [0, 0] == [event["changes"] for event in second.events if event["event"] == "summary"]
    assert "507 Onboarding" in third.out
    assert third.lines[-1].endswith("1 changes")


def test_the_lock_is_written_and_drift_from_it_is_told(fresh: Place, tmp_path: Path) -> None:
    """Exit 0 while nothing changed, 1 with how it did; the lock itself stays as it is."""
    lock = tmp_path / "schema.lock.json"
    written = fresh.run("fetch-catalog", "--lock", lock)
    content = lock.read_text("utf-8")
    same = fresh.run("fetch-catalog", "--lock", lock, "--check")
    fresh.control("netsuite/admin", {"action": "deactivate", "type": "item", "id": "507"})
    drifted = fresh.run("fetch-catalog", "--lock", lock, "--check")
    as_json = fresh.run("fetch-catalog", "--lock", lock, "--check", "--json", "--side", "netsuite")

    assert [0, 0, 1, 1] == [written.code, same.code, drifted.code, as_json.code]
    assert "summary: no differences from the lock" == same.lines[-1]
    assert "drift   changed netsuite items 507 Onboarding (inactive now)" in drifted.lines
    [event] = [event for event in as_json.events if event["event"] == "drift"]
    assert ("items", "507", "inactive now") == (event["section"], event["id"], event["how"])
    assert content == lock.read_text("utf-8")
    assert [line for line in content.splitlines() if '"507"' in line and "Onboarding" in line]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "There is no"),
        ("{", "cannot be read as a lock"),
        ('{"version": 1, "account": "9"}', "is a lock of"),
    ],
)
def test_a_lock_that_cannot_be_checked_against_is_named(
    place: Place, tmp_path: Path, content: str | None, said: str
) -> None:
    """Missing, damaged, or of another account: exit 2, with what to do."""
    lock = tmp_path / "schema.lock.json"
    if content is not None:
        lock.write_text(content)

    result = place.run("fetch-catalog", "--side", "lago", "--check", "--lock", lock)

    assert 2 == result.code
    assert said in result.err
    assert "hint: " in result.err


def test_lagos_objects_are_stored_in_netsuite_once(fresh: Place) -> None:
    """A dry run stores nothing, the second push writes nothing, and one side alone is refused."""
    planned = fresh.run("fetch-catalog", "--push", "--dry-run")
    first = fresh.run("fetch-catalog", "--push")
    second = fresh.run("fetch-catalog", "--push", "--json")

    assert [0, 0, 0] == [planned.code, first.code, second.code]
    count = sum(line.startswith("store ") for line in planned.lines)
    assert (
        f"summary: Lago objects in NetSuite: would be {count} store, 0 retire, 0 unchanged"
        == planned.lines[-1]
    )
    assert f"summary: Lago objects in NetSuite: {count} created" in first.lines[-1]
    nothing = dict.fromkeys(("created", "updated", "deactivated", "refused", "found", "waiting", "left"), 0)
    assert {**nothing, "unchanged": count} == second.events[-1]["stored"]
    assert 2 == fresh.run("fetch-catalog", "--push", "--side", "lago").code
    assert 2 == fresh.run("fetch-catalog", "--dry-run").code


def test_settings_are_shown_with_their_origin(place: Place) -> None:
    """File and line, variable or default; what a variable overrides is named; no secret."""
    place.environment["LAGO_NS_PUSH__BATCH"] = "7"
    place.environment["LAGO_NS_PUSH__QUARANTINE_SECONDS"] = "11"

    table, as_json = place.run("config", "show"), place.run("config", "show", "--json")

    rows = {event["key"]: event for event in as_json.events if event["event"] == "setting"}
    assert (0, 0) == (table.code, as_json.code)
    assert "setting\tvalue\tfrom\tshadows" == table.lines[0]
    assert 7 == rows["push.batch"]["value"]
    assert "LAGO_NS_PUSH__BATCH" in rows["push.batch"]["where"]
    assert f"{place.config}:" in rows["netsuite.account"]["where"]
    assert [3] == [lost["value"] for lost in rows["push.quarantine_seconds"]["shadowed"]]
    assert "default" == rows["sync.void_policy"]["where"]
    secrets = [value for name, value in place.environment.items() if "PUSH" not in name]
    assert [] == [value for value in secrets if value in table.out + as_json.out]


def test_the_project_is_exported_ready_to_deploy(tmp_path: Path) -> None:
    """Script, objects, role, manifest and deploy file; the deployed script is the shipped one."""
    target = tmp_path / "project"

    result = run("restlet", "export", target)

    assert 0 == result.code
    assert sorted(str(path) for path in target.rglob("*") if path.is_file()) == sorted(result.lines)
    assert "suitecloud project:deploy" in result.err
    for name in ("src/manifest.xml", "src/deploy.xml"):
        ET.parse(target / name)
    assert list(target.glob("src/Objects/customrole_*.xml"))
    assert list(target.glob("src/FileCabinet/SuiteScripts/lago/lago_service.js"))


def test_an_export_does_not_overwrite_unasked(tmp_path: Path) -> None:
    """A folder with something in it is refused; ``--force`` writes into it."""
    (tmp_path / "notes.txt").write_text("mine", "utf-8")

    refused, forced = run("restlet", "export", tmp_path), run("restlet", "export", tmp_path, "--force")

    assert (2, 0) == (refused.code, forced.code)
    assert "hint: " in refused.err
    assert "mine" == (tmp_path / "notes.txt").read_text("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="sources an env file in a POSIX shell")
def test_what_the_simulator_writes_works_as_it_stands(tmp_path: Path) -> None:
    """Serve in one process; source ``env`` and sync in another; end by a signal, all with exit code 0."""
    program = str(Path(sys.executable).with_name("lago-ns"))
    serve = [
        program,
        "simulator",
        "serve",
        "--port",
        "0",
        "--invoices",
        "5",
        "--customers",
        "2",
        "--write-config",
        "try",
    ]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    with subprocess.Popen(
        serve, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        ready = json.loads(server.stdout.readline())
        line = f"set -a; . try/env; {program} --config try/lago-ns.toml sync all"
        synced = subprocess.run(
            ["sh", "-c", line], cwd=tmp_path, env=environment, capture_output=True, timeout=60, check=False
        )
        server.send_signal(signal.SIGTERM)
        code = server.wait(timeout=20)
        said = server.stderr.read().decode()

    assert "  set -a; . try/env; set +a\n  lago-ns --config try/lago-ns.toml sync all --dry-run\n" in said
    assert "notice" not in said
    assert {"event", "url", "control_token"} == ready.keys()
    assert ("ready", True) == (ready["event"], ready["url"].startswith("http://127.0.0.1:"))
    assert (0, b"") == (synced.returncode, synced.stderr)
    assert b"need attention" in synced.stdout
    assert 0 == code


def test_a_new_account_beside_an_old_ledger_is_told(tmp_path: Path) -> None:
    """Started again, the account is empty and the ledger is not: no sync would write anything."""
    (tmp_path / "try").mkdir()
    (tmp_path / "try" / "ledger.db").touch()
    program = str(Path(sys.executable).with_name("lago-ns"))
    serve = [program, "simulator", "serve", "--port", "0", "--invoices", "1", "--write-config", "try"]
    with subprocess.Popen(serve, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        assert server.stdout is not None
        server.stdout.readline()
        server.send_signal(signal.SIGTERM)
        said = server.communicate(timeout=20)[1].decode()

    assert "notice: try/ledger.db tells of records that this new, empty account does not have.\n" in said
    assert "hint: rm try/ledger.db*, or keep the account too: --state try/netsuite.db\n" in said


def test_a_simulator_that_cannot_start_says_why(tmp_path: Path) -> None:
    """An address beyond this machine, and a fault plan that is none."""
    plan = tmp_path / "faults.toml"
    plan.write_text("[[fault]]\nkind = 'nonsense'\n", "utf-8")

    beyond = run("simulator", "serve", "--host", "192.0.2.1", "--port", "0")
    faulty = run("simulator", "serve", "--port", "0", "--faults", plan)

    assert [2, 2] == [beyond.code, faulty.code]
    for result in (beyond, faulty):
        assert "error: " in result.err
        assert "Traceback" not in result.err


def test_a_trail_without_the_document_says_so(place: Place) -> None:
    """An empty list would read as if nothing had ever happened to the document."""
    told = place.run("audit", "list", "NOPE")

    assert (2, "") == (told.code, told.out)
    assert told.err.startswith("error: The audit trail has no entry of NOPE.\nhint: ")
