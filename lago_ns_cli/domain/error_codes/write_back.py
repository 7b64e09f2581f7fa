"""Our own codes for what Lago is told: why a write to Lago is held, or is none."""

from lago_ns_cli.domain.error_codes.form import Family, Group

_AGAIN = "lago-ns reconcile --write-back"


GROUPS = (
    Group(
        Family.UNSENT,
        "receipt_currency receipt_precision",
        "A payment in NetSuite cannot be told to Lago: its currency or its amount is none that the invoice has there.",
        "Correct the payment in NetSuite, or record it in Lago by hand.",
        _AGAIN,
    ),
    Group(
        Family.UNSENT,
        "receipt_shrank",
        "A payment was made smaller, voided or taken off the invoice in NetSuite after Lago was told of it.",
        "Lago cannot take a payment back: issue a credit note there, or put the payment back on the invoice in NetSuite.",
        _AGAIN,
    ),
    Group(
        Family.UNSENT,
        "receipt_ambiguous",
        "Lago holds payments of the invoice that are not in NetSuite; one of them may be the same money.",
        "If it is the same, delete the payment in NetSuite and sync Lago's; if not, sync Lago's payment first.",
        "lago-ns sync payment",
    ),
    Group(
        Family.UNSENT,
        "receipt_not_payable receipt_over_due",
        "Lago takes no such payment of the invoice: it is not finalized there, or less is due than was paid in NetSuite.",
        "Compare the invoice on both sides; what Lago already counts as paid must not be recorded twice.",
        _AGAIN,
    ),
    Group(
        Family.UNSENT,
        "receipt_gone",
        "The answer to a payment that was recorded in Lago was lost, and NetSuite has the payment no more.",
        "Look at the payments of the invoice in Lago.",
        _AGAIN,
    ),
    Group(
        Family.UNSENT,
        "payments_unreadable",
        "A payment of the invoice in Lago cannot be read, so nothing is added to the invoice.",
        "Correct it in Lago.",
        "lago-ns sync payment",
    ),
    Group(
        Family.UNSENT,
        "lago_link_differs",
        "Lago links the customer to another record of NetSuite than lago-ns does.",
        "Decide which record is right, and correct the link in Lago or name the record here.",
        "lago-ns sync customer --link {id}=INTERNAL_ID",
    ),
    Group(
        Family.UNSENT,
        "repeats_nothing",
        "The reference of a payment in Lago names a payment of NetSuite, and there is none that pays its invoice.",
        "Correct the reference in Lago, or the payment in NetSuite.",
        "lago-ns replay {id}",
    ),
    Group(
        Family.SKIPPED,
        "from_netsuite",
        "The payment was in NetSuite first, and Lago was told of it.",
        "Nothing to do.",
    ),
    Group(
        Family.SKIPPED,
        "metadata_full metadata_not_taken",
        "Lago has no room for more metadata on the document, or takes none in its state.",
        "Nothing to do, or make room in Lago.",
    ),
)
