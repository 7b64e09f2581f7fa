"""What can be decided about a finding, why not, and what a decision changes in the ledger."""

from collections.abc import Mapping

from lago_ns_cli.domain.attempts import Entry, State, StateChange, Subject
from lago_ns_cli.domain.reconciliation.findings import Discrepancy, Finding, Verdict
from lago_ns_cli.domain.reconciliation.rows import CREDIT_NOTE, CUSTOMER, INVOICE, PAYMENT, PREPAID

RESTORE_CODE = "restore_decided"
"""The code of an entry that waits to be restored."""

_RESTATED: Mapping[str, frozenset[Discrepancy]] = {
    **dict.fromkeys(
        (INVOICE, CREDIT_NOTE, PREPAID),
        frozenset(
            {
                Discrepancy.AMOUNT,
                Discrepancy.TAX,
                Discrepancy.TAX_CODE,
                Discrepancy.DATE,
                Discrepancy.NUMBER,
                Discrepancy.KEY,
                Discrepancy.FINGERPRINT,
            }
        ),
    ),
    PAYMENT: frozenset(
        {
            Discrepancy.AMOUNT,
            Discrepancy.DATE,
            Discrepancy.APPLIED,
            Discrepancy.KEY,
            Discrepancy.FINGERPRINT,
        }
    ),
}
"""What is mended by stating the record anew, by kind of document."""

_NOT_ADOPTED: Mapping[Discrepancy, str] = {
    Discrepancy.MISSING_IN_LAGO: "Lago has no document whose state could be agreed on",
    Discrepancy.NUMBER_TAKEN: "the record that has the number is not the document's",
    Discrepancy.DUPLICATE: "a document has one record",
    Discrepancy.UNREADABLE: "the document could not be read",
    Discrepancy.CUSTOMER_GONE: "the customer has to be linked to the record that it is by now",
}

_NOT_RESTORED: Mapping[Discrepancy, str] = {
    Discrepancy.CURRENCY: "NetSuite does not change the currency of a saved record",
    Discrepancy.SUBSIDIARY: "NetSuite does not move a saved record to another subsidiary",
    Discrepancy.CUSTOMER: "NetSuite does not move a saved record to another customer by itself",
    Discrepancy.PERIOD: "lago-ns leaves posting periods to NetSuite",
    Discrepancy.VOIDED_IN_NETSUITE: "NetSuite does not take a void back",
    Discrepancy.STATUS: "approving is a person's task",
    Discrepancy.CUSTOMER_GONE: "NetSuite does not take a merge or a deletion back",
    Discrepancy.INACTIVE: "whether a customer is active is NetSuite's to say",
    Discrepancy.APPLIED: "--queue-missing lets a memo be applied again",
    Discrepancy.AMOUNT_DUE: "it follows from payments and credits, not from the invoice",
}


def verdicts_on(finding: Finding, entry: Entry | None) -> tuple[Verdict, ...]:
    """List what can be decided about a finding."""
    return tuple(verdict for verdict in Verdict if refusal(verdict, finding, entry) is None)


def refusal(verdict: Verdict, finding: Finding, entry: Entry | None) -> str | None:
    """Say why a verdict cannot be carried out; None where it can.

    Args:
        entry: The document's row in the ledger.
    """
    match verdict:
        case Verdict.IGNORE:
            return None
        case Verdict.ADOPT:
            if finding.what is Discrepancy.MISSING_IN_NETSUITE and not _is_linked(entry):
                return "it was never posted, so NetSuite has no state of it"
            return _NOT_ADOPTED.get(finding.what)
        case Verdict.RESTORE:
            return _why_not_restored(finding, entry)


def _why_not_restored(finding: Finding, entry: Entry | None) -> str | None:
    if finding.kind != CUSTOMER and is_sent_anew(finding, entry):
        return None
    if finding.what not in _RESTATED.get(finding.kind, ()):
        return _NOT_RESTORED.get(finding.what, "no push mends it")
    if finding.what is Discrepancy.KEY and finding.netsuite != "none":
        return "another program's external id is never overwritten"
    if entry is None or entry.netsuite_id is None or entry.netsuite_id != finding.netsuite_id:
        return "the ledger does not know the record as the document's"
    if entry.state not in (State.POSTED, State.HELD) and entry.code != RESTORE_CODE:
        return f"it is {entry.state.value.replace('_', ' ')} already"
    return None


def is_sent_anew(finding: Finding, entry: Entry | None) -> bool:
    """Whether a restoration creates or looks for the record, rather than changing it."""
    missing = finding.what is Discrepancy.MISSING_IN_NETSUITE and _is_linked(entry)
    return missing or finding.what is Discrepancy.LINK


def _is_linked(entry: Entry | None) -> bool:
    return entry is not None and entry.netsuite_id is not None


def is_dangerous(verdict: Verdict, finding: Finding) -> bool:
    """Whether a verdict writes over what somebody did, or agrees to other money."""
    return verdict is Verdict.RESTORE or (
        verdict is Verdict.ADOPT
        and (bool(finding.difference) or finding.what is Discrepancy.MISSING_IN_NETSUITE)
    )


def change_for(
    verdict: Verdict, finding: Finding, entry: Entry | None, subject: Subject | None, reason: str
) -> StateChange | None:
    """Say how a verdict moves the document's entry; None where it does not.

    Adopting makes the record as it is the agreed one, so that nothing holds its entry any more. Restoring lets the
    next sync send it, under the same key.
    """
    if entry is None or subject is None or verdict is Verdict.IGNORE:
        return None
    if verdict is Verdict.RESTORE:
        anew = is_sent_anew(finding, entry)
        return StateChange(
            subject=subject,
            state=State.PENDING,
            code=RESTORE_CODE,
            reason=reason,
            netsuite_id=None if anew else entry.netsuite_id,
            relinks=anew,
        )
    relinked = finding.what is Discrepancy.LINK
    if finding.netsuite_id is None or (not relinked and finding.netsuite_id != entry.netsuite_id):
        return None
    if entry.state not in (State.POSTED, State.HELD):
        return None
    return StateChange(
        subject=subject,
        state=State.POSTED,
        netsuite_id=finding.netsuite_id,
        relinks=relinked,
        fingerprint=finding.fingerprint,
    )
