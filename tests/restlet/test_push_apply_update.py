"""Applications are a desired state; updates write what they are given."""

import pytest

from lago_ns_cli.simulator.netsuite.errors import NetSuiteError
from tests.restlet.service import OTHER_FINGERPRINT, Json, Service, credit_memo, customer, invoice, payment
from tests.restlet.test_push_look_up import interfere


def apply(kind: str, key: str, internal_id: str, *applications: Json) -> Json:
    """The applications of an existing memo or payment."""
    return {"key": key, "type": kind, "action": "apply", "id": internal_id, "apply": list(applications)}


def test_applying_sets_the_whole_state(service: Service) -> None:
    """What is not listed is taken off, and repeating it changes nothing."""
    service.push(invoice("1"), invoice("2"))
    memo = service.push_one(credit_memo(apply=[{"key": "lago:inv:1", "amount": "40.00"}]))
    sent = apply("creditmemo", "lago:cn:1", memo["id"], {"key": "lago:inv:2", "amount": "30.00"})
    outcome, again = service.push_one(sent), service.push_one(sent)

    assert ("updated", "10.00") == (outcome["outcome"], outcome["record"]["unpaid"]), outcome["error"]
    assert ["100.00", "70.00"] == [
        service.find(type="invoice", key=f"lago:inv:{number}")["records"][0]["unpaid"] for number in (1, 2)
    ]
    assert 0 == service.answers[-3].saves
    assert outcome["record"]["last_modified"] == again["record"]["last_modified"]


def test_an_own_application_may_grow_up_to_what_was_open(service: Service) -> None:
    """What the payment itself holds of the invoice counts as open."""
    service.push(invoice("1"))
    paid = service.push_one(payment(apply=[{"key": "lago:inv:1", "amount": "60.00"}]))
    outcome = service.push_one(
        apply("customerpayment", "lago:pay:1", paid["id"], {"key": "lago:inv:1", "amount": "100.00"})
    )

    assert "updated" == outcome["outcome"], outcome["error"]
    assert "paid_in_full" == service.find(type="invoice", key="lago:inv:1")["records"][0]["status"]


REFUSED: list[tuple[str, list[Json], str]] = [
    ("more than is open", [{"key": "lago:inv:1", "amount": "100.01"}], "LAGO_OVER_APPLIED"),
    ("paid already", [{"key": "lago:inv:paid", "amount": "1.00"}], "LAGO_TARGET_NOT_OPEN"),
    ("another currency", [{"key": "lago:inv:eur", "amount": "1.00"}], "LAGO_TARGET_NOT_OPEN"),
    ("no such key", [{"key": "lago:inv:none", "amount": "1.00"}], "LAGO_REFERENCE_NOT_FOUND"),
    ("no such id", [{"id": "424242", "amount": "1.00"}], "LAGO_TARGET_NOT_FOUND"),
    ("nothing", [{"key": "lago:inv:1", "amount": "0.00"}], "LAGO_BAD_DOCUMENT"),
    ("twice", [{"key": "lago:inv:1", "amount": "1.00"}] * 2, "LAGO_BAD_DOCUMENT"),
]


