"""Creating: what is written, and what is refused before anything is."""

import json

import pytest

from tests.restlet.service import (
    FINGERPRINT,
    Json,
    Service,
    credit_memo,
    customer,
    invoice,
    item_line,
    payment,
    sample_invoice,
)


def test_the_sample_invoice_is_written_to_the_cent(service: Service) -> None:
    """Lines, tax and dates stand in the account as they were sent."""
    outcome = service.push_one(sample_invoice())

    assert ("created", None, []) == (outcome["outcome"], outcome["error"], outcome["notices"])
    [record] = service.account.records("invoice")
    assert ("100.00", "10.38") == (record["total"], record["taxtotal"])
    assert ["100.00", "30.00", "-13.00", "-27.38"] == [line["amount"] for line in record["lines"]]
    assert ["7.99", "2.39"] == [row["taxamount"] for row in record["taxdetails"]]
    first = record["lines"][0]
    assert ("2026-07-01", "2026-07-31") == (
        first["custcol_service_period_date_from"],
        first["custcol_service_period_date_to"],
    )
    assert ("lago:inv:sample", "sample", FINGERPRINT) == (
        record["externalid"],
        record["custbody_lago_id"],
        record["custbody_lago_fingerprint"],
    )


def test_what_was_read_back_has_the_record_form(service: Service) -> None:
    """The answer states what NetSuite holds, not what was sent."""
    record = service.push_one(sample_invoice())["record"]

    assert {
        "id": record["id"],
        "type": "invoice",
        "key": "lago:inv:sample",
        "lago_id": "sample",
        "fingerprint": FINGERPRINT,
        "number": "ACM-sample",
        "currency": "1",
        "subsidiary": "2",
        "last_modified": "2026-08-20T11:00:00",
        "entity": "98765",
        "date": "2026-08-01",
        "period": record["period"],
        "status": "open",
        "total": "100.00",
        "tax": "10.38",
        "unpaid": "100.00",
    } == record


def test_a_customer_is_written_with_its_address_and_currencies(service: Service) -> None:
    """Subrecords and sublists of a customer arrive."""
    lines = [
        {
            "sublistId": "addressbook",
            "lineItems": [
                {
                    "label": "Lago billing",
                    "defaultbilling": True,
                    "addressbookaddress": {"addr1": "1 Main St", "city": "Springfield", "country": "US"},
                }
            ],
        },
        {"sublistId": "currency", "lineItems": [{"currency": "4"}]},
    ]
    outcome = service.push_one(customer(columns={"email": "ap@hooli.example"}, lines=lines))

    assert "created" == outcome["outcome"], outcome["error"]
    record = outcome["record"]
    assert ("Hooli 1", "ap@hooli.example", False, None) == (
        record["name"],
        record["email"],
        record["inactive"],
        record["parent"],
    )
    assert ["1", "4"] == sorted(record["currencies"])
    stored = next(one for one in service.account.records("customer") if one["id"] == outcome["id"])
    [address] = stored["addressbook"]
    assert "1 Main St" == address["addressbookaddress"]["addr1"]


def test_a_payment_pays_exactly_what_it_is_told(service: Service) -> None:
    """Of two open invoices only the named one is paid, by the named amount."""
    first, second = service.push(invoice("1"), invoice("2"))
    outcome = service.push_one(payment(apply=[{"key": "lago:inv:2", "amount": "60.00"}]))

    assert "created" == outcome["outcome"], outcome["error"]
    assert [{"id": second["id"], "amount": "60.00"}] == outcome["record"]["apply"]
    assert ("100.00", "40.00", "2026-08-14") == (
        outcome["record"]["total"],
        outcome["record"]["unpaid"],
        outcome["record"]["date"],
    )
    assert "100.00" == service.find(type="invoice", id=first["id"])["records"][0]["unpaid"]
    assert "40.00" == service.find(type="invoice", id=second["id"])["records"][0]["unpaid"]


def test_a_credit_memo_carries_positive_amounts(service: Service) -> None:
    """Whatever sign NetSuite keeps, the contract knows only one."""
    service.push(invoice("1"))
    record = service.push_one(credit_memo(apply=[{"key": "lago:inv:1", "amount": "15.00"}]))["record"]

    assert ("40.00", "25.00") == (record["total"], record["unpaid"])


def test_documents_of_one_call_refer_to_each_other_by_key(service: Service) -> None:
    """A customer, its invoice and its payment travel together."""
    outcomes = service.push(
        customer("7"),
        invoice("7", columns={"entity": {"key": "lago:cus:7"}}),
        payment(
            "7",
            columns={"customer": {"key": "lago:cus:7"}},
            apply=[{"key": "lago:inv:7", "amount": "100.00"}],
        ),
    )

    assert ["created"] * 3 == [outcome["outcome"] for outcome in outcomes], outcomes
    assert "paid_in_full" == service.find(type="invoice", key="lago:inv:7")["records"][0]["status"]


