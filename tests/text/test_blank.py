"""What looks empty is empty: nobody has given a reason, a name or an answer with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl._text.blank import is_blank

INVISIBLE = ["\u200b", "\u200d", "\u2060", "\ufeff", "\u3164", "\u2800", "\u00ad", "\u202e", "\x00"]


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u00a0", "\u3000", *INVISIBLE])
def test_what_nobody_can_see_is_blank(text: str) -> None:
    assert is_blank(text)
    assert is_blank(f"{text} {text}")


@given(st.text(st.sampled_from([" ", *INVISIBLE])), st.sampled_from("a.0?é–日👍"))
def test_one_character_to_see_is_enough(around: str, seen: str) -> None:
    assert not is_blank(around + seen + around)
