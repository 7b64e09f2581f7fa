"""Logging in: secrets are asked for, tried on the system they open, and only then kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from lago_ns_cli.cli.logins import Secrets, try_lago, try_netsuite
from lago_ns_cli.cli.prompting import Option as Answer
from lago_ns_cli.cli.prompting import ask_secret, choose, need_secret, on_terminal, tell
from lago_ns_cli.cli.render import clean, say, write_line
from lago_ns_cli.cli.secret_input import LABELS, check_wanted
from lago_ns_cli.cli.secret_places import Place
from lago_ns_cli.domain.secrets import M2M_LOGIN, SecretName, netsuite_login
from lago_ns_cli.errors import AuthError, ConfigError, CredentialError, LagoNsError, RemoteError
from lago_ns_cli.netsuite.certificate import KeyKind, KeyPair, belongs_together, expiry_of, make_key_pair
from lago_ns_cli.private_files import replace_file
from lago_ns_cli.redaction import KNOWN, Secret
from lago_ns_cli.settings import Settings

TBA_ENDS = (
    "Token-based authentication is on its way out: from NetSuite 2027.1 no new integration can use it. "
    'OAuth 2.0 (auth = "oauth2") is the way to choose for anything new.'
)

UPLOAD_AT = "Setup > Integration > Manage Authentication > OAuth 2.0 Client Credentials (M2M) Setup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Whose login is made, and how.

    Args:
        given: Secrets that came in through standard input.
        place: Where they are kept.
        tried: Whether they are tried before they are kept.
        certificate_file: Where the certificate to upload is written.
        anew: Replace what is there.
    """

    profile: str
    settings: Settings
    account: str | None
    place: Place
    given: Secrets
    tried: bool = True
    key_kind: KeyKind = KeyKind.EC
    certificate_file: Path | None = None
    anew: bool = False
    again: str = "lago-ns auth login netsuite"


class UploadPendingError(Exception):
    """A certificate was made and must be uploaded before there is a login; nothing failed."""


def log_in_to_lago(login: Login) -> None:
    """Ask for the Lago API key, try it, keep it.

    Raises:
        RemoteError: Lago refuses it or cannot be reached, and nobody is there to correct it.
        CredentialError: It cannot be kept.
    """
    names = [SecretName.LAGO_API_KEY]
    before = login.place.load(names) if login.anew else {}

    def greet(secrets: Secrets) -> None:
        organization = try_lago(login.settings, secrets[SecretName.LAGO_API_KEY])
        _refuse_stranger(login.settings, before, organization.identity)
        say(f"Lago knows the key: organization {clean(organization.name)}")

    def attempt(secrets: Secrets) -> None:
        if login.tried:
            greet(secrets)
        login.place.keep(secrets, datetime.now(UTC))
        say(f"the Lago API key is in {login.place}")
        if login.anew:
            say("the old key is no longer used: revoke it in Lago")

    if not _works_already(login, names, greet):
        _until_it_works(attempt, names, login.given)


def log_in_to_netsuite(login: Login) -> None:
    """Get a login to NetSuite by the way that the settings name, try it, keep it.

    Raises:
        UploadPendingError: A certificate waits for its ids, and nobody is there to type them.
        RemoteError: NetSuite refuses the login or cannot be reached, and nobody is there to correct it.
        CredentialError: It cannot be kept.
    """
    names = netsuite_login(login.settings.netsuite.auth)
    if _works_already(login, names, lambda secrets: _greet(login, secrets)):
        return
    if login.settings.netsuite.auth == "tba":
        tell(f"notice: {TBA_ENDS}")
        _log_in_with_tokens(login)
    else:
        _log_in_with_certificate(login)


def keep_announcement_secret(login: Login) -> None:
    """Ask for the secret that signs announcements, and keep it; nothing can be asked whether it is right."""

    def attempt(secrets: Secrets) -> None:
        login.place.keep(secrets, datetime.now(UTC))
        say(f"the announcement secret is in {login.place}")

    _until_it_works(attempt, [SecretName.ANNOUNCE_SECRET], login.given)


