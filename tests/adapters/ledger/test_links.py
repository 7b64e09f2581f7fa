"""Links: set once, moved only on a person's word; and what was sent of what they lead to."""

from dataclasses import replace

import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.identifiers import InternalId, Key
from lago_ns_cli.errors import LedgerError
from lago_ns_cli.ledger.store import SqlLedger
from tests.adapters.ledger.builders import AT, LATER, accepted, change, intent, lost

KEY = Key("lago:inv:1")


def posted(ledger: SqlLedger) -> None:
    ledger.record_intents([intent()], AT)
    ledger.record_outcomes([accepted()], AT)


def test_a_link_moves_only_where_a_person_said_so(ledger: SqlLedger) -> None:
    """Everything else is refused and leaves it as it was."""
    posted(ledger)
    with pytest.raises(LedgerError):
        ledger.record_changes([change(state=State.PENDING, netsuite_id="777")], LATER)
    before = ledger.links([KEY])
    ledger.record_changes([replace(change(state=State.PENDING, netsuite_id="777"), relinks=True)], LATER)

    assert ({KEY: "501"}, {KEY: "777"}) == (before, ledger.links([KEY]))
    assert ("777", State.PENDING) == (
        ledger.entries([KEY])[KEY].netsuite_id,
        ledger.entries([KEY])[KEY].state,
    )


def test_a_posted_record_may_be_adopted_again(ledger: SqlLedger) -> None:
    """Adopting makes no record; creating would."""
    posted(ledger)
    ledger.record_intents([intent(action="adopt")], LATER)
    ledger.record_outcomes([accepted()], LATER)

    with pytest.raises(LedgerError):
        ledger.record_intents([intent(action="create")], LATER)


def test_the_original_of_a_creation_that_was_found_later_counts(ledger: SqlLedger) -> None:
    """Its answer was lost, and the record was there."""
    ledger.record_intents([intent()], AT)
    ledger.record_outcomes([lost()], AT)
    found = replace(change(state=State.POSTED), netsuite_id=InternalId("501"))
    ledger.record_changes([found], LATER)

    assert intent().original == ledger.original(KEY)


def test_the_original_of_an_update_in_doubt_does_not_count(ledger: SqlLedger) -> None:
    """Nobody knows whether it took effect, so it is compared with what did."""
    posted(ledger)
    ledger.record_intents([replace(intent(action="update"), original=b"later")], LATER)
    ledger.record_outcomes([lost()], LATER)

    assert intent().original == ledger.original(KEY)


def test_a_link_whose_record_is_gone_can_be_taken_away(ledger: SqlLedger) -> None:
    """The document may be sent again then, and gets the link of what is made."""
    posted(ledger)
    ledger.record_changes([replace(change(state=State.PENDING), relinks=True)], LATER)
    unlinked = ledger.links([KEY])
    ledger.record_intents([intent()], LATER)
    ledger.record_outcomes([replace(accepted(), netsuite_id=InternalId("777"))], LATER)

    assert ({}, {KEY: "777"}) == (unlinked, ledger.links([KEY]))
