"""What is known of each profile without calling anybody."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from lago_ns_cli.cli.exit_codes import ExitCode, exit_code_of
from lago_ns_cli.cli.globals import Globals
from lago_ns_cli.connection import is_loopback
from lago_ns_cli.credentials import Credentials
from lago_ns_cli.domain.accounts import environment_of
from lago_ns_cli.domain.secrets import SecretName, netsuite_login
from lago_ns_cli.errors import CredentialError, LagoNsError
from lago_ns_cli.ledger.engine import database_name
from lago_ns_cli.ledger.last_activity import last_activity
from lago_ns_cli.settings import LoadedSettings, Settings, load_settings
from lago_ns_cli.settings.loading import profile_names


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileRow:
    """A profile.

    Args:
        environment: ``production``, ``sandbox`` and so on, or ``simulator``.
        secrets: ``present``, ``missing: …``, or why nobody knows.
        last_run: When its ledger rows last changed.
        problem: What is wrong with its settings, and the exit code a run would end with.
    """

    name: str
    lago_host: str = ""
    account: str = ""
    environment: str = ""
    secrets: str = ""
    ledger: str = ""
    last_run: datetime | None = None
    problem: str | None = None
    code: ExitCode = ExitCode.DONE


def read_profiles(options: Globals) -> list[ProfileRow]:
    """Look at every profile that the settings name; a bad one is listed with its problem.

    Raises:
        ConfigError: There are no settings, or the file cannot be read.
    """
    names = profile_names(options.config_file, os.environ)
    return [_read(options.config_file, name, os.environ) for name in names]


def _read(config: Path | None, name: str, environ: Mapping[str, str]) -> ProfileRow:
    try:
        loaded = load_settings(config, name, environ)
        settings = loaded.settings
        return ProfileRow(
            name=name,
            lago_host=urlsplit(settings.lago.base_url).netloc,
            account=loaded.account,
            environment=_environment(settings, loaded.account),
            secrets=_secrets(loaded, environ),
            ledger=database_name(settings.ledger.url),
            last_run=last_activity(settings.ledger.url, name),
        )
    except LagoNsError as error:
        return ProfileRow(name=name, problem=error.message, code=exit_code_of(error))


def _environment(settings: Settings, account: str) -> str:
    host = urlsplit(settings.netsuite.base_url or "").hostname or ""
    return "simulator" if is_loopback(host) else environment_of(account)


def _secrets(loaded: LoadedSettings, environ: Mapping[str, str]) -> str:
    settings = loaded.settings
    credentials = Credentials(
        profile=loaded.profile,
        account=settings.netsuite.account,
        lago_host=urlsplit(settings.lago.base_url).netloc,
        environ=environ,
    )
    needed = [SecretName.LAGO_API_KEY, *netsuite_login(settings.netsuite.auth)]
    try:
        missing = [name.value for name in needed if credentials.status(name).where is None]
    except CredentialError:
        missing = [name.value for name in needed if credentials.load_variable(name) is None]
    return f"missing: {', '.join(missing)}" if missing else "present"
