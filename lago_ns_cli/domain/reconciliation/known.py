"""What a judgement knows besides the two rows, and how it writes a finding."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.identifiers import InternalId, Key
from lago_ns_cli.domain.periods import Period
from lago_ns_cli.domain.reconciliation.billed import Sent
from lago_ns_cli.domain.reconciliation.dues import PaymentShare
from lago_ns_cli.domain.reconciliation.rows import CREDIT_NOTE, INVOICE, ZERO, PostedRow

NOT_SETTLED = frozenset({State.PENDING, State.WAITING, State.SENDING, State.IN_DOUBT, State.HELD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What holds for a whole run.

    Args:
        currencies: ISO codes by NetSuite's internal id.
        periods: Posting periods in the order of time; empty where they are not known.
        numbers_kept: Whether Lago's numbers stand on the records of each kind.
        reverses_voids: Whether a sync takes back what Lago voids.
        payments_carried: Whether the settings carry payments at all.
    """

    currencies: Mapping[str, str]
    periods: Sequence[Period] = ()
    numbers_kept: Collection[str] = (INVOICE, CREDIT_NOTE)
    reverses_voids: bool = False
    payments_carried: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of one document besides its two rows.

    Args:
        entry: Its row in the ledger.
        sent: What the ledger says was sent of it.
        customer: The NetSuite customer that it should be of; None where that is not known.
        customer_gone: The customer's key, where NetSuite no longer has its record.
        wanted: Of a memo or payment: what should be applied to which invoice, by internal id;
            None where nobody tells.
        shown: Of a note: the consumed credit that invoices show as a negative line.
        application: The ledger's row of what its memo is applied to.
        shares: Of an invoice: what settles it in Lago, as far as that was read.
        parent: Of a prepaid memo: the ledger's row of its invoice.
        void_memo: Of a voided invoice: the memo that takes it back.
        related: Of an invoice: memos and payments on it that have findings of their own.
    """

    entry: Entry | None = None
    sent: Sent | None = None
    customer: InternalId | None = None
    customer_gone: Key | None = None
    wanted: Mapping[InternalId, Decimal] | None = None
    shown: Decimal = ZERO
    application: Entry | None = None
    shares: Sequence[PaymentShare] = ()
    parent: Entry | None = None
    void_memo: PostedRow | None = None
    related: Collection[Key] = field(default_factory=frozenset)


def changed(sent: object, found: object, known: Known, posted: PostedRow) -> str:
    """Tell from what the ledger says was sent who made a difference."""
    if known.sent is None or sent is None:
        return f"The ledger does not tell what was posted{when(posted)}."
    if sent == found:
        return "It was posted like this; the mappings, or the document in Lago, changed since."
    return f"Somebody changed it in NetSuite since it was posted{when(posted)}."


def when(posted: PostedRow) -> str:
    """Say when the record was last changed, to follow other words."""
    return f" (last change {posted.last_modified})" if posted.last_modified else ""
