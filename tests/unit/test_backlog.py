"""What waits for a call: a lane a customer, in order, never two calls for one customer."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from lago_ns_cli.domain.attempts import Subject
from lago_ns_cli.domain.backlog import Backlog, Room, is_urgent
from lago_ns_cli.domain.identifiers import Key, LagoId
from lago_ns_cli.domain.plan import Action, Planned

TODAY = date(2026, 11, 22)


def document(
    name: str,
    customer: str = "c",
    *,
    size: int = 1,
    parents: tuple[str, ...] = (),
    kind: str = "invoice",
    day: date | None = None,
) -> Planned:
    return Planned(
        subject=Subject(
            key=Key(name),
            kind=kind,
            lago_id=LagoId(name),
            number=name,
            customer_id=LagoId(customer),
            document_date=day,
        ),
        action=Action.CREATE,
        size=size,
        parents=tuple(map(Key, parents)),
    )


def filled(*planned: Planned) -> Backlog:
    backlog = Backlog(lambda _: 1.0)
    for one in planned:
        backlog.add(one)
    return backlog


def names(batch: list[Planned]) -> list[str]:
    return [one.subject.key for one in batch]


def room(share: int, most: int | None = None, **bounds: int) -> Room:
    return Room(share=share, most=most or share, **bounds)


def test_a_customer_on_the_way_waits() -> None:
    """At most one call is in flight for each customer."""
    backlog = filled(document("1"), document("2"), document("3", "other"))

    first = backlog.take(room(1))
    second = backlog.take(room(5))
    assert [["1"], ["3"], []] == [names(first), names(second), names(backlog.take(room(5)))]

    backlog.arrived(first)
    assert ["2"] == names(backlog.take(room(5)))


def test_a_customers_documents_travel_together() -> None:
    """They are not parted to fill a batch up; the next customer's go in their place."""
    backlog = filled(
        document("a1", "a"),
        document("b1", "b"),
        document("b2", "b"),
        document("b3", "b"),
        document("c1", "c"),
    )

    assert ["a1", "c1"] == names(backlog.take(room(3)))
    assert ["b1", "b2", "b3"] == names(backlog.take(room(2, 3)))


def test_a_customer_with_many_documents_goes_in_several_calls() -> None:
    """In their order, one call after the other."""
    backlog = filled(*(document(str(number)) for number in range(5)))

    first = backlog.take(room(2))
    backlog.arrived(first)
    assert [["0", "1"], ["2", "3"]] == [names(first), names(backlog.take(room(2)))]


def test_what_was_cut_off_goes_before_what_came_later() -> None:
    """A call that got one of three done: the other two go again, then the fourth."""
    backlog = filled(*(document(str(number)) for number in range(4)))
    batch = backlog.take(room(3))
    backlog.put_back(batch[1:])
    backlog.arrived(batch)

    assert ["1", "2", "3"] == names(backlog.take(room(5)))
    assert 0 == backlog.count


def test_bytes_bound_a_batch() -> None:
    """A call carries what NetSuite takes."""
    backlog = filled(*(document(name, name, size=4) for name in "abc"))

    assert ["a", "b"] == names(backlog.take(room(9, size=8)))


def test_what_failed_before_goes_in_small_company() -> None:
    """Company of one is alone."""
    backlog = Backlog(lambda _: 1.0, lambda one: 1 if one.subject.key == "b" else None)
    for name in "abc":
        backlog.add(document(name, name))

    assert [["a", "c"], ["b"]] == [names(backlog.take(room(9))), names(backlog.take(room(9)))]


def test_urgent_documents_pass_the_others() -> None:
    """A payment of today passes the backfill, with what its customer has before it."""
    backlog = filled(*(document(name, name) for name in "abc"))
    backlog.add(document("payment", "b"), urgent=True)

    assert ["b", "payment"] == names(backlog.take(room(2)))


def test_what_is_urgent() -> None:
    """Payments, customers, and what was issued today or yesterday."""
    yesterday, last_year = date(2026, 11, 21), date(2025, 11, 21)

    assert is_urgent(document("1", kind="payment", day=last_year), TODAY)
    assert is_urgent(document("1", kind="customer"), TODAY)
    assert is_urgent(document("1", day=yesterday), TODAY)
    assert not is_urgent(document("1", day=last_year), TODAY)


def test_children_of_what_failed_are_taken_out_with_theirs() -> None:
    """A memo on an invoice that was refused, and what hangs on the memo."""
    backlog = filled(
        document("invoice"),
        document("memo", parents=("invoice",)),
        document("application", parents=("memo",)),
        document("another"),
    )
    batch = backlog.take(room(1))

    assert ["memo", "application"] == names(backlog.withdraw(batch, {Key("invoice")}))
    backlog.arrived(batch)
    assert ["another"] == names(backlog.take(room(9)))
    assert (0, 0) == (backlog.count, backlog.ready)


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans()), max_size=60),
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3)), min_size=1, max_size=80),
)
def test_everything_comes_out_once_and_in_order(
    stock: list[tuple[str, bool]], steps: list[tuple[int, int]]
) -> None:
    """Whatever is taken when, and whatever goes again."""
    backlog = Backlog(lambda _: 1.0)
    for number, (customer, urgent) in enumerate(stock):
        backlog.add(document(str(number), customer), urgent=urgent)
    out: list[list[Planned]] = []
    done: list[Planned] = []
    for share, late in [*steps, *[(3, 0)] * (2 * len(stock))]:
        batch = backlog.take(room(share, share + 2))
        if batch:
            out.append(batch)
        travelling = [one.subject.customer_id for some in out for one in some]
        assert len({one for some in out for one in {o.subject.customer_id for o in some}}) == sum(
            len({one.subject.customer_id for one in some}) for some in out
        ), travelling
        if len(out) > late:
            arrived = out.pop(0)
            again = arrived[len(arrived) - late :] if late < len(arrived) and late else []
            done += arrived[: len(arrived) - len(again)]
            backlog.put_back(again)
            backlog.arrived(arrived)
    while out:
        batch = out.pop(0)
        done += batch
        backlog.arrived(batch)
    while batch := backlog.take(room(9)):
        done += batch
        backlog.arrived(batch)

    assert (0, 0) == (backlog.count, backlog.ready)
    for customer in "abcdef":
        sent = [int(one.subject.key) for one in done if one.subject.customer_id == customer]
        assert [number for number, (whose, _) in enumerate(stock) if whose == customer] == sent
