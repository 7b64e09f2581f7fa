"""Why NetSuite refused a login.

Of a token-based login NetSuite tells the caller one thing, whatever the reason; the reason stands in its login
audit. So what is known here (the account's form, the certificate, whether this very login worked before)
narrows it down, and the audit's own words are given for the rest.
"""

from lago_ns_cli.domain.diagnosis.facts import Facts, Problem
from lago_ns_cli.domain.diagnosis.findings import Concern, Verdict, fail
from lago_ns_cli.domain.diagnosis.local import (
    account_looks_usual,
    of_problem,
    secrets_of,
    setup_of,
    usual_account,
)

_AUDIT = "NetSuite: Setup > Users/Roles > View Login Audit Trail tells the reason in its column Detail"

_BY_CODE = {
    "INVALID_LOGIN_CREDENTIALS": (
        "NetSuite refused the login: its role is for web services only, and a RESTlet is none.",
        "NetSuite: Setup > Users/Roles > Manage Roles > the role > Edit: untick Web Services Only Role.",
    ),
    "INVALID_LOGIN_IP": (
        "NetSuite refused the login: it is made from an address that the account does not allow.",
        "NetSuite: Setup > Company > Company Information (and the employee's record): allow this machine's address.",
    ),
    "TWO_FA_REQD": (
        "NetSuite refused the login: its role demands two-factor authentication, which a program cannot give.",
        "NetSuite: use a role without it, such as Lago Integration; roles of administrators always demand it.",
    ),
    "invalid_client": (
        "NetSuite's token service knows neither this client id with this certificate, nor a key that fits it.",
        (
            "Compare client id and certificate id with Setup > Integration > OAuth 2.0 Client Credentials (M2M) Setup; "
            "then: lago-ns auth rotate netsuite"
        ),
    ),
    "invalid_grant": (
        (
            "NetSuite's token service refused the certificate: it has ended or was revoked, or its mapping is gone, as after "
            "each refresh of a sandbox."
        ),
        (
            "NetSuite: Setup > Integration > OAuth 2.0 Client Credentials (M2M) Setup: map the certificate again, or a new "
            "one: lago-ns auth rotate netsuite"
        ),
    ),
    "invalid_scope": (
        "NetSuite's token service does not give this integration the scope restlets.",
        "NetSuite: Setup > Integration > Manage Integrations > the integration: tick RESTlets under OAuth 2.0.",
    ),
    "unauthorized_client": (
        "NetSuite's token service does not let this integration log in by itself.",
        (
            "NetSuite: Setup > Integration > Manage Integrations > the integration: tick Client Credentials (Machine to "
            "Machine) Grant, State Enabled."
        ),
    ),
}

_BEARER_CODES = ("INVALID_LOGIN", "invalid_token")


def judge_login(problem: Problem, facts: Facts) -> Verdict:
    """Say why a login was refused, as far as that can be known from outside."""
    account = setup_of(facts).account or ""
    if not account_looks_usual(account):
        return fail(
            f"NetSuite refused the login, which names {account} as its realm: no account id looks so.",
            f"Set [netsuite] account to the id in Setup > Company > Company Information, such as {usual_account(account)}.",
            Concern.ACCESS,
        )
    ends_at = secrets_of(facts).certificate_ends_at
    if setup_of(facts).auth == "oauth2" and ends_at is not None and ends_at <= facts.now:
        return fail(
            f"NetSuite refused the login: its certificate ended on {ends_at:%Y-%m-%d}.",
            "lago-ns auth rotate netsuite",
            Concern.ACCESS,
        )
    if problem.code in ("invalid_client", "invalid_grant") and (since := _worked_on(facts)):
        return fail(
            f"NetSuite's token service refused a certificate that it accepted on {since}: since then it was revoked, or its "
            "mapping is gone, as after each refresh of a sandbox.",
            _BY_CODE["invalid_grant"][1],
            Concern.ACCESS,
        )
    if problem.code in _BY_CODE:
        return fail(*_BY_CODE[problem.code], Concern.ACCESS)
    if problem.code in _BEARER_CODES:
        return _bearer()
    if setup_of(facts).auth == "oauth2":
        return of_problem(problem)
    return _token(facts)


def _bearer() -> Verdict:
    return fail(
        "NetSuite gave an access token and then refused it: the role may not log in with OAuth 2.0, or the mapping was "
        "revoked a moment ago.",
        "NetSuite: Setup > Users/Roles > Manage Roles > the role > Permissions > Setup: add Log in using OAuth 2.0 "
        f"Access Tokens (Full). {_AUDIT}.",
        Concern.ACCESS,
    )


def _token(facts: Facts) -> Verdict:
    if since := _worked_on(facts):
        return fail(
            f"NetSuite refused a login that it accepted on {since}: since then its token was revoked, its role "
            "or user changed, or the sandbox was refreshed. Five failures in a row lock it for 30 minutes.",
            f"{_AUDIT}. Make a new token (Setup > Users/Roles > Access Tokens > New), then: lago-ns auth login netsuite",
            Concern.ACCESS,
        )
    return fail(
        "NetSuite refused the login. Clock and account id are right, so it is one of the four secrets, or the token's "
        "role.",
        f"{_AUDIT}: token_rejected: the token is revoked or of another integration; consumer_key_unknown: of another "
        "account; InvalidSignature: a wrong secret; permission_denied: the role lacks Setup > Log in using Access "
        "Tokens; temporary_locked: wait 30 minutes. Then: lago-ns auth login netsuite",
        Concern.ACCESS,
    )


def _worked_on(facts: Facts) -> str | None:
    """Tell when this very login was last accepted; None where it never was, as far as the ledger knows."""
    before = None if facts.ledger is None else facts.ledger.last_login
    if before is None or before.digest != secrets_of(facts).login:
        return None
    return f"{before.at:%Y-%m-%d}"
