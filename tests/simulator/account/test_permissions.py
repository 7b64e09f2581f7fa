"""What roles may do."""

import pytest

from lago_ns_cli.simulator.netsuite.errors import NetSuiteError
from lago_ns_cli.simulator.netsuite.permissions import INTEGRATION, LIMITED
from lago_ns_cli.simulator.netsuite.project_objects import project_role
from tests.simulator.account.bench import LINE, Bench


@pytest.fixture
def limited(bench: Bench) -> Bench:
    """The same account in the role that lacks permissions."""
    return Bench(bench.account, LIMITED)


def test_integration_role_is_that_of_the_project() -> None:
    """The account's role is read from the SDF project, so a permission missing there is missing here."""
    assert project_role().permissions == dict(INTEGRATION.permissions)
    assert "EDIT" == INTEGRATION.permissions["TRAN_CUSTINVC"]


def test_posting_period_is_chosen_by_permission(bench: Bench, limited: Bench) -> None:
    """Who may not choose periods posts into that of the date."""
    draft = limited.new("invoice", entity="98765", postingperiod="172")
    limited.add_line(draft, "item", LINE)

    with pytest.raises(NetSuiteError, match="INSUFFICIENT_FLD_PERMISSION"):
        limited.save(draft)
    assert "172" == bench.record("invoice", bench.post_sale(postingperiod="172"))["postingperiod"]


@pytest.mark.parametrize(
    ("record_type", "label"),
    [
        ("creditmemo", "Transactions -> Credit Memo"),
        ("customerpayment", "Transactions -> Customer Payment"),
        ("customer", "Lists -> Customers"),
        ("customrecord_lago_object", "Lists -> Custom Record Entries"),
    ],
)
def test_record_cannot_be_made_without_permission(limited: Bench, record_type: str, label: str) -> None:
    """The refusal names the permission as the role page shows it."""
    with pytest.raises(NetSuiteError) as refused:
        limited.new(record_type)

    assert "INSUFFICIENT_PERMISSION" == refused.value.name
    assert f"'{label}'" in refused.value.message


def test_create_is_not_edit_and_edit_is_not_full(bench: Bench, limited: Bench) -> None:
    """Levels build on each other; none is implied by a lower one."""
    draft = limited.new("invoice", entity="98765")
    limited.add_line(draft, "item", LINE)
    invoice = limited.save(draft)
    customer = bench.load("customer", "98765")

    with pytest.raises(NetSuiteError, match="INSUFFICIENT_PERMISSION"):
        limited.save(limited.load("invoice", invoice))
    with pytest.raises(NetSuiteError, match="INSUFFICIENT_PERMISSION"):
        limited.save(customer)
    with pytest.raises(NetSuiteError, match="INSUFFICIENT_PERMISSION"):
        bench.account.delete("invoice", invoice, bench.role)


@pytest.mark.parametrize("field", ["taxdetailsoverride", "taxregoverride"])
def test_tax_details_tab_guards_the_override(limited: Bench, field: str) -> None:
    """Without the tab the override cannot be set."""
    draft = limited.new("invoice", entity="98765", nexus="1", **{field: True})
    limited.add_line(draft, "item", LINE)

    with pytest.raises(NetSuiteError) as refused:
        limited.save(draft)

    assert "INSUFFICIENT_FLD_PERMISSION" == refused.value.name
    assert field in refused.value.message


def test_file_cabinet_needs_its_permission(bench: Bench, limited: Bench) -> None:
    """Saving the same name again overwrites; the other role may do neither."""
    first = bench.account.save_file("a.json", "-15", "{}", bench.role)
    second = bench.account.save_file("a.json", "-15", '{"b": 1}', bench.role)

    assert first == second
    assert '{"b": 1}' == bench.account.load_file("SuiteScripts/a.json", bench.role)
    with pytest.raises(NetSuiteError, match="INVALID_KEY_OR_REF"):
        bench.account.save_file("a.json", "404", "{}", bench.role)
    with pytest.raises(NetSuiteError, match="INSUFFICIENT_PERMISSION"):
        limited.account.save_file("a.json", "-15", "{}", limited.role)
    with pytest.raises(NetSuiteError, match="RCRD_DSNT_EXIST"):
        bench.account.load_file("SuiteScripts/none.json", bench.role)
