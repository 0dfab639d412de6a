"""A chat model makes suggestions and plans, and what of it cannot be read approves nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langgraph.checkpoint.memory import InMemorySaver

from langgraph_hitl import Approve, Revise, apending, pending, resume
from langgraph_hitl.errors import GateError, ProposalFailed
from tests.patterns import test_co_edit as edit
from tests.patterns import test_plan_together as plan
from tests.paused import new_thread
from tests.tools.agents import Scripted, call, calls

SUGGESTED = calls(call("Suggestions", suggestions=[edit.TYPO]))
PLANNED = calls(call("Plan", **plan.TRIP))
UNREADABLE = [
    AIMessage("Replace grate, please."),
    AIMessage(""),
    calls(call("Approve")),
    calls(call("Suggestions", suggestions="grate"), call("Plan", steps="book")),
    calls(call("Suggestions", approved=True), call("Plan", approved=True)),
    AIMessage("", invalid_tool_calls=[{"name": "Plan", "args": "{", "id": "1", "error": None}]),
]


class Chat:
    """A chat model that gives its answers in turn; notes the messages that it got."""

    def __init__(self, *answers: AIMessage) -> None:
        self.answers, self.got = answers, list[list[BaseMessage]]()
        self.model = Scripted(says=self._says)

    def _says(self, messages: list[BaseMessage]) -> AIMessage:
        self.got.append(messages)
        return self.answers[len(self.got) - 1]

    @property
    def given(self) -> list[dict[str, Any]]:
        """What it was asked about, round by round."""
        return [json.loads(str(messages[-1].content)) for messages in self.got]


def as_it_is(model: Scripted) -> Any:
    return model


def with_a_schema(model: Scripted) -> Any:
    return model.with_structured_output({"title": "Plan", "type": "object", "properties": {}})


def test_a_chat_model_suggests() -> None:
    chat, config = Chat(SUGGESTED, calls(call("Suggestions", suggestions=[]))), new_thread()
    app = edit.built(chat.model, reads=["tone"]).compile(checkpointer=InMemorySaver())
    app.invoke({"draft": edit.TEXT, "tone": "dry"}, config)
    (request,) = pending(app, config)
    assert [(one["replaces"], one["why"]) for one in request.subject] == [("grate", "typo")]
    app.invoke(resume(request, Approve()), config)
    app.invoke(resume(pending(app, config)[0], Revise("shorter")), config)
    assert pending(app, config)[0].subject == "It was a great day. We went home."
    first, second = chat.given
    assert (first["text"], first["tone"], first["guidance"]) == (edit.TEXT, "dry", None)
    assert (second["guidance"], second["round"]) == ("shorter", 2)
    assert "suggest" in str(chat.got[0][0].content)


@pytest.mark.parametrize("shaped", [as_it_is, with_a_schema])
def test_a_chat_model_plans(shaped: Callable[[Scripted], Any]) -> None:
    chat, hands, config = Chat(PLANNED, PLANNED), plan.Hands(), new_thread()
    app = plan.built(shaped(chat.model), hands).compile(checkpointer=InMemorySaver())
    app.invoke({}, config)
    (request,) = pending(app, config)
    assert ([step["do"] for step in request.subject], request.questions) == (
        ["book", "pay", "pack"],
        {"q1": "When?"},
    )
    app.invoke(resume(request, Revise("cheaper", parts={"q1": "May"})), config)
    assert chat.given[1]["answers"] == {"q1": "May"}
    assert chat.given[1]["plan"]["questions"] == [{"id": "q1", "question": "When?"}]
    assert hands.given == []


async def test_on_an_event_loop() -> None:
    app = edit.built(Chat(SUGGESTED).model).compile(checkpointer=InMemorySaver())
    config = new_thread()
    await app.ainvoke({"draft": edit.TEXT}, config)
    assert len(await apending(app, config)) == 1


@pytest.mark.parametrize("answer", UNREADABLE)
@pytest.mark.parametrize(("module", "option"), [(edit, "suggest"), (plan, "propose")])
def test_what_cannot_be_read_asks_nobody_and_approves_nothing(
    module: Any, option: str, answer: AIMessage
) -> None:
    good = {"suggest": SUGGESTED, "propose": PLANNED}[option]
    chat, config = Chat(answer, good), new_thread()
    app = module.built(chat.model).compile(checkpointer=InMemorySaver())
    with pytest.raises(ProposalFailed, match=f"{option}="):
        app.invoke({"draft": edit.TEXT} if module is edit else {}, config)
    assert pending(app, config) == []
    assert "went" not in app.get_state(config).values
    app.invoke(None, config)
    assert len(pending(app, config)) == 1


@pytest.mark.parametrize(
    ("built", "problem"),
    [
        (lambda: edit.built(FakeListChatModel(responses=[""])), "suggest= .*structured output"),
        (lambda: plan.built(FakeListChatModel(responses=[""])), "propose= .*structured output"),
        (lambda: plan.built(Chat().model.bind(stop=["x"])), "propose= .*structured output"),
        (lambda: plan.built(None, Chat().model), "execute= is a model, .* function that calls it"),
    ],
)
def test_a_model_that_cannot_answer_is_an_error_when_it_is_built(
    built: Callable[[], Any], problem: str
) -> None:
    with pytest.raises(GateError, match=problem):
        built()
