"""What NetSuite itself says to a bad call, and what the program makes of it for a person."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from lago_ns_cli.cli.logins import open_stored_login
from lago_ns_cli.netsuite import wire
from lago_ns_cli.simulator.world import ACCOUNT_ID, DEPLOYMENT_ID, SCRIPT_ID
from tests.cli.conftest import Place
from tests.cli.terminal import Result, check_golden, no_traceback

PING = json.dumps({"contract": 1, "operation": "ping"}).encode()


def signed(
    place: Place,
    *,
    script: str = SCRIPT_ID,
    secret: str | None = None,
    age_seconds: int = 0,
    at: float | None = None,
    nonce: str | None = None,
    content_type: str = "application/json",
    body: bytes = PING,
) -> httpx.Response:
    """Call the RESTlet with a signature of our own making, without the program."""
    url = f"{place.server.url}/app/site/hosting/restlet.nl"
    tba = place.server.credentials.tba
    oauth = {
        "oauth_consumer_key": tba.consumer_key,
        "oauth_nonce": nonce or hashlib.sha256(str(time.perf_counter_ns()).encode()).hexdigest()[:24],
        "oauth_signature_method": "HMAC-SHA256",
        "oauth_timestamp": str(int(time.time() if at is None else at) - age_seconds),
        "oauth_token": tba.token_id,
        "oauth_version": "1.0",
    }
    query = {"deploy": DEPLOYMENT_ID, "script": script}
    pairs = "&".join(
        f"{quote(name, '')}={quote(value, '')}" for name, value in sorted({**oauth, **query}.items())
    )
    base = "&".join(quote(part, "") for part in ("POST", url, pairs))
    key = f"{quote(tba.consumer_secret, '')}&{quote(secret or tba.token_secret, '')}"
    digest = hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()
    oauth["oauth_signature"] = base64.b64encode(digest).decode()
    header = f'OAuth realm="{ACCOUNT_ID}", ' + ", ".join(
        f'{name}="{quote(value, "")}"' for name, value in oauth.items()
    )
    return httpx.post(
        url,
        params=query,
        content=body,
        headers={"authorization": header, "content-type": content_type, "accept": "application/json"},
    )


def ask(place: Place) -> Result:
    """A command that calls NetSuite and nobody else."""
    return place.run("fetch-catalog", "--side", "netsuite")


def stale(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time
    _set_clock(monkeypatch, lambda: now() - 3600)


def _set_clock(monkeypatch: pytest.MonkeyPatch, clock: Callable[[], float]) -> None:
    """Let the program sign by another clock than the machine's."""
    monkeypatch.setattr(
        open_stored_login, "__kwdefaults__", {**(open_stored_login.__kwdefaults__ or {}), "by": clock}
    )


