"""The steps of ``init``: ask, try, write, choose first mappings, look at the whole."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from lago_ns_cli.cli.authenticating import (
    Login,
    UploadPendingError,
    log_in_to_lago,
    log_in_to_netsuite,
    with_given,
)
from lago_ns_cli.cli.basics import Basics
from lago_ns_cli.cli.globals import Globals
from lago_ns_cli.cli.logins import Secrets
from lago_ns_cli.cli.prompting import ask, on_terminal
from lago_ns_cli.cli.render import clean, say
from lago_ns_cli.cli.secret_places import FilePlace, KeyringPlace, Place, ProcessPlace
from lago_ns_cli.cli.setup import answers as known
from lago_ns_cli.cli.setup import first_mappings
from lago_ns_cli.cli.setup.config_file import ConfigChange, plan_config, present_answers, write_config
from lago_ns_cli.cli.setup.draft import Draft
from lago_ns_cli.cli.setup.questions import Asked
from lago_ns_cli.cli.wiring import open_services
from lago_ns_cli.credentials import Credentials
from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.mapping import Mappings
from lago_ns_cli.domain.mapping_check import check_mappings
from lago_ns_cli.domain.mapping_findings import Severity
from lago_ns_cli.domain.secrets import SecretName
from lago_ns_cli.errors import CredentialError
from lago_ns_cli.mapping_file import load_mappings, save_mappings
from lago_ns_cli.netsuite.account import normalize_account
from lago_ns_cli.netsuite.certificate import KeyKind
from lago_ns_cli.redaction import KNOWN
from lago_ns_cli.settings.loading import DEFAULT_PROFILE, find_settings_file
from lago_ns_cli.workflows.fetch_catalog import fetch_lago_catalog, fetch_netsuite_catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the command line said.

    Args:
        answers: Checked answers.
        profile: None where it is still to be asked for.
    """

    config: Path | None
    profile: str | None
    answers: Mapping[str, str]
    secrets: Secrets
    choices: first_mappings.FirstChoices
    env_file: Path | None
    certificate_file: Path | None
    key_kind: KeyKind


@dataclass(frozen=True, slots=True)
class SetUp:
    """What ``init`` achieved.

    Args:
        waits: The certificate waits for its upload; the same command goes on later.
        open_errors: What ``map check`` still finds.
        variables: Variables to set, as there is no keyring.
    """

    config: Path
    profile: str
    mappings: Path | None = None
    waits: bool = False
    open_errors: int = 0
    variables: tuple[str, ...] = ()


