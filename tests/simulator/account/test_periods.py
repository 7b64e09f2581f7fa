"""Closed and locked periods."""

from typing import Any

import pytest

from lago_ns_cli.simulator.netsuite.errors import NetSuiteError
from tests.simulator.account.bench import Bench, make_bench, refusal


def period_id(bench: Bench, name: str) -> str:
    """The id of a period by its name."""
    row = bench.account.store.one("SELECT id FROM accountingperiod WHERE periodname = ?", (name,))
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize(
    ("day", "code", "message"),
    [
        (
            "2024-12-31",
            "VALID_PRD_REQD",
            "The transaction date 2024-12-31 is not in an open posting period: Dec 2024.",
        ),
        (
            "2025-01-15",
            "VALID_PRD_REQD",
            "The transaction date 2025-01-15 is not in an open posting period: Jan 2025.",
        ),
        (
            "2028-01-01",
            "VALID_PRD_REQD",
            "Please set up an accounting period that contains the date 2028-01-01.",
        ),
    ],
)
def test_date_without_open_period_is_refused(bench: Bench, day: str, code: str, message: str) -> None:
    """Closed, locked for receivables, and not set up at all."""
    assert (code, message) == refusal(bench, bench.sale(trandate=day))


def test_chosen_period_keeps_the_date(bench: Bench) -> None:
    """A document dated in a closed month may be posted to an open one."""
    chosen = period_id(bench, "Aug 2026")

    posted = bench.record("invoice", bench.post_sale(trandate="2024-12-31", postingperiod=chosen))

    assert ("2024-12-31", chosen) == (posted["trandate"], posted["postingperiod"])


def test_chosen_period_is_refused_where_it_is_closed_or_no_period(bench: Bench) -> None:
    """A closed one by its code, an unknown one and a quarter as bad references."""
    assert "TRAN_PERIOD_CLOSED" == refusal(bench, bench.sale(postingperiod=period_id(bench, "Dec 2024")))[0]
    assert "INVALID_KEY_OR_REF" == refusal(bench, bench.sale(postingperiod="9999"))[0]
    assert "INVALID_KEY_OR_REF" == refusal(bench, bench.sale(postingperiod=period_id(bench, "Q3 2026")))[0]


def test_preference_can_tie_period_to_date() -> None:
    """Where the preference forbids it, another period than the date's is a mismatch."""
    bench = make_bench(date_outside_period=False)
    draft = bench.sale(postingperiod=period_id(bench, "Sep 2026"))

    assert "DATE_PRD_MISMATCH" == refusal(bench, draft)[0]


def test_account_may_move_a_document_without_a_word() -> None:
    """With that switch the next open period is taken and the date kept."""
    bench = make_bench(closed_period_moves=True)

    posted = bench.record("invoice", bench.post_sale(trandate="2024-12-31"))

    assert ("2024-12-31", period_id(bench, "Feb 2025")) == (posted["trandate"], posted["postingperiod"])


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"trandate": "2026-09-01"}, "TRAN_PERIOD_CLOSED"),
        ({"department": "1"}, "TRAN_PERIOD_CLOSED"),
        ({"memo": "x"}, "TRANS_EDIT_DISALLWD"),
    ],
)
def test_edits_in_a_period_that_closed_meanwhile_are_refused(
    bench: Bench, values: dict[str, Any], code: str
) -> None:
    """What the general ledger would see, and what it would not."""
    invoice = bench.post_sale()
    bench.account.administrator.close_period("Aug 2026")
    draft = bench.load("invoice", invoice)
    bench.set(draft, **values)

    with pytest.raises(NetSuiteError, match=code):
        bench.save(draft)
    with pytest.raises(NetSuiteError, match="TRANS_EDIT_DISALLWD"):
        bench.account.submit_fields("invoice", invoice, {"memo": "x"}, bench.role)


def test_person_may_edit_what_the_ledger_does_not_see(bench: Bench) -> None:
    """An administrator changes a memo in a closed period, and opens it again for the rest."""
    invoice = bench.post_sale()
    bench.account.administrator.close_period("Aug 2026")

    bench.account.administrator.edit_record("invoice", invoice, {"memo": "x"})
    bench.account.administrator.open_period("Aug 2026")

    assert "x" == bench.record("invoice", invoice)["memo"]
    bench.post_sale()


def test_closed_documents_are_neither_voided_nor_deleted(bench: Bench) -> None:
    """Both would change the books of a closed month."""
    invoice = bench.post_sale()
    bench.account.administrator.close_period("Aug 2026")

    with pytest.raises(NetSuiteError, match="TRAN_PERIOD_CLOSED"):
        bench.account.void("invoice", invoice, bench.role)
    with pytest.raises(NetSuiteError, match="TRAN_PERIOD_CLOSED"):
        bench.account.administrator.delete("invoice", invoice)


def test_applying_is_possible_after_the_close(bench: Bench) -> None:
    """Applying a memo moves nothing in the general ledger."""
    invoice, memo = bench.post_sale(), bench.post_sale("creditmemo")
    bench.account.administrator.close_period("Aug 2026")
    draft = bench.load("creditmemo", memo)
    bench.tick(draft, invoice, "100")

    bench.save(draft)

    assert "paidInFull" == bench.record("invoice", invoice)["statusref"]


def test_lock_for_receivables_refuses_new_documents(bench: Bench) -> None:
    """A locked period is closed for the integration and open for who may override."""
    bench.account.administrator.lock_receivables("Aug 2026")

    assert "VALID_PRD_REQD" == refusal(bench, bench.sale())[0]
    Bench(bench.account, bench.account.roles["3"]).post_sale()