def _refuse_stranger(settings: Settings, before: Secrets, identity: str) -> None:
    """Make sure that a new key opens the organization of the old one, as long as that still works."""
    if SecretName.LAGO_API_KEY not in before:
        return
    try:
        known = try_lago(settings, before[SecretName.LAGO_API_KEY])
    except AuthError:
        return  # revoked already; the ledger knows the organization too
    if known.identity != identity:
        raise CredentialError(
            f"The new key opens another organization than the old one, which is {known.name}.",
            hint="Use a key of that organization, or another --profile for this one.",
            code="other_organization",
        )


def _log_in_with_tokens(login: Login) -> None:
    names = netsuite_login("tba")
    check_wanted(login.given, names)
    before = login.place.load(names[:2]) if login.anew else {}
    _until_it_works(lambda secrets: _try_and_keep(login, secrets), names, login.given, before)


def _log_in_with_certificate(login: Login) -> None:
    check_wanted(login.given, (*M2M_LOGIN, SecretName.CERTIFICATE))
    if SecretName.PRIVATE_KEY in login.given:  # a key that was made elsewhere
        names: Sequence[SecretName] = M2M_LOGIN
        _until_it_works(lambda secrets: _try_and_keep(login, secrets), names, login.given)
        return
    pair = _waiting_pair(login) or _new_pair(login)
    if SecretName.CERTIFICATE_ID not in login.given:
        _tell_upload(login, pair)
    ids = (SecretName.CLIENT_ID, SecretName.CERTIFICATE_ID)
    before = login.place.load([SecretName.CLIENT_ID]) if login.anew else {}
    if not on_terminal() and SecretName.CERTIFICATE_ID not in login.given:
        say(f"next: upload it, then: {login.again} --secrets-from - , with client_id=… and certificate_id=…")
        raise UploadPendingError
    key = {SecretName.PRIVATE_KEY: pair.private_key, SecretName.CERTIFICATE: Secret(pair.certificate)}

    def attempt(secrets: Secrets) -> None:
        _try_and_keep(login, {**secrets, **key})
        login.place.drop_pending()

    _until_it_works(attempt, ids, login.given, before)


def _waiting_pair(login: Login) -> KeyPair | None:
    """Find the key that waits for its upload; one that is in use by now was left behind by an interruption."""
    pair = login.place.pending()
    used = login.place.load([SecretName.PRIVATE_KEY]) if login.anew else {}
    if pair is not None and used.get(SecretName.PRIVATE_KEY) == pair.private_key:
        login.place.drop_pending()
        return None
    return pair


def _new_pair(login: Login) -> KeyPair:
    """Make a key and keep it until its certificate is uploaded."""
    pair = make_key_pair(f"lago-ns {login.profile} {login.account}", login.key_kind, datetime.now(UTC))
    KNOWN.learn(pair.private_key)
    login.place.keep_pending(pair, datetime.now(UTC))
    return pair


def _tell_upload(login: Login, pair: KeyPair) -> None:
    """Print a certificate, write it where asked, and tell where it goes."""
    write_line(pair.certificate.rstrip())
    path = login.certificate_file
    if path is not None:
        try:
            replace_file(path, pair.certificate.encode())
        except OSError as error:
            raise ConfigError(
                f"{path} cannot be written: {error.strerror}.", hint="Name another --certificate-file."
            ) from error
    until = f"{expiry_of(pair.certificate):%d %B %Y}"
    tell(f"The private key is in {login.place}; its certificate is valid until {until}.")
    tell(f"Upload {path or 'the certificate above, saved as a .pem file,'} in NetSuite:")
    tell(f"  {UPLOAD_AT} > Create New", indent=2)
    tell("  Entity: the user of the integration. Role: Lago Integration. Application: lago-ns.", indent=2)
    tell("NetSuite then shows the certificate id. The client id was shown when the integration was made.")


