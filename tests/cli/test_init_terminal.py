"""``lago-ns init`` on a real terminal: nothing is typed but what it asks for."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

from tests.cli.conftest import Place
from tests.cli.terminal import Result, process

ROOT = Path(__file__).parent.parent.parent


class Sitting:
    """A person at a terminal, in a folder of their own, with a keyring that outlives each command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "PYTHONPATH": str(ROOT),
            "PYTHON_KEYRING_BACKEND": "tests.cli.keyrings.SharedKeyring",
            "TEST_KEYRING_FILE": str(folder / "keyring"),
            "XDG_DATA_HOME": str(folder / "data"),
        }

    @property
    def config(self) -> Path:
        return self.folder / "mine.toml"

    @contextmanager
    def at(self, *arguments: str) -> Iterator[pexpect.spawn]:
        child = pexpect.spawn(
            sys.executable,
            ["-m", "lago_ns_cli", "--config", str(self.config), *arguments],
            env={"PATH": "", "TERM": "dumb", "NO_COLOR": "1", **self.environment},
            cwd=str(ROOT),
            timeout=30,
            encoding="utf-8",
            dimensions=(24, 80),
        )
        yield child
        child.close(force=True)

    def run(self, *arguments: str) -> Result:
        return process("--config", self.config, *arguments, environment=self.environment)


@pytest.fixture
def sitting(tmp_path: Path) -> Sitting:
    return Sitting(tmp_path)


def answer(child: pexpect.spawn, question: str, typed: str) -> str:
    """Wait for a question and type the answer; gives what was shown before it."""
    child.expect_exact(question)
    shown: str = child.before
    child.sendline(typed)
    return shown


def test_from_nothing_to_the_first_posted_invoice(fresh: Place, sitting: Sitting) -> None:
    """A wrong key is corrected at once, a certificate is made and uploaded, and the next command posts."""
    server, shown = fresh.server, []
    with sitting.at("init") as child:
        answer(child, "Profile name [default]:", "")
        answer(child, "Lago: us, eu, or your own address:", server.url)
        answer(child, "Lago API key, not shown:", "not-the-key-of-lago")
        shown.append(answer(child, "Your choice [1]:", "1"))
        answer(child, "Lago API key, not shown:", server.credentials.lago_api_key)
        shown.append(answer(child, "NetSuite account id", "1234567_sb1"))
        answer(child, f"[{server.url}]:", "")
        answer(child, "Your choice [1]:", "1")
        answer(child, "Script id of the RESTlet [customscript_lago_service]:", "")
        answer(child, "Its deployment id [customdeploy_lago_service]:", "")
        child.expect_exact("-----BEGIN CERTIFICATE-----")
        child.expect_exact("-----END CERTIFICATE-----")
        body = child.before.replace("\r", "")
        certificate = f"-----BEGIN CERTIFICATE-----{body}-----END CERTIFICATE-----\n"
        ids = fresh.control("netsuite/certificates", {"certificate": certificate})
        shown.append(answer(child, "Client id, not shown:", ids["client_id"]))
        answer(child, "Certificate id, not shown:", ids["certificate_id"])
        shown.append(answer(child, "Your choice:", "apply_memo"))
        answer(child, "Your choice [1]:", "")
        answer(child, "Your choice [1]:", "2")
        answer(child, "Go-live date:", "none")
        answer(child, "Default item", "481")
        answer(child, "Subsidiary of Acme US:", "us inc")
        answer(child, "Subsidiary of Acme Europe:", "europe")
        answer(child, "Default tax code of Acme US:", "11")
        answer(child, "Default tax code of Acme Europe:", "22")
        answer(child, "Account for payments:", "checking")
        child.expect(pexpect.EOF)
        shown.append(child.before)
        child.close()

    synced = sitting.run("sync", "all", "--json")

    told = "".join(shown)
    assert 0 == child.exitstatus
    assert "Lago refused the API key" in told
    assert "OAuth 2.0 Client Credentials (M2M) Setup" in " ".join(told.split())
    assert "NetSuite knows the login: account 1234567_SB1, role Lago Integration" in " ".join(told.split())
    assert 'closed_period_policy = "next_open"' in sitting.config.read_text("utf-8")
    typed = (server.credentials.lago_api_key, "not-the-key-of-lago", *ids.values())
    assert [] == [secret for secret in typed if secret in told]
    folder = str(sitting.folder)  # a test's is long
    assert [] == [line for line in told.splitlines() if len(line) > 80 and folder not in line]
    posted = {record["tranid"] for record in fresh.control("netsuite/records?type=invoice")}
    created = {one["number"] for one in synced.events if one.get("outcome") == "created"}
    assert posted
    assert posted <= created


def test_an_interrupted_set_up_goes_on_where_it_stopped(place: Place, sitting: Sitting) -> None:
    """Answers are offered again, the key that worked is not asked for, and no secret is in any file but the keyring."""
    key = place.server.credentials.lago_api_key
    with sitting.at("init") as child:
        answer(child, "Profile name [default]:", "")
        answer(child, "or your own address:", place.server.url)
        answer(child, "Lago API key, not shown:", key)
        answer(child, "NetSuite account id", "1234567_sb1")
        child.expect_exact(f"[{place.server.url}]:")
        child.sendintr()
        child.expect(pexpect.EOF)
        child.close()
    interrupted = child.exitstatus
    kept = {path.name: path.read_text("utf-8") for path in sitting.folder.iterdir() if path.is_file()}

    with sitting.at("init") as child:
        answer(child, "Profile name [default]:", "")
        child.expect_exact("Going on with the answers given earlier")
        answer(child, f"own address [{place.server.url}]:", "")
        child.expect_exact("Lago knows the key: organization")
        answer(child, "[1234567_SB1]:", "")

    assert 130 == interrupted
    assert not sitting.config.exists()
    assert ["keyring"] == [name for name, text in kept.items() if key in text]


def test_the_end_of_the_input_is_no_answer(sitting: Sitting) -> None:
    """Ctrl-D ends it with a sentence and an exit code."""
    with sitting.at("init") as child:
        child.expect_exact("Profile name [default]:")
        child.sendeof()
        child.expect(pexpect.EOF)
        child.close()

    assert 2 == child.exitstatus
    assert "The input ended before all questions were answered." in child.before
