"""NetSuite's own codes.

Sources: Oracle's SOAP status codes (the same internal codes surface in SuiteScript), its pages on RESTlet
errors and OAuth 2.0, and what public clients report.
"""

from lago_ns_cli.domain.error_codes.form import Family, Group

_LOGIN = (
    "Check the credentials with `lago-ns auth status`, and that this machine's clock is right to five minutes; "
    "Setup > Users/Roles > View Login Audit Trail tells the reason. Five failures lock a token for 30 minutes."
)
_PERMISSION = "Give the role the permission that is named; the script's own role has all that are needed."
_DEPLOY = "Deploy the current script: `lago-ns restlet export DIR`, then `suitecloud project:deploy` in DIR."
_SCRIPT = (
    "Check netsuite.script and netsuite.deploy; the deployment must be Released and open to the role. "
    + _DEPLOY
)
_DISAGREE = "The script and this program disagree. " + _DEPLOY
_LOOK_UP = "Nothing to do: it is looked up before anything is sent again."
_TAKEN = (
    "Find the record that has it in NetSuite. If it is this document, give it the Lago id in our custom field, "
    "so that it is linked; else change what clashes there or in Lago."
)
_FETCH = "lago-ns fetch-catalog"

GROUPS = (
    Group(
        Family.LIMIT,
        "SSS_REQUEST_LIMIT_EXCEEDED WS_REQUEST_BLOCKED WS_CONCUR_SESSION_DISALLWD netsuite_http_429",
        "Too many calls are under way in the account at once.",
        "Other programs use the account too; lower push.concurrency, or run the command again.",
    ),
    Group(
        Family.UNAVAILABLE,
        "ACCT_TEMP_UNAVAILABLE",
        "The account is closed for maintenance.",
        "NetSuite is under maintenance; run the command again later.",
    ),
    Group(
        Family.UNKNOWN,
        "SSS_USAGE_LIMIT_EXCEEDED SSS_TIME_LIMIT_EXCEEDED SSS_INSTRUCTION_COUNT_EXCEEDED SSS_MEMORY_USAGE_EXCEEDED",
        "NetSuite ended the script in the middle of the call; what it had saved stays saved.",
        f"{_LOOK_UP} If it happens again, lower push.batch.",
    ),
    Group(
        Family.UNKNOWN,
        "UNEXPECTED_ERROR netsuite_http_200 netsuite_http_500 netsuite_http_502 netsuite_http_503 netsuite_http_504 "
        "netsuite_http_*",
        "NetSuite failed without saying what it had done, or something before it answered in its place.",
        _LOOK_UP,
    ),
    Group(
        Family.UNKNOWN,
        "INVALID_RETURN_DATA_FORMAT SSS_RESPONSE_SIZE_EXCEEDED",
        "The script ran, and NetSuite could not deliver what it returned.",
        f"{_LOOK_UP} {_DISAGREE}",
    ),
    Group(
        Family.CHANGED,
        "RCRD_HAS_BEEN_CHANGED RCRD_EDITED_SINCE_RETRIEVED",
        "Somebody or something else saved the record between our reading and our saving it.",
        "Nothing to do: it is tried again. If it stays, look for a workflow or script that saves the record again.",
    ),
    Group(
        Family.REFUSED,
        "RCRD_DSNT_EXIST RCRD_DELETED_SINCE_RETRIEVED RCRD_PREVSLY_DELETED TRANS_DSNT_EXIST",
        "The record that is meant is not in NetSuite any more, or never was.",
        "Find out who deleted or merged it; then correct the mapping or the link that names it.",
    ),
    Group(
        Family.REFUSED,
        "SSS_RECORD_TYPE_MISMATCH",
        "The internal id belongs to a record of another type.",
        "Correct the mapping or the link that names the id.",
        "lago-ns map check",
    ),
    Group(
        Family.EXISTS,
        "DUP_RCRD UNIQUE_RCRD_ID_REQD DUP_ENTITY DUP_NAME UNIQUE_CUST_ID_REQD UNIQUE_CUST_EMAIL_REQD "
        "CANT_CREATE_NON_UNIQUE_RCRD NONUNIQUE_INDEX_VALUE",
        "Another record already has this id, name or e-mail address.",
        _TAKEN,
    ),
    Group(
        Family.REFUSED,
        "INVALID_KEY_OR_REF",
        "A chosen value is not allowed: a wrong id, inactive, or not available for this subsidiary, currency or customer.",
        "Fetch the catalog again and see which row of the mappings dangles; then open the item, tax code or account "
        "to the subsidiary in NetSuite, or map another.",
        _FETCH,
    ),
    Group(
        Family.REFUSED,
        "INVALID_FLD_VALUE INVALID_FLD_RANGE",
        "A field's value is outside of what NetSuite takes.",
        "The message names the field; correct the value in Lago, or the row of the mappings that fills the field.",
    ),
    Group(
        Family.REFUSED,
        "INVALID_NUMBER INVALID_DATE_FORMAT DATE_EXPECTED INVALID_BOOLEAN_VALUE",
        "A value cannot be read as the number, date or checkbox that the field is.",
        "Correct the type of the header or line row that fills the field.",
        "lago-ns map show",
    ),
    Group(
        Family.REFUSED,
        "USER_ERROR",
        "NetSuite, or a script in the account, refuses the record; its own words say why.",
        "Do what the message says: often a mandatory field is not mapped, a text is too long, or a script of the "
        "account objects.",
    ),
    Group(
        Family.REFUSED,
        "MISSING_REQD_FLD DATA_REQD",
        "A mandatory field is empty.",
        "Map the field that is named with a header or line row, or make it optional on the form.",
        "lago-ns map show",
    ),
    Group(
        Family.REFUSED,
        "SSS_MISSING_REQD_ARGUMENT SSS_INVALID_SUBLIST_OPERATION SSS_INVALID_API_USAGE SSS_INVALID_SRCH_TYPE "
        "SSS_SEARCH_ERROR_OCCURRED MODULE_DOES_NOT_EXIST SUITESCRIPT_API_UNAVAILABLE_IN_DEFINE INVALID_PAGE_SIZE",
        "The script used NetSuite's interface in a way that this account does not allow.",
        _DISAGREE,
        "lago-ns restlet export DIR",
    ),
    Group(
        Family.PERMISSION,
        "INSUFFICIENT_PERMISSION PERMISSION_VIOLATION INSUFFICIENT_FLD_PERMISSION",
        "The role lacks a permission, or the level of it that is needed.",
        _PERMISSION,
    ),
    Group(
        Family.LOGIN,
        "INVALID_LOGIN_ATTEMPT INVALID_LOGIN INVALID_LOGIN_CREDENTIALS INVALID_LOGIN_IP TWO_FA_REQD INVALID_REQUEST "
        "netsuite_http_401 netsuite_http_403",
        "NetSuite refused the login. An account that is overloaded says the same.",
        _LOGIN,
    ),
    Group(
        Family.LOGIN,
        "invalid_token invalid_request invalid_client invalid_grant invalid_scope unauthorized_client "
        "unsupported_grant_type",
        "NetSuite refused the OAuth 2.0 login: the certificate, its mapping to a user and role, or the token.",
        "A certificate expires, and its mapping is gone after a sandbox refresh. " + _LOGIN,
    ),
    Group(
        Family.SETUP,
        "SSS_INVALID_SCRIPTLET_ID netsuite_http_404",
        "There is no such script or deployment, or it is not released.",
        _SCRIPT,
    ),
    Group(
        Family.SETUP,
        "netsuite_http_301 netsuite_http_302 netsuite_http_303 netsuite_http_307 netsuite_http_308",
        "The account is on another host than the one that was called.",
        "The account lives elsewhere; remove netsuite.base_url, or set it to the right host.",
        "lago-ns config show",
    ),
    Group(
        Family.SETUP,
        "INVALID_CONTENT_TYPE INVALID_DATA_FORMAT METHOD_NOT_ALLOWED SSS_INVALID_METHOD netsuite_http_405 netsuite_http_415",
        "The call did not have the form that the deployed script takes.",
        _DISAGREE,
    ),
    Group(
        Family.REFUSED,
        "SSS_REQUEST_SIZE_EXCEEDED SSS_FILE_CONTENT_SIZE_EXCEEDED",
        "What was sent is larger than NetSuite takes.",
        "Lower push.batch; a single document of this size has to be entered by hand.",
    ),
    Group(
        Family.REFUSED,
        "VALID_PRD_REQD TRAN_PERIOD_CLOSED TRAN_PRD_CLOSED TRANS_EDIT_DISALLWD DATE_PRD_MISMATCH UNDEFINED_ACCTNG_PRD",
        "The document's date falls into a period that is closed, locked or not set up.",
        'Open the period for a while, or set sync.closed_period_policy = "next_open"; then replay the document.',
    ),
    Group(
        Family.REFUSED,
        "TRANS_UNBALNCD TRANS_LINES_UNBALNCD TRANS_APPLIED_AMTS_UNBALNCD TRANS_AMTS_UNBALNCD ROUNDING_DIFF_TOO_BIG "
        "ROUNDING_ERROR",
        "NetSuite's sums do not tie, or an amount has more decimals than the currency has there.",
        "Compare the currency's precision and the tax set-up of the account with the document.",
        "lago-ns map check",
    ),
    Group(
        Family.REFUSED,
        "TRANS_IN_USE THIS_RECORD_CANNOT_BE_DELETED_BECAUSE_IT_HAS_DEPENDENT_RECORDS",
        "Other transactions are linked to the record, so it stays as it is.",
        "Undo the applications in NetSuite first, if it has to change at all.",
    ),
    Group(
        Family.REFUSED,
        "NEGATIVE_PAYMENT_DISALLWD INVALID_AMT INVALID_LINK_SUM INVALID_AUTOAPPLY_VALUE CANT_APPLY_PMT",
        "An amount cannot be applied as it was meant to be.",
        "See what is already applied to the invoice in NetSuite; undo it there, or settle the rest by hand.",
    ),
    Group(
        Family.REFUSED,
        "VALID_LINE_ITEM_REQD NONZERO_AMT_REQD",
        "NetSuite wants a line with an item and an amount.",
        "Check the item that the lines are mapped to.",
        "lago-ns map check",
    ),
    Group(
        Family.REFUSED,
        "MISMATCHED_CURRENCY INVALID_CUR MISSING_CRNCY_EXCH_RATE",
        "The currency does not fit the customer or the account, or has no exchange rate for the date.",
        "Add the currency to the customer (sync.extend_customers does so by itself), or enter the exchange rate.",
    ),
    Group(
        Family.REFUSED,
        "NEXUS_REQD INVALID_NEXUS",
        "The tax nexus is missing, or is not one of the document's subsidiary.",
        "Correct the nexus of the tax rows.",
        "lago-ns map check",
    ),
    Group(
        Family.REFUSED,
        "INVALID_RCRD_TRANSFRM INVALID_RCRD_TYPE INVALID_INITIALIZE_REF",
        "NetSuite cannot make this record: a feature is off, or the record it starts from does not allow it.",
        "Check that the feature is on in Setup > Company > Enable Features.",
    ),
    Group(
        Family.REFUSED,
        "RCRD_LOCKED_BY_WF RCRD_UNEDITABLE",
        "The record is locked, by a workflow or by its state.",
        "Have it unlocked or approved in NetSuite; then replay the document.",
    ),
)
