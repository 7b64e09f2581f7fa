"""The five-minute tour."""

import re
import sys
from pathlib import Path

from tests.cli.terminal import check_golden, process


def normalised(text: str) -> str:
    """Without what differs from day to day: the organization ends today, so its numbers move."""
    text = re.sub(r"^(customer|invoice): .*$", r"\1: …", text, flags=re.MULTILINE)
    text = re.sub(r"^(credit_note|payment|application): .*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^  export PATH=.*\n", "", text, flags=re.MULTILINE)
    return re.sub(r"\b(?!0 )\d[\d.]*", "#", text)


def test_the_demo_ends_with_both_sides_in_agreement(tmp_path: Path) -> None:
    """As a process, without keyring or configuration: the whole of what it says."""
    result = process("demo")

    totals = re.findall(r"^[A-Z]{3}\t(\d+)\t(\S+)\t(\d+)\t(\S+)\tagree$", result.out, re.MULTILINE)
    assert 0 == result.code
    assert totals
    assert 20 <= sum(int(invoices) for invoices, *_ in totals)
    assert all((row[0], row[1]) == (row[2], row[3]) for row in totals), totals
    first, second = re.findall(r"(\d+) writes", result.out)
    assert 20 <= int(first)
    assert "0" == second
    check_golden("demo.out.txt", normalised(result.out))
    check_golden("demo.err.txt", normalised(result.err))


def test_the_demo_names_the_program_by_a_way_that_works(tmp_path: Path) -> None:
    """Called by its path, the commands it names next would not be found: first the shell has to know them."""
    folder = Path(sys.executable).parent
    elsewhere = process("demo", "--invoices", "1", environment={"PATH": str(tmp_path)})
    known = process("demo", "--invoices", "1", environment={"PATH": str(folder)})

    assert f'Next:\n  export PATH="{folder}:$PATH"\n' in elsewhere.err
    assert "PATH" not in known.err


def test_another_demo_agrees_too(tmp_path: Path) -> None:
    """Size and seed are the caller's."""
    result = process("demo", "--invoices", "5", "--seed", "9")

    assert 0 == result.code
    assert "DIFFER" not in result.out
