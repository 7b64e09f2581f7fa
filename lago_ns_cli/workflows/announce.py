"""Announces documents that newly fail, each failure once over each channel."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from lago_ns_cli.domain.attempts import SETTLED, Entry, Fact, State
from lago_ns_cli.domain.carrying_on import LAGO_OBJECT
from lago_ns_cli.domain.error_catalogue import advice, cause_of, lookup
from lago_ns_cli.domain.identifiers import Key, Kind, key_of
from lago_ns_cli.workflows.ports import Announcer, Clock, Ledger

LONGEST = timedelta(seconds=60)
"""What announcing may take in all; what is left goes with the next run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedAs:
    """What an announcement says of its sender.

    Args:
        profile: Stands where Lago names the code of its own NetSuite integration.
        long_doubt: How long a document may be in doubt before that is a failure.
    """

    profile: str
    long_doubt: timedelta


async def announce_failures(
    ledger: Ledger, announcer: Announcer, clock: Clock, sender: AnnouncedAs
) -> Sequence[str]:
    """Announce the documents that are held, or in doubt for long, and were not announced for it.

    A failure is announced again only after its document was settled in between, or when it fails
    for another reason. A channel that cannot deliver is left alone until the next run.

    Returns:
        What could not be delivered, a sentence for each channel.

    Raises:
        LedgerError: The ledger cannot be read or written.
    """
    if not announcer.channels:
        return ()
    started = clock.now()
    failing = _failing(ledger, started, sender.long_doubt)
    customers = _customers(ledger, failing)
    organization = ledger.organization()
    problems = []
    for channel in announcer.channels:
        name = f"announced:{channel}"
        announced = ledger.facts_named(name)
        _forget_settled(ledger, name, announced, failing, started)
        due = [entry for entry in failing if announced.get(entry.key) != cause_of(entry.state, entry.code)]
        for number, entry in enumerate(due):
            if clock.now() - started > LONGEST:
                problems.append(f"{len(due) - number} announcements are left for the next run ({channel}).")
                break
            body = announcement(entry, customers.get(entry.customer_id), organization, sender.profile)
            failure = await announcer.deliver(channel, body, _unique_key(entry, sender.profile))
            if failure is not None:
                problems.append(
                    f"{len(due) - number} failing documents could not be announced ({channel}): {failure}"
                )
                break
            ledger.record_facts([Fact(entry.key, name, cause_of(entry.state, entry.code))], clock.now())
    return problems


def announcement(
    entry: Entry, external_customer_id: str | None, organization: str | None, profile: str
) -> Mapping[str, object]:
    """Say that a document fails, in the form of Lago's ``customer.accounting_provider_error``.

    Lago's own leaves open which document it is about; ``document`` names it.

    Args:
        external_customer_id: Lago's external id of the customer; None where it is not known.
        organization: Lago's id of the organization; None before a run that called Lago.
    """
    row = advice(entry.state, entry.code)
    return {
        "webhook_type": "customer.accounting_provider_error",
        "object_type": "accounting_provider_customer_error",
        "organization_id": organization,
        "accounting_provider_customer_error": {
            "lago_customer_id": entry.customer_id,
            "external_customer_id": external_customer_id,
            "accounting_provider": "netsuite",
            "accounting_provider_code": profile,
            "provider_error": {
                "message": entry.reason or lookup(cause_of(entry.state, entry.code)).meaning,
                "error_code": cause_of(entry.state, entry.code),
            },
            "document": {
                "kind": entry.kind,
                "lago_id": entry.lago_id,
                "number": entry.number,
                "key": entry.key,
                "state": entry.state.value,
                "netsuite_id": entry.netsuite_id,
                "amount": entry.amount,
                "currency": entry.currency,
                "action": row.action,
            },
        },
    }


def _failing(ledger: Ledger, now: datetime, long_doubt: timedelta) -> list[Entry]:
    """List the documents that fail; an object of a catalog is none, and has no customer to announce."""
    held = ledger.entries_in({State.HELD})
    doubtful = ledger.entries_in({State.IN_DOUBT})
    given_up = ledger.given_up([entry.key for entry in doubtful])
    long = [entry for entry in doubtful if now - given_up.get(entry.key, entry.updated_at) >= long_doubt]
    return [entry for entry in (*held, *long) if entry.kind != LAGO_OBJECT]


def _customers(ledger: Ledger, failing: Iterable[Entry]) -> Mapping[str, str]:
    """Find the external ids of customers, which are what their entries are called."""
    ids = {entry.customer_id for entry in failing}
    keys = [key_of(Kind.CUSTOMER, customer_id) for customer_id in ids]
    return {entry.lago_id: entry.number for entry in ledger.entries(keys).values()}


def _forget_settled(
    ledger: Ledger, name: str, announced: Mapping[Key, str], failing: Iterable[Entry], at: datetime
) -> None:
    """Forget what was announced of documents that are well now, so that a new failure is told."""
    still = {entry.key for entry in failing}
    gone = [key for key, value in announced.items() if value and key not in still]
    settled = [key for key, entry in ledger.entries(gone).items() if entry.state in SETTLED]
    if settled:
        ledger.record_facts([Fact(key, name, "") for key in settled], at)


def _unique_key(entry: Entry, profile: str) -> str:
    """Name an announcement, for receivers that drop what they have seen: the same if repeated."""
    told = f"{profile}|{entry.key}|{cause_of(entry.state, entry.code)}|{entry.updated_at.isoformat()}"
    return str(uuid5(NAMESPACE_URL, told))
