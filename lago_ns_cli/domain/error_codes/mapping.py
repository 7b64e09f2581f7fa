"""The findings of ``lago-ns map check``: those that hold documents, and those that are worth a look."""

from lago_ns_cli.domain.error_codes.form import Family, Group

_MAP_CHECK = "lago-ns map check"

GROUPS = (
    Group(
        Family.UNSENT,
        "dangling inactive inactive_item",
        "A row names something that NetSuite does not have, or that is inactive there.",
        "Map another with `lago-ns map set`; after a change in NetSuite, run `lago-ns fetch-catalog` first.",
        _MAP_CHECK,
    ),
    Group(
        Family.UNSENT,
        "unknown_field field_not_applied field_type unknown_list unknown_list_value",
        "A header or line row names a field or a list value that the record does not have, or another type.",
        "Correct the row in mappings.toml; after a change in NetSuite, run `lago-ns fetch-catalog` first.",
        _MAP_CHECK,
    ),
    Group(
        Family.NOTICE,
        "unused_tax_set unknown_object",
        "A row names something that Lago does not have, so it is never used.",
        "Delete the row, unless the object is still to come.",
        _MAP_CHECK,
    ),
    Group(
        Family.NOTICE,
        "recognition_differs recognition_unfit",
        "The item's revenue recognition in NetSuite is not what the row says, or not how such revenue is mostly earned.",
        "Correct the row, or the rule of the item; a row that says its recognition is taken at its word.",
        _MAP_CHECK,
    ),
    Group(
        Family.UNSENT,
        "mandatory_unfilled",
        "A form of NetSuite requires a field that no row fills, so the record would be refused.",
        "Add a header or line row for it to mappings.toml, or let the form no longer require it.",
        _MAP_CHECK,
    ),
)
