"""Fetches what can be mapped from both sides, keeps it, and tells what changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lago_ns_cli.domain.catalog import (
    LAGO_SECTIONS,
    NETSUITE_SECTIONS,
    Catalog,
    CatalogChange,
    Row,
    compare_catalogs,
)
from lago_ns_cli.workflows.ports import Clock, LagoSource, Ledger, NetSuite


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogFetched:
    """What a fetch brought: rows by section, sections that are not offered, and changes."""

    catalog: Catalog
    side: str
    counts: Mapping[str, int]
    unavailable: Mapping[str, str]
    changes: Sequence[CatalogChange]
    first: bool


async def fetch_lago_catalog(lago: LagoSource, ledger: Ledger, clock: Clock) -> CatalogFetched:
    """Fetch Lago's plans, coupons, taxes, add-ons, billable metrics and billing entities.

    Raises:
        RemoteError: Lago cannot be reached or refuses.
    """
    organization = await lago.organization()
    if organization is not None:
        ledger.bind_organization(organization.identity)
    sections = {section: await lago.catalog_section(section) for section in LAGO_SECTIONS}
    return _keep(Catalog("lago", clock.now(), sections), ledger)


async def fetch_netsuite_catalog(netsuite: NetSuite, ledger: Ledger, clock: Clock) -> CatalogFetched:
    """Fetch everything that the RESTlet describes; a section that is not offered is named.

    Raises:
        RemoteError: NetSuite cannot be reached or refuses.
    """
    ping = await netsuite.ping()
    sections: dict[str, Sequence[Row]] = {}
    unavailable: dict[str, str] = {}
    for section in NETSUITE_SECTIONS:
        rows, why = await netsuite.describe_section(section)
        if why is None:
            sections[section] = rows
        else:
            unavailable[section] = why
    catalog = Catalog("netsuite", clock.now(), sections, dict(ping.features), unavailable)
    return _keep(catalog, ledger)


def _keep(catalog: Catalog, ledger: Ledger) -> CatalogFetched:
    before = ledger.load_catalog(catalog.side)
    ledger.record_catalog(catalog)
    return CatalogFetched(
        catalog=catalog,
        side=catalog.side,
        counts={section: len(rows) for section, rows in catalog.sections.items()},
        unavailable=catalog.unavailable,
        changes=[] if before is None else compare_catalogs(before, catalog),
        first=before is None,
    )
