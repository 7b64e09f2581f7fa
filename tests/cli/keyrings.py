"""Keyring back ends for ``PYTHON_KEYRING_BACKEND``: two that work, and one that must be refused."""

import json
import os
from pathlib import Path
from typing import ClassVar

from keyring.backend import KeyringBackend

FILE_VARIABLE = "TEST_KEYRING_FILE"


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


class SharedKeyring(KeyringBackend):
    """Keeps secrets for several processes, as a system's own does; in a file that a test names."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        return self._kept().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._write({**self._kept(), f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        self._write({name: kept for name, kept in self._kept().items() if name != f"{service} {username}"})

    def _kept(self) -> dict[str, str]:
        path = Path(os.environ[FILE_VARIABLE])
        kept: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        return kept

    def _write(self, kept: dict[str, str]) -> None:
        path = Path(os.environ[FILE_VARIABLE])
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(kept), "utf-8")
        beside.replace(path)
