"""Keyring back ends for ``PYTHON_KEYRING_BACKEND``: one that works, and one that must be refused."""

from typing import ClassVar

from keyring.backend import KeyringBackend


class MemoryKeyring(KeyringBackend):
    """Keeps secrets for as long as the process lives."""

    priority = 1
    secrets: ClassVar[dict[tuple[str, str], str]] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.secrets[service, username]


class PlaintextKeyring(MemoryKeyring):
    """Named as the back ends are that write to a plain file."""
