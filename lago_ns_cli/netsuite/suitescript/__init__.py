"""The SDF project that a customer deploys: the RESTlet, its fields, its role. The only copy of the RESTlet.

The simulator runs the same files.
"""

import re
from importlib.resources import as_file, files
from pathlib import Path

from lago_ns_cli.errors import ConfigError

_OWN_FILES = ("__init__.py", "__pycache__")


def restlet_source() -> str:
    """The text of the RESTlet's own file, ``lago_service.js``."""
    script = files(__name__).joinpath("src", "FileCabinet", "SuiteScripts", "lago", "lago_service.js")
    return script.read_text("utf-8")


def export_project(target: Path, *, force: bool = False) -> list[Path]:
    """Write the project out, ready for ``suitecloud project:deploy``.

    Args:
        target: A folder; made where it is missing.
        force: Write into a folder that holds something already; files of the same name are overwritten.

    Returns:
        The files written, sorted.

    Raises:
        ConfigError: The target is a file, or is not empty and ``force`` is not given, or cannot be written.
    """
    if target.exists() and not target.is_dir():
        raise ConfigError(f"{target} is a file, not a folder.", hint="Name a new or an empty folder.")
    if not force and target.is_dir() and any(target.iterdir()):
        raise ConfigError(f"{target} is not empty.", hint="Name another folder, or overwrite with --force.")
    with as_file(files(__name__)) as project:
        sources = [path for path in sorted(project.rglob("*")) if path.is_file() and _belongs(path, project)]
        try:
            return [_copy(source, target / source.relative_to(project)) for source in sources]
        except OSError as error:
            raise ConfigError(f"The project cannot be written to {target}: {error.strerror}.") from error


def _belongs(path: Path, project: Path) -> bool:
    return not any(part in _OWN_FILES for part in path.relative_to(project).parts)


def _copy(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())
    return target


def script_version() -> str:
    """The version of the RESTlet's files."""
    found = re.search(r"SCRIPT_VERSION = '([\d.]+)'", restlet_source())
    assert found is not None
    return found[1]
