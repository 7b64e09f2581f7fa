"""Where a login is kept: the keyring, or a private file of variables for machines without one."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

from lago_ns_cli.cli.secret_input import parse_secrets
from lago_ns_cli.credentials import Credentials
from lago_ns_cli.domain.secrets import SecretName
from lago_ns_cli.errors import ConfigError, CredentialError
from lago_ns_cli.netsuite.certificate import KeyPair
from lago_ns_cli.private_files import PRIVATE_FILE, create_private_folder, replace_file
from lago_ns_cli.redaction import Secret

Secrets = Mapping[SecretName, Secret]


class Place(Protocol):
    """Keeps the secrets of one profile."""

    def __str__(self) -> str:
        """Name the place."""

    def load(self, names: Sequence[SecretName]) -> dict[SecretName, Secret]:
        """Read those of the secrets that are in use."""

    def keep(self, secrets: Secrets, at: datetime) -> None:
        """Put secrets in the place of those in use: all of them, or none."""

    def pending(self) -> KeyPair | None:
        """Read the key whose certificate waits to be uploaded."""

    def keep_pending(self, pair: KeyPair, at: datetime) -> None:
        """Keep a key until its certificate is uploaded."""

    def drop_pending(self) -> None:
        """Forget a key that waited, as it is in use or was given up."""


class KeyringPlace:
    """The keyring of the operating system."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def __str__(self) -> str:
        """Name the place."""
        return "the keyring"

    def load(self, names: Sequence[SecretName]) -> dict[SecretName, Secret]:
        """Read secrets from the environment or the keyring."""
        found = {name: self._credentials.load(name) for name in names}
        return {name: secret for name, secret in found.items() if secret is not None}

    def keep(self, secrets: Secrets, at: datetime) -> None:
        """Store secrets; where one cannot be stored, those before it are put back as they were.

        Raises:
            CredentialError: No keyring can be used, or a variable would hide what is stored.
        """
        secrets = self._not_in_variables(secrets)
        before = {name: self._credentials.load_stored(name) for name in secrets}
        done: list[SecretName] = []
        try:
            for name, secret in secrets.items():
                done.append(name)
                self._credentials.store(name, secret, at)
        except BaseException:
            for name in done:
                with suppress(CredentialError):
                    self._put_back(name, before[name], at)
            raise

    def _put_back(self, name: SecretName, secret: Secret | None, at: datetime) -> None:
        if secret is None:
            self._credentials.delete(name)
        else:
            self._credentials.store(name, secret, at)

    def _not_in_variables(self, secrets: Secrets) -> dict[SecretName, Secret]:
        """Leave out what a variable holds already; one that holds something else would hide the keyring's."""
        left = {}
        for name, secret in secrets.items():
            present = self._credentials.load_variable(name)
            if present is None:
                left[name] = secret
            elif present != secret:
                variable = self._credentials.status(name).variable
                raise CredentialError(
                    f"{variable} is set and would hide what the keyring holds.",
                    hint=f"unset {variable}, or change it there",
                    code="variable_hides_keyring",
                )
        return left

    def pending(self) -> KeyPair | None:
        """Read the key whose certificate waits to be uploaded."""
        key = self._credentials.load_stored(SecretName.PRIVATE_KEY, pending=True)
        certificate = self._credentials.load_stored(SecretName.CERTIFICATE, pending=True)
        return KeyPair(key, certificate.reveal()) if key and certificate else None

    def keep_pending(self, pair: KeyPair, at: datetime) -> None:
        """Keep a key beside the one in use."""
        self._credentials.store(SecretName.PRIVATE_KEY, pair.private_key, at, pending=True)
        self._credentials.store(SecretName.CERTIFICATE, Secret(pair.certificate), at, pending=True)

    def drop_pending(self) -> None:
        """Forget the key that waited."""
        for name in (SecretName.PRIVATE_KEY, SecretName.CERTIFICATE):
            self._credentials.delete(name, pending=True)


