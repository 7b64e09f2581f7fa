"""What to do about a customer that failed, where NetSuite's own words leave it open."""

from dataclasses import replace

from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.workflows.deciding_customers import ABOUT_THE_RECORD, link_hint
from lago_ns_cli.workflows.reports import DocumentReported

_OF_CUSTOMERS = {
    "UNIQUE_CUST_ID_REQD": "Rename the other customer in NetSuite, set [sync] entityid = auto, or link it: {link}",
    "customer_not_found": "If it was merged into another record, name that one: {link}",
    **dict.fromkeys(ABOUT_THE_RECORD, "Name the record that it is: {link}"),
    "RCRD_DSNT_EXIST": "It may have been merged into another record or deleted; name the right one: {link}",
}


def hinted(report: DocumentReported) -> DocumentReported:
    """Add the next command to a report of a customer; other reports stay as they are."""
    if report.kind != Kind.CUSTOMER or report.failure is None or report.failure.hint:
        return report
    hint = _OF_CUSTOMERS.get(report.failure.code)
    if hint is None:
        return report
    told = hint.format(link=link_hint(report.number or "<external id>"))
    return replace(report, failure=replace(report.failure, hint=told))
