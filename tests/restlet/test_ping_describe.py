"""Who is calling, what is missing, and what can be mapped."""

import pytest

from lago_ns_cli.simulator import world
from tests.restlet.service import LIMITED, Json, Service


def test_ping_says_where_and_as_whom(service: Service) -> None:
    """Account, role, user, the server's clock, and the features that change what is sent."""
    answer = service.call("ping")

    assert (1, "ping", "1.2.0") == (answer["contract"], answer["operation"], answer["script_version"])
    assert ("1234567_SB1", "SANDBOX") == (answer["account"], answer["environment"])
    assert {"id": "1001", "name": "Lago Integration"} == answer["role"]
    assert ("7", "2026-08-20T15:00:00.000Z", "America/New_York") == (
        answer["user"],
        answer["time"],
        answer["time_zone"],
    )
    assert answer["features"]["suitetax"]
    assert ([], []) == (answer["missing_permissions"], answer["missing_fields"])
    assert 4900 < answer["remaining_units"] < 5000


def test_ping_names_what_the_role_lacks(service: Service) -> None:
    """As NetSuite's role page names it, with the level that is needed."""
    missing = service.as_role(LIMITED).call("ping")["missing_permissions"]

    assert "Transactions > Credit Memo (Edit)" in missing
    assert "Lists > Tax Details Tab (Edit)" in missing
    assert "Lists > Items (View)" not in missing


def test_ping_needs_no_tax_details_tab_without_suitetax(legacy: Service) -> None:
    """That permission does not exist there."""
    answer = legacy.as_role(LIMITED).call("ping")

    assert not answer["features"]["suitetax"]
    assert "Lists > Tax Details Tab (Edit)" not in answer["missing_permissions"]


def test_ping_names_fields_that_are_not_applied(service: Service) -> None:
    """A field that a form does not have cannot hold our ids."""
    fields = service.account.fields

    def without(kind: str, role: object, sublist: str | None = None) -> list[object]:
        hidden = ("custbody_lago_fingerprint", "custcol_lago_line_id")
        return [field for field in fields(kind, role, sublist) if field.id not in hidden]  # type: ignore[arg-type]

    service.account.fields = without  # type: ignore[method-assign, assignment]

    assert ["custbody_lago_fingerprint", "custcol_lago_line_id"] == sorted(
        service.call("ping")["missing_fields"]
    )


ROWS: list[tuple[str, Json]] = [
    (
        "items",
        {
            "id": "522",
            "name": "EU only service",
            "type": "Service",
            "inactive": False,
            "recognition": "point_in_time",
            "subsidiaries": ["4"],
        },
    ),
    (
        "tax_codes",
        {
            "id": "14",
            "name": "NYC sales tax",
            "rate": "8.875",
            "tax_type": "3",
            "nexus": "1",
            "inactive": False,
        },
    ),
    ("tax_types", {"id": "4", "name": "German VAT", "nexus": "2"}),
    ("nexuses", {"id": "2", "country": "DE", "state": None, "description": "Germany"}),
    (
        "subsidiaries",
        {
            "id": "2",
            "name": "Acme US Inc.",
            "country": "US",
            "currency": "1",
            "parent": "1",
            "inactive": False,
        },
    ),
    ("currencies", {"id": "5", "code": "JPY", "name": "Japanese Yen", "precision": 0}),
    (
        "custom_fields",
        {"id": "custbody_lago_id", "record_types": ["invoice", "creditmemo", "customerpayment"]},
    ),
    (
        "saved_searches",
        {"id": "customsearch_open_invoices", "title": "Open invoices by customer", "type": "Transaction"},
    ),
    (
        "record_fields",
        {"record": "invoice", "sublist": "item", "id": "item", "type": "select", "mandatory": True},
    ),
    (
        "record_fields",
        {"record": "invoice", "sublist": None, "id": "trandate", "type": "date", "mandatory": True},
    ),
    ("record_fields", {"record": "customerpayment", "sublist": "apply", "id": "amount", "type": "currency"}),
    ("record_fields", {"record": "customer", "sublist": None, "id": "custentity_lago_id"}),
    ("custom_record_types", {"id": "customrecord_lago_object"}),
]


@pytest.mark.parametrize(
    ("section", "row"), ROWS, ids=[f"{section}-{row.get('id')}" for section, row in ROWS]
)
def test_describe_lists_what_can_be_mapped(service: Service, section: str, row: Json) -> None:
    """Each list has its rows in the contract's form."""
    answer = service.call("describe", sections=[section])["sections"][section]

    assert ("ok", None, None) == (answer["status"], answer["error"], answer["cursor"])
    assert [row] == [found for found in answer["rows"] if row.items() <= found.items()] or any(
        row.items() <= found.items() for found in answer["rows"]
    )


SECTIONS = [
    "items", "tax_codes", "tax_types", "nexuses", "subsidiaries", "currencies", "accounts", "payment_methods", "terms",
    "departments", "classes", "locations", "custom_fields", "custom_segments", "custom_record_types", "saved_searches",
    "periods", "record_fields",
]  # fmt: skip


