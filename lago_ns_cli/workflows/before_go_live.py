"""Parents from before the go-live date, which no list brings forward."""

from collections.abc import AsyncIterator, Collection

from lago_ns_cli.domain.gate import Passage, gate_credit_note, gate_invoice
from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.domain.parents import ParentName
from lago_ns_cli.domain.plan import Planned, plan_gate
from lago_ns_cli.errors import DocumentError, RejectedError
from lago_ns_cli.workflows.deciding import summary_subject
from lago_ns_cli.workflows.deciding_credit_notes import credit_note_subject
from lago_ns_cli.workflows.reports import SyncEvent
from lago_ns_cli.workflows.run import Run


async def skip_unseen(run: Run, parents: Collection[ParentName]) -> AsyncIterator[SyncEvent]:
    """Skip parents that are never posted and were not looked at, so that no child waits for them.

    Somebody else may have brought them to NetSuite; where a child's parent is skipped as being from
    before the go-live date, it is looked for there.
    """
    if run.options.rules.sync_from is None:
        return
    entries = run.ledger.entries([name.key for name in parents])
    unseen = {name.key: name for name in parents if name.key not in entries}
    planned = [await _judge(run, name) for name in unseen.values()]
    async for event in run.carry_out([one for one in planned if one is not None]):
        yield event


async def _judge(run: Run, name: ParentName) -> Planned | None:
    sync_from = run.options.rules.sync_from
    try:
        if name.kind is Kind.INVOICE:
            invoice = (await run.lago.invoice(name.lago_id)).document
            verdict = gate_invoice(invoice, sync_from)
            subject = summary_subject(invoice, invoice.customer.lago_id)
        else:
            note = (await run.lago.credit_note(name.lago_id)).document
            verdict, subject = gate_credit_note(note, sync_from), credit_note_subject(note)
    except (DocumentError, RejectedError):
        return None  # the child waits, and says for what
    return plan_gate(subject, verdict) if verdict.passage is Passage.NEVER else None
