"""The file that ``fetch-catalog --lock`` writes, for version control."""

from collections.abc import Sequence
from pathlib import Path

from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.catalog_lock import CatalogLock, read_lock, render_lock
from lago_ns_cli.errors import ConfigError
from lago_ns_cli.private_files import replace_file


def load_lock(path: Path, account: str) -> CatalogLock:
    """Read a lock of an account.

    Raises:
        ConfigError: There is none, it cannot be read, or it is another account's.
    """
    again = f"lago-ns fetch-catalog --lock {path}"
    try:
        lock = read_lock(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"There is no {path} to check against.", hint=again) from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.", hint="Name another file.") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path} cannot be read as a lock: {error}.", hint=again) from error
    if lock.account != account:
        raise ConfigError(
            f"{path} is a lock of the account {lock.account}, and this profile's is {account}.",
            hint="Keep a lock for each account; ids differ between them.",
        )
    return lock


def save_lock(path: Path, catalogs: Sequence[Catalog], account: str) -> None:
    """Write a lock, all or nothing.

    Raises:
        ConfigError: It cannot be written; what was there is as it was.
    """
    try:
        replace_file(path, render_lock(catalogs, account).encode())
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}.", hint="Name another file with --lock."
        ) from error
