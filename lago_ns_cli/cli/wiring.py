"""Where adapters and workflows meet: builds what a command needs from its options.

Each function notes what it touches, so that a command opens no more than it uses.
"""

import asyncio
import logging
import os
import shlex
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

from lago_ns_cli.cli.basics import Basics
from lago_ns_cli.cli.globals import Globals
from lago_ns_cli.cli.pace import load_learned, open_pacer, open_run_log
from lago_ns_cli.domain.account_memory import UNIQUE_KEYS, account_key, read_unique_keys
from lago_ns_cli.domain.audit import AuditEntry
from lago_ns_cli.domain.audit_export import TrailHeader, read_export
from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.gate import VoidPolicy
from lago_ns_cli.domain.identifiers import InternalId, Kind, LagoExternalId
from lago_ns_cli.domain.mapping import Mappings
from lago_ns_cli.domain.periods import ClosedPeriodPolicy
from lago_ns_cli.domain.secrets import SecretName
from lago_ns_cli.domain.translation.context import Context
from lago_ns_cli.errors import ConfigError, LagoNsError
from lago_ns_cli.ledger.engine import database_name
from lago_ns_cli.ledger.processes import this_process
from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.mapping_file import load_mappings, save_mappings
from lago_ns_cli.settings import LoadedSettings, Settings
from lago_ns_cli.workflows.announce import AnnouncedAs, announce_failures
from lago_ns_cli.workflows.deciding import Rules
from lago_ns_cli.workflows.leasing import hold_account
from lago_ns_cli.workflows.opening import open_run
from lago_ns_cli.workflows.pacing import Pacer
from lago_ns_cli.workflows.ports import Announcer, LagoSource, LagoWriter, NetSuite
from lago_ns_cli.workflows.push import Pusher, PushSettings
from lago_ns_cli.workflows.run import Run, SyncOptions

_SHORTEST_LONG_DOUBT = timedelta(minutes=30)
"""A document that is in doubt for less than this is not announced: its next look-ups will tell."""

