"""Gates in subgraphs, twice in one graph, in loops, in parallel branches; over presets."""

from __future__ import annotations

import operator
from typing import Annotated, Any

import pytest
from langgraph.graph import END, START, StateGraph

from langgraph_hitl import (
    Approve,
    Choice,
    Choose,
    Reject,
    ReviewState,
    add_review,
    approved,
    ask_human,
    route,
)
from tests.apps import State, act, fresh, noting, one_gate
from tests.contract.presets import over_presets
from tests.drivers import Build, Builder, Driver
from tests.subject_presets import HUMAN_APPROVAL, SubjectPreset


class Pair(ReviewState, total=False):
    left: str
    right: str
    plan: str
    done: list[str]
    ran: Annotated[list[str], operator.add]


def nested(depth: int, preset: SubjectPreset) -> Build:
    """The graph of `one_gate`, `depth` subgraphs down."""

    def build() -> Builder:
        builder = one_gate(preset("draft"))()
        for _ in range(depth):
            outer: Builder = StateGraph(State)
            outer.add_node("inner", builder.compile())
            outer.add_edge(START, "inner")
            builder = outer
        return builder

    return build


@over_presets()
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_gate_in_a_subgraph_of_a_subgraph(
    driver: Driver, depth: int, preset: SubjectPreset
) -> None:
    thread = driver.thread(nested(depth, preset))
    thread.send({"draft": "Hello"})
    assert thread.request.subject == "Hello"
    thread.decide(preset.replacing("Good day"))
    assert thread.ran == ["act:Good day"]
    assert thread.values["draft"] == "Good day"
    assert [review["outcome"] for review in thread.values["reviews"]] == [preset.replaced]


def two_gates_one_after_the_other(preset: SubjectPreset = HUMAN_APPROVAL) -> Build:
    def build() -> Builder:
        builder: Builder = StateGraph(State)
        gate = preset("draft")
        add_review(builder, "manager", gate, approved="director", rejected="stop")
        add_review(builder, "director", fresh(gate), approved="act", rejected="stop")
        builder.add_edge(START, "manager")
        builder.add_node("act", act)
        builder.add_node("stop", noting("stop"))
        return builder

    return build


@over_presets()
def test_twice_in_one_graph_is_asked_twice(driver: Driver, preset: SubjectPreset) -> None:
    thread = driver.thread(two_gates_one_after_the_other(preset))
    thread.send({"draft": "Hello"})
    first = thread.request
    thread.decide(Approve(), by="manager")
    assert thread.ran == []
    assert thread.request.review_id != first.review_id
    thread.decide(preset.replacing("Good day"), by="director")
    assert thread.ran == ["act:Good day"]
    assert [review["decided_by"] for review in thread.values["reviews"]] == ["manager", "director"]


@over_presets()
def test_a_plain_answer_counts_for_one_gate_only(driver: Driver, preset: SubjectPreset) -> None:
    thread = driver.thread(two_gates_one_after_the_other(preset))
    thread.send({"draft": "Hello"})
    thread.plain({"type": "approve"})
    assert thread.ran == []
    assert len(thread.pending()) == 1
    thread.plain({"decisions": [{"type": "approve"}]})
    assert thread.ran == ["act:Hello"]


@over_presets()
def test_in_a_loop_every_turn_is_a_review_of_its_own(driver: Driver, preset: SubjectPreset) -> None:
    def build() -> Builder:
        def write(state: State) -> dict[str, Any]:
            turn = len(state.get("ran", ()))
            return {"draft": f"draft {turn}", "ran": [f"write {turn}"]}

        builder: Builder = StateGraph(State)
        builder.add_node("write", write)
        add_review(builder, "gate", preset("draft"), approved="act", rejected="write")
        builder.add_edge(START, "write")
        builder.add_edge("write", "gate")
        builder.add_node("act", act)
        return builder

    thread = driver.thread(build)
    thread.send({})
    seen = []
    for turn in range(3):
        assert thread.request.subject == f"draft {turn}"
        seen.append(thread.request.review_id)
        thread.decide(Reject() if turn < 2 else Approve())
    assert len(set(seen)) == 3
    assert thread.ran == ["write 0", "write 1", "write 2", "act:draft 2"]
    assert [review["outcome"] for review in thread.values["reviews"]] == [
        "rejected",
        "rejected",
        "approved",
    ]


def two_branches(preset: SubjectPreset) -> Build:
    """`left` and `right` are reviewed in parallel, each with its way; `join` waits for both."""

    def build() -> Builder:
        builder: Builder = StateGraph(Pair)
        for side in ("left", "right"):
            builder.add_edge(START, f"{side}_gate")
            builder.add_node(f"{side}_gate", preset(side, name=f"{side}_gate"))
            builder.add_edge(f"{side}_gate", "join")
        builder.add_node("join", join)
        return builder

    return build


def join(state: Pair) -> dict[str, Any]:
    from langgraph_hitl.errors import NotApproved

    ran = []
    for side in ("left", "right"):
        try:
            ran.append(f"{side}:{approved(state, side)}")
        except NotApproved:
            ran.append(f"{side} not approved")
    return {"ran": ran}


