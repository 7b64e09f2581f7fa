"""The fields of each record type: labels, types, lengths, and what their values must look like.

Lengths and the sentences of refusals follow what accounts answer; a field that is not listed here is ignored,
as SuiteScript ignores it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lago_ns_cli.simulator.netsuite.errors import invalid_reference, invalid_value, too_long, user_error
from lago_ns_cli.simulator.netsuite.masters import Masters
from lago_ns_cli.simulator.netsuite.store import Store
from lago_ns_cli.simulator.netsuite.values import FieldInfo, Line, Value, as_date, as_flag, as_number, as_text

_TEXT_LENGTHS = {"text": 300, "textarea": 4000, "clobtext": 1_000_000, "email": 254, "phone": 32, "url": 999}

_FREE_TEXTS = frozenset({"text", "textarea", "clobtext", "url"})
"""Types whose texts have a length and nothing else to check."""

_NUMBERS = frozenset({"currency", "float", "integer", "percent"})


def _text(name: str, label: str, limit: int, *, mandatory: bool = False) -> FieldInfo:
    return FieldInfo(name, label, "text", mandatory=mandatory, max_length=limit)


def _select(name: str, label: str, source: str, *, mandatory: bool = False) -> FieldInfo:
    return FieldInfo(name, label, "select", mandatory=mandatory, source=source)


def _computed(name: str, label: str, kind: str) -> FieldInfo:
    return FieldInfo(name, label, kind, read_only=True)


_CLASSIFICATION = (
    _select("department", "Department", "department"),
    _select("class", "Class", "classification"),
    _select("location", "Location", "location"),
)

_EVERY_RECORD = (
    FieldInfo("externalid", "ExternalId", "text", max_length=255),
    _computed("createddate", "Date Created", "datetimetz"),
    _computed("lastmodifieddate", "Last Modified", "datetimetz"),
)

_EVERY_TRANSACTION = (
    *_EVERY_RECORD,
    FieldInfo("trandate", "Date", "date", mandatory=True),
    _select("postingperiod", "Posting Period", "accountingperiod"),
    _select("currency", "Currency", "currency", mandatory=True),
    FieldInfo("exchangerate", "Exchange Rate", "float"),
    _select("subsidiary", "Subsidiary", "subsidiary"),
    _text("tranid", "Document Number", 45),
    _text("memo", "Memo", 999),
    *_CLASSIFICATION,
    _computed("status", "Status", "text"),
    _computed("statusref", "Status", "text"),
    _computed("voided", "Voided", "checkbox"),
)

_SUITETAX_BODY = (
    _select("nexus", "Nexus", "nexus"),
    FieldInfo("taxregoverride", "Nexus Override", "checkbox"),
    FieldInfo("taxdetailsoverride", "Tax Details Override", "checkbox"),
    FieldInfo("taxpointdate", "Tax Point Date", "date"),
    FieldInfo("taxpointdateoverride", "Tax Point Date Override", "checkbox"),
    _text("entitytaxregnum", "Customer Tax Reg. Number", 50),
    _text("subsidiarytaxregnum", "Subsidiary Tax Reg. Number", 50),
)

_LEGACY_BODY = (_select("nexus", "Nexus", "nexus"),)

_SALES_BODY = (
    _select("entity", "Customer", "customer", mandatory=True),
    _select("account", "Account", "account"),
    FieldInfo("duedate", "Due Date", "date"),
    _select("terms", "Terms", "term"),
    _text("otherrefnum", "PO #", 45),
    FieldInfo("email", "To Be E-mailed", "email", max_length=254),
    _computed("subtotal", "Subtotal", "currency"),
    _computed("taxtotal", "Tax Total", "currency"),
    _computed("total", "Total", "currency"),
)

_INVOICE_BODY = (
    FieldInfo("approvalstatus", "Approval Status", "select"),
    FieldInfo("startdate", "Start Date", "date"),
    FieldInfo("enddate", "End Date", "date"),
    _computed("amountpaid", "Amount Paid", "currency"),
    _computed("amountremaining", "Amount Due", "currency"),
)

_MEMO_BODY = (
    FieldInfo("createdfrom", "Created From", "select"),
    FieldInfo("autoapply", "Auto Apply", "checkbox"),
    _computed("applied", "Applied", "currency"),
    _computed("unapplied", "Unapplied", "currency"),
    _computed("amountremaining", "Amount Remaining", "currency"),
)

_PAYMENT_BODY = (
    _select("customer", "Customer", "customer", mandatory=True),
    FieldInfo("payment", "Payment Amount", "currency", mandatory=True),
    _select("aracct", "A/R Account", "account"),
    _select("account", "Account", "account"),
    FieldInfo("undepfunds", "Undep. Funds", "checkbox"),
    _select("paymentmethod", "Payment Method", "paymentmethod"),
    _select("paymentoption", "Payment Option", "paymentmethod"),
    _text("checknum", "Check #", 45),
    FieldInfo("autoapply", "Auto Apply", "checkbox"),
    _computed("applied", "Applied", "currency"),
    _computed("unapplied", "Unapplied", "currency"),
    _computed("total", "Total", "currency"),
)

_CUSTOMER_BODY = (
    *_EVERY_RECORD,
    FieldInfo("isperson", "Individual", "checkbox"),
    FieldInfo("autoname", "Auto", "checkbox"),
    _text("entityid", "Customer ID", 80),
    _text("companyname", "Company Name", 83),
    _text("firstname", "First Name", 32),
    _text("lastname", "Last Name", 32),
    _select("subsidiary", "Primary Subsidiary", "subsidiary", mandatory=True),
    FieldInfo("email", "Email", "email", max_length=254),
    FieldInfo("phone", "Phone", "phone", max_length=32),
    _text("url", "Web Address", 100),
    _select("currency", "Primary Currency", "currency"),
    _select("terms", "Terms", "term"),
    _select("receivablesaccount", "Default Receivables Account", "account"),
    FieldInfo("taxable", "Taxable", "checkbox"),
    _text("vatregnumber", "Tax Reg. Number", 20),
    _select("parent", "Child Of", "customer"),
    FieldInfo("entitystatus", "Status", "select"),
    FieldInfo("comments", "Comments", "textarea", max_length=4000),
    FieldInfo("isinactive", "Inactive", "checkbox"),
    _computed("altname", "Name", "text"),
    _computed("datecreated", "Date Created", "datetimetz"),
)

_ITEM_LINES = (
    _select("item", "Item", "item", mandatory=True),
    FieldInfo("quantity", "Quantity", "float"),
    FieldInfo("price", "Price Level", "select"),
    FieldInfo("rate", "Rate", "text", max_length=40),
    FieldInfo("amount", "Amount", "currency", mandatory=True),
    FieldInfo("description", "Description", "textarea", max_length=4000),
    FieldInfo("units", "Units", "select"),
    *_CLASSIFICATION,
    _computed("line", "Line ID", "integer"),
    _computed("lineuniquekey", "Line Unique Key", "integer"),
)

_LEGACY_LINES = (
    _select("taxcode", "Tax Code", "salestaxitem", mandatory=True),
    FieldInfo("taxrate1", "Tax Rate", "percent"),
    FieldInfo("tax1amt", "Tax Amt", "currency"),
    _computed("grossamt", "Gross Amt", "currency"),
)

_SUITETAX_LINES = (_text("taxdetailsreference", "Tax Details Reference", 300),)

_TAX_DETAILS = (
    FieldInfo("taxdetailsreference", "Tax Details Reference", "text", mandatory=True, max_length=300),
    _select("taxtype", "Tax Type", "taxtype", mandatory=True),
    _select("taxcode", "Tax Code", "salestaxitem", mandatory=True),
    FieldInfo("taxbasis", "Tax Basis", "currency", mandatory=True),
    FieldInfo("taxrate", "Tax Rate", "percent", mandatory=True),
    FieldInfo("taxamount", "Tax Amount", "currency", mandatory=True),
    _computed("linename", "Line Name", "text"),
    _computed("netamount", "Net Amount", "currency"),
)

_APPLY_LINES = (
    FieldInfo("apply", "Apply", "checkbox"),
    FieldInfo("amount", "Payment", "currency"),
    _computed("disc", "Disc. Taken", "currency"),
    _computed("doc", "Document", "select"),
    _computed("internalid", "Internal ID", "integer"),
    _computed("due", "Amt. Due", "currency"),
    _computed("total", "Orig. Amt.", "currency"),
    _computed("refnum", "Ref No.", "text"),
    _computed("type", "Type", "text"),
    _computed("trantype", "Type", "text"),
    _computed("applydate", "Date", "date"),
    _computed("duedate", "Date Due", "date"),
    _computed("currency", "Currency", "text"),
    _computed("line", "Line", "integer"),
)

_ADDRESS_LINES = (
    FieldInfo("defaultbilling", "Default Billing", "checkbox"),
    FieldInfo("defaultshipping", "Default Shipping", "checkbox"),
    FieldInfo("isresidential", "Residential Address", "checkbox"),
    _text("label", "Label", 150),
    FieldInfo("addressbookaddress", "Address", "summary"),
)

ADDRESS_FIELDS = {
    info.id: info
    for info in (
        _text("country", "Country", 2),
        _text("attention", "Attention", 83),
        _text("addressee", "Addressee", 83),
        FieldInfo("addrphone", "Phone", "phone", max_length=32),
        _text("addr1", "Address 1", 150),
        _text("addr2", "Address 2", 150),
        _text("addr3", "Address 3", 150),
        _text("city", "City", 50),
        _text("state", "State", 30),
        _text("zip", "Zip", 36),
        FieldInfo("override", "Override", "checkbox"),
        FieldInfo("addrtext", "Address", "textarea", max_length=999),
    )
}
"""The fields of the address subrecord."""

_CUSTOM_RECORD_BODY = (
    *_EVERY_RECORD,
    _text("name", "Name", 300),
    FieldInfo("isinactive", "Inactive", "checkbox"),
)

_VALUE_TYPES = {
    "TEXT": "text",
    "TEXTAREA": "textarea",
    "CLOBTEXT": "clobtext",
    "SELECT": "select",
    "DATE": "date",
    "CHECKBOX": "checkbox",
    "CURRENCY": "currency",
    "FLOAT": "float",
    "INTEGER": "integer",
    "PERCENT": "percent",
    "EMAIL": "email",
    "PHONE": "phone",
    "URL": "url",
}
"""SDF field types and what scripts see of them."""

FieldKey = tuple[str, str | None]


@dataclass
class FieldCatalog:
    """All fields by record type and sublist, the account's custom fields included."""

    store: Store
    tax_regime: str
    _fields: dict[FieldKey, dict[str, FieldInfo]]
    _custom: dict[FieldKey, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, store: Store, tax_regime: str) -> "FieldCatalog":
        """The standard fields of the tax regime, and the custom fields found in the store."""
        catalog = cls(store, tax_regime, {})
        catalog.reload()
        return catalog

    def reload(self) -> None:
        """Read the custom fields again, after some were deployed."""
        suitetax = self.tax_regime == "suitetax"
        tax_body = _SUITETAX_BODY if suitetax else _LEGACY_BODY
        item_lines = _ITEM_LINES + (_SUITETAX_LINES if suitetax else _LEGACY_LINES)
        sales = _EVERY_TRANSACTION + _SALES_BODY + tax_body
        standard: dict[FieldKey, Iterable[FieldInfo]] = {
            ("customer", None): _CUSTOMER_BODY,
            ("customer", "addressbook"): _ADDRESS_LINES,
            ("customer", "currency"): (_select("currency", "Currency", "currency", mandatory=True),),
            ("customer", "submachine"): (_select("subsidiary", "Subsidiary", "subsidiary", mandatory=True),),
            ("invoice", None): sales + _INVOICE_BODY,
            ("invoice", "item"): item_lines,
            ("creditmemo", None): sales + _MEMO_BODY,
            ("creditmemo", "item"): item_lines,
            ("creditmemo", "apply"): _APPLY_LINES,
            ("customerpayment", None): _EVERY_TRANSACTION + _PAYMENT_BODY,
            ("customerpayment", "apply"): _APPLY_LINES,
        }
        if suitetax:
            standard[("invoice", "taxdetails")] = _TAX_DETAILS
            standard[("creditmemo", "taxdetails")] = _TAX_DETAILS
        for (script_id,) in self.store.rows("SELECT scriptid FROM customrecordtype"):
            standard[(script_id, None)] = _CUSTOM_RECORD_BODY
        self._fields = {
            key: {info.id: replace(info, sublist=key[1]) for info in infos} for key, infos in standard.items()
        }
        self._add_custom_fields()
        self._custom = {
            key: [name for name in infos if is_custom(name)] for key, infos in self._fields.items()
        }

    def of(self, record_type: str, sublist: str | None = None) -> Mapping[str, FieldInfo]:
        """The fields of a record type's body or sublist; none where it has no such sublist."""
        return self._fields.get((record_type, sublist), {})

    def has_type(self, record_type: str) -> bool:
        """Whether the account knows the record type."""
        return (record_type, None) in self._fields

    def sublists(self, record_type: str) -> list[str]:
        """The ids of a type's sublists."""
        return [sublist for kind, sublist in self._fields if kind == record_type and sublist is not None]

    def custom(self, record_type: str, sublist: str | None = None) -> list[str]:
        """Script ids of the custom fields of a body or sublist."""
        return self._custom.get((record_type, sublist), [])

    def _add_custom_fields(self) -> None:
        rows = self.store.rows(
            "SELECT f.scriptid, f.name, f.fieldvaluetype, f.fieldvaluetyperecord, f.ismandatory, f.maxlength, "
            "u.type, u.sublist "
            "FROM customfield f JOIN _custom_field_use u ON u.scriptid = f.scriptid "
            "WHERE f.isinactive = 'F' ORDER BY f.internalid"
        )
        for script_id, label, value_type, source, mandatory, max_length, record_type, sublist in rows:
            kind = _VALUE_TYPES.get(value_type, "text")
            where = self._fields.setdefault((record_type, sublist or None), {})
            where[script_id] = FieldInfo(
                script_id,
                label,
                kind,
                mandatory=mandatory == "T",
                sublist=sublist or None,
                max_length=max_length or _TEXT_LENGTHS.get(kind),
                source=source,
            )


