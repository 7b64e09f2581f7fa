"""Whatever is recorded in whatever order, the ledger's laws hold."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.errors import LedgerError
from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.workflows.audit import verify
from tests.adapters.ledger.builders import AT, accepted, change, hold, intent, lost, refused

NAMES = ["1", "2", "3"]
KEYS = [Key(f"lago:inv:{name}") for name in NAMES]

batches = st.lists(st.sampled_from(NAMES), min_size=1, max_size=2)
ids = st.sampled_from(["501", "502"])


class AnyHistory(RuleBasedStateMachine):
    """Random batches of intents, outcomes and changes; refused ones must leave no trace."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = SqlLedger("sqlite://", profile="default", account="1")
        hold(self.ledger)
        self.at = AT
        self.links: dict[Key, str] = {}
        self.known: set[Key] = set()

    def teardown(self) -> None:
        self.the_trail_makes_the_same_ledger_again()
        self.ledger.close()

    def the_trail_makes_the_same_ledger_again(self) -> None:
        header, trail = self.ledger.header(), self.ledger.trail
        assert () == verify(trail, header).findings
        with SqlLedger("sqlite://", profile="default", account="1") as again:
            again.restore(header, trail.entries(), self.at)
            assert self.ledger.entries(KEYS) == again.entries(KEYS)
            assert self.ledger.links(KEYS) == again.links(KEYS)
            for key in KEYS:
                assert self.ledger.attempts(key) == again.attempts(key)

    @rule(names=batches, action=st.sampled_from(["create", "update"]))
    def send(self, names: list[str], action: str) -> None:
        before = self.ledger.entries(KEYS)
        self.at += timedelta(seconds=1)
        try:
            self.ledger.record_intents([intent(name, action) for name in names], self.at)
        except LedgerError:
            assert before == self.ledger.entries(KEYS)
            return
        for name in names:
            old = before.get(Key(f"lago:inv:{name}"))
            assert old is None or old.state not in (State.SENDING, State.IN_DOUBT)
            assert old is None or old.state is not State.POSTED or action == "update"

    @rule(how=st.sampled_from(["accepted", "lost", "refused"]), netsuite_id=ids)
    def answer_what_is_open(self, how: str, netsuite_id: str) -> None:
        self.answer([entry.lago_id for entry in self.ledger.entries_in([State.SENDING])], how, netsuite_id)

    @rule(names=batches, how=st.sampled_from(["accepted", "lost", "refused"]), netsuite_id=ids)
    def answer(self, names: list[str], how: str, netsuite_id: str) -> None:
        before = self.ledger.entries(KEYS)
        made = {
            name: {"accepted": accepted(name, netsuite_id), "lost": lost(name), "refused": refused(name)}
            for name in names
        }
        try:
            self.ledger.record_outcomes([made[name][how] for name in names], self.at)
        except LedgerError:
            assert before == self.ledger.entries(KEYS)
            return
        for key, entry in self.ledger.entries([Key(f"lago:inv:{name}") for name in names]).items():
            assert how != "accepted" or entry.netsuite_id == netsuite_id, key

    @rule(names=batches, state=st.sampled_from(State), netsuite_id=st.none() | ids)
    def move(self, names: list[str], state: State, netsuite_id: str | None) -> None:
        before = self.ledger.entries(KEYS)
        try:
            self.ledger.record_changes([change(name, state, netsuite_id) for name in names], self.at)
        except LedgerError:
            assert before == self.ledger.entries(KEYS)

    @invariant()
    def each_entry_is_in_exactly_one_state(self) -> None:
        entries = self.ledger.entries(KEYS)
        assert sorted(entries) == sorted(entry.key for entry in self.ledger.entries_in(list(State)))
        assert len(entries) == sum(self.ledger.counts().values())
        assert self.known <= entries.keys()
        self.known |= entries.keys()

    @invariant()
    def links_are_never_lost_or_changed(self) -> None:
        links = self.ledger.links(KEYS)
        assert self.links.items() <= links.items()
        self.links = dict(links)
        for entry in self.ledger.entries(KEYS).values():
            assert links.get(entry.key) == entry.netsuite_id
            assert entry.netsuite_id is not None or entry.state is not State.POSTED

    @invariant()
    def attempts_are_numbered_without_gaps_and_the_last_alone_may_be_open(self) -> None:
        for key, entry in self.ledger.entries(KEYS).items():
            attempts = self.ledger.attempts(key)
            assert list(range(1, len(attempts) + 1)) == [attempt.number for attempt in attempts]
            still_open = [attempt.number for attempt in attempts if attempt.outcome is None]
            assert still_open == ([len(attempts)] if entry.state is State.SENDING else [])


AnyHistory.TestCase.settings = settings(max_examples=12, stateful_step_count=20)
TestAnyHistory = AnyHistory.TestCase
