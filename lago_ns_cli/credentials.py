"""Secrets, from the environment or the keyring of the operating system, and nowhere else.

The environment comes first: where it suffices, as in cron and CI, the keyring is never even loaded. A variable
may be meant for one profile (``LAGO_NS_PROFILES__EU__…``) or for whichever runs. In the keyring every secret has
its own entry of the service ``lago-ns``, named by profile, by account or Lago host, and by secret, so that one
profile cannot read another's. A secret that is not yet proven waits in an entry beside it.

A keyring is not trusted to behave: it may be absent, locked and waiting for a window that nobody sees, or
a back end that forgets or that writes plain text to a file. Each call has a deadline, such back ends are
refused, and what is stored is read back.
"""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar, cast

from lago_ns_cli.domain.accounts import canonical_account
from lago_ns_cli.domain.secrets import SecretName
from lago_ns_cli.errors import CredentialError
from lago_ns_cli.redaction import Secret

SERVICE = "lago-ns"
DEADLINE_SECONDS = 3.0

ResultT = TypeVar("ResultT")


class Keyring(Protocol):
    """What a back end of the ``keyring`` package offers."""

    def get_password(self, service: str, username: str) -> str | None:
        """Read a secret; None where there is none."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store a secret."""

    def delete_password(self, service: str, username: str) -> None:
        """Delete a secret."""


@dataclass(frozen=True, slots=True)
class SecretStatus:
    """Where a secret comes from, never what it is.

    Args:
        where: ``variable``, ``keyring``, or None where it is absent.
        stored_at: When it was stored in the keyring, if that is known.
        variable: The variable that holds it, where one does.
    """

    name: SecretName
    where: str | None
    stored_at: datetime | None = None
    variable: str | None = None


