"""One thing is wrong, and doctor names the cause and the fix: the whole of what it says, case by case.

The expected texts stand in ``golden/``, a file a case, as in ``tests/cli``.
"""

import asyncio
import re

import httpx
import pytest

from lago_ns_cli.domain.account_memory import UniqueKeys, unique_keys_fact
from lago_ns_cli.domain.run_record import PACE_MARK, Learned
from lago_ns_cli.ledger.processes import this_process
from lago_ns_cli.simulator.world import ACCOUNT_ID
from tests.cli.keyrings import MemoryKeyring
from tests.cli.terminal import check_golden
from tests.doctor.cases import CASES, Case, keyring_of
from tests.doctor.patient import Patient
from tests.integration.world import URL


def test_a_set_up_that_works_has_no_complaint(patient: Patient) -> None:
    """Nothing but what is to be known."""
    assert [] == patient.complaints()


def test_a_legacy_set_up_that_works_has_no_complaint(legacy: Patient) -> None:
    """Nor with the other tax regime."""
    assert [] == legacy.complaints()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_wrong_is_named_with_its_fix(case: Case, request: pytest.FixtureRequest) -> None:
    """Every warning and failure of the case, whole; that there is one, and that each has a fix."""
    patient: Patient = request.getfixturevalue("legacy" if case.legacy else "patient")
    case.arrange(patient)

    complaints = patient.complaints()

    assert complaints
    assert [] == [one for one in complaints if one.endswith(("| None", "| "))]
    check_golden(f"doctor/{case.name}.txt", "".join(f"{one}\n" for one in complaints))


def levels(patient: Patient) -> dict[str, str]:
    return {one.check: f"{one.level}: {one.why}" for one in patient.findings()}


def test_what_was_learned_is_held_against_the_settings(patient: Patient) -> None:
    """The limit that the last run found counts, and not the smallest that accounts have."""
    with patient.open_ledger() as ledger:
        ledger.record_mark(PACE_MARK, Learned(limit=12).as_text(), patient.world.clock.now())

    patient.set("push", concurrency=11)
    assert (
        "ok: 11 calls at once; the last run found 12 to be allowed" == levels(patient)["config.concurrency"]
    )
    patient.set("push", concurrency=12)
    assert levels(patient)["config.concurrency"].startswith("warning: 12 calls at once and 1 left free")


def test_a_key_that_may_not_write_is_no_complaint(patient: Patient) -> None:
    """Only writing back to Lago needs it, and it is said."""
    patient.world.simulator.parts.organization.withheld = frozenset({("write", "invoice")})

    assert (
        "ok: reads all 11 lists; may not write invoice, which only writing back to Lago needs"
        == levels(patient)["lago.scopes"]
    )


def test_kinds_that_are_switched_off_need_no_permission(patient: Patient) -> None:
    """Who carries no payments need not read them."""
    patient.set("sync", kinds={"payment": False})
    patient.world.simulator.parts.organization.withheld = frozenset({("read", "payment")})

    assert [] == patient.complaints()


def test_a_login_that_worked_is_remembered(patient: Patient) -> None:
    """By a digest, once a day, where there is a ledger; so a later refusal can say "since then"."""
    with patient.open_ledger():
        pass
    assert [] == patient.complaints()
    patient.world.simulator.parts.desk.revoke_token(patient.world.simulator.credentials.tba.token_id)

    (complaint,) = patient.complaints()
    assert complaint.startswith(
        "failure netsuite.login: NetSuite refused a login that it accepted on 2026-11-22"
    )


def test_a_quarantine_may_be_short_where_keys_are_proven_unique(patient: Patient) -> None:
    """The proof is this account's."""
    proof = UniqueKeys(refused=True, at=patient.world.clock.now())
    with patient.open_ledger() as ledger:
        ledger.record_facts([unique_keys_fact(ACCOUNT_ID, proof)], proof.at)
    patient.set("push", quarantine_seconds=0)

    assert [] == patient.complaints()
    assert (
        "ok: 0 s; repeated keys are refused here (probe of 2026-11-22)"
        == levels(patient)["config.quarantine"]
    )


