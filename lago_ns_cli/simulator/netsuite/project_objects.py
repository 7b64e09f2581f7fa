"""The objects of the SDF project, read from the files that ``suitecloud project:deploy`` would send.

The account installs what the project says, so that a field missing there is missing here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Final
from xml.etree import ElementTree as ET

from lago_ns_cli.simulator.netsuite.customization import (
    CUSTOMER_BODY,
    PAYMENT_BODY,
    SALES_BODY,
    SALES_LINES,
    CustomField,
    CustomRecordType,
    Use,
)

_FAMILIES: Final = {
    "transactionbodycustomfield": "BODY",
    "transactioncolumncustomfield": "COLUMN",
    "entitycustomfield": "ENTITY",
}

_APPLIED_BY: Final = {
    "bodysale": SALES_BODY,
    "bodycustomerpayment": PAYMENT_BODY,
    "colsale": SALES_LINES,
    "appliestocustomer": CUSTOMER_BODY,
}
"""Flags of a field's object and what each applies it to."""


@dataclass(frozen=True)
class ProjectRole:
    """A role as the project defines it, with levels by permission key."""

    script_id: str
    name: str
    permissions: dict[str, str]


def project_fields() -> list[CustomField]:
    """The custom fields of the project, those of its record types included."""
    found: list[CustomField] = []
    for root in _objects():
        if root.tag in _FAMILIES:
            uses = [use for flag, uses in _APPLIED_BY.items() if _is_on(root, flag) for use in uses]
            found.append(_field(root, _FAMILIES[root.tag], tuple(uses)))
        elif root.tag == "customrecordtype":
            uses_of_type: tuple[Use, ...] = ((root.attrib["scriptid"], ""),)
            found.extend(
                _field(node, "RECORD", uses_of_type) for node in root.iter("customrecordcustomfield")
            )
    return found


def project_record_types() -> list[CustomRecordType]:
    """The custom record types of the project."""
    return [
        CustomRecordType(root.attrib["scriptid"], root.findtext("recordname", ""))
        for root in _objects()
        if root.tag == "customrecordtype"
    ]


def project_role() -> ProjectRole:
    """The role of the project."""
    role = next(root for root in _objects() if root.tag == "role")
    permissions = {
        node.findtext("permkey", ""): node.findtext("permlevel", "NONE") for node in role.iter("permission")
    }
    return ProjectRole(role.attrib["scriptid"], role.findtext("name", ""), permissions)


def _objects() -> Iterator[ET.Element]:
    folder = files("lago_ns_cli").joinpath("netsuite", "suitescript", "src", "Objects")
    for entry in sorted(folder.iterdir(), key=lambda file: file.name):
        if entry.name.endswith(".xml"):
            yield ET.fromstring(entry.read_text("utf-8"))  # noqa: S314 - the package's own files


def _field(node: ET.Element, family: str, uses: tuple[Use, ...]) -> CustomField:
    max_length = node.findtext("maxlength")
    return CustomField(
        node.attrib["scriptid"],
        node.findtext("label", ""),
        node.findtext("fieldtype", "TEXT"),
        family,
        uses,
        mandatory=_is_on(node, "ismandatory"),
        max_length=int(max_length) if max_length else None,
    )


def _is_on(node: ET.Element, flag: str) -> bool:
    return node.findtext(flag) == "T"
