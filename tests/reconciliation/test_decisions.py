"""What people decide about differences: adopt, restore, ignore; and what becomes of it at the next comparison."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.mapping import IgnoreRow
from lago_ns_cli.domain.reconciliation.findings import Verdict
from lago_ns_cli.errors import ConfigError
from tests.reconciliation.comparing import Compared
from tests.reconciliation.garden import Garden, Planted

LINE = {"line": 0, "amount": "40.00", "rate": "40.00"}
Harm = Callable[[Garden, Planted], None]


@pytest.fixture
def garden(tmp_path: Path) -> Garden:
    return Garden(tmp_path, invoices=0, customers=4)


def amount(garden: Garden, planted: Planted) -> None:
    """Somebody edits a line."""
    garden.edit(planted, item=[LINE])


def day(garden: Garden, planted: Planted) -> None:
    """Somebody sets another date, of the same month."""
    garden.edit(planted, {"trandate": "2026-08-05"})


def number(garden: Garden, planted: Planted) -> None:
    """Somebody gives the record another number."""
    garden.edit(planted, {"tranid": "RENAMED-1"})


def fingerprint(garden: Garden, planted: Planted) -> None:
    """Somebody writes our field."""
    garden.edit(planted, {"custbody_lago_fingerprint": "0" * 64})


def deleted(garden: Garden, planted: Planted) -> None:
    """Somebody deletes the record."""
    garden.person("delete_record", type=planted.type, key=planted.key)


def voided(garden: Garden, planted: Planted) -> None:
    """Somebody voids it."""
    garden.person("void_record", type=planted.type, key=planted.key)


HARMS = {
    "amount": amount,
    "date": day,
    "number": number,
    "fingerprint": fingerprint,
    "missing_in_netsuite": deleted,
    "voided_in_netsuite": voided,
}


def harmed(garden: Garden, what: str) -> tuple[Planted, Compared]:
    """Post an invoice, let somebody change it, compare."""
    invoice = garden.bill()
    garden.carry()
    garden.wait()
    HARMS[what](garden, invoice)
    return invoice, garden.compare()


def entry(garden: Garden, planted: Planted) -> Entry:
    with garden.open_ledger() as ledger:
        [found] = ledger.entries_named([planted.lago_id])
    return found


def saves(garden: Garden) -> list[tuple[object, ...]]:
    """Every record of NetSuite's with its version."""
    return sorted(
        garden.simulator.parts.account.store.rows('SELECT id, lastmodifieddate, tranid FROM "transaction"')
    )


@pytest.mark.parametrize("verdict", ["adopt", "ignore"])
@pytest.mark.parametrize("what", HARMS)
def test_what_is_adopted_or_ignored_is_explained_and_never_written(
    garden: Garden, what: str, verdict: str
) -> None:
    """The difference stays in the tie-out, under the decision, and no sync touches the record."""
    _, found = harmed(garden, what)
    before, after_harm = found.one(what), saves(garden)
    garden.decide(verdict, before.id)
    again = garden.compare()
    garden.wait()
    garden.carry()
    garden.compare(queue_missing=True)
    garden.carry()

    assert [] == again.names
    assert 0 == again.told.needs_attention
    assert after_harm == saves(garden)
    decided = [(one.what.value, one.decision.name) for one in again.findings if one.decision is not None]
    if (what, verdict) != ("fingerprint", "adopt"):  # what stands there is now the ledger's own
        assert [(what, "decision 1")] == decided
    differing = [line for line in again.told.tie_out if line.difference]
    assert bool(before.effects) == bool(differing)
    assert all(line.by_decision == {"decision 1": line.difference} for line in differing)


@pytest.mark.parametrize("verdict", ["adopt", "ignore"])
def test_a_further_change_opens_the_finding_again(garden: Garden, verdict: str) -> None:
    """A decision is about the figures that somebody looked at; the new finding tells of it."""
    invoice, found = harmed(garden, "amount")
    garden.decide(verdict, found.one("amount").id)
    garden.edit(invoice, item=[{**LINE, "amount": "41.00", "rate": "41.00"}])
    again = garden.compare()

    assert [("amount", invoice.number)] == again.names
    assert f"Decision 1 ({verdict}) was about" in again.one("amount").cause


