"""Subjects that are messages keep their place and their id."""

from __future__ import annotations

import operator
from typing import Annotated, Any

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.graph.message import add_messages

from langgraph_hitl import (
    Approve,
    Edit,
    Reject,
    ReviewState,
    Revise,
    approved,
    last_message,
)
from tests.apps import APPROVAL, one_gate
from tests.contract.presets import over_presets
from tests.drivers import Build, Driver, Thread
from tests.subject_presets import HUMAN_APPROVAL, SubjectPreset


class Chat(ReviewState, total=False):
    messages: Annotated[list[AnyMessage], add_messages]
    draft: Any
    ran: Annotated[list[str], operator.add]


def build(preset: SubjectPreset = HUMAN_APPROVAL, **options: Any) -> Build:
    return one_gate(
        preset(last_message(), **options),
        APPROVAL | {"approved": "go"},
        schema=Chat,
    )


def start(driver: Driver, preset: SubjectPreset = HUMAN_APPROVAL, **options: Any) -> Thread:
    thread = driver.thread(build(preset, **options))
    thread.send({"messages": [HumanMessage("Hi", id="h1"), AIMessage("Hello", id="a1")]})
    return thread


def texts(thread: Thread) -> list[tuple[str, str | None]]:
    return [(message.text, message.id) for message in thread.values["messages"]]


def test_the_last_message_is_shown_as_its_content(driver: Driver) -> None:
    assert start(driver).request.subject == "Hello"


@over_presets()
def test_an_approved_message_stays_as_it_is(driver: Driver, preset: SubjectPreset) -> None:
    thread = start(driver, preset)
    thread.decide(Approve())
    assert texts(thread) == [("Hi", "h1"), ("Hello", "a1")]
    assert approved(thread.values, "messages") == AIMessage("Hello", id="a1")


@over_presets()
def test_an_edited_message_keeps_its_id_and_its_place(
    driver: Driver, preset: SubjectPreset
) -> None:
    thread = start(driver, preset)
    thread.decide(preset.replacing("Good day"))
    assert texts(thread) == [("Hi", "h1"), ("Good day", "a1")]
    assert isinstance(thread.values["messages"][1], AIMessage)
    assert approved(thread.values, "messages").text == "Good day"


def test_a_rejected_message_stays_and_is_not_approved(driver: Driver) -> None:
    thread = start(driver)
    thread.decide(Reject())
    assert texts(thread) == [("Hi", "h1"), ("Hello", "a1")]


@over_presets()
def test_a_revised_message_keeps_its_id(driver: Driver, preset: SubjectPreset) -> None:
    def politer(state: Chat) -> dict[str, Any]:
        return {"messages": [AIMessage(state["messages"][-1].text + ", Sir", id="other")]}

    thread = start(driver, preset, revise=politer)
    thread.decide(Revise("politer"))
    assert thread.request.subject == "Hello, Sir"
    assert texts(thread) == [("Hi", "h1"), ("Hello", "a1")]
    thread.decide(Revise("politer"), Approve())
    assert texts(thread) == [("Hi", "h1"), ("Hello, Sir, Sir", "a1")]


def test_a_chat_model_revises_a_message(driver: Driver) -> None:
    model = GenericFakeChatModel(messages=iter([AIMessage("Welcome")]))
    thread = start(driver, revise=model)
    thread.decide(Revise("warmer"), Approve())
    assert texts(thread) == [("Hi", "h1"), ("Welcome", "a1")]


def test_tool_calls_are_part_of_what_is_shown_and_edited(driver: Driver) -> None:
    call = {"name": "pay", "args": {"amount": 10}, "id": "c1", "type": "tool_call"}
    thread = driver.thread(build())
    thread.send({"messages": [AIMessage("Paying", id="a1", tool_calls=[call])]})
    subject = thread.request.subject
    assert subject == {"content": "Paying", "tool_calls": [call]}
    thread.decide(Edit({**subject, "tool_calls": [{**call, "args": {"amount": 5}}]}))
    message = thread.values["messages"][0]
    assert (message.id, message.tool_calls[0]["args"]) == ("a1", {"amount": 5})


class Letters(ReviewState, total=False):
    """A key that holds messages without the reducer of messages."""

    draft: Any
    ran: Annotated[list[str], operator.add]


@over_presets()
def test_one_message_under_a_key_of_its_own(driver: Driver, preset: SubjectPreset) -> None:
    thread = driver.thread(one_gate(preset("draft"), schema=Letters))
    thread.send({"draft": AIMessage("Hello", id="a1")})
    thread.decide(preset.replacing("Good day"))
    assert thread.values["draft"] == AIMessage("Good day", id="a1")


@over_presets()
def test_several_messages_are_one_subject(driver: Driver, preset: SubjectPreset) -> None:
    thread = driver.thread(one_gate(preset("draft"), schema=Letters))
    thread.send({"draft": [HumanMessage("Hi", id="h1"), AIMessage("Hello", id="a1")]})
    assert thread.request.subject == ["Hi", "Hello"]
    thread.decide(preset.replacing(["Hi", "Good day"]))
    assert [(m.text, m.id) for m in thread.values["draft"]] == [("Hi", "h1"), ("Good day", "a1")]


@pytest.mark.parametrize("messages", [[], None])
def test_no_message_at_all_is_an_error_before_anybody_is_asked(
    sample: Driver, messages: Any
) -> None:
    from langgraph_hitl.errors import SubjectError

    thread = sample.thread(build())
    with pytest.raises(SubjectError, match="messages"):
        thread.send({"messages": messages} if messages is not None else {"ran": []})
    assert thread.pending() == []
