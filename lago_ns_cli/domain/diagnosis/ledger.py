"""Checks of the ledger file, which is looked at without being changed."""

from lago_ns_cli.domain.diagnosis.checks import Check
from lago_ns_cli.domain.diagnosis.facts import Facts, LedgerFacts
from lago_ns_cli.domain.diagnosis.findings import Verdict, fail, fine, skip, warn
from lago_ns_cli.domain.diagnosis.local import of_problem, setup_of
from lago_ns_cli.domain.lease import ground_for_takeover


def ledger_of(facts: Facts) -> LedgerFacts:
    """Give what is known of the ledger."""
    assert facts.ledger is not None
    return facts.ledger


def _file(facts: Facts) -> Verdict:
    ledger = ledger_of(facts)
    if ledger.folder_problem is not None:
        return fail(
            f"The ledger {ledger.place} cannot be written: {ledger.folder_problem}.",
            "Give your user write access to its folder, or name another file as [ledger] url.",
        )
    if ledger.problem is not None:
        return of_problem(ledger.problem)
    if not ledger.exists:
        return fine(f"{ledger.place}: not there yet; the first run makes it")
    if ledger.others_may_read:
        return warn(
            f"Other users of this machine may read or change {ledger.place}, which holds customers' documents.",
            f"chmod 600 {ledger.place}, or: lago-ns doctor --fix",
        )
    return fine(ledger.place)


def _disk(facts: Facts) -> Verdict:
    ledger = ledger_of(facts)
    if ledger.filesystem is None:
        return fine("local")
    return fail(
        f"{ledger.place} lies on a file system of kind {ledger.filesystem}, whose locks cannot be trusted: two runs "
        "could write at once.",
        "Move the ledger to a local disk and name it as [ledger] url.",
    )


def _integrity(facts: Facts) -> Verdict:
    ledger = ledger_of(facts)
    if not ledger.exists:
        return skip("there is no ledger yet")
    if ledger.integrity == "ok":
        return fine("the database is whole; `lago-ns audit verify` checks the trail")
    return fail(
        f"The ledger is damaged: {ledger.integrity}.",
        "Keep the file as it is, put a back-up in its place, or make it anew: lago-ns ledger rebuild",
    )


def _schema(facts: Facts) -> Verdict:
    ledger = ledger_of(facts)
    if not ledger.exists:
        return skip("there is no ledger yet")
    if ledger.revision == ledger.current_revision:
        return fine(f"{ledger.revision}, current")
    if ledger.revision is None or ledger.revision < ledger.current_revision:
        return warn(
            f"The ledger has the schema {ledger.revision or 'of an empty file'}, this program {ledger.current_revision}; "
            "the next run upgrades it.",
            "Back the file up, then: lago-ns doctor --fix",
        )
    return fail(
        f"The ledger was written by a newer version of lago-ns (schema {ledger.revision}).",
        "Upgrade lago-ns, or name another file as [ledger] url.",
    )


def _unread(ledger: LedgerFacts) -> Verdict | None:
    """Say why the rows were not read; None where they were."""
    if not ledger.exists:
        return skip("there is no ledger yet")
    return None if ledger.revision == ledger.current_revision else skip("needs schema (ledger)")


def _owner(facts: Facts) -> Verdict:
    ledger, setup = ledger_of(facts), setup_of(facts)
    blind = _unread(ledger)
    if blind is not None:
        return blind
    if ledger.account is None:
        return fine(f"no rows of profile {setup.profile} yet")
    if setup.account is not None and ledger.account != setup.account:
        return fail(
            f"Profile {setup.profile} of the ledger belongs to account {ledger.account}, not {setup.account}.",
            "Correct [netsuite] account, or use another --profile for this account.",
        )
    return fine(f"profile {setup.profile} of account {ledger.account}")


def _lease(facts: Facts) -> Verdict:
    ledger = ledger_of(facts)
    blind = _unread(ledger)
    if blind is not None:
        return blind
    if ledger.lease is None:
        return fine("free")
    ground = ground_for_takeover(ledger.lease, alive=ledger.lease_alive, at=facts.now)
    if ground is None:
        return fine(f"held: {ledger.lease}")
    return warn(
        f"{ledger.lease}, but {ground}; the next run takes the account over.",
        "lago-ns doctor --fix gives it back now",
    )


LEDGER_CHECKS = (
    Check("ledger.file", "file", _file, ("config.file",)),
    Check("ledger.disk", "disk", _disk, ("ledger.file",)),
    Check("ledger.integrity", "integrity", _integrity, ("ledger.file",)),
    Check("ledger.schema", "schema", _schema, ("ledger.file",)),
    Check("ledger.owner", "owner", _owner, ("ledger.file",)),
    Check("ledger.lease", "lease", _lease, ("ledger.file",)),
)
