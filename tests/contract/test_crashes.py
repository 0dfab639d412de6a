"""An exception in the middle, then `invoke(None)`: no answer counts twice, none is lost.

Over presets: one with a trigger has evaluated it before it asks, and evaluates nothing again.

`tests/processes` does the same with processes that are killed.
"""

from __future__ import annotations

import gc
import operator
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from langgraph.graph import END, START, StateGraph

from langgraph_hitl import (
    Approve,
    Reject,
    ReviewState,
    Revise,
    add_review,
    route,
)
from tests.apps import Crash, Fuse, State, act, noting, one_gate
from tests.contract.presets import over_presets
from tests.drivers import Build, Builder, Driver, Thread
from tests.savers import ROWS
from tests.subject_presets import SubjectPreset

APPROVALS = [
    pytest.param({"type": "approve"}, id="ours"),
    pytest.param({"decisions": [{"type": "approve"}]}, id="middleware"),
    pytest.param([{"type": "accept", "args": None}], id="inbox"),
]


def ticking(fuse: Callable[[], None]) -> Callable[[], datetime]:
    """A clock that can break. `prepare` looks at it once, and `record` twice."""

    def clock() -> datetime:
        fuse()
        return datetime(2026, 1, 2, tzinfo=UTC)

    return clock


class Desk(ReviewState, total=False):
    draft: str
    ran: Annotated[list[str], operator.add]


def two_gates(preset: SubjectPreset, between: Callable[[], None], **options: Any) -> Build:
    """One subgraph of the user: manager -> note -> director -> act."""

    def build() -> Builder:
        inner: Builder = StateGraph(Desk)
        inner.add_node("manager", preset("draft", name="manager", **options))
        inner.add_node("note", noting("note", between))
        inner.add_node("director", preset("draft", name="director"))
        inner.add_node("act", act)
        inner.add_edge(START, "manager")
        inner.add_conditional_edges("manager", route(approved="note", rejected=END))
        inner.add_edge("note", "director")
        inner.add_conditional_edges("director", route(approved="act", rejected=END))
        builder: Builder = StateGraph(Desk)
        builder.add_node("desk", inner.compile())
        builder.add_edge(START, "desk")
        return builder

    return build


@pytest.fixture(autouse=True, scope="module")
def quick_collections() -> Iterator[None]:
    """`crash` collects garbage; what is there before the tests need not be looked at every time."""
    gc.freeze()
    yield
    gc.unfreeze()


def crash(thread: Thread, send: Callable[[], Any]) -> None:
    with pytest.raises(Crash):
        send()
    # A write that LangGraph cancelled leaves its cursor in a cycle, and with it SQLite's lock.
    gc.collect()


# One gate


@over_presets(rows=ROWS)
def test_an_exception_in_record_and_a_mapped_answer(driver: Driver, preset: SubjectPreset) -> None:
    gate = preset("draft", clock=ticking(Fuse(2)))
    thread = driver.thread(one_gate(gate))
    thread.send({"draft": "Hello"})
    crash(thread, lambda: thread.decide(preset.replacing("Hi"), by="maria"))
    assert thread.ran == []
    thread.send(None)
    assert thread.ran == ["act:Hi"]
    assert len(thread.record["decisions"]) == 1
    assert len(thread.values["reviews"]) == 1


@over_presets(rows=ROWS)
@pytest.mark.parametrize("answer", APPROVALS)
def test_an_exception_in_record_and_a_plain_answer(
    driver: Driver, answer: Any, preset: SubjectPreset
) -> None:
    gate = preset("draft", clock=ticking(Fuse(2)))
    thread = driver.thread(one_gate(gate))
    thread.send({"draft": "Hello"})
    crash(thread, lambda: thread.plain(answer))
    thread.send(None)
    assert thread.ran == ["act:Hello"]
    assert len(thread.record["decisions"]) == 1


@over_presets()
def test_an_exception_in_prepare_files_the_same_review(
    driver: Driver, preset: SubjectPreset
) -> None:
    thread = driver.thread(one_gate(preset("draft", clock=ticking(Fuse(1)))))
    crash(thread, lambda: thread.send({"draft": "Hello"}))
    assert thread.pending() == []
    thread.send(None)
    thread.decide(Approve())
    assert thread.ran == ["act:Hello"]
    assert len(thread.values["reviews"]) == 1


