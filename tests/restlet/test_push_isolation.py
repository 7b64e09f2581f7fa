"""Documents do not disturb each other, and a call ends before its units or its time do."""

from lago_ns_cli.simulator.netsuite.script_host import ScriptHost
from tests.restlet.service import Clock, Service, customer, invoice, payment


def test_a_document_that_fails_does_not_stop_the_next(service: Service) -> None:
    """Answers come in the order of the documents."""
    outcomes = service.push(invoice("1"), invoice("2", columns={"currency": "99"}), invoice("3"))

    assert ["created", "rejected", "created"] == [outcome["outcome"] for outcome in outcomes]
    assert ["lago:inv:1", "lago:inv:2", "lago:inv:3"] == [outcome["key"] for outcome in outcomes]


def test_what_refers_to_a_failed_document_is_not_attempted(service: Service) -> None:
    """Children of a failed parent name it."""
    outcomes = service.push(
        customer("bad", columns={"subsidiary": "99"}),
        invoice("1", columns={"entity": {"key": "lago:cus:bad"}}),
        payment("1", apply=[{"key": "lago:inv:1", "amount": "1.00"}]),
    )

    assert ["rejected", "not_attempted", "not_attempted"] == [outcome["outcome"] for outcome in outcomes]
    assert "lago:cus:bad was rejected" in outcomes[1]["error"]["message"]


def test_what_is_no_document_at_all_is_rejected_in_its_place(service: Service) -> None:
    """Rubbish in a batch costs its own place only."""
    outcomes = service.call("push", documents=[None, 7, [], {}, invoice()])["documents"]

    assert ["rejected"] * 4 + ["created"] == [outcome["outcome"] for outcome in outcomes]


def test_the_units_of_each_document_are_stated(service: Service) -> None:
    """A plain invoice takes look-up 10, create 10, save 20 and read-back 10."""
    answer = service.call("push", documents=[invoice("1"), invoice("2")])

    assert [50, 50] == [outcome["units"] for outcome in answer["documents"]]
    assert 4900 == answer["remaining_units"]


def test_a_call_stops_before_its_units_run_out(service: Service) -> None:
    """The rest is handed back unattempted; NetSuite never has to kill the script."""
    documents = [invoice(str(number)) for number in range(110)]
    outcomes = service.push(*documents)

    kinds = [outcome["outcome"] for outcome in outcomes]
    done = kinds.count("created")
    assert ["created"] * done + ["not_attempted"] * (110 - done) == kinds
    assert 90 < done < 100
    assert done == len(service.account.records("invoice"))
    assert "LAGO_OUT_OF_BUDGET" == outcomes[-1]["error"]["code"]


def test_a_call_stops_before_its_time_runs_out(service: Service, clock: Clock) -> None:
    """With 3 s a record and 10 s in all, three records fit."""
    slow = Service(service.account, ScriptHost(service.account, now=clock, cost_ms_per_record=3000))
    outcomes = slow.push(*(invoice(str(number)) for number in range(5)), deadline_seconds=10)

    assert ["created"] * 3 + ["not_attempted"] * 2 == [outcome["outcome"] for outcome in outcomes]
    assert 9000 == slow.answers[-1].elapsed_ms
