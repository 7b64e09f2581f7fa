"""What must hold whatever a command does; ``tests/SECURITY_CHECKS.md`` lists every check and its tests."""

import ast
import io
import json
import logging
import os
import re
import socket
import ssl
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

import lago_ns_cli
from lago_ns_cli.cli.globals import Globals
from lago_ns_cli.cli.logs import set_up_logging
from lago_ns_cli.netsuite.certificate import KeyKind, make_key_pair
from lago_ns_cli.redaction import RedactSecrets
from tests.cli import commands
from tests.cli.conftest import Place
from tests.cli.terminal import run
from tests.cli.test_init_command import MAPPED, Newcomer

PACKAGE = Path(lago_ns_cli.__file__).parent
TABLE = Path(__file__).parent.parent / "SECURITY_CHECKS.md"
CHECKS = [*range(1, 7), *range(9, 17)]
ROW = re.compile(r"^\| (\d+) \|[^|]*\| `(tests/[\w/]+\.py)::(test_\w+)` \|$", re.MULTILINE)


@pytest.fixture(params=[0o000, 0o277], ids=["umask 000", "umask 277"])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@cache
def programs() -> tuple[tuple[Path, tuple[ast.AST, ...]], ...]:
    """Our own modules, the simulator's included, each with all that it says."""
    return tuple(
        (path, tuple(ast.walk(ast.parse(path.read_text("utf-8"))))) for path in sorted(PACKAGE.rglob("*.py"))
    )


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX's")
def test_whatever_is_written_is_private(umask: int, tmp_path: Path, place: Place) -> None:
    """Configuration, ledger with its -wal and -shm, exports, logs and secrets: 0600, in folders of 0700.

    Mappings are no secret and belong under version control: they follow the umask.
    """
    newcomer = Newcomer(tmp_path / "new", place.server)
    certificate = newcomer.folder / "secrets" / "cert.pem"
    newcomer.init(*MAPPED, "--env-file", newcomer.folder / "secrets" / "env")
    for words in (
        ("fetch-catalog",),
        ("sync", "customer"),
        ("audit", "export", "--output", tmp_path / "new" / "trail.jsonl"),
    ):
        newcomer.run("--log-file", newcomer.folder / "logs" / "log.jsonl", *words)

    assert not certificate.exists()
    wide = {
        str(path.relative_to(tmp_path)): oct(stat.S_IMODE(path.stat().st_mode))
        for path in (tmp_path / "new").rglob("*")
        if path.name != "mappings.toml" and stat.S_IMODE(path.stat().st_mode) & 0o077
    }
    names = {path.name for path in (tmp_path / "new").rglob("*")}
    assert {"lago-ns.toml", "env", "ledger.db", "trail.jsonl", "log.jsonl"} <= names
    assert {} == wide


def test_no_option_setting_or_variable_turns_the_check_of_certificates_off() -> None:
    """Nor does any code of ours outside the simulator."""
    words = re.compile(r"insecure|verify|no.?tls|no.?ssl|skip.?cert|ca.?bundle", re.IGNORECASE)
    options = {
        option
        for path, command in commands.tree().items()
        for option in commands.options_of(command)
        if words.search(option)
    }
    from lago_ns_cli.settings.models import setting_keys

    off = [
        f"{path.name}:{node.lineno}"
        for path, nodes in programs()
        for node in nodes
        if (
            isinstance(node, ast.keyword)
            and node.arg == "verify"
            and getattr(node.value, "value", None) is False
        )
        or (isinstance(node, ast.Attribute) and node.attr in ("CERT_NONE", "_create_unverified_context"))
        or (isinstance(node, ast.Attribute) and node.attr == "check_hostname")
    ]
    assert set() == options
    assert [] == [key for key in setting_keys() if words.search(key)]
    assert [] == off


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    """Also on this machine, and before a key is sent."""
    pair = make_key_pair("127.0.0.1", KeyKind.EC, datetime.now(UTC))
    path = tmp_path / "server.pem"
    path.write_text(pair.private_key.reveal() + pair.certificate, "utf-8")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()  # a login is tried once
            try:
                with context.wrap_socket(connection, server_side=True) as secure:
                    heard.append(secure.recv(1000))
            except OSError:
                connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        result = run(
            "auth",
            "login",
            "lago",
            stdin=b"a-key-that-must-not-be-sent",
            environment={
                "LAGO_NS_LAGO__BASE_URL": f"https://127.0.0.1:{listener.getsockname()[1]}",
                "PYTHON_KEYRING_BACKEND": "tests.cli.keyrings.MemoryKeyring",
            },
        )
        thread.join(timeout=10)

    assert 4 == result.code
    assert "certificate" in result.err.lower()
    assert b"a-key-that-must-not-be-sent" not in b"".join(heard)


