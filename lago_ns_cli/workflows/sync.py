"""The pipe, kind by kind, parents first."""

from collections.abc import AsyncIterator, Callable, Iterable

from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.workflows.reports import SyncEvent
from lago_ns_cli.workflows.run import Run
from lago_ns_cli.workflows.sync_customers import Customers
from lago_ns_cli.workflows.sync_invoices import Invoices

ORDER = (Kind.CUSTOMER, Kind.INVOICE)
"""Parents first."""


async def sync(run: Run, kinds: Iterable[Kind]) -> AsyncIterator[SyncEvent]:
    """Bring the selected documents of some kinds to NetSuite; one event a document.

    Raises:
        RemoteError: One of the two sides cannot be reached or refuses as a whole; what was not
            sent stays to be sent.
        LedgerError: The ledger cannot be written.
    """
    wanted = frozenset(kinds)
    customers = Customers(run)
    steps: dict[Kind, Callable[[], AsyncIterator[SyncEvent]]] = {
        Kind.CUSTOMER: customers.sync,
        Kind.INVOICE: Invoices(run, customers).sync,
    }
    for kind in ORDER:
        if kind in wanted:
            async for event in steps[kind]():
                yield event
