"""Who may write to a NetSuite account: one run of a ledger at a time.

A run holds the *lease* of its account. Every lease has a *token* greater than all before it, and each write
asks for the token first: a run that was stopped, believed dead and replaced finds another's token and
writes nothing. A lease is taken over where its owner is provably dead, or was not heard of for long.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

HEARTBEAT_SECONDS = 30.0
"""How often a run says that it is alive."""

LEASE_TTL = timedelta(seconds=300)
"""After this much silence a run counts as dead: no call to NetSuite lasts as long and lets nothing be heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A run, and the process it is.

    Args:
        run: The run's own id.
        host: Its machine, for people.
        pid: Its process id.
        pid_scope: Where that id means something: one boot of one machine, and one container of it.
        process_start: When the process started, in the machine's own terms; a process id is used again.
    """

    run: str
    host: str
    pid: int
    pid_scope: str
    process_start: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to write to an account.

    Args:
        token: Greater than that of every earlier lease of the account.
        owner: The id of the run.
        doing: Its command.
        since: When it began (UTC).
        heartbeat_at: When it was last heard of (UTC).
    """

    token: int
    account: str
    profile: str
    owner: str
    host: str
    pid: int
    pid_scope: str
    process_start: str
    doing: str
    since: datetime
    heartbeat_at: datetime

    @property
    def process(self) -> Owner:
        """The process that holds it."""
        return Owner(
            run=self.owner,
            host=self.host,
            pid=self.pid,
            pid_scope=self.pid_scope,
            process_start=self.process_start,
        )

    def __str__(self) -> str:
        """Say who runs, since when, doing what."""
        return (
            f"`{self.doing}` of profile {self.profile} runs on {self.host} (process {self.pid}) "
            f"since {self.since:%Y-%m-%d %H:%M:%S} UTC"
        )


def ground_for_takeover(
    lease: Lease, *, alive: bool | None, at: datetime, ttl: timedelta = LEASE_TTL
) -> str | None:
    """Say why a lease may be taken over; None where it may not.

    A heartbeat from the future is no ground: clocks that disagree prove nothing about the owner.

    Args:
        alive: Whether its process lives; None where that cannot be known from here.
    """
    if alive is False:
        return "its process has ended without giving it back"
    silence = at - lease.heartbeat_at
    if silence > ttl:
        return f"it was not heard of for {silence.total_seconds():.0f} seconds"
    return None
