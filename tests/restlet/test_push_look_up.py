"""Before creating: what is there already is adopted or refused, and never doubled."""

from dataclasses import replace

import pytest

from lago_ns_cli.simulator.netsuite.account import Account
from lago_ns_cli.simulator.netsuite.errors import NetSuiteError
from lago_ns_cli.simulator.netsuite.values import Draft, Role
from tests.restlet.service import (
    FINGERPRINT,
    LIMITED,
    OTHER_FINGERPRINT,
    Json,
    Service,
    credit_memo,
    customer,
    invoice,
    payment,
)


def bare_invoice(service: Service, **columns: object) -> str:
    """An invoice as a person or another connection enters it; returns its internal id."""
    sent = invoice("foreign", columns=columns)
    del sent["columns"]["tranid"]
    body = {"type": "invoice", "columns": sent["columns"] | columns, "lines": sent["lines"]}
    answer = service.post(body)
    assert answer.error is None, answer.error
    assert answer.content is not None
    return answer.content.strip('"')


def test_the_same_document_twice_is_one_record(service: Service) -> None:
    """Key and fingerprint agree: adopted, with the same id, in one call or in two."""
    first, second = service.push(invoice(), invoice())
    third = service.push_one(invoice())

    assert ["created", "adopted", "adopted"] == [first["outcome"], second["outcome"], third["outcome"]]
    assert first["id"] == second["id"] == third["id"]
    assert 1 == len(service.account.records("invoice"))


def test_the_same_key_with_other_content_is_a_conflict(service: Service) -> None:
    """What is there is never overwritten, and the answer shows it."""
    created = service.push_one(invoice())
    outcome = service.push_one(invoice(fingerprint=OTHER_FINGERPRINT))

    assert ("conflict", "LAGO_FINGERPRINT_DIFFERS") == (outcome["outcome"], outcome["error"]["code"])
    assert created["id"] == outcome["id"] == outcome["record"]["id"]
    assert FINGERPRINT == service.account.records("invoice")[0]["custbody_lago_fingerprint"]


def test_a_record_with_our_lago_id_is_adopted_where_it_agrees(service: Service) -> None:
    """Lago's own connection made it: it gets our key and fingerprint, and stays as it is otherwise."""
    internal_id = bare_invoice(service, custbody_lago_id="x", tranid="X-1")
    service.account.administrator.edit_record("invoice", internal_id, {"externalid": None})
    outcome = service.push_one(invoice("x", columns={"tranid": "X-1"}))

    assert ("adopted", internal_id) == (outcome["outcome"], outcome["id"]), outcome["error"]
    assert ("lago:inv:x", FINGERPRINT) == (outcome["record"]["key"], outcome["record"]["fingerprint"])


def test_a_foreign_external_id_is_kept(service: Service) -> None:
    """Somebody else refers to the record by it."""
    internal_id = bare_invoice(service, custbody_lago_id="x")
    service.account.administrator.edit_record("invoice", internal_id, {"externalid": "CRM-77"})
    outcome = service.push_one(invoice("x"))

    assert ("adopted", "CRM-77") == (outcome["outcome"], outcome["record"]["key"]), outcome["error"]
    assert ["LAGO_FOREIGN_KEY_KEPT"] == [notice["code"] for notice in outcome["notices"]]
    assert FINGERPRINT == outcome["record"]["fingerprint"]


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        ({"trandate": "2026-08-02"}, "date"),
        ({"currency": "4"}, "currency"),
        ({"entity": {"key": "lago:cus:other"}}, "customer"),
    ],
)
def test_a_record_with_our_lago_id_that_differs_is_a_conflict(
    service: Service, columns: Json, named: str
) -> None:
    """Customer, currency and date must agree; the difference is named."""
    service.push(customer("other"))
    bare_invoice(service, custbody_lago_id="x")
    service.account.administrator.edit_record(
        "invoice", service.account.records("invoice")[0]["id"], {"externalid": None}
    )
    outcome = service.push_one(invoice("x", columns=columns))

    assert ("conflict", "LAGO_ADOPT_DIFFERS") == (outcome["outcome"], outcome["error"]["code"])
    assert named in outcome["error"]["message"]