def is_custom(name: str) -> bool:
    """Whether a field id is that of a custom field or segment."""
    return name.startswith(("custbody_", "custcol_", "custentity_", "custrecord_", "cseg_"))


def clean_values(fields: Mapping[str, FieldInfo], values: Line, masters: Masters) -> dict[str, Any]:
    """Check the values of a body or line and bring them into their stored form.

    Args:
        fields: What the body or sublist has; other values are dropped, as NetSuite ignores them.

    Raises:
        NetSuiteError: The first value that its field cannot hold.
    """
    cleaned: dict[str, Any] = {}
    for name, value in values.items():
        info = fields.get(name)
        if info is None or info.type == "summary":
            continue
        is_clean = info.read_only or _is_clean(info, value)
        cleaned[name] = value if is_clean else clean_value(info, value, masters)
    return cleaned


def _is_clean(info: FieldInfo, value: object) -> bool:
    """Tell by a glance at the most frequent values, what is empty and ordinary texts; False means a closer look."""
    if value is None:
        return info.type != "checkbox"
    if info.type not in _FREE_TEXTS or not isinstance(value, str):
        return False
    return value.isascii() and 0 < len(value) <= (info.max_length or len(value))


def clean_value(info: FieldInfo, value: object, masters: Masters) -> Value:
    """Check one value against its field.

    Returns:
        Checkboxes as booleans, everything else as text, None where it is empty.
    """
    if info.type == "checkbox":
        return as_flag(value, info.id)
    text = as_text(value)
    if text is None:
        return None
    kind = info.type
    if kind == "date":
        return as_date(text, info.id)
    if kind in _NUMBERS:
        as_number(text.removesuffix("%") if kind == "percent" else text, info.id)
        return text.strip()
    if kind == "select":
        return _clean_select(info, text, masters)
    _check_text(info, text)
    return _storable(text)


def _clean_select(info: FieldInfo, text: str, masters: Masters) -> str:
    active = masters.active.get(info.source or "")
    if active is not None and text not in active:
        raise invalid_reference(info.id, text)
    return text


def _check_text(info: FieldInfo, text: str) -> None:
    limit = info.max_length
    if limit is not None and len(text) > limit:
        raise too_long(info.id, limit)
    if info.type == "email" and not _looks_like_email(text):
        raise invalid_value(info.id, text)
    if info.type == "phone" and sum(character.isdigit() for character in text) < 7:
        raise user_error(f"{info.label} number should have seven digits or more.")


def _storable(text: str) -> str:
    """Half of a surrogate pair has no UTF-8 form; a question mark is stored in its place."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _looks_like_email(text: str) -> bool:
    local, at, domain = text.partition("@")
    labels = domain.split(".")
    return (
        bool(local and at)
        and len(labels) > 1
        and all(labels)
        and "@" not in domain
        and not any(character.isspace() or character in ",;<>()" for character in text)
    )
