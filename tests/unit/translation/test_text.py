"""Text: within NetSuite's lengths, and of characters that it can store."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_ns_cli.domain.translation.context import Findings
from lago_ns_cli.domain.translation.text import LIMITS, fit, fit_fields, fit_text, storable

FAMILY = "👩‍👩‍👧"
"""Five characters, joined into one picture."""

FLAG = "🇩🇪"
TONED = "👍🏽"
ACCENTED = "e\u0301"
SCOTLAND = "🏴" + "".join(chr(0xE0000 + ord(letter)) for letter in "gbsct") + "\U000e007f"
SYLLABLE = "\u1112\u1161\u11ab"
KEYCAP = "1\ufe0f\u20e3"

WHOLE = [FAMILY, FLAG, TONED, ACCENTED, SCOTLAND, SYLLABLE, KEYCAP, "\r\n"]

pieces = st.one_of(
    st.sampled_from([*WHOLE, "a", " ", "é", "漢", "ש", "\u200f", "😀", "각", "각\u11a8", "नि"]),
    st.characters(),
)
texts = st.lists(pieces, max_size=30).map("".join)


def parted(text: str, end: int) -> bool:
    """Whether a cut before ``end`` parts what a reader sees as one; a rule of its own, on a pair.

    Names of the Unicode database instead of ranges: what continues is a mark, a joiner or what
    follows one, a skin tone, a tag, the second letter of a flag, or a later letter of a syllable.
    """
    before, after = text[end - 1], text[end]
    name, last = unicodedata.name(after, ""), unicodedata.name(before, "")
    if before == "\r":
        return after == "\n"
    if unicodedata.category(after).startswith("M") or last == "ZERO WIDTH JOINER":
        return True
    if name.startswith(
        ("ZERO WIDTH JOINER", "ZERO WIDTH NON-JOINER", "EMOJI MODIFIER", "TAG ", "CANCEL TAG")
    ):
        return True
    if name.startswith("REGIONAL INDICATOR"):
        letters = text[:end]
        run = len(letters) - len(letters.rstrip("".join(map(chr, range(0x1F1E6, 0x1F200)))))
        return run % 2 == 1
    return name.startswith("HANGUL JUNGSEONG") and last.startswith("HANGUL CHOSEONG")


@given(texts, st.integers(1, 40))
def test_a_cut_text_is_a_beginning_within_the_limit_and_is_cut_no_further(text: str, limit: int) -> None:
    """Never longer, always a prefix, and the same when cut again."""
    short = fit(text, limit)

    assert len(short) <= limit
    assert text.startswith(short)
    assert short == fit(short, limit)


@given(texts, st.integers(1, 40))
def test_a_cut_never_parts_what_a_reader_sees_as_one(text: str, limit: int) -> None:
    """Unless the very first of it is already longer than the limit."""
    short = fit(text, limit)

    first = next((end for end in range(1, len(text)) if not parted(text, end)), len(text))
    if 0 < len(short) < len(text) and first <= limit:
        assert not parted(text, len(short))


@pytest.mark.parametrize("whole", WHOLE)
def test_what_would_be_parted_is_left_out_whole(whole: str) -> None:
    """One character of room is not enough for any of them."""
    assert "abc" == fit("abc" + whole, 4)
    assert "abc" + whole == fit("abc" + whole, 3 + len(whole))


def test_two_flags_are_parted_between_and_not_within() -> None:
    """A flag is a pair of letters; the pairs count from the first."""
    assert FLAG == fit(FLAG + FLAG, 3)
    assert FLAG + FLAG == fit(FLAG + FLAG + FLAG, 5)


def test_one_endless_character_is_cut_through() -> None:
    """Marks upon marks: some of it is better than nothing."""
    assert "e" + "\u0301" * 9 == fit("e" + "\u0301" * 500, 10)


@pytest.mark.parametrize("end", ["x", ACCENTED, FAMILY, FLAG, TONED])
@pytest.mark.parametrize("more", [-1, 0, 1])
@pytest.mark.parametrize("field", ["companyname", "addr1", "city", "state", "description", "memo"])
def test_n_minus_1_n_and_n_plus_1_characters(field: str, more: int, end: str) -> None:
    """A54: what fits stays as it is; what is longer is cut at a character, with a notice."""
    limit = LIMITS[field]
    text = "x" * (limit + more - len(end)) + end
    findings = Findings()

    fitted = fit_text(field, text, findings)

    assert (text if more <= 0 else "x" * (len(text) - len(end))) == fitted
    assert ([] if more <= 0 else ["text_cut"]) == [notice.code for notice in findings.notices]


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("Hooli\x00Inc.", "Hooli Inc."),
        ("a\x1bb\x85c\x7fd", "a b c d"),
        ("lone \ud83d half", "lone \ufffd half"),
        ("no \ufffe character", "no \ufffd character"),
        ("lost \ufffd before", "lost \ufffd before"),
    ],
)
def test_what_netsuite_cannot_store_is_replaced_with_a_notice(text: str, stored: str) -> None:
    """A55: control characters, lone surrogates, what XML forbids."""
    findings = Findings()

    assert stored == fit_text("companyname", text, findings)
    assert ["text_replaced"] == [notice.code for notice in findings.notices]


@pytest.mark.parametrize(
    "text", ["שלום \u200fHooli\u200e", "مرحبا", "😀" + FAMILY + FLAG, "two\nlines\tand a tab", "漢字", "नमस्ते"]
)
def test_what_netsuite_can_store_stays(text: str) -> None:
    """A55: right-to-left text with its marks, emoji, line breaks."""
    findings = Findings()

    assert text == fit_text("description", text, findings)
    assert () == findings.notices


@given(st.text(st.characters(), max_size=40))
def test_what_was_replaced_can_be_written_as_utf_8_and_needs_no_more(text: str) -> None:
    """Storable once is storable for good."""
    stored = storable(text)

    stored.encode("utf-8")
    assert stored == storable(stored)
    assert len(text) == len(stored)


@pytest.mark.parametrize("field", ["tranid", "entityid"])
@pytest.mark.parametrize("text", ["N" * 81, "ACM\x00-001"])
def test_a_number_is_never_changed(field: str, text: str) -> None:
    """A cut number would be the number of another document, so the document is held."""
    findings = Findings()
    fit_fields({field: text}, findings)

    assert ["number_does_not_fit"] == [problem.code for problem in findings.problems]


def test_only_texts_are_touched() -> None:
    """Flags, references and what is empty pass."""
    fields = {"isperson": True, "email": None, "amount": "100.00", "addressbookaddress": {"city": "x"}}

    assert fields == fit_fields(fields, Findings())
