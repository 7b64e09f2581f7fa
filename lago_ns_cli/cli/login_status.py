"""What is known of a login without using it: where its secrets are, since when, until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lago_ns_cli.cli.commands.status import age
from lago_ns_cli.cli.render import say, write_json, write_table
from lago_ns_cli.credentials import Credentials, SecretStatus
from lago_ns_cli.domain.secrets import SecretName, netsuite_login
from lago_ns_cli.netsuite.certificate import expiry_of
from lago_ns_cli.settings import Settings

SOON_DAYS = 60
"""NetSuite sends its own reminders 2 months, 1 month and 14 days before."""


@dataclass(frozen=True, slots=True)
class LoginStatus:
    """The secrets that a profile needs.

    Args:
        expires: When the certificate expires, if it is kept beside its key.
        waiting: A certificate that was made and has no ids yet.
    """

    secrets: Sequence[SecretStatus]
    expires: datetime | None
    waiting: datetime | None

    @property
    def missing(self) -> list[SecretName]:
        """Name the secrets that are absent."""
        return [one.name for one in self.secrets if one.where is None]

    def expired(self, now: datetime) -> bool:
        """Tell whether the certificate has expired."""
        return self.expires is not None and self.expires <= now


def read_login(settings: Settings, credentials: Credentials) -> LoginStatus:
    """Look at a profile's secrets; nothing is called.

    Raises:
        CredentialError: A variable is missing and no keyring can be used.
    """
    names = [SecretName.LAGO_API_KEY, *netsuite_login(settings.netsuite.auth)]
    if settings.announce.url is not None:
        names.append(SecretName.ANNOUNCE_SECRET)
    found = [credentials.status(name) for name in names]
    expires = waiting = None
    if any(one.name is SecretName.PRIVATE_KEY and one.where == "keyring" for one in found):
        certificate = credentials.load(SecretName.CERTIFICATE)
        expires = expiry_of(certificate.reveal()) if certificate else None
    if settings.netsuite.auth == "oauth2" and any(one.where != "variable" for one in found):
        pending = credentials.load_stored(SecretName.CERTIFICATE, pending=True)
        waiting = expiry_of(pending.reveal()) if pending else None
    return LoginStatus(found, expires, waiting)


def write_login(found: LoginStatus, now: datetime) -> None:
    """Print a table."""
    rows = [
        (
            one.name.value,
            one.where or f"missing (set {one.name.variable})",
            "" if one.stored_at is None else f"{one.stored_at:%Y-%m-%d %H:%M}Z",
            "" if one.stored_at is None else age(now - one.stored_at),
            _until(found, one, now),
        )
        for one in found.secrets
    ]
    write_table(("secret", "where", "stored", "age", "valid until"), rows)
    if found.expires is not None and (found.expires - now).days < SOON_DAYS:
        say(f"warning: the certificate {'has expired' if found.expired(now) else 'expires soon'}; ")
        say("hint: lago-ns auth rotate netsuite")
    if found.waiting is not None:
        say("a certificate waits for its upload and its ids: lago-ns auth login netsuite")


def write_login_json(found: LoginStatus, now: datetime) -> None:
    """Print one JSON object a line."""
    for one in found.secrets:
        write_json(
            {
                "event": "secret",
                "name": one.name.value,
                "where": one.where,
                "stored_at": one.stored_at.isoformat() if one.stored_at else None,
                "expires_at": found.expires.isoformat()
                if found.expires and one.name is SecretName.PRIVATE_KEY
                else None,
            }
        )
    write_json(
        {
            "event": "summary",
            "missing": len(found.missing),
            "expired": found.expired(now),
            "certificate_waits": found.waiting is not None,
        }
    )


def _until(found: LoginStatus, one: SecretStatus, now: datetime) -> str:
    if one.name is not SecretName.PRIVATE_KEY or found.expires is None:
        return ""
    return f"{found.expires:%Y-%m-%d} ({(found.expires - now).days} d)"
