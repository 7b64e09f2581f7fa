"""What ``doctor`` looks at on this machine, and the ways it goes from here; the adapters' side of it."""

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

import httpx

from lago_ns_cli.cli.basics import Basics
from lago_ns_cli.cli.globals import Globals
from lago_ns_cli.cli.logins import Ways, open_login
from lago_ns_cli.connection import is_loopback
from lago_ns_cli.credentials import usable_keyring
from lago_ns_cli.domain.attempts import Fact
from lago_ns_cli.domain.diagnosis.facts import (
    Heard,
    LedgerFacts,
    MappingFacts,
    Problem,
    Reach,
    SecretFact,
    SecretFacts,
    Setup,
)
from lago_ns_cli.domain.secrets import SecretName, netsuite_login
from lago_ns_cli.errors import ConfigError, LagoNsError, LedgerError
from lago_ns_cli.lago.door import LagoDoor
from lago_ns_cli.ledger.inspection import inspect_ledger
from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.listening import Ear
from lago_ns_cli.mapping_file import load_mappings
from lago_ns_cli.netsuite.account import restlet_base_url
from lago_ns_cli.netsuite.auth import Login
from lago_ns_cli.netsuite.certificate import expiry_of
from lago_ns_cli.netsuite.client import NetSuiteClient
from lago_ns_cli.netsuite.suitescript import script_version
from lago_ns_cli.private_files import writable_by_others
from lago_ns_cli.reachability import try_to_reach
from lago_ns_cli.retries import RetryPolicy
from lago_ns_cli.settings import Settings
from lago_ns_cli.workflows.doctor import problem_of

_ONCE = RetryPolicy(attempts=1)
_SECONDS = 120.0
"""How long NetSuite may think about a call that reads; the first one after a deployment is slow."""
_IDENTIFIERS = frozenset(
    {SecretName.CONSUMER_KEY, SecretName.TOKEN_ID, SecretName.CLIENT_ID, SecretName.CERTIFICATE_ID}
)
"""The parts of a login that name it and are no secrets by themselves."""


class ListeningLago(LagoDoor):
    """Lago, called once a call, with an ear for its headers."""

    def __init__(self, settings: Settings, api_key: str, transport: httpx.AsyncBaseTransport | None) -> None:
        self._ear = Ear()
        super().__init__(settings.lago.base_url, api_key, heard=self._ear, transport=transport)

    @property
    def heard(self) -> Heard:
        """The last answer."""
        return self._ear.heard


class ListeningNetSuite(NetSuiteClient):
    """The RESTlet, called once a call, with an ear for headers, those of the token service too."""

    def __init__(
        self,
        settings: Settings,
        account: str,
        login: Login,
        ear: Ear,
        transport: httpx.AsyncBaseTransport | None,
    ) -> None:
        self._ear = ear
        super().__init__(
            account,
            login,
            script=settings.netsuite.script,
            deploy=settings.netsuite.deploy,
            base_url=settings.netsuite.base_url,
            transport=transport,
            retry=_ONCE,
            read_timeout_seconds=_SECONDS,
            heard=ear,
        )

    @property
    def heard(self) -> Heard:
        """The last answer."""
        return self._ear.heard


def _keyring(secrets: Sequence[SecretFact]) -> tuple[Problem | None, str | None]:
    """Say why the system's keyring cannot be used, or name it; where it is not needed it is not even loaded."""
    if all(one.where == "variable" for one in secrets):
        return None, None
    try:
        backend = type(usable_keyring())
    except LagoNsError as error:
        return problem_of(error), None
    return None, f"{backend.__module__}.{backend.__qualname__}"


def _written_back(settings: Settings) -> tuple[str, ...]:
    """Name the lists of Lago that every ``sync all`` writes to."""
    asked = settings.write_back
    if not asked.with_sync_all:
        return ()
    payments = ("payments",) if asked.sync_payments_back else ()
    return (*payments, *(("invoices", "credit_notes") if asked.metadata else ()))


