"""Ids, external ids, numbers, versions and what changes them."""

from pathlib import Path

import pytest

from lago_ns_cli.simulator.netsuite.errors import NetSuiteError
from tests.simulator.account.bench import CUSTOMER, Bench, make_bench, refusal


def test_external_id_is_unique_in_its_group_whatever_its_case(bench: Bench) -> None:
    """All transactions share one space, customers another; a record may keep its own."""
    invoice = bench.post_sale(externalid="lago:inv:A")
    bench.post_customer(externalid="lago:inv:a")

    for draft in (
        bench.sale(externalid="LAGO:INV:a"),
        bench.sale("creditmemo", externalid="lago:inv:A"),
        bench.payment("1", externalid="lago:inv:A"),
    ):
        assert ("DUP_RCRD", "This record already exists") == refusal(bench, draft)
    again = bench.load("invoice", invoice)
    assert invoice == bench.save(again)


def test_external_ids_may_repeat_where_the_switch_says_so() -> None:
    """Then two records carry the same key."""
    bench = make_bench(externalid_unique=False)
    bench.post_sale(externalid="lago:inv:A")
    bench.post_sale(externalid="lago:inv:A")

    assert ["lago:inv:A"] * 2 == [record["externalid"] for record in bench.account.records("invoice")]


@pytest.mark.parametrize("code", ["UNIQUE_RCRD_ID_REQD", "DUP_ENTITY"])
def test_code_of_a_repeated_external_id_follows_the_switch(code: str) -> None:
    """Which code NetSuite uses is not settled."""
    bench = make_bench(externalid_error=code)
    bench.post_sale(externalid="k")

    assert code == refusal(bench, bench.sale(externalid="k"))[0]


def test_document_number_may_repeat_and_is_given_where_missing(bench: Bench) -> None:
    """``tranid`` is no key: two invoices may have the same."""
    ids = [bench.post_sale(tranid=number) for number in ("ACM-1", "ACM-1", None, None)]

    numbers = [bench.record("invoice", record)["tranid"] for record in ids]
    assert ["ACM-1", "ACM-1", "INV1001", "INV1002"] == numbers


def test_document_number_is_ignored_where_it_may_not_be_overridden() -> None:
    """Auto-numbering without override takes the next number."""
    bench = make_bench(tranid_override=False)

    assert "INV1001" == bench.record("invoice", bench.post_sale(tranid="ACM-1"))["tranid"]


def test_internal_ids_are_never_used_again(bench: Bench) -> None:
    """Transactions share one row of ids, customers have their own; a deleted one stays unused."""
    invoice, memo = bench.post_sale(), bench.post_sale("creditmemo")
    bench.account.administrator.delete("creditmemo", memo)
    payment = bench.save(bench.payment("1"))

    assert ["200001", "200002", "200003"] == [invoice, memo, payment]
    assert "200001" == bench.post_customer()


@pytest.mark.parametrize(
    ("record_type", "record_id", "code"),
    [
        ("invoice", "999999", "RCRD_DSNT_EXIST"),
        ("invoice", "abc", "RCRD_DSNT_EXIST"),
        ("invoice", "9" * 40, "RCRD_DSNT_EXIST"),
        ("creditmemo", "200001", "SSS_RECORD_TYPE_MISMATCH"),
        ("salesorder", "200001", "INVALID_RCRD_TYPE"),
    ],
)
def test_load_of_what_is_not_there_is_refused(
    bench: Bench, record_type: str, record_id: str, code: str
) -> None:
    """Unknown ids, ids of another type, and types the account lacks."""
    bench.post_sale()

    with pytest.raises(NetSuiteError, match=code):
        bench.load(record_type, record_id)


def test_record_changed_by_others_meanwhile_is_refused(bench: Bench) -> None:
    """The second of two saves of the same version loses; after a reload it wins."""
    invoice = bench.post_sale()
    stale = bench.load("invoice", invoice)
    bench.account.administrator.edit_record("invoice", invoice, {"memo": "by hand"})

    with pytest.raises(NetSuiteError, match="RCRD_HAS_BEEN_CHANGED: Record has been changed"):
        bench.save(stale)
    bench.save(bench.load("invoice", invoice))


def test_record_deleted_by_others_meanwhile_is_refused(bench: Bench) -> None:
    """A save after a deletion finds nothing."""
    invoice = bench.post_sale()
    stale = bench.load("invoice", invoice)
    bench.account.administrator.delete("invoice", invoice)

    with pytest.raises(NetSuiteError, match="RCRD_DSNT_EXIST"):
        bench.save(stale)


