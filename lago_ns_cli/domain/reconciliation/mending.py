"""What mends a finding: the command that does, or what a person does in NetSuite."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.error_catalogue import advice
from lago_ns_cli.domain.identifiers import InternalId
from lago_ns_cli.domain.reconciliation.findings import Finding, Verdict
from lago_ns_cli.domain.reconciliation.rows import (
    CREDIT_NOTE,
    CUSTOMER,
    INVOICE,
    PAYMENT,
    PREPAID,
    BilledRow,
    PostedRow,
)

_COMMANDS = {
    CUSTOMER: "customer",
    INVOICE: "invoice",
    PREPAID: "invoice",
    CREDIT_NOTE: "credit-note",
    PAYMENT: "payment",
}


def sync_command(billed: BilledRow) -> str:
    """Name the command that sends a document."""
    name = shlex.quote(billed.number) if billed.kind == CUSTOMER else billed.lago_id
    return f"lago-ns sync {_COMMANDS[billed.kind]} {name}"


def queue_command(billed: BilledRow) -> str:
    """Name the command that lets a document be sent though the ledger counts it as posted."""
    day = billed.day
    dates = f" --since {day} --until {day}" if day and billed.kind != CUSTOMER else ""
    return f"lago-ns reconcile {_COMMANDS[billed.kind]}{dates} --queue-missing --yes"


def send_again(billed: BilledRow) -> str:
    """Name both commands, as a shell takes them."""
    return f"{queue_command(billed)}; {sync_command(billed)}"


def restore_command(found: Finding) -> str:
    """Name the commands that let a record be stated anew, as a shell takes them."""
    return f"lago-ns decide restore {found.id}; lago-ns sync {_COMMANDS[found.kind]} {found.lago_id}"


def decide_commands(found: Finding) -> list[str]:
    """Name the commands by which a person settles a finding otherwise; none where it cannot be decided about."""
    others = [one.value for one in found.verdicts if one is not Verdict.RESTORE]
    return [f"lago-ns decide {verdict} {found.id}" for verdict in others]


def set_back(billed: BilledRow, posted: PostedRow, name: str, value: str | None) -> str:
    """Say how a field comes back that NetSuite may not change on a saved record."""
    return (
        f"In NetSuite, set the {name} of {posted.type} {posted.id} back to {value}; where NetSuite does not change it on "
        f"a saved record, delete the record and run: {send_again(billed)}"
    )


def in_ledger(found: Finding, entry: Entry) -> Finding:
    """Explain a document by what the ledger says of it."""
    row = advice(entry.state, entry.code)
    return replace(
        found,
        netsuite=entry.state.value.replace("_", " "),
        cause=f"It is {entry.state.value.replace('_', ' ')}: {entry.reason or row.meaning}",
        action=row.action,
        command=row.command_for(entry.key),
    )


def lost(found: Finding, billed: BilledRow, entry: Entry) -> Finding:
    """Explain a document that was posted and is gone."""
    cause = (
        f"It was posted as {entry.netsuite_id}, and no record has its key, its Lago id or that id: it was deleted, "
        "or NetSuite rolled it back."
    )
    return replace(
        found,
        cause=cause,
        action="Let it be sent again, under the same key; or void it in Lago if it was deleted on purpose.",
        command=send_again(billed),
    )


def relink(billed: BilledRow, posted: PostedRow) -> tuple[str, str]:
    """Say how the ledger learns that another record is the document's."""
    if billed.kind == CUSTOMER:
        return (
            f"If record {posted.id} is the customer, say so.",
            f"lago-ns sync customer --link {shlex.quote(billed.number)}={posted.id}",
        )
    return (
        f"If record {posted.id} is the document's, let it be adopted.",
        send_again(billed),
    )


def void_action(posted: PostedRow, *, reverses: bool) -> str:
    """Say how an invoice that Lago voided is taken back."""
    if reverses:
        return "Let a credit memo take it back."
    return (
        f"In NetSuite, void invoice {posted.id} or take it back with a credit memo; or set [sync] void_policy = "
        '"reverse" and sync the invoice.'
    )


def voided_action(billed: BilledRow, posted: PostedRow) -> str:
    """Say what becomes of a record that was voided in NetSuite alone."""
    if billed.kind == INVOICE:
        return (
            f"Void {billed.number} in Lago too; or, if it was a mistake, delete invoice {posted.id} in NetSuite and "
            f"run: {send_again(billed)}"
        )
    return (
        f"If it was a mistake, delete {posted.type} {posted.id} in NetSuite and run: {send_again(billed)}; else take "
        "it back in Lago."
    )


def apply_again(
    billed: BilledRow,
    posted: PostedRow,
    missing: Mapping[InternalId, Decimal],
    extra: Mapping[InternalId, Decimal],
) -> tuple[str, str | None]:
    """Say how a memo or payment comes to be applied as in Lago."""
    off = [f"take {amount} off invoice {target}" for target, amount in sorted(extra.items())]
    on = [f"put {amount} on invoice {target}" for target, amount in sorted(missing.items())]
    by_hand = f"In NetSuite, on {posted.type} {posted.id}, {' and '.join([*off, *on]) or 'look at its applications'}."
    if billed.kind == CREDIT_NOTE and missing and not extra:
        return (
            f"Let the memo be applied again. {by_hand}",
            f"{queue_command(billed)}; lago-ns sync credit-note",
        )
    return by_hand, None


def is_queued(billed: BilledRow, entry: Entry | None) -> bool:
    """Whether ``--queue-missing`` queues a document.

    A customer that once had a record is never made anew: only a person knows what became of it.
    """
    return (
        billed.kind != CUSTOMER
        or entry is None
        or (entry.netsuite_id is None and entry.state is not State.POSTED)
    )


def link_again(billed: BilledRow, candidates: Sequence[str], *, taken: bool) -> tuple[str | None, str]:
    """Name the command that links a customer to the record that it is by now, and say when to use it."""
    name = shlex.quote(billed.number)
    if taken:
        return None, (
            f"It was merged into {candidates[0]}, which is another Lago customer's record: make it a customer of its "
            "own in NetSuite again, then link it with lago-ns sync customer --link."
        )
    link = f"lago-ns sync customer --link {name}="
    if len(candidates) != 1:
        return None, f"Say which record it is now: {link}<internal id>. Nothing is made anew by itself."
    return link + candidates[0], "Say that this is its record now; nothing is made anew by itself."


def unreadable_command(kind: str, lago_id: str | None) -> str | None:
    """Name the command that looks at a document that could not be read once more."""
    return None if lago_id is None or kind == CUSTOMER else f"lago-ns sync {_COMMANDS[kind]} {lago_id}"