def test_every_section_of_the_contract_is_answered(service: Service) -> None:
    """In one call, all of them with rows."""
    sections = service.call("describe", sections=SECTIONS)["sections"]

    assert [(name, "ok", True) for name in SECTIONS] == [
        (name, answer["status"], bool(answer["rows"])) for name, answer in sections.items()
    ]
    assert {item.id for item in world.ITEMS} <= {row["id"] for row in sections["items"]["rows"]}


def test_closed_periods_are_told_apart(service: Service) -> None:
    """Months only; quarters and years are left out."""
    rows = service.call("describe", sections=["periods"])["sections"]["periods"]["rows"]

    assert {True, False} == {row["closed"] for row in rows}
    assert all(row["start"][:7] == row["end"][:7] for row in rows)


def test_a_list_the_role_cannot_see_does_not_spoil_the_others(service: Service) -> None:
    """It is denied; what is visible comes."""
    sections = service.as_role(LIMITED).call("describe", sections=["accounts", "items"])["sections"]

    assert ("denied", []) == (sections["accounts"]["status"], sections["accounts"]["rows"])
    assert sections["accounts"]["error"]["code"]
    assert "ok" == sections["items"]["status"]


def test_a_table_that_the_account_does_not_have_is_unavailable(service: Service) -> None:
    """Features differ from account to account."""
    service.account.connection.execute("DROP TABLE department")
    answer = service.call("describe", sections=["departments"])["sections"]["departments"]

    assert ("unavailable", "SSS_SEARCH_ERROR_OCCURRED") == (answer["status"], answer["error"]["code"])


def test_a_long_list_is_continued(service: Service) -> None:
    """1,000 rows a page, cut by id."""
    service.account.connection.executemany(
        "INSERT INTO department (id, name, isinactive) VALUES (?, ?, 'F')",
        [(number, f"D{number}") for number in range(5000, 6500)],
    )
    first = service.call("describe", sections=["departments"])["sections"]["departments"]
    second = service.call("describe", sections=["departments"], cursor=first["cursor"])["sections"][
        "departments"
    ]

    ids = [int(row["id"]) for row in first["rows"] + second["rows"]]
    assert (1000, None) == (len(first["rows"]), second["cursor"])
    assert ids == sorted(set(ids))
    assert 6499 == ids[-1]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"contract": 1, "operation": "explode"}, "LAGO_UNKNOWN_OPERATION"),
        ({"contract": 1, "operation": "constructor"}, "LAGO_UNKNOWN_OPERATION"),
        ({"contract": 1}, "LAGO_UNKNOWN_OPERATION"),
        ({"contract": 2, "operation": "ping"}, "LAGO_UNKNOWN_CONTRACT"),
        ({"operation": "ping"}, "LAGO_UNKNOWN_CONTRACT"),
        ([], "LAGO_BAD_REQUEST"),
        ({"contract": 1, "operation": "push", "documents": {}}, "LAGO_BAD_REQUEST"),
        ({"contract": 1, "operation": "push", "documents": [], "deadline_seconds": -1}, "LAGO_BAD_REQUEST"),
        ({"contract": 1, "operation": "describe", "sections": ["moons"]}, "LAGO_BAD_REQUEST"),
        (
            {"contract": 1, "operation": "describe", "sections": ["items", "terms"], "cursor": "1"},
            "LAGO_BAD_REQUEST",
        ),
    ],
)
def test_what_is_not_in_the_contract_fails_with_our_code(service: Service, body: object, code: str) -> None:
    """NetSuite then answers 400 with the code in its envelope."""
    failure = service.failure(body)

    assert (code, "error.SuiteScriptError") == (failure.name, failure.type)
    assert failure.message


def test_inspect_finds_a_sound_set_up(service: Service) -> None:
    """The archive's folder is there, every field is applied."""
    answer = service.call("inspect")

    assert (None, {}) == (answer["archive"], answer["unapplied_fields"])


def test_inspect_names_the_types_that_lack_a_field(service: Service) -> None:
    """A field that exists may still not be applied to a record type."""
    service.account.setup.unapply_field("custbody_lago_id", "customerpayment")
    service.account.setup.unapply_field("custcol_lago_line_id", "creditmemo")

    assert {"custbody_lago_id": ["customerpayment"], "custcol_lago_line_id": ["creditmemo"]} == service.call(
        "inspect"
    )["unapplied_fields"]


def test_inspect_says_why_originals_cannot_be_kept(service: Service) -> None:
    """Without the permission, or without the folder's file."""
    assert "INSUFFICIENT_PERMISSION" == service.as_role(LIMITED).call("inspect")["archive"]["code"]

    service.account.connection.execute("DELETE FROM file WHERE name = 'about.txt'")
    assert "RCRD_DSNT_EXIST" == service.as_role("1001").call("inspect")["archive"]["code"]
