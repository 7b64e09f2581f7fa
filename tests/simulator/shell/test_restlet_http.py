"""The RESTlet's address answers as NetSuite's does: logins, forms, slots, errors."""

import asyncio
import json
from datetime import datetime
from typing import Any

import httpx
import pytest

from lago_ns_cli.simulator.netsuite.logins import FAILURES_UNTIL_LOCKED
from tests.simulator.shell.fakes import JumpingClock, StandingClock
from tests.simulator.shell.netsuite_side import ADDRESS, NetSuiteSide, authorization


def call(side: NetSuiteSide, *arguments: Any, **named: Any) -> httpx.Response:
    return asyncio.run(side.send(*arguments, **named))


def post(side: NetSuiteSide, operation: str, **arguments: Any) -> httpx.Response:
    return asyncio.run(side.post(operation, **arguments))


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


@pytest.fixture
def side() -> NetSuiteSide:
    return NetSuiteSide()


def test_a_signed_call_runs_the_script(side: NetSuiteSide) -> None:
    """JSON in, JSON out, 200; units and operations are counted, the login stands in the audit."""
    answer = post(side, "echo", amount="100.00")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json;charset=utf-8")
    assert answer.json() == {"operation": "echo", "amount": "100.00"}
    assert (side.service.stats.calls, dict(side.service.stats.operations)) == (1, {"echo": 1})
    assert [row["status"] for row in side.desk.audit.rows()] == ["Success"]


def test_plain_text_is_answered_in_plain_text(side: NetSuiteSide) -> None:
    """The answer takes the content type of the request."""
    answer = call(side, "as it is", headers={"content-type": "text/plain"})

    assert (answer.text, answer.headers["content-type"]) == ("as it is", "text/plain;charset=utf-8")


def test_what_a_script_throws_is_json_inside_json(side: NetSuiteSide) -> None:
    """400; the outer code is the error's name, the message has to be decoded once more."""
    answer = post(side, "fail", name="LAGO_BAD_REQUEST", message='no "documents"')
    inner = json.loads(answer.json()["error"]["message"])

    assert (answer.status_code, code_of(answer)) == (400, "LAGO_BAD_REQUEST")
    assert (
        inner["type"],
        inner["name"],
        inner["message"],
    ) == ("error.SuiteScriptError", "LAGO_BAD_REQUEST", 'no "documents"')
    assert answer.text.startswith('{"error" : {"code" : ')


def test_a_programming_error_is_wrapped_too(side: NetSuiteSide) -> None:
    """A name that is not defined never becomes an HTML page or a 500."""
    assert post(side, "crash").status_code == 400


def test_every_refused_login_looks_the_same_and_the_audit_tells_why(side: NetSuiteSide) -> None:
    """The caller learns INVALID_LOGIN_ATTEMPT; reasons stay inside."""
    tba, now = side.credentials.tba, side.clock.now()
    other = side.credentials.tba_limited
    headers = [
        authorization("POST", ADDRESS, tba, now, oauth_signature="AAAA"),
        authorization("POST", ADDRESS, tba, now, oauth_timestamp="1508242306", nonce="nonce-a"),
        authorization("POST", ADDRESS, tba, now, realm="1234567_sb1", nonce="nonce-b"),
        authorization("POST", ADDRESS, tba, now, oauth_token="nobody"),
        authorization("POST", ADDRESS, other, now, oauth_nonce="short"),
        "",
    ]
    answers = [call(side, "{}", headers={"authorization": header}) for header in headers]

    assert {(401, "INVALID_LOGIN_ATTEMPT", "Invalid login attempt.")} == {
        (answer.status_code, code_of(answer), answer.json()["error"]["message"]) for answer in answers
    }
    assert [row["reason"] for row in side.desk.audit.rows()] == [
        "InvalidSignature",
        "InvalidTimestamp",
        "InvalidRealm",
        "token_rejected",
        "nonce_rejected",
        "parameter_absent",
    ]


def test_a_repeated_request_is_refused(side: NetSuiteSide) -> None:
    """The same signature a second time: the nonce is used."""
    header = authorization("POST", ADDRESS, side.credentials.tba, side.clock.now())
    first, second = (
        call(side, '{"operation": "echo"}', headers={"authorization": header}).status_code for _ in range(2)
    )

    assert (first, second) == (200, 401)
    assert side.desk.audit.rows()[-1]["reason"] == "nonce_used"