def wrong_secret(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.environment["LAGO_NS_NETSUITE__TOKEN_SECRET"] = "a-wrong-secret"


def fixed_nonce(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    nonce = hashlib.sha256(str(place.folder).encode()).hexdigest()[:32]
    now = time.time()
    monkeypatch.setattr("lago_ns_cli.netsuite.auth.secrets.token_hex", lambda _: nonce)
    # A nonce counts within its second, so time has to stand still for it.
    _set_clock(monkeypatch, lambda: now)


def other_script(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.environment["LAGO_NS_NETSUITE__SCRIPT"] = "customscript_nobody"


def other_content_type(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lago_ns_cli.netsuite.client._HEADERS", {"content-type": "application/xml"})


def no_json(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lago_ns_cli.netsuite.wire.encode_request", lambda *_: b"{never closed")


def other_operation(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    encode = wire.encode_request
    monkeypatch.setattr(
        "lago_ns_cli.netsuite.wire.encode_request", lambda _, said: encode("frobnicate", said)
    )


Arrange = Callable[[Place, pytest.MonkeyPatch], None]


@pytest.mark.parametrize(
    ("name", "arrange", "code"),
    [
        ("wrong-signature", wrong_secret, 3),
        ("stale-timestamp", stale, 3),
        ("repeated-nonce", fixed_nonce, 3),
        ("unknown-script", other_script, 2),
        ("wrong-content-type", other_content_type, 2),
        ("no-json", no_json, 2),
        ("unknown-operation", other_operation, 2),
    ],
)
def test_a_refusal_is_told_with_a_hint(
    place: Place, monkeypatch: pytest.MonkeyPatch, name: str, arrange: Arrange, code: int
) -> None:
    """NetSuite's own words, what to do next, the right exit code; never a traceback."""
    arrange(place, monkeypatch)

    result = ask(place)

    assert no_traceback(result)
    assert code == result.code
    assert "NetSuite answered " in result.err
    assert "\nhint: " in result.err
    check_golden(f"refusals/{name}.txt", result.err.replace(f" --config {place.config}", ""))


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        pytest.param({"secret": "wrong"}, 401, "INVALID_LOGIN_ATTEMPT", id="wrong signature"),
        pytest.param({"age_seconds": 3600}, 401, "INVALID_LOGIN_ATTEMPT", id="stale timestamp"),
        pytest.param({"script": "customscript_nobody"}, 400, "SSS_INVALID_SCRIPTLET_ID", id="unknown script"),
        pytest.param({"content_type": "application/xml"}, 415, "INVALID_CONTENT_TYPE", id="content type"),
        pytest.param({"body": b"{never closed"}, 400, None, id="no JSON"),
        pytest.param(
            {"body": b'{"contract": 1, "operation": "frobnicate"}'},
            400,
            "LAGO_UNKNOWN_OPERATION",
            id="unknown operation",
        ),
    ],
)
def test_the_simulator_answers_as_netsuite_does(
    place: Place, arguments: dict[str, str], status: int, code: str | None
) -> None:
    """Status and code of the raw answer."""
    answer = signed(place, **arguments)  # type: ignore[arg-type]

    assert status == answer.status_code
    if code is not None:
        assert code in answer.text


def test_a_nonce_counts_once(place: Place) -> None:
    """The same nonce of the same second is refused the second time."""
    now, nonce = time.time(), hashlib.sha256(str(place.folder).encode()).hexdigest()[:20]

    first, second = signed(place, nonce=nonce, at=now), signed(place, nonce=nonce, at=now)

    assert (200, 401) == (first.status_code, second.status_code)


def test_a_missing_credential_names_its_variable(place: Place) -> None:
    """Without keyring the way out is the variable."""
    del place.environment["LAGO_NS_NETSUITE__TOKEN_ID"]

    result = ask(place)

    assert 2 == result.code
    assert "LAGO_NS_NETSUITE__TOKEN_ID" in result.err


def test_a_wrong_lago_key_is_told_with_a_hint(place: Place) -> None:
    """Lago's refusal has its own words and way out."""
    place.environment["LAGO_NS_LAGO__API_KEY"] = "a-wrong-key"

    result = place.run("sync", "all")

    assert (3, True) == (result.code, no_traceback(result))
    assert "a-wrong-key" not in result.out + result.err
    assert "Lago" in result.err
    assert "hint: " in result.err


def test_the_limited_role_is_told_what_it_lacks(fresh: Place) -> None:
    """A role without permissions ends in a named permission, never in a second record."""
    limited = fresh.server.credentials.tba_limited
    fresh.environment |= dict(limited.environment())

    result = fresh.run("sync", "customer")

    assert no_traceback(result)
    assert result.code in (1, 3)
    assert "ermission" in result.out + result.err


@pytest.mark.parametrize("side", ["lago", "netsuite"])
def test_a_side_that_cannot_be_reached_is_named(
    place: Place, monkeypatch: pytest.MonkeyPatch, side: str
) -> None:
    """Exit code 4, the system and what to check."""
    monkeypatch.setattr("lago_ns_cli.retries.RetryPolicy.delay_seconds", lambda *_: 0.0)
    place.environment[f"LAGO_NS_{side.upper()}__BASE_URL"] = "http://127.0.0.1:1"

    result = place.run("fetch-catalog", "--side", side)

    assert 4 == result.code
    assert "cannot be reached at 127.0.0.1" in result.err
    assert "hint: " in result.err


def test_secrets_reach_neither_screen_nor_log(place: Place, tmp_path: Path) -> None:
    """Not even in the most detailed log of a refused login."""
    place.environment["LAGO_NS_NETSUITE__TOKEN_SECRET"] = "a-wrong-secret-of-ours"
    log = tmp_path / "log.jsonl"

    result = place.run("-v", "-v", "--log-file", log, "fetch-catalog")

    told = result.out + result.err + log.read_text("utf-8")
    assert 3 == result.code
    assert [] == [value for value in place.environment.values() if value in told]