@pytest.mark.parametrize(
    ("applications", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_cannot_be_applied_as_asked_is_not_applied_at_all(
    service: Service, applications: list[Json], code: str
) -> None:
    """Neither in part nor elsewhere."""
    euros = {"sublistId": "currency", "lineItems": [{"currency": "4"}]}
    service.push(
        {"key": "lago:cus:s", "type": "customer", "action": "update", "id": "98765", "lines": [euros]}
    )
    service.push(
        invoice("1"),
        invoice("paid"),
        invoice("eur", columns={"currency": "4"}),
        payment("first", apply=[{"key": "lago:inv:paid", "amount": "100.00"}]),
    )
    outcome = service.push_one(payment("second", amount="300.00", apply=applications))

    assert ("rejected", code) == (outcome["outcome"], outcome["error"]["code"])
    assert 1 == len(service.account.records("customerpayment"))


def test_a_payment_over_several_invoices(service: Service) -> None:
    """One payment, several lines, each with its own amount."""
    service.push(*(invoice(str(number)) for number in range(4)))
    wanted = [{"key": f"lago:inv:{number}", "amount": f"{number}0.50"} for number in range(1, 4)]
    outcome = service.push_one(payment(apply=wanted))

    assert ["10.50", "20.50", "30.50"] == [one["amount"] for one in outcome["record"]["apply"]]
    assert "38.50" == outcome["record"]["unpaid"]


def test_an_update_writes_columns_and_the_lines_it_names(service: Service) -> None:
    """An address with the same label is changed, not added; other fields stay."""

    def address(street: str) -> Json:
        fields = {"addr1": street, "country": "US"}
        return {
            "sublistId": "addressbook",
            "lineItems": [{"label": "Lago billing", "addressbookaddress": fields}],
        }

    created = service.push_one(customer(columns={"email": "old@hooli.example"}, lines=[address("1 Main St")]))
    outcome = service.push_one(
        customer(
            columns={"email": "new@hooli.example"},
            lines=[address("2 Side St")],
            action="update",
            id=created["id"],
            fingerprint=OTHER_FINGERPRINT,
        )
    )

    assert "updated" == outcome["outcome"], outcome["error"]
    assert ("new@hooli.example", "Hooli 1", OTHER_FINGERPRINT) == (
        outcome["record"]["email"],
        outcome["record"]["name"],
        outcome["record"]["fingerprint"],
    )
    stored = next(one for one in service.account.records("customer") if one["id"] == created["id"])
    assert ["2 Side St"] == [line["addressbookaddress"]["addr1"] for line in stored["addressbook"]]


def test_null_empties_a_field(service: Service) -> None:
    """A value that Lago no longer has goes away in NetSuite too."""
    created = service.push_one(customer(columns={"email": "old@hooli.example"}))
    outcome = service.push_one(customer(columns={"email": None}, action="update", id=created["id"]))

    assert (("updated"), None) == (outcome["outcome"], outcome["record"]["email"])


def test_an_update_that_lost_the_lock_is_done_again(service: Service) -> None:
    """Another script saved the customer between load and save."""
    created = service.push_one(customer())
    interfere(service, before=NetSuiteError("RCRD_HAS_BEEN_CHANGED", "Record has been changed"))
    outcome = service.push_one(
        customer(columns={"email": "a@hooli.example"}, action="update", id=created["id"])
    )

    assert ("updated", "a@hooli.example") == (outcome["outcome"], outcome["record"]["email"])


def test_an_update_gives_up_after_three_lost_locks(service: Service) -> None:
    """It does not fight for ever."""
    created = service.push_one(customer())
    saves = interfere(service, before=NetSuiteError("RCRD_HAS_BEEN_CHANGED", "Record has been changed"))
    saves.failures = 99
    outcome = service.push_one(
        customer(
            columns={"email": "a@hooli.example"},
            action="update",
            id=created["id"],
            fingerprint=OTHER_FINGERPRINT,
        )
    )

    assert ("rejected", "RCRD_HAS_BEEN_CHANGED", 96) == (
        outcome["outcome"],
        outcome["error"]["code"],
        saves.failures,
    )


def test_an_update_of_another_documents_record_is_a_conflict(service: Service) -> None:
    """The id and the key must belong together."""
    created = service.push_one(customer("1"))
    outcome = service.push_one(customer("2", action="update", id=created["id"]))

    assert ("conflict", "LAGO_LINKED_ELSEWHERE") == (outcome["outcome"], outcome["error"]["code"])


def test_an_update_that_failed_is_not_taken_for_done_by_an_old_fingerprint(service: Service) -> None:
    """The record carried the fingerprint before, so it proves nothing."""
    created = service.push_one(customer())
    interfere(service, before=NetSuiteError("USER_ERROR", "Please enter value(s) for: Category"))
    outcome = service.push_one(
        customer(columns={"email": "a@hooli.example"}, action="update", id=created["id"])
    )

    assert ("rejected", "USER_ERROR") == (outcome["outcome"], outcome["error"]["code"])


def test_an_update_that_committed_and_then_failed_is_recognised(service: Service) -> None:
    """The new fingerprint is there, so the save took place."""
    created = service.push_one(customer())
    interfere(service, after=NetSuiteError("USER_ERROR", "afterSubmit failed"))
    outcome = service.push_one(customer(action="update", id=created["id"], fingerprint=OTHER_FINGERPRINT))

    assert "updated" == outcome["outcome"], outcome["error"]
    assert ["LAGO_SAVED_DESPITE_ERROR"] == [notice["code"] for notice in outcome["notices"]]