def test_the_query_belongs_to_the_signature(side: NetSuiteSide) -> None:
    """A parameter that was added on the way breaks it; an odd one that was signed does not."""
    header = authorization("POST", ADDRESS, side.credentials.tba, side.clock.now())
    added = call(side, "{}", address=f"{ADDRESS}&more=1", headers={"authorization": header})
    signed = call(side, '{"operation": "echo"}', address=f"{ADDRESS}&note=a%20b%21%C3%BC")

    assert (added.status_code, signed.status_code) == (401, 200)


def test_five_failures_lock_a_token_for_half_an_hour(side: NetSuiteSide) -> None:
    """The right signature does not help until the time is over; another token is not concerned."""
    for number in range(FAILURES_UNTIL_LOCKED):
        wrong = authorization(
            "POST",
            ADDRESS,
            side.credentials.tba,
            side.clock.now(),
            nonce=f"wrong-{number}",
            oauth_signature="AA",
        )
        call(side, "{}", headers={"authorization": wrong})
    locked = post(side, "echo")
    reason = side.desk.audit.rows()[-1]["reason"]
    limited = authorization("POST", ADDRESS, side.credentials.tba_limited, side.clock.now())
    other = call(side, '{"operation": "echo"}', headers={"authorization": limited})
    side.clock.advance(30 * 60)

    assert (locked.status_code, reason, other.status_code) == (401, "temporary_locked", 200)
    assert post(side, "echo").status_code == 200


def test_four_failures_and_a_success_do_not_lock(side: NetSuiteSide) -> None:
    """Only failures in a row count."""
    for number in range(8):
        wrong = authorization(
            "POST",
            ADDRESS,
            side.credentials.tba,
            side.clock.now(),
            nonce=f"wrong-{number}",
            oauth_signature="AA",
        )
        call(side, "{}", headers={"authorization": wrong})
        if number == 3:
            post(side, "echo")

    assert post(side, "echo").status_code == 200


def test_a_malformed_header_is_an_invalid_request(side: NetSuiteSide) -> None:
    """400 INVALID_REQUEST; it counts against no token."""
    answer = call(side, "{}", headers={"authorization": "OAuth realm=1234567_SB1"})

    assert (answer.status_code, code_of(answer)) == (400, "INVALID_REQUEST")


def test_a_wrong_access_token_gets_a_bearer_challenge(side: NetSuiteSide) -> None:
    """401 with WWW-Authenticate, as for OAuth 2.0."""
    answer = call(side, "{}", headers={"authorization": "Bearer sim-nothing"})

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("?script=customscript_other&deploy=customdeploy_lago_service", "SSS_INVALID_SCRIPTLET_ID"),
        ("?script=customscript_lago_service&deploy=2", "SSS_INVALID_SCRIPTLET_ID"),
        ("?script=6&deploy=2", "SSS_INVALID_SCRIPTLET_ID"),
        ("?deploy=1", "SSS_MISSING_REQD_ARGUMENT"),
        ("", "SSS_MISSING_REQD_ARGUMENT"),
    ],
)
def test_an_unknown_script_is_refused(side: NetSuiteSide, query: str, code: str) -> None:
    """400, and nothing runs."""
    answer = call(side, "{}", address=ADDRESS.partition("?")[0] + query)

    assert (400, code) == (answer.status_code, code_of(answer))


def test_internal_ids_name_the_script_too(side: NetSuiteSide) -> None:
    """script=6, deploy=1 is the same deployment."""
    address = ADDRESS.partition("?")[0] + "?script=6&deploy=1"

    assert call(side, '{"operation": "echo"}', address=address).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    ["", "application/x-www-form-urlencoded", "Application/JSON", "text/html", "application/xml"],
)
def test_other_content_types_are_refused(side: NetSuiteSide, content_type: str) -> None:
    """415 INVALID_CONTENT_TYPE in plain text, as the request was no JSON; the case of the letters counts."""
    answer = call(side, "{}", headers={"content-type": content_type})

    assert answer.status_code == 415
    assert answer.text.startswith("error code: INVALID_CONTENT_TYPE\nerror message: ")


def test_a_character_set_may_follow_the_content_type(side: NetSuiteSide) -> None:
    """Parameters are cut off."""
    headers = {"content-type": "application/json; charset=UTF-8"}

    assert call(side, '{"operation": "echo"}', headers=headers).status_code == 200


