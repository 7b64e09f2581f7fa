"""The JSON form of a reconciliation's events; their shape is in ``docs/reconcile.md``."""

from lago_ns_cli.domain.reconciliation.findings import Cell, Finding, Settled
from lago_ns_cli.domain.reconciliation.tie_out import TieOutLine
from lago_ns_cli.workflows.reconcile_reports import Reconciled, Scope

Json = dict[str, object]


def finding_event(finding: Finding) -> Json:
    """Give a finding its JSON form; amounts are decimal strings."""
    return {
        "event": "finding",
        "id": finding.id,
        "finding": finding.what.value,
        "kind": finding.kind,
        "key": finding.key,
        "lago_id": finding.lago_id,
        "number": finding.number,
        "netsuite_id": finding.netsuite_id,
        "customer": finding.customer or None,
        "billing_entity": finding.entity or None,
        "date": finding.day.isoformat() if finding.day else None,
        "lago": finding.lago,
        "netsuite": finding.netsuite,
        "difference": None if finding.difference is None else format(finding.difference, "f"),
        "currency": finding.currency or None,
        "explained": finding.explained,
        "decision": None if finding.decision is None else _settled(finding.decision),
        "verdicts": [one.value for one in finding.verdicts],
        "follows_from": list(finding.follows_from),
        "cause": finding.cause,
        "action": finding.action or None,
        "command": finding.command,
        "effects": [{**_cell(cell), "amount": format(amount, "f")} for cell, amount in finding.effects],
    }


def tie_out_event(line: TieOutLine) -> Json:
    """Give a line of the tie-out its JSON form."""
    return {
        "event": "tie_out",
        **_cell(line.cell),
        "billed": format(line.billed, "f"),
        "posted": format(line.posted, "f"),
        "difference": format(line.difference, "f"),
        "because_of": {what.value: format(amount, "f") for what, amount in line.by_cause.items()},
        "decided": {name: format(amount, "f") for name, amount in line.by_decision.items()},
    }


def _settled(by: Settled) -> Json:
    return {
        "name": by.name,
        "verdict": by.verdict.value,
        "by": by.who,
        "note": by.note,
        "until": by.until.isoformat() if by.until else None,
    }


def summary_event(result: Reconciled, *, seconds: float) -> Json:
    """Give the whole result its JSON form."""
    return {
        "event": "summary",
        "complete": True,
        **_scope(result.scope),
        "kinds": {
            kind: {
                "documents": count.documents,
                "records": count.records,
                "agreeing": count.agreeing,
                "explained": count.explained,
                "differing": count.differing,
            }
            for kind, count in result.by_kind.items()
        },
        "findings": {what.value: number for what, number in result.findings.items()},
        "consequences": result.consequences,
        "explained": {what.value: number for what, number in result.explained.items()},
        "decided": sum(result.decided.values()),
        "tied_out": all(not line.difference for line in result.tie_out),
        "queued": result.queued,
        "needs_attention": result.needs_attention,
        "seconds": round(seconds, 3),
    }


def _cell(cell: Cell) -> Json:
    return {
        "billing_entity": cell.entity or None,
        "subsidiary": cell.subsidiary or None,
        "currency": cell.currency or None,
        "tax_code": cell.tax_code,
        "kind": cell.kind,
        "month": cell.month or None,
    }


def _scope(scope: Scope) -> Json:
    return {
        "since": scope.since.isoformat() if scope.since else None,
        "until": scope.until.isoformat() if scope.until else None,
        "billing_entity": scope.billing_entity,
    }
