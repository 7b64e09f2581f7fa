"""The client speaks the contract, and takes no answer for more than it says."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from lago_ns_cli.domain.exchange import FindStatus
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.domain.lago_objects import LagoObject
from lago_ns_cli.errors import AuthError, ConfigError, InDoubtError, LimitError, RejectedError
from lago_ns_cli.netsuite import client as client_module
from tests.adapters.netsuite.restlet import Restlet, envelope, json_answer

PING = {
    "account": "123_SB1",
    "environment": "SANDBOX",
    "role": {"id": 1001, "name": "Lago service"},
    "user": 5,
    "time": "2026-08-01T00:00:00Z",
    "time_zone": None,
    "features": {"suitetax": True, "multicurrency": False},
    "missing_permissions": ["Transactions > Invoice (Edit)"],
    "missing_fields": ["custbody_lago_id"],
}


def record(internal_id: object = "77", key: str | None = "lago:inv:1", **fields: object) -> dict[str, object]:
    return {"id": internal_id, "type": "invoice", "key": key, "total": "100.00", **fields}


def pushed(key: str = "lago:inv:1", outcome: object = "created", **changes: object) -> dict[str, object]:
    row: dict[str, object] = {
        "key": key,
        "outcome": outcome,
        "id": "77",
        "record": record(key=key),
        "error": None,
        "notices": [],
        "units": 30,
    }
    return row | changes


def push(answer: Mapping[str, Any], *keys: str) -> list[Any]:
    return list(Restlet(answer).run(lambda client: client.push([{"key": key} for key in keys])))


def test_calls_are_signed_posts_to_the_script() -> None:
    """One address, one method, JSON both ways."""
    restlet = Restlet(PING)
    restlet.run(lambda client: client.ping())
    [call] = restlet.calls

    assert call.method == "POST"
    assert str(call.url) == (
        "https://123-sb1.restlets.api.netsuite.com/app/site/hosting/restlet.nl"
        "?script=customscript_lago_service&deploy=customdeploy_lago_service"
    )
    assert call.headers["content-type"] == "application/json"
    assert call.headers["authorization"].startswith('OAuth realm="123_SB1"')
    assert call.headers["user-agent"].startswith("lago-ns/")
    assert restlet.bodies == [{"contract": 1, "operation": "ping"}]


def test_reads_wait_longer_than_a_script_may_run() -> None:
    """A script has 300 seconds; who gives up earlier does not know what was executed."""
    restlet = Restlet(PING)
    restlet.run(lambda client: client.ping())

    assert restlet.calls[0].extensions["timeout"]["read"] == 330.0


def test_ping_tells_the_account() -> None:
    """And what its role and its fields lack."""
    ping = Restlet(PING).run(lambda client: client.ping())

    assert (ping.account, ping.environment, ping.role, ping.script_version) == (
        "123_SB1",
        "SANDBOX",
        "Lago service",
        "1.0.0",
    )
    assert ping.time == datetime(2026, 8, 1, tzinfo=UTC)
    assert ping.features == {"suitetax": True, "multicurrency": False}
    assert ping.missing_permissions == ("Transactions > Invoice (Edit)",)
    assert ping.missing_fields == ("custbody_lago_id",)


def test_another_account_is_refused() -> None:
    """A sandbox profile that reaches production stops at the first call."""
    with pytest.raises(ConfigError, match="123_SB1, but account 123 answers"):
        Restlet({**PING, "account": "123"}).run(lambda client: client.ping())


@pytest.mark.parametrize("changes", [{"account": None}, {"features": []}, {"role": "x"}, {"time": "now"}])
def test_a_ping_that_cannot_be_read_is_a_disagreement(changes: dict[str, Any]) -> None:
    """The deployed script is not ours, or of another version."""
    with pytest.raises(RejectedError) as caught:
        Restlet({**PING, **changes}).run(lambda client: client.ping())

    assert caught.value.code == "netsuite_contract"


def test_reads_are_made_again_and_signed_anew() -> None:
    """A limit passes; nonces are used once."""
    restlet = Restlet(envelope("SSS_REQUEST_LIMIT_EXCEEDED"), PING)
    restlet.run(lambda client: client.ping())
    first, second = (call.headers["authorization"] for call in restlet.calls)

    assert restlet.waits == [0.5]
    assert first != second


def test_a_push_is_never_made_again() -> None:
    """Whether it may be is for the ledger to say."""
    restlet = Restlet(envelope("SSS_REQUEST_LIMIT_EXCEEDED"))

    with pytest.raises(LimitError):
        restlet.run(lambda client: client.push([{"key": "k"}]))
    assert len(restlet.calls) == 1


def test_documents_travel_as_they_are() -> None:
    """Nothing is added to them or changed."""
    document = {"key": "lago:inv:1", "columns": {"total": "100.00", "memo": "Größe ✓", "x": None, "b": True}}
    restlet = Restlet({"documents": [pushed()]})
    [result] = restlet.run(lambda client: client.push([document]))

    assert restlet.bodies == [{"contract": 1, "operation": "push", "documents": [document]}]
    assert (result.key, result.outcome, result.id) == ("lago:inv:1", "created", "77")
    assert (result.record.id, result.record.type, result.record.fields["total"]) == (
        "77",
        "invoice",
        "100.00",
    )
    assert result.answer["units"] == 30


@pytest.mark.parametrize(
    ("row", "code", "message"),
    [
        (pushed(outcome="adopted"), None, None),
        (pushed(outcome="updated", record=None), None, None),
        (
            pushed(outcome="conflict", error={"code": "LAGO_NUMBER_TAKEN", "message": "Taken"}),
            "LAGO_NUMBER_TAKEN",
            "Taken",
        ),
        (
            pushed(outcome="rejected", id=None, record=None, error={"code": "USER_ERROR", "message": "No"}),
            "USER_ERROR",
            "No",
        ),
        (
            pushed(outcome="rejected", id=None, record=None, error=None),
            "netsuite_rejected",
            "NetSuite gave no reason for rejected.",
        ),
        (
            pushed(outcome="not_attempted", id=None, record=None, error={"code": None, "message": ""}),
            "netsuite_not_attempted",
            "NetSuite gave no reason for not attempted.",
        ),
    ],
)
def test_outcomes_are_told_as_they_come(row: dict[str, Any], code: str | None, message: str | None) -> None:
    """A refusal always has a code and a message."""
    [result] = push({"documents": [row]}, "lago:inv:1")

    assert (result.outcome, result.code, result.message) == (row["outcome"], code, message)


@pytest.mark.parametrize(
    "row",
    [
        pushed(id=None),
        pushed(id="", record=None),
        pushed(id="Invalid mapping", record=None),
        pushed(id=True, record=None),
        pushed(id=77.5, record=None),
        pushed(id=[77], record=None),
        pushed(record=record("78")),
        pushed(error={"code": "USER_ERROR", "message": "and yet"}),
        pushed(outcome="done"),
        pushed(outcome=None),
        pushed(key="lago:inv:2"),
        pushed(record="text"),
        {},
        None,
        "created",
    ],
)
def test_an_answer_that_settles_nothing_leaves_a_doubt(row: object) -> None:
    """Success without an id, with another record, with an error: look it up."""
    [result] = push({"documents": [row]}, "lago:inv:1")

    assert (result.key, result.outcome, result.code) == ("lago:inv:1", "in_doubt", "answer_incomplete")
    assert result.message


@pytest.mark.parametrize(
    ("answered", "outcomes"),
    [
        (["a", "b", "c"], ["created", "created", "created"]),
        (["a", "b"], ["created", "created", "in_doubt"]),
        (["a", "c"], ["created", "in_doubt", "in_doubt"]),
        (["b", "a", "c"], ["in_doubt", "in_doubt", "created"]),
        (["a", "a", "c"], ["created", "in_doubt", "created"]),
        ([], ["in_doubt", "in_doubt", "in_doubt"]),
    ],
)
def test_only_the_document_in_its_own_place_is_settled(answered: list[str], outcomes: list[str]) -> None:
    """Missing and misplaced answers are doubts, for those documents alone."""
    answer = {"documents": [pushed(key) for key in answered]}

    assert [result.outcome for result in push(answer, "a", "b", "c")] == outcomes
    assert [result.key for result in push(answer, "a", "b", "c")] == ["a", "b", "c"]


def test_a_push_without_documents_in_its_answer_is_in_doubt() -> None:
    """The frame is right, the rest is missing."""
    assert [result.outcome for result in push({"documents": "none"}, "a")] == ["in_doubt"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("77", "77"),
        (77, "77"),
        (2**53 + 1, "9007199254740993"),
        ("9007199254740993", "9007199254740993"),
        (10**30, "1" + "0" * 30),
        ("-5", "-5"),
    ],
)
def test_internal_ids_are_kept_exactly(given: object, kept: str) -> None:
    """Whether they come as a text or as a number, of any size."""
    [result] = push({"documents": [pushed(id=given, record=record(given))]}, "lago:inv:1")

    assert (result.outcome, result.id, result.record.id) == ("created", kept, kept)


def test_notices_are_kept() -> None:
    """A file that could not be archived is no failure, but is told."""
    notices = [{"code": "LAGO_ARCHIVE_FAILED", "message": "No folder"}, {"message": "x"}]
    [result] = push({"documents": [pushed(notices=notices)]}, "lago:inv:1")

    assert result.notices == (("LAGO_ARCHIVE_FAILED", "No folder"), ("", "x"))


def test_a_call_beyond_netsuites_size_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be refused after the upload, or cut."""
    monkeypatch.setattr(client_module, "MAX_REQUEST_BYTES", 100)
    restlet = Restlet({"documents": []})

    with pytest.raises(RejectedError, match="bytes long") as caught:
        restlet.run(lambda client: client.push([{"key": "k", "memo": "x" * 100}]))
    assert caught.value.code == "netsuite_too_large"
    assert restlet.calls == []


