"""What the ledger keeps, what it refuses, and what it says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from lago_ns_cli.domain.attempts import Attempt, Entry, Fact, OutcomeKind, State
from lago_ns_cli.domain.catalog import Catalog, compare_catalogs
from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId
from lago_ns_cli.domain.run_record import RunEnd, RunRecord
from lago_ns_cli.errors import ConfigError, LedgerError
from lago_ns_cli.ledger.attempt_rows import AttemptContent
from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.workflows.ports import Ledger
from tests.adapters.ledger.builders import AT, LATER, accepted, change, hold, intent, lost, refused, subject

KEY = Key("lago:inv:1")


def entry(ledger: SqlLedger, key: Key = KEY) -> Entry:
    return ledger.entries([key])[key]


def test_it_is_the_ledger_that_workflows_ask_for(ledger: SqlLedger) -> None:
    """The type checker holds every signature."""
    as_asked: Ledger = ledger

    assert {} == as_asked.counts()


def test_an_intent_is_kept_before_the_call_leaves(ledger: SqlLedger, url: str) -> None:
    """Another process sees it, so a crash leaves a question and not a gap."""
    ledger.record_intents([intent()], AT)

    with SqlLedger(url, profile="default", account="1234567_SB1") as other:
        assert entry(other).state is State.SENDING
        assert [Attempt(KEY, 1, "create", "f1", AT, None, None, None, None)] == other.attempts(KEY)


def test_an_entry_comes_back_as_it_went_in(ledger: SqlLedger) -> None:
    """Every column, with dates as dates and times in UTC."""
    ledger.record_intents([intent()], AT)
    ledger.record_outcomes([accepted()], LATER)

    meant = subject()
    expected = Entry(
        key=meant.key,
        kind=meant.kind,
        lago_id=meant.lago_id,
        number=meant.number,
        customer_id=meant.customer_id,
        state=State.POSTED,
        record_type="invoice",
        netsuite_id=InternalId("501"),
        fingerprint="f1",
        amount="110.38",
        currency="USD",
        document_date=meant.document_date,
        lago_updated_at=AT,
        created_at=AT,
        updated_at=LATER,
    )
    assert expected == entry(ledger)
    assert {KEY: "501"} == ledger.links([KEY, Key("lago:inv:unknown")])


def test_what_was_sent_and_answered_is_kept_exactly(ledger: SqlLedger) -> None:
    """The original keeps its bytes, numbers keep their digits, broken text survives."""
    answer = {"id": "501", "units": Decimal("0.10"), "text": "half \ud800 a pair", "rows": [1, None]}
    ledger.record_intents([intent()], AT)
    ledger.record_outcomes([replace(accepted(), answer=answer)], LATER)

    sent = AttemptContent(dict(intent().payload), intent().original, answer)
    assert sent == ledger.attempt_content(KEY, 1)
    assert ledger.attempt_content(KEY, 2) is None


def test_text_that_no_database_takes_is_replaced(ledger: SqlLedger) -> None:
    """Half a surrogate pair in a document's number must not stop the run."""
    ledger.record_changes([replace(change(), subject=subject(number="N\ud800"), reason="\udc00!")], AT)

    assert ("N\ufffd", "\ufffd!") == (entry(ledger).number, entry(ledger).reason)


def test_entries_come_in_their_order_of_arrival(ledger: SqlLedger) -> None:
    """Oldest first, of the states and the kind asked for."""
    ledger.record_changes([change(name, State.PENDING) for name in ("b", "a", "c")], LATER)
    ledger.record_changes([change("0", State.HELD)], AT)
    ledger.record_changes([replace(change("d"), subject=subject("d", kind="customer"))], AT)

    both = ledger.entries_in([State.PENDING, State.HELD], kind="invoice")
    assert ["b", "a", "c", "0"] == [found.lago_id for found in both]
    assert ["d"] == [found.lago_id for found in ledger.entries_in([State.HELD], kind="customer")]
    assert {("invoice", State.PENDING): 3, ("invoice", State.HELD): 1, ("customer", State.HELD): 1} == (
        ledger.counts()
    )


