"""Behaviours of NetSuite that no source settles, each a switch.

The default is what public evidence makes most likely. Tests of the client run both ways.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Switches:
    """How the simulated account behaves where NetSuite's own behaviour is not verified."""

    externalid_unique: bool = True
    """A second record of the group with the same external id is refused. False: both are stored."""

    externalid_error: str = "DUP_RCRD"
    """The code of that refusal; ``UNIQUE_RCRD_ID_REQD`` and ``DUP_ENTITY`` are also seen."""

    negative_subtotal: bool = True
    """Lines may sum below zero where tax lifts the total to zero or more."""

    negative_credit_totals: bool = True
    """SuiteQL shows totals and open amounts of credit memos below zero."""

    autoapply: bool = False
    """The account's preference for new memos and payments: apply to the oldest invoices unless told otherwise."""

    date_outside_period: bool = True
    """The preference that lets ``postingperiod`` name another period than that of ``trandate``."""

    closed_period_moves: bool = False
    """A document of a closed period is posted into the next open one without a word, instead of refused."""

    customer_numbering: bool = True
    """Customers get numbers (``CUST10001``); False: a customer's id is its name, so equal names collide."""

    customer_number_override: bool = True
    """With numbering, ``autoname`` = false lets a script bring its own ``entityid``."""

    tranid_override: bool = True
    """A script's document number is kept; False: it is ignored and the next number taken."""

    invoice_approval: bool = False
    """Invoices made by scripts wait for approval: not open for payments until a person approves."""

    tax_rounding_by_line: bool = True
    """Legacy tax rounds each line and lets ``tax1amt`` be set; False: rounds per tax code over the document,
    ignores a given ``tax1amt`` and puts the difference on the line that changes least by it."""