def test_another_total_under_our_lago_id_is_a_conflict(service: Service) -> None:
    """The total must agree too."""
    internal_id = bare_invoice(service, custbody_lago_id="x")
    service.account.administrator.edit_record("invoice", internal_id, {"externalid": None})
    outcome = service.push_one(invoice("x", total="99.00"))

    assert ("conflict", "LAGO_ADOPT_DIFFERS") == (outcome["outcome"], outcome["error"]["code"])
    assert "total 99.00 is 100.00 there" in outcome["error"]["message"]


def test_a_foreign_record_with_our_number_is_a_conflict(service: Service) -> None:
    """Nothing is created beside it."""
    internal_id = bare_invoice(service, tranid="ACM-1")
    outcome = service.push_one(invoice("1"))

    assert ("conflict", "LAGO_NUMBER_TAKEN", internal_id) == (
        outcome["outcome"],
        outcome["error"]["code"],
        outcome["id"],
    )
    assert 1 == len(service.account.records("invoice"))


def test_a_number_on_another_type_of_record_does_not_matter(service: Service) -> None:
    """Numbers are compared within a type."""
    bare_invoice(service, tranid="ACM-1-CN001")

    assert "created" == service.push_one(credit_memo("1"))["outcome"]


@pytest.mark.parametrize("sent", [invoice(), credit_memo(), payment()], ids=lambda sent: str(sent["type"]))
def test_not_seen_is_never_taken_for_not_there(service: Service, sent: Json) -> None:
    """A role that cannot see such records gets no record created."""
    blind = replace(service.account.roles[LIMITED], permissions={})
    host_role = {**service.account.roles, "blind": blind}
    service.account.roles = host_role
    outcome = service.as_role("blind").push_one(sent)

    assert ("rejected", "INSUFFICIENT_PERMISSION") == (outcome["outcome"], outcome["error"]["code"])
    assert [] == service.account.records(sent["type"])


def test_a_role_that_may_see_but_not_enter_gets_netsuites_own_refusal(service: Service) -> None:
    """The limited role sees customers and may not make them."""
    outcome = service.as_role(LIMITED).push_one(customer())

    assert ("rejected", "INSUFFICIENT_PERMISSION") == (outcome["outcome"], outcome["error"]["code"])


class Interfering:
    """An account's own ``save``, with something that happens around it."""

    def __init__(self, account: Account) -> None:
        self._save = account.save
        self.before: NetSuiteError | None = None
        self.after: NetSuiteError | None = None
        self.failures = 1

    def __call__(self, draft: Draft, role: Role, *, ignore_mandatory: bool = False) -> str:
        """Save, and fail before or after, as often as told."""
        failing = self.failures > 0
        self.failures -= 1
        if failing and self.before:
            raise self.before
        saved = self._save(draft, role, ignore_mandatory=ignore_mandatory)
        if failing and self.after:
            raise self.after
        return saved


def interfere(service: Service, **how: NetSuiteError) -> Interfering:
    """Let the account's saves fail."""
    saves = Interfering(service.account)
    for name, error in how.items():
        setattr(saves, name, error)
    service.account.save = saves  # type: ignore[method-assign]
    return saves


def test_a_record_that_was_saved_despite_an_error_is_recognised(service: Service) -> None:
    """A user-event script failed after the commit: the record is there, and is not made again."""
    interfere(service, after=NetSuiteError("SSS_MISSING_REQD_ARGUMENT", "afterSubmit failed"))
    outcome = service.push_one(invoice())

    assert "created" == outcome["outcome"], outcome["error"]
    assert ["LAGO_SAVED_DESPITE_ERROR"] == [notice["code"] for notice in outcome["notices"]]
    assert outcome["id"] == service.account.records("invoice")[0]["id"]


