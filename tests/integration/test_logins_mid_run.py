"""Logins that end or are exchanged while a run is under way: nothing lost, nothing doubled, no attempt burned."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from lago_ns_cli.cli.logins import Ways, newer_key, open_stored_login
from lago_ns_cli.cli.setup.answers import settings_of
from lago_ns_cli.credentials import Credentials
from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.secrets import SecretName
from lago_ns_cli.errors import AuthError
from lago_ns_cli.lago.client import LagoClient
from lago_ns_cli.netsuite.certificate import KeyKind, make_key_pair
from lago_ns_cli.netsuite.client import NetSuiteClient
from lago_ns_cli.redaction import Secret
from lago_ns_cli.simulator.netsuite.access import new_token, register_certificate
from lago_ns_cli.simulator.netsuite.oauth1 import Token
from lago_ns_cli.simulator.world import ACCOUNT_ID
from lago_ns_cli.workflows.ports import LagoSource
from tests.integration.world import EVERY_TYPE, URL, Wire, World

AT = datetime(2026, 11, 22, tzinfo=UTC)
KINDS = ("customer", "invoice", "credit_note", "payment")


class Vault:
    """A keyring in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Watched(httpx.AsyncBaseTransport):
    """The network, on which something happens before a certain call; and a Lago that knows one key."""

    def __init__(self, world: "KeyringWorld") -> None:
        self._inner = Wire(world.simulator)
        self._world = world

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.startswith("/api/v1"):
            self._world.happen("lago")
            if request.headers["authorization"] != f"Bearer {self._world.lago_key}":
                return httpx.Response(401, json={"status": 401, "error": "Unauthorized"})
            request.headers["authorization"] = f"Bearer {self._world.simulator.credentials.lago_api_key}"
        elif b'"push"' in await request.aread():
            self._world.happen("push")
        return await self._inner.handle_async_request(request)