class Guide:
    """Leads through the set-up of one profile."""

    def __init__(self, options: Globals, given: Given) -> None:
        self._options = options
        self._given = given
        Basics(options)  # so that whatever happens from here on is logged, with secrets masked
        self._config = _config_path(given.config)
        self._profile = given.profile or os.environ.get("LAGO_NS_PROFILE") or _ask_profile()
        self._draft = Draft(self._config, self._profile)

    def run(self) -> SetUp:
        """Go through all steps.

        Raises:
            ConfigError: Answers are missing or cannot be used, or the file says something else already.
            RemoteError: A login is refused, or a side cannot be reached.
        """
        say(f"Setting up profile {clean(self._profile)} in {self._config}")
        asked = self._asked()
        if not on_terminal():
            asked.answers = known.complete(asked.answers)
            plan_config(self._config, self._profile, asked.answers)
        try:
            places = self._log_in(asked)
        except UploadPendingError:
            return SetUp(self._config, self._profile, waits=True)
        if on_terminal():
            _head("3 of 5  What becomes of special cases")
            asked.policies()
        change = plan_config(self._config, self._profile, asked.answers)
        write_config(self._config, change)
        self._draft.drop()
        say(f"{self._config}: {'as it was' if change.text is None else 'written'}")
        return self._map(change, asked.answers, places)

    def _asked(self) -> Asked:
        present = present_answers(self._config, self._profile)
        draft = self._draft.load() if on_terminal() else {}
        if draft:
            say("Going on with the answers given earlier: Enter takes the one in brackets.")
        return Asked(self._given.answers, {**present, **draft}, self._draft.save)

    def _log_in(self, asked: Asked) -> list[Place]:
        """Ask for both logins; each is tried as soon as it is complete."""
        if on_terminal():
            _head("1 of 5  Lago")
            asked.lago()
        lago = self._login(asked.answers, "lago.")
        log_in_to_lago(lago)
        if on_terminal():
            _head("2 of 5  NetSuite")
            asked.netsuite()
        netsuite = self._login(asked.answers, "netsuite.")
        log_in_to_netsuite(netsuite)
        if self._given.env_file is not None:
            self._use(netsuite.place.load(list(SecretName)))
        return [lago.place, netsuite.place]

    def _login(self, answers: Mapping[str, str], prefix: str) -> Login:
        settings = known.settings_of(answers)
        account = settings.netsuite.account
        credentials = Credentials(
            profile=self._profile,
            account=account,
            lago_host=urlsplit(settings.lago.base_url).netloc,
            environ=os.environ,
            learn=KNOWN.learn,
        )
        login = Login(
            profile=self._profile,
            settings=settings,
            account=None if account is None else normalize_account(account),
            place=self._place(credentials),
            given=self._given.secrets,
            key_kind=self._given.key_kind,
            certificate_file=self._given.certificate_file,
            again="the same command with",
        )
        return with_given(login, prefix)

    def _place(self, credentials: Credentials) -> Place:
        if self._given.env_file is not None:
            return FilePlace(self._given.env_file)
        try:
            credentials.load_stored(SecretName.LAGO_API_KEY)
        except CredentialError as error:
            if error.code not in ("keyring_unsafe", "keyring_unusable"):
                raise
            return ProcessPlace(credentials, os.environ.__setitem__)
        return KeyringPlace(credentials)

    def _use(self, secrets: Secrets) -> None:
        """Let what stands in a file serve this process, as it will serve those that read the file."""
        for name, secret in secrets.items():
            os.environ[name.variable] = secret.reveal()

    def _map(self, change: ConfigChange, answers: Mapping[str, str], places: list[Place]) -> SetUp:
        if on_terminal():
            _head("4 of 5  First mappings")
        options = replace(self._options, config_file=self._config, profile=self._profile)
        lago, netsuite = asyncio.run(_fetch(options))
        before = load_mappings(change.mappings) if change.mappings.exists() else None
        choices = self._given.choices
        first_mappings.check_choices(choices, netsuite)
        if on_terminal():
            choices = first_mappings.ask_choices(choices, before or Mappings(), lago, netsuite)
        policy = answers[known.CREDIT_NOTE_POLICY]
        after = first_mappings.begin(before or Mappings(), policy, choices, netsuite)
        if after != before:
            save_mappings(change.mappings, after, replaces=before)
        say(f"{change.mappings}: {'as it was' if after == before else 'written'}")
        kept = after.defaults.credit_note_policy
        if kept is not None and kept.value != policy:
            say(f"warning: it says credit_note_policy = {kept.value} already, and that was left as it is")
        findings = check_mappings(after, lago, netsuite)
        return SetUp(
            self._config,
            self._profile,
            mappings=change.mappings,
            open_errors=sum(finding.severity is Severity.ERROR for finding in findings),
            variables=tuple(
                name.variable for place in places if isinstance(place, ProcessPlace) for name in place.kept
            ),
        )


def _config_path(named: Path | None) -> Path:
    found = find_settings_file(named, os.environ)
    return Path("lago-ns.toml").absolute() if found is None else found


def _ask_profile() -> str:
    if not on_terminal():
        return DEFAULT_PROFILE
    return ask("Profile name", _profile_name, DEFAULT_PROFILE)


def _profile_name(text: str) -> str:
    if not all(sign.isalnum() or sign in "-_." for sign in text):
        raise ValueError("A profile's name consists of letters, digits, - and _.")
    return text


async def _fetch(options: Globals) -> tuple[Catalog, Catalog]:
    async with open_services(options) as services:
        await fetch_lago_catalog(services.lago, services.ledger, services.clock)
        await fetch_netsuite_catalog(services.netsuite, services.ledger, services.clock)
        lago, netsuite = services.ledger.load_catalog("lago"), services.ledger.load_catalog("netsuite")
    assert lago is not None, "it was fetched just now"
    assert netsuite is not None, "it was fetched just now"
    return lago, netsuite


def _head(text: str) -> None:
    say("")
    say(text)