def test_a_save_that_failed_is_rejected_with_netsuites_code(service: Service) -> None:
    """Nothing is there, so NetSuite's own words are the answer."""
    interfere(service, before=NetSuiteError("USER_ERROR", "Please enter value(s) for: Department"))
    outcome = service.push_one(invoice())

    assert ("rejected", {"code": "USER_ERROR", "message": "Please enter value(s) for: Department"}) == (
        outcome["outcome"],
        outcome["error"],
    )


def test_the_loser_of_a_race_adopts_what_the_winner_made(service: Service) -> None:
    """Between look-up and save another call created the record; the key's uniqueness shows it."""
    winner = service.push_one(invoice())
    internal = service.account.connection
    internal.execute('UPDATE "transaction" SET externalid = NULL, custbody_lago_id = NULL, tranid = NULL')
    saves = interfere(service, before=NetSuiteError("DUP_RCRD", "This record already exists"))

    def reveal(draft: Draft, role: Role, *, ignore_mandatory: bool = False) -> str:
        internal.execute('UPDATE "transaction" SET externalid = ?', ("lago:inv:1",))
        return saves(draft, role, ignore_mandatory=ignore_mandatory)

    service.account.save = reveal  # type: ignore[method-assign]
    outcome = service.push_one(invoice())

    assert ("adopted", winner["id"]) == (outcome["outcome"], outcome["id"]), outcome["error"]


def test_keys_that_differ_by_case_are_different_keys(service: Service) -> None:
    """NetSuite's references ignore case; ours do not, so nothing is linked across."""
    service.push(invoice("abc"))
    outcome = service.push_one(invoice("ABC"))

    assert "adopted" != outcome["outcome"]
    assert "absent" == service.find(type="invoice", key="lago:inv:Abc")["status"]


def test_explicit_adoption_writes_only_our_fields(service: Service) -> None:
    """A person chose the record: it keeps its number, date and amounts."""
    internal_id = bare_invoice(service, tranid="HAND-1")
    outcome = service.push_one(
        {
            "key": "lago:inv:9",
            "lago_id": "9",
            "type": "invoice",
            "action": "adopt",
            "id": internal_id,
            "fingerprint": FINGERPRINT,
        }
    )

    assert ("adopted", internal_id) == (outcome["outcome"], outcome["id"]), outcome["error"]
    record = outcome["record"]
    assert ("lago:inv:9", "9", FINGERPRINT, "HAND-1", "100.00") == (
        record["key"],
        record["lago_id"],
        record["fingerprint"],
        record["number"],
        record["total"],
    )


@pytest.mark.parametrize(
    ("given", "code"),
    [({"id": "424242"}, "RCRD_DSNT_EXIST"), ({"key": "lago:inv:8", "lago_id": "8"}, "LAGO_LINKED_ELSEWHERE")],
    ids=["no such record", "another document's record"],
)
def test_what_cannot_be_adopted_says_why(service: Service, given: Json, code: str) -> None:
    """Neither a missing record nor another document's is taken over."""
    created = service.push_one(invoice("1"))
    sent = {"key": "lago:inv:1", "lago_id": "1", "type": "invoice", "action": "adopt", "id": created["id"]}
    outcome = service.push_one(sent | given)

    assert code == outcome["error"]["code"]


def test_what_is_there_is_found_without_a_look_at_every_document(service: Service) -> None:
    """The cost of a push does not grow with the books: key, Lago id and number each have an index."""
    seen: list[str] = []
    connection = service.account.connection
    connection.set_trace_callback(seen.append)
    service.push(invoice(), customer("new"))
    connection.set_trace_callback(None)

    queries = [sql for sql in seen if sql.strip().startswith(("SELECT t.id", "SELECT c.id"))]
    plans = [row[3] for sql in queries for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
    assert 4 == len(queries)
    assert [] == [step for step in plans if step.startswith("SCAN")]
