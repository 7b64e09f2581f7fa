"""Calendar dates are calendar dates, wherever the process runs."""

import time
from collections.abc import Iterator

import pytest

from tests.restlet.service import Service, invoice, item_line
from tests.restlet.test_bare import bare_invoice, posted


@pytest.fixture(params=["America/Los_Angeles", "Pacific/Kiritimati", "UTC"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A time zone of the process."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


@pytest.mark.parametrize("date", ["2026-01-01", "2026-03-08", "2026-10-25", "2026-12-31", "2024-02-29"])
def test_dates_do_not_shift(zone: str, service: Service, date: str) -> None:
    """A44: neither on the body, nor on a line, nor when they are read back and listed."""
    line = item_line("100.00", custcol_service_period_date_from=date, custcol_service_period_date_to=date)
    outcome = service.push_one(invoice("1", line, columns={"trandate": "2026-08-01", "duedate": date}))

    assert "created" == outcome["outcome"], outcome["error"]
    [record] = service.account.records("invoice")
    assert ("2026-08-01", date) == (record["trandate"], record["duedate"])
    assert date == record["lines"][0]["custcol_service_period_date_from"]
    assert "2026-08-01" == outcome["record"]["date"]
    [listed] = service.call("list", type="invoice", since="2026-08-01", until="2026-08-01")["rows"]
    assert outcome["record"] == listed


def test_the_scripts_clock_is_the_hosts(zone: str, service: Service) -> None:
    """In UTC, as the contract says."""
    assert "2026-08-20T15:00:00.000Z" == service.call("ping")["time"]


def test_dates_of_a_bare_document_do_not_shift(zone: str, service: Service) -> None:
    """M/D/YYYY without zeros, as Lago's own connection writes it."""
    posted(service, bare_invoice())

    [record] = service.account.records("invoice")
    assert ("2026-08-01", "2026-08-31") == (record["trandate"], record["duedate"])
    first = record["lines"][0]
    assert ("2026-07-01", "2026-07-31") == (
        first["custcol_service_period_date_from"],
        first["custcol_service_period_date_to"],
    )
