"""What a graph gets wrong at run time is said before anybody is asked, and loses nothing."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import Approve, ask_human, human_approval
from langgraph_hitl.errors import Drifted, NoCheckpointer, NotApproved, SubjectError
from tests.apps import State, act, noting, one_gate
from tests.contract.presets import each_preset, over_presets
from tests.drivers import Builder, Driver
from tests.subject_presets import HUMAN_APPROVAL, SubjectPreset


@each_preset
def test_without_a_checkpointer_nobody_is_asked(preset: SubjectPreset) -> None:
    app = one_gate(preset("draft"))().compile()
    with pytest.raises(NoCheckpointer, match="checkpointer="):
        app.invoke({"draft": "Hello"})
    with pytest.raises(NoCheckpointer):
        app.invoke({"draft": "Hello"}, {"configurable": {"thread_id": "1"}})


@each_preset
async def test_without_a_checkpointer_nobody_is_asked_async(preset: SubjectPreset) -> None:
    app = one_gate(preset("draft"))().compile()
    with pytest.raises(NoCheckpointer):
        await app.ainvoke({"draft": "Hello"}, {"configurable": {"thread_id": "1"}})


@over_presets()
def test_an_absent_subject(driver: Driver, preset: SubjectPreset) -> None:
    thread = driver.thread(one_gate(preset("draft")))
    with pytest.raises(SubjectError, match="'draft' is absent"):
        thread.send({"score": 1.0})
    assert thread.pending() == []
    thread.send({"draft": "Hello"})
    thread.decide(Approve())
    assert thread.ran == ["act:Hello"]


@pytest.mark.parametrize(
    "subject",
    [object(), {1: "a"}, float("nan"), "a\x00b", {"a"}, [1, {"b": b"c"}], 2**64],
    ids=["object", "int-key", "nan", "nul", "set", "bytes", "large"],
)
def test_a_subject_that_is_neither_json_nor_messages(subject: Any) -> None:
    from langgraph.checkpoint.memory import InMemorySaver

    def build() -> Builder:
        def write(state: State) -> dict[str, Any]:
            return {"draft": subject}

        builder = one_gate(human_approval("draft"))()
        builder.edges.clear()
        builder.add_node("write", write)
        builder.add_edge("__start__", "write")
        builder.add_edge("write", "gate")
        return builder

    # With "exit" LangGraph writes nothing before the gate has looked at the subject.
    app = build().compile(checkpointer=InMemorySaver())
    with pytest.raises(SubjectError, match="neither plain JSON nor"):
        app.invoke({}, {"configurable": {"thread_id": "1"}}, durability="exit")


def test_a_question_that_is_blank(sample: Driver) -> None:
    def blank(state: State) -> str:
        return "  "

    thread = sample.thread(one_gate(ask_human(blank), {"answered": "go"}))
    with pytest.raises(SubjectError, match="blank"):
        thread.send({"draft": "Hello"})


def changed_behind_the_gate(value: Any, preset: SubjectPreset = HUMAN_APPROVAL) -> Any:
    def build() -> Builder:
        def meddle(state: State) -> dict[str, Any]:
            return {"draft": value}

        builder = one_gate(preset("draft"), {"approved": "meddle", "rejected": "stop"})()
        builder.nodes.pop("meddle")
        builder.add_node("meddle", meddle)
        builder.edges = {edge for edge in builder.edges if edge[0] != "meddle"}
        builder.add_node("act", act)
        builder.add_edge("meddle", "act")
        return builder

    return build


@over_presets()
def test_what_changed_after_its_approval_does_not_run(
    driver: Driver, preset: SubjectPreset
) -> None:
    thread = driver.thread(changed_behind_the_gate("Bye", preset))
    thread.send({"draft": "Hello"})
    with pytest.raises(Drifted, match="'draft' changed after its approval") as caught:
        thread.decide(Approve())
    assert caught.value.key == "draft"
    assert caught.value.approved_digest != caught.value.actual_digest
    assert thread.ran == []


@pytest.mark.parametrize("value", [None, "", True, ["Hello"]])
def test_every_kind_of_change_counts(sample: Driver, value: Any) -> None:
    thread = sample.thread(changed_behind_the_gate(value))
    thread.send({"draft": "Hello"})
    with pytest.raises(Drifted):
        thread.decide(Approve())


def test_written_again_with_the_same_value_is_no_change(driver: Driver) -> None:
    thread = driver.thread(changed_behind_the_gate("Hello"))
    thread.send({"draft": "Hello"})
    thread.decide(Approve())
    assert thread.ran == ["act:Hello"]


def test_without_a_review_nothing_is_approved(driver: Driver) -> None:
    def build() -> Builder:
        builder = one_gate(human_approval("draft"))()
        builder.edges.clear()
        builder.add_edge("__start__", "act")
        return builder

    thread = driver.thread(build)
    with pytest.raises(NotApproved, match="has not been reviewed"):
        thread.send({"draft": "Hello"})


@over_presets()
def test_after_a_rejection_nothing_is_approved(driver: Driver, preset: SubjectPreset) -> None:
    from langgraph_hitl import Reject

    thread = driver.thread(one_gate(preset("draft"), {"approved": "go", "rejected": "act"}))
    thread.send({"draft": "Hello"})
    with pytest.raises(NotApproved, match="rejected"):
        thread.decide(Reject())


@over_presets()
def test_an_error_behind_the_gate_does_not_ask_again(driver: Driver, preset: SubjectPreset) -> None:
    from tests.apps import Crash, Fuse

    fuse = Fuse(1)

    def build() -> Builder:
        builder = one_gate(preset("draft"), {"approved": "go", "rejected": "stop"})()
        builder.nodes.pop("go")
        return builder.add_node("go", noting("go", fuse))

    thread = driver.thread(build)
    thread.send({"draft": "Hello"})
    with pytest.raises(Crash):
        thread.decide(Approve())
    thread.send(None)
    assert thread.ran == ["go:Hello"]
    assert fuse.hits == 2
    assert thread.record["outcome"] == "approved"
