"""A failing document is announced once, in Lago's own form, and nothing of that can fail a run."""

import asyncio
import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.simulator.server import ServeOptions, running_server
from lago_ns_cli.workflows.announce import AnnouncedAs, announce_failures
from tests.cli.conftest import place_at
from tests.integration.world import World, encoded, sample

NUMBER = "ACM-1F2E-042-008"
LAGO_ID = "00000011-0000-4000-8000-000000000011"
KEY = f"lago:inv:{LAGO_ID}"
CUSTOMER_ID = "000000c1-0000-4000-8000-0000000000c1"
SENDER = AnnouncedAs(profile="default", long_doubt=timedelta(minutes=32))


class Told:
    """Keeps what it is told, or fails over the channels that are down."""

    def __init__(self, *channels: str) -> None:
        self.channels = channels or ("webhook",)
        self.down: set[str] = set()
        self.takes: timedelta = timedelta(0)
        self.world: World | None = None
        self.delivered: list[tuple[str, dict[str, Any], str]] = []

    async def deliver(self, channel: str, announcement: Mapping[str, object], unique_key: str) -> str | None:
        if self.world is not None:
            await self.world.clock.sleep(self.takes.total_seconds())
        if channel in self.down:
            return "it answered HTTP 500."
        self.delivered.append((channel, json.loads(json.dumps(announcement)), unique_key))
        return None

    @property
    def numbers(self) -> list[str]:
        return [
            told["accounting_provider_customer_error"]["document"]["number"] for _, told, _ in self.delivered
        ]


class Losing(httpx.AsyncBaseTransport):
    """Forwards pushes and then loses the answer."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        lost = b'"push"' in await request.aread()
        response = await self._inner.handle_async_request(request)
        if lost:
            raise httpx.ReadTimeout("the answer never came", request=request)
        return response


def announce(world: World, told: Told) -> Sequence[str]:
    with world.open_ledger() as ledger:
        return asyncio.run(announce_failures(ledger, told, world.clock, SENDER))


def broken(**fields: Any) -> bytes:
    """The sample with something wrong."""
    document = sample()
    document["invoice"] |= fields
    return encoded(document)


def several(number: int) -> bytes:
    """As many invoices, none of which adds up."""
    invoice = sample()["invoice"]
    return encoded(
        {
            "invoices": [
                {
                    **invoice,
                    "lago_id": f"{index:08}-0000-4000-8000-000000000011",
                    "number": f"N-{index}",
                    "total_amount_cents": 1,
                }
                for index in range(number)
            ]
        }
    )


def test_a_held_document_is_announced_in_lagos_form(small: World) -> None:
    """As Lago's own webhook has it, with the document that Lago's leaves out."""
    told = Told()
    small.sync("invoice", source=broken(total_amount_cents=9999))

    assert [] == list(announce(small, told))

    ((channel, message, unique_key),) = told.delivered
    inner = message["accounting_provider_customer_error"]
    assert "webhook" == channel
    assert len(unique_key) == 36
    assert {
        "webhook_type": "customer.accounting_provider_error",
        "object_type": "accounting_provider_customer_error",
    }.items() <= message.items()
    assert {
        "lago_customer_id": CUSTOMER_ID,
        "accounting_provider": "netsuite",
        "accounting_provider_code": "default",
    }.items() <= inner.items()
    assert "inconsistent_sums" == inner["provider_error"]["error_code"]
    assert "total" in inner["provider_error"]["message"]
    assert {
        "kind": "invoice",
        "lago_id": LAGO_ID,
        "number": NUMBER,
        "key": KEY,
        "state": "held",
    }.items() <= inner["document"].items()


def test_organization_and_customer_are_named_where_they_are_known(world: World) -> None:
    """From the ledger alone: nothing is fetched to announce."""
    world.mappings = replace(
        world.mappings, items=(), defaults=replace(world.mappings.defaults, item=None, item_by_type={})
    )
    told = Told()
    world.sync()

    announce(world, told)

    assert told.delivered
    with world.open_ledger() as ledger:
        organization = ledger.organization()
    customers = {entry.lago_id: entry.number for entry in world.entries() if entry.kind == "customer"}
    for _, message, _ in told.delivered:
        inner = message["accounting_provider_customer_error"]
        assert organization == message["organization_id"]
        assert customers[inner["lago_customer_id"]] == inner["external_customer_id"]


def test_a_failure_is_announced_once(small: World) -> None:
    """However many runs meet it again."""
    told = Told()
    for _ in range(3):
        small.sync("invoice", source=broken(total_amount_cents=9999))
        announce(small, told)

    assert [NUMBER] == told.numbers


def test_another_reason_is_another_failure(small: World) -> None:
    """The first was mended, and something else is wrong now."""
    told = Told()
    small.sync("invoice", source=broken(total_amount_cents=9999))
    announce(small, told)
    small.sync("invoice", source=broken(currency="XXX"))
    announce(small, told)

    codes = [
        message["accounting_provider_customer_error"]["provider_error"]["error_code"]
        for _, message, _ in told.delivered
    ]
    assert ["inconsistent_sums", "mixed_currencies"] == codes
    assert 2 == len({unique_key for _, _, unique_key in told.delivered})


def test_what_is_mended_is_forgotten(small: World) -> None:
    """A document that is posted may fail anew, and that is told."""
    told = Told()
    small.sync("invoice", source=broken(total_amount_cents=9999))
    announce(small, told)
    small.sync("invoice", source=encoded(sample()))
    announce(small, told)

    with small.open_ledger() as ledger:
        remembered = ledger.facts_named("announced:webhook")
    assert {KEY: ""} == remembered
    assert [NUMBER] == told.numbers


def test_a_doubt_is_announced_only_when_it_lasts(small: World) -> None:
    """The look-ups of the first half hour are nobody's business."""
    told = Told()
    small.wrap = Losing
    small.sync("invoice", source=encoded(sample()))

    announce(small, told)
    assert [] == told.numbers

    asyncio.run(small.clock.sleep(33 * 60))
    announce(small, told)
    announce(small, told)
    states = {
        message["accounting_provider_customer_error"]["document"]["state"] for _, message, _ in told.delivered
    }
    assert {"in_doubt"} == states
    assert len(told.numbers) == len(set(told.numbers))