def test_a_batch_is_larger_than_a_query(ledger: SqlLedger) -> None:
    """More keys than a database takes as parameters."""
    names = [str(number) for number in range(1_201)]
    ledger.record_intents([intent(name) for name in names], AT)
    ledger.record_outcomes([accepted(name) for name in names], LATER)

    assert {("invoice", State.POSTED): 1_201} == ledger.counts()
    assert len(names) == len(ledger.links([Key(f"lago:inv:{name}") for name in names]))


def test_attempts_count_only_against_the_document_and_end_with_success(ledger: SqlLedger) -> None:
    """Limits and logins are not the document's fault; after a success patience is whole again."""
    for outcome, expected in ((refused(), 1), (refused(counts=False), 1), (refused(), 2), (accepted(), 0)):
        ledger.record_intents([intent()], AT)
        ledger.record_outcomes([outcome], AT)
        assert expected == entry(ledger).attempts

    assert [1, 2, 3, 4] == [attempt.number for attempt in ledger.attempts(KEY)]


def test_a_change_keeps_what_it_does_not_know(ledger: SqlLedger) -> None:
    """A document that is held for a missing mapping has no record type or amount yet."""
    ledger.record_intents([intent()], AT)
    ledger.record_outcomes([accepted()], AT)
    bare = replace(subject(), record_type=None, amount=None, currency=None, document_date=None)

    ledger.record_changes([replace(change(), subject=bare)], LATER)

    held = entry(ledger)
    assert (State.HELD, "110.38", "invoice", "501") == (
        held.state,
        held.amount,
        held.record_type,
        held.netsuite_id,
    )
    assert "f1" == held.fingerprint


def test_a_change_that_changes_nothing_is_no_change(ledger: SqlLedger) -> None:
    """A waiting entry keeps the time since when it waits, however often it is looked at."""
    ledger.record_changes([change(state=State.WAITING)], AT)
    ledger.record_changes([change(state=State.WAITING)], LATER)

    assert AT == entry(ledger).updated_at


def test_changes_of_one_entry_apply_in_order(ledger: SqlLedger) -> None:
    """The same document may come twice in one page."""
    ledger.record_changes([change(state=State.PENDING), change(state=State.HELD)], AT)

    assert State.HELD is entry(ledger).state


def test_a_posted_entry_is_updated_but_not_created_again(ledger: SqlLedger) -> None:
    """An update states the desired end; a second create would be a second record."""
    ledger.record_intents([intent()], AT)
    ledger.record_outcomes([accepted()], AT)

    with pytest.raises(LedgerError, match=r"invoice HOO-1 \(lago:inv:1\) is posted; create would make"):
        ledger.record_intents([intent("2"), intent()], LATER)
    ledger.record_intents([intent(action="update", fingerprint="f2")], LATER)

    assert ("f2", State.SENDING) == (entry(ledger).fingerprint, entry(ledger).state)
    assert {} == ledger.entries([Key("lago:inv:2")])


def test_an_entry_in_doubt_is_looked_up_before_it_is_sent_again(ledger: SqlLedger) -> None:
    """Whoever looked it up says so by moving it to pending."""
    ledger.record_intents([intent()], AT)
    ledger.record_outcomes([lost()], AT)

    with pytest.raises(LedgerError, match="is in doubt; it has to be looked up"):
        ledger.record_intents([intent()], LATER)
    for state in (State.WAITING, State.SKIPPED):
        with pytest.raises(LedgerError, match="is in doubt; it cannot become"):
            ledger.record_changes([change(state=state)], LATER)

    ledger.record_changes([change(state=State.PENDING)], LATER)
    ledger.record_intents([intent()], LATER)
    assert [1, 2] == [attempt.number for attempt in ledger.attempts(KEY)]