def test_one_log_record_is_one_line(tmp_path: Path) -> None:
    """On the screen and in the file, whatever a message holds."""
    log = tmp_path / "log.jsonl"
    evil = "first\nsecond\r\nWARNING forged: third\x1b[2J\u2028fourth"
    screen = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stderr", screen)
        set_up_logging(Globals(log_file=log), RedactSecrets())
        logger = logging.getLogger("lago_ns_cli.test")
        logger.warning("%s", evil)
        try:
            raise ValueError(evil)
        except ValueError:
            logger.exception("it failed")
    set_up_logging(Globals(), RedactSecrets())

    lines = log.read_text("utf-8").splitlines()
    assert 2 == len(lines)
    assert evil == json.loads(lines[0])["message"]
    assert 2 == screen.getvalue().count("\n")
    assert "\x1b" not in screen.getvalue()


def test_the_names_of_files_come_from_nothing_foreign(tmp_path: Path, place: Place) -> None:
    """A number such as ``../../x`` is a number; nothing is written where it seems to lead."""
    from tests.cli.test_output_safety import evil_document

    path = place.write("evil.json", evil_document("../../../climbed-out"))
    before = {str(one) for one in tmp_path.rglob("*")}

    place.run("sync", "invoice", "--from", path)

    after = {str(one) for one in tmp_path.rglob("*")}
    assert {"ledger.db", "ledger.db-shm", "ledger.db-wal"} >= {Path(one).name for one in after - before}
    assert [] == [str(one) for one in tmp_path.parent.glob("*climbed-out*")]


DANGEROUS = {"eval", "exec", "compile", "__import__"}
SHELLS = {"os.system", "os.popen", "asyncio.create_subprocess_shell", "subprocess.getoutput"}
DANGEROUS_MODULES = {"pickle", "shelve", "marshal", "dill"}


def test_no_shell_no_eval_no_pickle() -> None:
    """Nothing that is read can become a program."""
    found = []
    for path, nodes in programs():
        for node in nodes:
            where = f"{path.name}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in DANGEROUS:
                found.append(f"{where} {node.func.id}")
            if isinstance(node, ast.Import) and DANGEROUS_MODULES & {name.name for name in node.names}:
                found.append(f"{where} import")
            if isinstance(node, ast.ImportFrom) and node.module in DANGEROUS_MODULES:
                found.append(f"{where} import")
            if isinstance(node, ast.keyword) and node.arg == "shell":
                found.append(f"{where} shell")
            if isinstance(node, ast.Attribute) and f"{getattr(node.value, 'id', '')}.{node.attr}" in SHELLS:
                found.append(f"{where} {node.attr}")

    assert [] == found


def test_sql_of_the_ledger_holds_no_values() -> None:
    """SQLAlchemy's ``text`` and raw statements get constants only; values travel as parameters."""
    wrong = []
    for path, nodes in programs():
        if {"simulator", "migrations"} & set(path.parts):  # these put constants of their own together
            continue
        for node in nodes:
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("text", "execute", "executescript", "exec_driver_sql") and _is_put_together(
                node.args[0]
            ):
                wrong.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")

    assert [] == wrong


_CONSTANTS = {"_BUSY_MILLISECONDS", "_SCHEMA", "marks", "_KEPT"}
"""A number and texts of ours, and lists of question marks."""


