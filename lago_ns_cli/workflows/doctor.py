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
from lago_ns_cli.domain.catalog import LAGO_SECTIONS, Catalog, Row
from lago_ns_cli.domain.diagnosis.checks import Check, run_checks
from lago_ns_cli.domain.diagnosis.facts import (
    Clocks,
    CustomerFit,
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
from lago_ns_cli.domain.diagnosis.fits import FIT_CHECKS
from lago_ns_cli.domain.diagnosis.lago import LAGO_CHECKS, WRITTEN, needed_reads
from lago_ns_cli.domain.diagnosis.ledger import LEDGER_CHECKS
from lago_ns_cli.domain.diagnosis.local import CONFIG_CHECKS, MAPPING_CHECKS
from lago_ns_cli.domain.diagnosis.netsuite_access import ACCESS_CHECKS
from lago_ns_cli.domain.diagnosis.netsuite_setup import SETUP_CHECKS
from lago_ns_cli.domain.documents import Customer
from lago_ns_cli.domain.exchange import Found, Inspection, Organization, Ping, RecordState
from lago_ns_cli.domain.mapping import Mappings
from lago_ns_cli.domain.trial import TRIAL_KEYS
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

    async def catalog_section(self, section: str) -> Sequence[Row]:
        """Fetch a section of ``catalog.LAGO_SECTIONS``."""

    async def some_customers(self, number: int) -> Sequence[Customer]:
        """Fetch the first customers of the list."""

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

    async def find(self, queries: Sequence[Mapping[str, str]]) -> Sequence[Found]:
        """Look records up."""

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

    def remember(self, fact: Fact, at: datetime) -> None:
        """Remember a fact in the ledger, where there is one."""


async def examine(around: Surroundings, clock: Clock) -> AsyncIterator[Finding]:
    """Make every check.

    Yields:
        One finding a check, in a fixed order, each group as soon as its facts are known.
    """
    facts = local_facts(around, clock)
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
        facts = replace(facts, netsuite=await _netsuite_facts(around, clock, facts, found))
    for finding in judged((*ACCESS_CHECKS, *SETUP_CHECKS, *FIT_CHECKS)):
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


def local_facts(around: Surroundings, clock: Clock) -> Facts:
    """Look at this machine alone."""
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
    facts = replace(
        facts,
        refused_reads={name: problem for name, problem in reads.items() if problem is not None},
        refused_writes={name: problem for name, problem in writes.items() if problem is not None},
    )
    if facts.refused_reads:
        return facts
    return await _with_objects(door, clock, facts)


async def _with_objects(door: LagoDoor, clock: Clock, facts: LagoFacts) -> LagoFacts:
    """Read what can be mapped and some customers; what cannot be read is not judged."""
    try:
        sections = {name: await door.catalog_section(name) for name in LAGO_SECTIONS}
        customers = await door.some_customers(_CUSTOMERS)
    except LagoNsError:
        return facts
    return replace(facts, catalog=Catalog("lago", clock.now(), sections), customers=tuple(customers))


_CUSTOMERS = 50
"""How many customers are compared."""


async def _refusal(ask: Callable[[str], Awaitable[None]], name: str) -> Problem | None:
    try:
        await ask(name)
    except LagoNsError as error:
        return problem_of(error)
    return None


async def _netsuite_facts(
    around: Surroundings, clock: Clock, known: Facts, found: Mapping[str, Finding]
) -> NetSuiteFacts:
    assert known.setup is not None
    reach = await around.reach(known.setup.netsuite_url or "")
    facts = NetSuiteFacts(reach=reach, packaged_version=around.packaged_version())
    if facts.reach.stage is not None or not found["config.netsuite_login"].passed:
        return facts
    try:
        door = around.netsuite()
    except LagoNsError as error:
        return replace(facts, problem=problem_of(error))
    try:
        return await _ask_netsuite(door, clock, facts, known)
    finally:
        await door.aclose()


async def _ask_netsuite(
    door: NetSuiteDoor, clock: Clock, facts: NetSuiteFacts, known: Facts
) -> NetSuiteFacts:
    try:
        ping = await door.ping()
    except LagoNsError as error:
        return replace(facts, problem=problem_of(error), clocks=_clocks(door.heard, clock))
    facts = replace(facts, ping=ping, clocks=_clocks(door.heard, clock, ping.time))
    try:
        facts = replace(facts, inspection=await door.inspect())
    except LagoNsError as error:
        facts = replace(facts, inspection_problem=problem_of(error))
    facts = replace(facts, catalog=await _describe(door, clock), trial_records=await _left_by_probes(door))
    return replace(facts, customers=await _compared_customers(door, known))


async def _left_by_probes(door: NetSuiteDoor) -> tuple[str, ...] | None:
    try:
        found = await door.find([{"type": kind, "key": key} for kind, key in TRIAL_KEYS.items()])
    except LagoNsError:
        return None
    return tuple(f"{one.type} {one.id}" for look in found for one in look.records)


async def _compared_customers(door: NetSuiteDoor, known: Facts) -> tuple[CustomerFit, ...] | None:
    """Look Lago's customers up in NetSuite, by their Lago ids; None where that cannot be done."""
    mappings = None if known.mapping is None else known.mapping.mappings
    if known.lago is None or known.lago.catalog is None or mappings is None:
        return None
    customers = known.lago.customers
    try:
        found = await door.find([{"type": "customer", "lago_id": one.lago_id} for one in customers])
    except LagoNsError:
        return None
    pairs = zip(customers, found, strict=True)
    return tuple(_fit(one, look.records[0], mappings) for one, look in pairs if look.records)


def _fit(customer: Customer, record: RecordState, mappings: Mappings) -> CustomerFit:
    currencies = record.fields.get("currencies")
    subsidiaries = record.fields.get("subsidiaries")
    return CustomerFit(
        external_id=customer.external_id,
        netsuite_id=record.id,
        inactive=record.fields.get("inactive") is True,
        currency=customer.currency,
        wanted_currency=mappings.currency(customer.currency).value if customer.currency else None,
        currencies=frozenset(map(str, currencies)) if isinstance(currencies, list | tuple) else None,
        wanted_subsidiary=mappings.subsidiary(customer.billing_entity_code).value,
        subsidiaries=frozenset(map(str, subsidiaries))
        if isinstance(subsidiaries, list | tuple)
        else frozenset(),
    )


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
    around.remember(login_fact(account, AcceptedLogin(digest, facts.now)), facts.now)