class FilePlace:
    """A file of variables (0600), for a shell or a service manager to read; it is written whole."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        """Name the place."""
        return str(self._path)

    def load(self, names: Sequence[SecretName]) -> dict[SecretName, Secret]:
        """Read secrets from the file."""
        return {name: secret for name, secret in self._content().items() if name in names}

    def keep(self, secrets: Secrets, at: datetime) -> None:  # noqa: ARG002 - a file has its own time
        """Write secrets beside those that are there.

        Raises:
            ConfigError: The file cannot be written.
        """
        merged = {**self._content(), **secrets}
        lines = [f"{name.variable}={shlex.quote(_one_line(secret))}\n" for name, secret in merged.items()]
        try:
            create_private_folder(self._path.parent)
            replace_file(self._path, "".join(lines).encode(), mode=PRIVATE_FILE)
            self._path.chmod(PRIVATE_FILE)
        except OSError as error:
            raise ConfigError(
                f"{self._path} cannot be written: {error.strerror}.", hint="Name another --env-file."
            ) from error

    def pending(self) -> KeyPair | None:
        """Read the key of a file that has no certificate id yet."""
        content = self._content()
        if SecretName.CERTIFICATE_ID in content or SecretName.CERTIFICATE not in content:
            return None
        key = content.get(SecretName.PRIVATE_KEY)
        return KeyPair(key, content[SecretName.CERTIFICATE].reveal()) if key else None

    def keep_pending(self, pair: KeyPair, at: datetime) -> None:
        """Write a key, without the ids that make it a login.

        Raises:
            ConfigError: The file holds a whole login, which would be lost.
        """
        if SecretName.CERTIFICATE_ID in self._content():
            raise ConfigError(
                f"{self._path} holds a login already.", hint="Name another --env-file for the new one."
            )
        certificate = Secret(pair.certificate)
        self.keep({SecretName.PRIVATE_KEY: pair.private_key, SecretName.CERTIFICATE: certificate}, at)

    def drop_pending(self) -> None:
        """Do nothing: with its ids, the key in the file is the one in use."""

    def _content(self) -> dict[SecretName, Secret]:
        try:
            return parse_secrets(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{self._path} cannot be read.", hint="Name another --env-file.") from error


def _one_line(secret: Secret) -> str:
    """A service manager reads one line a variable; ``credentials`` undoes this for PEM."""
    return secret.reveal().strip().replace("\n", "\\n")


class ProcessPlace:
    """This process alone, where there is no keyring: what is kept is gone when it ends.

    Attributes:
        kept: The names of what was kept; whoever asked has to put them into variables.
    """

    def __init__(self, credentials: Credentials, keep: Callable[[str, str], None]) -> None:
        self._credentials = credentials
        self._keep = keep
        self.kept: list[SecretName] = []

    def __str__(self) -> str:
        """Name the place."""
        return "use for this run only"

    def load(self, names: Sequence[SecretName]) -> dict[SecretName, Secret]:
        """Read secrets from the environment."""
        found = {name: self._credentials.load_variable(name) for name in names}
        return {name: secret for name, secret in found.items() if secret is not None}

    def keep(self, secrets: Secrets, at: datetime) -> None:  # noqa: ARG002 - nothing outlives the process
        """Keep secrets while the process runs."""
        for name, secret in secrets.items():
            self._keep(name.variable, secret.reveal())
            self.kept.append(name)

    def pending(self) -> KeyPair | None:
        """Tell of no key: none could have been kept."""
        return None

    def keep_pending(self, pair: KeyPair, at: datetime) -> None:  # noqa: ARG002 - it is refused
        """Refuse to make a key that would be lost before its certificate is uploaded.

        Raises:
            CredentialError: Always.
        """
        raise CredentialError(
            "There is no keyring to keep a new private key in.",
            hint="say --env-file FILE to keep it in a private file of variables",
            code="keyring_unsafe",
        )

    def drop_pending(self) -> None:
        """Do nothing: there is none."""
