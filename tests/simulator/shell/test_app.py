"""The whole world in one application: both sides and the control endpoints."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lago_ns_cli.simulator.app import Simulator, create_simulator
from lago_ns_cli.simulator.exchange import ConnectionDroppedError
from lago_ns_cli.simulator.netsuite.oauth2 import ASSERTION_TYPE, TOKEN_PATH
from lago_ns_cli.simulator.options import WorldOptions
from tests.simulator.shell.fakes import JumpingClock
from tests.simulator.shell.netsuite_side import ADDRESS, authorization
from tests.simulator.shell.test_oauth2 import jwt_for

ORIGIN = "http://127.0.0.1:8321"


class World:
    """A small world, called in process."""

    def __init__(self) -> None:
        self.clock = JumpingClock()
        self.simulator: Simulator = create_simulator(WorldOptions(invoices=4, customers=2), self.clock)

    def __call__(self, work: Callable[[httpx.AsyncClient], Awaitable[Any]]) -> Any:
        async def run() -> Any:
            transport = httpx.ASGITransport(app=self.simulator)
            async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
                return await work(client)

        return asyncio.run(run())

    def control(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Ask a control endpoint."""
        headers = {"authorization": f"Bearer {self.simulator.credentials.control_token}"}
        content = None if body is None else json.dumps(body)
        answer: httpx.Response = self(
            lambda client: client.request(method, f"/_simulator/{path}", headers=headers, content=content)
        )
        return answer

    def lago(self, path: str) -> httpx.Response:
        """Ask the Lago side."""
        headers = {"authorization": f"Bearer {self.simulator.credentials.lago_api_key}"}
        answer: httpx.Response = self(lambda client: client.get(path, headers=headers))
        return answer

    def netsuite(self, operation: str, nonce: str = "nonce-1", *, limited: bool = False) -> httpx.Response:
        """Call the packaged RESTlet."""
        credentials = self.simulator.credentials
        tba = credentials.tba_limited if limited else credentials.tba
        headers = {
            "authorization": authorization("POST", ADDRESS, tba, self.clock.now(), nonce=nonce),
            "content-type": "application/json",
        }
        body = json.dumps({"contract": 1, "operation": operation})
        answer: httpx.Response = self(lambda client: client.post(ADDRESS, headers=headers, content=body))
        return answer


@pytest.fixture(scope="module")
def shared() -> World:
    """For tests that only look."""
    return World()


@pytest.fixture
def world() -> World:
    """For tests that change something."""
    return World()


def test_both_sides_answer_at_their_own_addresses(shared: World) -> None:
    """Lago under /api/v1, the packaged RESTlet at NetSuite's path."""
    ping = shared.netsuite("ping")

    assert shared.lago("/api/v1/invoices").status_code == 200
    assert shared.lago("/health").status_code == 200
    assert (ping.json()["account"], ping.json()["missing_permissions"]) == ("1234567_SB1", [])


def test_the_limited_credentials_lack_permissions(shared: World) -> None:
    """The second token logs in, and ``ping`` names what its role is missing."""
    assert shared.netsuite("ping", "nonce-limited", limited=True).json()["missing_permissions"]


@pytest.mark.parametrize("path", ["/app/site/hosting/scriptlet.nl", "/services/rest/record/v1/customer"])
def test_other_addresses_of_netsuite_are_not_found(shared: World, path: str) -> None:
    """404, not an answer of Lago's."""
    answer = shared(lambda client: client.get(path))

    assert (answer.status_code, answer.text) == (404, "Not Found")


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}])
def test_control_takes_its_token_only(shared: World, headers: dict[str, str]) -> None:
    """401 without it, for every endpoint."""
    answer = shared(lambda client: client.get("/_simulator/stats", headers=headers))

    assert answer.status_code == 401
    assert "control token" in answer.json()["error"]


def test_stats_count_both_sides(world: World) -> None:
    """Calls, units, saves and the most calls at once."""
    world.netsuite("ping")
    world.lago("/api/v1/invoices")
    stats = world.control("GET", "stats").json()

    assert (
        stats["calls"],
        stats["rejections"],
        stats["most_calls_at_once"],
        stats["saves"],
        stats["lago_calls"],
    ) == (1, 0, 1, 0, 1)
    assert stats["operations"] == {"ping": 1}


def test_requests_to_lago_are_counted_by_what_they_ask_for(world: World) -> None:
    """Pages and single documents apart."""
    [first, *_] = world.lago("/api/v1/invoices?page=1").json()["invoices"]
    world.lago(f"/api/v1/invoices/{first['lago_id']}")
    world.lago("/api/v1/invoices?page=2")

    counted = world.control("GET", "stats").json()["lago_requests"]
    assert {"invoices": 2, "invoices/{id}": 1} == counted


def test_the_log_of_calls_can_be_read_and_emptied(world: World) -> None:
    """As JSON, one object a call."""
    world.netsuite("ping")
    [logged] = world.control("GET", "netsuite/calls").json()["calls"]
    world.control("DELETE", "netsuite/calls")

    assert ("ping", "answered", 0, 5) == (
        logged["operation"],
        logged["ending"],
        logged["saves"],
        logged["limit"],
    )
    assert [] == world.control("GET", "netsuite/calls").json()["calls"]


def test_documents_can_be_counted_without_loading_them(world: World) -> None:
    """Id, external id and total of each; the account adds its own tax to the 9.50."""
    values = {"entity": "98765", "currency": "1", "trandate": "2026-08-01"}
    made = world.control(
        "POST",
        "netsuite/admin",
        {
            "action": "create_record",
            "type": "invoice",
            "values": values,
            "lines": {"item": [{"item": "481", "quantity": "1", "rate": "9.50", "amount": "9.50"}]},
        },
    )

    assert [[int(made.json()["id"]), None, "10.34"]] == world.control(
        "GET", "netsuite/keys?type=invoice"
    ).json()


