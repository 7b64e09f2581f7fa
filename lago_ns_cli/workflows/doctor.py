"""Checks everything that would fail later: what is on this machine first, then Lago, then NetSuite.

Gathering and judging are apart: here facts are brought together, step by step, and ``domain.diagnosis`` judges
each step. What fails is a fact like any other, so every check is made that can be.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from lago_ns_cli.domain.account_memory import AcceptedLogin, login_fact
from lago_ns_cli.domain.attempts import Fact
from lago_ns_cli.domain.catalog import Catalog, Row
from lago_ns_cli.domain.diagnosis.checks import Check, run_checks
from lago_ns_cli.domain.diagnosis.facts import (
    Clocks,
    Facts,
    Heard,
    LagoFacts,
    LedgerFacts,
    MappingFacts,
    NetSuiteFacts,
    Problem,
    Reach,
    SecretFacts,
    Setup,
)
from lago_ns_cli.domain.diagnosis.findings import Concern, Finding
from lago_ns_cli.domain.diagnosis.lago import LAGO_CHECKS, WRITTEN, needed_reads
from lago_ns_cli.domain.diagnosis.ledger import LEDGER_CHECKS
from lago_ns_cli.domain.diagnosis.local import CONFIG_CHECKS, MAPPING_CHECKS
from lago_ns_cli.domain.diagnosis.netsuite_access import ACCESS_CHECKS
from lago_ns_cli.domain.diagnosis.netsuite_setup import SETUP_CHECKS
from lago_ns_cli.domain.exchange import Inspection, Organization, Ping
from lago_ns_cli.errors import AuthError, ConfigError, InDoubtError, LagoNsError, RemoteError, TransientError
from lago_ns_cli.workflows.ports import Clock

SECTIONS = (
    "items",
    "tax_codes",
    "tax_types",
    "nexuses",
    "subsidiaries",
    "currencies",
    "accounts",
    "payment_methods",
    "terms",
    "custom_fields",
    "custom_record_types",
    "periods",
    "record_fields",
)
"""What is read of the account."""


class LagoDoor(Protocol):
    """Lago, one call at a time, each made once.

    Raises, all calls: ``RemoteError``.
    """

    @property
    def heard(self) -> Heard:
        """The last answer."""

    async def organization(self) -> Organization:
        """Name the organization."""

    async def try_to_read(self, name: str) -> None:
        """Ask for one row of a list."""

    async def try_to_write(self, name: str) -> None:
        """Ask to change an object that cannot exist, so that only the permission is tried."""

    async def aclose(self) -> None:
        """Let the connections go."""


class NetSuiteDoor(Protocol):
    """The RESTlet, each call made once.

    Raises, all calls: ``RemoteError``, ``ConfigError`` where another account answers.
    """

    @property
    def heard(self) -> Heard:
        """The last answer, also of the service that gives tokens."""

    async def ping(self) -> Ping:
        """Ask the account who it is and what is missing."""

    async def inspect(self) -> Inspection:
        """Ask how our set-up in the account stands."""

    async def describe_sections(
        self, sections: Sequence[str]
    ) -> Mapping[str, tuple[Sequence[Row], str | None]]:
        """Fetch catalog sections, and why one is unavailable if it is."""

    async def aclose(self) -> None:
        """Let the connections go."""


class Surroundings(Protocol):
    """What is on this machine, and the ways out of it."""

    def setup(self) -> Setup:
        """Read the settings; raises ``ConfigError``."""

    def secrets(self) -> SecretFacts:
        """Look at the secrets; none leaves with the facts."""

    def ledger(self) -> LedgerFacts:
        """Look at the ledger without changing it."""

    def mapping(self) -> MappingFacts:
        """Look at the mapping file."""

    async def reach(self, url: str) -> Reach:
        """Go towards a URL."""

    def lago(self) -> LagoDoor:
        """Open Lago; raises ``ConfigError``."""

    def netsuite(self) -> NetSuiteDoor:
        """Open NetSuite; raises ``ConfigError``."""

    def packaged_version(self) -> str:
        """Name the version of the script that this program ships."""

    def remember(self, account: str, fact: Fact, at: datetime) -> None:
        """Remember a fact in the ledger, where there is one."""


async def examine(around: Surroundings, clock: Clock) -> AsyncIterator[Finding]:
    """Make every check.

    Yields:
        One finding a check, in a fixed order, each group as soon as its facts are known.
    """
    facts = _local_facts(around, clock)
    found: dict[str, Finding] = {}

    def judged(checks: Sequence[Check]) -> Iterator[Finding]:
        return run_checks(checks, facts, found)

    for checks in (CONFIG_CHECKS, LEDGER_CHECKS, MAPPING_CHECKS):
        for finding in judged(checks):
            yield finding
    if facts.setup is not None:
        facts = replace(facts, lago=await _lago_facts(around, clock, facts.setup, found))
    for finding in judged(LAGO_CHECKS):
        yield finding
    if facts.setup is not None and found["config.host"].passed:
        facts = replace(facts, netsuite=await _netsuite_facts(around, clock, facts.setup, found))
    for finding in judged((*ACCESS_CHECKS, *SETUP_CHECKS)):
        yield finding
    _remember_login(around, facts)


def problem_of(error: LagoNsError) -> Problem:
    """Keep of an error what can be judged."""
    return Problem(
        message=error.message,
        hint=error.hint,
        code=error.code,
        status=error.status if isinstance(error, RemoteError) else None,
        concern=_concern(error),
        details=error.problems if isinstance(error, ConfigError) else (),
    )


def _concern(error: LagoNsError) -> Concern:
    if isinstance(error, AuthError):
        return Concern.ACCESS
    return Concern.REACH if isinstance(error, TransientError | InDoubtError) else Concern.SETUP


def _local_facts(around: Surroundings, clock: Clock) -> Facts:
    try:
        setup = around.setup()
    except LagoNsError as error:
        return Facts(now=clock.now(), config_problem=problem_of(error))
    return Facts(
        now=clock.now(),
        setup=setup,
        secrets=around.secrets(),
        ledger=around.ledger(),
        mapping=around.mapping(),
    )


async def _lago_facts(
    around: Surroundings, clock: Clock, setup: Setup, found: Mapping[str, Finding]
) -> LagoFacts:
    facts = LagoFacts(reach=await around.reach(setup.lago_url))
    if facts.reach.stage is not None or not found["config.lago_key"].passed:
        return facts
    try:
        door = around.lago()
    except LagoNsError as error:
        return replace(facts, problem=problem_of(error))
    try:
        return await _ask_lago(door, clock, setup, facts)
    finally:
        await door.aclose()


async def _ask_lago(door: LagoDoor, clock: Clock, setup: Setup, facts: LagoFacts) -> LagoFacts:
    try:
        organization = await door.organization()
    except LagoNsError as error:
        return replace(facts, problem=problem_of(error), clocks=_clocks(door.heard, clock))
    facts = replace(facts, organization=organization, clocks=_clocks(door.heard, clock), rate=door.heard.rate)
    reads = {name: await _refusal(door.try_to_read, name) for name in needed_reads(setup.kinds)}
    writes = {name: await _refusal(door.try_to_write, name) for name in WRITTEN}
    return replace(
        facts,
        refused_reads={name: problem for name, problem in reads.items() if problem is not None},
        refused_writes={name: problem for name, problem in writes.items() if problem is not None},
    )


async def _refusal(ask: Callable[[str], Awaitable[None]], name: str) -> Problem | None:
    try:
        await ask(name)
    except LagoNsError as error:
        return problem_of(error)
    return None


async def _netsuite_facts(
    around: Surroundings, clock: Clock, setup: Setup, found: Mapping[str, Finding]
) -> NetSuiteFacts:
    facts = NetSuiteFacts(
        reach=await around.reach(setup.netsuite_url or ""), packaged_version=around.packaged_version()
    )
    if facts.reach.stage is not None or not found["config.netsuite_login"].passed:
        return facts
    try:
        door = around.netsuite()
    except LagoNsError as error:
        return replace(facts, problem=problem_of(error))
    try:
        return await _ask_netsuite(door, clock, facts)
    finally:
        await door.aclose()


async def _ask_netsuite(door: NetSuiteDoor, clock: Clock, facts: NetSuiteFacts) -> NetSuiteFacts:
    try:
        ping = await door.ping()
    except LagoNsError as error:
        return replace(facts, problem=problem_of(error), clocks=_clocks(door.heard, clock))
    facts = replace(facts, ping=ping, clocks=_clocks(door.heard, clock, ping.time))
    try:
        facts = replace(facts, inspection=await door.inspect())
    except LagoNsError as error:
        facts = replace(facts, inspection_problem=problem_of(error))
    return replace(facts, catalog=await _describe(door, clock))


def _clocks(heard: Heard, clock: Clock, told: datetime | None = None) -> Clocks | None:
    """Compare the clocks; the body's time is finer than the header's, and lacks in a refusal."""
    theirs = told or heard.time
    return None if theirs is None else Clocks(ours=clock.now(), theirs=theirs)


async def _describe(door: NetSuiteDoor, clock: Clock) -> Catalog:
    try:
        sections = await door.describe_sections(SECTIONS)
    except LagoNsError as error:
        return Catalog("netsuite", clock.now(), {}, unavailable=dict.fromkeys(SECTIONS, error.message))
    return Catalog(
        "netsuite",
        clock.now(),
        {name: rows for name, (rows, why) in sections.items() if why is None},
        unavailable={name: why for name, (_, why) in sections.items() if why is not None},
    )


_REMEMBERED_FOR = timedelta(days=1)


def _remember_login(around: Surroundings, facts: Facts) -> None:
    """Remember a login that worked, so that a later refusal can say "since then"."""
    digest = None if facts.secrets is None else facts.secrets.login
    if facts.netsuite is None or facts.netsuite.ping is None or digest is None:
        return
    before = None if facts.ledger is None else facts.ledger.last_login
    if before is not None and before.digest == digest and facts.now - before.at < _REMEMBERED_FOR:
        return
    account = facts.netsuite.ping.account
    around.remember(account, login_fact(account, AcceptedLogin(digest, facts.now)), facts.now)