class KeyringWorld(World):
    """A world whose logins come from a keyring, as those of a command do.

    Attributes:
        lago_key: The one key that Lago knows at the moment.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, invoices=12, customers=4)
        self.lago_key = "key-1"
        self._events: dict[tuple[str, int], Callable[[], None]] = {}
        self._seen: dict[str, int] = {}
        vault = Vault()
        self.credentials = Credentials(
            profile="default",
            account=ACCOUNT_ID,
            lago_host="127.0.0.1:8321",
            environ={},
            open_keyring=lambda: vault,
        )
        self.settings = settings_of(
            {"lago.base_url": URL, "netsuite.account": ACCOUNT_ID, "netsuite.base_url": URL}
        )
        self.keep(SecretName.LAGO_API_KEY, self.lago_key)
        self.keep(SecretName.CLIENT_ID, self.simulator.credentials.client_id)
        self.certificate = self.new_certificate()

    def keep(self, name: SecretName, value: str) -> None:
        self.credentials.store(name, Secret(value), AT)

    def new_certificate(self) -> str:
        """Make a certificate, upload it, and put the login into the keyring; gives its id."""
        pair = make_key_pair("test", KeyKind.EC, self.clock.now())
        identity = register_certificate(self.simulator.parts.tokens, pair.certificate, role="full")
        self.keep(SecretName.PRIVATE_KEY, pair.private_key.reveal())
        self.keep(SecretName.CERTIFICATE_ID, identity)
        return identity

    def revoke(self) -> None:
        self.simulator.parts.tokens.revoke(self.certificate)

    def at(self, what: str, number: int, event: Callable[[], None]) -> None:
        """Let something happen just before the n-th call of a kind."""
        self._events[what, number] = event
        self._seen.clear()

    def happen(self, what: str) -> None:
        self._seen[what] = self._seen.get(what, 0) + 1
        self._events.pop((what, self._seen[what]), lambda: None)()

    def _netsuite(self) -> NetSuiteClient:
        login = open_stored_login(
            self.settings,
            ACCOUNT_ID,
            self.credentials,
            by=lambda: self.clock.now().timestamp(),
            ways=Ways(Wire(self.simulator)),
        )
        return NetSuiteClient(
            ACCOUNT_ID,
            login,
            script=self.settings.netsuite.script,
            deploy=self.settings.netsuite.deploy,
            base_url=URL,
            transport=Watched(self),
            sleep=self.clock.sleep,
            random=lambda: 0.0,
        )

    def _lago(self, source: bytes | None) -> LagoSource:
        assert source is None
        key = self.credentials.require(SecretName.LAGO_API_KEY).reveal()
        return LagoClient(
            URL,
            key,
            newer_key=newer_key(self.credentials, key),
            transport=Watched(self),
            sleep=self.clock.sleep,
            random=lambda: 0.0,
        )


@pytest.fixture
def keyring_world(tmp_path: Path) -> KeyringWorld:
    return KeyringWorld(tmp_path)


@pytest.fixture
def undisturbed(tmp_path: Path) -> dict[str, set[str]]:
    """What an undisturbed run leaves in NetSuite."""
    folder = tmp_path / "undisturbed"
    folder.mkdir()
    world = KeyringWorld(folder)
    assert world.sync(*KINDS).error is None
    return keys(world)


def keys(world: World) -> dict[str, set[str]]:
    """Every record of ours by its key; a key that stands twice fails here."""
    found: dict[str, set[str]] = {}
    for kind in EVERY_TYPE:
        named = [str(row["externalid"]) for row in world.records(kind) if row.get("externalid")]
        assert len(named) == len(set(named))
        found[kind] = set(named)
    return found


def burned(world: World) -> int:
    """Count the attempts that count against documents."""
    return sum(entry.attempts for entry in world.entries())


def test_a_token_that_expires_in_the_middle_is_renewed(
    keyring_world: KeyringWorld, undisturbed: dict[str, set[str]]
) -> None:
    """After an hour the token is refused; nobody but the login notices."""
    world = keyring_world

    def an_hour_passes() -> None:
        world.clock._now += timedelta(minutes=61)

    for number in (2, 3):
        world.at("push", number, an_hour_passes)
    told = world.sync(*KINDS)

    grants = [row for row in world.simulator.parts.desk.audit.rows() if row["scheme"] == "oauth2"]
    assert told.error is None
    assert 2 <= len(grants)
    assert undisturbed == keys(world)
    assert 0 == burned(world)


def test_a_login_that_is_exchanged_in_the_middle_is_taken_up(
    keyring_world: KeyringWorld, undisturbed: dict[str, set[str]]
) -> None:
    """The old certificate is revoked, the new one is in the keyring, and the run goes on with it."""
    world = keyring_world

    def rotate() -> None:
        world.revoke()
        world.certificate = world.new_certificate()

    world.at("push", 2, rotate)
    told = world.sync(*KINDS)

    assert told.error is None
    assert undisturbed == keys(world)
    assert 0 == burned(world)
    assert [] == world.entries(State.PENDING, State.IN_DOUBT, State.SENDING)


def test_a_login_that_ends_stops_the_run_which_is_taken_up_later(
    keyring_world: KeyringWorld, undisturbed: dict[str, set[str]]
) -> None:
    """One message; what was not sent is pending, has burned no attempt, and goes once there is a login."""
    world = keyring_world
    world.at("push", 2, world.revoke)

    stopped = world.sync(*KINDS)
    waiting = world.entries(State.PENDING)
    in_between = keys(world)
    world.certificate = world.new_certificate()
    resumed = world.sync(*KINDS)

    assert isinstance(stopped.error, AuthError)
    assert waiting
    assert [0] * len(waiting) == [entry.attempts for entry in waiting]
    assert [] == world.entries(State.IN_DOUBT, State.SENDING)
    assert in_between != undisturbed
    assert resumed.error is None
    assert undisturbed == keys(world)
    assert 0 == burned(world)


def test_a_login_that_ends_is_tried_a_few_times_only(keyring_world: KeyringWorld) -> None:
    """NetSuite locks a token after five failures."""
    world = keyring_world
    before = world.simulator.parts.desk.audit.refused
    world.at("push", 1, world.revoke)

    world.sync(*KINDS)

    # Each of the two calls in flight, and each of at most two probes, may be refused with its token and without.
    assert world.simulator.parts.desk.audit.refused - before <= 8


def test_a_login_that_comes_back_within_the_probes_loses_nothing(
    keyring_world: KeyringWorld, undisturbed: dict[str, set[str]]
) -> None:
    """Revoked first, replaced seconds later, as a person does it: the probe finds the new one."""
    world = keyring_world
    world.at("push", 2, world.revoke)
    sleep = world.clock.sleep

    async def sleeping(seconds: float) -> None:
        await sleep(seconds)
        if seconds >= 5:
            world.certificate = world.new_certificate()

    world.clock.sleep = sleeping  # type: ignore[method-assign]
    told = world.sync(*KINDS)

    assert told.error is None
    assert undisturbed == keys(world)
    assert 0 == burned(world)


def test_a_lago_key_that_is_exchanged_in_the_middle_is_taken_up(
    keyring_world: KeyringWorld, undisturbed: dict[str, set[str]]
) -> None:
    """Lists go on at the page where they were."""
    world = keyring_world

    def rotate() -> None:
        world.lago_key = "key-2"
        world.keep(SecretName.LAGO_API_KEY, "key-2")

    world.at("lago", 6, rotate)
    told = world.sync(*KINDS)

    assert told.error is None
    assert undisturbed == keys(world)
    assert 0 == burned(world)


def test_a_lago_key_that_ends_stops_the_run_which_is_taken_up_later(
    keyring_world: KeyringWorld, undisturbed: dict[str, set[str]]
) -> None:
    """One message, and the same command goes on with a new key."""
    world = keyring_world

    def end() -> None:
        world.lago_key = "key-2"

    world.at("lago", 6, end)
    stopped = world.sync(*KINDS)
    world.keep(SecretName.LAGO_API_KEY, "key-2")
    resumed = world.sync(*KINDS)

    assert isinstance(stopped.error, AuthError)
    assert "Lago refused the API key" in stopped.error.message
    assert resumed.error is None
    assert undisturbed == keys(world)


class TokenWorld(KeyringWorld):
    """The same, logging in with a token."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.settings = settings_of(
            {
                "lago.base_url": URL,
                "netsuite.account": ACCOUNT_ID,
                "netsuite.base_url": URL,
                "netsuite.auth": "tba",
            }
        )
        tba = self.simulator.credentials.tba
        self.keep(SecretName.CONSUMER_KEY, tba.consumer_key)
        self.keep(SecretName.CONSUMER_SECRET, tba.consumer_secret)
        self.token = Token(tba.token_id, tba.token_secret, tba.consumer_key, "", "")
        self.use(self.token)

    def use(self, token: Token) -> None:
        """Put a token into the keyring."""
        self.token = token
        self.keep(SecretName.TOKEN_ID, token.token_id)
        self.keep(SecretName.TOKEN_SECRET, token.token_secret)

    def exchange(self) -> None:
        """Make another token, put it into the keyring, and take the old one back."""
        old, new = self.token, new_token(self.simulator.credentials)
        self.simulator.parts.desk.issue_token(new)
        self.use(new)
        self.simulator.parts.desk.revoke_token(old.token_id)