@pytest.mark.parametrize("body", [b"not JSON", b"", b"{", b'{"a": NaN}', b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_not_json_is_refused(side: NetSuiteSide, body: bytes) -> None:
    """400 INVALID_DATA_FORMAT, whatever is wrong with it."""
    answer = call(side, body)

    assert (answer.status_code, code_of(answer)) == (400, "INVALID_DATA_FORMAT")


def test_more_than_ten_megabytes_are_refused(side: NetSuiteSide) -> None:
    """The guaranteed limit of a RESTlet's input is the simulator's limit."""
    answer = call(side, json.dumps({"operation": "echo", "text": "x" * 10 * 1024 * 1024}))

    assert (answer.status_code, code_of(answer)) == (400, "SSS_REQUEST_SIZE_EXCEEDED")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_methods_without_an_entry_point_are_not_allowed(side: NetSuiteSide, method: str) -> None:
    """405, before anybody logs in."""
    assert call(side, "", method=method).status_code == 405
    assert side.desk.audit.rows() == []


def test_the_call_beyond_the_limit_is_refused_with_400() -> None:
    """Two slots: the third call at the same time gets SSS_REQUEST_LIMIT_EXCEEDED and runs nothing."""

    async def scenario() -> list[httpx.Response]:
        calls = [asyncio.create_task(side.post("echo")) for _ in range(3)]
        for _ in range(50):
            await asyncio.sleep(0)
        await clock.pass_time(1)
        return await asyncio.gather(*calls)

    clock = StandingClock()
    side = NetSuiteSide(limit=2, latency_ms=1000, clock=clock)
    answers = asyncio.run(scenario())

    assert sorted(answer.status_code for answer in answers) == [200, 200, 400]
    assert [code_of(answer) for answer in answers if answer.is_error] == ["SSS_REQUEST_LIMIT_EXCEEDED"]
    assert (side.gate.most_at_once, side.gate.rejections, side.service.stats.operations["echo"]) == (2, 1, 2)


def test_a_save_costs_its_time_while_the_slot_is_held() -> None:
    """Latency plus the cost of one record, slept on the clock."""
    clock = JumpingClock()
    side = NetSuiteSide(cost_ms=700, latency_ms=50, clock=clock)
    answer = post(side, "rename", text="paid late twice")

    assert (answer.json(), clock.slept) == ({"id": "98765"}, [0.75])
    assert side.service.stats.saves == 1


def test_what_the_script_needs_is_part_of_its_time_and_not_added_to_it() -> None:
    """A call of 750 ms whose script kept the machine busy for 300 ms sleeps 450 ms."""

    class BusyClock(JumpingClock):
        """Half a tick goes by whenever the time is told."""

        def now(self) -> datetime:
            self.advance(0.05)
            return super().now()

    clock = BusyClock()
    side = NetSuiteSide(cost_ms=700, latency_ms=50, clock=clock)
    post(side, "rename", text="paid late twice")
    [call] = side.service.log.calls

    assert 0.75 == pytest.approx(call.seconds, abs=0.051)
    assert clock.slept[0] < 0.7


def test_every_call_is_logged_with_its_ending() -> None:
    """When it came, how long it took, what it saved, and what else was running."""
    clock = JumpingClock()
    side = NetSuiteSide(cost_ms=700, latency_ms=50, clock=clock, limit=1)
    post(side, "rename", text="paid late twice")
    side.gate.change(held_by_others=1)
    post(side, "echo")
    call(side, "{}", headers={"authorization": ""})

    told = [(one.operation, one.ending, one.seconds, one.saves) for one in side.service.log.calls]
    assert [("rename", "answered", 0.75, 1), ("echo", "limit", 0.0, 0), ("unknown", "login", 0.0, 0)] == told


@pytest.mark.parametrize(
    ("body", "operation"),
    [('{"type": "invoice", "columns": {"tranid": "1"}}', "bare"), ('{"type": "invoice"}', "unknown")],
    ids=["document", "nonsense"],
)
def test_a_bare_document_is_an_operation_of_its_own(side: NetSuiteSide, body: str, operation: str) -> None:
    """It names none, and is told by its columns; faults and the log go by it."""
    call(side, body)

    assert [operation] == [one.operation for one in side.service.log.calls]


def test_nothing_returned_is_an_empty_body(side: NetSuiteSide) -> None:
    """An assumption about NetSuite, kept in one place."""
    answer = post(side, "nothing")

    assert (answer.status_code, answer.text) == (200, "")