class Credentials:
    """The secrets of one profile and account.

    Args:
        profile: The profile.
        account: The NetSuite account, in either spelling; None before one is set.
        lago_host: The host of Lago's API, as secrets of one Lago are not sent to another.
        environ: The environment.
        open_keyring: Opens the keyring, when it is first needed.
        deadline_seconds: How long one call of the keyring may take.
        learn: Told of every secret that is read or stored, so that logs can mask it.
    """

    def __init__(
        self,
        *,
        profile: str,
        account: str | None,
        lago_host: str,
        environ: Mapping[str, str],
        open_keyring: Callable[[], Keyring] | None = None,
        deadline_seconds: float = DEADLINE_SECONDS,
        learn: Callable[[Secret], None] | None = None,
    ) -> None:
        """Remember whose secrets are meant; nothing is read yet."""
        self._profile = profile
        self._account = None if account is None else canonical_account(account)
        self._lago_host = lago_host.lower()
        self._environ = environ
        self._open_keyring = open_keyring or system_keyring
        self._deadline_seconds = deadline_seconds
        self._learn = learn or (lambda _secret: None)
        self._opened: Keyring | None = None

    def load(self, name: SecretName) -> Secret | None:
        """Read a secret; None where neither the environment nor the keyring has it.

        Raises:
            CredentialError: The environment lacks it and no keyring can be used.
        """
        value = self._from_environment(name)
        if value is None:
            entry = self._entry(name)
            value = self._call(name, "read", lambda keyring: keyring.get_password(SERVICE, entry))
        return None if value is None else self._known(value)

    def load_variable(self, name: SecretName) -> Secret | None:
        """Read a secret from the environment alone."""
        value = self._from_environment(name)
        return None if value is None else self._known(value)

    def require(self, name: SecretName) -> Secret:
        """Read a secret that is needed.

        Raises:
            CredentialError: It is absent, or no keyring can be used.
        """
        secret = self.load(name)
        if secret is None:
            raise CredentialError(
                f"Profile {self._profile} has no {_spoken(name)} for {self._owner(name)}.",
                hint=f"run `lago-ns auth login`, or set {name.variable}",
                code="credential_absent",
            )
        return secret

    def load_stored(self, name: SecretName, *, pending: bool = False) -> Secret | None:
        """Read a secret from the keyring alone.

        Args:
            pending: The one that waits to be proven.

        Raises:
            CredentialError: No keyring can be used.
        """
        entry = self._entry(name, pending=pending)
        value = self._call(name, "read", lambda keyring: keyring.get_password(SERVICE, entry))
        return None if value is None else self._known(value)

    def store(self, name: SecretName, secret: Secret, at: datetime, *, pending: bool = False) -> None:
        """Store a secret in the keyring and read it back.

        Args:
            pending: Beside the one in use, until it is proven.

        Raises:
            CredentialError: No keyring can be used, or it did not keep the secret.
        """
        entry = self._entry(name, pending=pending)
        value = self._known(secret.reveal()).reveal()

        def write(keyring: Keyring) -> str | None:
            keyring.set_password(SERVICE, entry, value)
            return keyring.get_password(SERVICE, entry)

        kept = self._call(name, "stored", write)
        if kept is None or Secret(kept) != secret:
            raise CredentialError(
                f"The keyring did not keep the {_spoken(name)}.",
                hint=f"mend the keyring, or set {name.variable} instead",
                code="keyring_forgets",
            )
        stamp = at.isoformat()
        self._call(name, "stored", lambda keyring: keyring.set_password(SERVICE, _stamp_of(entry), stamp))

    def delete(self, name: SecretName, *, pending: bool = False) -> bool:
        """Delete a secret from the keyring.

        Returns:
            Whether there was one.

        Raises:
            CredentialError: No keyring can be used.
        """
        entry = self._entry(name, pending=pending)

        def remove(keyring: Keyring) -> bool:
            found = keyring.get_password(SERVICE, entry) is not None
            for username in (entry, _stamp_of(entry)):
                if keyring.get_password(SERVICE, username) is not None:
                    keyring.delete_password(SERVICE, username)
            return found

        return self._call(name, "deleted", remove)

    def status(self, name: SecretName) -> SecretStatus:
        """Tell where a secret comes from and when it was stored.

        Raises:
            CredentialError: The environment lacks it and no keyring can be used.
        """
        if self._from_environment(name) is not None:
            return SecretStatus(name, "variable", variable=self._variable(name))
        entry = self._entry(name)

        def look(keyring: Keyring) -> tuple[bool, str | None]:
            found = keyring.get_password(SERVICE, entry) is not None
            return found, keyring.get_password(SERVICE, _stamp_of(entry)) if found else None

        found, stamp = self._call(name, "read", look)
        return SecretStatus(name, "keyring" if found else None, _time(stamp))

    def _variable(self, name: SecretName) -> str:
        """Choose the profile's own variable where it is set, else the one that serves any profile."""
        own = name.variable_of(self._profile)
        return own if self._environ.get(own, "").strip() else name.variable

    def _from_environment(self, name: SecretName) -> str | None:
        value = self._environ.get(self._variable(name), "").strip()
        if name in _PEM and "\n" not in value:
            value = value.replace("\\n", "\n")  # many CI systems hold one line only
        return value or None

    def _known(self, value: str) -> Secret:
        secret = Secret(value)
        self._learn(secret)
        return secret

    def _entry(self, name: SecretName, *, pending: bool = False) -> str:
        entry = f"{self._profile}/{self._owner(name)}/{name.value.split('.')[1]}"
        return f"{entry}/pending" if pending else entry

    def _owner(self, name: SecretName) -> str:
        if name is SecretName.LAGO_API_KEY:
            return self._lago_host
        if self._account is None:
            raise CredentialError(
                f"Profile {self._profile} names no NetSuite account, so its {_spoken(name)} has no place.",
                hint="set [netsuite] account first",
                code="account_absent",
            )
        return self._account

    def _call(self, name: SecretName, done: str, action: Callable[[Keyring], ResultT]) -> ResultT:
        """Run an action on the keyring, under the deadline."""

        def run() -> ResultT:
            if self._opened is None:
                self._opened = self._open_keyring()
            return action(self._opened)

        try:
            return _within(self._deadline_seconds, run)
        except CredentialError as error:
            message = error.message
            if done == "read":  # the variable was looked at first, and most often it was forgotten
                message = f"{name.variable} is not set, and {message[0].lower()}{message[1:]}"
            raise CredentialError(
                message, hint=f"set {name.variable}, or {error.hint}", code=error.code
            ) from error
        except TimeoutError as error:
            raise CredentialError(
                f"The keyring did not answer within {self._deadline_seconds:g} seconds; it is probably "
                f"locked, so the {_spoken(name)} was not {done}.",
                hint=f"unlock the keyring, or set {name.variable}",
                code="keyring_locked",
            ) from error
        except Exception as error:  # noqa: BLE001 - back ends raise whatever their system raises
            raise CredentialError(
                f"The keyring failed ({type(error).__name__}), so the {_spoken(name)} was not {done}.",
                hint=f"unlock or mend the keyring, or set {name.variable}",
                code="keyring_failed",
            ) from None  # its message may hold what was to be stored


