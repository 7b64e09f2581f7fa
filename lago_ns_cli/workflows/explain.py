"""Explains documents: Lago is read, or a file; NetSuite is known from the fetched catalog."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import TypeVar

from lago_ns_cli.domain.catalog import account_profile
from lago_ns_cli.domain.documents import CreditNote, Invoice, Payment, Received
from lago_ns_cli.domain.exchange import Selection, Unreadable
from lago_ns_cli.domain.explanation import Explanation, explain_credit_note, explain_invoice, explain_payment
from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.domain.mapping import Mappings
from lago_ns_cli.domain.translation.context import Context, FeeTaxesNeededError
from lago_ns_cli.domain.translation.payment import billing_of, payer_of
from lago_ns_cli.errors import ConfigError, DocumentError, LagoNsError, RejectedError
from lago_ns_cli.workflows.ports import LagoSource, Ledger

_Row = TypeVar("_Row")

_EXPLAINED = (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.PAYMENT)


def stored_context(mappings: Mappings, ledger: Ledger) -> Context:
    """Prepare translations from what the ledger keeps of the account.

    Raises:
        ConfigError: NetSuite's catalog was never fetched.
    """
    catalog = ledger.load_catalog("netsuite")
    if catalog is None:
        raise ConfigError("The catalog of NetSuite was never fetched.", hint="lago-ns fetch-catalog")
    return Context(mappings=mappings, account=account_profile(catalog))


async def explain(
    lago: LagoSource, context: Context, names: Sequence[str], kind: Kind | None = None
) -> AsyncIterator[Explanation]:
    """Explain the documents with these ids or numbers; all of a file where none is given.

    Args:
        kind: What the names are of; None tries an invoice, a credit note and a payment, in this order.

    Raises:
        DocumentError: A document cannot be read, or does not tell which tax is on which fee.
        RemoteError: Lago cannot be reached, refuses, or does not know the document.
    """
    kinds = _EXPLAINED if kind is None else (kind,)
    if not names:
        for one in kinds:
            async for told in _of_kind(lago, context, one, ()):
                yield told
    for name in names:
        for told in await _named(lago, context, name, kinds):
            yield told


async def _named(
    lago: LagoSource, context: Context, name: str, kinds: Sequence[Kind]
) -> Sequence[Explanation]:
    """Explain what is called so, of the first kind that has it; the first refusal stands where none has."""
    refused: LagoNsError | None = None
    for kind in kinds:
        try:
            return [told async for told in _of_kind(lago, context, kind, (name,))]
        except (DocumentError, RejectedError) as error:
            if not _is_absence(error):
                raise
            refused = refused or error
    assert refused is not None, "there is at least one kind"
    raise refused


def _is_absence(error: DocumentError | RejectedError) -> bool:
    return error.code == "not_in_file" or error.code.endswith("_not_found")


async def _of_kind(
    lago: LagoSource, context: Context, kind: Kind, names: tuple[str, ...]
) -> AsyncIterator[Explanation]:
    selection = Selection(ids=names)
    if kind is Kind.INVOICE:
        async for summary in _read(lago.invoices(selection), selection):
            yield await _invoice(lago, await lago.invoice(summary.lago_id), context)
    elif kind is Kind.CREDIT_NOTE:
        async for note in _read(lago.credit_notes(selection), selection):
            yield await _credit_note(lago, note, context)
    else:
        async for payment in _read(lago.payments(selection), selection):
            yield await _payment(lago, payment, context)


async def _read(rows: AsyncIterator[_Row | Unreadable], selection: Selection) -> AsyncIterator[_Row]:
    """Give the documents of a list; those that were named are fetched to the end before any is looked at.

    Raises:
        LagoNsError: One of them cannot be read.
    """
    if selection.ids:
        named = [row async for row in rows]
        for row in named:
            yield _readable(row)
        return
    async for row in rows:
        yield _readable(row)


def _readable(row: _Row | Unreadable) -> _Row:
    if isinstance(row, Unreadable):
        raise row.error
    return row


async def _invoice(lago: LagoSource, received: Received[Invoice], context: Context) -> Explanation:
    try:
        return explain_invoice(received, context)
    except FeeTaxesNeededError as needed:
        return explain_invoice(received, await _with_fee_taxes(lago, context, needed))


async def _credit_note(lago: LagoSource, received: Received[CreditNote], context: Context) -> Explanation:
    try:
        return explain_credit_note(received, context)
    except FeeTaxesNeededError as needed:
        return explain_credit_note(received, await _with_fee_taxes(lago, context, needed))


async def _with_fee_taxes(lago: LagoSource, context: Context, needed: FeeTaxesNeededError) -> Context:
    taxes = {fee: (await lago.fee(fee)).applied_taxes or () for fee in needed.fees}
    return replace(context, fee_taxes=taxes)


async def _payment(lago: LagoSource, received: Received[Payment], context: Context) -> Explanation:
    billings = []
    for invoice in received.document.invoice_ids:
        try:
            billings.append(billing_of((await lago.invoice(invoice)).document))
        except (DocumentError, RejectedError):
            continue  # the rows that hold for every billing entity can still be told
    return explain_payment(received, payer_of(billings), context)
