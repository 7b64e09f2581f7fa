"""Holding the account while a run writes: taken at the start, kept alive, given back at the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Protocol

from lago_ns_cli.domain.lease import HEARTBEAT_SECONDS, Lease, Owner
from lago_ns_cli.errors import LeaseHeldError, LeaseLostError, LedgerError, RemoteError
from lago_ns_cli.workflows.ports import Clock

_ASK_AGAIN_SECONDS = 2.0


class LeaseKeeper(Protocol):
    """The ledger, as far as it keeps the lease."""

    def acquire_lease(self, owner: Owner, doing: str, at: datetime) -> Lease:
        """Take the account; raises ``LeaseHeldError``."""

    def check_lease(self) -> None:
        """Make sure that the account is still this run's; raises ``LeaseLostError``."""

    def renew_lease(self, at: datetime) -> None:
        """Say that the run is alive; raises ``LeaseLostError``."""

    def release_lease(self) -> None:
        """Give the account back."""


@asynccontextmanager
async def hold_account(
    ledger: LeaseKeeper, clock: Clock, owner: Owner, doing: str, *, wait_seconds: float = 0.0
) -> AsyncIterator[Lease]:
    """Hold the account, and say every half minute that the run is alive.

    Args:
        doing: The command, for whoever is refused meanwhile.
        wait_seconds: How long to wait for a run that holds the account.

    Raises:
        LeaseHeldError: Another run still holds it.
        LeaseLostError: Another run took it over meanwhile. That is told in place of the error of a call:
            what a run signed before it stood still is too old for NetSuite, which answers it as a bad login.
    """
    lease = await _acquire(ledger, clock, owner, doing, wait_seconds)
    beating = asyncio.create_task(_beat(ledger, clock))
    try:
        yield lease
    except RemoteError as error:
        _tell_if_lost(ledger, error)
        raise
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
        # What cannot be given back now is taken over from the process that has ended.
        with suppress(LedgerError):
            ledger.release_lease()


def _tell_if_lost(ledger: LeaseKeeper, error: RemoteError) -> None:
    try:
        ledger.check_lease()
    except LeaseLostError as lost:
        raise lost from error
    except LedgerError:
        return  # the error of the call is what is known


async def _acquire(ledger: LeaseKeeper, clock: Clock, owner: Owner, doing: str, wait_seconds: float) -> Lease:
    until = clock.now() + timedelta(seconds=wait_seconds)
    while True:
        try:
            return ledger.acquire_lease(owner, doing, clock.now())
        except LeaseHeldError:
            left = (until - clock.now()).total_seconds()
            if left <= 0:
                raise
            await clock.sleep(min(_ASK_AGAIN_SECONDS, left))


async def _beat(ledger: LeaseKeeper, clock: Clock) -> None:
    while True:
        await clock.sleep(HEARTBEAT_SECONDS)
        try:
            ledger.renew_lease(clock.now())
        except LeaseLostError:
            return  # the run's next write says so
        except LedgerError:
            continue  # a ledger that is busy for a moment; ten beats may fail before the lease does
