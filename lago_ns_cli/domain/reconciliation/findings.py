"""What a comparison can find, each with its name for people."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId
from lago_ns_cli.domain.reconciliation.rows import BilledRow, PostedRow


class Discrepancy(StrEnum):
    """What is wrong, or only looks so (the second group)."""

    MISSING_IN_NETSUITE = "missing_in_netsuite"
    MISSING_IN_LAGO = "missing_in_lago"
    NUMBER_TAKEN = "number_taken"
    DUPLICATE = "duplicate"
    AMOUNT = "amount"
    TAX = "tax"
    TAX_CODE = "tax_code"
    CURRENCY = "currency"
    DATE = "date"
    PERIOD = "period"
    NUMBER = "number"
    CUSTOMER = "customer"
    SUBSIDIARY = "subsidiary"
    STATUS = "status"
    AMOUNT_DUE = "amount_due"
    PAID_WITHOUT_PAYMENT = "paid_without_payment"
    APPLIED = "applied"
    KEY = "key"
    FINGERPRINT = "fingerprint"
    LINK = "link"
    VOIDED_IN_NETSUITE = "voided_in_netsuite"
    VOIDED_IN_LAGO = "voided_in_lago"
    CUSTOMER_GONE = "customer_gone"
    INACTIVE = "inactive"
    UNREADABLE = "unreadable"

    NOT_FINAL = "not_final"
    BEFORE_GO_LIVE = "before_go_live"
    SELF_BILLED = "self_billed"
    ZERO = "zero"
    VOIDED = "voided"
    SKIPPED = "skipped"
    OPEN_IN_LEDGER = "open_in_ledger"
    CREDIT_COUNTED_TWICE = "credit_counted_twice"
    TAKEN_BACK = "taken_back"
    PERIOD_MOVED = "period_moved"
    OTHER_ORGANIZATION = "other_organization"
    DELETED_IN_LAGO = "deleted_in_lago"
    NUMBERED_BY_NETSUITE = "numbered_by_netsuite"


TITLES: Mapping[Discrepancy, str] = {
    Discrepancy.MISSING_IN_NETSUITE: "missing in NetSuite",
    Discrepancy.MISSING_IN_LAGO: "missing in Lago",
    Discrepancy.NUMBER_TAKEN: "a stranger's record has our number",
    Discrepancy.DUPLICATE: "several records for one document",
    Discrepancy.AMOUNT: "amount differs",
    Discrepancy.TAX: "tax differs",
    Discrepancy.TAX_CODE: "tax is on other codes",
    Discrepancy.CURRENCY: "currency differs",
    Discrepancy.DATE: "date differs",
    Discrepancy.PERIOD: "posting period differs",
    Discrepancy.NUMBER: "number differs",
    Discrepancy.CUSTOMER: "customer differs",
    Discrepancy.SUBSIDIARY: "subsidiary differs",
    Discrepancy.STATUS: "status differs",
    Discrepancy.AMOUNT_DUE: "amount due differs",
    Discrepancy.PAID_WITHOUT_PAYMENT: "paid in Lago without a payment",
    Discrepancy.APPLIED: "not applied as in Lago",
    Discrepancy.KEY: "our key was taken off",
    Discrepancy.FINGERPRINT: "our fingerprint was changed",
    Discrepancy.LINK: "the ledger names another record",
    Discrepancy.VOIDED_IN_NETSUITE: "voided in NetSuite",
    Discrepancy.VOIDED_IN_LAGO: "voided in Lago after posting",
    Discrepancy.CUSTOMER_GONE: "customer merged or deleted in NetSuite",
    Discrepancy.INACTIVE: "customer inactive in NetSuite",
    Discrepancy.UNREADABLE: "cannot be read from Lago",
    Discrepancy.NOT_FINAL: "not final in Lago yet",
    Discrepancy.BEFORE_GO_LIVE: "from before sync_from",
    Discrepancy.SELF_BILLED: "self-billed",
    Discrepancy.ZERO: "without an amount",
    Discrepancy.VOIDED: "voided before it was posted",
    Discrepancy.SKIPPED: "skipped for good",
    Discrepancy.OPEN_IN_LEDGER: "held, waiting or in doubt in the ledger",
    Discrepancy.CREDIT_COUNTED_TWICE: "credit shown as a negative line and still open",
    Discrepancy.TAKEN_BACK: "voided and taken back by a memo",
    Discrepancy.PERIOD_MOVED: "moved out of a closed period by policy",
    Discrepancy.OTHER_ORGANIZATION: "of another Lago organization",
    Discrepancy.DELETED_IN_LAGO: "customer deleted in Lago",
    Discrepancy.NUMBERED_BY_NETSUITE: "numbered by NetSuite itself",
}

EXPLAINED = frozenset(
    {
        Discrepancy.NOT_FINAL,
        Discrepancy.BEFORE_GO_LIVE,
        Discrepancy.SELF_BILLED,
        Discrepancy.ZERO,
        Discrepancy.VOIDED,
        Discrepancy.SKIPPED,
        Discrepancy.OPEN_IN_LEDGER,
        Discrepancy.CREDIT_COUNTED_TWICE,
        Discrepancy.TAKEN_BACK,
        Discrepancy.PERIOD_MOVED,
        Discrepancy.OTHER_ORGANIZATION,
        Discrepancy.DELETED_IN_LAGO,
        Discrepancy.NUMBERED_BY_NETSUITE,
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """A line of the tie-out.

    ``entity`` is empty where no document of Lago's tells it; ``tax_code`` is ``net`` for what is
    no tax, ``tax`` for tax whose code is not told.
    """

    entity: str
    subsidiary: str
    currency: str
    tax_code: str
    kind: str
    month: str


NET, UNTOLD_TAX = "net", "tax"

Amounts = Mapping[Cell, Decimal]


class Verdict(StrEnum):
    """What a person decides about a finding."""

    ADOPT = "adopt"  # NetSuite's state is right, and is the agreed one
    RESTORE = "restore"  # Lago's is: the record is sent again
    IGNORE = "ignore"  # known and accepted, perhaps for a while


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """By what a finding is settled.

    Args:
        name: ``decision 3``, or ``rule 2`` of ``mappings.toml``.
        who: Who decided; None where it is a rule.
        until: The last day on which it holds.
    """

    name: str
    verdict: Verdict
    note: str
    who: str | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A difference between both sides.

    Args:
        what: What differs.
        kind: The kind of document.
        lago: Lago's figure, as text; None where Lago has none.
        netsuite: NetSuite's.
        difference: NetSuite's amount less Lago's, where both are amounts.
        cause: The likely cause, in a sentence.
        action: What to do, in a sentence.
        command: The command that mends it; None where it is mended by hand, or mends itself.
        follows_from: Documents whose findings this one is a consequence of.
        effects: The parts of the tie-out's differences that it accounts for.
        day: The document's day, from which its age counts.
        customer: The customer's external id, where it is told.
        fingerprint: What stands in our field on the record.
        decision: By what it is settled, where somebody decided about it.
        verdicts: What can be decided about it.
    """

    what: Discrepancy
    kind: str
    key: Key | None
    lago_id: LagoId | None
    number: str
    entity: str = ""
    currency: str = ""
    netsuite_id: InternalId | None = None
    lago: str | None = None
    netsuite: str | None = None
    difference: Decimal | None = None
    cause: str = ""
    action: str = ""
    command: str | None = None
    follows_from: tuple[Key, ...] = ()
    effects: tuple[tuple[Cell, Decimal], ...] = ()
    day: date | None = None
    customer: str = ""
    fingerprint: str | None = None
    decision: Settled | None = None
    verdicts: tuple[Verdict, ...] = ()

    @property
    def id(self) -> str:
        """Name it by what differs, on which document and record, and both figures: 12 hexadecimal digits.

        Another figure makes another finding, so that a decision is about what somebody looked at.
        """
        difference = None if self.difference is None else format(self.difference, "f")
        words = [*self.subject, self.netsuite_id, self.lago, self.netsuite, difference, self.currency]
        return hashlib.sha256(json.dumps(words).encode("ascii")).hexdigest()[:12]

    @property
    def subject(self) -> tuple[str, str, str]:
        """What differs and on which document, whatever the figures."""
        return self.what.value, self.kind, self.key or f"{self.number} {self.netsuite_id or ''}".strip()

    @property
    def explained(self) -> bool:
        """Whether nobody has to do anything here."""
        return self.what in EXPLAINED or self.decision is not None

    @property
    def is_consequence(self) -> bool:
        """Whether it goes with the finding that it follows from."""
        return bool(self.follows_from)

    @property
    def is_open(self) -> bool:
        """Whether somebody has to do something about it."""
        return not self.explained and not self.is_consequence


def finding(billed: BilledRow, posted: PostedRow | None, what: Discrepancy, **facts: object) -> Finding:
    """Make a finding about a document."""
    base = Finding(
        what=what,
        kind=billed.kind,
        key=billed.key,
        lago_id=billed.lago_id,
        number=billed.number,
        entity=billed.entity,
        currency=billed.currency,
        netsuite_id=posted.id if posted else None,
        day=billed.day,
        customer=billed.customer_name,
        fingerprint=posted.fingerprint if posted else None,
    )
    return replace(base, **facts)  # type: ignore[arg-type]
