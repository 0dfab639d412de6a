"""What a model wrote cannot control the terminal, and is not hidden."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl._terminal.sanitise import clean, one_line, pieces

ANYTHING = st.text(alphabet=st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "<ESC>[31mred<ESC>[0m"),
        ("\x1b]8;;http://evil\x1b\\here\x1b]8;;\x1b\\", "<ESC>]8;;http://evil<ESC>\\here"),
        ("\x1b]0;title\x07", "<ESC>]0;title<BEL>"),
        ("\x9b31mred", "<U+009B>31mred"),
        ("pay 1\rpay 9", "pay 1<CR>pay 9"),
        ("ab\x08\x08cd", "ab<BS><BS>cd"),
        ("user\u202egpj.exe", "user<U+202E>gpj.exe"),
        ("\u2066a\u2069", "<U+2066>a<U+2069>"),
        ("pass\u200bword", "pass<U+200B>word"),
        ("pass\u200dword", "pass<U+200D>word"),
        ("\ufeffa", "<U+FEFF>a"),
        ("a\u2028b", "a<U+2028>b"),
        ("a\U000e0041", "a<U+E0041>"),
        ("☺\U000e0101", "☺<U+E0101>"),
        ("\ud800", "<U+D800>"),
        ("\x00\x7f", "<NUL><DEL>"),
        ("[red]not markup[/red] :smile:", "[red]not markup[/red] :smile:"),
    ],
)
def test_control_characters_become_marks(hostile: str, shown: str) -> None:
    assert clean(hostile).startswith(shown)


@pytest.mark.parametrize(
    "harmless",
    ["a\n\tb", "Grüße, 世界", "👩\u200d👩\u200d👧", "می\u200cخواهم", "", "é\u0301"],
)
def test_ordinary_text_stays(harmless: str) -> None:
    assert clean(harmless) == harmless


def test_line_ends_of_windows_are_line_ends() -> None:
    assert clean("a\r\nb") == "a\nb"


@pytest.mark.parametrize("text", ["a\u200d", "\u200da", "é\u200d\u200dé"])
def test_a_joiner_that_joins_nothing_is_a_mark(text: str) -> None:
    assert "<U+200D>" in clean(text)


def test_marks_are_told_from_text() -> None:
    assert list(pieces("<ESC>\x1b")) == [("<ESC>", False), ("<ESC>", True)]


def test_one_line() -> None:
    assert one_line(" a\n\tb\x1b ") == "a b<ESC>"


@given(ANYTHING)
def test_nothing_harmful_is_left(text: str) -> None:
    for char in clean(text):
        assert char in "\n\t\u200c\u200d" or unicodedata.category(char) not in (
            "Cc",
            "Cf",
            "Cs",
            "Zl",
            "Zp",
        )


@given(ANYTHING)
def test_clean_is_idempotent(text: str) -> None:
    assert clean(clean(text)) == clean(text)
