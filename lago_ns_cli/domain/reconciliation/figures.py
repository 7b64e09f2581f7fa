"""Amount, tax, currency, subsidiary, date and period: what moves money between cells."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from lago_ns_cli.domain.periods import period_of
from lago_ns_cli.domain.reconciliation import mending
from lago_ns_cli.domain.reconciliation.billed import Sent
from lago_ns_cli.domain.reconciliation.findings import Discrepancy, Finding, finding
from lago_ns_cli.domain.reconciliation.known import Account, Known, changed, when
from lago_ns_cli.domain.reconciliation.rows import BilledRow, PostedRow
from lago_ns_cli.domain.reconciliation.tie_out import step_effects


def judge_figures(billed: BilledRow, posted: PostedRow, known: Known, account: Account) -> list[Finding]:
    """Amount, tax, currency, subsidiary, date and period: whatever moves money between cells."""
    effects = step_effects(billed, posted, account.currencies)
    differs = [*effects, *(what for what in _differing(billed, posted, account) if what not in effects)]
    found = []
    for what in differs:
        facts = _facts(what, billed, posted, known, account)
        found.append(
            finding(
                billed,
                posted,
                facts.pop("what", what),  # type: ignore[arg-type]
                effects=tuple(sorted(effects.get(what, {}).items())),
                **facts,
            )
        )
    return found


def _differing(billed: BilledRow, posted: PostedRow, account: Account) -> Iterable[Discrepancy]:
    """What differs without moving an amount from one cell to another."""
    if billed.days and posted.day is not None and posted.day not in billed.days:
        yield Discrepancy.DATE
    elif _own_period(posted, account) not in (None, posted.period) and posted.period is not None:
        yield Discrepancy.PERIOD
    if billed.subsidiary and posted.subsidiary and billed.subsidiary != posted.subsidiary:
        yield Discrepancy.SUBSIDIARY
    if billed.currency_id and posted.currency and billed.currency_id != posted.currency:
        yield Discrepancy.CURRENCY


def _own_period(posted: PostedRow, account: Account) -> str | None:
    period = period_of(account.periods, posted.day) if posted.day else None
    return period.id if period else None


def _facts(
    what: Discrepancy, billed: BilledRow, posted: PostedRow, known: Known, account: Account
) -> dict[str, object]:
    sent = known.sent or Sent()
    match what:
        case Discrepancy.AMOUNT:
            cause = changed(sent.total, posted.total, known, posted)
            return _amounts(billed, posted, "total", billed.total, posted.total, cause)
        case Discrepancy.TAX:
            cause = changed(sent.tax, posted.tax, known, posted)
            return _amounts(billed, posted, "tax", billed.tax, posted.tax, cause)
        case Discrepancy.TAX_CODE:
            cause = changed(sent.taxes or None, dict(posted.taxes or {}), known, posted)
            return _values(posted, "tax by code", _codes(billed.taxes), _codes(posted.taxes), cause)
        case Discrepancy.CURRENCY:
            cause = changed(sent.fields.get("currency"), posted.currency, known, posted)
            found = account.currencies.get(posted.currency or "", posted.currency)
            facts = _values(posted, "currency", billed.currency, found, cause)
            return facts | {"action": mending.set_back(billed, posted, "currency", billed.currency)}
        case Discrepancy.SUBSIDIARY:
            cause = changed(sent.fields.get("subsidiary"), posted.subsidiary, known, posted)
            facts = _values(posted, "subsidiary", billed.subsidiary, posted.subsidiary, cause)
            return facts | {"action": mending.set_back(billed, posted, "subsidiary", billed.subsidiary)}
        case Discrepancy.DATE:
            cause = changed(sent.fields.get("trandate"), str(posted.day), known, posted)
            return _values(posted, "date", str(billed.day), str(posted.day), cause)
        case _:
            return _period(billed, posted, sent, account)


def _period(billed: BilledRow, posted: PostedRow, sent: Sent, account: Account) -> dict[str, object]:
    own = period_of(account.periods, billed.day) if billed.day else None
    names = {period.id: period.name for period in account.periods}
    found = names.get(posted.period or "", posted.period)
    if sent.fields.get("postingperiod") == posted.period and posted.period is not None:
        return {
            "what": Discrepancy.PERIOD_MOVED,
            "lago": own.name if own else str(billed.day),
            "netsuite": found,
            "cause": "Its own period was closed, so it was posted to the next open one (closed_period_policy).",
        }
    return _values(
        posted,
        "posting period",
        own.name if own else str(billed.day),
        found,
        f"Somebody, or NetSuite itself, moved it to another period{when(posted)}.",
    )


def _amounts(
    billed: BilledRow, posted: PostedRow, name: str, lago: Decimal, netsuite: Decimal, cause: str
) -> dict[str, object]:
    return {
        "lago": str(lago),
        "netsuite": str(netsuite),
        "difference": netsuite - lago,
        "cause": cause,
        "action": f"In NetSuite, set the {name} of {posted.type} {posted.id} back to {lago} {billed.currency}.",
    }


def _values(
    posted: PostedRow, name: str, lago: str | None, netsuite: str | None, cause: str
) -> dict[str, object]:
    return {
        "lago": lago,
        "netsuite": netsuite,
        "cause": cause,
        "action": f"In NetSuite, set the {name} of {posted.type} {posted.id} back to {lago}.",
    }


def _codes(taxes: Mapping[str, Decimal] | None) -> str:
    return ", ".join(f"{code}: {amount}" for code, amount in sorted((taxes or {}).items())) or "none"