def test_a_channel_that_is_down_is_tried_in_the_next_run(small: World) -> None:
    """Once a run; the other channel gets its announcement all the same, and only once."""
    told = Told("webhook", "command")
    told.down = {"webhook"}
    small.sync("invoice", source=several(3))

    (problem,) = announce(small, told)
    assert "3 failing documents could not be announced (webhook): it answered HTTP 500." == problem
    assert ["command"] * 3 == [channel for channel, _, _ in told.delivered]

    told.down = set()
    assert [] == list(announce(small, told))
    assert ["webhook"] * 3 == [channel for channel, _, _ in told.delivered[3:]]


def test_a_slow_receiver_does_not_keep_the_run(small: World) -> None:
    """After a minute in all, the rest goes with the next run."""
    told = Told()
    told.world, told.takes = small, timedelta(seconds=25)
    small.sync("invoice", source=several(6))

    (problem,) = announce(small, told)
    assert "3 announcements are left for the next run (webhook)." == problem
    announce(small, told)
    assert [f"N-{index}" for index in range(6)] == sorted(told.numbers)


def test_without_channels_nothing_is_read_or_written(small: World) -> None:
    """The default: nobody is told."""

    class Nobody(Told):
        def __init__(self) -> None:
            super().__init__()
            self.channels = ()

    small.sync("invoice", source=broken(total_amount_cents=9999))
    before = small.entries()

    assert [] == list(announce(small, Nobody()))
    assert before == small.entries()


@pytest.mark.parametrize("state", [State.POSTED, State.SKIPPED])
def test_what_is_settled_is_no_failure(small: World, state: State) -> None:
    """Posted, or not to be posted."""
    told = Told()
    changes = {} if state is State.POSTED else {"status": "voided"}
    small.sync("invoice", source=broken(**changes))

    announce(small, told)

    assert [state] == [entry.state for entry in small.entries() if entry.kind == "invoice"]
    assert [] == told.delivered


def test_a_sync_announces_at_its_end(tmp_path: Path) -> None:
    """Through the command line: a program is run for the failing document, and a dry run tells nobody."""
    out = tmp_path / "out"
    program = f"import sys; open({str(out)!r}, 'ab').write(sys.stdin.buffer.read() + b'\\n')"
    document = tmp_path / "invoice.json"
    document.write_bytes(broken(total_amount_cents=9999))
    with running_server(ServeOptions(port=0, invoices=0, customers=1)) as server:
        place = place_at(tmp_path, server)
        place.environment["LAGO_NS_ANNOUNCE__COMMAND"] = shlex.join([sys.executable, "-c", program])
        place.run("sync", "invoice", "--from", document, "--dry-run")
        assert not out.exists()
        results = [place.run("sync", "invoice", "--from", document) for _ in range(2)]

    (told,) = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert NUMBER == told["accounting_provider_customer_error"]["document"]["number"]
    assert [(1, ""), (1, "")] == [(result.code, result.err) for result in results]


def test_an_announcement_that_fails_changes_nothing_for_the_run(tmp_path: Path) -> None:
    """A warning on stderr, and the exit code that the documents deserve."""
    good = tmp_path / "good.json"
    good.write_bytes(encoded(sample()))
    bad = tmp_path / "bad.json"
    bad.write_bytes(broken(total_amount_cents=9999))
    with running_server(ServeOptions(port=0, invoices=0, customers=1)) as server:
        place = place_at(tmp_path, server)
        place.environment["LAGO_NS_ANNOUNCE__COMMAND"] = str(tmp_path / "absent")
        place.environment["LAGO_NS_ANNOUNCE__URL"] = "https://127.0.0.1:1/hook"
        held = place.run("sync", "invoice", "--from", bad)
        posted = place.run("sync", "invoice", "--from", good)

    assert 1 == held.code
    assert 2 == held.err.count("could not be announced")
    assert "LAGO_NS_ANNOUNCE__SECRET" in held.err
    assert (0, "") == (posted.code, posted.err)