TOTALS: list[tuple[str, Json, str]] = [
    (
        "lines and total differ",
        invoice(total="100.01") | {"lines": [{"sublistId": "item", "lineItems": [item_line("100.00")]}]},
        "LAGO_TOTALS_DIFFER",
    ),
    (
        "tax rows and tax differ",
        sample_invoice(expect={"total": "100.00", "tax": "10.39"}),
        "LAGO_TOTALS_DIFFER",
    ),
    ("tax without rows", invoice(total="100.00", tax="1.00"), "LAGO_TOTALS_DIFFER"),
    (
        "a line without amount",
        invoice("1", {"item": "481", "quantity": "1", "rate": "100"}),
        "LAGO_BAD_DOCUMENT",
    ),
    ("an amount that is no number", invoice("1", item_line("1O0")), "LAGO_BAD_AMOUNT"),
    ("a payment of another amount", payment(expect={"total": "99.99", "tax": "0"}), "LAGO_TOTALS_DIFFER"),
    ("a day that does not exist", invoice(columns={"trandate": "2026-02-30"}), "LAGO_BAD_DATE"),
    (
        "an unknown customer",
        invoice(columns={"entity": {"key": "lago:cus:none"}}),
        "LAGO_REFERENCE_NOT_FOUND",
    ),
    ("an inactive item", invoice("1", item_line("100.00", item="521")), "INVALID_KEY_OR_REF"),
    ("an unknown type", invoice() | {"type": "vendorbill"}, "LAGO_BAD_DOCUMENT"),
    ("an unknown action", invoice() | {"action": "delete"}, "LAGO_BAD_DOCUMENT"),
    ("a key that is not ours", invoice() | {"key": "inv-1"}, "LAGO_BAD_DOCUMENT"),
    ("lines of the wrong shape", invoice() | {"lines": {"item": []}}, "LAGO_BAD_DOCUMENT"),
    ("an update without id", invoice() | {"action": "update"}, "LAGO_BAD_DOCUMENT"),
]


@pytest.mark.parametrize(("sent", "code"), [row[1:] for row in TOTALS], ids=[row[0] for row in TOTALS])
def test_what_does_not_add_up_is_refused_and_nothing_is_written(
    service: Service, sent: Json, code: str
) -> None:
    """A refused document leaves no trace, and its code says why."""
    outcome = service.push_one(sent)

    assert ("rejected", code) == (outcome["outcome"], outcome["error"]["code"])
    assert outcome["error"]["message"]
    assert [] == service.account.records("invoice") + service.account.records("customerpayment")


def test_amounts_beyond_fifteen_digits_are_compared_and_kept_exactly(service: Service) -> None:
    """A double would round this total by several cents."""
    total = "99999999999999999.99"
    outcome = service.push_one(
        invoice("big", item_line("99999999999999999.98"), item_line("0.01"), total=total)
    )

    assert "created" == outcome["outcome"], outcome["error"]
    assert (total, total, []) == (outcome["record"]["total"], outcome["record"]["unpaid"], outcome["notices"])


def test_the_original_is_archived_as_a_file_of_its_own(service: Service) -> None:
    """The File Cabinet keeps the Lago JSON under the given name."""
    service.push(invoice(archive={"name": "lago-inv-1.json", "content": '{"lago_id": "1"}'}))

    kept = service.account.load_file("SuiteScripts/lago/archive/lago-inv-1.json", service.account.roles["3"])
    assert {"lago_id": "1"} == json.loads(kept)


def test_a_failed_archive_is_a_notice_on_a_saved_record(service: Service) -> None:
    """The record is saved by then, and losing its original must not make it fail."""
    outcome = service.push_one(
        invoice(archive={"name": "lago-inv-1.json", "content": "x" * (11 * 1024 * 1024)})
    )

    assert "created" == outcome["outcome"]
    assert ["LAGO_ARCHIVE_FAILED"] == [notice["code"] for notice in outcome["notices"]]


def test_legacy_tax_follows_from_the_code_of_each_line(legacy: Service) -> None:
    """Without SuiteTax each line has its code, and the tax is NetSuite's own."""
    sent = invoice("1", item_line("100.00", taxcode="14"), total="108.88", tax="8.88")
    for field in ("taxregoverride", "nexus", "taxdetailsoverride"):
        del sent["columns"][field]
    outcome = legacy.push_one(sent)

    assert "created" == outcome["outcome"], outcome["error"]
    assert ("108.88", "8.88", []) == (
        outcome["record"]["total"],
        outcome["record"]["tax"],
        outcome["notices"],
    )


def test_tax_that_netsuite_computes_otherwise_is_said(legacy: Service) -> None:
    """Where NetSuite's tax differs from what was expected, the read-back says so."""
    sent = invoice("1", item_line("100.00", taxcode="14"), total="108.87", tax="8.87")
    for field in ("taxregoverride", "nexus", "taxdetailsoverride"):
        del sent["columns"][field]
    outcome = legacy.push_one(sent)

    assert "created" == outcome["outcome"], outcome["error"]
    assert ["LAGO_TOTAL_DIFFERS"] == [notice["code"] for notice in outcome["notices"]]
