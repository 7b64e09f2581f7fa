"""Opens a reconciliation: who answers on both sides, what the account is like, and what is compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lago_ns_cli.domain.mapping import Mappings
from lago_ns_cli.domain.periods import Period, read_periods
from lago_ns_cli.domain.reconciliation.billed import Terms
from lago_ns_cli.domain.reconciliation.decisions import all_decisions
from lago_ns_cli.domain.reconciliation.known import Account
from lago_ns_cli.domain.reconciliation.rows import CUSTOMER
from lago_ns_cli.errors import ConfigError
from lago_ns_cli.workflows.gone_customers import GoneCustomers
from lago_ns_cli.workflows.looking_again import LookingAgain
from lago_ns_cli.workflows.opening import Opening, open_run
from lago_ns_cli.workflows.ports import Clock, LagoSource, Ledger, NetSuite
from lago_ns_cli.workflows.reconcile import Reconciliation
from lago_ns_cli.workflows.reconcile_reports import Scope
from lago_ns_cli.workflows.seen_findings import SeenFindings
from lago_ns_cli.workflows.settling import Settling
from lago_ns_cli.workflows.sides import Reader, Sides


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileOptions:
    """What a reconciliation is asked to do, and the settings that it depends on.

    Args:
        account: The NetSuite account that the settings name.
        reverses_voids: Whether ``void_policy`` takes voided invoices back.
        payments_carried: Whether payments are carried at all.
        keep_missing: Gather what can be queued.
    """

    scope: Scope
    mappings: Mappings
    account: str
    sync_from: date | None = None
    reverses_voids: bool = False
    payments_carried: bool = True
    keep_missing: bool = False


async def open_reconciliation(
    lago: LagoSource,
    netsuite: NetSuite,
    ledger: Ledger,
    clock: Clock,
    sides: Sides,
    options: ReconcileOptions,
) -> Reconciliation:
    """Greet both sides; nothing is written anywhere.

    Raises:
        ConfigError: The ledger belongs to another Lago organization, another NetSuite account answered, or
            Lago has no such billing entity.
        RemoteError: One of the two cannot be reached or refuses the login.
    """
    opening = await open_run(lago, netsuite, ledger, clock, keep=False, account=options.account)
    await _refuse_stranger(lago, ledger)
    await _refuse_unknown_entity(lago, options.scope.billing_entity)
    periods = await _periods(netsuite, opening)
    currencies = {internal_id: code for code, internal_id in options.mappings.currencies.items()}
    reader = Reader(
        lago=lago,
        netsuite=netsuite,
        sides=sides,
        scope=options.scope,
        terms=Terms(
            mappings=options.mappings, suitetax=opening.account.suitetax, sync_from=options.sync_from
        ),
        periods=periods,
        currencies=currencies,
    )
    account = Account(
        currencies=currencies,
        periods=tuple(periods.values()),
        reverses_voids=options.reverses_voids,
        payments_carried=options.payments_carried,
    )
    again = LookingAgain(reader, ledger)
    return Reconciliation(
        reader=reader,
        ledger=ledger,
        mappings=options.mappings,
        account=account,
        scope=options.scope,
        books=Settling(
            currencies,
            all_decisions(ledger.decisions(), options.mappings.ignore, clock.now().date()),
            keep_missing=options.keep_missing,
        ),
        again=again,
        customers=GoneCustomers(again, tells=CUSTOMER not in options.scope.kinds),
        seen=SeenFindings(ledger, clock, options.scope),
    )


async def _refuse_stranger(lago: LagoSource, ledger: Ledger) -> None:
    organization, known = await lago.organization(), ledger.organization()
    if organization is not None and known not in (None, organization.identity):
        raise ConfigError(
            f"The ledger belongs to Lago organization {known}, but the API key opens {organization.identity}.",
            hint="use the key of that organization, or another --profile for this one",
            code="other_organization",
        )


async def _refuse_unknown_entity(lago: LagoSource, code: str | None) -> None:
    """A mistyped code selects nothing, and nothing always agrees."""
    if code is None:
        return
    known = [str(row.get("code")) for row in await lago.catalog_section("billing_entities")]
    if code not in known:
        raise ConfigError(
            f"Lago has no billing entity {code}; it has: {', '.join(known) or 'none'}.",
            hint="give --billing-entity one of these codes, or leave it out",
            code="billing_entity_not_found",
        )


async def _periods(netsuite: NetSuite, opening: Opening) -> Mapping[str, Period]:
    """The account's periods; none where the role cannot see them, and dates tell the months then."""
    periods = opening.account.periods
    if not periods:
        rows, _ = await netsuite.describe_section("periods")
        periods = read_periods(rows)
    return {period.id: period for period in periods}
