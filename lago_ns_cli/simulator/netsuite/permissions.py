"""Roles and what they may do. Keys and levels are those of SDF; labels are those of the permission list."""

from types import MappingProxyType

from lago_ns_cli.simulator.netsuite.errors import field_violation, permission_violation
from lago_ns_cli.simulator.netsuite.project_objects import project_role
from lago_ns_cli.simulator.netsuite.values import Role

_LEVELS = {"NONE": 0, "VIEW": 1, "CREATE": 2, "EDIT": 3, "FULL": 4}

RECORD_PERMISSIONS = MappingProxyType(
    {
        "customer": "LIST_CUSTJOB",
        "invoice": "TRAN_CUSTINVC",
        "creditmemo": "TRAN_CUSTCRED",
        "customerpayment": "TRAN_CUSTPYMT",
        "file": "LIST_FILECABINET",
    }
)
"""The permission that guards each record type; custom records take :data:`CUSTOM_RECORDS`."""

CUSTOM_RECORDS = "LIST_CUSTRECORDENTRY"
TAX_DETAILS_TAB = "LIST_TAXDETAILSTAB"
PERIOD_OVERRIDE = "ADMI_PERIODOVERRIDE"
NON_GL_CHANGES = "ADMI_ALLOWNONGLCHANGES"
CHOOSE_PERIOD = "TRAN_POSTPERIODS"

TABLE_PERMISSIONS = MappingProxyType(
    {
        "customer": "LIST_CUSTJOB",
        "customercurrencybalance": "LIST_CUSTJOB",
        "customersubsidiaryrelationship": "LIST_CUSTJOB",
        "customeraddressbook": "LIST_CUSTJOB",
        "customeraddressbookentityaddress": "LIST_CUSTJOB",
        "item": "LIST_ITEM",
        "itemsubsidiarymap": "LIST_ITEM",
        "revenuerecognitionrule": "LIST_REVENUERECOGNITIONRULE",
        "revenueelement": "LIST_REVENUEELEMENT",
        "revenueplan": "LIST_REVENUEPLAN",
        "revenueplanplannedrevenue": "LIST_REVENUEPLAN",
        "currency": "LIST_CURRENCY",
        "subsidiary": "LIST_SUBSIDIARY",
        "account": "LIST_ACCOUNT",
        "department": "LIST_DEPARTMENT",
        "classification": "LIST_CLASS",
        "location": "LIST_LOCATION",
        "paymentmethod": "LIST_PAYMETH",
        "term": "ADMI_ACCOUNTINGLIST",
        "accountingperiod": "ADMI_ACCTPERIODS",
        "nexus": "LIST_TAXITEM",
        "taxtype": "LIST_TAXITEM",
        "salestaxitem": "LIST_TAXITEM",
        "customfield": "ADMI_CUSTFIELD",
        "customrecordtype": "ADMI_CUSTRECORD",
        "customsegment": "ADMI_MANAGECUSTOMSEGMENTS",
        "savedsearch": "LIST_PUBLISHSEARCH",
        "script": "ADMI_CUSTOMSCRIPT",
        "scriptdeployment": "ADMI_CUSTOMSCRIPT",
        "file": "LIST_FILECABINET",
        "mediaitemfolder": "LIST_FILECABINET",
    }
)
"""The permission (at least VIEW) that shows a table in SuiteQL. A row of ``transaction`` and of its line and link
tables shows where the role has the permission of its type."""

_LABELS = MappingProxyType(
    {
        "LIST_CUSTJOB": "Lists -> Customers",
        "TRAN_CUSTINVC": "Transactions -> Invoice",
        "TRAN_CUSTCRED": "Transactions -> Credit Memo",
        "TRAN_CUSTPYMT": "Transactions -> Customer Payment",
        "LIST_FILECABINET": "Lists -> Documents and Files",
        "LIST_CUSTRECORDENTRY": "Lists -> Custom Record Entries",
        "LIST_TAXDETAILSTAB": "Lists -> Tax Details Tab",
    }
)

_LOGIN = {"ADMI_LOGIN_OAUTH": "FULL", "ADMI_LOGIN_OAUTH2": "FULL"}

_LIMITED = _LOGIN | {
    "LIST_CUSTJOB": "VIEW",
    "TRAN_CUSTINVC": "CREATE",
    "LIST_ITEM": "VIEW",
    "LIST_SUBSIDIARY": "VIEW",
    "LIST_CURRENCY": "VIEW",
    "LIST_FIND": "FULL",
    "TRAN_FIND": "FULL",
    "REPO_ANALYTICS": "EDIT",
}

ADMINISTRATOR = Role("3", "Administrator", MappingProxyType({}), "administrator", all_permissions=True)
"""NetSuite's built-in role, in which a person edits records."""

_PROJECT_ROLE = project_role()

INTEGRATION = Role(
    "1001", _PROJECT_ROLE.name, MappingProxyType(_PROJECT_ROLE.permissions), _PROJECT_ROLE.script_id
)
"""The role that the SDF project deploys, with exactly the permissions that its file names."""

LIMITED = Role("1002", "Lago Integration (incomplete)", MappingProxyType(_LIMITED), "customrole_lago_limited")
"""A role that somebody set up in a hurry: it sees customers, enters invoices without tax details, and no more."""

ROLES = MappingProxyType({role.id: role for role in (ADMINISTRATOR, INTEGRATION, LIMITED)})


def has_permission(role: Role, key: str, level: str) -> bool:
    """Whether the role has a permission at a level or above."""
    return role.all_permissions or _LEVELS[role.permissions.get(key, "NONE")] >= _LEVELS[level]


def permission_of(record_type: str) -> str:
    """The permission that guards a record type."""
    return RECORD_PERMISSIONS.get(record_type, CUSTOM_RECORDS)


def require_permission(role: Role, record_type: str, level: str) -> None:
    """Refuse a role that lacks the level on a record type.

    Raises:
        NetSuiteError: INSUFFICIENT_PERMISSION.
    """
    key = permission_of(record_type)
    if not has_permission(role, key, level):
        raise permission_violation(_LABELS.get(key, key))


def require_tax_details(role: Role, field: str) -> None:
    """Refuse a role without the Tax Details Tab to set or edit overridden tax.

    Raises:
        NetSuiteError: INSUFFICIENT_FLD_PERMISSION.
    """
    if not has_permission(role, TAX_DETAILS_TAB, "EDIT"):
        raise field_violation(field)
