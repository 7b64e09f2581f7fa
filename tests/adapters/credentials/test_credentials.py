"""Secrets: where they come from, how they are stored, and that they do not show."""

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lago_ns_cli.credentials import (
    SERVICE,
    Credentials,
    Keyring,
    SecretStatus,
    safe_keyring,
    system_keyring,
)
from lago_ns_cli.domain.secrets import SecretName
from lago_ns_cli.errors import CredentialError
from lago_ns_cli.redaction import RedactSecrets, Secret

AT = datetime(2026, 8, 14, 9, 30, tzinfo=UTC)
CANARY = "canary-7f3a9c"


class MemoryKeyring:
    """A keyring that keeps what it is given."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


def credentials(
    keyring: Keyring | Callable[[], Keyring],
    environ: dict[str, str] | None = None,
    *,
    profile: str = "default",
    account: str | None = "1234567_SB1",
    deadline_seconds: float = 10,
    learn: Callable[[Secret], None] | None = None,
) -> Credentials:
    return Credentials(
        profile=profile,
        account=account,
        lago_host="api.getlago.com",
        environ=environ or {},
        open_keyring=keyring if callable(keyring) else lambda: keyring,
        deadline_seconds=deadline_seconds,
        learn=learn,
    )


def no_keyring() -> Keyring:
    raise AssertionError("the keyring was asked for")


@pytest.mark.parametrize("name", [*SecretName])
def test_the_environment_comes_first_and_suffices(name: SecretName) -> None:
    """The keyring is not even opened."""
    secret = credentials(no_keyring, {name.variable: f" {CANARY}\n"}).require(name)

    assert CANARY == secret.reveal()


def test_the_variables_are_those_of_the_documentation() -> None:
    """Renaming one would break every cron job."""
    assert [
        "LAGO_NS_LAGO__API_KEY",
        "LAGO_NS_NETSUITE__CONSUMER_KEY",
        "LAGO_NS_NETSUITE__CONSUMER_SECRET",
        "LAGO_NS_NETSUITE__TOKEN_ID",
        "LAGO_NS_NETSUITE__TOKEN_SECRET",
        "LAGO_NS_NETSUITE__CLIENT_ID",
        "LAGO_NS_NETSUITE__CERTIFICATE_ID",
        "LAGO_NS_NETSUITE__PRIVATE_KEY",
        "LAGO_NS_NETSUITE__CERTIFICATE",
        "LAGO_NS_ANNOUNCE__SECRET",
    ] == [name.variable for name in SecretName]


def test_a_private_key_on_one_line_is_unfolded() -> None:
    """Many CI systems hold one line only."""
    folded = {SecretName.PRIVATE_KEY.variable: r"-----BEGIN X-----\nabc\n-----END X-----"}

    secret = credentials(no_keyring, folded).require(SecretName.PRIVATE_KEY)

    assert ["-----BEGIN X-----", "abc", "-----END X-----"] == secret.reveal().split("\n")


def test_what_is_stored_is_found_again_under_its_own_name() -> None:
    """One entry a profile, account or Lago host, and secret."""
    keyring = MemoryKeyring()
    stored = credentials(keyring)
    stored.store(SecretName.LAGO_API_KEY, Secret("key"), AT)
    stored.store(SecretName.TOKEN_ID, Secret("token"), AT)

    assert "key" == credentials(keyring).require(SecretName.LAGO_API_KEY).reveal()
    assert "token" == credentials(keyring, account="1234567-sb1").require(SecretName.TOKEN_ID).reveal()
    assert {
        (SERVICE, "default/api.getlago.com/api_key"),
        (SERVICE, "default/api.getlago.com/api_key/stored_at"),
        (SERVICE, "default/1234567_SB1/token_id"),
        (SERVICE, "default/1234567_SB1/token_id/stored_at"),
    } == keyring.kept.keys()


@pytest.mark.parametrize(("profile", "account"), [("sandbox", "1234567_SB1"), ("default", "1234567")])
def test_another_profile_or_account_does_not_find_it(profile: str, account: str) -> None:
    """A sandbox profile cannot read production's secrets."""
    keyring = MemoryKeyring()
    credentials(keyring).store(SecretName.TOKEN_ID, Secret(CANARY), AT)

    assert credentials(keyring, profile=profile, account=account).load(SecretName.TOKEN_ID) is None