def fragile(fuse: Fuse) -> Callable[[State], dict[str, Any]]:
    def rewrite(state: State) -> dict[str, Any]:
        fuse()
        return {"draft": state["draft"] + "!"}

    return rewrite


REQUESTS = [
    pytest.param({"type": "revise", "feedback": "louder"}, id="ours"),
    pytest.param({"decisions": [{"type": "revise", "feedback": "louder"}]}, id="middleware"),
    pytest.param([{"type": "response", "args": "louder"}], id="inbox"),
]


@over_presets()
def test_an_exception_in_revise_and_a_mapped_answer(driver: Driver, preset: SubjectPreset) -> None:
    fuse = Fuse(1, 2)
    thread = driver.thread(one_gate(preset("draft", revise=fragile(fuse))))
    thread.send({"draft": "Hello"})
    crash(thread, lambda: thread.decide(Revise("louder")))
    crash(thread, lambda: thread.send(None))
    thread.send(None)
    request = thread.request
    assert (request.subject, request.round) == ("Hello!", 1)
    assert len(request.history) == 1
    thread.decide(Approve())
    assert thread.ran == ["act:Hello!"]
    assert len(thread.record["decisions"]) == 2


@over_presets()
@pytest.mark.parametrize("answer", REQUESTS)
def test_an_exception_in_revise_and_a_plain_answer(
    driver: Driver, answer: Any, preset: SubjectPreset
) -> None:
    """The plain answer asked for one revision, and it gets one."""
    fuse = Fuse(1)
    thread = driver.thread(one_gate(preset("draft", revise=fragile(fuse))))
    thread.send({"draft": "Hello"})
    crash(thread, lambda: thread.plain(answer))
    for _ in range(2):
        thread.send(None)
        request = thread.request
        assert (request.subject, request.round) == ("Hello!", 1)
    assert fuse.hits == 2
    thread.plain({"type": "approve"})
    assert thread.ran == ["act:Hello!"]


# Two gates in one subgraph


@over_presets(rows=ROWS)
@pytest.mark.parametrize("crashes", [1, 2])
def test_a_mapped_answer_counts_once_between_two_gates(
    driver: Driver, crashes: int, preset: SubjectPreset
) -> None:
    thread = driver.thread(two_gates(preset, Fuse(*range(1, crashes + 1))))
    thread.send({"draft": "Hello"})
    crash(thread, lambda: thread.decide(Approve(), by="manager"))
    for _ in range(crashes - 1):
        crash(thread, lambda: thread.send(None))
    for _ in range(2):
        thread.send(None)
        assert "act:Hello" not in thread.ran
        assert len(thread.pending()) == 1
    thread.decide(preset.replacing("Hi"), by="director")
    assert thread.ran == ["note:Hello", "act:Hi"]
    assert [review["decided_by"] for review in thread.values["reviews"]] == ["manager", "director"]


@over_presets()
@pytest.mark.parametrize("crashes", [1, 2])
@pytest.mark.parametrize("answer", APPROVALS)
def test_a_plain_answer_counts_once_between_two_gates(
    driver: Driver, answer: Any, crashes: int, preset: SubjectPreset
) -> None:
    """LangGraph hands a plain answer on to the next question after a crash; the gate drops it."""
    thread = driver.thread(two_gates(preset, Fuse(*range(1, crashes + 1))))
    thread.send({"draft": "Hello"})
    crash(thread, lambda: thread.plain(answer))
    for _ in range(crashes - 1):
        crash(thread, lambda: thread.send(None))
    for _ in range(2):
        thread.send(None)
        assert "act:Hello" not in thread.ran
        assert len(thread.pending()) == 1
    thread.plain(answer)
    assert thread.ran == ["note:Hello", "act:Hello"]
    assert len(thread.values["reviews"]) == 2