def test_submitted_fields_change_the_row_and_the_version(bench: Bench) -> None:
    """Single fields are set without totals; amounts cannot be set so, and keys stay unique."""
    first, second = bench.post_sale(externalid="a"), bench.post_sale()
    stale = bench.load("invoice", second)

    bench.account.submit_fields("invoice", second, {"custbody_lago_id": "id-2", "memo": "x"}, bench.role)

    row = bench.account.connection.execute(
        'SELECT custbody_lago_id, memo FROM "transaction" WHERE id = ?', (second,)
    ).fetchone()
    assert ("id-2", "x") == row
    with pytest.raises(NetSuiteError, match="RCRD_HAS_BEEN_CHANGED"):
        bench.save(stale)
    with pytest.raises(NetSuiteError, match="INSUFFICIENT_FLD_PERMISSION"):
        bench.account.submit_fields("invoice", first, {"trandate": "2026-08-02"}, bench.role)
    with pytest.raises(NetSuiteError, match="DUP_RCRD"):
        bench.account.submit_fields("invoice", second, {"externalid": "A"}, bench.role)


def test_custom_record_has_ids_of_its_own(bench: Bench) -> None:
    """Lago objects are stored beside, each once by its external id."""
    draft = bench.new(
        "customrecord_lago_object", name="Pro", externalid="plan:pro", custrecord_lago_object_code="pro"
    )

    record_id = bench.save(draft)

    described = bench.record("customrecord_lago_object", record_id)
    assert ("Pro", "pro") == (described["name"], described["custrecord_lago_object_code"])
    assert "DUP_RCRD" == refusal(bench, bench.new("customrecord_lago_object", externalid="PLAN:pro"))[0]


def test_account_outlives_a_restart(tmp_path: Path) -> None:
    """Records, links, closed periods and used ids are in the state file."""
    state = tmp_path / "account.sqlite"
    bench = make_bench(state=state)
    invoice = bench.post_sale()
    draft = bench.payment("40")
    bench.tick(draft, invoice)
    bench.save(draft)
    bench.account.administrator.close_period("Jul 2026")
    before = {kind: bench.account.records(kind) for kind in ("customer", "invoice", "customerpayment")}
    bench.account.close()

    reopened = make_bench(state=state)

    assert before == {kind: reopened.account.records(kind) for kind in before}
    assert "VALID_PRD_REQD" == refusal(reopened, reopened.sale(trandate="2026-07-31"))[0]
    assert "200003" == reopened.post_sale()
    reopened.account.close()
    with pytest.raises(ValueError, match="uses the suitetax tax regime"):
        make_bench("legacy", state=state)


def test_failed_save_leaves_no_trace(bench: Bench) -> None:
    """A payment that is refused at its last check has written nothing."""
    invoice = bench.post_sale()
    draft = bench.payment("10", trandate="2024-01-01")
    bench.tick(draft, invoice)

    refusal(bench, draft)

    links = bench.account.connection.execute("SELECT COUNT(*) FROM previoustransactionlinelink").fetchone()
    assert (0,) == links


def test_merge_moves_everything_and_removes_the_duplicate(bench: Bench) -> None:
    """Documents follow to the kept customer, with its new currencies; the other id is gone."""
    duplicate = bench.post_customer(currency="4")
    invoice = bench.post_sale(entity=duplicate)

    bench.account.administrator.merge_customers(duplicate, CUSTOMER)

    assert CUSTOMER == bench.record("invoice", invoice)["entity"]
    assert [invoice] == [line["doc"] for line in bench.payment("1", currency="4").lines("apply")]
    with pytest.raises(NetSuiteError, match="RCRD_DSNT_EXIST"):
        bench.load("customer", duplicate)


@pytest.mark.parametrize(
    ("record_type", "record_id"), [("customer", CUSTOMER), ("item", "500"), ("term", "3")]
)
def test_deactivated_records_are_refused_as_references(
    bench: Bench, record_type: str, record_id: str
) -> None:
    """A person makes a record inactive; the next document is refused, and accepted after a change of mind."""
    bench.account.administrator.deactivate(record_type, record_id)
    draft = bench.sale()
    bench.set(draft, terms="3")

    assert "INVALID_KEY_OR_REF" == refusal(bench, draft)[0]
    bench.account.administrator.activate(record_type, record_id)
    bench.save(draft)


def test_precision_can_change(bench: Bench) -> None:
    """An account that keeps whole dollars refuses cents."""
    bench.account.administrator.set_precision("USD", 0)

    assert "TRANS_UNBALNCD" == refusal(bench, bench.sale(lines=[{"item": "500", "amount": "1.50"}]))[0]
    with pytest.raises(ValueError, match="XXX"):
        bench.account.administrator.set_precision("XXX", 0)