def _try_and_keep(login: Login, secrets: Secrets) -> None:
    certificate = secrets.get(SecretName.CERTIFICATE)
    if certificate is not None and not belongs_together(
        secrets[SecretName.PRIVATE_KEY].reveal(), certificate.reveal()
    ):
        raise CredentialError(
            "The certificate is not one of the private key.", hint="Give both of one pair, or the key alone."
        )
    if login.tried:
        _greet(login, secrets)
    login.place.keep(secrets, datetime.now(UTC))
    say(f"the NetSuite login is in {login.place}")
    if login.anew:
        say("the old login is no longer used: revoke it in NetSuite")


def _greet(login: Login, secrets: Secrets) -> None:
    assert login.account is not None, "a place for the login was found under it"
    ping = try_netsuite(login.settings, login.account, secrets)
    say(f"NetSuite knows the login: account {clean(ping.account)}, role {clean(ping.role)}")
    for kind, missing in (("permission", ping.missing_permissions), ("field", ping.missing_fields)):
        for name in missing:
            say(f"warning: the {kind} {clean(name)} is missing")


def _until_it_works(
    attempt: Callable[[Secrets], None],
    names: Sequence[SecretName],
    given: Secrets,
    before: Secrets | None = None,
) -> None:
    """Try secrets; on a terminal, what is refused can be corrected at once."""
    check_wanted(given, (*names, SecretName.CERTIFICATE))
    secrets: dict[SecretName, Secret] = {**(before or {}), **given}
    if not on_terminal():
        missing = [name.value.partition(".")[2] for name in names if name not in secrets]
        if missing:
            raise CredentialError(
                f"No {' and no '.join(missing)} was given.",
                hint="Type at a terminal, or pipe NAME=value lines into --secrets-from -.",
                code="secret_input",
            )
        attempt(secrets)
        return
    secrets |= _typed([name for name in names if name not in given], before or {})
    while True:
        try:
            attempt(secrets)
            return
        except LagoNsError as error:
            secrets |= _corrected(error, names, before or {})


def _typed(names: Sequence[SecretName], before: Secrets) -> dict[SecretName, Secret]:
    typed = {}
    for name in names:
        secret = (
            ask_secret(LABELS[name], optional="Enter keeps the present one")
            if name in before
            else need_secret(LABELS[name])
        )
        if secret is not None:
            typed[name] = secret
    return typed


def _corrected(error: LagoNsError, names: Sequence[SecretName], before: Secrets) -> dict[SecretName, Secret]:
    """Tell what went wrong and let a person decide; gives what was typed anew."""
    if isinstance(error, CredentialError) and error.code.startswith(("keyring", "variable")):
        raise error
    tell(f"  {error.message}", indent=2)
    if error.hint and "auth login" not in error.hint:  # that is what is being done
        tell(f"  hint: {error.hint}", indent=2)
    answer = choose(
        "What now?",
        [
            Answer("type", "type it again"),
            Answer("try", "try the same once more, after mending the other side"),
            Answer("stop", "stop here; the same command goes on later"),
        ],
        "type",
    )
    if answer == "stop":
        raise error
    return _typed(names, before) if answer == "type" else {}


def with_given(login: Login, prefix: str) -> Login:
    """Leave only those of the given secrets that one of several logins is made of."""
    return replace(
        login, given={name: secret for name, secret in login.given.items() if name.startswith(prefix)}
    )


def _works_already(login: Login, names: Sequence[SecretName], attempt: Callable[[Secrets], None]) -> bool:
    """Try what is in place before anything is asked for."""
    if login.anew or login.given or not login.tried:
        return False
    present = login.place.load(names)
    if len(present) < len(names):
        return False
    try:
        attempt(present)
    except (RemoteError, CredentialError) as error:
        say(f"What is in {login.place} does not work: {clean(error.message)}")
        return False
    return True
