"""The ids of both sides, each its own type.

Three things are called "external id" here; none of them is called just that:

* ``LagoId``: Lago's own id of an object, a UUID.
* ``LagoExternalId``: the id that the operator of Lago gave a customer.
* ``Key``: NetSuite's ``externalid`` on a record of ours.
* ``InternalId``: NetSuite's own id of a record.
"""

from enum import StrEnum
from typing import NewType

LagoId = NewType("LagoId", str)
LagoExternalId = NewType("LagoExternalId", str)
Key = NewType("Key", str)
InternalId = NewType("InternalId", str)


class Kind(StrEnum):
    """The kinds of documents, as commands and the ledger name them."""

    CUSTOMER = "customer"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"


_PREFIX = {
    Kind.CUSTOMER: "lago:cus:",
    Kind.INVOICE: "lago:inv:",
    Kind.CREDIT_NOTE: "lago:cn:",
    Kind.PAYMENT: "lago:pay:",
}


def key_of(kind: Kind, lago_id: LagoId) -> Key:
    """Name the NetSuite record of a document.

    The key is a function of the business identity alone: not of an attempt, a time, a
    credential or the document's number. NetSuite compares external ids without case, and
    Lago's ids are lower-case UUIDs, so the id is lowered. All transactions of an account
    share one space of external ids, hence the prefix by kind.
    """
    return Key(_PREFIX[kind] + lago_id.lower())


def void_key(invoice: LagoId) -> Key:
    """Name the memo that reverses a voided invoice."""
    return Key("lago:void:" + invoice.lower())


def application_key(note: LagoId) -> Key:
    """Name what the memo of a credit note is applied to; an entry of ours, not a record."""
    return Key("lago:app:" + note.lower())


def prepaid_key(invoice: LagoId) -> Key:
    """Name the memo that carries the prepaid credit an invoice cannot hold as a line."""
    return Key("lago:prepaid:" + invoice.lower())
