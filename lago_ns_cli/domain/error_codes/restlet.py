"""The codes of our own RESTlet, ``LAGO_*``: refusals, conflicts, and notices beside a saved record."""

from lago_ns_cli.domain.error_codes.form import Family, Group

_DEPLOY = "Deploy the current script: `lago-ns restlet export DIR`, then `suitecloud project:deploy` in DIR."
_APPLIED = (
    "See what is already applied to the invoice in NetSuite; undo it there, or settle the rest by hand."
)

GROUPS = (
    Group(
        Family.SETUP,
        "LAGO_UNKNOWN_OPERATION LAGO_UNKNOWN_CONTRACT",
        "The deployed script is older or newer than this program.",
        _DEPLOY,
    ),
    Group(
        Family.SETUP,
        "LAGO_BAD_REQUEST",
        "The script could not read the call; nothing of it was looked at.",
        "The script and this program disagree. " + _DEPLOY,
    ),
    Group(
        Family.REFUSED,
        "LAGO_BAD_DOCUMENT LAGO_BAD_AMOUNT LAGO_BAD_DATE",
        "The script could not read the document: a part is missing, an amount or a date is none.",
        "Correct the row of the mappings that fills the field that is named. If none does, the script is older than "
        "this program. " + _DEPLOY,
        "lago-ns map show",
    ),
    Group(
        Family.REFUSED,
        "LAGO_BAD_OBJECT",
        "The script could not read an object of Lago's that was to be stored; the others were.",
        "The script and this program disagree. " + _DEPLOY,
    ),
    Group(
        Family.REFUSED,
        "LAGO_TOTALS_DIFFER",
        "The lines and taxes do not add up to the document's total, so nothing was saved.",
        "This is a bug of lago-ns or a currency whose precision differs; report it with what `lago-ns sync … --dry-run` shows.",
    ),
    Group(
        Family.CONFLICT,
        "LAGO_FINGERPRINT_DIFFERS",
        "A record of this document is there already, made from other content.",
        "Compare the record with Lago's document. If the record is right, leave it; if not, correct it in NetSuite by "
        "hand. Nothing is ever overwritten.",
    ),
    Group(
        Family.CONFLICT,
        "LAGO_ADOPT_DIFFERS",
        "A record carries this Lago id, but its customer, currency, date or total is another.",
        "Correct the record in NetSuite until they agree, or take the Lago id off it; then replay the document.",
    ),
    Group(
        Family.REFUSED,
        "LAGO_CANNOT_RESTORE",
        "The record was to be stated anew, and differs in what NetSuite does not change once it is saved.",
        "Delete the record in NetSuite and let the document be sent again: lago-ns reconcile … --queue-missing, then "
        "lago-ns sync all.",
    ),
    Group(
        Family.CONFLICT,
        "LAGO_LINKED_ELSEWHERE",
        "The record that is meant belongs to another document of Lago.",
        "Find out which of the two documents the record is; then correct the Lago id on it.",
    ),
    Group(
        Family.REFUSED,
        "LAGO_NUMBER_TAKEN",
        "A record that did not come from Lago has this number; nothing was created beside it.",
        "If that record is this document, put the Lago id into its custom field, so that it is linked; else renumber it.",
    ),
    Group(
        Family.REFUSED,
        "LAGO_REFERENCE_NOT_FOUND",
        "A record that this document refers to is not in NetSuite, though it was posted.",
        "Find out who deleted it or changed its external id; once it is back, replay the document.",
    ),
    Group(
        Family.WAITING,
        "LAGO_PARENT_FAILED",
        "A document of the same call that this one refers to failed.",
        "See to that one first; this one follows by itself.",
    ),
    Group(
        Family.LIMIT,
        "LAGO_OUT_OF_BUDGET",
        "The call's time or usage units were used up before this document's turn.",
        "Nothing to do: it goes with a later call. If it happens often, lower push.batch.",
    ),
    Group(
        Family.REFUSED,
        "LAGO_TARGET_NOT_FOUND",
        "The invoice that an amount is to be applied to is not in NetSuite.",
        "Find out who deleted the invoice.",
    ),
    Group(
        Family.REFUSED,
        "LAGO_TARGET_NOT_OPEN",
        "The invoice that an amount is to be applied to is not open for this customer, currency and account.",
        _APPLIED,
    ),
    Group(
        Family.REFUSED,
        "LAGO_TWO_AR_ACCOUNTS",
        "The payment's invoices are on several A/R accounts, and a payment has one.",
        "Post the payment by hand, one for each account.",
    ),
    Group(
        Family.REFUSED,
        "LAGO_OVER_APPLIED",
        "More is to be applied to the invoice than is still open on it.",
        _APPLIED,
    ),
    Group(
        Family.SETUP,
        "LAGO_PROBE_NOT_ALLOWED",
        "Trial records may not be made here: the account is no sandbox, or the role could not take them away again.",
        "Probe a sandbox, with a role that may delete customers and invoices (level Full) for as long as it takes.",
        "lago-ns doctor",
    ),
    Group(
        Family.NOTICE,
        "LAGO_SAVED_DESPITE_ERROR",
        "NetSuite answered the save with an error, and the record is there all the same.",
        "Look at the script in the account that failed after the save; the message quotes it.",
    ),
    Group(
        Family.NOTICE,
        "LAGO_READ_BACK_FAILED",
        "The record was saved, and reading it back failed.",
        "Nothing to do: it is looked up before anything is sent again.",
    ),
    Group(
        Family.NOTICE,
        "LAGO_TOTAL_DIFFERS",
        "NetSuite's own total or tax is not what was sent; the document is held for it.",
        "Look for a script, a tax engine or a rounding rule of the account that changed the amounts.",
    ),
    Group(
        Family.NOTICE,
        "LAGO_FOREIGN_KEY_KEPT",
        "The record that was linked has an external id of somebody else, which was left alone.",
        "Nothing to do: the document is found by its Lago id.",
    ),
    Group(
        Family.NOTICE,
        "LAGO_ARCHIVE_FAILED",
        "The record was saved, and Lago's JSON could not be stored in the File Cabinet.",
        "Give the role Lists > Documents and Files (Edit), and look at the folder of the script.",
    ),
)
