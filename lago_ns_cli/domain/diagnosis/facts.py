"""What can be known about a set-up, as values; ``workflows.doctor`` gathers them.

A part that is None was not asked for, because something before it failed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lago_ns_cli.domain.account_memory import AcceptedLogin, UniqueKeys
from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.diagnosis.findings import Concern
from lago_ns_cli.domain.documents import Customer
from lago_ns_cli.domain.exchange import Inspection, Organization, Ping
from lago_ns_cli.domain.identifiers import InternalId, LagoExternalId
from lago_ns_cli.domain.lease import Lease
from lago_ns_cli.domain.mapping import Mappings


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An error as a fact: what failed, why, and what to do.

    Args:
        code: As the error catalogue knows it.
        status: Of an HTTP answer, where there was one.
        details: The single problems of a file, a line each.
    """

    message: str
    hint: str | None = None
    code: str = ""
    status: int | None = None
    concern: Concern = Concern.SETUP
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """The settings that checks look at.

    Args:
        path: The file; None where variables alone say what is to be done.
        account: As in logins (``1234567_SB1``); None where none is set.
        host_problem: Why the NetSuite address cannot be used with this account.
        simulated: NetSuite's address is on this machine.
        kinds: What is carried over.
        written_back: Lists of Lago that every ``sync all`` writes to.
    """

    path: str | None
    profile: str
    others_may_write: bool = False
    account: str | None
    auth: str
    script: str
    deploy: str
    lago_url: str
    netsuite_url: str | None
    host_problem: Problem | None = None
    simulated: bool = False
    kinds: frozenset[str] = frozenset()
    written_back: tuple[str, ...] = ()
    quarantine_seconds: int = 960
    timeout_seconds: int = 330
    concurrency: int | None = None
    leave_free: int = 1
    extend_customers: bool = False
    moves_closed_periods: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFact:
    """One secret: ``where`` is ``variable``, ``keyring`` or None; ``problem`` where nobody can say."""

    name: str
    variable: str
    where: str | None = None
    stored_at: datetime | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFacts:
    """The secrets of the profile.

    Args:
        lago: The API key.
        netsuite: What the way of logging in needs.
        unusable: Why what is stored cannot be used: a key that is no key.
        keyring: Why the system's keyring cannot be used; None where it can, or is not needed.
        keyring_name: Its back end; None where it cannot be used, or is not needed.
        certificate_ends_at: Of OAuth 2.0, where that is known.
        login: A digest of the identifiers that log in, to tell one login from another.
    """

    lago: SecretFact
    netsuite: tuple[SecretFact, ...]
    unusable: Problem | None = None
    keyring: Problem | None = None
    keyring_name: str | None = None
    certificate_ends_at: datetime | None = None
    login: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFacts:
    """The ledger as it is, without making or changing it.

    Args:
        place: The file.
        exists: Whether it is there.
        folder_problem: Why no file can be made or written there.
        filesystem: The kind of file system, where it is a shared one that SQLite cannot lock safely.
        others_may_read: Whether other users of the machine may read or change it.
        revision: Of its schema; None where it has none.
        integrity: What the database says of itself; ``ok`` where all is well.
        account: The account that the profile's rows belong to; None before the first run.
        organization: The Lago organization that they belong to.
        lease_alive: Whether the lease's process lives; None where that is not known.
        unique_keys: What the probe of this account proved, None where it was never made.
        limit: The account's limit of calls at once that was learned, if one was.
        last_login: The login that worked last.
    """

    place: str
    exists: bool = True
    problem: Problem | None = None
    folder_problem: str | None = None
    filesystem: str | None = None
    others_may_read: bool = False
    revision: str | None = None
    current_revision: str = ""
    integrity: str | None = None
    account: str | None = None
    organization: str | None = None
    lease: Lease | None = None
    lease_alive: bool | None = None
    unique_keys: UniqueKeys | None = None
    limit: int | None = None
    last_login: AcceptedLogin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingFacts:
    """The mapping file."""

    path: str
    mappings: Mappings | None = None
    problem: Problem | None = None
    others_may_write: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far one gets towards a host.

    Args:
        host: With its port where it is not the usual one.
        stage: Where it ended: ``name``, ``connection``, ``encryption``; None where it did not.
        error: What the system said there.
        proxy: Calls go through it, so that only the proxy could be tried.
        certificate_ends_at: Of the host's own certificate.
    """

    host: str
    stage: str | None = None
    error: str | None = None
    proxy: str | None = None
    certificate_ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """The last answer of a side, as its headers tell: the time there, and calls allowed and left in a second."""

    time: datetime | None = None
    rate: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Our clock and another's at one moment."""

    ours: datetime
    theirs: datetime

    @property
    def ahead_seconds(self) -> float:
        """How far our clock is ahead."""
        return (self.ours - self.theirs).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class LagoFacts:
    """What Lago says.

    Args:
        problem: Why it did not name its organization.
        refused_reads: By resource, what was answered in place of its list.
        refused_writes: Likewise for changes.
        rate: Calls that are allowed and left in this second; None where it does not count.
        catalog: What can be mapped, as it is now; None where it could not be read.
        customers: A few, to compare with NetSuite's.
    """

    reach: Reach
    clocks: Clocks | None = None
    problem: Problem | None = None
    organization: Organization | None = None
    refused_reads: Mapping[str, Problem] = field(default_factory=dict)
    refused_writes: Mapping[str, Problem] = field(default_factory=dict)
    rate: tuple[int, int] | None = None
    catalog: Catalog | None = None
    customers: tuple[Customer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFit:
    """A customer on both sides; ``wanted`` in NetSuite's ids, None where no row maps it."""

    external_id: LagoExternalId
    netsuite_id: InternalId
    inactive: bool
    currency: str | None
    wanted_currency: str | None
    currencies: frozenset[str] | None
    wanted_subsidiary: str | None
    subsidiaries: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetSuiteFacts:
    """What NetSuite says.

    Args:
        problem: Why ``ping`` was not answered.
        packaged_version: Of the script that this program ships.
        catalog: What the role sees of the account now.
        customers: A few customers that both sides have; None where they were not compared.
        trial_records: What a probe left there, as a person would name it; None where it was not looked for.
    """

    reach: Reach
    clocks: Clocks | None = None
    problem: Problem | None = None
    ping: Ping | None = None
    packaged_version: str = ""
    inspection: Inspection | None = None
    inspection_problem: Problem | None = None
    catalog: Catalog | None = None
    customers: tuple[CustomerFit, ...] | None = None
    trial_records: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that is known, at a moment."""

    now: datetime
    config_problem: Problem | None = None
    setup: Setup | None = None
    secrets: SecretFacts | None = None
    ledger: LedgerFacts | None = None
    mapping: MappingFacts | None = None
    lago: LagoFacts | None = None
    netsuite: NetSuiteFacts | None = None
