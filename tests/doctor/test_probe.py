"""The trial that proves whether a repeated key is refused: both ways, and nothing of it stays."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from lago_ns_cli.domain.account_memory import UNIQUE_KEYS, account_key, read_unique_keys
from lago_ns_cli.domain.audit import AuditEvent, AuditQuery
from lago_ns_cli.errors import ConfigError, LagoNsError, RejectedError
from lago_ns_cli.simulator.netsuite.switches import Switches
from lago_ns_cli.simulator.world import ACCOUNT_ID
from lago_ns_cli.workflows.probe import Probed, probe_keys
from tests.doctor.patient import Answering, Bench, Patient

INTEGRATION = "1001"


def allow(patient: Patient) -> None:
    """Let the role delete what it makes, as an administrator does for a probe."""
    for permission in ("LIST_CUSTJOB", "TRAN_CUSTINVC"):
        patient.account.setup.set_permission(INTEGRATION, permission, "FULL")


def probe(patient: Patient) -> Probed:
    async def whole() -> Probed:
        bench = Bench(patient)
        mappings = bench.mapping().mappings
        assert mappings is not None
        client = bench.netsuite()
        try:
            with patient.open_ledger() as ledger:
                return await probe_keys(client, ledger, patient.clock, mappings)
        finally:
            await client.aclose()

    with patient.in_environment():
        return asyncio.run(whole())


def proof(patient: Patient) -> bool | None:
    """What the ledger remembers."""
    key = account_key(ACCOUNT_ID)
    with patient.open_ledger() as ledger:
        known = read_unique_keys(ledger.facts([key]).get(key, {}).get(UNIQUE_KEYS))
    return None if known is None else known.refused


def noted(patient: Patient) -> list[Any]:
    """What the audit trail says of probes."""
    with patient.open_ledger() as ledger:
        return [dict(entry.told()) for entry in ledger.trail.entries(AuditQuery(event=AuditEvent.COMMAND))]


def trial_records(patient: Patient) -> list[str]:
    """What of a probe is in NetSuite's own store."""
    return [
        record["externalid"]
        for kind in ("customer", "invoice")
        for record in patient.world.records(kind)
        if str(record["externalid"]).startswith("lago:probe:")
    ]


@pytest.mark.parametrize("regime", ["patient", "legacy"])
@pytest.mark.parametrize("code", ["DUP_RCRD", "UNIQUE_RCRD_ID_REQD", "DUP_ENTITY"])
def test_an_account_that_refuses_repeated_keys_is_proven(
    request: pytest.FixtureRequest, regime: str, code: str
) -> None:
    """Whichever code it gives, under either tax regime; it is remembered, and nothing stays."""
    patient: Patient = request.getfixturevalue(regime)
    allow(patient)
    patient.account.switches = Switches(externalid_error=code)

    probed = probe(patient)

    assert Probed(account=ACCOUNT_ID, refused=True) == probed
    assert ([], True) == (trial_records(patient), proof(patient))
    before, after = noted(patient)
    assert ["lago:probe:customer", "lago:probe:invoice"] == sorted(before["writes"].values())
    assert (True, []) == (after["refused"], after["left"])


def test_an_account_that_stores_repeated_keys_is_found_out(patient: Patient) -> None:
    """Both records are taken away, and the quarantine may not be 0."""
    allow(patient)
    patient.account.switches = Switches(externalid_unique=False)

    probed = probe(patient)

    assert Probed(account=ACCOUNT_ID, refused=False) == probed
    assert ([], False) == (trial_records(patient), proof(patient))


def test_numbers_that_are_names_do_not_deceive_the_trial(patient: Patient) -> None:
    """Where customers are called by their names, equal names are refused; the trial's differ."""
    allow(patient)
    patient.account.switches = Switches(externalid_unique=False, customer_numbering=False)

    assert probe(patient).refused is False


def test_another_refusal_proves_nothing(patient: Patient) -> None:
    """A code that does not say "there already" is told, and nothing is remembered."""
    allow(patient)
    patient.account.switches = Switches(externalid_error="USER_ERROR")

    probed = probe(patient)

    assert (None, ()) == (probed.refused, probed.left)
    assert (
        "the second record was refused for another reason: USER_ERROR: This record already exists"
        == probed.why
    )
    assert ([], None) == (trial_records(patient), proof(patient))


