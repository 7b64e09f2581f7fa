"""A single document in the form that Lago itself publishes."""

import json

import pytest

from tests.restlet.service import Json, Service


def bare_invoice() -> Json:
    """As Lago's own connection sends it: numbers as JSON numbers, dates as M/D/YYYY, overrides before the customer."""
    return {
        "type": "invoice",
        "isDynamic": True,
        "columns": {
            "tranid": "ACM-7",
            "taxdetailsoverride": True,
            "taxregoverride": True,
            "custbody_lago_invoice_link": "https://app.getlago.example/invoice/7",
            "trandate": "8/1/2026",
            "duedate": "8/31/2026",
            "custbody_lago_id": "00000011-0000-4000-8000-000000000011",
            "entity": "98765",
            "lago_plan_codes": "pro_monthly",
            "currency": "1",
            "nexus": "1",
        },
        "lines": [
            {
                "sublistId": "item",
                "lineItems": [
                    {
                        "item": "482",
                        "account": "400",
                        "quantity": "1.0",
                        "rate": "100.0",
                        "amount": 100.0,
                        "taxdetailsreference": "fee",
                        "custcol_service_period_date_from": "7/1/2026",
                        "custcol_service_period_date_to": "7/31/2026",
                        "description": "Pro plan",
                        "item_source": "pro_monthly",
                    },
                    {
                        "item": "490",
                        "quantity": 1,
                        "rate": -10.0,
                        "taxdetailsreference": "coupon_item",
                        "item_source": "coupons",
                    },
                ],
            }
        ],
        "taxdetails": [
            {
                "sublistId": "taxdetails",
                "lineItems": [
                    {
                        "taxdetailsreference": "fee",
                        "taxamount": 7.99,
                        "taxbasis": 1,
                        "taxrate": 8.875,
                        "taxtype": "3",
                        "taxcode": "14",
                    },
                    {
                        "taxdetailsreference": "coupon_item",
                        "taxamount": 0.0,
                        "taxbasis": 1,
                        "taxrate": 8.875,
                        "taxtype": "3",
                        "taxcode": "14",
                    },
                ],
            }
        ],
        "options": {"ignoreMandatoryFields": False, "fullInvoicePayload": {}},
    }


def posted(service: Service, body: Json) -> str:
    """Send a bare document; its answer is a JSON string."""
    answer = service.post(body)
    assert answer.error is None, answer.error
    assert answer.content is not None
    assert "application/json" == answer.content_type
    internal_id = json.loads(answer.content)
    assert isinstance(internal_id, str)
    return internal_id


def test_a_bare_invoice_is_answered_with_its_internal_id(service: Service) -> None:
    """And stands in the account with its dates and amounts."""
    internal_id = posted(service, bare_invoice())

    [record] = service.account.records("invoice")
    assert (internal_id, "97.99", "7.99", "2026-08-01") == (
        record["id"],
        record["total"],
        record["taxtotal"],
        record["trandate"],
    )
    assert "lago:inv:00000011-0000-4000-8000-000000000011" == record["externalid"]
    assert "2026-07-31" == record["lines"][0]["custcol_service_period_date_to"]
    assert ["100.00", "-10.00"] == [line["amount"] for line in record["lines"]]


def test_a_repeated_bare_document_is_one_record(service: Service) -> None:
    """The same look-ups come first."""
    assert posted(service, bare_invoice()) == posted(service, bare_invoice())
    assert 1 == len(service.account.records("invoice"))


def test_a_bare_document_is_taken_for_a_record_that_lago_made_before(service: Service) -> None:
    """Found by the Lago id; its dates agree although they are written otherwise."""
    internal_id = posted(service, bare_invoice())
    service.account.administrator.edit_record("invoice", internal_id, {"externalid": None})

    assert internal_id == posted(service, bare_invoice())


def test_a_bare_document_without_lago_id_has_no_key(service: Service) -> None:
    """It is created as it stands."""
    body = bare_invoice()
    del body["columns"]["custbody_lago_id"]
    posted(service, body)

    assert service.account.records("invoice")[0]["externalid"] is None


def test_bare_customers_carry_their_address_as_a_sub_object(service: Service) -> None:
    """Created, then updated through recordId."""
    columns = {
        "isperson": "F",
        "subsidiary": "2",
        "custentity_lago_id": "c-1",
        "companyname": "Hooli",
        "email": "a@hooli.example",
    }
    address = {
        "defaultshipping": True,
        "defaultbilling": True,
        "subObjectId": "addressbookaddress",
        "subObject": {"addr1": "1 Main St", "country": "US"},
    }
    body = {
        "type": "customer",
        "isDynamic": False,
        "columns": columns,
        "lines": [{"sublistId": "addressbook", "lineItems": [address]}],
    }
    internal_id = posted(service, body)
    again = posted(
        service,
        {
            "type": "customer",
            "recordId": internal_id,
            "columns": {"email": "b@hooli.example"},
            "options": {"isDynamic": False},
        },
    )

    assert internal_id == again
    stored = next(one for one in service.account.records("customer") if one["id"] == internal_id)
    assert ("b@hooli.example", "lago:cus:c-1") == (stored["email"], stored["externalid"])
    assert "1 Main St" == stored["addressbook"][0]["addressbookaddress"]["addr1"]


def test_a_bare_payment_applies_its_line(service: Service) -> None:
    """One line in the sublist apply."""
    invoice_id = posted(service, bare_invoice())
    line = {"amount": 50.25, "apply": True, "doc": invoice_id}
    posted(
        service,
        {
            "type": "customerpayment",
            "columns": {"customer": "98765", "payment": 50.25},
            "lines": [{"sublistId": "apply", "lineItems": [line]}],
        },
    )

    assert [{"doc": invoice_id, "amount": "50.25"}] == service.account.records("customerpayment")[0]["apply"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": "vendorbill"}, "LAGO_BAD_REQUEST"),
        ({"columns": bare_invoice()["columns"] | {"entity": "424242"}}, "INVALID_KEY_OR_REF"),
        ({"columns": bare_invoice()["columns"] | {"trandate": "31.8.2026"}}, "LAGO_BAD_DATE"),
        ({"lines": "none"}, "LAGO_BAD_DOCUMENT"),
    ],
)
def test_a_bare_document_that_fails_throws(service: Service, change: Json, code: str) -> None:
    """So that NetSuite answers 400."""
    assert code == service.failure(bare_invoice() | change).name
    assert [] == service.account.records("invoice")