class Machine:
    """This machine, as the options show it; satisfies ``Surroundings``.

    Args:
        seconds: The clock that logins carry.
        transport: Stands in for the network, in tests.
    """

    def __init__(
        self,
        options: Globals,
        *,
        seconds: Callable[[], float] = time.time,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._basics = Basics(options, warns=False)
        self._seconds = seconds
        self._transport = transport

    def setup(self) -> Setup:
        """Read the settings."""
        loaded = self._basics.loaded
        settings = loaded.settings
        netsuite = settings.netsuite
        url, problem = None, None
        try:
            url = restlet_base_url(netsuite.account or "0", netsuite.base_url)
        except ConfigError as error:
            problem = problem_of(error)
        return Setup(
            path=None if loaded.path is None else str(loaded.path),
            profile=loaded.profile,
            others_may_write=loaded.path is not None and writable_by_others(loaded.path),
            account=netsuite.account,
            auth=netsuite.auth,
            script=netsuite.script,
            deploy=netsuite.deploy,
            lago_url=settings.lago.base_url,
            netsuite_url=url,
            host_problem=problem,
            simulated=url is not None and is_loopback(urlsplit(url).hostname or ""),
            kinds=frozenset(kind for kind, on in settings.sync.kinds.model_dump().items() if on),
            written_back=_written_back(settings),
            quarantine_seconds=settings.push.quarantine_seconds,
            timeout_seconds=settings.push.timeout_seconds,
            concurrency=None if settings.push.concurrency == "auto" else settings.push.concurrency,
            leave_free=settings.push.leave_free,
            extend_customers=settings.sync.extend_customers,
            moves_closed_periods=settings.sync.closed_period_policy == "next_open",
        )

    def secrets(self) -> SecretFacts:
        """Look at the secrets."""
        netsuite = tuple(self._secret(name) for name in netsuite_login(self._settings.netsuite.auth))
        complete = all(one.where is not None for one in netsuite)
        lago = self._secret(SecretName.LAGO_API_KEY)
        keyring, keyring_name = _keyring((lago, *netsuite))
        facts = SecretFacts(
            lago=lago,
            netsuite=netsuite,
            keyring=keyring,
            keyring_name=keyring_name,
            certificate_ends_at=self._certificate_end(netsuite),
        )
        if not complete:
            return facts
        try:
            self._login(Ear())
        except LagoNsError as error:
            return replace(facts, unusable=problem_of(error))
        return replace(facts, login=self._digest())

    def _certificate_end(self, parts: Sequence[SecretFact]) -> datetime | None:
        """Tell until when the certificate is valid; a keyring that is not needed is not asked."""
        name = SecretName.CERTIFICATE
        variables = (name.variable, name.variable_of(self._basics.loaded.profile))
        kept = any(one.where == "keyring" for one in parts)
        if self._settings.netsuite.auth != "oauth2" or not (kept or any(map(os.environ.get, variables))):
            return None
        with suppress(LagoNsError):
            certificate = self._basics.credentials.load(SecretName.CERTIFICATE)
            return None if certificate is None else expiry_of(certificate.reveal())
        return None

    def _secret(self, name: SecretName) -> SecretFact:
        try:
            status = self._basics.credentials.status(name)
        except LagoNsError as error:
            return SecretFact(name=name.value, variable=name.variable, problem=problem_of(error))
        return SecretFact(
            name=name.value, variable=name.variable, where=status.where, stored_at=status.stored_at
        )

    def _digest(self) -> str:
        """Tell one login from another."""
        names = netsuite_login(self._settings.netsuite.auth)
        parts = [self._basics.secret(name) for name in names if name in _IDENTIFIERS]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    def ledger(self) -> LedgerFacts:
        """Look at the ledger."""
        settings, loaded = self._settings, self._basics.loaded
        try:
            return inspect_ledger(
                settings.ledger.url, profile=loaded.profile, account=settings.netsuite.account
            )
        except LedgerError as error:
            return LedgerFacts(place=settings.ledger.url, problem=problem_of(error))

    def mapping(self) -> MappingFacts:
        """Look at the mapping file."""
        path = self._settings.mappings
        try:
            mappings = load_mappings(path)
        except LagoNsError as error:
            return MappingFacts(path=str(path), problem=problem_of(error))
        return MappingFacts(path=str(path), mappings=mappings, others_may_write=writable_by_others(path))

    async def reach(self, url: str) -> Reach:
        """Go towards a URL."""
        return await try_to_reach(url)

    def lago(self) -> ListeningLago:
        """Open Lago."""
        return ListeningLago(self._settings, self._basics.secret(SecretName.LAGO_API_KEY), self._transport)

    def netsuite(self) -> ListeningNetSuite:
        """Open NetSuite."""
        ear = Ear()
        login = self._login(ear)
        return ListeningNetSuite(self._settings, self._basics.loaded.account, login, ear, self._transport)

    def _login(self, ear: Ear) -> Login:
        names = netsuite_login(self._settings.netsuite.auth)
        secrets = {name: self._basics.credentials.require(name) for name in names}
        ways = Ways(self._transport, ear)
        return open_login(self._settings, self._basics.loaded.account, secrets, by=self._seconds, ways=ways)

    @property
    def _settings(self) -> Settings:
        return self._basics.settings

    def packaged_version(self) -> str:
        """Name the version of the script that this program ships."""
        return script_version()

    def open_ledger(self) -> SqlLedger:
        """Open the ledger to write; it is made or upgraded where needed."""
        loaded = self._basics.loaded
        return SqlLedger(self._settings.ledger.url, profile=loaded.profile, account=loaded.account)

    def remember(self, fact: Fact, at: datetime) -> None:
        """Remember a fact in the ledger, where there is one that this program may write to."""
        facts = self.ledger()
        if not facts.exists or facts.problem or facts.revision != facts.current_revision:
            return
        with suppress(LedgerError, ConfigError), self.open_ledger() as ledger:
            ledger.record_facts([fact], at)
