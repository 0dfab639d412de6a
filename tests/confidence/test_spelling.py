"""Whether the tokens with log-probabilities are those of a message."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage

from langgraph_hitl.confidence import logprobs
from langgraph_hitl.confidence.spelling import Piece, spells
from langgraph_hitl.errors import Unreadable

SPELLED: list[tuple[list[Piece], str]] = [
    ([" Hello", " World", "!", "</s>"], "Hello World!"),
    (["\n\n", "42", "\n", "<|im_end|>", "<|im_end|>"], "42"),
    (["<bos>", "42", "", "<end_of_turn>", "\n"], "42\n"),
    (["42", "<｜end▁of▁sentence｜>"], "42"),
    (["42", b"<|return|>"], "42"),
    (["42", "<|im_end|>"], "42<|im_end|>"),
    (["ĠHello", "ĠWorld", "Ċ"], "Hello World"),
    (["na", "Ã¯", "ve"], "naïve"),
    (["ðŁ", "ĳ", "į"], "👍"),
    (["▁Hello", "▁W", "orld"], "Hello World"),
    (["Hi", "\\xf0\\x9f", "\\x98\\x80"], "Hi😀"),
    (["Hi", "bytes: \\xf0\\x9f", "bytes:\\x98\\x80"], "Hi 😀"),
    (["<0xF0>", "<0x9F>", "<0x98>", "<0x80>"], "😀"),
    ([b"\xf0\x9f", b"\x98\x80", " fine"], "😀 fine"),
    (["Grü", "ße"], "Grüße"),
    (["a", "\\n", "b"], "a\nb"),
    (["a", "<0x0A>", "b"], "a\nb"),
    (["こん", "にちは"], "こんにちは"),
    (["a", "\\", "n", "b"], "a\\nb"),
    (["bytes", ":", " 5"], "bytes: 5"),
    (["!", "!"], "!!"),
    (["a", "\ufffd"], "a\ufffd"),
    (["a", "\ud800"], "a\ud800"),
]


@pytest.mark.parametrize(("tokens", "text"), SPELLED, ids=ascii)
def test_tokenizers_write_in_many_ways(tokens: list[Piece], text: str) -> None:
    assert spells(tokens, text)


OTHERS: list[tuple[list[Piece], str]] = [
    (["Do", " not", " pay"], "pay"),
    (["pay", " not"], "pay"),
    (["Give", " 1", ".50", " mg"], "Give 15.0 mg"),
    (["5", " degrees"], "-5 degrees"),
    (["-5", " degrees"], "5 degrees"),
    (["1", "50"], "1 50"),
    (["No", " way"], "👍"),
    (["\U0001f44e"], "👍"),
    (["No"], "..."),
    (["</s>"], "..."),
    ([], "yes"),
    (["", "</s>"], "yes"),
    (["Не", "\ufffd", " платить"], "Платить немедленно"),
    (["\ufffd", "\ufffd"], "👍"),
    (["na", "\ufffd", "\ufffd", "ve"], "naïve"),
    (["ĠНе", "Ġплатить"], "Платить"),
    (["\\xd0", "Не"], "Платить"),
    (["Yes", "<|im_end|>", "No"], "YesNo"),
    (["Do", "<|no|>", " pay"], "Do pay"),
    (["<think>", "Hm", "</think>", "42"], "42"),
    (["<not>", "pay"], "pay"),
    (["Grüße"], "Grüsse"),
    (["こんにちは"], "こんばんは"),
    (["naïve"], "naive"),
    (["yes"], "Yes"),
    (["yes"], "yes\u200b"),
    (["token_id:42"], "42"),
    ([b"\xf0\x9f", "42"], "42"),
]


@pytest.mark.parametrize(("tokens", "text"), OTHERS, ids=ascii)
def test_other_tokens_are_another_text(tokens: list[Piece], text: str) -> None:
    assert not spells(tokens, text)
    told = [
        {"token": "?", "bytes": list(token), "logprob": -0.001}
        if isinstance(token, bytes)
        else {"token": token, "logprob": -0.001}
        for token in tokens or ["</s>"]
    ]
    message = AIMessage(text, response_metadata={"logprobs": {"content": told}})
    with pytest.raises(Unreadable, match="do not spell the message"):
        logprobs()({"messages": message})


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(TEXTS, st.data())
def test_a_text_is_spelled_however_it_is_cut(text: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text))).map(sorted))
    tokens = [text[start:end] for start, end in pairwise([0, *cuts, len(text)])]
    assert spells([*tokens, "<|im_end|>"], text)
    whole = text.encode()
    assert spells([whole[start : start + 1] for start in range(len(whole))], text)


@given(TEXTS, TEXTS)
def test_tokens_without_escapes_spell_one_text(one: str, other: str) -> None:
    alike = one.strip() == other.strip()
    if one.isascii() and not set(one) & set("\\<"):
        assert spells([one], other) == alike


def test_special_tokens_at_the_ends_are_no_reason_to_ask() -> None:
    told = [{"token": token, "logprob": -0.5, "bytes": None} for token in ("42", "<|eot_id|>")]
    message = AIMessage("42", response_metadata={"logprobs": {"content": told}})
    assert logprobs()({"messages": message}) == pytest.approx(math.exp(-0.5))
