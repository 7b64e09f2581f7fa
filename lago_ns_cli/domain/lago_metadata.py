"""Where a document stands in NetSuite, written into Lago's metadata or into its NetSuite link.

Lago's rules differ by document (facts read in Lago's own code):

* invoices: at most 5 entries, keys of 20 and values of 140 characters; what is sent replaces the
  set, so entries of others are sent back with their ids;
* customers: the same with values of 100 characters; ``integration_customers``, once given,
  destroys every link whose id is not repeated;
* credit notes: an object that is merged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.documents import Tree
from lago_ns_cli.domain.identifiers import LagoId
from lago_ns_cli.domain.write_back import BackDecision, LagoRequest

ID_KEY = "netsuite_id"
URL_KEY = "netsuite_url"
SUBSIDIARY_KEY = "netsuite_subsidiary"
ADDRESS_KEY = "netsuite_address"

_MOST_ENTRIES = 5
_LONGEST_VALUE = {"invoice": 140, "customer": 100}
_PAGES = {"invoice": "custinvc", "credit_note": "custcred"}
_FINAL = "finalized"


def record_url(kind: str, internal_id: str, account_host: str) -> str:
    """Write the address of a transaction's page in NetSuite.

    Args:
        kind: ``invoice`` or ``credit_note``.
        account_host: The account's label in host names, ``1234567-sb1``.
    """
    page = _PAGES[kind]
    return f"https://{account_host}.app.netsuite.com/app/accounting/transactions/{page}.nl?id={internal_id}"


def address_line(address: Mapping[str, object]) -> str:
    """Write an address as NetSuite has it on one line; empty where it has no part.

    Args:
        address: Parts by the names of NetSuite's address form.
    """

    def joined(separator: str, *names: str) -> str:
        parts = [str(address[name]).strip() for name in names if address.get(name) not in (None, "")]
        return separator.join(part for part in parts if part)

    town = joined(" ", "city", "state", "zip")
    lines = [joined(", ", "addr1", "addr2", "addr3"), town, joined("", "country")]
    return ", ".join(line for line in lines if line)


def decide_invoice_metadata(decision: BackDecision, invoice: Tree, wanted: Mapping[str, str]) -> BackDecision:
    """Decide what an invoice is told; its other entries stay."""
    if invoice.get("status") != _FINAL:
        reason = f"the invoice is {invoice.get('status')}, and Lago then takes no metadata"
        return replace(decision, state=State.SKIPPED, code="metadata_not_taken", reason=reason)
    return _with_list(decision, "invoice", f"/invoices/{_segment(invoice['lago_id'])}", invoice, wanted)


def decide_credit_note_metadata(
    decision: BackDecision, note: Tree, wanted: Mapping[str, str]
) -> BackDecision:
    """Decide what a credit note is told; Lago merges it."""
    known = note.get("metadata")
    known = known if isinstance(known, Mapping) else {}
    if all(known.get(key) == value for key, value in wanted.items()):
        return decision
    return replace(
        decision,
        request=LagoRequest(
            method="PUT",
            path=f"/credit_notes/{_segment(note['lago_id'])}",
            body={"credit_note": {"metadata": dict(wanted)}},
            what=f"the metadata of {decision.subject.number}",
        ),
    )


def decide_customer(decision: BackDecision, customer: Tree, wanted: Mapping[str, str]) -> BackDecision:
    """Decide what a customer is told: in its NetSuite link where Lago keeps one, else in its metadata.

    A link that names another record is a person's or Lago's own, and is never changed.
    """
    links = _objects(customer.get("integration_customers"))
    ours = next((link for link in links if link.get("type") == "netsuite"), None)
    if ours is None:
        path = "/customers"
        return _with_list(decision, "customer", path, customer, wanted)
    named, subsidiary = ours.get("external_customer_id"), wanted.get(SUBSIDIARY_KEY)
    if named not in (None, "", wanted[ID_KEY]):
        return replace(
            decision,
            state=State.HELD,
            code="lago_link_differs",
            reason=f"Lago links {decision.subject.number} to record {named} of NetSuite, "
            f"and its record is {wanted[ID_KEY]}",
        )
    if named == wanted[ID_KEY]:
        # Whether Lago changes the subsidiary of a link that is filled is not documented, so it is not asked again.
        return decision
    told = {"external_customer_id": wanted[ID_KEY]}
    if subsidiary is not None:
        told["subsidiary_id"] = subsidiary
    body = {
        "external_id": customer["external_id"],
        "integration_customers": [_repeated(link) | (told if link is ours else {}) for link in links],
    }
    return replace(decision, request=_customer_request(decision, body))


def as_wanted(decision: BackDecision) -> bool:
    """Whether Lago's answer already says what was to be said."""
    return decision.request is None and decision.state is State.POSTED


def _with_list(
    decision: BackDecision, kind: str, path: str, document: Tree, wanted: Mapping[str, str]
) -> BackDecision:
    known = _objects(document.get("metadata"))
    told = {str(entry.get("key")): entry for entry in known}
    wanted = {key: value[: _LONGEST_VALUE[kind]] for key, value in wanted.items()}
    room = _MOST_ENTRIES - sum(key not in wanted for key in told)
    fitting = dict(list(wanted.items())[: max(room, 0)])
    if not fitting:
        reason = f"Lago keeps {_MOST_ENTRIES} entries of metadata a document, and others use all of them"
        return replace(decision, state=State.SKIPPED, code="metadata_full", reason=reason)
    if all(key in told and told[key].get("value") == value for key, value in fitting.items()):
        return decision
    kept = [_entry(entry) for entry in known if entry.get("key") not in fitting]
    ours = [
        {**({"id": told[key].get("lago_id")} if key in told else {}), "key": key, "value": value}
        for key, value in fitting.items()
    ]
    if kind == "customer":
        body: dict[str, object] = {"external_id": document["external_id"], "metadata": kept + ours}
        return replace(decision, request=_customer_request(decision, body))
    request = LagoRequest(
        method="PUT",
        path=path,
        body={kind: {"metadata": kept + ours}},
        what=f"the metadata of {decision.subject.number}",
    )
    return replace(decision, request=request)


def _customer_request(decision: BackDecision, body: Mapping[str, object]) -> LagoRequest:
    return LagoRequest(
        method="POST", path="/customers", body={"customer": body}, what=f"customer {decision.subject.number}"
    )


def _entry(entry: Mapping[str, object]) -> dict[str, object]:
    kept = {"id": entry.get("lago_id"), "key": entry.get("key"), "value": entry.get("value")}
    if "display_in_invoice" in entry:
        kept["display_in_invoice"] = entry["display_in_invoice"]
    return kept


_LINK_FIELDS = (
    "integration_code",
    "external_customer_id",
    "sync_with_provider",
    "subsidiary_id",
    "code",
    "targeted_object",
)


def _repeated(link: Mapping[str, object]) -> dict[str, object]:
    """Say a link again as it is, with its id, or Lago would destroy it."""
    said = {name: link[name] for name in _LINK_FIELDS if link.get(name) is not None}
    return {"id": link.get("lago_id"), "integration_type": link.get("type"), **said}


def _objects(value: object) -> list[Mapping[str, object]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, Sequence) else []


def _segment(lago_id: object) -> str:
    return quote(str(lago_id), safe="")


def lago_id_of(document: Tree) -> LagoId:
    """Read the id of a document's JSON."""
    return LagoId(str(document["lago_id"]))
