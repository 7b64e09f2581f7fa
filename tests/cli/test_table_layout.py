"""Tables on a terminal: nothing that somebody wants to copy is cut in two."""

import io
from collections.abc import Sequence

import pytest

from lago_ns_cli.cli.table_layout import fitting, print_table, row_lines

HEADERS = ("entry", "event", "document", "netsuite", "amount")
ROW = ("170", "outcome", "ACM-1F2E-005-001-CN001", "200012", "1207 JPY")


def printed(
    monkeypatch: pytest.MonkeyPatch, columns: int, headers: Sequence[str], *rows: Sequence[str]
) -> str:
    monkeypatch.setenv("COLUMNS", str(columns))
    stream = io.StringIO()
    print_table(headers, rows, stream)
    return stream.getvalue()


@pytest.mark.parametrize("columns", [30, 40, 60, 80, 120])
def test_no_number_is_cut_at_any_width(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """Side by side where there is room, else a row after the other; whole in both."""
    text = printed(monkeypatch, columns, HEADERS, ROW)

    assert [] == [cell for cell in ROW if cell not in text]
    assert columns >= max(map(len, text.splitlines()))


def test_numbers_stand_below_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Amounts end in the same column; names begin in one."""
    lines = printed(
        monkeypatch, 80, ("kind", "billed"), ("invoice", "1234.50"), ("memo", "-7.00"), ("all", "")
    ).splitlines()

    ends = {len(one.rstrip()) for one in lines if "1234.50" in one or "-7.00" in one}
    assert 1 == len(ends)


def test_the_longest_texts_wrap_first() -> None:
    """What is short keeps its line; the sentence takes what is left."""
    assert (3, 24) == fitting(("id", "why"), (["170"], ["a sentence that is much too long"]), 31)


def test_words_that_do_not_fit_side_by_side_have_no_widths() -> None:
    """The caller then prints rows by themselves."""
    assert fitting(("a", "b"), (["x" * 20], ["y" * 20]), 30) is None


def test_a_row_by_itself_breaks_between_cells() -> None:
    """An amount keeps its currency, a gap is told, and what is empty at the end is left out."""
    assert ["170  –", "   1038.46 USD"] == row_lines(("170", "", "1038.46 USD", ""), 16)