def test_records_come_from_the_accounts_own_store(shared: World) -> None:
    """A JSON array; the sample customer is in it from the start."""
    records = shared.control("GET", "netsuite/records?type=customer").json()

    assert "98765" in [record["id"] for record in records]
    assert shared.control("GET", "netsuite/records").status_code == 400
    assert shared.control("GET", "netsuite/records?type=rocket").status_code == 400


def test_the_login_audit_tells_why(world: World) -> None:
    """The reason that the caller does not get."""
    world.netsuite("ping")
    world.netsuite("ping")

    assert [row["reason"] for row in world.control("GET", "netsuite/login-audit").json()] == [
        None,
        "nonce_used",
    ]


def test_a_person_acts_through_the_control_endpoint(world: World) -> None:
    """The action's record comes back; what makes no sense is a 400 with a reason."""
    values = {"companyname": "Example AG", "subsidiary": "2"}
    made = world.control(
        "POST", "netsuite/admin", {"action": "create_record", "type": "customer", "values": values}
    )
    refused = world.control("POST", "netsuite/admin", {"action": "dance"})

    assert (made.status_code, refused.status_code) == (200, 400)
    names = [
        record["companyname"] for record in world.control("GET", "netsuite/records?type=customer").json()
    ]
    assert "Example AG" in names
    assert "create_record" in world.control("GET", "netsuite/admin").json()["actions"]


def test_limits_change_while_the_account_is_at_work(world: World) -> None:
    """Another program takes all slots: the next call is refused."""
    world.control("POST", "netsuite/limits", {"concurrency_limit": 3, "held_by_others": 3})
    refused = world.netsuite("ping")

    assert refused.json()["error"]["code"] == "SSS_REQUEST_LIMIT_EXCEEDED"
    assert world.control("POST", "netsuite/limits", {"concurrency_limit": 0}).status_code == 400
    assert world.control("POST", "netsuite/limits", {"slots": 9}).status_code == 400


def test_costs_change_while_the_account_is_at_work(world: World) -> None:
    """What is left out stays; the answer tells all of it."""
    world.control("POST", "netsuite/limits", {"latency_ms": 500})
    told = world.control("POST", "netsuite/limits", {"cost_ms_per_record": 250}).json()
    world.netsuite("ping")

    assert (500, 250) == (told["latency_ms"], told["cost_ms_per_record"])
    assert [0.5] == world.clock.slept


def test_another_program_can_be_sent_in(world: World) -> None:
    """And a senseless one is refused."""
    told = world.control("POST", "netsuite/other-program", {"calls": 0}).json()

    assert {"calls": 0, "call_seconds": 1.0} == told
    assert 400 == world.control("POST", "netsuite/other-program", {"calls": -1}).status_code


def test_faults_are_planned_and_ended_while_the_world_runs(world: World) -> None:
    """A plan replaces the one before; an empty one ends all faults."""
    planned = world.control("POST", "faults", {"fault": [{"kind": "reset", "target": "lago"}]})
    with pytest.raises(ConnectionDroppedError):
        world.lago("/api/v1/invoices")
    wrong = world.control("POST", "faults", {"fault": [{"kind": "reset", "when": "never"}]})
    world.control("POST", "faults", {})

    assert (planned.json(), wrong.status_code) == ({"seed": 0, "faults": 1}, 400)
    assert world.lago("/api/v1/invoices").status_code == 200


def test_a_fault_on_the_lago_side_has_lagos_form(world: World) -> None:
    """429 with the seconds that the window still lasts."""
    world.control(
        "POST", "faults", {"fault": [{"kind": "status", "status": 429, "retry_after": 7, "target": "lago"}]}
    )
    answer = world.lago("/api/v1/invoices")

    assert (answer.status_code, answer.headers["x-ratelimit-reset"]) == (429, "7")
    assert answer.json() == {"status": 429, "error": "Too Many Requests"}


def test_documents_that_are_added_are_served(world: World) -> None:
    """What was posted is found by its id."""
    [existing] = world.lago("/api/v1/customers?per_page=1").json()["customers"]
    customer = {**existing, "lago_id": "00000000-0000-4000-8000-00000000abcd", "external_id": "added-1"}
    answer = world.control("POST", "lago/documents", {"customers": [customer]})

    assert (answer.status_code, answer.json()) == (201, {"customers": 1})
    assert world.lago("/api/v1/customers/added-1").status_code == 200


def test_a_client_with_a_certificate_gets_a_token_and_calls(world: World) -> None:
    """OAuth 2.0 from end to end: register, exchange, call; the token dies after an hour."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    registered = world.control("POST", "netsuite/certificates", {"certificate": pem}).json()
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": jwt_for(key, registered, world.clock.now(), audience=ORIGIN + TOKEN_PATH),
    }
    granted = world(lambda client: client.post(TOKEN_PATH, data=form)).json()
    headers = {"authorization": f"Bearer {granted['access_token']}", "content-type": "application/json"}
    ping = '{"contract": 1, "operation": "ping"}'
    good = world(lambda client: client.post(ADDRESS, headers=headers, content=ping))
    world.clock.advance(3600)
    expired = world(lambda client: client.post(ADDRESS, headers=headers, content=ping))
    replayed = world(lambda client: client.post(TOKEN_PATH, data=form))

    assert (good.status_code, expired.status_code, replayed.status_code) == (200, 401, 400)
    assert replayed.json() == {"error": "invalid_grant"}
