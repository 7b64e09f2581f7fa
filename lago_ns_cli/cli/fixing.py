"""``doctor --fix``: what can be mended on this machine without a decision; each step is named and recorded."""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from lago_ns_cli.cli.examining import Machine
from lago_ns_cli.domain.account_memory import fix_fact
from lago_ns_cli.domain.diagnosis.facts import Facts, LedgerFacts
from lago_ns_cli.domain.lease import ground_for_takeover
from lago_ns_cli.errors import LagoNsError
from lago_ns_cli.ledger.processes import this_process
from lago_ns_cli.private_files import PRIVATE_FILE, create_private_folder
from lago_ns_cli.workflows.doctor import local_facts
from lago_ns_cli.workflows.ports import Clock

_LOG = logging.getLogger(__name__)
_OTHERS_WRITE = 0o022


@dataclass(frozen=True, slots=True)
class Fix:
    """A step that was made, by the check that it is for; ``error`` where it failed."""

    check: str
    what: str
    error: str | None = None


def fix_all(machine: Machine, clock: Clock) -> Iterator[Fix]:
    """Mend what the local checks found, one step at a time.

    Yields:
        Each step as it is made.
    """
    facts = local_facts(machine, clock)
    for check, what, mend in _steps(machine, facts, clock):
        try:
            mend()
        except (OSError, sqlite3.Error, LagoNsError) as error:
            yield Fix(check, what, str(error))
            continue
        _record(machine, facts, check, what)
        yield Fix(check, what)


_Step = tuple[str, str, Callable[[], object]]


def _steps(machine: Machine, facts: Facts, clock: Clock) -> Iterator[_Step]:
    if facts.setup is None or facts.ledger is None or facts.mapping is None:
        return
    if facts.setup.path is not None and facts.setup.others_may_write:
        yield _for_owner_alone("config.permissions", Path(facts.setup.path))
    if facts.mapping.others_may_write:
        yield _for_owner_alone("mappings.file", Path(facts.mapping.path))
    yield from _ledger_steps(machine, facts.ledger, facts, clock)


def _for_owner_alone(check: str, path: Path) -> _Step:
    return (
        check,
        f"others may no longer change {path}",
        lambda: path.chmod(path.stat().st_mode & ~_OTHERS_WRITE),
    )


def _ledger_steps(machine: Machine, ledger: LedgerFacts, facts: Facts, clock: Clock) -> Iterator[_Step]:
    path = Path(ledger.place)
    if not ledger.exists:
        if not path.parent.exists() and ledger.folder_problem is None:
            yield "ledger.file", f"made the folder {path.parent}", lambda: create_private_folder(path.parent)
        return
    if ledger.problem is not None or ledger.folder_problem is not None:
        return
    if ledger.others_may_read:
        yield "ledger.file", f"others may no longer read {path}", lambda: _make_private(path)
    if ledger.revision is not None and ledger.revision < ledger.current_revision:
        backup = path.with_name(f"{path.name}.{ledger.revision}.bak")
        what = (
            f"upgraded {path} from schema {ledger.revision} to {ledger.current_revision}; before it: {backup}"
        )
        yield "ledger.schema", what, lambda: _upgrade(machine, path, backup)
    if ledger.lease is not None and ledger.revision == ledger.current_revision:
        ground = ground_for_takeover(ledger.lease, alive=ledger.lease_alive, at=facts.now)
        if ground is not None:
            what = f"gave account {ledger.lease.account} back: {ledger.lease}, but {ground}"
            yield "ledger.lease", what, lambda: _give_back(machine, clock)


def _make_private(path: Path) -> None:
    for one in (path, *(path.with_name(path.name + ending) for ending in ("-wal", "-shm"))):
        if one.exists():
            one.chmod(PRIVATE_FILE)


def _upgrade(machine: Machine, path: Path, backup: Path) -> None:
    backup.touch(mode=PRIVATE_FILE)
    with closing(sqlite3.connect(path)) as before, closing(sqlite3.connect(backup)) as copy:
        before.backup(copy)
    with machine.open_ledger():
        pass


def _give_back(machine: Machine, clock: Clock) -> None:
    """Take the account over from the dead, which the trail tells, and give it back."""
    with machine.open_ledger() as ledger:
        ledger.acquire_lease(this_process(uuid4().hex[:12]), "doctor --fix", clock.now())
        ledger.release_lease()


def _record(machine: Machine, facts: Facts, check: str, what: str) -> None:
    """Tell the log, and the audit trail where there is one."""
    _LOG.info("doctor --fix: %s: %s", check, what)
    if facts.setup is not None and facts.setup.account is not None:
        machine.remember(fix_fact(facts.setup.account, check, what, facts.now), facts.now)
