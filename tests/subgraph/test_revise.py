"""The next version comes from a function, a Runnable or a chat model, and is the subject only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda
from typing_extensions import TypedDict

from langgraph_hitl import Approve, Revise, feedback, human_approval, last_message, resume
from langgraph_hitl.errors import RevisionFailed
from tests.paused import Paused, chat, new_thread, pause


class Small(TypedDict):
    draft: str
    amount: int


def after(gate: Any, values: Any = None, say: Revise | None = None) -> Paused:
    """The thread that waits for the second answer."""
    thread = pause(gate, values)
    thread.send(resume(thread.request, say or Revise("shorter")))
    return thread


def bare(state: Small) -> str:
    return "Second"


def update(state: Small) -> dict[str, str]:
    return {"draft": "Second"}


class Remembering(FakeListChatModel):
    """A scripted model that keeps what it was asked."""

    asked: list[Any] = []  # noqa: RUF012  # a pydantic field

    def _call(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> str:
        self.asked.append(messages)
        return super()._call(messages, *args, **kwargs)


@pytest.mark.parametrize(
    "reviser",
    [
        bare,
        update,
        RunnableLambda(update),
        FakeListChatModel(responses=["Second"]),
        ChatPromptTemplate.from_template("{feedback}: {draft}")
        | FakeListChatModel(responses=["Second"]),
    ],
    ids=["bare", "update", "runnable", "model", "chain"],
)
def test_each_kind_of_reviser_makes_the_next_version(reviser: Any) -> None:
    thread = after(human_approval("draft", revise=reviser))
    assert (thread.request.subject, thread.request.round) == ("Second", 1)
    assert thread.send(resume(thread.request, Approve()))["draft"] == "Second"


async def test_a_reviser_may_be_async() -> None:
    async def slowly(state: Small) -> dict[str, str]:
        return {"draft": "Second"}

    from tests.paused import graph

    app, config = graph(human_approval("draft", revise=slowly)), new_thread()
    await app.ainvoke({"draft": "Hello"}, config)
    from langgraph_hitl import apending

    (request,) = await apending(app, config)
    await app.ainvoke(resume(request, Revise("shorter")), config)
    assert (await apending(app, config))[0].subject == "Second"


def test_a_function_finds_feedback_subject_and_history_in_its_state() -> None:
    seen: list[Any] = []

    def rewrite(state: Small) -> dict[str, str]:
        seen.append((state["draft"], state["amount"], feedback(state), state["review"]))  # type: ignore[typeddict-item]
        return {"draft": f"Version {len(seen) + 1}"}

    thread = after(
        human_approval("draft", revise=rewrite, context=["sources"]),
        {"draft": "Hello", "amount": 5, "sources": ["a"]},
        Revise("shorter", "incorrect", {"title": "dull"}),
    )
    thread.send(resume(thread.request, Revise("again")))
    (draft, amount, said, review), (draft2, _, said2, review2) = seen
    assert (draft, amount, said) == ("Hello", 5, "shorter\ntitle: dull")
    assert review["rating"] == "incorrect"
    assert review["decisions"][-1]["parts"] == {"title": "dull"}
    assert (draft2, said2) == ("Version 2", "again")
    assert [entry["version"] for entry in review2["history"]] == ["Hello"]


def test_an_annotated_reviser_gets_its_own_form() -> None:
    @dataclass
    class Data:
        draft: str = ""
        review: Any = None

    def rewrite(state: Data) -> dict[str, str]:
        return {"draft": f"{state.draft} ({feedback(state)})"}

    rewrite.__annotations__["state"] = Data
    thread = after(human_approval("draft", revise=rewrite))
    assert thread.request.subject == "Hello (shorter)"


def test_a_model_is_told_the_subject_the_feedback_and_the_versions() -> None:
    model = Remembering(responses=["Second", "Third"])
    model.asked.clear()
    thread = after(human_approval("draft", revise=model))
    thread.send(resume(thread.request, Revise("", "incorrect")))
    first, second = ([message.text for message in asked] for asked in model.asked)
    assert "Present version:\nHello\nFeedback: shorter" in first[1]
    assert "Version 1 (superseded):\nHello\nFeedback: shorter" in second[1]
    assert "Present version:\nSecond\nFeedback: The reviewer rated it incorrect." in second[1]


def test_a_prompt_of_ones_own_is_what_the_model_gets() -> None:
    model = Remembering(responses=["Second"])
    model.asked.clear()

    def prompt(state: Small) -> list[tuple[str, str]]:
        return [("human", f"{feedback(state)} {state['draft']} {state['amount']}")]

    after(human_approval("draft", revise=model, prompt=prompt), {"draft": "Hello", "amount": 5})
    assert [message.text for message in model.asked[0]] == ["shorter Hello 5"]


def test_a_models_json_becomes_the_value() -> None:
    model = FakeListChatModel(responses=['{"amount": 4}'])
    thread = after(human_approval("draft", revise=model), {"draft": {"amount": 5}})
    assert thread.request.subject == {"amount": 4}


def test_a_revised_message_keeps_its_id() -> None:
    thread = chat(human_approval(last_message(), revise=FakeListChatModel(responses=["Second"])))
    thread.send(resume(thread.request, Revise("shorter")))
    messages = thread.send(resume(thread.request, Approve()))["messages"]
    assert [(m.id, m.content) for m in messages] == [("m1", "?"), ("m2", "Second")]


def test_a_reviser_of_messages_may_return_a_message() -> None:
    def rewrite(state: Any) -> dict[str, Any]:
        return {"messages": [AIMessage(f"{state['messages'][-1].content}!", id="other")]}

    thread = chat(human_approval(last_message(), revise=rewrite, reads=("messages",)))
    thread.send(resume(thread.request, Revise("louder")))
    messages = thread.send(resume(thread.request, Approve()))["messages"]
    assert [(m.id, m.content) for m in messages] == [("m1", "?"), ("m2", "Hello!")]


@pytest.mark.parametrize(
    ("result", "match"),
    [
        (None, "the reviser returned nothing"),
        ("", "the reviser returned nothing"),
        (" \n", "the reviser returned nothing"),
        ({"draft": None}, "the reviser returned nothing"),
        ({}, "may return only the subject, as {'draft': ...}; it returned the keys"),
        ({"draft": "x", "amount": 1}, r"it returned the keys \['amount', 'draft'\]"),
        ({"other": "x"}, r"it returned the keys \['other'\]"),
        (5, "does not fit: expected JSON of the kind text, got number"),
        (["x"], "does not fit: expected JSON of the kind text, got list"),
        ({"draft": float("nan")}, "the reviser's result is not JSON"),
        (object(), "the reviser's result is not JSON"),
    ],
)
def test_what_is_not_the_subject_is_an_error(result: Any, match: str) -> None:
    thread = pause(human_approval("draft", revise=lambda state: result, reads=("draft",)))
    with pytest.raises(RevisionFailed, match=match):
        thread.send(resume(thread.request, Revise("shorter")))
    assert thread.outcome() is None


def test_after_a_failed_revision_the_graph_goes_on_where_it_stopped() -> None:
    results = iter([None, "Second"])
    thread = pause(human_approval("draft", revise=lambda state: next(results), reads=("draft",)))
    with pytest.raises(RevisionFailed):
        thread.send(resume(thread.request, Revise("shorter")))
    thread.app.invoke(None, thread.config)
    assert (thread.request.subject, thread.request.round) == ("Second", 1)
    assert thread.request.history[0]["decision"]["feedback"] == "shorter"