@over_presets(rows=ROWS)
@pytest.mark.parametrize("answer", APPROVALS)
def test_a_plain_answer_and_an_exception_in_the_record_of_the_first_gate(
    driver: Driver, answer: Any, preset: SubjectPreset
) -> None:
    thread = driver.thread(two_gates(preset, lambda: None, clock=ticking(Fuse(2))))
    thread.send({"draft": "Hello"})
    crash(thread, lambda: thread.plain(answer))
    for _ in range(2):
        thread.send(None)
        assert "act:Hello" not in thread.ran
        assert len(thread.pending()) == 1
    thread.plain(answer)
    assert thread.ran == ["note:Hello", "act:Hello"]


@over_presets()
def test_a_plain_rejection_is_not_handed_on(driver: Driver, preset: SubjectPreset) -> None:
    """`Reject` at the first gate would end the run; as an edit it would change the second."""
    thread = driver.thread(two_gates(preset, Fuse(1)))
    thread.send({"draft": "Hello"})
    crash(thread, lambda: thread.plain({"type": "edit", "value": "Hi"}))
    thread.send(None)
    assert thread.request.subject == "Hi"
    thread.decide(Reject())
    assert thread.ran == ["note:Hi"]


@over_presets()
def test_a_mapped_answer_after_a_plain_one_that_crashed(
    driver: Driver, preset: SubjectPreset
) -> None:
    thread = driver.thread(two_gates(preset, Fuse(1)))
    thread.send({"draft": "Hello"})
    crash(thread, lambda: thread.plain({"type": "approve"}))
    thread.send(None)
    thread.decide(Reject("no"))
    assert thread.ran == ["note:Hello"]
    assert thread.record["outcome"] == "rejected"


@over_presets()
def test_a_bad_plain_answer_between_the_crash_and_the_right_one(
    driver: Driver, preset: SubjectPreset
) -> None:
    thread = driver.thread(two_gates(preset, Fuse(1)))
    thread.send({"draft": "Hello"})
    crash(thread, lambda: thread.plain({"type": "approve"}))
    thread.send(None)
    with pytest.raises(Exception, match="unknown decision type"):
        thread.plain({"type": "yes"})
    thread.plain({"type": "approve"})
    assert thread.ran == ["note:Hello", "act:Hello"]


@over_presets(rows=ROWS)
def test_two_gates_side_by_side_with_a_crash_in_one_record(
    driver: Driver, preset: SubjectPreset
) -> None:
    """The other branch's answer, in the same command, is not lost and does not count twice."""

    class Sides(ReviewState, total=False):
        left: str
        right: str

    def build() -> Builder:
        builder: Builder = StateGraph(Sides)
        builder.add_node("l", preset("left", name="l", clock=clock))
        builder.add_node("r", preset("right", name="r"))
        builder.add_edge(START, "l")
        builder.add_edge(START, "r")
        return builder

    clock = ticking(Fuse(2))
    thread = driver.thread(build)
    thread.send({"left": "L", "right": "R"})
    answers = [(request, preset.replacing(f"{request.subject}2")) for request in thread.pending()]
    crash(thread, lambda: thread.answer(*answers))
    thread.send(None)
    if waiting := thread.pending():  # a branch that LangGraph cancelled asks again
        thread.answer(*[(request, preset.replacing(f"{request.subject}2")) for request in waiting])
    assert (thread.values["left"], thread.values["right"]) == ("L2", "R2")
    assert [len(review["decisions"]) for review in thread.values["reviews"]] == [1, 1]


@over_presets()
def test_a_crash_between_two_gates_of_the_root(driver: Driver, preset: SubjectPreset) -> None:
    """At the root the superstep ends with the gate, and LangGraph forgets the plain answer."""
    fuse = Fuse(1)

    def build() -> Builder:
        builder: Builder = StateGraph(State)
        add_review(builder, "manager", preset("draft"), approved="note", rejected=END)
        builder.add_node("note", noting("note", fuse))
        builder.add_edge("note", "director")
        add_review(builder, "director", preset("draft"), approved="act", rejected=END)
        builder.add_node("act", act)
        builder.add_edge(START, "manager")
        return builder

    thread = driver.thread(build)
    thread.send({"draft": "Hello"})
    crash(thread, lambda: thread.plain({"type": "approve"}))
    thread.send(None)
    assert thread.ran == ["note:Hello"]
    assert len(thread.pending()) == 1
    thread.plain({"type": "approve"})
    assert thread.ran == ["note:Hello", "act:Hello"]