def _is_put_together(node: ast.expr) -> bool:
    """Tell whether anything but a constant of ours is put into a text."""
    parts = [part.value for part in ast.walk(node) if isinstance(part, ast.FormattedValue)]
    parts += [
        side for part in ast.walk(node) if isinstance(part, ast.BinOp) for side in (part.left, part.right)
    ]
    names = {name.id for part in parts for name in ast.walk(part) if isinstance(name, ast.Name)}
    return bool(names - _CONSTANTS)


def test_suiteql_holds_no_values() -> None:
    """The RESTlet hands values over beside the query; what is put into its text is a name or a list of ``?``."""
    scripts = PACKAGE / "netsuite" / "suitescript" / "src" / "FileCabinet" / "SuiteScripts" / "lago"
    text = "\n".join(path.read_text("utf-8") for path in sorted(scripts.glob("*.js")))

    assert "runSuiteQL" in text
    known = {"TYPE_CODES[type]"}  # the code of a record type, by our own table
    assert set() == set(re.findall(r"[=<>]\s*'\s*\$\{([^}]*)\}", text)) - known
    assert [] == re.findall(r"(?:LIKE|IN)\s*\(?\s*'\s*(?:\$\{|\"\s*\+)", text, re.IGNORECASE)
    assert [] == re.findall(r"=\s*'\"\s*\+|=\s*\"\s*'\s*\+", text)


def test_the_credentials_of_the_simulator_open_nothing_else() -> None:
    """Each says what it is, and none is of a form that NetSuite or Lago hands out."""
    from lago_ns_cli.simulator.credentials import derive_credentials

    credentials = derive_credentials(1)
    known = [*vars(credentials.tba).values(), *vars(credentials.tba_limited).values()]
    known += [credentials.lago_api_key, credentials.client_id, credentials.control_token]

    assert [] == [value for value in known if not value.startswith("sim-")]


@pytest.mark.parametrize(
    "words", [("audit", "prune", "--before", "2100-01-01"), ("auth", "logout")], ids=" ".join
)
def test_a_dangerous_command_asks(place: Place, words: tuple[str, ...]) -> None:
    """Where nobody can answer it does nothing, and says how to mean it."""
    place.run("sync", "customer")
    before = place.run("audit", "verify").out

    result = place.run(*words)

    assert 2 == result.code
    assert "--yes" in result.err
    assert before == place.run("audit", "verify").out


@pytest.mark.parametrize(
    "words",
    [
        ("doctor",),
        ("fetch-catalog",),
        ("sync", "all"),
        ("status",),
        ("config", "show"),
        ("audit", "verify"),
        ("auth", "status"),
    ],
    ids=" ".join,
)
def test_only_lago_and_netsuite_are_called(
    place: Place, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """No telemetry, no update check: every connection goes to the two addresses that are configured."""
    connected: set[Any] = set()
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def watched(self: socket.socket, address: Any) -> None:
        connected.add(address)
        connect(self, address)

    def named(host: Any, *arguments: Any, **named: Any) -> Any:
        connected.add((host, arguments[0] if arguments else None))
        return look_up(host, *arguments, **named)

    monkeypatch.setattr(socket.socket, "connect", watched)
    monkeypatch.setattr(socket, "getaddrinfo", named)
    place.run("sync", "customer")
    connected.clear()

    place.run(*words)

    port = httpx.URL(place.server.url).port
    hosts = {address for address in connected if isinstance(address, tuple)}
    assert {(host, number) for host, number, *_ in hosts} <= {("127.0.0.1", port)}


def test_every_check_has_a_test() -> None:
    """The table leaves none of them out."""
    listed = {int(number) for number, *_ in ROW.findall(TABLE.read_text("utf-8"))}

    assert set(CHECKS) == listed


def test_every_test_of_the_table_exists() -> None:
    """A test that is renamed or removed takes its row along."""
    root = TABLE.parent.parent
    rows = ROW.findall(TABLE.read_text("utf-8"))
    missing = [
        f"{path}::{name}"
        for _, path, name in rows
        if not (root / path).exists() or f"def {name}(" not in (root / path).read_text("utf-8")
    ]

    assert [] == missing
    assert len(rows) == len(re.findall(r"^\| \d", TABLE.read_text("utf-8"), re.MULTILINE))
