"""The lease of an account in the ledger; every function takes the connection of a transaction that writes.

One row an account. It stays when a lease is given back, so that tokens only ever rise.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from lago_ns_cli.domain.lease import Lease, Owner, ground_for_takeover
from lago_ns_cli.errors import LeaseHeldError, LeaseLostError
from lago_ns_cli.ledger.tables import leases

IsAlive = Callable[[Owner], bool | None]


@dataclass(frozen=True, slots=True)
class Takeover:
    """A lease that was taken from another run, and why that was allowed."""

    lease: Lease
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What is asked for: the account, for whom, and what they will do."""

    account: str
    profile: str
    owner: Owner
    doing: str
    ttl: timedelta
    is_alive: IsAlive


def acquire(connection: Connection, claim: Claim, at: datetime) -> tuple[Lease, Takeover | None]:
    """Take the lease of an account.

    Raises:
        LeaseHeldError: Another run holds it and may be alive.
    """
    last = connection.execute(select(leases).where(leases.c.account == claim.account)).one_or_none()
    held = None if last is None or last.owner is None else Lease(**last._mapping)
    ground = None
    if held is not None:
        ground = ground_for_takeover(held, alive=claim.is_alive(held.process), at=at, ttl=claim.ttl)
        if ground is None:
            raise _held(held)
    lease = _lease(claim, 1 if last is None else last.token + 1, at)
    if last is None:
        connection.execute(insert(leases), asdict(lease))
    else:
        connection.execute(update(leases).where(leases.c.account == claim.account).values(**asdict(lease)))
    return lease, None if held is None or ground is None else Takeover(held, ground)


def check(connection: Connection, lease: Lease) -> None:
    """Make sure that a lease is still the account's.

    Raises:
        LeaseLostError: Another run took it over.
    """
    row = connection.execute(select(leases).where(leases.c.account == lease.account)).one_or_none()
    if row is None or row.token != lease.token or row.owner is None:
        # The row of a run that has ended still tells which one it was.
        other = None if row is None or row.token == lease.token else Lease(**row._mapping)
        raise _lost(lease, other)


def renew(connection: Connection, lease: Lease, at: datetime) -> None:
    """Say that its run is alive.

    Raises:
        LeaseLostError: Another run took it over.
    """
    check(connection, lease)
    connection.execute(update(leases).where(leases.c.account == lease.account).values(heartbeat_at=at))


def release(connection: Connection, lease: Lease) -> None:
    """Give a lease back; one that was lost is left to whoever has it."""
    mine = (leases.c.account == lease.account, leases.c.token == lease.token)
    connection.execute(update(leases).where(*mine).values(owner=None))


def load(connection: Connection, account: str) -> Lease | None:
    """Load the lease that is held; None where nobody holds it."""
    query = select(leases).where(leases.c.account == account, leases.c.owner.is_not(None))
    row = connection.execute(query).one_or_none()
    return None if row is None else Lease(**row._mapping)


def _lease(claim: Claim, token: int, at: datetime) -> Lease:
    return Lease(
        token=token,
        account=claim.account,
        profile=claim.profile,
        owner=claim.owner.run,
        host=claim.owner.host,
        pid=claim.owner.pid,
        pid_scope=claim.owner.pid_scope,
        process_start=claim.owner.process_start,
        doing=claim.doing,
        since=at,
        heartbeat_at=at,
    )


def _held(lease: Lease) -> LeaseHeldError:
    return LeaseHeldError(
        f"Another run holds NetSuite account {lease.account}: {lease}, "
        f"last heard of at {lease.heartbeat_at:%H:%M:%S} UTC.",
        hint="let it end, or wait for it: --wait SECONDS",
    )


def _lost(lease: Lease, now: Lease | None) -> LeaseLostError:
    by = "another run" if now is None else f"`{now.doing}` on {now.host} (process {now.pid})"
    return LeaseLostError(
        f"This run lost NetSuite account {lease.account} to {by}, which took it for dead. "
        "It writes nothing more; what it had sent is looked up by the next run.",
        hint="run the same command again when the other has ended",
    )
