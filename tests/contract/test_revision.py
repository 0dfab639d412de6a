"""The loop of request, new version and next round: who revises, what is kept, where it ends."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda

from langgraph_hitl import Approve, Edit, Reject, Revise, feedback, human_approval, rated_feedback
from langgraph_hitl.errors import RevisionFailed
from tests.apps import State, one_gate
from tests.contract.presets import over_presets
from tests.drivers import Driver
from tests.subject_presets import SubjectPreset


def rewrite(state: State) -> dict[str, Any]:
    return {"draft": f"{state['draft']}, {feedback(state)}"}


@over_presets()
def test_the_feedback_reaches_the_reviser_and_the_new_version_is_asked_for(
    driver: Driver, preset: SubjectPreset
) -> None:
    thread = driver.thread(one_gate(preset("draft", revise=rewrite)))
    thread.send({"draft": "Hello"})
    first = thread.request
    thread.decide(Revise("dear"))
    second = thread.request
    assert second.subject == "Hello, dear"
    assert (first.round, second.round) == (0, 1)
    assert second.review_id == first.review_id
    assert second.digest != first.digest
    assert (first.revisions_left, second.revisions_left) == (3, 2)
    assert thread.ran == []
    thread.decide(Approve())
    assert thread.ran == ["act:Hello, dear"]
    assert thread.values["draft"] == "Hello, dear"


@over_presets()
def test_versions_comments_and_diffs_stay_in_the_record(
    driver: Driver, preset: SubjectPreset
) -> None:
    thread = driver.thread(one_gate(preset("draft", revise=rewrite)))
    thread.send({"draft": "Hello"})
    thread.decide(Revise("dear"), by="maria")
    (seen,) = thread.request.history
    assert seen["version"] == "Hello"
    assert seen["decision"]["feedback"] == "dear"
    assert seen["diff"]["lines"][-2:] == ["-Hello", "+Hello, dear"]
    thread.decide(Revise("friend"), Approve("now it is good"), by="jo")
    record = thread.record
    assert [entry["version"] for entry in record["history"]] == ["Hello", "Hello, dear"]
    assert [(d["type"], d["by"]) for d in record["decisions"]] == [
        ("revise", "maria"),
        ("revise", "jo"),
        ("approve", "jo"),
    ]
    assert record["round"] == 2
    assert len(thread.values["reviews"]) == 1
    assert thread.values["reviews"][0]["value"] == "Hello, dear, friend"


@over_presets()
@pytest.mark.parametrize(
    ("on_exhausted", "way"), [("rejected", "stop"), ("needs_revision", "again")]
)
def test_after_the_last_revision_the_outcome_is_on_exhausted(
    driver: Driver, on_exhausted: Any, way: str, preset: SubjectPreset
) -> None:
    gate = preset("draft", revise=rewrite, max_revisions=2, on_exhausted=on_exhausted)
    ways = {"approved": "act", "rejected": "stop"} | {on_exhausted: way}
    thread = driver.thread(one_gate(gate, ways))
    thread.send({"draft": "a"})
    thread.decide(Revise("b"), Revise("c"))
    assert thread.request.revisions_left == 0
    thread.decide(Revise("d"))
    assert thread.ran == [f"{way}:a"]
    assert thread.record["outcome"] == on_exhausted
    assert thread.record["round"] == 2


@over_presets()
def test_the_last_version_can_still_be_approved(driver: Driver, preset: SubjectPreset) -> None:
    thread = driver.thread(one_gate(preset("draft", revise=rewrite, max_revisions=1)))
    thread.send({"draft": "a"})
    thread.decide(Revise("b"), Approve())
    assert thread.ran == ["act:a, b"]


@over_presets()
def test_a_rejected_revision_leaves_the_subject_as_it_was(
    driver: Driver, preset: SubjectPreset
) -> None:
    thread = driver.thread(one_gate(preset("draft", revise=rewrite)))
    thread.send({"draft": "a"})
    thread.decide(Revise("b"), Reject())
    assert thread.ran == ["stop:a"]
    assert thread.values["draft"] == "a"


@over_presets()
def test_a_revision_back_to_the_first_version_is_still_a_round(
    driver: Driver, preset: SubjectPreset
) -> None:
    def undo(state: State) -> dict[str, Any]:
        return {"draft": "a"}

    thread = driver.thread(one_gate(preset("draft", revise=undo)))
    thread.send({"draft": "a"})
    thread.decide(Revise("b"))
    assert thread.request.round == 1
    thread.decide(preset.replacing("c"))
    assert thread.ran == ["act:c"]


def test_the_reviser_sees_the_rating(driver: Driver) -> None:
    def rated(state: State) -> dict[str, Any]:
        review: Any = state["review"]
        return {"draft": f"{state['draft']} ({review['rating']})"}

    thread = driver.thread(one_gate(rated_feedback("draft", revise=rated)))
    thread.send({"draft": "42"})
    thread.decide(Revise(rating="incorrect"))
    assert thread.request.subject == "42 (incorrect)"
    thread.decide(Approve())
    assert thread.ran == ["act:42 (incorrect)"]


@over_presets()
def test_the_reviser_may_read_other_declared_keys(driver: Driver, preset: SubjectPreset) -> None:
    def with_sources(state: dict[str, Any]) -> dict[str, Any]:
        return {"draft": f"{state['draft']} {sorted(state)} {state['sources']}"}

    gate = preset("draft", revise=with_sources, reads=["sources"])
    thread = driver.thread(one_gate(gate))
    thread.send({"draft": "a", "sources": ["s"], "score": 0.1})
    thread.decide(Revise("b"))
    assert thread.request.subject == "a ['draft', 'review', 'sources'] ['s']"


@over_presets()
def test_the_reviser_may_be_asynchronous(driver: Driver, preset: SubjectPreset) -> None:
    async def rewrite_later(state: State) -> dict[str, Any]:
        return rewrite(state)

    thread = driver.thread(one_gate(preset("draft", revise=rewrite_later)))
    thread.send({"draft": "a"})
    if not driver.asynchronous:
        with pytest.raises(RevisionFailed, match="async; run with ainvoke"):
            thread.decide(Revise("b"))
        return
    thread.decide(Revise("b"), Approve())
    assert thread.ran == ["act:a, b"]


def test_the_reviser_may_be_a_runnable(driver: Driver) -> None:
    chain = RunnableLambda(rewrite) | RunnableLambda(lambda update: update["draft"].upper())
    thread = driver.thread(one_gate(human_approval("draft", revise=chain)))
    thread.send({"draft": "a"})
    thread.decide(Revise("b"), Approve())
    assert thread.ran == ["act:A, B"]


def test_the_reviser_may_be_a_chain_of_prompt_and_model(driver: Driver) -> None:
    model = GenericFakeChatModel(messages=iter([AIMessage("a, revised")]))
    prompt = ChatPromptTemplate.from_messages([("human", "{draft} after {feedback}")])
    chain = prompt | model | RunnableLambda(lambda message: message.text)
    thread = driver.thread(one_gate(human_approval("draft", revise=chain)))
    thread.send({"draft": "a"})
    thread.decide(Revise("b"), Approve())
    assert thread.ran == ["act:a, revised"]


class Listening(GenericFakeChatModel):
    """A chat model that notes what it was asked."""

    heard: list[Any]

    def _generate(self, messages: list[BaseMessage], *args: Any, **options: Any) -> Any:
        self.heard.append([message.text for message in messages])
        return super()._generate(messages, *args, **options)


@over_presets()
def test_the_reviser_may_be_a_chat_model(driver: Driver, preset: SubjectPreset) -> None:
    model = Listening(messages=iter([AIMessage("shorter"), AIMessage("short")]), heard=[])
    thread = driver.thread(one_gate(preset("draft", revise=model)))
    thread.send({"draft": "a long text"})
    thread.decide(Revise("too long"))
    assert thread.request.subject == "shorter"
    thread.decide(Revise("still"), Approve())
    assert thread.ran == ["act:short"]
    text = model.heard[-1][-1]
    for part in ("a long text", "too long", "shorter", "still"):
        assert part in text


def test_a_prompt_of_ones_own_for_the_chat_model(driver: Driver) -> None:
    def prompt(state: State) -> list[BaseMessage]:
        return [HumanMessage(f"{state['draft']} <- {feedback(state)}")]

    model = Listening(messages=iter([AIMessage("b")]), heard=[])
    thread = driver.thread(one_gate(human_approval("draft", revise=model, prompt=prompt)))
    thread.send({"draft": "a"})
    thread.decide(Revise("x"), Approve())
    assert model.heard == [["a <- x"]]
    assert thread.ran == ["act:b"]


def test_a_chat_model_revises_json(driver: Driver) -> None:
    model = GenericFakeChatModel(messages=iter([AIMessage('{"amount": 5}')]))
    thread = driver.thread(one_gate(human_approval("draft", revise=model)))
    thread.send({"draft": {"amount": 7}})
    thread.decide(Revise("less"))
    assert thread.request.subject == {"amount": 5}


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (None, "nothing"),
        ({"draft": " "}, "nothing"),
        ({"draft": "b", "score": 1.0}, "only the subject"),
        ({"draft": ["b"]}, "does not fit"),
        ({"draft": object()}, "not JSON"),
    ],
    ids=["none", "blank", "other-keys", "other-kind", "no-json"],
)
def test_a_reviser_that_fails_can_be_run_again(sample: Driver, result: Any, reason: str) -> None:
    results = [result, {"draft": "b"}]

    def unsteady(state: State) -> Any:
        return results.pop(0)

    thread = sample.thread(one_gate(human_approval("draft", revise=unsteady)))
    thread.send({"draft": "a"})
    with pytest.raises(RevisionFailed, match=reason):
        thread.decide(Revise("x"))
    thread.send(None)
    if sample.row.durability == "exit" and thread.request.round == 0:
        pytest.fail("the decision was lost")
    assert thread.request.subject == "b"
    thread.decide(Approve())
    assert thread.ran == ["act:b"]


def test_resubmitted_edits_are_asked_for_again(driver: Driver) -> None:
    thread = driver.thread(one_gate(human_approval("draft", resubmit_edits=True)))
    thread.send({"draft": "a"})
    thread.decide(Edit("b"), by="maria")
    request = thread.request
    assert (request.subject, request.round) == ("b", 1)
    assert request.history[0]["decision"]["by"] == "maria"
    assert thread.ran == []
    thread.decide(Approve(), by="jo")
    assert thread.ran == ["act:b"]
    assert thread.record["outcome"] == "approved"


def test_resubmitted_edits_do_not_use_up_revisions(driver: Driver) -> None:
    gate = human_approval("draft", revise=rewrite, resubmit_edits=True, max_revisions=1)
    thread = driver.thread(one_gate(gate))
    thread.send({"draft": "a"})
    thread.decide(Edit("b"), Edit("c"), Revise("d"))
    assert thread.request.subject == "c, d"
    thread.decide(Revise("e"))
    assert thread.record["outcome"] == "rejected"