def test_an_entry_that_is_under_way_is_not_sent_or_moved(ledger: SqlLedger) -> None:
    """A process that died left a question; its attempt ends before anything else happens."""
    ledger.record_intents([intent()], AT)

    with pytest.raises(LedgerError, match="is being sent"):
        ledger.record_intents([intent()], LATER)
    with pytest.raises(LedgerError, match="is being sent"):
        ledger.record_changes([change()], LATER)
    ledger.record_outcomes([lost()], LATER)

    assert State.IN_DOUBT is entry(ledger).state


def test_an_outcome_closes_exactly_the_open_attempt(ledger: SqlLedger) -> None:
    """Earlier attempts stay as they were, and without an open one there is nothing to close."""
    ledger.record_intents([intent()], AT)
    ledger.record_outcomes([refused()], AT)
    with pytest.raises(LedgerError, match="lago:inv:1 has no attempt under way"):
        ledger.record_outcomes([accepted()], LATER)
    ledger.record_intents([intent()], AT)
    ledger.record_outcomes([accepted()], LATER)

    assert [(AT, OutcomeKind.REJECTED), (LATER, OutcomeKind.ACCEPTED)] == [
        (attempt.finished_at, attempt.outcome) for attempt in ledger.attempts(KEY)
    ]


def test_an_application_that_was_posted_is_done_again_when_more_is_asked(ledger: SqlLedger) -> None:
    """It states a desired end, so a posted one goes back to pending, waits, and is applied anew."""
    about = subject(kind="application")
    apply = replace(intent(action="apply"), subject=about, original=None)
    done = replace(accepted(), netsuite_id=None)
    ledger.record_intents([apply], AT)
    ledger.record_outcomes([done], AT)

    for state in (State.PENDING, State.WAITING, State.PENDING):
        ledger.record_changes([replace(change(state=state), subject=about)], LATER)
        assert state is entry(ledger).state
    ledger.record_intents([replace(apply, fingerprint="f2")], LATER)
    ledger.record_outcomes([done], LATER)

    assert (State.POSTED, "f2", None) == (
        entry(ledger).state,
        entry(ledger).fingerprint,
        entry(ledger).netsuite_id,
    )


def test_the_original_is_the_last_one_that_netsuite_accepted(ledger: SqlLedger) -> None:
    """What was refused, is under way, or had no document of Lago's own says nothing."""
    assert ledger.original(KEY) is None
    for original, outcome in ((b"first", accepted()), (b"second", refused()), (None, accepted())):
        ledger.record_intents([replace(intent(action="update"), original=original)], AT)
        ledger.record_outcomes([outcome], AT)
    ledger.record_intents([replace(intent(action="update"), original=b"under way")], AT)

    assert b"first" == ledger.original(KEY)
    assert ledger.original(Key("lago:inv:2")) is None


def test_the_last_value_of_a_fact_wins(ledger: SqlLedger) -> None:
    """Across calls and within one; other names of the key stay."""
    ledger.record_facts([Fact(KEY, "paid", "100"), Fact(KEY, "other", "kept")], AT)
    ledger.record_facts([Fact(KEY, "paid", "200"), Fact(KEY, "paid", "250")], LATER)
    ledger.record_facts([], LATER)

    assert {KEY: {"paid": "250", "other": "kept"}} == ledger.facts([KEY, Key("lago:inv:2")])


def test_a_fact_needs_no_entry(ledger: SqlLedger) -> None:
    """What an invoice says of a credit note stands before the note was ever seen."""
    keys = [Key(f"lago:cn:{number}") for number in range(1_201)]
    ledger.record_facts([Fact(key, "consumed:1", "5") for key in keys], AT)

    assert {} == ledger.counts()
    assert {key: {"consumed:1": "5"} for key in keys} == ledger.facts(keys)


def test_a_fact_that_is_known_is_not_written_again(ledger: SqlLedger) -> None:
    """It keeps the time since when it is known."""
    for at in (AT, LATER):
        ledger.record_facts([Fact(KEY, "paid", "100")], at)

    with ledger._engine.connect() as connection:
        times = connection.exec_driver_sql("SELECT recorded_at FROM facts").scalars().all()
    assert ["2026-08-14T09:30:00.000000Z"] == times


