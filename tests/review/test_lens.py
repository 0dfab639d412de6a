"""A lens takes the subject out of a state key and puts it back."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from langgraph_hitl import last_message
from langgraph_hitl.review.lens import state_key


@pytest.mark.parametrize("value", ["text", {"a": 1}, [], 0, False])
def test_a_state_key_is_its_own_subject(value: Any) -> None:
    lens = state_key("draft")
    assert (lens.key, lens.name, lens.is_whole_key) == ("draft", "draft", True)
    assert lens.get(value) is value
    assert lens.put("new") == "new"
    assert lens.shown_in(value, "new") == "new"


def test_the_last_message_is_the_subject_and_one_message_is_the_update() -> None:
    question, answer, better = HumanMessage("?"), AIMessage("a"), AIMessage("b")
    lens = last_message()
    assert (lens.key, lens.name, lens.is_whole_key) == ("messages", "message", False)
    assert lens.get([question, answer]) is answer
    assert lens.put(better) == [better]
    assert lens.shown_in([question, answer], better) == [question, better]


@pytest.mark.parametrize("nothing", [[], None])
def test_without_messages_there_is_no_subject(nothing: Any) -> None:
    assert last_message().get(nothing) is None
    assert last_message().shown_in(nothing, "only") == ["only"]


def test_the_key_of_the_messages_can_be_another() -> None:
    assert last_message("chat").key == "chat"