def test_status_tells_where_and_since_when_but_not_what() -> None:
    """An entry that someone else made has no time."""
    keyring = MemoryKeyring()
    stored = credentials(keyring, {SecretName.TOKEN_SECRET.variable: CANARY})
    stored.store(SecretName.LAGO_API_KEY, Secret(CANARY), AT)
    keyring.set_password(SERVICE, "default/1234567_SB1/token_id", CANARY)

    found = [stored.status(name) for name in (SecretName.LAGO_API_KEY, SecretName.TOKEN_ID)]
    assert SecretStatus(SecretName.LAGO_API_KEY, "keyring", AT) == found[0]
    assert SecretStatus(SecretName.TOKEN_ID, "keyring", None) == found[1]
    assert SecretStatus(
        SecretName.TOKEN_SECRET, "variable", variable="LAGO_NS_NETSUITE__TOKEN_SECRET"
    ) == stored.status(SecretName.TOKEN_SECRET)
    assert SecretStatus(SecretName.CLIENT_ID, None) == stored.status(SecretName.CLIENT_ID)
    assert CANARY not in repr(found)


def test_deleting_leaves_nothing_behind() -> None:
    """Neither the secret nor its time; deleting again is no error."""
    keyring = MemoryKeyring()
    stored = credentials(keyring)
    stored.store(SecretName.TOKEN_ID, Secret(CANARY), AT)

    assert [True, False] == [stored.delete(SecretName.TOKEN_ID) for _ in range(2)]
    assert {} == keyring.kept


def test_an_absent_secret_says_how_to_bring_it() -> None:
    """By a command or by a variable."""
    with pytest.raises(CredentialError, match=r"no NetSuite token id for 1234567_SB1") as caught:
        credentials(MemoryKeyring()).require(SecretName.TOKEN_ID)

    assert "lago-ns auth login" in str(caught.value.hint)
    assert "LAGO_NS_NETSUITE__TOKEN_ID" in str(caught.value.hint)


def test_a_keyring_that_forgets_is_found_out() -> None:
    """What is stored is read back."""

    class Forgetful(MemoryKeyring):
        def set_password(self, service: str, username: str, password: str) -> None:
            pass

    with pytest.raises(CredentialError, match="did not keep the Lago api key"):
        credentials(Forgetful()).store(SecretName.LAGO_API_KEY, Secret(CANARY), AT)


def test_a_keyring_that_hangs_is_locked_not_empty() -> None:
    """It may wait for a window that nobody sees; taking it for empty would ask for a new login."""
    never = threading.Event()

    class Locked(MemoryKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            never.wait()
            return super().get_password(service, username)

    with pytest.raises(CredentialError, match=r"did not answer within 0\.05 seconds") as caught:
        credentials(Locked(), deadline_seconds=0.05).load(SecretName.LAGO_API_KEY)
    never.set()

    assert "keyring_locked" == caught.value.code
    assert "LAGO_NS_LAGO__API_KEY" in str(caught.value.hint)


def test_a_keyring_that_fails_does_not_show_what_it_was_given() -> None:
    """Back ends may put the value into their message."""

    class Broken(MemoryKeyring):
        def set_password(self, service: str, username: str, password: str) -> None:
            raise OSError(f"cannot store {username} {password} in {service}")

    with pytest.raises(CredentialError, match=r"The keyring failed \(OSError\)") as caught:
        credentials(Broken()).store(SecretName.LAGO_API_KEY, Secret(CANARY), AT)

    assert CANARY not in str(caught.value)
    assert caught.value.__suppress_context__


def test_every_secret_is_made_known_to_the_log_filter() -> None:
    """Whatever is read or stored can be masked."""
    learned: list[Secret] = []
    keyring = MemoryKeyring()
    stored = credentials(keyring, {SecretName.TOKEN_ID.variable: "one"}, learn=learned.append)
    stored.load(SecretName.TOKEN_ID)
    stored.store(SecretName.LAGO_API_KEY, Secret("two"), AT)
    stored.load(SecretName.LAGO_API_KEY)

    assert ["one", "two", "two"] == [secret.reveal() for secret in learned]


def test_without_an_account_a_netsuite_secret_has_no_place() -> None:
    """It would be stored under a name that nobody looks for."""
    with pytest.raises(CredentialError, match="names no NetSuite account"):
        credentials(MemoryKeyring(), account=None).load(SecretName.TOKEN_ID)


def backend(module: str, name: str, *, chained: list[object] | None = None) -> object:
    made = type(name, (MemoryKeyring,), {"__module__": module})()
    if chained is not None:
        made.backends = chained
    return made


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (backend("keyring.backends.null", "Keyring"), "keeps nothing"),
        (backend("keyring.backends.fail", "Keyring"), "keeps nothing"),
        (backend("keyrings.alt.file", "PlaintextKeyring"), "keeps plain text"),
        (backend("keyrings.alt.pyfs", "PlaintextKeyring"), "keeps plain text"),
        (backend("keyring.backends.chainer", "ChainerBackend", chained=[]), "has no back end"),
        (
            backend(
                "keyring.backends.chainer",
                "ChainerBackend",
                chained=[backend("keyrings.alt.file", "PlaintextKeyring")],
            ),
            "keeps plain text",
        ),
    ],
)
def test_an_unsafe_back_end_is_refused(refused: object, why: str) -> None:
    """Nothing is stored where it is lost or lies open; the variable is named instead."""
    with pytest.raises(CredentialError, match=why) as caught:
        credentials(lambda: safe_keyring(refused)).store(SecretName.TOKEN_ID, Secret(CANARY), AT)

    assert "LAGO_NS_NETSUITE__TOKEN_ID" in str(caught.value.hint)


