"""``lago-ns init``: from nothing to a profile that works."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lago_ns_cli.cli.commands.auth import Key

if TYPE_CHECKING:
    from lago_ns_cli.cli.setup.guide import SetUp


class Way(StrEnum):
    """How to log in to NetSuite."""

    OAUTH2 = "oauth2"
    TBA = "tba"


class CreditNotes(StrEnum):
    """How an invoice shows the credit notes it consumes."""

    APPLY_MEMO = "apply_memo"
    NEGATIVE_LINE = "negative_line"


class Voids(StrEnum):
    """What becomes of an invoice that is voided after it was posted."""

    HOLD = "hold"
    REVERSE = "reverse"


class ClosedPeriods(StrEnum):
    """What becomes of a document in a closed period."""

    HOLD = "hold"
    NEXT_OPEN = "next_open"


def init(
    context: typer.Context,
    profile: Annotated[str | None, typer.Option(metavar="NAME", help="The profile to set up.")] = None,
    lago: Annotated[
        str | None, typer.Option(metavar="us|eu|URL", help="Lago's region, or the address of your own.")
    ] = None,
    account: Annotated[str | None, typer.Option(metavar="ID", help="The NetSuite account id.")] = None,
    netsuite_url: Annotated[
        str | None, typer.Option(metavar="URL", help="NetSuite's address, where it is not the account's own.")
    ] = None,
    auth: Annotated[Way | None, typer.Option(help="How to log in to NetSuite.")] = None,
    script: Annotated[str | None, typer.Option(metavar="ID", help="The RESTlet's script id.")] = None,
    deploy: Annotated[str | None, typer.Option(metavar="ID", help="Its deployment id.")] = None,
    credit_note_policy: Annotated[
        CreditNotes | None,
        typer.Option(help="Used-up credit: apply the memo, or a negative line as in Lago."),
    ] = None,
    void_policy: Annotated[
        Voids | None, typer.Option(help="Voids after posting: hold for a person, or reverse.")
    ] = None,
    closed_period_policy: Annotated[
        ClosedPeriods | None, typer.Option(help="Closed periods: hold, or post to the next open one.")
    ] = None,
    sync_from: Annotated[
        str | None, typer.Option(metavar="DATE|none", help="The go-live date; older documents stay out.")
    ] = None,
    default_item: Annotated[
        str | None, typer.Option(metavar="ID", help="The item for all that has no row of its own.")
    ] = None,
    subsidiaries: Annotated[
        list[str] | None,
        typer.Option(
            "--subsidiary",
            metavar="[ENTITY=]ID",
            help="The subsidiary, of a billing entity; may be repeated.",
        ),
    ] = None,
    default_tax_codes: Annotated[
        list[str] | None,
        typer.Option(
            "--default-tax-code", metavar="[ENTITY=]ID", help="The tax code of taxes without a row; likewise."
        ),
    ] = None,
    payment_account: Annotated[
        str | None, typer.Option(metavar="ID", help="The account that payments go to.")
    ] = None,
    secrets_from: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="Read secrets as NAME=value lines; else they are asked for."),
    ] = None,
    env_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep secrets in this private file and not in the keyring."),
    ] = None,
    certificate_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the certificate to upload here too.")
    ] = None,
    key_type: Annotated[Key, typer.Option(help="The private key: EC P-256, or RSA of 3072 bits.")] = Key.EC,
) -> None:
    """Set up a profile: asks for what is not given, tries both logins, writes configuration and mappings.

    What was answered before an interruption is offered again. Nothing that stands in a file is
    changed. Without a terminal every answer is an option, and secrets come from --secrets-from,
    the keyring or variables. It ends with the checks of `lago-ns doctor`, and with their exit code.

    Example: lago-ns init --lago eu --account 1234567_SB1 --auth oauth2 --credit-note-policy apply_memo --sync-from 2026-01-01
    """
    from dataclasses import replace

    from lago_ns_cli.cli.commands.doctor import run_doctor
    from lago_ns_cli.cli.exit_codes import ExitCode
    from lago_ns_cli.cli.render import say
    from lago_ns_cli.cli.secret_input import load_secrets
    from lago_ns_cli.cli.setup import answers
    from lago_ns_cli.cli.setup.first_mappings import FirstChoices, read_by_entity
    from lago_ns_cli.cli.setup.guide import Given, Guide
    from lago_ns_cli.netsuite.certificate import KeyKind

    given = Given(
        config=context.obj.config_file,
        profile=profile or context.obj.profile,
        answers=answers.read_options(
            {
                answers.LAGO_URL: lago,
                answers.ACCOUNT: account,
                answers.NETSUITE_URL: netsuite_url,
                answers.AUTH: auth,
                answers.SCRIPT: script,
                answers.DEPLOY: deploy,
                answers.CREDIT_NOTE_POLICY: credit_note_policy,
                answers.VOID_POLICY: void_policy,
                answers.CLOSED_PERIOD_POLICY: closed_period_policy,
                answers.SYNC_FROM: sync_from,
            }
        ),
        secrets={} if secrets_from is None else load_secrets(secrets_from),
        choices=FirstChoices(
            item=default_item,
            subsidiaries=read_by_entity("--subsidiary", subsidiaries or ()),
            tax_codes=read_by_entity("--default-tax-code", default_tax_codes or ()),
            payment_account=payment_account,
        ),
        env_file=env_file,
        certificate_file=certificate_file,
        key_kind=KeyKind(key_type.value),
    )
    achieved = Guide(context.obj, given).run()
    if achieved.waits:
        say("Nothing is written yet: it waits for the certificate's ids.")
        raise typer.Exit(ExitCode.ATTENTION)
    say("")
    say("5 of 5  Looking at the whole")
    code = run_doctor(replace(context.obj, config_file=achieved.config, profile=achieved.profile))
    _tell(achieved)
    if code:
        raise typer.Exit(code)


def _tell(achieved: "SetUp") -> None:
    from lago_ns_cli.cli.prompting import tell
    from lago_ns_cli.cli.render import say
    from lago_ns_cli.settings.loading import DEFAULT_PROFILE

    words = ["lago-ns", "--config", str(achieved.config)]
    if achieved.profile != DEFAULT_PROFILE:
        words += ["--profile", achieved.profile]
    command = " ".join(words)
    say("")
    if achieved.variables:
        tell("There is no keyring here. Set these variables, with the secrets you typed, for every run:")
        for name in achieved.variables:
            say(f"  {name}")
    if achieved.open_errors:
        tell(
            f"{achieved.open_errors} Lago objects have no place in NetSuite yet; documents with them are held:"
        )
        say(f"  {command} map check")
    say("Next, look at what would be posted, then post it:")
    say(f"  {command} sync all --dry-run")
    say(f"  {command} sync all")
