"""An answer counts for what was asked: not in another thread, and not where the code has changed.

The graph asks anew then, by a review of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command

from langgraph_hitl import (
    Approve,
    Choice,
    Choose,
    Items,
    Reject,
    Reviewer,
    Revise,
    ask_human,
    committee,
    hitl_router,
    human_approval,
    last_message,
    pending,
    plan_approval,
    resume,
)
from langgraph_hitl._subgraph.basis import Anew, basis_of, changed
from langgraph_hitl._subgraph.channels import ANSWER, QUESTION
from langgraph_hitl._subgraph.gate import Gate, spec_of
from langgraph_hitl._subgraph.record import record_node
from langgraph_hitl.errors import ReviewError
from langgraph_hitl.panels import quorum
from langgraph_hitl.review import ReviewRequest
from tests.copies import copy_thread
from tests.paused import WAYS, State, graph, new_thread, spec

PAYMENTS = [{"line": "1", "number": "2"}, {"line": "2", "number": "1"}]
GIVEN = {"draft": "shown", "sources": PAYMENTS, "answer": "never shown"}
EDITOR = Reviewer("jo", roles=("editors",))


@pytest.fixture(params=["memory", "sqlite"])
def saver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    if request.param == "memory":
        yield InMemorySaver()
        return
    connection = sqlite3.connect(tmp_path / "threads.db", check_same_thread=False)
    yield SqliteSaver(connection)
    connection.close()


def by_line(key: str, **options: Any) -> Gate:
    return plan_approval("sources", item_id=key, **options)


def voted(size: int = 2) -> dict[str, Any]:
    return {"reviewers": quorum(size, of="editors")}


FINE: Any = Approve("fine")
ONE_OF_TWO: Any = Items({"1": Approve(), "2": Reject()})
CHOSEN = {"chosen": "publish"}

CHANGES = {
    "the action": (
        human_approval("draft", action="archive"),
        human_approval("draft", action="delete"),
        "action was 'archive' and is 'delete'",
        FINE,
    ),
    "the subject": (
        human_approval("draft"),
        human_approval("answer"),
        "subject was 'draft' and is 'answer'",
        FINE,
    ),
    "what is allowed": (
        human_approval("draft", allowed_decisions=("approve", "reject")),
        human_approval("draft", allowed_decisions=("approve", "reject", "edit")),
        "decisions was ['approve', 'reject'] and is ['approve', 'edit', 'reject']",
        FINE,
    ),
    "the key of the items": (
        by_line("line"),
        by_line("number"),
        "item_id was 'line' and is 'number'",
        ONE_OF_TWO,
    ),
    "the votes": (
        human_approval("draft", **voted(2)),
        human_approval("draft", **voted(1)),
        "panel was ",
        FINE,
    ),
}


def deployed(saver: Any, gate: Gate, **ways: Any) -> Any:
    """The gate in its graph, as a process has it that was started with this code."""
    partly = {"partial": "publish"} if by_items(gate) else {}
    return graph(gate, saver=saver, **(ways or {**WAYS, **partly}))


def by_items(gate: Gate) -> bool:
    found = spec_of(gate)
    return found is not None and found.rules.items is not None


def asked(saver: Any, gate: Gate, **ways: Any) -> tuple[RunnableConfig, ReviewRequest]:
    thread = new_thread()
    app = deployed(saver, gate, **ways)
    app.invoke(dict(GIVEN), thread)
    (request,) = pending(app, thread)
    return thread, request


def said(request: ReviewRequest) -> str:
    return str(request.finding["sentence"])


@pytest.mark.parametrize("way", ["mapped", "plain", "none"])
@pytest.mark.parametrize("case", CHANGES)
def test_what_was_said_to_another_question_does_not_count(case: str, way: str) -> None:
    before, after, told, answer = CHANGES[case]
    saver = InMemorySaver()
    thread, request = asked(saver, before)
    app = deployed(saver, after)
    by_id: Any = resume(request, answer, by=EDITOR)
    (plain,) = by_id.resume.values()
    sent = {
        "mapped": by_id,
        "plain": Command(resume=plain),
        "none": None,
    }
    app.invoke(sent[way], thread)
    assert "went" not in app.get_state(thread).values
    (anew,) = pending(app, thread)
    assert anew.review_id != request.review_id
    assert said(anew).startswith("Asked anew: ")
    assert told in said(anew)


@pytest.mark.parametrize("case", CHANGES)
def test_the_new_question_is_answered_as_any_other(case: str, saver: Any) -> None:
    before, after, _, answer = CHANGES[case]
    thread, request = asked(saver, before)
    app = deployed(saver, after)
    app.invoke(resume(request, answer, by=EDITOR), thread)
    (anew,) = pending(app, thread)
    app.invoke(resume(anew, answer, by=EDITOR), thread)
    values = app.get_state(thread).values
    assert values["went"] == "publish"
    assert values["review"]["review_id"] == anew.review_id


async def test_so_it_is_asynchronously() -> None:
    before, after, told, _ = CHANGES["the action"]
    saver = InMemorySaver()
    thread, request = asked(saver, before)
    app = deployed(saver, after)
    await app.ainvoke(resume(request, Approve()), thread)
    (anew,) = pending(app, thread)
    assert told in said(anew)
    await app.ainvoke(resume(anew, Approve()), thread)
    assert (await app.aget_state(thread)).values["went"] == "publish"


def test_a_gate_that_became_a_question_asks_it() -> None:
    saver = InMemorySaver()
    thread, request = asked(saver, human_approval("draft"))
    asking = ask_human("Which?", answer=Choice("a", "b"), into="answer")
    app = deployed(saver, asking, chosen="publish")
    app.invoke(resume(request, Approve()), thread)
    (anew,) = pending(app, thread)
    assert anew.subject == "Which?"
    app.invoke(resume(anew, Choose("a")), thread)
    assert app.get_state(thread).values["answer"] == "a"


def test_another_text_of_a_question_is_another_question() -> None:
    saver = InMemorySaver()
    offered = Choice("yes", "no")
    asking = ask_human("Keep it?", answer=offered, into="answer")
    thread, request = asked(saver, asking, **CHOSEN)
    app = deployed(saver, ask_human("Delete it?", answer=offered, into="answer"), **CHOSEN)
    app.invoke(resume(request, Choose("yes")), thread)
    (anew,) = pending(app, thread)
    assert anew.subject == "Delete it?"
    assert "went" not in app.get_state(thread).values


def test_what_asks_anew_does_so_once_more() -> None:
    """Every change has its review, also where the code goes back to what it was."""
    saver = InMemorySaver()
    gates = [human_approval("draft", action=action) for action in ("a", "b", "a", "c")]
    thread, request = asked(saver, gates[0])
    seen = [request.review_id]
    for gate in gates[1:]:
        app = deployed(saver, gate)
        app.invoke(resume(request, Approve()), thread)
        (request,) = pending(app, thread)
        seen.append(request.review_id)
    assert len({*seen}) == 4


def test_what_was_put_before_people_does_not_pass_without_them() -> None:
    saver = InMemorySaver()
    thread, request = asked(saver, human_approval("draft", action="a"))

    def nobody(state: State) -> bool:
        return False

    app = deployed(saver, human_approval("draft", action="b", when=nobody))
    app.invoke(resume(request, Reject()), thread)
    assert len(pending(app, thread)) == 1
    assert "went" not in app.get_state(thread).values


def test_votes_on_the_other_question_are_not_counted() -> None:
    saver = InMemorySaver()
    thread, request = asked(saver, human_approval("draft", action="a", **voted()))
    before = deployed(saver, human_approval("draft", action="a", **voted()))
    before.invoke(resume(request, FINE, by=EDITOR), thread)
    app = deployed(saver, human_approval("draft", action="b", **voted()))
    app.invoke(resume(request, FINE, by=Reviewer("maria", roles=("editors",))), thread)
    (anew,) = pending(app, thread)
    assert anew.panel is not None
    assert anew.panel["cast"] == 0


def test_a_committee_without_its_chair_asks_anew() -> None:
    saver = InMemorySaver()
    members = quorum(2, of="editors")
    board = committee("draft", members=members, chair="head")
    thread, request = asked(saver, board)
    deployed(saver, board).invoke(resume(request, FINE, by=EDITOR), thread)
    app = deployed(saver, human_approval("draft", action="committee", reviewers=members))
    app.invoke(resume(request, FINE, by=Reviewer("maria", roles=("editors",))), thread)
    (anew,) = pending(app, thread)
    assert "pattern was 'committee' and is 'human_approval'" in said(anew)
    assert "chair was True and is False" in said(anew)
    assert "went" not in app.get_state(thread).values


def shorter(state: State) -> dict[str, Any]:
    return {"draft": "short"}


def test_a_revision_of_the_other_question_is_not_asked_about() -> None:
    saver = InMemorySaver()
    thread, request = asked(saver, human_approval("draft", action="a", revise=shorter))
    before = deployed(saver, human_approval("draft", action="a", revise=shorter))
    before.invoke(resume(request, Revise("shorter")), thread)
    app = deployed(saver, human_approval("draft", action="b", revise=shorter))
    app.invoke(None, thread)
    (anew,) = pending(app, thread)
    assert (anew.subject, anew.round) == ("shown", 0)


def test_what_is_only_shown_does_not_ask_anew() -> None:
    saver = InMemorySaver()
    thread, request = asked(saver, human_approval("draft"))
    app = deployed(saver, human_approval("draft", criteria=["Is it true?"], context=["tags"]))
    app.invoke(resume(request, Approve()), thread)
    assert app.get_state(thread).values["went"] == "publish"


def test_a_pattern_that_is_another_is_picked_and_asked_anew(saver: Any) -> None:
    one = hitl_router({"approval": human_approval("draft")}, default="approval")
    thread, request = asked(saver, one)
    two = hitl_router({"approval": human_approval("answer")}, default="approval")
    app = deployed(saver, two)
    for _ in range(2):
        app.invoke(resume(request, Approve()), thread)
        (anew,) = pending(app, thread)
        assert (anew.subject, said(anew)[:11]) == ("never shown", "Asked anew:")
        assert anew.review_id != request.review_id
    app.invoke(resume(anew, Approve()), thread)
    assert app.get_state(thread).values["review"]["gate"] == "gate"


def test_a_copied_thread_asks_for_itself(saver: Any) -> None:
    gate = human_approval("draft")
    thread, request = asked(saver, gate)
    app = deployed(saver, gate)
    original = thread["configurable"]["thread_id"]
    copy_thread(saver, original, "copy")
    copied: RunnableConfig = {"configurable": {"thread_id": "copy"}}
    app.invoke(resume(request, Approve()), thread)
    decided = app.get_state(thread).values["review"]
    app.invoke(resume(request, Approve()), copied)
    (anew,) = pending(app, copied)
    assert anew.thread_id == "copy"
    assert said(anew).startswith(f"Asked anew: thread was {original!r} and is 'copy'")
    app.invoke(resume(anew, Approve()), copied)
    own = app.get_state(copied).values["review"]
    assert own["review_id"] != decided["review_id"]
    assert own["idempotency_key"] != decided["idempotency_key"]


def test_an_answer_that_was_taken_already_is_compared_too() -> None:
    """A process that ended between the two nodes may go on with other code."""
    saver = InMemorySaver()
    gate = human_approval("draft", action="a")
    thread, _ = asked(saver, gate)
    inner: Any = deployed(saver, gate).get_state(thread, subgraphs=True).tasks[0].state
    taken = {QUESTION: inner.values[QUESTION], ANSWER: {"type": "approve"}}
    other = record_node(spec(human_approval("draft", action="b")))
    with pytest.raises(Anew, match="action was 'a' and is 'b'"):
        other(taken, thread, None)


def test_a_gate_that_is_the_whole_graph_says_what_helps() -> None:
    """Its input is gone by the time of the answer."""
    saver = InMemorySaver()
    thread = new_thread()
    gates = [human_approval("draft", action=action) for action in ("a", "b")]
    before, after = (gate.builder.compile(checkpointer=saver, name="gate") for gate in gates)
    before.invoke(dict(GIVEN), thread)
    with pytest.raises(ReviewError, match=r"action was 'a' and is 'b'.*Give the graph its input"):
        after.invoke(Command(resume={"type": "approve"}), thread)
    after.invoke(dict(GIVEN), thread)
    after.invoke(Command(resume={"type": "approve"}), thread)
    assert after.get_state(thread).values["review"]["outcome"] == "approved"


class TwoState(State, total=False):
    """For a node that runs gates by itself."""

    ran: list[str]


def test_the_second_gate_that_a_node_runs_asks_anew_in_its_own_place() -> None:
    saver = InMemorySaver()

    def app_with(action: str) -> Any:
        gates = [human_approval("draft", action=name) for name in ("first", action)]

        def node(state: TwoState) -> dict[str, Any]:
            return {"ran": [gate.invoke(state)["review"]["action"] for gate in gates]}

        builder = StateGraph(TwoState)
        builder.add_node("both", node)
        builder.add_edge(START, "both")
        return builder.compile(checkpointer=saver)

    thread = new_thread()
    app = app_with("a")
    app.invoke(dict(GIVEN), thread)
    app.invoke(resume(pending(app, thread)[0], Approve()), thread)
    (request,) = pending(app, thread)
    app = app_with("b")
    app.invoke(resume(request, Approve()), thread)
    (anew,) = pending(app, thread)
    assert (request.action, anew.action) == ("a", "b")
    app.invoke(resume(anew, Approve()), thread)
    assert app.get_state(thread).values["ran"] == ["first", "b"]


@pytest.mark.parametrize(
    "gate",
    [
        human_approval("draft"),
        human_approval(last_message()),
        by_line("line"),
        ask_human("Which?", answer=Choice("a", "b")),
        committee("draft", members=quorum(2, of="editors"), chair="head"),
    ],
)
def test_a_question_without_a_basis_is_answered_as_before(gate: Gate) -> None:
    """Those of older versions of the package have none, or know fewer names."""
    question: Any = {"basis": basis_of(spec(gate))}
    assert changed(spec(gate), question) is None
    assert changed(spec(human_approval("other", action="other")), {}) is None  # type: ignore[typeddict-item]