def test_look_ups_are_answered_in_order() -> None:
    """Found, absent and denied are three different things."""
    results = [
        {"status": "found", "records": [record(5), record("6", key=None)]},
        {"status": "absent", "records": []},
        {"status": "denied", "records": []},
    ]
    queries = [{"type": "invoice", "key": f"lago:inv:{n}"} for n in range(3)]
    restlet = Restlet({"results": results})
    found, absent, denied = restlet.run(lambda client: client.find(queries))

    assert restlet.bodies[0]["queries"] == queries
    assert (found.status, [one.id for one in found.records]) == (FindStatus.FOUND, ["5", "6"])
    assert [one.key for one in found.records] == ["lago:inv:1", None]
    assert (absent.status, denied.status) == (FindStatus.ABSENT, FindStatus.DENIED)


@pytest.mark.parametrize(
    "results",
    [
        [],
        "none",
        [{"status": "absent", "records": []}] * 2,
        [{"status": "missing", "records": []}],
        [{"status": "found", "records": []}],
        [{"status": "found", "records": [record("not an id")]}],
        [{"status": "absent", "records": [record()]}],
        [{"records": []}],
        [None],
    ],
)
def test_a_look_up_that_cannot_be_read_is_never_taken_for_absent(results: object) -> None:
    """ "Not seen" must not become "not there"."""
    with pytest.raises(RejectedError):
        Restlet({"results": results}).run(lambda client: client.find([{"type": "invoice", "key": "k"}]))


