"""Explains invoices: Lago is read, or a file; NetSuite is known from the fetched catalog."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from lago_ns_cli.domain.catalog import account_profile
from lago_ns_cli.domain.documents import Invoice, Received
from lago_ns_cli.domain.exchange import Selection, Unreadable
from lago_ns_cli.domain.explanation import Explanation, explain_invoice
from lago_ns_cli.domain.mapping import Mappings
from lago_ns_cli.domain.translation.context import Context, FeeTaxesNeededError
from lago_ns_cli.errors import ConfigError
from lago_ns_cli.workflows.ports import LagoSource, Ledger


def stored_context(mappings: Mappings, ledger: Ledger) -> Context:
    """Prepare translations from what the ledger keeps of the account.

    Raises:
        ConfigError: NetSuite's catalog was never fetched.
    """
    catalog = ledger.load_catalog("netsuite")
    if catalog is None:
        raise ConfigError("The catalog of NetSuite was never fetched.", hint="lago-ns fetch-catalog")
    return Context(mappings=mappings, account=account_profile(catalog))


async def explain(lago: LagoSource, context: Context, ids: Sequence[str]) -> AsyncIterator[Explanation]:
    """Explain the invoices with these ids or numbers; all of a file where none is given.

    Raises:
        DocumentError: An invoice cannot be read, or does not tell which tax is on which fee.
        RemoteError: Lago cannot be reached, refuses, or does not know the invoice.
    """
    async for summary in lago.invoices(Selection(ids=tuple(ids))):
        if isinstance(summary, Unreadable):
            raise summary.error
        yield await _explain(lago, await lago.invoice(summary.lago_id), context)


async def _explain(lago: LagoSource, received: Received[Invoice], context: Context) -> Explanation:
    try:
        return explain_invoice(received, context)
    except FeeTaxesNeededError as needed:
        taxes = {fee: (await lago.fee(fee)).applied_taxes or () for fee in needed.fees}
        return explain_invoice(received, replace(context, fee_taxes=taxes))
