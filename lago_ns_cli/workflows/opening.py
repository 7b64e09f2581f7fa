"""What every run does first: who answers on both sides, and what the account is like."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lago_ns_cli.domain.catalog import AccountProfile, Catalog, account_profile
from lago_ns_cli.domain.exchange import Ping
from lago_ns_cli.domain.periods import ClosedPeriodPolicy
from lago_ns_cli.errors import ConfigError, RejectedError
from lago_ns_cli.workflows.ports import Clock, LagoSource, Ledger, NetSuite

NEEDED_SECTIONS = ("currencies", "items")
"""Translation cannot do without these, so they are fetched when no catalog was kept."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a run knows of the account before its first document."""

    ping: Ping
    account: AccountProfile

    def started(self, clock: Clock) -> datetime:
        """Tell when the run began, by the earlier of two clocks.

        What a run remembers as its beginning decides where the next one looks: a clock that is
        ahead would hide documents, one that is behind only costs a longer look.
        """
        return min(clock.now(), self.ping.time or clock.now())


async def open_run(
    lago: LagoSource,
    netsuite: NetSuite,
    ledger: Ledger,
    clock: Clock,
    *,
    keep: bool,
    account: str,
    closed_periods: ClosedPeriodPolicy = ClosedPeriodPolicy.HOLD,
) -> Opening:
    """Greet both sides.

    Args:
        keep: Whether what is learned may be stored; a dry run stores nothing.
        account: The NetSuite account that the settings name.
        closed_periods: The policy; ``next_open`` cannot do without the periods.

    Raises:
        ConfigError: The ledger belongs to another Lago organization, or another NetSuite
            account answered.
        RejectedError: Custom fields are missing in NetSuite.
        RemoteError: One of the two cannot be reached or refuses the login.
    """
    organization = await lago.organization()
    if organization is not None and keep:
        ledger.bind_organization(organization.identity)
    ping = await netsuite.ping()
    if ping.account.upper() != account.upper():
        raise ConfigError(
            f"The settings name the NetSuite account {account}, but {ping.account} answered.",
            hint="Correct [netsuite] account or base_url: lago-ns config show",
        )
    if ping.missing_fields:
        raise RejectedError(
            f"NetSuite lacks the custom fields {', '.join(ping.missing_fields)}.",
            system="NetSuite",
            code="missing_fields",
            hint="Deploy the project again: lago-ns restlet export DIR, then suitecloud project:deploy",
        )
    kept = ledger.load_catalog("netsuite")
    catalog = kept or await _fetch(netsuite, clock, NEEDED_SECTIONS)
    if kept is not None or closed_periods is ClosedPeriodPolicy.NEXT_OPEN:
        needed = closed_periods is ClosedPeriodPolicy.NEXT_OPEN
        catalog = await _with_periods(netsuite, catalog, needed=needed)
    catalog = replace(catalog, features={**catalog.features, **ping.features})
    return Opening(ping, account_profile(catalog))


async def _with_periods(netsuite: NetSuite, catalog: Catalog, *, needed: bool) -> Catalog:
    """Bring the periods up to date: books may have been closed since the catalog was fetched.

    Where the role cannot see them, NetSuite itself will refuse what is dated in a closed one.
    """
    rows, unavailable = await netsuite.describe_section("periods")
    if unavailable is not None and needed:
        raise _unavailable("periods", unavailable)
    others = {name: known for name, known in catalog.sections.items() if name != "periods"}
    return replace(catalog, sections=others if unavailable is not None else {**others, "periods": rows})


async def _fetch(netsuite: NetSuite, clock: Clock, sections: Sequence[str]) -> Catalog:
    rows = {}
    for section in sections:
        found, unavailable = await netsuite.describe_section(section)
        if unavailable is not None:
            raise _unavailable(section, unavailable)
        rows[section] = found
    return Catalog("netsuite", clock.now(), rows)


def _unavailable(section: str, why: str) -> RejectedError:
    return RejectedError(
        f"NetSuite does not show its {section}: {why}",
        system="NetSuite",
        code="section_unavailable",
        hint="Give the role the permission that is named, then run the command again.",
    )
