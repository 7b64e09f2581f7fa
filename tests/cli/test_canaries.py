"""No credential shows anywhere: not on the streams, in logs, in the ledger, in the trail, nor in the process list."""

import os
import subprocess
import sys
import time
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from lago_ns_cli.netsuite.certificate import KeyKind, make_key_pair
from tests.cli.conftest import Place
from tests.cli.terminal import Result
from tests.integration.test_logins_mid_run import AT

ANNOUNCEMENT = "canary-of-the-announcements-5d1c"
EVERYWHERE = (
    ("auth", "status"),
    ("auth", "status", "--json"),
    ("config", "show"),
    ("profile", "list"),
    ("doctor",),
    ("doctor", "--json"),
    ("fetch-catalog",),
    ("sync", "all", "--dry-run", "--json"),
    ("sync", "all"),
    ("status", "--json"),
    ("audit", "list"),
    ("audit", "export", "--output", "trail.jsonl"),
    ("map", "show"),
)


def canaries(place: Place) -> list[str]:
    """Every credential the place knows; of a key in PEM each line of its body."""
    credentials = place.server.credentials
    tba = credentials.tba
    known = [credentials.lago_api_key, tba.consumer_key, tba.consumer_secret, tba.token_id, tba.token_secret]
    known += [credentials.client_id, ANNOUNCEMENT]
    for name in ("LAGO_NS_NETSUITE__CERTIFICATE_ID", "LAGO_NS_NETSUITE__PRIVATE_KEY"):
        value = place.environment.get(name, "").replace("\\n", "\n")
        known += [line for line in value.splitlines() if line and not line.startswith("-----")]
    return known


@pytest.fixture
def tokens(place: Place) -> Place:
    """A place that logs in with tokens."""
    place.environment["LAGO_NS_ANNOUNCE__SECRET"] = ANNOUNCEMENT
    return place


@pytest.fixture
def certificate(place: Place) -> Place:
    """A place that logs in with a certificate."""
    pair = make_key_pair("canary", KeyKind.EC, AT)
    ids = place.control("netsuite/certificates", {"certificate": pair.certificate})
    place.environment = {
        "LAGO_NS_LAGO__API_KEY": place.server.credentials.lago_api_key,
        "LAGO_NS_NETSUITE__AUTH": "oauth2",
        "LAGO_NS_NETSUITE__CLIENT_ID": ids["client_id"],
        "LAGO_NS_NETSUITE__CERTIFICATE_ID": ids["certificate_id"],
        "LAGO_NS_NETSUITE__PRIVATE_KEY": pair.private_key.reveal().replace("\n", "\\n"),
        "LAGO_NS_ANNOUNCE__SECRET": ANNOUNCEMENT,
    }
    return place


def files_under(folder: Path) -> Iterable[tuple[str, str]]:
    """Every file of a folder, as text; compressed contents of the ledger are looked into as well."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            yield path.name, content.decode("latin-1")
            for packed in _packed(content) if path.name.startswith("ledger") else ():
                yield f"{path.name} (unpacked)", packed.decode("latin-1")


def _packed(content: bytes) -> Iterator[bytes]:
    """What zlib or gzip packed somewhere in a file."""
    for magic in (b"\x78\x9c", b"\x78\xda", b"\x1f\x8b"):
        start = content.find(magic)
        while start >= 0:
            try:
                yield zlib.decompressobj(wbits=47).decompress(content[start:])
            except zlib.error:
                pass
            start = content.find(magic, start + 1)


def found_in(place: Place, results: Iterable[Result]) -> list[str]:
    """Name each place in which a canary, or an access token, is to be seen."""
    texts = [(f"run {number}", result.out + result.err) for number, result in enumerate(results)]
    texts += files_under(place.folder)
    looked_for = [*canaries(place), "Bearer ", "oauth_signature", "client_assertion"]
    return [f"{name}: {canary[:12]}" for name, text in texts for canary in looked_for if canary in text]


@pytest.mark.parametrize("login", ["tokens", "certificate"])
def test_no_command_shows_a_credential(login: str, request: pytest.FixtureRequest) -> None:
    """At -vv, with a log file, whatever is looked at; the ledger's packed contents included."""
    place: Place = request.getfixturevalue(login)
    place.write("lago-ns.toml", place.config.read_text("utf-8") + '\n[announce]\ncommand = ["true"]\n')
    log = place.folder / "log.jsonl"
    trail = place.folder / "trail.jsonl"

    results = [
        place.run("-vv", "--log-file", log, *(trail if word == trail.name else word for word in words))
        for words in EVERYWHERE
    ]

    codes = dict(zip(EVERYWHERE, (result.code for result in results), strict=True))
    assert {} == {
        words: code for words, code in codes.items() if code not in (0, 1) and "doctor" not in words
    }
    assert trail.exists()
    assert any("HTTP 200" in result.err for result in results)
    assert "HTTP 200" in log.read_text("utf-8")
    assert [] == found_in(place, results)