@pytest.mark.parametrize("what", ["amount", "date", "number", "fingerprint", "missing_in_netsuite"])
def test_a_restoration_really_mends_the_record(garden: Garden, what: str) -> None:
    """Lago's figures are in NetSuite again, under the same key, and both sides agree."""
    invoice, found = harmed(garden, what)
    one = found.one(what)
    garden.decide("restore", one.id)
    waiting, queued = entry(garden, invoice), garden.compare()
    garden.carry()
    mended = garden.compare()

    assert (State.PENDING, "restore_decided") == (waiting.state, waiting.code)
    assert [] == queued.names
    assert ([], State.POSTED) == (mended.names, entry(garden, invoice).state)
    assert all(not line.difference for line in mended.told.tie_out)
    assert 1 == sum(row["externalid"] == invoice.key for row in garden.records("invoice"))
    garden.carry()
    assert [] == garden.compare().names


def test_lines_that_were_added_taken_away_and_moved_come_back(garden: Garden) -> None:
    """The record's lines and tax rows are those of the document, and what stayed keeps its identity."""
    invoice = garden.bill()
    garden.carry()
    record, store = garden.record(invoice)["id"], garden.simulator.parts.account.store
    query = (
        "SELECT custcol_lago_line_id, item, foreignamount, uniquekey FROM transactionline "
        f"WHERE \"transaction\" = {record} AND mainline = 'F' AND taxline = 'F' ORDER BY 1, 2, 3"
    )
    before = store.rows(query)
    extra = {"item": "481", "quantity": "1", "price": "-1", "rate": "7.00", "amount": "7.00"}
    garden.edit(invoice, item=[LINE, {"line": len(before), **extra}])
    found = garden.compare()
    garden.follow(found)
    after = store.rows(query)

    assert ["amount"] == [one.what for one in found.open]
    assert [row[:3] for row in before] == [row[:3] for row in after]
    ours = {row[0] for row in before if row[0]}
    assert ours
    assert {row for row in before if row[0]} == {row for row in after if row[0]}
    assert [] == garden.compare().names


def test_memos_and_payments_are_restored_with_their_applications(garden: Garden) -> None:
    """A payment gets its amount and its invoice back; a memo its lines."""
    invoice = garden.bill()
    payment, note = garden.pay(invoice), garden.credit(invoice)
    garden.carry()
    garden.edit(payment, {"payment": "60.00"}, apply=[])
    garden.edit(note, item=[{"line": 0, "amount": "12.00", "rate": "12.00"}])
    found = garden.compare()
    garden.follow(found)

    assert {("applied", payment.number), ("amount", payment.number), ("amount", note.number)} <= set(
        found.names
    )
    assert [] == garden.compare().names


def test_a_restoration_that_netsuite_refuses_says_why(garden: Garden) -> None:
    """The entry is held with NetSuite's own words, and the finding is open again with them."""
    invoice, found = harmed(garden, "amount")
    garden.person("close_period", date="2026-08-01")
    garden.decide("restore", found.one("amount").id)
    garden.carry()
    held, again = entry(garden, invoice), garden.compare()
    garden.person("open_period", date="2026-08-01")
    garden.decide("restore", again.one("amount").id)
    garden.carry()

    assert State.HELD is held.state
    assert held.reason is not None
    assert "Decision 1 (restore) could not be carried out" in again.one("amount").cause
    assert held.reason.rstrip(".") in again.one("amount").cause
    assert [] == garden.compare().names


@pytest.mark.parametrize(
    ("plant", "what", "why"),
    [
        ("voided", "voided_in_netsuite", "does not take a void back"),
        ("subsidiary", "subsidiary", "another subsidiary"),
    ],
)
def test_what_cannot_be_restored_says_what_to_do_by_hand(
    garden: Garden, plant: str, what: str, why: str
) -> None:
    """Nothing is queued that NetSuite would refuse anyway."""
    invoice = garden.bill()
    garden.carry()
    if plant == "voided":
        voided(garden, invoice)
    else:
        garden.mappings = replace(
            garden.mappings,
            subsidiaries=tuple(replace(row, subsidiary="4") for row in garden.mappings.subsidiaries),
            defaults=replace(garden.mappings.defaults, subsidiary="4"),
        )
    found = next(one for one in garden.compare().open if one.what == what and one.number == invoice.number)

    assert Verdict.RESTORE not in found.verdicts
    with pytest.raises(ConfigError) as refused:
        garden.decide("restore", found.id)
    assert why in refused.value.problems[0]
    assert "delete" in refused.value.problems[0]
    assert State.POSTED is entry(garden, invoice).state


def test_a_memo_that_somebody_writes_is_no_difference(garden: Garden) -> None:
    """Free text is a person's: nothing is found, and nothing is written over it."""
    invoice = garden.bill()
    garden.carry()
    garden.edit(invoice, {"memo": "called them on Monday"})
    garden.carry()

    assert [] == garden.compare().names
    assert "called them on Monday" == garden.record(invoice)["memo"]