@over_presets()
def test_parallel_gates_are_answered_one_by_one(driver: Driver, preset: SubjectPreset) -> None:
    thread = driver.thread(two_branches(preset))
    thread.send({"left": "L", "right": "R"})
    requests = {request.subject_key: request for request in thread.pending()}
    assert requests.keys() == {"left", "right"}
    thread.answer((requests["right"], preset.replacing("R2")))
    assert [request.subject_key for request in thread.pending()] == ["left"]
    assert thread.ran == []
    thread.answer((requests["left"], Approve()))
    assert thread.ran == ["left:L", "right:R2"]
    assert (thread.values["left"], thread.values["right"]) == ("L", "R2")
    assert len(thread.values["reviews"]) == 2


@over_presets()
def test_parallel_gates_are_answered_in_one_command(driver: Driver, preset: SubjectPreset) -> None:
    thread = driver.thread(two_branches(preset))
    thread.send({"left": "L", "right": "R"})
    requests = {request.subject_key: request for request in thread.pending()}
    thread.answer(
        (requests["left"], preset.replacing("L2")), (requests["right"], preset.replacing("R2"))
    )
    assert thread.ran == ["left:L2", "right:R2"]
    assert (thread.values["left"], thread.values["right"]) == ("L2", "R2")


@over_presets()
def test_nobodys_approval_is_read_as_anothers(driver: Driver, preset: SubjectPreset) -> None:
    thread = driver.thread(two_branches(preset))
    thread.send({"left": "same", "right": "same"})
    requests = {request.subject_key: request for request in thread.pending()}
    assert requests["left"].review_id != requests["right"].review_id
    thread.answer((requests["left"], Reject()), (requests["right"], Approve()))
    assert thread.ran == ["left not approved", "right:same"]


@over_presets()
def test_an_answer_to_one_of_two_does_not_fit_the_other(
    driver: Driver, preset: SubjectPreset
) -> None:
    """The envelope is refused even under the other one's interrupt id."""
    from langgraph.errors import is_invalid_resume
    from langgraph.types import Command

    from langgraph_hitl import resume

    thread = driver.thread(two_branches(preset))
    thread.send({"left": "L", "right": "R"})
    left, right = sorted(thread.pending(), key=lambda request: str(request.subject_key))
    wire = next(iter(resume(left, Approve()).resume.values()))  # type: ignore[union-attr]
    with pytest.raises(Exception, match="the answer is for review_id") as caught:
        thread.send(Command(resume={right.interrupt_id: wire}))
    assert is_invalid_resume(caught.value)
    thread.send(None)
    thread.answer((left, Approve()), (right, Approve()))
    assert thread.ran == ["left:L", "right:R"]


@over_presets()
def test_a_plain_answer_to_two_questions_is_refused_by_langgraph(
    driver: Driver, preset: SubjectPreset
) -> None:
    thread = driver.thread(two_branches(preset))
    thread.send({"left": "L", "right": "R"})
    with pytest.raises(RuntimeError, match="multiple pending interrupts"):
        thread.plain({"type": "approve"})
    assert len(thread.pending()) == 2
    thread.answer(*[(request, Approve()) for request in thread.pending()])
    assert thread.ran == ["left:L", "right:R"]


@over_presets()
def test_an_approval_beside_a_question(driver: Driver, preset: SubjectPreset) -> None:
    def build() -> Builder:
        builder: Builder = StateGraph(Pair)
        builder.add_node("gate", preset("left"))
        builder.add_node("plan", ask_human("Which?", answer=Choice("a", "b"), into="plan"))
        builder.add_edge(START, "gate")
        builder.add_edge(START, "plan")
        builder.add_node("end", noted)
        builder.add_edge(["gate", "plan"], "end")
        return builder

    def noted(state: Pair) -> dict[str, Any]:
        return {"ran": [f"{approved(state, 'left')} {state['plan']}"]}

    thread = driver.thread(build)
    thread.send({"left": "L"})
    requests = {request.kind: request for request in thread.pending()}
    thread.answer((requests["ask_human"], Choose("b")))
    thread.answer((requests[preset.name], Approve()))
    assert thread.ran == ["L b"]


@over_presets()
def test_two_gates_in_a_subgraph_beside_a_gate(driver: Driver, preset: SubjectPreset) -> None:
    """Every level at once: a branch with two gates in a row beside a branch with one."""

    def build() -> Builder:
        inner: Builder = StateGraph(Pair)
        inner.add_node("first", preset("left", name="first"))
        inner.add_node("second", preset("left", name="second"))
        inner.add_edge(START, "first")
        inner.add_conditional_edges("first", route(approved="second", rejected=END))
        builder: Builder = StateGraph(Pair)
        builder.add_node("branch", inner.compile())
        builder.add_node("gate", preset("right"))
        builder.add_node("join", join)
        builder.add_edge(START, "branch")
        builder.add_edge(START, "gate")
        builder.add_edge(["branch", "gate"], "join")
        return builder

    thread = driver.thread(build)
    thread.send({"left": "L", "right": "R"})
    requests = {request.subject_key: request for request in thread.pending()}
    thread.answer((requests["left"], preset.replacing("L1")))
    requests = {request.subject_key: request for request in thread.pending()}
    assert requests["left"].subject == "L1"
    thread.answer((requests["left"], preset.replacing("L2")), (requests["right"], Approve()))
    assert thread.ran == ["left:L2", "right:R"]
    assert len(thread.values["reviews"]) == 3
