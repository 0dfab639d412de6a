"""A subject is shown as JSON and comes back as what it was."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from langgraph_hitl.review.digest import NotJson, plain_json
from langgraph_hitl.review.snapshot import same_kind, take
from tests.strategies import JSON

CALL = {"name": "pay", "args": {"amount": 5}, "id": "c1", "type": "tool_call"}
BLOCKS: list[str | dict[Any, Any]] = [
    {"type": "text", "text": "Look:"},
    {"type": "image_url", "image_url": {"url": "a.png"}},
]

MESSAGES: list[BaseMessage] = [
    HumanMessage("Hello", id="m1"),
    AIMessage("Hello", id="m1", name="writer", response_metadata={"model": "x"}),
    AIMessage(BLOCKS, id="m1"),
    AIMessage("", id="m1", tool_calls=[CALL]),
    ToolMessage("done", id="m1", tool_call_id="c1"),
]


@given(JSON)
def test_json_comes_back_as_it_is(value: Any) -> None:
    snapshot = take(value)
    assert snapshot.form == "json"
    assert snapshot.restore() == value


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: type(m).__name__)
def test_a_message_comes_back_with_everything(message: BaseMessage) -> None:
    snapshot = take(message)
    assert snapshot.form == "message"
    plain_json(snapshot.envelope)
    assert snapshot.restore() == message


def test_a_message_is_shown_as_its_content() -> None:
    assert take(AIMessage("Hello")).shown == "Hello"
    assert take(AIMessage(BLOCKS)).shown == BLOCKS


def test_tool_calls_are_shown_and_so_part_of_the_digest() -> None:
    message = AIMessage("Paying.", tool_calls=[CALL])
    assert take(message).shown == {"content": "Paying.", "tool_calls": [CALL]}
    other = AIMessage("Paying.", tool_calls=[{**CALL, "args": {"amount": 50}}])
    assert take(other).digest != take(message).digest


def test_an_edited_message_keeps_its_id_and_its_rest() -> None:
    message = AIMessage("Hello", id="m1", name="writer", additional_kwargs={"k": [1]})
    edited = take(message).with_shown("Good day").restore()
    assert edited == message.model_copy(update={"content": "Good day"})


def test_an_edited_tool_call_is_what_comes_back() -> None:
    calls = [{**CALL, "args": {"amount": 4}}]
    edited = take(AIMessage("", id="m1", tool_calls=[CALL])).with_shown(
        {"content": "Less.", "tool_calls": calls}
    )
    restored = edited.restore()
    assert restored == AIMessage("Less.", id="m1", tool_calls=calls)
    assert take(restored).digest == edited.digest


@pytest.mark.parametrize("calls", [[], [{**CALL, "args": {"amount": 4}}]], ids=["none", "other"])
def test_tool_calls_that_a_person_took_out_do_not_come_back(calls: list[dict[str, Any]]) -> None:
    """Providers leave the raw call in `additional_kwargs`, from where LangChain reads it again."""
    raw = {
        "id": "c1",
        "type": "function",
        "function": {"name": "pay", "arguments": '{"amount": 5}'},
    }
    message = AIMessage("", id="m1", tool_calls=[CALL], additional_kwargs={"tool_calls": [raw]})
    edited = take(message).with_shown({"content": "No.", "tool_calls": calls})
    restored = edited.restore()
    assert restored.tool_calls == calls


def test_a_list_of_messages_keeps_every_id() -> None:
    messages = [HumanMessage("?", id="a"), AIMessage("!", id="b")]
    snapshot = take(messages)
    assert (snapshot.form, snapshot.shown) == ("messages", ["?", "!"])
    assert snapshot.restore() == messages
    edited = snapshot.with_shown(["?", "Yes!"]).restore()
    assert [(m.id, m.content) for m in edited] == [("a", "?"), ("b", "Yes!")]


def test_an_empty_list_is_json() -> None:
    assert take([]).form == "json"


def test_what_cannot_be_stored_of_a_message_is_dropped_from_its_rest_only() -> None:
    message = AIMessage("Hello", id="m1", additional_kwargs={"raw": object()})
    snapshot = take(message)
    plain_json(snapshot.envelope)
    assert snapshot.restore() == AIMessage("Hello", id="m1")


@pytest.mark.parametrize(
    "value",
    [object(), {"a": object()}, float("nan"), [HumanMessage("?"), "text"], AIMessage("a\x00b")],
)
def test_neither_json_nor_messages_is_refused(value: Any) -> None:
    with pytest.raises(NotJson):
        take(value)


@pytest.mark.parametrize(
    ("subject", "other"),
    [
        ("text", ""),
        (1, 2.5),
        (True, False),
        ([1], []),
        ({"a": 1}, {"b": 2}),
        (AIMessage("text"), "other"),
        (AIMessage("text"), BLOCKS),
        (AIMessage(BLOCKS), "text"),
        ([AIMessage("a"), AIMessage("b")], ["c", "d"]),
    ],
)
def test_an_edit_of_the_same_kind_fits(subject: Any, other: Any) -> None:
    snapshot = take(subject)
    assert same_kind(snapshot, other) is None
    edited = snapshot.with_shown(other)
    assert take(edited.restore()).digest == edited.digest


@pytest.mark.parametrize(
    ("subject", "other", "problem"),
    [
        ("text", 1, "expected JSON of the kind text, got number"),
        ("text", None, "got null"),
        ("text", ["text"], "got list"),
        (1, True, "expected JSON of the kind number, got boolean"),
        (1, "1", "got text"),
        (True, 1, "expected JSON of the kind boolean, got number"),
        ([1], {"0": 1}, "expected JSON of the kind list, got object"),
        ({"a": 1}, '{"a": 1}', "expected JSON of the kind object, got text"),
        (AIMessage("text"), 1, "got number"),
        (AIMessage("text"), {"content": "x"}, "got object"),
        ([AIMessage("a"), AIMessage("b")], ["a"], "expected 2 messages, got 1"),
    ],
)
def test_an_edit_of_another_kind_does_not(subject: Any, other: Any, problem: str) -> None:
    found = same_kind(take(subject), other)
    assert found is not None
    assert problem in found


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (AIMessage("text"), [1]),
        (AIMessage("text"), [None]),
        (AIMessage(BLOCKS), [["nested"]]),
        (AIMessage("", tool_calls=[CALL]), {}),
        (AIMessage("", tool_calls=[CALL]), {"tool_calls": []}),
        (AIMessage("", tool_calls=[CALL]), {"content": None, "tool_calls": []}),
        (AIMessage("", tool_calls=[CALL]), {"content": "", "tool_calls": [{"nm": 1}]}),
        (AIMessage("", tool_calls=[CALL]), {"content": "", "tool_calls": "none"}),
        (AIMessage("", tool_calls=[CALL]), {"content": "", "tool_calls": [], "more": 1}),
        ([AIMessage("a"), AIMessage("b")], [1, 2]),
        ([AIMessage("a"), AIMessage("b")], ["a", {"x": 1}]),
    ],
)
def test_what_could_not_come_back_as_a_message_does_not_fit(message: Any, shown: Any) -> None:
    """Else the answer would be saved, and the thread could never go on."""
    assert same_kind(take(message), shown) is not None


@pytest.mark.parametrize(
    "call",
    [
        {"name": "pay", "args": {"amount": 4}, "id": "c1"},
        {"name": "pay", "args": {"amount": 4}, "id": None, "type": "tool_call"},
    ],
)
def test_an_edited_tool_call_is_refused_or_comes_back_as_it_was_shown(call: Any) -> None:
    """Else `approved()` would call the approved value drifted."""
    snapshot = take(AIMessage("", id="m1", tool_calls=[CALL]))
    shown = {"content": "", "tool_calls": [call]}
    if same_kind(snapshot, shown) is None:
        edited = snapshot.with_shown(shown)
        assert take(edited.restore()).digest == edited.digest
