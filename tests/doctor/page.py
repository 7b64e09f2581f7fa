"""The page of checks and cases, ``docs/doctor.md``, made from the checks and from what doctor was seen to say.

``python -m tests.doctor.page > docs/doctor.md`` renews it; a test holds it.
"""

from pathlib import Path

from tests.cli.terminal import GOLDEN
from tests.doctor.cases import CASES

_HEAD = Path(__file__).with_name("page_head.md")


def page() -> str:
    """Write the page."""
    rows = [_row(what, line) for name, what in cases() for line in _lines(name)]
    screen = (GOLDEN / "doctor-terminal.txt").read_text("utf-8")
    return f"{_HEAD.read_text('utf-8').replace('SCREEN', screen.rstrip())}{''.join(rows)}"


def cases() -> list[tuple[str, str]]:
    """Every case, by its name and its sentence."""
    return [(case.name, case.what) for case in CASES]


def _lines(name: str) -> list[str]:
    return (GOLDEN / "doctor" / f"{name}.txt").read_text("utf-8").splitlines()


def _row(what: str, line: str) -> str:
    said, _, fix = line.partition(" | ")
    level, _, rest = said.partition(" ")
    check, _, why = rest.partition(": ")
    return f"| {what} | `{check}` {level}: {_cell(why)} | {_cell(fix)} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    print(page(), end="")