def test_a_token_that_is_exchanged_in_the_middle_is_taken_up(
    tmp_path: Path, undisturbed: dict[str, set[str]]
) -> None:
    """Twice in one run: what was refused with the old token goes with the new one."""
    world = TokenWorld(tmp_path)
    before = world.simulator.parts.desk.audit.refused
    for number in (2, 4):
        world.at("push", number, world.exchange)

    told = world.sync(*KINDS)

    assert told.error is None
    assert undisturbed == keys(world)
    assert 0 == burned(world)
    assert [] == world.entries(State.PENDING, State.IN_DOUBT, State.SENDING)
    assert 2 <= world.simulator.parts.desk.audit.refused - before <= 4


def test_a_token_that_ends_before_the_new_one_is_there_pauses_the_run(
    tmp_path: Path, undisturbed: dict[str, set[str]]
) -> None:
    """The run waits and probes; the new token is found, and no token was locked."""
    world = TokenWorld(tmp_path)
    world.at("push", 2, lambda: world.simulator.parts.desk.revoke_token(world.token.token_id))
    sleep = world.clock.sleep

    async def sleeping(seconds: float) -> None:
        await sleep(seconds)
        if seconds >= 5:
            world.exchange()

    world.clock.sleep = sleeping  # type: ignore[method-assign]
    told = world.sync(*KINDS)

    assert told.error is None
    assert undisturbed == keys(world)
    assert 0 == burned(world)
    assert "temporary_locked" not in {row["reason"] for row in world.simulator.parts.desk.audit.rows()}
