"""A ledger that is looked at stays as it is; file systems that several machines share are told apart."""

from pathlib import Path

import pytest

from lago_ns_cli.ledger.inspection import inspect_ledger, shared_filesystem
from lago_ns_cli.ledger.store import SqlLedger

MOUNTS = """\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 22 0:40 / /home rw,relatime shared:1 - nfs4 files:/home rw,vers=4.2
31 30 8:2 / /home/books/local\\040disk rw - ext4 /dev/sdb1 rw
32 22 0:50 / /mnt/share rw - cifs //files/books rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/ledger.db", None),
        ("/home/books/ledger.db", "nfs4"),
        ("/home/books/local disk/ledger.db", None),
        ("/mnt/share/2026/ledger.db", "cifs"),
    ],
)
def test_the_innermost_mount_decides(monkeypatch: pytest.MonkeyPatch, path: str, kind: str | None) -> None:
    """As ``/proc/self/mountinfo`` tells it, blanks in names included."""
    monkeypatch.setattr("lago_ns_cli.ledger.inspection.sys.platform", "linux")
    monkeypatch.setattr(Path, "read_text", lambda *_: MOUNTS)
    monkeypatch.setattr(Path, "exists", lambda _: True)
    monkeypatch.setattr(Path, "resolve", lambda path: path)

    assert kind == shared_filesystem(Path(path))


def test_looking_changes_nothing(tmp_path: Path) -> None:
    """Not a byte, not a file."""
    path = tmp_path / "ledger.db"
    with SqlLedger(f"sqlite:///{path}", profile="default", account="1234567"):
        pass
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}

    facts = inspect_ledger(f"sqlite:///{path}", profile="default", account="1234567")

    assert ("ok", "1234567", None) == (facts.integrity, facts.account, facts.problem)
    assert facts.revision == facts.current_revision
    assert before == {one.name: one.read_bytes() for one in tmp_path.iterdir()}


def test_looking_for_a_ledger_makes_none(tmp_path: Path) -> None:
    """Nor its folder."""
    facts = inspect_ledger(f"sqlite:///{tmp_path}/books/ledger.db", profile="default", account=None)

    assert (False, None, None) == (facts.exists, facts.folder_problem, facts.problem)
    assert [] == list(tmp_path.iterdir())
