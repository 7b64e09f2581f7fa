"""An account that answers so many calls at once, and a client that paces itself: a simulation by events.

No process, no network: calls are entries of a queue, ordered by when they end. The account and the client
share nothing but what passes between them.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count

from lago_ns_cli.domain import pacing
from lago_ns_cli.domain.batching import CallCosts, after_call, batch_share
from lago_ns_cli.domain.pacing import Departure, Pace

PER_CALL_SECONDS = 0.5
PER_DOCUMENT_SECONDS = 0.5
REFUSAL_SECONDS = 0.05
"""A refusal comes back as soon as the network allows."""


NO_CALL = Departure(0.0, 0)


@dataclass(order=True)
class Event:
    """Something that happens: an answer, a refusal, or a moment to look whether more may leave."""

    at: float
    number: int
    what: str = field(compare=False)
    documents: int = field(compare=False, default=0)
    call: Departure = field(compare=False, default=NO_CALL)


@dataclass
class Account:
    """What the account has at a moment: a limit less what others hold."""

    limit: Callable[[float], int]
    in_flight: int = 0

    def takes(self, at: float) -> bool:
        if self.in_flight >= self.limit(at):
            return False
        self.in_flight += 1
        return True


@dataclass
class Client:
    """Sends documents as fast as its pace lets it.

    Attributes:
        waiting: Documents that were not sent.
        work_seconds: What it takes the client to make a call ready, and again to take its answer in, one
            after the other: meanwhile the account may have ended calls that the client takes for running.
        refused: Batches that wait for their turn, and since when they may go.
        calls: Whether each call was refused, in order.
    """

    pace: Pace
    waiting: int
    batch: int
    work_seconds: float = 0.0
    costs: CallCosts = field(default_factory=CallCosts)
    refused: list[tuple[float, int, int]] = field(default_factory=list)
    calls: list[bool] = field(default_factory=list)
    posted: int = 0
    ended_at: float = 0.0


class Simulation:
    """One client at one account."""

    def __init__(self, client: Client, account: Account) -> None:
        self._client = client
        self._account = account
        self._events: list[Event] = []
        self._numbers = count()
        self._busy_until = 0.0

    def run(self) -> Client:
        """Let the client send everything it has."""
        client, at = self._client, 0.0
        total = client.waiting
        while client.posted < total:
            self._send(at)
            event = heapq.heappop(self._events)
            at = event.at
            if event.what == "arrives":
                self._arrives(event)
            elif event.what == "ended":
                self._account.in_flight -= 1
            elif at < self._busy_until:
                heapq.heappush(self._events, replace(event, at=self._busy_until))
            elif event.what == "answered":
                self._answered(event)
            elif event.what == "refused":
                self._refused(event)
        return client

    def _arrives(self, event: Event) -> None:
        self._client.pace, call = pacing.left(self._client.pace, event.at)
        taken = self._account.takes(event.at)
        self._client.calls.append(not taken)
        seconds = PER_CALL_SECONDS + event.documents * PER_DOCUMENT_SECONDS if taken else REFUSAL_SECONDS
        if taken:
            self._push(event.at + seconds, "ended")
        self._push(event.at + seconds, "answered" if taken else "refused", event.documents, call)

    def _works_until(self, at: float) -> float:
        self._busy_until = max(at, self._busy_until) + self._client.work_seconds
        return self._busy_until

    def _answered(self, event: Event) -> None:
        client, seconds = self._client, event.at - event.call.at
        self._works_until(event.at)
        client.posted += event.documents
        client.ended_at = event.at
        expected = client.costs.expected_seconds(event.documents)
        client.costs = after_call(client.costs, weight=event.documents, seconds=seconds, units=None)
        client.pace = pacing.answered(client.pace, event.at, strain=seconds / expected if expected else 1.0)

    def _refused(self, event: Event) -> None:
        client = self._client
        client.pace = pacing.refused(client.pace, event.call, event.at)
        again = event.at + pacing.waits_seconds(1, (event.number % 7) / 7)
        heapq.heappush(client.refused, (again, event.number, event.documents))
        self._push(again, "look")

    def _send(self, at: float) -> None:
        client = self._client
        while client.waiting or (client.refused and client.refused[0][0] <= at):
            if not client.pace.free:
                client.pace = pacing.grown(client.pace, at)
            if not client.pace.free:
                if pacing.grows_at(client.pace) > at:
                    self._push(pacing.grows_at(client.pace) + 0.001, "look")
                return
            documents = _next_batch(client, at)
            client.pace = pacing.taken(client.pace)
            self._push(self._works_until(at), "arrives", documents)

    def _push(self, at: float, what: str, documents: int = 0, call: Departure = NO_CALL) -> None:
        heapq.heappush(self._events, Event(at, next(self._numbers), what, documents, call))


def run(client: Client, account: Account) -> Client:
    """Let a client send everything it has."""
    return Simulation(client, account).run()


def _next_batch(client: Client, at: float) -> int:
    if client.refused and client.refused[0][0] <= at:
        return heapq.heappop(client.refused)[2]
    share = batch_share(client.costs, client.batch, waiting=client.waiting, free=client.pace.free)
    documents = min(share, client.waiting)
    client.waiting -= documents
    return documents


def optimum(limit: int, batch: int) -> float:
    """Documents a second that an account of such a limit can take."""
    return limit * batch / (PER_CALL_SECONDS + batch * PER_DOCUMENT_SECONDS)
