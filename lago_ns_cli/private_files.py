"""Files that only their owner may read, and replacements that are never half done.

The permission bits hold under any umask. What Windows calls permissions is left to the folder.
"""

import os
import stat
import tempfile
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def create_private_folder(path: Path) -> None:
    """Create a folder and its missing parents as 0700; folders that exist keep their bits."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        folder.chmod(PRIVATE_FOLDER)


def create_private_file(path: Path) -> bool:
    """Create an empty file as 0600, in a private folder; a file that exists is left as it is.

    Returns:
        Whether the file is new.

    Raises:
        OSError: The folder or the file cannot be created.
    """
    create_private_folder(path.parent)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE)
    except FileExistsError:
        return False
    os.close(descriptor)
    path.chmod(PRIVATE_FILE)  # a umask may have taken the owner's own bits
    return True


def replace_file(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Write a file so that a reader sees the old content or the new, never a mixture.

    Args:
        path: Where to write; the target of a symbolic link is replaced, not the link.
        mode: Permission bits of a new file (the umask decides where None); a file that exists
            keeps its own.

    Raises:
        OSError: The folder cannot be written to, or the disk is full; the old file is intact.
    """
    target = path.resolve()
    bits = _bits(target, mode)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(bits)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def writable_by_others(path: Path) -> bool:
    """Tell whether the group or anyone may write to a file."""
    return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def _bits(target: Path, mode: int | None) -> int:
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    if mode is not None:
        return mode
    umask = os.umask(0o077)  # the only way to read it is to set it
    os.umask(umask)
    return 0o666 & ~umask


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
