"""``lago-ns auth``: the logins to both sides, in the keyring of the operating system."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lago_ns_cli.cli.authenticating import Login
    from lago_ns_cli.cli.basics import Basics
    from lago_ns_cli.domain.secrets import SecretName

app = typer.Typer(
    help="The logins to Lago and NetSuite, kept in the keyring of the operating system.",
    no_args_is_help=True,
)


class System(StrEnum):
    """Whose login is meant."""

    ALL = "all"
    LAGO = "lago"
    NETSUITE = "netsuite"
    ANNOUNCE = "announce"


class Key(StrEnum):
    """Kinds of private keys."""

    EC = "ec"
    RSA = "rsa"


Which = Annotated[System, typer.Argument(metavar="[SYSTEM]", help="lago, netsuite, announce, or all.")]
SecretsFrom = Annotated[
    str | None,
    typer.Option(
        "--secrets-from", metavar="FILE|-", help="Read NAME=value lines from a file or standard input."
    ),
]
NoCheck = Annotated[bool, typer.Option("--no-check", help="Keep the secrets without trying them.")]
KeyType = Annotated[Key, typer.Option("--key-type", help="The private key: EC P-256, or RSA of 3072 bits.")]
CertificateFile = Annotated[
    Path | None,
    typer.Option("--certificate-file", metavar="FILE", help="Write the certificate to upload here too."),
]
NewCertificate = Annotated[
    bool,
    typer.Option("--new-certificate", help="Make another key pair, though one waits for its upload."),
]
EnvFile = Annotated[
    Path | None,
    typer.Option(
        "--env-file",
        metavar="FILE",
        help="Keep secrets in this private file, for cron and CI, and not in the keyring.",
    ),
]


@app.command("login")
def login(
    context: typer.Context,
    system: Which = System.ALL,
    secrets_from: SecretsFrom = None,
    skip_check: NoCheck = False,
    key_type: KeyType = Key.EC,
    certificate_file: CertificateFile = None,
    new_certificate: NewCertificate = False,
    env_file: EnvFile = None,
) -> None:
    """Log in to Lago and NetSuite: secrets are asked for without echo, tried, and kept.

    For NetSuite's OAuth 2.0 a key pair is made; its certificate is printed, to be uploaded, and
    NetSuite's ids for it are asked for. Where nobody can be asked, that takes two calls: one that
    makes the certificate, and after the upload one that is given the ids.

    Example: lago-ns auth login netsuite --certificate-file lago-ns.pem
    """
    _log_in(
        context,
        system,
        secrets_from,
        skip_check=skip_check,
        key_type=key_type,
        certificate_file=certificate_file,
        new_certificate=new_certificate,
        env_file=env_file,
        anew=False,
    )


@app.command("rotate")
def rotate(
    context: typer.Context,
    system: Annotated[System, typer.Argument(metavar="SYSTEM", help="lago, netsuite or announce.")],
    secrets_from: SecretsFrom = None,
    key_type: KeyType = Key.EC,
    certificate_file: CertificateFile = None,
    new_certificate: NewCertificate = False,
) -> None:
    """Exchange a login: the new one is tried first, and only if it works replaces the old one.

    The configuration stays as it is, and a sync that is under way goes on with the new login.

    Example: lago-ns auth rotate netsuite
    """
    if system is System.ALL:
        raise typer.BadParameter("name one: lago, netsuite or announce", param_hint="SYSTEM")
    _log_in(
        context,
        system,
        secrets_from,
        key_type=key_type,
        certificate_file=certificate_file,
        new_certificate=new_certificate,
        anew=True,
    )


def _log_in(
    context: typer.Context,
    system: System,
    secrets_from: str | None,
    *,
    key_type: Key,
    certificate_file: Path | None,
    new_certificate: bool,
    anew: bool,
    skip_check: bool = False,
    env_file: Path | None = None,
) -> None:
    from lago_ns_cli.cli.authenticating import Login
    from lago_ns_cli.cli.basics import Basics
    from lago_ns_cli.cli.prompting import on_terminal
    from lago_ns_cli.cli.secret_input import load_secrets
    from lago_ns_cli.cli.secret_places import FilePlace, KeyringPlace
    from lago_ns_cli.domain.secrets import SecretName
    from lago_ns_cli.netsuite.certificate import KeyKind

    basics = Basics(context.obj)
    settings = basics.settings
    alone = {System.LAGO: SecretName.LAGO_API_KEY, System.ANNOUNCE: SecretName.ANNOUNCE_SECRET}.get(system)
    piped = secrets_from is None and alone is not None and not on_terminal()
    source = "-" if piped else secrets_from
    given = {} if source is None else load_secrets(source, alone=alone)
    place = KeyringPlace(basics.credentials) if env_file is None else FilePlace(env_file)
    if new_certificate:
        place.drop_pending()
    done = _each(
        system,
        Login(
            profile=basics.loaded.profile,
            settings=settings,
            account=basics.loaded.account if system in (System.ALL, System.NETSUITE) else None,
            place=place,
            given=given,
            tried=not skip_check,
            key_kind=KeyKind(key_type.value),
            certificate_file=certificate_file,
            anew=anew,
            again=f"lago-ns auth {'rotate' if anew else 'login'} netsuite"
            + (f" --env-file {env_file}" if env_file else ""),
        ),
    )
    if anew and done:
        _note(basics, "auth rotate", _names(system))


def _each(system: System, asked: "Login") -> bool:
    """Make the logins that are asked for, one after the other.

    Returns:
        Whether they are made; False where a certificate has to be uploaded first.
    """
    from lago_ns_cli.cli.authenticating import (
        UploadPendingError,
        keep_announcement_secret,
        log_in_to_lago,
        log_in_to_netsuite,
        with_given,
    )

    make = {
        System.LAGO: log_in_to_lago,
        System.NETSUITE: log_in_to_netsuite,
        System.ANNOUNCE: keep_announcement_secret,
    }
    for one in _systems(system, asked):
        try:
            make[one](asked if system is one else with_given(asked, f"{one.value}."))
        except UploadPendingError:
            return False
    return True


def _systems(system: System, asked: "Login") -> list[System]:
    """Of all, those for which something was given, or that can be asked for."""
    from lago_ns_cli.cli.prompting import on_terminal
    from lago_ns_cli.errors import CredentialError

    if system is not System.ALL:
        return [system]
    if asked.given:
        given = {name.value.partition(".")[0] for name in asked.given}
        return [one for one in System if one.value in given]
    if not on_terminal():
        raise CredentialError(
            "There is no terminal to ask for secrets.",
            hint="Pipe NAME=value lines into --secrets-from -, or name a system: lago-ns auth login lago.",
            code="secret_input",
        )
    announced = asked.settings.announce.url is not None
    return [System.LAGO, System.NETSUITE, *([System.ANNOUNCE] if announced else [])]


@app.command("status")
def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show which secrets are there, where, since when and until when; never what they are.

    Exit 1 if one is missing, or the certificate has expired. Nothing is called.

    Example: lago-ns auth status
    """
    from datetime import UTC, datetime

    from lago_ns_cli.cli.basics import Basics
    from lago_ns_cli.cli.exit_codes import ExitCode
    from lago_ns_cli.cli.login_status import read_login, write_login, write_login_json

    basics = Basics(context.obj)
    found = read_login(basics.settings, basics.credentials)
    now = datetime.now(UTC)
    (write_login_json if as_json else write_login)(found, now)
    if found.missing or found.expired(now):
        raise typer.Exit(ExitCode.ATTENTION)


