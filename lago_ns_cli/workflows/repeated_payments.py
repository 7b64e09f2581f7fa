"""Payments of Lago that repeat one of NetSuite: linked, and never pushed.

The reference alone proves nothing, for anybody may type one: the payment in NetSuite has to be
there, and to be put on the same invoice with at least the amount.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from lago_ns_cli.domain.documents import Payment, Received
from lago_ns_cli.domain.exchange import Found, RecordState
from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, key_of
from lago_ns_cli.domain.money import to_major_units
from lago_ns_cli.domain.plan import Action, Planned, plan_hold
from lago_ns_cli.domain.write_back import WRITTEN_BACK, applied_by, netsuite_payment_of
from lago_ns_cli.workflows.deciding_payments import named_invoices, payment_subject
from lago_ns_cli.workflows.run import Run


async def decide_repeated(run: Run, received: Iterable[Received[Payment]]) -> dict[Key, Planned]:
    """Decide about the payments whose reference names one of NetSuite; the others are left out.

    Raises:
        RemoteError: NetSuite cannot be asked.
    """
    named = {
        one.document: payment
        for one in received
        if (payment := netsuite_payment_of(one.document)) is not None
    }
    if not named:
        return {}
    found = await run.netsuite.find([{"type": "customerpayment", "id": id_} for id_ in named.values()])
    invoices = run.ledger.links(
        [key_of(Kind.INVOICE, invoice) for one in named for invoice in named_invoices(one)]
    )
    return {
        key_of(Kind.PAYMENT, payment.lago_id): _decide(payment, id_, answer, invoices)
        for (payment, id_), answer in zip(named.items(), found, strict=True)
    }


def _decide(payment: Payment, id_: InternalId, found: Found, invoices: Mapping[Key, InternalId]) -> Planned:
    subject = payment_subject(payment)
    targets = {
        invoices[key]
        for invoice in named_invoices(payment)
        if (key := key_of(Kind.INVOICE, invoice)) in invoices
    }
    amount = to_major_units(payment.amount_cents, payment.amount_currency)
    if any(_covers(record, targets, amount) for record in found.records):
        return Planned(
            subject=subject,
            action=Action.SKIP,
            code=WRITTEN_BACK,
            reason=f"it is NetSuite's own payment {id_}",
            netsuite_id=id_,
        )
    return plan_hold(
        subject,
        "repeats_nothing",
        f"its reference says that it is NetSuite's payment {id_}, and no such payment there puts "
        f"{amount} {payment.amount_currency} on its invoice",
        f"Correct the reference in Lago, or look at payment {id_} in NetSuite.",
    )


def _covers(record: RecordState, targets: set[InternalId], amount: Decimal) -> bool:
    put = sum((share for id_, share in applied_by(record) if id_ in targets), Decimal(0))
    return put >= amount