def test_a_chain_is_used_without_its_unsafe_links() -> None:
    """A chain would pass on to plain text what its first back end does not take."""
    safe = backend("keyring.backends.SecretService", "Keyring")
    chain = backend(
        "keyring.backends.chainer",
        "ChainerBackend",
        chained=[backend("keyrings.alt.file", "PlaintextKeyring"), safe],
    )

    assert safe is safe_keyring(chain)


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ("keyring.backends.null.Keyring", "keeps nothing"),
        ("keyring.backends.fail.Keyring", "keeps nothing"),
        ("no.such.Backend", "cannot be loaded"),
        ("nonsense", "cannot be loaded"),
    ],
)
def test_the_back_end_that_the_system_names_is_judged(chosen: str, message: str) -> None:
    """In a process of its own, since the keyring package reads its choice once."""
    done = run_python(
        "from lago_ns_cli.credentials import system_keyring; system_keyring()", PYTHON_KEYRING_BACKEND=chosen
    )

    assert "CredentialError" in done.stderr
    assert message in done.stderr.replace("\n", " ")


def test_the_keyring_package_is_loaded_only_when_it_is_needed() -> None:
    """Loading it costs as much as the rest of the start."""
    done = run_python(
        "import sys; from lago_ns_cli.credentials import Credentials, SecretName as S; "
        "c = Credentials(profile='p', account='1', lago_host='h', environ={S.TOKEN_ID.variable: 'x'}); "
        "c.require(S.TOKEN_ID); c.status(S.TOKEN_ID); print('keyring' in sys.modules)"
    )

    assert ("False", "") == (done.stdout.strip(), done.stderr)


def run_python(program: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
        env={"PATH": "/usr/bin:/bin", **environ},
    )


def test_the_real_keyring_and_filter_fit_the_interfaces() -> None:
    """The type checker holds both."""
    opener: Callable[[], Keyring] = system_keyring

    assert callable(opener)
    assert credentials(opener, learn=RedactSecrets().learn)


def test_a_variable_of_the_profile_comes_before_one_for_all() -> None:
    """So that several profiles can run from one environment, each with its own secrets."""
    environ = {
        "LAGO_NS_LAGO__API_KEY": "for-all",
        "LAGO_NS_PROFILES__EU_WEST__LAGO__API_KEY": CANARY,
    }

    mine = credentials(no_keyring, environ, profile="eu-west").require(SecretName.LAGO_API_KEY)
    other = credentials(no_keyring, environ, profile="us").require(SecretName.LAGO_API_KEY)

    assert (CANARY, "for-all") == (mine.reveal(), other.reveal())


def test_a_secret_that_waits_is_not_the_one_in_use() -> None:
    """It stands in an entry beside it, and can be dropped alone."""
    stored = credentials(MemoryKeyring())
    stored.store(SecretName.PRIVATE_KEY, Secret("in use"), AT)
    stored.store(SecretName.PRIVATE_KEY, Secret(CANARY), AT, pending=True)

    assert Secret("in use") == stored.load(SecretName.PRIVATE_KEY)
    assert Secret(CANARY) == stored.load_stored(SecretName.PRIVATE_KEY, pending=True)
    assert stored.delete(SecretName.PRIVATE_KEY, pending=True)
    assert Secret("in use") == stored.load(SecretName.PRIVATE_KEY)
