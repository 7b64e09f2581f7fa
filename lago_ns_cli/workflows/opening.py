"""What every run does first: who answers on both sides, and what the account is like."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lago_ns_cli.domain.catalog import AccountProfile, Catalog, account_profile
from lago_ns_cli.domain.exchange import Ping
from lago_ns_cli.errors import ConfigError, RejectedError
from lago_ns_cli.workflows.ports import Clock, LagoSource, Ledger, NetSuite

NEEDED_SECTIONS = ("currencies", "items")
"""Translation cannot do without these, so they are fetched when no catalog was kept."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a run knows of the account before its first document."""

    ping: Ping
    account: AccountProfile


async def open_run(
    lago: LagoSource, netsuite: NetSuite, ledger: Ledger, clock: Clock, *, keep: bool, account: str
) -> Opening:
    """Greet both sides.

    Args:
        keep: Whether what is learned may be stored; a dry run stores nothing.
        account: The NetSuite account that the settings name.

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
    catalog = ledger.load_catalog("netsuite")
    if catalog is None:
        catalog = await _fetch(netsuite, clock, NEEDED_SECTIONS)
    catalog = replace(catalog, features={**catalog.features, **ping.features})
    return Opening(ping, account_profile(catalog))


async def _fetch(netsuite: NetSuite, clock: Clock, sections: Sequence[str]) -> Catalog:
    rows = {}
    for section in sections:
        found, unavailable = await netsuite.describe_section(section)
        if unavailable is not None:
            raise RejectedError(
                f"NetSuite does not show its {section}: {unavailable}",
                system="NetSuite",
                code="section_unavailable",
                hint="Give the role the permission that is named, then run the command again.",
            )
        rows[section] = found
    return Catalog("netsuite", clock.now(), rows)