def test_a_link_is_never_changed(ledger: SqlLedger) -> None:
    """Another internal id for the same document is a question for a person."""
    ledger.record_intents([intent(), intent("2")], AT)
    ledger.record_outcomes([accepted()], AT)
    ledger.record_intents([intent(action="update")], LATER)

    with pytest.raises(LedgerError, match="linked to internal id 501, so it cannot become 777") as caught:
        ledger.record_outcomes([accepted("2"), accepted(netsuite_id="777")], LATER)

    assert "ledger_link_changed" == caught.value.code
    assert {KEY: "501"} == ledger.links([KEY, Key("lago:inv:2")])


def test_a_link_is_kept_where_the_entry_is_held(ledger: SqlLedger) -> None:
    """The record is there; only its figures differ."""
    ledger.record_intents([intent()], AT)
    ledger.record_outcomes([replace(accepted(), state=State.HELD, code="totals_differ")], AT)

    assert (State.HELD, "501") == (entry(ledger).state, entry(ledger).netsuite_id)


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        (replace(accepted(), netsuite_id=None), "cannot be posted without an internal id"),
        (replace(accepted(), state=State.SENDING), "cannot end an attempt as sending"),
        (replace(lost(), state=State.PENDING), "was sent and not answered, so it cannot be pending"),
    ],
)
def test_an_outcome_that_contradicts_itself_is_refused(
    ledger: SqlLedger, outcome: object, message: str
) -> None:
    """Success without an id is unknown, and unknown is never taken for failed."""
    ledger.record_intents([intent()], AT)

    with pytest.raises(LedgerError, match=message):
        ledger.record_outcomes([outcome], LATER)  # type: ignore[list-item]

    assert State.SENDING is entry(ledger).state


def test_sending_needs_an_intent(ledger: SqlLedger) -> None:
    """No entry is under way without an attempt."""
    with pytest.raises(LedgerError, match="is sent only with an intent"):
        ledger.record_changes([change(state=State.SENDING)], AT)


def test_a_key_stands_once_in_a_batch(ledger: SqlLedger) -> None:
    """Two attempts at once for one document would be two records."""
    with pytest.raises(LedgerError, match="lago:inv:1 stands twice"):
        ledger.record_intents([intent(), intent()], AT)

    assert {} == ledger.counts()


def test_a_time_without_a_zone_is_refused(ledger: SqlLedger) -> None:
    """Nobody could tell later what it meant."""
    with pytest.raises(LedgerError, match="has no time zone"):
        ledger.record_intents([intent()], AT.replace(tzinfo=None))


def test_times_are_kept_in_utc(ledger: SqlLedger) -> None:
    """Whatever zone they came in, text order is time order."""
    ledger.record_changes([change()], datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=14))))

    assert datetime(2025, 12, 31, 12, tzinfo=UTC) == entry(ledger).created_at
    assert UTC is entry(ledger).created_at.tzinfo


def test_profiles_do_not_see_each_other(ledger: SqlLedger, url: str) -> None:
    """Entries, links, attempts, facts and catalogs of one key, kept apart by profile."""
    ledger.record_intents([intent()], AT)
    ledger.record_outcomes([accepted()], AT)
    ledger.record_catalog(Catalog("lago", AT, {}))
    ledger.record_facts([Fact(KEY, "paid", "100")], AT)

    with SqlLedger(url, profile="sandbox", account="1234567_SB2") as other:
        assert ({}, {}, {}) == (other.entries([KEY]), other.links([KEY]), other.counts())
        assert other.load_catalog("lago") is None
        assert (None, {}) == (other.original(KEY), other.facts([KEY]))
        hold(other)
        other.record_intents([intent()], AT)
        other.record_outcomes([accepted(netsuite_id="9")], AT)
        assert {KEY: "9"} == other.links([KEY])

    assert {KEY: "501"} == ledger.links([KEY])