def test_many_look_ups_take_several_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The script takes 200 at once; none at all takes no call."""
    monkeypatch.setattr(client_module, "MAX_QUERIES_PER_CALL", 2)
    absent = {"status": "absent", "records": []}
    restlet = Restlet({"results": [absent, absent]}, {"results": [absent]})
    found = restlet.run(lambda client: client.find([{"type": "invoice", "id": str(n)} for n in range(3)]))

    assert [len(body["queries"]) for body in restlet.bodies] == [2, 1]
    assert len(found) == 3
    assert Restlet({}).run(lambda client: client.find([])) == []


def section(**changes: Any) -> dict[str, Any]:
    return {"sections": {"items": {"status": "ok", "error": None, "rows": [], "cursor": None} | changes}}


def test_sections_are_read_to_their_end() -> None:
    """The cursor is handed back as it came."""
    restlet = Restlet(section(rows=[{"id": "1"}], cursor=1000), section(rows=[{"id": "2"}]))
    rows, missing = restlet.run(lambda client: client.describe_section("items"))

    assert rows == [{"id": "1"}, {"id": "2"}]
    assert missing is None
    assert [body["cursor"] for body in restlet.bodies] == [None, 1000]
    assert restlet.bodies[0]["sections"] == ["items"]


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"status": "denied", "error": "Lists > Items (View)"}, "Lists > Items (View)"),
        (
            {"status": "denied", "error": {"code": "INSUFFICIENT_PERMISSION", "message": "No"}},
            "INSUFFICIENT_PERMISSION: No",
        ),
        ({"status": "unavailable", "error": None, "rows": None}, "unavailable"),
    ],
)
def test_a_section_that_is_missing_says_why(changes: dict[str, Any], missing: str) -> None:
    """A feature is off, or the role may not see it; both are answers."""
    assert Restlet(section(**changes)).run(lambda client: client.describe_section("items")) == ((), missing)


@pytest.mark.parametrize("answer", [{}, {"sections": {}}, section(rows=[5]), section(status=None)])
def test_a_section_that_cannot_be_read_is_a_disagreement(answer: dict[str, Any]) -> None:
    """No half a catalog."""
    with pytest.raises(RejectedError):
        Restlet(answer).run(lambda client: client.describe_section("items"))


def test_a_cursor_that_stands_still_ends_the_reading() -> None:
    """The same page would come for ever."""
    with pytest.raises(RejectedError, match="does not get beyond 7"):
        Restlet(section(cursor=7)).run(lambda client: client.describe_section("items"))


def test_lists_are_read_page_by_page() -> None:
    """Dates travel as days, ids and amounts as they come."""
    restlet = Restlet(
        {"rows": [{"id": "1"}], "cursor": "1", "status": "ok"}, {"rows": [{"id": "2"}], "cursor": None}
    )
    rows = restlet.run(lambda client: client.list_rows("invoice", since=date(2026, 7, 1), limit=1))

    assert rows == [{"id": "1"}, {"id": "2"}]
    assert restlet.bodies[0] == {
        "contract": 1,
        "operation": "list",
        "type": "invoice",
        "since": "2026-07-01",
        "until": None,
        "limit": 1,
        "cursor": None,
    }
    assert restlet.bodies[1]["cursor"] == "1"


def test_a_list_that_the_role_may_not_see_is_no_empty_list() -> None:
    """It would look as if NetSuite held nothing."""
    with pytest.raises(AuthError) as caught:
        Restlet({"rows": [], "cursor": None, "status": "denied"}).run(
            lambda client: client.list_rows("creditmemo")
        )

    assert "creditmemo" in caught.value.message


def test_fractions_of_raw_answers_keep_their_digits() -> None:
    """The contract has none; what another script version sends is not rounded."""
    body = b'{"contract":1,"operation":"x","n":0.1234567890123456789}'
    answer = Restlet(httpx.Response(200, content=body)).run(lambda client: client.read("x", {"a": 1}))

    assert answer["n"] == "0.1234567890123456789"


@pytest.mark.parametrize(
    "answer",
    [{"contract": 1, "operation": "push"}, {"contract": True, "operation": "ping"}, {"contract": "1"}],
)
def test_an_answer_to_another_question_is_refused(answer: dict[str, Any]) -> None:
    """Contract and operation must both fit."""
    with pytest.raises(RejectedError):
        Restlet(json_answer(answer)).run(lambda client: client.ping())


def test_a_wrong_host_is_refused_before_any_call() -> None:
    """The login never leaves for a stranger."""
    with pytest.raises(ConfigError):
        Restlet(PING).client(base_url="https://999.restlets.api.netsuite.com")


def lago_object(key: str = "lago:obj:1") -> LagoObject:
    return LagoObject(
        key=Key(key),
        organization="org-1",
        kind="plan",
        code="pro",
        title="plan:pro",
        name="Pro",
        lago_id="1",
        fingerprint="f",
        json="{}",
    )


def test_objects_travel_whole_and_each_is_answered() -> None:
    """In the order sent, each with its outcome."""
    refused = {"code": "INVALID_FLD_VALUE", "message": "Too long."}
    restlet = Restlet(
        {
            "objects": [
                {"key": "lago:obj:1", "outcome": "created", "id": 7, "error": None},
                {"key": "lago:obj:2", "outcome": "rejected", "id": None, "error": refused},
            ]
        }
    )

    stored = restlet.run(lambda client: client.store_objects([lago_object(), lago_object("lago:obj:2")]))

    assert [("created", "7", None), ("rejected", None, "INVALID_FLD_VALUE")] == [
        (one.outcome, one.id, one.code) for one in stored
    ]
    assert ("plan:pro", False) == tuple(
        restlet.bodies[0]["objects"][0][name] for name in ("title", "inactive")
    )


@pytest.mark.parametrize("rows", [[], [{"key": "lago:obj:9", "outcome": "created"}], "yes"])
def test_an_answer_about_other_objects_leaves_a_doubt(rows: object) -> None:
    """It is not sent again by itself: whatever was written is found by its key next time."""
    restlet = Restlet({"objects": rows})

    with pytest.raises(InDoubtError):
        restlet.run(lambda client: client.store_objects([lago_object()]))
    assert 1 == len(restlet.calls)
