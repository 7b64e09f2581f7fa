"""Checks, and running them in order: what builds on a check that failed is skipped and says so."""

from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass

from lago_ns_cli.domain.diagnosis.facts import Facts
from lago_ns_cli.domain.diagnosis.findings import Finding, Verdict, skip

Judge = Callable[[Facts], Verdict]


@dataclass(frozen=True, slots=True)
class Check:
    """A check.

    Args:
        id: ``group.name``, stable.
        title: As the screen calls it.
        judge: Decides by the facts; asked only where the needs are met.
        needs: Ids of earlier checks that must have passed.
    """

    id: str
    title: str
    judge: Judge
    needs: tuple[str, ...] = ()


def run_checks(
    checks: Sequence[Check], facts: Facts, found: MutableMapping[str, Finding]
) -> Iterator[Finding]:
    """Run checks in order.

    Args:
        found: What earlier checks found, by id; what is found here is added.
    """
    for check in checks:
        verdict = _unmet(check, found) or check.judge(facts)
        finding = Finding(
            check=check.id,
            title=check.title,
            level=verdict.level,
            why=verdict.why,
            fix=verdict.fix,
            concern=verdict.concern,
        )
        found[check.id] = finding
        yield finding


def _unmet(check: Check, found: Mapping[str, Finding]) -> Verdict | None:
    needed = [found[need] for need in check.needs if not found[need].passed]
    if not needed:
        return None
    first = needed[0]
    return skip(f"needs {first.title} ({first.group})")