@app.command("logout")
def logout(
    context: typer.Context,
    system: Which = System.ALL,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a profile's secrets from the keyring; in Lago and NetSuite they stay valid until revoked there.

    Example: lago-ns auth logout netsuite --yes
    """
    from lago_ns_cli.cli.basics import Basics
    from lago_ns_cli.cli.prompting import confirm, on_terminal
    from lago_ns_cli.cli.render import say
    from lago_ns_cli.domain.secrets import SecretName
    from lago_ns_cli.errors import ConfigError

    basics = Basics(context.obj)
    if not yes:
        question = f"Remove the secrets of profile {basics.loaded.profile} from the keyring?"
        if not on_terminal():
            raise ConfigError("Nothing was removed.", hint="Say --yes where nobody can be asked.")
        if not confirm(question, default=False):
            return
    wanted = _names(system)
    if basics.settings.netsuite.account is None:  # without one, nothing can be kept for it
        wanted = [SecretName.LAGO_API_KEY] if SecretName.LAGO_API_KEY in wanted else []
    _note(basics, "auth logout", wanted)
    removed = _remove(basics, wanted)
    say(f"{removed} secrets removed from the keyring; revoke them in Lago and NetSuite too")
    for name in wanted:
        if (variable := basics.credentials.status(name).variable) is not None:
            say(f"warning: {variable} is still set")


def _names(system: System) -> "list[SecretName]":
    from lago_ns_cli.domain.secrets import SecretName

    return [name for name in SecretName if system in (System.ALL, name.value.partition(".")[0])]


def _note(basics: "Basics", command: str, names: "list[SecretName]") -> None:
    """Note a change of the logins in the audit trail, by the names of the secrets.

    Without an account there is no trail to note it in. A ledger that cannot be used keeps nobody
    from removing secrets: that is told, and they are removed.
    """
    if basics.settings.netsuite.account is None:
        return
    from lago_ns_cli.cli.render import say
    from lago_ns_cli.cli.wiring import SystemClock, open_ledger
    from lago_ns_cli.errors import LedgerError

    try:
        with open_ledger(basics.options) as ledger:
            content = {"secrets": [name.value for name in names]}
            ledger.record_command(command, content, SystemClock().now())
    except LedgerError as error:
        say(f"warning: {command} is not in the audit trail: {error.message}")


def _remove(basics: "Basics", names: "list[SecretName]") -> int:
    removed = 0
    for name in names:
        removed += basics.credentials.delete(name)
        basics.credentials.delete(name, pending=True)
    return removed
