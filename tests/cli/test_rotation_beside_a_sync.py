"""``auth rotate`` beside a sync, as two processes with one keyring: nothing lost, nothing twice, no attempt burned."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from lago_ns_cli.simulator.server import ServeOptions, running_server
from tests.cli.conftest import Place, place_at
from tests.cli.keyrings import FILE_VARIABLE
from tests.cli.terminal import Result
from tests.cli.test_signals import Started

RECORDS = ("customer", "invoice", "creditmemo", "customerpayment")


@pytest.fixture
def logged_in(tmp_path: Path) -> Iterator[Place]:
    """A place before an account of its own, whose secrets are in a keyring that processes share."""
    folder = tmp_path / "place"
    folder.mkdir()
    with running_server(ServeOptions(port=0, invoices=12, customers=4)) as running:
        place = place_at(folder, running)
        place.environment = {
            "PYTHON_KEYRING_BACKEND": "tests.cli.keyrings.SharedKeyring",
            FILE_VARIABLE: str(tmp_path / "keyring.json"),
            "PYTHONPATH": str(Path(__file__).parent.parent.parent),
            "LAGO_NS_PUSH__BATCH": "3",
        }
        tba = running.credentials.tba
        given = {"token_id": tba.token_id, "token_secret": tba.token_secret}
        assert (
            0 == place.run("auth", "login", "netsuite", "--secrets-from", "-", stdin=lines(place, given)).code
        )
        key = running.credentials.lago_api_key.encode()
        assert 0 == place.run("auth", "login", "lago", stdin=key).code
        yield place


def lines(place: Place, token: dict[str, str]) -> bytes:
    """A token login, as lines of secrets."""
    tba = place.server.credentials.tba
    login = {"consumer_key": tba.consumer_key, "consumer_secret": tba.consumer_secret, **token}
    return "".join(f"{name}={value}\n" for name, value in login.items()).encode()


def rotate(place: Place) -> Result:
    """Make another token in NetSuite and exchange the login, in a process of its own."""
    token = place.control("netsuite/tokens", {})
    return place.process("auth", "rotate", "netsuite", "--secrets-from", "-", stdin=lines(place, token))


def revoke(place: Place) -> None:
    """Take the first token back."""
    place.control("netsuite/tokens/revoke", {"token_id": place.server.credentials.tba.token_id})


def keys(place: Place) -> list[str]:
    """What NetSuite holds of ours."""
    found = [
        row.get("externalid") for kind in RECORDS for row in place.control(f"netsuite/records?type={kind}")
    ]
    return sorted(str(key) for key in found if key)


def attempts(place: Place) -> tuple[int, int]:
    """How many attempts were burned, and how many entries are open or in doubt."""
    with sqlite3.connect(next(place.folder.rglob("*.db"))) as ledger:
        burned, unsettled = ledger.execute(
            "SELECT sum(attempts), sum(state NOT IN ('posted', 'skipped')) FROM entries"
        ).fetchone()
    return burned, unsettled


def refusals(place: Place) -> list[str]:
    return [row["reason"] for row in place.control("netsuite/login-audit") if row["status"] == "Failure"]


@pytest.mark.parametrize("revoked", ["after", "before"])
def test_a_sync_goes_on_with_the_login_that_another_process_puts_in_place(
    logged_in: Place, revoked: str
) -> None:
    """The old token ends after the exchange, or before it, so that the run has to pause for the new one."""
    place = logged_in
    place.control("faults", {"fault": [{"kind": "slow", "operation": "push", "seconds": 0.4}]})
    sync = Started(place, "sync", "all", "--json")
    sync.wait_for_the_push()

    if revoked == "before":
        revoke(place)
    rotated = rotate(place)
    revoke(place)
    code, out, err = sync.end()

    place.control("faults", {"fault": []})
    saves = place.control("stats")["saves"]
    again = place.run("sync", "all", "--json")
    assert 0 == rotated.code, rotated.err
    assert "Traceback" not in err
    assert again.code == code, out + err
    assert 0 == again.events[-1]["writes"]
    assert saves == place.control("stats")["saves"]
    assert len(set(keys(place))) == len(keys(place)) > 12
    assert (0, 0) == attempts(place)
    assert "temporary_locked" not in refusals(place)
    assert len(refusals(place)) <= 8
    assert ["auth rotate"] == [
        one["entry"]["detail"]
        for one in place.run("audit", "list", "--event", "command", "--json").events[:-1]
    ]
