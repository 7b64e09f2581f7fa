"""What can be wrong, one thing a case: a sentence for the documentation, and how it comes about."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
from keyring.backend import KeyringBackend
from keyring.backends import null

from lago_ns_cli.domain.account_memory import AcceptedLogin, UniqueKeys, login_fact, unique_keys_fact
from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.diagnosis.facts import Reach
from lago_ns_cli.domain.lease import Owner
from lago_ns_cli.netsuite.certificate import KeyKind, make_key_pair
from lago_ns_cli.simulator.netsuite.access import register_certificate
from lago_ns_cli.simulator.world import ACCOUNT_ID
from tests.cli.keyrings import MemoryKeyring, PlaintextKeyring
from tests.doctor.patient import Answering, Patient

INTEGRATION = "1001"


@dataclass(frozen=True)
class Case:
    """One thing that is wrong; ``legacy`` where it takes an account with legacy tax."""

    name: str
    what: str
    arrange: Callable[[Patient], object]
    legacy: bool = False


def _file(content: str) -> Callable[[Patient], object]:
    return lambda patient: patient.config.write_text(content, "utf-8")


def _append(line: str) -> Callable[[Patient], object]:
    return lambda patient: patient.config.write_text(f"{line}\n{patient.config.read_text('utf-8')}", "utf-8")


def keyring_of(backend: Callable[..., KeyringBackend]) -> KeyringBackend:
    return backend()


def _keyring(backend: Callable[..., KeyringBackend]) -> Callable[[Patient], object]:
    def arrange(patient: Patient) -> None:
        patient.keyring = keyring_of(backend)
        del patient.environment["LAGO_NS_LAGO__API_KEY"]

    return arrange


def _half_a_login(patient: Patient) -> None:
    patient.keyring = keyring_of(MemoryKeyring)
    for name in ("TOKEN_ID", "TOKEN_SECRET"):
        del patient.environment[f"LAGO_NS_NETSUITE__{name}"]


def _m2m(patient: Patient, *, ends_at: datetime | None = None, registered: bool = True) -> str:
    """Log in with OAuth 2.0, by a certificate that holds until then; returns its id."""
    now = patient.world.clock.now()
    made = now if ends_at is None else ends_at - timedelta(days=730) + timedelta(minutes=5)
    pair = make_key_pair("doctor", KeyKind.EC, made)
    simulator = patient.world.simulator
    certificate_id = "sim-unknown"
    if registered:
        certificate_id = register_certificate(simulator.parts.tokens, pair.certificate, role="full")
    patient.set("netsuite", auth="oauth2")
    patient.environment.update(
        {
            "LAGO_NS_NETSUITE__CLIENT_ID": simulator.credentials.client_id,
            "LAGO_NS_NETSUITE__CERTIFICATE_ID": certificate_id,
            "LAGO_NS_NETSUITE__PRIVATE_KEY": pair.private_key.reveal(),
            "LAGO_NS_NETSUITE__CERTIFICATE": pair.certificate,
        }
    )
    return certificate_id


def _m2m_ending(days: float) -> Callable[[Patient], object]:
    return lambda patient: _m2m(patient, ends_at=patient.world.clock.now() + timedelta(days=days))


def _m2m_revoked(patient: Patient) -> None:
    patient.world.simulator.parts.tokens.revoke(_m2m(patient))


def _m2m_without_permission(patient: Patient) -> None:
    _m2m(patient)
    patient.account.setup.set_permission(INTEGRATION, "ADMI_LOGIN_OAUTH2", "NONE")


def _broken_key(patient: Patient) -> None:
    _m2m(patient)
    patient.environment["LAGO_NS_NETSUITE__PRIVATE_KEY"] = (
        "-----BEGIN PRIVATE KEY-----\nnone\n-----END PRIVATE KEY-----"
    )


def _refuted(patient: Patient) -> None:
    patient.set("push", quarantine_seconds=0)
    _probed(patient, refused=False)


def _probed(patient: Patient, *, refused: bool) -> None:
    proof = UniqueKeys(refused, datetime(2026, 11, 20, 8, tzinfo=UTC))
    with patient.open_ledger() as ledger:
        ledger.record_facts([unique_keys_fact(ACCOUNT_ID, proof)], proof.at)


def _ledger_of(account: str) -> Callable[[Patient], object]:
    def arrange(patient: Patient) -> None:
        with patient.open_ledger():
            pass
        _change_ledger(patient, f"UPDATE profiles SET account = '{account}'")

    return arrange


def _change_ledger(patient: Patient, sql: str) -> None:
    connection = sqlite3.connect(patient.ledger)
    with connection:
        connection.execute(sql)
    connection.close()


def _newer_ledger(patient: Patient) -> None:
    with patient.open_ledger():
        pass
    _change_ledger(patient, "UPDATE alembic_version SET version_num = '9999'")


def _foreign_database(patient: Patient) -> None:
    _change_ledger(patient, "CREATE TABLE recipes (name TEXT)")
    patient.ledger.chmod(0o600)


def _damaged_ledger(patient: Patient) -> None:
    with patient.open_ledger():
        pass
    content = bytearray(patient.ledger.read_bytes())
    page = 4096
    # The second page and those behind it hold the tables; the header stays whole.
    content[page : page * 6] = b"\xa5" * (page * 5)
    patient.ledger.write_bytes(bytes(content))


def _no_database(patient: Patient) -> None:
    patient.ledger.write_bytes(b"These are notes of mine, and no database.\n" * 200)
    patient.ledger.chmod(0o600)


def _ledger_behind_a_file(patient: Patient) -> None:
    (patient.folder / "config" / "notes").write_text("a file, not a folder", "utf-8")
    patient.set("ledger", url="sqlite:///notes/ledger.db")


def _open_ledger_file(patient: Patient) -> None:
    with patient.open_ledger():
        pass
    patient.ledger.chmod(0o640)


def _dead_lease(patient: Patient) -> None:
    owner = Owner(run="r1", host="books-01", pid=4242, pid_scope="elsewhere", process_start="1")
    with patient.open_ledger() as ledger:
        ledger.acquire_lease(owner, "sync all", patient.world.clock.now() - timedelta(hours=2))


def _policy(old: str, new: str) -> Callable[[Patient], object]:
    return lambda patient: patient.replace_in_mappings(old, new)


LAGO = "https://api.getlago.com"
NETSUITE = "https://1234567-sb1.restlets.api.netsuite.com"


def _way_to(system: str, stage: str, error: str) -> Callable[[Patient], object]:
    url = LAGO if system == "lago" else NETSUITE

    def arrange(patient: Patient) -> None:
        patient.set(system, base_url=url)
        patient.reaches[url] = Reach(host=httpx.URL(url).host, stage=stage, error=error)

    return arrange


def _withheld(*scopes: tuple[str, str]) -> Callable[[Patient], object]:
    def arrange(patient: Patient) -> None:
        patient.world.simulator.parts.organization.withheld = frozenset(scopes)

    return arrange


def _writing_back(patient: Patient) -> None:
    patient.set("write_back", with_sync_all=True)
    _withheld(("write", "payment"))(patient)


def _other_organization(patient: Patient) -> None:
    with patient.open_ledger() as ledger:
        ledger.bind_organization("another")


def _fault(**rule: object) -> Callable[[Patient], object]:
    return lambda patient: patient.world.plan_faults(rule)


def _ahead(**duration: float) -> Callable[[Patient], object]:
    def arrange(patient: Patient) -> None:
        patient.clock.ahead = timedelta(**duration)

    return arrange


def _rate(limit: int, left: int) -> Callable[[Patient], object]:
    headers = {"x-ratelimit-limit": str(limit), "x-ratelimit-remaining": str(left), "x-ratelimit-reset": "1"}

    def arrange(patient: Patient) -> None:
        patient.wrap = lambda inner: Answering(inner, "/api/v1/", headers=headers)

    return arrange


def _revoked(patient: Patient) -> None:
    simulator = patient.world.simulator
    simulator.parts.desk.revoke_token(simulator.credentials.tba.token_id)


def _accepted_before(patient: Patient) -> None:
    digest = patient.login_digest()
    assert digest is not None
    login = AcceptedLogin(digest, datetime(2026, 11, 20, 8, tzinfo=UTC))
    with patient.open_ledger() as ledger:
        ledger.record_facts([login_fact(ACCOUNT_ID, login)], login.at)


def _revoked_since(patient: Patient) -> None:
    _accepted_before(patient)
    _revoked(patient)


def _m2m_revoked_since(patient: Patient) -> None:
    certificate_id = _m2m(patient)
    _accepted_before(patient)
    patient.world.simulator.parts.tokens.revoke(certificate_id)


def _wrong_secret(patient: Patient) -> None:
    patient.environment["LAGO_NS_NETSUITE__TOKEN_SECRET"] = "f" * 64


def _lacking(permission: str, level: str = "NONE") -> Callable[[Patient], object]:
    return lambda patient: patient.account.setup.set_permission(INTEGRATION, permission, level)


def _off(feature: str) -> Callable[[Patient], object]:
    return lambda patient: patient.account.setup.set_feature(feature, on=False)


def _classified(field: str, feature: str) -> Callable[[Patient], object]:
    def arrange(patient: Patient) -> None:
        row = f'\n[[invoice.header]]\nvalue = "1"\nto = "{field}"\n'
        patient.mappings.write_text(patient.mappings.read_text("utf-8") + row, "utf-8")
        _off(feature)(patient)

    return arrange


def _no_field(name: str) -> Callable[[Patient], object]:
    return lambda patient: patient.account.setup.delete_field(name)


def _unapplied(name: str, record_type: str) -> Callable[[Patient], object]:
    return lambda patient: patient.account.setup.unapply_field(name, record_type)


def _version(number: str) -> Callable[[Patient], object]:
    return _answers(lambda answer: {**answer, "script_version": number})


def _answers(change: Callable[[dict[str, object]], dict[str, object]]) -> Callable[[Patient], object]:
    def arrange(patient: Patient) -> None:
        patient.wrap = lambda inner: Answering(inner, "/app/site/", change=change)

    return arrange


def _before_inspect(patient: Patient) -> None:
    """A script from before the operation."""

    def change(answer: dict[str, object]) -> dict[str, object]:
        return {**answer, "script_version": "1.0.0"}

    patient.wrap = lambda inner: Answering(inner, "/app/site/", change=change, unknown=("inspect",))


def _no_archive(patient: Patient) -> None:
    patient.account.connection.execute("DELETE FROM file WHERE name = 'about.txt'")


def _customer(**changes: object) -> Callable[[Patient], object]:
    """A customer that NetSuite got before Lago changed it."""

    def arrange(patient: Patient) -> None:
        told = patient.world.sync("customer")
        assert told.error is None
        name = patient.world.entries(State.POSTED)[0].number
        patient.wrap = lambda inner: Answering(
            inner, "/api/v1/customers", change=lambda answer: _changed_customers(answer, name, changes)
        )

    return arrange


def _changed_customers(answer: dict[str, object], name: str, changes: dict[str, object]) -> dict[str, object]:
    rows = answer["customers"]
    assert isinstance(rows, list)
    return {
        **answer,
        "customers": [{**row, **changes} if row["external_id"] == name else row for row in rows],
    }


def _inactive_customer(patient: Patient) -> None:
    patient.world.sync("customer")
    key = patient.world.entries(State.POSTED)[0].key
    patient.world.person("deactivate", type="customer", key=key)


def _cut_short(patient: Patient) -> None:
    values = {
        "companyname": "lago-ns probe 1, may be deleted",
        "subsidiary": "2",
        "externalid": "lago:probe:customer",
    }
    patient.world.person("create_record", type="customer", values=values)


PERMISSIONS = {
    "LIST_CUSTJOB": "Lists > Customers (Edit)",
    "TRAN_CUSTINVC": "Transactions > Invoice (Edit)",
    "TRAN_CUSTCRED": "Transactions > Credit Memo (Edit)",
    "TRAN_CUSTPYMT": "Transactions > Customer Payment (Edit)",
    "TRAN_FIND": "Transactions > Find Transaction (View)",
    "LIST_FIND": "Lists > Perform Search (View)",
    "LIST_ITEM": "Lists > Items (View)",
    "LIST_SUBSIDIARY": "Lists > Subsidiaries (View)",
    "LIST_CURRENCY": "Lists > Currency (View)",
    "LIST_ACCOUNT": "Lists > Accounts (View)",
    "LIST_TAXITEM": "Lists > Tax Records (View)",
    "LIST_PAYMETH": "Lists > Payment Methods (View)",
    "LIST_FILECABINET": "Lists > Documents and Files (Edit)",
    "REPO_ANALYTICS": "Reports > SuiteAnalytics Workbook (Edit)",
    "ADMI_ACCTPERIODS": "Setup > Manage Accounting Periods (View)",
    "ADMI_ACCOUNTINGLIST": "Setup > Accounting Lists (View)",
    "LIST_TAXDETAILSTAB": "Lists > Tax Details Tab (Edit)",
}

FIELDS = (
    "custbody_lago_fingerprint",
    "custbody_lago_id",
    "custbody_lago_invoice_link",
    "custcol_lago_line_id",
    "custcol_service_period_date_from",
    "custcol_service_period_date_to",
    "custentity_lago_fingerprint",
    "custentity_lago_id",
)

_LOCAL = [
    Case("config-absent", "there is no configuration file", lambda patient: patient.config.unlink()),
    Case("config-broken", "the file is no TOML", _file("[lago\n")),
    Case(
        "config-unknown-setting",
        "a setting is misspelled",
        lambda patient: patient.set("push", quarantine_secnds=5),
    ),
    Case("config-secret", "a secret stands in the file", _append('api_key = "sk_live_1"')),
    Case("config-group-writable", "others may change the file", lambda patient: patient.config.chmod(0o664)),
    Case(
        "config-unknown-profile",
        "the profile does not exist",
        lambda patient: setattr(patient, "profile", "sandbx"),
    ),
    Case("account-absent", "no account is set", lambda patient: patient.drop("netsuite", "account")),
    Case(
        "account-realm",
        "wrong realm form: the account id lacks its underscore",
        lambda patient: patient.set("netsuite", account="1234567SB1"),
    ),
    Case(
        "host-of-another-account",
        "the address is another account's",
        lambda patient: patient.set("netsuite", base_url="https://7654321.restlets.api.netsuite.com"),
    ),
    Case("lago-key-absent", "the Lago API key is stored nowhere", _keyring(MemoryKeyring)),
    Case("netsuite-secrets-absent", "two parts of the login are missing", _half_a_login),
    Case("keyring-null", "the keyring keeps nothing", _keyring(null.Keyring)),
    Case("keyring-plaintext", "the keyring keeps plain text", _keyring(PlaintextKeyring)),
    Case("private-key-broken", "the private key is none", _broken_key),
    Case("certificate-ends-soon", "the certificate ends in three weeks", _m2m_ending(21)),
    Case("certificate-ended", "the certificate has ended", _m2m_ending(-3)),
    Case(
        "quarantine-short",
        "the quarantine is shorter than a lost call",
        lambda patient: patient.set("push", quarantine_seconds=60),
    ),
    Case("quarantine-zero-refuted", "no quarantine, though the account takes repeated keys", _refuted),
    Case(
        "timeout-short", "calls are given up early", lambda patient: patient.set("push", timeout_seconds=60)
    ),
    Case(
        "concurrency-high",
        "more calls at once than small accounts allow",
        lambda patient: patient.set("push", concurrency=10),
    ),
    Case("ledger-folder", "the ledger's folder is a file", _ledger_behind_a_file),
    Case("ledger-no-database", "the ledger is no database", _no_database),
    Case("ledger-foreign", "the ledger is another program's", _foreign_database),
    Case("ledger-damaged", "the ledger is damaged", _damaged_ledger),
    Case("ledger-newer", "a newer version wrote the ledger", _newer_ledger),
    Case("ledger-other-account", "the ledger's profile is another account's", _ledger_of("7654321")),
    Case("ledger-readable", "others may read the ledger", _open_ledger_file),
    Case("ledger-dead-lease", "a run died while it held the account", _dead_lease),
    Case("mappings-absent", "there is no mapping file", lambda patient: patient.mappings.unlink()),
    Case("mappings-broken", "a row of the mappings is wrong", _policy('lago = "us_nyc"', 'logo = "us_nyc"')),
    Case(
        "credit-note-policy-unsaid",
        "nobody chose a credit-note policy",
        _policy('credit_note_policy = "apply_memo"\n', ""),
    ),
]

_LAGO = [
    Case("lago-dns", "Lago's name is not known", _way_to("lago", "name", "Name or service not known")),
    Case("lago-refused", "Lago's port is closed", _way_to("lago", "connection", "Connection refused")),
    Case("lago-tls", "a proxy opens TLS", _way_to("lago", "encryption", "self-signed certificate in certificate chain")),
    Case("lago-down", "Lago fails", _fault(target="lago", operation="organizations", kind="status", status=502)),
    Case("lago-page", "a page answers in Lago's place", _fault(target="lago", operation="organizations", kind="html")),
    Case("lago-key-revoked", "the key is unknown to Lago", lambda patient: patient.environment.update(LAGO_NS_LAGO__API_KEY="revoked")),
    Case("lago-scope", "the key may not read invoices and payments", _withheld(("read", "invoice"), ("read", "payment"))),
    Case("lago-write-scope", "writing back is on, the key may not write payments", _writing_back),
    Case("lago-other-organization", "the key is another organization's", _other_organization),
    Case("lago-rate", "another program uses up the rate limit", _rate(50, 4)),
]  # fmt: skip

_NETSUITE = [
    Case("netsuite-dns", "NetSuite's name is not known", _way_to("netsuite", "name", "Name or service not known")),
    Case("netsuite-refused", "a firewall is in between", _way_to("netsuite", "connection", "no answer within 10 s")),
    Case("netsuite-tls", "a proxy opens TLS", _way_to("netsuite", "encryption", "unable to get local issuer certificate")),
    Case("netsuite-limit", "the account takes no more calls", _fault(target="netsuite", operation="ping", kind="limit")),
    Case("netsuite-maintenance", "the account is closed for maintenance", _fault(target="netsuite", operation="ping", kind="status", status=503)),
    Case("netsuite-page", "a page answers in NetSuite's place", _fault(target="netsuite", operation="ping", kind="html")),
    Case("clock-ahead", "the clock is 10 minutes ahead", _ahead(minutes=10)),
    Case("clock-behind", "the clock is 10 minutes behind", _ahead(minutes=-10)),
    Case("clock-drifting", "the clock is 2 minutes ahead", _ahead(minutes=2)),
    Case("token-revoked", "the token is revoked", _revoked),
    Case("token-revoked-since", "the token is revoked, and worked before", _revoked_since),
    Case("token-secret-wrong", "a secret is wrong", _wrong_secret),
    Case("token-may-not-log-in", "the role may not log in with tokens", lambda patient: patient.account.setup.set_permission(INTEGRATION, "ADMI_LOGIN_OAUTH", "NONE")),
    Case("certificate-unknown", "NetSuite does not know the certificate", lambda patient: _m2m(patient, registered=False)),
    Case("certificate-revoked", "the certificate's mapping is gone", _m2m_revoked),
    Case("certificate-revoked-since", "the certificate's mapping is gone, and worked before", _m2m_revoked_since),
    Case("oauth2-may-not-log-in", "the role may not log in with OAuth 2.0", _m2m_without_permission),
    Case("web-services-only", "the role is for web services only", lambda patient: patient.account.setup.restrict_to_web_services(INTEGRATION)),
    Case("script-not-released", "the deployment is in status Testing", lambda patient: patient.account.setup.set_released(released=False)),
    Case("script-unknown", "the script id is wrong", lambda patient: patient.set("netsuite", script="customscript_lago")),
    Case("script-audience", "the role is not in the audience", lambda patient: patient.account.setup.set_audience(frozenset({"1002"}))),
    Case("script-older", "an older script is deployed", _before_inspect),
    Case("script-foreign", "another script answers", _answers(lambda _: {"hello": "world"})),
    Case("other-account-answers", "another account answers", _answers(lambda answer: {**answer, "account": "7654321"} if "account" in answer else answer)),
    *(Case(f"permission-{key.lower()}", f"the role lacks {name}", _lacking(key)) for key, name in PERMISSIONS.items()),
    Case("permission-level", "the role may only view invoices", _lacking("TRAN_CUSTINVC", "VIEW")),
    Case("feature-subsidiaries", "the account is not OneWorld", _off("SUBSIDIARIES")),
    Case("feature-multicurrency", "the account has one currency", _off("MULTICURRENCY")),
    Case("feature-departments", "Departments is off, a row fills it", _classified("department", "DEPARTMENTS")),
    Case("feature-classes", "Classes is off, a row fills it", _classified("class", "CLASSES")),
    Case("feature-locations", "Locations is off, a row fills it", _classified("location", "LOCATIONS")),
    Case("feature-revenue", "Advanced Revenue Management is off", _off("ADVANCEDREVENUERECOGNITION")),
    Case("feature-suitetax", "SuiteTax is off, the mappings are for SuiteTax", _off("TAX_OVERHAULING")),
    Case("tax-regime", "SuiteTax is on, a tax has no tax type", _policy('nexus = "1"\ntax_type = "3"\ntax_code = "14"', 'tax_code = "14"')),
    *(Case(f"field-{name}", f"the field {name} is missing", _no_field(name)) for name in FIELDS),
    Case("field-unapplied-body", "a field is not applied to payments", _unapplied("custbody_lago_id", "customerpayment")),
    Case("field-unapplied-line", "a field is not applied to memo lines", _unapplied("custcol_lago_line_id", "creditmemo")),
    Case("record-type", "the custom record type is missing", lambda patient: patient.account.setup.delete_record_type("customrecord_lago_object")),
    Case("period-closed", "today's period is closed", lambda patient: patient.account.administrator.close_period("Nov 2026")),
    Case("last-period-locked", "last month is locked for receivables", lambda patient: patient.account.administrator.lock_receivables("Oct 2026")),
    Case("period-absent", "no period holds today", lambda patient: patient.account.connection.execute("DELETE FROM accountingperiod WHERE periodname = 'Nov 2026'")),
    Case("archive-absent", "the archive folder is gone", _no_archive),
    Case("keys-repeat", "the account takes repeated keys", lambda patient: _probed(patient, refused=False)),
]  # fmt: skip

_FITS = [
    Case("item-inactive", "a mapped item is inactive", lambda patient: patient.account.administrator.deactivate("item", "500")),
    Case("item-absent", "a mapped item is not there", _policy('item = "500"', 'item = "99999"')),
    Case("item-subsidiary", "a mapped item belongs to another subsidiary", _policy('item = "500"', 'item = "522"')),
    Case("form-field-mandatory", "a form requires a field that nothing fills", lambda patient: patient.account.setup.require_field("custbody_cost_center")),
    Case("object-unmapped", "Lago bills in a currency that no row maps", _policy('EUR = "4"\n', "")),
    Case("customer-currency", "a customer lacks the currency that Lago bills", _customer(currency="JPY")),
    Case("customer-subsidiary", "a customer belongs to another subsidiary", _customer(billing_entity_code="acme-eu")),
    Case("customer-inactive", "a customer is inactive", _inactive_customer),
    Case("trial-records", "a probe was cut short", _cut_short),
]  # fmt: skip

CASES = [*_LOCAL, *_LAGO, *_NETSUITE, *_FITS]