@pytest.mark.parametrize("login", ["tokens", "certificate"])
@pytest.mark.parametrize(
    "where",
    ["lago_ns_cli.netsuite.client.NetSuiteClient.ping", "lago_ns_cli.lago.client.LagoClient.organization"],
)
def test_a_crash_shows_no_credential(
    login: str, where: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of ours that has every secret in its message and in its cause, at -vv and in the log."""
    place: Place = request.getfixturevalue(login)
    told = " and ".join(canary for canary in canaries(place) if canary in _in_use(place))

    async def crash(*_: object, **__: object) -> None:
        try:
            raise KeyError(told)
        except KeyError as error:
            raise ZeroDivisionError(f"planted: {told}") from error

    monkeypatch.setattr(where, crash)
    log = place.folder / "log.jsonl"
    results = [place.run("-vv", "--log-file", log, "sync", "all")]

    assert 70 == results[0].code
    assert "ZeroDivisionError" in log.read_text("utf-8")
    assert "planted: ********" in log.read_text("utf-8")
    assert [] == found_in(place, results)


def _in_use(place: Place) -> str:
    """What a run of this place reads; the rest it cannot know, and so cannot mask."""
    return " ".join(
        value.replace("\\n", "\n") for name, value in place.environment.items() if "ANNOUNCE" not in name
    )


def test_a_refused_login_shows_nothing_of_what_was_tried(place: Place) -> None:
    """Neither when it is given, nor when what is stored no longer works."""
    place.environment = {"PYTHON_KEYRING_BACKEND": "tests.cli.keyrings.MemoryKeyring"}
    tried = {
        name: f"canary-{name}-that-is-wrong"
        for name in ("consumer_key", "consumer_secret", "token_id", "token_secret")
    }
    lines = "".join(f"{name}={value}\n" for name, value in tried.items()).encode()
    log = place.folder / "log.jsonl"

    refused = place.run(
        "-vv", "--log-file", log, "auth", "login", "netsuite", "--secrets-from", "-", stdin=lines
    )
    stored = place.run(
        "-vv",
        "--log-file",
        log,
        "auth",
        "login",
        "netsuite",
        "--no-check",
        "--secrets-from",
        "-",
        stdin=lines,
    )
    used = place.run("-vv", "--log-file", log, "fetch-catalog", "--side", "netsuite")

    assert (3, 0, 3) == (refused.code, stored.code, used.code)
    texts = [result.out + result.err for result in (refused, stored, used)]
    texts += [text for _, text in files_under(place.folder)]
    assert [] == [value for value in tried.values() for text in texts if value in text]


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="there is no /proc here")
def test_the_process_list_shows_no_credential(tokens: Place) -> None:
    """Neither the command nor a process that it starts has one among its arguments, as long as it runs."""
    child = subprocess.Popen(
        [sys.executable, "-m", "lago_ns_cli", "--config", str(tokens.config), "sync", "all", "--dry-run"],
        env={**os.environ, "NO_COLOR": "1", **tokens.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    seen: set[str] = set()
    while child.poll() is None:
        seen |= {line for pid in _family(child.pid) for line in [_command_line(pid)] if line}
        time.sleep(0.02)

    assert any("lago_ns_cli" in line for line in seen)
    assert [] == [line for line in seen for canary in canaries(tokens) if canary in line]


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return
    for child in children:
        yield from _family(int(child))


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("latin-1").replace("\0", " ")
    except OSError:
        return ""


def test_the_search_finds_what_is_there(tokens: Place) -> None:
    """The checks above can fail: a canary in a file, packed or not, and on a stream is found."""
    key = tokens.server.credentials.lago_api_key
    tokens.write("ledger.db", b"rows " + zlib.compress(key.encode()) + b" rows")
    tokens.write("plain.txt", key)

    found = found_in(tokens, [Result(0, key, "")])

    assert ["run 0", "ledger.db (unpacked)", "plain.txt"] == [one.split(":")[0] for one in found]
