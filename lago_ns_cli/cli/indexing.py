"""Writes the index that shells complete from; a cache that cannot be written stops nothing."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

from lago_ns_cli.cli.catalog_index import index_file, index_text
from lago_ns_cli.cli.globals import Globals
from lago_ns_cli.domain.catalog import Catalog, Row, row_name
from lago_ns_cli.domain.mappable import ITEM_KINDS, currencies_in_use
from lago_ns_cli.private_files import PRIVATE_FILE, create_private_folder, replace_file

_LOG = logging.getLogger(__name__)

_OWN = {"taxes": "tax", "billing_entities": "billing_entity"}
_NETSUITE = (
    "items",
    "tax_codes",
    "tax_types",
    "nexuses",
    "subsidiaries",
    "currencies",
    "accounts",
    "payment_methods",
    "terms",
)


def write_index(options: Globals, lago: Catalog | None, netsuite: Catalog | None) -> None:
    """Keep what completion offers, in place of what was kept."""
    config = None if options.config_file is None else str(options.config_file)
    path = Path(index_file(config, options.profile, os.environ))
    rows = [*(_lago(lago) if lago else ()), *(_netsuite(netsuite) if netsuite else ())]
    try:
        create_private_folder(path.parent)
        replace_file(path, index_text(rows).encode("utf-8", "replace"), mode=PRIVATE_FILE)
    except OSError as error:
        _LOG.info("No index for completion was written: %s", error)


def _lago(lago: Catalog) -> Iterator[tuple[str, str, str]]:
    for kind in ITEM_KINDS:
        # Also commitments of plans that have none yet: a row may come first.
        for row in lago.rows(kind.section):
            yield "object", f"{kind.name}:{row['code']}", row_name(row)
    for section, name in _OWN.items():
        for row in lago.rows(section):
            yield name, str(row["code"]), row_name(row)
    for code in sorted(currencies_in_use(lago)):
        yield "currency", code, ""


def _netsuite(netsuite: Catalog) -> Iterator[tuple[str, str, str]]:
    for section in _NETSUITE:
        for row in netsuite.rows(section):
            if row.get("inactive") is not True:
                yield section, str(row["id"]), _meaning(row)


def _meaning(row: Row) -> str:
    number = str(row.get("number") or row.get("code") or "")
    name = row_name(row)
    place = " ".join(str(row[key]) for key in ("country", "state") if row.get(key)) if not name else ""
    return " ".join(part for part in (number, name, place) if part)
