"""The trial of repeated keys, as its caller sees it: where it is allowed, what it makes, what it deletes."""

import pytest

from lago_ns_cli.simulator.netsuite.switches import Switches
from tests.restlet.service import Json, Service

KEY = "lago:probe:customer"


@pytest.fixture
def allowed(service: Service) -> Service:
    """A role that may delete customers and invoices."""
    for permission in ("LIST_CUSTJOB", "TRAN_CUSTINVC"):
        service.account.setup.set_permission("1001", permission, "FULL")
    return service


def customer(name: str, key: str = KEY, **more: object) -> Json:
    columns = {"isperson": "F", "companyname": name, "subsidiary": "2", "currency": "1"}
    return {"type": "customer", "action": "create", "key": key, "columns": columns, **more}


def make(*documents: Json) -> Json:
    return {"contract": 1, "operation": "probe", "step": "make", "documents": list(documents)}


def probed(service: Service) -> list[str]:
    return [row["id"] for row in service.account.records("customer") if row["externalid"] == KEY]


def test_the_second_record_is_refused_and_the_first_is_there(allowed: Service) -> None:
    """NetSuite's own code is told."""
    answer = allowed.call("probe", step="make", documents=[customer("one"), customer("two")])

    assert (None, {"code": "DUP_RCRD", "message": "This record already exists"}) == (
        answer["second"],
        answer["error"],
    )
    assert [answer["first"]] == probed(allowed)


def test_both_are_there_where_keys_repeat(allowed: Service) -> None:
    """And both are deleted by their key."""
    allowed.account.switches = Switches(externalid_unique=False)

    answer = allowed.call("probe", step="make", documents=[customer("one"), customer("two")])
    both = probed(allowed)
    cleaned = allowed.call("probe", step="clean", keys={"customer": KEY})

    assert [answer["first"], answer["second"]] == both == cleaned["deleted"]
    assert [] == probed(allowed)


@pytest.mark.parametrize(
    "documents",
    [
        pytest.param([customer("one")], id="one alone"),
        pytest.param([customer("one"), customer("two", key="lago:probe:other")], id="two keys"),
        pytest.param(
            [customer("one", key="lago:cus:1"), customer("two", key="lago:cus:1")], id="a document's key"
        ),
        pytest.param([customer("one", type="creditmemo")] * 2, id="another type"),
        pytest.param([customer("one", action="update", id="98765")] * 2, id="another action"),
    ],
)
def test_nothing_but_a_trial_is_made(allowed: Service, documents: list[Json]) -> None:
    """Refused before anything is saved."""
    before = allowed.account.records("customer")

    assert "LAGO_PROBE_NOT_ALLOWED" == allowed.failure(make(*documents)).name
    assert before == allowed.account.records("customer")


def test_a_role_that_cannot_delete_is_refused_either_step(service: Service) -> None:
    """It could not take its records away."""
    for body in (
        make(customer("one"), customer("two")),
        {**make(), "step": "clean", "keys": {"customer": KEY}},
    ):
        failure = service.failure(body)
        assert "LAGO_PROBE_NOT_ALLOWED" == failure.name
        assert "Transactions > Invoice (Full) and Lists > Customers (Full)" in failure.message


def test_production_is_refused(allowed: Service) -> None:
    """Whatever the role may do."""
    allowed.account.account_id = "1234567"

    assert "sandbox only" in allowed.failure(make(customer("one"), customer("two"))).message


def test_another_step_is_no_request(allowed: Service) -> None:
    """The contract knows two."""
    assert "LAGO_BAD_REQUEST" == allowed.failure({"contract": 1, "operation": "probe", "step": "burn"}).name
