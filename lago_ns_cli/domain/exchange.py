"""What passes between the workflows and the two systems: selections, answers, look-ups."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, LagoExternalId, LagoId
from lago_ns_cli.errors import LagoNsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which documents of a kind are meant; empty means all, and what is given must all hold.

    ``ids`` name an invoice or a credit note by its Lago id or its number, a payment by its
    Lago id, a customer by its external id. ``since`` and ``until`` are issuing dates, both
    inclusive; of a payment, the UTC day it was made; they do not restrict customers.
    ``billing_entity`` does not restrict payments, which do not name theirs. ``statuses`` and
    ``payment_statuses`` restrict invoices, ``credit_status`` restricts credit notes.
    """

    ids: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    customer: LagoExternalId | None = None
    billing_entity: str | None = None
    statuses: tuple[str, ...] = ()
    payment_statuses: tuple[str, ...] = ()
    credit_status: str | None = None


@dataclass(frozen=True, slots=True)
class Organization:
    """The Lago organization that a key opens; ``identity`` tells it from others."""

    identity: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A document of a list that cannot be delivered; the list goes on behind it.

    Args:
        kind: What the document was taken for.
        lago_id: Its id, where that much could be read, or the id that was asked for.
        number: What a person calls it, where that could be read.
        error: ``DocumentError`` for a document that is not what Lago promises,
            ``RejectedError`` for a selected id that Lago does not know.
    """

    kind: Kind
    lago_id: LagoId | None
    number: str | None
    error: LagoNsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """What the account says of itself (``ping`` of the contract)."""

    account: str
    environment: str
    role: str
    script_version: str
    time: datetime | None
    features: Mapping[str, bool]
    missing_permissions: tuple[str, ...] = ()
    missing_fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What the account says of our own set-up in it (``inspect`` of the contract).

    Args:
        archive_problem: Why originals cannot be kept in the File Cabinet; None where they can.
        unapplied_fields: Our custom fields that some record types lack, with these types.
    """

    archive_problem: str | None = None
    unapplied_fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of two trial records under one key (``probe`` of the contract).

    ``second`` is None where it was refused; ``code`` and ``message`` say how.
    """

    first: InternalId
    second: InternalId | None
    code: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordState:
    """A NetSuite record as the contract describes it; ``fields`` is the whole description."""

    id: InternalId
    type: str
    key: Key | None
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class PushResult:
    """What became of one pushed document (``push`` of the contract).

    ``outcome`` is the contract's word, or ``in_doubt`` where the call was answered but the
    answer does not settle this document: look it up before sending it again. ``units`` are the
    usage units it took, where the answer tells.
    """

    key: Key
    outcome: str
    id: InternalId | None
    record: RecordState | None
    code: str | None
    message: str | None
    notices: tuple[tuple[str, str], ...] = ()
    units: int | None = None
    answer: Mapping[str, object]


class FindStatus:
    """The answers of a look-up."""

    FOUND = "found"
    ABSENT = "absent"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Found:
    """The result of one look-up; ``denied``: the role cannot see such records."""

    status: str
    records: tuple[RecordState, ...] = ()
