"""``mappings.toml``: read with every problem named at once, written in one canonical form.

Canonical means: the same mappings always give the same bytes, and a changed row changes its own lines
only, so that a change reads well in review. Rows whose order has no meaning are sorted; field rows (the
order in which fields are set) and grouping rows (the first that fits wins) stay as they are.

This package may import the domain, not other adapters.
"""

from lago_ns_cli.mapping_file.canonical import canonical_mappings
from lago_ns_cli.mapping_file.reading import load_mappings
from lago_ns_cli.mapping_file.writing import render_mappings, save_mappings

__all__ = ["canonical_mappings", "load_mappings", "render_mappings", "save_mappings"]
