"""Payments that reached NetSuite first become manual payments in Lago.

NetSuite tells which payments are not ours: by their key and by our Lago id on the record, never by
the ledger alone, so a ledger that was rebuilt changes nothing. A payment that has not changed since
everything it pays was brought back is not looked at again.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lago_ns_cli.domain.attempts import Fact, State, Subject, subject_of
from lago_ns_cli.domain.catalog import Row
from lago_ns_cli.domain.documents import Payment, Received, Tree
from lago_ns_cli.domain.exchange import FindStatus, Found, RecordState, Selection
from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, LagoId, key_of
from lago_ns_cli.domain.write_back import (
    PAYMENT_BACK,
    BackDecision,
    Receipt,
    applied_by,
    decide_receipt,
    netsuite_payment_of,
    receipt_key,
    reference_of,
)
from lago_ns_cli.errors import AuthError, DocumentError, LagoNsError, RejectedError
from lago_ns_cli.workflows.deciding import NO_CUSTOMER
from lago_ns_cli.workflows.reports import SyncEvent
from lago_ns_cli.workflows.run import chunks, readable
from lago_ns_cli.workflows.write_back import BackRun, bring_back, give_up, hold_back

RECORD_TYPE = "customerpayment"

_PER_LOOK_UP = 200
_SETTLED = "settled"
"""The fact, on a payment's key: its last change when all that it pays had been brought back."""

_PAYS = "pays"
"""The fact, on a payment's key: the invoices that it was ever seen to pay, by their Lago ids."""

_OURS = "lago:inv:"


@dataclass(frozen=True, slots=True)
class _Seen:
    """A payment in NetSuite that is not ours, and what it puts on invoices of ours."""

    payment: InternalId
    changed: str
    receipts: tuple[Receipt, ...]


class PaymentsBack:
    """The payments of one write-back."""

    def __init__(self, run: BackRun) -> None:
        self._run = run

    async def bring(
        self, *, since: date | None = None, until: date | None = None
    ) -> AsyncIterator[SyncEvent]:
        """Bring payments to Lago; one event for what each puts on an invoice.

        Args:
            since: First day of the payments that are meant.
            until: Last day.

        Raises:
            RemoteError: One of the two sides cannot be reached or refuses as a whole.
        """
        rows = self._run.netsuite.list_rows(RECORD_TYPE, since=since, until=until)
        async for page in chunks(rows, _PER_LOOK_UP):
            for seen in await self._look(self._changed([row for row in page if _is_theirs(row)])):
                for receipt in seen.receipts:
                    async for event in self._bring(receipt):
                        yield event
                self._account_for(seen)
        if since is None and until is None and not self._run.dry_run:
            async for event in self._give_up_gone():
                yield event

    def _changed(self, rows: Sequence[Row]) -> list[Row]:
        """Leave out what is as it was when it was settled."""
        facts = self._run.ledger.facts([payment_key(row) for row in rows])
        return [row for row in rows if facts.get(payment_key(row), {}).get(_SETTLED) != _version(row)]

    async def _look(self, rows: Sequence[Row]) -> list[_Seen]:
        """See what payments are put on, and which of these invoices are ours."""
        if not rows:
            return []
        wanted = [{"type": RECORD_TYPE, "id": str(row["id"])} for row in rows]
        records = [record for found in await self._run.netsuite.find(wanted) for record in _seen_in(found)]
        payments = [record for record in records if _is_theirs(record.fields)]
        invoices = await self._our_invoices({id_ for one in payments for id_, _ in applied_by(one)})
        before = self._run.ledger.facts([payment_key(one.fields) for one in payments])
        return [_put_together(one, invoices, before.get(payment_key(one.fields), {})) for one in payments]

    async def _our_invoices(self, ids: Collection[InternalId]) -> dict[InternalId, LagoId]:
        found = await self._run.netsuite.find([{"type": "invoice", "id": id_} for id_ in sorted(ids)])
        records = [record for one in found for record in _seen_in(one)]
        return {one.id: lago_id for one in records if (lago_id := _lago_invoice(one)) is not None}

    async def _bring(self, receipt: Receipt) -> AsyncIterator[SyncEvent]:
        async def decide() -> BackDecision:
            return await self._decide(receipt)

        def confirm(answer: Tree) -> bool:
            recorded = (answer.get("reference"), answer.get("payment_status"))
            return recorded == (reference_of(receipt.payment), "succeeded")

        self._remember(receipt)
        try:
            async for event in bring_back(self._run, decide, confirm):
                yield event
        except (DocumentError, RejectedError) as error:
            yield hold_back(self._run, self._unread(receipt), error)

    async def _decide(self, receipt: Receipt) -> BackDecision:
        invoice = (await self._run.lago.invoice(receipt.invoice)).document
        known = await self._payments_of(receipt.invoice)
        links = self._run.ledger.links([key_of(Kind.PAYMENT, one.lago_id) for one in known])
        return decide_receipt(
            receipt,
            invoice,
            known,
            currency=self._run.mappings.currencies.get(invoice.currency),
            unlinked=[one for one in known if _may_be_any(one, links)],
        )

    async def _payments_of(self, invoice: LagoId) -> list[Payment]:
        rows = [one async for one in self._run.lago.payments(Selection(), invoice=invoice)]
        read: list[Received[Payment]] = readable(rows)
        if len(read) < len(rows):
            raise DocumentError(
                f"A payment of invoice {invoice} in Lago cannot be read, so nothing is added to it.",
                hint="Correct it in Lago; lago-ns sync payment names it.",
                code="payments_unreadable",
            )
        return [one.document for one in read]

    def _remember(self, receipt: Receipt) -> None:
        """Before anything is written, keep which invoices a payment pays: it may be taken off them later."""
        key = Key(f"netsuite:pay:{receipt.payment}")
        if self._run.dry_run or not receipt.amount:
            return
        known = self._run.ledger.facts([key]).get(key, {}).get(_PAYS, "").split()
        if receipt.invoice not in known:
            fact = Fact(key, _PAYS, " ".join([*known, receipt.invoice]))
            self._run.ledger.record_facts([fact], self._run.clock.now())

    def _account_for(self, seen: _Seen) -> None:
        """Remember a payment all of whose receipts are in Lago."""
        if self._run.dry_run:
            return
        keys = [receipt_key(one.payment, one.invoice) for one in seen.receipts]
        entries = self._run.ledger.entries(keys)
        if all(key in entries and entries[key].state is State.POSTED for key in keys):
            fact = Fact(Key(f"netsuite:pay:{seen.payment}"), _SETTLED, seen.changed)
            self._run.ledger.record_facts([fact], self._run.clock.now())

    def _unread(self, receipt: Receipt) -> BackDecision:
        """Name a receipt whose invoice Lago does not give."""
        subject = Subject(
            key=receipt_key(receipt.payment, receipt.invoice),
            kind=PAYMENT_BACK,
            lago_id=receipt.invoice,
            number=reference_of(receipt.payment),
            customer_id=NO_CUSTOMER,
        )
        return BackDecision(subject=subject, netsuite_id=receipt.payment)

    async def _give_up_gone(self) -> AsyncIterator[SyncEvent]:
        """Hold what is in doubt though its payment is not in NetSuite any more."""
        open_ones = self._run.ledger.entries_in({State.IN_DOUBT}, kind=PAYMENT_BACK)
        ids = {entry.key: payment_of(entry.key) for entry in open_ones}
        found = await self._run.netsuite.find([{"type": RECORD_TYPE, "id": id_} for id_ in ids.values()])
        for entry, one in zip(open_ones, found, strict=True):
            if one.status == FindStatus.ABSENT:
                gone = LagoNsError(
                    f"NetSuite has no payment {ids[entry.key]} any more, and whether Lago recorded it is not "
                    "known, since its answer was lost.",
                    hint="Look at the payments of the invoice in Lago.",
                    code="receipt_gone",
                )
                decision = BackDecision(subject=subject_of(entry), netsuite_id=ids[entry.key])
                yield give_up(self._run, decision, gone)


