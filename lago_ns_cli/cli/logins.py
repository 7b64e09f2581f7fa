"""Logins of both sides: opened from secrets, tried out, and renewed where they are exchanged during a run."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import httpx

from lago_ns_cli.connection import Answer
from lago_ns_cli.credentials import Credentials
from lago_ns_cli.domain.exchange import Organization, Ping
from lago_ns_cli.domain.secrets import SecretName, netsuite_login
from lago_ns_cli.errors import CredentialError
from lago_ns_cli.lago.client import LagoClient
from lago_ns_cli.netsuite.account import token_base_url
from lago_ns_cli.netsuite.auth import Login, M2mAuth, M2mCredentials, TbaAuth, TbaCredentials
from lago_ns_cli.netsuite.client import Gate, NetSuiteClient
from lago_ns_cli.netsuite.rotation import RotatingLogin
from lago_ns_cli.redaction import Secret
from lago_ns_cli.retries import RetryPolicy
from lago_ns_cli.settings import Settings

Secrets = Mapping[SecretName, Secret]

_TRIAL_SECONDS = 60.0
"""How long NetSuite may think about a ping; the first call after a deployment is slow."""

_ONCE = RetryPolicy(attempts=1)


@dataclass(frozen=True, slots=True)
class Ways:
    """How calls travel.

    Args:
        transport: Stands in for the network.
        heard: Told of every answer.
    """

    transport: httpx.AsyncBaseTransport | None = None
    heard: Callable[[Answer], None] | None = None


_BY_NETWORK = Ways()


def open_login(
    settings: Settings,
    account: str,
    secrets: Secrets,
    *,
    by: Callable[[], float] = time.time,
    ways: Ways = _BY_NETWORK,
) -> Login:
    """Make the way to log in that the settings name.

    Args:
        by: The clock.
        ways: How NetSuite is reached and who listens.

    Raises:
        CredentialError: A secret is none that NetSuite would take.
    """
    if settings.netsuite.auth == "tba":
        tba = TbaCredentials(
            consumer_key=secrets[SecretName.CONSUMER_KEY].reveal(),
            consumer_secret=secrets[SecretName.CONSUMER_SECRET].reveal(),
            token_id=secrets[SecretName.TOKEN_ID].reveal(),
            token_secret=secrets[SecretName.TOKEN_SECRET].reveal(),
        )
        return TbaAuth(account, tba, clock=by)
    m2m = M2mCredentials(
        client_id=secrets[SecretName.CLIENT_ID].reveal(),
        certificate_id=secrets[SecretName.CERTIFICATE_ID].reveal(),
        private_key=secrets[SecretName.PRIVATE_KEY].reveal(),
    )
    return M2mAuth(
        token_base_url(account, settings.netsuite.base_url),
        m2m,
        clock=by,
        transport=ways.transport,
        heard=ways.heard,
    )


def open_stored_login(
    settings: Settings,
    account: str,
    credentials: Credentials,
    *,
    by: Callable[[], float] = time.time,
    ways: Ways = _BY_NETWORK,
) -> Login:
    """Make the login of a profile; it is renewed when its credentials are exchanged during a run.

    Args:
        by: The clock.
        ways: How NetSuite is reached and who listens.

    Raises:
        CredentialError: A secret is absent or unusable.
    """
    names = netsuite_login(settings.netsuite.auth)
    present = {name: credentials.require(name) for name in names}

    def make(secrets: Secrets) -> Login:
        return open_login(settings, account, secrets, by=by, ways=ways)

    def newer() -> Login | None:
        nonlocal present
        with suppress(CredentialError):  # then the refusal is told, which says more
            found = {name: credentials.require(name) for name in names}
            if found != present:
                login = make(found)
                present = found
                return login
        return None

    return RotatingLogin(make(present), newer)


def open_netsuite(
    settings: Settings,
    account: str,
    login: Login,
    *,
    retry: RetryPolicy | None = None,
    gate: Gate | None = None,
    timeout_seconds: float | None = None,
) -> NetSuiteClient:
    """Make a client of the RESTlet; its reads leave when the gate lets them."""
    return NetSuiteClient(
        account,
        login,
        script=settings.netsuite.script,
        deploy=settings.netsuite.deploy,
        base_url=settings.netsuite.base_url,
        retry=retry,
        gate=gate,
        read_timeout_seconds=timeout_seconds or settings.push.timeout_seconds,
    )


def open_lago(settings: Settings, credentials: Credentials) -> LagoClient:
    """Make a client of Lago; a key that is exchanged during a run is read again."""
    key = credentials.require(SecretName.LAGO_API_KEY).reveal()
    return LagoClient(settings.lago.base_url, key, newer_key=newer_key(credentials, key))


def newer_key(credentials: Credentials, key: str) -> Callable[[], str | None]:
    """Make what reads the Lago key again; it gives None where the key is the one it gave before."""
    present = key

    def newer() -> str | None:
        nonlocal present
        with suppress(CredentialError):
            found = credentials.require(SecretName.LAGO_API_KEY).reveal()
            if found != present:
                present = found
                return found
        return None

    return newer


def try_lago(settings: Settings, key: Secret) -> Organization:
    """Ask Lago whose a key is.

    Raises:
        RemoteError: It is refused, or Lago cannot be reached.
    """

    async def ask() -> Organization:
        client = LagoClient(settings.lago.base_url, key.reveal(), retry=_ONCE)
        try:
            return await client.organization()
        finally:
            await client.aclose()

    return asyncio.run(ask())


def try_netsuite(settings: Settings, account: str, secrets: Secrets) -> Ping:
    """Log in and let the RESTlet say who it is.

    Raises:
        RemoteError: The login is refused, the RESTlet is not there, or NetSuite cannot be reached.
        ConfigError: Another account answers, or a secret is none.
    """

    async def ask() -> Ping:
        login = open_login(settings, account, secrets)
        client = open_netsuite(settings, account, login, retry=_ONCE, timeout_seconds=_TRIAL_SECONDS)
        try:
            return await client.ping()
        finally:
            await client.aclose()

    return asyncio.run(ask())