def test_a_run_that_holds_the_account_is_named(patient: Patient) -> None:
    """That is no complaint: it will end."""
    with patient.open_ledger() as ledger:
        ledger.acquire_lease(this_process("r1"), "sync all", patient.world.clock.now())
        lease = levels(patient)["ledger.lease"]

    assert re.fullmatch(
        r"ok: held: `sync all` of profile default runs on .* \(process \d+\) since .* UTC", lease
    )


def test_a_ledger_on_a_shared_file_system_is_refused(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its locks cannot be trusted."""
    monkeypatch.setattr("lago_ns_cli.ledger.inspection.shared_filesystem", lambda _: "nfs4")

    assert [
        (
            "failure ledger.disk: ledger.db lies on a file system of kind nfs4, whose locks cannot be trusted: two runs could "
            "write at once. | Move the ledger to a local disk and name it as [ledger] url."
        )
    ] == patient.complaints()


def test_closed_periods_are_no_complaint_where_documents_move_on(patient: Patient) -> None:
    """By declared policy."""
    patient.set("sync", closed_period_policy="next_open")
    patient.account.administrator.close_period("Oct 2026")

    assert [] == patient.complaints()
    assert (
        "ok: Oct 2026 is closed; its documents go to the next open one (closed_period_policy)"
        == levels(patient)["netsuite.last_period"]
    )


@pytest.mark.parametrize(
    ("code", "words", "fix"),
    [
        ("TWO_FA_REQD", "two-factor", "a role without it"),
        ("INVALID_LOGIN_IP", "an address that the account does not allow", "Company Information"),
        ("invalid_scope", "the scope restlets", "tick RESTlets"),
        ("unauthorized_client", "does not let this integration log in", "Client Credentials"),
        ("invalid_grant", "it has ended or was revoked", "map the certificate again"),
    ],
)
def test_the_words_of_a_refused_login_are_understood(
    patient: Patient, code: str, words: str, fix: str
) -> None:
    """Codes that the simulator does not give of itself."""
    patient.wrap = lambda inner: Refusing(inner, code)

    (complaint,) = patient.complaints()

    assert complaint.startswith("failure netsuite.login: ")
    assert words in complaint
    assert fix in complaint


class Refusing(httpx.AsyncBaseTransport):
    """Answers every call of the RESTlet with a refused login."""

    def __init__(self, inner: httpx.AsyncBaseTransport, code: str) -> None:
        self._inner = inner
        self._code = code

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.startswith("/app/site/"):
            return await self._inner.handle_async_request(request)
        return httpx.Response(401, json={"error": {"code": self._code, "message": "No."}})


def test_a_keyring_that_is_not_needed_is_not_asked(patient: Patient) -> None:
    """Where variables suffice, as in cron, a locked keyring costs no time and is no complaint."""

    class Locked(MemoryKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            raise AssertionError(f"asked for {username} of {service}")

    patient.keyring = keyring_of(Locked)

    assert [] == patient.complaints()
    assert "ok: not needed: every secret comes from the environment" == levels(patient)["config.keyring"]


def test_looking_changes_neither_side(patient: Patient) -> None:
    """Also what only tries a permission: no payment in Lago, no record in NetSuite, no file here."""

    async def documents() -> list[object]:
        headers = {"authorization": f"Bearer {patient.world.simulator.credentials.lago_api_key}"}
        transport = httpx.ASGITransport(app=patient.world.simulator)
        async with httpx.AsyncClient(transport=transport, base_url=URL, headers=headers) as client:
            names = ("customers", "invoices", "credit_notes", "payments")
            return [(await client.get(f"/api/v1/{name}")).json() for name in names]

    def everything() -> tuple[object, ...]:
        return asyncio.run(documents()), patient.world.store(), sorted(patient.folder.rglob("*"))

    before = everything()

    assert [] == patient.complaints()
    assert before == everything()
