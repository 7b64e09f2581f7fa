"""Files that only their owner may read, and replacements that are never half done."""

import os
import stat
from pathlib import Path

import pytest

from lago_ns_cli.private_files import create_private_file, replace_file

pytestmark = pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX's")


def bits(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_new_folders_are_private_and_old_ones_are_left_alone(tmp_path: Path) -> None:
    """A shared folder stays shared; what we add to it is ours."""
    tmp_path.chmod(0o755)

    assert create_private_file(tmp_path / "a" / "b" / "file")
    assert not create_private_file(tmp_path / "a" / "b" / "file")

    assert [0o755, 0o700, 0o700, 0o600] == [
        bits(tmp_path),
        bits(tmp_path / "a"),
        bits(tmp_path / "a" / "b"),
        bits(tmp_path / "a" / "b" / "file"),
    ]


def test_a_failed_replacement_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk shows when the bytes are synchronised."""
    file = tmp_path / "file"
    replace_file(file, b"old", mode=0o600)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        replace_file(file, b"new")

    assert b"old" == file.read_bytes()
    assert [file] == list(tmp_path.iterdir())
    assert 0o600 == bits(file)