def test_a_profile_belongs_to_one_account(ledger: SqlLedger, url: str) -> None:
    """A sandbox profile never reaches production; two spellings are one account."""
    SqlLedger(url, profile="default", account="1234567-sb1").close()

    with pytest.raises(ConfigError, match=r"belongs to NetSuite account 1234567_SB1, not 1234567"):
        SqlLedger(url, profile="default", account="1234567")


def test_a_profile_belongs_to_one_organization(ledger: SqlLedger) -> None:
    """Another organization's key would post its documents into these books."""
    ledger.bind_organization("org-1")
    ledger.bind_organization("org-1")

    with pytest.raises(ConfigError, match="belongs to Lago organization org-1, but the API key opens org-2"):
        ledger.bind_organization("org-2")


def test_a_catalog_is_replaced_by_the_next(ledger: SqlLedger) -> None:
    """It comes back equal, so that a comparison shows real changes only."""
    old = Catalog("netsuite", AT, {"items": ({"id": "1", "name": "old"},)})
    new = Catalog(
        "netsuite",
        LATER,
        {"items": ({"id": "1", "name": "API \u2192 calls", "rate": 0.1, "exact": Decimal("0.10")},)},
        {"suitetax": True},
        {"accounts": "no permission"},
    )

    ledger.record_catalog(old)
    ledger.record_catalog(new)

    loaded = ledger.load_catalog("netsuite")
    assert loaded is not None
    assert [] == compare_catalogs(loaded, new)
    assert (new.features, new.unavailable, LATER) == (loaded.features, loaded.unavailable, loaded.fetched_at)
    assert ledger.load_catalog("lago") is None


def test_a_mark_is_replaced_and_removed(ledger: SqlLedger) -> None:
    """One value a name; None leaves nothing."""
    ledger.record_mark("read:invoice", "first", AT)
    ledger.record_mark("read:invoice", "second", LATER)
    ledger.record_mark("read:payment", "other", AT)
    ledger.record_mark("read:payment", None, LATER)

    assert "second" == ledger.mark("read:invoice")
    assert ledger.mark("read:payment") is None


def test_documents_are_watched_until_they_are_taken_off(ledger: SqlLedger) -> None:
    """A list holds what is on it, with the last note of each; other lists are others'."""
    one, two = LagoId("1"), LagoId("2")
    ledger.record_watched("not_final", {one: "draft", two: "failed"}, AT)
    ledger.record_watched("not_final", {one: None, two: "pending"}, LATER)
    ledger.record_watched("unpaid", {one: ""}, LATER)

    assert {two: "pending"} == ledger.watched("not_final")
    assert {one: ""} == ledger.watched("unpaid")


def test_what_a_run_remembers_is_no_history(ledger: SqlLedger) -> None:
    """The trail tells of documents; marks may be lost without harm and would only fill it."""
    before = ledger.trail.head()
    ledger.record_mark("read:invoice", "first", AT)
    ledger.record_watched("unpaid", {LagoId("1"): ""}, AT)

    assert before == ledger.trail.head()


def test_a_run_is_kept_from_its_beginning_to_its_end(ledger: SqlLedger) -> None:
    """One row a run: what began and never ended shows, and the newest comes first."""
    began = RunRecord(run="one", command="sync all", began_at=AT)
    other = RunRecord(run="two", command="sync invoice", began_at=LATER)
    ended = replace(
        began,
        ended_at=LATER,
        ended=RunEnd.COMPLETE,
        outcomes={"created": 7, "held": 1},
        documents=8,
        writes=7,
        needs_attention=1,
        calls=12,
        refused=1,
        most_at_once=5,
        limit=4,
        units=900,
    )
    for record in (began, other, ended):
        ledger.record_run(record)

    assert [other, ended] == list(ledger.runs())
    assert [other] == list(ledger.runs(limit=1))
    assert (LATER - AT).total_seconds() == ended.seconds
    assert other.seconds is None
