"""Proves whether an account refuses a repeated key, by trial records that are taken away again."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lago_ns_cli.domain.account_memory import UniqueKeys, unique_keys_fact
from lago_ns_cli.domain.attempts import Fact
from lago_ns_cli.domain.exchange import Ping, Trial
from lago_ns_cli.domain.mapping import Mappings
from lago_ns_cli.domain.trial import (
    TRIAL_KEYS,
    Document,
    TrialGround,
    find_ground,
    judge_trial,
    trial_customers,
    trial_invoices,
)
from lago_ns_cli.errors import ConfigError, LagoNsError, RemoteError
from lago_ns_cli.workflows.ports import Clock

SANDBOX = "SANDBOX"
_COMMAND = "doctor --probe"


class ProbedAccount(Protocol):
    """The RESTlet, as far as a probe needs it; raises ``RemoteError``."""

    async def ping(self) -> Ping:
        """Ask the account who it is."""

    async def try_twice(self, documents: Sequence[Document]) -> Trial:
        """Write two trial records under one key."""

    async def take_away(self, keys: Mapping[str, str]) -> int:
        """Delete the trial records with these keys."""


class Memory(Protocol):
    """The ledger, as far as a proof is kept there."""

    def record_facts(self, facts: Sequence[Fact], at: datetime) -> None:
        """Remember facts."""

    def record_command(self, command: str, content: Mapping[str, object], at: datetime) -> None:
        """Note in the audit trail what a person had done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """How a probe ended.

    Args:
        refused: Whether repeated keys are refused; None where that could not be told.
        why: Where it could not, why.
        left: Keys of trial records that may still be there.
    """

    account: str
    refused: bool | None
    why: str | None = None
    left: tuple[str, ...] = ()


async def probe_keys(netsuite: ProbedAccount, memory: Memory, clock: Clock, mappings: Mappings) -> Probed:
    """Try a customer and an invoice, each twice under one key, and remember what became of them.

    What was made is taken away whatever happens, also when the task is cancelled; what an earlier probe
    left is taken away first.

    Raises:
        ConfigError: The account is no sandbox, or the mappings lack what a trial record needs.
        RemoteError: The account cannot be asked, or does not let trial records be made.
    """
    ping = await netsuite.ping()
    ground = _ground(ping, mappings)
    # Trial records have no entry in the ledger; the trail still says beforehand what is about to be written.
    memory.record_command(_COMMAND, {"writes": dict(TRIAL_KEYS), "account": ping.account}, clock.now())
    await netsuite.take_away(TRIAL_KEYS)
    left: tuple[str, ...] = tuple(TRIAL_KEYS.values())
    outcome: bool | str = "it was interrupted"
    try:
        outcome = await _try_all(netsuite, ground, clock)
    except RemoteError as error:
        outcome = error.message
    finally:
        with suppress(LagoNsError):
            await netsuite.take_away(TRIAL_KEYS)
            left = ()
        ended = {"refused": outcome if isinstance(outcome, bool) else None, "left": list(left)}
        memory.record_command(_COMMAND, {**ended, "account": ping.account}, clock.now())
    if isinstance(outcome, str):
        return Probed(account=ping.account, refused=None, why=outcome, left=left)
    proof = UniqueKeys(outcome, clock.now())
    memory.record_facts([unique_keys_fact(ping.account, proof)], proof.at)
    return Probed(account=ping.account, refused=outcome, left=left)


def _ground(ping: Ping, mappings: Mappings) -> TrialGround:
    if ping.environment != SANDBOX:
        raise ConfigError(
            f"Account {ping.account} is no sandbox ({ping.environment or 'unknown kind'}); trial records are made in "
            "sandboxes only.",
            hint="Probe a sandbox; production keeps its quarantine.",
            code="probe_no_sandbox",
        )
    ground = find_ground(mappings, suitetax=bool(ping.features.get("suitetax")))
    if isinstance(ground, str):
        raise ConfigError(
            f"No trial record can be made: {ground}.", hint="lago-ns map check", code="probe_no_ground"
        )
    return ground


async def _try_all(netsuite: ProbedAccount, ground: TrialGround, clock: Clock) -> bool | str:
    customers = await netsuite.try_twice(trial_customers(ground))
    invoices = await netsuite.try_twice(trial_invoices(ground, customers.first, clock.now().date()))
    return _together(judge_trial(trial) for trial in (customers, invoices))


def _together(verdicts: Iterator[bool | str]) -> bool | str:
    """Repeated keys are refused where both groups refuse them; one that does not settles it."""
    told = list(verdicts)
    if False in told:
        return False
    return next((one for one in told if isinstance(one, str)), True)
