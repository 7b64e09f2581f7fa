"""Customers in, decisions out: created, linked, or brought up to date.

Nothing here waits for anything: entries, links and what was sent last were loaded before.
"""

from dataclasses import replace

from lago_ns_cli.domain.attempts import Entry, State, Subject
from lago_ns_cli.domain.customer_changes import FixedChange, changed_record, fixed_changes
from lago_ns_cli.domain.documents import Customer, Received
from lago_ns_cli.domain.gate import OPEN, gate_customer
from lago_ns_cli.domain.identifiers import InternalId, Kind, key_of
from lago_ns_cli.domain.plan import (
    Action,
    Planned,
    plan_gate,
    plan_hold,
    plan_posted,
    plan_settled,
    plan_write,
)
from lago_ns_cli.domain.records import Record, fingerprint
from lago_ns_cli.domain.translation.context import Context, Findings, Notice
from lago_ns_cli.domain.translation.customer import customer_record, translate_customer
from lago_ns_cli.errors import DocumentError
from lago_ns_cli.workflows.deciding import Rules

ABOUT_THE_RECORD = frozenset(
    {
        "read_back_differs",
        "found_otherwise",
        "RCRD_DSNT_EXIST",
        "LAGO_LINKED_ELSEWHERE",
        "LAGO_FINGERPRINT_DIFFERS",
        "LAGO_ADOPT_DIFFERS",
    }
)
"""Why a customer with a link is held that no change in Lago can mend: a person says which record it is."""

_UNDER_WAY = frozenset({State.SENDING, State.IN_DOUBT})

_FIXED_NAMES = {
    "isperson": "kind (company or individual)",
    "subsidiary": "subsidiary",
    "currency": "currency",
}


def customer_subject(customer: Customer) -> Subject:
    """Name a customer for the ledger."""
    return Subject(
        key=key_of(Kind.CUSTOMER, customer.lago_id),
        kind=Kind.CUSTOMER,
        lago_id=customer.lago_id,
        number=customer.external_id,
        customer_id=customer.lago_id,
        record_type="customer",
        lago_updated_at=customer.updated_at,
    )


def lago_link(customer: Customer) -> InternalId | None:
    """Read the NetSuite internal id that Lago's own connection keeps for a customer."""
    for link in customer.integration_customers:
        if link.type == "netsuite" and link.external_customer_id:
            return InternalId(link.external_customer_id)
    return None


def link_hint(customer: Customer | str) -> str:
    """Suggest the command by which a person says which record a customer is."""
    name = customer if isinstance(customer, str) else customer.external_id
    return f"lago-ns sync customer --link {name}=<internal id>"


def must_compare(customer: Customer, entry: Entry | None, rules: Rules) -> bool:
    """Tell whether what was sent last has to be compared with what Lago says now.

    What was left pending is compared again: Lago's change was seen, and is not in NetSuite yet.
    """
    if entry is None or entry.netsuite_id is None:
        return False
    if entry.state in _UNDER_WAY or entry.state is State.SKIPPED or not rules.create_customers:
        return False
    if customer.external_id in rules.links or rules.asked_by_id:
        return True
    if entry.state is State.HELD and entry.code in ABOUT_THE_RECORD:
        return False
    if entry.state in (State.PENDING, State.WAITING) or entry.lago_updated_at is None:
        return True
    return customer.updated_at is not None and customer.updated_at > entry.lago_updated_at


def decide_customer(
    received: Received[Customer],
    entry: Entry | None,
    context: Context,
    rules: Rules,
    *,
    original: Received[Customer] | None = None,
    said: InternalId | None = None,
) -> Planned:
    """Decide about a customer.

    Linked where a person or Lago itself knows its NetSuite record, created where nobody does, and
    where the link is known, updated with what changed in Lago. A name never links.

    Args:
        original: What Lago said of it when NetSuite last accepted it.
        said: The record that a person named for it.
    """
    customer = received.document
    subject = customer_subject(customer)
    if entry is not None and entry.netsuite_id is not None and entry.state not in _UNDER_WAY:
        if said is not None and said != entry.netsuite_id and customer.external_id in rules.links:
            return _first(received, subject, entry, context, rules, said)
        if must_compare(customer, entry, rules):
            return _again(received, subject, entry, context, rules, original)
    settled = plan_settled(subject, entry)
    if settled is not None:
        return settled
    verdict = gate_customer(customer)
    if verdict is not OPEN:
        return plan_gate(subject, verdict)
    return _first(received, subject, entry, context, rules, said or lago_link(customer))


