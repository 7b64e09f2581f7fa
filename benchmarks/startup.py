"""What looking around costs, against the interpreter itself and against a bare Typer program.

CPU time of whole processes, in turns, so that what else the machine does falls on all of them alike.
"""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks import environments
from benchmarks.cost_model import Cost
from benchmarks.environments import Environment
from benchmarks.figures import Figure, Scale
from benchmarks.organization import Shape
from benchmarks.stand import LAST_DAY, BenchmarkError, open_stand, run

BARE = Path(__file__).parent / "bare_typer.py"
_DOCUMENTS = 40


@dataclass(frozen=True)
class _Case:
    """A call of a program.

    Attributes:
        against: The case it is compared with.
        codes: Exit codes that are as they should be.
    """

    name: str
    command: Sequence[str]
    against: str = ""
    goal: float | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    codes: tuple[int, ...] = (0,)


def measure(scale: Scale) -> Sequence[Figure]:
    """Run every case in turn, many times; the median counts."""
    plain = environments.plain()
    with tempfile.TemporaryDirectory() as name:
        environment = _settled_ledger(Path(name))
        cases = _cases(plain, Path(name) / "lago-ns.toml", environment)
        times: dict[str, list[float]] = {case.name: [] for case in cases}
        for case in cases:
            _once(case)  # compiled and cached from here on
        for _ in range(scale.of(41, 21, 1)):
            for case in cases:
                times[case.name].append(_once(case))
    middle = {name: median(each) for name, each in times.items()}
    return [
        Figure(
            f"{case.name} ÷ {case.against}",
            middle[case.name] / middle[case.against],
            case.goal,
            "at most",
            bound=f"{middle[case.name] * 1000:.1f} ms of CPU time",
        )
        for case in cases
        if case.against
    ]


def _cases(plain: Environment, config: Path, secrets: Mapping[str, str]) -> list[_Case]:
    program, bare = plain.program("lago-ns"), "a bare Typer program's --help"
    none = "python -c pass"
    asked = {"_LAGO_NS_COMPLETE": "complete_bash", "COMP_WORDS": "lago-ns sync in", "COMP_CWORD": "2"}
    return [
        _Case(none, [plain.python, "-c", "pass"]),
        _Case(bare, [plain.python, str(BARE), "--help"]),
        _Case("lago-ns --help", [program, "--help"], bare, 1.25),
        _Case("lago-ns sync invoice --help", [program, "sync", "invoice", "--help"], bare, 1.25),
        _Case("lago-ns --help, interpreter", [program, "--help"], none, 1.5),
        _Case("lago-ns --version", [program, "--version"], none, 1.5),
        _Case("a completion script", [program], none, 1.5, {"_LAGO_NS_COMPLETE": "source_bash"}),
        _Case("a completion", [program], none, 2.5, asked),
        _Case("lago-ns status", [program, "--config", str(config), "status"], none, 25, secrets, (0, 1)),
    ]


def _once(case: _Case) -> float:
    ended = run(case.command, environment=case.environment)
    if ended.code not in case.codes or (case.against and not ended.out):
        raise BenchmarkError(f"{case.name} ended with {ended.code}:\n{ended.err[-1000:]}")
    return ended.cpu_seconds


def _settled_ledger(folder: Path) -> Mapping[str, str]:
    """Put a configuration and a ledger with some documents into a folder; returns the credentials."""
    with open_stand(Shape(_DOCUMENTS, _DOCUMENTS, LAST_DAY)) as stand:
        stand.post_customers()
        stand.sync_invoices(Cost(0, 0))
        for path in stand.folder.iterdir():
            if path.is_file():
                shutil.copy(path, folder)
        return stand.environment
