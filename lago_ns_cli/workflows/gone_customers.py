"""Customers whose NetSuite record was merged or deleted: found through their documents, told once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, LagoId, key_of
from lago_ns_cli.domain.reconciliation.absence import judge_gone_customer
from lago_ns_cli.domain.reconciliation.findings import Finding
from lago_ns_cli.domain.reconciliation.known import Known
from lago_ns_cli.domain.reconciliation.rows import CUSTOMER, BilledRow
from lago_ns_cli.workflows.knowing import Knowledge
from lago_ns_cli.workflows.looking_again import LookingAgain, Seen


@dataclass(slots=True)
class GoneCustomers:
    """What is known of customers that records should be of and are not.

    ``tells``: whether it tells of them; where customers are compared too, that was done with them.
    """

    again: LookingAgain
    tells: bool
    _gone: dict[InternalId, Key] = field(default_factory=dict)
    _there: set[InternalId] = field(default_factory=set)

    async def look(
        self, rows: Sequence[BilledRow], seen: Mapping[Key, Seen], knowledge: Knowledge
    ) -> list[Finding]:
        """Look up the customers that records should be of and are not; one that is gone is told once.

        Where customers are compared too, it was told with them.
        """
        wanted = {
            known.customer
            for billed in rows
            if (known := knowledge.of(billed)).customer is not None
            and any(one.customer not in (None, known.customer) for one in seen[billed.key].records)
        }
        unknown = {one for one in wanted if one is not None} - self._there - self._gone.keys()
        found = await self.again.customers(unknown)
        self._there |= found.keys()
        owners = {knowledge.of(billed).customer: billed for billed in rows if billed.customer is not None}
        findings: list[Finding] = []
        for customer in sorted(unknown - found.keys()):
            billed = owners[customer]
            key = self._gone[customer] = key_of(Kind.CUSTOMER, LagoId(billed.customer or ""))
            if self.tells:
                findings.append(await self.gone(_customer_of(billed, key), customer))
        return findings

    def told(self, known: Known) -> Known:
        """Add to what is known of a document that its customer is gone."""
        gone = self._gone.get(known.customer) if known.customer is not None else None
        return known if gone is None else replace(known, customer_gone=gone)

    async def gone(self, billed: BilledRow, record: InternalId) -> Finding:
        """Say which record a customer may be now, as its documents tell."""
        candidates = [
            one for one in self.again.reader.sides.customers_on_records(billed.lago_id) if one != record
        ]
        rows = await self.again.customers([InternalId(one) for one in candidates])
        there = [one for one in candidates if InternalId(one) in rows]
        taken = len(there) == 1 and rows[InternalId(there[0])].identity not in (None, billed.key)
        return judge_gone_customer(billed, record, there, taken=taken)


def _customer_of(billed: BilledRow, key: Key) -> BilledRow:
    """State the customer of a document."""
    return BilledRow(
        key=key,
        kind=CUSTOMER,
        lago_id=LagoId(billed.customer or ""),
        number=billed.customer_name,
        customer=billed.customer,
        customer_name=billed.customer_name,
        entity=billed.entity,
    )