def _put_together(
    payment: RecordState, invoices: Mapping[InternalId, LagoId], before: Mapping[str, str]
) -> _Seen:
    """Tell what a payment pays; of a voided one, and where it was taken off again, that is nothing."""
    amounts = {LagoId(one): Decimal(0) for one in before.get(_PAYS, "").split()}
    if payment.fields.get("status") != "voided":
        for id_, amount in applied_by(payment):
            if id_ in invoices:
                amounts[invoices[id_]] = amounts.get(invoices[id_], Decimal(0)) + amount
    currency = payment.fields.get("currency")
    receipts = tuple(
        Receipt(
            payment=payment.id,
            invoice=invoice,
            amount=amount,
            currency=None if currency is None else str(currency),
            day=date.fromisoformat(str(payment.fields["date"])),
        )
        for invoice, amount in sorted(amounts.items())
    )
    return _Seen(payment.id, _version(payment.fields), receipts)


def payment_key(row: Row) -> Key:
    """Name a NetSuite payment for what is remembered of it."""
    return Key(f"netsuite:pay:{row['id']}")


def payment_of(key: Key) -> InternalId:
    """Read the payment's id from a receipt's key."""
    return InternalId(key.split(":")[2])


def _is_theirs(row: Row) -> bool:
    """Whether a payment was made in NetSuite: it has neither a key of ours nor a Lago id."""
    return not str(row.get("key") or "").lower().startswith("lago:") and not row.get("lago_id")


def _version(row: Row) -> str:
    return str(row.get("last_modified") or "")


def _seen_in(found: Found) -> tuple[RecordState, ...]:
    """Give what a look-up found.

    Raises:
        AuthError: The role may not see such records, so nothing can be concluded.
    """
    if found.status == FindStatus.DENIED:
        raise AuthError(
            "The role may not see payments and invoices, so what was paid in NetSuite is not known.",
            system="NetSuite",
            hint="Give the role Transactions > Customer Payment and Invoice (View); lago-ns doctor names what is missing.",
            code="INSUFFICIENT_PERMISSION",
        )
    return found.records


def _lago_invoice(record: RecordState) -> LagoId | None:
    key = (record.key or "").lower()
    if key.startswith(_OURS):
        return LagoId(key.removeprefix(_OURS))
    lago_id = record.fields.get("lago_id")
    return LagoId(str(lago_id).lower()) if lago_id else None


def _may_be_any(payment: Payment, links: Mapping[Key, InternalId]) -> bool:
    """Whether money in Lago may be the same as some in NetSuite: it stands for itself and is not linked."""
    return (
        netsuite_payment_of(payment) is None
        and payment.payment_status == "succeeded"
        and key_of(Kind.PAYMENT, payment.lago_id) not in links
    )