def test_adopting_settles_an_entry_that_was_held_over_it(garden: Garden) -> None:
    """What NetSuite has is the agreed state, so that neither status nor sync asks again; undoing asks again."""
    invoice, found = harmed(garden, "amount")
    garden.person("close_period", date="2026-08-01")
    garden.decide("restore", found.one("amount").id)
    garden.carry()
    held = entry(garden, invoice)
    garden.decide("adopt", garden.compare().one("amount").id)
    adopted, agreed = entry(garden, invoice), garden.compare()
    garden.undo(2)
    again = entry(garden, invoice)

    assert (State.HELD, State.POSTED) == (held.state, adopted.state)
    assert [] == agreed.names
    assert (State.HELD, held.code, held.reason) == (again.state, again.code, again.reason)


def test_a_decision_holds_until_its_day(garden: Garden) -> None:
    """Afterwards the finding is back, and says so."""
    _, found = harmed(garden, "amount")
    today = garden.clock.now().date()
    garden.decide("ignore", found.one("amount").id, until=today)
    inside = garden.compare()
    garden.wait(86_400)
    after = garden.compare()

    assert [] == inside.names
    assert ["amount"] == [one.what for one in after.open]
    assert f"Decision 1 (ignore) ran out on {today}" in after.one("amount").cause


def test_an_undone_decision_opens_the_finding(garden: Garden) -> None:
    """A restoration that was not sent yet is taken out of the queue again."""
    invoice, found = harmed(garden, "amount")
    garden.decide("restore", found.one("amount").id)
    garden.undo(1)
    harm = saves(garden)
    garden.carry()

    assert (State.POSTED, harm) == (entry(garden, invoice).state, saves(garden))
    assert ["amount"] == [one.what for one in garden.compare().open]
    with pytest.raises(ConfigError, match="Taken back already"):
        garden.undo(1)


def test_a_merged_customer_is_linked_or_ignored(garden: Garden) -> None:
    """Adopting a merge is a link; ignoring it is a decision."""
    old = garden.customer()
    garden.bill(customer=old)
    garden.carry()
    garden.person("merge_customers", key=f"lago:cus:{old['lago_id']}", into="98765")
    found = garden.compare("customer").one("customer_gone")

    assert (Verdict.IGNORE,) == found.verdicts
    with pytest.raises(ConfigError) as refused:
        garden.decide("adopt", found.id)
    assert "linked" in refused.value.problems[0]
    garden.decide("ignore", found.id)
    assert [] == garden.compare("customer").names


@pytest.mark.parametrize(
    ("rule", "covers"),
    [
        (IgnoreRow(finding="amount", note="x"), True),
        (IgnoreRow(finding="amount", note="x", kind="invoice", billing_entity="hooli"), True),
        (IgnoreRow(finding="amount", note="x", currency="USD", below=Decimal(100)), True),
        (IgnoreRow(finding="amount", note="x", currency="USD", below=Decimal("0.05")), False),
        (IgnoreRow(finding="amount", note="x", currency="EUR", below=Decimal(100)), False),
        (IgnoreRow(finding="amount", note="x", customer="cust_other"), False),
        (IgnoreRow(finding="amount", note="x", until=date(2020, 1, 1)), False),
        (IgnoreRow(finding="date", note="x"), False),
    ],
)
def test_a_rule_covers_what_all_of_its_words_fit(garden: Garden, rule: IgnoreRow, covers: bool) -> None:
    """A row of the mappings is attributed like a decision."""
    _, found = harmed(garden, "amount")
    entity = found.one("amount").entity
    rule = replace(rule, billing_entity=entity if rule.billing_entity else None)
    garden.mappings = replace(garden.mappings, ignore=(rule,))
    again = garden.compare()

    assert covers == (again.names == [])
    assert covers == any(line.by_decision.get("rule 1") for line in again.told.tie_out)


def test_decisions_survive_a_lost_ledger(garden: Garden, tmp_path: Path) -> None:
    """The audit trail has them whole, those that were taken back too, also after retention."""
    _, found = harmed(garden, "amount")
    garden.decide("ignore", found.one("amount").id, note="first")
    garden.undo(1)
    garden.decide("adopt", found.one("amount").id, note="second")
    with garden.open_ledger() as ledger:
        ledger.trail.prune(garden.clock.now(), garden.clock.now())
        header, trail, made = ledger.header(), list(ledger.trail.entries()), ledger.decisions()
    garden.lose_ledger()
    with garden.open_ledger() as ledger:
        ledger.restore(header, trail, garden.clock.now())
        rebuilt = ledger.decisions()

    assert made == rebuilt
    assert [("first", "controller"), ("second", None)] == [(one.note, one.undone_by) for one in rebuilt]
    assert [] == garden.compare().names