def test_a_role_that_cannot_delete_makes_nothing(patient: Patient) -> None:
    """The permissions are named as the role page names them."""
    with pytest.raises(RejectedError) as refusal:
        probe(patient)

    assert "LAGO_PROBE_NOT_ALLOWED" == refusal.value.code
    assert "it lacks Transactions > Invoice (Full) and Lists > Customers (Full)." in refusal.value.message
    assert ([], None) == (trial_records(patient), proof(patient))


def test_production_is_left_alone(patient: Patient) -> None:
    """Not even asked."""
    allow(patient)
    patient.wrap = lambda inner: Answering(
        inner, "/app/site/", change=lambda answer: {**answer, "environment": "PRODUCTION"}
    )

    with pytest.raises(ConfigError, match="is no sandbox"):
        probe(patient)


class Failing(httpx.AsyncBaseTransport):
    """Loses an answer of the probe: the call was executed, and nobody heard."""

    def __init__(
        self, inner: httpx.AsyncBaseTransport, fails: Callable[[dict[str, Any]], BaseException | None]
    ) -> None:
        self._inner = inner
        self._fails = fails

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        failure = self._fails(json.loads(request.content))
        if failure is not None:
            raise failure
        return response


def test_what_a_lost_answer_leaves_is_taken_away(patient: Patient) -> None:
    """The invoices were made, the answer was lost: nothing is proven and nothing stays."""
    allow(patient)

    def lost(asked: dict[str, Any]) -> BaseException | None:
        made = asked.get("step") == "make" and asked["documents"][0]["type"] == "invoice"
        return httpx.ReadError("reset") if made else None

    patient.wrap = lambda inner: Failing(inner, lost)
    probed = probe(patient)

    assert (None, ()) == (probed.refused, probed.left)
    assert ([], None) == (trial_records(patient), proof(patient))


def test_an_interrupted_probe_takes_its_records_away(patient: Patient) -> None:
    """Ctrl-C cancels the task between two calls."""
    allow(patient)

    def interrupted(asked: dict[str, Any]) -> BaseException | None:
        return asyncio.CancelledError() if asked.get("step") == "make" else None

    patient.wrap = lambda inner: Failing(inner, interrupted)
    with pytest.raises(asyncio.CancelledError):
        probe(patient)

    assert ([], None) == (trial_records(patient), proof(patient))


def test_what_could_not_be_taken_away_is_named_and_found_next_time(patient: Patient) -> None:
    """Killed or cut off in the middle, the next probe begins by clearing up, and doctor says so until then."""
    allow(patient)
    calls: list[str] = []

    def cut_off(asked: dict[str, Any]) -> BaseException | None:
        calls.append(str(asked.get("step")))
        return httpx.ReadError("gone") if calls.count("make") == 1 and asked.get("step") else None

    class CutOff(Failing):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if calls.count("make") and json.loads(request.content).get("step") == "clean":
                raise httpx.ConnectError("unreachable")
            return await super().handle_async_request(request)

    patient.wrap = lambda inner: CutOff(inner, cut_off)
    probed = probe(patient)

    assert ("lago:probe:invoice", "lago:probe:customer") == probed.left
    assert ["lago:probe:customer"] == trial_records(patient)

    patient.wrap = lambda inner: inner
    assert any(line.startswith("warning netsuite.trial_records") for line in patient.complaints())
    assert probe(patient).refused
    assert [] == trial_records(patient)


def test_only_trial_records_are_ever_deleted(patient: Patient) -> None:
    """The script takes no other key, whoever asks."""
    allow(patient)
    patient.world.sync("customer")
    before = patient.world.records("customer")
    key = next(record["externalid"] for record in before if record["externalid"])

    async def ask() -> int:
        client = Bench(patient).netsuite()
        try:
            return await client.take_away({"customer": key})
        finally:
            await client.aclose()

    with patient.in_environment():
        assert 0 == asyncio.run(ask())
    assert before == patient.world.records("customer")


def test_mappings_without_an_item_cannot_be_tried(patient: Patient) -> None:
    """What a trial record needs is named before anything is written."""
    allow(patient)
    text = patient.mappings.read_text("utf-8")
    patient.mappings.write_text(text[text.index("[[subsidiaries]]") :].join(["version = 1\n", ""]), "utf-8")

    with pytest.raises(LagoNsError, match="the mappings name no item"):
        probe(patient)