_LOG = logging.getLogger(__name__)


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Tell the time, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything a run works with."""

    loaded: LoadedSettings
    settings: Settings
    ledger: SqlLedger
    clock: SystemClock
    mappings: Mappings
    lago_source: LagoSource | None
    netsuite_client: NetSuite | None
    pacer: Pacer
    announcer: Announcer
    stop: asyncio.Event
    closing: AsyncExitStack

    @property
    def lago(self) -> LagoSource:
        """Where documents come from."""
        if self.lago_source is None:
            raise AssertionError("the command did not ask for Lago")
        return self.lago_source

    @property
    def lago_writer(self) -> LagoWriter | None:
        """Who changes something in Lago; None where documents come from a file."""
        from lago_ns_cli.lago.client import LagoClient

        return self.lago_source if isinstance(self.lago_source, LagoClient) else None

    @property
    def netsuite(self) -> NetSuite:
        """The account."""
        if self.netsuite_client is None:
            raise AssertionError("the command did not ask for NetSuite")
        return self.netsuite_client


@asynccontextmanager
async def open_services(
    options: Globals,
    *,
    lago: bool = True,
    netsuite: bool = True,
    source: str | None = None,
    source_kind: Kind = Kind.INVOICE,
    needs_mappings: bool = False,
    dry_run: bool = False,
    stop: asyncio.Event | None = None,
) -> AsyncIterator[Services]:
    """Open both sides and the ledger; closes them again.

    Args:
        dry_run: A ledger that is not there is not made: the run sees an empty one.
        source: ``--from``: a file, or ``-`` for stdin; Lago is not called then.
        source_kind: What a bare object of that file is.
        stop: Once it is set, no call to NetSuite leaves any more.
    """
    basics = Basics(options)
    async with AsyncExitStack() as stack:
        lago_source = _lago(basics, source, source_kind) if lago else None
        if lago_source is not None:
            stack.push_async_callback(lago_source.aclose)
        ledger = stack.enter_context(_ledger_as_it_is(basics) if dry_run else _ledger(basics))
        pacer = open_pacer(basics.settings.push, load_learned(ledger))
        client = _netsuite(basics, pacer) if netsuite else None
        if client is not None:
            stack.push_async_callback(client.aclose)
        mappings = load_mappings(basics.settings.mappings) if needs_mappings else Mappings()
        yield Services(
            loaded=basics.loaded,
            settings=basics.settings,
            ledger=ledger,
            clock=SystemClock(),
            mappings=mappings,
            lago_source=lago_source,
            netsuite_client=client,
            pacer=pacer,
            announcer=_announcer(basics),
            stop=stop or asyncio.Event(),
            closing=stack,
        )


def _lago(basics: Basics, source: str | None, kind: Kind) -> LagoSource:
    if source is not None:
        from lago_ns_cli.lago.file import FileSource

        return FileSource(_content(source), kind=kind, name=source)
    from lago_ns_cli.cli.logins import open_lago

    return open_lago(basics.settings, basics.credentials)


def _content(source: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{source} cannot be read: {error.strerror}.", hint="Name a file, or - for standard input."
        ) from error


def _netsuite(basics: Basics, pacer: Pacer | None = None) -> NetSuite:
    from lago_ns_cli.cli.logins import open_netsuite, open_stored_login

    settings, account = basics.settings, basics.loaded.account
    login = open_stored_login(settings, account, basics.credentials)
    return open_netsuite(settings, account, login, gate=pacer)


def _announcer(basics: Basics) -> Announcer:
    from lago_ns_cli.announcing import Announcing

    settings = basics.settings.announce
    return Announcing(
        url=settings.url,
        secret=lambda: basics.secret(SecretName.ANNOUNCE_SECRET),
        command=settings.command,
        environ=os.environ,
    )


async def announce(services: Services) -> None:
    """Tell whom the settings name of documents that newly fail; how that goes never fails a run."""
    doubt = timedelta(seconds=2 * services.settings.push.quarantine_seconds)
    sender = AnnouncedAs(profile=services.loaded.profile, long_doubt=max(doubt, _SHORTEST_LONG_DOUBT))
    try:
        services.ledger.check_lease()
        problems = await announce_failures(services.ledger, services.announcer, services.clock, sender)
    except LagoNsError as error:
        problems = [f"Failing documents could not be announced: {error.message}"]
    for problem in problems:
        _LOG.warning("%s", problem)


def _ledger(basics: Basics) -> SqlLedger:
    return SqlLedger(basics.settings.ledger.url, profile=basics.loaded.profile, account=basics.loaded.account)


def _ledger_as_it_is(basics: Basics) -> SqlLedger:
    """Open the ledger without making its file; in its place stands one in memory."""
    name = database_name(basics.settings.ledger.url)
    if name == ":memory:" or Path(name).exists():
        return _ledger(basics)
    return SqlLedger("sqlite://", profile=basics.loaded.profile, account=basics.loaded.account)


@contextmanager
def open_ledger(options: Globals) -> Iterator[SqlLedger]:
    """Open the ledger alone; nothing is called."""
    with _ledger(Basics(options)) as ledger:
        yield ledger


@asynccontextmanager
async def open_netsuite_alone(options: Globals) -> AsyncIterator[NetSuite]:
    """Open NetSuite alone; neither Lago nor the ledger is touched."""
    client = _netsuite(Basics(options))
    try:
        yield client
    finally:
        await client.aclose()


@contextmanager
def open_export(path: Path) -> Iterator[tuple[TrailHeader, Iterator[AuditEntry]]]:
    """Open an exported audit trail; its entries are read as they are asked for.

    Raises:
        ConfigError: It cannot be read, or is no such export.
    """
    try:
        with path.open("rb") as stream:
            yield read_export(iter(stream), str(path))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.", hint="Name another file.") from error


def effective_settings(options: Globals) -> LoadedSettings:
    """Load the settings with their origins."""
    return Basics(options).loaded


def quarantine(services: Services) -> timedelta:
    """Tell how long after a lost answer nothing may be sent again.

    Raises:
        ConfigError: None is set, and nothing proves that the account refuses a repeated key.
    """
    key = account_key(services.loaded.account)
    proof = read_unique_keys(services.ledger.facts([key]).get(key, {}).get(UNIQUE_KEYS))
    seconds = services.settings.push.quarantine_seconds
    if seconds == 0 and (proof is None or not proof.refused):
        known = "it was never probed" if proof is None else "a probe showed that it stores it"
        raise ConfigError(
            f"quarantine_seconds is 0, which is for accounts that refuse a repeated key; of "
            f"{services.loaded.account} that is not proven: {known}.",
            hint="Remove the setting (960 is the default), or prove it: lago-ns doctor --probe",
            code="quarantine_unproven",
        )
    return timedelta(seconds=seconds)


async def hold(services: Services, *, wait_seconds: float = 0.0) -> None:
    """Hold the account until the services are closed; nothing where it is held already.

    Raises:
        LeaseHeldError: Another run holds it, and still does after the wait.
    """
    if services.ledger.lease is not None:
        return
    owner = this_process(uuid4().hex[:12])
    doing = shlex.join(sys.argv[1:])[:_LONGEST_COMMAND]
    held = hold_account(services.ledger, services.clock, owner, doing, wait_seconds=wait_seconds)
    await services.closing.enter_async_context(held)


_LONGEST_COMMAND = 200
"""Characters of a command line that whoever is refused meanwhile gets to read."""


async def start_run(
    services: Services,
    selection: Selection,
    *,
    dry_run: bool = False,
    max_changes: int | None = None,
    sweep: bool = False,
    incremental: bool = False,
    links: Mapping[LagoExternalId, InternalId] | None = None,
    wait_seconds: float = 0.0,
) -> Run:
    """Take the account, unless nothing is to be written, greet both sides and prepare a run.

    Args:
        sweep: Look at everything, whatever earlier runs have seen.
        incremental: Without a selection, look at what is new or still open.
        links: NetSuite records that a person named for customers.
        wait_seconds: How long to wait for another run that holds the account.
    """
    if not dry_run:
        await hold(services, wait_seconds=wait_seconds)
    settings = services.settings
    closed_periods = ClosedPeriodPolicy(settings.sync.closed_period_policy)
    log = open_run_log(services.ledger, services.clock)
    try:
        opening = await open_run(
            services.lago,
            services.netsuite,
            services.ledger,
            services.clock,
            keep=not dry_run,
            account=services.loaded.account,
            closed_periods=closed_periods,
        )
    except LagoNsError as error:
        if log is not None:
            log.could_not_begin(error)
        raise
    pusher = Pusher(
        services.netsuite,
        services.ledger,
        services.clock,
        PushSettings(batch=settings.push.batch),
        services.stop,
        services.pacer,
        load_learned(services.ledger),
    )
    return Run(
        services.lago,
        services.netsuite,
        services.ledger,
        pusher,
        services.clock,
        Context(
            mappings=services.mappings,
            account=opening.account,
            external_entity_ids=settings.sync.entityid == "external_id",
            closed_periods=closed_periods,
        ),
        SyncOptions(
            selection=selection,
            rules=Rules(
                sync_from=settings.sync.sync_from,
                void_policy=VoidPolicy(settings.sync.void_policy),
                asked_by_id=bool(selection.ids),
                create_customers=settings.sync.kinds.customer,
                extend_customers=settings.sync.extend_customers,
                links=links or {},
            ),
            dry_run=dry_run,
            max_changes=max_changes,
            sweep=sweep,
            incremental=incremental,
            lookback=timedelta(days=settings.sync.lookback_days),
            started=opening.started(services.clock),
        ),
        log=log,
    )


@dataclass(frozen=True, slots=True)
class OpenedMappings:
    """The mappings and their file."""

    path: Path
    mappings: Mappings


def open_mappings(options: Globals) -> OpenedMappings:
    """Load the mapping file."""
    path = Basics(options).settings.mappings
    return OpenedMappings(path, load_mappings(path))


def edit_mappings(
    options: Globals, change: Callable[[Mappings], Mappings], *, may_create: bool = False
) -> tuple[Path, bool]:
    """Change the mapping file.

    Returns:
        The file, and whether anything changed.
    """
    path = Basics(options).settings.mappings
    before = None if may_create and not path.exists() else load_mappings(path)
    after = change(before or Mappings())
    if after == before:
        return path, False
    save_mappings(path, after, replaces=before)
    return path, True


def load_catalogs(options: Globals) -> tuple[Catalog, Catalog]:
    """Load what ``fetch-catalog`` kept: Lago's catalog and NetSuite's.

    Raises:
        ConfigError: One of them was never fetched.
    """
    with open_ledger(options) as ledger:
        lago, netsuite = ledger.load_catalog("lago"), ledger.load_catalog("netsuite")
    if lago is None or netsuite is None:
        missing = "Lago" if lago is None else "NetSuite"
        raise ConfigError(f"The catalog of {missing} was never fetched.", hint="lago-ns fetch-catalog")
    return lago, netsuite


def need_simulator() -> None:
    """Make sure that what the simulator runs on is installed.

    Raises:
        ConfigError: The extra is not installed.
    """
    missing = [name for name in ("starlette", "uvicorn", "quickjs") if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"The simulator needs {', '.join(missing)}, which is not installed.",
            hint='pip install "lago-ns-cli[simulator]"',
        )