_PEM = (SecretName.PRIVATE_KEY, SecretName.CERTIFICATE)


def system_keyring() -> Keyring:
    """Open the keyring of the operating system.

    Raises:
        CredentialError: There is none, or only one that is not safe.
    """
    try:
        import keyring

        backend = keyring.get_keyring()
    except (ImportError, AttributeError, ValueError, TypeError, RuntimeError) as error:
        raise CredentialError(
            f"The keyring's back end cannot be loaded: {error}.",
            hint="mend PYTHON_KEYRING_BACKEND or keyringrc.cfg",
            code="keyring_unusable",
        ) from error
    return safe_keyring(backend)


def usable_keyring(deadline_seconds: float = DEADLINE_SECONDS) -> Keyring:
    """Open the keyring of the operating system, within a time.

    Raises:
        CredentialError: There is none, only one that is not safe, or it does not answer.
    """
    try:
        return _within(deadline_seconds, system_keyring)
    except TimeoutError as error:
        raise CredentialError(
            f"The keyring did not answer within {deadline_seconds:g} seconds; it is probably locked.",
            hint="unlock the keyring",
            code="keyring_locked",
        ) from error


def safe_keyring(backend: object) -> Keyring:
    """Choose the first safe back end: the given one, or among those it chains together.

    Raises:
        CredentialError: It would keep nothing (null, fail) or keep plain text.
    """
    chained = list(getattr(backend, "backends", None) or [backend])
    safe = [one for one in chained if not _unsafe(one)]
    if safe:
        return cast("Keyring", safe[0])
    kind = type(chained[0])
    raise CredentialError(
        "There is no keyring in which a secret would be safe "
        f"({kind.__module__}.{kind.__qualname__} {_unsafe(chained[0])}).",
        hint="install or unlock the keyring of this system",
        code="keyring_unsafe",
    )


def _unsafe(backend: object) -> str | None:
    """Say why a back end is refused; None where it is safe."""
    kind = type(backend)
    name = f"{kind.__module__}.{kind.__qualname__}".lower()
    if name.startswith(("keyring.backends.null.", "keyring.backends.fail.")):
        return "keeps nothing"
    if name.startswith("keyring.backends.chainer."):
        return "has no back end to pass on to"
    if "plaintext" in name or "uncrypted" in name:
        return "keeps plain text"
    return None


def _within(seconds: float, action: Callable[[], ResultT]) -> ResultT:
    """Run an action in a thread that is left behind when it takes too long.

    Raises:
        TimeoutError: It took too long; a locked keyring may never come back, so its thread is a daemon.
    """
    future: Future[ResultT] = Future()

    def run() -> None:
        try:
            future.set_result(action())
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            future.set_exception(error)

    threading.Thread(target=run, name="keyring", daemon=True).start()
    return future.result(timeout=seconds)


def _spoken(name: SecretName) -> str:
    system, _, secret = name.value.partition(".")
    whose = {"lago": "Lago", "netsuite": "NetSuite", "announce": "announcement"}[system]
    return f"{whose} {secret.replace('_', ' ')}"


def _stamp_of(entry: str) -> str:
    return f"{entry}/stored_at"


def _time(stamp: str | None) -> datetime | None:
    if stamp is None:
        return None
    try:
        return datetime.fromisoformat(stamp)
    except ValueError:
        return None