def _first(
    received: Received[Customer],
    subject: Subject,
    entry: Entry | None,
    context: Context,
    rules: Rules,
    linked: InternalId | None,
) -> Planned:
    """Link or create a customer that has no link yet, or that a person gave another one."""
    if linked is None and not rules.create_customers:
        return plan_hold(
            subject,
            "customer_not_linked",
            f"{subject.number} has no NetSuite customer, and [sync] kinds.customer is off",
            f"{link_hint(received.document)}, or set kinds.customer = true.",
        )
    try:
        translation = translate_customer(received, context)
    except DocumentError as error:
        return plan_hold(subject, error.code, error.message, error.hint)
    if linked is not None:
        mark = _link_mark(translation.record, linked)
        asked = rules.asked_by_id or received.document.external_id in rules.links
        if entry is not None and entry.state is State.HELD and entry.fingerprint == mark and not asked:
            return _still_held(subject, entry)
        return _adopt(received, subject, linked, translation.record, mark)
    return plan_write(
        subject,
        translation.record,
        entry,
        asked_by_id=rules.asked_by_id,
        original=received.raw,
        notices=translation.notices,
    )


def _link_mark(record: Record, linked: InternalId) -> str:
    """Mark a link: it is tried again once another record is named, and content has no part in it."""
    return fingerprint(replace(record, columns={"internalid": linked}, lines={}))


def _adopt(
    received: Received[Customer],
    subject: Subject,
    linked: InternalId,
    record: Record,
    mark: str,
    notices: tuple[Notice, ...] = (),
) -> Planned:
    """Link a record that a person or Lago made: nothing but our own fields is written on it."""
    return Planned(
        subject=subject,
        action=Action.ADOPT,
        record=Record(key=record.key, lago_id=record.lago_id, type=record.type, columns={}),
        fingerprint=mark,
        netsuite_id=linked,
        notices=notices,
        original=received.raw,
    )


def _again(
    received: Received[Customer],
    subject: Subject,
    entry: Entry,
    context: Context,
    rules: Rules,
    original: Received[Customer] | None,
) -> Planned:
    """Bring a linked customer up to date: only what changed in Lago since it was last accepted."""
    confirmed = received.document.external_id in rules.links
    link = InternalId(entry.netsuite_id or "")
    if entry.state is State.HELD and entry.code in ABOUT_THE_RECORD and original is None and not confirmed:
        return _still_held(subject, entry)
    try:
        translation = translate_customer(received, context)
    except DocumentError as error:
        return replace(plan_hold(subject, error.code, error.message, error.hint), netsuite_id=link)
    wanted = translation.record
    if original is None:
        told = () if confirmed else (_unknown_baseline(subject),)
        return _adopt(received, subject, link, wanted, fingerprint(wanted), told)
    sent = customer_record(original, context, Findings())
    fixed = fixed_changes(sent, wanted)
    if fixed and not confirmed:
        return replace(_hold_fixed(subject, fixed, link), netsuite_id=link)
    update = changed_record(sent, wanted)
    if update is None:
        return _nothing_changed(received, subject, entry, wanted, rules, fixed)
    return Planned(
        subject=subject,
        action=Action.UPDATE,
        record=update,
        fingerprint=fingerprint(wanted),
        netsuite_id=link,
        notices=translation.notices,
        original=received.raw,
    )


def _nothing_changed(
    received: Received[Customer],
    subject: Subject,
    entry: Entry,
    wanted: Record,
    rules: Rules,
    fixed: list[FixedChange],
) -> Planned:
    confirmed = received.document.external_id in rules.links
    unmarked = entry.state in (State.PENDING, State.WAITING)
    if unmarked or (confirmed and (fixed or entry.state is not State.POSTED)):
        link = InternalId(entry.netsuite_id or "")
        return _adopt(received, subject, link, wanted, fingerprint(wanted))
    if entry.state is State.HELD and entry.code in ABOUT_THE_RECORD:
        return _still_held(subject, entry)
    return plan_posted(subject, entry)


def _still_held(subject: Subject, entry: Entry) -> Planned:
    return replace(
        plan_hold(subject, entry.code or "held", entry.reason or "it is held", None),
        netsuite_id=entry.netsuite_id,
        stored=False,
    )


def _unknown_baseline(subject: Subject) -> Notice:
    message = (
        f"what was sent of {subject.number} before is not known, so changes in Lago until now were not sent"
    )
    return Notice("customer_baseline", message)


def _hold_fixed(subject: Subject, fixed: list[FixedChange], link: InternalId) -> Planned:
    told = "; ".join(
        f"its {_FIXED_NAMES[change.field]} changed in Lago from {change.before or 'one that is not mapped'} "
        f"to {change.after}"
        for change in fixed
    )
    return plan_hold(
        subject,
        fixed[0].code,
        f"{subject.number} (id {link}): {told}; NetSuite cannot change this on a customer with transactions",
        f"Change it in NetSuite if you can; lago-ns sync customer --link {subject.number}={link} "
        "then takes it as settled and sends what else changed.",
    )
